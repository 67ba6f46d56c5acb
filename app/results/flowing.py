"""What flows in a run of the document while it goes on, or in a script that is attached: shown in the place of what
Live computes, until it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.graph import Source

if TYPE_CHECKING:
    from ...core.graph import Graph
    from ...core.runs import Snapshot

Array = np.ndarray[Any, Any]


class Flow(NamedTuple):
    """An iteration of a run: its values and gradients, of which loss these are (None: there are no gradients), and how
    large each gradient is (root mean square; not of what is not finite, nor of the loss). What the canvas says of it.
    """

    snapshot: Snapshot
    root: Source | None
    sizes: Mapping[Source, float]
    nodes: frozenset[str]  # of which there are values
    told: frozenset[str]  # of which there is anything: a value may be left out as too large, and its gradient not
    about: str

    @classmethod
    def of(cls, snapshot: Snapshot, root: Source | None, about: str) -> Flow:
        """Measured, which takes a moment for large gradients."""
        nodes = frozenset(source.node for kind, source in snapshot.arrays if kind == "value")
        told = frozenset(source.node for _, source in snapshot.arrays)
        return cls(snapshot, root, _sizes(snapshot, root), nodes, told, about)


def _sizes(snapshot: Snapshot, root: Source | None) -> dict[Source, float]:
    """How large each gradient is, but that of the root, which is always 1."""
    found = {}
    for (kind, source), array in snapshot.arrays.items():
        if kind == "gradient" and source != root and array.size and array.dtype.kind == "f":
            wide = array.astype(np.float64).ravel()
            size = float(np.sqrt(wide @ wide / wide.size))
            if np.isfinite(size):
                found[source] = size
    return found


class Flowing(QObject):
    """`now` is None at rest. `changed` whenever it is another."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now: Flow | None = None
        self._behind: tuple[Flow, Graph, frozenset[str]] | None = None  # what depends on what is trained: see below

    def show(self, flow: Flow | None) -> None:
        """Show this, None: nothing."""
        if flow is not self.now:
            self.now = flow
            self.changed.emit()

    def value(self, source: Source) -> Array | None:
        """The value there; None at rest, and where the run has none or it was too large."""
        return None if self.now is None else self.now.snapshot.value(source)

    def gradient(self, source: Source) -> Array | None:
        """The gradient there."""
        return None if self.now is None else self.now.snapshot.gradient(source)

    def trains_before(self, graph: Graph, node: str) -> bool:
        """Whether a node of the graph is a parameter that the run trains, or depends on one: else the run needs no
        gradient there.
        """
        now = self.now
        if now is None:
            return False
        if self._behind is None or self._behind[0] is not now or self._behind[1] is not graph:
            given = {source.node for kind, source in now.snapshot.arrays if kind == "gradient"}
            trained = [id for id in given if id in graph.nodes and graph.nodes[id].op == "parameter"]
            self._behind = now, graph, frozenset((*trained, *graph.descendants(trained)))
        return node in self._behind[2]
