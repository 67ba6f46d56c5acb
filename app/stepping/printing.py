"""Lines of `print` nodes as one steps: each once, when the step that writes it is first done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..results.printing import STEPPING, Printing

if TYPE_CHECKING:
    from ...core.graph import Graph
    from ...core.stepping import Timeline
    from ...core.stepping.branch import Branch
    from ...core.stepping.printed import Line
    from .stepper import Stepper


class SteppedLines(QObject):
    """Follows a stepper. What is recorded is evaluated once, so going back and forth in it writes nothing again."""

    def __init__(self, stepper: Stepper, printing: Printing) -> None:
        super().__init__(stepper)
        self._stepper, self._printing = stepper, printing
        self._done: dict[tuple[Branch, int], int] = {}  # by iteration how many of its steps were done
        self._nodes: tuple[Graph | None, tuple[str, ...]] = (None, ())  # of a graph those that print
        self._lines: tuple[Timeline | None, list[Line]] = (None, [])
        stepper.changed.connect(self._follow)
        for signal in (stepper.left, stepper.recordings.replaced):
            signal.connect(self._forget)

    def _forget(self) -> None:
        """Another recording evaluates anew."""
        self._done.clear()
        self._nodes, self._lines = (None, ()), (None, [])

    def _follow(self) -> None:
        stepper, timeline = self._stepper, self._stepper.timeline
        if timeline is None or not self._printing_nodes(timeline):
            return
        # What was put in later changes nothing of an iteration, which is then that of the recording itself.
        key = stepper.branch.until(stepper.number), stepper.number
        done, now = self._done.get(key, 0), stepper.cursor.step
        if now > done:
            self._done[key] = now
            lines = [line.printed for line in self._lines_of(timeline) if done < line.step <= now]
            self._printing.add(STEPPING, lines, timeline.run.asked.graph)

    def _printing_nodes(self, timeline: Timeline) -> tuple[str, ...]:
        graph = timeline.run.asked.graph
        if self._nodes[0] is not graph:
            from ...core.stepping.printed import printing

            self._nodes = graph, printing(graph, timeline.registry)
        return self._nodes[1]

    def _lines_of(self, timeline: Timeline) -> list[Line]:
        if self._lines[0] is not timeline:
            from ...core.stepping.printed import printed

            self._lines = timeline, printed(timeline, self._nodes[1])
        return self._lines[1]
