"""Reads what parameters are given, and expressions: each sign binds as tightly as it does in Python."""

from __future__ import annotations

from typing import Any

from .forms import BINARY, COMPARES, CONSTANTS, POWER, UNARY, Binary, Call, Expression, Negative, Number, Value
from .lexing import PhraseError
from .stream import Stream


def literal(s: Stream, *about: str) -> Any:
    """A number, a text, true, false, none, or a list of such."""
    s.here("value", *about)
    if s.takes("[", "("):
        s.deeper()
        found = []
        while not s.takes("]", ")"):
            found.append(literal(s, *about))
            if not s.sees("]", ")") and not s.takes(","):
                s.refuse("a list goes on with a comma or ends", "as in [1, 2]")
        s.shallower()
        return found
    if s.takes("-"):
        return -_number(s)
    if s.token.kind == "number" or s.takes("+"):
        return _number(s)
    if s.token.kind == "word" and s.token.text.lower() in CONSTANTS:
        return CONSTANTS[s.next().text.lower()]
    if not s.names():
        s.refuse("a value must stand here", "a number, a text, true, false, none, [1, 2]")
    return s.path("a value", "value")


def _number(s: Stream) -> int | float:
    if s.token.kind != "number":
        s.refuse("a number must stand here")
    text = s.next().text
    return int(text) if text.isdecimal() else float(text)


def parameter(s: Stream, of: str) -> tuple[str, Any]:
    """`units=64`, or `target=data.y` for a port, where a name is at hand."""
    name = s.next().text
    s.next()
    column, found = s.column, literal(s, of, name)
    named = s.before.kind in ("word", "text") and isinstance(found, str)
    output = s.after_dot("the name of an output", "output", found) if named and s.token.tight else ""
    return name, Value(found, output, column) if output else found


def expression(s: Stream, least: int = 0) -> Expression:
    """An expression of parts that bind as tightly as `least`."""
    s.deeper()
    left = _signed(s)
    while s.token.kind == "sign" and s.token.text in BINARY and BINARY[s.token.text][0] >= least:
        column, sign = s.column, s.next().text
        s.count_sign()
        binds = BINARY[sign][0]
        right = expression(s, UNARY if binds == POWER else binds + 1)
        left = Binary(sign, left, right, column)
        if binds == COMPARES and s.token.kind == "sign" and BINARY.get(s.token.text, (0,))[0] == COMPARES:
            raise PhraseError(s.column, "two values are compared, not three", hint="(x < y) == z")
    s.shallower()
    return left


def _signed(s: Stream) -> Expression:
    column = s.column
    if s.takes("-"):
        return Negative(expression(s, UNARY), column)
    if s.takes("+"):
        return expression(s, UNARY)
    return _atom(s)


def _atom(s: Stream) -> Expression:
    column = s.column
    s.here("operand")
    if s.token.kind == "number":
        return Number(_number(s), column)
    if s.takes("("):
        found = expression(s)
        _close(s, "an expression goes on with a sign, or its bracket is closed")
        return found
    in_quotes, start = s.token.kind == "text", s.place
    path = s.path("a value, a number or a function", "operand", divides=True)
    in_quotes = in_quotes and s.place == start + 1
    if s.takes("("):
        return _call(s, path, column)
    output = s.after_dot("the name of an output", "output", path)
    return Value(path, output, column, quoted=in_quotes and not output)


def _close(s: Stream, required: str) -> None:
    s.here("sign")
    if not s.takes(")"):
        s.refuse(required, "as in sin(x)")


def _call(s: Stream, function: str, column: int) -> Call:
    arguments: list[Expression] = []
    parameters: list[tuple[str, Any]] = []
    while not s.takes(")"):
        s.here("argument", function)
        if s.is_parameter():
            parameters.append(parameter(s, function))
        elif parameters:
            s.refuse("values stand before parameters", f"as in {function}(x, {parameters[0][0]}=…)")
        else:
            arguments.append(expression(s))
        if not s.sees(")") and not s.takes(","):
            s.here("sign")
            s.refuse("a comma or a bracket must stand here", f"as in {function}(x)")
    return Call(function, tuple(arguments), tuple(parameters), column)
