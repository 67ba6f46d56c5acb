"""The grid by which a canvas finds what is near, wherever files and gestures have put it."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradwire.app.canvas.grid import Grid

places = st.floats(-1e300, 1e300) | st.floats(-2000, 2000)


@given(st.lists(st.tuples(places, places), min_size=1, max_size=20))
def test_what_meets_a_window_is_near_it_wherever_the_rest_is(corners: list[tuple[float, float]]) -> None:
    grid = Grid()
    boxes = np.array([(x, y, 100.0, 60.0) for x, y in corners])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid.build(np.arange(len(boxes)), boxes)
    found = grid.near(0.0, 0.0, 800.0, 600.0)
    assert found is not None
    meets = [number for number, (x, y) in enumerate(corners) if -100 <= x <= 800 and -60 <= y <= 600]
    assert set(meets) <= set(found.tolist())
