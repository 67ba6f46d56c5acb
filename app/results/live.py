"""Values and gradients of the document as it is, computed beside the window while it is edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.document import Change
from ...core.evaluating import Asked, Evaluated, Evaluator
from ...core.graph import Graph, Source
from ...core.session import Session
from ...core.stepping import Timeline, lay_out
from ...core.stepping.cuts import Cut, Cuts
from ..bridge import DocumentSignals
from .origin import Origin
from .refreshing import Refreshed, Refreshing
from .staleness import Staleness

Array = np.ndarray[Any, Any]


class Live(QObject):
    """What was computed last, and whether it still holds. `changed` whenever an answer here may be another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._session: Session | None = None
        self._signals: DocumentSignals | None = None
        self._evaluator: Evaluator | None = None
        self._result: Evaluated | None = None
        self._origin: Origin | None = None
        self._stale: Staleness | None = None
        self._cuts: Cuts | None = None
        self._lay_out: Callable[[], Timeline] | None = None
        self._chosen: Source | None = None
        self.refreshing = Refreshing(self._snapshot, self)
        self.refreshing.computed.connect(self._take)
        self.refreshing.told.connect(self.changed)

    # The document.

    def follow(self, session: Session) -> None:
        """Compute this session's graph, and again after each change that may change a value."""
        if self._closed or session is self._session:
            if self._result is not None and self._result.asked.folder != session.folder:
                self.refreshing.schedule()  # data may be found now that it has a file
            return
        self._leave()
        self._session = session
        self._signals = DocumentSignals(session.document, self)
        self._signals.changed.connect(self._follow)
        self._evaluator = Evaluator(session.registry)
        self.refreshing.schedule()
        self.changed.emit()

    def close(self) -> None:
        """End the thread, and forget everything."""
        self._closed = True
        self._leave()
        self.refreshing.close()

    def _leave(self) -> None:
        if self._signals is not None:
            self._signals.close()
            self._signals.deleteLater()
        self.refreshing.forget()
        self._session = self._signals = self._evaluator = None
        self._result = self._origin = self._stale = self._cuts = self._lay_out = self._chosen = None

    def _follow(self, change: Change) -> None:
        if change.semantic:
            self.refreshing.schedule()
            self.changed.emit()

    def _snapshot(self) -> tuple[Evaluator, Asked] | None:
        session, evaluator = self._session, self._evaluator
        if session is None or evaluator is None:
            return None
        return evaluator, Asked.of(session, self._chosen)

    def _take(self, refreshed: Refreshed) -> None:
        if self._session is None:
            return
        result, registry = refreshed.result, self._session.registry
        self._result, self._origin, self._stale = result, refreshed.origin, Staleness(result.asked)
        self._cuts = Cuts(result, registry)
        self._lay_out = cache(lambda: lay_out(result, registry))
        self.changed.emit()

    # When.

    @property
    def enabled(self) -> bool:
        """Whether edits are followed at all. Set to True it ends a pause as well."""
        return self.refreshing.enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self.refreshing.enable(enabled)

    def refresh_now(self) -> None:
        """Compute the graph as it is, once, also while Live is off or pauses."""
        self.refreshing.ask()

    @property
    def status(self) -> str:
        """What Live does, in words: "live", "computing…", "live is off", "live is paused: …", "error: …"."""
        status, result = self.refreshing.status, self._result
        refused = None if result is None or self.gradients_are_stale else result.gradients.error
        return f"error: {refused}" if refused and status == "live" else status

    # What was computed.

    def value(self, source: Source) -> Array | None:
        """The value last computed there; `is_stale` says whether it still holds. It cannot be written."""
        return None if self._result is None else self._result.value(source)

    def gradient(self, source: Source) -> Array | None:
        """The gradient of `root` last computed there, None where there is no path; see `gradient_state`."""
        return None if self._result is None else self._result.gradient(source)

    def contributions(self, source: Source) -> list[tuple[str, str, Array]]:
        """What meets in the gradient of a value that several ports take: (node id, port, array)."""
        return [] if self._result is None else self._result.contributions(source)

    def cut(self, source: Source) -> Cut | None:
        """What keeps the gradient from a value on which the root depends."""
        return None if self._cuts is None else self._cuts[source]

    @property
    def origin(self) -> Origin | None:
        """Where NaN or infinity begins, None where all numbers are finite, or where that is of an earlier graph."""
        found, session = self._origin, self._session
        if found is None or session is None or found.node not in session.graph.nodes:
            return None
        return found if self.refreshing.pending or not self.is_stale(found.node) else None

    @property
    def timeline(self) -> Callable[[], Timeline] | None:
        """What lays out in time what was computed last, to be called beside the window; None: nothing is computed."""
        return self._lay_out

    def error(self, id: str) -> str | None:
        """Why a node has no value though a check finds nothing wrong with it."""
        return None if self._result is None else self._result.errors.get(id)

    def errors(self) -> Mapping[str, str]:
        """Why nodes have no value though a check finds nothing wrong with them, by id."""
        return {} if self._result is None else self._result.errors

    def is_stale(self, id: str) -> bool:
        """Whether what is shown at a node was computed by another graph or of other values."""
        if self._session is None or self._stale is None:
            return False
        return self._stale.is_stale(self._session, id)

    # Gradients.

    @property
    def root(self) -> Source | None:
        """Of what gradients are shown: what was chosen, else the loss, else the one number that comes out."""
        return self.chosen or (None if self._result is None else self._result.root)

    @property
    def chosen(self) -> Source | None:
        """What was chosen as the root, None where that is left to the graph."""
        session, chosen = self._session, self._chosen
        return chosen if session is not None and chosen is not None and chosen.node in session.graph.nodes else None

    def set_root(self, source: Source | None) -> None:
        """Show the gradients of this value; None leaves the choice to the graph."""
        if source != self._chosen:
            self._chosen = source
            self.refreshing.schedule()
            self.changed.emit()

    def gradient_state(self, source: Source) -> str:
        """Of the gradient of a value: "value", "waiting" while there is none that still holds, "none"."""
        if self.value(source) is None:
            return "waiting" if self.refreshing.pending else "none"
        if self.gradient(source) is None:
            return "none"
        return "waiting" if self.gradients_are_stale else "value"

    @property
    def gradients_are_stale(self) -> bool:
        """Whether the gradients are those of another root, or of one that has changed."""
        result, session = self._result, self._session
        if result is None or session is None:
            return False
        asked_otherwise = result.asked.root != self._chosen or _loss(result.asked.graph) != _loss(session.graph)
        return asked_otherwise or (result.root is not None and self.is_stale(result.root.node))


def _loss(graph: Graph) -> str | None:
    return None if graph.training is None else graph.training.loss
