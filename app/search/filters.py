"""The filters of the typed search, `in:f32` and `out:(N, 64)`: what they ask of a value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ...core.infer import SIZES
from ...core.op import Aval

N = SIZES[0]  # the batch, as `Checking` infers at it first
_DTYPES = {
    **dict.fromkeys(("f", "float", "floating"), ("f",)),
    **dict.fromkeys(("i", "int", "integer"), ("i", "u")),
    **dict.fromkeys(("b", "bool", "boolean"), ("b",)),
}
_SHAPE = re.compile(r"\(([^)]*)\)?")


class Wanted(NamedTuple):
    """What a filter asks for: `shape` has None for an axis of any length; `kinds` are those of NumPy dtypes."""

    shape: tuple[int | None, ...] | None = None
    kinds: tuple[str, ...] | None = None
    size: int | None = None  # bytes of an element

    def allows(self, aval: Aval) -> bool:
        if self.kinds is not None and aval.dtype.kind not in self.kinds:
            return False
        if self.size is not None and aval.dtype.itemsize != self.size:
            return False
        if self.shape is None:
            return True
        return len(self.shape) == aval.ndim and all(w in (None, a) for w, a in zip(self.shape, aval.shape, strict=True))

    def avals(self, dtype: str) -> list[Aval]:
        """Values like the one wanted, of each shape that the filter leaves open."""
        kind = (self.kinds or (np.dtype(dtype).kind,))[0]
        size = self.size or {"b": 1, "f": np.dtype(dtype).itemsize}.get(kind, 8)
        made = np.dtype(f"{kind}{size}" if kind != "b" else "bool")
        shapes: Iterable[tuple[int | None, ...]] = [self.shape] if self.shape is not None else [(N, 3), (3,), ()]
        return [Aval(tuple(3 if axis is None else axis for axis in shape), made) for shape in shapes]


def read_wanted(text: str) -> Wanted:
    """A filter as typed: f32, bool, float, (N, 64), (N, ?) f32. What cannot be read asks for nothing."""
    shape = None
    match = _SHAPE.search(text)
    if match:
        parts = [part.strip() for part in match[1].split(",") if part.strip()]
        axes = [_axis(part) for part in parts]
        shape = tuple(None if axis < 0 else axis for axis in axes)
    word = _SHAPE.sub("", text).strip().lower()
    if not word:
        return Wanted(shape)
    if word in _DTYPES:
        return Wanted(shape, _DTYPES[word])
    number = re.fullmatch(r"(f|float|i|int|u|uint)(8|16|32|64)", word)
    if number:
        return Wanted(shape, (number[1][0],), int(number[2]) // 8)
    return Wanted(shape)


def _axis(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    times = re.fullmatch(r"(\d{0,6})[nN]", text)
    return int(times[1] or 1) * N if times else -1
