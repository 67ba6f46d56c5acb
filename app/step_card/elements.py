"""One element of an array: which one is looked at, how it is written, and of which terms it is the sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from ...core.stepping.local import Local
from ...core.stepping.repeats import Added, added
from ...core.stepping.terms import behind as before_moved
from ...core.tape import Tensor
from ..look.numbers import significant

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]
TERMS = 4  # of a sum that are told
STRIP = 3  # planes of a small map
BLOCKS = 64  # rows or columns of a map that are told apart


def number(value: Any) -> str:
    """A number in four digits."""
    return significant(value, 4)


def place(index: Index) -> str:
    """An index as it is written: `[1, 2]`; nothing for a single number."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def read_place(text: str, shape: Index) -> Index | None:
    """The index that `text` spells, counted from the end where it is negative; None where there is none such."""
    try:
        index = tuple(int(part.replace("−", "-")) for part in text.strip().strip("[]()").split(",") if part.strip())
    except ValueError:
        return None
    if len(index) != len(shape) or not all(-n <= i < n for i, n in zip(index, shape, strict=True)):
        return None
    return tuple(i % n for i, n in zip(index, shape, strict=True))


def largest(array: Array) -> Index:
    """Where the largest element lies, by its size; the first that is not finite goes before all. Not for empty ones."""
    size = np.nan_to_num(np.abs(np.asarray(array, np.float64)), nan=np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), size.shape))


def behind(rule: Local, index: Index) -> tuple[slice, ...]:
    """The part of the rule's product that is summed in the element `index` of the argument."""
    shape, axes = rule.product.shape, rule.summed
    extra = len(shape) - len(index)
    at = [0 if i in axes else index[i - extra] for i in range(len(shape))]
    return tuple(slice(0, n) if i in axes else slice(at[i], at[i] + 1) for i, n in enumerate(shape))


def places(part: tuple[slice, ...]) -> Iterator[Index]:
    """The indices of a part, in order."""
    return product(*(range(each.start, each.stop) for each in part))


def sum_of(terms: Sequence[str], total: Any) -> str:
    """`4 + 2 + 6 = 12`; of many the first few, and how many they are."""
    first = enumerate(terms[:TERMS])
    shown = [f"({term})" if i and term.startswith("−") and "·" not in term else term for i, term in first]
    more = f" + … ({len(terms):,} terms)" if len(terms) > TERMS else ""
    return f"{' + '.join(shown)}{more} = {number(total)}"


def counted(first: Sequence[str], count: int) -> list[str]:
    """Terms of which only the first are spelled: no more are told."""
    return [*first, *[""] * (count - len(first))]


def terms_of(made: Tensor, index: Index, names: Mapping[int, str]) -> list[str] | None:
    """What an element of a matrix product, of a sum or of added up parts is the sum of; None for other ops.

    What only moves numbers is left out, up to tensors that have `names`.
    """
    found = before_moved(made, index, names)
    if found is None:
        return None
    made, index = found
    assert made.op is not None
    args = [np.asarray(arg.value if isinstance(arg, Tensor) else arg) for arg in made.args if arg is not None]
    traits, several = made.op.traits, added(made)
    if traits.matrices:
        return _matmul_terms(args[0], args[1], index)
    if several is not None:
        return _added_terms(args[0], several, index)
    if traits.linear and traits.reduces == "sum" and "axis" in made.op.parameters:
        return _reduced_terms(args[0], made, index)
    return None


def _reduced_terms(x: Array, made: Tensor, index: Index) -> list[str] | None:
    """The elements of `x` that are added up along axes."""
    assert made.op is not None
    params: dict[str, Any] = {**made.op.defaults, **made.params}
    axis = params["axis"]
    axes = (
        {i % x.ndim for i in ((axis,) if isinstance(axis, int) else axis)} if axis is not None else set(range(x.ndim))
    )
    rest = iter(index)
    if params.get("keepdims"):
        rest = iter([i for a, i in enumerate(index) if a not in axes])
    part = x[tuple(slice(None) if a in axes else next(rest) for a in range(x.ndim))]
    return counted([number(value) for value in part.reshape(-1)[:TERMS]], part.size)


def _matmul_terms(a: Array, b: Array, index: Index) -> list[str]:
    """The products of a row of `a` with a column of `b`, with axes before those broadcast."""
    row, column = a, b
    rest = list(index)
    if b.ndim > 1:
        column = b[..., rest.pop()]
    if a.ndim > 1:
        row = a[..., rest.pop(), :]
    row, column = (_along(each, rest) for each in (row, column))
    return counted([f"{number(x)} · {number(y)}" for x, y in zip(row[:TERMS], column, strict=False)], len(row))


def _along(array: Array, rest: Sequence[int]) -> Array:
    """The last axis of an array, at the place `rest` of the axes before, to which it is broadcast."""
    own = rest[len(rest) - array.ndim + 1 :]
    return array[tuple(0 if n == 1 else i for i, n in zip(own, array.shape, strict=False))]


def _added_terms(g: Array, several: Added, index: Index) -> list[str]:
    """The elements of `g`, what was added up, that were added at one index."""
    x, indices, axis, _ = several
    before, at, after = index[:axis], index[axis], index[axis + 1 :]
    others = [0 if n == 1 else i for i, n in zip(index, indices.shape, strict=True)]
    found = np.flatnonzero(np.moveaxis(indices, axis, -1)[(*others[:axis], *others[axis + 1 :])] == at)
    flat = [np.ravel_multi_index((*before, int(each), *after), x.shape) for each in found[:TERMS]]
    places = [tuple(int(i) for i in np.unravel_index(each, g.shape)) for each in flat]
    return counted([f"g{place(each)} {number(g[each])}" for each in places], len(found)) or ["0"]


def plane_of(array: Array) -> Array:
    """Rows and columns: a vector is one row; of further axes the rows stand beneath one another."""
    return np.reshape(array, (-1, array.shape[-1]) if array.ndim and array.size else (1, -1))


def strongest(array: Array) -> Array:
    """Its rows and columns, at most BLOCKS, each the largest by size of what it stands for: means would cancel."""
    plane = plane_of(array)
    for axis in (0, 1):
        step = -(-plane.shape[axis] // BLOCKS)
        if step > 1:
            starts = np.arange(0, plane.shape[axis], step)
            high, low = np.maximum.reduceat(plane, starts, axis), np.minimum.reduceat(plane, starts, axis)
            with np.errstate(invalid="ignore"):
                plane = np.where(np.abs(high) >= np.abs(low), high, low)
            plane[np.isnan(high)] = np.nan
    return plane.astype(np.float64)


def strip(array: Array) -> Array:
    """A small map of an array; of several planes the first few side by side."""
    if array.ndim < 3 or not array.size:
        return strongest(array)
    planes = [strongest(plane) for plane in array.reshape(-1, *array.shape[-2:])[:STRIP]]
    gap = np.zeros((len(planes[0]), 1))
    return np.concatenate([part for plane in planes for part in (plane, gap)][:-1], axis=1)


def most_of(array: Array) -> float:
    """How far the finite elements go from 0; 1 where all are 0."""
    if not array.size:
        return 1.0
    most = max(-float(array.min()), float(array.max()))
    if not np.isfinite(most):
        most = float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
    return most or 1.0
