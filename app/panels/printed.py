"""What `print` nodes have written, newest last; choosing a line goes to its node."""

from __future__ import annotations

import html
import textwrap
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..chrome.line import Line
from ..inspecting.sheet import small
from ..lists.printed_rows import PrintedPainter
from ..lists.view import ListView, Row
from ..look.seen import is_seen
from ..look.theme import Theme
from ..wording import counted

if TYPE_CHECKING:
    from ..editor import Editor
    from ..results.printing import Heard

NONE = (
    "A print node writes here what passes through it, while training and stepping. To add one, search for print (Tab)"
)
NOTHING = "Nothing is printed yet: train or step, and the print node writes here"
FIRST = "In the panel Printed: a print node has written its first line"
WIDE, MOST = 100, 24  # letters and lines of a tip


class PrintedPanel(QWidget):
    """A list of lines, with a dot in the title where there are any; it follows its end until somebody scrolls up."""

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._shown = self._gone = 0  # how many lines had come, and how many were gone, when they were last shown
        self._begun = 0  # how many had come when they were cleared before that
        self._some = False  # whether there were any
        self._following = True  # the end, so that what comes is seen
        self._showing = False  # what moves the list meanwhile is not the user
        self.list = ListView(theme, self)
        self.list.painter_of_rows = self._painter = PrintedPainter(self.list)
        self.list.setItemDelegate(self._painter)
        self.list.setAutoScroll(False)  # a row that is chosen stays where it is
        self.list.setAccessibleName("Printed")
        self.about, self.clear = Line(), QPushButton("Clear")
        self.about.setProperty("rank", "second")
        self.clear.setToolTip("Forget these lines")
        self.clear.clicked.connect(lambda _: editor.printed.clear())
        self.head = QWidget(self)
        row = QHBoxLayout(self.head)
        row.setContentsMargins(10, 4, 8, 0)
        for part in (self.about, self.clear):
            part.setFont(small())
            row.addWidget(part, 1 if part is self.about else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(2)
        layout.addWidget(self.head)
        layout.addWidget(self.list, 1)
        copied = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.list, self.copy)
        copied.setContext(Qt.ShortcutContext.WidgetShortcut)  # elsewhere the key is another's
        self.list.verticalScrollBar().valueChanged.connect(self._moved)
        self.list.verticalScrollBar().rangeChanged.connect(self._keep_to_end)
        self.list.chosen.connect(self._go)
        editor.printed.changed.connect(self.refresh)
        editor.changed.connect(self._follow)
        editor.replaced.connect(self._follow)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """A window is never wider for what stands in it."""
        return QSize(120, 60)

    def set_theme(self, theme: Theme) -> None:
        self.list.set_theme(theme)

    def refresh(self) -> None:
        """Show the lines there are; of a hidden panel the title alone, which stands on its tab."""
        printed = self.editor.printed
        count = len(printed.lines)
        self.setWindowTitle("Printed •" if count else "Printed")  # a number would flicker beside what is looked at
        if count and not self._some and not is_seen(self):
            self.editor.told.emit(FIRST, "note")
        self._some = count > 0
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _follow(self, *_: object) -> None:
        """The graph is another: what is said of an empty list may be, too."""
        if self.isVisible() and not self.editor.printed.lines:
            self._show()

    def _moved(self, value: int) -> None:
        if not self._showing:
            self._following = value >= self.list.verticalScrollBar().maximum() - self.list.row_height // 2

    def _keep_to_end(self, _: int, end: int) -> None:
        """There is more, or less room for it."""
        if self._following:
            self.list.verticalScrollBar().setValue(end)

    def _show(self) -> None:
        self._showing = True
        self._show_lines()
        self._showing = False
        self._keep_to_end(0, self.list.verticalScrollBar().maximum())

    def _show_lines(self) -> None:
        printed, bar = self.editor.printed, self.list.verticalScrollBar()
        count = len(printed.lines)
        if printed.begun != self._begun:
            self._begun, self._following = printed.begun, True
            self._painter.forget()
        gone = printed.gone - self._gone  # from the top
        current, top = self.list.current - gone, bar.value() - gone * self.list.row_height
        for heard in islice(printed.lines, max(self._shown - printed.gone, 0), None):
            self._painter.make_room(heard)
        self._shown, self._gone = printed.count, printed.gone
        self.list.empty = "" if count else self._why_empty()
        self.list.rows.show(count, self._row)
        self.list.executeDelayedItemsLayout()
        if current >= 0:
            self.list.setCurrentIndex(self.list.rows.index(current))
        bar.setValue(top)
        left_out = f", and {printed.left_out:,} that came too fast to be shown" if printed.left_out else ""
        more = "the last " if printed.gone > printed.begun else ""
        self.about.setText(f"{more}{counted(count, 'line')}{left_out}".capitalize())
        self.head.setVisible(count > 0)
        self.list.viewport().update()

    def _why_empty(self) -> str:
        return NOTHING if any(node.op == "print" for node in self.editor.graph.nodes.values()) else NONE

    def _row(self, index: int) -> Row:
        heard = self.editor.printed.lines[index]
        return Row(heard.name, heard.said, f"{heard.place}; {heard.printed.phase}", tip=partial(_tip, heard))

    @property
    def row_node(self) -> str | None:
        """The node that the row with the keyboard is about."""
        lines, row = self.editor.printed.lines, self.list.current
        node = lines[row].printed.node if 0 <= row < len(lines) else None
        return node if node in self.editor.graph.nodes else None

    def copy(self) -> None:
        """Copy the line that has the keyboard, whole."""
        lines, row = self.editor.printed.lines, self.list.current
        if 0 <= row < len(lines):
            QGuiApplication.clipboard().setText(lines[row].whole)

    def _go(self, row: int) -> None:
        heard = self.editor.printed.lines[row]
        if heard.printed.node in self.editor.graph.nodes:
            self.editor.show(heard.printed.node)
        else:
            self.editor.told.emit(f"{heard.name} is not in this graph any more", "note")


def _tip(heard: Heard) -> str:
    """All of it, in lines that a screen has room for; what a file says is no markup."""
    lines = textwrap.wrap(heard.said, WIDE)
    cut = [*lines[: MOST - 1], "…"] if len(lines) > MOST else lines
    text = "\n".join((f"{heard.name}, {heard.place}, {heard.printed.phase}", *cut))
    return f"<p style='white-space: pre'>{html.escape(text)}</p>"
