"""The answer to a question: its lines where else the caption stands, and rings around the nodes that it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.stepping import Moment
from ...bridge import Worker
from ...stepping.memory import told
from ..lettering import LABEL, font, width
from ..nodes import NAMES
from .caption import Caption, elements
from .caption_place import FOOT, berth, concerned
from .forked import paint_forked
from .guess_field import GuessField
from .moving import paint_moving

if TYPE_CHECKING:
    from ..canvas import Canvas

RING = 7.0  # between a node and the line around it
HIGH = 18.0  # of the word above it
MOST_HERE = 200_000  # elements of which rules are told on the window's thread: some milliseconds


class Telling:
    """What one canvas tells: the answer to a question, else the caption of the moment, where nothing is guessed."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.guess_field = GuessField(canvas)
        self._berth = FOOT
        self._known: tuple[Moment, int, Caption] | None = None
        self._worker: Worker | None = None  # begun when a caption is first asked for that takes long

    def paint(self, painter: QPainter) -> None:
        """Draw it over all nodes."""
        canvas, editor = self._canvas, self._canvas.editor
        moment, answer = editor.stepper.moment, editor.spotlight.answer
        paint_forked(painter, canvas.scene, canvas.view, canvas.theme, editor.branching.here)
        if moment is not None and editor.motion.progress is not None:
            paint_moving(painter, canvas, moment, editor.motion.progress)
        if answer is not None:
            self._rings(painter, answer.rings.items())
            self._box(painter, Caption(answer.lines, goes_back=True), answer.rings)
        elif moment is not None and editor.predicting.question is None and not editor.branching.asks:
            self._box(painter, self._caption(moment), concerned(moment))

    def _box(self, painter: QPainter, caption: Caption, ids: Iterable[str]) -> None:
        """Draw a caption about some nodes: where the last one stood, unless it covers more there than it must."""
        self._berth = berth(self._canvas, caption.size, ids, self._berth)
        corner = self._berth.corner(self._canvas, caption.size)
        caption.paint(painter, self._canvas.theme, corner.x() + caption.size.width() / 2, corner.y())

    def _caption(self, moment: Moment) -> Caption:
        """The caption of a moment: rules are run again for it, so not in every frame, and of large arrays not here."""
        decimals, memory = self._canvas.decimals, self._canvas.editor.memory.now
        if self._known is None or self._known[0] is not moment or self._known[1] != decimals:
            large = elements(moment) > MOST_HERE
            self._known = moment, decimals, Caption.head(moment) if large else Caption.on_canvas(moment, decimals)
            if large:
                self._ask(moment, decimals)
        found = self._known[2]
        return found if memory is None else found._replace(lines=(*found.lines, told(memory)))

    def _ask(self, moment: Moment, decimals: int) -> None:
        if self._worker is None:
            self._worker = Worker("caption", self._canvas)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self._canvas.editor.told.emit(f"No caption: {error}", "refusal"))
        self._worker.ask(lambda _: (moment, decimals, Caption.on_canvas(moment, decimals)))

    def _take(self, known: tuple[Moment, int, Caption]) -> None:
        if self._known is not None and self._known[0] is known[0] and self._known[1] == known[1]:
            self._known = known
            self._canvas.update()

    def _rings(self, painter: QPainter, rings: Iterable[tuple[str, str]]) -> None:
        """A line around each node, and a word above it."""
        canvas, scene, theme = self._canvas, self._canvas.scene, self._canvas.theme
        painter.save()
        painter.setTransform(canvas.view.transform, True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.warning), max(2.5, 1.5 / canvas.view.scale))
        for id, word in rings:
            face = scene.face(id) if id in scene.graph.nodes else None
            if face is None:
                continue
            x, y, wide, high = scene.rect(face)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(x - RING, y - RING, wide + 2 * RING, high + 2 * RING), 11, 11)
            if canvas.view.scale >= NAMES and face == id:
                place = QRectF(x, y - RING - HIGH - 2, width(word, LABEL) + 14, HIGH)
                painter.setBrush(QColor(theme.panel))
                painter.drawRoundedRect(place, HIGH / 2, HIGH / 2)
                painter.setFont(font(LABEL))
                painter.setPen(QColor(theme.text))
                painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), word)
        painter.restore()
