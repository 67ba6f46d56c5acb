"""Numbers as people type them: `1/3`, `2*pi`, `[sqrt(2), 1e-3]`. Texts are taken apart here, and never run."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from ...core.errors import ParameterError

NAMES = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
_INFIX: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda base, exponent: _power(base, exponent),
}
_COMMA = re.compile(r"[+-]?\d+,\d+")
_LONGEST = 2**63  # of whole numbers: beyond it they become floats
FITS = "a number such as 0.5, 1/3 or 2*pi, or a list such as [1, 2]"


def calculate(text: str) -> Any:
    """The number, or the nested lists of numbers, that `text` spells. Raises `ParameterError` for anything else."""
    shown = text if len(text) <= 40 else text[:40] + "…"
    try:
        tree = ast.parse(text.replace("−", "-").replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ParameterError(f"{shown} is no number", hint=FITS) from None
    if isinstance(tree, ast.Tuple) and not text.startswith("("):
        point = f"{text.replace(',', '.')} or " if _COMMA.fullmatch(text) else ""
        listed = ", ".join(part.strip() for part in shown.split(","))
        raise ParameterError(f"{shown} is no number; did you mean {point}[{listed}]?")
    try:
        return _of(tree)
    except (ZeroDivisionError, OverflowError, RecursionError):
        raise ParameterError(f"{shown} has no value", hint=FITS) from None
    except ValueError:
        raise ParameterError(f"{shown} is no number", hint=FITS) from None


def _of(node: ast.expr) -> Any:
    """The value of one part; `ValueError` where it is nothing of arithmetic."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _finite(number)
        case ast.Name(id=name) if name in NAMES:
            return NAMES[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            return -_number(inner) if isinstance(sign, ast.USub) else _number(inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _INFIX:
            return _finite(_INFIX[type(op)](_number(left), _number(right)))
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner], keywords=[]):
            return math.sqrt(_number(inner))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return tuple(_of(item) for item in items)
    raise ValueError


def _finite(number: int | float) -> int | float:
    """A number as documents hold it; `OverflowError` for one that is too large, which would become infinite."""
    if isinstance(number, float) and math.isinf(number):
        raise OverflowError
    return number if isinstance(number, float) or abs(number) < _LONGEST else float(number)


def _number(node: ast.expr) -> Any:
    found = _of(node)
    if isinstance(found, tuple):
        raise ValueError
    return found


def _power(base: Any, exponent: Any) -> Any:
    whole = isinstance(base, int) and isinstance(exponent, int) and abs(base) < 2**32 and 0 <= exponent <= 64
    return base**exponent if whole else math.pow(base, exponent)
