"""Functions of one element, roundings, remainders and questions: known answers, extremes, conventions, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from test_op_values import INF, NAN, OPS, gradients

import gradwire.core as gw
from gradwire.core.errors import DataError, GradwireError, ShapeError
from gradwire.core.op import Aval
from gradwire.core.tape import Tensor

NUMPY = (
    *("cbrt", "expm1", "exp2", "log1p", "log2", "log10", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh"),
    *("arcsinh", "arccosh", "arctanh", "floor", "ceil", "trunc", "sign", "isfinite", "isnan", "isinf", "logical_not"),
)
ALL_FLOATS = np.array(
    [-INF, -1e300, -2.5, -1.0, -0.5, -1e-300, -0.0, 0.0, 5e-324, 0.5, 1.0, 1.5, 710.0, 1e300, INF, NAN]
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NUMPY)
def test_functions_are_those_of_numpy_for_every_kind_of_number(name: str, dtype: str) -> None:
    with np.errstate(all="ignore"):
        x = ALL_FLOATS.astype(dtype)
        found, wanted = OPS[name](x), getattr(np, name)(x)
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    "name", ["arctan2", "hypot", "mod", "floor_divide", "logical_and", "logical_or", "logical_xor"]
)
def test_functions_of_two_are_those_of_numpy_for_every_pair(name: str) -> None:
    with np.errstate(all="ignore"):
        found, wanted = (f(ALL_FLOATS[:, None], ALL_FLOATS) for f in (OPS[name], getattr(np, name)))
    np.testing.assert_array_equal(found, wanted)


def test_erf_is_that_of_python() -> None:
    x = np.linspace(-6, 6, 241)
    assert OPS["erf"](x) == pytest.approx([math.erf(each) for each in x], rel=1e-15, abs=0)
    assert OPS["erf"](x.astype(np.float32)).dtype == np.float32
    assert OPS["erf"](np.array([-INF, 0.0, INF])).tolist() == [-1, 0, 1]


# Gradients: (op, arguments, what they are). The last of each is where a careless form overflows or cancels.
SLOPES: list[tuple[str, tuple[Any, ...], tuple[Any, ...]]] = [
    ("rsqrt", ([4.0, 0.0, INF],), ([-1 / 16, -INF, 0],)),
    ("cbrt", ([8.0, -8.0, 0.0],), ([1 / 12, 1 / 12, INF],)),
    ("expm1", ([0.0, -100.0],), ([1, math.exp(-100)],)),
    ("exp2", ([3.0],), ([8 * math.log(2)],)),
    ("log1p", ([1.0, 0.0, -1.0],), ([0.5, 1, INF],)),
    ("log2", ([1.0, 0.0],), ([1 / math.log(2), INF],)),
    ("log10", ([1.0, 0.0],), ([1 / math.log(10), INF],)),
    ("erf", ([0.0, 1.0, 1e200, -INF, NAN],), ([2 / math.sqrt(math.pi), 2 / math.sqrt(math.pi) / math.e, 0, 0, NAN],)),
    ("arcsin", ([0.6, 1.0, -1.0, 1 - 2**-53],), ([1.25, INF, INF, 1 / math.sqrt(2**-52 - 2**-106)],)),
    ("arccos", ([0.6, 1.0, -1.0],), ([-1.25, -INF, -INF],)),
    ("arctan", ([1.0, INF],), ([0.5, 0],)),
    (
        "arctan2",
        ([1.0, 0.0, 0.0, 3e200], [1.0, 0.0, -2.0, 4e200]),
        ([0.5, 0, -0.5, 4 / 25e200], [-0.5, 0, 0, -3 / 25e200]),
    ),
    ("hypot", ([3.0, 0.0, 3e200], [4.0, 0.0, 4e200]), ([0.6, 0, 0.6], [0.8, 0, 0.8])),
    ("arcsinh", ([0.75, -1e300],), ([0.8, 1e-300],)),
    ("arccosh", ([1.25, 1.0, 1e300],), ([4 / 3, INF, 1e-300],)),
    ("arctanh", ([0.5, 1.0, -1.0],), ([4 / 3, INF, INF],)),
    ("mod", ([7.0, -7.0, 1.0], [3.0, 3.0, 5.0]), ([1, 1, 1], [-2, 3, 0])),
]


@pytest.mark.parametrize(("name", "args", "wanted"), SLOPES)
def test_gradients_at_usual_and_extreme_places(name: str, args: Any, wanted: Any) -> None:
    with np.errstate(divide="ignore"):
        found = gradients(name, *args)
    for gradient, expected in zip(found, wanted, strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", ["arcsinh", "arccosh", "hypot", "arctan2"])
def test_in_float32_large_numbers_have_gradients(name: str) -> None:
    x = np.array([1e30], np.float32)
    args = (x, x) if name in ("hypot", "arctan2") else (x,)
    wanted = {"hypot": math.sqrt(0.5), "arctan2": 0.5e-30}.get(name, 1e-30)
    for gradient, sign in zip(gradients(name, *args), (1, -1 if name == "arctan2" else 1), strict=False):
        assert gradient.dtype == np.float32
        assert gradient == pytest.approx(sign * wanted, rel=1e-5, abs=0)


@pytest.mark.parametrize("name", ["erf", "hypot", "arctan2"])
def test_second_derivatives_at_extremes_are_numbers(name: str) -> None:
    def slope(x: Any) -> Any:
        return gw.grad(lambda x: OPS[name](*([x] if name == "erf" else [x, x])).sum())(x).sum()

    for at in (0.0, 1e200):
        assert np.isfinite(gw.grad(slope)(np.array([at, 1.0]))).all()


# Rounding.

ROUNDED = [
    ("floor", [-1.5, -0.5, 0.5, 2.0], {}, [-2, -1, 0, 2]),
    ("ceil", [-1.5, -0.5, 0.5, 2.0], {}, [-1, 0, 1, 2]),
    ("trunc", [-1.5, -0.5, 0.5, 2.0], {}, [-1, 0, 0, 2]),
    ("sign", [-1.5, -0.0, 0.0, 2.0], {}, [-1, 0, 0, 1]),
    ("round", [-1.5, 0.5, 1.5, 2.5, NAN, INF], {}, [-2, 0, 2, 2, NAN, INF]),
    ("round", [0.125, -1.375, 1e300, 1e-9], {"decimals": 2}, [0.12, -1.38, 1e300, 0]),
    ("round", [149.0, -250.0, 3e300], {"decimals": -2}, [100, -200, 3e300]),
    ("floor_divide", [7.0, -7.0, 1.0], {}, [3, -4, 0]),
]


@pytest.mark.parametrize(("name", "x", "params", "wanted"), ROUNDED)
@pytest.mark.parametrize("upstream", [1.0, INF, NAN])
def test_what_moves_in_steps_has_a_gradient_of_exactly_0(
    name: str, x: Any, params: Any, wanted: Any, upstream: float
) -> None:
    others = (2.0,) if name == "floor_divide" else ()
    tensor = Tensor(np.array(x))
    y = OPS[name](tensor, *others, **params)
    np.testing.assert_array_equal(y.numpy(), wanted)
    found = gw.vjp(lambda x: OPS[name](x, *others, **params), np.array(x))[1](np.full(len(x), upstream))[0]
    assert found.tolist() == [0.0] * len(x)
    assert not np.signbit(found).any()
    assert gw.jvp(lambda x: OPS[name](x, *others, **params), (np.array(x),), (np.full(len(x), upstream),))[
        1
    ].tolist() == ([0.0] * len(x))


def test_rounding_follows_numpy_and_leaves_integers_as_they_are() -> None:
    numbers = np.random.default_rng(0).normal(scale=1e3, size=1000)
    for decimals in (-2, -1, 0, 1, 5):
        for x in (numbers, numbers.astype(np.float32)):
            found = OPS["round"](x, decimals=decimals)
            assert found.dtype == x.dtype
            np.testing.assert_array_equal(found, np.round(x, decimals))
    whole = np.array([15, 25, -35], np.int64)
    for name in ("floor", "ceil", "trunc", "round", "sign"):
        found = OPS[name](whole)
        assert found.dtype == np.int64
        assert not np.shares_memory(found, whole)
        assert found.tolist() == ([1, 1, -1] if name == "sign" else whole.tolist())
    assert OPS["round"](whole, decimals=-1).tolist() == [20, 20, -40]
    assert OPS["floor_divide"](np.array([7, -7]), np.array([2, 2])).tolist() == [3, -4]
    assert OPS["mod"](np.array([7, -7, 7]), np.array([3, 3, -3])).tolist() == [1, 2, -2]


def test_python_writes_remainders_and_quotients_as_operators() -> None:
    x = Tensor(np.array([7.0, -7.0]))
    assert (x % 3).numpy().tolist() == [1, 2]
    assert (x // 3).numpy().tolist() == [2, -3]
    assert (10 % x).numpy().tolist() == [3, -4]
    assert (10 // x).numpy().tolist() == [1, -2]
    assert np.mod(x, 3).numpy().tolist() == [1, 2]
    assert np.round(x / 2).numpy().tolist() == [4, -4]
    assert np.arctan2(x, 0.0).numpy().tolist() == [np.pi / 2, -np.pi / 2]


# Refusals.


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "sign"])
def test_booleans_are_not_rounded(name: str) -> None:
    with pytest.raises(ShapeError) as caught:
        OPS[name].infer([Aval((2,), np.dtype("bool"))], OPS[name].check_parameters({}))
    assert str(caught.value) == "arithmetic needs numbers, got bool (cast it to a float or to int64)"


@pytest.mark.parametrize("name", ["mod", "floor_divide"])
def test_integers_are_not_divided_by_0(name: str) -> None:
    with pytest.raises(DataError) as caught:
        OPS[name](np.array([1, 2]), np.array([1, 0]))
    assert str(caught.value) == "integers cannot be divided by 0 (cast y to a float)"
    assert caught.value.port == "y"


def test_decimals_have_a_range() -> None:
    with pytest.raises(GradwireError) as caught:
        OPS["round"](np.ones(2), decimals=31)
    assert str(caught.value) == "round: decimals must be an integer from -30 to 30, got 31"


# Questions.


def test_nan_counts_as_true() -> None:
    x = np.array([0.0, -0.0, NAN, 2.0])
    assert OPS["logical_not"](x).tolist() == [True, True, False, False]
    assert OPS["logical_and"](x, True).tolist() == [False, False, True, True]
    assert OPS["logical_or"](x, np.array([0, 1, 0, 0])).tolist() == [False, True, True, True]
    assert OPS["logical_xor"](x, True).tolist() == [True, True, False, False]


def test_any_and_all() -> None:
    x = np.array([[0.0, 0.0], [NAN, 0.0]])
    assert OPS["any"](x, axis=1).tolist() == [False, True]
    assert OPS["all"](x, axis=1, keepdims=True).tolist() == [[False], [False]]
    empty = np.zeros((2, 0), bool)
    assert (OPS["any"](empty), OPS["all"](empty)) == (False, True)
    assert OPS["all"](empty, axis=1).tolist() == [True, True]


# PyTorch.


def test_conventions_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    places = np.array([-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.5])
    pairs = {"hypot": 1, "arctan2": 0, "mod": 1, "floor_divide": 1}
    theirs = {"arctan2": "atan2", "mod": "remainder", "arcsin": "asin", "arctan": "atan", "arcsinh": "asinh"}
    for name in (*pairs, "floor", "ceil", "trunc", "round", "sign", "arcsin", "arctan", "arcsinh", "expm1", "log1p"):
        x = places if name not in ("arcsin", "log1p") else places[1:6]
        given = [x, *([np.repeat([2.0, -0.5], 4)] if name in pairs else [])]
        tensors = [torch.tensor(each, requires_grad=True) for each in given]
        if name == "floor_divide":
            y = torch.div(*tensors, rounding_mode="floor")
        else:
            y = getattr(torch, theirs.get(name, name))(*tensors)
        y.sum().backward()
        with np.errstate(divide="ignore"):
            found = gradients(name, *given)
            np.testing.assert_allclose(OPS[name](*given), y.detach().numpy(), rtol=1e-14)
        for gradient, tensor in zip(found, tensors, strict=True):
            np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-14, atol=1e-16)
