"""The look that the pack of images brings: normalised pictures keep their colours in their nodes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

import gradwire.core as gw
from gradwire.app.canvas.looks import look_of
from gradwire.app.look.theme import DARK
from gradwire.app.plugins.host import WindowHost
from gradwire.core.plugins import plugins
from gradwire.plugins.vision import ui


def colours(value: np.ndarray) -> list[tuple[int, int, int]]:
    """What one sees at the left and at the right of the picture of a value."""
    look = look_of(value, DARK, 3)
    assert look is not None
    seen = QImage(100, 52, QImage.Format.Format_RGB32)
    painter = QPainter(seen)
    look.paint(painter, QRectF(0, 0, 100, 52), QColor("white"))
    painter.end()
    return [seen.pixelColor(x, 26).getRgb()[:3] for x in (60, 90)]


def test_a_normalised_picture_is_shown_in_its_colours(qtbot: QtBot) -> None:
    picture = np.zeros((1, 3, 8, 8))
    picture[:, 0, :, :4], picture[:, 2, :, 4:] = 1.0, 1.0  # red, then blue
    normalised = gw.ops.normalize_image(picture, mean=(0.5,), std=(0.25,))
    assert colours(picture) == [(255, 0, 0), (0, 0, 255)]
    assert colours(normalised) != [(255, 0, 0), (0, 0, 255)]
    host = WindowHost(plugins()["vision"].name, lambda what, error: f"{what}: {error}")
    ui.register(host)
    try:
        assert colours(normalised) == [(255, 0, 0), (0, 0, 255)]
        for other in (picture[:, :, :3, :3] - 0.5, normalised[:, :2], normalised * np.inf):
            assert not ui.StretchedColours.fits(other)  # a filter, two channels, no numbers
    finally:
        host.withdraw()
