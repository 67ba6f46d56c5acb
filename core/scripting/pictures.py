"""Arrays as pictures in files, where Pillow is there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, RunError

Array = np.ndarray[Any, Any]
WIDTH, HEIGHT, EDGE = 640, 320, 12  # pixels of a curve, and what is left free around it
PLANES, ACROSS = 64, 16  # of a larger array that are shown, and in one row
SIDE = 480  # pixels that the longer side of a small array is enlarged to at most


def save_curve(numbers: Array, path: Path) -> None:
    """Write numbers as a curve, the first on the left. Raises `GradwireError`."""
    from PIL import ImageDraw

    flat = np.asarray(numbers, np.float64).ravel()
    places = np.linspace(EDGE, WIDTH - EDGE, max(flat.size, 2))[: flat.size]
    levels = HEIGHT - EDGE - _shares(flat) * (HEIGHT - 2 * EDGE)
    picture = _image(np.full((HEIGHT, WIDTH), 255, np.uint8))
    pen, kept = ImageDraw.Draw(picture), np.isfinite(flat)
    for i in range(flat.size - 1):
        if kept[i] and kept[i + 1]:
            pen.line([(places[i], levels[i]), (places[i + 1], levels[i + 1])], fill=0, width=2)
    _save(picture, path)


def save_picture(array: Array, path: Path) -> None:
    """Write an array as a picture, its least element black, its greatest white; NaN is black.

    Of three axes or more it has the first planes side by side, with white between them.
    """
    if not array.ndim or not array.size:
        raise RunError(f"a picture shows an array of one axis or more with elements, got the shape {array.shape}")
    shades = np.round(255 * np.nan_to_num(_shares(np.asarray(array, np.float64)))).astype(np.uint8)
    grey = tiled(planes(shades), np.uint8(255), rows_of(array.shape))
    times = max(1, SIDE // max(grey.shape))
    _save(_image(np.kron(grey, np.ones((times, times), np.uint8))), path)


def planes(array: Array) -> Array:
    """An array of one axis or more as (n, height, width): the first planes along its last two axes."""
    array = np.atleast_2d(array)
    found: Array = array.reshape(-1, *array.shape[-2:])[:PLANES]
    return found


def rows_of(shape: tuple[int, ...]) -> int:
    """In how many rows the planes of an array stand: those of four axes or more as its third-last axis has them."""
    count = min(math.prod(shape[:-2]), PLANES)
    across = shape[-3] if len(shape) > 3 and shape[-3] <= ACROSS else ACROSS
    return -(-count // across)


def tiled(planes: Array, between: Any, rows: int) -> Array:
    """(n, height, width, …) side by side in so many rows, what is `between` them a tenth of them wide, or one pixel."""
    count, height, width = planes.shape[:3]
    across, gap = -(-count // rows), max(1, max(height, width) // 10)
    shape = rows * (height + gap) - gap, across * (width + gap) - gap, *planes.shape[3:]
    found: Array = np.full(shape, between, planes.dtype)
    for number, plane in enumerate(planes):
        row, column = divmod(number, across)
        y, x = row * (height + gap), column * (width + gap)
        found[y : y + height, x : x + width] = plane
    return found


def _shares(array: Array) -> Array:
    """Where numbers lie between the least and the greatest finite one, from 0 to 1; NaN for those that are neither."""
    finite = array[np.isfinite(array)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    shares: Array = (array - low) / (high - low) if high > low else np.where(np.isfinite(array), 0.5, np.nan)
    return np.where(np.isfinite(array), shares, np.nan)


def _image(grey: Array) -> Any:
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise RunError("a picture is written by Pillow, which is not installed", hint="pip install pillow") from None
    return Image.fromarray(grey)


def _save(picture: Any, path: Path) -> None:
    try:
        picture.save(path)
    except (OSError, ValueError) as error:  # ValueError: a suffix that stands for no kind of picture
        raise FileError(f"{path} cannot be written: {error}") from error
