"""What flows in a run of the document while it goes on: shown in the place of what Live computes, until it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.graph import Source

if TYPE_CHECKING:
    from ...core.runs import Snapshot

Array = np.ndarray[Any, Any]


class Flow(NamedTuple):
    """An iteration of a run: its values and gradients, of which loss these are, and how large each gradient is (root
    mean square; not of what is not finite, nor of the loss).
    """

    snapshot: Snapshot
    root: Source
    sizes: Mapping[Source, float]
    nodes: frozenset[str]  # of which there are values

    @property
    def about(self) -> str:
        """What the canvas says of it."""
        return f"live from the run, iteration {self.snapshot.iteration:,}"


class Flowing(QObject):
    """`now` is None at rest. `changed` whenever it is another."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now: Flow | None = None

    def show(self, flow: Flow | None) -> None:
        """Show this, None: nothing."""
        if flow is not self.now:
            self.now = flow
            self.changed.emit()

    def value(self, source: Source) -> Array | None:
        """The value there; None at rest, and where the run has none or it was too large."""
        return None if self.now is None else self.now.snapshot.value(source)

    def gradient(self, source: Source) -> Array | None:
        """The gradient there."""
        return None if self.now is None else self.now.snapshot.gradient(source)
