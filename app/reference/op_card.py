"""The card of an op (F1): what it computes, what goes in and out, its rules as they stand in the code, an example."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...core.errors import GradwireError
from ...core.layers import find
from ...core.op import Op
from ...core.parameters import HIDDEN
from ...core.tracing import standing_for
from ..editor import Editor
from ..inspecting.parts import Section, label
from ..inspecting.reading import spell
from ..inspecting.sheet import large as large_font
from ..inspecting.sheet import sheet, small
from ..lists.marked import marked
from ..look.fonts import mono
from ..look.theme import Theme
from ..search.words import LAYER, display_name
from .formulas import unicode_formula
from .rules import rules
from .worked_example import worked_example

WIDTH, HEIGHT = 700, 720


def rule_text(rule: Callable[..., Any] | None, name: str) -> str | None:
    """The source of a rule under the name `name`, without decorators and docstring; None where it is not there."""
    if rule is None:
        return None
    try:
        text = textwrap.dedent(inspect.getsource(rule))
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError):  # compiled away, or a lambda within another line
        return None
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), None)
    if function is None:
        return None
    lines = text.splitlines()
    first, last = function.lineno, function.end_lineno or function.lineno
    drop: set[int] = set()
    body = function.body[0]
    if isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant) and isinstance(body.value.value, str):
        drop = set(range(body.lineno, (body.end_lineno or body.lineno) + 1))
    kept = [lines[i - 1] for i in range(first, last + 1) if i not in drop]
    kept[0] = kept[0].replace(f"def {function.name}(", f"def {name}(", 1)
    return "\n".join(line.replace(": Any", "").replace(" -> Any", "") for line in kept)


def numbers(value: np.ndarray) -> str:
    """An array of an example as text."""
    with np.printoptions(precision=4, suppress=True, linewidth=64, threshold=60, edgeitems=3):
        return str(value).replace("-", "−")


class Code(QPlainTextEdit):
    """Lines to read and copy, none of them broken, as high as they are many."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setReadOnly(True)
        self.setFont(mono(0.92))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        lines = text.splitlines() or [""]
        longest = max(self.fontMetrics().horizontalAdvance(line) for line in lines)
        scrolled = 10 if longest > WIDTH - 70 else 0
        self.setFixedHeight(self.fontMetrics().lineSpacing() * len(lines) + 20 + scrolled)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the card scrolls


class Fold(QWidget):
    """What is shown only when it is asked for."""

    def __init__(self, name: str, body: QWidget) -> None:
        super().__init__()
        self.body = body
        self.button = QToolButton()
        self.button.setText(name)
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button)
        column.addWidget(body)
        self._turn(False)

    def _turn(self, opened: bool) -> None:
        self.body.setVisible(opened)
        self.button.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)


class Card(QDialog):
    """A page to read, closed by Escape or F1; its text can be selected and copied."""

    def __init__(self, theme: Theme, title: str, second: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setStyleSheet(sheet(theme) + f"QDialog {{ background: {theme.panel}; }}")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.texts: list[str] = []
        page = QWidget()
        page.setObjectName("page")
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(16, 14, 14, 14)
        self.column.setSpacing(13)
        head = Section("")
        head.caption.hide()
        head.add(label(title, None, large_font()), label(second, "dim", small(), wrap=True))
        self.column.addWidget(head)
        self.texts += [title, second]
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 10)
        whole.addWidget(scroll)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 14, 0)
        copy, close = QPushButton("Copy as text"), QPushButton("Close")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        whole.addLayout(row)
        self.resize(WIDTH, HEIGHT)
        close.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:  # the key that opened it; Escape closes every dialog
            self.accept()
        else:
            super().keyPressEvent(event)

    def text(self) -> str:
        """All of the card as text."""
        return "\n\n".join(self.texts)

    def say(self, caption: str, text: str, code: bool = False, formula: bool = False, large: bool = False) -> Section:
        """Add a section of words, of code, or of a formula in a frame."""
        font = mono(1.25 if large else 1.0) if formula else None
        body = Code(text) if code else label(text, "card" if formula else None, font, wrap=True)
        section = Section(caption).add(body)
        self.column.addWidget(section)
        self.texts.append(f"{caption}\n{text}")
        return section

    def tell(self, caption: str, paragraphs: Sequence[str]) -> None:
        """Add a section of paragraphs of a docstring: what stands in backticks is in the font of code."""
        joined = [" ".join(part.split()) for part in paragraphs]
        body = label("", None, None, wrap=True)
        body.setTextFormat(Qt.TextFormat.RichText)
        body.setText("<br><br>".join(marked(part) for part in joined))
        self.column.addWidget(Section(caption).add(body))
        self.texts.append("\n".join([caption, "\n\n".join(joined).replace("`", "")]))

    def end(self) -> None:
        """What is added later stands above the rest of the room."""
        self.column.addStretch(1)


class OpCard(Card):
    """The card of one op."""

    def __init__(self, op: Op, theme: Theme, shapes: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, display_name(op.name), f"{op.name} · {op.category}", parent)
        self.op = op
        self.say("Formula", unicode_formula(op.formula), formula=True, large=True)
        self.say("Ports", self._ports())  # the formula's letters, as wires and this window call them
        first, *rest = op.doc.split("\n\n")
        self.tell("What it does", [first])
        if rest:
            self.tell("Details", rest)
        if shapes:
            self.say("Shapes here", shapes, code=True)
        if parameters := self._parameters():
            self.say("Parameters", parameters)
        if (forward := rule_text(op.forward, op.name)) is not None:
            self.say("Forward", forward, code=True)
        if (parts := rule_text(op.composition_rule, "parts")) is not None:
            self.say("Made of", parts, code=True)
        self._say_backward()
        self._say_example()
        self.end()

    def _say_backward(self) -> None:
        op, caption = self.op, "Backward"
        if op.no_gradient is not None:
            self.say("Backward", f"No gradient: {op.no_gradient}.")
            return
        found, code = rules(op), rule_text(op.vjp_rule, "gradients")
        if not found and code is not None:
            self.say(caption, code, code=True)
        if not found:
            return
        section = self.say(caption, "\n".join(f"∂{port} = {text}" for port, text in found), formula=True)
        own = any(re.search(r"\d\.\d|shape=|classes=", text) for _, text in found)
        note = "g is the gradient of the result." + " Sizes and numbers are those of the example below." * own
        section.add(label(note, "dim", small(), wrap=True))
        if code is not None:
            section.add(Fold("as code", Code(code)))
            self.texts.append(code)

    def _ports(self) -> str:
        lines = []
        for port in self.op.ports:
            if not port.hidden:
                more = " (any number: it grows)" if port.variadic else " (may stay open)" if port.optional else ""
                lines.append(f"in   {port.name}{more}")
        lines += [f"out  {output.name}" for output in self.op.outputs if not output.hidden]
        return "\n".join(lines)

    def _parameters(self) -> str:
        lines = []
        for parameter in self.op.parameters.values():
            if parameter.role not in HIDDEN:
                default = spell(parameter.default, parameter.annotation) or "none" if parameter.has_default else None
                lines.append(f"{parameter.name}: {parameter.expected}" + (f"; default {default}" if default else ""))
        return "\n".join(lines)

    def _say_example(self) -> None:
        example = worked_example(self.op)
        if example is None:
            return
        lines = [f"{name} =\n{numbers(value)}" for name, value in example.arguments]
        lines += [f"{name} = {spell(value, None)}" for name, value in example.params.items()]
        lines += [f"→ {name} =\n{numbers(value)}" for name, value in example.results]
        self.say("Example: forward", "\n".join(lines), code=True)
        if example.gradients:
            text = "\n".join(f"∂/∂{name} =\n{numbers(value)}" for name, value in example.gradients)
            self.say("Example: backward, with g = 1 everywhere", text, code=True)


class LayerCard(Card):
    """The card of a group that a layer built."""

    def __init__(self, layer: str, theme: Theme, parent: QWidget | None = None) -> None:
        made = find(layer)
        super().__init__(theme, display_name(LAYER + layer), f"{layer} · layer", parent)
        self.tell("What it does", made.doc.split("\n\n"))
        self.say("Parameters", "\n".join(f"{p.name}: {p.expected}" for p in made.parameters.values()))
        if (source := rule_text(made.function, layer)) is not None:
            self.say("How it is built", source, code=True)
        self.end()


def make_card(editor: Editor, theme: Theme, id: str, parent: QWidget | None = None) -> Card | None:
    """The card of a node, or of a group that a layer built; None, with a line told, where there is nothing to say."""
    graph = editor.graph
    try:
        if id in graph.groups:
            built_by = graph.groups[id].built_by
            if (whole := standing_for(graph, editor.registry, id)) is not None:
                return OpCard(whole, theme, parent=parent)
            if built_by is not None:
                return LayerCard(built_by.layer, theme, parent)
            editor.told.emit(f"{graph.groups[id].name} was built by hand: there is no card for it", "note")
            return None
        op = editor.session.registry[graph.nodes[id].op]
    except GradwireError as error:
        editor.told.emit(str(error), "refusal")
        return None
    lines = [f"{port} ← {editor.shapes.get(source, 'not known')}" for port, source in graph.inputs(id).items()]
    lines += [f"{source.output} → {shape}" for source, shape in editor.shapes.items() if source.node == id]
    return OpCard(op, theme, "\n".join(lines), parent)
