"""The place of a page: while somebody edits, the row that is edited stays where it is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from .editors import Check
from .fields import Field
from .page import Page


class SteadyArea(QScrollArea):
    """Shows a page. Problems, values and reasons come and go above what is edited, which does not move for that.

    What comes takes the blank that is there, and beyond it the page is scrolled; of what goes a blank stays where the
    page cannot be scrolled back. Blanks go with the page, and when nobody edits any more.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: dict[QWidget, int] = {}  # where rows are on the page, in pixels from its top
        self._held = False  # whether a row is being put back, which lays the page out as well
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._note)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click beside a field leaves the keyboard where it is
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and not self._held:
            self._hold()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and not self._held:
            if event.type() == QEvent.Type.Resize:
                self._later.start()
            if event.type() == QEvent.Type.LayoutRequest:
                self._hold()
        return super().eventFilter(watched, event)

    def _note(self) -> None:
        """Keep where rows are now that the page is as wide as it is."""
        page = self.widget()
        if isinstance(page, Page):
            self._places = {each: _top(each, page) for each in _rows(page)}

    def _hold(self) -> None:
        """Lay the page out anew, and put the row that is edited back to where it was."""
        page = self.widget()
        if isinstance(page, Page) and not self._held:
            self._held = True
            try:
                scrolled = self.verticalScrollBar().value()  # before it has less to scroll over
                self._lay_out(page)
                self._keep(page, scrolled)
            finally:
                self._held = False

    def _keep(self, page: Page, scrolled: int) -> None:
        row, bar = self._edited(page), self.verticalScrollBar()
        off = 0
        if row is None:
            if page.blank or page.room:
                page.set_room(0, 0)
                self._lay_out(page)
        elif row in self._places and ((moved := _top(row, page) - self._places[row]) or bar.value() != scrolled):
            wanted = self._places[row] - scrolled
            self._put_back(page, scrolled, moved)
            off = _top(row, page) - bar.value() - wanted  # where labels still wrap: they are laid out once more
        self._places = {each: _top(each, page) - off for each in _rows(page)}

    def _put_back(self, page: Page, scrolled: int, moved: int) -> None:
        """Undo that a row is so many pixels lower on the page."""
        bar = self.verticalScrollBar()
        taken = min(max(moved, 0), page.blank)
        scroll = scrolled + moved - taken
        blank = page.blank - taken + max(-scroll, 0)
        scroll = max(scroll, 0)
        page.set_room(blank, 0)
        lacking = scroll + self.viewport().height() - page.needed()
        page.set_room(blank, max(lacking, 0) if scroll else 0)
        self._lay_out(page)
        bar.setValue(scroll)

    def _lay_out(self, page: Page) -> None:
        """Bring the page, what is in it, and the scroll bar up to date at once, before anything is painted."""
        page.column.activate()
        super().event(QEvent(QEvent.Type.LayoutRequest))

    def _edited(self, page: Page) -> QWidget | None:
        """The row that has the keyboard; where none has it, the one that the pointer is on, once the page was used."""
        focus = QApplication.focusWidget()
        rows = _rows(page)
        found = next((row for row in rows if focus is not None and (row is focus or row.isAncestorOf(focus))), None)
        if found is not None or not page.used:
            return found
        at = page.mapFromGlobal(QCursor.pos())
        return next((row for row in rows if row.rect().contains(row.mapFrom(page, at))), None)


def _rows(page: Page) -> list[QWidget]:
    return [row for row in (*page.findChildren(Field), *page.findChildren(Check)) if row.isVisible()]


def _top(row: QWidget, page: QWidget) -> int:
    return row.mapTo(page, QPoint()).y()
