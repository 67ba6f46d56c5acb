"""What every edit is: small frozen data that can be applied, inverted and written as JSON.

An edit speaks of nodes and groups by id and carries the old state beside the new one. `apply` verifies that
the old state is as the edit says and raises EditError if not, leaving the draft as it was; so an inverse
either fits or is refused, and nobody has to guess. The edits themselves are in edits.py.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np

from ..errors import EditError
from ..graph.draft import Array, Draft
from ..graph.elements import BuiltBy, Group, Node, Source, Training, from_json, place, same
from ..graph.normal_form import canonical, frozen


class _Absent:
    """The type of ABSENT, which stands for a parameter that is not given: None is a value like others."""

    def __repr__(self) -> str:
        return "absent"

    def __reduce__(self) -> str:
        return "ABSENT"  # stays the one object through pickle and copy


ABSENT = _Absent()

# --- JSON of what edits carry


class Codec(NamedTuple):
    """How a field of an edit is written as JSON and read; None stays None."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def write_array(array: Array) -> dict[str, Any]:
    """An array of numbers as JSON."""
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"dtype": array.dtype.str, "shape": list(array.shape), "base64": data}


def _read_array(data: Mapping[str, Any]) -> Array:
    dtype = np.dtype(data["dtype"])
    if dtype.kind not in "biufc":
        raise ValueError(f"{data['dtype']!r} is not a dtype of numbers")
    array = np.frombuffer(base64.b64decode(data["base64"], validate=True), dtype)
    return array.reshape(data["shape"])


def _read_place(data: Any) -> tuple[float, float]:
    x, y = data
    return float(x), float(y)


def _read_places(data: Any) -> tuple[tuple[float, float], ...]:
    return tuple(map(place, data))


CODECS: Mapping[str, Codec] = {
    "plain": Codec(frozen, frozen),
    "node": Codec(Node.to_json, lambda data: from_json(Node, data)),
    "group": Codec(Group.to_json, lambda data: from_json(Group, data)),
    "source": Codec(list, lambda data: Source(*data)),
    "flags": Codec(sorted, frozenset),
    "place": Codec(list, _read_place),
    "places": Codec(lambda points: [list(point) for point in points], _read_places),
    "built_by": Codec(list, lambda data: BuiltBy(data[0], frozen(data[1]))),
    "training": Codec(Training.to_json, lambda data: from_json(Training, data)),
    "array": Codec(write_array, _read_array),
}

# --- the two kinds of edits

S = TypeVar("S", bound="Swap")


class Edit:
    """What all edits are. `semantic`: it changes what is computed. `free`: it only sets one cell of its own,
    so that in a run of such edits the ones in between can be left out."""

    semantic: ClassVar[bool] = True
    free: ClassVar[bool] = False
    codecs: ClassVar[Mapping[str, str]] = {}  # field -> name in CODECS
    may_be_absent: ClassVar[tuple[str, ...]] = ()

    __slots__ = ()

    def apply(self, draft: Draft) -> None:
        """Change the draft, or raise EditError and leave it as it was."""
        raise NotImplementedError

    def inverse(self) -> Edit:
        """The edit that takes this one back."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """As a mapping of JSON values, the class's name under "edit"; `edit_from_json` reads it."""
        data: dict[str, Any] = {"edit": type(self).__name__}
        for name, codec in self.all_codecs().items():
            value = getattr(self, name)
            if value is not ABSENT:  # left out, so that it is read as absent again
                data[name] = None if value is None else codec.write(value)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The edit that `to_json` wrote; EditError says what is wrong with `data`."""
        codecs = cls.all_codecs()
        values = {}
        for name, codec in codecs.items():
            if name not in data and name not in cls.may_be_absent:
                raise EditError(f"{cls.__name__} needs {name!r}", hint=f"its fields: {', '.join(codecs)}")
            value = data.get(name, ABSENT)
            try:
                values[name] = value if value is None or value is ABSENT else codec.read(value)
            except (TypeError, ValueError, LookupError) as error:
                raise EditError(f"{name!r} of {cls.__name__} cannot be read: {error}") from error
        return cls(**values)

    @classmethod
    def all_codecs(cls) -> dict[str, Codec]:
        """How each field is written, in the order of fields."""
        return _all_codecs(cls)  # type: ignore[arg-type]  # mypy does not take a class for hashable here


@cache
def _all_codecs(kind: type[Edit]) -> dict[str, Codec]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # each edit is a dataclass
    return {name: CODECS[kind.codecs.get(name, "plain")] for name in names}


class Swap(Edit):
    """An edit of one cell: fields that say which one, then `old` and `new`."""

    old: Any
    new: Any

    __slots__ = ()

    def key(self) -> tuple[Any, ...]:
        """Which cell, for looking up: equal for edits of the same one."""
        return (type(self), *self._where())

    def _where(self) -> list[Any]:
        """The fields that say which cell."""
        return [getattr(self, name) for name in tuple(self.all_codecs())[:-2]]

    def then(self: S, later: Swap) -> S:
        """This edit and a later one of the same cell in one."""
        return replace(self, new=later.new)  # type: ignore[type-var]

    def read(self, draft: Draft) -> Any:
        """What the cell holds now."""
        raise NotImplementedError

    def write(self, draft: Draft) -> None:
        """Put `new` into the cell."""
        raise NotImplementedError

    def cell(self, draft: Draft) -> str:
        """The cell in words, for messages."""
        raise NotImplementedError

    def apply(self, draft: Draft) -> None:
        found = self.read(draft)
        if not alike(found, self.old):
            raise EditError(
                f"{self.cell(draft)}: required {show(self.old)}, found {show(found)}",
                hint="it has been changed since",
                node=getattr(self, "id", None),
            )
        self.write(draft)

    def inverse(self: S) -> S:
        return type(self)(*self._where(), self.new, self.old)  # type: ignore[call-arg]  # each is a dataclass


def alike(found: Any, wanted: Any) -> bool:
    """Whether a cell holds what is wanted, by the canonical JSON or by the bytes of an array."""
    if found is wanted:
        return True
    if found is None or wanted is None or found is ABSENT or wanted is ABSENT:
        return False
    if isinstance(found, frozenset):
        return bool(found == wanted)
    if isinstance(found, np.ndarray):
        alike = found.dtype == wanted.dtype and found.shape == wanted.shape
        return bool(alike) and found.tobytes() == wanted.tobytes()  # bytes: NaN equals itself
    return same(found, wanted)


def require_as_given(draft: Draft, found: Node | Group, wanted: Node | Group) -> None:
    """Raise EditError where a node or group is no longer as an edit knows it."""
    if not same(found, wanted):
        raise EditError(
            f"{draft.path(wanted.id)}: required {show(wanted.to_json())}, found {show(found.to_json())}",
            hint="it has been changed since",
            node=wanted.id,
        )


def show(value: Any) -> str:
    """What a cell holds, in a few words for a message."""
    if value is None or value is ABSENT:
        return "absent" if value is ABSENT else "none"
    if isinstance(value, np.ndarray):
        return f"a {value.dtype} array of shape {value.shape}"
    if isinstance(value, Source):
        return f"{value.node}.{value.output}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    text = canonical(value.to_json() if isinstance(value, Training) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."
