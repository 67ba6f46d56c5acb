"""What a gradient is made of, as rows with a sum: by consumer port, by sample, by term or by path."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from ...core.graph import Graph, Source
from ...core.stepping import Moment, Timeline
from ...core.stepping.forks import Fork
from ...core.stepping.splits import Split, by_sample, by_term
from ...core.stepping.timeline import Pass
from ...core.stepping.ways import by_path
from .elements import Array, number, strip

ROWS = 16  # parts that are told one by one
LONG = 24  # letters of a name that is not told again
COSINES = 4  # parts of which each two are compared


class Row(NamedTuple):
    """A part, at what node it comes about, its norm, and its share in the sum (NaN: none can be told)."""

    name: str
    node: str | None
    value: Array | None
    norm: float = float("nan")
    share: float = float("nan")
    plane: Array | None = None  # its map, where it is no single number

    @classmethod
    def of(cls, name: str, node: str | None, value: Array | None) -> Row:
        """With its norm and its map."""
        if value is None:
            return cls(name, node, None)
        array = np.asarray(value)
        norm = float(np.linalg.norm(array.astype(np.float64, copy=False).ravel()))
        return cls(name, node, array, norm, plane=strip(array) if array.size > 1 else None)


class Account(NamedTuple):
    """The parts of the gradient at `source`, their sum as a row of its own, and what can be said of them.

    `total` is None as long as not all of the `expected` parts have arrived.
    """

    title: str
    source: Source
    rows: tuple[Row, ...]
    total: Row | None
    expected: int
    notes: tuple[str, ...] = ()


def account(title: str, source: Source, parts: Sequence[Row], total: Array | None, expected: int = 0) -> Account:
    """With shares found, and notes on how the parts agree."""
    told = [row for row in parts if row.value is not None]
    fork = Fork([row.value for row in told if row.value is not None])
    with np.errstate(all="ignore"):
        shares = fork.shares if told and total is not None else (float("nan"),) * len(told)
        figures = iter(shares)
        rows = tuple(row if row.value is None else row._replace(share=next(figures)) for row in parts)
        notes = agreement(fork, [row.name for row in told]) if len(told) > 1 and total is not None else ()
        whole = None if total is None else Row.of("Σ", None, total)
    return Account(title, source, rows, whole, expected, notes)


def agreement(fork: Fork, names: Sequence[str]) -> tuple[str, ...]:
    """How much of the parts cancels, and the cosine of each two of a few."""
    if any(len(name) > LONG for name in names):  # as ways are told
        names = [f"row {i + 1}" for i in range(len(names))]
    notes = []
    if cancelled := fork.cancelled:
        notes.append(f"cancellation κ = {cancelled}")
    if len(names) <= COSINES:
        for first, second in combinations(range(len(names)), 2):
            cosine = fork.cosine(first, second)
            if np.isfinite(cosine):
                opposed = ": they oppose" if cosine < -1e-6 else ""
                notes.append(f"cos({names[first]}, {names[second]}) = {number(round(cosine, 4))}{opposed}")
    return tuple(notes)


def by_port(moment: Moment, source: Source) -> Account:
    """What has arrived at a value so far."""
    graph = moment.timeline.run.asked.graph
    gradient = moment.gradient(source)
    own = [] if gradient.start is None else [Row.of("start", source.node, gradient.start)]
    standing, left = moment.standing(source), moment.left(source.node)
    own = [*(Row.of(f"left by {part.name}", None, part.value) for part in left), *own]
    rows = [*own, *(Row.of(f"{graph.nodes[d.node].name}.{d.port}", d.node, d.value) for d in gradient.arrived)]
    if len(rows) > ROWS:
        rest = np.sum([*(part.value for part in left), *gradient.terms][ROWS:], axis=0)
        rows[ROWS:] = [Row.of(f"{len(rows) - ROWS:,} more", None, rest)]
    total = standing.value if standing is not None and gradient.value is not None else gradient.value
    made = account(graph.path(source.node), source, rows, total, gradient.parts + len(left))
    if not left or not made.notes:
        return made
    own_rows = [row for row in rows[len(left) :] if row.value is not None]  # as the caption on the canvas has it
    notes = agreement(Fork([row.value for row in own_rows if row.value is not None]), [row.name for row in own_rows])
    said = "how parts agree is told of this pass, shares are of all that is there"
    return made._replace(notes=(*notes, said) if notes else ())


WAYS = ("by port", "by sample", "by term", "by path", "by pass")


def split(timeline: Timeline, source: Source, way: str, cancelled: Cancelled) -> Account | None:
    """The gradient at a value told in another way than by port; None where cancelled. Raises `RunError`."""
    run, graph = timeline.run, timeline.run.asked.graph
    if way == "by sample":
        found = by_sample(run, timeline.registry, source, ROWS, cancelled)
    elif way == "by term":
        found = by_term(run, source, cancelled)
    elif way == "by pass":
        return by_pass(timeline, source)
    else:
        found = by_path(run, source, ROWS, cancelled=cancelled)
    if found is None:
        return None
    made = _account_of(found, graph, source)
    alone = bool(left_before(timeline, source.node))
    return made._replace(notes=(*made.notes, "of this pass; by pass tells what others have left")) if alone else made


def left_before(timeline: Timeline, node: str) -> tuple[Pass, ...]:
    """What earlier iterations have left in the gradient of a parameter, to which this one adds."""
    return timeline.left.get(node, ()) if timeline.zeroed_at is None else ()


def by_pass(timeline: Timeline, source: Source) -> Account:
    """What earlier iterations have left in the gradient of a parameter, and what this one adds. Raises `RunError`."""
    graph, node = timeline.run.asked.graph, source.node
    own, total = timeline.run.gradient(source), timeline.added_up(node)
    left = left_before(timeline, node)
    if not left or own is None or total is None:
        reason = "no earlier iteration has left anything in it"
        if timeline.zeroed_at is not None:
            reason = "before each pass it is set to zero (zero gradients, among the settings of training)"
        raise RunError(f"the gradient of {graph.path(node)} is of this pass alone: {reason}")
    rows = [Row.of(part.name, None, part.value) for part in left]
    return account(graph.path(node), source, [*rows, Row.of("this pass", node, own)], total, len(rows) + 1)


def _account_of(found: Split, graph: Graph, source: Source) -> Account:
    rows = [
        Row.of(part.name, part.node or (part.way[0].node if part.way else None), part.value) for part in found.parts
    ]
    rest = found.rest
    if len(rows) > ROWS:
        others = [row.value for row in rows[ROWS:] if row.value is not None]
        rows, rest = rows[:ROWS], np.sum(others, axis=0) if others else rest
    if rest is not None and np.any(rest):
        more = found.number - len(rows)
        rows.append(Row.of(f"the rest ({more:,} more)" if more > 0 else "the rest", None, rest))
    made = account(graph.path(source.node), source, rows, found.whole, len(rows))
    if not found.exhaustive:
        made = made._replace(notes=(*made.notes, "not all were looked at: stronger ones may be in the rest"))
    return made
