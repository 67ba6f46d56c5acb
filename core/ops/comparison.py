"""Comparisons: booleans, through which no gradient flows."""

from __future__ import annotations

from typing import Any

from ..op import Op, op
from ._rules import comparison

STEPS = "a comparison moves in steps: there is no path for a gradient"
SAMPLES = [((2, 3), (2, 3)), ((2, 3), (3,))]


def _comparison(formula: str) -> Any:
    def build(forward: Any) -> Op:
        built = op(formula=formula, category="compare", samples=SAMPLES, promote=("x", "y"), no_gradient=STEPS)(forward)
        built.shape(comparison)
        built.by_element = True
        return built

    return build


@_comparison(r"x = y")
def equal(xp: Any, x: Any, y: Any) -> Any:
    """Where `x` equals `y`; NaN equals nothing."""
    return xp.equal(x, y)


@_comparison(r"x \ne y")
def not_equal(xp: Any, x: Any, y: Any) -> Any:
    """Where `x` differs from `y`; NaN differs from everything."""
    return xp.not_equal(x, y)


@_comparison(r"x < y")
def less(xp: Any, x: Any, y: Any) -> Any:
    """Where `x` is less than `y`."""
    return xp.less(x, y)


@_comparison(r"x \le y")
def less_equal(xp: Any, x: Any, y: Any) -> Any:
    """Where `x` is at most `y`."""
    return xp.less_equal(x, y)


@_comparison(r"x > y")
def greater(xp: Any, x: Any, y: Any) -> Any:
    """Where `x` is greater than `y`."""
    return xp.greater(x, y)


@_comparison(r"x \ge y")
def greater_equal(xp: Any, x: Any, y: Any) -> Any:
    """Where `x` is at least `y`."""
    return xp.greater_equal(x, y)
