"""One element in pictures: where its window lies, what lies under it, the weights beside it, and their products."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.signature import Filled
from ...core.stepping.terms import Element, Factor
from .elements import Array, Index, most_of, number
from .substituted import Routed, Told

NUMBERED = 8  # rows and columns of which the numbers stand in cells


class Frame(NamedTuple):
    """Cells that are outlined, from `row` and `column` on: rows and columns may lie outside of the plane."""

    row: int
    column: int
    rows: int
    columns: int
    strong: bool = False


class Panel(NamedTuple):
    """One plane: `numbered`, or as a picture. `sign` stands before it, `name` beneath.

    `most` is the end of its colours. `void` says which cells are padding. A click in it chooses the element `lead` +
    (row, column) of what is told.
    """

    sign: str
    name: str
    plane: Array
    numbered: bool
    most: float
    frames: tuple[Frame, ...] = ()
    void: Array | None = None
    lead: Index | None = None


class Detail(NamedTuple):
    """Panels from left to right; `along` is what is gone through one by one, `number` how many there are.

    `at` is the one that is shown.
    """

    panels: tuple[Panel, ...]
    along: str = ""
    number: int = 1
    at: int = 0
    says: str = ""


def detail_of(told: Told | None, result: Array, name: str, index: Index, at: int | None) -> Detail | None:
    """Of the element `index` of an array called `name`.

    `at` says which channel, sample or window is shown; None: the one that adds most, or the first.
    """
    if told is None or isinstance(told, Filled) or result.ndim < 2:
        return None
    if isinstance(told, Routed):
        return _routed(told, result, name, at)
    if told.products.ndim < 2 or told.products.size == 0:
        return None
    lead = told.products.shape[: told.lead]
    count = int(np.prod(lead))
    if at is None and lead:
        at = int(np.argmax(np.abs(np.nan_to_num(told.products.sum(axis=(-2, -1))))))
    at = (at or 0) % count
    where = tuple(int(i) for i in np.unravel_index(at, lead)) if lead else ()
    panels: list[Panel] = []
    for factor in told.factors:
        panels += _factor_panels(factor, where, "·" if panels else "", told)
    products, says = told.products[where], ""
    if told.products.ndim > 1 and len(told.factors) > 1:
        part = number(float(products.sum()))
        panels.append(_cells("=", f"products, Σ {part}", products))
        says = f"Σ {part}" if count > 1 else ""
    panels.append(_result(f"{_how(told)} →".strip(), result, name, index))
    along = told.terms.along[told.lead - 1] if told.lead and told.terms.along else "part"
    return Detail(tuple(panels), along, count, at, says)


def _how(told: Element) -> str:
    """What becomes of the terms."""
    if told.terms.by == "greatest":
        return "max"
    over = told.terms.over
    shared = f" / {number(float(over))}" if np.ndim(over) == 0 and over != 1 else ""
    return f"Σ{shared}" if told.products.size > 1 or shared else ""


def axes_of(told: Told | None, count: int) -> tuple[str, ...]:
    """What the axes of an array are called of which an element is told."""
    element = told.windows[0].element if isinstance(told, Routed) and told.windows else told
    axes = element.terms.axes if isinstance(element, Element) else ()
    return axes if len(axes) == count else tuple(f"axis {i}" for i in range(count))


def _factor_panels(factor: Factor, where: Index, sign: str, told: Element) -> list[Panel]:
    """The picture from which a factor is taken, with what is taken of it outlined, and its numbers."""
    places, numbers = factor.places[where], factor.numbers[where]
    found, inside = [], factor.inside[where]
    lead = tuple(int(i) for i in places.reshape(-1, places.shape[-1])[0][:-2])
    plane = factor.array[lead] if factor.array.ndim > 2 else np.atleast_2d(factor.array)
    if plane.shape != numbers.shape or not inside.all():
        called = _whole(factor.name, lead)
        found.append(Panel(sign, called, plane, False, most_of(factor.array), _frames(places)))
        sign = ""
    if numbers.ndim:
        void = None if inside.all() else ~inside
        winner = told.winner if told.terms.by == "greatest" else None
        frames = () if winner is None else (_one(winner),)
        called = "in the outline" if found else _whole(factor.name, lead)
        found.append(_cells(sign or ("→" if found else ""), called, numbers, frames, void, most_of(factor.array)))
    return found


def _frames(places: Array) -> tuple[Frame, ...]:
    """One around all places where they lie side by side, else one around each."""
    cells = places.reshape(-1, places.shape[-1])[:, -2:]
    (top, left), (bottom, right) = cells.min(axis=0).tolist(), cells.max(axis=0).tolist()
    if (bottom - top + 1) * (right - left + 1) == len(cells):
        return (Frame(top, left, bottom - top + 1, right - left + 1),)
    return tuple(Frame(row, column, 1, 1) for row, column in cells.tolist())


def _cells(
    sign: str, name: str, plane: Array, frames: tuple[Frame, ...] = (), void: Array | None = None, most: float = 0.0
) -> Panel:
    numbered = max(plane.shape) <= NUMBERED
    return Panel(sign, name, plane, numbered, most or most_of(plane), frames, void)


def _result(sign: str, result: Array, name: str, index: Index) -> Panel:
    lead = index[:-2]
    return Panel(sign, _whole(name, lead), result[lead], False, most_of(result), (_one(index),), None, lead)


def _routed(told: Routed, result: Array, name: str, at: int | None) -> Detail | None:
    if not told.windows:
        return None
    at = (at or 0) % len(told.windows)
    window = told.windows[at]
    factor, lead = window.element.factors[0], told.index[:-2]
    own = _one(told.index)
    outline = _frames(factor.places)
    void = None if factor.inside.all() else ~factor.inside
    winner = (_one(window.element.winner),)
    sent = number(told.upstream[window.place]) if told.won(window) else "0"
    upstream = told.upstream[window.place[:-2]]
    frame = (_one(window.place),)
    panels = (
        Panel("", _whole(told.name, lead), factor.array[lead], False, most_of(factor.array), (*outline, own)),
        _cells("→", "in the outline", factor.numbers, winner, void, most_of(factor.array)),
        Panel("←", _whole("g", window.place[:-2]), upstream, False, most_of(told.upstream), frame),
        _result("→", result, name, told.index),
    )
    says = f"the gradient goes to the winner: this element gets {sent}"
    return Detail(panels, "window", len(told.windows), at, says)


def _one(index: Index) -> Frame:
    """Around one element."""
    return Frame(index[-2], index[-1], 1, 1, True)


def _whole(name: str, lead: Index) -> str:
    """What a plane is called: `x[3, 0]`."""
    return f"{name}[{', '.join(map(str, lead))}]" if lead else name
