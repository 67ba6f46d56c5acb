"""The rules of an op as they stand in the code, with the functions that they call."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from ..op import Op

# Modules of helpers that only count, check and bring to shape: what is multiplied and added stands elsewhere.
_SHAPES = ("_rules", "_windows", "shapes")


def rule_text(rule: Callable[..., Any] | None, name: str) -> str | None:
    """The source of a rule under the name `name`, without decorators and docstring; None where it is not there."""
    if rule is None:
        return None
    try:
        text = textwrap.dedent(inspect.getsource(rule))
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError):  # compiled away, or a lambda within another line
        return None
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), None)
    if function is None:
        return None
    lines = text.splitlines()
    first, last = function.lineno, function.end_lineno or function.lineno
    drop: set[int] = set()
    body = function.body[0]
    if isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant) and isinstance(body.value.value, str):
        drop = set(range(body.lineno, (body.end_lineno or body.lineno) + 1))
    kept = [lines[i - 1] for i in range(first, last + 1) if i not in drop]
    kept[0] = kept[0].replace(f"def {function.name}(", f"def {name}(", 1)
    return "\n".join(line.replace(": Any", "").replace(" -> Any", "") for line in kept)


def gradient_code(op: Op) -> str | None:
    """The rule of an op's gradients and below it the functions that it is made of; None where it is not there."""
    return whole_code(op.vjp_rule, "gradients")


def whole_code(rule: Callable[..., Any] | None, name: str) -> str | None:
    """A rule under the name `name` and below it the functions that it is made of; None where it is not there."""
    text = rule_text(rule, name)
    if rule is None or text is None:
        return None
    helpers = (rule_text(helper, helper.__name__) for helper in _called(rule))
    return "\n\n".join([text, *filter(None, helpers)])


def _called(rule: Callable[..., Any]) -> list[FunctionType]:
    """The functions of the rule's own package that it calls, and that these call, but for those of shapes."""
    package = rule.__module__.rpartition(".")[0] or rule.__module__
    found: list[FunctionType] = []
    waiting: list[Any] = [rule]
    while waiting:
        function = waiting.pop(0)
        for name in _names(getattr(function, "__code__", None)):
            value = function.__globals__.get(name)
            if isinstance(value, FunctionType) and value not in found and _computes(value, package):
                found.append(value)
                waiting.append(value)
    return found


def _computes(function: FunctionType, package: str) -> bool:
    module = function.__module__
    of_shapes = module.rpartition(".")[2] in _SHAPES or function.__name__.startswith("check_")
    return module.startswith(package) and not of_shapes


def _names(code: CodeType | None) -> Iterator[str]:
    """The names that code looks up, that of the functions within it too."""
    if code is not None:
        yield from code.co_names
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from _names(constant)
