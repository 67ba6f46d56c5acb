"""The ways from a value to another: what the gradient carries along each, and which nodes lie on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..errors import RunError
from ..evaluating import Evaluated
from ..graph import Source
from ..summary import length
from ..tape import Tensor
from .pulling import Hop, Pull
from .splits import Part, Split, pull_of
from .timeline import Array

PATHS = 5  # that are told where nothing else is asked for
LIMIT = 2000  # beginnings of paths that are looked at
MOST = float(np.finfo(np.float64).max)


# By path.


def by_path(
    run: Evaluated, source: Source, most: int = PATHS, limit: int = LIMIT, cancelled: Cancelled = never
) -> Split | None:
    """The `most` strongest paths from a value to the root, by the norm of what the gradient carries along each.

    The gradient is the sum over all paths of the product of the derivatives along each. Where the paths have more than
    `limit` beginnings, only the strongest that come to each value go on from there, and the split is not exhaustive:
    where values are single numbers those found are the strongest all the same, since what follows multiplies all alike.
    None where cancelled.
    """
    return _split(*pull_of(run, source, cancelled), most, limit)


def between(run: Evaluated, of: Source, to: Source, cancelled: Cancelled = never) -> Array:
    """What comes to the value `to` of the gradient that the value `of` has, by all paths.

    Raises `RunError` where no gradient comes to `of`, or none of it to `to`, and `Stopped` when cancelled.
    """
    return _pull_between(run, of, to, cancelled)[1]


def paths_between(run: Evaluated, of: Source, to: Source, most: int, cancelled: Cancelled = never) -> Split | None:
    """The same with its `most` strongest paths: as `by_path`, with `of` in the place of the root."""
    try:
        pull, whole = _pull_between(run, of, to, cancelled)
    except Stopped:
        return None
    return _split(pull, whole, most, LIMIT)


def _pull_between(run: Evaluated, of: Source, to: Source, cancelled: Cancelled) -> tuple[Pull, Array]:
    graph, start = run.asked.graph, run.gradient(of)
    if start is None:
        raise RunError(f"no gradient comes to {graph.called(of.node)}, and so none goes on to {graph.called(to.node)}")
    pull = Pull(run, run.tensors[to], run.tensors[of], cancelled, start)
    whole = pull.back(pull.given)
    if whole is None:
        taking = ", ".join(dict.fromkeys(graph.path(wire.target) for wire in graph.consumers(to.node)))
        hint = f"{graph.path(to.node)} goes to {taking}" if taking else f"nothing takes {graph.path(to.node)}"
        raise RunError(f"no path leads from {graph.path(to.node)} to {graph.path(of.node)}", hint=hint)
    return pull, whole


def _split(pull: Pull, whole: Array, most: int, limit: int) -> Split | None:
    """A gradient by its paths; None where cancelled."""
    try:
        counts = _counts(pull)
        beginnings = sum(counts.values())
        width = beginnings if beginnings <= limit else max(most, limit // len(counts))
        found, exhaustive = _search(pull, width)
    except Stopped:
        return None
    parts = tuple(_path(pull, path) for path in found[:most])
    told = [-path.carried for path in found[:most]]
    left = [path.carried for path in found[most:]] if exhaustive else [whole, *told]
    return Split(whole, parts, sum(left[1:], left[0]) if left else None, counts[pull.target.slot], exhaustive)


class _Path(NamedTuple):
    """A path from the root down to some value, told from there on, and the gradient that came along it."""

    hops: tuple[Hop, ...]
    carried: Array

    @property
    def norm(self) -> float:
        """That of the gradient; of one that is not finite, a number above all others, so that it has its place."""
        norm = length(self.carried)
        return norm if norm < MOST else MOST


def _path(pull: Pull, path: _Path) -> Part:
    graph = pull.run.asked.graph
    # The cast of a port and the port itself are one.
    way = tuple(hop for i, hop in enumerate(path.hops) if not i or path.hops[i - 1] != hop)
    return Part(" → ".join(f"{graph.path(hop.node)}.{hop.port}" for hop in way) or "start", path.carried, None, way)


def _counts(pull: Pull) -> dict[int, int]:
    """By slot the number of paths on which a gradient comes there from the root."""
    found = dict.fromkeys(pull.starts, 1)
    rank = {slot: i for i, record in enumerate(pull.records) for slot in record.slots}
    delivered = [slot for slot, parts in pull.delivered.items() if parts]
    for slot in sorted(delivered, key=lambda slot: rank.get(slot, len(rank))):  # after those from which it comes
        ways = sum(found.get(out, 0) for part in pull.delivered[slot] for out in part.record.slots)
        found[slot] = found.get(slot, 0) + ways
    return found


def _search(pull: Pull, width: int) -> tuple[list[_Path], bool]:
    """The paths to the target, the strongest first, and whether they are all: from a value at most `width` go on."""
    begun: dict[int, list[_Path]] = {slot: [_Path((), start)] for slot, start in pull.starts.items()}
    every = True
    for record in pull.records:
        for slot in record.slots:
            if slot == pull.target.slot or slot not in begun:
                continue
            paths = sorted(begun.pop(slot), key=lambda path: -path.norm)
            every = every and len(paths) <= width
            for path in paths[:width]:
                for arg, part in pull.through(record, slot, path.carried):
                    hop = pull.hop(part)
                    hops = path.hops if hop is None else (hop, *path.hops)
                    begun.setdefault(arg, []).append(_Path(hops, part.value))
    return sorted(begun.get(pull.target.slot, []), key=lambda path: -path.norm), every


# Between two values.


class Derivative(NamedTuple):
    """∂B/∂A, None where no gradient goes from B to A; the nodes on its ways, and the wires by the ports they end at.

    `number` is how many ways there are.
    """

    value: Array | None
    nodes: frozenset[str] = frozenset()
    wires: frozenset[Hop] = frozenset()
    number: int = 0


def derivative(
    run: Evaluated, of: Source, to: Source, index: tuple[int, ...] | None = None, cancelled: Cancelled = never
) -> Derivative | None:
    """The gradient of the value `of`, of its element at `index` or of the sum of all, with respect to the value `to`.

    With what lies on the ways between the two. None where cancelled. Raises `RunError` for a value that is not there or
    is no float.
    """
    for source in (of, to):
        tensor = run.tensors.get(source)
        if tensor is None or tensor.dtype.kind != "f":
            name = run.asked.graph.called(source.node)
            raise RunError(f"{name} has no float that could be differentiated")
    root = run.tensors[of]
    pull = Pull(run, run.tensors[to], root, cancelled)
    if root.slot not in pull.active:
        return Derivative(None)
    try:
        value = pull.back({root.slot: [_started(root, index)]})
        if value is None:
            return Derivative(None)
        wires, number = _wires(pull), _counts(pull)[pull.target.slot]
    except Stopped:
        return None
    nodes = {of.node, to.node} | {hop.node for hop in wires}
    nodes |= {run.asked.graph.inputs(hop.node)[hop.port].node for hop in wires}
    return Derivative(value, frozenset(nodes), frozenset(wires), number)


def _started(root: Tensor, index: tuple[int, ...] | None) -> Array:
    """1 at one element and 0 elsewhere; without an `index` 1 at all of them."""
    if index is None:
        return np.ones(root.shape, root.dtype)
    start = np.zeros(root.shape, root.dtype)
    start[index] = 1
    return start


def _wires(pull: Pull) -> set[Hop]:
    """The wires over which a gradient goes to the target."""
    graph = pull.run.asked.graph
    arriving = _arriving(pull)
    found = {hop for slot in arriving for part in pull.delivered[slot] if (hop := pull.hop(part)) is not None}
    waiting = list(found)
    while waiting:  # a bypassed node passes on the tensor that it takes
        source = graph.inputs(waiting[-1].node).get(waiting.pop().port)
        if source is None or source.node == pull.nodes.get(pull.run.tensors[source].slot):
            continue
        for port, before in graph.inputs(source.node).items():
            tensor = pull.run.tensors.get(before)
            hop = Hop(source.node, port)
            if tensor is not None and tensor.slot == pull.run.tensors[source].slot and hop not in found:
                found.add(hop)
                waiting.append(hop)
                break
    return found


def _arriving(pull: Pull) -> set[int]:
    """The slots at which a gradient is delivered that goes on to the target."""
    found, waiting = set(), [pull.target.slot]
    while waiting:
        slot = waiting.pop()
        if slot not in found:
            found.add(slot)
            waiting += [out for part in pull.delivered.get(slot, ()) for out in part.record.slots]
    return found
