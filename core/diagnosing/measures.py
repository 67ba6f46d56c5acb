"""What diagnoses of one iteration and those of a whole run both measure, and from which number on it is unusual."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..errors import GradwireError
from ..foreign import asked
from ..graph import Graph, Source
from ..op import Op
from .finding import times, told

Array = np.ndarray[Any, Any]

DEAD_HINT, DEAD_ALERT = 0.1, 0.5  # share of a layer's units
FLAT, FLAT_HINT, FLAT_ALERT = 0.05, 0.3, 0.5  # of the steepest slope; share of elements
START = 0.25  # of the loss of guessing
LEAST_SPREAD, MOST_SPREAD, UNEVEN = 0.1, 10.0, 10.0  # standard deviation; greatest variance over the least
SHRINKS, TINY = 1e-3, 1e-6  # the first weight's gradient over the last one's; mean |g|
GROWS = 70.0  # the same, the other way round
CANCELS = 0.9  # of what meets at a fork
LOW, HIGH = 1e-4, 1e-1  # of the norm of what is updated
APART = 0.5  # of the loss in evaluation, that in training

NAMED = 6  # units that are told by their numbers
PICTURE = 4  # axes of a batch of pictures, whose channels are the second
GRID = np.array([-1e6, -1e4, *np.linspace(-8.0, 8.0, 65), 1e4, 1e6])
SETTLED = 0.01  # of what it spans: by less an op moves that is flat far out
MIDDLE, STEEP = 0.25, 0.5  # around 0 such an op is so steep, of its steepest


# Activations.


class Activation(NamedTuple):
    """A value that an op has bent element by element, and what it was made of."""

    node: str
    op: Op
    params: Mapping[str, Any]
    value: Array
    args: tuple[Array, ...]

    def slopes(self) -> Array:
        """How steep the op is at each element, by its own rule."""
        return _slopes(self.op, self.params, self.value, self.args)

    @property
    def can_die(self) -> bool:
        """Whether there is a side on which the op gives no gradient at all, as a ReLU below 0."""
        return self.op.category == "activation" and self.op.ports[0].name in self.op.flat

    @property
    def steepest(self) -> float | None:
        """The steepest slope of an op that is flat far out on both sides, as tanh; None for any other."""
        return _steepest(self.op, tuple(sorted(self.params.items())))

    @property
    def bends(self) -> bool:
        """Whether it is an activation, by its category or by what it does."""
        return self.op.category == "activation" or self.steepest is not None


def activations(
    graph: Graph, registry: Any, values: Iterable[tuple[Source, Array]], given: Callable[[Source], Array | None]
) -> Iterator[Activation]:
    """Those of `values` that may be activations: made element by element of what is `given` for the op's ports."""
    for source, value in values:
        node = graph.nodes[source.node]
        op = registry.get(node.op)
        if op is None or not op.by_element or not op.single or op.vjp_rule is None or value.dtype.kind != "f":
            continue
        fed = graph.inputs(node.id)
        args = [given(fed[port.name]) if port.name in fed else None for port in op.ports]
        if op.ports and (op.category == "activation" or len(op.ports) == 1) and all(arg is not None for arg in args):
            yield Activation(node.id, op, op.check_parameters(node.params), value, tuple(np.asarray(a) for a in args))


def _slopes(op: Op, params: Mapping[str, Any], value: Array, args: tuple[Array, ...]) -> Array:
    assert op.vjp_rule is not None
    with np.errstate(all="ignore"):
        entry = asked(op, "the gradient", op.vjp_rule, np.ones_like(value), value, *args, **params)[0]
        found = entry() if callable(entry) else entry
    return np.zeros_like(value) if found is None else np.broadcast_to(np.asarray(found), value.shape)


@lru_cache(maxsize=256)
def _steepest(op: Op, params: tuple[tuple[str, Any], ...]) -> float | None:
    """Found by trying: the op grows, comes to rest on both sides, and is steep around 0."""
    if len(op.ports) != 1:
        return None
    try:
        with np.errstate(all="ignore"):
            y = np.asarray(op.compute(np, GRID, **dict(params)))
            if y.dtype.kind != "f" or y.shape != GRID.shape or not np.isfinite(y).all() or (np.diff(y) < 0).any():
                return None
            slopes = _slopes(op, dict(params), y, (GRID,))
    except GradwireError:  # it refuses some of these numbers
        return None
    span, steepest = y[-1] - y[0], float(np.abs(slopes).max())
    rests = max(y[1] - y[0], y[-1] - y[-2]) <= SETTLED * span
    middle = np.abs(slopes[np.abs(GRID) <= MIDDLE])
    return steepest if span > 0 and rests and middle.min() >= STEEP * steepest else None


def unit_axis(value: Array) -> int:
    """The axis along which the units of a layer lie: the channels of pictures, else the last."""
    return 1 if value.ndim == PICTURE else value.ndim - 1


def dead(activation: Activation) -> Array:
    """Of each unit of a batch of activations, whether none of its elements lets a gradient through."""
    slopes, units = activation.slopes(), unit_axis(activation.value)
    return ~(slopes != 0).any(axis=tuple(axis for axis in range(slopes.ndim) if axis != units))


def percent(share: float, bound: float) -> str:
    """A share in whole percents, with as many digits more as tell it from the bound beside which it stands."""
    texts = [(f"{share:.{digits}%}", f"{bound:.{digits}%}") for digits in range(3)]
    return next((own for own, other in texts if own != other), texts[-1][0])


def units_told(chosen: Array) -> str:
    """`units 2 and 5`, from 0 on as elements are; of many the first few: `units 0, 3, 4, 7, 8, 9 and 11 more`."""
    numbers = [str(number) for number in np.flatnonzero(chosen)]
    if len(numbers) > NAMED + 1:
        numbers[NAMED:] = [f"{len(numbers) - NAMED} more"]
    *others, last = numbers
    return f"units {', '.join(others)} and {last}" if others else f"unit {last}"


def flat(activation: Activation, least: float = FLAT) -> float:
    """The share of elements at which an op with a `steepest` slope is below `least` of it."""
    slopes = activation.slopes()
    return float(np.count_nonzero(np.abs(slopes) < least * (activation.steepest or 0.0)) / max(slopes.size, 1))


def hidden(graph: Graph, trained: Iterable[str]) -> set[str]:
    """The nodes behind which something that is trained still follows."""
    users = {wire.target for id in trained for wire in graph.consumers(id)}
    fed = {wire.node for id in users for wire in graph.inputs(id).values()}
    return graph.ancestors(fed) if fed else set()


class Spread(NamedTuple):
    """What is wrong with the spread of a layer: a text, the number measured, and what was required of it."""

    node: str
    text: str
    measured: float
    band: tuple[float | None, float | None]


def uneven(
    found: Iterable[Activation],
    path: Callable[[str], str],
    low: float = LEAST_SPREAD,
    high: float = MOST_SPREAD,
    most: float = UNEVEN,
) -> Iterator[Spread]:
    """Layers whose spread is out of a band before training, and that differ much from one to the other."""
    spreads = [(float(np.std(each.value)), each.node) for each in found if each.value.size > 1]
    spreads = [each for each in spreads if math.isfinite(each[0])]
    for spread, node in spreads:
        if not low <= spread <= high:
            text = f"its standard deviation before training is {told(spread)} (usual: {told(low)} to {told(high)})"
            yield Spread(node, text, spread, (low, high))
    positive = [each for each in spreads if each[0] > 0]
    if len(positive) > 1:
        (least, first), (greatest, second) = min(positive), max(positive)
        ratio = (greatest / least) ** 2
        if ratio > most and low <= least:
            text = f"before training its variance is {told(least**2)}, that of {path(second)} {told(greatest**2)}:"
            yield Spread(first, f"{text} {times(ratio)}× (usual: at most {most:g}×)", ratio, (None, most))


# Losses of classes.


def scores_and_target(graph: Graph, node: str) -> tuple[Source, Source] | None:
    """What a loss of classes compares: the scores of the classes, or their logarithms, and the target."""
    fed = graph.inputs(node)
    scores = fed.get("logits", fed.get("log_probabilities"))
    return (scores, fed["target"]) if scores is not None and "target" in fed else None


class Guess(NamedTuple):
    """What a loss is, and what it is where all classes are thought equally likely."""

    loss: float
    guessing: float

    @property
    def away(self) -> float:
        """How far apart they are, as a share of the latter."""
        return abs(self.loss - self.guessing) / self.guessing

    @property
    def text(self) -> str:
        """Both, in words."""
        classes = round(math.exp(min(self.guessing, 20.0)))
        named = f"ln {classes} = " if abs(math.log(max(classes, 1)) - self.guessing) < 1e-4 else ""
        return f"it starts at {told(self.loss)}, guessing gives {named}{told(self.guessing)}"


def guess(
    graph: Graph, registry: Any, source: Source, value: Array, given: Callable[[Source], Array | None]
) -> Guess | None:
    """A loss of classes beside that of guessing, which the op itself tells; None for any other value."""
    node, pair = graph.nodes[source.node], scores_and_target(graph, source.node)
    op = registry.get(node.op)
    if pair is None or op is None or op.category != "loss" or value.size != 1 or not op.single:
        return None
    fed = graph.inputs(node.id)
    args = [given(fed[port.name]) if port.name in fed else None for port in op.ports]
    scores, target = (given(each) for each in pair)
    if (
        scores is None
        or target is None
        or any(arg is None and not port.optional for arg, port in zip(args, op.ports, strict=True))
    ):
        return None
    logarithms = "logits" not in fed
    if logarithms and target.dtype.kind not in "iu":
        return None  # how far one distribution is from another is no loss of guessing
    blank = np.full_like(scores, -math.log(max(scores.shape[-1], 1)) if logarithms else 0.0)
    at = op.port_position("log_probabilities" if logarithms else "logits")
    args[at] = blank
    with np.errstate(all="ignore"):
        guessing = float(op.forward(np, *args, **op.check_parameters(node.params)))
    found = Guess(float(value.reshape(())), guessing)
    return found if math.isfinite(guessing) and guessing > 0 else None


def guessed_mean(graph: Graph, registry: Any, node: str, given: Callable[[Source], Array | None]) -> float:
    """What a loss of numbers is where the mean of the targets is predicted for all; NaN of any other node."""
    op, fed = registry.get(graph.nodes[node].op), graph.inputs(node)
    if op is None or op.category != "loss" or not {"prediction", "target"} <= fed.keys():
        return math.nan
    target = given(fed["target"])
    if target is None or target.dtype.kind != "f" or not target.size:
        return math.nan
    constant = np.broadcast_to(target.mean(axis=0, keepdims=True), target.shape)
    args = {name: given(source) for name, source in fed.items()} | {"prediction": constant}
    if any(arg is None for arg in args.values()):
        return math.nan
    with np.errstate(all="ignore"):
        found = op.forward(
            np, *(args.get(port.name) for port in op.ports), **op.check_parameters(graph.nodes[node].params)
        )
    return float(found) if np.size(found) == 1 else math.nan


def units_alike(graph: Graph, id: str, value: Array) -> int:
    """How many units a weight has, where the numbers of all are the same and weights of another layer follow; else 0.

    What follows parts them no more: with the same weights they get the same gradients. In the last layer each unit has
    a target of its own.
    """
    axis = 1 if value.ndim == 2 else 0  # weights of two axes are (inputs, units), kernels (units, inputs, places)
    units = value.shape[axis] if value.ndim > 1 else 1
    if units < 2 or value.item(0) != value.take(1, axis).item(0) or (value != value.take([0], axis)).any():
        return 0
    behind = graph.descendants([id])
    others = (
        node
        for node in graph.nodes.values()
        if node.op == "parameter" and node.id != id and len(node.params.get("shape", ())) > 1
    )
    follows = any(w.target in behind and len(graph.inputs(w.target)) > 1 for o in others for w in graph.consumers(o.id))
    return units if follows else 0
