"""Ops that put in order: known answers, ties, NaN, empty values, medians and quantiles, and refusals in full."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from gradwire.core import vjp
from gradwire.core.errors import ParameterError, ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin

OPS = builtin()
INF, NAN = float("inf"), float("nan")
# Few values, so that many tie; both zeros are one.
NUMBERS = arrays(
    np.float64, array_shapes(max_dims=3, max_side=5), elements=st.sampled_from([-INF, -1.0, -0.0, 0.0, 2.0, INF, NAN])
)


def gradient(name: str, x: Any, **params: Any) -> Any:
    """The gradient of the sum of the op's first result."""

    def total(x: Any) -> Any:
        made = OPS[name](x, **params)
        return OPS["sum"](made[0] if isinstance(made, tuple) else made)

    return vjp(total, np.asarray(x, np.float64))[1]()[0]


@given(x=NUMBERS, descending=st.booleans(), data=st.data())
def test_order_is_that_of_pytorchs_stable_sort(x: Any, descending: bool, data: st.DataObject) -> None:
    torch = pytest.importorskip("torch")
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    theirs = torch.sort(torch.tensor(x), dim=axis, descending=descending, stable=True)
    np.testing.assert_array_equal(OPS["sort"](x, axis=axis, descending=descending), theirs.values.numpy())
    order = OPS["argsort"](x, axis=axis, descending=descending)
    np.testing.assert_array_equal(order, theirs.indices.numpy())
    values, indices = OPS["top_k"](x, k=1, axis=axis, largest=descending)
    np.testing.assert_array_equal(indices, np.take(order, [0], axis=axis))
    np.testing.assert_array_equal(values, np.take_along_axis(x, indices, axis))


def test_ties_keep_their_order_and_each_gradient_goes_to_its_own_element() -> None:
    x = np.array([2.0, 1.0, 2.0, 1.0])
    assert OPS["argsort"](x).tolist() == [1, 3, 0, 2]
    assert OPS["argsort"](x, descending=True).tolist() == [0, 2, 1, 3]
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    (back,) = vjp(lambda x: (OPS["sort"](x, descending=True) * weights).sum(), x)[1]()
    assert back.tolist() == [1, 100, 10, 1000]
    values, indices = OPS["top_k"](x, k=3)
    assert (values.tolist(), indices.tolist()) == ([2, 2, 1], [0, 2, 1])
    assert gradient("top_k", x, k=3).tolist() == [1, 1, 1, 0]
    assert gradient("top_k", x, k=1, largest=False).tolist() == [0, 1, 0, 0]


def test_integers_and_booleans_are_put_in_order_without_loss() -> None:
    extremes = np.array([0, np.iinfo(np.int64).min, np.iinfo(np.int64).max])
    assert OPS["argsort"](extremes, descending=True).tolist() == [2, 0, 1]
    found = OPS["sort"](np.array([True, False, True]))
    assert (found.dtype, found.tolist()) == (np.bool_, [False, True, True])


@given(x=NUMBERS, q=st.sampled_from([0.0, 0.1, 0.25, 0.5, 2 / 3, 0.9, 1.0]), data=st.data(), keepdims=st.booleans())
def test_quantiles_and_medians_are_those_of_numpy(x: Any, q: float, data: st.DataObject, keepdims: bool) -> None:
    some = st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda a: a % x.ndim, min_size=1).map(tuple)
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | some)
    x = np.where(np.isinf(x), 7.0 * np.sign(x), x)  # between two infinities NumPy gives NaN
    for name, mine, theirs in (
        ("median", {}, np.median),
        ("quantile", {"q": q}, lambda x, **more: np.quantile(x, q, **more)),
    ):
        found = OPS[name](x, axis=axis, keepdims=keepdims, **mine)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.testing.assert_allclose(found, theirs(x, axis=axis, keepdims=keepdims), rtol=1e-15, atol=1e-15)


KNOWN: list[tuple[str, Any, dict[str, Any], Any, Any]] = [
    ("median", [3.0, 1.0, 2.0], {}, 2.0, [0, 0, 1]),
    ("median", [4.0, 1.0, 3.0, 2.0], {}, 2.5, [0, 0, 0.5, 0.5]),
    ("median", [5.0, 5.0, 5.0], {}, 5.0, [0, 1, 0]),  # of those that tie the first is the least
    ("median", [1.0, NAN, 2.0], {}, NAN, [0, 1, 0]),
    ("median", [INF, INF, -INF, INF], {}, INF, [0.5, 0.5, 0, 0]),
    ("median", [1.7e308, 1.7e308], {}, 1.7e308, [0.5, 0.5]),  # their sum would be infinite
    ("median", 3.0, {}, 3.0, 1.0),
    ("median", [[1.0, 4.0], [3.0, 2.0]], {"axis": 1, "keepdims": True}, [[2.5], [2.5]], [[0.5, 0.5], [0.5, 0.5]]),
    ("quantile", [4.0, 0.0, 2.0], {"q": 0.25}, 1.0, [0, 0.5, 0.5]),
    ("quantile", [4.0, 0.0, 2.0], {"q": 1.0}, 4.0, [1, 0, 0]),
    ("quantile", [0.0, INF], {"q": 0.0}, 0.0, [1, 0]),
    ("quantile", [-INF, -INF, 3.0], {"q": 0.25}, -INF, [0.5, 0.5, 0]),
    ("quantile", [-INF, INF], {"q": 0.5}, NAN, None),
]


@pytest.mark.parametrize(("name", "x", "params", "value", "back"), KNOWN)
def test_known_medians_and_quantiles_with_their_gradients(
    name: str, x: Any, params: Any, value: Any, back: Any
) -> None:
    for dtype in ("float64", "float32")[: 1 if np.max(np.abs(x)) == 1.7e308 else 2]:
        found = OPS[name](np.array(x, dtype), **params)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, np.array(value, dtype))
    if back is not None:
        np.testing.assert_array_equal(gradient(name, x, **params), back)


@pytest.mark.parametrize("x", [[3.0, INF, 1.0, INF], [-INF, 2.0, -INF, 5.0], [-INF, INF], [INF, 1.0, -INF]])
def test_infinities_have_their_place_in_the_order(x: list[float]) -> None:
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(OPS["median"](np.array(x)), np.median(x))
    shares = np.bincount(np.argsort(x)[[(len(x) - 1) // 2, len(x) // 2]], minlength=len(x)) / 2
    np.testing.assert_array_equal(gradient("median", x), shares)


def test_of_nothing_there_is_an_order_and_no_median() -> None:
    empty = np.zeros((2, 0))
    assert OPS["sort"](empty).shape == OPS["argsort"](empty, descending=True).shape == (2, 0)
    assert OPS["median"](empty, axis=0).shape == (0,)


LEAST = "needs at least one (lengths of 1 or more)"
# fmt: off
REFUSED: list[tuple[str, Any, dict[str, Any], str]] = [
    ("sort", (), {}, "x has 0 axes, so no axis -1 (it is a scalar)"),
    ("argsort", (2, 3), {"axis": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("top_k", (2, 3), {"k": 4}, "x (2, 3) has 3 along axis -1, so no 4 to choose (k: up to 3)"),
    ("median", (2, 0), {"axis": 1}, f"x (2, 0) has no elements along axis 1, and median {LEAST}"),
    ("quantile", (0,), {"q": 0.5}, f"x (0,) has no elements, and quantile {LEAST}"),
    ("quantile", (2, 3), {"q": 0.5, "axis": (0, -2)}, "axis (0, -2) names one axis twice"),
]
# fmt: on


@pytest.mark.parametrize(("name", "shape", "params", "message"), REFUSED)
def test_what_has_no_order_is_refused(name: str, shape: Any, params: Any, message: str) -> None:
    op = OPS[name]
    for attempt in (
        lambda: op.infer([Aval(shape, np.dtype("float64"))], op.check_parameters(params)),
        lambda: op(np.zeros(shape), **params),
    ):
        with pytest.raises(ShapeError) as caught:
            attempt()
        assert str(caught.value) == message


def test_numbers_that_are_no_share_or_count_are_refused() -> None:
    for name, params, message in (
        ("quantile", {"q": 1.5}, "quantile: q must be a number from 0 to 1, got 1.5"),
        ("quantile", {}, "quantile needs the parameter 'q' (a number from 0 to 1)"),
        ("top_k", {"k": 0}, "top_k: k must be an integer of 1 or more, got 0"),
    ):
        with pytest.raises(ParameterError) as caught:
            OPS[name].check_parameters(params)
        assert str(caught.value) == message
