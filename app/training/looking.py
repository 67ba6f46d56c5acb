"""Looking at the graph of a run as it was, where the document's is another by now: in its place, not to be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..looking_away import come_back, look_away

if TYPE_CHECKING:
    from ...core.graph import Graph
    from ...core.session import Session
    from ..editor import Editor
    from ..stepping.recordings import Start


class Looking(QObject):
    """Of one editor. `changed` when another graph is looked at, or the document again."""

    changed = Signal()
    left = Signal()  # the document is another one, whose run this is not

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.about = ""  # what is looked at, in a sentence; "" where that is the document
        self._graph: Graph | None = None
        self._home: Session | None = None  # of the document
        editor.replaced.connect(self._follow)
        editor.stepper.recordings.leads_elsewhere = self._leads_elsewhere

    def show(self, iteration: int) -> bool:
        """Show the graph of an iteration of the run; whether it is shown now."""
        editor, training = self._editor, self._editor.training
        run, origin, curves = training.run, training.origin, training.curves
        if run is None or origin is None or curves is None:
            return False
        if curves.is_as_now(iteration) and origin.computes_alike(editor.home.graph):
            come_back(editor)
            return True
        graph = curves.graph_of(iteration)
        if graph is not self._graph:
            from ...core.document import Document
            from ...core.session import Session

            written, registry = run.record.written, editor.home.registry
            path = None if written.data is None else written.data / f"{run.record.path.name}.gw"  # data are read there
            document = Document(graph, run.record.values, registry)
            editor.stepper.leave()
            look_away(editor, Session(document, path, registry, written.settings.dtype))
            self._graph = graph
        self.about = f"The graph of the run as it was at iteration {iteration:,}, to be looked at, not edited."
        self.changed.emit()
        return True

    def _follow(self) -> None:
        if self._home is not self._editor.home:
            self._home = self._editor.home
            self.left.emit()
        if self._editor.session is self._editor.home and self.about:
            self._graph, self.about = None, ""
            self.changed.emit()

    def _leads_elsewhere(self, number: int, start: Start) -> bool:
        """Steps that lead into an iteration with other settings lead to its graph."""
        from .stepping import step_to, stepped

        curves = self._editor.training.curves
        if curves is None or stepped(self._editor) is None:
            return False
        shown = self._graph if self.about else None
        wanted = None if shown is None and curves.is_as_now(number) else curves.graph_of(number)
        if wanted is shown:
            return False
        step_to(self._editor, number, start)
        return True
