"""A curve between the cells of a console: its line, and the numbers that it has at its axes."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradwire.app.console.curve import curve_image
from gradwire.app.look.theme import DARK, LIGHT, Theme


def coloured(numbers: np.ndarray, theme: Theme = DARK) -> tuple[np.ndarray, np.ndarray]:
    """Where the picture of a curve has the colour of its line, and where anything is drawn: (rows, columns)."""
    image = curve_image(numbers, theme)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., 2::-1]

    def of(name: str) -> np.ndarray:
        return (np.abs(pixels.astype(int) - [int(name[i : i + 2], 16) for i in (1, 3, 5)]) < 8).all(axis=-1)

    return of(theme.accent), ~of(theme.background)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_a_curve_stands_between_its_numbers(theme: Theme, qtbot: QtBot) -> None:
    line, drawn = coloured(np.array([3.0, 1.0, 2.0]), theme)
    rows, columns = np.nonzero(line)
    beside, beneath = drawn[:, : columns.min() - 4].any(axis=1), drawn[rows.max() + 4 :].any(axis=0)
    assert beside[: rows.min() + 8].any(), "the greatest is told at the top"
    assert beside[rows.max() - 8 :].any(), "the least at the bottom"
    assert not beside[rows.min() + 20 : rows.max() - 20].any()
    assert (beneath[: columns.min() + 12].any(), beneath[columns.max() - 12 :].any()) == (True, True), "and both places"


def test_what_is_not_finite_is_a_gap_and_one_number_a_dot_in_the_middle(qtbot: QtBot) -> None:
    line, _ = coloured(np.array([1.0, 2.0, np.nan, np.inf, 2.0, 1.0]))
    columns = np.flatnonzero(line.any(axis=0))
    assert np.diff(columns).max() > 100
    line, _ = coloured(np.array([2.0, 2.0]))
    assert np.ptp(np.nonzero(line)[0]) <= 3
    for nothing in (np.array([]), np.array([np.nan])):
        assert not coloured(nothing)[0].any()
