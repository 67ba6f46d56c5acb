"""Gradients whose rules are too long to be spelled as formulas: what the ops say of them gives the rules' numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.errors import GradwireError
from gradwire.core.op import Op
from gradwire.core.ops import builtin
from gradwire.core.stepping.rule_code import gradient_code, whole_code
from gradwire.core.stepping.rules import rules
from gradwire.core.stepping.worked_example import argument, worked_example
from gradwire.core.transform import vjp

DRAWN = np.random.default_rng(3)
X, Y, G = DRAWN.normal(size=(5, 4)), DRAWN.normal(size=(5, 4)), DRAWN.normal(size=5)
T, P, V = DRAWN.uniform(0.1, 0.9, size=(5, 4)), DRAWN.normal(size=(5, 4)), DRAWN.uniform(0.5, 2, size=(5, 4))
SIDES, LABELS = np.array([1, -1, 1, -1, -1]), np.array([0, 3, 1, 1, 2])
W = DRAWN.uniform(0.5, 2, size=4)


def length(x: Any) -> Any:
    return np.sqrt((x * x).sum(-1, keepdims=True))


def turned(one: Any, other: Any) -> Any:
    cosine = (one * other).sum(-1, keepdims=True) / (length(one) * length(other))
    return (other / length(other) - cosine * one / length(one)) / length(one)


def sided(one: Any, other: Any) -> Any:
    cosine = (one * other).sum(-1) / (length(one) * length(other))[:, 0]
    share = np.where(SIDES > 0, -1, np.where(cosine >= 0.1, 1, 0))
    return share[:, None] * turned(one, other) / 5


def products(x: Any) -> Any:
    return np.array([sum(G[k] * np.prod(np.delete(x[: k + 1], i)) for k in range(i, 5)) for i in range(5)])


def focal(gamma: float, alpha: float) -> tuple[Any, Any]:
    p, t = 1 / (1 + np.exp(-X)), T
    m, ce, b = p * (1 - t) + (1 - p) * t, -t * np.log(p) - (1 - t) * np.log(1 - p), alpha * t + (1 - alpha) * (1 - t)
    of_logits = b * m**gamma * (gamma * p * (1 - p) * (1 - 2 * t) * ce / m + p - t) / 20
    return of_logits, m**gamma * (b * (gamma * (1 - 2 * p) * ce / m - X) + (2 * alpha - 1) * ce) / 20


def margins(p: int) -> tuple[Any, Any]:
    rows = np.arange(5)
    missing = np.maximum(0, 1 - X[rows, LABELS][:, None] + X)
    missing[rows, LABELS] = 0
    h = W[LABELS][:, None] * p * np.where(missing > 0, missing ** (p - 1), 0) / 4 / 5
    h[rows, LABELS] = -h.sum(1)
    weights = np.array([(missing[c == LABELS] ** p).sum() / 4 / 5 for c in range(4)])
    return h, weights


def in_order(x: Any, q: float) -> Any:
    k, f = divmod((len(x) - 1) * q, 1)
    found, order = np.zeros(len(x)), np.argsort(x)
    found[order[int(k)]] += 1 - f
    found[order[min(int(k) + 1, len(x) - 1)]] += f
    return found


def triplet(p: float) -> tuple[Any, Any, Any]:
    apart = [X - each + 1e-6 for each in (Y, P)]
    norms = [(np.abs(x) ** p).sum(-1, keepdims=True) ** (1 / p) for x in apart]
    near, far = (np.sign(x) * (np.abs(x) / n) ** (p - 1) for x, n in zip(apart, norms, strict=True))
    h = np.where(1 + norms[0] - norms[1] >= 0, 1, 0) / 5
    return h * (near - far), -h * near, h * far


def in_groups() -> tuple[Any, Any, Any]:
    """The formulas of group_norm for X (5, 4) in 2 groups, with the gradient P."""
    mean = X.reshape(5, 2, 2).mean(2, keepdims=True)
    scale = 1 / np.sqrt(X.reshape(5, 2, 2).var(2, keepdims=True) + 1e-5)
    own, h = (X.reshape(5, 2, 2) - mean) * scale, (P * W).reshape(5, 2, 2)
    of_x = scale * (h - h.mean(2, keepdims=True) - own * (h * own).mean(2, keepdims=True))
    return of_x.reshape(5, 4), (P * own.reshape(5, 4)).sum(0), P.sum(0)


def third_of_det(x: Any, d: Any, g: Any) -> Any:
    """The formula of cofactors_along for one matrix x."""
    c, h, y = gw.ops.cofactors(x), gw.ops.cofactors_along(x, g), gw.ops.cofactors_along(x, d)
    crossed = h @ d.T @ c + c @ d.T @ h
    return ((d * h).sum() * c + (d * c).sum() * h - crossed - (g * c).sum() * y) / np.linalg.det(x)


CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = {
    "cosine_similarity": (
        lambda x, y: (gw.ops.cosine_similarity(x, y) * G).sum(),
        (X, Y),
        (G[:, None] * turned(X, Y), G[:, None] * turned(Y, X)),
    ),
    "cosine_embedding": (
        lambda a, b: gw.ops.cosine_embedding(a, b, SIDES, margin=0.1),
        (X, Y),
        (sided(X, Y), sided(Y, X)),
    ),
    "cofactors_along": (
        lambda x, d: (gw.ops.cofactors_along(x, d) * P[:4]).sum(),
        (X[:4], Y[:4]),
        (third_of_det(X[:4], Y[:4], P[:4]), gw.ops.cofactors_along(X[:4], P[:4])),
    ),
    "cumprod": (lambda x: (gw.ops.cumprod(x, axis=0) * G).sum(), (X[:, 0],), (products(X[:, 0]),)),
    "prod": (lambda x: gw.ops.prod(x) * 0.5, (G,), (np.array([0.5 * np.prod(np.delete(G, i)) for i in range(5)]),)),
    "group_norm": (
        lambda x, gamma, beta: (gw.ops.group_norm(x, gamma, beta, groups=2) * P).sum(),
        (X, W, W),
        in_groups(),
    ),
    "focal": (lambda x, t: gw.ops.focal(x, t, gamma=2.0, alpha=0.3), (X, T), focal(2.0, 0.3)),
    "gaussian_nll": (
        lambda p, t, v: gw.ops.gaussian_nll(p, t, v),
        (P, T, V),
        ((P - T) / V / 20, (T - P) / V / 20, (1 - (P - T) ** 2 / V) / (2 * V) / 20),
    ),
    "multi_margin": (lambda x, w: gw.ops.multi_margin(x, LABELS, w, p=2), (X, W), margins(2)),
    "triplet_margin": (lambda a, p, n: gw.ops.triplet_margin(a, p, n, p=3.0), (X, Y, P), triplet(3.0)),
    "max": (lambda x: (gw.ops.max(x, axis=0) * W).sum(), (X,), ((X.max(0) == X) * W,)),
    "min": (lambda x: (gw.ops.min(x, axis=0) * W).sum(), (X,), ((X.min(0) == X) * W,)),
    "maximum": (lambda x, y: (gw.ops.maximum(x, y) * P).sum(), (X, Y), ((X > Y) * P, (Y > X) * P)),
    "minimum": (lambda x, y: (gw.ops.minimum(x, y) * P).sum(), (X, Y), ((X < Y) * P, (Y < X) * P)),
    "clip": (lambda x: (gw.ops.clip(x, low=-0.5, high=0.5) * P).sum(), (X,), ((np.abs(X) <= 0.5) * P,)),
    "median": (lambda x: gw.ops.median(x), (G[:4],), (in_order(G[:4], 0.5),)),
    "quantile": (lambda x: gw.ops.quantile(x, q=0.3), (G,), (in_order(G, 0.3),)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_formula_gives_the_numbers_of_the_rule(name: str) -> None:
    function, args, expected = CASES[name]
    found = gw.grad(function, argnums=tuple(range(len(args))))(*args)
    for own, formula in zip(found, expected, strict=True):
        assert own == pytest.approx(formula, rel=1e-9, abs=1e-12)
    told = dict(rules(builtin()[name]))
    assert set(told) <= {port.name for port in builtin()[name].ports}
    assert len(told) == len(args)


@pytest.mark.parametrize("op", [op for op in builtin() if op.no_gradient is None], ids=lambda op: op.name)
def test_every_gradient_is_a_formula(op: Op) -> None:
    assert rules(op) or op.traits.carries == "unchanged"
    assert set(op.gradients) <= {port.name for port in op.ports}


def differentiated(op: Op) -> set[str]:
    """The ports that get a gradient in any sample."""
    found: set[str] = set()
    for sample in op.samples:
        args = [argument(given, sample, i) for i, given in enumerate(sample.args)]
        places = [i for i, arg in enumerate(args) if isinstance(arg, np.ndarray) and arg.dtype.kind == "f"]

        def applied(*values: Any, args: list[Any] = args, places: list[int] = places, sample: Any = sample) -> Any:
            given = dict(zip(places, values, strict=True))
            made = op(*(given.get(i, arg) for i, arg in enumerate(args)), **sample.params)
            return gw.ops.sum(made[0] if isinstance(made, tuple) else made)

        try:
            gradients = vjp(applied, *(args[i] for i in places))[1](1.0)
        except GradwireError:  # small numbers that the op refuses
            continue
        found |= {op.port_name(i) for i, g in zip(places, gradients, strict=True) if np.any(g)}
    return found - {port.name for port in op.ports if port.hidden}


@pytest.mark.parametrize("op", [op for op in builtin() if op.no_gradient is None], ids=lambda op: op.name)
def test_every_port_that_gets_a_gradient_is_named(op: Op) -> None:
    """The bias of a convolution, say, which its first sample has not."""
    told, example = rules(op), worked_example(op)
    shown = () if example is None else example.arguments
    ports = {port.name for port in op.ports} | {name for name, _ in shown}
    assert differentiated(op) & ports <= {port for port, _ in told} or op.traits.carries == "unchanged"
    ports = [op.port_name(i) for i in range(8)]
    assert [port for port, _ in told] == sorted((port for port, _ in told), key=ports.index)


def test_a_gradient_says_where_it_is_of_evaluation_alone() -> None:
    told = dict(rules(builtin()["batch_norm"]))
    assert told["beta"] == "sum(g, axis=(0,))"
    assert told["running_mean"] == ("−(sum(g · gamma[None, :, None], axis=(0, 2)) · scale), in evaluation")
    assert dict(rules(builtin()["conv2d"]))["bias"] == "sum(g, axis=(0, 2, 3))"


def test_few_indices_are_listed() -> None:
    assert dict(rules(builtin()["interpolate"]))["x"] == (
        "scatter_add(scatter_add(g, [0, 0, 1, 1, 2, 2], axis=3, shape=(2, 3, 4, 3)), [0, 0, 1, 1], axis=2, "
        "shape=(2, 3, 2, 3))"
    )


@pytest.mark.parametrize("name", ["quantile", "median"])
def test_what_is_computed_is_shown_with_the_functions_that_compute_it(name: str) -> None:
    op = builtin()[name]
    code = whole_code(op.forward, name)
    assert code is not None
    assert code.startswith(f"def {name}(")
    assert "def _quantile(" in code
    assert "def _between(" in code
    assert "def check_elements" not in code
    parts = whole_code(op.composition_rule, "parts")
    assert parts is not None
    assert "def _quantile_composed(" in parts
    assert gradient_code(op) is not None


@pytest.mark.parametrize("name", ["concat", "stack", "einsum", "accumulate"])
def test_as_many_gradients_are_told_as_the_example_has_arguments(name: str) -> None:
    op = builtin()[name]
    example = worked_example(op)
    assert example is not None
    assert [port for port, _ in rules(op)] == [port for port, _ in example.arguments]
