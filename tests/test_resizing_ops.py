"""Pools to a size, images in another size, differences and counts: known answers, conventions, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_op_errors import inferred

from gradwire.core import vjp
from gradwire.core.errors import ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin

OPS = {found.name: found for found in builtin()}
NAN = float("nan")
IMAGE = np.arange(1.0, 7.0).reshape(1, 1, 2, 3)


def test_a_pool_to_one_pixel_is_the_mean_of_each_channel() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    np.testing.assert_allclose(OPS["adaptive_avg_pool2d"](x, output_size=1)[..., 0, 0], x.mean((2, 3)), rtol=1e-12)
    same = OPS["avg_pool2d"](x[:, :, :4], kernel_size=2)
    np.testing.assert_allclose(OPS["adaptive_avg_pool2d"](x[:, :, :4], output_size=2), same, rtol=1e-12)


def test_windows_that_do_not_divide_the_image_share_a_column() -> None:
    assert OPS["adaptive_avg_pool2d"](IMAGE, output_size=(1, 2)).tolist() == [[[[3.0, 4.0]]]]
    back = OPS["adaptive_avg_unpool2d"](np.array([[[[4.0, 8.0]]]]), size=(2, 3))
    assert back.tolist() == [[[[1, 3, 2], [1, 3, 2]]]]


@given(size=st.tuples(st.integers(1, 7), st.integers(1, 7)), wanted=st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_to_any_size_what_is_shared_out_is_the_adjoint_of_the_means(size: Any, wanted: Any) -> None:
    numbers = np.random.default_rng(0)
    x, g = numbers.normal(size=(1, 2, *size)), numbers.normal(size=(1, 2, *wanted))
    y = OPS["adaptive_avg_pool2d"](x, output_size=wanted)
    assert y.shape == g.shape
    assert np.sum(y * g) == pytest.approx(np.sum(x * OPS["adaptive_avg_unpool2d"](g, size=size)), abs=1e-9)


def test_an_image_twice_as_large_has_each_pixel_four_times() -> None:
    y = OPS["interpolate"](IMAGE, scale_factor=2.0)
    np.testing.assert_array_equal(y, IMAGE.repeat(2, 2).repeat(2, 3))
    np.testing.assert_array_equal(OPS["interpolate"](IMAGE, size=(4, 6)), y)
    _, pull = vjp(lambda x: OPS["interpolate"](x, scale_factor=2.0), IMAGE)
    assert pull(np.ones(y.shape))[0].tolist() == np.full(IMAGE.shape, 4.0).tolist()


def test_of_an_image_made_smaller_the_pixels_that_stay_are_every_other_one() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert OPS["interpolate"](x, scale_factor=0.5).tolist() == [[[[0, 2], [8, 10]]]]
    _, pull = vjp(lambda x: OPS["interpolate"](x, size=2), x)
    assert np.argwhere(pull(np.ones((1, 1, 2, 2)))[0][0, 0]).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]


def test_a_large_size_is_known_without_being_made() -> None:
    aval = Aval((1, 1, 2, 2), np.dtype("float32"))
    (found,) = OPS["interpolate"].infer([aval], {"scale_factor": 1e12, "size": None})
    assert found.shape == (1, 1, 2 * 10**12, 2 * 10**12)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=3), st.integers(1, 4), st.integers(-3, 2))
def test_differences_are_those_of_numpy(shape: list[int], n: int, axis: int) -> None:
    if not -len(shape) <= axis < len(shape):
        return
    x = np.asarray(np.random.default_rng(0).normal(size=shape))
    y, pull = vjp(lambda x: OPS["diff"](x, n=n, axis=axis), x)
    np.testing.assert_allclose(y, np.diff(x, n, axis), atol=1e-12)
    g = np.random.default_rng(1).normal(size=y.shape)
    (back,) = pull(g)
    assert back.shape == x.shape
    assert np.sum(back * x) == pytest.approx(np.sum(g * y), abs=1e-9)


def test_differences_of_integers_stay_whole() -> None:
    y = OPS["diff"](np.array([1, 4, 9, 16]))
    assert (y.tolist(), y.dtype) == ([3, 5, 7], np.int64)
    assert OPS["diff"](np.array([1, 4, 9, 16]), n=2).tolist() == [2, 2]


def test_what_is_not_0_is_counted_also_nan() -> None:
    x = np.array([[0.0, -0.0, NAN], [1.0, 0.0, 2.0]])
    found = OPS["count_nonzero"](x, axis=1)
    assert (found.tolist(), found.dtype) == ([1, 2], np.int64)
    assert OPS["count_nonzero"](x) == 3
    assert OPS["count_nonzero"](x > 0, axis=0, keepdims=True).tolist() == [[1, 0, 1]]
    assert OPS["count_nonzero"](np.zeros((0, 2)), axis=0).tolist() == [0, 0]


IMAGES = "x must be images (N, C, height, width), got (2, 3) (x: (N, C, height, width))"
# fmt: off
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("adaptive_avg_pool2d", ((2, 3),), {"output_size": 1}, IMAGES),
    ("adaptive_avg_pool2d", ((2, 3, 0, 4),), {"output_size": 1}, "x (2, 3, 0, 4) has no pixel (lengths of 1 or more)"),
    ("adaptive_avg_unpool2d", ((2, 3),), {"size": (2, 2)}, IMAGES),
    ("interpolate", ((2, 3),), {"size": 2}, IMAGES),
    ("interpolate", ((1, 1, 2, 2),), {}, "interpolate needs scale_factor or size, got none (scale_factor: 2.0)"),
    ("interpolate", ((1, 1, 2, 2),), {"size": 2, "scale_factor": 2.0},
     "interpolate needs scale_factor or size, got both (scale_factor: 2.0)"),
    ("interpolate", ((1, 1, 2, 3),), {"scale_factor": 0.4},
     "images of (2, 3) would become (0, 1), without a pixel (lengths of 1 or more)"),
    ("interpolate", ((1, 1, 2, 3),), {"scale_factor": 1e308},
     "images of (2, 3) would become larger than any memory (scale_factor: 2.0)"),
    ("diff", ((),), {}, "x has 0 axes, so no axis -1 (it is a scalar)"),
    ("diff", (((3,), "bool"),), {}, "arithmetic needs numbers, got bool (cast it to a float or to int64)"),
    ("count_nonzero", ((2, 3),), {"axis": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
]
# fmt: on


@pytest.mark.parametrize(("name", "shapes", "params", "message"), REFUSED)
def test_a_misfit_is_refused_with_what_would_fit(name: str, shapes: Any, params: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        inferred(name, *shapes, **params)
    assert str(caught.value) == message
