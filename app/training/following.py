"""A run follows what is edited while it goes on: settings of its optimiser, when it stops, which parameters rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from ...core.errors import GradwireError

if TYPE_CHECKING:
    from ...core.runs import Run
    from ..editor import Editor
    from .controller import Training
    from .polling import Polling
    from .starting import RunOrigin

SETTLED = 150  # milliseconds after the last edit until the run is told: a field that is dragged gives many


class Following(QObject):
    """Tells the active run of a controller what was set."""

    def __init__(self, training: Training, editor: Editor, polling: Polling) -> None:
        super().__init__(training)
        self._training, self._editor = training, editor
        self._settled = QTimer(self, singleShot=True, interval=SETTLED)
        self._settled.timeout.connect(self._tell)
        editor.changed.connect(lambda _: self.follow())
        polling.happened.connect(self.take)

    def follow(self) -> None:
        """Something was edited, or a run has begun."""
        if self._training.active:
            self._tell_flags()
            self._settled.start()

    def take(self, event: object) -> None:
        """Something has happened; where the run refused settings, it is no more the one that the document describes."""
        from ...core.runs.happening import REFUSED, Happened
        from .changing import taken_back

        if not isinstance(event, Happened) or event.name != REFUSED:
            return
        settings, run, origin = event.told["settings"], self._training.run, self._training.origin
        if run is not None and origin is not None and origin.told is not None and run.graph.training is not None:
            origin.told = taken_back(origin.told, dict(settings), run.graph.training)
            origin.take_flags(run.graph)

    def _of_run(self) -> tuple[Run, RunOrigin] | None:
        run, origin = self._training.run, self._training.origin
        return None if run is None or origin is None or not self._training.active else (run, origin)

    def _tell(self) -> None:
        """Only where nothing else of the training is another: the run would not be that of the document."""
        from .changing import settings_between, with_settings

        found, now = self._of_run(), self._editor.home.graph.training
        if found is None or now is None or found[1].told is None:
            return
        run, origin = found
        assert origin.told is not None
        if origin.seen is None or settings_between(origin.told, now) is None:
            return
        if (settings := settings_between(origin.seen, now)) and self._told(run, settings):
            origin.told, origin.seen = with_settings(origin.told, settings), now

    def _tell_flags(self) -> None:
        """At once: until the run is told, the document would not be the one that it trains."""
        from .changing import frozen_between

        found = self._of_run()
        if found is None:
            return
        run, origin = found
        graph = self._editor.home.graph
        settings = frozen_between(origin.graph, graph, origin.parameters)
        if settings and self._told(run, settings):
            origin.take_flags(graph)

    def _told(self, run: Run, settings: Mapping[str, Any]) -> bool:
        try:
            run.set(**settings)
        except GradwireError as error:
            self._editor.told.emit(str(error), "refusal")
            return False
        return True
