"""How Qt's own widgets look: palette and style sheet made from a theme, which may be the system's."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from .fonts import RESOURCES, keep_in_proportion, sizes_beside_text, text_font
from .theme import DARK, LIGHT, Theme


def theme_of(choice: str) -> Theme:
    """The theme of a choice: "dark", "light", or whatever else is what the system says."""
    if choice in ("dark", "light"):
        return DARK if choice == "dark" else LIGHT
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else DARK


def dress(qt: QApplication, theme: Theme, scale: float) -> None:
    """Give all windows the colours of a theme, and texts so many times their usual size.

    Only what they do not have yet: Qt would go through all widgets for each.
    """
    font, palette, sheet = text_font(scale), palette_of(theme), style_sheet(theme)
    if not qt.styleSheet():  # the first time
        qt.setStyle("Fusion")  # Qt's own, which draws alike everywhere
    if qt.font() != font:
        before = sizes_beside_text()
        qt.setFont(font)
        keep_in_proportion(before)
    if qt.palette() != palette:
        qt.setPalette(palette)
    if qt.styleSheet() != sheet:
        before = sizes_beside_text()  # Qt gives some widgets back the font that they had before the last sheet
        qt.setStyleSheet(sheet)
        keep_in_proportion(before)
    qt.setWindowIcon(icon("gradwire", ""))


def palette_of(theme: Theme) -> QPalette:
    """The colours that Qt's style draws with."""
    roles = QPalette.ColorRole
    colors = {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.field,
        roles.AlternateBase: theme.raised,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.dim,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.background,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.gradient,
        roles.Light: theme.line,
        roles.Midlight: theme.line,
        roles.Mid: theme.line,
        roles.Dark: theme.line,
        roles.Shadow: theme.background,
    }
    palette = QPalette()
    for role, color in colors.items():
        palette.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.dim))
    return palette


# The font of all is the application's; a rule for it here would overrule every font that a widget sets itself.
_SHEET = """
QToolTip { background: $raised; color: $color; border: 1px solid $line; padding: 4px 6px; }
QMainWindow, QDialog { background: $panel; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QDockWidget { font-weight: 600; }
QDockWidget::title { background: $panel; padding: 6px 10px; text-align: left; }
QMenuBar { background: $panel; padding: 1px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $background; }
QMenu::item:disabled { color: $dim; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 6px; }
QTabBar { background: $panel; }
QMainWindow > QTabBar { qproperty-elideMode: ElideNone; qproperty-usesScrollButtons: true; }
QTabBar::tab { padding: 6px 9px; background: $panel; color: $dim; border: 0; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $color; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $color; }
QTabBar::tab:focus { color: $accent; background: $field; }
QTabWidget::pane { border: 0; border-top: 1px solid $line; }
QPushButton, QToolButton#bordered { background: $raised; color: $color; border: 1px solid $line; border-radius: 5px;
    padding: 4px 12px; min-height: 16px; }
QPushButton:hover { border-color: $accent; }
QPushButton:pressed, QPushButton:checked { background: $field; border-color: $accent; }
QPushButton:default { border-color: $accent; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $dim; background: transparent; }
QToolButton { background: transparent; color: $color; border: 1px solid transparent; border-radius: 5px; padding: 4px; }
QToolButton:hover { background: $raised; border-color: $line; }
QToolButton:focus { border-color: $accent; }
QToolButton:pressed, QToolButton:checked { background: $field; border-color: $line; }
QToolButton:disabled { color: $dim; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox, QKeySequenceEdit QLineEdit {
    background: $field; color: $color; border: 1px solid $line; border-radius: 5px; padding: 3px 7px;
    selection-background-color: $accent; selection-color: $background; }
QAbstractSpinBox QLineEdit { background: transparent; border: 0; padding: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: 0; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border-color: $accent; }
QLineEdit[rejected="true"] { border-color: $error; }
QComboBox::drop-down { border: 0; width: 18px; }
QComboBox::down-arrow { image: url("$chevron"); width: 10px; height: 10px; margin-right: 6px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; selection-background-color: $accent; }
QAbstractItemView { background: $panel; alternate-background-color: $raised; border: 0; outline: 0;
    selection-background-color: $accent; selection-color: $background; }
ListView { selection-background-color: transparent; selection-color: $color; }
QHeaderView::section { background: $panel; color: $dim; border: 0; border-bottom: 1px solid $line; padding: 4px 6px; }
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 12px; margin: -4px 0; border-radius: 6px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $color; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $dim; }
QScrollArea { border: 0; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QLabel[rank="second"] { color: $dim; }
QLabel[rank="brand"] { font-weight: 600; padding: 0 8px 0 4px; }
QLabel[rank="title"] { font-weight: 600; }
QLabel[kind="refusal"] { color: $error; }
QLabel[kind="good"] { color: $good; }
QLabel[kind="warning"] { color: $warning; }
QToolBar { background: $panel; border: 0; border-bottom: 1px solid $line; padding: 3px 8px; spacing: 4px; }
QStatusBar { background: $panel; border-top: 1px solid $line; }
QStatusBar::item { border: 0; }
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet of the whole application. No size of text stands in it: for another one Qt would go through all
    widgets again, which takes longer than all else that another size of text asks for.
    """
    words = {
        "color": theme.text,
        "chevron": (RESOURCES / "icons" / "chevron.svg").as_posix(),
        **{name: getattr(theme, name) for name in _NAMES},
    }
    sheet = _SHEET
    for name in sorted(words, key=len, reverse=True):
        sheet = sheet.replace(f"${name}", words[name])
    return sheet


_NAMES = ("background", "panel", "raised", "field", "line", "dim", "accent", "error", "good", "warning")


class _SvgEngine(QIconEngine):
    """Draws an SVG at the size and pixel density that is asked for, so that icons are sharp on every screen."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data
        self._drawn: dict[tuple[int, int, QIcon.Mode], QPixmap] = {}  # a toolbar asks at each paint
        self._renderer = QSvgRenderer(QByteArray(data))

    def clone(self) -> QIconEngine:
        copy = _SvgEngine(self._data)
        _copies.append(copy)  # Qt takes it, and Python would delete it
        return copy

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(0.4)
        self._renderer.render(painter, QRectF(rect))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = size.width(), size.height(), mode
        if key not in self._drawn:
            pixmap = QPixmap(size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            self.paint(painter, pixmap.rect(), mode, state)
            painter.end()
            self._drawn[key] = pixmap
        return self._drawn[key]


_copies: list[QIconEngine] = []


@cache
def icon(name: str, color: str) -> QIcon:
    """The icon `resources/icons/NAME.svg` in one colour; made once, and never garbage: what paints it is Python's and
    Qt's at once, and Python's collector has freed it while an icon still had it.
    """
    data = (RESOURCES / "icons" / f"{name}.svg").read_text("utf-8")
    return QIcon(_SvgEngine(data.replace("#888888", color).encode()))
