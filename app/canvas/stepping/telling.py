"""The answer to a question: its lines where else the caption stands, and rings around the nodes that it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ....core.stepping import Moment
from ...bridge import Worker
from ...stepping.memory import told
from ..extent import all_in_view
from .caption import EDGE, Caption, elements
from .caption_place import FOOT, ROOMS, best_berth, concerned, hides, home
from .forked import paint_forked
from .guess_field import GuessField
from .moving import paint_moving
from .rings import paint_rings, paint_words

if TYPE_CHECKING:
    from ..canvas import Canvas

MOST_HERE = 200_000  # elements of which rules are told on the window's thread: some milliseconds


class Telling:
    """What one canvas tells: the answer to a question, else the caption of the moment, where nothing is guessed."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.guess_field = GuessField(canvas)
        self._berth = FOOT
        self.place = QRectF()  # of the box that was drawn last, in pixels
        self._known: tuple[Moment, int, Caption] | None = None
        self._known_forms: tuple[Caption, float, tuple[dict[float, Caption], ...]] | None = None
        self._worker: Worker | None = None  # begun when a caption is first asked for that takes long

    def forget(self) -> None:
        """No moment is shown: nothing of the last one is kept."""
        self._known = self._known_forms = None
        if self._worker is not None:
            self._worker.cancel()

    def paint(self, painter: QPainter) -> None:
        """Draw it over all nodes."""
        canvas, editor = self._canvas, self._canvas.editor
        moment, answer = editor.stepper.moment, editor.spotlight.answer
        paint_forked(painter, canvas.scene, canvas.view, canvas.theme, editor.branching.here)
        if moment is not None and editor.motion.progress is not None:
            paint_moving(painter, canvas, moment, editor.motion.progress)
        if answer is not None:
            paint_words(painter, canvas, answer.rings)
        if editor.predicting.question is not None or editor.branching.asks:
            return  # a field stands there
        if answer is not None:
            self._box(painter, Caption(answer.lines, goes_back=True), answer.rings)
        elif moment is not None:
            self._box(painter, self.caption(moment), concerned(moment))

    def paint_beneath(self, painter: QPainter) -> None:
        """Draw what stands around nodes, before they are drawn."""
        answer = self._canvas.editor.spotlight.answer
        if answer is not None:
            paint_rings(painter, self._canvas, answer.rings)

    def _box(self, painter: QPainter, caption: Caption, ids: Iterable[str]) -> None:
        """Draw a caption about some nodes: where others stand, unless it covers more there than it must.

        Where all is in view that place is the same at every moment; else it is where the last one stood. Where there is
        no room beside the nodes it is about less is told: its numbers stand in these.
        """
        usual = home(self._canvas) if all_in_view(self._canvas) else self._berth
        for forms in self._forms(caption, self._canvas.width() - 2 * EDGE):
            sizes = {room: form.size for room, form in forms.items()}
            self._berth = best_berth(self._canvas, sizes, ids, usual)
            caption = forms[self._berth.room]
            if not hides(self._canvas, self._berth, caption.size, ids):
                break
        self.place = QRectF(self._berth.corner(self._canvas, caption.size), caption.size)
        caption.paint(painter, self._canvas.theme, self.place.center().x(), self.place.y())

    def _forms(self, caption: Caption, wide: float) -> tuple[dict[float, Caption], ...]:
        """A caption, and the same shorter and shorter, by how wide it may be, where boxes so `wide` have room.

        They are found once for all frames.
        """
        if self._known_forms is None or self._known_forms[:2] != (caption, wide):
            rooms = [room for room in ROOMS if room == ROOMS[0] or caption.fits_head(room)]
            forms = ({room: each.within(min(room, wide)) for room in rooms} for each in (caption, *caption.shorter()))
            self._known_forms = caption, wide, tuple(forms)
        return self._known_forms[2]

    def caption(self, moment: Moment) -> Caption:
        """The caption of a moment: rules are run again for it, so not in every frame, and of large arrays not here."""
        decimals, memory = self._canvas.decimals, self._canvas.editor.memory.now
        if self._known is None or self._known[0] is not moment or self._known[1] != decimals:
            large = elements(moment) > MOST_HERE
            self._known = moment, decimals, Caption.head(moment) if large else Caption.on_canvas(moment, decimals)
            if large:
                self._ask(moment, decimals)
        found, predicting = self._known[2], self._canvas.editor.predicting
        if predicting.on and predicting.judged is moment:  # the last one: no question stands over it
            found = found._replace(lines=(found.lines[0], predicting.verdict, *found.lines[1:]))
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
