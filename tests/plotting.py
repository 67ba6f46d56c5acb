"""What tests of plots share: curves of a run, places in a plot, and the pixels of a colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from gradwire.app.plots.data import (
    Band,
    Column,
    Confusion,
    Curve,
    Looked,
    Mark,
    Reference,
    Region,
    Ribbon,
    Steps,
    Surface,
)
from gradwire.app.plots.field import Field

SIZE = 120


def steps(size: int, every: int = 1) -> Steps:
    """Iterations `every`, 2·`every` … of a run of 45 a epoch."""
    iterations = np.arange(1, size + 1) * every
    return Steps(iterations, iterations / 45, iterations * 32, iterations * 0.01)


def curve(name: str, values: object, pair: str = "", validation: bool = False, every: int = 1) -> Curve:
    found = np.asarray(values, np.float64)
    return Curve(name, Column(found, steps(len(found), every)), pair, validation)


@dataclass
class Run:
    """What a run would tell."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    regions: Sequence[Region] = ()
    references: Mapping[str, Sequence[Reference]] = field(default_factory=dict)
    ribbons: Mapping[str, Sequence[Ribbon]] = field(default_factory=dict)
    looked: Looked | None = None


def place(plot: Field, x: float, y: float) -> QPoint:
    """The pixel of the viewport where a number is."""
    frame = plot.frame
    return inside(plot, QPointF(float(frame.across(x)), float(frame.up(y))))


def inside(plot: Field, at: QPointF) -> QPoint:
    """The pixel of the viewport of a pixel of the box."""
    return plot.mapFromScene(plot.box.mapToScene(at))


def pixels(widget: QWidget, name: str, near: int = 24) -> np.ndarray:
    """Where a colour is seen, (n, 2) rows and columns."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : 4 * image.width()]
    seen = data.reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)
    colour = QColor(name)
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return np.argwhere(np.abs(seen - wanted).max(-1) <= near)


def ribbon(name: str, wide: float) -> Ribbon:
    middle = np.linspace(0, wide / 10, SIZE)
    bands = (
        Band("least to greatest", middle - wide, middle + wide),
        Band("25 to 75 %", middle - wide / 4, middle + wide / 4),
    )
    return Ribbon(name, steps(SIZE), bands, "median", middle)


def matrix(size: int = 10) -> Confusion:
    counts = np.ones((size, size), int) * 2
    counts[np.arange(size), np.arange(size)] = 80
    counts[3, 5] = 33
    return Confusion(counts, tuple(f"class {number}" for number in range(size)), "validation, step 900")


def surface() -> Surface:
    across = np.linspace(-2, 2, 40)
    right = 1 / (1 + np.exp(-20 * np.broadcast_to(across, (40, 40))))
    points = np.array([[-1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    return Surface(np.stack([1 - right, right]), (-2, 2), (-2, 2), points, np.array([0, 1, 0]), ("left", "right"))


def contrast(one: str, other: str) -> float:
    def light(name: str) -> float:
        encoded = np.array(QColor(name).getRgbF()[:3])
        linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
