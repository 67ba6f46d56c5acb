"""Values and gradients of the document as it is, computed beside the window while it is edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.document import Change
from ...core.evaluating import Asked, Evaluator, Root
from ...core.graph import Source
from ...core.session import Session
from ..bridge import DocumentSignals
from .computed import Computed
from .fed import Feeding
from .origin import Origin
from .refreshing import Refreshed, Refreshing
from .stand_ins import StandIns

Array = np.ndarray[Any, Any]


class Live(QObject):
    """What was computed last, and whether it still holds. `changed` whenever an answer here may be another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._session: Session | None = None
        self._evaluator: Evaluator | None = None
        self._signals = DocumentSignals(self)
        self._signals.changed.connect(self._follow)
        self.computed, self.stand_ins = Computed(), StandIns()
        self._chosen: tuple[Root, ...] = ()
        self.feeding = Feeding(self)
        self.refreshing = Refreshing(self._snapshot, self)
        self.refreshing.computed.connect(self._take)
        self.refreshing.told.connect(self.changed)

    # The document.

    def follow(self, session: Session | None) -> None:
        """Compute this session's graph, and again after each change that may change a value; None: nothing."""
        if self._closed or session is self._session:
            asked = None if self.computed.result is None else self.computed.result.asked
            if session is not None and asked is not None and asked.folder != session.folder:
                self.refreshing.schedule()  # data may be found now that it has a file
            return
        self._leave()
        self._session = session
        if session is not None:
            self._signals.follow(session.document)
            self._evaluator = Evaluator(session.registry)
            self.refreshing.schedule()
        self.changed.emit()

    def close(self) -> None:
        """End the thread, and forget everything."""
        self._closed = True
        self._leave()
        self.refreshing.close()

    def _leave(self) -> None:
        self._signals.close()
        self.refreshing.forget()
        self._session = self._evaluator = None
        self.computed, self._chosen, self.stand_ins = Computed(), (), StandIns()
        self.feeding.now = None

    def _follow(self, change: Change) -> None:
        if change.semantic:
            self._chosen = self.stand_ins.roots_after(change, self._chosen)
            self.refreshing.schedule()
            self.changed.emit()

    def _snapshot(self) -> tuple[Evaluator, Asked] | None:
        if self._session is None or self._evaluator is None:
            return None
        return self._evaluator, self.feeding.into(Asked.of(self._session, *self._chosen))

    def _take(self, refreshed: Refreshed) -> None:
        if self._session is not None:
            self.computed = Computed(refreshed.result, refreshed.origin, self._session.registry)
            self.changed.emit()

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
        """In words: "live", "computing…", "reading data…", "live is off", "live is paused: …", "error: …"."""
        status = self.refreshing.status
        return f"error: {self.refusal}" if status == "live" and self.refusal else status

    @property
    def refusal(self) -> str:
        """Why the gradients could not be computed that are asked for; "" where they could."""
        return "" if self.gradients_are_stale else self.computed.refusal

    # What was computed.

    def value(self, source: Source) -> Array | None:
        """The value last computed there; `is_stale` says whether it still holds. It cannot be written."""
        return self.computed.value(source)

    def gradient(self, source: Source) -> Array | None:
        """The gradient of `root` last computed there, None where there is no path; see `gradient_state`."""
        return self.computed.gradient(source)

    def contributions(self, source: Source) -> list[tuple[str, str, Array]]:
        """What meets in the gradient of a value that several ports take: (node id, port, array)."""
        return self.computed.contributions(source)

    @property
    def origin(self) -> Origin | None:
        """Where NaN or infinity begins, None where all numbers are finite, or where that is of an earlier graph."""
        return None if self._session is None else self.computed.origin(self._session, self.refreshing.pending)

    def errors(self) -> Mapping[str, str]:
        """By id what failed at nodes with which a check finds nothing wrong: their value, or their gradient rule."""
        return self.computed.errors

    def is_stale(self, id: str) -> bool:
        """Whether what is shown at a node was computed by another graph or of other values."""
        return self._session is not None and self.computed.is_stale(self._session, id)

    @property
    def root(self) -> Source | None:
        """Of what gradients are shown, the first of several."""
        return self.roots[0] if self.roots else None

    @property
    def roots(self) -> tuple[Source, ...]:
        """Of what gradients are shown: what was chosen, else the loss, else the one number that comes out."""
        return tuple(root.source for root in self.chosen) or self.computed.roots

    @property
    def chosen(self) -> tuple[Root, ...]:
        """What was chosen as roots, with what gradients start from there; none where that is left to the graph."""
        nodes = self._session.graph.nodes if self._session is not None else {}
        return tuple(root for root in self._chosen if root.source.node in nodes)

    def set_roots(self, *roots: Root) -> None:
        """Show the gradients of these values; none leaves the choice to the graph."""
        if roots != self._chosen:
            self._chosen = roots
            self.refreshing.schedule()
            self.changed.emit()

    def gradient_state(self, source: Source) -> str:
        """Of the gradient of a value: "value", "waiting" while there is none that still holds, "none"."""
        known = self.value(source) is not None
        if not known or self.gradient(source) is None:
            return "waiting" if not known and self.refreshing.pending else "none"
        return "waiting" if self.gradients_are_stale else "value"

    @property
    def gradients_are_stale(self) -> bool:
        """Whether the gradients are those of another root, or of one that has changed."""
        return self._session is not None and self.computed.gradients_are_stale(self._session, self._chosen)
