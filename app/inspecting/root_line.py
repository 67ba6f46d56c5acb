"""Of what gradients are shown, how another value becomes that, and from what they start there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ...core.errors import ParameterError
from ...core.evaluating import no_gradient
from ...core.graph import Source
from ..editor import Editor
from ..results.root import add_root, choose_root, drop_root, root_text, set_start, start_text, why_no_gradient
from .arithmetic import calculate
from .editors import TextEdit
from .parts import Section, label
from .sheet import small

MEANS = "By how much what gradients are of changes with this value: one number for all of its elements, or a list"


class RootLine(Section):
    """`Gradients of: loss`, buttons by which the value of this page becomes a root or is it no more, and its start."""

    def __init__(self, editor: Editor, source: Source) -> None:
        super().__init__("")
        self.caption.hide()
        self.editor, self.source = editor, source
        self.about = label("", "dim", small(), wrap=True)
        self.choose = _button("Make this the root", "Show how each value changes this one")
        self.choose.clicked.connect(lambda: choose_root(editor, source))
        self.join = _button("Add as a root", "Show how each value changes the roots together, this one as well")
        self.join.clicked.connect(lambda: add_root(editor, source))
        self.drop = _button("No root any more", "Show the gradients of the other roots only")
        self.drop.clicked.connect(lambda: drop_root(editor, source))
        self.leave = _button(
            "Choose the root automatically", "The loss of training, else the one number that comes out"
        )
        self.leave.clicked.connect(lambda: choose_root(editor, None))
        self.start = TextEdit()
        self.start.setAccessibleName("Starting gradient")
        self.start.setToolTip(MEANS)
        self.start.entered.connect(self._enter)
        self.start.restored.connect(lambda: self._say(""))
        self.refused = label("", "error", small(), wrap=True)
        self.starting = QWidget()
        row = QHBoxLayout(self.starting)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label("Starting gradient"))
        row.addWidget(self.start, 1)
        self.add(self.about, self.starting, self.refused, self.choose, self.join, self.drop, self.leave)
        self.refused.hide()

    def refresh(self) -> None:
        live, value = self.editor.live, self.editor.results.value(self.source)
        can = value is None or not no_gradient(value.dtype)
        buttons = (self.leave, self.drop, self.join, self.choose)
        pressed = any(button.hasFocus() for button in buttons)
        is_root, several, none = self.source in live.roots, len(live.roots) > 1, bool(why_no_gradient(self.editor))
        self.about.setText(f"Gradients of: {root_text(self.editor)}")
        self.choose.setVisible((not is_root and can) or several)
        self.join.setVisible(not is_root and can and bool(live.roots) and not none)
        self.drop.setVisible(is_root and several)
        self.leave.setVisible(is_root and bool(live.chosen))
        self.starting.setVisible(is_root and not none)
        self.start.show_text(start_text(self.editor, self.source))
        shown = [button for button in buttons if not button.isHidden()]
        if pressed and shown and not any(button.hasFocus() for button in shown):  # Qt has gone to the next field
            shown[0].setFocus()

    def _enter(self, text: str) -> None:
        """Start from what was typed, or say why that is no starting gradient."""
        value = self.editor.results.value(self.source)
        try:
            start = calculate(text.strip() or "1")
            shape = _shape(start)
        except ParameterError as error:
            self._say(str(error))
            return
        if value is not None and shape not in ((), value.shape):
            self._say(f"a starting gradient has the shape of its value, {value.shape}, got {shape} (or is one number)")
            return
        self.start.accept()
        self._say("")
        set_start(self.editor, self.source, start)

    def _say(self, refused: str) -> None:
        if refused:
            self.start.reject()
        self.refused.setText(refused)
        self.refused.setVisible(bool(refused))


def _shape(start: object) -> tuple[int, ...]:
    """The shape of nested tuples. Raises `ParameterError` where they are ragged."""
    if not isinstance(start, tuple):
        return ()
    inner = {_shape(item) for item in start}
    if len(inner) > 1:
        raise ParameterError("the lists of a starting gradient must be of one length")
    return (len(start), *(inner.pop() if inner else ()))


def _button(text: str, about: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(about)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard on the canvas, where Space steps
    return button
