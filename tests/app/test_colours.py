"""The two signs are told apart by everybody: computed for four kinds of sight, strong and pale."""

from __future__ import annotations

import numpy as np
import pytest
from colour_difference import SIGHTS, difference, lab

from gradwire.app.look import colour_map

LEAST = 25.0  # CIEDE2000 between the two


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [  # of the test data of Sharma, Wu and Dalal
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, -0.001, 2.49), (50.0, 0.0011, -2.49), 4.7461),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ],
)
def test_the_difference_is_that_of_the_published_data(
    first: tuple[float, ...], second: tuple[float, ...], expected: float
) -> None:
    assert difference(np.array(first), np.array(second)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("dark", [True, False])
def test_what_is_not_finite_has_a_colour_that_no_number_has(dark: bool) -> None:
    """To everybody else a sign in the cell tells it."""
    ramp = [lab(colour, "normal") for colour in colour_map.diverging(dark)]
    for bad in (colour_map.NAN, colour_map.ABOVE, colour_map.BELOW):
        own = lab(np.array(bad, np.uint8), "normal")
        assert min(difference(own, each) for each in ramp) >= LEAST - 1.0


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("share", [1.0, 0.35])
@pytest.mark.parametrize("dark", [True, False])
def test_signs_are_told_apart(dark: bool, share: float, sight: str) -> None:
    ramp = colour_map.diverging(dark)
    middle = (len(ramp) - 1) / 2
    negative, positive = (ramp[round(middle + sign * share * middle)] for sign in (-1, 1))
    assert difference(lab(negative, sight), lab(positive, sight)) >= LEAST
