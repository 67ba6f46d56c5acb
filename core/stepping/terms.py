"""Of what one element of a value is made, as its op says (`op.element`): terms with their numbers, or a formula."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..signature import Filled, Terms
from ..tape import Tensor, untraced
from .timeline import Array

Place = tuple[int, ...]
MOST = 4096  # elements of a result that are looked at for those in which an argument stood


class Factor(NamedTuple):
    """What one port gives to each term: `array` is all of it, `places` where in it, `numbers` what stands there.

    A place outside of the array, which `inside` tells, has the number 0.
    """

    port: str
    name: str
    array: Array
    places: Array
    numbers: Array
    inside: Array


class Element(NamedTuple):
    """The terms of the element of a value: `products` of the `factors`, what is added, and the `value` they make.

    `lead` is how many axes of the terms come before the last two, which are a picture.
    """

    terms: Terms
    factors: tuple[Factor, ...]
    products: Array
    plus: tuple[tuple[str, Place, float], ...]
    picked: tuple[tuple[str, Place, int], ...]
    value: float

    @property
    def lead(self) -> int:
        return max(self.products.ndim - 2, 0)

    @property
    def winner(self) -> Place:
        """Of the greatest term, by its place among the terms: the first of several, and of NaN the first."""
        lost = np.isnan(self.products)
        held = lost if lost.any() else np.where(self.factors[0].inside, self.products, -np.inf)
        return tuple(int(i) for i in np.unravel_index(int(np.argmax(held)), self.products.shape))


def element_of(made: Tensor, index: Place, names: Mapping[int, str]) -> Element | Filled | None:
    """Of what the element of a tensor is made; None where its op does not say.

    `names` are those of tensors beyond which nobody looks. What only moved numbers on the way there is left out.
    """
    found = behind(made, index, names)
    if found is None:
        return None
    made, index = found
    with np.errstate(all="ignore"):  # of numbers that are not finite as well
        told = told_of(made, index)
    if not isinstance(told, Terms):
        return told
    assert made.op is not None
    args = {made.op.port_name(i): arg for i, arg in enumerate(made.args) if arg is not None}
    factors = tuple(_factor(port, args[port], at, names) for port, at in told.places.items())
    with np.errstate(all="ignore"):
        products = np.asarray(factors[0].numbers, np.float64)
        for each in factors[1:]:
            products = products * each.numbers
        products = products / told.over
    plus = tuple((_name(args[p], p, names), at, float(array_of(args[p])[at])) for p, at in told.plus.items())
    picked = tuple((_name(args[p], p, names), at, int(array_of(args[p])[at])) for p, at in told.picked.items())
    return Element(told, factors, products, plus, picked, float(np.asarray(made.value)[index]))


def behind(made: Tensor, index: Place, names: Mapping[int, str]) -> tuple[Tensor, Place] | None:
    """The tensor whose op computed the number at `index`, and its place there, before it was only moved.

    None where nothing computed it.
    """
    while made.op is not None:
        first = made.args[0] if made.args else None
        if not isinstance(first, Tensor) or first.op is None or first.slot in names:
            return made, index
        if made.op.traits.carries == "reformed":
            flat = int(np.ravel_multi_index(index, made.shape)) if made.shape else 0
            index = tuple(int(i) for i in np.unravel_index(flat, first.shape)) if first.shape else ()
        elif isinstance(told := told_of(made, index), Terms) and _moves(told):
            index = tuple(int(i) for i in next(iter(told.places.values())))
        else:
            return made, index
        made = first
    return None


def _moves(told: Terms) -> bool:
    """Whether an element is one of another array, and nothing else."""
    return len(told.places) == 1 and next(iter(told.places.values())).ndim == 1 and not told.plus


def told_of(made: Tensor, index: Place) -> Terms | Filled | None:
    """What the op of a tensor says of one of its elements: of the first output only."""
    op = made.op
    if op is None or op.element is None or (made.results is not None and made.results[0] != made.slot):
        return None
    results = (made.value,) if made.results is None else made.results[1]
    params = {**op.defaults, **made.params}
    found: Terms | Filled = op.element(index, results, *(array_of(arg) for arg in made.args), **params)
    return found


def _factor(port: str, arg: Any, at: Any, names: Mapping[int, str]) -> Factor:
    array, at = np.asarray(array_of(arg)), np.asarray(at)
    inside = np.all((at >= 0) & (at < array.shape), axis=-1)
    held = np.where(inside[..., None], at, 0)
    numbers = np.where(inside, array[tuple(np.moveaxis(held, -1, 0))], 0) if array.size else np.zeros(inside.shape)
    return Factor(port, _name(arg, port, names), array, at, np.asarray(numbers, np.float64), inside)


def array_of(arg: Any) -> Any:
    """What an argument is for rules: None where an optional one is open."""
    return None if arg is None else np.asarray(untraced(arg))


def _name(arg: Any, port: str, names: Mapping[int, str]) -> str:
    while isinstance(arg, Tensor) and arg.slot not in names and arg.op is not None and arg.op.traits.carries:
        arg = arg.args[0]
    return names.get(arg.slot, port) if isinstance(arg, Tensor) else port


class Window(NamedTuple):
    """An element of a result for which one of the argument was looked at: its place, and the terms it is made of."""

    place: Place
    element: Element


def windows_with(made: Tensor, port: str, index: Place) -> tuple[Window, ...] | None:
    """The elements of a tensor that have the element `index` of an argument among their terms.

    They are looked for in the pictures with the same leading places where both have such, else everywhere; None where
    there are too many.
    """
    arg = next((a for i, a in enumerate(made.args) if made.op is not None and made.op.port_name(i) == port), None)
    if made.op is None or made.op.element is None or arg is None:
        return None
    shape, own = made.shape, np.shape(array_of(arg))
    alike = len(shape) == len(own) > 2 and shape[:-2] == own[:-2]
    among = [range(i, i + 1) for i in index[:-2]] if alike else []
    among += [range(n) for n in shape[len(among) :]]
    if np.prod([len(each) for each in among]) > MOST:
        return None
    found = []
    for place in product(*among):
        told = told_of(made, place)
        if isinstance(told, Terms) and np.any(np.all(np.asarray(told.places.get(port, [[-1]])) == index, axis=-1)):
            element = element_of(made, place, {})
            assert isinstance(element, Element)
            found.append(Window(place, element))
    return tuple(found)
