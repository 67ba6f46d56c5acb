"""Reads a set beside the window: its first rows at once, and then all that is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from ...core.graph import Graph
from ..bridge import Worker
from .reading import first_look, look_at


class DataReader(QObject):
    """`found(Look)`, first of a part and then of all; `failed(line)` where the program itself is at fault.

    Each set is read on a thread of its own: an array in a large file, which is read in one piece, holds up none that
    is chosen in its place. Tables and folders of images are no longer read once they are no longer wanted.
    """

    found = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._first: Worker | None = None
        self._all: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether something is still being read."""
        return self._all is not None and self._all.busy

    def read(self, params: Mapping[str, Any], folder: Path | None, graph: Graph, other: bool) -> None:
        """Read this one, `other`: a set that was not read before; of what is being read nothing is told any more."""
        if other or self._all is None:
            self.stop()
            self._first, self._all = (Worker(f"data {part}", self) for part in ("preview", "set"))
            self._first.finished.connect(self._tell_first)
            self._all.finished.connect(self.found)
            self._all.failed.connect(lambda error: self.failed.emit(f"{type(error).__name__}: {error}"))
            self._first.ask(lambda _: first_look(params, folder))
        self._all.ask(lambda request: look_at(params, folder, graph, lambda: request.cancelled))

    def _tell_first(self, look: Any) -> None:
        if self.busy and look is not None:
            self.found.emit(look)

    def stop(self) -> None:
        """Read nothing any more."""
        for worker in (self._first, self._all):
            if worker is not None:
                worker.close()
                worker.deleteLater()
        self._first = self._all = None
