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
_NAMES = (*_DTYPES, *(f"{kind}{bits}" for kind in ("f", "float", "i", "int", "u", "uint") for bits in (8, 16, 32, 64)))
_FILTER = re.compile(r"\b(in|out):(\([^)]*\)?(?:\s+(?:bool|float\d*|int\d*|[fiu]\d{1,2})\b)?|\S*)", re.IGNORECASE)
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


class Query(NamedTuple):
    """What was typed: the words, and what the filters ask for."""

    words: str
    takes: Wanted | None = None
    gives: Wanted | None = None


def read_query(text: str) -> Query:
    """Words and filters as typed. A filter that is not complete yet asks for nothing."""
    wanted: dict[str, Wanted] = {}
    for key, value in _FILTER.findall(text):
        if value.strip():
            wanted[key.lower()] = read_wanted(value)
    words = " ".join(_FILTER.sub(" ", text).split())
    return Query(words, wanted.get("in"), wanted.get("out"))


def refusal(text: str) -> str | None:
    """Why nothing can be found: a filter that is none. None where all can be read."""
    wrong = [word for _, value in _FILTER.findall(text) if (word := misread(value))]
    return f"{wrong[0]} is no shape or dtype (in:f32 and out:(N, 64) are)" if wrong else None


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


def misread(text: str) -> str:
    """What of a filter is neither a shape nor a dtype, nor the beginning of one; "" where it can be read."""
    word = _SHAPE.sub("", text).strip()
    return "" if any(name.startswith(word.lower()) for name in _NAMES) else word


def _axis(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:9])
    times = re.fullmatch(r"(\d{0,6})[nN]", text)
    return int(times[1] or 1) * N if times else -1
