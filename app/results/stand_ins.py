"""Which value of its parts stands for that of a node that is expanded into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...core.document import Change
from ...core.evaluating import Root
from ...core.graph import Graph, Source


class StandIns:
    """Pairs of the value of a node and the one among its parts that is the same, of one document.

    Whoever holds on to a value asks after each change where it is then: to expand and to fuse, to undo and to redo
    these, all look alike here.
    """

    def __init__(self) -> None:
        self._pairs: dict[tuple[Source, Source], None] = {}  # whole and part, those of the last expansion at the end

    def add(self, whole: Source, part: Source) -> None:
        """The node of `whole` is expanded into parts, or fused of them, of which `part` gives the value."""
        self._pairs.pop((whole, part), None)
        self._pairs[whole, part] = None

    def after(self, change: Change, source: Source) -> Source:
        """What a value of the graph before a change is in the graph after it; itself where it is gone altogether."""
        waiting, seen = [source], {source}
        while waiting:
            current = waiting.pop(0)
            if current.node in change.after.nodes:
                return current
            found = [other for other in self._beside(change, current) if other not in seen]
            seen.update(found)
            waiting += found
        return source

    def roots_after(self, change: Change, roots: Iterable[Root]) -> tuple[Root, ...]:
        """The roots of the graph before a change, in the graph after it."""
        moved = (root._replace(source=self.after(change, root.source)) for root in roots)
        return tuple({root.source: root for root in moved}.values())

    def node_after(self, change: Change, id: str) -> str:
        """The node that has taken the place of one of the graph before a change; itself where none has."""
        known = next((source for pair in self._pairs for source in pair if source.node == id), None)
        return id if known is None else self.after(change, known).node

    def _beside(self, change: Change, source: Source) -> Iterator[Source]:
        """What a value has become, or was made of. Ids come again, so that a pair holds in its own group only."""
        for whole, part in reversed(self._pairs):
            if source == whole and _lies_in(change.after, part.node, whole.node):
                yield part
            elif source == part and _lies_in(change.before, part.node, whole.node):
                yield whole


def _lies_in(graph: Graph, id: str, group: str) -> bool:
    item = graph.nodes.get(id) or graph.groups.get(id)
    return item is not None and group in graph.chain(item.group)
