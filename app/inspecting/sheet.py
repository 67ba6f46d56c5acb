"""How the inspector looks: one style sheet from a theme, and the two fonts that differ from the window's."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from ..look.fonts import sized
from ..look.theme import Theme

_SHEET = """
QWidget#page, QScrollArea, QScrollArea > QWidget > QWidget#page {{ background: {t.panel}; border: none; }}
QLabel, QRadioButton {{ color: {t.text}; background: transparent; }}
QLabel[role="dim"], QLabel[role="caption"] {{ color: {t.dim}; }}
QLabel[role="gradient"] {{ color: {t.gradient}; }}
QLabel[role="error"] {{ color: {t.error}; }}
QLabel[role="warning"] {{ color: {t.warning}; }}
QLabel[role="nonfinite"] {{ color: {t.nonfinite}; }}
QLabel[role="card"] {{ background: {t.background}; border: 1px solid {t.line}; border-radius: 5px; padding: 7px; }}
QLineEdit, QComboBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.line}; border-radius: 4px;
    padding: 1px 5px; min-height: 20px; selection-background-color: {t.accent}; }}
QComboBox {{ padding-right: 18px; }}
QComboBox::drop-down {{ border: none; width: 16px; }}
QComboBox::down-arrow {{ image: none; width: 0; height: 0; border: none; }}
QComboBox QAbstractItemView {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line};
    selection-background-color: {t.accent}; selection-color: {t.background}; }}
QLineEdit[default="true"], QComboBox[default="true"] {{ color: {t.dim}; }}
QLineEdit[role="name"] {{ background: transparent; border-color: transparent; padding: 0 2px; }}
QLineEdit[role="name"]:hover {{ border-color: {t.line}; }}
QLineEdit:focus, QComboBox:focus {{ border-color: {t.accent}; }}
QLineEdit[rejected="true"] {{ border-color: {t.error}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.dim}; background: {t.panel}; }}
QPushButton, QToolButton {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line};
    border-radius: 4px; padding: 3px 9px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {t.dim}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {t.accent}; }}
QPushButton:checked, QToolButton:checked {{ background: {t.accent}; color: {t.background};
    border-color: {t.accent}; }}
QPushButton:checked:focus, QToolButton:checked:focus {{ border-color: {t.text}; }}
QTableView:focus, QPlainTextEdit:focus {{ border-color: {t.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {t.dim}; background: {t.panel}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[role="list"] {{ padding: 3px 0; }}
QToolButton[role="reset"] {{ border: none; background: transparent; color: {t.dim}; padding: 0; }}
QToolButton[role="reset"]:hover, QToolButton[role="reset"]:focus {{ color: {t.accent}; }}
QPlainTextEdit {{ background: {t.background}; color: {t.text}; border: 1px solid {t.line}; border-radius: 5px;
    padding: 4px; selection-background-color: {t.accent}; selection-color: {t.background}; }}
QTableView {{ background: {t.background}; color: {t.text}; gridline-color: {t.line}; border: 1px solid {t.line};
    selection-background-color: {t.accent}; selection-color: {t.background}; }}
QHeaderView {{ background: {t.panel}; border: none; }}
QHeaderView::section {{ background: {t.panel}; color: {t.dim}; border: none; padding: 1px 4px; }}
QTableCornerButton::section {{ background: {t.panel}; border: none; }}
QScrollBar {{ background: {t.panel}; border: none; }}
QScrollBar:vertical {{ width: 9px; }}
QScrollBar:horizontal {{ height: 9px; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {t.dim}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; }}
"""


def sheet(theme: Theme) -> str:
    """The style sheet of the inspector, the tensor viewer and the card of an op."""
    return _SHEET.format(t=theme)


def small(bold: bool = False) -> QFont:
    """The font of captions and second-rank lines."""
    font = sized(QFont(QApplication.font()), 0.88)
    font.setBold(bold)
    return font


def large() -> QFont:
    """The font of the name at the top."""
    font = sized(QFont(QApplication.font()), 1.15)
    font.setBold(True)
    return font
