"""Small pictures in crisp pixels: as images, and how large and where they are drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from ..look.colour_map import NAN, image_of, limits
from .card import Array

FINEST = 16.0  # pixels of the longer side of a picture that is still made out
_FACTORS = (*range(24, 0, -1), *(1 / part for part in range(2, 40)))


class Tiling(NamedTuple):
    """As many tiles as there is room for, row by row, and the pixels for each pixel of a picture."""

    tiles: list[QRectF]
    columns: int
    factor: float


def as_images(pictures: Array) -> list[QImage]:
    """Pictures (n, rows, columns) in grey, or with three colours behind, on one scale from their least to greatest."""
    low, high = limits(pictures)
    numbers = np.asarray(pictures, np.float32)
    broken = ~np.isfinite(numbers)
    shares = (np.where(broken, low, numbers) - low) / ((high - low) or 1.0)
    pixels = np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    if pixels.ndim == 3:
        pixels, broken = np.repeat(pixels[..., None], 3, -1), broken[..., None]
    pixels[broken.any(-1)] = NAN
    return [image_of(each) for each in pixels]


def tiling(count: int, picture: tuple[int, int], least: float, beneath: float, gap: float, room: QRectF) -> Tiling:
    """The largest pictures (rows, columns) of which all find room, each with so many pixels beneath.

    A tile is at least so many pixels wide. Where not all find room, as many as do of the smallest ones.
    """
    rows, columns = picture
    for factor in _FACTORS:
        wide, high = max(columns * factor, least), rows * factor + beneath
        across = max(int((room.width() + gap) // (wide + gap)), 1)
        down = max(int((room.height() + gap) // (high + gap)), 1)
        following = factor - 1 if factor > 1 else 1 / (round(1 / factor) + 1)
        if (across * down >= count and wide <= room.width()) or max(rows, columns) * following < FINEST:
            break
    across = min(across, max(count, 1))
    start = room.left() + (room.width() - across * (wide + gap) + gap) / 2
    tiles = [
        QRectF(
            round(start + number % across * (wide + gap)),
            round(room.top() + number // across * (high + gap)),
            wide,
            high,
        )
        for number in range(min(count, across * down))
    ]
    return Tiling(tiles, across, factor)


def draw_image(painter: QPainter, place: QRectF, image: QImage) -> None:
    """Larger than it is without smoothing, smaller with."""
    smaller = place.width() < image.width()
    if smaller:  # two pixels for each of the window, so that it is sharp on fine screens and in files
        wide, high = round(place.width() * 2), round(place.height() * 2)
        if wide < image.width():
            image = image.scaled(
                wide, high, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
    painter.drawImage(place, image)
