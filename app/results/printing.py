"""What `print` nodes have written: by training, by stepping and by runs of the console, the last lines of all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.graph import Graph
from ...core.printing import Printed

if TYPE_CHECKING:
    from ..editor import Editor

LINES = 2_000  # that are kept
TRAINING, STEPPING, RUN = "training", "stepping", "run"  # where lines come from


class Heard(NamedTuple):
    """A line, where it comes from, and what its node was called then."""

    origin: str
    name: str
    printed: Printed

    @property
    def place(self) -> str:
        """`training 1,234`: where it comes from, and the iteration there; of a validation `validation`."""
        number = self.printed.iteration
        return "validation" if number == 0 else self.origin if number is None else f"{self.origin} {number:,}"

    @property
    def said(self) -> str:
        """The message and the arrays."""
        message = self.printed.message
        return f"{message}: {self.printed.text}" if message else self.printed.text

    @property
    def whole(self) -> str:
        """All of it in one line."""
        return f"{self.name}, {self.place}, {self.printed.phase}: {self.said}"


class Printing(QObject):
    """The lines about one document, oldest first. `changed` whenever there are more, or none any more."""

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self.lines: deque[Heard] = deque(maxlen=LINES)
        self.count = 0  # that have ever come
        self.begun = 0  # that had come when they were cleared last
        self.left_out = 0  # that came too fast to be told
        self._editor = editor
        self._home: object = None  # the session that they are about
        editor.replaced.connect(self._follow)

    @property
    def gone(self) -> int:
        """How many that have come are not kept any more."""
        return self.count - len(self.lines)

    def add(self, origin: str, lines: Iterable[Printed], graph: Graph, left_out: int = 0) -> None:
        """More lines, of nodes of this graph, and how many others were written among them."""
        heard = [Heard(origin, graph.called(each.node), each) for each in lines]
        if heard or left_out:
            self.lines.extend(heard)
            self.count += len(heard)
            self.left_out += left_out
            self.changed.emit()

    def clear(self) -> None:
        """Forget them."""
        self.lines.clear()
        self.begun, self.left_out = self.count, 0
        self.changed.emit()

    def _follow(self) -> None:
        """Another document is open; not where a run of this one is looked at."""
        if self._home is not self._editor.home:
            self._home = self._editor.home
            if self.lines or self.left_out:
                self.clear()
