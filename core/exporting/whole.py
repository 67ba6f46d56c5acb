"""What a session holds as source, with what was trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..catalogue import Catalogue
from ..errors import RunError
from ..files.replacing import values_path
from ..parameters import shown
from ..running import Holding
from .numpy_code import numpy_source
from .torch_code import torch_source
from .trained import Trained


@dataclass(frozen=True, slots=True)
class Exporter:
    """A language in which graphs are written.

    `write(graph, registry, ids, folder, trained, fetch)` gives the text: of the nodes `ids`, or of all (None), and of
    what `fetch` names, or of all (""); `folder` holds the data files, `trained` says which parameters have values
    beside the graph. `title` is what people call it.
    """

    name: str
    title: str
    write: Callable[..., str]


EXPORTERS: Catalogue[Exporter] = Catalogue(
    "an exporter", (Exporter("torch", "PyTorch", torch_source), Exporter("numpy", "NumPy", numpy_source))
)


def source(held: Holding, to: str = "torch", fetch: str | Sequence[str] = ()) -> str:
    """The graph as source of one of EXPORTERS, of `fetch` only what these values are made of.

    Values are loaded from the file beside the graph, where it is there. Raises `RunError` for another language.
    """
    known = EXPORTERS.names()
    if to not in known:
        raise RunError(f"source is written for {', '.join(known[:-1])} or {known[-1]}, got {shown(to)}")
    beside = None if held.path is None else values_path(held.path)
    file = beside.name if beside is not None and beside.is_file() else None
    trained = Trained(frozenset(held.document.values), file)
    return EXPORTERS[to].write(held.graph, held.registry, None, held.folder, trained, fetch)
