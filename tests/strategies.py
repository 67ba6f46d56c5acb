"""Random programs: the same text computed on the tape and built as a plan, for tests that compare the two."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from gradwire.core.builder import Builder
from gradwire.core.differentiate import backward, differentiate
from gradwire.core.errors import ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.passes import optimised
from gradwire.core.plan import Plan
from gradwire.core.random import state
from gradwire.core.tape import Tensor

OPS = builtin()
LARGEST = 600  # elements of a value
UNARY = (
    *("negative", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "leaky_relu", "abs", "square", "exp"),
    *("identity", "detach", "softmax", "log_softmax", "transpose", "flatten", "reciprocal", "sqrt", "log"),
)
BINARY = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "power", "matmul", "mse", "where")
REDUCTIONS = ("sum", "mean", "max", "logsumexp")
OTHERS = (
    "reshape",
    "slice",
    "gather",
    "concat",
    "broadcast",
    "cast",
    "clip",
    "dropout",
    "accumulate",
    "loss",
)


class Step(NamedTuple):
    """One application: arguments are numbers of values, or arrays and Python numbers as they stand."""

    op: str
    args: tuple[Any, ...]
    params: dict[str, Any]


class Program(NamedTuple):
    """Leaves and steps; the last values are what it gives."""

    leaves: tuple[np.ndarray[Any, Any], ...]
    steps: tuple[Step, ...]
    wanted: int

    def apply(self, leaves: Sequence[Any]) -> list[Any]:
        values = list(leaves)
        for step in self.steps:
            args = [values[a.number] if isinstance(a, Value) else a for a in step.args]
            made = OPS[step.op](*args, **step.params)
            values += made if isinstance(made, tuple) else [made]
        return values[-self.wanted :]


class Value(NamedTuple):
    number: int


class _Writer:
    """Chooses steps that fit what is there."""

    def __init__(self, avals: list[Aval]) -> None:
        self.avals = avals
        self.steps: list[Step] = []

    def add(self, name: str, *args: Any, **params: Any) -> None:
        """Add a step where it fits; leave it out where it does not."""
        op = OPS[name]
        try:
            complete = op.check_parameters(params)
            given = [self.avals[a.number] if isinstance(a, Value) else _aval(a) for a in args]
            floats = [a.dtype for i, a in enumerate(given) if i in op.promoted and a.dtype.kind == "f"]
            if floats:
                wide = np.result_type(*floats)
                given = [
                    Aval(a.shape, wide) if min(i, len(op.ports) - 1) in op.promoted else a for i, a in enumerate(given)
                ]
            outs = op.infer(given, complete)
        except ShapeError:
            return
        if any(out.size > LARGEST or out.ndim > 4 for out in outs):
            return
        self.steps.append(Step(name, args, complete))
        self.avals += [outs[i] for i in op.visible]

    def step(self, rng: random.Random) -> None:
        """Add a random step, or none where it does not fit."""
        floats = [i for i, a in enumerate(self.avals) if a.floating]
        x, y = (Value(rng.choice(floats[-6:] + floats[:2])) for _ in range(2))
        if rng.random() < 0.15:  # layouts that are not C's matter most
            self.add("transpose", x)
            return
        name = rng.choice(rng.choice((UNARY, BINARY, BINARY, REDUCTIONS, OTHERS)))
        if name in UNARY:
            self.add(name, x)
        elif name == "where":
            self.add("less", x, y)
            if self.avals[-1].dtype == np.bool_:
                self.add("where", Value(len(self.avals) - 1), y, x)
        elif name in BINARY:
            self.add(name, x, rng.choice((y, y, y, rng.uniform(-2, 2))))
        elif name in REDUCTIONS:
            ndim = self.avals[x.number].ndim
            axis = rng.choice([None, *range(-ndim, ndim), tuple(range(ndim))])
            self.add(name, x, axis=axis, keepdims=rng.random() < 0.5)
        else:
            getattr(self, f"_{name}")(rng, x, y)

    def _reshape(self, rng: random.Random, x: Value, y: Value) -> None:
        shape = list(self.avals[x.number].shape)
        rng.shuffle(shape)
        self.add("reshape", x, shape=rng.choice((tuple(shape), (-1,), (1, -1), (-1, 1))))

    def _slice(self, rng: random.Random, x: Value, y: Value) -> None:
        if self.avals[x.number].ndim:
            bounds = [rng.choice((None, *range(-3, 4))) for _ in range(2)]
            axis = rng.randrange(self.avals[x.number].ndim)
            self.add("slice", x, axis=axis, start=bounds[0], stop=bounds[1], step=rng.choice((1, 1, 2, -1)))

    def _gather(self, rng: random.Random, x: Value, y: Value) -> None:
        shape = self.avals[x.number].shape
        if shape and all(shape):
            axis = rng.randrange(len(shape))
            indices = np.array([rng.randrange(shape[axis]) for _ in range(rng.randrange(1, 5))])
            self.add("gather", x, indices, axis=axis)

    def _concat(self, rng: random.Random, x: Value, y: Value) -> None:
        if self.avals[x.number].ndim:
            axis = rng.randrange(self.avals[x.number].ndim)
            self.add("concat", x, rng.choice((x, y)), axis=axis)

    def _broadcast(self, rng: random.Random, x: Value, y: Value) -> None:
        self.add("broadcast_to", x, shape=(rng.randrange(1, 4), *self.avals[x.number].shape))

    def _cast(self, rng: random.Random, x: Value, y: Value) -> None:
        self.add("cast", x, dtype=rng.choice(("float32", "float64")))

    def _clip(self, rng: random.Random, x: Value, y: Value) -> None:
        self.add("clip", x, low=rng.choice((None, -0.5)), high=0.7)

    def _dropout(self, rng: random.Random, x: Value, y: Value) -> None:
        self.add("dropout", x, state(3, 1), rate=0.4, stream=rng.randrange(3))

    def _accumulate(self, rng: random.Random, x: Value, y: Value) -> None:
        self.add("accumulate", *rng.choice(((x,), (x, y), (x, y, x))))

    def _loss(self, rng: random.Random, x: Value, y: Value) -> None:
        shape = self.avals[x.number].shape
        reduction = rng.choice(("mean", "sum", "none"))
        if not shape or not all(shape):
            return
        labels = np.array([rng.randrange(shape[-1]) for _ in range(math.prod(shape[:-1]))]).reshape(shape[:-1])
        name = rng.choice(("cross_entropy", "nll", "binary_cross_entropy"))
        if name == "binary_cross_entropy":
            self.add("sigmoid", y)
            self.add(name, x, Value(len(self.avals) - 1), reduction=reduction)
        else:
            self.add(name, x, labels, reduction=reduction)


def _aval(value: Any) -> Aval:
    array = np.asarray(value)
    # A Python number is weak: it takes the dtype of what it meets.
    return Aval(array.shape, array.dtype if hasattr(value, "dtype") else np.dtype(np.float16))


@st.composite
def programs(draw: Callable[..., Any], steps: int = 24) -> Program:
    """Programs over two or three leaves of one dtype, most of them with fans, views and broadcasts."""
    numbers = np.random.default_rng(draw(st.integers(0, 2**20)))
    dtype = draw(st.sampled_from(("float32", "float64")))
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 20))
    shapes = draw(
        st.sampled_from(
            (((rows, columns), (columns,)), ((rows, columns), (columns, rows), ()), ((rows, rows), (rows,)))
        )
    )
    leaves = tuple(np.asarray(numbers.normal(size=shape)).astype(dtype) for shape in shapes)
    writer = _Writer([Aval(leaf.shape, leaf.dtype) for leaf in leaves])
    fewest = draw(st.integers(1, steps))
    for seed in draw(st.lists(st.integers(0, 2**20), min_size=fewest, max_size=steps)):
        writer.step(random.Random(seed))
    return Program(leaves, tuple(writer.steps), min(3, len(writer.avals)))


class Built(NamedTuple):
    """A program as a plan, with what to feed it."""

    plan: Plan
    feeds: dict[str, np.ndarray[Any, Any]]


def seeds(outputs: Sequence[Any]) -> list[Any]:
    numbers = np.random.default_rng(5)
    return [np.asarray(numbers.normal(size=o.shape)).astype(o.dtype) for o in outputs if o.dtype.kind == "f"]


def eager(program: Program) -> dict[str, np.ndarray[Any, Any]]:
    """Outputs and gradients on the tape."""
    with np.errstate(all="ignore"):
        leaves = [Tensor(leaf.copy()) for leaf in program.leaves]
        outputs = program.apply(leaves)
        roots = [o for o in outputs if o.dtype.kind == "f"]
        found = backward(roots, seeds(outputs), wrt=leaves)
        result = {f"y{i}": np.array(o.value) for i, o in enumerate(outputs)}
        return result | {f"g{i}": np.array(found[leaf]) for i, leaf in enumerate(leaves) if found.get(leaf) is not None}


def build(program: Program) -> Built:
    """The plan of outputs and gradients, as it comes from the builder."""
    builder = Builder()
    leaves = [builder.input(f"x{i}", Aval(a.shape, a.dtype)) for i, a in enumerate(program.leaves)]
    outputs = program.apply(leaves)
    roots = [o for o in outputs if o.dtype.kind == "f"]
    starts = seeds(outputs)
    symbols = [builder.input(f"s{i}", Aval(s.shape, s.dtype)) for i, s in enumerate(starts)]
    found = differentiate(builder, roots, symbols, leaves)
    fetched = {f"y{i}": o for i, o in enumerate(outputs)}
    fetched |= {f"g{i}": g for i, leaf in enumerate(leaves) if (g := found.gradient(leaf)) is not None}
    feeds = {f"x{i}": a for i, a in enumerate(program.leaves)} | {f"s{i}": s for i, s in enumerate(starts)}
    return Built(builder.finish(fetched), feeds)


def read(built: Built) -> dict[str, np.ndarray[Any, Any]]:
    """The feeds that are left to be fed after the passes."""
    return {name: built.feeds[name] for name in optimised(built.plan).inputs}


def bits(values: dict[str, np.ndarray[Any, Any]]) -> dict[str, tuple[Any, ...]]:
    """What must be equal where two runs are to agree bit for bit.

    One NaN is as good as another: of two that meet, processors keep the sign of either.
    """
    return {name: (v.dtype.name, v.shape, _one_nan(v).tobytes()) for name, v in values.items()}


def _one_nan(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(np.isnan(value), value.dtype.type(np.nan), value) if value.dtype.kind == "f" else value
