"""The dots that wires are drawn through: added, moved, removed, and kept where a wire goes on as another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from math import dist

from ...core.document import Transaction
from ...core.graph import GraphView, Wire
from .naming import wire_name, wires_counted
from .places import Point, whole

Port = tuple[str, str]  # target and port: what a wire is known by


def dots_counted(count: int) -> str:
    """`a reroute dot`, `2 reroute dots`."""
    return "a reroute dot" if count == 1 else f"{count} reroute dots"


def bend_label(graph: GraphView, wires: Collection[Wire]) -> str:
    """`Reroute x to add.y`, `Reroute 3 wires`"""
    if len(wires) == 1:
        return f"Reroute {wire_name(graph, next(iter(wires)))}"
    return f"Reroute {wires_counted(len(wires))}"


def place_of(dots: Iterable[Point], ends: tuple[Point, Point], at: Point) -> int:
    """Where among the dots of a wire another one belongs: where it is the least way round."""
    way = [ends[0], *dots, ends[1]]
    round_about = [dist(a, at) + dist(at, b) - dist(a, b) for a, b in pairwise(way)]
    return round_about.index(min(round_about))


def add_dot(t: Transaction, wire: Wire, at: Point, ends: tuple[Point, Point]) -> int:
    """Let a wire, drawn between `ends`, go through `at` too; returns the number of the dot, from the source on."""
    dots = list(t.graph.bends.get((wire.target, wire.port), ()))
    number = place_of(dots, ends, at)
    dots.insert(number, whole(at))
    t.set_bends(wire.target, wire.port, dots)
    return number


def _by_wire(dots: Iterable[tuple[str, str, int]]) -> dict[Port, set[int]]:
    found: dict[Port, set[int]] = {}
    for target, port, number in dots:
        found.setdefault((target, port), set()).add(number)
    return found


def move_dots(t: Transaction, dots: Iterable[tuple[str, str, int]], dx: float, dy: float) -> None:
    """Move dots, each (target, port, number)."""
    with t.step():
        for wire, numbers in _by_wire(dots).items():
            old = t.graph.bends.get(wire, ())
            t.set_bends(*wire, [whole((x + dx, y + dy)) if i in numbers else (x, y) for i, (x, y) in enumerate(old)])


def remove_dots(t: Transaction, dots: Iterable[tuple[str, str, int]]) -> None:
    """Remove dots, each (target, port, number)."""
    with t.step():
        for wire, numbers in _by_wire(dots).items():
            old = t.graph.bends.get(wire, ())
            t.set_bends(*wire, [point for i, point in enumerate(old) if i not in numbers])


def dots_among(graph: GraphView, nodes: Collection[str]) -> list[Port]:
    """The bent wires that begin and end at some nodes: their dots go where these go."""
    bent = []
    for target, port in graph.bends:
        source = graph.fed(target, port)
        if target in nodes and source is not None and source.node in nodes:
            bent.append((target, port))
    return bent


def straighten(t: Transaction, wires: Iterable[Port]) -> None:
    """Remove all dots of some wires."""
    with t.step():
        for wire in wires:
            t.set_bends(*wire, ())


def take_over(t: Transaction, bends: Mapping[Port, Iterable[Point]]) -> None:
    """Bend wires, where they are there, as those were whose place they take."""
    for (target, port), points in bends.items():
        if target in t.graph.nodes and t.graph.fed(target, port) is not None:
            t.set_bends(target, port, points)


def split(t: Transaction, dots: tuple[Point, ...], at: Point, first: Port, second: Port) -> None:
    """Share the dots of a wire that was opened at `at` among the two that stand in its place."""
    if dots:
        nearest = min(range(len(dots)), key=lambda i: dist(dots[i], at))
        x, y = dots[nearest]
        # The nearest dot lies before the new node, or behind it, as the way goes there.
        before = nearest + 1 if _is_before((x, y), at, dots, nearest) else nearest
        take_over(t, {first: dots[:before], second: dots[before:]})


def _is_before(dot: Point, at: Point, dots: tuple[Point, ...], number: int) -> bool:
    """Whether the wire comes to `at` after this dot: by its direction there, to the right where there is one dot."""
    a, b = dots[max(number - 1, 0)], dots[min(number + 1, len(dots) - 1)]
    way = (b[0] - a[0], b[1] - a[1]) if len(dots) > 1 else (1.0, 0.0)
    return (at[0] - dot[0]) * way[0] + (at[1] - dot[1]) * way[1] >= 0
