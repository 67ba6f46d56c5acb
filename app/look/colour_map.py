"""Arrays as pictures: lightness rises evenly, so that equal steps look equal, in grey and to most colour-blind eyes.

Blue is positive and orange negative, in nodes as in the tensor viewer. The ramps are drawn in OKLCh (Ottosson 2020):
lightness goes evenly from end to end, hue turns on the way.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

Array = np.ndarray[Any, Any]
STEPS = 256
NAN, ABOVE, BELOW = (255, 0, 200), (255, 140, 232), (190, 0, 150)  # one hue, which is in no ramp


def _srgb(lightness: Array, chroma: Array, hue: Array) -> Array:
    """OKLCh (hue in degrees) as sRGB bytes (n, 3); what the screen lacks is cut off."""
    a, b = chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))
    cone = (
        lightness + 0.3963377774 * a + 0.2158037573 * b,
        lightness - 0.1055613458 * a - 0.0638541728 * b,
        lightness - 0.0894841775 * a - 1.2914855480 * b,
    )
    long, middle, short = (each**3 for each in cone)
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ],
        axis=-1,
    ).clip(0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(curved * 255), np.uint8)


@cache
def sequential() -> Array:
    """From dark blue through green to light yellow, (256, 3) bytes."""
    way = np.linspace(0, 1, STEPS)
    return _srgb(0.18 + 0.78 * way, 0.06 + 0.09 * np.sin(np.pi * way), 285 - 180 * way)


@cache
def diverging(dark: bool) -> Array:
    """From orange through the background's side (dark or light) to blue, (256, 3) bytes; equal steps either way."""
    way = np.linspace(-1, 1, STEPS)
    size = np.abs(way)
    lightness = 0.24 + 0.56 * size if dark else 0.97 - 0.45 * size
    return _srgb(lightness, 0.15 * size, np.where(way < 0, 55.0, 250.0))


def signed(low: float, high: float) -> bool:
    """Whether values between these need a ramp with a middle at 0."""
    return low < 0 < high


def limits(plane: Array) -> tuple[float, float]:
    """Between what the finite elements lie, 0 and 0 where there are none."""
    if plane.dtype.kind == "f":
        finite = plane[np.isfinite(plane)]
    else:
        finite = plane.reshape(-1)
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def colour(plane: Array, low: float, high: float, dark: bool) -> Array:
    """(rows, columns, 3) bytes: by a diverging ramp where there are both signs, else by a sequential one.

    NaN and the infinities get colours that are in neither ramp.
    """
    numbers = plane.astype(np.float64)
    if signed(low, high):
        ramp, most = diverging(dark), max(-low, high)
        low, high = -most, most
    else:
        ramp = sequential()
    width = high - low
    with np.errstate(invalid="ignore", over="ignore"):
        share = (numbers - low) / width if width > 0 and np.isfinite(width) else np.zeros(numbers.shape)
        place = share * (STEPS - 1)
        if np.isfinite(numbers).all():  # as nearly always
            return ramp[place.clip(0, STEPS - 1).astype(np.intp)]
        index = np.nan_to_num(place, nan=0.0).clip(0, STEPS - 1).astype(np.intp)
    found = ramp[index]
    found[np.isnan(numbers)] = NAN
    found[numbers == np.inf] = ABOVE
    found[numbers == -np.inf] = BELOW
    return found


def image_of(pixels: Array) -> QImage:
    """(rows, columns, 3) bytes as a picture of a pixel an element, which owns them."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape[:2]
    image = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # which is drawn faster


def averaged(plane: Array, rows: int, columns: int) -> Array:
    """At most so many rows and columns, each the average of what it stands for; one NaN shows."""
    with np.errstate(invalid="ignore"):  # of infinities
        for axis, most in enumerate((rows, columns)):
            step = -(-plane.shape[axis] // most)
            if step > 1:
                starts = np.arange(0, plane.shape[axis], step)
                counts = np.diff([*starts, plane.shape[axis]]).reshape((-1, 1) if axis == 0 else (1, -1))
                plane = np.add.reduceat(plane, starts, axis, np.float64) / counts
    return plane


def sampled(plane: Array, most: int) -> tuple[Array, int, int]:
    """Every n-th row and m-th column of a plane too large to average, at most so many of either; and n and m."""
    n, m = (max(1, -(-length // most)) for length in plane.shape)
    return plane[::n, ::m], n, m
