"""Parameters: what each annotation accepts, in which form rules receive it, and what a refusal says."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pytest

from gradwire.core.errors import ParameterError
from gradwire.core.ops import builtin
from gradwire.core.parameters import LEVELS, Parameter

AXIS = int | tuple[int, ...] | None
SHAPE = tuple[int | Literal["N"], ...]
CHOICE = Literal["mean", "sum"]

ACCEPTED = [
    (int, 3, 3),
    (int, np.int64(3), 3),
    (int, 2**64 - 1, 2**64 - 1),
    (int, -(2**63), -(2**63)),
    (float, 3, 3.0),
    (float, 0.5, 0.5),
    (float, np.float32(0.5), 0.5),
    (float, "inf", math.inf),
    (float, "-inf", -math.inf),
    (bool, True, True),
    (str, "x", "x"),
    (int | None, None, None),
    (AXIS, 1, 1),
    (AXIS, [0, -1], (0, -1)),
    (AXIS, [], ()),
    (AXIS, None, None),
    (SHAPE, ["N", 3], ("N", 3)),
    (SHAPE, [], ()),
    (tuple[float, float], [1, 2], (1.0, 2.0)),
    (CHOICE, "sum", "sum"),
    (Any, [[1, "inf"], [2, None]], ((1, "inf"), (2, None))),
    (Any, {"a": [1]}, {"a": [1]}),
]


@pytest.mark.parametrize(("annotation", "value", "expected"), ACCEPTED)
def test_a_value_that_fits_is_read(annotation: Any, value: Any, expected: Any) -> None:
    found = Parameter("p", annotation).read(value, "op")
    assert found == expected
    assert type(found) is type(expected)


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


REFUSED = [
    (int, True, "an integer, got True"),
    (int, 1.0, "an integer, got 1.0"),
    (int, "1", "an integer, got '1'"),
    (int, 2**64, "an integer, got an integer of 65 bits"),
    (int, 10**5000, "an integer, got an integer of 16610 bits"),
    (float, False, "a number, got False"),
    (float, "1", "a number, got '1'"),
    (float, 1j, "a number, got 1j"),
    (float, 2**1023, "a number, got an integer of 1024 bits"),
    (bool, 1, "true or false, got 1"),
    (str, 1, "a text, got 1"),
    (int | None, "x", "an integer or null, got 'x'"),
    (AXIS, [0, 0.5], "an integer, a list of integers or null, got [0, 0.5]"),
    (SHAPE, ["M"], "a list of integers or N, got ['M']"),
    (SHAPE, [True], "a list of integers or N, got [True]"),
    (SHAPE, "N", "a list of integers or N, got 'N'"),
    (tuple[float, ...], ["x"], "a list of numbers, got ['x']"),
    (tuple[float, float], [1], "two numbers, got [1]"),
    (CHOICE, "none", "one of mean, sum, got 'none'"),
    (CHOICE, ["sum"], "one of mean, sum, got ['sum']"),
    (CHOICE, np.zeros(2), "one of mean, sum, got array([0., 0.])"),
    (int, list(range(1000)), "an integer, got [0, 1, 2, 3, ...]"),
    (int, "x" * 1000, "an integer, got " + repr("x" * 1000)[:28] + "..." + repr("x" * 1000)[-29:]),
    (int, nested(500), "an integer, got [[[[...]]]]"),
    (Any, nested(LEVELS + 1), "nested at most 64 deep, got [[[[...]]]]"),
]


@pytest.mark.parametrize(("annotation", "value", "message"), REFUSED, ids=range(len(REFUSED)))
def test_a_value_that_does_not_fit_is_refused(annotation: Any, value: Any, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        Parameter("p", annotation).read(value, "op")
    assert str(caught.value) == f"op: p must be {message}"


def test_nan_is_a_number() -> None:
    assert math.isnan(Parameter("p", float).read("nan", "op"))


def test_a_default_is_optional() -> None:
    assert not Parameter("p", int).has_default
    assert Parameter("p", int | None, None).has_default


@pytest.mark.parametrize(("op", "name"), [("celu", "alpha"), ("huber", "delta")])
def test_a_number_that_must_be_above_0_says_so_and_is_refused_at_0(op: str, name: str) -> None:
    parameter = builtin()[op].parameters[name]
    assert parameter.expected == "a number above 0"
    parameter.check_range(1e-9, op)
    for value in (0.0, -1.0, math.inf):
        with pytest.raises(ParameterError) as caught:
            parameter.check_range(value, op)
        finite = "" if math.isfinite(value) else "finite "
        assert str(caught.value) == f"{op}: {name} must be a {finite}number above 0, got {value}"
