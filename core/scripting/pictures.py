"""Arrays as pictures in files, where Pillow is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, RunError

Array = np.ndarray[Any, Any]
WIDTH, HEIGHT, EDGE = 640, 320, 12  # pixels of a curve, and what is left free around it
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
    """Write an array of one or two axes as a picture, its least element black, its greatest white; NaN is black."""
    if array.ndim not in (1, 2) or not array.size:
        message = f"a picture shows an array of one or two axes, got the shape {array.shape}"
        raise RunError(message, hint="one of its parts, as in show(array[0], path)")
    grey = np.atleast_2d(np.round(255 * np.nan_to_num(_shares(np.asarray(array, np.float64)))).astype(np.uint8))
    times = max(1, SIDE // max(grey.shape))
    _save(_image(np.kron(grey, np.ones((times, times), np.uint8))), path)


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
