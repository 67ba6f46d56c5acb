"""The names of the curves with a piece of their line; a click hides one or shows it again."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFontMetrics, QIcon, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QSizePolicy, QToolButton, QWidget

from ..inspecting.sheet import small
from ..look.theme import Theme
from ..wording import counted
from .strokes import SOLID, Dashes

SWATCH = 18  # pixels of a line before a name
LONGEST = 160  # pixels of a name where not all have room
BETWEEN = 2


class Entry(NamedTuple):
    """A curve in the legend."""

    name: str
    colour: str
    dashes: Dashes = SOLID


class Legend(QWidget):
    """As many names as there is room for, the others in a menu. Long ones are cut where not all have room."""

    toggled = Signal(str, bool)  # a name, and whether it is shown
    alone = Signal(str)  # only this one is to be shown

    def __init__(self, theme: Theme, parent: QWidget | None = None, fixed: bool = False) -> None:
        """`fixed`: nothing is hidden by a click."""
        super().__init__(parent)
        self.theme, self._fixed = theme, fixed
        self.entries: tuple[Entry, ...] = ()
        self.hidden: frozenset[str] = frozenset()
        self.buttons: dict[str, QToolButton] = {}
        self.more = QToolButton(self)
        self.more.setFont(small())
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setAccessibleName("Further curves")
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(40, max(self.fontMetrics().height() + 8, self.more.sizeHint().height()))

    def show_entries(self, entries: tuple[Entry, ...], hidden: frozenset[str]) -> None:
        """Show these, of which some are hidden."""
        if (entries, hidden) == (self.entries, self.hidden) and self.buttons:
            return
        if entries != self.entries:
            for button in self.buttons.values():
                button.hide()
                button.deleteLater()
            self.buttons = {entry.name: self._button(entry) for entry in entries}
        self.entries, self.hidden = entries, hidden
        for name, button in self.buttons.items():
            button.setChecked(name not in hidden)
            font = small()
            font.setStrikeOut(name in hidden)
            button.setFont(font)
        self._arrange()

    def _button(self, entry: Entry) -> QToolButton:
        button = QToolButton(self)
        button.setFont(small())
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(swatch(entry, self.theme))
        button.setIconSize(QSize(SWATCH, 10))
        button.setText(entry.name)
        if self._fixed:
            button.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        else:
            button.setToolTip(f"{entry.name}: a click hides it or shows it, with Shift it alone")
        button.setAccessibleName(entry.name)
        button.setStyleSheet(
            "QToolButton { border: 1px solid transparent; padding: 1px 3px; background: transparent; }"
            f"QToolButton:!checked {{ color: {self.theme.dim}; }}"
            f"QToolButton:hover, QToolButton:focus {{ border-color: {self.theme.line}; }}"
            f"QToolButton:focus {{ border-color: {self.theme.accent}; }}"
        )
        button.clicked.connect(lambda checked, name=entry.name: self._clicked(name, checked))
        return button

    def _clicked(self, name: str, checked: bool) -> None:
        if QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.alone.emit(name)
        else:
            self.toggled.emit(name, checked)

    def _arrange(self) -> None:
        """From the right end on, in their order; what finds no room goes into the menu."""
        room, widths = self.width(), self._widths(cut=False)
        if sum(widths.values()) > room:
            widths = self._widths(cut=True)
        self.more.setText(f"+{len(widths)}")
        shown = list(widths)
        while shown and sum(widths[name] for name in shown) + (self._spare() if len(shown) < len(widths) else 0) > room:
            shown.pop()
        rest = [entry for entry in self.entries if entry.name not in shown]
        spare = self._spare() if rest else 0
        at = room - spare - sum(widths[name] for name in shown)
        for name, button in self.buttons.items():
            button.setVisible(name in shown)
            if name in shown:
                button.setGeometry(at, 0, widths[name] - BETWEEN, self.height())
                at += widths[name]
        self._fill_menu(rest)
        self.more.setVisible(bool(rest))
        self.more.setText(f"+{len(rest)}" if shown else counted(len(rest), "curve"))
        wide = self.more.sizeHint().width()
        self.more.setGeometry(max(room - wide, 0), 0, wide, self.height())

    def _widths(self, cut: bool) -> dict[str, int]:
        """What the names take, in full or cut in the middle."""
        metrics, found = QFontMetrics(small()), {}
        for name, button in self.buttons.items():
            button.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, LONGEST) if cut else name)
            found[name] = button.sizeHint().width() + BETWEEN
        return found

    def _spare(self) -> int:
        return self.more.sizeHint().width() + BETWEEN

    def _fill_menu(self, rest: list[Entry]) -> None:
        self.menu.clear()
        for entry in rest:
            action = QAction(swatch(entry, self.theme), entry.name, self.menu)
            action.setCheckable(not self._fixed)
            action.setChecked(entry.name not in self.hidden)
            action.triggered.connect(lambda checked, name=entry.name: self.toggled.emit(name, checked))
            self.menu.addAction(action)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def swatch(entry: Entry, theme: Theme) -> QIcon:
    """A piece of its line, pale where it is hidden."""
    icon = QIcon()
    for state, colour in ((QIcon.State.On, entry.colour), (QIcon.State.Off, theme.line)):
        picture = QPixmap(2 * SWATCH, 20)
        picture.setDevicePixelRatio(2)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        draw_swatch(painter, QPointF(0, 5), colour, entry.dashes)
        painter.end()
        icon.addPixmap(picture, QIcon.Mode.Normal, state)
    return icon


def draw_swatch(painter: QPainter, at: QPointF, colour: str, dashes: Dashes) -> None:
    """A level line from here on, as the curve is drawn."""
    pen = QPen(QColor(colour), 2.0)
    if dashes:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([each / pen.widthF() for each in dashes])
    painter.setPen(pen)
    painter.drawLine(at, QPointF(at.x() + SWATCH - 3, at.y()))
