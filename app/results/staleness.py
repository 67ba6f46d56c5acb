"""Whether what was computed still holds: by the fingerprints of nodes and the versions of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.evaluating import Asked
from ...core.graph import Graph
from ...core.parameters import BATCH
from ...core.session import Session


class Staleness:
    """What of a result no longer holds for the session as it is now. Each answer is found once for each graph."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._context = _context(asked.graph, asked.dtype, asked.folder)
        self._graph: Graph | None = None
        self._versions: Mapping[str, int] | None = None
        self._everything = False
        self._assigned: set[str] = set()
        self._known: dict[str, bool] = {}

    def is_stale(self, session: Session, id: str) -> bool:
        """Whether the node was computed of something else than what it is now."""
        self._look(session)
        if id not in self._known:
            self._known[id] = self._everything or id in self._assigned or self._differs(id)
        return self._known[id]

    def _differs(self, id: str) -> bool:
        old, new = self.asked.graph, self._graph
        if id not in old.nodes:
            return False  # nothing was computed there
        assert new is not None
        return id not in new.nodes or old.fingerprint(id) != new.fingerprint(id)

    def _look(self, session: Session) -> None:
        """Begin anew where the session has moved on."""
        graph, versions = session.graph, session.document.versions
        if graph is self._graph and versions is self._versions:
            return
        self._graph, self._versions, self._known = graph, versions, {}
        self._everything = _context(graph, session.dtype, session.folder) != self._context
        self._assigned = self._reached(graph, self._moved(graph, versions))

    def _moved(self, graph: Graph, versions: Mapping[str, int]) -> list[str]:
        """The nodes whose values were assigned, and those that share a parameter which is another now."""
        before = self.asked
        ids = before.versions.keys() | versions.keys()
        moved = [id for id in ids if before.versions.get(id) != versions.get(id)]
        moved = [id for id in moved if before.versions.get(id, 0) >= 0]  # a value of a run is none of the document's
        for id, node in graph.nodes.items():
            if node.op == "shared":  # its own fingerprint says only which parameter it shares
                of = str(node.params.get("of"))
                if of in moved or (of in graph.nodes) != (of in before.graph.nodes) or self._differs(of):
                    moved.append(id)
        return [id for id in moved if id in graph.nodes]

    def _reached(self, graph: Graph, ids: list[str]) -> set[str]:
        return set(ids) | set(graph.descendants(ids)) if ids else set()


def _context(graph: Graph, dtype: str, folder: Any) -> tuple[Any, ...]:
    """What many values depend on though no wire says so: dtype, seed, batch."""
    training = graph.training
    settings = None if training is None else (training.seed, training.batch)
    sizes = {batch_length(n.params) for n in graph.nodes.values() if n.op == "input" and BATCH in _shape(n.params)}
    return dtype, folder, settings, frozenset(sizes)


def _shape(params: Mapping[str, Any]) -> tuple[Any, ...]:
    shape = params.get("shape", ())
    return shape if isinstance(shape, tuple) else ()


def batch_length(params: Mapping[str, Any]) -> int:
    """How long the value of an input is along its batch axis, −1 where it has none."""
    value = params.get("value")
    for axis in _shape(params):
        if not isinstance(value, tuple):
            return -1
        if axis == BATCH:
            return len(value)
        value = value[0] if value else None
    return -1
