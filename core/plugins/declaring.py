"""Which plugin that is not loaded would bring an op: by the text of its files, of which nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from .loading import LOADED, Plugin, plugins

MOST, LARGEST = 200, 1_000_000  # files of a plugin that are read, and bytes of one


def declaring(name: str) -> Plugin | None:
    """The plugin that is not loaded and whose files declare an op called `name`, None where there is none."""
    waiting = (plugin for plugin in plugins() if plugin.state != LOADED)
    return next((plugin for plugin in waiting if any(_declares(text, name) for text in _texts(plugin))), None)


def _texts(plugin: Plugin) -> Iterator[str]:
    place = Path(plugin.folder) if plugin.folder else None
    files = [] if place is None else [place] if place.is_file() else sorted(islice(place.rglob("*.py"), MOST))
    for file in files:
        with suppress(OSError, ValueError):  # ValueError: it is no UTF-8
            if file.stat().st_size <= LARGEST:
                yield file.read_text("utf-8")


def _declares(text: str, name: str) -> bool:
    """Whether a function of this name is made an op there."""
    if not re.search(rf"\bdef {re.escape(name)}\b", text):
        return False
    with suppress(SyntaxError, ValueError, RecursionError):
        functions = (each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef))
        return any(each.name == name and any(map(_is_op, each.decorator_list)) for each in functions)
    return False


def _is_op(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "attr", getattr(called, "id", "")) == "op"
