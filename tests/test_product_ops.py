"""Products, triangles, diagonals and einsum: NumPy's numbers, gradients by definition, and refusals in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_ops import LINEAR, by_units

from gradwire.core import check_grads, vjp
from gradwire.core.errors import ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin

OPS = builtin()

# Equations with the shapes of their values, beyond those of the samples.
EQUATIONS: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("ij,kj", ((2, 3), (4, 3))),  # without "->": in alphabetical order
    ("ba", ((2, 3),)),
    ("...a", ((2, 3, 4),)),
    ("i i", ((3, 3),)),
    ("ij->", ((2, 3),)),
    ("...->...", ((2, 3),)),
    ("->", ((),)),
    ("ij,jk,kl->il", ((2, 3), (3, 4), (4, 2))),
    ("bhqd,bhkd->bhqk", ((2, 2, 3, 4), (2, 2, 5, 4))),
    ("b...i,ij->b...j", ((2, 5, 3), (3, 4))),
    ("...,...->...", ((3, 1), (2, 1, 4))),
    ("...i,i", ((2, 3), (3,))),
    ("i...,i...->...", ((3, 1, 2), (3, 4, 1))),
    ("ii,i->", ((1, 1), (5,))),
    ("iij,j->ij", ((2, 2, 3), (3,))),
    ("ij,ij->ij", ((2, 3), (1, 1))),
    ("ij,jk->ik", ((2, 0), (0, 3))),
    ("ij,jk->k", ((0, 3), (3, 2))),
    ("Aa,aZ->ZA", ((2, 3), (3, 2))),
    (" i j , j -> i ", ((2, 3), (3,))),
    ("i,j,k->kji", ((2,), (3,), (4,))),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum_is_that_of_numpy_with_gradients_for_every_value(equation: str, shapes: Any) -> None:
    numbers = np.random.default_rng(0)
    xs = [np.asarray(numbers.normal(size=shape)) for shape in shapes]
    found, pull = vjp(lambda *xs: OPS["einsum"](*xs, equation=equation), *xs)
    wanted = np.einsum(equation, *xs)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    assert OPS["einsum"].infer([Aval(x.shape, x.dtype) for x in xs], {"equation": equation})[0].shape == wanted.shape
    g = np.asarray(numbers.normal(size=wanted.shape))
    for position, back in enumerate(pull(g)):
        np.testing.assert_allclose(
            back, by_units(LINEAR["einsum"], g, xs, {"equation": equation}, position), rtol=1e-9, atol=1e-11
        )


@settings(max_examples=40)
@given(data=st.data())
def test_einsum_of_any_two_terms_stands_the_check(data: st.DataObject) -> None:
    letters = st.text("ijk", max_size=3)
    terms = data.draw(st.tuples(letters, letters))
    known = sorted(set("".join(terms)))
    result = "".join(data.draw(st.permutations(known)))[: data.draw(st.integers(0, len(known)))]
    lengths = {letter: data.draw(st.integers(1, 3)) for letter in known}
    equation = f"{','.join(terms)}->{result}"
    numbers = np.random.default_rng(0)
    xs = [np.asarray(numbers.normal(size=[lengths[letter] for letter in term])) for term in terms]
    np.testing.assert_allclose(OPS["einsum"](*xs, equation=equation), np.einsum(equation, *xs), atol=1e-12)
    check_grads(lambda *xs: OPS["einsum"](*xs, equation=equation), xs, modes=("fwd", "rev"), order=2)


def test_einsum_never_gives_what_it_was_given() -> None:
    x = np.ones((2, 3))
    for equation in ("ij->ij", "ij->ji", "..."):
        assert not np.shares_memory(OPS["einsum"](x, equation=equation), x)
    assert not np.shares_memory(OPS["einsum"](np.eye(3), equation="ii->i"), x)


def test_einsum_keeps_the_dtype() -> None:
    half, whole = np.ones((2, 3), np.float32), np.ones(3, np.int64)
    assert OPS["einsum"](half, whole, equation="ij,j->i").dtype == np.float32
    (back, _) = vjp(lambda x, w: OPS["einsum"](x, w, equation="iij,k->j"), np.ones((2, 2, 3), np.float32), half[0])[1](
        np.ones(3, np.float32)
    )
    assert back.dtype == np.float32


def test_products_of_integers_stay_whole() -> None:
    x, y = np.array([1, 2]), np.array([3, 4, 5])
    assert OPS["dot"](x, x) == 5
    assert OPS["outer"](x, y).tolist() == [[3, 4, 5], [6, 8, 10]]
    assert OPS["kron"](x, y).tolist() == [3, 4, 5, 6, 8, 10]
    assert all(OPS[name](x, x).dtype == np.int64 for name in ("dot", "outer", "kron"))


@given(st.lists(st.integers(1, 3), max_size=3), st.lists(st.integers(1, 3), max_size=3))
def test_kroneckers_product_is_that_of_numpy(first: list[int], second: list[int]) -> None:
    x, y = (np.random.default_rng(0).normal(size=shape) for shape in (first, second))
    x, y = np.asarray(x), np.asarray(y)
    np.testing.assert_allclose(OPS["kron"](x, y), np.kron(x, y), rtol=1e-15)


@given(
    rows=st.integers(0, 4), columns=st.integers(0, 4), k=st.integers(-5, 5), axes=st.permutations([0, 1, 2]).map(tuple)
)
def test_triangles_and_diagonals_are_those_of_numpy(rows: int, columns: int, k: int, axes: tuple[int, ...]) -> None:
    x = np.arange(2.0 * rows * columns).reshape(2, rows, columns) + 1
    for name in ("tril", "triu"):
        np.testing.assert_array_equal(OPS[name](x, k=k), getattr(np, name)(x, k))
    np.testing.assert_array_equal(OPS["diag"](x[0], k=k), np.diag(x[0], k))
    turned = x.transpose(axes)
    where = {"offset": k, "axis1": axes.index(1), "axis2": axes.index(2) - 3}
    for name in ("diagonal", "trace"):
        found, pull = vjp(lambda x, name=name: OPS[name](x, **where), turned)
        np.testing.assert_array_equal(found, getattr(np, name)(turned, k, where["axis1"], where["axis2"]))
        (back,) = pull(np.ones(found.shape))
        chosen = np.broadcast_to(np.eye(rows, columns, k), x.shape).transpose(axes)
        np.testing.assert_array_equal(back, chosen)


def test_of_a_vector_diag_makes_a_matrix_and_of_its_gradient_the_vector() -> None:
    found, pull = vjp(lambda x: OPS["diag"](x, k=-1), np.array([1.0, 2.0]))
    assert found.tolist() == [[0, 0, 0], [1, 0, 0], [0, 2, 0]]
    assert pull(np.arange(9.0).reshape(3, 3))[0].tolist() == [3, 7]


V, M = (3,), (2, 3)
ANY = "(a letter for each axis; '...' stands for any others)"
WHOLE = "letters with at most one '...', as in 'ij,jk->ik'"
NUMBERS = "arithmetic needs numbers, got bool (cast it to a float or to int64)"
# fmt: off
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("dot", (M, V), {}, "x must be a vector for dot, got (2, 3) (matmul takes matrices)"),
    ("dot", (V, (2,)), {}, "x has 3 elements but y has 2 (y: (3,))"),
    ("dot", ((V, "bool"), (V, "bool")), {}, NUMBERS),
    ("outer", (V, M), {}, "y must be a vector for outer, got (2, 3) (y: (6,), by reshape)"),
    ("kron", ((V, "bool"), (V, "bool")), {}, NUMBERS),
    ("tril", (V,), {}, "x has 1 axis, and a triangle needs matrices (x: (…, N, M))"),
    ("triu", ((),), {}, "x has 0 axes, and a triangle needs matrices (x: (…, N, M))"),
    ("diagonal", (V,), {}, "x has 1 axis, and a diagonal needs two (x: (N, M, …))"),
    ("diagonal", (M,), {"axis1": 1, "axis2": -1}, "axis1 1 and axis2 -1 are the same axis of x (two of its axes)"),
    ("trace", (M,), {"axis2": 2}, "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("diag", ((2, 3, 4),), {}, "x has 3 axes, and diag takes a vector or a matrix (diagonal takes any two axes)"),
    ("einsum", (M,), {"equation": "i1"}, f"the equation 'i1' has 'i1', which is no list of letters ({WHOLE})"),
    ("einsum", (M,), {"equation": "ij->i->j"},
     f"the equation 'ij->i->j' has 'i->j', which is no list of letters ({WHOLE})"),
    ("einsum", (M,), {"equation": "...i..."},
     f"the equation '...i...' has '...i...', which is no list of letters ({WHOLE})"),
    ("einsum", (M, V), {"equation": "ij"},
     "the equation 'ij' is of 1 value, got 2 (a term for each, with commas between)"),
    ("einsum", (M, V), {"equation": "ij,jk"},
     f"xs1 (3,) has 1 axis, but 'jk' of 'ij,jk' names 2 {ANY}"),
    ("einsum", (M,), {"equation": "i"},
     f"xs0 (2, 3) has 2 axes, but 'i' of 'i' names 1 {ANY}"),
    ("einsum", (V,), {"equation": "...ij"},
     f"xs0 (3,) has 1 axis, but '...ij' of '...ij' names at least 2 {ANY}"),
    ("einsum", (M, (2, 3)), {"equation": "ij,jk->ik"}, "'j' is 3 in xs0 and 2 in xs1 (lengths must be equal or 1)"),
    ("einsum", (M,), {"equation": "ii"},
     "xs0 (2, 3) has 2 and 3 along 'i', which takes its diagonal (one length, or two letters)"),
    ("einsum", (M,), {"equation": "ij->ik"}, "the result of 'ij->ik' names 'k', which no value has"),
    ("einsum", (M,), {"equation": "ij->ii"}, "the result of 'ij->ii' names 'i' twice (each letter once)"),
    ("einsum", (M,), {"equation": "...i->i"},
     "the result of '...i->i' has no '...', which stands for 1 axis of the values (a result '...' keeps them)"),
    ("einsum", ((V, "bool"),), {"equation": "i->"}, NUMBERS),
]
# fmt: on


@pytest.mark.parametrize(("name", "shapes", "params", "message"), REFUSED)
def test_what_has_no_product_is_refused_by_the_shape_rule_and_by_what_computes(
    name: str, shapes: Any, params: Any, message: str
) -> None:
    op = OPS[name]
    given = [(shape[0], "bool") if shape and shape[-1] == "bool" else (shape, "float64") for shape in shapes]
    for attempt in (
        lambda: op.infer([Aval(shape, np.dtype(kind)) for shape, kind in given], op.check_parameters(params)),
        lambda: op(*(np.ones(shape, kind) for shape, kind in given), **params),
    ):
        with pytest.raises(ShapeError) as caught:
            attempt()
        assert str(caught.value) == message
