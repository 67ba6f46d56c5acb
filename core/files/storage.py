"""Opening and saving: a `.gw` file with its values beside it, or both in one `.gwz`."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ..errors import FileError
from ..graph import Graph
from ..graph.draft import Array
from ..graph.elements import near_misses
from ..parameters import shown as shown_value
from .archive import pack, unpack
from .format import dump_graph, parse_graph
from .replacing import VALUES_SUFFIX, pending_path, replace_file, replace_pair, values_path
from .strict_json import LARGEST, shorten
from .values import Values, content_hash, dump_values, fitting, parse_values

GRAPH_SUFFIX, ARCHIVE_SUFFIX = ".gw", ".gwz"
_NONE: Values = MappingProxyType({})

AnyPath = str | os.PathLike[str]


def as_path(given: AnyPath, what: str = "a file") -> Path:
    """`given` as a path. Raises `FileError` for what can be none, which begins with `what`."""
    text = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(text, str) or "\0" in text:
        raise FileError(f"{what} is named by a text or a Path, got {shown_value(given)}", hint='as in "graph.gw"')
    return Path(text)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds. `notices` are lines for the user: what was repaired, and what was not loaded.

    `offered` are values that the graph does not name: to be taken only when the user says so. `digest` is the
    SHA-256 of the file's bytes, on which a journal builds.
    """

    graph: Graph
    values: Mapping[str, Array]
    path: Path
    notices: tuple[str, ...]
    offered: Mapping[str, Array]
    digest: str


class _Found(NamedTuple):
    """Values with the hash that the graph names, or others to be offered, or neither, and why."""

    values: Values = _NONE
    offered: Values = _NONE
    notices: tuple[str, ...] = ()


def load(path: AnyPath) -> Loaded:
    """Open a `.gw` or `.gwz` file; a save that was interrupted is brought to its end.

    Raises FileError where the graph cannot be read. Values that are missing, broken or others than the graph
    names only give notices: the graph opens without them.
    """
    path = as_path(path)
    name = shown(path)
    data = _read(path)
    passed_over: list[str] = []
    if _suffix(path) == ARCHIVE_SUFFIX:
        text = unpack(data, GRAPH_SUFFIX, name)
        if text is None:
            raise FileError(f"{name}: a {GRAPH_SUFFIX} file is required in the zip, found none")
        graph, wanted = parse_graph(text, name, passed_over.append)
        found = _packed(data, wanted, name)
    else:
        graph, wanted = parse_graph(data, name, passed_over.append)
        found = _beside(target_of(path), wanted)
    values, misfits = fitting(graph, found.values, name)
    notices = (*passed_over, *found.notices, *misfits)
    return Loaded(graph, values, path, notices, found.offered, sha256(data).hexdigest())


def save(path: AnyPath, graph: Graph, values: Values | None = None) -> str:
    """Save a graph and its values, both or neither, and give the SHA-256 of the file's bytes.

    Written through a link into what it points to, with the permissions of the file that is replaced. Without
    values the graph names none, and a values file that stands beside it is left alone. Raises FileError; the
    old files are then as they were.
    """
    path = as_path(path)
    suffix, target = _suffix(path), target_of(path)
    _refuse_unless_writable(path, target)
    values_hash = content_hash(values) if values else None
    values_data = dump_values(graph, values) if values else None
    data = dump_graph(graph, values_hash)
    try:
        if suffix == ARCHIVE_SUFFIX:
            data = pack(data, values_data)
            replace_file(target, data)
        elif values_data is not None and values_hash is not None:
            replace_pair(target, data, values_data, values_hash)
        else:
            replace_file(target, data)
    except OSError as error:
        there = os.path.lexists(target)
        hint = "the old file is as it was" if there else None
        raise FileError(f"{shown(path)}: cannot be saved: {reason(error)}", hint=hint) from error
    return sha256(data).hexdigest()


# --- paths


def shown(path: Path) -> str:
    """A path in one line of a message."""
    return shorten(str(path), 200)


def reason(error: OSError) -> str:
    """Why the system refused."""
    return error.strerror or str(error)


def unwritable(path: Path, error: OSError) -> FileError:
    """The refusal of a file that was to be written: its whole path, and why."""
    why = reason(error) if path.parent.is_dir() else f"there is no folder {shown(path.parent)}"
    return FileError(f"{shown(path)} cannot be written: {why}")


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in (GRAPH_SUFFIX, ARCHIVE_SUFFIX):
        found = f"ends in {shorten(suffix)}" if suffix else "has no ending"
        message = f"{shown(path)}: a {GRAPH_SUFFIX} or {ARCHIVE_SUFFIX} file is required, this name {found}"
        raise FileError(message, hint=f"as in {shorten(path.stem)}{GRAPH_SUFFIX}")
    return suffix


def target_of(path: Path) -> Path:
    """The file that a link points to: its values stand beside it, not beside the link."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a NUL in the name
        raise FileError(f"{shown(path)}: this is no name of a file") from None


def _refuse_unless_writable(path: Path, target: Path) -> None:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileError(f"{shown(path)}: cannot be saved: there is no folder {shown(target.parent)}") from None
        return
    except OSError as error:
        raise FileError(f"{shown(path)}: cannot be saved: {reason(error)}") from None
    if not stat.S_ISREG(mode):
        raise FileError(f"{shown(path)}: a file is required, found {_kind(mode)}")
    if not os.access(target, os.W_OK):  # a file may be replaced where it may not be written: nobody expects that
        raise FileError(f"{shown(path)}: cannot be saved: the file is write-protected")


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"


def _read(path: Path) -> bytes:
    """The bytes of a graph file that the user named."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device never ends
            raise FileError(f"{shown(path)}: a file is required, found {_kind(status.st_mode)}")
        if _suffix(path) == GRAPH_SUFFIX and status.st_size > LARGEST:
            raise FileError(f"{shown(path)}: a graph may have {LARGEST:,} bytes, found {status.st_size:,}")
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"{shown(path)}: there is no such file", hint=_others(path)) from None
    except OSError as error:
        raise FileError(f"{shown(path)}: cannot be read: {reason(error)}") from None
    except ValueError:  # a NUL in the name
        raise FileError(f"{shown(path)}: this is no name of a file") from None


def _others(path: Path) -> str | None:
    try:
        names = sorted(os.listdir(path.parent))
    except OSError:
        return f"there is no folder {shown(path.parent)}"
    return near_misses(path.name, [name for name in names if name.endswith((GRAPH_SUFFIX, ARCHIVE_SUFFIX))])


# --- values


def _packed(data: bytes, wanted: str | None, name: str) -> _Found:
    try:
        return _judge(unpack(data, VALUES_SUFFIX, name), wanted, f"the values in {name}")
    except FileError as error:
        return _Found(notices=(f"{error}: opened without values",))


def _beside(path: Path, wanted: str | None) -> _Found:
    """The values beside the graph at `path`; an interrupted save is brought to its end."""
    final = values_path(path)
    found = _from_file(final, wanted)
    if found.values or wanted is None:
        return found
    pending = pending_path(path, wanted)
    waiting = _from_file(pending, wanted)
    if not waiting.values:
        return found
    try:
        os.replace(pending, final)
    except OSError as error:
        notice = f"{shown(pending)}: read, but could not be renamed to {final.name}: {reason(error)}"
    else:
        notice = f"{shown(final)}: an interrupted save was brought to its end"
    return waiting._replace(notices=(notice,))


def _from_file(path: Path, wanted: str | None) -> _Found:
    try:
        data = path.read_bytes() if path.is_file() else None
    except OSError as error:
        return _Found(notices=(f"{shown(path)}: cannot be read: {reason(error)}: opened without values",))
    return _judge(data, wanted, shown(path))


def _judge(data: bytes | None, wanted: str | None, name: str) -> _Found:
    """Whether values are those that the graph names."""
    if data is None:
        lost = (f"{name}: the values that the graph names are not there: opened without values",)
        return _Found(notices=lost if wanted else ())
    try:
        values = parse_values(data, name)
    except FileError as error:
        return _Found(notices=(f"{error}: opened without values",))
    if wanted is None:
        return _Found(offered=values, notices=(f"{name}: the graph names no values, these were not loaded",))
    if content_hash(values) != wanted:
        return _Found(offered=values, notices=(f"{name}: not the values that the graph names, not loaded",))
    return _Found(values=values)
