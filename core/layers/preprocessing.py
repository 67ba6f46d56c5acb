"""Preprocessing: layers that bring values to a scale which is measured on the data, and saved with the graph."""

from __future__ import annotations

from typing import Annotated

from ..graph.elements import Source
from ..parameters import Range
from .building import Interior, layer, shown_with

Features = Annotated[tuple[int, ...], Range(low=1)]

# By layer the names of the parameters that are measured: what is subtracted, and what is divided by.
MEASURED = {"standardise": ("mean", "deviation"), "normalise": ("low", "width")}
CENTRED, SCALED = "centred", "scaled"


@shown_with((3, 2), shape=(2,))
@layer
def standardise(interior: Interior, x: Source | None, *, shape: Features) -> Source:
    """(x − mean) / deviation, both of `shape`, that of one sample: columns of mean 0 and deviation 1.

    They are measured on the training part by `fit`, and before training where that was not done; until then they are
    0 and 1, and nothing changes. A length of 1 in `shape`, or one left out, measures all along that axis together:
    (3, 1, 1) each channel of an image. A column that never varies is only centred.
    """
    return _scaled(interior, x, "standardise", shape)


@shown_with((3, 2), shape=(2,))
@layer
def normalise(interior: Interior, x: Source | None, *, shape: Features) -> Source:
    """(x − low) / width, both of `shape`, that of one sample: columns from 0 to 1 in what they were measured on.

    As with `standardise`, measured are the least value of the training part and how far the greatest lies above it.
    What lies beyond these comes out below 0 or above 1.
    """
    return _scaled(interior, x, "normalise", shape)


def _scaled(interior: Interior, x: Source | None, kind: str, shape: tuple[int, ...]) -> Source:
    """Subtract one parameter and divide by the other: measured, and so not trained."""
    first, second = MEASURED[kind]
    offset = interior.add("parameter", first, shape=shape, init="zeros")
    centred = interior.add("subtract", CENTRED, {"x": x, "y": offset})
    scale = interior.add("parameter", second, shape=shape, init="ones")
    for measured in (offset, scale):
        interior.t.set_flags(measured.node, {"freeze"})
    return interior.add("divide", SCALED, {"x": centred, "y": scale})
