"""What a scene shows is an editor as it is now, or as it was at one moment: what painting asks of either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ...core.graph import Graph, Source
from ...core.infer import Problem
from ...core.ops import Registry
from ..results.origin import Origin


class Refused(Protocol):
    """What an evaluation refused."""

    def errors(self) -> Mapping[str, str]:
        """Why nodes have no value though a check finds nothing wrong with them, by id."""

    @property
    def origin(self) -> Origin | None:
        """Where NaN or infinity begins."""


class Seen(Protocol):
    """What is shown, and what is known of it; see `Editor`."""

    @property
    def graph(self) -> Graph: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def group(self) -> str | None: ...
    @property
    def shapes(self) -> Mapping[Source, str]: ...
    @property
    def problems(self) -> tuple[Problem, ...]: ...
    @property
    def selection(self) -> frozenset[str]: ...
    @property
    def active(self) -> str | None: ...
    @property
    def live(self) -> Refused: ...
