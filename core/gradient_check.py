"""The gradients of a whole graph held against central differences, in float64 on a small batch.

Each parameter and input is moved along random directions. Where the difference quotient does not
agree, all is tried again at other points: a kink (of relu, say) within the step is hardly met again, while a
wrong rule is wrong everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .document import Document
from .document.ports import value_name
from .errors import RunError
from .feeding import parameters, prepared, value_of
from .graph import Graph, Source
from .infer import Binding
from .lower import Lowering
from .ops import Registry
from .parameters import BATCH
from .session import Session
from .training.sources import loss_source

Array = np.ndarray[Any, Any]

ROWS = 4  # of the batch: enough for a sum over samples to matter
DIRECTIONS = 3
POINTS = 3
EPS = float(np.finfo(np.float64).eps)
STEP = EPS ** (1 / 3)  # at most: where errors of rounding and truncation balance
FINE = 1e-6  # the share of the derivative that rounding may take
RELATIVE = 1e-5  # fifty times finer than a rule that is wrong by 0.05 %
ROUNDING = 64  # how many roundings of the root's size a run may differ by
APART = 1e-10  # between points so near that the root is a straight line but for its rounding
NEAR, ALTERNATING = 5, math.sqrt(70)  # such points, and by how much their fourth difference is above the rounding
SAFELY = 8  # times the rounding that was measured
TOO_SMALL = "too small to tell: the rounding of {} hides it"


@dataclass(frozen=True)
class GradientCheck:
    """One gradient along a direction, the first that differs or else the one with the largest error, and its
    difference quotient.

    `error` is by how much the two differ, as a share of the larger one; where rounding hides so small a gradient, as a
    share of the smallest that it leaves. `skipped` says why nothing could be compared, or told by it; it is None where
    `agrees` holds a verdict.
    """

    root: str
    wrt: str
    gradient: float = math.nan
    difference: float = math.nan
    agrees: bool = True
    skipped: str | None = None
    error: float = math.nan


def largest_error(found: Iterable[GradientCheck]) -> GradientCheck | None:
    """Of the gradients that were compared the one that is furthest off, None where none was."""
    compared = [each for each in found if each.skipped is None]
    return max(compared, key=_error, default=None)


def _error(checked: GradientCheck) -> float:
    """What is no number is furthest off."""
    return math.inf if math.isnan(checked.error) else checked.error


def unread(graph: Graph, registry: Registry) -> list[Source]:
    """The values that nothing reads, in order; those of sources only where there are no others."""
    read = {wire.source for wire in graph.wires()}
    found = [
        Source(id, registry[graph.nodes[id].op].outputs[i].name)
        for id in graph.order()
        for i in registry[graph.nodes[id].op].visible
    ]
    found = [source for source in found if source not in read]
    return [s for s in found if registry[graph.nodes[s.node].op].category != "source"] or found


def check_gradients(session: Session, seed: int = 0) -> Iterator[GradientCheck]:
    """Compare the gradients of the loss, or of every float of one element that nothing reads, one by one.

    Parameters, data and inputs are taken a random thousandth beside their values, where no kink lies by chance of an
    initial zero; inputs without a value, or with a batch axis, are random between 0.5 and 1.5, where logarithms and
    roots are defined. Raises `RunError` where there is nothing to differentiate.
    """
    # A document of its own: what `assign` writes while we run must not reach the caller's.
    document = Document(session.graph, session.document.values, session.registry)
    exact = Session(document, session.path, session.registry, "float64")
    exact.given = session.given
    roots = list(_roots(exact))
    if not roots:
        raise RunError(
            "a gradient check needs a loss or a float of one element that nothing reads, found none",
            hint="sum or mean a value",
        )
    for root in roots:
        yield from _Check(exact, root, np.random.default_rng(seed)).run()


def _roots(session: Session) -> Iterator[Source]:
    graph, registry = session.graph, session.registry
    if graph.training is not None:
        yield loss_source(graph, registry, graph.training)
        return
    avals = session.check().avals
    for source in unread(graph, registry):
        aval = avals[source]
        if aval.floating and aval.size == 1 and registry[graph.nodes[source.node].op].category != "source":
            yield source


class _Check:
    """The check of one root: a point, and runs at points near it."""

    def __init__(self, session: Session, root: Source, rng: np.random.Generator) -> None:
        self.session = session
        self.graph = session.graph
        self.rng = rng
        self.avals = session.check().avals
        self.root = self._name(root)
        self.needed = Lowering(self.graph, session.registry, Binding()).needed([root])
        self.point = self._point()

    def run(self) -> Iterator[GradientCheck]:
        value = self._value({})
        for name in [name for name, array in self.point.items() if array.dtype.kind == "f"]:
            if not math.isfinite(value):
                reason: str | None = f"{self.root} is {value} here"
            else:
                reason = self._reason_to_skip(name)
            if reason is None:
                yield self._compare(name)
            else:
                yield GradientCheck(self.root, name, skipped=reason)

    def _compare(self, name: str) -> GradientCheck:
        found = []
        for attempt in range(POINTS):
            if attempt:
                self.point = self._point()
            found.append(self._compare_here(name))
            if found[-1].agrees and found[-1].skipped is None:
                return found[-1]
        return next((each for each in found if each.skipped is not None), found[-1])

    def _compare_here(self, name: str) -> GradientCheck:
        given = self.session.gradients(self.root, name, self.point, train=True, iteration=1)[name]
        gradient = np.zeros(self.point[name].shape) if given is None else given
        found = []
        for _ in range(DIRECTIONS):
            direction = np.asarray(self.rng.standard_normal(self.point[name].shape))
            result = self._along(name, direction, float(np.vdot(gradient, direction)))
            if not result.agrees:
                return result
            found.append(result)
        return largest_error(found) or found[0]

    def _along(self, name: str, direction: Array, along: float) -> GradientCheck:
        def at(step: float) -> float:
            return self._value({name: self.point[name] + step * direction})

        # What a small root is computed of may be far larger than it, and rounded by as much.
        near = [at(number * APART) for number in range(NEAR)]
        measured = abs(float(np.diff(near, NEAR - 1)[0])) / ALTERNATING
        size = abs(near[0]) if along == 0 or any(np.diff(near)) else self._size()
        noise = max(ROUNDING * EPS * size, SAFELY * measured)
        # The smallest step whose rounding does not matter meets the fewest kinks.
        step = min(STEP, noise / (FINE * abs(along))) if along and noise else STEP
        above, below = at(step), at(-step)
        difference = (above - below) / (2 * step)
        noise = max(noise, ROUNDING * EPS * max(abs(above), abs(below)))
        larger, rounding, apart = max(abs(along), abs(difference)), noise / step, abs(along - difference)
        if apart and larger <= rounding:
            return GradientCheck(self.root, name, along, difference, skipped=TOO_SMALL.format(self.root))
        agrees, least = apart <= RELATIVE * larger + rounding, rounding / RELATIVE
        error = apart / max(larger, least) if apart else 0.0
        return GradientCheck(self.root, name, along, difference, agrees, error=error)

    def _size(self) -> float:
        """The largest number that the root is computed of: where it does not move, its rounding may be that of this."""
        floating = [source for source, aval in self.avals.items() if source.node in self.needed and aval.floating]
        found = self.session.run(self.point, [self._name(each) for each in floating], train=True, iteration=1)
        return max((float(np.max(np.abs(each), initial=0.0)) for each in found.values()), default=0.0)

    def _value(self, changes: Mapping[str, Array]) -> float:
        # The same iteration, so that dropout and the like draw the same numbers at every point.
        found = self.session.run({**self.point, **changes}, self.root, train=True, iteration=1)
        return float(found[self.root].item())

    def _reason_to_skip(self, name: str) -> str | None:
        """Why differences cannot be expected to agree with the gradient, None where they can."""
        id = self.graph.resolve_source(name).node
        shared = [n.id for n in self.graph.nodes.values() if n.op == "shared" and n.params.get("of") == id]
        between = self.graph.descendants([id, *shared]) & self.needed
        nodes = [self.graph.nodes[each] for each in self.graph.order() if each in between]
        for node in nodes:
            if node.op == "detach" or "detach" in node.flags:
                return f"{self.graph.path(node.id)} detaches on the way"
        for node in nodes:
            for output in self.session.registry[node.op].outputs:
                aval = self.avals.get(Source(node.id, output.name))
                if aval is not None and aval.dtype == np.float32:
                    return f"{self.graph.path(node.id)} computes in float32, too coarse for differences"
        return None

    # The point.

    def _point(self) -> dict[str, Array]:
        """A value for every parameter, input and data set that the root depends on, by name."""
        point: dict[str, Array] = {}
        rows = ROWS
        for id in sorted(self.needed):
            if self.graph.nodes[id].op == "dataset":
                x, y = prepared(self.graph.nodes[id], self.session.folder, "float64")[1]["train"]
                rows = min(rows, len(x))
                point[self._name(Source(id, "x"))] = self._beside(x[:rows])
                point[self._name(Source(id, "y"))] = y[:rows]
        held = self._parameters()
        for id in self.graph.order():
            if id in self.needed and self.graph.nodes[id].op == "input":
                point[self._name(Source(id, "y"))] = self._input(id, rows)
            elif id in held:
                point[self._name(Source(id, "y"))] = self._beside(held[id])
        return point

    def _parameters(self) -> dict[str, Array]:
        session = self.session
        ids = [id for id in sorted(self.needed) if self.graph.nodes[id].op == "parameter"]
        binding = Binding("float64", ROWS, "train", session.seed)
        return parameters(self.graph, session.registry, ids, session.document.values, binding)

    def _input(self, id: str, rows: int) -> Array:
        aval = self.avals[Source(id, "y")]
        node = self.graph.nodes[id]
        wanted = node.params.get("shape", ())
        value = None if BATCH in wanted else value_of(node, self.session.registry, "float64")
        if value is not None:
            return self._beside(value)
        shape = tuple(rows if length == BATCH else length for length in wanted)
        if aval.floating:
            return np.asarray(self.rng.uniform(0.5, 1.5, shape)).astype(aval.dtype)
        return np.zeros(shape, aval.dtype)  # the one label and the one index that is always there

    def _beside(self, array: Array) -> Array:
        """`array` with every number moved by about a thousandth of its size."""
        if array.dtype.kind != "f":
            return array
        moved = np.where(array == 0, 1.0, array) * self.rng.standard_normal(array.shape)
        return np.asarray(array + 1e-3 * moved).astype(array.dtype)

    def _name(self, source: Source) -> str:
        return value_name(self.graph, self.session.registry, source)
