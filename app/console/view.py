"""The console's text: qtconsole's widget in the fonts and colours of the window."""

from __future__ import annotations

from typing import Any

from pygments.style import Style
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, Token
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget
from qtconsole.rich_jupyter_widget import RichJupyterWidget

from ..look.fonts import mono
from ..look.theme import Theme
from .client import Client
from .typed import Typed

LINES = 3000  # that are kept
SMALLEST, LARGEST = 7, 48  # pixels of the text
PICTURE = 0.8  # of the console's width that a picture takes at most

# The colours of escape sequences, black to white: the names in a theme.
_ESCAPES = ("dim", "error", "good", "warning", "accent", "gradient", "accent", "text")
_NAMES = ("text", "dim", "accent", "gradient", "good", "warning", "error")  # in which something is written

_SHEET = """
QPlainTextEdit, QTextEdit { background-color: $field; color: $text; border: 0; border-radius: 0; padding: 4px 8px;
    selection-background-color: $accent; selection-color: $background; }
.error { color: $error; }
.in-prompt, .in-prompt-number { color: $accent; }
.out-prompt, .out-prompt-number { color: $gradient; }
.in-prompt-number, .out-prompt-number { font-weight: bold; }
.inverted { background-color: $text; color: $field; }
"""


def _sheet(theme: Theme) -> str:
    sheet = _SHEET
    for name in ("background", "field", "text", "accent", "gradient", "error"):
        sheet = sheet.replace(f"${name}", getattr(theme, name))
    return sheet


def _style(theme: Theme) -> type[Style]:
    """How words of Python are coloured, as in the panel Code."""
    styles = {
        Token: theme.text,
        Keyword: theme.accent,
        Operator.Word: theme.accent,
        Name.Builtin: theme.gradient,
        Number: theme.warning,
        String: theme.good,
        Comment: theme.dim,
        Error: theme.error,
    }
    return type("ConsoleStyle", (Style,), {"background_color": theme.field, "styles": styles})


class ConsoleView(RichJupyterWidget):
    """The cells of one engine, what they gave, and the cell that is typed."""

    prompted = Signal()  # a prompt stands there

    def __init__(self, client: Client, theme: Theme, banner: str, typed: Typed, parent: QWidget | None = None) -> None:
        """`typed` keeps the keys that find no prompt."""
        super().__init__(parent=parent, buffer_size=LINES, paging="none", font_size=10, gui_completion="ncurses")
        self._theme, self._typed = theme, typed
        self.banner = banner
        self.custom_interrupt = self.custom_restart = True
        self.custom_interrupt_requested.connect(client.engine.stop)
        client.engine.told_to_stop.connect(typed.forget)
        self.exit_requested.connect(lambda _: None)  # closing the window is not for a cell to say
        self._control.setAccessibleName("Console")
        self._control.setFrameStyle(0)
        self.setFocusProxy(self._control)
        self.set_theme(theme)
        self.kernel_client = client
        client.setParent(self)

    @property
    def text(self) -> str:
        """All that stands there."""
        return self._control.toPlainText()

    def set_theme(self, theme: Theme) -> None:
        """Other colours, also of what stands there already."""
        before, self._theme = self._theme, theme
        self.style_sheet = _sheet(theme)
        self._highlighter.set_style(_style(theme))
        colours = {number: getattr(theme, name) for number, name in enumerate(_ESCAPES * 2)}
        self._ansi_processor.default_color_map = colours
        self._ansi_processor.color_map.update(colours)
        matching = self._bracket_matcher.format  # of the two brackets at the cursor
        matching.setBackground(QColor(theme.dim))
        matching.setForeground(QColor(theme.field))
        self.font = mono()
        if before is not theme:
            self._recolour({getattr(before, name): getattr(theme, name) for name in _NAMES})
            self._highlighter.rehighlight()

    def _recolour(self, colours: dict[str, str]) -> None:
        document = self._control.document()
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        block = document.begin()
        while block.isValid():
            for found in [fragment.fragment() for fragment in block]:
                written = found.charFormat().foreground()
                other = colours.get(written.color().name()) if written.style() != Qt.BrushStyle.NoBrush else None
                if other is not None:
                    cursor.setPosition(found.position())
                    cursor.setPosition(found.position() + found.length(), QTextCursor.MoveMode.KeepAnchor)
                    colour = QTextCharFormat()
                    colour.setForeground(QColor(other))
                    cursor.mergeCharFormat(colour)
            block = block.next()
        cursor.endEditBlock()

    def _prompt_started_hook(self) -> None:
        super()._prompt_started_hook()
        self.prompted.emit()

    @property
    def computes(self) -> bool:
        """Whether a cell runs, and waits for no line."""
        return bool(self._executing and not self._reading)

    @property
    def prompts(self) -> bool:
        """Whether keys can be typed: not where it is still to be seen whether a cell is whole."""
        return not self.computes and self._is_complete_msg_id is None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that find no prompt wait for one: its text, which is not to be written in then, would let them go on to
        the window, as shortcuts of that.
        """
        if isinstance(event, QResizeEvent) and watched is self._control:
            self._keep_end_in_sight(event.oldSize().height())
        pressed = event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and watched is self._control
        return (pressed and self._typed.takes(event, self.prompts)) or bool(super().eventFilter(watched, event))

    def _keep_end_in_sight(self, high: int) -> None:
        """Where the end was seen before, in a control so `high`, it is seen afterwards."""
        end = QTextCursor(self._control.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        if 0 <= self._control.cursorRect(end).bottom() <= high:
            QTimer.singleShot(0, self._control, self._control.ensureCursorVisible)

    def type_anew(self, typed: list[QKeyEvent]) -> None:
        """Take keys that were pressed before there was a prompt."""
        for event in typed:
            QCoreApplication.sendEvent(self._control, event)

    def change_font_size(self, delta: int) -> None:
        """Larger or smaller text, by pixels."""
        font = self.font
        font.setPixelSize(min(max(font.pixelSize() + delta, SMALLEST), LARGEST))
        self.font = font

    def echo(self, text: str) -> None:
        """Lines that were not typed here, dim, above the cell that is typed."""
        followed = self._viewport_at_end()
        self._append_custom(self._insert_line, text, before_prompt=True)
        if followed:  # the prompt stays in sight, unless somebody has scrolled up
            self._control.ensureCursorVisible()

    def _insert_line(self, cursor: QTextCursor, text: str) -> None:
        """Lines of their own, also behind what a cell gave: the widget's way to insert joins them to that."""
        dim = QTextCharFormat()
        dim.setForeground(QColor(self._theme.dim))
        cursor.insertText(f"\n{text}" if not cursor.atBlockStart() else f"{text}\n", dim)

    def begin_anew(self) -> None:
        """The shell is another one: what was typed is over, a prompt stands there again."""
        self._reading = False
        self._executing = False
        self._request_info["execute"] = {}
        self._prompt_requested = False
        self._append_plain_text("\n")
        self._append_html(f'<span style="color:{self._theme.warning}">The console was restarted.</span><br>')
        self._show_interpreter_prompt(1)

    def _add_image(self, image: Any) -> Any:
        """A picture, no wider than the console."""
        shown = super()._add_image(image)
        most = self._control.viewport().width() * PICTURE
        if image.width() > most > 0:
            shown.setWidth(most)
            shown.setHeight(image.height() * most / image.width())
        return shown
