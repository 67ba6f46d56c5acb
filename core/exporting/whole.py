"""What a session holds as source, with what was trained."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import RunError
from ..files.replacing import values_path
from ..parameters import shown
from ..running import Holding
from .numpy_code import numpy_source
from .torch_code import torch_source
from .trained import Trained

SOURCES = {"torch": torch_source, "numpy": numpy_source}


def source(held: Holding, to: str = "torch", fetch: str | Sequence[str] = ()) -> str:
    """The graph as source of "torch" or "numpy", of `fetch` only what these values are made of.

    Values are loaded from the file beside the graph, where it is there. Raises `RunError` for another language.
    """
    if to not in SOURCES:
        raise RunError(f"source is written for {' or '.join(SOURCES)}, got {shown(to)}")
    beside = None if held.path is None else values_path(held.path)
    file = beside.name if beside is not None and beside.is_file() else None
    trained = Trained(frozenset(held.document.values), file)
    return SOURCES[to](held.graph, held.registry, None, held.folder, trained, fetch)
