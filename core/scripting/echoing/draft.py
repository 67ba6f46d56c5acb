"""Lines as they are written, each made at once on a draft: what is told has been done, and can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...document import Transaction
from ...graph import Graph, Source
from ...graph.draft import Array, Draft
from ...session import Session
from ..arranging import Arranging
from ..editing import Editing
from ..handles import Item, handle
from ..host import Headless
from ..namespace import Doing
from ..workspace import Workspace
from .spelling import Output, Port, Speller, Thing, Variables, literal


class Drafted:
    """A copy of a document on which lines are made and written down. `ids`: of what a change adds, the ids here."""

    def __init__(self, session: Session, graph: Graph, values: Mapping[str, Array], variables: Variables) -> None:
        self.t = Transaction(Draft(graph, values), session.registry, "Echo")
        self.ids: dict[str, str] = {}
        self._back: dict[str, str] = {}  # the other way
        self.variables = variables
        self.lines: list[str] = []
        self.workspace = Workspace(session, Headless(session))
        self.workspace.edit_within(self.t)
        parts = (Editing(self.workspace), Arranging(self.workspace), Doing(self.workspace))
        self._verbs = {name: getattr(part, name) for part in parts for name in dir(part) if not name.startswith("_")}
        self._speller = Speller(self.t.graph, variables, self.here, self.back)

    def here(self, id: str) -> str:
        """The id that something has in this copy."""
        return self.ids.get(id, id)

    def back(self, here: str) -> str:
        """The id, after the change, of what has this one here."""
        return self._back.get(here, here)

    def call_it(self, id: str, here: str) -> None:
        """Note of something that a change adds which id it has here."""
        self.ids[id] = here
        self._back[here] = id

    def has(self, id: str) -> bool:
        return self.here(id) in self.t.graph.nodes or self.here(id) in self.t.graph.groups

    def source(self, source: Source | None) -> Source | None:
        """A value as it is named here."""
        return None if source is None else Source(self.here(source.node), source.output)

    def call(self, verb: str, *given: Any, makes: str | list[str] = "", **named: Any) -> None:
        """Make and write a line: `verb(*given, **named)`; `makes` is the id of what comes of it, or are the ids."""
        words = [self._speller.text(each) for each in given]
        words += [f"{name}={self._speller.text(each)}" for name, each in named.items()]
        result = self._verbs[verb](
            *map(self._value, given), **{name: self._value(each) for name, each in named.items()}
        )
        line = f"{verb}({', '.join(words)})"
        made = [makes] if isinstance(makes, str) else makes
        if makes:
            results: list[Item] = result if isinstance(result, list) else [result]
            for id, each in zip(made, results, strict=True):
                self.call_it(id, each.id)
            names = [self.variables.name(id, each.name) for id, each in zip(made, results, strict=True)]
            line = f"{', '.join(names)} = {line}"
        self.lines.append(line)

    def set(self, id: str, **parameters: Any) -> None:
        """Set parameters, by an attribute where there is one and it means that."""
        item, said = handle(self.workspace, self.here(id)), self._speller.handle(id)
        ((name, value), *more) = parameters.items()
        usable = name.isidentifier() and not more and not hasattr(type(item), name) and item._within(name) is None
        if usable and name in item.parameters:
            self.assign(id, name, value)
            return
        words = ", ".join(f"{name}={self._speller.text(each)}" for name, each in parameters.items())
        item.set(**{name: self._value(each) for name, each in parameters.items()})
        self.lines.append(f"{said}.set({words})")

    def assign(self, id: str, name: str, value: Any) -> None:
        """Make and write `g.relu1.at = (240, 0)`."""
        line = f"{self._speller.handle(id)}.{name} = {self._speller.text(value)}"
        setattr(handle(self.workspace, self.here(id)), name, self._value(value))
        self.lines.append(line)

    def clear(self, id: str, name: str) -> None:
        """Make and write `del g.relu1.slope`."""
        line = f"del {self._speller.handle(id)}.{name}"
        delattr(handle(self.workspace, self.here(id)), name)
        self.lines.append(line)

    def compute_in(self, dtype: str) -> None:
        """Make and write `g.dtype = "float64"`."""
        self.workspace.edit(f"Compute in {dtype}", lambda t: t.set_dtype(dtype))
        self.lines.append(f"g.dtype = {literal(dtype)}")

    def _value(self, given: Any) -> Any:
        """An argument as it is here."""
        if isinstance(given, Thing):
            return handle(self.workspace, self.here(given.id))
        if isinstance(given, Output):
            path = self.t.graph.path(self.here(given.id))
            return f"{path}.{given.name}" if given.name else path
        if isinstance(given, Port):
            return f"{self.t.graph.path(self.here(given.id))}.{given.name}"
        if isinstance(given, dict):
            return {self._value(key): self._value(each) for key, each in given.items()}
        if isinstance(given, list):
            return [self._value(each) for each in given]
        return given
