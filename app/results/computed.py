"""What one evaluation gave, and what of it still holds for the document as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from ...core.evaluating import Evaluated, Root
from ...core.graph import Graph, Source
from ...core.ops import Registry
from ...core.session import Session
from ...core.stepping import Timeline, lay_out
from ...core.stepping.cuts import Cut, Cuts
from .origin import Origin
from .staleness import Staleness

Array = np.ndarray[Any, Any]


class Computed:
    """The result of an evaluation; without one, nothing is known, and nothing is stale.

    `timeline` lays it out in time, to be called beside the window: a large graph takes longer than a frame.
    """

    def __init__(self, result: Evaluated | None = None, origin: Origin | None = None, registry: Registry | None = None):
        self.result, self.begun = result, origin
        self.errors: Mapping[str, str] = MappingProxyType({}) if result is None else result.failures
        self.roots = () if result is None else result.roots
        self.refusal = "" if result is None else result.gradients.error or ""  # why there are no gradients
        self.timeline: Callable[[], Timeline] | None = None
        self._stale: Staleness | None = None
        self._cuts: Cuts | None = None
        self.registry = registry
        if result is not None and registry is not None:
            self.timeline = cache(lambda: lay_out(result, registry))
            self._stale, self._cuts = Staleness(result.asked), Cuts(result, registry)

    def value(self, source: Source) -> Array | None:
        return None if self.result is None else self.result.value(source)

    def gradient(self, source: Source) -> Array | None:
        return None if self.result is None else self.result.gradient(source)

    def contributions(self, source: Source) -> list[tuple[str, str, Array]]:
        return [] if self.result is None else self.result.contributions(source)

    def cut(self, source: Source) -> Cut | None:
        """What keeps the gradient from a value on which the root depends."""
        return None if self._cuts is None else self._cuts[source]

    def is_stale(self, session: Session, id: str) -> bool:
        """Whether a node was computed of another graph, or of other values, than the session has."""
        return self._stale is not None and self._stale.is_stale(session, id)

    def gradients_are_stale(self, session: Session, chosen: tuple[Root, ...]) -> bool:
        """Whether the gradients are those of other roots than the `chosen` ones, or of one that has changed."""
        result = self.result
        if result is None:
            return False
        asked_otherwise = result.asked.roots != chosen or _loss(result.asked.graph) != _loss(session.graph)
        return asked_otherwise or any(self.is_stale(session, root.node) for root in result.roots)

    def origin(self, session: Session, pending: bool) -> Origin | None:
        """Where NaN or infinity begins; None where that is of an earlier graph and no new result is `pending`."""
        begun = self.begun
        if begun is None or begun.node not in session.graph.nodes:
            return None
        return begun if pending or not self.is_stale(session, begun.node) else None


def _loss(graph: Graph) -> str | None:
    return None if graph.training is None else graph.training.loss
