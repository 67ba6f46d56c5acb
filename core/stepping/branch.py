"""What was put in by hand in a recording: the values by which one of its branches differs from it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import RunError
from ..graph import Source
from .timeline import Array


class PutIn(NamedTuple):
    """In the iteration `number`, `value` in the place of what is at `source`; `text` is how that was said."""

    number: int
    source: Source
    value: Array
    text: str


class Branch:
    """What was put in, in the order of the iterations; nothing: the recording itself.

    Two are the same only where they were made of the same values: these may be large arrays.
    """

    def __init__(self, puts: tuple[PutIn, ...] = ()) -> None:
        self.puts = puts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Branch) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[tuple[int, Source, int], ...]:
        return tuple((put.number, put.source, id(put.value)) for put in self.puts)

    def until(self, number: int) -> Branch:
        """What of it concerns the iterations up to `number`."""
        return Branch(tuple(put for put in self.puts if put.number <= number))

    def forked(self, put: PutIn) -> Branch:
        """With one more value put in: in place of the one there, and without what was put in afterwards."""
        place = put.number, put.source
        kept = [known for known in self.until(put.number).puts if (known.number, known.source) != place]
        return Branch((*kept, put))

    def at(self, number: int) -> list[PutIn]:
        """What is put in, in an iteration."""
        return [put for put in self.puts if put.number == number]


RECORDED = Branch()


def fitting(value: Any, old: Array, name: str) -> Array:
    """A number, or nested numbers, as an array that can stand in the place of `old`.

    One number serves for all elements. Raises `RunError` for another shape, and for what the dtype does not hold.
    """
    try:
        given = np.asarray(value)
    except ValueError:
        given = np.asarray("")
    if given.dtype.kind not in "fiub":
        raise RunError(f"{name} takes numbers in rows of one length")
    if given.ndim and given.shape != old.shape:
        raise RunError(f"{name} has the shape {old.shape}, got {given.shape}", hint="one number serves for all")
    with np.errstate(all="ignore"):
        made: Array = np.broadcast_to(given, old.shape).astype(old.dtype)
    if old.dtype.kind != "f" and not np.array_equal(made, np.broadcast_to(given, old.shape)):
        raise RunError(f"{name} holds {'0 or 1' if old.dtype.kind == 'b' else 'whole numbers'} only")
    return made
