"""Writing a picture of a still: all of it, or a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter

from ...core.errors import FileError, RunError
from ...core.files import dump_graph
from ...core.files.replacing import replace_file
from ..canvas.view import Bounds
from .carrying import with_graph
from .still import Drawing, Still

MARGIN = 24.0  # scene units around the graph
SHARP = 2.0  # pixels of a PNG for each scene unit
LARGEST = 80_000_000  # pixels of a PNG, 320 MB while it is drawn; a larger graph is drawn smaller
LONGEST = 30_000  # pixels of a side
POINTS = 72 / 96  # of a scene unit, which is a logical pixel
FINE = 1200  # dots per inch in which a PDF gives places


Stopped = Callable[[], bool]


class _Sheet(NamedTuple):
    """What of a drawing a picture holds."""

    drawing: Drawing
    bounds: Bounds
    stopped: Stopped

    @property
    def size(self) -> QSizeF:
        return QSizeF(self.bounds[2] - self.bounds[0], self.bounds[3] - self.bounds[1])

    def draw(self, device: QPaintDevice, scale: float = 1.0) -> None:
        painter = QPainter(device)
        try:
            painter.scale(scale, scale)
            self.drawing.draw(painter, self.bounds, self.stopped)
        finally:
            painter.end()  # Qt aborts where a device goes before its painter


def _png(sheet: _Sheet) -> bytes:
    """The pixels alone."""
    size = sheet.size
    wide, high = size.width(), size.height()
    scale = min(SHARP, LONGEST / wide, LONGEST / high, (LARGEST / (wide * high)) ** 0.5)
    image = QImage(max(1, round(wide * scale)), max(1, round(high * scale)), QImage.Format.Format_RGB32)
    if image.isNull():
        raise FileError(f"a picture of {round(wide * scale)} by {round(high * scale)} pixels does not fit into memory")
    image.fill(Qt.GlobalColor.black)
    sheet.draw(image, scale)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def _svg(sheet: _Sheet) -> bytes:
    """Texts are outlines."""
    from PySide6.QtSvg import QSvgGenerator

    from .outlining import outlined

    size, data = sheet.size, QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(QSize(round(size.width()), round(size.height())))
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle("A graph of Gradwire")
    generator.setDescription("")
    sheet.draw(generator)
    return outlined(bytes(data.data()))


def _pdf(sheet: _Sheet) -> bytes:
    """One page as large as what it shows; the letters in use are embedded."""
    size, data = sheet.size, QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(FINE)
    page = QSizeF(size.width() * POINTS, size.height() * POINTS)
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, "Graph", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle("A graph of Gradwire")
    writer.setCreator("Gradwire")
    sheet.draw(writer, FINE / 96)
    return bytes(data.data())


FORMATS = {".png": _png, ".svg": _svg, ".pdf": _pdf}


def export_picture(
    still: Still, path: Path, ids: Iterable[str] | None = None, stopped: Stopped = lambda: False
) -> None:
    """Write a picture of a still, or of these nodes and groups of it, over a file that is there. On any thread.

    The suffix of `path` names the format; a PNG carries the whole graph. Raises `GradwireError` for an empty graph,
    for what cannot be written, and when `stopped` says so; an old file then stays whole.
    """
    draw = FORMATS.get(path.suffix.lower())
    if draw is None:
        raise FileError(f"a picture must end in {', '.join(FORMATS)}; found {path.name!r}")
    drawing = Drawing(still)
    found = drawing.bounds(ids)
    if found is None:
        raise RunError("there is nothing to draw: the graph is empty", hint="add a node with Tab")
    left, top, right, bottom = found
    picture = draw(_Sheet(drawing, (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN), stopped))
    if path.suffix.lower() == ".png":
        picture = with_graph(picture, dump_graph(still.graph))
    if stopped():
        raise RunError("the picture was stopped before it was written")
    try:
        replace_file(path, picture)
    except OSError as error:
        raise FileError(f"{path.name} cannot be written: {error.strerror or error}") from error
