"""Known values, conventions at kinks and ties, and safe forms at extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradwire.core import random
from gradwire.core.op import promote
from gradwire.core.ops import builtin

OPS = {found.name: found for found in builtin()}
INF, NAN = float("inf"), float("nan")


def gradients(name: str, *args: Any, dtype: str = "float64", **params: Any) -> list[Any]:
    """The gradients of the sum of the op's result, for each argument."""
    found = OPS[name]
    params = found.check_parameters(params)
    arrays = tuple(a if hasattr(a, "dtype") else np.array(a, dtype) for a in args)
    arrays = promote(found, arrays)
    y = found.forward(np, *arrays, **params)
    entries = found.vjp_rule(np.ones(y.shape, y.dtype), y, *arrays, **params)
    return [entry() if callable(entry) else entry for entry in entries]


# Where a derivative is a convention: (op, arguments, parameters, gradients). PyTorch's numbers but for the
# logsumexp of nothing but −infinity, where PyTorch gives NaN.
KINKS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...]]] = [
    ("relu", ([-1.0, 0.0, 1.0, NAN],), {}, ([0, 0, 1, 1],)),
    ("leaky_relu", ([-1.0, 0.0, 1.0],), {"slope": 0.25}, ([0.25, 0.25, 1],)),
    ("abs", ([-2.0, 0.0, 2.0],), {}, ([-1, 0, 1],)),
    ("maximum", ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]), {}, ([0, 0.5, 1], [1, 0.5, 0])),
    ("minimum", ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]), {}, ([1, 0.5, 0], [0, 0.5, 1])),
    ("clip", ([-2.0, -1.0, 0.0, 1.0, 2.0],), {"low": -1.0, "high": 1.0}, ([0, 1, 1, 1, 0],)),
    ("max", ([3.0, 1.0, 3.0, 2.0],), {}, ([0.5, 0, 0.5, 0],)),
    ("power", ([0.0, 2.0, 0.0], [0.0, 0.0, 2.0]), {}, ([0, 0, 0], [0, np.log(2), 0])),
    ("power", ([5e-324, 4e-309, 0.0], [0.0, 0.0, 0.0]), {}, ([0, 0, 0], [np.log(5e-324), np.log(4e-309), 0])),
    ("logsumexp", ([-INF, 1.0],), {}, ([0, 1],)),
    ("logsumexp", ([-INF, -INF],), {}, ([0, 0],)),
]


@pytest.mark.parametrize(("name", "args", "params", "expected"), KINKS)
def test_gradients_at_kinks(name: str, args: Any, params: Any, expected: Any) -> None:
    for found, wanted in zip(gradients(name, *args, **params), expected, strict=True):
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize(("name", "args", "params", "expected"), KINKS[:-1])
def test_gradients_at_kinks_are_those_of_pytorch(name: str, args: Any, params: Any, expected: Any) -> None:
    torch = pytest.importorskip("torch")
    functions = {
        "leaky_relu": lambda x: torch.nn.functional.leaky_relu(x, params["slope"]),
        "clip": lambda x: torch.clamp(x, params["low"], params["high"]),
        "max": torch.amax,
        "power": torch.pow,
        "logsumexp": lambda x: torch.logsumexp(x, 0),
    }
    tensors = [torch.tensor(arg, dtype=torch.float64, requires_grad=True) for arg in args]
    functions.get(name, getattr(torch, name, None))(*tensors).sum().backward()
    for tensor, wanted in zip(tensors, expected, strict=True):
        assert np.array_equal(tensor.grad.numpy(), wanted)


def test_the_maximum_of_a_tie_over_an_axis_shares_within_its_row() -> None:
    (found,) = gradients("max", [[1.0, 1.0, 1.0, 0.0], [0.0, 2.0, 1.0, 0.0]], axis=1)
    assert np.array_equal(found, [[1 / 3, 1 / 3, 1 / 3, 0], [0, 1, 0, 0]])


# Extremes. Warnings are errors here, so a form that overflows on the way fails too.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_safe_forms_at_extremes(dtype: str) -> None:
    x = np.array([-INF, -1e4, -50, 0, 50, 1e4, INF, NAN], dtype)
    sigmoid = OPS["sigmoid"](x)
    assert sigmoid.dtype == dtype
    assert sigmoid == pytest.approx(np.array([0, 0, np.exp(-50), 0.5, 1, 1, 1, NAN]), rel=1e-6, nan_ok=True, abs=0)
    softplus = OPS["softplus"](x)
    assert softplus == pytest.approx([0, 0, np.exp(-50), np.log(2), 50, 1e4, INF, NAN], rel=1e-6, nan_ok=True, abs=0)
    assert gradients("softplus", x)[0][:7] == pytest.approx([0, 0, np.exp(-50), 0.5, 1, 1, 1], rel=1e-6, abs=0)
    assert gradients("sigmoid", x)[0][[0, 1, 5, 6]].tolist() == [0, 0, 0, 0]
    assert np.isnan(OPS["relu"](x)[-1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logsumexp_at_extremes(dtype: str) -> None:
    x = np.array([[-INF, -INF], [-1e4, -1e4], [1e4, 1e4], [-INF, 3], [INF, 0]], dtype)
    y = OPS["logsumexp"](x, axis=1)
    assert y == pytest.approx([-INF, -1e4 + np.log(2), 1e4 + np.log(2), 3, INF])
    (g,) = gradients("logsumexp", x[:4], axis=1)
    assert np.array_equal(g, [[0, 0], [0.5, 0.5], [0.5, 0.5], [0, 1]]) or g == pytest.approx(
        np.array([[0, 0], [0.5, 0.5], [0.5, 0.5], [0, 1]]), rel=1e-3
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_at_extremes(dtype: str) -> None:
    x = np.array([[1e4, -1e4], [-INF, 0], [1e4, 1e4]], dtype)
    assert OPS["softmax"](x).tolist() == [[1, 0], [0, 1], [0.5, 0.5]]
    assert OPS["log_softmax"](x[[0, 2]]) == pytest.approx(np.array([[0, -2e4], [-np.log(2)] * 2]))
    for name in ("softmax", "log_softmax"):
        assert np.isfinite(gradients(name, x[[0, 2]])[0]).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_losses_stay_finite_at_extreme_logits(dtype: str) -> None:
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0]], dtype)
    labels = np.array([1, 1])
    assert OPS["cross_entropy"](logits, labels, reduction="none").tolist() == [2e4, 0]
    (g, none) = gradients("cross_entropy", logits, labels)
    assert none is None
    assert g.dtype == dtype
    assert g.tolist() == [[0.5, -0.5, 0], [0, 0, 0]]
    soft = np.array([[0.5, 0.5, 0], [0, 1, 0]], dtype)
    assert OPS["cross_entropy"](logits, soft, reduction="none").tolist() == [1e4, 0]
    assert all(np.isfinite(entry).all() for entry in gradients("cross_entropy", logits, soft))
    x, t = np.array([1e4, -1e4, 1e4, -1e4], dtype), np.array([0, 0, 1, 1], dtype)
    assert OPS["binary_cross_entropy"](x, t, reduction="none").tolist() == [1e4, 0, 0, 1e4]
    assert gradients("binary_cross_entropy", x, t, reduction="sum")[0].tolist() == [1, 0, 0, -1]


def test_binary_cross_entropy_keeps_small_losses() -> None:
    x, t = np.array([20, -20], np.float32), np.array([1, 0], np.float32)
    assert OPS["binary_cross_entropy"](x, t, reduction="none") == pytest.approx([np.exp(-20)] * 2, rel=1e-6)


# Known values.


def test_losses_give_the_numbers_of_their_formulas() -> None:
    logits = np.log([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]])
    labels = np.array([2, 1])
    each = [-np.log(0.5), -np.log(0.2)]
    for name in ("cross_entropy", "nll"):
        assert OPS[name](logits, labels, reduction="none") == pytest.approx(each)
        assert OPS[name](logits, labels, reduction="sum") == pytest.approx(sum(each))
        assert OPS[name](logits, labels) == pytest.approx(sum(each) / 2)
    one_hot = OPS["one_hot"](labels, classes=3)
    assert OPS["cross_entropy"](logits, one_hot) == pytest.approx(sum(each) / 2)
    assert OPS["mse"](np.array([1.0, 4.0]), np.array([0.0, 2.0])) == 2.5
    assert OPS["sigmoid"](np.array(1.0)) == pytest.approx(0.7310585786, abs=1e-10)


def test_losses_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    numbers = np.random.default_rng(0)
    logits, labels = numbers.normal(size=(5, 3)), numbers.integers(0, 3, 5)
    soft, binary = numbers.dirichlet([1, 1, 1], 5), numbers.uniform(size=(5, 3))
    ours = torch.tensor
    functions = torch.nn.functional
    for reduction in ("mean", "sum", "none"):
        pairs = [
            (
                "cross_entropy",
                labels,
                functions.cross_entropy(ours(logits), ours(labels), reduction=reduction),
            ),
            ("cross_entropy", soft, functions.cross_entropy(ours(logits), ours(soft), reduction=reduction)),
            ("nll", labels, functions.nll_loss(ours(logits), ours(labels), reduction=reduction)),
            ("mse", soft, functions.mse_loss(ours(logits), ours(soft), reduction=reduction)),
            (
                "binary_cross_entropy",
                binary,
                functions.binary_cross_entropy_with_logits(ours(logits), ours(binary), reduction=reduction),
            ),
        ]
        for name, target, theirs in pairs:
            assert OPS[name](logits, target, reduction=reduction) == pytest.approx(theirs.numpy(), rel=1e-12)


def test_integers_become_floats_where_a_float_is_needed() -> None:
    whole = np.array([1, 2, 4])
    for name in ("mean", "logsumexp", "exp", "sigmoid", "relu", "softmax"):
        assert OPS[name](whole).dtype == np.float64
    assert OPS["sum"](np.array([True, True], bool)) == 2
    assert OPS["sum"](np.array([1, 2], np.int32)).dtype == np.int64
    assert OPS["mse"](np.array([1, 2], np.float32), whole[:2]).dtype == np.float32


def test_argmax_takes_the_first_of_a_tie() -> None:
    assert OPS["argmax"](np.array([[1, 3, 3], [0, 0, 0]]), axis=1).tolist() == [1, 0]
    assert OPS["argmax"](np.array([[1, 2], [4, 3]])) == 2


# Sources, draws, dropout.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_initial_values_have_their_spread(dtype: str) -> None:
    def start(init: str, **params: Any) -> Any:
        found = OPS["parameter"](shape=(200, 300), init=init, dtype=dtype, stream=1, **params)
        assert found.dtype == dtype
        return found

    assert np.array_equal(start("zeros"), np.zeros((200, 300)))
    assert np.array_equal(start("ones"), np.ones((200, 300)))
    assert np.array_equal(start("constant", value=0.5), np.full((200, 300), 0.5))
    assert start("normal", scale=0.1).std() == pytest.approx(0.1, rel=0.02)
    assert start("he").std() == pytest.approx(np.sqrt(2 / 200), rel=0.02)
    for init, params, bound in (("uniform", {"scale": 0.1}, 0.1), ("xavier", {}, np.sqrt(6 / 500))):
        found = start(init, **params)
        assert np.abs(found).max() <= np.dtype(dtype).type(bound)
        assert found.std() == pytest.approx(bound / np.sqrt(3), rel=0.02)
        assert np.array_equal(found, start(init, **params, seed=0))
        assert not np.array_equal(found, start(init, **params, seed=1))


def test_constants_may_hold_what_json_has_no_number_for() -> None:
    found = OPS["constant"](value=[[1, "inf"], ["-inf", "nan"]], dtype="float32")
    assert np.array_equal(found, np.array([[1, INF], [-INF, NAN]], np.float32), equal_nan=True)


def test_draws_repeat_for_a_state_and_differ_between_states() -> None:
    first, second = random.state(3, iteration=1), random.state(3, iteration=2)
    normal, uniform = OPS["random_normal"], OPS["random_uniform"]
    found = normal(first, shape=(10_000,), mean=2.0, std=0.5, dtype="float32")
    assert found.dtype == np.float32
    assert found.mean() == pytest.approx(2, abs=0.02)
    assert found.std() == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(found, normal(first, shape=(10_000,), mean=2.0, std=0.5, dtype="float32"))
    assert not np.array_equal(normal(first, shape=(3,)), normal(second, shape=(3,)))
    assert not np.array_equal(normal(first, shape=(3,)), normal(first, shape=(3,), stream=1))
    evenly = uniform(first, shape=(10_000,), low=-1.0, high=3.0)
    assert evenly.min() >= -1
    assert evenly.max() <= 3
    assert evenly.mean() == pytest.approx(1, abs=0.05)


def test_dropout_keeps_the_expectation_and_leaves_evaluation_alone() -> None:
    x = np.ones((100, 100), np.float32)
    state = random.state(0)
    y = OPS["dropout"](x, state, rate=0.25)
    assert y.dtype == np.float32
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert OPS["dropout"](x, mode="eval") is x
    assert not OPS["dropout"](x, state, rate=1.0).any()
    assert np.array_equal(OPS["dropout"](x, state, rate=0.0), x)
