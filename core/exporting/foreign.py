"""Ops without a spelling, those of plugins above all: in NumPy their own forward serves."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from ..op import Op
from .identifiers import identifier


class Foreign:
    """The forward of an op as a function called `name`; `lines` define or import it."""

    def __init__(self, op: Op, reserved: Iterable[str]) -> None:
        name = base = f"{identifier(op.name, 'op')}_op"
        number = 1
        while name in set(reserved):
            number += 1
            name = f"{base}_{number}"
        self.op = op
        self.name = name
        self.lines = _defined(op, name) or _imported(op, name)


def _defined(op: Op, name: str) -> list[str]:
    """The source of forward alone, where it needs nothing beside NumPy and Python's own; else nothing."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(op.forward)))
    except (OSError, TypeError, SyntaxError):  # typed into a console, or generated
        return []
    (function, *rest) = tree.body
    if rest or not isinstance(function, ast.FunctionDef):
        return []
    function.decorator_list, function.returns, function.name = [], None, name
    given = function.args
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
        if argument is not None:
            argument.annotation = None
    imports = _imports(op.forward, function)
    return [] if imports is None else [*imports, ast.unparse(ast.fix_missing_locations(function))]


def _imports(forward: Any, function: ast.FunctionDef) -> list[str] | None:
    """The modules that the function names, as imports; None where it names anything else from around it."""
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    bound = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    lines = []
    for name in sorted(used - bound - set(dir(builtins))):
        value = inspect.getclosurevars(forward).globals.get(name)
        if not isinstance(value, ModuleType):
            return None
        lines.append(f"import {value.__name__} as {name}" if value.__name__ != name else f"import {name}")
    return lines


def _imported(op: Op, name: str) -> list[str]:
    """The op's module gives it. (Its name is one of Python's: the op was imported by it.)"""
    forward = op.forward
    return [f"from {forward.__module__} import {forward.__name__}", f"{name} = {forward.__name__}.forward"]
