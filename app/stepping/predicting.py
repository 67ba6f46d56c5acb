"""Saying beforehand what the next port delivers: hidden until it was guessed, checked, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.graph import Source
from ...core.stepping import Cursor, Delivery, Moment, Timeline
from ...core.stepping.guessing import Question, next_question
from ..look.numbers import significant

if TYPE_CHECKING:
    from ..editor import Editor

DIGITS = 4


class Predicting(QObject):
    """A mode of one editor's stepper. `changed` whenever another question is asked, or none any more."""

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.on = False
        self.question: Question | None = None  # what is asked at this moment
        self.right = self.tried = 0
        self.verdict = ""  # on the last guess: `✓ right: predicted +, came 0.5403 · 3 of 4 right`
        self.revealed: Delivery | None = None  # what that was of
        self.judged: Moment | None = None  # in which that is seen
        editor.stepper.changed.connect(self._follow)
        editor.stepper.told.connect(self._give_up)
        editor.replaced.connect(self.end)

    @property
    def hidden(self) -> Source | None:
        """The value of which the next part of the gradient is asked for."""
        return None if self.question is None else self.question.delivery.source

    @property
    def tally(self) -> str:
        """`3 of 4`"""
        return f"{self.right} of {self.tried}"

    @property
    def text(self) -> str:
        """What is asked, in words."""
        question, timeline = self.question, self._editor.stepper.timeline
        if question is None or timeline is None:
            return ""
        graph, delivery = timeline.run.asked.graph, question.delivery
        names = [graph.path(id) for id in (delivery.node, delivery.source.node)]
        what = "sign or value" if question.is_number else "norm"
        return f"What does {names[0]}.{delivery.port} bring back to {names[1]}: {what}?"

    def toggle(self) -> None:
        """Begin with the next gradient that arrives, or end."""
        self.end() if self.on else self.begin()

    def begin(self) -> None:
        """Stand before the next delivery, and ask for it."""
        self.on, self.right, self.tried, self.verdict, self.revealed = True, 0, 0, "", None
        self.judged = None
        self._editor.stepper.go(self._next)

    def end(self) -> None:
        """Ask no more."""
        if self.on:
            self.on, self.question = False, None
            told = f"Predicted: {self.tally}" if self.tried else "Nothing was predicted"
            self._editor.told.emit(told, "note")
            self.changed.emit()

    def guess(self, text: str) -> bool:
        """Check a guess, and show what is delivered; False where it is neither a sign nor a number."""
        question = self.question
        if question is None:
            return False
        right = question.is_right(text)
        if right is None:
            return False
        self.tried += 1
        self.right += right
        truth = significant(question.answer, DIGITS)
        self.revealed = question.delivery
        word, said = "✓ right" if right else "✗ wrong", text.strip().replace("-", "−")
        self.verdict = f"{word}: predicted {said}, came {truth} · {self.tally} right"
        self._editor.stepper.seek(question.seen_at)
        self.judged = self._editor.stepper.moment
        return True

    def skip(self) -> None:
        """Show what is delivered without a guess, and ask on."""
        question = self.question
        if question is not None:
            self.revealed = question.delivery
            self.verdict = f"skipped: came {significant(question.answer, DIGITS)}"
            self._editor.stepper.seek(question.seen_at)
            self.judged = self._editor.stepper.moment

    # Within.

    def _next(self, timeline: Timeline) -> Cursor:
        """The moment at which the next delivery is asked for, the end where there is none."""
        stepper = self._editor.stepper
        at = stepper.cursor if stepper.active else Cursor()
        question = next_question(timeline, at)
        return timeline.end if question is None else question.asked_at

    def _give_up(self, _: str, kind: str) -> None:
        """Nothing could be recorded, so there is nothing to ask for."""
        if kind == "refusal" and not self._editor.stepper.active:
            self.end()

    def _follow(self) -> None:
        """Ask for what is delivered next, where one stands right before it."""
        if not self.on:
            return
        stepper = self._editor.stepper
        if not stepper.active:
            self.end()
            return
        assert stepper.timeline is not None
        found = next_question(stepper.timeline, stepper.cursor)
        self.question = found if found is not None and found.asked_at == stepper.cursor else None
        self.changed.emit()
