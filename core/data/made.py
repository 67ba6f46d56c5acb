"""Made sets: points and small images drawn by a formula and a seed, for networks that one wants to see learn.

Sample k is of class k modulo C, so that the first few hold every class. What is drawn is a function of the number of
samples, the noise and the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..random import normal, state, stream, uniform
from .datasets import Array, Dataset, Options

SIDE = 16  # pixels of a shape's image, where nothing else is said
SHAPES = ("circle", "square", "triangle")
TURNS = 1.25  # of an arm of the spirals


class Draw:
    """One drawing of a set: how many samples of which classes, and random numbers of its seed.

    Each purpose has a stream of its own, so that more noise moves no point's true place.
    """

    def __init__(self, entry: Made, options: Options) -> None:
        self.name = entry.name
        self.count = entry.samples if options.samples is None else options.samples
        self.spread = entry.noise if options.noise is None else options.noise
        self.classes = entry.classes_of(options)
        self.image_size = options.image_size or (SIDE, SIDE)
        self.labels = np.arange(self.count, dtype=np.int64) % (self.classes or 1)
        self._state = state(options.data_seed or 0)

    def uniform(self, purpose: str, *shape: int) -> Array:
        """Numbers from 0 to 1."""
        return uniform(self._state, stream(f":{self.name} {purpose}"), shape)

    def blurred(self, values: Array) -> Array:
        """`values` with the noise on each."""
        return values + self.spread * normal(self._state, stream(f":{self.name} noise"), values.shape)


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of a made set without drawing it, and the functions that draw x (N, ...) and real targets (N, 1).

    `takes` are the settings that it can be given beside the number of samples, the noise and the seed.
    """

    name: str
    features: tuple[str, ...]
    classes: int | None
    samples: int
    noise: float
    summary: str
    x: Callable[[Draw], Array]
    takes: tuple[str, ...] = ()

    def classes_of(self, options: Options) -> int | None:
        """How many classes there are, None for real targets."""
        return self.classes if options.classes is None else options.classes

    def feature_shape(self, options: Options) -> tuple[int, ...]:
        return (len(self.features),) if self.features else (1, *(options.image_size or (SIDE, SIDE)))


def make(name: str, options: Options) -> Dataset:
    """Draw a set of MADE: x (N, ...) float64, y (N,) labels or, of the sine, (N, 1) real targets."""
    entry = MADE[name]
    draw = Draw(entry, options)
    x = entry.x(draw)
    if draw.classes is None:
        return Dataset(name, x, draw.blurred(np.sin(x)), entry.features)
    names = SHAPES if name == "shapes" else tuple(str(label) for label in range(draw.classes))
    return Dataset(name, x, draw.labels, entry.features, names)


def _polar(radius: Array, turns: Array) -> Array:
    return np.column_stack([radius * np.cos(2 * np.pi * turns), radius * np.sin(2 * np.pi * turns)])


def _moons(draw: Draw) -> Array:
    upper = _polar(np.ones(draw.count), draw.uniform("angle", draw.count) / 2)
    return draw.blurred(np.where(draw.labels[:, None] == 0, upper, [1.0, 0.5] - upper))


def _spirals(draw: Draw) -> Array:
    # Even along the arm: points even in the radius would crowd in the middle.
    radius = np.sqrt(draw.uniform("radius", draw.count))
    return draw.blurred(_polar(radius, TURNS * radius + draw.labels / (draw.classes or 1)))


def _blobs(draw: Draw) -> Array:
    return draw.blurred(_polar(np.ones(draw.count), draw.labels / (draw.classes or 1)))


def _xor(draw: Draw) -> Array:
    # Corners in the order (-, -), (-, +), (+, +), (+, -), of classes 0, 1, 0, 1.
    corner = np.arange(draw.count) % 4
    return draw.blurred(np.column_stack([np.where(corner < 2, -1.0, 1.0), np.where(corner % 3 == 0, -1.0, 1.0)]))


def _sine(draw: Draw) -> Array:
    return np.pi * (2 * draw.uniform("x", draw.count, 1) - 1)


def _shapes(draw: Draw) -> Array:
    height, width = draw.image_size
    radius = min(height, width) * (0.2 + 0.15 * draw.uniform("radius", draw.count, 1, 1))
    across, down = (draw.uniform(way, draw.count, 1, 1) for way in ("across", "down"))
    dx = np.arange(width) + 0.5 - (radius + (width - 2 * radius) * across)
    dy = np.arange(height)[:, None] + 0.5 - (radius + (height - 2 * radius) * down)
    # How many pixels within its outline a pixel's middle lies; the edge is one pixel wide.
    circle = radius - np.hypot(dx, dy)
    square = 0.85 * radius - np.maximum(abs(dx), abs(dy))
    triangle = np.minimum(0.75 * radius - dy, ((dy + radius) * 0.5 - abs(dx) * 0.875))
    inside = np.choose(draw.labels[:, None, None], [circle, square, triangle])
    return np.clip(draw.blurred(np.clip(inside + 0.5, 0.0, 1.0)), 0.0, 1.0)[:, None]


PLANE = ("x0", "x1")

MADE = {
    entry.name: entry
    for entry in (
        Made("moons", PLANE, 2, 400, 0.1, "two half circles in each other's arms, in a plane", _moons),
        Made("spirals", PLANE, 2, 600, 0.02, "arms of a spiral that wind around each other", _spirals, ("classes",)),
        Made("blobs", PLANE, 3, 300, 0.25, "round clouds, their middles on a circle", _blobs, ("classes",)),
        Made("xor", PLANE, 2, 400, 0.3, "four clouds, of which those across belong together", _xor),
        Made("sine", ("x",), None, 300, 0.1, "points along one wave of a sine (real numbers)", _sine),
        Made("shapes", (), 3, 900, 0.1, "images of a circle, a square or a triangle", _shapes, ("image_size",)),
    )
}
