"""The one form of JSON values within a graph: mappings are `FrozenDict`, sequences are tuples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

import numpy as np

from ..errors import EditError

_ATOMS = (str, int, float, bool, type(None))
_DEEPEST = 100  # levels of nesting; JSON encoders recurse, and no setting needs more
_canonical_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class FrozenDict(dict[str, Any]):
    """A dict that cannot be changed. (A mappingproxy could neither be pickled nor written as JSON.)"""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping cannot be changed; make an edit instead")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))  # of the keys alone: 1 and 1.0 are equal as values of a dict

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)


EMPTY = FrozenDict()


def frozen(value: Any, depth: int = 0) -> Any:
    """`value` in the normal form of JSON values; NumPy scalars and arrays become numbers and tuples.

    JSON has no infinity and no NaN: they become the texts "inf", "-inf" and "nan", which parameters read as numbers.
    Raises EditError for what JSON cannot say.
    """
    if type(value) is float and not isfinite(value):
        return str(value)
    if type(value) in _ATOMS or type(value) is FrozenDict:
        return value
    if depth > _DEEPEST:
        raise EditError(f"a value may nest {_DEEPEST} levels deep, this one nests deeper")
    if isinstance(value, (dict, Mapping)):  # dict alone first: asking an abstract class is slow
        if not value:
            return EMPTY
        strange = [key for key in value if type(key) is not str]
        if strange:
            raise EditError(f"a mapping's keys must be strings, found {strange[0]!r}")
        return FrozenDict({key: frozen(inner, depth + 1) for key, inner in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(frozen(inner, depth + 1) for inner in value)
    if isinstance(value, (np.generic, np.ndarray)):
        return frozen(value.tolist(), depth + 1)
    raise EditError(
        f"a value must be one that JSON can hold, found {type(value).__name__}",
        hint="numbers, strings, booleans, None, lists and mappings of these",
    )


def frozen_mapping(value: Any, what: str) -> FrozenDict:
    """`value` as a FrozenDict, or EditError where it is no mapping."""
    mapping = frozen(value)
    if type(mapping) is not FrozenDict:
        example = 'as in {"name": "adam", "lr": 0.001}' if what == "optimiser" else None
        raise EditError(f"{what} must be a mapping, found {type(value).__name__}", hint=example)
    return mapping


def canonical(value: Any) -> str:
    """The canonical JSON text of a JSON value: sorted keys, no spaces, ASCII only."""
    return _canonical_encoder.encode(value)
