"""Of what gradients are shown, and how another value becomes that."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from ...core.graph import Source
from ..editor import Editor
from ..results.root import choose_root, root_text
from .parts import Section, label
from .sheet import small


class RootLine(Section):
    """`Gradients of: loss`, and a button by which the value of this page becomes the root, or is it no more."""

    def __init__(self, editor: Editor, source: Source) -> None:
        super().__init__("")
        self.caption.hide()
        self.editor, self.source = editor, source
        self.about = label("", "dim", small(), wrap=True)
        self.choose = QPushButton("Make this the root")
        self.choose.setToolTip("Show how each value changes this one")
        self.choose.clicked.connect(lambda: choose_root(editor, source))
        self.leave = QPushButton("Choose the root automatically")
        self.leave.setToolTip("The loss of training, else the one number that comes out")
        self.leave.clicked.connect(lambda: choose_root(editor, None))
        self.add(self.about, self.choose, self.leave)

    def refresh(self) -> None:
        live = self.editor.live
        self.about.setText(f"Gradients of: {root_text(self.editor)}")
        self.choose.setVisible(live.root != self.source)
        self.leave.setVisible(live.chosen is not None and live.chosen == self.source)
