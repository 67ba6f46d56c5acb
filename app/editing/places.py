"""Places that gestures give, in whole scene units: below that nobody sees a difference, and numbers stay readable."""

from __future__ import annotations

from collections.abc import Iterable

Point = tuple[float, float]


def whole(place: Point) -> Point:
    """The place nearest to this one in whole numbers."""
    x, y = place
    return float(round(x)), float(round(y))


def all_whole(places: Iterable[Point]) -> list[Point]:
    """The same of several."""
    return [whole(place) for place in places]
