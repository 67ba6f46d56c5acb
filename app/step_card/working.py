"""How one array of a step is made, as it is shown: its rule, what is told of an element, and the terms of a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...core.stepping import Delivery
from .elements import Array, Index, largest, strongest
from .facets import BOTH, Facets
from .substituted import Tells


class Term(NamedTuple):
    """A box of a picture: the map `plane`, or the lengths of `shape` where `dims` say which of them are one.

    `sign` stands before it. All elements along the axes that are `shared` go into one element of what is made. An
    `array` of three axes or more is drawn as the planes that `facets` names. One that is `to_come` is an empty box.
    In the map of what `passes` gradients on the columns are marked in which no row does.
    """

    sign: str
    name: str
    shape: Index
    plane: Array | None = None
    dims: tuple[str, ...] = ()
    array: Array | None = None
    facets: Facets | None = None
    shared: tuple[int, ...] = ()
    to_come: bool = False
    passes: bool = False

    @classmethod
    def map_of(cls, sign: str, name: str, array: Any) -> Term:
        """A map of an array; of several planes, as pictures side by side."""
        array = np.asarray(array)
        if array.ndim > 2 and array.size:
            return cls(sign, name, array.shape, array=array, facets=Facets.of(array.shape, (0,) * array.ndim))
        return cls(sign, name, array.shape, strongest(array))

    @property
    def dead(self) -> tuple[int, ...]:
        """The columns of the map in which nothing is passed on, for as many rows as there are."""
        if not self.passes or self.plane is None or self.plane.ndim < 2 or len(self.plane) < 2:
            return ()
        return tuple(int(column) for column in np.flatnonzero(~self.plane.any(axis=0)))

    def spread(self, shape: Index, index: Index, way: str = BOTH) -> Term:
        """With the planes around the element `index` of an array of `shape`, as far as it has such."""
        if self.array is None:
            return self
        alike = len(self.shape) == len(shape)
        own = tuple(i if alike and n == m else 0 for i, n, m in zip(index, self.shape, shape, strict=False))
        own = own if alike else (0,) * len(self.shape)
        return self._replace(facets=Facets.of(self.shape, own, way))


class Behind(NamedTuple):
    """The elements of an array of `shape` that are summed in one element: `places(index)`, one after the other."""

    shape: Index
    places: Callable[[Index], Iterator[Index]]


@dataclass(frozen=True)
class Working:
    """How `array` is made. `told(index)` says it for one element, in lines; `says` are sentences about all of it.

    `stage` is how far a step back is with it: 1 once its rule is known, 2 with the product, 3 with the sum, 4 when it
    is delivered. `slope` is the local derivative of an op that works element by element; `element` tells of which
    terms, or by which formula, an element is made, where the op says so.
    """

    title: str
    node: str | None
    array: Array
    rule: str
    told: Callable[[Index], Sequence[str]]
    says: tuple[str, ...] = ()
    picture: tuple[Term, ...] = ()
    delivery: Delivery | None = None
    slope: Array | None = None
    element: Tells | None = None
    behind: Behind | None = None
    stage: int = 4
    largest: Index = ()

    @classmethod
    def of(cls, title: str, node: str | None, array: Any, rule: str, told: Any, **more: Any) -> Working:
        """With its largest element found."""
        array = np.asarray(array)
        return cls(title, node, array, rule, told, largest=largest(array) if array.size else (), **more)
