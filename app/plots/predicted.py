"""What a decision surface says of places and samples, and its picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage

from ..look.colour_map import colour, image_of, limits
from ..look.numbers import significant
from ..look.theme import Theme
from .card import Array
from .data import Surface
from .hues import hues

STRONG = 0.55  # how much of its hue a class has where the network is sure


def _rgb(name: str) -> Array:
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)


def picture(surface: Surface, theme: Theme) -> QImage:
    """A pixel for each point of the grid: the hue of the likeliest class, the paler the less sure it is."""
    shares = np.asarray(surface.shares, np.float64)[:, ::-1]
    if len(shares) == 1:
        return image_of(colour(shares[0], *limits(shares[0]), theme.name == "dark"))
    colours = np.array([_rgb(name) for name in hues(len(shares), theme)])
    ground = _rgb(theme.background)
    finite = np.isfinite(shares).all(0)
    known = np.where(finite, shares, 0.0)
    chance = 1 / len(shares)
    sure = np.clip((known.max(0) - chance) / (1 - chance), 0, 1)[..., None] * STRONG
    mixed = ground * (1 - sure) + colours[known.argmax(0)] * sure
    mixed[~finite] = _rgb(theme.nonfinite)
    return image_of(np.round(mixed).astype(np.uint8))


def class_names(surface: Surface) -> tuple[str, ...]:
    """The classes, by number where they have no names; one score where there are none."""
    if len(surface.shares) == 1:
        return ("score",)
    return surface.classes or tuple(str(number) for number in range(len(surface.shares)))


def cells(surface: Surface, points: Array) -> tuple[Array, Array]:
    """Rows and columns of the grid that points (n, 2) lie in."""
    rows, columns = surface.shares.shape[1:]
    places = []
    for axis, (low, high), count in ((1, surface.y, rows), (0, surface.x, columns)):
        share = (np.asarray(points)[:, axis] - low) / (high - low)
        places.append(np.clip((share * count).astype(int), 0, count - 1))
    return places[0], places[1]


def wrong(surface: Surface) -> Array:
    """Which samples are of another class than is predicted where they lie."""
    if len(surface.shares) == 1 or not len(surface.points):
        return np.zeros(len(surface.points), bool)
    row, column = cells(surface, surface.points)
    return np.asarray(surface.shares)[:, row, column].argmax(0) != np.asarray(surface.targets)


def colours_of(surface: Surface, targets: Array, theme: Theme) -> list[str]:
    """The colour of each sample: that of its class, or of what was to be predicted."""
    if len(surface.shares) > 1:
        names = hues(len(surface.shares), theme)
        return [names[number] for number in targets.astype(int).tolist()]
    plane = np.asarray(surface.shares[0], np.float64)
    pixels = colour(targets.reshape(1, -1).astype(np.float64), *limits(plane), theme.name == "dark")
    return ["#{:02x}{:02x}{:02x}".format(*each) for each in pixels[0].tolist()]


def told(surface: Surface, x: float, y: float) -> str:
    """What is predicted at a place, nothing beside the picture."""
    if not (surface.x[0] <= x <= surface.x[1] and surface.y[0] <= y <= surface.y[1]):
        return ""
    row, column = cells(surface, np.array([[x, y]]))
    shares = np.asarray(surface.shares)[:, row[0], column[0]]
    where = f"{surface.names[0]} {significant(x, 3)}, {surface.names[1]} {significant(y, 3)}: "
    if len(shares) == 1:
        return where + significant(float(shares[0]), 4)
    best = int(np.argmax(shares))
    return where + f"{class_names(surface)[best]} {significant(100 * float(shares[best]), 3)} %"
