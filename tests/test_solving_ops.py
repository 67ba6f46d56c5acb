"""Determinants, cofactors, inverses and linear equations: by definition, at singular matrices, and what is refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.errors import GradwireError
from gradwire.core.ops import builtin

OPS = builtin()
RANDOM = np.random.default_rng(0)
SINGULAR = {
    "two rows alike": np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]]),
    "one row in three": np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0]),
    "nothing": np.zeros((3, 3)),
}


def minors(x: Any) -> Any:
    """The cofactors of one matrix by definition."""
    made = np.zeros(x.shape)
    for i, j in np.ndindex(x.shape):
        made[i, j] = (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, 0), j, 1))
    return made


def leibniz(x: Any) -> float:
    """The determinant as the sum over all orders of the columns."""
    orders = itertools.permutations(range(len(x)))
    return sum(np.linalg.det(np.eye(len(x))[list(p)]) * np.prod([x[i, p[i]] for i in range(len(x))]) for p in orders)


@pytest.mark.parametrize("x", [*SINGULAR.values(), RANDOM.normal(size=(3, 3)), RANDOM.normal(size=(4, 4))])
def test_cofactors_are_minors_and_the_gradient_of_the_determinant(x: Any) -> None:
    assert OPS["det"](x) == pytest.approx(leibniz(x), abs=1e-12)
    np.testing.assert_allclose(OPS["cofactors"](x), minors(x), atol=1e-12)
    np.testing.assert_allclose(gw.grad(lambda x: np.linalg.det(x))(x), minors(x), atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("rank", [0, 1, 2, 4, 6])
def test_the_second_derivative_of_a_determinant_is_a_polynomial_whatever_the_rank(n: int, rank: int) -> None:
    """By minors of minors: d²det by (i, j) and (k, l) is ± what is left without these two rows and columns."""
    x = RANDOM.normal(size=(n, rank)) @ RANDOM.normal(size=(rank, n))
    d = RANDOM.normal(size=(n, n))
    wanted = np.zeros((n, n))
    for i, j, k, m in itertools.product(range(n), repeat=4):
        if i != k and j != m:
            left = np.delete(np.delete(x, [i, k], 0), [j, m], 1)
            turned = (i > k) ^ (j > m)
            wanted[i, j] += (-1) ** (i + j + k + m + turned) * np.linalg.det(left) * d[k, m]
    np.testing.assert_allclose(OPS["cofactors_along"](x, d), wanted, atol=1e-11)
    second = gw.grad(lambda x: np.sum(gw.grad(lambda x: np.linalg.det(x))(x) * d))(x)
    np.testing.assert_allclose(second, wanted, atol=1e-11)


def test_what_is_not_finite_stays_in_its_matrix() -> None:
    x = np.stack([np.eye(2), np.array([[np.nan, 1.0], [2.0, np.inf]])])
    made = OPS["cofactors"](x)
    np.testing.assert_array_equal(made[0], np.eye(2))
    assert np.isnan(made[1]).all()
    made = OPS["cofactors_along"](x, np.stack([np.eye(2), np.eye(2)]))
    np.testing.assert_allclose(made[0], np.eye(2))
    assert np.isnan(made[1]).all()


@pytest.mark.parametrize(("a", "b"), [((3, 3), (3,)), ((4, 3, 3), (3,)), ((2, 1, 3, 3), (4, 3, 2)), ((0, 0), (0, 2))])
def test_equations_are_solved_and_no_inverse_is_needed(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    x, y = RANDOM.normal(size=a), RANDOM.normal(size=b)
    found = OPS["solve"](x, y)
    columns = (lambda v: v[..., None]) if len(b) == 1 else (lambda v: v)
    np.testing.assert_allclose(columns(np.broadcast_to(y, found.shape)), x @ columns(found), atol=1e-12)
    inverse = OPS["inv"](x)
    np.testing.assert_allclose(x @ inverse, np.broadcast_to(np.eye(a[-1]), x.shape), atol=1e-12)


def test_linear_algebra_knows_every_dtype() -> None:
    x = np.array([[2, 1], [1, 1]])
    assert OPS["det"](x) == pytest.approx(1)
    assert OPS["inv"](x.astype(np.float16)).dtype == np.float16
    np.testing.assert_allclose(OPS["solve"](x, [3, 2]), [1, 1])


NO_INVERSE = "must have an inverse, got a singular matrix: its determinant is 0"
FITS = "(a small multiple of the identity added to it gives one)"


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("inv", (np.zeros((2, 2)),), f"x {NO_INVERSE} {FITS}"),
        ("inv", (np.stack([np.eye(2), np.ones((2, 2))]),), f"x[1] {NO_INVERSE} {FITS}"),
        ("solve", (np.ones((2, 2)), np.ones(2)), f"a {NO_INVERSE} {FITS}"),
        ("det", (np.ones(3),), "x has shape (3,), and det needs square matrices (x: (…, N, N))"),
        ("inv", (np.ones((2, 3)),), "x has 2 rows and 3 columns, and inv needs square matrices (x: (…, 2, 2))"),
        ("cofactors_along", (np.eye(2), np.ones(2)), "d has shape (2,), x has (2, 2) (d: (2, 2))"),
        ("solve", (np.eye(3), np.ones(2)), "a has 3 rows but b has 2 (b: (3,))"),
        ("solve", (np.eye(3), np.ones((2, 4))), "a has 3 rows but b has 2 (b: (…, 3, 4))"),
        (
            "solve",
            (np.ones((2, 3, 3)), np.ones((3, 3, 1))),
            "a (2, 3, 3) and b (3, 3, 1) do not broadcast before their last two axes (lengths must be equal or 1)",
        ),
        (
            "solve",
            (np.eye(2), np.array(1.0)),
            "b is a scalar, and solve needs a column for each right-hand side (b: (…, N, K))",
        ),
    ],
)
def test_what_is_refused(name: str, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(GradwireError) as caught:
        OPS[name](*args)
    assert str(caught.value) == message


def test_a_singular_matrix_in_a_graph_is_told_in_a_line() -> None:
    session = gw.Session()
    with session.document.transaction("Draw") as t:
        x = t.add("input", name="x", shape=(2, 2), value=1.0)
        t.add("inv", name="y", inputs={"x": x})
    for mode in ("static", "eager"):
        with pytest.raises(GradwireError) as caught:
            session.run(fetch="y", mode=mode)
        assert NO_INVERSE in str(caught.value)
    np.testing.assert_allclose(session.run({"x": 2 * np.eye(2)}, "y")["y"], np.eye(2) / 2)


@pytest.mark.parametrize("name", ["median", "quantile", "argmax", "argmin", "sum", "max", "norm"])
def test_one_number_of_a_reduction_is_no_array(name: str) -> None:
    params = {"q": 0.5} if name == "quantile" else {}
    for axis in ({}, {"axis": 0}):
        found = OPS[name](np.arange(4.0), **params, **axis)
        assert isinstance(found, np.generic), "as NumPy has it, so that it is printed as a number"


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_third_derivative_of_a_determinant_is_nan_where_the_matrix_is_singular_but_for_rounding(rank: int) -> None:
    rng = np.random.default_rng(rank)
    x = rng.normal(size=(3, rank)) @ rng.normal(size=(rank, 3))
    d, g = rng.normal(size=(2, 3, 3))
    found = gw.grad(lambda x: OPS["sum"](OPS["cofactors_along"](x, d) * g))(x)
    if rank < 3:
        assert np.isnan(found).all()
        return
    step = 1e-5
    for place in np.ndindex(3, 3):
        moved = np.zeros((3, 3))
        moved[place] = step
        high, low = (float((OPS["cofactors_along"](x + side * moved, d) * g).sum()) for side in (1, -1))
        assert found[place] == pytest.approx((high - low) / (2 * step), rel=1e-6)
