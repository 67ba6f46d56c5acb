"""What is delivered next, asked before it is shown: as its sign or its value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..summary import length
from .timeline import BACKWARD, Cursor, Delivery, Timeline, delivered_after

TOLERANCE = 0.01  # of its size, within which a value is right
_SIGNS = {"+": 1.0, "-": -1.0, "−": -1.0}


class Question(NamedTuple):
    """What one port will deliver: asked at one moment, and seen at another."""

    delivery: Delivery
    asked_at: Cursor
    seen_at: Cursor

    @property
    def is_number(self) -> bool:
        """Whether it is one number, which has a sign; of a larger tensor its norm is asked for."""
        return self.delivery.value.size == 1

    @property
    def answer(self) -> float:
        """The number that is right."""
        value = np.asarray(self.delivery.value, np.float64)
        return float(value.reshape(())) if self.is_number else length(value)

    def is_right(self, text: str) -> bool | None:
        """Whether a sign, or a number within 1 %, is right; None where it can be read as neither."""
        text, truth = text.strip(), self.answer
        if text in _SIGNS:
            return truth * _SIGNS[text] > 0 if self.is_number else None
        try:
            number = float(text.replace("−", "-").replace("∞", "inf").replace(",", "."))
        except ValueError:
            return None
        if not (math.isfinite(truth) and math.isfinite(number)):
            return number == truth or (math.isnan(truth) and math.isnan(number))
        return abs(number - truth) <= TOLERANCE * abs(truth)


def next_question(timeline: Timeline, cursor: Cursor) -> Question | None:
    """The first that is asked at `cursor` or later; None where nothing more is delivered."""
    return next((question for question in questions(timeline, cursor.step) if question.asked_at >= cursor), None)


def questions(timeline: Timeline, start: int = 0) -> Iterator[Question]:
    """All deliveries from a step on, each asked as soon as the one before it has been seen."""
    for index, step in enumerate(timeline.steps[start:], start):
        if step.phase != BACKWARD:
            continue
        asked = Cursor(index)
        for delivery in step.deliveries:
            micros = delivered_after(step, delivery)
            seen = Cursor(index + 1) if micros == len(step.micros) else Cursor(index, micros)
            yield Question(delivery, asked, seen)
            asked = seen
