"""Loops are refused where a wire would close one, found by a search that stays near it, named by paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import EditError
from .elements import natural_key
from .view import GraphView

if TYPE_CHECKING:
    from .draft import Draft

_SHOWN = 12  # nodes of a loop that a message names


def check_wire(draft: Draft, source: str, target: str) -> None:
    """Raise EditError where a wire from node `source` to node `target` would close a loop."""
    if draft.unchecked is not None:
        draft.unchecked.append((source, target))
    elif closes_loop(draft, source, target):
        wire = f"a wire from {draft.path(source)} to {draft.path(target)}"
        raise EditError(f"{wire} would close the loop {_through(draft, source, target)}", node=target)


@contextmanager
def checking_once(draft: Draft) -> Iterator[None]:
    """Check all wires set within together at the end: for many, one search instead of one for each."""
    if draft.unchecked is not None:
        yield
        return
    draft.unchecked = []
    try:
        yield
        region = _region(draft, draft.unchecked)
    finally:
        draft.unchecked = None
    looping = unsorted(draft, region)
    if looping:
        raise EditError(f"the wires would close the loop {name_loop(draft, looping)}")


def closes_loop(view: GraphView, source: str, target: str) -> bool:
    """Whether a wire from node `source` to node `target`, not yet set, would close a loop."""
    region = _region(view, [(source, target)])
    return source in region and target in region


def _region(view: GraphView, wires: Collection[tuple[str, str]]) -> set[str]:
    """Nodes among which lies any loop through one of the wires: all above their sources, or all below their
    targets. Both are sought in turn and the one found first is taken, so that a wire at either end of a long
    graph is checked at once.
    """
    above, below = {source for source, _ in wires}, {target for _, target in wires}
    up, down = list(above), list(below)
    while up and down:
        for node in view.sources(up.pop()):
            if node not in above:
                above.add(node)
                up.append(node)
        for node in view.targets(down.pop()):
            if node not in below:
                below.add(node)
                down.append(node)
    return below if up else above


def unsorted(view: GraphView, ids: Collection[str]) -> set[str]:
    """Those of some nodes that cannot be ordered among themselves: on a loop, or below one."""
    missing = {id: sum(source in ids for source in view.sources(id)) for id in ids}
    ready = [id for id, count in missing.items() if not count]
    for id in ready:  # grows while it is read
        for target in view.targets(id):
            if target in missing:
                missing[target] -= 1
                if not missing[target]:
                    ready.append(target)
    return set(ids).difference(ready)


def knots(view: GraphView, ids: Collection[str]) -> list[set[str]]:
    """The nodes of `ids` that lie on loops among these, those of loops that hang together in one set."""
    import networkx  # loaded only to explain a refusal

    wires = networkx.DiGraph((source, id) for id in ids for source in view.sources(id) if source in ids)
    found = [set(knot) for knot in networkx.strongly_connected_components(wires)]
    looping = [knot for knot in found if len(knot) > 1 or any(wires.has_edge(id, id) for id in knot)]
    return sorted(looping, key=lambda knot: min(map(natural_key, knot)))


def name_loop(view: GraphView, ids: Collection[str]) -> str:
    """A loop among some nodes, by paths: `a -> b -> c -> a`."""
    import networkx

    wires = networkx.DiGraph(sorted((source, id) for id in ids for source in view.sources(id) if source in ids))
    return _spell(view, [source for source, _ in networkx.find_cycle(wires)])


def _through(view: GraphView, source: str, target: str) -> str:
    """The shortest loop that a wire would close."""
    import networkx

    above = view.ancestors([source])
    wires = networkx.DiGraph(sorted((fed, id) for id in above for fed in view.sources(id)))
    wires.add_node(source)
    return _spell(view, networkx.shortest_path(wires, target, source))


def _spell(view: GraphView, loop: list[str]) -> str:
    names = [view.path(id) for id in [*loop, loop[0]]]
    if len(names) > _SHOWN:
        names[_SHOWN // 2 : -_SHOWN // 2] = [f"... {len(names) - _SHOWN} more ..."]
    return " -> ".join(names)
