"""The tensor viewer as a panel: the value or the gradient that was asked for last, kept up to date."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...core.document.ports import value_name
from ...core.graph import Source
from ...core.op import short_name
from ..editing import outputs
from ..editor import Editor
from ..inspecting.parts import Elided, label
from ..inspecting.sheet import sheet, small
from ..look.seen import Sight, is_seen
from ..look.theme import Theme
from ..tensor_view import TensorView
from ..tensor_view.saving import Saver


class TensorPanel(QWidget):
    """What `editor.wishes.view` named last; until then, and when it is gone, the node that is selected.

    Its parts are made when it is first seen, and follow while it is.
    """

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor, self.theme = editor, theme
        self.source: Source | None = None
        self.pinned = False
        self.saver = Saver(self)
        self.saver.told.connect(editor.told)
        # What is shown needs more height than the hint of nothing: without the scroll area each value that comes would
        # push the canvas up, even from behind another tab.
        self.scrolled = QScrollArea()
        self.scrolled.setWidgetResizable(True)
        self.scrolled.setFrameShape(QFrame.Shape.NoFrame)
        self.scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.scrolled)
        self.body: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        editor.selection_changed.connect(self._unpin)
        for signal in (editor.changed, editor.checked, editor.results_changed):
            signal.connect(self._later)
        editor.replaced.connect(self._forget)
        editor.wishes.view.connect(self.show_source)
        sight = Sight(self)
        sight.first.connect(self._make_anew)
        sight.changed.connect(self._later)

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the colours of another theme."""
        self.theme = theme
        if self.body is not None:
            self._make_anew()

    def _make_anew(self) -> None:
        way, gradient = (self.view.stack.currentIndex(), self.gradient.isChecked()) if self.body else (0, False)
        self.setStyleSheet(sheet(self.theme))
        self._make()
        self.view.show_way(way)
        (self.gradient if gradient else self.value).setChecked(True)
        self.refresh()

    def _make(self) -> None:
        self.body = QWidget()
        self.body.setObjectName("page")
        self.heading = Elided("")
        self.stale = label("⟳ stale", "warning", small())
        self.stale.setToolTip("Computed by an earlier graph or from earlier values")
        self.stale.hide()
        self.value, self.gradient = QPushButton("Value"), QPushButton("Gradient")
        self.which = QButtonGroup(self.body)
        for button in (self.value, self.gradient):
            button.setCheckable(True)
            button.clicked.connect(self.refresh)
            self.which.addButton(button)
        self.value.setChecked(True)
        self.view = TensorView(self.theme, self.saver)
        self.view.told.connect(self.editor.told)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.heading, 1)
        for widget in (self.stale, self.value, self.gradient):
            head.addWidget(widget)
        self.empty = label("", "dim", None, wrap=True)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.empty)
        column.addWidget(self.view, 1)
        self.scrolled.setWidget(self.body)  # which deletes the one before

    def show_source(self, source: Source) -> None:
        """Show one output of a node, and stay there until another is asked for."""
        self.source, self.pinned = source, True
        self.refresh()

    def _unpin(self) -> None:
        self.pinned = False
        self._later()

    def _forget(self) -> None:
        self.source, self.pinned = None, False
        self._later()

    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

    def _selected(self) -> Source | None:
        """What the active node gives, or the active group: of several values the first."""
        graph, active = self.editor.graph, self.editor.active
        if active is None or not (active in graph.nodes or active in graph.groups):
            return None
        return next(iter(outputs(graph, self.editor.registry, active)), None)

    def refresh(self) -> None:
        """Show what there is now, where somebody sees it."""
        if not is_seen(self):
            return
        if self.body is None:
            self._make_anew()
            return
        graph = self.editor.graph
        if self.source is not None and self.source.node not in graph.nodes:
            self.source, self.pinned = None, False
        if not self.pinned:
            self.source = self._selected() or self.source
        source = self.source
        self.stale.setVisible(source is not None and self.editor.results.is_stale(source.node))
        if source is None:
            self._show(None, "", "Select a node, or click a value in the inspector, to see its tensor here.")
            return
        backwards = self.gradient.isChecked()
        results = self.editor.results
        found = results.gradient(source).value if backwards else results.value(source)
        array = None if found is None else np.asarray(found)
        path = value_name(self.editor.graph, self.editor.registry, source)
        what = "gradient" if backwards else "value"
        if array is None:
            self._show(None, path, f"{path} has no {what} yet ({self.editor.live.status}).")
            return
        roots = [graph.nodes[root.node].name for root in self.editor.live.roots if root.node in graph.nodes]
        of = f"({' + '.join(roots)})" if len(roots) > 1 else "".join(roots)
        top = f"∂{of}/∂" if backwards and of else ""
        self._show(array, f"{top}{path}   {array.shape} {short_name(array.dtype)}", "")

    def _show(self, array: np.ndarray | None, heading: str, empty: str) -> None:
        self.heading.show_text(heading)
        self.empty.setText(empty)
        self.empty.setVisible(array is None)
        self.view.setVisible(array is not None)
        name = self.editor.graph.nodes[self.source.node].name if self.source is not None else "tensor"
        samples = self.source is not None and self.editor.shapes.get(self.source, "").startswith("(N")
        self.view.show_array(array, f"{name}_gradient" if self.gradient.isChecked() else name, samples)
