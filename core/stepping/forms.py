"""The forms of expressions: what a text may be made of, and why one cannot be read."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import GradwireError
from ..files.strict_json import shorten
from .functions import FUNCTIONS, PATH, listed, many, spelled
from .timeline import PHASES

LONGEST = 500  # characters of an expression
DEEPEST = 100  # of its parts within each other
MOST_PATHS = 20
LISTS = ("contributions", "contribs")  # of which there are as many as the graph has
FIELDS = ("value", "grad", "via", "contrib", "contributions", "contribs")
FITS = (
    "what fits: x.value; x.grad; x.via.sin or x.contrib['sin'], what sin brings back; x.contribs, all of these; "
    'path(x, loss); mlp/linear/weight.grad; node("my node").grad; rms(w.grad) > 10; any(w > 1); '
    'ratio(w) < 1e-4 or nonfinite(loss); phase == "backward"; op == "relu"; iteration > 3'
)
ITERATION = "iteration"  # its number; a node that is called so comes first
PHASE, OP = "phase", "op"  # of the step that was done last: texts, with which no more can be done than to compare them
WORDS = PHASE, OP
BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
COMPARISONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FORMS = (ast.Name, ast.Attribute, ast.BoolOp, ast.operator, ast.boolop, ast.cmpop, ast.unaryop, ast.expr_context)
_SIGNS = (ast.Not, ast.UAdd, ast.USub)
_LONG_NAME = re.compile(r"node\('([^'\\]*/[^'\\]*)'\)")


class ExpressionError(GradwireError):
    """An expression that cannot be read, or that means nothing where it stands."""


def read(text: str) -> ast.expr:
    """The tree of an expression. Raises `ExpressionError` for one that has another form than those here."""
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST} characters, got {len(text):,}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        hint = _as_call(text) or FITS
        raise ExpressionError(f"{shorten(repr(text))} is no expression{_where(text, error)}", hint=hint) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"{shorten(repr(text))} is no expression", hint=FITS) from None
    _refuse_deep(tree)
    for node in ast.walk(tree):
        _check(node)
    if _is_text(tree):
        raise ExpressionError(f"{told(tree)} is a text, and no value", hint='node("my node")')
    return tree


def told(tree: ast.AST) -> str:
    """A part of an expression as it is written, in a line that is not too long."""
    return shorten(_LONG_NAME.sub(r"\1", ast.unparse(tree))) or type(tree).__name__


def is_path(tree: ast.AST) -> bool:
    """Whether it is `path(…)`."""
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == PATH


def is_word(tree: ast.AST) -> bool:
    """Whether it is `phase == "backward"` or the like."""
    match tree:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq() | ast.NotEq()], comparators=[other]):
            return name in WORDS and _is_text(other)
    return False


def _where(text: str, error: SyntaxError) -> str:
    """Where it cannot be read on, as far as Python's parser tells."""
    text, at = text.strip(), error.offset or 0  # counted from 1; 0 where there is too little
    if error.lineno != 1:
        return ""
    rest = text[at - 1 :] if at else ""
    return f": it cannot be read from {shorten(repr(rest), 20)} on" if rest else ": it ends too early"


def _as_call(text: str) -> str:
    """`nonfinite(x.grad)` for the words `x.grad nonfinite`, as a condition is said; "" of anything else."""
    said, _, name = (part.strip() for part in text.strip().rpartition(" "))
    if FUNCTIONS.get(name) is None or FUNCTIONS[name].takes != 1:
        return ""
    try:
        read(said)
    except ExpressionError:
        return ""
    return f"{name}({said})"


def _refuse_deep(tree: ast.expr) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise ExpressionError(f"an expression has at most {DEEPEST} parts within each other, this one has more")


def _check(node: ast.AST) -> None:
    """Refuse a form that is not known."""
    match node:
        case ast.Constant(value=str()):
            known = True  # where it may stand, what it stands in says
        case ast.Constant(value=(int() | float()) as number):
            known = True
            if abs(number) > 1e308:
                raise ExpressionError(f"{told(node)} is too large for a number", hint="at most 1e308")
        case ast.BinOp(left=left, op=op, right=right):
            known = type(op) in BINARY and not any(map(_is_text, (left, right)))
        case ast.UnaryOp(op=op, operand=operand):
            known = isinstance(op, _SIGNS) and not _is_text(operand)
        case ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=text)]) if is_word(node):
            known = True
            if name == PHASE and text not in PHASES:
                raise ExpressionError(f"there is no phase {shorten(repr(text))}", hint=", ".join(PHASES))
        case ast.Compare(left=left, ops=ops, comparators=others):
            known = all(type(op) in COMPARISONS for op in ops) and not any(map(_is_text, (left, *others)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            known = name == "node" or not any(map(_is_text, args))
            if name not in ("node", PATH) and name not in FUNCTIONS:
                raise ExpressionError(f"there is no function {shorten(repr(name))}", hint=listed())
            _check_count(name, args)
        case ast.Call(func=ast.Attribute(value=value, attr="top"), args=args, keywords=[]) if is_path(value):
            known = True
            if len(args) != 1 or not _is_count(args[0]):
                raise ExpressionError(
                    f"top takes a number of paths from 1 to {MOST_PATHS}", hint="path(x, loss).top(3)"
                )
        case ast.Subscript(value=ast.Attribute(attr=("via" | "contrib")), slice=index):
            known = _is_text(index)
        case _:
            known = isinstance(node, _FORMS)
    if not known:
        raise ExpressionError(f"{told(node)} is no form that is known here", hint=FITS)


def _check_count(name: str, args: Sequence[ast.expr]) -> None:
    """Refuse a function of too many values or too few, as far as their number is seen."""
    if name == PATH and len(args) != 2:
        raise ExpressionError(f"{PATH} takes 2 names, got {len(args)}", hint=f"as in {PATH}(x, loss)")
    if name not in FUNCTIONS or (name == "ratio" and len(args) == 1):  # of a parameter: its update and itself
        return
    takes = FUNCTIONS[name].takes
    lists = [arg for arg in args if _is_list(arg)]
    if takes is not None and lists and not _is_top(lists[0]):
        one = f"{told(lists[0])} is a list of contributions, however many there are"
        raise ExpressionError(f"{name} takes {many(name)}; {one}", hint=f"as in {spelled(name)}")
    if not lists and not (len(args) if takes is None else len(args) == takes):
        raise ExpressionError(f"{name} takes {many(name)}, got {len(args)}", hint=f"as in {spelled(name)}")


def _is_list(node: ast.expr) -> bool:
    """Whether it is all contributions to a gradient, or some paths, and no single value."""
    match node:
        case ast.Attribute(value=ast.Attribute(attr=("via" | "contrib"))):
            return False  # of a node that is called so
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in LISTS
    return _is_top(node)


def _is_top(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "top"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_count(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return type(value) is int and 1 <= value <= MOST_PATHS
