"""A field with a list beneath that opens over the window: adding, replacing and finding nodes are three of these."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from ..look.theme import Theme
from .clearing import clear_of, covers
from .footer import LINES, Footer
from .view import ListView

SIDE = 8  # pixels beside what it holds
WIDTH, ROWS = 380, 11  # at a text scale of 1; rows that are shown at once


class ListPopup(QFrame):
    """Typing filters, arrow and page keys walk, Enter chooses, Escape closes and gives the keyboard back.

    It is a child of the window it opens over, so that nothing else loses the keyboard, and closes when it does.
    Kinds of it fill in `refresh`, `choose` and `footer_text`.
    """

    closed = Signal()
    placeholder = ""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent.window() if parent is not None else None)
        self.setObjectName("popup")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.placeholder)
        self.field.setAccessibleName(self.placeholder)
        self.field.setClearButtonEnabled(True)
        self.list = ListView(theme, self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field keeps the keyboard
        self.list.steer(self.field)
        self.footer = Footer(self)
        self.key = QLabel(self)  # what another key than Enter does with a row
        self.key.setObjectName("key")
        self.key.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE, 8, SIDE, 6)
        layout.setSpacing(6)
        for widget in (self.field, self.list, self.footer, self.key):
            layout.addWidget(widget, 1 if widget is self.list else 0)
        self.field.textChanged.connect(self.refresh)
        self.list.chosen.connect(self._choose)
        self.list.selectionModel().currentChanged.connect(self._tell)
        self._before: QWidget | None = None
        self.reading = False  # a card is open over it, and has the keyboard for as long
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.list.set_theme(theme)
        self.setStyleSheet(
            f"#popup {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}"
            f"#popup QLineEdit {{ background: {theme.field}; color: {theme.text}; border: 1px solid {theme.line};"
            f" border-radius: 4px; padding: 5px 6px; }}"
            f"#popup QLineEdit:focus {{ border-color: {theme.accent}; }}"
            f"#popup QLabel {{ background: transparent; color: {theme.dim}; padding: 0 2px; }}"
            f"#popup QLabel#key {{ color: {theme.accent}; }}"
            f"#popup QTableView {{ background: {theme.panel}; border: none; }}"
        )

    # What each kind of popup fills in.

    def refresh(self) -> None:
        """Show what meets the text typed."""
        raise NotImplementedError

    def choose(self, row: int) -> None:
        """Do what the row says; the popup is closed already."""
        raise NotImplementedError

    def footer_text(self, row: int) -> str:
        """What is said below the list of the row that the keyboard is at, names in `backticks`; -1: there is none."""
        return ""

    def footer_lines(self, row: int) -> int:
        """In how many lines that is said at most: from more than two on the list gives way."""
        return LINES

    # Opening and closing.

    def open(self, at: QPoint | None = None, text: str = "") -> None:
        """Open with its field at `at` (in global coordinates), else in the upper middle of the window."""
        self._before = QApplication.focusWidget()
        line = self.list.fontMetrics().height()
        scale = line / 17
        self.resize(round(WIDTH * scale), self.list.row_height * ROWS + 3 * line + 70)
        self.move(self._place(at))
        self.footer.make_room(self.width() - 2 * SIDE - 2)  # less the border
        self.field.setText(text)
        self.refresh()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.selectAll()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow_focus, Qt.ConnectionType.UniqueConnection)

    def _place(self, at: QPoint | None) -> QPoint:
        """The corner that keeps all of the popup within the window, and clear of what floats over it."""
        parent = self.parentWidget()
        if parent is None:
            return at or QPoint(100, 100)
        self.resize(min(self.width(), parent.width() - 8), min(self.height(), parent.height() - 8))
        if at is None:
            wanted = QPoint((parent.width() - self.width()) // 2, (parent.height() - self.height()) // 5)
        else:
            wanted = parent.mapFromGlobal(at) - QPoint(12, 20)
        right, low = parent.width() - self.width() - 4, parent.height() - self.height() - 4
        wanted = QPoint(max(min(wanted.x(), right), 4), max(min(wanted.y(), low), 4))
        return clear_of(QRect(wanted, self.size()), parent.rect(), covers(parent))

    def dismiss(self) -> None:
        """Close, and give the keyboard back to whoever had it."""
        if not self.isVisible():
            return
        focus = QApplication.focusWidget()
        held = focus is not None and self.isAncestorOf(focus)
        if held and focus is not None:
            focus.clearFocus()  # or Qt looks for who is next, as by Tab, which completes what is typed
        self.hide()
        if held and self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        if self.reading or now is None or now is self or self.isAncestorOf(now):
            return
        if self.isVisible():
            self._before = None  # the keyboard has gone elsewhere already
            self.hide()

    def _choose(self, row: int) -> None:
        self.dismiss()
        self.choose(row)

    def _tell(self, *_: object) -> None:
        self.footer.tell(self.footer_text(self.list.current), self.footer_lines(self.list.current))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()  # while it is open no letter is a shortcut of the window
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        event.accept()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab walks the list: there is nothing else to go to."""
        self.list.step(1 if next else -1)
        return True
