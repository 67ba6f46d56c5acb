"""Known values of activations, what they give at extremes and at kinks, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.errors import GradwireError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin

OPS = {found.name: found for found in builtin()}
INF, NAN = float("inf"), float("nan")
X = (-INF, -1e4, 0.0, 1e4, INF, NAN)
BEND = 1.0507009873554805 * 1.6732632423543772
SCALE = 1.0507009873554805

# At X: the values, and the slopes. Warnings are errors, so a form that overflows on the way fails too.
EXTREMES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "elu": ((-1, -1, 0, 1e4, INF, NAN), (0, 0, 1, 1, 1, NAN)),
    "selu": ((-BEND, -BEND, 0, SCALE * 1e4, INF, NAN), (0, 0, BEND, SCALE, SCALE, NAN)),
    "celu": ((-1, -1, 0, 1e4, INF, NAN), (0, 0, 1, 1, 1, NAN)),
    "gelu": ((0, 0, 0, 1e4, INF, NAN), (0, 0, 0.5, 1, 1, NAN)),
    "silu": ((0, 0, 0, 1e4, INF, NAN), (0, 0, 0.5, 1, 1, NAN)),
    "mish": ((0, 0, 0, 1e4, INF, NAN), (0, 0, 0.6, 1, 1, NAN)),
    "softsign": ((-1, -1e4 / 10001, 0, 1e4 / 10001, 1, NAN), (0, 1 / 10001**2, 1, 1 / 10001**2, 0, NAN)),
    "log_sigmoid": ((-INF, -1e4, -math.log(2), 0, 0, NAN), (1, 1, 0.5, 0, 0, NAN)),
    "tanhshrink": ((-INF, -9999, 0, 9999, INF, NAN), (1, 1, 0, 1, 1, NAN)),
    "relu6": ((0, 0, 0, 6, 6, NAN), (0, 0, 0, 0, 0, 1)),
    "hardtanh": ((-1, -1, 0, 1, 1, NAN), (0, 0, 1, 0, 0, 1)),
    "hardsigmoid": ((0, 0, 0.5, 1, 1, NAN), (0, 0, 1 / 6, 0, 0, 0)),
    "hardswish": ((0, 0, 0, 1e4, INF, NAN), (0, 0, 0.5, 1, 1, NAN)),
    "threshold": ((0, 0, 0, 1e4, INF, NAN), (0, 0, 0, 1, 1, 1)),
    "softshrink": ((-INF, -9999.5, 0, 9999.5, INF, NAN), (1, 1, 0, 1, 1, 1)),
    "hardshrink": ((-INF, -1e4, 0, 1e4, INF, NAN), (1, 1, 0, 1, 1, 1)),
}
CASES = [(name, {}) for name in EXTREMES] + [("gelu", {"approximate": "tanh"})]


def slopes(name: str, *args: Any, **params: Any) -> list[Any]:
    """The gradients of the sum of the op's result, for each argument."""
    found = OPS[name]
    params = found.check_parameters(params)
    y = found.forward(np, *args, **params)
    entries = found.vjp_rule(np.ones(y.shape, y.dtype), y, *args, **params)
    return [entry() if callable(entry) else entry for entry in entries]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "params"), CASES)
def test_activations_and_their_slopes_at_extremes(name: str, params: dict[str, Any], dtype: str) -> None:
    x = np.array(X, dtype)
    value, slope = OPS[name](x, **params), slopes(name, x, **params)[0]
    assert value.dtype == slope.dtype == dtype
    near = 1e-6 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(value, EXTREMES[name][0], rtol=near)
    np.testing.assert_allclose(slope, EXTREMES[name][1], rtol=near, atol=near * 1e-6)


@pytest.mark.parametrize("name", EXTREMES)
def test_activations_take_what_is_transposed_read_only_and_of_integers(name: str) -> None:
    x = np.arange(-6.0, 6.0).reshape(3, 4).T
    x.flags.writeable = False
    assert np.array_equal(OPS[name](x), OPS[name](np.ascontiguousarray(x)))
    whole = OPS[name](x.astype(np.int32))
    assert whole.dtype == np.float64
    assert np.array_equal(whole, OPS[name](x))


def test_what_is_small_stays_precise() -> None:
    """Far below 0 a form that adds 1 and takes it off again would be rounded to nothing."""
    x = np.array([-12.0, -6.0])
    share = np.array([0.5 * math.erfc(-a / math.sqrt(2)) for a in x])
    np.testing.assert_allclose(OPS["gelu"](x), x * share, rtol=1e-12)
    near = 2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    np.testing.assert_allclose(OPS["gelu"](x, approximate="tanh"), x * np.exp(near) / (1 + np.exp(near)), rtol=1e-13)
    for name in ("elu", "celu"):
        np.testing.assert_allclose(OPS[name](np.array([-1e-12])), [-1e-12], rtol=1e-12)
    np.testing.assert_allclose(OPS["mish"](np.array([-50.0])), [-50 * math.exp(-50)], rtol=1e-14)


def test_known_values() -> None:
    x = np.array([-1.0, 2.0])
    assert OPS["gelu"](x) == pytest.approx([-0.15865525393145707, 1.9544997361036416], rel=1e-15)
    assert OPS["silu"](x) == pytest.approx([-0.2689414213699951, 1.7615941559557649], rel=1e-15)
    assert OPS["elu"](x, alpha=2.0) == pytest.approx([2 * (math.exp(-1) - 1), 2.0])
    assert OPS["hardswish"](x) == pytest.approx([-1 / 3, 5 / 3])
    assert OPS["threshold"](x, threshold=2.0, value=7.0).tolist() == [7.0, 7.0]
    assert OPS["softshrink"](x, threshold=0.25).tolist() == [-0.75, 1.75]
    assert OPS["hardshrink"](x, threshold=1.0).tolist() == [0.0, 2.0]
    assert OPS["hardtanh"](x, low=-0.5, high=0.5).tolist() == [-0.5, 0.5]
    assert OPS["glu"](np.array([1.0, 2.0, 0.0, INF])).tolist() == [0.5, 2.0]
    assert OPS["glu"](np.array([[1.0], [-INF]]), axis=0).tolist() == [[0.0]]
    assert OPS["softmin"](np.array([1e4, -1e4])).tolist() == [0.0, 1.0]
    assert OPS["softmin"](np.array([[0.0, math.log(3)]])).tolist() == pytest.approx(np.array([[0.75, 0.25]]))


def test_a_learned_slope_is_one_number_one_for_each_column_or_for_each_channel() -> None:
    x = np.array([[-1.0, -2.0], [3.0, -4.0]])
    assert OPS["prelu"](x, np.array(0.5)).tolist() == [[-0.5, -1.0], [3.0, -2.0]]
    assert OPS["prelu"](x, np.array([0.5, 0.25])).tolist() == [[-0.5, -0.5], [3.0, -1.0]]
    of_x, of_slope = slopes("prelu", x, np.array([0.5, 0.25]))
    assert of_x.tolist() == [[0.5, 0.25], [1.0, 0.25]]
    assert of_slope.tolist() == [-1.0, -6.0]
    pictures = np.full((2, 3, 4, 5), -1.0)
    assert slopes("prelu", pictures, np.ones((3, 1, 1)))[1].tolist() == [[[-40.0]]] * 3
    # At 0 and at infinities.
    of_x, of_slope = slopes("prelu", np.array([0.0, INF, -INF]), np.array([0.5, 0.0, 0.5]))
    assert of_x.tolist() == [0.5, 1.0, 0.5]
    assert of_slope.tolist() == [0.0, 0.0, -INF]


# Where pieces meet: the op, its parameters, and the places, with what PyTorch calls it.
PIECES: list[tuple[str, dict[str, Any], list[float], str]] = [
    ("elu", {"alpha": 0.25}, [0.0], "elu"),
    ("celu", {"alpha": 0.25}, [0.0], "celu"),
    ("selu", {}, [0.0], "selu"),
    ("relu6", {}, [0.0, 6.0], "relu6"),
    ("hardtanh", {"low": -0.5, "high": 2.0}, [-0.5, 2.0], "hardtanh"),
    ("hardsigmoid", {}, [-3.0, 3.0], "hardsigmoid"),
    ("hardswish", {}, [-3.0, 3.0], "hardswish"),
    ("threshold", {"threshold": 1.0, "value": -2.0}, [1.0], "threshold"),
    ("softshrink", {"threshold": 0.25}, [-0.25, 0.25], "softshrink"),
    ("hardshrink", {"threshold": 0.25}, [-0.25, 0.25], "hardshrink"),
    ("softsign", {}, [0.0], "softsign"),
]


@pytest.mark.parametrize(("name", "params", "places", "theirs"), PIECES)
def test_where_pieces_meet_value_and_slope_are_those_of_pytorch(
    name: str, params: dict[str, Any], places: list[float], theirs: str
) -> None:
    torch = pytest.importorskip("torch")
    function: Callable[..., Any] = getattr(torch.nn.functional, theirs)
    x = torch.tensor(places, dtype=torch.float64, requires_grad=True)
    y = function(x, *params.values())
    y.sum().backward()
    assert OPS[name](np.array(places), **params).tolist() == pytest.approx(y.tolist(), rel=1e-15)
    assert slopes(name, np.array(places), **params)[0].tolist() == pytest.approx(x.grad.tolist(), rel=1e-7)


REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("celu", ((2,),), {"alpha": 0.0}, "celu: alpha must be a number above 0, got 0.0"),
    ("celu", ((2,),), {"alpha": -1.0}, "celu: alpha must be a number above 0, got -1.0"),
    (
        "hardtanh",
        ((2,),),
        {"low": 1.0, "high": 0.0},
        "low must be at most high, got 1.0 and 0.0 (low: -1.0, high: 1.0)",
    ),
    ("glu", ((2, 3),), {}, "x (2, 3) has 3 along axis -1, which cannot be halved (an even length)"),
    ("glu", ((),), {}, "x has 0 axes, so no axis -1 (it is a scalar)"),
    ("softmin", ((2, 0),), {"axis": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("softshrink", ((2,),), {"threshold": -1.0}, "softshrink: threshold must be a number of 0 or more, got -1.0"),
    ("gelu", ((2,),), {"approximate": "erf"}, "gelu: approximate must be one of none, tanh, got 'erf'"),
    (
        "prelu",
        ((2, 3), (4,)),
        {},
        "shapes (2, 3) and (4,) do not broadcast: axis -1 has 3 and 4 (lengths must be equal or 1)",
    ),
    ("prelu", ((3,), (2, 3)), {}, "slope (2, 3) has more elements than x (3,) takes (slope: (3,))"),
]


@pytest.mark.parametrize(("name", "shapes", "params", "message"), REFUSED)
def test_activations_refuse_what_they_cannot_compute(
    name: str, shapes: tuple[Any, ...], params: dict[str, Any], message: str
) -> None:
    found = OPS[name]
    with pytest.raises(GradwireError) as caught:
        found.infer([Aval(shape, np.dtype("float32")) for shape in shapes], found.check_parameters(params))
    assert str(caught.value) == message
    with pytest.raises(GradwireError) as caught:
        found(*(np.zeros(shape, np.float32) for shape in shapes), **params)
    assert str(caught.value) == message


def test_hardswish_at_infinity_has_the_same_slope_forwards_and_backwards() -> None:
    places = np.array([-np.inf, np.inf])
    slopes = gw.jvp(builtin()["hardswish"], places, np.ones(2))[1]
    np.testing.assert_array_equal(np.asarray(slopes), [0, 1])
    back = gw.vjp(builtin()["hardswish"], places)[1](np.ones(2))
    np.testing.assert_array_equal(np.asarray(back).reshape(-1), [0, 1])
