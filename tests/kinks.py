"""Where ops have kinks, found by numbers: places at which the slopes on both sides are not one, yet nothing jumps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from test_ops import draw

from gradwire.core.errors import GradwireError
from gradwire.core.op import Op

STEP = 1e-7
EVERYWHERE = (0.0, -1.0, 1.0, -3.0, 3.0, 6.0, -1e4, 1e4)
Array = np.ndarray[Any, Any]


class Place(NamedTuple):
    """Arguments, complete parameters, and one element of one of the arguments."""

    args: tuple[Array, ...]
    params: dict[str, Any]
    port: int
    index: tuple[int, ...]


class Slopes(NamedTuple):
    """The derivatives of the weighted sum of all results for that element, from below and from above."""

    below: float
    above: float
    noise: float  # what rounding alone may put between them

    @property
    def apart(self) -> bool:
        return abs(self.above - self.below) > 2e-3 * max(abs(self.above), abs(self.below), 0.2) + self.noise


def weighted(op: Op, args: tuple[Array, ...], params: dict[str, Any]) -> float:
    """The sum of all results that are floats, each element by a weight of its own above 0."""
    made = op.forward(np, *args, **params)
    results = [made[i] for i in op.visible] if not op.single else [made]
    total = 0.0
    for y in map(np.asarray, results):
        if y.dtype.kind == "f":
            total += float(np.sum(y * weights(y.shape)))
    return total


def weights(shape: tuple[int, ...]) -> Array:
    return np.asarray(np.random.default_rng(3).uniform(0.5, 1.5, shape))


def slopes(op: Op, place: Place) -> Slopes | None:
    """Both slopes, None where one is infinite, or there is no value, or a jump."""

    def moved(by: float) -> float:
        args = [arg.copy() if i == place.port else arg for i, arg in enumerate(place.args)]
        args[place.port][place.index] += by
        return weighted(op, tuple(args), place.params)

    step = STEP * max(1.0, abs(float(place.args[place.port][place.index])))
    at, found = weighted(op, place.args, place.params), []
    for side in (-step, step):
        near, far = (moved(times * side) - at for times in (1, 2))
        if not np.isfinite([near, far]).all() or abs(near - far / 2) > 0.1 * abs(far) + 1e-9 * max(abs(at), 1.0):
            return None  # of a jump and of an infinite slope both steps are not as one is to the other
        found.append((2 * near - far / 2) / side)
    return Slopes(*found, 1e-14 * abs(at) / step)


def variants(op: Op) -> Iterator[tuple[tuple[Array, ...], dict[str, Any]]]:
    """The op's samples, as they are and with each of its float parameters 0 and 1; of reductions one will do."""
    seen = set()
    for sample in op.samples:
        args, params = draw(sample), op.check_parameters(sample.params)
        key = repr((sample.args, {name: value for name, value in params.items() if name != "reduction"}))
        if key in seen:
            continue
        seen.add(key)
        yield args, params
        for name, value in params.items():
            for other in (0.0, 1.0) if isinstance(value, float) else ():
                try:
                    yield args, op.check_parameters({**params, name: other})
                except GradwireError:
                    continue


def places(op: Op) -> Iterator[Place]:
    """Elements at and beside which an op may have a kink: numbers, those of parameters, and what ties."""
    for args, params in variants(op):
        own = [value for value in params.values() if isinstance(value, float) and np.isfinite(value)]
        numbers = dict.fromkeys((*EVERYWHERE, *own, *(-value for value in own)))
        floats = [i for i, arg in enumerate(args) if arg.dtype.kind == "f" and arg.size]
        for i in floats:
            last = tuple(length - 1 for length in args[i].shape)
            first = (0,) * len(last)
            for number in numbers:
                yield Place(_with(args, i, ..., number), params, i, first)
                yield Place(_with(args, i, first, number), params, i, first)
                if first != last:  # a tie of two, or as far apart as a parameter says
                    yield Place(_with(args, i, first, args[i][last] + number), params, i, first)
                    beside = (*first[:-1], min(1, last[-1]))
                    yield Place(_with(args, i, first, args[i][beside] + number), params, i, first)
                together = tuple(np.full_like(arg, number) if j in floats else arg for j, arg in enumerate(args))
                yield Place(together, params, i, first)
                for j in floats:
                    if j != i and args[j].shape == args[i].shape:
                        yield Place(_with(args, i, ..., args[j] + number), params, i, first)


def _with(args: tuple[Array, ...], i: int, where: Any, value: Any) -> tuple[Array, ...]:
    made = args[i].copy()
    made[where] = value
    return (*args[:i], made, *args[i + 1 :])


def kinks(op: Op) -> Iterator[tuple[Place, Slopes]]:
    """The places at which `op` has one."""
    for place in places(op):
        with np.errstate(all="ignore"):
            try:
                found = slopes(op, place)
            except GradwireError:
                continue  # it takes no such number
        if found is not None and found.apart:
            yield place, found
