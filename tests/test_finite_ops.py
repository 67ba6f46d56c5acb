"""Sums of logarithms, numbers in the place of NaN, and cosines: known answers, extremes, and refusals."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core import vjp
from gradwire.core.errors import ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin

OPS = builtin()
INF, NAN = float("inf"), float("nan")


def test_logarithms_are_added_without_overflow() -> None:
    x, y = np.array([1000.0, -1000.0, -INF, 0.0]), np.array([1000.0, -1001.0, 3.0, INF])
    found, pull = vjp(OPS["logaddexp"], x, y)
    np.testing.assert_allclose(found, [1000 + np.log(2), -1000 + np.log1p(np.exp(-1)), 3, INF])
    share = 1 / (1 + np.exp(-1))
    back = pull(np.ones(4))
    np.testing.assert_allclose(back[0], [0.5, share, 0, 0])
    np.testing.assert_allclose(back[1], [0.5, 1 - share, 1, 1])


@pytest.mark.parametrize("params", [{}, {"nan": -1.0, "posinf": 5.0}, {"neginf": 0.0}])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_is_not_finite_is_replaced_as_numpy_does(params: dict[str, Any], dtype: str) -> None:
    x = np.array([1.5, NAN, INF, -INF, -2.0], dtype)
    found, pull = vjp(lambda x: OPS["nan_to_num"](x, **params), x)
    np.testing.assert_array_equal(found, np.nan_to_num(x, **params), strict=True)
    assert pull(np.ones(5, dtype))[0].tolist() == [1, 0, 0, 0, 1]
    whole = np.array([1, -2])
    np.testing.assert_array_equal(OPS["nan_to_num"](whole, **params), whole, strict=True)


def test_the_cosine_is_that_of_the_angle_at_any_length_and_0_for_zeros() -> None:
    x = np.array([[3.0, 4.0], [3e200, 4e200], [0.0, 0.0], [-3e-5, -4e-5]])
    found, pull = vjp(lambda x: OPS["cosine_similarity"](x, np.array([1.0, 0.0])), x)
    np.testing.assert_allclose(found, [0.6, 0.6, 0, -0.6])
    (back,) = pull(np.ones(4))
    np.testing.assert_allclose(back[0], [0.64 / 5, -0.48 / 5])
    assert np.isfinite(back).all()
    np.testing.assert_allclose(OPS["cosine_similarity"](x[:2].T, x[:2].T, axis=0), [1, 1])


# fmt: off
REFUSED: list[tuple[str, Any, dict[str, Any], str]] = [
    ("logaddexp", ((2,), (3,)), {},
     "shapes (2,) and (3,) do not broadcast: axis -1 has 2 and 3 (lengths must be equal or 1)"),
    ("cosine_similarity", ((2, 3), (4, 3)), {},
     "shapes (2, 3) and (4, 3) do not broadcast: axis -2 has 2 and 4 (lengths must be equal or 1)"),
    ("cosine_similarity", ((), ()), {}, "x has 0 axes, so no axis -1 (it is a scalar)"),
]
# fmt: on


@pytest.mark.parametrize(("name", "shapes", "params", "message"), REFUSED)
def test_what_does_not_fit_is_refused(name: str, shapes: Any, params: dict[str, Any], message: str) -> None:
    found = OPS[name]
    with pytest.raises(ShapeError) as caught:
        found.infer([Aval(shape, np.dtype("float32")) for shape in shapes], found.check_parameters(params))
    assert str(caught.value) == message


def test_a_mean_without_nan_is_numpys_and_gives_nan_no_gradient() -> None:
    x = np.array([[1.0, np.nan, 4.0], [np.nan, np.nan, 3.0]])
    for axis in (None, 0, 1, (0, 1)):
        for keepdims in (False, True):
            with np.errstate(all="ignore"), pytest.warns(RuntimeWarning) if axis == 0 else nullcontext():
                wanted = np.nanmean(x, axis=axis, keepdims=keepdims)
            np.testing.assert_allclose(OPS["nanmean"](x, axis=axis, keepdims=keepdims), wanted)
    gradient = gw.grad(lambda x: np.nanmean(x, axis=1).sum())(x)
    np.testing.assert_allclose(gradient, [[0.5, 0.0, 0.5], [0.0, 0.0, 1.0]])


def test_the_complement_of_erf_is_precise_where_erf_is_near_1() -> None:
    assert OPS["erfc"](np.array([0.0, 10.0])) == pytest.approx([1.0, math.erfc(10.0)], rel=1e-14)
    assert gw.grad(lambda x: OPS["erfc"](x))(10.0) == pytest.approx(-2 / math.sqrt(math.pi) * math.exp(-100.0))
    assert gw.grad(lambda x: OPS["erfc"](x))(1e200) == 0
