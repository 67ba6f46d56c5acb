"""Ops that put elements in order, and pick the greatest ones."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range, Start
from ..signature import Flat, Kink, Traits
from ._rules import INT, positive_axis
from .along import scatter_add_along_axis, take_along_axis
from .reductions import MOVES

ORDERS = [
    Sample(((5,),), domain="distinct"),
    Sample(((2, 4),), {"axis": 0}, domain="distinct"),
    Sample(((2, 4),), {"descending": True}, domain="distinct"),
]


def _order(xp: Any, x: Any, axis: int, descending: bool) -> Any:
    """The positions of the elements of `x` in order; those that tie stay in theirs."""
    if not descending:
        return xp.argsort(x, axis=axis, kind="stable")
    # The same from behind: ties, which a plain reversal would turn around, keep their order.
    return x.shape[axis] - 1 - xp.flip(xp.argsort(xp.flip(x, axis), axis=axis, kind="stable"), axis)


def _check_axis(x: Aval, *, axis: int, descending: bool) -> Aval:
    positive_axis(axis, x.ndim)
    return x


@op(formula=r"y_j = x_{i_j},\ y_0 \le y_1 \le \dots", category="shape", samples=ORDERS)
def sort(xp: Any, x: Any, *, axis: int = -1, descending: bool = False) -> Any:
    """The elements along `axis` in order: the least first, with `descending` the greatest.

    NaN counts as the greatest. Each gradient goes to the place where its element was; elements that tie stay in
    their order, as in PyTorch's stable sort.
    """
    return xp.take_along_axis(x, _order(xp, x, axis, descending), axis=axis)


sort.shape(_check_axis)


@sort.vjp
def _(g: Any, y: Any, x: Any, *, axis: int, descending: bool) -> Any:
    order = argsort(x, axis=axis, descending=descending)
    return (scatter_add_along_axis(g, order, shape=x.shape, axis=axis),)


@sort.composition
def _(x: Any, *, axis: int, descending: bool) -> Any:
    return take_along_axis(x, argsort(x, axis=axis, descending=descending), axis=axis)


def _tied(x: Any, *, axis: int = -1, **_: Any) -> Any:
    """Which elements have an equal one along `axis`."""
    if x.shape[axis] < 2:
        return np.zeros(x.shape, bool)
    order = np.argsort(x, axis=axis)
    same = np.diff(np.take_along_axis(x, order, axis), axis=axis) == 0
    none = np.zeros((*x.shape[:axis], 1, *x.shape[axis:][1:]), bool)
    found = np.zeros(x.shape, bool)
    beside = np.concatenate([same, none], axis) | np.concatenate([none, same], axis)
    np.put_along_axis(found, order, beside, axis)
    return found


ONE_EACH = "1 for one place and 0 for the other"
sort.kinks = (Kink("a tie", _tied, given=ONE_EACH, low=0, high=1, torch="the same"),)
sort.traits = Traits(carries="reordered")
sort.adjoint = {
    "x": "the elements of x {x} changed places along {axis}, so each gradient goes back to where its own was"
}


@op(formula=r"x_{y_0} \le x_{y_1} \le \dots", category="shape", samples=ORDERS, no_gradient=MOVES)
def argsort(xp: Any, x: Any, *, axis: int = -1, descending: bool = False) -> Any:
    """The positions (int64) of the elements along `axis` in order: of the least first, with `descending` the greatest.

    NaN counts as the greatest. Elements that tie stay in their order, as in PyTorch's stable argsort.
    """
    return _order(xp, x, axis, descending).astype(INT, copy=False)


@argsort.shape
def _(x: Aval, *, axis: int, descending: bool) -> Aval:
    return Aval(_check_axis(x, axis=axis, descending=descending).shape, INT)


def _check_count(x: Any, k: int, axis: int) -> int:
    """The place of `axis`, where it has `k` elements to choose. Raises `ShapeError`."""
    place = positive_axis(axis, x.ndim)
    if k > x.shape[place]:
        raise ShapeError(
            f"x {x.shape} has {x.shape[place]} along axis {axis}, so no {k} to choose",
            port="x",
            hint=f"k: up to {x.shape[place]}",
        )
    return place


@op(
    formula=r"y_j = x_{i_j},\ y_0 \ge \dots \ge y_{k-1} \ge \text{all others}",
    category="shape",
    samples=[
        Sample(((5,),), {"k": 2}, domain="distinct"),
        Sample(((4, 2),), {"k": 3, "axis": 0}, domain="distinct"),
        Sample(((2, 4),), {"k": 1, "largest": False}, domain="distinct"),
    ],
    outputs=("values", "indices"),
)
def top_k(xp: Any, x: Any, *, k: Annotated[int, Range(low=1), Start(1)], axis: int = -1, largest: bool = True) -> Any:
    """The `k` greatest elements along `axis`, the greatest first, and their positions (int64).

    Without `largest` the least ones, the least first. NaN counts as the greatest. Of elements that tie the first
    come first, which PyTorch leaves open. The other elements get a gradient of 0.
    """
    chosen = (*[slice(None)] * _check_count(x, k, axis), slice(k))
    indices = xp.array(_order(xp, x, axis, largest)[chosen], dtype=INT, order="C")
    return xp.take_along_axis(x, indices, axis=axis), indices


@top_k.shape
def _(x: Aval, *, k: int, axis: int, largest: bool) -> tuple[Aval, Aval]:
    place = _check_count(x, k, axis)
    shape = (*x.shape[:place], k, *x.shape[place + 1 :])
    return Aval(shape, x.dtype), Aval(shape, INT)


@top_k.vjp
def _(g: Any, y: Any, x: Any, *, k: int, axis: int, largest: bool) -> Any:
    return (scatter_add_along_axis(g[0], y[1], shape=x.shape, axis=axis),)


def _tied_and_chosen(x: Any, *, k: int, axis: int, largest: bool) -> Any:
    """Which elements have an equal one along `axis` and are chosen, or as great as one that is."""
    last = np.take(np.sort(x, axis=axis), [-k if largest else k - 1], axis)
    return _tied(x, axis=axis) & ((x >= last) if largest else (x <= last))


top_k.kinks = (Kink("a tie", _tied_and_chosen, given=ONE_EACH, low=0, high=1, torch="the same, or the other way"),)
top_k.flat = {
    "x": Flat("chooses others", "are not among those that were chosen", "is not among those that were chosen")
}
top_k.adjoint = {
    "x": "of x {x} only {k} along {axis} passed to {values}, so the gradient goes to these, and 0 to the others"
}
