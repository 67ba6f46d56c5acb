"""Whether a preprocessing layer has been fitted, and the button that measures it beside the window."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ...core.document import Document, Transaction
from ...core.evaluating.fitting import Measured, fitted_layers, measure
from ...core.graph import Graph
from ...core.running import Running
from ..bridge import Request, Worker
from .page import Page
from .parts import label
from .sheet import small


class FitLine(QWidget):
    """The line and the button of one layer, on its page."""

    def __init__(self, page: Page, group: str) -> None:
        super().__init__()
        self.page, self.editor, self.group = page, page.editor, group
        self.about = label("", "dim", small(), wrap=True)
        self.button = QPushButton("Fit")
        self.button.setToolTip("Measure it on the training part of the data that comes to it")
        self.button.clicked.connect(self._ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.about)
        column.addWidget(self.button)
        self._asked: Graph | None = None  # whose layer is being measured
        self._refused: tuple[Graph | None, str] = (
            None,
            "",
        )  # why it could not be fitted, for as long as nothing changes
        self._worker = Worker("fit", self)
        self._worker.finished.connect(self._put_in)
        self._worker.failed.connect(self._tell)

    def refresh(self) -> None:
        """Say whether it holds statistics."""
        layer = next((each for each in fitted_layers(self.editor.graph) if each.group == self.group), None)
        held = self.editor.document.values
        if layer is None or self._asked is not None:
            return
        if self._refused[0] is self.editor.graph:
            self.about.setText(self._refused[1])
            return
        done = {layer.offset, layer.scale} <= held.keys()
        self.about.setText("Fitted." if done else "Not fitted yet: what comes in goes out. Training fits it first.")
        self.button.setText("Fit again" if done else "Fit")

    def _ask(self) -> None:
        editor, group = self.editor, self.group
        graph, values, session = editor.graph, editor.document.values, editor.session
        registry, path, dtype = session.registry, session.path, session.dtype
        self._asked = graph
        self.button.setEnabled(False)

        def work(_: Request) -> Measured:
            return measure(Running(Document(graph, values, registry), registry, path, dtype), [group])

        self._worker.ask(work)

    def _done(self) -> bool:
        """End the wait; whether what was measured is still what is there."""
        asked, self._asked = self._asked, None
        self.button.setEnabled(True)
        return asked is self.editor.graph

    def _put_in(self, found: Measured) -> None:
        if not self._done():
            self.editor.told.emit(
                "The graph was edited while it was fitted on, so nothing was put in: fit again", "note"
            )
            self.refresh()
            return

        def edit(t: Transaction) -> None:
            for id, value in found.values.items():
                t.set_values(id, value)

        refusal = self.page.attempt("Fit preprocessing", edit)
        if refusal is not None:
            self.about.setText(refusal)
        for path, samples in found.samples.items():
            self.editor.told.emit(f"{path} is fitted on {samples:,} samples", "note")

    def _tell(self, error: Exception) -> None:
        self._refused = self.editor.graph if self._done() else None, str(error)
        self.refresh()
