"""How numbers are spelt: what is shown tells what is there, to half of its last digit."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.app.look.numbers import NEARLY_ZERO, brief, exact, fixed, full, short, significant

finite = st.floats(allow_nan=False, allow_infinity=False)
sized = st.floats(-1e7, 1e7) | finite
decimals = st.integers(0, 12)


def read(text: str) -> tuple[Decimal, Decimal]:
    """The number that a text says, and the unit of its last digit."""
    number = Decimal(text.replace("−", "-").replace("\u00a0", ""))
    return number, Decimal(1).scaleb(int(number.as_tuple().exponent))


def assert_tells(text: str, number: float) -> None:
    shown, unit = read(text)
    assert abs(shown - Decimal(number)) <= unit * Decimal("0.5101"), f"{text} for {number!r}"
    assert (shown == 0) == (number == 0), f"{text} for {number!r}"
    assert ("−" in text.split("e")[0]) == (number < 0), f"{text} for {number!r}"
    assert "-" not in text


@given(sized, decimals)
def test_what_is_shown_is_right_to_half_of_its_last_digit(number: float, decimals: int) -> None:
    assert_tells(fixed(number, decimals), number)
    assert_tells(short(number), number)
    assert_tells(full(number), number)


@given(sized, st.integers(1, 12))
def test_significant_digits_leave_out_zeros_only(number: float, digits: int) -> None:
    text = significant(number, digits)
    shown, _ = read(text)
    unit = Decimal(1).scaleb(Decimal(number).adjusted() - digits + 1)
    assert abs(shown - Decimal(number)) <= unit * Decimal("0.5101")
    mantissa = text.lstrip("−").split("e")[0].replace(".", "").lstrip("0")
    assert len(mantissa.rstrip("0")) <= digits
    assert "." not in text.split("e")[0] or not text.split("e")[0].endswith("0")


@given(sized, st.integers(1, 12))
def test_there_are_always_as_many_digits_as_asked_for_that_tell_something(number: float, decimals: int) -> None:
    if number:
        mantissa = fixed(number, decimals).lstrip("−").split("e")[0].replace(".", "").lstrip("0")
        assert len(mantissa) >= decimals


@given(sized, st.integers(0, 6), st.integers(2, 8))
def test_a_cell_never_makes_a_number_look_like_zero(number: float, decimals: int, letters: int) -> None:
    assert_tells(brief(number, decimals), number)
    text = brief(number, decimals, letters)
    whole = text == brief(number, decimals).replace("0.", ".", 1)  # but for the zero before the point
    if text == NEARLY_ZERO or (text.lstrip("−").startswith(".") and not whole):
        assert 0 < abs(Decimal(number)) <= Decimal("0.5101").scaleb(-decimals)
        assert len(text) <= letters
        assert len(brief(number, decimals)) > letters  # there is no room for more
    else:
        assert_tells(text, number)


def test_where_there_is_little_room_a_small_number_is_told_shorter_or_not_at_all() -> None:
    texts = [[brief(number, 1, letters) for letters in (6, 5, 4, 3, 2)] for number in (1.4e-9, -3e-10, 0.032)]
    assert texts[0] == ["1e−9", "1e−9", "1e−9", "~0", "~0"]
    assert texts[1] == ["−3e−10", "~0", "~0", "~0", "~0"]
    assert texts[2] == ["3e−2", "3e−2", "3e−2", ".03", "~0"]
    assert [brief(-0.003, 1, letters) for letters in (5, 4, 3)] == [
        "−3e−3",
        "~0",
        "~0",
    ]  # with its sign, or not at all


@given(finite)
def test_eight_characters_are_enough(number: float) -> None:
    assert len(short(number)) <= 8


@pytest.mark.parametrize(
    ("number", "texts"),
    {
        2.54: ("2.5", "2.54", "2.540", "2.5400"),
        12.0: ("12.0", "12.00", "12.000", "12.0000"),
        0.8414709848: ("0.8", "0.84", "0.841", "0.8415"),
        0.0130625: ("0.01", "0.013", "0.0131", "0.01306"),
        0.000130625: ("1.3e−4", "1.31e−4", "1.306e−4", "1.3063e−4"),
        -0.0003: ("−3.0e−4", "−3.00e−4", "−3.000e−4", "−3.0000e−4"),
        0.09999: ("0.1", "0.10", "0.100", "0.09999"),
        0.0009999: ("0.001", "0.0010", "0.00100", "9.9990e−4"),
        99999.5: ("99999.5", "99999.50", "99999.500", "99999.5000"),
        130625.0: ("1.3e5", "1.31e5", "1.306e5", "1.3063e5"),
        0.0: ("0.0", "0.00", "0.000", "0.0000"),
        1e-300: ("1.0e−300", "1.00e−300", "1.000e−300", "1.0000e−300"),
    }.items(),
)
def test_digits_after_the_point_where_they_tell_enough(number: float, texts: tuple[str, ...]) -> None:
    assert tuple(fixed(number, decimals) for decimals in range(1, 5)) == texts


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("half", [0.125, 0.375, 1.125, 12.125])
def test_halves_that_computing_has_moved_are_rounded_alike_away_from_zero(half: float, sign: int) -> None:
    up = f"{half + 0.005:.2f}"
    for kind, steps in ((np.float64, range(-8, 9)), (np.float32, range(-4, 5))):
        for step in steps:
            number = kind(half)
            for _ in range(abs(step)):
                number = np.nextafter(number, kind(np.inf if step > 0 else -np.inf))
            assert fixed(kind(sign) * number, 2) == ("−" if sign < 0 else "") + up
            assert brief(kind(sign) * number, 2) == ("−" if sign < 0 else "") + up


def test_what_is_not_a_half_is_not_rounded_as_one() -> None:
    assert fixed(0.1249, 2) == "0.12"
    assert fixed(np.float32(0.1249), 2) == "0.12"
    assert fixed(np.float32(1.0), 7) == "1.0000000"
    assert full(np.float32(0.1)) == "0.1"
    assert full(np.float32(4.333)) == "4.333"
    assert full(np.float32(1 / 3)) == "0.33333334"
    assert full(0.1) == "0.1000000"
    assert significant(0.125, 2) == significant(0.12499999999999997, 2) == "0.13"


def test_what_is_not_rounded() -> None:
    assert [exact(each) for each in (True, 1234567, -3, float("nan"), -np.inf)] == [
        "true", "1\u00a0234\u00a0567", "−3", "NaN", "−∞",
    ]  # fmt: skip
    assert [fixed(each, 3) for each in (np.float64("nan"), np.int64(7), np.bool_(False))] == ["NaN", "7", "false"]
    assert fixed(10**9, 3) == "1.000e9"
    assert significant(10**9, 3) == "1\u00a0000\u00a0000\u00a0000"
    assert [significant(each, 3) for each in (1e-5, 1e5, 100.0, 0.25)] == ["1e−5", "1e5", "100", "0.25"]
    assert [fixed(-0.0, 2), brief(-0.0, 2)] == ["0.00", "0"]
    assert fixed(3 + 2e-7j, 3) == "3+2e−7j"


def test_what_is_short_of_room_loses_no_more_decimals_than_it_must() -> None:
    assert [brief(-1.304, 2, letters) for letters in (5, 4, 3, 2)] == ["−1.30", "−1.3", "−1", "−1"]
