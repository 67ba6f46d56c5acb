"""Parameters as text and back. What a text says is read (JSON, numbers, sums of numbers, lists), never run."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from ...core.errors import GradwireError, ParameterError
from ...core.files.strict_json import read_json
from ...core.parameters import Parameter
from .arithmetic import calculate

_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")
_NOTHING = ("", "none", "null")
MANY_DIGITS = 12  # characters of a number from which on it may rather be told as a fraction
MOST_PARTS = 99  # its largest denominator
LONGEST = 4000  # characters of a value that a field still shows and edits


def options(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of an annotation: itself, where it is no union."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def choices(parameter: Parameter) -> tuple[Any, ...]:
    """The values to choose from, () for a parameter that takes more than a few."""
    found: list[Any] = []
    for option in options(parameter.annotation):
        if get_origin(option) is Literal:
            found += get_args(option)
        elif option in (bool, None, NoneType):
            found += [True, False] if option is bool else [None]
        else:
            return ()
    return tuple(found)


def is_number(parameter: Parameter) -> bool:
    """Whether the parameter takes one number, and nothing else but null."""
    kinds = [option for option in options(parameter.annotation) if option is not NoneType]
    return len(kinds) == 1 and kinds[0] in (int, float)


def spell(value: Any, annotation: Any = Any) -> str:
    """`value` as a field shows it: "", "0.001", "(N, 64)", for any value JSON text."""
    if value is None:
        return ""
    if annotation is Any or (_is_nested(annotation) and not (_flat(annotation) and _holds_no_lists(value))):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(spell(item, None) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return _fraction(value) if annotation is not None and isinstance(value, float) else repr(value)


def _fraction(value: float) -> str:
    """A number of many digits as the fraction that it is exactly the float of, where there is one: "1/3"."""
    told = repr(value)
    if len(told) <= MANY_DIGITS or not 1 / MOST_PARTS < abs(value) < MOST_PARTS:
        return told
    near = Fraction(value).limit_denominator(MOST_PARTS)
    return f"{near.numerator}/{near.denominator}" if float(near) == value else told


def read(parameter: Parameter, text: str, owner: str) -> Any:
    """What `text` says, as the parameter wants it. Raises `GradwireError` with the core's line."""
    text = text.strip()
    if parameter.annotation is Any:
        if not text and parameter.default is None:
            return None
        if not text:
            raise ParameterError(f"{owner}: {parameter.name} must be given", hint="a number, or lists such as [1, 2]")
        return parameter.read(_any(text, parameter.name), owner)
    kinds = options(parameter.annotation)
    if NoneType in kinds and text.lower() in _NOTHING:
        return None
    if _is_nested(parameter.annotation):
        return parameter.read(_lists(text, parameter), owner)
    return parameter.read(_value(kinds, text), owner)


def _is_nested(annotation: Any) -> bool:
    """Whether a parameter takes lists of lists, which are spelt as in a file: their texts may hold commas."""
    return any(get_origin(each) is tuple and get_origin(get_args(each)[0]) is tuple for each in options(annotation))


def _flat(annotation: Any) -> tuple[Any, ...]:
    """What a parameter takes beside lists of lists and null."""
    return tuple(each for each in options(annotation) if not (_is_nested(each) or each is NoneType))


def _holds_no_lists(value: Any) -> bool:
    return not (isinstance(value, (list, tuple)) and any(isinstance(item, (list, tuple)) for item in value))


def _lists(text: str, parameter: Parameter) -> Any:
    flat = _flat(parameter.annotation)
    if flat and "((" in text.replace(" ", ""):  # of numbers, as Python writes them
        text = re.sub(r",\s*\]", "]", text.replace("(", "[").replace(")", "]"))
    try:
        return read_json(text.encode("utf-8", "surrogatepass"), parameter.name)
    except GradwireError:
        return _value(flat, text) if flat else text  # a text is then told as what it is not


def _any(text: str, name: str) -> Any:
    """Any value as JSON, where it is none a number or lists of numbers as people write them."""
    try:
        return read_json(text.encode("utf-8", "surrogatepass"), name)
    except GradwireError:
        return calculate(text)


def _value(kinds: tuple[Any, ...], text: str) -> Any:
    """The number or list that `text` spells where one is wanted, else the text as it is."""
    if any(get_origin(kind) is tuple for kind in kinds) and ("," in text or text[:1] in ("(", "[") or not text):
        return _items(text)
    if any(get_origin(kind) is tuple for kind in kinds) and int not in kinds:
        return _items(text)
    if _INTEGER.fullmatch(text) and (int in kinds or float in kinds):
        return int(text)
    if _NUMBER.fullmatch(text) and float in kinds:
        return float(text)
    if float in kinds and text.lower() in ("inf", "-inf", "nan"):
        return text.lower()
    return _calculated(kinds, text) if str not in kinds and {int, float} & set(kinds) else text


def _calculated(kinds: tuple[Any, ...], text: str) -> Any:
    """The number that `text` calculates, whole where only that fits; else the text, which is then refused."""
    try:
        found = calculate(text)
    except ParameterError:
        if "," in text:
            raise
        return text
    whole = isinstance(found, float) and float not in kinds and found.is_integer()
    return text if isinstance(found, tuple) else int(found) if whole else found


def _items(text: str) -> tuple[Any, ...]:
    """ "(N, 64)", "[N, 64]" or "N, 64" as ("N", 64)."""
    inner = text
    if (text[:1], text[-1:]) in (("(", ")"), ("[", "]")):
        inner = text[1:-1]
    parts = [part.strip() for part in inner.split(",")]
    if parts[-1] == "":  # of a trailing comma, or of nothing at all
        parts.pop()
    return tuple(_atom(part) for part in parts)


def _atom(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
