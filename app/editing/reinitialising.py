"""Starting parameters anew: from the draw that the graph says, or from another one, which it says from then on."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import GraphView
from .moving import with_interior
from .naming import counted

SEEDS = 100_000  # how many there are to choose from: short enough to be read and typed
DRAWN = ("normal", "uniform", "xavier", "he")  # ways to begin that draw random numbers


def parameters_of(graph: GraphView, ids: Iterable[str]) -> list[str]:
    """The parameters among some nodes and groups, those within the groups too."""
    return [id for id in with_interior(graph, ids) if id in graph.nodes and graph.nodes[id].op == "parameter"]


def drawn(graph: GraphView, ids: Iterable[str]) -> list[str]:
    """Those of them that begin with random numbers."""
    return [id for id in parameters_of(graph, ids) if graph.nodes[id].params.get("init", "zeros") in DRAWN]


def reinitialise_label(graph: GraphView, ids: list[str] | None, seed: bool = False) -> str:
    """`Reinitialise weight`, `Reinitialise weight with a new seed`, `Reinitialise all`."""
    what = "all" if ids is None else counted(graph, ids)
    return f"Reinitialise {what}{' with a new seed' if seed else ''}"


def reinitialise(t: Transaction, ids: Iterable[str]) -> None:
    """Let go of the values that are held for some parameters: they are again what the graph says."""
    held = [id for id in parameters_of(t.graph, ids) if id in t.values]
    if not held:
        raise EditError("reinitialising needs values that were trained or edited, found none: all are as they begin")
    with t.step():
        for id in held:
            t.set_values(id, None)


def reseed(t: Transaction, ids: Iterable[str]) -> None:
    """Draw parameters from another seed, which is written into each of them, so that the draw can be repeated."""
    ids = list(ids)
    chosen = drawn(t.graph, ids)
    if not chosen:
        raise EditError("a new seed needs a parameter that begins with random numbers, found none", hint="init: normal")
    with t.step():
        for id in chosen:
            t.set_values(id, None)
            with t.building(*t.graph.chain(t.graph.item(id).group)):  # a layer stays one: only its draw is another
                t.set_param(id, "seed", secrets.randbelow(SEEDS))
