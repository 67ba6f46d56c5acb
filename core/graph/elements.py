"""What a graph is made of: nodes, groups, wires and training settings, all immutable and written as JSON.

Values inside (parameters, settings, unknown keys of a file) are JSON values in normal form. Two elements are the same
when their canonical JSON is the same, so that NaN equals itself and 1 differs from 1.0 and from True.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from ..errors import EditError, usage_told
from .normal_form import EMPTY, FrozenDict, canonical, frozen, frozen_mapping

FLAGS = frozenset({"bypass", "detach", "freeze", "keep"})
PINS = frozenset({"keep"})  # flags of what is shown; nothing else is computed for them
PLUGIN = "plugin"  # in `extra` of a node the name of what brings its op: told where it is missing, and nothing else
DTYPES = ("float32", "float64")
ORIGIN = (0.0, 0.0)
COLUMN, ROW = 240.0, 144.0  # scene units from one node to the next, which with their values lie clear of each other

_DIGITS = re.compile("[0-9]+")
# Separators of paths and sources, control characters, line separators, and what UTF-8 cannot hold.
_NOT_IN_NAMES = re.compile("[/.:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

T = TypeVar("T")


def natural_key(text: str) -> str:
    """A sorting key that puts relu2 before relu10: each number is preceded by its length.

    A string, not a tuple of parts: 100,000 tuples keep the garbage collector busy for longer than the sort.
    """
    return _DIGITS.sub(_with_length, text)


def _with_length(number: re.Match[str]) -> str:
    digits = number[0]
    return chr(min(len(digits), 0xFFFF)) + digits


def check_name(name: object, what: str = "name") -> str:
    """`name` when it may be used in paths, else EditError."""
    owner = f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
    if type(name) is not str:
        raise EditError(f"{owner} must be a string, found {type(name).__name__}")
    if not name or name.isspace():
        raise EditError(f"{owner} must not be empty")
    found = _NOT_IN_NAMES.search(name)
    if found is not None:
        raise EditError(
            f"{owner} must be without '/', '.', ':' and control characters, found {found.group()!r} in {name!a}"
        )
    return name


def check_note(text: object) -> str:
    """`text` when it may stand on a note, else EditError: a file must be able to hold it."""
    if type(text) is not str:
        raise EditError(f"a note must be a text, found {type(text).__name__}")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise EditError("a note must be a text that UTF-8 can hold, found half of a surrogate pair")
    return text


def near_misses(text: str, candidates: Iterable[str]) -> str | None:
    """A hint of up to three candidates that look like `text`, None if there are none."""
    # Matching costs some 10 µs a candidate: a graph of 100,000 nodes must not make a typing error slow.
    near = difflib.get_close_matches(text, list(islice(candidates, 10_000)), n=3)
    return f"near: {', '.join(near)}" if near else None


class Source(NamedTuple):
    """A value in the graph: one output of one node."""

    node: str
    output: str


class Wire(NamedTuple):
    """A value on its way into a port."""

    source: Source
    target: str
    port: str


Places = tuple[tuple[float, float], ...]


def place(position: Any) -> tuple[float, float]:
    """`position` as two finite floats, or EditError."""
    try:
        x, y = position
        x, y = float(x), float(y)
    except (TypeError, ValueError, OverflowError):
        raise EditError(f"a position must be two numbers, found {position!r}") from None
    if x - x != 0.0 or y - y != 0.0:  # infinite or NaN
        raise EditError(f"a position must be finite, found {position!r}")
    return x, y


@dataclass(frozen=True, slots=True)
class Node:
    """One op in the graph. `id` never changes; `name` is unique in its group and only shown and typed."""

    id: str
    op: str
    name: str
    params: Mapping[str, Any] = EMPTY
    flags: frozenset[str] = frozenset()
    group: str | None = None
    position: tuple[float, float] = ORIGIN
    extra: Mapping[str, Any] = EMPTY

    def __post_init__(self) -> None:
        if type(self.params) is not FrozenDict:
            object.__setattr__(self, "params", frozen_mapping(self.params, "parameters"))
        if type(self.extra) is not FrozenDict:
            object.__setattr__(self, "extra", frozen_mapping(self.extra, "extra"))
        if type(self.flags) is not frozenset:
            object.__setattr__(self, "flags", frozenset(self.flags))
        if self.position is not ORIGIN:
            object.__setattr__(self, "position", place(self.position))

    @property
    def acting(self) -> frozenset[str]:
        """The flags that change what is computed."""
        return self.flags - PINS if self.flags else self.flags

    def to_json(self) -> dict[str, Any]:
        """As a mapping of JSON values; `from_json(Node, …)` reads it."""
        data = {name: getattr(self, name) for name in self.__slots__}
        return data | {"flags": sorted(self.flags)}


class BuiltBy(NamedTuple):
    """The layer that built a group, and with what."""

    layer: str
    params: Mapping[str, Any] = EMPTY


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around nodes and other groups; `group` is the one it lies in, None at the top.

    One with a `note` that holds nothing is shown as a card with that text.
    """

    id: str
    name: str
    group: str | None = None
    built_by: BuiltBy | None = None
    collapsed: bool = False
    position: tuple[float, float] = ORIGIN
    extra: Mapping[str, Any] = EMPTY
    note: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", frozen_mapping(self.extra, "extra"))
        if self.note is not None:
            check_note(self.note)
        if self.built_by is not None:
            layer, params = self.built_by
            params = frozen_mapping(params, "a layer's parameters")
            object.__setattr__(self, "built_by", BuiltBy(check_name(layer, "layer's name"), params))
        object.__setattr__(self, "position", place(self.position))

    def to_json(self) -> dict[str, Any]:
        """As a mapping of JSON values; `from_json(Group, …)` reads it."""
        data = {name: getattr(self, name) for name in self.__slots__}
        if self.note is None:
            del data["note"]  # a program that knows no notes reads the journal of a graph without any
        return data


@usage_told
@dataclass(frozen=True, slots=True)
class Training:
    """How the graph is trained: `loss` is a node, `batch` a number of samples, the rest is settings.

    Nodes are told by their ids, and where a transaction sets it by their names or paths too. Each of `parameter_groups`
    is a mapping of settings of the optimiser beside "parameters", a list of parameters and of groups of nodes, which
    mean all parameters within: `{"parameters": ["encoder", "head/bias"], "lr": 0.001}`. Each of `metrics` has a "name",
    a "prediction", a "target", and settings of the metric.

    Without `zero_gradients` each iteration adds its gradients to those that all before it have left; with `accumulate`
    so many batches make one update. `clip_norm` limits the norm of all gradients, and then `clip_value` each element.
    A penalty l1 · Σ|w| + l2 · Σw² is laid on the parameters `penalised` (None: those of two axes or more).
    `schedule`, `average` (of the weights) and `early_stopping` are mappings of settings, the first two with a name.
    """

    loss: str
    optimiser: Mapping[str, Any] = FrozenDict({"name": "adam", "lr": 0.001})
    batch: int = 32
    epochs: int = 10
    seed: int = 0
    zero_gradients: bool = True
    metrics: tuple[Mapping[str, Any], ...] = ()
    parameter_groups: tuple[Mapping[str, Any], ...] = ()
    schedule: Mapping[str, Any] | None = None
    early_stopping: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = EMPTY
    accumulate: int = 1
    clip_norm: float | None = None
    clip_value: float | None = None
    l1: float = 0.0
    l2: float = 0.0
    penalised: tuple[str, ...] | None = None
    average: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("optimiser", "extra"):
            frozen_mapping(getattr(self, name), name)

    def to_json(self) -> dict[str, Any]:
        """As a mapping of JSON values; `from_json(Training, …)` reads it."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        # A program that does not know a rare setting reads the journal of a graph without it.
        return {name: value for name, (value, usual) in values.items() if name not in _RARE or not same(value, usual)}


_RARE = frozenset({"accumulate", "clip_norm", "clip_value", "l1", "l2", "penalised", "average"})


Element = TypeVar("Element", Node, Group, Training)


def from_json(kind: type[Element], data: Any) -> Element:
    """A Node, Group or Training from the mapping that its `to_json` gives; EditError says what is wrong."""
    allowed = [field.name for field in fields(kind)]
    if not isinstance(data, Mapping):
        raise EditError(f"a {kind.__name__} must be a mapping, found {type(data).__name__}")
    unknown = [key for key in data if key not in allowed]
    if unknown:
        raise EditError(f"a {kind.__name__} has no field {unknown[0]!r}", hint=f"its fields: {', '.join(allowed)}")
    needed = [field.name for field in fields(kind) if field.default is MISSING and field.name not in data]
    if needed:
        raise EditError(f"a {kind.__name__} needs the field {needed[0]!r}", hint=f"found {', '.join(data)}")
    try:
        return kind(**data)
    except (TypeError, ValueError) as error:  # a field of the wrong form
        raise EditError(f"a {kind.__name__} cannot be read: {error}") from error


def same(left: Any, right: Any) -> bool:
    """Whether two elements or JSON values are the same in canonical JSON."""
    if left is right:
        return True
    if isinstance(left, (Node, Group, Training)) and type(left) is type(right):
        return canonical(left.to_json()) == canonical(right.to_json())
    return canonical(left) == canonical(right)
