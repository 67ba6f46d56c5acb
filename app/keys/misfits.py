"""What no longer fits after a phrase, told behind what it did; and the phrase that mends it, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.infer import Problem
from ...core.scripting.phrases.mending import mend, whose
from ...core.session import Session
from ..bridge import Worker

if TYPE_CHECKING:
    from ...core.graph import Graph
    from ...core.scripting.phrases import Around
    from ..editor import Editor


class Misfits(QObject):
    """Of one window: looks at what the check finds after each phrase."""

    changed = Signal()  # there is another mend, or none any more

    def __init__(self, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._told = ""  # what the phrase did, until the check is there
        self._line = ""  # what was told of the problem that is to be mended
        self._before: frozenset[tuple[str | None, str]] = frozenset()
        self._nodes: frozenset[str] = frozenset()
        self.mend, self.about = "", ""  # the phrase that mends it, "" for none, and what is wrong
        self._worker: Worker | None = None
        editor.checking.checked.connect(self._look)
        editor.changed.connect(self._forget)

    def begin(self) -> None:
        """A phrase is about to be done: what does not fit now is not for it to tell."""
        self._before = frozenset((each.node, each.message) for each in self._editor.problems)
        self._nodes = frozenset(self._editor.graph.nodes)

    def await_check(self, told: str) -> None:
        """A phrase did this: what no longer fits is told once it is known."""
        self._told = told

    def _forget(self) -> None:
        self._told = ""
        if self._worker is not None:
            self._worker.cancel()
        if self.mend:
            self.mend = self.about = ""
            self.changed.emit()

    def _look(self) -> None:
        told, self._told = self._told, ""
        found = [
            each
            for each in self._editor.problems
            if each.node in self._nodes and (each.node, each.message) not in self._before
        ]
        if told and found:
            self._tell(told, found)

    def _tell(self, told: str, found: list[Problem]) -> None:
        editor, problem = self._editor, found[0]
        graph = editor.graph
        id = whose(problem, graph)
        name = graph.path(id) if id is not None else "the graph"
        others = {whose(each, graph) for each in found} - {id}
        more = f", and {len(others)} more" if others else ""
        self.about = f"{name} no longer fits: {problem.message}{more}"
        self._line = f"{told}, but {self.about}"
        editor.told.emit(self._line, "note")
        self._ask(problem, graph)

    def _ask(self, problem: Problem, graph: Graph) -> None:
        """Look for a mend, which is tried on copies."""
        editor, around = self._editor, around_of(self._editor)
        registry, path, dtype = editor.registry, editor.session.path, editor.session.dtype
        if self._worker is None:
            self._worker = Worker("mend of a phrase", self)
            self._worker.finished.connect(self._offer)
        self._worker.ask(
            lambda _: mend(problem, graph, registry, around, lambda made: Session(made, path, registry, dtype).check())
        )

    def _offer(self, line: str | None) -> None:
        if line is not None:
            self.mend = line
            self._editor.told.emit(f"{self._line}: {line} mends it", "note")
            self.changed.emit()


def around_of(editor: Editor) -> Around:
    """What phrases may know beside the graph of a window."""
    from ...core.scripting.phrases import Around

    return Around(editor.document.values, editor.group, editor.checking.found.avals)
