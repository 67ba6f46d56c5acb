"""Whether what is not finite at a node can be mended: looked for beside the window, by what would mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.graph import Source
from ...core.stepping import State, Timeline
from ..bridge import Request, Worker
from ..editing import outputs
from . import answering

if TYPE_CHECKING:
    from ..editor import Editor

PATIENCE = 0.1  # seconds without another node or value, after which one is looked at


class Mending(QObject):
    """Looks at the active node as soon as it is broken, so that a menu opened on it knows."""

    found = Signal()  # it is known of another node

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._worker: Worker | None = None  # begun when something is broken
        self._of: Callable[[], Timeline] | None = None
        self._why_not: dict[str, str] = {}  # by node: why nothing is offered; "" where something is
        self._wanted = ""
        editor.selection_changed.connect(self._look)
        editor.results_changed.connect(self._look)

    def is_broken(self, node: str | None) -> bool:
        """Whether the gradient of a node, or of what it takes, is not finite."""
        editor = self._editor
        if node is None or node not in editor.graph.nodes or editor.results.timeline is None:
            return False
        around = [*outputs(editor.graph, editor.registry, node), *editor.graph.inputs(node).values()]
        return any(editor.results.gradient(source).state is State.NONFINITE for source in around)

    def why_not(self, node: str) -> str:
        """Why a node that is broken cannot be mended; "" where it can, and until that is known: of the active one."""
        return self._why_not.get(node, "") if self._editor.results.timeline is self._of else ""

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    def _look(self) -> None:
        """Forget what was found of another iteration, or of other values, and look at the active node."""
        if (now := self._editor.results.timeline) is not self._of:
            self._of, self._wanted = now, ""
            self._why_not.clear()
        active = self._editor.active
        if active is not None and active not in self._why_not and self.is_broken(active):
            self._want(active)

    def _want(self, node: str) -> None:
        editor, lay_out = self._editor, self._of
        source = next(iter(outputs(editor.graph, editor.registry, node)), None)
        if lay_out is None or source is None or self._wanted == node:
            return
        self._wanted = node
        if self._worker is None:
            self._worker = Worker("mending", self, patience=PATIENCE)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: None)  # then it is told where it is asked for
        self._worker.ask(lambda request: (lay_out, node, _why_not(lay_out(), source, request)))

    def _take(self, found: tuple[Callable[[], Timeline], str, str | None]) -> None:
        lay_out, node, why_not = found
        if lay_out is self._of and why_not is not None:
            self._why_not[node] = why_not
            self.found.emit()


def _why_not(timeline: Timeline, source: Source, request: Request) -> str | None:
    """None where it is no more wanted."""
    answer = answering.cause(timeline, source, lambda: request.cancelled)
    if answer is None:
        return None
    return "" if answer.mends else f"no mend is known: {answer.lines[1]}"
