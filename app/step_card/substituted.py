"""The numbers of one element put into what its op says of it, in lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.signature import Filled
from ...core.stepping.terms import Element, Window
from .elements import Array, Index, number, place

SPELLED = 4  # products or numbers that are told one by one
LISTED = 9  # numbers of which the greatest is chosen, or the mean is taken


@dataclass(frozen=True)
class Routed:
    """Of a gradient that goes to the greatest: the `windows` in which an element stood, and what each sends back.

    `upstream` is the gradient of their results; `name` and `result` are what the argument and the result are called.
    """

    windows: tuple[Window, ...]
    index: Index
    upstream: Array
    name: str
    result: str
    value: float

    def won(self, window: Window) -> bool:
        """Whether the element is the greatest of a window."""
        winner = window.element.winner
        return tuple(window.element.factors[0].places[winner].tolist()) == self.index


Told = Element | Filled | Routed
Tells = Callable[[Index], Told | None]


def lines_of(told: Told) -> list[str]:
    """What is told of one element."""
    if isinstance(told, Filled):
        value = _filled(told)
        return [value, *([told.says] if told.says else [])]
    if isinstance(told, Routed):
        return _routed(told)
    if told.products.ndim == 0 and not told.plus:
        return _picked(told)
    if told.terms.by == "greatest":
        return [_greatest(told)]
    return _sum(told)


def rule_of(told: Told) -> str:
    """The formula without numbers, where an op gives one."""
    return re.sub(r"[{}]", "", told.formula) if isinstance(told, Filled) else ""


def _filled(told: Filled) -> str:
    values = {name: _bracketed(value) for name, value in told.numbers.items()}
    return told.formula.format_map(values)


def _bracketed(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _picked(told: Element) -> list[str]:
    factor = told.factors[0]
    at = tuple(int(i) for i in factor.places)
    lines = [f"{name}{place(where)} = {value}" for name, where, value in told.picked]
    return [*lines, f"{factor.name}{place(at)} = {number(told.value)}"]


def _greatest(told: Element) -> str:
    factor, winner = told.factors[0], told.winner
    shown = [number(v) for v in told.products[factor.inside].reshape(-1)[:LISTED]]
    counted = int(np.count_nonzero(factor.inside))
    more = f", … ({counted})" if counted > LISTED else ""
    at = tuple(int(i) for i in factor.places[winner])
    return f"max({', '.join(shown)}{more}) = {number(told.value)}, from {factor.name}{place(at)}"


def _sum(told: Element) -> list[str]:
    added = " + ".join(f"{name}{place(at)}" for name, at, _ in told.plus)
    numbers = [_bracketed(value) for _, _, value in told.plus]
    if np.ndim(told.terms.over) == 0 and told.terms.over != 1 and len(told.factors) == 1:
        return [_mean(told)]
    size, total = told.products.size, float(told.products.sum())
    if size <= SPELLED:
        spelled = [_product(told, at) for at in np.ndindex(told.products.shape)]
        return [f"{' + '.join([*spelled, *numbers]) or '0'} = {number(told.value)}"]
    names = " · ".join(dict.fromkeys(factor.name for factor in told.factors))
    shape = " × ".join(map(str, told.products.shape))
    lines = [f"Σ {names}{f' + {added}' if added else ''}, {shape} = {size:,} products"]
    if numbers:
        lines.append(f"{' + '.join([number(total), *numbers])} = {number(told.value)}")
    else:
        lines.append(f"= {number(told.value)}")
    return lines


def _mean(told: Element) -> str:
    factor = told.factors[0]
    shown = [_bracketed(v) for v in factor.numbers[factor.inside].reshape(-1)[:LISTED]]
    more = " + …" if np.count_nonzero(factor.inside) > LISTED else ""
    inner = f"({' + '.join(shown)}{more})" if len(shown) > 1 else "".join(shown) or "0"
    return f"{inner} / {_bracketed(float(told.terms.over))} = {number(told.value)}"


def _product(told: Element, at: Index) -> str:
    text = " · ".join(_bracketed(factor.numbers[at]) for factor in told.factors)
    over = np.broadcast_to(told.terms.over, told.products.shape)[at]
    return text if np.all(told.terms.over == 1) else f"{text} / {_bracketed(float(over))}"


def _routed(told: Routed) -> list[str]:
    if not told.windows:
        return [f"{told.name}{place(told.index)} lies under no window: 0"]
    lines = []
    for window in told.windows[:SPELLED]:
        sent = number(told.upstream[window.place])
        at = tuple(int(i) for i in window.element.factors[0].places[window.element.winner])
        where = f"{told.result}{place(window.place)}"
        if told.won(window):
            lines.append(f"{where}: it is the greatest, so g{place(window.place)} = {sent} goes to it")
        else:
            lines.append(f"{where}: {told.name}{place(at)} = {_rival(told, window)}, so 0")
    if len(told.windows) > SPELLED:
        lines.append(f"… {len(told.windows)} windows")
    if len(told.windows) > 1:
        lines.append(f"Σ = {number(told.value)}")
    return lines


def _rival(told: Routed, window: Window) -> str:
    """The element that the gradient of a window goes to, and why not to the one that is told."""
    factor, value = window.element.factors[0], window.element.value
    own = factor.numbers[np.all(factor.places == told.index, axis=-1) & factor.inside]
    if np.isnan(value):
        return f"{number(value)} wins"
    tie = bool(own.size) and own[0] == value
    return f"{number(value)} is as great and comes first" if tie else f"{number(value)} is greater"
