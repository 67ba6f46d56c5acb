"""The parameters of ops and layers: what each accepts, read from the annotation beside it."""

from __future__ import annotations

import inspect
import math
import reprlib
from contextlib import suppress
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import numpy as np

from .errors import ParameterError, RunError

MISSING: Any = inspect.Parameter.empty
NUMBERS = "fiub"  # the kinds of NumPy's dtypes that values may have: floats, integers, booleans
LEVELS = 64  # how deep lists may be nested: as many axes as an array of NumPy may have


class Role(NamedTuple):
    """What a run puts into a parameter (or feeds to a port) whose annotation bears it, as in `mode: Mode`."""

    name: str


class Range(NamedTuple):
    """What a number must lie between, as in `rate: Annotated[float, Range(0, 1)]`; of a list each of its numbers.

    `high` itself is allowed unless `open`, and `low` unless `above`, which goes without `high`. `unit` says of what the
    number is ("samples"). Editors offer what is `usual`, else from `low` to `high`; where that is `logarithmic`, equal
    ways are equal factors.
    """

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    open: bool = False
    usual: tuple[float, float] | None = None
    logarithmic: bool = False
    above: bool = False

    def allows(self, value: Any) -> bool:
        """Whether a value that was read lies within; what is no number does."""
        if isinstance(value, tuple):
            return all(map(self.allows, value))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.limits:
            return True
        within = self.low < value if self.above else self.low <= value
        return math.isfinite(value) and within and (value < self.high if self.open else value <= self.high)

    @property
    def limits(self) -> str:
        """What it allows, as the end of "a number…"; nothing where it allows all."""
        if self.high < math.inf:
            low = "" if self.low == -math.inf else f" from {self.low:g}"
            return f"{low} up to but not {self.high:g}" if self.open else f"{low} to {self.high:g}"
        if self.above:
            return f" above {self.low:g}"
        return "" if self.low == -math.inf else f" of {self.low:g} or more"

    @property
    def offered(self) -> tuple[float, float] | None:
        """From where to where an editor lets one drag, None where there is no end."""
        low, high = self.usual or (self.low, self.high)
        return (low, high) if math.isfinite(low) and math.isfinite(high) else None


class Start(NamedTuple):
    """What an editor gives a parameter without a default at first, as in `classes: Annotated[int, Start(10)]`."""

    value: Any


# What the run decides alone, and nobody edits.
Mode = Annotated[Literal["train", "eval"], Role("mode")]
Stream = Annotated[int, Role("stream")]
NodeId = Annotated[str, Role("node")]  # the id of the node that is computed
Phase = Annotated[Literal["forward", "backward"], Role("phase")]  # rules give it, runs leave it
# What stands for something of the document: its dtype, the length of the batch, its seed.
BATCH = "N"
Shape = Annotated[tuple[int | Literal["N"], ...], Role("shape")]
FloatDtype = Annotated[Literal["float", "float32", "float64"], Role("dtype")]
AnyDtype = Annotated[Literal["float", "float32", "float64", "int64", "int32", "bool"], Role("dtype")]
Seed = Annotated[int | None, Role("seed"), Range(low=0)]
NODE = "parameter id"
ParameterId = Annotated[str, Role(NODE)]  # the id of a parameter's node
HIDDEN = frozenset({"mode", "stream", "node", "phase"})


class Parameter(NamedTuple):
    """A keyword-only argument of an op or a layer: its name, what it accepts, its default, and what its annotation
    bears beside the type: a role, a range, what it starts with.
    """

    name: str
    annotation: Any
    default: Any = MISSING
    role: str | None = None
    range: Range | None = None
    start: Any = MISSING

    @classmethod
    def of(cls, argument: inspect.Parameter) -> Parameter:
        kind, notes = argument.annotation, _notes(argument)
        bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
        between = next((note for note in notes if isinstance(note, Range)), None)
        start = next((note.value for note in notes if isinstance(note, Start)), MISSING)
        return cls(argument.name, bare, argument.default, role_of(argument), between, start)

    @property
    def has_default(self) -> bool:
        return self.default is not MISSING

    @property
    def expected(self) -> str:
        """What fits, in words: "an integer", "a number from 0 to 1", "one of mean, sum, none"."""
        return _describe(self.annotation, self.range.limits if self.range is not None else "")

    @property
    def is_text(self) -> bool:
        """Whether it is a text, or a choice among texts."""
        options = get_args(self.annotation) if get_origin(self.annotation) in (Union, UnionType) else [self.annotation]
        choices = [text for each in options if get_origin(each) is Literal for text in get_args(each)]
        return str in options or any(isinstance(text, str) for text in choices)

    def read(self, value: Any, owner: str) -> Any:
        """`value` in the form that rules take (lists become tuples), or `ParameterError`."""
        result = _read(self.annotation, value)
        if result is MISSING:
            wanted = f"nested at most {LEVELS} deep" if self.annotation is Any else self.expected
            raise ParameterError(f"{owner}: {self.name} must be {wanted}, got {shown(value)}")
        return result

    def check_range(self, value: Any, owner: str) -> None:
        """Raise `ParameterError` for a value that was read and lies outside the range.

        A document may hold such a value, which its check then tells: only what is to be computed is refused.
        """
        if self.range is not None and not self.range.allows(value):
            wanted = self.expected
            if isinstance(value, float) and not math.isfinite(value) and self.range.high == math.inf:
                wanted = wanted.replace("a number", "a finite number", 1)
            raise ParameterError(f"{owner}: {self.name} must be {wanted}, got {shown(value)}")

    def take(self, value: Any, owner: str) -> Any:
        """`value` as a caller in Python may give it: beside what `read` takes, any dtype of NumPy's numbers.

        Graphs know fewer dtypes, but arrays and tensors come in all of them.
        """
        options = get_args(self.annotation) if get_origin(self.annotation) is Literal else ()
        if "float64" in options and isinstance(value, (str, type, np.dtype)) and str(value) not in options:
            with suppress(TypeError, ValueError, SyntaxError):  # how NumPy refuses depends on what it was given
                dtype = np.dtype(value)
                if dtype.kind in (NUMBERS if "int64" in options else "f"):
                    return dtype.name
        if "float64" in options and not (isinstance(value, str) and value in options):
            kinds = "floats, integers or booleans" if "int64" in options else "floats"
            raise ParameterError(f"{owner}: {self.name} must be a dtype of {kinds}, got {shown(value)}")
        return self.read(value, owner)

    @property
    def plain(self) -> frozenset[Any]:
        """The types, and the texts of a choice, that `take` would leave as they are: most calls give nothing else.

        None where values have limits, which each must be held against.
        """
        if self.range is not None and self.range.limits:
            return frozenset()
        options = get_args(self.annotation) if get_origin(self.annotation) in (Union, UnionType) else [self.annotation]
        found: set[Any] = set()
        for option in options:
            origin = get_origin(option)
            if origin is Literal:
                found.update(get_args(option))
            elif origin is tuple or option in (int, float, bool, str, NoneType):
                found.add(origin or option)
        return frozenset(found)


def shown(value: Any) -> str:
    """`value` in at most some 60 characters, however long or deep it is."""
    if isinstance(value, int) and abs(value) >= 2**64:
        return f"an integer of {value.bit_length()} bits"
    short = reprlib.Repr()
    short.maxstring, short.maxother, short.maxlist, short.maxtuple, short.maxlevel = 60, 60, 4, 4, 3
    return short.repr(value)


def refuse_unless(value: object, kinds: type | tuple[type, ...], required: str, hint: str | None = None) -> None:
    """Raise `RunError` for what is of none of these types: the first line of what users call."""
    if not isinstance(value, kinds):
        raise RunError(f"{required}, got {shown(value)}", hint=hint)


def role_of(argument: inspect.Parameter) -> str | None:
    """The name of the role that the annotation of `argument` bears."""
    return next((note.name for note in _notes(argument) if isinstance(note, Role)), None)


def _notes(argument: inspect.Parameter) -> tuple[Any, ...]:
    kind = argument.annotation
    return get_args(kind)[1:] if get_origin(kind) is Annotated else ()


def _read(annotation: Any, value: Any) -> Any:
    """`value` as `annotation` wants it, MISSING where it does not fit."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        found = (_read(option, value) for option in get_args(annotation))
        return next((result for result in found if result is not MISSING), MISSING)
    if origin is Literal:
        plain = isinstance(value, (str, int)) and not isinstance(value, bool)
        return value if plain and value in get_args(annotation) else MISSING
    if origin is tuple:
        inner, *rest = get_args(annotation)
        if not isinstance(value, (list, tuple)) or (rest != [...] and len(value) != 1 + len(rest)):
            return MISSING
        kinds = [inner] * len(value) if rest == [...] else [inner, *rest]
        items = tuple(_read(kind, item) for kind, item in zip(kinds, value, strict=True))
        return MISSING if any(item is MISSING for item in items) else items
    return _read_plain(annotation, value)


def _read_plain(annotation: Any, value: Any) -> Any:
    if annotation in (None, NoneType):
        return None if value is None else MISSING
    if annotation is Any:
        return _frozen(value, LEVELS)
    if annotation is float:
        return _read_float(value)
    if annotation is int:
        number = _integer(value)
        # Beyond 64 bits no op has a use for an integer.
        return number if number is not None and -(2**63) <= number < 2**64 else MISSING
    if annotation is bool:
        return bool(value) if isinstance(value, (bool, np.bool_)) else MISSING
    return value if isinstance(value, annotation) else MISSING


def _read_float(value: Any) -> Any:
    if isinstance(value, str):  # JSON has no infinity and no NaN
        return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}.get(value, MISSING)
    if isinstance(value, bool) or not isinstance(value, Real):
        return MISSING
    number = _integer(value)
    # An integer beyond the floats is no number that an op could use.
    return float(value) if number is None or abs(number) < 2**1023 else MISSING


def _integer(value: Any) -> int | None:
    """`value` as a Python integer, None where it is none; NumPy's come from Python callers."""
    return None if isinstance(value, bool) or not isinstance(value, Integral) else int(value)


def _frozen(value: Any, levels: int) -> Any:
    """`value` with lists as tuples, MISSING where they are nested deeper than `levels`."""
    if not isinstance(value, (list, tuple)):
        return value
    items = tuple(_frozen(item, levels - 1) for item in value) if levels else (MISSING,)
    return MISSING if any(item is MISSING for item in items) else items


_WORDS = {
    int: "an integer",
    float: "a number",
    bool: "true or false",
    str: "a text",
    NoneType: "null",
    Any: "any value",
}
_COUNTS = {2: "two", 3: "three", 4: "four"}
_PLURAL = {int: "integers", float: "numbers", bool: "true or false", str: "texts"}


def _describe(annotation: Any, limits: str = "") -> str:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        *others, last = (_describe(option, limits) for option in get_args(annotation))
        return f"{', '.join(others)} or {last}"
    if origin is Literal:
        options = ", ".join(str(option) for option in get_args(annotation))
        return f"one of {options}" if len(get_args(annotation)) > 1 else options
    if origin is tuple:
        inner, *rest = get_args(annotation)
        count = "a list of" if rest == [...] else _COUNTS.get(1 + len(rest), str(1 + len(rest)))
        return f"{count} {_describe_several(inner)}{limits}"
    words = _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))
    return f"{words}{limits}" if annotation in (int, float) else words


def _describe_several(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_describe_several(option) for option in get_args(annotation))
    if get_origin(annotation) is tuple:
        inner, *rest = get_args(annotation)
        count = "" if rest == [...] else f"{_COUNTS.get(1 + len(rest), 1 + len(rest))} "
        return f"lists of {count}{_describe_several(inner)}"
    return _PLURAL.get(annotation, _describe(annotation))
