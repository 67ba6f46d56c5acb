"""How lines of Python are written: values as literals, nodes and groups by path or by the variable that holds them."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, NamedTuple

import numpy as np

from ...graph import GraphView
from ..by_name import GraphByName
from ..handles import GroupHandle
from ..setting import FLAG_NAMES

_OWN = frozenset({*dir(GroupHandle), *FLAG_NAMES})  # what these mean at a group is not what lies within
_AT_TOP = frozenset(dir(GraphByName))
_TAKEN = frozenset(dir(builtins))
Ids = Callable[[str], str]


class Thing(NamedTuple):
    """A node or group, by its id."""

    id: str


class Output(NamedTuple):
    """One output of a node; without `name` its only one."""

    id: str
    name: str


class Port(NamedTuple):
    """A port of a node."""

    id: str
    name: str


def literal(value: Any) -> str:
    """A value of parameters as Python; infinities and NaN by NumPy's names."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, float) and not np.isfinite(value):
        return "np.nan" if np.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """A text as Python, in the quotes that most write."""
    inner = repr(text)[1:-1]
    return repr(text) if '"' in text else '"' + inner.replace("\\'", "'") + '"'


def place(at: tuple[float, float]) -> tuple[float, float]:
    """A place in whole numbers where it is one."""
    x, y = (int(each) if each == int(each) else each for each in at)
    return x, y


def short(array: np.ndarray[Any, Any]) -> Any:
    """An array as nested lists of the shortest numbers that are its own in its dtype."""
    if array.ndim:
        return [short(part) for part in array]
    return float(str(array)) if array.dtype.kind == "f" else array.item()


@dataclass
class Variables:
    """Which variable holds which node or group, by id; `taken` are names that mean something else."""

    taken: frozenset[str] = frozenset()
    by_id: dict[str, str] = field(default_factory=dict)

    def name(self, id: str, called: str) -> str:
        """A variable for what is made now."""
        base = re.sub(r"\W", "_", called, flags=re.ASCII).lower()
        base = base if base.isidentifier() and not iskeyword(base) and base not in _TAKEN | self.taken else f"_{base}"
        base = f"made{base}" if base.startswith("_") else base
        used = {name for other, name in self.by_id.items() if other != id}  # it may have been undone, and made anew
        name, count = base, 1
        while name in used:
            count += 1
            name = f"{base}_{count}"
        self.by_id[id] = name
        return name


class Speller:
    """Writes the arguments of lines, by the graph as it stands before each.

    `here` gives the id that something has in that graph, `back` the one by which variables are known.
    """

    def __init__(self, view: GraphView, variables: Variables, here: Ids = str, back: Ids = str) -> None:
        self._view, self._variables, self._here, self._back = view, variables, here, back

    def holder(self, id: str) -> str | None:
        """The expression for what is held by a variable, or lies within such a group; None for what was there."""
        names: list[str] = []
        here: str | None = self._here(id)
        while here is not None:
            variable = self._variables.by_id.get(self._back(here))
            if variable is not None:
                return variable + self._inside(names)
            item = self._view.item(here)
            names.insert(0, item.name)
            here = item.group
        return None

    @staticmethod
    def _inside(names: list[str]) -> str:
        if all(_plain(name) and name not in _OWN for name in names):
            return "".join(f".{name}" for name in names)
        return f"[{quoted('/'.join(names))}]"

    def path(self, id: str) -> str:
        """The path of what was there, as it is called now."""
        return self._view.path(self._here(id))

    def handle(self, id: str) -> str:
        """An expression with attributes: `g.fc1.weight`, `relu1`."""
        held, path = self.holder(id), self.path(id)
        if held is not None:
            return held
        first, *rest = path.split("/")
        if _plain(first) and first not in _AT_TOP and all(_plain(name) and name not in _OWN for name in rest):
            return f"g.{path.replace('/', '.')}"
        return f"g[{quoted(path)}]"

    def text(self, value: Any) -> str:
        """An argument: a path or a variable for what stands for something in the graph, else a literal."""
        if isinstance(value, Thing):
            return self.holder(value.id) or quoted(self.path(value.id))
        if isinstance(value, Output):
            held = self.holder(value.id)
            if held is None:
                return quoted(f"{self.path(value.id)}.{value.name}" if value.name else self.path(value.id))
            if value.name and not (_plain(value.name) and value.name not in _OWN):
                return f'f"{{{held}.path}}.{value.name}"'
            return f"{held}.{value.name}" if value.name else held
        if isinstance(value, Port):
            held = self.holder(value.id)
            return quoted(f"{self.path(value.id)}.{value.name}") if held is None else f'f"{{{held}.path}}.{value.name}"'
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.text(key)}: {self.text(each)}" for key, each in value.items()) + "}"
        if isinstance(value, list):
            return f"[{', '.join(map(self.text, value))}]"
        return literal(value)


def _plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not iskeyword(name) and not name.startswith("_")
