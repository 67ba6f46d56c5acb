"""Products, running sums, spreads, norms and least elements: known answers, zeros, conventions, refusals."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from test_op_values import INF, NAN, OPS, gradients

import gradwire.core as gw
from gradwire.core.errors import ShapeError
from gradwire.core.op import Aval
from gradwire.core.tape import Tensor

FLOAT = np.dtype("float32")


@given(data=st.data(), name=st.sampled_from(("min", "prod", "var", "std", "any", "all")), keepdims=st.booleans())
def test_reductions_are_those_of_numpy_over_any_axes(data: st.DataObject, name: str, keepdims: bool) -> None:
    shape = data.draw(array_shapes(min_dims=0, max_dims=3, max_side=4))
    some = (
        st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda a: a % len(shape)) if shape else st.just([])
    )
    axis = data.draw(st.none() | some.map(tuple))
    x = np.random.default_rng(0).normal(size=shape)
    params = OPS[name].check_parameters({"axis": axis, "keepdims": keepdims})
    wanted = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(OPS[name](x, **params), wanted, rtol=1e-14)
    assert OPS[name].infer([Aval(x.shape, x.dtype)], params)[0] == Aval(np.shape(wanted), np.asarray(wanted).dtype)
    if name not in ("any", "all"):
        (found,) = gradients(name, x, **params)
        assert found.shape == x.shape
        gw.check_grads(lambda x: OPS[name](x, **params), [x], order=1)


# Products: with none, one, two or all of the elements 0, the derivatives are those of the polynomial.

WITH_ZEROS = ([2.0, -3.0, 0.5, 4.0], [2.0, 0.0, 0.5, 4.0], [0.0, -3.0, 0.0, 4.0], [0.0] * 4, [2.0, 3.0, 0.0])


def without(x: Any, *left_out: int) -> float:
    return math.prod(value for i, value in enumerate(x) if i not in left_out)


@pytest.mark.parametrize("x", WITH_ZEROS)
def test_the_derivatives_of_a_product_are_exact_at_zeros(x: Any) -> None:
    places = range(len(x))
    given = np.array(x)
    assert gw.grad(OPS["prod"])(given).tolist() == [without(x, i) for i in places]
    second = np.array([[0.0 if i == k else without(x, i, k) for k in places] for i in places])
    for i in places:
        assert gw.grad(lambda x, i=i: gw.grad(OPS["prod"])(x)[i])(given).tolist() == second[i].tolist()
        assert gw.jvp(gw.grad(OPS["prod"]), (given,), (np.eye(len(x))[i],))[1].tolist() == second[i].tolist()


@pytest.mark.parametrize("x", WITH_ZEROS)
def test_the_derivatives_of_running_products_are_exact_at_zeros(x: Any) -> None:
    places, given = range(len(x)), np.array(x)
    g = np.array([1.0, -2.0, 4.0, 8.0][: len(x)])

    def weighted(x: Any) -> Any:
        return (OPS["cumprod"](x) * g).sum()

    def slope(*by: int) -> float:
        return sum(g[k] * without(x[: k + 1], *by) for k in places if k >= max(by))

    assert gw.grad(weighted)(given).tolist() == [slope(i) for i in places]
    for i, k in itertools.product(places, places):
        found = gw.grad(lambda x, i=i: gw.grad(weighted)(x)[i])(given)[k]
        assert found == (0.0 if i == k else slope(i, k))


@pytest.mark.parametrize("length", [*range(10), 31, 32, 33])
def test_running_products_of_any_length_have_the_gradients_of_loops(length: int) -> None:
    numbers = np.random.default_rng(length)
    x, g = numbers.normal(size=(2, length)), numbers.normal(size=(2, length))
    x[:, length // 2 : length // 2 + 1] = 0.0
    wanted = np.zeros(x.shape)
    for row, i in np.ndindex(x.shape):
        wanted[row, i] = sum(g[row, k] * np.prod(np.delete(x[row, : k + 1], i)) for k in range(i, length))
    found = gw.vjp(lambda x: OPS["cumprod"](x, axis=1), x)[1](g)[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    assert gw.vjp(lambda x: OPS["prod"](x, axis=1), x)[1](np.ones(2))[0] == pytest.approx(
        np.array([[np.prod(np.delete(row, i)) for i in range(length)] for row in x]).reshape(x.shape)
    )


def test_a_product_of_more_axes_than_one_has_the_gradient_of_its_elements() -> None:
    x = np.arange(24.0).reshape(2, 3, 4) / 8
    for axis in ((0, 2), (2, 0), (1,), (), None, (-1, 1)):
        (found,) = gradients("prod", x, axis=axis)
        for index in np.ndindex(x.shape):
            one = x.copy()
            one[index] = 1.0
            others = np.prod(one, axis=axis, keepdims=True)
            assert found[index] == pytest.approx(np.broadcast_to(others, x.shape)[index], rel=1e-12)


def test_products_that_overflow_only_in_part_have_no_nan() -> None:
    with np.errstate(over="ignore"):  # the product of the first two is 1e400
        (found,) = gradients("prod", [1e200, 1e200, 1e-300])
    assert found.tolist() == [pytest.approx(1e-100), pytest.approx(1e-100), INF]


def test_running_ops_without_an_axis_run_through_all_elements() -> None:
    x = np.arange(1.0, 7.0).reshape(2, 3).T  # not in C order
    for name in ("cumsum", "cumprod"):
        found = OPS[name](x)
        np.testing.assert_array_equal(found, getattr(np, name)(x))
        assert OPS[name].infer([Aval(x.shape, x.dtype)], {"axis": None})[0].shape == (6,)
        assert gradients(name, x)[0].shape == x.shape
        gw.check_grads(OPS[name], [x], order=2)
    assert gradients("cumsum", x)[0].tolist() == [[6, 5], [4, 3], [2, 1]]
    assert OPS["cumsum"](np.array(2.0)).tolist() == [2.0]
    assert OPS["cumsum"](np.zeros((0, 3))).shape == (0,)


def test_whole_numbers_and_booleans_are_counted_in_int64() -> None:
    for name, dtype in itertools.product(("prod", "cumsum", "cumprod"), ("int32", "bool")):
        x = np.array([1, 1, 0]).astype(dtype)
        assert OPS[name](x).dtype == np.int64
        assert OPS[name].infer([Aval((3,), x.dtype)], OPS[name].check_parameters({}))[0].dtype == np.int64
    assert OPS["cumsum"](np.array([True, True, False])).tolist() == [1, 2, 2]
    assert OPS["prod"](np.zeros((2, 0)), axis=1).tolist() == [1, 1]


# The least.


def test_the_least_shares_its_gradient_at_a_tie_and_nan_wins() -> None:
    assert gradients("min", [3.0, 1.0, 1.0, 2.0])[0].tolist() == [0, 0.5, 0.5, 0]
    assert np.isnan(OPS["min"](np.array([1.0, NAN])))
    assert OPS["argmin"](np.array([[3, 1, 1], [0, 0, 0]]), axis=1).tolist() == [1, 0]
    assert OPS["argmin"](np.array([[5.0, 2.0], [NAN, 1.0]])) == 2
    assert OPS["argmin"](np.array([[5.0, 2.0]]), keepdims=True).tolist() == [[1]]


# Spreads.


def test_spreads_are_those_of_numpy() -> None:
    x = np.random.default_rng(0).normal(size=(4, 5))
    for name, ddof, axis in itertools.product(("var", "std"), (0, 1, 2), (None, 0, (0, 1))):
        np.testing.assert_allclose(OPS[name](x, axis=axis, ddof=ddof), getattr(np, name)(x, axis=axis, ddof=ddof))
    assert OPS["var"](np.array([1, 2, 4, 5])) == 2.5
    assert OPS["std"](np.array([2, 4, 4, 4, 5, 5, 7, 9])) == 2.0
    assert OPS["var"](x.astype(np.float32)).dtype == np.float32
    assert np.std(Tensor(x), axis=1, ddof=1).numpy() == pytest.approx(np.std(x, axis=1, ddof=1))


def test_the_gradient_of_a_spread_of_equal_elements_is_0() -> None:
    assert gradients("std", [[2.0, 2.0], [1.0, 3.0]], axis=1)[0].tolist() == [[0, 0], [-0.5, 0.5]]
    assert gradients("var", [2.0, 2.0])[0].tolist() == [0, 0]
    second = gw.grad(lambda x: (gw.grad(OPS["std"])(x) * np.array([1.0, 2.0])).sum())
    assert np.isfinite(second(np.array([2.0, 2.0]))).all()


# Norms.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("ord", [0, 0.5, 1, 1.5, 2, 3, 7, -0.5, -1, -2, INF, -INF])
def test_norms_are_those_of_numpy(ord: float, dtype: str) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(dtype)
    x[0, 0, 0] = 0.0
    for axis in (None, 1, (0, 2)):
        with np.errstate(divide="ignore"):
            wanted = np.linalg.vector_norm(x, axis=axis, ord=ord, keepdims=True)
        found = OPS["norm"](x, ord=ord, axis=axis, keepdims=True)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-5 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize("ord", [0.5, 1, 2, 3, -1, INF, -INF])
@pytest.mark.parametrize("size", [1e-320, 1e-300, 1.0, 2e150, 1e307])
def test_norms_neither_overflow_nor_vanish_on_the_way(ord: float, size: float) -> None:
    ones = {"0.5": 4.0, "-1": 0.5, "inf": 1.0, "-inf": 1.0}.get(f"{ord:g}", 2 ** (1 / ord) if abs(ord) < INF else 1)
    rel = 1e-3 if size == 1e-320 else 1e-14  # of so small a number only a few digits are kept
    assert OPS["norm"](np.array([size, -size]), ord=ord) == pytest.approx(ones * size, rel=rel, abs=0)
    (found,) = gradients("norm", [size, -size], ord=float(ord))
    assert np.isfinite(found).all()
    assert found[0] == -found[1] > 0


def test_norms_keep_every_digit_of_known_ones() -> None:
    assert OPS["norm"](np.array([3, 4])) == 5
    assert OPS["norm"](np.array([2.0, 3.0, 6.0])) == 7
    assert OPS["norm"](np.array([[1.0, -2.0], [2.0, 4.0]])) == 5
    assert OPS["norm"](np.array([0.0, -2.0, 0.0]), ord=0) == 1
    assert OPS["norm"](np.zeros(0)) == 0
    assert np.isnan(OPS["norm"](np.array([1.0, NAN])))
    assert OPS["norm"](np.array([1.0, -INF])) == INF


@pytest.mark.parametrize("x", [[0.0, 0.0, 0.0], [0.0, -2.0, 2.0], [3.0, -1.0, 0.5]])
@pytest.mark.parametrize("ord", [1, 2, 3, 1.5, 0.5, -1, INF, -INF])
def test_gradients_of_norms_are_those_of_pytorch(x: Any, ord: float) -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    torch.linalg.vector_norm(tensor, ord).backward()
    np.testing.assert_allclose(gradients("norm", x, ord=float(ord))[0], tensor.grad.numpy(), rtol=1e-14, atol=1e-15)


def test_counting_has_no_gradient() -> None:
    assert gradients("norm", [1.0, 0.0], ord=0.0) == [None]


def test_a_running_product_has_the_gradient_of_its_definition_at_zeros_and_infinities() -> None:
    for x in map(np.array, itertools.product([2.0, 0.0, INF], repeat=5)):
        found = gw.vjp(lambda x: OPS["cumprod"](x), x)[1](np.ones(5))[0]
        behind, wanted = np.float64(0), []
        with np.errstate(invalid="ignore"):
            for i in reversed(range(5)):
                behind = 1 + (x[i + 1] * behind if i < 4 else 0)
                wanted.insert(0, np.prod(x[:i]) * behind)
        np.testing.assert_array_equal(found, wanted, err_msg=f"of {x}")


@pytest.mark.parametrize("name", ["mean", "var", "std"])
@pytest.mark.parametrize("params", [{}, {"axis": 1}, {"axis": 0}, {"axis": 1, "keepdims": True}])
def test_a_mean_of_no_elements_is_nan_as_numpy_has_it_but_in_silence(name: str, params: dict[str, Any]) -> None:
    empty = np.zeros((2, 0), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(np, name)(empty, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, pull = gw.vjp(lambda x: OPS[name](x, **params), empty)
        (back,) = pull(np.ones_like(found))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected, strict=True)
    assert OPS[name].infer([Aval((2, 0), FLOAT)], OPS[name].check_parameters(params))[0].shape == np.shape(found)
    assert back.shape == (2, 0)


SECOND: list[tuple[str, list[Any], dict[str, Any], list[float]]] = [  # where PyTorch has NaN, or where a product met it
    ("hypot", [[0.0, 3.0], [0.0, 4.0]], {}, [0.0, 16 / 125]),
    ("norm", [[1.0, INF, 2.0]], {"ord": -1.0}, [-4 / 27, 0.0, 2 / 27]),
    ("norm", [[0.0, INF]], {"ord": -1.0}, [0.0, 0.0]),
    ("prod", [[-INF, 0.0, 2.0]], {}, [2.0, -INF, -INF]),
    ("softsign", [[INF, np.nan]], {}, [0.0, np.nan]),
    ("gelu", [[-INF, np.nan]], {"approximate": "tanh"}, [0.0, np.nan]),
    ("prelu", [[2.0, 3.0], [INF, np.nan]], {}, [0.0, 0.0]),
]


@pytest.mark.parametrize(("name", "args", "params", "wanted"), SECOND)
def test_second_derivatives_at_corners_and_infinities_are_their_limits(
    name: str, args: list[Any], params: dict[str, Any], wanted: list[float]
) -> None:
    x, *more = map(np.array, args)

    def slope(x: Any) -> Any:
        return gw.vjp(lambda x: gw.ops.sum(OPS[name](x, *more, **params)), x)[1]()[0]

    found = gw.vjp(lambda x: gw.ops.sum(slope(x)), x)[1]()[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_forward_derivatives_of_nothing_and_of_a_row_that_is_ignored() -> None:
    """NaN as the mean itself is, and what the other rows give."""
    assert np.isnan(gw.jvp(lambda x: OPS["mean"](x), [np.zeros(0)], [np.zeros(0)])[1])
    logits, step = np.array([[1.0, 2.0], [-INF, -INF]]), np.array([[1.0, 0.0], [3.0, 4.0]])

    def loss(x: Any) -> Any:
        return OPS["cross_entropy"](x, np.array([0, -1]), ignore_index=-1)

    assert gw.jvp(loss, [logits], [step])[1] == pytest.approx(1 / (1 + np.exp(1.0)) - 1, rel=1e-12)


# Refusals.
# fmt: off
REFUSED: list[tuple[str, tuple[int, ...], dict[str, Any], str]] = [
    ("min", (2, 0), {"axis": 1},
     "x (2, 0) has no elements along axis 1, and min needs at least one (lengths of 1 or more)"),
    ("argmin", (0,), {}, "x (0,) has no elements, and argmin needs at least one (lengths of 1 or more)"),
    ("norm", (2, 0), {"axis": 1, "ord": "inf"},
     "x (2, 0) has no elements along axis 1, and a norm of order inf needs at least one (lengths of 1 or more)"),
    ("norm", (0,), {"ord": -1},
     "x (0,) has no elements, and a norm of order -1 needs at least one (lengths of 1 or more)"),
    ("cumsum", (2, 3), {"axis": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("cumprod", (), {"axis": 0}, "x has 0 axes, so no axis 0 (it is a scalar)"),
    ("prod", (2, 3), {"axis": [0, -2]}, "axis (0, -2) names one axis twice"),
    ("any", (2,), {"axis": 1}, "x has 1 axis, so no axis 1 (axes: -1 to 0)"),
]
# fmt: on


@pytest.mark.parametrize(("name", "shape", "params", "message"), REFUSED)
def test_what_cannot_be_computed_is_refused_before_and_while_it_runs(
    name: str, shape: tuple[int, ...], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        OPS[name].infer([Aval(shape, FLOAT)], OPS[name].check_parameters(params))
    assert (str(caught.value), caught.value.port) == (message, "x")
    if shape:  # NumPy makes a vector of a scalar here
        with pytest.raises(ShapeError) as caught:
            OPS[name](np.zeros(shape), **OPS[name].check_parameters(params))
        assert str(caught.value) == message
