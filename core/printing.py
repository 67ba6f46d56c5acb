"""What `print` ops write: lines that know their node, and who hears them. Where nobody does, they go to `sys.stderr`.

A line is spelt when somebody reads it: of a graph that prints at every iteration most lines are never read.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .signature import short_name

EDGE = 3  # numbers at either end of an axis that are shown
WHOLE = 10  # numbers that are shown all


class Shown(NamedTuple):
    """What the text of an array needs, in memory of its own: of long axes four numbers at the start, three at the end.

    The fourth stands for all between, in whose place there is an ellipsis.
    """

    shape: tuple[int, ...]
    dtype: Any
    ends: np.ndarray[Any, Any]

    @classmethod
    def of(cls, array: Any) -> Shown:
        ends = array = np.asarray(array)
        if array.size > WHOLE:
            for axis, length in enumerate(array.shape):
                if length > 2 * EDGE + 1:
                    first, last = ((slice(None),) * axis + (part,) for part in (slice(EDGE + 1), slice(-EDGE, None)))
                    ends = np.concatenate((ends[first], ends[last]), axis)
        return cls(array.shape, array.dtype, np.array(ends) if ends is array else ends)

    @property
    def text(self) -> str:
        """Shape, dtype and shortened numbers."""
        threshold = WHOLE if self.ends.size <= WHOLE and self.ends.shape == self.shape else 0
        text = np.array2string(self.ends, separator=", ", threshold=threshold, edgeitems=EDGE, precision=6)
        values = " ".join(text.split()).replace("[ ", "[").replace(" ,", ",")
        return f"{self.shape} {short_name(self.dtype)} {values}"


@dataclass(frozen=True)
class Printed:
    """One line. `node` is the id of the node that wrote it, "" of an op that was called outside of a graph.

    `iteration` is None where the op was given no random state, 0 in a validation; `phase` is "forward" or "backward".
    """

    node: str
    iteration: int | None
    phase: str
    message: str
    spell: Callable[[], str]

    @classmethod
    def of(
        cls, node: str, iteration: int | None, phase: str, message: str, x: Any, data: Mapping[str, Any] | None = None
    ) -> Printed:
        """A line about `x` and, by their names, what else it shows; all arrays of NumPy.

        Whatever `message` holds, it is one line: a file's text must not give orders to the terminal.
        """
        label = "".join(c if c.isprintable() else " " for c in message)
        shown = [("", Shown.of(x)), *((f"{name} ", Shown.of(value)) for name, value in (data or {}).items())]
        return cls(node, iteration, phase, label, lambda: "; ".join(f"{name}{each.text}" for name, each in shown))

    @cached_property
    def text(self) -> str:
        """The arrays."""
        return self.spell()

    @property
    def line(self) -> str:
        """All of it, as a terminal shows it."""
        number = self.iteration
        place = "" if number is None else f"iteration {number}, " if number else "validation, "
        return f"{self.message}{', ' if self.message else ''}{place}{self.phase}: {self.text}"

    def tell(self) -> None:
        """Give it to who hears the lines of this thread, else to the standard error stream."""
        (_hearing.by or write)(self)

    def to_json(self) -> list[Any]:
        """As plain data."""
        return [self.node, self.iteration, self.phase, self.message, self.text]

    @classmethod
    def from_json(cls, told: list[Any]) -> Printed:
        """From such data. Raises `TypeError` or `ValueError`."""
        node, iteration, phase, message, text = told
        if not all(isinstance(each, str) for each in (node, phase, message, text)):
            raise TypeError("a printed line is of texts")
        if iteration is not None and type(iteration) is not int:
            raise TypeError("an iteration is a whole number")
        return cls(node, iteration, phase, message, lambda: text)


Hear = Callable[[Printed], object]


class _Hearing(threading.local):
    """Of one thread. No context variable: eager ops are computed in a context of their own, as NumPy has it."""

    by: Hear | None = None


_hearing = _Hearing()


def write(printed: Printed) -> None:
    """To the standard error stream."""
    print(printed.line, file=sys.stderr)


def unheard(printed: Printed) -> None:
    """Hears lines that nobody is to read: the window computes for its own sake."""


@contextmanager
def hearing(hear: Hear) -> Iterator[None]:
    """Within it lines of this thread go to `hear`, and to nobody else."""
    before, _hearing.by = _hearing.by, hear
    try:
        yield
    finally:
        _hearing.by = before
