"""The breakpoints of a window, and running on to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.document import Change
from ...core.errors import GradwireError
from ...core.graph import Graph
from ...core.stepping import Moment
from ...core.stepping.breakpoints import Breakpoint, Halt
from ...core.stepping.expressions import Expression
from .stepper import Stepper

HOW = "F9 sets one at the selected node, the Watch panel one on a condition"
HERE = "◀ here"
ANYWHERE = ""  # where `grad` alone is that of each node in turn
PASSED = "No breakpoint has halted: this is the end of the iteration"
PASSED_ALL = "No breakpoint has halted: this is the last iteration of training. Space goes on"


class Marks(NamedTuple):
    """The breakpoints of a document, and how often each has halted."""

    points: tuple[Breakpoint, ...]
    hits: Mapping[Breakpoint, int]


class Breakpoints(QObject):
    """What halts the stepper of one window, and how often it has. `changed` whenever one is another.

    They belong to the window and not to the graph: a file with a breakpoint in it would halt somebody else.
    """

    changed = Signal()

    def __init__(self, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.points: list[Breakpoint] = []
        self.hits: dict[Breakpoint, int] = {}
        self.errors: dict[Breakpoint, GradwireError] = {}
        self.halted: Breakpoint | None = None  # at which the last run ended
        self._halted_at: object = None  # the moment
        stepper.halted.connect(self._take)
        stepper.changed.connect(self._move)

    @property
    def marks(self) -> Marks:
        """All that halts now."""
        return Marks(tuple(self.points), dict(self.hits))

    def take_up(self, marks: Marks) -> None:
        """The document to which these belong is shown again."""
        self.points, self.hits = list(marks.points), dict(marks.hits)
        self.changed.emit()

    def forget(self) -> None:
        """Another document is opened: its nodes have the same ids as those of this one."""
        self.points, self.hits, self.errors, self.halted = [], {}, {}, None
        self.changed.emit()

    def follow(self, change: Change) -> None:
        """Go on halting at a node that was expanded into parts, or fused of them."""
        after = self._stepper.live.stand_ins.node_after
        moved = {p: replace(p, node=after(change, p.node)) for p in self.points if p.node is not None}
        if any(old != new for old, new in moved.items()):
            self.points = list(dict.fromkeys(moved.get(point, point) for point in self.points))
            self.hits = {moved.get(point, point): count for point, count in self.hits.items()}
            self.errors = {moved.get(point, point): error for point, error in self.errors.items()}
            self.halted = None if self.halted is None else moved.get(self.halted, self.halted)
            self.changed.emit()

    @property
    def nodes(self) -> frozenset[str]:
        """The nodes that have a breakpoint which is on."""
        return frozenset(point.node for point in self.points if point.node is not None and point.enabled)

    def toggle(self, node: str) -> None:
        """Give a node a breakpoint, or take all of its away."""
        others = [point for point in self.points if point.node != node]
        self.points = others if len(others) < len(self.points) else [*others, Breakpoint(node)]
        self.changed.emit()

    def add(self, condition: str) -> None:
        """Halt where a condition comes true. One that cannot be read is kept too: its row says why."""
        point = Breakpoint(condition=condition.strip())
        if point.condition and point not in self.points:
            self.points = [*self.points, point]
            self.changed.emit()

    def change(self, row: int, **fields: Any) -> None:
        """Set fields of a breakpoint: enabled, logged, phase or condition."""
        old = self.points[row]
        new = replace(old, **fields)
        self.points = list(dict.fromkeys(new if i == row else p for i, p in enumerate(self.points)))
        if old in self.hits and new.condition == old.condition:
            self.hits[new] = self.hits.pop(old)
        self.changed.emit()

    def edit(self, row: int, condition: str) -> None:
        """Give a breakpoint another condition; one of a node may have none."""
        condition, old = condition.strip(), self.points[row]
        if condition or old.node is not None or old.phase is not None:
            self.change(row, condition=condition)
        else:
            self.changed.emit()  # what was typed is not taken: the row shows what there is

    def error(self, point: Breakpoint, graph: Graph) -> GradwireError | None:
        """Why a breakpoint halts nothing: its condition cannot be read, or failed when it was last asked.

        `graph` is the one that is edited; while another is stepped through names are those of that.
        """
        if point.condition and point not in self.errors:
            moment = self._stepper.moment
            return unread(point.condition, graph if moment is None else moment.timeline.run.asked.graph, ANYWHERE)
        return self.errors.get(point)

    def remove(self, row: int) -> None:
        self.points = [point for i, point in enumerate(self.points) if i != row]
        self.changed.emit()

    def run(self) -> None:
        """Go on to the next breakpoint, through as many iterations as it takes; without one to the end of this one."""
        self.halted = None
        stepper = self._stepper
        new = None if stepper.active else stepper.recordings.begin()
        if stepper.active or new is not None:
            stepper.recordings.run_on(stepper.number, stepper.branch, stepper.cursor, tuple(self.points), new)

    def _take(self, halt: Halt) -> None:
        for point, count in halt.hits.items():
            self.hits[point] = self.hits.get(point, 0) + count
        self.errors = dict(halt.errors)
        self.halted, self._halted_at = halt.breakpoint, self._stepper.moment
        self.changed.emit()
        stepper = self._stepper
        whole = stepper.span is not None and stepper.number >= stepper.span.last
        stepper.told.emit(_ended(self, halt.breakpoint, stepper.moment, whole), "note")

    @property
    def here(self) -> str:
        """What is told at the breakpoint that has halted; of one whose node is no part of the step, why it has."""
        point, moment = self.halted, self._stepper.moment
        step = None if moment is None else moment.step
        if point is None or step is None or point.node in (None, step.node, *step.nodes):
            return HERE
        return f"{HERE}: its gradient arrives"

    def _move(self) -> None:
        """Another moment is shown: nothing halts here."""
        if self.halted is not None and self._stepper.moment is not self._halted_at:
            self.halted = self._halted_at = None
            self.changed.emit()

    def told(self, point: Breakpoint, graph: Graph) -> str:
        """A breakpoint in words: `at sin`, `at sin, backward`, `where rms(w.grad) > 10`."""
        words = []
        if point.node is not None:
            words.append(f"at {graph.path(point.node)}" if point.node in graph.nodes else "at a node that is gone")
        if point.phase is not None:
            words.append(point.phase)
        if point.condition:
            words.append(f"where {point.condition}")
        return ", ".join(words)


def _ended(marks: Breakpoints, halted: Breakpoint | None, moment: Moment | None, whole: bool) -> str:
    """What is said where a run ends: by which breakpoint, or that it is the end of the iteration, `whole`: of all."""
    if halted is not None and moment is not None:
        arrives = marks.here.removeprefix(HERE)  # of a node that is no part of the step
        return f"Halted {marks.told(halted, moment.timeline.run.asked.graph)}{arrives}"
    if any(point.enabled and not point.logged for point in marks.points):
        return PASSED_ALL if whole else PASSED
    return f"No breakpoint is {'on' if marks.points else 'set'}: this is the end of the iteration. {HOW}"


def unread(text: str, graph: Graph | None = None, here: str | None = None) -> GradwireError | None:
    """Why an expression cannot be read, or names what is not in the `graph`; None where it can be computed."""
    try:
        expression = Expression(text)
        if graph is not None:
            expression.refuse_unknown(graph, here)
    except GradwireError as error:
        return error
    return None
