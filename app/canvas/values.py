"""What the nodes in view show of their values and gradients: made once for each value, painted in every frame."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...core.graph import Source
from ...core.stepping import Standing, State
from ..editor import Editor
from ..look.theme import PADDING, Theme
from ..results.modes import mode_of
from ..stepping.fates import Fates
from ..wording import reason_first
from .anatomy import Item
from .fates import strike
from .glance import paint_looks, places
from .gradient_chip import ASIDE, Chip, clear
from .lettering import LABEL, NUMBER, font
from .looks import GRADIENT_LOOKS, Look, Number, built_in, kind_of, look_of
from .nodes import TEXTS, chip_rect, value_rect

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


NO_ROOM = 2 * PADDING + 15  # of an item's width that is no place for a value


ARRAYS = 2  # fields of `Told` that are arrays, which come first


class Told(NamedTuple):
    """What is known of one value."""

    value: Any
    gradient: Any
    stale: bool
    stale_gradient: bool
    error: str | None
    chip: Chip
    fates: Fates | None = None
    version: str = ""  # "v0 → v1", where an assign has written it
    mode: str = ""  # "train" or "eval", where what it gives depends on that

    @classmethod
    def by(cls, editor: Editor, source: Source) -> Told:
        """What is known now, or at the moment that is stepped to."""
        results, node = editor.results, source.node
        before = editor.motion.before  # what is still on its way is not in the sum
        gradient = results.gradient(source) if before is None else before.gradient(source)
        arrived, asked = len(gradient.arrived), source == editor.predicting.hidden
        chip = Chip(gradient.state, arrived, gradient.parts, results.waits(source), asked)
        value = results.value(source)
        error = None if editor.stepper.active or value is not None else editor.live.errors().get(node)
        stale = results.is_stale(node), results.gradients_are_stale
        moment = editor.stepper.moment
        version = "" if moment is None else moment.version(node)
        fates, mode = editor.memory.fates(source), mode_of(editor, node)
        told = cls(value, gradient.value, *stale, error, chip, fates, version, mode)
        return told.over(results.standing(source) if before is None else before.standing(source))

    def over(self, standing: Standing | None) -> Told:
        """The same over what earlier iterations have left in the gradient."""
        if standing is None:
            return self
        return self._replace(gradient=standing.value, chip=self.chip._replace(left=standing.left))


class Shown:
    """What one node shows of its first output. Its looks are made when they are first drawn."""

    _numbers = count()

    def __init__(self, told: Told, theme: Theme, decimals: int, larger: float) -> None:
        self.number = next(self._numbers)  # of no other one
        self._told, self._theme, self._decimals, self.larger = told, theme, decimals, larger
        value, gradient = told.value, told.gradient
        self.error, self.chip, self.fates = told.error, told.chip, told.fates
        self.stale, self.stale_gradient = told.stale, told.stale_gradient
        self.version, self.mode = told.version, told.mode
        self._value = None if value is None else np.asarray(value)
        self._gradient = None if gradient is None else np.asarray(gradient)
        kind = None if self._gradient is None else kind_of(self._gradient, GRADIENT_LOOKS)
        if kind is not None and kind.numbered:
            self.chip = self.chip._replace(cells=True)

    @cached_property
    def value(self) -> Look | None:
        """None where there is no value, or nothing shows such values."""
        return None if self._value is None else look_of(self._value, self._theme, self._decimals)

    @cached_property
    def gradient(self) -> Look | None:
        """The same of the gradient."""
        if self._gradient is None:
            return None
        return built_in(self._gradient, self._theme, self._decimals, GRADIENT_LOOKS)

    def holds(self, told: Told) -> bool:
        """Whether this is what would be shown: the arrays are the same ones, not only equal."""
        same = self._told.value is told.value and self._told.gradient is told.gradient
        return same and self._told[ARRAYS:] == told[ARRAYS:]

    def labelled(self, item: Item) -> bool:
        """Whether its name stands before it: one of several is told always, one number where it leaves the room."""
        if self.error is not None or self._value is None or not self._value.size:
            return False
        if len(item.sources) > 1:
            return True
        number = self.value if Number.fits(self._value) else None
        return isinstance(number, Number) and item.name_room + number.width <= item.width - NO_ROOM


class Values:
    """The previews of the nodes in view."""

    def __init__(self, tell: Callable[[Source], Told]) -> None:
        self.tell = tell
        self._shown: dict[Source, Shown] = {}
        self._earlier: dict[Source, Shown] = {}  # when asked again, many values are what they were
        self._made_for: tuple[object, ...] = ()  # theme, decimals and size of numbers
        self._touched: set[str] = set()  # nodes of which something may be shown otherwise
        self.turn = 0  # grows when that may be any of them
        self.larger = 1.0  # numbers than usual: for a presentation

    def ask_again(self, nodes: AbstractSet[str] | None = None) -> None:
        """Values may be others now, of these nodes or (None) of any."""
        if nodes is not None:
            self._touched |= nodes
            for source in [source for source in self._shown if source.node in nodes]:
                self._earlier[source] = self._shown.pop(source)
            return
        self.turn += 1
        if self._shown:
            self._earlier, self._shown = self._shown, {}

    def take_touched(self) -> set[str]:
        """The nodes that were touched since this was asked last."""
        touched, self._touched = self._touched, set()
        return touched

    def forget(self) -> None:
        """Other nodes are shown, or the same ones look otherwise."""
        self.turn += 1
        self._shown, self._earlier = {}, {}

    def of(self, source: Source, theme: Theme, decimals: int) -> Shown:
        """What is shown of the value at `source`."""
        if self._made_for != (theme, decimals, self.larger):
            self._made_for = theme, decimals, self.larger
            self.forget()
        found = self._shown.get(source)
        if found is None:
            told, found = self.tell(source), self._earlier.get(source)
            if found is None or not found.holds(told):
                found = Shown(told, theme, decimals, self.larger)
            self._shown[source] = found
        return found


def paint_values(
    painter: QPainter, item: Item, shown: Shown, theme: Theme, gradients: bool, scale: float = 1.0
) -> None:
    """Draw value and gradient into their places; the painter's origin is the item's corner."""
    if scale < TEXTS:
        at = places(item, scale, gradients)
        if at is not None:
            paint_looks(painter, at, shown, theme, _ink(shown, theme), scale)
        return
    place = value_rect(item).adjusted(9, 0, -6, 0)
    colour = QColor(theme.dim if shown.stale else theme.text)
    if shown.error is not None:
        painter.setFont(font(LABEL))
        painter.setPen(QColor(theme.error))
        text = painter.fontMetrics().elidedText(
            reason_first(shown.error), Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(place, _LEFT, text)
    elif shown.value is None:
        painter.setFont(font(NUMBER))
        painter.setPen(QColor(theme.dim))
        painter.drawText(place, _RIGHT, "–")
    else:
        if shown.value.numbered:  # as much room as the gradient has
            place.setLeft(value_rect(item).left() + ASIDE)
        if shown.labelled(item):
            place.setLeft(place.left() + item.name_room)
        freed = shown.fates is not None and shown.fates.frees_value
        _paint(painter, shown.value, place, colour, shown, shown.stale or freed)
        if freed:
            strike(painter, place, shown.value, theme)
    if shown.stale:
        _clock(painter, QPointF(item.width - 2, value_rect(item).top()), theme)
    if gradients and shown.gradient is not None and shown.chip.numbered:
        _paint_gradient(painter, item, shown, shown.gradient, theme)
    if gradients and shown.stale_gradient and shown.gradient is not None:
        _clock(painter, QPointF(item.width - 2, chip_rect(item).top()), theme)


def _paint_gradient(painter: QPainter, item: Item, shown: Shown, look: Look, theme: Theme) -> None:
    """Draw the gradient of what is shown, which its `look` draws, into its chip."""
    place = chip_rect(item).adjusted(ASIDE if shown.chip.cells else 42, 2, -6, -2)
    colour = QColor(theme.dim if shown.stale_gradient else _ink(shown, theme))
    freed = shown.fates is not None and shown.fates.frees_gradient
    if shown.chip.left:
        _clear_behind(painter, look, place, shown.larger, theme)
    _paint(painter, look, place, colour, shown, shown.stale_gradient or freed)
    if freed:
        strike(painter, place, look, theme)


def _clear_behind(painter: QPainter, look: Look, place: QRectF, larger: float, theme: Theme) -> None:
    """Let a number stand on no hatching."""
    if isinstance(look, Number):
        wide = min(look.width * larger, place.width())
        clear(painter, QRectF(place.right() - wide, place.top(), wide, place.height()), theme)


def _ink(shown: Shown, theme: Theme) -> str:
    """The colour of a gradient's number: its hue means the sign, and what is not finite looks like nothing else."""
    if shown.chip.state is State.NONFINITE:
        return theme.nonfinite
    return theme.warning if isinstance(shown.gradient, Number) and shown.gradient.text.startswith("−") else theme.accent


def _paint(painter: QPainter, look: Look, place: QRectF, colour: QColor, shown: Shown, stale: bool) -> None:
    if stale:
        painter.setOpacity(0.6)
    room = place.width() / (look.width + 1.0) if isinstance(look, Number) else 1.0
    if room >= 1.0 and (shown.larger == 1.0 or not isinstance(look, Number)):
        look.paint(painter, place, colour)
    else:  # a number that is cut would be another number
        larger = min(shown.larger, room)
        painter.save()
        painter.translate(place.right(), place.center().y())
        painter.scale(larger, larger)
        wide, high = place.width() / larger, place.height() / larger
        look.paint(painter, QRectF(-wide, -high / 2, wide, high), colour)
        painter.restore()
    if stale:
        painter.setOpacity(1.0)


def _clock(painter: QPainter, middle: QPointF, theme: Theme) -> None:
    """The mark of a value that is older than the graph."""
    painter.setPen(QPen(QColor(theme.warning), 1.5))
    painter.setBrush(QColor(theme.background))
    painter.drawEllipse(middle, 6, 6)
    painter.drawLine(middle, middle + QPointF(0, -4))
    painter.drawLine(middle, middle + QPointF(3, 0))
