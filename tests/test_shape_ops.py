"""Ops that move, copy and pad elements: NumPy's numbers, gradients by hand, and the whole message of each refusal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linear_ops import LINEAR, by_units

from gradwire.core import vjp
from gradwire.core.document import Document
from gradwire.core.errors import DataError, GradwireError, ParameterError, ShapeError
from gradwire.core.exporting import numpy_source, torch_source
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.session import Session

OPS = builtin()
X = np.arange(6.0).reshape(2, 3)
WHOLE = np.array([0, 1, 2])


def gradient(name: str, *args: Any, **params: Any) -> Any:
    """The gradient for the first argument, of the result weighted by random numbers, and these."""
    y, pull = vjp(lambda x: OPS[name](x, *args[1:], **params), args[0])
    g = np.random.default_rng(1).normal(size=y.shape)
    return pull(g)[0], g


# What NumPy gives, at parameters beyond those of the samples and at values of no elements.
SAME: list[tuple[str, Any, dict[str, Any]]] = [
    ("expand_dims", X, {"axis": (0, 3)}),
    ("expand_dims", np.zeros((0, 3)), {"axis": -2}),
    ("squeeze", np.zeros((1, 0, 1)), {"axis": None}),
    ("swapaxes", X, {"axis1": 0, "axis2": 0}),
    ("moveaxis", np.zeros((2, 3, 4, 5)), {"source": (-1, 0), "destination": (1, -1)}),
    ("flip", np.array(3.0), {"axis": None}),
    ("flip", X, {"axis": (-1, 0)}),
    ("roll", X, {"shift": 7, "axis": None}),
    ("roll", X, {"shift": 1, "axis": (0, 1)}),
    ("roll", np.zeros((0, 3)), {"shift": 2, "axis": 0}),
    ("split", np.arange(12.0), {"sections": (2, 2, 7), "index": 1, "axis": 0}),
    ("split", np.arange(12.0), {"sections": (3, 12), "index": -1, "axis": -1}),
    ("tile", np.array(2.0), {"reps": (2, 3)}),
    ("tile", X, {"reps": 1}),
    ("repeat", np.array(2.0), {"repeats": 3, "axis": None}),
    ("pad", X, {"pad_width": (7, 0, 0, 9), "mode": "reflect", "value": 0.0}),
    ("pad", X, {"pad_width": (7, 1, 4, 9), "mode": "symmetric", "value": 0.0}),
    ("pad", X, {"pad_width": (5, 1, 4, 8), "mode": "wrap", "value": 0.0}),
    ("pad", X, {"pad_width": ((1, 2), (2, 1)), "mode": "reflect", "value": 0.0}),
    ("pad", X[:1], {"pad_width": 2, "mode": "reflect", "value": 0.0}),
    ("pad", np.zeros((0, 2)), {"pad_width": (0, 0, 1, 1), "mode": "edge", "value": 0.0}),
]


@pytest.mark.parametrize(("name", "x", "params"), SAME)
def test_values_are_those_of_numpy_and_gradients_go_back_where_they_came_from(name: str, x: Any, params: Any) -> None:
    found = OPS[name](x, **params)
    np.testing.assert_array_equal(found, LINEAR[name](x, params))
    back, g = gradient(name, x, **params)
    np.testing.assert_allclose(back, by_units(LINEAR[name], g, [x], params, 0), atol=1e-12)


@given(
    sections=st.integers(1, 4) | st.lists(st.integers(1, 12), max_size=3).map(lambda cuts: tuple(sorted(cuts))),
    axis=st.sampled_from((0, 1, -1)),
)
def test_the_parts_of_a_split_are_all_to_be_had_and_joined_they_are_the_whole(sections: Any, axis: int) -> None:
    x = np.arange(144.0).reshape(12, 12)
    parts = np.split(x, sections, axis=axis)
    found = [OPS["split"](x, sections=sections, index=i, axis=axis) for i in range(len(parts))]
    for mine, theirs in zip(found, parts, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(OPS["concat"](*found, axis=axis), x)


@given(mode=st.sampled_from(("reflect", "edge", "wrap", "symmetric")), n=st.integers(1, 4), before=st.integers(0, 9))
def test_padded_elements_give_their_gradients_to_those_they_are_copies_of(mode: str, n: int, before: int) -> None:
    x = np.arange(float(n))
    params = {"pad_width": (before, 3), "mode": mode, "value": 0.0}
    back, g = gradient("pad", x, **params)
    np.testing.assert_allclose(back, by_units(LINEAR["pad"], g, [x], params, 0), atol=1e-12)


def test_padding_with_a_value_keeps_the_dtype() -> None:
    assert OPS["pad"](np.array([1, 2], np.int32), pad_width=(0, 1), value=-1.0).tolist() == [1, 2, -1]
    found = OPS["pad"](np.ones(2, np.float32), pad_width=1, value=float("-inf"))
    assert (found.dtype, found.tolist()) == (np.float32, [-np.inf, 1, 1, -np.inf])


def test_a_grid_has_the_coordinates_of_its_points_each_in_its_own_dtype() -> None:
    for indexing in ("xy", "ij"):
        mine = OPS["meshgrid"](WHOLE, X[0], indexing=indexing)
        for ours, theirs in zip(mine, np.meshgrid(WHOLE, X[0], indexing=indexing), strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)


def test_one_of_two_grids_alone_gives_gradients_and_zeros_to_the_other() -> None:
    total, pull = vjp(lambda x, y: (OPS["meshgrid"](x, y)[1] * X).sum(), np.ones(3), np.ones(2))
    assert total == X.sum()
    assert [g.tolist() for g in pull()] == [[0, 0, 0], [3, 12]]


def test_elements_picked_along_an_axis_and_added_back() -> None:
    picked = np.array([[2, 2], [0, 1]])
    assert OPS["take_along_axis"](X, picked).tolist() == [[2, 2], [3, 4]]
    assert OPS["take_along_axis"](X, picked[1:, :1], axis=0).tolist() == [[0, 1, 2]]  # broadcast along the other axis
    added = OPS["scatter_add_along_axis"](np.array([[1.0, 2], [3, 4]]), picked, shape=(2, 3))
    assert added.tolist() == [[0, 0, 3], [3, 4, 0]]


# Refusals.

# fmt: off
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("expand_dims", (X,), {"axis": 3}, "the result has 3 axes, so no axis 3 (axes: -3 to 2)"),
    ("squeeze", (X,), {"axis": 0},
     "x (2, 3) has 2 along axis 0, and squeeze drops axes of length 1 only (axis: null drops all of these)"),
    ("swapaxes", (X,), {"axis1": 0, "axis2": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("moveaxis", (X,), {"source": (0, 1), "destination": 0},
     "source names 2 axes and destination 1 (one destination for each source)"),
    ("moveaxis", (X,), {"source": (0, -2), "destination": (0, 1)}, "axis (0, -2) names one axis twice"),
    ("flip", (X,), {"axis": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("roll", (X,), {"shift": (1, 2), "axis": 0},
     "shift (1, 2) needs 2 axes in a list, got 1: 0 (one number for all axes, or one for each)"),
    ("roll", (X,), {"shift": (1, 2)},
     "shift (1, 2) needs 2 axes in a list, got null (one number for all axes, or one for each)"),
    ("stack", (X, X[0]), {}, "xs1 (3,) cannot be stacked on xs0 (2, 3) (xs1: (2, 3))"),
    ("stack", (X, X), {"axis": 3}, "the result has 3 axes, so no axis 3 (axes: -3 to 2)"),
    ("split", (X,), {"sections": 2, "axis": 1},
     "x (2, 3) has 3 along axis 1, which do not divide into 2 equal parts (a list names the places of the cuts)"),
    ("split", (X,), {"sections": 2, "index": 2}, "index 2 is none of 2 parts (index: -2 to 1)"),
    ("split", (X,), {"sections": (2, 1), "axis": 1},
     "sections (2, 1) must be places in order, at most 3: x (2, 3) has 3 along axis 1"),
    ("repeat", (X,), {"repeats": 2, "axis": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("meshgrid", (X, X[0]), {}, "x must be a vector, got (2, 3) (x: (6,), by reshape)"),
    ("pad", (X,), {"pad_width": ((1, 2), (0, 1), (0, 0))},
     "pad_width has 3 pairs, and x 2 axes (one pair (before, after), or one for each axis: 2)"),
    ("pad", (X,), {"pad_width": (1, 2, 3)},
     "pad_width has 3 numbers, and x 2 axes (one number, two (before, after), or two for each axis: 4)"),
    ("pad", (WHOLE,), {"pad_width": 1, "value": 0.5}, "value must be an element of int64, got 0.5 (cast x to a float)"),
    ("pad", (X[:, :0],), {"pad_width": 1, "mode": "edge"},
     'x (2, 0) has no elements along axis 1, and edge needs at least one (mode: "constant")'),
    ("take_along_axis", (X, WHOLE), {},
     "indices (3,) do not fit x (2, 3) along axis -1 (indices: (2, …), or lengths of 1 beside axis -1)"),
    ("take_along_axis", (X, X), {}, "indices must be integers, got float64 (cast indices to int64)"),
    ("scatter_add_along_axis", (X, WHOLE), {"shape": (2, 4)},
     "indices must have the shape of x (2, 3), got (3,) (one for each)"),
    ("scatter_add_along_axis", (X, X.astype(int)), {"shape": (3, 4)},
     "x (2, 3) does not fit into (3, 4) along axis -1 (x: (3, …))"),
]
# fmt: on


@pytest.mark.parametrize(("name", "args", "params", "message"), REFUSED)
def test_what_does_not_fit_is_refused_by_the_shape_rule_and_by_what_computes(
    name: str, args: Any, params: Any, message: str
) -> None:
    op = OPS[name]
    complete = op.check_parameters(params)
    for attempt in (
        lambda: op.infer([Aval(a.shape, a.dtype) for a in args], complete),
        lambda: op(*args, **params),
    ):
        with pytest.raises(ShapeError) as caught:
            attempt()
        assert str(caught.value) == message


def test_an_index_that_is_no_place_is_refused() -> None:
    for name, params, message in (
        ("take_along_axis", {}, "indices[0, 1] is 3, outside 0 to 2 (x (2, 3) has 3 along axis -1)"),
        ("scatter_add_along_axis", {"shape": (2, 3)},
         "indices[0, 1] is 3, outside 0 to 2 (shape (2, 3) has 3 along axis -1)"),
    ):  # fmt: skip
        with pytest.raises(DataError) as caught:
            OPS[name](X, np.array([[0, 3, 1], [0, -1, 0]]), **params)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "param", "value", "limits"),
    [
        ("tile", "reps", (2, -1), "an integer of 0 or more or a list of integers of 0 or more"),
        ("repeat", "repeats", -1, "an integer of 0 or more"),
        ("split", "sections", 0, "an integer of 1 or more or a list of integers of 1 or more"),
        (
            "pad",
            "pad_width",
            -1,
            "an integer of 0 or more, a list of integers of 0 or more or a list of lists of two integers of 0 or more",
        ),
    ],
)
def test_counts_that_are_none_are_refused(name: str, param: str, value: Any, limits: str) -> None:
    with pytest.raises(ParameterError) as caught:
        OPS[name].check_parameters({param: value})
    assert str(caught.value) == f"{name}: {param} must be {limits}, got {value}"


# In a graph.


def grids(detach: bool = False) -> Session:
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        x, y = (t.add("input", name=name, shape=(length,)) for name, length in (("x", 3), ("y", 2)))
        grid = t.add("meshgrid", name="grid", inputs={"x": x, "y": y})
        if detach:
            t.set_flags(grid, "detach")
        product = t.add("multiply", name="z", inputs={"x": f"{grid}.grid_x", "y": f"{grid}.grid_y"})
        t.add("sum", name="total", inputs={"x": product})
    return Session(document)


FEED = {"x": np.array([1.0, 2, 3]), "y": np.array([4.0, 5])}


def test_both_outputs_of_a_node_are_wired_differentiated_and_exported() -> None:
    session = grids()
    for mode in ("eager", "static"):
        assert session.run(FEED, "total", mode=mode)["total"] == 54
        found = session.gradients("total", ["x", "y"], FEED, mode=mode)
        assert [found[name].tolist() for name in ("x", "y")] == [[9, 9, 9], [6, 6]]
    source = numpy_source(session.graph, session.registry)
    assert "    grid_grid_x, grid_grid_y = np.meshgrid(x, y)  # (2, 3) f64, (2, 3) f64\n" in source
    made: dict[str, Any] = {}
    exec(source, made)
    assert made["forward"](**FEED) == 54


@pytest.mark.parametrize("detach", [False, True])
def test_both_outputs_are_written_for_pytorch(detach: bool) -> None:
    torch = pytest.importorskip("torch")
    session = grids(detach)
    source = torch_source(session.graph, session.registry)
    call = "torch.meshgrid(x, y, indexing='xy')"
    call = f"(part.detach() for part in {call})" if detach else call
    assert f"    grid_grid_x, grid_grid_y = {call}  # (2, 3) f64, (2, 3) f64\n" in source
    made: dict[str, Any] = {}
    exec(source, made)
    x, y = (torch.tensor(value, requires_grad=True) for value in FEED.values())
    total = made["forward"](x, y)
    assert total == 54
    assert total.requires_grad is not detach
    if not detach:
        total.backward()
        assert (x.grad.tolist(), y.grad.tolist()) == ([9, 9, 9], [6, 6])


def test_a_node_of_two_outputs_cannot_be_bypassed() -> None:
    session = grids()
    with session.document.transaction("Bypass") as t:
        t.set_flags("meshgrid0", "bypass")
    with pytest.raises(GradwireError) as caught:
        session.run(FEED, "total")
    assert str(caught.value) == "grid: a bypass passes one value on, and meshgrid gives 2"
