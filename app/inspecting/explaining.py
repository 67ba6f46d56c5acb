"""Why a gradient is what it is, and how each part of it is made: found beside the window, a line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.evaluating import Evaluated
from ...core.graph import Source
from ...core.stepping import Delivery, Gradient, State, Timeline
from ...core.stepping.explaining import ORDINARY, Why, why_gradient
from ...core.stepping.local import local
from ..bridge import Request, Worker
from ..editor import Editor
from ..look.numbers import fixed
from ..look.theme import Theme
from .parts import Links, Section

MOST = 6  # parts that are spelled
START = "start"  # what the part is called that was put in at a root
WHY_ROWS = 2  # of the line that says why, at least
PATIENCE = 0.1  # seconds without a new value, after which one is explained: not at each place of a drag


class Explained(NamedTuple):
    """Why, and a line for each part with the node that delivers it."""

    why: Why | None
    made: tuple[str, ...]
    names: dict[str, str]  # paths in these lines, with the ids of their nodes


def explain(
    timeline: Timeline, source: Source, arrived: Sequence[Delivery] | None, whole: bool, started: bool = True
) -> Explained:
    """How the gradient at `source` came about. `arrived`: the parts that are there so far, None: all of them.

    Why it is what it is, is asked only where it is `whole`. Of a root that goes on to another, `started`: what was put
    in there is a part by now.
    """
    run = timeline.run
    graph, tensor = run.asked.graph, run.tensors.get(source)
    parts = arrived
    if parts is None:
        parts = [] if tensor is None else [each for *_, each in timeline.arrivals.get(tensor.slot, ())]
    why = why_gradient(timeline, source) if whole and tensor is not None else None
    start = run.start(source)
    if why is not None and why.kind == ORDINARY and start is not None and not parts:
        ones = bool(np.all(start == 1))
        why = why._replace(text=f"gradients start here, {'each number with 1' if ones else 'with what was put in'}")
    ways = why.ways if why is not None else ()
    concerned = [*(id for way in ways for id in way), *(part.node for part in parts[:MOST])]
    made = [f"{graph.path(part.node)}.{part.port}: {rule_of(run, part)}" for part in parts[:MOST]]
    if start is not None and started and parts:
        made.insert(0, f"{START}: {_put_in(start)}")
    if len(parts) > MOST:
        made.append(f"and {len(parts) - MOST:,} more")
    return Explained(why, tuple(made), {graph.path(id): id for id in concerned if id in graph.nodes})


def rule_of(run: Evaluated, part: Delivery) -> str:
    """The rule by which a part is made, for one number with the numbers put in: `g · x = 1.000 · 2.000 = 2.000`."""
    rule = local(run, part)
    if rule is None:
        return "as it comes"
    axes = rule.summed
    text = f"Σ {rule.text}, over {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"
    text = text if axes else rule.text
    if part.value.size != 1 or np.size(rule.product.value) != 1:
        return text
    numbers = rule.numbers((0,) * np.ndim(rule.product.value), lambda number: fixed(number, 3))
    total = fixed(np.asarray(part.value).reshape(-1)[0], 3)
    return " = ".join([text, *([numbers] if numbers not in (None, total) else []), total])


def _put_in(start: np.ndarray) -> str:
    """A starting gradient in words: its number, where it is the same for all elements."""
    if np.all(start == start.flat[0]):
        return fixed(start.flat[0], 3) + (" at each number" if start.size > 1 else "")
    return "what was put in"


class Explanation(QWidget):
    """The line under a gradient that says why it is so, and how its parts are made; names in them can be clicked."""

    def __init__(self, editor: Editor, theme: Theme, source: Source) -> None:
        super().__init__()
        self.editor, self.source = editor, source
        self.why, self.made = Links(theme, rows=WHY_ROWS), Links(theme)
        self.making = Section("How it is made").add(self.made)
        self._worker: Worker | None = None
        self._asked: tuple[object, ...] = ()
        for links in (self.why, self.made):
            links.chosen.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.why)
        column.addWidget(self.making)
        self._clear()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._worker is not None and self._worker.busy

    def refresh(self, gradient: Gradient | None) -> None:
        """Explain what is shown now, nothing where no gradient is computed. Until the answer is there, the last one
        stands.
        """
        lay_out = self.editor.results.timeline
        stepping = self.editor.stepper.active
        nothing = self.editor.live.root is None or (
            stepping and gradient is not None and gradient.state is State.UNREACHED
        )
        if lay_out is None or gradient is None or nothing:
            self._clear()
            return
        arrived = gradient.arrived if stepping else None
        asked = (lay_out, None if arrived is None else len(arrived), gradient.state)
        if asked == self._asked:
            return
        self._asked = asked
        if self.why.isHidden():
            self._reserve()
        started = not stepping or gradient.start is not None
        self._ask(lay_out, arrived, gradient.state is not State.WAITING, started)

    def _ask(
        self, lay_out: Callable[[], Timeline], arrived: Sequence[Delivery] | None, whole: bool, started: bool
    ) -> None:
        if self._worker is None:
            self._worker = Worker("explaining", self, patience=PATIENCE)
            self._worker.finished.connect(self._show)
            self._worker.failed.connect(lambda error: self.why.show_lines([f"Why? not known: {error}"], {}))

        def work(_: Request) -> Explained:
            return explain(lay_out(), self.source, arrived, whole, started)

        self._worker.ask(work)

    def _reserve(self) -> None:
        """Take about the room of the first answer, so that what stands beneath does not move when it comes."""
        parts = max(len(self.editor.results.contributions(self.source)), 1)
        taken = any(wire.source == self.source for wire in self.editor.graph.consumers(self.source.node))
        self._show(Explained(Why(ORDINARY, "…"), ("…",) * min(parts, MOST) if taken else (), {}))

    def _show(self, found: Explained) -> None:
        self.why.show_lines([] if found.why is None else [f"Why? {found.why.text}"], found.names)
        self.made.show_lines(found.made, found.names, heads=True)
        self.making.setVisible(bool(found.made))

    def _clear(self) -> None:
        self._asked = ()
        if self._worker is not None:
            self._worker.cancel()
        self.why.hide()
        self.making.hide()

    def _go(self, id: str) -> None:
        if id in self.editor.graph.nodes:
            self.editor.show(id)
