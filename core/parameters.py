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

from .errors import ParameterError

MISSING: Any = inspect.Parameter.empty
NUMBERS = "fiub"  # the kinds of NumPy's dtypes that values may have: floats, integers, booleans
LEVELS = 64  # how deep lists may be nested: as many axes as an array of NumPy may have


class Role(NamedTuple):
    """What a run puts into a parameter (or feeds to a port) whose annotation bears it, as in `mode: Mode`."""

    name: str


# What the run decides alone, and nobody edits.
Mode = Annotated[Literal["train", "eval"], Role("mode")]
Stream = Annotated[int, Role("stream")]
# What stands for something of the document: its dtype, the length of the batch, its seed.
BATCH = "N"
Shape = Annotated[tuple[int | Literal["N"], ...], Role("shape")]
FloatDtype = Annotated[Literal["float", "float32", "float64"], Role("dtype")]
AnyDtype = Annotated[Literal["float", "float32", "float64", "int64", "int32", "bool"], Role("dtype")]
Seed = Annotated[int | None, Role("seed")]
HIDDEN = frozenset({"mode", "stream"})


class Parameter(NamedTuple):
    """A keyword-only argument of an op or a layer: its name, what it accepts, its default, and its role if any."""

    name: str
    annotation: Any
    default: Any = MISSING
    role: str | None = None

    @classmethod
    def of(cls, argument: inspect.Parameter) -> Parameter:
        kind, role = argument.annotation, role_of(argument)
        return cls(argument.name, get_args(kind)[0] if role else kind, argument.default, role)

    @property
    def has_default(self) -> bool:
        return self.default is not MISSING

    @property
    def expected(self) -> str:
        """What fits, in words: "an integer", "one of mean, sum, none"."""
        return _describe(self.annotation)

    def read(self, value: Any, owner: str) -> Any:
        """`value` in the form that rules take (lists become tuples), or `ParameterError`."""
        result = _read(self.annotation, value)
        if result is MISSING:
            wanted = f"nested at most {LEVELS} deep" if self.annotation is Any else self.expected
            raise ParameterError(f"{owner}: {self.name} must be {wanted}, got {shown(value)}")
        return result

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
        return self.read(value, owner)

    @property
    def plain(self) -> frozenset[Any]:
        """The types, and the texts of a choice, that `take` would leave as they are: most calls give nothing else."""
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


def role_of(argument: inspect.Parameter) -> str | None:
    """The name of the role that the annotation of `argument` bears."""
    if get_origin(argument.annotation) is not Annotated:
        return None
    return next((note.name for note in get_args(argument.annotation)[1:] if isinstance(note, Role)), None)


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
_PLURAL = {int: "integers", float: "numbers", bool: "true or false", str: "texts"}


def _describe(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        *others, last = (_describe(option) for option in get_args(annotation))
        return f"{', '.join(others)} or {last}"
    if origin is Literal:
        options = ", ".join(str(option) for option in get_args(annotation))
        return f"one of {options}" if len(get_args(annotation)) > 1 else options
    if origin is tuple:
        return f"a list of {_describe_several(get_args(annotation)[0])}"
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _describe_several(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_describe_several(option) for option in get_args(annotation))
    return _PLURAL.get(annotation, _describe(annotation))
