"""The kinds of files that values of networks are read from: arrays by name, of which nothing is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..catalogue import Catalogue
from ..errors import FileError
from .storage import ARCHIVE_SUFFIX, GRAPH_SUFFIX, load
from .strict_json import shorten
from .values import parse_values

Array = np.ndarray[Any, Any]
LARGEST = 2**34  # bytes of an array in an .npz, which may be a small file and a large array


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of file, known by its suffixes (".npz"): `read(path)` gives its arrays by name.

    It raises `FileError` for a file that is not as it must be, and runs nothing that the file holds.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], dict[str, Array]]


def read_values(path: Path) -> dict[str, Array]:
    """The arrays in a file of one of IMPORTERS by name; those of a graph by the paths of its nodes.

    Raises `FileError`. Nothing that a file holds is run: arrays of Python objects are refused.
    """
    suffix = path.suffix.lower()
    try:
        for each in IMPORTERS:
            if suffix in each.suffixes:
                return each.read(path)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
    raise FileError(f"values are read from {', '.join(suffixes())}; found {path.name}")


def suffixes() -> list[str]:
    """Those of all files that values are read from."""
    return [suffix for each in IMPORTERS for suffix in each.suffixes]


def _of_graph(path: Path) -> dict[str, Array]:
    found = load(path)
    values = {
        found.graph.path(id): array
        for id, array in {**found.offered, **found.values}.items()
        if id in found.graph.nodes
    }
    if not values:
        raise FileError(f"{path} holds no values: its parameters are as they begin", hint="train it and save it first")
    return values


def _of_safetensors(path: Path) -> dict[str, Array]:
    """Ours say the paths of their nodes, which are what a user knows; others are called as they are."""
    import json

    from safetensors import SafetensorError, safe_open

    values = parse_values(path.read_bytes(), str(path))
    try:
        with safe_open(str(path), "numpy") as file:
            paths = json.loads((file.metadata() or {}).get("paths", "{}"))
    except (SafetensorError, ValueError):
        paths = {}
    if not isinstance(paths, Mapping):
        paths = {}
    named = {id: name if isinstance(name := paths.get(id), str) and name else id for id in values}
    return {named[id]: array for id, array in values.items()} if len(set(named.values())) == len(values) else values


def _of_npz(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise FileError(f"{path}: an .npz is required, found one array", hint="numpy.savez writes an .npz")
            for info in archive.zip.infolist() if archive.zip else ():
                if info.file_size > LARGEST:
                    found = f"found {info.file_size:,} of {info.filename}"
                    raise FileError(f"{path}: arrays of at most {LARGEST:,} bytes are read, {found}")
            return {name: archive[name] for name in archive.files}
        except FileError:
            raise
        except Exception as error:  # damage to a zip, to what is packed in it or to a header: a dozen kinds
            told = shorten(str(error) or type(error).__name__, 120)
            raise FileError(f"{path}: an .npz of numbers is required, {told}") from error


IMPORTERS: Catalogue[Importer] = Catalogue(
    "an importer",
    (
        Importer("gradwire", (GRAPH_SUFFIX, ARCHIVE_SUFFIX), _of_graph),
        Importer("safetensors", (".safetensors",), _of_safetensors),
        Importer("npz", (".npz",), _of_npz),
    ),
)
