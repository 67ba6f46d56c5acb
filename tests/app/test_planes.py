"""Arrays of several planes: which are drawn where, and in which colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from timelines import example, source_of

from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.step_card.facets import Facets, ways
from gradwire.app.step_card.picture import Picture
from gradwire.app.step_card.reading import read
from gradwire.core.stepping import Cursor, Moment


def test_planes_stand_side_by_side_around_the_one_that_is_told() -> None:
    facets = Facets.of((32, 16, 8, 8), (20, 9, 3, 4))
    assert [row[0][0] for row in facets.rows] == [19, 20, 21]
    assert [place[1] for place in facets.rows[0]] == [6, 7, 8, 9, 10, 11]
    assert facets.right
    assert facets.below
    cell = facets.cell((20, 9, 3, 4))
    assert cell is not None
    assert facets.at(cell.center().x(), cell.center().y()) == (20, 9, 3, 4)
    assert facets.cell((0, 0, 0, 0)) is None


def test_all_planes_along_one_axis_can_be_chosen() -> None:
    assert ways((32, 16, 8, 8)) == ("both", "1", "0")
    assert ways((1, 16, 8, 8)) == ways((5, 8, 8)) == ("both",)
    facets = Facets.of((32, 16, 8, 8), (20, 9, 3, 4), "1")
    assert [place for row in facets.rows for place in row] == [(20, channel) for channel in range(16)]
    assert not facets.below
    facets = Facets.of((32, 16, 8, 8), (20, 9, 3, 4), "0")
    assert {place[1] for row in facets.rows for place in row} == {9}
    assert facets.below


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_planes_share_one_scale_of_colours(theme: Any, qtbot: QtBot) -> None:
    timeline = example("digits_cnn")
    relu = next(i for i, step in enumerate(timeline.steps) if step.node == source_of(timeline, "relu_1").node)
    found = read(Moment(timeline, Cursor(relu + 1)))
    assert found is not None
    working = found.workings[0]
    picture = Picture(theme)
    qtbot.addWidget(picture)
    picture.show_working(working, working.largest)
    picture.resize(picture.sizeHint())
    picture.grab()
    (box, _) = picture.placed()[1]
    image = picture.grab().toImage()
    facets = Facets.of(working.array.shape, working.largest)
    ends = []
    for row in facets.rows:
        for place in row:
            at = np.unravel_index(np.argmax(working.array[place]), (8, 8))
            cell = facets.cell((*place, *map(int, at)))
            assert cell is not None
            x, y = (box.left() + cell.center().x() * box.width(), box.top() + cell.center().y() * box.height())
            ends.append((float(working.array[place].max()), image.pixelColor(int(x), int(y)).blueF()))
    weakest, strongest = min(ends), max(ends)
    assert weakest[0] < strongest[0]
    assert weakest[1] != strongest[1]  # each on a scale of its own, both would have the end of it
