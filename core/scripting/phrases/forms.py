"""What a phrase is made of, and how it is written. What is read from what is written is the same again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..makers import LAYER, OP

VERBS = {  # that take what is there; what each is for
    "add": "a node or layer: add relu, add linear units=64 as fc1 -> relu",
    "set": "a parameter: set fc1.units 64, set dropout1.rate 0.3",
    "remove": "nodes and groups, with their wires",
    "cut": "the wire into a port, or all of a node",
    "rename": "a node or group: rename relu1 hidden",
    "group": "nodes: group fc1 relu1 as block1",
    "ungroup": "what a group holds",
    "select": "nodes and groups; all selects everything",
    "go": "to a node or group",
}
CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
BINARY = {  # by sign: how tightly it binds, as in Python, and its op
    "==": (1, "equal"),
    "!=": (1, "not_equal"),
    "<": (1, "less"),
    "<=": (1, "less_equal"),
    ">": (1, "greater"),
    ">=": (1, "greater_equal"),
    "+": (2, "add"),
    "-": (2, "subtract"),
    "*": (3, "multiply"),
    "/": (3, "divide"),
    "//": (3, "floor_divide"),
    "%": (3, "mod"),
    "@": (3, "matmul"),
    "**": (5, "power"),
}
COMPARES, UNARY, POWER, ATOM = 1, 4, 5, 6  # how tightly these bind

KINDS = (LAYER.removesuffix(":"), OP.removesuffix(":"))  # before the colon of `layer:conv2d`
_KIND = re.compile(rf"({'|'.join(KINDS)}):([^\W\d]\w*)")
_BARE = re.compile(r"[^\W\d]\w*(?:/[^\W\d]\w*)*")


def _column() -> Any:
    """Where it stands in the text, from 1; what is written in another place is the same."""
    return field(default=1, compare=False)


@dataclass(frozen=True)
class Number:
    """A number in an expression."""

    value: int | float
    column: int = _column()


@dataclass(frozen=True)
class Value:
    """A value by the name of its node or group, `data.x` with the name of its output.

    Where it is `quoted` it may be a text as well, as in einsum("ij,jk->ik", a, b).
    """

    path: str
    output: str = ""
    column: int = _column()
    quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Negative:
    """−x."""

    of: Expression
    column: int = _column()


@dataclass(frozen=True)
class Binary:
    """Two values with a sign between them."""

    sign: str
    left: Expression
    right: Expression
    column: int = _column()


@dataclass(frozen=True)
class Call:
    """A function of values: an op or a layer."""

    function: str
    arguments: tuple[Expression, ...]
    parameters: tuple[tuple[str, Any], ...] = ()
    column: int = _column()


Expression = Number | Value | Negative | Binary | Call


@dataclass(frozen=True)
class Link:
    """A part of a chain: what is there, `relu1.x`, or what is added, `linear units=64 as fc1`.

    A `Value` among the parameters is for a port: `target=data.y`.
    """

    path: str
    port: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()
    name: str = ""
    new: bool = False  # whether it says `add`
    column: int = _column()


@dataclass(frozen=True)
class Chain:
    """Each value of a stage goes into each link of the next."""

    stages: tuple[tuple[Link, ...], ...]


@dataclass(frozen=True)
class Assign:
    """`f = sin(x)`; without a name `sin(x)` alone."""

    name: str
    value: Expression
    column: int = _column()


@dataclass(frozen=True)
class Let:
    """`x = 2`, `x = [1, 2]`: an input with this value, or the value of what is there."""

    name: str
    value: Any
    column: int = _column()


@dataclass(frozen=True)
class Set:
    """A parameter of a node or layer."""

    path: str
    parameter: str
    value: Any
    column: int = _column()
    value_column: int = _column()


@dataclass(frozen=True)
class Deed:
    """A verb and what is there: remove, cut, rename, group, ungroup, select, go. `name` is the new one."""

    verb: str
    what: tuple[Value, ...]
    name: str = ""
    column: int = _column()  # of the name


Form = Chain | Assign | Let | Set | Deed


def spelled(form: Form) -> str:
    """A phrase as it is written."""
    match form:
        case Chain(stages):
            return " -> ".join(", ".join(map(_link, stage)) for stage in stages)
        case Assign(name, value):
            return f"{single(name)} = {expression(value)}" if name else expression(value)
        case Let(name, value):
            return f"{single(name)} = {literal(value)}"
        case Set(path, parameter, value):
            return f"set {word(path)}.{single(parameter)} {literal(value)}"
        case Deed(verb, what, name):
            between = " as " if verb == "group" else " "
            return f"{verb} {' '.join(map(_value, what))}{between + single(name) if name else ''}"


def expression(form: Expression, least: int = 0) -> str:
    """An expression, in brackets where it binds less tightly than `least`."""
    match form:
        case Number(value):
            return repr(value)
        case Value():
            return _value(form)
        case Negative(of):
            text, binds = f"-{expression(of, UNARY)}", UNARY
        case Call(function, arguments, parameters):
            given = [*map(expression, arguments), *_parameters(parameters)]
            return f"{_maker(function)}({', '.join(given)})"
        case Binary(sign, left, right):
            binds = BINARY[sign][0]
            of_left, of_right = (ATOM, UNARY) if binds == POWER else (binds + (binds == COMPARES), binds + 1)
            text = f"{expression(left, of_left)} {sign} {expression(right, of_right)}"
    return text if binds >= least else f"({text})"


def literal(value: Any) -> str:
    """A number, a text, true, false, none, a list of such, or a value of a node."""
    if isinstance(value, Value):
        return _value(value)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return word(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def word(text: str) -> str:
    """A name or a text, in quotes where it would be read otherwise without."""
    if _BARE.fullmatch(text) and text.lower() not in CONSTANTS and text != "as" and text not in VERBS:
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def single(text: str) -> str:
    """The same of what is no path: a stroke in it stands in quotes."""
    return word(text) if "/" not in text else _quoted(text)


def _maker(text: str) -> str:
    """What is added, `layer:conv2d` too."""
    kind = _KIND.fullmatch(text)
    return text if kind is not None and word(kind[2]) == kind[2] else word(text)


def is_name(text: str) -> bool:
    """Whether a text is in quotes since it would else be read as a verb or a constant: it is meant as a name."""
    return _BARE.fullmatch(text) is not None and word(text) != text


def _value(value: Value) -> str:
    if value.quoted:
        return _quoted(value.path)
    return f"{word(value.path)}.{single(value.output)}" if value.output else word(value.path)


def _parameters(given: Iterable[tuple[str, Any]]) -> list[str]:
    return [f"{single(name)}={literal(value)}" for name, value in given]


def _link(link: Link) -> str:
    path = f"{_maker(link.path)}.{single(link.port)}" if link.port else _maker(link.path)
    parts = [*["add"] * link.new, path, *_parameters(link.parameters), *["as " + single(link.name)] * bool(link.name)]
    return " ".join(parts)
