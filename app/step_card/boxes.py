"""Where the terms of a picture stand: how large the box of each is, and what room its words take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import log2

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetrics

from ...core.stepping.terms import Element
from .elements import BLOCKS, Index
from .working import Term, Working

CELL = 13.0  # of an element that is alone, at most, in pixels at a text scale of 1
LONGEST = 84.0  # of a box
PLANE = 40.0  # of one plane of several
ALL = 110.0  # of several planes together
LINE = 14.0  # of text, at that scale
GAP = 7.0  # on either side of a sign


def words_of(term: Term) -> tuple[str, ...]:
    """What stands beneath a term: its name, and its shape where no lengths stand at the box."""
    return (term.name,) if term.dims else (term.name, "×".join(map(str, term.shape)) or "number")


@dataclass(frozen=True)
class Boxes:
    """The terms of a picture in a row, with boxes `zoom` times as large as text of this size asks for."""

    terms: Sequence[Term]
    metrics: QFontMetrics
    zoom: float = 1.0

    def size(self, term: Term) -> tuple[float, float]:
        """How wide and high the box of a term would like to be."""
        em = self.metrics.height() / LINE * self.zoom
        if term.dims:
            high, wide = (min(14.0 + 9.0 * log2(max(n, 1) + 1), LONGEST * 0.62) for n in (1, 1, *term.shape)[-2:])
            return wide * em, high * em
        if term.facets is not None:
            return self._size_of_planes(term, em)
        rows, columns = (1, 1) if term.plane is None else term.plane.shape
        cell = min(CELL, LONGEST / max(columns, 1), 0.6 * LONGEST / max(rows, 1)) * em
        return max(columns * cell, 10.0), max(rows * cell, 10.0)

    def _size_of_planes(self, term: Term, em: float) -> tuple[float, float]:
        assert term.facets is not None
        rows, columns = term.shape[-2:]
        across, down = term.facets.size
        side = max(rows, columns, 1)
        cell = min(CELL, PLANE / side, ALL / max(across * columns, down * rows, 1)) * em
        return max(across * columns * cell, 10.0), max(down * rows * cell, 10.0)

    def margin(self, term: Term) -> float:
        """Room for the length that stands at the left of a box."""
        return self.metrics.horizontalAdvance(str(term.shape[-2])) + 5 if len(term.dims) > 1 else 0.0

    @property
    def slots(self) -> list[float]:
        """The widths of the terms, as they would like to be."""
        words = [max(map(self.metrics.horizontalAdvance, words_of(term))) + 2.0 for term in self.terms]
        boxes = [self.margin(term) + self.size(term)[0] for term in self.terms]
        return [max(pair) for pair in zip(words, boxes, strict=True)]

    @property
    def signs(self) -> list[float]:
        """The widths of the signs before the terms."""
        return [self.metrics.horizontalAdvance(term.sign) + 2 * GAP if term.sign else 0.0 for term in self.terms]

    @property
    def width(self) -> int:
        """What all of it takes."""
        return int(sum(self.slots) + sum(self.signs)) + 1

    @property
    def lines(self) -> int:
        """The lines of text beneath the boxes."""
        return max((len(words_of(term)) for term in self.terms), default=0)

    @property
    def top(self) -> float:
        """Where the highest box begins: beneath the lengths, where there are any."""
        return self.metrics.height() + 2.0 if any(term.dims for term in self.terms) else 2.0

    @property
    def height(self) -> int:
        if not self.terms:
            return 0
        return int(self.top + max(self.size(term)[1] for term in self.terms) + self.lines * self.metrics.height() + 4)

    def placed(self, width: float) -> list[tuple[QRectF, float]]:
        """The box of each term, and where its sign begins; narrower where `width` has no room for all."""
        signs, slots = self.signs, self.slots
        shrink = min(1.0, max(width - sum(signs), 40.0) / max(sum(slots), 1.0))
        high = max((self.size(term)[1] for term in self.terms), default=0.0)
        x, found = 0.0, []
        for term, sign, slot in zip(self.terms, signs, slots, strict=True):
            (wide, tall), margin = self.size(term), self.margin(term)
            own = max(min(wide, slot * shrink - margin), 6.0)
            found.append((QRectF(x + sign + margin, self.top + (high - tall) / 2, own, tall), x))
            x += sign + slot * shrink
        return found


def rows_and_columns(shape: Index) -> tuple[int, int]:
    """The rows and columns in which an array of this shape is drawn."""
    return (int(np.prod(shape[:-1])), shape[-1]) if shape else (1, 1)


def cell(shape: Index, index: Index) -> QRectF:
    """Where an element lies in a box of side 1."""
    rows, columns = rows_and_columns(shape)
    flat = int(np.ravel_multi_index(index, shape)) if shape else 0
    return QRectF(flat % columns / columns, flat // columns / rows, 1 / columns, 1 / rows)


def frames(working: Working, term: Term, index: Index) -> list[QRectF]:
    """What of a term goes into the element of a working at `index`, in a box of side 1."""
    if term.dims:
        return _lines(working, term, index)
    told = working.element(index) if working.element is not None and working.array.size else None
    if isinstance(told, Element) and term.facets is None:
        for factor in told.factors:
            if (factor.name, factor.array.shape) == (term.name, term.shape):
                places = factor.places[factor.inside][:BLOCKS].tolist()
                return [cell(term.shape, tuple(place)) for place in places]
    if term.facets is not None:
        found = term.facets.cell(index) if term.shape == working.array.shape else None
        return [] if found is None else [found]
    if term.shape == working.array.shape and term.shared:
        lengths = [range(n) if axis in term.shared else (index[axis],) for axis, n in enumerate(term.shape)]
        return [cell(term.shape, each) for each in islice(product(*lengths), BLOCKS)]
    if term.shape == working.array.shape:
        return [cell(term.shape, index)]
    if len(term.shape) == len(index) and all(n in (1, m) for n, m in zip(term.shape, working.array.shape, strict=True)):
        return [cell(term.shape, tuple(i if n > 1 else 0 for i, n in zip(index, term.shape, strict=True)))]
    if working.behind is not None and term.shape == working.behind.shape:
        return [cell(term.shape, each) for each in islice(working.behind.places(index), BLOCKS)]
    return []


def _lines(working: Working, term: Term, index: Index) -> list[QRectF]:
    """Row, column and element of a product of two matrices; nothing for other products."""
    first, second, _ = (each.shape for each in working.picture)
    if any(len(each.shape) != 2 for each in working.picture):
        return []
    row, column = QRectF(0, index[0] / first[0], 1, 1 / first[0]), QRectF(index[1] / second[1], 0, 1 / second[1], 1)
    return [(row, column, row & column)[working.picture.index(term)]]
