"""What is wrong with a graph, one thing each: where, what was required and found, and what would fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..errors import GradwireError, Refusals
from ..graph import Graph


class Problem(NamedTuple):
    """One thing that is wrong: at which node (an id) and port, what was required and found, and what would fit.

    `others` are ports of the node that are concerned as much, each with what would fit there.
    """

    node: str | None
    port: str | None
    message: str
    hint: str | None = None
    others: tuple[tuple[str, str], ...] = ()

    @property
    def ports(self) -> frozenset[str]:
        """All ports that are concerned."""
        return frozenset([port for port, _ in self.others] + ([self.port] if self.port is not None else []))

    def advice(self, port: str | None = None) -> str:
        """What would fit: at one port where that is known, else wherever it is."""
        for other, fits in self.others:
            if other == port:
                return fits
        if self.port is not None and port == self.port:
            return self.hint or ""
        return ", or ".join(filter(None, [self.hint, *(fits for _, fits in self.others)]))

    @property
    def told(self) -> str:
        """What is wrong, and wherever it is known what would fit."""
        advice = self.advice()
        return self.message + (f" ({advice})" if advice else "")

    def text(self, graph: Graph) -> str:
        """One line, with the node's path."""
        place = ""
        if self.node is not None and self.node in graph.nodes:
            place = f"{graph.path(self.node)}{f'.{self.port}' if self.port else ''}: "
        return place + self.message + (f" ({self.hint})" if self.hint else "")


def problems_of(error: GradwireError, node: str | None = None) -> list[Problem]:
    """What `error` tells and what was found together with it, at `node` where it does not say where itself."""
    return [
        Problem(each.node or node, each.port, each.message, each.hint, getattr(each, "others", ()))
        for each in error.each
    ]


def refuse(problems: Iterable[Problem], graph: Graph) -> None:
    """Raise all that is wrong with `graph` as one `GradwireError`, nothing where nothing is."""
    refusals = Refusals()
    for problem in problems:
        refusals.add(GradwireError(problem.text(graph), node=problem.node, port=problem.port))
    refusals.raise_any()
