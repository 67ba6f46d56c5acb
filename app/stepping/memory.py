"""What a framework would have freed by the moment that is shown, where the window is asked to show that.

Nothing is freed here: whoever steps back sees everything again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.graph import Source
from ...core.stepping import Timeline
from ...core.stepping.lifetimes import FLAG, Lifetimes, Memory
from ...core.stepping.spelling import size_text
from ..bridge import Worker
from .fates import Fates

if TYPE_CHECKING:
    from ..editor import Editor

MEMORY = "step/memory"  # the name of the setting
NAMED = 4  # of what is freed


class MemoryView(QObject):
    """Of one editor. `changed` whenever something else is known of what is in use."""

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.on = False  # whether it is shown
        self.lifetimes: Lifetimes | None = None  # of the iteration that is stepped through
        self._asked: tuple[Timeline, frozenset[str]] | None = None
        self._worker: Worker | None = None  # begun when it is first shown
        self.changed.connect(editor.results_changed)
        editor.stepper.changed.connect(self._follow)
        editor.changed.connect(lambda _: self._follow())

    def show(self, on: bool) -> None:
        """Show it, or no more."""
        if on != self.on:
            self.on = on
            self._follow()
            self.changed.emit()

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    @property
    def now(self) -> Memory | None:
        """What is known of the moment; None where it is not shown, or not known yet."""
        moment = self._editor.stepper.moment
        if not self.on or moment is None or self.lifetimes is None or self.lifetimes.timeline is not moment.timeline:
            return None
        return self.lifetimes.at(moment.cursor)

    def fates(self, source: Source) -> Fates | None:
        """What has become of a value and of its gradient."""
        memory = self.now
        return None if memory is None else Fates.of(memory, source)

    def _follow(self) -> None:
        """Find out anew where another iteration is shown, or other gradients are to be kept."""
        timeline = self._editor.stepper.timeline
        if not self.on or timeline is None:
            if self._worker is not None:
                self._worker.cancel()  # its answer would hold an iteration that nobody shows
            self.lifetimes = self._asked = None
            return
        nodes = self._editor.graph.nodes
        kept = frozenset(id for id in timeline.run.asked.graph.nodes if id in nodes and FLAG in nodes[id].flags)
        if self._asked is not None and self._asked[0] is timeline and self._asked[1] == kept:
            return
        self._asked = timeline, kept
        if self._worker is None:
            self._worker = Worker("memory", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
        self._worker.ask(lambda request: _found(timeline, kept))

    def _take(self, lifetimes: Lifetimes) -> None:
        self.lifetimes = lifetimes
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._editor.told.emit(f"What is in use cannot be told: {error}", "refusal")


def _found(timeline: Timeline, kept: frozenset[str]) -> Lifetimes:
    """Lifetimes with all found out beforehand that a frame asks of them."""
    found = Lifetimes(timeline, kept)
    _ = found.values, found.gradients, found.room.during, found.room.after
    return found


def told(memory: Memory) -> str:
    """`memory: 24 B of 64 B; freed: product, sin`: what is in use of the most, and what the last step lets go of."""
    text = f"memory: {size_text(memory.bytes)} of {size_text(memory.lifetimes.room.peak)}"
    step = memory.cursor.step - 1
    if memory.cursor.micro or step < 0:
        return text
    nodes = memory.lifetimes.timeline.run.asked.graph.nodes
    values, gradients = memory.lifetimes.freed_after(step)
    freed = [nodes[source.node].name for source in values] + [f"∂{nodes[source.node].name}" for source in gradients]
    more = f" and {len(freed) - NAMED} more" if len(freed) > NAMED else ""
    return f"{text}; freed: {', '.join(freed[:NAMED])}{more}" if freed else text
