"""Padding with what is computed of a value: ramps, extremes, means and medians, as NumPy's pad gives them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from linear_ops import LINEAR, by_steps
from op_cases import Case, spelled

from gradwire.core import Tensor, grad, jvp, vjp
from gradwire.core.document import Document
from gradwire.core.errors import ParameterError, ShapeError, UnsupportedError
from gradwire.core.exporting import numpy_source, torch_source
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping.adjoints import adjoint_text, kink_text

PAD = builtin()["pad"]
COMPUTED = ("linear_ramp", "maximum", "mean", "median", "minimum")
INF, NAN = float("inf"), float("nan")
ELEMENTS: dict[str, Any] = {
    "float64": st.floats(width=64) | st.integers(-3, 3).map(float),
    "float32": st.floats(width=32) | st.integers(-3, 3).map(float),
    "int64": st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
    "int32": st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 3),
    "bool": st.booleans(),
}


@st.composite
def padded(draw: Any, dtypes: tuple[str, ...] = tuple(ELEMENTS)) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
    """An array of any shape, some of no elements and some not in C order, and parameters in a computed mode."""
    dtype = draw(st.sampled_from(dtypes))
    x = draw(
        arrays(dtype, draw(array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)), elements=ELEMENTS[dtype])
    )
    x = x.T if draw(st.booleans()) else x
    widths = st.tuples(st.integers(0, 4), st.integers(0, 4))
    pairs = tuple(draw(widths) if length else (0, 0) for length in x.shape)
    value = draw(st.integers(0, 1) if dtype == "bool" else st.integers(-4, 4))
    return x, {"pad_width": pairs, "mode": draw(st.sampled_from(COMPUTED)), "value": float(value)}


def of_numpy(x: Any, params: dict[str, Any]) -> Any:
    more = {"end_values": params["value"]} if params["mode"] == "linear_ramp" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ∞ − ∞
        return np.pad(x, params["pad_width"], mode=params["mode"], **more)


@given(padded())
def test_values_are_those_of_numpy(case: Any) -> None:
    x, params = case
    before = x.copy()
    found, wanted = PAD(x, **params), of_numpy(x, params)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    np.testing.assert_array_equal(found, wanted)
    if x.dtype.kind == "f":  # of −0 as well
        there = ~np.isnan(wanted)
        np.testing.assert_array_equal(np.signbit(found[there]), np.signbit(wanted[there]))
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("mode", COMPUTED)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int8"])
def test_values_of_small_integers_are_rounded_as_numpy_rounds_them(dtype: str, mode: str) -> None:
    x = np.array([[1, 3, 4, 9], [2, 2, 5, 7]], dtype)  # the medians of the rows are 3.5 and 3.5
    params = {"pad_width": ((1, 0), (2, 1)), "mode": mode, "value": 1.0}
    found = PAD(x, **params)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, of_numpy(x, params))
    if mode == "median":
        assert found[1].tolist() == [4, 4, 1, 3, 4, 9, 4]


@settings(max_examples=40)
@given(padded())
def test_exported_code_gives_the_same(case: Any) -> None:
    torch = pytest.importorskip("torch")
    x, params = case
    made = spelled(Case("", PAD, (x,), {**PAD.defaults, **params}))(torch.tensor(x.copy())).numpy()
    wanted = of_numpy(x, params)
    assert made.dtype == wanted.dtype
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(made, wanted, rtol=1e-12 if x.dtype == "float64" else 1e-5)


@pytest.mark.parametrize("mode", COMPUTED)
@given(shape=array_shapes(min_dims=1, max_dims=3, max_side=3), seed=st.integers(0, 99), data=st.data())
def test_gradients_are_those_of_differences(mode: str, shape: Any, seed: int, data: Any) -> None:
    """In reverse and forward mode, and of the gradient of a curved function of it."""
    numbers = np.random.default_rng(seed)
    x = numbers.permutation(np.prod(shape)).reshape(shape) * 0.5 + numbers.uniform(0, 0.2, shape)
    widths = st.tuples(st.integers(0, 3), st.integers(0, 3))
    params = {"pad_width": tuple(data.draw(widths) for _ in shape), "mode": mode}
    y, pull = vjp(lambda a: PAD(a, **params), x)
    g, d = numbers.normal(size=y.shape), numbers.normal(size=shape)
    back = np.asarray(pull(g)[0])
    np.testing.assert_allclose(back, by_steps(LINEAR["pad"], g, [x], params), atol=1e-9)
    forward = np.asarray(jvp(lambda a: PAD(a, **params), [x], [d])[1])
    assert np.sum(back * d) == pytest.approx(np.sum(g * forward))

    def curved(a: Any) -> Any:
        y = PAD(a, **params)
        return (y * y * y * g).sum()

    second = np.asarray(grad(lambda a: (grad(curved)(a) * d).sum())(x))
    directed = np.asarray(jvp(grad(curved), [x], [d])[1])
    # What it is made of straight pieces: the second derivative comes from the cube alone.
    by_hand = np.asarray(pull(6 * y * g * forward)[0])
    np.testing.assert_allclose(second, by_hand, atol=1e-9)
    np.testing.assert_allclose(directed, by_hand, atol=1e-9)


# By hand.


def test_later_axes_see_what_stands_around_earlier_ones() -> None:
    x = np.array([[1.0, 2.0], [5.0, 4.0]])
    wanted = [[5, 4, 5, 5], [1, 2, 2, 2], [5, 4, 5, 5]]
    assert PAD(x, pad_width=(1, 0, 0, 2), mode="maximum").tolist() == wanted
    back = grad(lambda a: PAD(a, pad_width=(1, 0, 0, 2), mode="maximum").sum())(x)
    assert back.tolist() == [[1, 3], [6, 2]]


def test_a_ramp_goes_in_equal_steps_to_its_end() -> None:
    def ramp(x: Any) -> Any:
        return PAD(x, pad_width=(2, 4), mode="linear_ramp", value=1.0)

    x = np.array([3.0, 5.0])
    assert ramp(x).tolist() == [1, 2, 3, 5, 4, 3, 2, 1]
    assert grad(lambda a: ramp(a).sum())(x).tolist() == [1.5, 2.5]  # 1 + 1/2, and 1 + 3/4 + 2/4 + 1/4
    assert ramp(np.array([4, 6])).tolist() == [1, 2, 4, 6, 4, 3, 2, 1]  # 2.5, 4.75, 3.5 and 2.25, rounded down


def test_a_ramp_as_wide_as_one_is_its_end_whatever_the_edge_is() -> None:
    back = grad(lambda a: (PAD(a, pad_width=1, mode="linear_ramp") * np.array([INF, 1.0, INF])).sum())(np.array([3.0]))
    assert back.tolist() == [1.0]


def test_statistics_of_integers_are_rounded_and_keep_their_dtype() -> None:
    x = np.array([1, 2, 2, 5], np.int32)
    for mode, around in (("mean", 2), ("median", 2), ("maximum", 5), ("minimum", 1)):
        found = PAD(x, pad_width=(0, 1), mode=mode)
        assert (found.dtype, found.tolist()) == (np.int32, [1, 2, 2, 5, around])
    assert PAD(np.array([2, 3]), pad_width=(1, 0), mode="mean").tolist() == [2, 2, 3]  # 2.5, a tie: to the even


@pytest.mark.parametrize(
    ("mode", "x", "wanted"),
    [
        ("maximum", [3.0, 1.0, 3.0], [2.0, 1.0, 2.0]),
        ("minimum", [1.0, 1.0, 3.0], [2.0, 2.0, 1.0]),
        ("median", [1.0, 2.0, 2.0], [1.0, 3.0, 1.0]),  # of elements that tie the first counts as the least
        ("median", [4.0, 1.0, 2.0, 9.0], [2.0, 1.0, 2.0, 1.0]),
        ("mean", [1.0, 2.0, 3.0, 4.0], [1.5] * 4),
    ],
)
def test_what_ties_shares_as_in_the_op_of_that_name(mode: str, x: list[float], wanted: list[float]) -> None:
    assert grad(lambda a: PAD(a, pad_width=(1, 1), mode=mode).sum())(np.array(x)).tolist() == wanted


@pytest.mark.parametrize(
    ("mode", "x", "wanted"),
    [
        ("maximum", [[1.0, 2.0], [1.0, 0.0]], [[True, False], [True, False]]),
        # The greatest of both columns tie in the row that stands above, and so do all that make them.
        ("maximum", [[1.0, 0.0], [0.5, 1.0]], [[True, False], [False, True]]),
        ("minimum", [[1.0, 2.0], [3.0, 2.0]], [[False, True], [False, True]]),
        ("median", [[1.0, 5.0], [2.0, 6.0], [2.0, 7.0]], [[False, False], [True, False], [True, False]]),
        ("mean", [[1.0, 1.0], [1.0, 1.0]], [[False, False], [False, False]]),
        ("edge", [[1.0, 1.0], [1.0, 1.0]], [[False, False], [False, False]]),
    ],
)
def test_elements_at_a_kink_are_found(mode: str, x: Any, wanted: Any) -> None:
    params = {"pad_width": ((1, 0), (0, 1)), "mode": mode, "value": 0.0}
    masks = [kink.where(np.array(x), **params) for kink in PAD.kinks]
    assert np.any(masks, axis=0).tolist() == wanted


def test_what_kinks_and_shapes_on_the_way_back_are_told_as() -> None:
    assert kink_text(PAD, PAD.kinks[0], PAD.defaults) == (
        "pad′ of the share in what stands around = 0.5 at a tie for the extreme here; "
        "any value in [0, 1] is a valid sub-gradient; PyTorch has no such mode"
    )

    def told(mode: str, value: float = 0.0) -> str | None:
        params = {"pad_width": 1, "mode": mode, "value": value}
        x = Aval((2, 3), np.dtype("float64"))
        return adjoint_text(PAD, 0, PAD.infer([x], params), [x], params)

    stands = "x (2, 3) stands within (4, 5), so its gradient is that part of the gradient, and "
    assert {mode: told(mode, 1.5) for mode in COMPUTED} == {
        "linear_ramp": stands
        + "at its edges the sum of those along the ramps to 1.5, each by the share of the edge in it",
        "maximum": stands + "what stands around along an axis goes to the element that is the greatest there: in equal "
        "shares to several that tie",
        "mean": stands
        + "each element also gets the sum of those around it along an axis, divided by the axis's length",
        "median": stands + "what stands around along an axis goes to the element that is in the middle there: half "
        "each of two",
        "minimum": stands + "what stands around along an axis goes to the element that is the least there: in equal "
        "shares to several that tie",
    }


# Refusals, NumPy's functions, exported code.


@pytest.mark.parametrize(
    ("x", "params", "message"),
    [
        *(
            (
                np.zeros((2, 0)),
                {"pad_width": 1, "mode": mode},
                f'x (2, 0) has no elements along axis 1, and {mode} needs at least one (mode: "constant")',
            )
            for mode in COMPUTED
        ),
        (
            np.arange(3),
            {"pad_width": 1, "mode": "linear_ramp", "value": 0.5},
            "value must be an element of int64, got 0.5 (cast x to a float)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(x: Any, params: dict[str, Any], message: str) -> None:
    complete = PAD.check_parameters(params)
    for attempt in (lambda: PAD.infer([Aval(x.shape, x.dtype)], complete), lambda: PAD(x, **params)):
        with pytest.raises(ShapeError) as caught:
            attempt()
        assert str(caught.value) == message


def test_any_numbers_around_are_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        PAD(np.ones(3), pad_width=1, mode="empty")
    assert str(caught.value) == (
        "pad: mode must be one of constant, reflect, edge, wrap, symmetric, linear_ramp, maximum, mean, median, "
        "minimum, got 'empty'"
    )


def test_numpys_own_pad_of_a_tensor_takes_what_the_op_does() -> None:
    x = np.array([[1.0, 4.0, 2.0], [0.0, 3.0, 9.0]])
    for more in ({"mode": "linear_ramp", "end_values": 2}, *({"mode": mode} for mode in COMPUTED)):
        found = np.pad(Tensor(x), ((1, 2), (0, 3)), **more)  # type: ignore[call-overload]
        assert found.op is PAD
        np.testing.assert_array_equal(found.numpy(), np.pad(x, ((1, 2), (0, 3)), **more))
    assert np.pad(Tensor(x), 1, mode="mean", stat_length=None).op is PAD  # type: ignore[attr-defined]
    for mode, more, told in (
        ("mean", {"stat_length": 2}, "stat_length=2"),
        ("linear_ramp", {"end_values": (1, 2)}, "end_values=(1, 2) (one number for end_values)"),
    ):
        with pytest.raises(UnsupportedError) as caught:
            np.pad(Tensor(x), 1, mode=mode, **more)  # type: ignore[call-overload]
        assert str(caught.value) == f"no op serves np.pad in mode {mode} with {told}"


def test_the_modes_are_spelled_in_exported_code() -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2, 3))
        ramp = t.add("pad", name="ramp", inputs={"x": x}, pad_width=(1, 2), mode="linear_ramp", value=1.5)
        t.add("pad", name="y", inputs={"x": ramp}, pad_width=(0, 1), mode="median")
    session = Session(document)
    numpy, torch = (source(session.graph, session.registry) for source in (numpy_source, torch_source))
    assert "np.pad(x, ((1, 2), (1, 2)), mode='linear_ramp', end_values=1.5)" in numpy
    assert "np.pad(ramp, ((0, 1), (0, 1)), mode='median')" in numpy
    assert "pad_by_axis(x, ((1, 2), (1, 2)), 'linear_ramp', 1.5)" in torch
    assert "pad_by_axis(ramp, ((0, 1), (0, 1)), 'median')" in torch
