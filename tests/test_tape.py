"""Tensors: NumPy's functions and operators on them, indexing, promotion, and what they keep alive."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices

import gradwire.core as gw
from gradwire.core.builder import Builder, Symbol
from gradwire.core.differentiate import backward
from gradwire.core.errors import GradwireError, RunError, ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.stepping.worked_example import argument
from gradwire.core.tape import Tensor

OPS = builtin()
X = np.random.default_rng(0).normal(size=(2, 3, 4))
DECIDES = "(gw.ops.where(condition, a, b) decides element by element)"
MAKE_NEW = "(where(condition, a, b) and concat make a new one)"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: np.sin(x), "sin"),
        (lambda x: np.absolute(x), "abs"),
        (lambda x: np.maximum(x, 0.5), "maximum"),
        (lambda x: np.maximum(X[0], x), "maximum"),
        (lambda x: np.add([1.0, 2.0, 3.0, 4.0], x), "add"),
        (lambda x: np.sum(x), "sum"),
        (lambda x: np.sum(x, 1), "sum"),
        (lambda x: np.sum(x, axis=(0, 2), keepdims=True), "sum"),
        (lambda x: np.sum(x, 0, None, None, True), "sum"),
        (lambda x: np.mean(x, axis=-1), "mean"),
        (lambda x: np.max(x, axis=0), "max"),
        (lambda x: np.amax(x), "max"),
        (lambda x: np.argmax(x, 1), "argmax"),
        (lambda x: np.argmax(x, axis=1, keepdims=True), "argmax"),
        (lambda x: np.concatenate([x, X], axis=1), "concat"),
        (lambda x: np.concatenate((X, x), 2), "concat"),
        (lambda x: np.where(X > 0, x, 0.0), "where"),
        (lambda x: np.reshape(x, (4, 6)), "reshape"),
        (lambda x: np.reshape(x, -1), "reshape"),
        (lambda x: np.transpose(x), "transpose"),
        (lambda x: np.transpose(x, (1, 0, 2)), "transpose"),
        (lambda x: np.transpose(x, axes=[1, 0, 2]), "transpose"),
        (lambda x: np.broadcast_to(x, (5, 2, 3, 4)), "broadcast_to"),
        (lambda x: np.clip(x, -0.5, 0.5), "clip"),
        (lambda x: np.clip(x, a_min=None, a_max=0.5), "clip"),
        (lambda x: np.take(x, [0, -1], axis=2), "gather"),
        (lambda x: np.take(x, [5, 23, -1]), "gather"),
        (lambda x: np.matmul(x, np.ones((4, 2))), "matmul"),
        (lambda x: np.ones((3, 2, 1)) @ x[0, :, None], "matmul"),
        (lambda x: np.equal(x, x), "equal"),
        (lambda x: np.stack([x, x], axis=1), "stack"),
        (lambda x: np.expand_dims(x, 1), "expand_dims"),
        (lambda x: np.squeeze(x[:1], 0), "squeeze"),
        (lambda x: np.swapaxes(x, 0, 2), "swapaxes"),
        (lambda x: np.moveaxis(x, 0, -1), "moveaxis"),
        (lambda x: np.flip(x, 1), "flip"),
        (lambda x: np.roll(x, 1, axis=2), "roll"),
        (lambda x: np.tile(x, (2, 1, 1)), "tile"),
        (lambda x: np.repeat(x, 2, axis=0), "repeat"),
        (lambda x: np.pad(x, ((0, 1), (2, 0), (1, 1)), constant_values=3), "pad"),
        (lambda x: np.pad(x, 1, mode="reflect"), "pad"),
        (lambda x: np.tril(x), "tril"),
        (lambda x: np.triu(x, 1), "triu"),
        (lambda x: np.sort(x), "sort"),
        (lambda x: np.sort(x, axis=None), "sort"),
        (lambda x: np.argsort(x, axis=1, kind="stable"), "argsort"),
        (lambda x: np.median(x, axis=1), "median"),
        (lambda x: np.quantile(x, 0.3, axis=(0, 2), keepdims=True), "quantile"),
        (lambda x: np.linalg.norm(x), "norm"),
        (lambda x: np.linalg.norm(x, axis=1, keepdims=True), "norm"),
        (lambda x: np.linalg.norm(x, 3, axis=-1), "norm"),
        (lambda x: np.einsum("abc,cd->abd", x, np.ones((4, 2))), "einsum"),
        (lambda x: np.dot(x, np.ones((4, 2))), "matmul"),
        (lambda x: np.dot(x[0, 0], np.ones(4)), "dot"),
        (lambda x: np.outer(x[0, 0], np.arange(3.0)), "outer"),
        (lambda x: np.kron(x[0], np.ones((2, 1))), "kron"),
        (lambda x: np.trace(x), "trace"),
        (lambda x: np.diagonal(x, 1, 1, 2), "diagonal"),
        (lambda x: np.diag(x[0]), "diag"),
        (lambda x: np.take_along_axis(x, np.zeros((2, 1, 4), np.int64), axis=1), "take_along_axis"),
        (lambda x: np.split(x, 3, axis=1)[2], "split"),
        (lambda x: np.split(x, [1, 3], axis=2)[1], "split"),
        (lambda x: np.diff(x), "diff"),
        (lambda x: np.diff(x, 2, 0), "diff"),
        (lambda x: np.nan_to_num(x, nan=1.0), "nan_to_num"),
        (lambda x: np.count_nonzero(x > 0, axis=1), "count_nonzero"),
        (lambda x: np.linalg.matmul(x, np.ones((4, 2))), "matmul"),
        (lambda x: np.linalg.outer(x[0, 0], np.arange(3.0)), "outer"),
        (lambda x: np.linalg.diagonal(x, offset=1), "diagonal"),
        (lambda x: np.linalg.trace(x), "trace"),
        (lambda x: np.linalg.det(x[:, :2, :2]), "det"),
        (lambda x: np.linalg.inv(x[:, :2, :2] + 3 * np.eye(2)), "inv"),
        (lambda x: np.linalg.solve(x[:, :2, :2] + 3 * np.eye(2), np.arange(2.0)), "solve"),
    ],
)
def test_functions_of_numpy_are_ops(function: Callable[[Any], Any], name: str) -> None:
    found = function(Tensor(X))
    expected = function(X)
    assert type(found) is Tensor
    assert found.op.name == name
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-15)


# How the parameters of an op are written where its namesake in NumPy takes them otherwise.
NAMESAKES = {
    "concat": lambda f, tensors, params: f(tensors, **params),
    "stack": lambda f, tensors, params: f(tensors, **params),
    "clip": lambda f, tensors, params: f(*tensors, params["low"], params["high"]),
    "split": lambda f, tensors, params: f(*tensors, params["sections"])[params["index"]],
    "einsum": lambda f, tensors, params: f(params["equation"], *tensors),
    "meshgrid": lambda f, tensors, params: f(*tensors, **params)[0],
}
OF_ANOTHER_MEANING = {"place", "identity"}  # NumPy's puts numbers in where a mask is true; its identity is a matrix


def test_every_op_serves_its_namesake_in_numpy() -> None:
    found = []
    for op in builtin():
        sample = op.samples[0] if op.samples else None
        for module in (np, np.linalg):
            function = getattr(module, op.name, None)
            if function is None or isinstance(function, type) or sample is None or op.name in OF_ANOTHER_MEANING:
                continue
            tensors = [Tensor(argument(given, sample, i)) for i, given in enumerate(sample.args)]
            call = NAMESAKES.get(op.name, lambda f, tensors, params: f(*tensors, **params))
            assert type(call(function, tensors, dict(sample.params))) is Tensor, op.name
            found.append(function)
    assert len(found) > 80


def test_a_grid_is_made_of_two_vectors() -> None:
    x, y = np.arange(3.0), np.arange(2.0)
    for found, wanted in zip(np.meshgrid(Tensor(x), y, indexing="ij"), np.meshgrid(x, y, indexing="ij"), strict=True):
        assert np.array_equal(found.numpy(), wanted)


def test_shape_and_size_are_asked_as_of_arrays() -> None:
    x = Tensor(X)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 3, 4), 3, 24)
    assert (x.shape, x.ndim, x.size, len(x)) == ((2, 3, 4), 3, 24, 2)
    assert [part.shape for part in x] == [(3, 4), (3, 4)]
    assert x.T.shape == (2, 4, 3)
    assert np.array_equal(np.asarray(x), X)
    assert Tensor(2.5).item() == float(Tensor(2.5)) == 2.5
    assert int(Tensor(3)) == 3
    assert bool(Tensor(1) == Tensor(1.0))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x + None, "add needs a value for y, got None (add(x, y))"),
        (lambda x: None + x, "add needs a value for x, got None (add(x, y))"),
        (lambda x: np.add(x, None), "add needs a value for y, got None (add(x, y))"),
        (lambda x: x @ None, "matmul needs a value for w, got None (matmul(x, w))"),
        (lambda x: x < None, "less needs a value for y, got None (less(x, y))"),
    ],
)
def test_none_beside_an_operator_is_told_as_it_is_beside_an_op(function: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(RunError) as caught:
        function(Tensor(X))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: np.nextafter(x, x), "no op serves np.nextafter on a Tensor"),
        (lambda x: np.add.reduce(x), "no op serves np.add.reduce on a Tensor (gw.ops.sum(x))"),
        (lambda x: np.add(X, x, out=X), "no op serves np.add with out on a Tensor"),
        (lambda x: np.sin(x, where=X > 0), "no op serves np.sin with where on a Tensor"),
        (lambda x: X.__iadd__(x), "no op serves np.add with out on a Tensor"),
        (
            lambda x: np.full_like(x, x),
            "no op serves np.copyto on a Tensor (np.full_like writes with it; gw.ops.broadcast_to(x, shape=…))",
        ),
        (lambda x: np.linalg.svd(x), "no op serves np.linalg.svd on a Tensor"),
        (
            lambda x: np.linalg.norm(x[0], 1),
            "no op serves np.linalg.norm of matrices: ord is then a norm of their singular values",
        ),
        (lambda x: np.sort(x, kind="heapsort"), "no op serves np.sort with kind on a Tensor"),
        (lambda x: np.sum(x, dtype=np.float32), "no op serves np.sum with dtype on a Tensor"),
        (lambda x: np.sum(x, where=X > 0), "no op serves np.sum with where on a Tensor"),
        (lambda x: np.reshape(x, (24,), order="F"), "no op serves np.reshape with order on a Tensor"),
        (lambda x: np.where(x), "np.where on a Tensor needs condition, x, y"),
        # Its name is that of an op which does something else.
        (lambda x: np.place(x, X > 0, [1.0]), "no op serves np.place on a Tensor (gw.ops.where)"),
    ],
)
def test_what_no_op_serves_is_a_type_error_of_ours(function: Callable[[Any], Any], message: str) -> None:
    before = X.copy()
    with pytest.raises(TypeError) as caught:
        function(Tensor(X))
    assert isinstance(caught.value, GradwireError)
    assert str(caught.value) == message
    assert np.array_equal(X, before)


def test_a_symbol_is_named_where_no_op_serves() -> None:
    with pytest.raises(TypeError) as caught:
        np.spacing(Builder().input("x", Aval((), np.dtype(np.float64))))
    assert str(caught.value) == "no op serves np.spacing on a Symbol"


def test_joining_without_an_axis_is_refused() -> None:
    with pytest.raises(GradwireError) as caught:
        np.concatenate([Tensor(X), X], axis=None)
    assert str(caught.value) == "concat: axis must be an integer, got None"


LEFT = (
    (X, np.float64),
    (X.astype(np.float32), np.float32),
    (np.float64(2.0), np.float64),
    (np.float32(2.0), np.float32),
    (np.int64(2), np.float32),
    (2, np.float32),
    (2.0, np.float32),
    ([[1.0], [2.0], [3.0]], np.float64),
)


@pytest.mark.parametrize(("left", "dtype"), LEFT)
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_what_stands_left_of_an_operator_gives_a_tensor(left: Any, dtype: Any, symbol: str) -> None:
    calls = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
    calls |= {"/": lambda a, b: a / b, "**": lambda a, b: abs(a) ** b if not isinstance(a, list) else a**b}
    right = Tensor(np.abs(X).astype(np.float32))
    found = calls[symbol](left, right)
    assert type(found) is Tensor
    assert found.dtype == dtype
    assert np.array_equal(found.numpy(), calls[symbol](np.asarray(left, dtype), right.numpy().astype(dtype)))
    if isinstance(left, list):
        return
    assert calls[symbol](abs(right), left).dtype == dtype


def test_comparisons_give_booleans() -> None:
    x = Tensor(np.array([1.0, 2.0, 3.0]))
    for found, expected in ((x < 2, [1, 0, 0]), (x <= 2, [1, 1, 0]), (x > 2, [0, 0, 1]), (x >= 2, [0, 1, 1])):
        assert found.numpy().tolist() == expected
    assert (x == 2).numpy().tolist() == [False, True, False]
    assert (x != 2).dtype == bool
    assert (np.array([2.0, 2.0, 2.0]) > x).numpy().tolist() == [True, False, False]
    assert len({x, x}) == 1


@pytest.mark.parametrize(
    ("x", "y", "dtype"),
    [
        (np.int64(1), np.float32(1), "float32"),
        (np.ones(2, np.int64), np.float32(1), "float32"),
        (np.ones(2, bool), np.ones(2, np.float32), "float32"),
        (np.ones(2, np.float32), np.ones(2, np.float64), "float64"),
        (np.ones(2, np.int32), np.ones(2, np.int64), "int64"),
        (np.ones(2, np.int32), 2, "int32"),
        (np.ones(2, np.int64), 2.0, "float64"),
        (np.ones(2, np.float32), 2.0, "float32"),
        (np.ones(2, np.float32), np.float64(2.0), "float64"),
        (np.ones(2, bool), np.ones(2, bool), "bool"),
        (np.ones(2, bool), 1, "int64"),
    ],
)
def test_promotion(x: Any, y: Any, dtype: str) -> None:
    assert (Tensor(x) + y).dtype == dtype
    assert (y + Tensor(x)).dtype == dtype
    if hasattr(y, "dtype"):
        assert (Tensor(x) + Tensor(y)).dtype == dtype
        assert (x + Tensor(y)).dtype == dtype


def test_integers_are_taken_as_floats_where_an_op_needs_floats() -> None:
    n = Tensor(np.array([1, 2]))
    assert np.sin(n).dtype == (n / 2).dtype == (n / n).dtype == np.mean(n).dtype == np.float64
    assert (n / np.ones(2, np.float32)).dtype == np.float32
    assert n.sum().dtype == (n * n).dtype == np.int64
    assert Tensor(np.array([True, True])).sum().item() == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([1.0, 2.0], np.float32), "Tensor([1., 2.], shape=(2,), dtype=float32)"),
        (True, "Tensor(True, shape=(), dtype=bool)"),
        (np.arange(30), "Tensor([ 0,  1,  2, ..., 27, 28, 29], shape=(30,), dtype=int64)"),
    ],
)
def test_repr_shows_value_shape_and_dtype(value: Any, text: str) -> None:
    assert repr(Tensor(value)) == text


def test_repr_shows_the_origin() -> None:
    assert repr(np.sin(Tensor(0.0))) == "Tensor(0., shape=(), dtype=float64, from=sin)"


def test_a_tensor_holds_numbers() -> None:
    for value, found in (
        ("a", "'a'"),
        (None, "None"),
        (1j, "1j"),
        (10**400, "an integer of 1329 bits"),
        ({"a": 1}, "{'a': 1}"),
        ([1, "a"], "[1, 'a']"),
        (np.array(["a"]), "an array of <U1"),
    ):
        with pytest.raises(RunError) as caught:
            Tensor(value)
        assert str(caught.value) == f"a tensor holds numbers, got {found} (floats, integers or booleans)"
    with pytest.raises(RunError) as caught:
        Tensor([[1], [1, 2]])
    assert str(caught.value) == "a tensor holds numbers in lists of equal lengths, got [[1], [1, 2]]"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: x + np.ones(5),
            "shapes (2, 3, 4) and (5,) do not broadcast: axis -1 has 4 and 5 (lengths must be equal or 1)",
        ),
        (lambda x: x @ np.ones((3, 2)), "x has 4 columns but w has 3 rows (w: (4, …))"),
        (lambda x: x.reshape(5, 5), "x has 24 elements but shape (5, 5) holds 25"),
        (lambda x: x.sum(axis=3), "x has 3 axes, so no axis 3 (axes: -3 to 2)"),
        (lambda x: OPS["flatten"](Tensor(1.0)), "x is a scalar, and flatten needs a batch axis (x: (N, …))"),
        (lambda x: -(x > 0), "arithmetic needs numbers, got bool (cast it to a float or to int64)"),
        (lambda x: (x > 0) - (x > 0), "arithmetic needs numbers, got bool (cast it to a float or to int64)"),
        (
            lambda x: OPS["gather"](x, Tensor(np.array([0])), axis=4),
            "x has 3 axes, so no axis 4 (axes: -3 to 2)",
        ),
        (
            lambda x: np.concatenate([x, np.ones((2, 2))]),
            "xs1 (2, 2) cannot be joined to xs0 (2, 3, 4) along axis 0 (xs1: (…, 3, 4))",
        ),
        (
            lambda x: np.max(x[:0]),
            "x (0, 3, 4) has no elements, and max needs at least one (lengths of 1 or more)",
        ),
    ],
)
def test_what_does_not_fit_is_told_by_the_shape_rule(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        call(Tensor(X))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            bool,
            f"only a tensor of one element is true or false, got the shape (2, 3, 4) {DECIDES}",
        ),
        (float, "only a tensor of one element is a number, got the shape (2, 3, 4) (x.numpy())"),
        (int, "only a tensor of one element is a number, got the shape (2, 3, 4) (x.numpy())"),
        (lambda x: x.item(), "only a tensor of one element is a number, got the shape (2, 3, 4) (x.numpy())"),
        (
            lambda x: x.__setitem__(0, 1),
            f"a Tensor cannot be written into: it remembers what it was made of {MAKE_NEW}",
        ),
    ],
)
def test_what_one_number_or_an_array_could_do_is_told(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(RunError) as caught:
        call(Tensor(X))
    assert str(caught.value) == message


# Indexing.


@given(data=st.data())
@settings(max_examples=150)
def test_basic_indices_pick_what_numpy_picks(data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    index = data.draw(basic_indices(shape, allow_newaxis=True, max_dims=5))
    x = np.random.default_rng(0).normal(size=shape)
    assert_picks(x, index)


@given(data=st.data(), axis=st.integers(0, 2))
@settings(max_examples=100)
def test_a_vector_of_integers_picks_what_numpy_picks(data: st.DataObject, axis: int) -> None:
    shape = data.draw(array_shapes(min_dims=3, max_dims=3, max_side=4))
    length = shape[axis]
    picked = data.draw(st.lists(st.integers(-length, length - 1), max_size=5))
    vector = data.draw(st.sampled_from((list, lambda p: np.array(p, np.int64), lambda p: np.array(p, np.int32))))(
        picked
    )
    before = data.draw(
        st.lists(
            st.sampled_from((slice(None), slice(1, None), slice(None, None, -1))),
            min_size=axis,
            max_size=axis,
        )
    )
    more = (0, slice(0, 2)) if axis < 2 else ()
    after = data.draw(st.sampled_from(((), (Ellipsis,), (None,), *((item,) for item in more))))
    x = np.random.default_rng(0).normal(size=shape)
    assert_picks(x, (*before, vector, *after))


def assert_picks(x: np.ndarray[Any, Any], index: Any) -> None:
    """The same elements as of an array, on the tape and in the shapes of a plan, and their gradient."""
    tensor = Tensor(x)
    found, expected = tensor[index], x[index]
    assert found.shape == np.shape(expected)
    assert np.array_equal(found.numpy(), expected)
    symbol = Builder().input("x", Aval(x.shape, x.dtype))
    assert symbol[index].shape == np.shape(expected)
    seed = np.random.default_rng(1).normal(size=found.shape)
    gradient = np.zeros(x.shape)
    np.add.at(gradient, index, seed)
    assert np.asarray(backward(found, seed, wrt=[tensor])[tensor]) == pytest.approx(gradient)


def test_a_tensor_of_integers_is_an_index() -> None:
    x = Tensor(X)
    assert np.array_equal(x[Tensor(1)].numpy(), X[1])
    assert np.array_equal(x[:, Tensor(np.array([2, 0]))].numpy(), X[:, [2, 0]])
    assert np.array_equal(x[np.int64(1), np.array(2)].numpy(), X[1, 2])


SIDE = "an integer and a vector of integers in one index must stand side by side"
ANY = "an index must be an integer, a slice, '...', None or a vector of integers, got {}"


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (5, "index 5 is outside axis 0, which has 2 elements"),
        ((0, -4), "index -4 is outside axis 1, which has 3 elements"),
        ([0, 2], "index 2 is outside axis 0, which has 2 elements"),
        ((0, 0, 0, 0), "4 indices for a value with 3 axes (its shape is (2, 3, 4))"),
        (1.5, ANY.format("1.5")),
        (True, ANY.format("True")),
        ("a", ANY.format("'a'")),
        (slice(None, None, 0), "step must not be 0 (step: 1, or -1 to go backwards)"),
        ((..., ...), "an index may hold one '...', got 2"),
        (X > 0, "an index array must be a vector of integers (where(mask, x, 0) keeps shapes)"),
        ([0.5], "an index array must be a vector of integers (where(mask, x, 0) keeps shapes)"),
        ([[0, 1]], "an index array must be a vector of integers (gather takes more axes)"),
        (([0, 1], [0, 1]), "an index may hold one vector of integers, got 2 (pick twice: x[i][:, j])"),
        (
            (0, slice(None), [0, 1]),
            f"{SIDE} (pick twice: x[0][:, i])",
        ),
    ],
)
def test_indices_that_pick_otherwise_are_refused(index: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        Tensor(X)[index]
    assert str(caught.value) == message


# Tensors within a plan.


def test_a_tensor_is_a_constant_of_a_plan() -> None:
    builder = Builder()
    x = builder.input("x", Aval((2, 2), np.dtype(np.float64)))
    w = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
    made = [
        w * x,
        x * w,
        w @ x,
        x @ w,
        w + x,
        np.maximum(w, x),
        np.where(x > 0, w, x),
        np.concatenate([w, x]),
        w < x,
    ]
    assert all(type(symbol) is Symbol for symbol in made)
    assert [step.op.name for step in builder.steps] == [
        *("multiply", "multiply", "matmul", "matmul", "add", "maximum", "greater", "where", "concat", "less")
    ]
    assert all(np.array_equal(value, w.value) for value in builder.constants.values() if value.ndim)


# Memory.


def test_a_chain_makes_no_cycles_and_is_freed_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        x = Tensor(np.ones(4))
        y = OPS["dropout"](np.sin(x * 2.0) + x, mode="eval")
        total = np.sum(np.concatenate([y, y[:2]]))
        found = backward(total, wrt=[x], traced=True)
        ends = [weakref.ref(t) for t in (x, y, total, found[x])]
        del x, y, total, found
        assert [end() for end in ends] == [None] * 4
        assert gc.collect() == 0
        assert gw.grad(lambda x: gw.jvp(np.sin, (x,), (x,))[1])(1.0) is not None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_tensor_keeps_alive_what_it_was_made_of_and_nothing_else() -> None:
    x = Tensor(1.0)
    other = weakref.ref(x * 3.0)
    y = x * 2.0
    assert other() is None
    leaf = weakref.ref(x)
    del x
    assert leaf() is not None
    del y
    assert leaf() is None


@pytest.mark.parametrize("traced", [False, True])
def test_a_chain_of_a_hundred_thousand_is_differentiated_and_freed(traced: bool) -> None:
    x = y = Tensor(1.0)
    for _ in range(100_000):
        y = y * 1.00001
    gradient = backward(y, wrt=[x], traced=traced)[x]
    assert float(gradient) == pytest.approx(np.exp(1.0), rel=1e-4)
    end = weakref.ref(x)
    del x, y, gradient
    assert end() is None


def test_values_of_a_port_that_grows_may_come_in_a_list() -> None:
    for op, wanted in ((gw.ops.concat, np.concatenate), (gw.ops.stack, np.stack)):
        assert np.array_equal(op([X, X]), wanted([X, X]))
        assert np.array_equal(op((Tensor(X), X), axis=1).numpy(), wanted([X, X], axis=1))
    assert np.array_equal(gw.grad(lambda x: gw.ops.concat([x, 2 * x]).sum())(X), np.full(X.shape, 3.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gw.ops.reshape(X, (4, 6)), "reshape takes one value, got 2 (reshape(x, shape=…))"),
        (lambda: gw.ops.einsum("ij->i", X), "einsum takes values first, got 'ij->i' (einsum(xs0, …, equation=…))"),
    ],
)
def test_a_parameter_without_its_name_is_told(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(GradwireError) as caught:
        call()
    assert str(caught.value) == message
