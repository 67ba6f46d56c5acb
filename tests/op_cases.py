"""What the numbers of ops are compared by: cases of each op, and what an op or PyTorch computes for one.

A case is a sample of an op, for an op that works element by element the numbers at which it may go wrong, or
arguments of `AT`: classes that are masked with −∞, a variance below the least. Of each
there is the value, the gradient of a weighted sum of it, the derivative in one direction (forward mode),
and the gradient of a weighted sum of the gradient (second order), all in float64. What PyTorch computes
comes from the op's spelling in exported code.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from test_ops import draw

from gradwire.core import jvp, vjp
from gradwire.core.document import Document
from gradwire.core.exporting import torch_source
from gradwire.core.exporting.torch_spelling import SPELLINGS
from gradwire.core.op import Aval, Op, promote
from gradwire.core.ops import builtin
from gradwire.core.parameters import HIDDEN
from gradwire.core.session import Session

FOLDER = Path(__file__).with_name("op_numbers")
INF, NAN = float("inf"), float("nan")
# Where an element-wise op may overflow, divide by zero, or have a kink; every pair of the second for two arguments.
ONE = (-INF, -1e4, -30.0, -1.5, -1.0, -0.5, -1e-9, 0.0, 1e-9, 0.5, 1.0, 1.5, 30.0, 1e4, INF, NAN)
TWO = (-INF, -2.0, -0.5, 0.0, 0.5, 2.0, INF, NAN)
_SCORES = [[1.0, -INF, 0.8], [-INF, -0.5, 0.25]]  # with classes that are masked
_LOGS = [[-0.5, -INF, -1.25], [-INF, -0.25, -2.0]]
_LABELS, _WEIGHTS = [0, 2], [0.5, 2.0, 1.5]
# Other arguments at which an op may go wrong, with its parameters.
AT: Mapping[str, Sequence[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "cross_entropy": [
        ((_SCORES, _LABELS), {}),
        ((_SCORES, _LABELS, _WEIGHTS), {}),
        ((_SCORES, _LABELS, _WEIGHTS), {"reduction": "none"}),
        ((_SCORES, [[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]), {}),
        ((_SCORES, [0, -1]), {"ignore_index": -1}),
        (([[1.0, 0.5, 0.8], [-INF, -INF, -INF]], [0, -1], _WEIGHTS), {"ignore_index": -1, "label_smoothing": 0.1}),
    ],
    "nll": [
        ((_LOGS, [0, -1], _WEIGHTS), {"ignore_index": -1}),
        ((_LOGS, _LABELS), {}),
        ((_LOGS, _LABELS, _WEIGHTS), {}),
        ((_LOGS, _LABELS, _WEIGHTS), {"reduction": "sum"}),
    ],
    "multi_margin": [
        ((_SCORES, _LABELS), {}),
        ((_SCORES, _LABELS), {"p": 2}),
        ((_SCORES, _LABELS, _WEIGHTS), {"reduction": "none"}),
    ],
    "gaussian_nll": [
        (([0.5, 1.0, -2.0], [0.25, 2.0, 1.0], [0.0, 0.01, 0.5]), {"eps": 0.1}),
        (([0.5], [0.25], [1e-9]), {"full": True, "reduction": "sum"}),
    ],
    "quantile": [(([3.0, INF, 1.0],), {"q": 0.75}), (([-INF, 2.0, INF, INF],), {"q": 0.1})],
    "median": [(([[3.0, INF, 1.0, INF], [-INF, 2.0, -INF, 5.0]],), {"axis": 1}), (([-INF, INF],), {})],
    "cumprod": [(([2.0, INF, 3.0, 0.5],), {}), (([0.0, 2.0, 0.0, 3.0],), {}), (([2.0, 1.0, INF, 0.0],), {})],
    "prod": [
        *((([2.0, INF, 3.0],), {}), (([0.0, 2.0, 0.0],), {}), (([0.0, INF, 3.0],), {}), (([0.0, 0.0, INF],), {})),
        *((([-INF, 0.0, 2.0],), {}), (([-INF, 0.0],), {})),
    ],
    "pad": [
        (([[1.0, 2.0, 2.0], [2.0, 2.0, 0.5]],), {"pad_width": (1, 2, 2, 1), "mode": "maximum"}),
        (([[1.0, 0.5, 0.5], [0.5, 0.5, 2.0]],), {"pad_width": (2, 1, 1, 2), "mode": "minimum"}),
        (([[1.0, 2.0, 2.0, 3.0], [2.0, 2.0, 0.5, 1.0]],), {"pad_width": 1, "mode": "median"}),
        *((([[1.0, -INF, 2.0], [INF, 0.5, 3.0]],), {"pad_width": 2, "mode": mode}) for mode in ("maximum", "minimum")),
        *((([[1.0, NAN, 2.0], [-INF, 0.5, INF]],), {"pad_width": 2, "mode": mode}) for mode in ("mean", "median")),
        (([[1.0, NAN, 2.0], [-INF, 0.5, 3.0]],), {"pad_width": (2, 1), "mode": "linear_ramp", "value": -1.0}),
        (([2.0],), {"pad_width": (3, 2), "mode": "linear_ramp", "value": 0.5}),
        *((([[], []],), {"pad_width": (1, 2, 0, 0), "mode": mode}) for mode in ("linear_ramp", "maximum", "median")),
    ],
    "softmax": [((_SCORES,), {}), (([[], []],), {})],
    "log_softmax": [((_SCORES,), {}), (([[], []],), {})],
    "softmin": [(([[], []],), {})],
    "logsumexp": [((_SCORES,), {"axis": -1}), (([],), {}), (([[], []],), {"axis": 1})],
    "mean": [(([],), {})],
    "var": [(([[3.0], [1.0]],), {"axis": 1, "ddof": 1}), (([[3.0, 2.5], [1.0, 0.5]],), {"axis": 1, "ddof": 2})],
    "std": [(([[3.0], [1.0]],), {"axis": 1, "ddof": 1})],
    "repeat": [(([1.0, 2.0],), {"repeats": 0}), (([[], []],), {"repeats": 2, "axis": 0})],
    "tile": [(([1.0, 2.0],), {"reps": (2, 0)}), (([[], []],), {"reps": 2})],
    "norm": [
        *((([1.0, INF, 2.0],), {"ord": ord}) for ord in (-1.0, -2.0, 0.5, 1.5, 2.0)),
        *((([INF, INF],), {"ord": -2.0}), (([0.0, INF, 2.0],), {"ord": -1.0}), (([1.0, 0.0],), {"ord": 0.5})),
    ],
    "glu": [(([[INF, -INF, 1.0, 1.0, 1.0], [1.0, 1.0, INF, -INF, NAN]],), {"axis": 0})],
    "power": [(([-INF, 4.0], 0.5), {})],
    "cosine_embedding": [
        (([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [1e-6, 0]], [[1.0, -2.0], [0.0, 0.0], [0.0, 0.0], [2.0, 1]], target), {})
        for target in ([1, 1, 1, 1], [0, 0, 0, 0])
    ],
    "cosine_similarity": [(([[0.3, 0.0], [0.3, 0.4], [3.0, 4.0]], [[1.0, 2.0], [0.1, 0.2], [2.0, 1.0]]), {"eps": 0.5})],
}
# Ports of floats of which PyTorch has no derivative: weights of losses, running
# statistics. Their rules are held against differences.
CONSTANT = {
    ("batch_norm", 3),
    ("batch_norm", 4),
    ("cross_entropy", 2),
    ("nll", 2),
    ("multi_margin", 2),
    *(("binary_cross_entropy", i) for i in (2, 3)),
}
ONCE = {"hardsigmoid", "multi_margin"}  # of these PyTorch cannot differentiate the gradient
Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    """An op with arguments and complete parameters; `key` names it in the file of the op's family."""

    key: str
    op: Op
    args: tuple[Array, ...]
    params: dict[str, Any]
    extreme: bool = False

    @property
    def floats(self) -> list[int]:
        floats = [i for i, arg in enumerate(self.args) if arg.dtype.kind == "f"]
        return [i for i in floats if (self.op.name, i) not in CONSTANT]

    @property
    def names(self) -> tuple[str, str, str]:
        """The names by which this case is spoken of: its own, that of its kind, and the op's."""
        return self.key, f"{self.op.name} {self.key.split()[1]}", self.op.name

    @property
    def of(self) -> str:
        """What the case is of: numbers that were made of something else are stale."""
        shapes = ", ".join(str(Aval(arg.shape, arg.dtype)) for arg in self.args)
        return f"{shapes}; {dict(sorted(self.params.items()))}"

    def weights(self, shape: tuple[int, ...], turn: int) -> Array:
        """Numbers by which values are weighed, the same wherever they are drawn."""
        return np.asarray(np.random.default_rng(turn).normal(size=shape))


def family(op: Op) -> str:
    """The module of an op: its numbers are in the file of that name."""
    return op.forward.__module__.rsplit(".", 1)[-1]


def comparable(op: Op) -> bool:
    """Whether PyTorch can compute the same: the op takes arrays, draws no random numbers, and is spelled."""
    given = bool(op.ports) and not any(port.hidden for port in op.ports) and not op.reference
    return given and not op.effect and op.name in SPELLINGS


def cases(op: Op) -> Iterator[Case]:
    """The cases of an op that PyTorch can compute too."""
    for i, sample in enumerate(op.samples):
        params = op.check_parameters(sample.params)
        yield Case(f"{op.name} {i}", op, promote(op, draw(sample)), params)
    ports = len(op.ports)
    if op.by_element and ports in (1, 2) and not any(p.variadic or p.optional for p in op.ports):
        pairs = (ONE,) if ports == 1 else tuple(zip(*((a, b) for a in TWO for b in TWO), strict=True))
        args = tuple(np.array(column) for column in pairs)
        given: list[dict[str, Any]] = []
        for params in ({}, *(sample.params for sample in op.samples)):
            if (complete := op.check_parameters(params)) not in given:
                given.append(complete)
        for i, params in enumerate(given):
            yield Case(f"{op.name} extremes{f' {i}' if i else ''}", op, args, params, extreme=True)
    for i, (values, params) in enumerate(AT.get(op.name, ())):
        args = tuple(np.array(value) for value in values)
        yield Case(f"{op.name} at {i}", op, args, op.check_parameters(params), extreme=not np.isfinite(args[0]).all())


ALL = {op.name: op for op in builtin() if comparable(op)}


# What ours computes.


def _total(outs: Any, case: Case) -> Any:
    """The weighted sum of all results that are floats."""
    every = outs if isinstance(outs, tuple) else (outs,)
    found = [builtin()["sum"](y * case.weights(y.shape, 1 + i)) for i, y in enumerate(every) if y.dtype.kind == "f"]
    return sum(found[1:], start=found[0])


def ours(case: Case) -> dict[str, list[Array]]:
    """Each quantity as the op's rules give it. An op without a gradient has its value only."""

    def result(*floats: Any) -> Any:
        given = list(case.args)
        for i, value in zip(case.floats, floats, strict=True):
            given[i] = value
        return case.op(*given, **case.params)

    def gradients(*floats: Any) -> Any:
        value, pull = vjp(lambda *xs: _total(result(*xs), case), *floats)
        return pull(np.ones_like(value) if isinstance(value, np.ndarray) else None)

    floats = [case.args[i] for i in case.floats]
    made = case.op(*case.args, **case.params)
    values = [np.asarray(y) for y in (made if isinstance(made, tuple) else (made,))]
    found = {"value": values}
    if case.op.no_gradient or not floats or not any(y.dtype.kind == "f" for y in values):
        return found
    found["gradient"] = [np.asarray(g) for g in gradients(*floats)]
    directions = [case.weights(x.shape, 11 + i) for i, x in enumerate(floats)]
    if len(values) == 1:
        found["forward"] = [np.asarray(jvp(result, floats, directions)[1])]

    def again(*xs: Any) -> Any:
        parts = [builtin()["sum"](g * d) for g, d in zip(gradients(*xs), directions, strict=True)]
        return sum(parts[1:], start=parts[0])

    found["second"] = [np.asarray(g) for g in vjp(again, *floats)[1]()]
    return found


# What PyTorch computes.


def spelled(case: Case) -> Callable[..., Any]:
    """The case as a function of PyTorch tensors, one for each argument: the exported code of a graph of one node."""
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        inputs = {}
        for i, arg in enumerate(case.args):
            kind = "float" if arg.dtype.kind == "f" else arg.dtype.name
            inputs[case.op.port_name(i)] = t.add("input", name=f"input_{i}", shape=arg.shape, dtype=kind)
        given = {name: value for name, value in case.params.items() if case.op.roles.get(name) not in HIDDEN}
        t.add(case.op.name, name="result", inputs=inputs, params=given)
    session = Session(document)
    made: dict[str, Any] = {"__name__": "exported"}
    exec(compile(torch_source(session.graph, session.registry), "exported.py", "exec"), made)
    training = case.params.get("mode", "train") == "train"
    forward = made["Network"]().train(training) if "Network" in made else made["forward"]
    return lambda *tensors: forward(**{f"input_{i}": tensor for i, tensor in enumerate(tensors)})


def pytorch(case: Case) -> dict[str, list[Array]]:
    """Each quantity as PyTorch gives it, of those that it can."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH), warnings.catch_warnings():  # the others have no second order
        warnings.filterwarnings("ignore", ".*degrees of freedom")  # of fewer elements than it takes for a variance
        return _by_torch(case, torch)


def _by_torch(case: Case, torch: Any) -> dict[str, list[Array]]:
    tensors = [torch.tensor(arg, requires_grad=i in case.floats) for i, arg in enumerate(case.args)]
    floats = [tensors[i] for i in case.floats]
    made = spelled(case)(*tensors)
    outs = list(made) if isinstance(made, tuple) else [made]
    found = {"value": [y.detach().numpy() for y in outs]}
    followed = [(i, y) for i, y in enumerate(outs) if y.requires_grad]
    if not followed:
        return found
    weights = [torch.tensor(case.weights(tuple(y.shape), 1 + i), requires_grad=True) for i, y in followed]
    ask = {"allow_unused": True, "materialize_grads": True}
    gradients = torch.autograd.grad([y for _, y in followed], floats, weights, create_graph=True, **ask)
    found["gradient"] = [g.detach().numpy(force=True) for g in gradients]
    if case.op.name in ONCE or not any(g.requires_grad for g in gradients):
        return found
    directions = [torch.tensor(case.weights(tuple(x.shape), 11 + i)) for i, x in enumerate(floats)]
    pushed: Any = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True))
    if len(outs) == 1:
        found["forward"] = [torch.autograd.grad(pushed, weights, retain_graph=True, **ask)[0].numpy(force=True)]
    found["second"] = [g.numpy(force=True) for g in torch.autograd.grad(pushed, floats, **ask)]
    return found
