"""Breakpoints: where a run along a timeline halts, and that a faulty one halts nothing."""

from __future__ import annotations

import pytest
from timelines import example, source_of

from gradwire.core.stepping import Cursor
from gradwire.core.stepping.breakpoints import Breakpoint, run_on
from gradwire.core.stepping.expressions import Expression
from gradwire.core.stepping.forms import FITS, ExpressionError


def node(name: str) -> str:
    return source_of(example("sin_plus_product"), name).node


def halts(*points: Breakpoint) -> list[int]:
    """After how many steps runs from the start to the end halt."""
    timeline, cursor, found = example("sin_plus_product"), Cursor(), []
    while cursor != timeline.end:
        halt = run_on(timeline, cursor, points)
        cursor = halt.cursor
        if halt.breakpoint is not None:
            found.append(cursor.step)
    return found


@pytest.mark.parametrize(
    ("point", "steps"),
    [
        (Breakpoint(node("sin")), [3, 6, 7]),  # computed; its gradient arrives; it goes back
        (Breakpoint(node("sin"), "backward"), [6, 7]),
        (Breakpoint(None, "loss"), [5]),
        (Breakpoint(None, None, "x.grad > 2"), [8]),
        (Breakpoint(node("x"), None, "abs(grad) > 10"), []),
        (Breakpoint(None, None, "nonfinite(f)"), []),
        (Breakpoint(node("sin"), enabled=False), []),
        (Breakpoint(node("sin"), logged=True), []),
    ],
)
def test_where_a_breakpoint_halts(point: Breakpoint, steps: list[int]) -> None:
    assert halts(point) == steps


def test_a_condition_halts_when_it_comes_true_not_as_long_as_it_is() -> None:
    assert halts(Breakpoint(None, None, "sin.value > 0")) == [3]


def test_a_breakpoint_that_only_logs_counts() -> None:
    point = Breakpoint(node("sin"), logged=True)
    halt = run_on(example("sin_plus_product"), Cursor(), [point])
    assert (halt.breakpoint, halt.hits) == (None, {point: 3})


def test_a_faulty_breakpoint_is_told_and_halts_nothing() -> None:
    bad, good = Breakpoint(None, None, "q.grad >"), Breakpoint(node("f"), "forward")
    halt = run_on(example("sin_plus_product"), Cursor(), [bad, good])
    assert halt.breakpoint is good
    assert {point: str(error) for point, error in halt.errors.items()} == {
        bad: f"'q.grad >' is no expression: it ends too early ({FITS})"
    }
    with pytest.raises(ExpressionError, match=r"cannot be read from 'nonfinite' on \(nonfinite\(x\.grad\)\)$"):
        Expression("x.grad nonfinite")  # as a condition is said
