"""What a look is, and what several of them need: the text of a number, the colours of many."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from ...look.theme import Theme

Array = NDArray[Any]
MOST_CELLS = 64, 256  # rows and columns of a picture of a tensor: more would not be seen in a strip of a node


class Look:
    """The preview of one value: made once for each value, painted in every frame."""

    @classmethod
    def fits(cls, value: Array) -> bool:
        """Whether this look shows such a value."""
        raise NotImplementedError

    def __init__(self, value: Array, theme: Theme, decimals: int) -> None:
        raise NotImplementedError

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        """Draw it, in scene units; `colour` is that of texts."""
        raise NotImplementedError


def number_text(number: Any, decimals: int) -> str:
    """A number as it stands in a node: short, and never rounded to look like zero."""
    number = number.item() if hasattr(number, "item") else number
    if isinstance(number, bool):
        return "true" if number else "false"
    if isinstance(number, int):
        return f"{number:,}".replace(",", " ") if abs(number) < 10**9 else f"{number:.{decimals}e}"
    if isinstance(number, complex):
        return f"{number:.{decimals}g}"
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "∞" if number > 0 else "−∞"
    size = abs(number)
    text = f"{number:.{decimals}f}" if size == 0 or 10.0**-decimals <= size < 1e6 else f"{number:.{decimals}e}"
    return text.replace("-", "−")


def shades(value: Array, theme: Theme) -> NDArray[np.uint8]:
    """The colours (…, 4), in the order blue, green, red, alpha, of numbers: zero as the field, the largest size full.

    Positive and negative go to two colours that differ in lightness too; what is no finite number is the error colour.
    """
    value = np.abs(value) if np.iscomplexobj(value) else np.asarray(value)
    number = value.astype(np.float64)
    finite = np.isfinite(number)
    size = float(np.abs(number[finite]).max(initial=0.0))
    share = np.where(finite, number, 0.0) / (size or 1.0)
    field, high, low = (_rgb(colour) for colour in (theme.background, theme.accent, theme.warning))
    mixed = np.where(
        share[..., None] >= 0,
        field + (high - field) * share[..., None],
        field + (low - field) * -share[..., None] * 0.8,
    )
    mixed = np.where(finite[..., None], mixed, _rgb(theme.error))
    result = np.full((*value.shape, 4), 255, np.uint8)
    result[..., :3] = mixed[..., ::-1]
    return result


def _rgb(colour: str) -> Array:
    found = QColor(colour)
    return np.array([found.red(), found.green(), found.blue()], np.float64)


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """A picture that owns its pixels (h, w, 4)."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()


def thinned(value: Array) -> Array:
    """At most MOST_CELLS rows and columns of a matrix, each the average of what it stands for; one NaN shows."""
    value = np.abs(value) if np.iscomplexobj(value) else value
    with np.errstate(invalid="ignore"):  # of infinities
        for axis, most in enumerate(MOST_CELLS):
            step = -(-value.shape[axis] // most)
            if step > 1:
                starts = np.arange(0, value.shape[axis], step)
                counts = np.diff([*starts, value.shape[axis]]).reshape((-1, 1) if axis == 0 else (1, -1))
                value = np.add.reduceat(value, starts, axis, np.float64) / counts
    return value
