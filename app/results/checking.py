"""Problems and shapes of the document, found beside the window: a large graph takes longer than a frame."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from ...core.check import Checked
from ...core.graph import Source
from ...core.infer import Problem
from ...core.session import Session
from ..bridge import Request, Worker


class Checking(QObject):
    """Checks each new graph on a thread of its own; `checked` when what it found is new."""

    checked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: tuple[Problem, ...] = ()
        self.shapes: Mapping[Source, str] = {}
        self.found = Checked(())
        self._worker = Worker("check", self, patience=0.02)
        self._worker.finished.connect(self._take)
        self._worker.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether the graph as it stands has not been checked yet."""
        return self._worker.busy

    def follow(self, session: Session) -> None:
        """Check the session's graph as it is now."""
        graph, registry, path, dtype = session.graph, session.registry, session.path, session.dtype

        def work(_: Request) -> Checked:
            from ..search.open_ports import with_fits  # not needed to start

            return with_fits(Session(graph, path, registry, dtype).check(), graph, registry, dtype or graph.dtype)

        self._worker.ask(work)

    def close(self) -> None:
        self._worker.close()

    def _take(self, found: Checked) -> None:
        self.found = found
        self.problems, self.shapes = found.problems, found.shapes
        self.checked.emit()

    def _fail(self, error: Exception) -> None:
        """A fault of the check, or of a plugin's rule: nothing is known then, so the graph must not look valid."""
        self._take(Checked((Problem(None, None, f"the check failed: {type(error).__name__}: {error}"),)))
