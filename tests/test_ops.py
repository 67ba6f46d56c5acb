"""What must hold for every built-in op: its description, its shape rule, its memory, and its gradient."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes
from over import over

from gradwire.core.errors import GradwireError, RunError
from gradwire.core.op import Aval, Draw, Op, Sample, op, promote
from gradwire.core.ops import Registry, builtin

OPS = {found.name: found for found in builtin()}
# Nobody computes these: a run feeds them.
FED = ("input", "dataset", "shared")
CATEGORIES = {
    "activation",
    "compare",
    "convolution",
    "flow",
    "linear",
    "loss",
    "math",
    "normalisation",
    "random",
    "reduce",
    "shape",
    "source",
}
CASES = [
    pytest.param(found, sample, id=f"{found.name}-{i}")
    for found in builtin()
    if found.name not in FED
    for i, sample in enumerate(found.samples)
]
DIFFERENTIABLE = [case for case in CASES if not case.values[0].no_gradient]


def draw(sample: Sample, dtype: str = "float64", seed: int = 0) -> tuple[Any, ...]:
    """The arguments of a sample: shapes are filled with numbers of `dtype` from the sample's domain."""
    numbers = np.random.default_rng(seed)
    return tuple(_draw_one(arg, sample.domain_of(i), dtype, numbers) for i, arg in enumerate(sample.args))


def _draw_one(arg: Any, domain: str, dtype: str, numbers: np.random.Generator) -> Any:
    if isinstance(arg, Draw):
        high = 2 if arg.kind == "bool" else arg.high
        return np.asarray(numbers.integers(0, high, arg.shape)).astype("bool" if arg.kind == "bool" else "int64")
    if isinstance(arg, np.ndarray):
        return arg
    x = np.asarray(numbers.normal(size=arg))
    if domain == "positive":
        x = np.abs(x) + 0.5
    elif domain == "distinct":
        # Steps of 0.3 that avoid 0, in random order.
        x = (numbers.permutation(x.size) - x.size // 2 + 0.5).reshape(x.shape) * 0.3
    elif domain == "regular":  # matrices with an inverse
        x = x + 3 * np.eye(arg[-1])
    elif domain == "within 1":
        x = np.tanh(x) * 0.9
    elif domain == "above 1":
        x = np.abs(x) + 1.5
    elif domain == "some NaN":
        x.flat[int(numbers.integers(4)) :: 4] = np.nan
    elif domain == "not finite":
        x.flat[:3] = np.nan, np.inf, -np.inf
    elif domain in ("probabilities", "log probabilities"):
        x = np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True) if x.ndim else np.asarray(0.3)
        x = x if domain == "probabilities" else np.log(x)
    return np.asarray(x).astype(dtype)


def call(found: Op, args: tuple[Any, ...], params: dict[str, Any]) -> tuple[Any, ...]:
    """All outputs of an op, hidden ones too."""
    result = found.forward(np, *args, **params)
    return result if len(found.outputs) > 1 else (result,)


def pull(found: Op, args: tuple[Any, ...], params: dict[str, Any], g: tuple[Any, ...]) -> list[Any]:
    """The gradient for each argument, None where there is no path."""
    outs = call(found, args, params)
    if len(outs) == 1:
        entries = found.vjp_rule(g[0], outs[0], *args, **params)
    else:
        entries = found.vjp_rule(g, outs, *args, **params)
    return [entry() if callable(entry) else entry for entry in entries]


def weights(found: Op, outs: tuple[Any, ...], numbers: np.random.Generator) -> tuple[Any, ...]:
    """A gradient for each output: random where it is visible, None where it is hidden."""
    return tuple(
        None if o.hidden else np.asarray(numbers.normal(size=np.shape(y))).astype(y.dtype)
        for o, y in zip(found.outputs, outs, strict=True)
    )


def directional(
    found: Op, args: tuple[Any, ...], params: dict[str, Any], seed: int = 0
) -> Iterator[tuple[int, float, float]]:
    """For each float argument its position and its slope in a random direction: by rule, by differences."""
    numbers = np.random.default_rng(seed)
    g = weights(found, call(found, args, params), numbers)

    def total(values: list[Any]) -> float:
        outs = call(found, tuple(values), params)
        return sum(float(np.sum(a * b)) for a, b in zip(g, outs, strict=True) if a is not None)

    for i, entry in enumerate(pull(found, args, params, g)[: len(args)]):
        if args[i].dtype.kind != "f":
            continue
        direction = np.asarray(numbers.normal(size=args[i].shape))
        step = 1e-6
        moved = [[a + s * step * direction if j == i else a for j, a in enumerate(args)] for s in (1, -1)]
        slope = 0.0 if entry is None else float(np.sum(entry * direction))
        yield i, slope, (total(moved[0]) - total(moved[1])) / (2 * step)


def assert_gradient(found: Op, args: tuple[Any, ...], params: dict[str, Any]) -> None:
    for i, slope, difference in directional(found, args, params):
        assert slope == pytest.approx(difference, rel=1e-6, abs=1e-7), found.port_name(i)


@pytest.mark.parametrize("name", OPS)
def test_an_op_says_what_it_is(name: str) -> None:
    found = OPS[name]
    assert found.doc
    assert found.doc.split("\n")[0].endswith((".", ":"))
    assert found.formula
    assert found.category in CATEGORIES
    assert found.samples
    assert found.shape_rule is not None
    assert (found.vjp_rule is None) == (found.no_gradient is not None)
    assert all(found.check_parameters(sample.params) for sample in found.samples if found.parameters)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@over(CASES)
def test_the_shape_rule_tells_what_forward_gives(found: Op, sample: Sample, dtype: str) -> None:
    params = found.check_parameters(sample.params)
    if params.get("dtype") == "float":
        params["dtype"] = dtype
    args = promote(found, draw(sample, dtype))
    before = [arg.copy() for arg in args]
    outs = call(found, args, params)
    expected = found.infer([Aval(a.shape, a.dtype) for a in args], params)
    assert tuple(Aval(y.shape, y.dtype) for y in outs) == expected
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(args, before, strict=True))
    if not found.view:
        assert not any(np.shares_memory(y, arg) for y in outs for arg in args)
    elif found.contiguous:
        assert outs[0].flags.c_contiguous
    if found.expr is not None:
        assert expected[0].shape == np.broadcast_shapes(*(arg.shape for arg in args)), "an element of each is one of it"


IN_ORDER = [case for case in CASES if case.values[0].contiguous and not case.values[0].view]


@over(IN_ORDER)
def test_a_fresh_result_that_is_said_to_lie_in_order_does_whatever_is_given(found: Op, sample: Sample) -> None:
    args = [np.asfortranarray(arg) for arg in promote(found, draw(sample, "float64"))]
    assert all(y.flags.c_contiguous for y in call(found, args, found.check_parameters(sample.params)))


@over(DIFFERENTIABLE)
def test_gradients_have_the_shape_and_dtype_of_their_arguments(found: Op, sample: Sample) -> None:
    params = found.check_parameters(sample.params)
    args = promote(found, draw(sample, "float32"))
    g = weights(found, call(found, args, params), np.random.default_rng(1))
    before = [arg.copy() for arg in (*args, *(v for v in g if v is not None))]
    entries = pull(found, args, params, g)
    after = (*args, *(v for v in g if v is not None))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(after, before, strict=True))
    for arg, entry in zip(args, entries[: len(args)], strict=True):
        if entry is not None:
            assert (entry.shape, entry.dtype) == (arg.shape, arg.dtype)


@over(DIFFERENTIABLE)
def test_gradients_agree_with_differences(found: Op, sample: Sample) -> None:
    assert_gradient(found, promote(found, draw(sample)), found.check_parameters(sample.params))


def test_the_check_finds_a_rule_that_is_wrong_by_a_little() -> None:
    @op(formula="x^2", category="math", samples=[((3,),)])
    def wrong(xp: Any, x: Any) -> Any:
        return x * x

    wrong.vjp(lambda g, y, x: (g * (2.001 * x),))
    with pytest.raises(AssertionError):
        assert_gradient(wrong, draw(wrong.samples[0]), {})


@pytest.mark.parametrize("name", FED)
def test_what_a_run_feeds_is_not_computed(name: str) -> None:
    found = OPS[name]
    with pytest.raises(RunError):
        found(**found.samples[0].params)


def test_two_ops_of_one_name_are_refused() -> None:
    registry = Registry(builtin())
    registry.add(OPS["add"])  # the same one again is no conflict
    stranger = op(formula="x", category="math", samples=[])(OPS["add"].forward)
    with pytest.raises(GradwireError) as caught:
        registry.add(stranger)
    assert str(caught.value) == "an op named 'add' is there already (choose another name)"


BINARY = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "power")


@given(
    name=st.sampled_from(BINARY),
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0),
)
def test_binary_ops_broadcast_as_numpy_does(name: str, shapes: Any) -> None:
    found = OPS[name]
    args = draw(Sample(tuple(shapes.input_shapes), domain="positive"))
    assert np.array_equal(found(*args), getattr(np, name)(*args))
    assert found.infer([Aval(a.shape, a.dtype) for a in args], {})[0].shape == shapes.result_shape
    for arg, entry in zip(args, pull(found, args, {}, (np.ones(shapes.result_shape),)), strict=True):
        assert entry.shape == arg.shape
    assert_gradient(found, args, {})


@given(shapes=mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3), seed=st.integers(0, 9))
def test_where_broadcasts_as_numpy_does(shapes: Any, seed: int) -> None:
    condition, x, y = draw(Sample((Draw("bool", shapes.input_shapes[0]), *shapes.input_shapes[1:])), seed=seed)
    assert np.array_equal(OPS["where"](condition, x, y), np.where(condition, x, y))
    assert_gradient(OPS["where"], (condition, x, y), {})


@given(shapes=mutually_broadcastable_shapes(signature="(n?,k),(k,m?)->(n?,m?)", max_dims=2, max_side=3, min_side=0))
def test_matmul_takes_vectors_and_batches_as_numpy_does(shapes: Any) -> None:
    x, w = draw(Sample(tuple(shapes.input_shapes)))
    y = OPS["matmul"](x, w)
    assert np.array_equal(y, x @ w)
    assert OPS["matmul"].infer((Aval(x.shape, x.dtype), Aval(w.shape, w.dtype)), {})[0].shape == y.shape
    for arg, entry in zip((x, w), pull(OPS["matmul"], (x, w), {}, (np.ones(y.shape),)), strict=True):
        assert entry.shape == arg.shape
    assert_gradient(OPS["matmul"], (x, w), {})


@given(data=st.data(), name=st.sampled_from(("sum", "mean", "max", "logsumexp")), keepdims=st.booleans())
def test_reductions_take_any_axes(data: st.DataObject, name: str, keepdims: bool) -> None:
    shape = data.draw(array_shapes(max_dims=3, max_side=3))
    some = st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda a: a % len(shape))
    axis = data.draw(st.none() | st.integers(-len(shape), len(shape) - 1) | some.map(tuple))
    (x,) = draw(Sample((shape,), domain="distinct"))
    params = OPS[name].check_parameters({"axis": axis, "keepdims": keepdims})
    y = OPS[name](x, **params)
    if name == "logsumexp":
        expected = np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))
    else:
        expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert y == pytest.approx(expected)
    assert OPS[name].infer([Aval(x.shape, x.dtype)], params)[0] == Aval(np.shape(expected), x.dtype)
    assert_gradient(OPS[name], (x,), params)


def test_a_product_costs_two_operations_for_each_pair() -> None:
    avals = [Aval(shape, np.dtype("float32")) for shape in ((5, 2, 3), (3, 4))]
    assert OPS["matmul"].flops_rule(*avals) == 2 * 5 * 2 * 3 * 4


BOUND = st.none() | st.integers(-6, 6)


@given(start=BOUND, stop=BOUND, step=st.integers(-3, 3).filter(bool), axis=st.sampled_from((0, 1, -1, -2)))
def test_slice_cuts_as_python_does_and_place_is_its_adjoint(
    start: int | None, stop: int | None, step: int, axis: int
) -> None:
    x = np.arange(20.0).reshape(4, 5)
    cut = {"axis": axis, "start": start, "stop": stop, "step": step}
    y = OPS["slice"](x, **cut)
    index = [slice(None)] * 2
    index[axis] = slice(start, stop, step)
    assert np.array_equal(y, x[tuple(index)])
    assert OPS["slice"].infer([Aval(x.shape, x.dtype)], cut)[0].shape == y.shape
    g = np.random.default_rng(0).normal(size=y.shape)
    assert np.sum(OPS["place"](g, shape=x.shape, **cut) * x) == pytest.approx(np.sum(g * y))


@given(
    data=st.data(),
    axis=st.integers(-3, 2),
    picked=array_shapes(min_dims=0, max_dims=2, max_side=4, min_side=0),
)
def test_gather_takes_as_numpy_does_and_scatter_add_is_its_adjoint(
    data: st.DataObject, axis: int, picked: tuple[int, ...]
) -> None:
    x = np.random.default_rng(0).normal(size=data.draw(array_shapes(min_dims=3, max_dims=3, max_side=4)))
    indices = np.random.default_rng(1).integers(0, x.shape[axis], picked)
    y = OPS["gather"](x, indices, axis=axis)
    assert np.array_equal(y, np.take(x, indices, axis=axis))
    g = np.random.default_rng(2).normal(size=y.shape)
    back = OPS["scatter_add"](g, indices, shape=x.shape, axis=axis)
    assert back.shape == x.shape
    assert np.sum(back * x) == pytest.approx(np.sum(g * y))


def test_printing_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    x = np.arange(40.0, dtype=np.float32).reshape(20, 2)
    assert OPS["print"](x, message="after\x1b[2J\nrelu") is x
    assert capsys.readouterr().err == (
        "after [2J relu, forward: (20, 2) f32 [[0., 1.], [2., 3.], [4., 5.], ..., [34., 35.], [36., 37.], [38., 39.]]\n"
    )
    for iteration in range(12):
        state = np.array([0, iteration, 0, 0], np.uint64)
        OPS["print"](np.array(iteration), None, None, None, state, every=3, first=2)
    assert capsys.readouterr().err == "iteration 3, forward: () i64 3\niteration 6, forward: () i64 6\n"
    OPS["print"](np.array(7), None, None, None, np.array([0, 0, 0, 0], np.uint64))
    assert capsys.readouterr().err == "validation, forward: () i64 7\n"
    assert sys.stderr is not sys.stdout
