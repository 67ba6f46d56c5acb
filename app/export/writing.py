"""Writing a picture of a still: all of it, or a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import NamedTuple

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter

from ...core.cancelling import Cancelled, never
from ...core.errors import FileError, RunError
from ...core.files import dump_graph
from ...core.files.replacing import replace_file
from ...core.files.storage import unwritable
from ..canvas.stepping import Caption
from ..canvas.stepping.caption import EDGE
from ..canvas.view import Bounds
from .carrying import with_graph
from .still import Drawing, Still

MARGIN = 24.0  # scene units around the graph
SHARP = 2.0  # pixels of a PNG for each scene unit
LARGEST = 80_000_000  # pixels of a PNG, 320 MB while it is drawn; a larger graph is drawn smaller
LONGEST = 30_000  # pixels of a side
POINTS = 72 / 96  # of a scene unit, which is a logical pixel
FINE = 1200  # dots per inch in which a PDF gives places


class Sheet(NamedTuple):
    """What of a drawing a picture holds: `bounds` of its scene, and beneath them the caption in a strip `foot` high."""

    drawing: Drawing
    bounds: Bounds
    foot: float
    stopped: Cancelled

    @classmethod
    def of(
        cls, drawing: Drawing, captions: Iterable[Caption], stopped: Cancelled, ids: Iterable[str] | None = None
    ) -> Sheet:
        """A sheet of all that is shown, or of these nodes and groups, with room for any of these captions.

        Raises `RunError` where nothing is shown.
        """
        found = drawing.bounds(ids)
        if found is None:
            raise RunError("there is nothing to draw: the graph is empty", hint="add a node with Tab")
        left, top, right, bottom = found
        boxes = [caption.size for caption in captions]
        foot = max((box.height() + EDGE for box in boxes), default=0.0)
        lacking = max((box.width() - (right - left) for box in boxes), default=0.0)
        aside = MARGIN + max(lacking, 0.0) / 2
        return cls(drawing, (left - aside, top - MARGIN, right + aside, bottom + MARGIN), foot, stopped)

    @property
    def size(self) -> QSizeF:
        return QSizeF(self.bounds[2] - self.bounds[0], self.bounds[3] - self.bounds[1] + self.foot)

    def draw(self, device: QPaintDevice, scale: float = 1.0) -> None:
        """Draw it from the left top corner of a device on."""
        theme, caption = self.drawing.still.theme, self.drawing.caption
        with painting(device) as painter:
            painter.scale(scale, scale)
            painter.fillRect(QRectF(QPointF(0, 0), self.size), QColor(theme.background))
            self.drawing.draw(painter, self.bounds, self.stopped)
            if caption is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                caption.paint(painter, theme, self.size.width() / 2, self.size.height() - self.foot)

    def image(self, scale: float, size: tuple[int, int] | None = None) -> QImage:
        """Its pixels, `scale` of them for each scene unit; of just this size where one is given."""
        wide, high = size or (max(1, round(side * scale)) for side in self.size.toTuple())
        image = QImage(wide, high, QImage.Format.Format_RGB32)
        if image.isNull():
            raise FileError(f"a picture of {wide} by {high} pixels does not fit into memory")
        image.fill(QColor(self.drawing.still.theme.background))
        self.draw(image, scale)
        return image


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter of a device, ended before that goes (or Qt aborts), on whichever thread this is.

    `painter.end()` holds the interpreter, and Qt's writer of SVG waits there for a lock that the window's thread may
    hold while that waits for the interpreter: both would wait for ever. Deleting lets go of the interpreter.
    """
    painter = QPainter(device)
    try:
        yield painter
    finally:
        shiboken6.delete(painter)


def _png(sheet: Sheet, scale: float) -> bytes:
    """The pixels alone."""
    wide, high = sheet.size.toTuple()
    image = sheet.image(min(SHARP * scale, LONGEST / wide, LONGEST / high, (LARGEST / (wide * high)) ** 0.5))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def vector(
    size: QSizeF, draw: Callable[[QPaintDevice], None], scale: float = 1.0, title: str = "A graph of Gradwire"
) -> bytes:
    """The SVG that Qt writes of what `draw` draws, with texts that name their fonts.

    It goes through a file of Qt's own. Of a device of Python's Qt's writer asks, with a lock of signals held, whether
    Python wants to know that it is done with it: the window's thread, which holds the interpreter, may wait for that
    lock, and both would wait for ever. Raises `FileError` where such a file cannot be written.
    """
    from PySide6.QtSvg import QSvgGenerator

    try:
        with TemporaryDirectory(prefix="gradwire-") as folder:
            file = Path(folder, "picture.svg")
            generator = QSvgGenerator()
            generator.setFileName(str(file))
            generator.setResolution(96)
            generator.setSize((size * scale).toSize())
            generator.setViewBox(QRectF(QPointF(0, 0), size))
            generator.setTitle(title)
            generator.setDescription("")
            draw(generator)
            written = file.read_bytes()
    except OSError as error:
        raise FileError(f"a picture needs a folder for temporary files: {error.strerror or error}") from error
    if not written.rstrip().endswith(b"</svg>"):
        raise FileError(f"there is no room for a picture in {gettempdir()}, the folder for temporary files")
    return written


def _svg(sheet: Sheet, scale: float) -> bytes:
    """Texts are outlines."""
    from .outlining import outlined

    return outlined(vector(sheet.size, sheet.draw, scale))


def _pdf(sheet: Sheet, scale: float) -> bytes:
    """One page as large as what it shows; the letters in use are embedded."""
    size, data = sheet.size * scale, QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(FINE)
    page = QSizeF(size.width() * POINTS, size.height() * POINTS)
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, "Graph", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle("A graph of Gradwire")
    writer.setCreator("Gradwire")
    sheet.draw(writer, scale * FINE / 96)
    return bytes(data.data())


FORMATS = {".png": _png, ".svg": _svg, ".pdf": _pdf}


def export_picture(
    still: Still,
    path: Path,
    ids: Iterable[str] | None = None,
    stopped: Cancelled = never,
    scale: float = 1.0,
) -> None:
    """Write a picture of a still, or of these nodes and groups of it, over a file that is there. On any thread.

    The suffix of `path` names the format; a PNG carries the whole graph. Raises `GradwireError` for an empty graph,
    for what cannot be written, and when `stopped` says so; an old file then stays whole.
    """
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise FileError(f"a picture must end in {', '.join(FORMATS)}; found {path.name!r}")
    drawing = Drawing(still)
    captions = [drawing.caption] if drawing.caption is not None else []
    picture = make(Sheet.of(drawing, captions, stopped, ids), scale)
    if path.suffix.lower() == ".png":
        picture = with_graph(picture, dump_graph(still.graph))
    put_in_place(path, picture, stopped)


def put_in_place(path: Path, data: bytes, stopped: Cancelled) -> None:
    """Write a whole file. Raises `GradwireError` where it cannot be written, or is not wanted any more."""
    if stopped():
        raise RunError(f"{path.name} was stopped before it was written")
    try:
        replace_file(path, data)
    except OSError as error:
        raise unwritable(path, error) from error
