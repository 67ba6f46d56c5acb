"""Writing a picture of what a canvas shows: all of it, or what is selected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter

from ...core.errors import FileError, RunError
from ...core.files import dump_graph
from ...core.files.replacing import replace_file
from ..canvas.view import Bounds
from .carrying import with_graph
from .drawing import draw_scene

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..canvas.canvas import Canvas

MARGIN = 24.0  # scene units around the graph
SHARP = 2.0  # pixels of a PNG for each scene unit
LARGEST = 80_000_000  # pixels of a PNG, 320 MB while it is drawn; a larger graph is drawn smaller
LONGEST = 30_000  # pixels of a side
POINTS = 72 / 96  # of a scene unit, which is a logical pixel
FINE = 1200  # dots per inch in which a PDF gives places


def bounds_of(canvas: Canvas, ids: Iterable[str] | None = None) -> Bounds:
    """What a picture of all that is shown, or of these nodes and groups, has to hold; RunError where it is nothing."""
    found = canvas.scene.bounds(ids)
    if found is None:
        raise RunError("there is nothing to draw: the graph is empty", hint="add a node with Tab")
    left, top, right, bottom = found
    return left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN


def _size(bounds: Bounds) -> QSizeF:
    return QSizeF(bounds[2] - bounds[0], bounds[3] - bounds[1])


def _draw(canvas: Canvas, device: QPaintDevice, bounds: Bounds, scale: float = 1.0) -> None:
    painter = QPainter(device)
    try:
        painter.scale(scale, scale)
        draw_scene(canvas, painter, bounds)
    finally:
        painter.end()  # Qt aborts where a device goes before its painter


def png(canvas: Canvas, bounds: Bounds) -> bytes:
    """A PNG of a part of the scene, with the whole graph in it."""
    size = _size(bounds)
    wide, high = size.width(), size.height()
    scale = min(SHARP, LONGEST / wide, LONGEST / high, (LARGEST / (wide * high)) ** 0.5)
    image = QImage(max(1, round(wide * scale)), max(1, round(high * scale)), QImage.Format.Format_RGB32)
    if image.isNull():
        raise FileError(f"a picture of {round(wide * scale)} by {round(high * scale)} pixels does not fit into memory")
    image.fill(Qt.GlobalColor.black)
    _draw(canvas, image, bounds, scale)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return with_graph(bytes(data.data()), dump_graph(canvas.editor.graph))


def svg(canvas: Canvas, bounds: Bounds) -> bytes:
    """An SVG of a part of the scene; its texts are outlines."""
    from PySide6.QtSvg import QSvgGenerator

    from .outlining import outlined

    size, data = _size(bounds), QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(QSize(round(size.width()), round(size.height())))
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle("A graph of Gradwire")
    generator.setDescription("")
    _draw(canvas, generator, bounds)
    return outlined(bytes(data.data()))


def pdf(canvas: Canvas, bounds: Bounds) -> bytes:
    """A PDF of one page as large as a part of the scene; the letters in use are embedded."""
    size, data = _size(bounds), QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(FINE)
    page = QSizeF(size.width() * POINTS, size.height() * POINTS)
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, "Graph", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle("A graph of Gradwire")
    writer.setCreator("Gradwire")
    _draw(canvas, writer, bounds, FINE / 96)
    return bytes(data.data())


FORMATS = {".png": png, ".svg": svg, ".pdf": pdf}


def export_picture(canvas: Canvas, path: Path, ids: Iterable[str] | None = None) -> None:
    """Write a picture in the format that the suffix of `path` names, over a file that is there.

    Raises `GradwireError` for an empty graph and for what cannot be written; an old file then stays whole.
    """
    draw = FORMATS.get(path.suffix.lower())
    if draw is None:
        raise FileError(f"a picture must end in {', '.join(FORMATS)}; found {path.name!r}")
    picture = draw(canvas, bounds_of(canvas, ids))
    try:
        replace_file(path, picture)
    except OSError as error:
        raise FileError(f"{path.name} cannot be written: {error.strerror or error}") from error
