"""Small pictures of graphs with their values, drawn as exported ones are, and kept in the cache folder.

All of it is done on a worker's thread: graphs are opened and computed there, and painted into images.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from ...core.cancelling import Cancelled
from ...core.session import Session
from ..canvas.nodes import TEXTS
from ..canvas.view import View
from ..export.headless import at_rest
from ..export.still import Drawing
from ..export.writing import Sheet
from ..files.keeping import digest_of
from ..look.theme import Theme

_VERSION = 5  # of what is drawn: pictures of an earlier one are drawn anew
FRAMED = 1.6  # the largest zoom at which a small graph is drawn, before it is made as small as the picture


class Entry(NamedTuple):
    """What is shown of a graph: what it is about, and its picture, None where it is empty."""

    about: str
    picture: QImage | None


class Album(NamedTuple):
    """Where pictures of one theme and size are kept."""

    folder: Path
    theme: Theme
    size: QSize
    ratio: float  # device pixels in a logical one

    def look_up(self, path: Path, stopped: Cancelled) -> Entry:
        """The entry of a file as it is now; its picture is drawn where that has not been done yet.

        Raises `GradwireError` where the file cannot be read, or when `stopped` says so.
        """
        session = Session.open(path)
        kept = self._place(path)
        picture = QImage(str(kept)) if kept.is_file() else QImage()
        if picture.isNull() and session.graph.nodes:
            picture = self._draw(session, stopped)
            _keep(picture, kept)
        picture.setDevicePixelRatio(self.ratio)
        return Entry(str(session.graph.extra.get("about", "")), None if picture.isNull() else picture)

    def _place(self, path: Path) -> Path:
        size = f"{self.size.width()}x{self.size.height()}@{self.ratio}"
        key = f"{digest_of(path)} {self.theme} {size} {_VERSION}"
        return self.folder / "pictures" / f"{sha256(key.encode()).hexdigest()[:32]}.png"

    def _draw(self, session: Session, stopped: Cancelled) -> QImage:
        drawing, view = Drawing(at_rest(session, self.theme)), View()
        bounds = drawing.bounds()
        assert bounds is not None, "there are nodes"
        view.framed = FRAMED
        large = self.size
        for larger in (2, 3):  # as small as it may be for texts to be read
            large = self.size * larger
            view.frame(bounds, large.width(), large.height())
            if view.scale >= TEXTS:
                break
        sheet = Sheet(drawing, view.window(large.width(), large.height()), 0.0, stopped)
        fine = sheet.image(view.scale * self.ratio, (large * self.ratio).toTuple())
        # By Qt's smooth scaling: a painter that shrinks takes four neighbours, and thin letters lose parts.
        return fine.scaled(
            self.size * self.ratio, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )


def _keep(picture: QImage, place: Path) -> None:
    """Where nothing can be written it is drawn again the next time."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    picture.save(str(place))
