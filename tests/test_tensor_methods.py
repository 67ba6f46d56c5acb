"""The methods of tensors and symbols: each the op of its name; and what is said where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.operators import METHODS

X = np.array([[0.2, -0.7, 1.5], [2.0, 0.1, -0.3]])
MASK = np.array([True, False, True])
# Arguments without their names, and the ones that they stand for.
GIVEN: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    **{
        name: ((1, True), {"axis": 1, "keepdims": True}) for name in ("sum", "mean", "max", "min", "prod", "any", "all")
    },
    **{name: ((0, 1), {"axis": 0, "ddof": 1}) for name in ("var", "std")},
    **{name: ((1,), {"axis": 1}) for name in ("argmax", "argmin", "median", "logsumexp", "cumsum", "cumprod", "flip")},
    **{name: ((0,), {"axis": 0}) for name in ("softmax", "log_softmax")},
    **{name: ((0, True), {"axis": 0, "descending": True}) for name in ("sort", "argsort")},
    "norm": ((1, 0), {"ord": 1, "axis": 0}),
    "quantile": ((0.25, 1), {"q": 0.25, "axis": 1}),
    "reshape": ((3, 2), {"shape": (3, 2)}),
    "transpose": ((1, 0), {"axes": (1, 0)}),
    "tile": ((2, 1), {"reps": (2, 1)}),
    "swapaxes": ((0, 1), {"axis1": 0, "axis2": 1}),
    "repeat": ((2, 0), {"repeats": 2, "axis": 0}),
    "roll": ((1, 0), {"shift": 1, "axis": 0}),
    "clip": ((-0.5, 1), {"low": -0.5, "high": 1}),
    "round": ((1,), {"decimals": 1}),
    "trace": ((1,), {"offset": 1}),
    "diagonal": ((1,), {"offset": 1}),
}
OTHERS = {"dot": (X[0], X[1]), "outer": (X[0], X[1]), "matmul": (X, X.T), "squeeze": (X[:1],)}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_the_op_of_its_name(name: str) -> None:
    op = getattr(gw.ops, name)
    first, *rest = OTHERS.get(name, (X,))
    args, params = GIVEN.get(name, ((), {}))
    x = gw.Tensor(first)
    found, wanted = getattr(x, name)(*rest, *args), op(first, *rest, **params)
    np.testing.assert_array_equal(found.numpy(), wanted)
    assert found.op is op
    np.testing.assert_array_equal(getattr(x, name)(*rest, **params).numpy(), wanted)
    graph = gw.trace(lambda v: getattr(v, name)(*rest, *args), first)
    assert op.name in {node.op for node in graph.nodes.values()}


@pytest.mark.parametrize(
    ("method", "args"),
    [
        *(
            (name, (1,))
            for name in ("min", "prod", "std", "var", "argmax", "argmin", "cumsum", "cumprod", "any", "all")
        ),
        *((name, ()) for name in ("sum", "flatten", "ravel", "squeeze", "argmax", "cumsum", "transpose")),
        ("round", (1,)),
        ("clip", (-0.5, 1.0)),
        ("repeat", (2, 1)),
        ("repeat", (2,)),
        ("reshape", (6,)),
        ("reshape", ((3, -1),)),
        ("take", ([0, 5],)),
        ("take", ([1], 1)),
        ("swapaxes", (0, 1)),
        ("dot", (X.T,)),
    ],
)
def test_methods_do_what_arrays_do(method: str, args: Any) -> None:
    if method == "dot":
        assert np.allclose(gw.Tensor(X[0]).dot(X[1]).numpy(), X[0].dot(X[1]))
        return
    assert np.allclose(getattr(gw.Tensor(X), method)(*args).numpy(), getattr(X, method)(*args))


def test_booleans_are_combined_by_signs() -> None:
    mask, other = gw.Tensor(MASK), np.array([True, True, False])
    for found, wanted in (
        (~mask, ~MASK),
        (mask & other, MASK & other),
        (other & mask, MASK & other),
        (mask | other, MASK | other),
        (other ^ mask, MASK ^ other),
        (True & mask, MASK),
    ):
        assert isinstance(found, gw.Tensor)
        assert np.array_equal(found.numpy(), wanted)
    graph = gw.trace(lambda x: gw.ops.where((x > 0) & ~(x > 1), x, 0.0), X)
    assert np.array_equal(gw.Session(graph).run(feed={"x": X}, fetch="y")["y"], np.where((X > 0) & ~(X > 1), X, 0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: ~x, "~ is of booleans, got f64 (comparisons give booleans: x > 0)"),
        (lambda x: (x > 0) & 1, "& is of booleans, got i64 (comparisons give booleans: x > 0)"),
        (lambda x: x.sum(dim=0), "sum has no parameter 'dim' (its parameters: axis, keepdims)"),
        (lambda x: x.sum(0, axis=1), "sum is given axis by its place and by its name (sum(x, axis=…, keepdims=…))"),
        (lambda x: x.sum(0, True, 3), "sum takes 2 values or fewer, got 3 (sum(x, axis=…, keepdims=…))"),
        (
            lambda x: np.average(x),
            "no op serves np.average on a Tensor (gw.ops.mean(x), with weights gw.ops.sum(w * x) / gw.ops.sum(w))",
        ),
        (lambda x: np.ptp(x), "no op serves np.ptp on a Tensor (x.max() - x.min())"),
        (lambda x: np.multiply.reduce(x), "no op serves np.multiply.reduce on a Tensor (gw.ops.prod(x))"),
        (
            lambda x: np.percentile(x, 5),
            "no op serves np.percentile on a Tensor (gw.ops.quantile(x, q=…), q from 0 to 1)",
        ),
    ],
)
def test_what_a_tensor_cannot_do_is_told(call: Any, message: str) -> None:
    with pytest.raises(gw.GradwireError) as caught:
        call(gw.Tensor(X))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gelu", "Tensor has no 'gelu'; ops are functions: gw.ops.gelu(x)"),
        ("clamp", "Tensor has no 'clamp'; perhaps x.clip(low, high)"),
        ("backward", "Tensor has no 'backward'; perhaps gw.backward(x)"),
        ("t", "Tensor has no 't'; perhaps x.T"),
        ("data", "Tensor has no 'data'; perhaps x.numpy(), or x.detach() to go on with as a tensor"),
        ("requires_grad", "Tensor has no 'requires_grad'; perhaps gw.backward(y, wrt=x): all are followed"),
        ("foo", "Tensor has no 'foo'; perhaps x.floor; ops are functions: gw.ops.relu(x)"),
    ],
)
def test_a_missing_attribute_says_what_is_near(name: str, message: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(gw.Tensor(X), name)
    assert str(caught.value) == message
    assert not hasattr(gw.Tensor(X), "_repr_png_")


def test_rounding_and_arrays_alike() -> None:
    """Python's round, and NumPy's new arrays of the shape and dtype of a tensor, by itself and under gw.grad."""
    x = gw.Tensor(np.array([1.26, -2.5, 3.5], np.float32))
    assert round(x).numpy().tolist() == [1.0, -2.0, 4.0]
    assert round(x, 1).numpy() == pytest.approx([1.3, -2.5, 3.5])
    for made, number in ((np.zeros_like(x), 0), (np.ones_like(x), 1), (np.full_like(x, 7), 7)):
        assert (made.dtype, made.tolist()) == (np.float32, [number] * 3)
    assert np.zeros_like(x, dtype=int).dtype == np.int64
    assert np.empty_like(x, shape=(2, 2)).shape == (2, 2)
    slope = gw.grad(lambda x: (x * np.full_like(x, 3.0) + np.ones_like(x)).sum())
    assert slope(np.array([1.0, 2.0])).tolist() == [3.0, 3.0]
    traced = gw.trace(lambda x: x + np.ones_like(x), np.zeros(3))
    assert traced is not None


def test_gradients_say_what_they_are() -> None:
    x = gw.Tensor(2.0)
    said = "<gradients of 1 tensor: [tensor] gives one, contributions(tensor) its parts>"
    assert repr(gw.backward(x * x, wrt=x)) == said


def test_names_of_other_libraries_lead_to_ours() -> None:
    for name, told in (("tensor", "; perhaps gw.Tensor(x)"), ("no_grad", "; perhaps x.detach()"), ("nothing", "")):
        with pytest.raises(AttributeError) as caught:
            getattr(gw, name)
        assert str(caught.value) == f"module 'gradwire.core' has no attribute {name!r}{told}"


def test_gradients_are_gone_through_as_a_dict() -> None:
    x, w = gw.Tensor([1.0, 2.0]), gw.Tensor([3.0, 4.0])
    product = x * w
    found = gw.backward(product.sum())
    assert x in found
    assert product not in found  # of what was computed on the way the gradient was not asked for
    assert 3 not in found
    assert len(found) == 2
    assert {id(tensor) for tensor in found} == {id(x), id(w)}
    assert np.array_equal(dict(found)[x], [3.0, 4.0])
    assert [list(gradient) for tensor, gradient in gw.backward(product.sum(), wrt=w).items()] == [[1.0, 2.0]]
