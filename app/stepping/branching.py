"""Forking from a moment: a value put in by hand, from which on the iteration is recorded again, as a branch."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError, RunError
from ...core.graph import Source
from ...core.stepping import Moment
from ...core.stepping.branch import RECORDED, Branch, PutIn, fitting
from ...core.stepping.expressions import Expression
from ...core.stepping.forms import FITS, ExpressionError
from ...core.stepping.places import same_place
from ...core.stepping.timeline import Array
from ..inspecting.arithmetic import calculate

if TYPE_CHECKING:
    from .recordings import Recording
    from .stepper import Stepper

FEW = 16  # numbers that are typed; more are scaled, or set to one number
NAME = "x"  # of the value as it is now, in what is typed
_NAMED = re.compile(rf"\b({NAME}|value)\b")
TYPED = "what fits: 0.5; [1, 2]; x * 2, where x is the value as it is now; x + other.value; abs(x)"
LONGEST = 24  # letters of what was typed, in a name


class Branching(QObject):
    """The branches of one stepper. `changed` whenever there is another one; all go when the stepper rests."""

    changed = Signal()

    def __init__(self, stepper: Stepper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self.branches: tuple[Branch, ...] = ()
        self.asks = False  # a value is being typed
        stepper.left.connect(self._forget)
        stepper.recordings.replaced.connect(self._let_go)

    def refusal(self, node: str) -> str | None:
        """Why nothing can be put in at a node now, None where it can."""
        moment = self._stepper.moment
        if moment is None:
            return "a value is put in at a moment that was recorded: step first"
        graph, source = moment.timeline.run.asked.graph, _source(moment, node)
        if node not in graph.nodes:
            return "what is selected was not there when this was recorded: record it again"
        if source is None:
            return f"{graph.path(node)} gives no value"
        if moment.updated(node):
            return f"{graph.path(node)} has been updated: step into the next iteration"
        return None if moment.value(source) is not None else f"{graph.path(node)} has no value yet: step on to it"

    def spelled(self, node: str) -> tuple[str, str]:
        """The value at a node as it is typed, "" for one of many numbers, and what can be typed there."""
        moment = self._stepper.moment
        source = None if moment is None else _source(moment, node)
        value = None if moment is None or source is None else moment.timeline.run.value(source)
        if value is None:
            return "", ""
        forms = f"{NAME} is the value now: {NAME}*2, -{NAME}, 0"
        if value.size > FEW:
            shape = "×".join(map(str, value.shape))
            return "", f"{shape} numbers are too many to type · {forms}"
        return _typed(value.tolist()), forms

    def fork(self, node: str, text: str) -> str | None:
        """Record the iteration again with what was typed in the place of a node's value, and show that.

        Why it cannot be done, None where it is.
        """
        reason = self.refusal(node)
        moment, stepper = self._stepper.moment, self._stepper
        source = None if moment is None else _source(moment, node)
        if reason is not None or moment is None or source is None:
            return reason
        try:
            value = _read(text, moment, source)
        except GradwireError as error:
            return str(error)
        branch = stepper.branch.forked(PutIn(stepper.number, source, value, text.strip()))
        self.branches = (*self.branches, branch)
        self.changed.emit()
        self.choose(branch)
        return None

    def choose(self, branch: Branch) -> None:
        """Show another branch, or the recording, at the same place of the same iteration."""
        self._show(branch)

    def record_again(self) -> None:
        """Record the graph as it is now, without any branch, and show the same place of it."""
        new = self._stepper.recordings.begin()
        if new is not None:
            self._show(RECORDED, new)

    def _show(self, branch: Branch, new: Recording | None = None) -> None:
        stepper = self._stepper
        if stepper.timeline is not None:
            start = partial(same_place, stepper.timeline, stepper.cursor)
            stepper.recordings.want(stepper.number, branch, start, new)

    @property
    def names(self) -> list[str]:
        """What the branches are called, the recording first; no two alike."""
        found: list[str] = []
        for name in ("Recorded", *map(self.name, self.branches)):
            alike = sum(other == name or other.startswith(f"{name} (") for other in found)
            found.append(f"{name} ({alike + 1})" if alike else name)
        return found

    def name(self, branch: Branch) -> str:
        """`Recorded`, `x = 3 at iteration 2`."""
        timeline, trains = self._stepper.timeline, self._stepper.trains
        if timeline is None or not branch.puts:
            return "Recorded"
        graph = timeline.run.asked.graph
        told = [f"{graph.called(put.source.node)} = {_short(put.text)}" for put in branch.puts]
        if trains:
            told = [f"{name} at iteration {put.number:,}" for name, put in zip(told, branch.puts, strict=True)]
        return ", ".join(told)

    @property
    def here(self) -> dict[str, str]:
        """By node what was put in, in the iteration that is shown."""
        stepper = self._stepper
        puts = stepper.branch.at(stepper.number) if stepper.active else []
        return {put.source.node: _short(put.text) for put in puts}

    def _let_go(self) -> None:
        """The graph was recorded again: branches were of the one before."""
        count = len(self.branches)
        if count:
            gone = "the branch" if count == 1 else f"all {count} branches"
            self._stepper.told.emit(f"Recorded again, without {gone} of what was recorded before", "note")
        self._stepper.branch = RECORDED
        self._forget()

    def _forget(self) -> None:
        if self.branches:
            self.branches = ()
            self.changed.emit()


def _source(moment: Moment, node: str) -> Source | None:
    """The first output of a node that has a value in this iteration."""
    return next(iter(moment.timeline.sources_of.get(node, ())), None)


def _read(text: str, moment: Moment, source: Source) -> Array:
    """What was typed, as a value in the place of the one there: numbers, or an expression of it."""
    run = moment.timeline.run
    old = run.value(source)
    assert old is not None
    text = text.strip().replace("−", "-").replace("^", "**")
    text = NAME + text if text[:1] in ("*", "/") else text
    if _NAMED.search(text) is None:
        value = calculate(text)
    else:
        try:
            value = Expression(text).compute(moment, source.node, {NAME: old, "value": old})
        except ExpressionError as error:
            raise ExpressionError(error.message, hint=TYPED if error.hint == FITS else error.hint) from None
        if value is None:
            raise RunError(f"{text} is not known yet at this moment")
    return fitting(value, old, run.asked.graph.path(source.node))


def _typed(value: object) -> str:
    """Numbers as they are typed, with all their digits."""
    if isinstance(value, list):
        return f"[{', '.join(map(_typed, value))}]"
    return repr(value) if isinstance(value, float) else str(int(value))  # type: ignore[call-overload]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
