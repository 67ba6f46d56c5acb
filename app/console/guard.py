"""Powers that would hold the whole program: a cell refuses them before Python begins.

One multiplication of very long integers is a single call into C, which nothing can cut short and during which no other
thread runs, the window's included.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

BITS = 30_000_000  # of an integer that is computed: about a second
_NAMES = {ast.Pow: "__power__", ast.LShift: "__shift__"}


def power(base: Any, exponent: Any) -> Any:
    """`base ** exponent`, unless that is an integer too long to be computed while a window waits."""
    if type(base) is int and type(exponent) is int and exponent > 0 and abs(base) > 1:
        _refuse_beyond((abs(base).bit_length() - 1) * exponent, f"{_short(base)} ** {_short(exponent)}")
    return operator.pow(base, exponent)


def shift(number: Any, places: Any) -> Any:
    """`number << places`, as `power`."""
    if type(number) is int and type(places) is int and number and places > 0:
        _refuse_beyond(number.bit_length() + places, f"{_short(number)} << {_short(places)}")
    return operator.lshift(number, places)


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {"__power__": power, "__shift__": shift}


def _refuse_beyond(bits: int, text: str) -> None:
    if bits > BITS:
        raise OverflowError(
            f"{text} is an integer of {_short(bits)} bits, and while Python computes it nothing can stop it and the "
            f"window stands still; up to {BITS:,} bits are computed here (floats, as 10.0 ** 300, have no such bound)"
        )


def _short(number: int) -> str:
    return f"{number:,}" if number.bit_length() < 100 else f"a number of {number.bit_length():,} bits"


class Guard(ast.NodeTransformer):
    """Has `**` and `<<` of a cell go through the functions above, which change nothing else of them."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = _NAMES.get(type(node.op))
        if name is None:
            return node
        call = ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))
