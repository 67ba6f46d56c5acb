"""Where within an op NaN or infinity begins: in the first line of what it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from timelines import drawn, source_of, value

from gradwire.app.step_card.workings import forward
from gradwire.core.stepping import Timeline
from gradwire.core.stepping.explaining import first_not_finite

INF = float("inf")


def made(op: str, **inputs: Any) -> Timeline:
    return drawn(lambda t: t.add(op, name="it", inputs={port: value(t, port, given) for port, given in inputs.items()}))


def says(timeline: Timeline) -> tuple[str, ...]:
    """The sentences of the card about the value of the op."""
    found = forward(timeline.run, source_of(timeline, "it"), "it")
    assert found is not None
    return found.says


@pytest.mark.parametrize(
    ("op", "x", "line"),
    [
        ("softmax", [1.0, INF], "line 3 of the 6 that it is made of: x − detach(max(x, axis=-1)) = ∞ − ∞ = NaN at [1]"),
        (
            "log_softmax",
            [1.0, INF],
            "line 2 of the 2 that it is made of: x − logsumexp(x, axis=-1) = ∞ − ∞ = NaN at [1]",
        ),
        (
            "softmax",
            [-INF, -INF],
            "line 3 of the 6 that it is made of: x − detach(max(x, axis=-1)) = −∞ − (−∞) = NaN at [0]",
        ),
        (
            "layer_norm",
            [[INF, 1.0]],
            "line 2 of the 7 that it is made of: x − mean(x, axis=-1) = ∞ − ∞ = NaN at [0, 0]",
        ),
    ],
)
def test_the_card_tells_the_line_in_which_nan_begins(op: str, x: Any, line: str) -> None:
    assert says(made(op, x=x)) == (f"What is not finite begins in {line}",)


def test_an_overflow_of_finite_numbers_is_told_by_its_line() -> None:
    timeline = made("mse", prediction=[1e200], target=[-1e200])
    line = "line 2 of the 3 that it is made of: (prediction − target)² = 2e+200² = ∞ at [0]"
    assert says(timeline) == (f"What is not finite begins in {line}",)
    why = first_not_finite(timeline)
    assert why is not None
    assert why.text == f"it is ∞: it begins in {line}"


def test_within_an_op_that_is_made_of_such_an_op_its_line_is_told() -> None:
    timeline = made("cross_entropy", logits=[[1.0, INF]], target=[[0.0, 1.0]])
    assert says(timeline)[0].endswith(": logits − logsumexp(logits, axis=-1) = ∞ − ∞ = NaN at [0, 1]")


@pytest.mark.parametrize("x", [[1.0, 2.0], [1.0, np.nan]])
def test_what_is_finite_or_was_nan_before_begins_nowhere_there(x: Any) -> None:
    assert says(made("softmax", x=x)) == ()
