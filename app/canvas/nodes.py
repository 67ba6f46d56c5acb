"""What a node or a collapsed group looks like, all but its values; in scene units from its top left corner."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ..look.theme import (
    PADDING,
    PORT_HEIGHT,
    PORT_RADIUS,
    ROWS_TOP,
    TITLE_HEIGHT,
    Theme,
)
from ..stepping.fates import Fates
from .anatomy import BOX, GAP, NOTE, SIDE, WIDEST, Item
from .badges import paint_badges
from .fates import FREED, Room, cross_out, paint_words
from .finding_badge import Word
from .frame_titles import NAMES
from .glance import paint_grounds, places
from .gradient_chip import Chip, paint_ground
from .lettering import LABEL, TITLE, font, shortened, width
from .notes import paint_note

RADIUS = 6.0
ON_TITLE = QColor(255, 255, 255)
DIM_ON_TITLE = QColor(255, 255, 255, 205)
LARGEST_NAME, LEAST_NAME = 10.0, 6.5  # pixels of letters where only names are drawn
LEAST_LETTERS = 4  # of a name that is cut
TEXTS = 0.5  # the zoom from which all texts are drawn


class State(NamedTuple):
    """What is known of an item beside its anatomy, and drawn on it."""

    selected: bool = False
    active: bool = False
    stale: bool = False
    problem: bool = False
    bad_ports: frozenset[str] = frozenset()
    open_ports: frozenset[str] = frozenset()  # nothing is wired to them yet: it waits, and nothing is wrong
    wired: frozenset[tuple[str, bool]] = frozenset()
    chip: Chip = Chip()
    named: bool = False  # before the value stands what it is
    order: int | None = None  # its place in the topological order, where that is shown
    origin: str = ""  # "NaN" or "∞" where that begins here
    fates: Fates | None = None  # what a framework would have freed, where that is shown
    beneath: Room | None = None  # where that has room in words
    finding: Word = Word()  # what is unusual about it, in a word
    version: str = ""  # "v0 → v1" where an assign has written it
    mode: str = ""  # "train" or "eval", where what it gives depends on that
    halts: bool = False  # it has a breakpoint


def value_rect(item: Item) -> QRectF:
    """Where the preview of the value stands."""
    return QRectF(PADDING, item.value_top, item.width - 2 * PADDING, item.strip - 3)


def chip_rect(item: Item) -> QRectF:
    """Where the gradient's chip stands."""
    return QRectF(PADDING, item.value_top + item.strip, item.width - 2 * PADDING, item.strip - 3)


def paint_body(painter: QPainter, item: Item, state: State, theme: Theme, scale: float, gradients: bool) -> None:
    """Draw an item as far as its zoom shows it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if item.kind == NOTE:
        paint_note(painter, item, state, theme, scale)
        return
    bypassed, freed = "bypass" in item.flags, state.fates is not None and state.fates.frees_value
    if bypassed or freed:
        painter.setOpacity(0.55 if bypassed else FREED)
    at = places(item, scale, gradients) if scale < TEXTS else None
    band = TITLE_HEIGHT if scale >= TEXTS else at.band.height() if at is not None else item.height
    _body(painter, item, state, theme, scale, band)
    if scale >= TEXTS:
        if freed and not bypassed:  # its name is read as before
            painter.setOpacity(1.0)
            _title(painter, item, QColor(theme.text), QColor(theme.dim))
            painter.setOpacity(FREED)
        else:
            _title(painter, item, ON_TITLE, DIM_ON_TITLE)
        _rows(painter, item, state, theme)
        if item.outputs:
            _value_ground(painter, item, state, theme)
            if freed and not bypassed:
                painter.setOpacity(1.0)  # its gradient may be in use
            if gradients:
                paint_ground(painter, chip_rect(item), state.chip, theme)
    elif scale >= NAMES:
        _name_only(painter, item, theme, scale, band)
        if at is not None:
            paint_grounds(painter, at, state.chip, theme, state.stale, scale)
    painter.setOpacity(1.0)
    _marks(painter, item, state, theme, scale)
    if scale >= 0.35:
        _dots(painter, item, state, theme)


def paint_blank(painter: QPainter, item: Item, theme: Theme, scale: float) -> None:
    """Draw an item of which nothing is told yet."""
    painter.fillRect(QRectF(0, 0, item.width, item.height), QColor(theme.raised))
    band = TITLE_HEIGHT if scale >= TEXTS else item.height
    painter.fillRect(QRectF(0, 0, item.width, band), QColor(theme.title(item.category)))


def _body(painter: QPainter, item: Item, state: State, theme: Theme, scale: float, band: float) -> None:
    """Ground and edge, and the `band` at the top in the colour of the category."""
    whole = QRectF(0, 0, item.width, item.height)
    shape = QPainterPath()
    shape.addRoundedRect(whole, RADIUS, RADIUS)
    if item.kind == BOX:  # a second edge behind: there is more inside
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.field))
        painter.drawRoundedRect(whole.translated(4, 4), RADIUS, RADIUS)
    painter.fillPath(shape, QColor(theme.raised))
    painter.fillPath(_bar(item.width, band) if band < item.height else shape, QColor(theme.title(item.category)))
    edge, wide = QColor(theme.line), 1.0
    if state.problem:
        edge, wide = QColor(theme.error), 2.0
    elif state.open_ports:
        edge, wide = QColor(theme.warning), 1.25
    pen = QPen(edge, max(wide, 0.75 / scale))
    if item.unknown or (state.open_ports and not state.problem):
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shape)
    if state.selected:
        painter.setPen(QPen(QColor(theme.accent), max(2.0, 1.5 / scale)))
        grown = 2.0 if state.problem else 0.0  # so that the red edge stays in sight
        painter.drawRoundedRect(whole.adjusted(-grown, -grown, grown, grown), RADIUS + grown, RADIUS + grown)
    if state.active and scale >= NAMES:
        painter.setPen(QPen(QColor(theme.accent), max(1.0, 0.75 / scale), Qt.PenStyle.DotLine))
        painter.drawRoundedRect(whole.adjusted(-4, -4, 4, 4), RADIUS + 3, RADIUS + 3)


def _bar(wide: float, high: float) -> QPainterPath:
    """The ground of the title, round at the top; a path, since an SVG knows no clipping."""
    bar = QPainterPath(QPointF(0, high))
    bar.arcTo(0, 0, 2 * RADIUS, 2 * RADIUS, 180, -90)
    bar.arcTo(wide - 2 * RADIUS, 0, 2 * RADIUS, 2 * RADIUS, 90, -90)
    bar.lineTo(wide, high)
    bar.closeSubpath()
    return bar


def _title(painter: QPainter, item: Item, ink: QColor, dim: QColor) -> None:
    room = item.width - 2 * PADDING - 8
    op = shortened(item.op, LABEL, max(room * 0.5, room - width(item.name, TITLE) - GAP))
    name = shortened(item.name, TITLE, room - width(op, LABEL) - GAP)
    line = QRectF(PADDING + 4, 0, room, TITLE_HEIGHT)
    painter.setFont(font(TITLE))
    painter.setPen(ink)
    painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
    painter.setFont(font(LABEL))
    painter.setPen(dim)
    painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), op)


def _rows(painter: QPainter, item: Item, state: State, theme: Theme) -> None:
    painter.setFont(font(LABEL))
    for row in range(max(len(item.inputs), len(item.outputs))):
        line = QRectF(SIDE, ROWS_TOP + row * PORT_HEIGHT, item.width - 2 * SIDE, PORT_HEIGHT)
        right = ""
        if row < len(item.outputs):
            right = shortened(item.output_labels[row], LABEL, line.width())
            painter.setPen(QColor(theme.dim))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), right)
        if row < len(item.inputs):
            room = line.width() - (width(right, LABEL) + GAP if right else 0)
            painter.setPen(QColor(_of_port(item.inputs[row], state, theme) or theme.text))
            left = shortened(item.input_labels[row], LABEL, room)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), left)


def _value_ground(painter: QPainter, item: Item, state: State, theme: Theme) -> None:
    place = value_rect(item)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.field))
    painter.drawRoundedRect(place, 3, 3)
    painter.setBrush(QColor(theme.dim if state.stale else theme.accent))
    painter.drawRoundedRect(QRectF(place.x(), place.y(), 3, place.height()), 1.5, 1.5)
    if state.named:
        painter.setFont(font(LABEL))
        painter.setPen(QColor(theme.dim))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(place.adjusted(9, 0, -6, 0), left, shortened(item.value_name, LABEL, item.name_room - 4))


def _name_only(painter: QPainter, item: Item, theme: Theme, scale: float, band: float) -> None:
    """Where all texts would be too small to read: the name alone, smaller where it would be cut, else not at all."""
    line = QRectF(3 / scale, 0, item.width - 6 / scale, band)
    size = min(LARGEST_NAME / scale, 0.85 * band, 12.0 * line.width() / (width(item.name, TITLE) + 1.0))
    text = item.name
    if size * scale < LEAST_NAME:
        size = LEAST_NAME / scale
        text = shortened(item.name, TITLE, line.width() * 12.0 / size)
        if len(text) <= LEAST_LETTERS:  # a rest that tells nothing
            return
    painter.save()
    painter.translate(line.center())
    painter.scale(size / 12.0, size / 12.0)  # not a font of each size: those are whole pixels, and many
    painter.setFont(font(TITLE))
    painter.setPen(ON_TITLE)
    painter.drawText(QRectF(-WIDEST, -50, 2 * WIDEST, 100), int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()


def _of_port(name: str, state: State, theme: Theme) -> str | None:
    """The colour of an input that is not as it must be, None where it is."""
    return theme.error if name in state.bad_ports else theme.warning if name in state.open_ports else None


def _dots(painter: QPainter, item: Item, state: State, theme: Theme) -> None:
    for names, output in ((item.inputs, False), (item.outputs, True)):
        x = item.width if output else 0.0
        for name in names:
            middle = QPointF(x, item.port_y(name, output))
            marked = None if output else _of_port(name, state, theme)
            colour = QColor(marked or theme.wire)
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(colour if (name, output) in state.wired else QColor(theme.background))
            if marked:  # another form too: nothing is told by colour alone
                painter.drawPolygon(_diamond(middle, PORT_RADIUS + 2))
            else:
                painter.drawEllipse(middle, PORT_RADIUS, PORT_RADIUS)


def _diamond(middle: QPointF, size: float) -> QPolygonF:
    return QPolygonF([middle + QPointF(x * size, y * size) for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0))])


def _marks(painter: QPainter, item: Item, state: State, theme: Theme, scale: float) -> None:
    """What is told of the whole node: problems, flags, stale values, its place in the order."""
    if "bypass" in item.flags:
        _by_pass(painter, item, theme, scale)
    if scale < NAMES:
        return
    if "detach" in item.flags:
        _cut_mark(painter, item, theme)
    if state.fates is not None:
        if scale < TEXTS or (state.fates.words and state.beneath is None):
            cross_out(painter, item, state.fates, theme)
        elif state.beneath is not None:
            paint_words(painter, item, state.fates, theme, state.beneath)
    paint_badges(painter, item, state, theme, scale)


def _by_pass(painter: QPainter, item: Item, theme: Theme, scale: float) -> None:
    """A way from the first input to the first output, beneath the names of the ports: what comes in goes out."""
    y, low = ROWS_TOP + PORT_HEIGHT / 2, item.value_top - 1.0
    way = QPainterPath(QPointF(0, y))
    way.cubicTo(SIDE / 2, y, 0, low, SIDE, low)
    way.lineTo(item.width - SIDE, low)
    way.cubicTo(item.width, low, item.width - SIDE / 2, y, item.width, y)
    painter.setPen(QPen(QColor(theme.warning), max(2.0, 1.5 / scale), Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(way)


def _cut_mark(painter: QPainter, item: Item, theme: Theme) -> None:
    """Two strokes across the wire into each input: here the gradient that has come back stops."""
    painter.setPen(QPen(QColor(theme.dim), 2.5))
    for name in item.inputs:
        y = item.port_y(name, False)
        for x in (-12, -8):
            painter.drawLine(QPointF(x - 2, y + 6), QPointF(x + 2, y - 6))
