"""What is shown in the place of the data: one sample that somebody tries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...core.evaluating import Asked
from ...core.graph import Source

if TYPE_CHECKING:
    from .live import Live

Array = np.ndarray[Any, Any]


class Fed(NamedTuple):
    """Arrays in the place of what dataset nodes give; `values` of parameters by id are those of a run at `iteration`,
    in the place of the document's own.
    """

    arrays: Mapping[Source, Array]
    values: Mapping[str, Array] = MappingProxyType({})
    iteration: int = 0

    def equals(self, other: Fed) -> bool:
        """Whether the same would be computed with another."""
        same = self.arrays.keys() == other.arrays.keys() and self.iteration == other.iteration
        return same and all(other.arrays[source] is array for source, array in self.arrays.items())

    def into(self, asked: Asked) -> Asked:
        """What is to be computed with them. Versions of the values of a run are below 0: no document has such."""
        values = {id: value for id, value in self.values.items() if id in asked.graph.nodes}
        versions = dict.fromkeys(values, -1 - self.iteration)
        return asked._replace(
            fed=self.arrays, values={**asked.values, **values}, versions={**asked.versions, **versions}
        )


class Feeding:
    """Of one `Live`: what it is to show in the place of the data."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.now: Fed | None = None

    def show(self, fed: Fed | None) -> None:
        """Compute the graph for this, None: for its data again; once also where Live is off."""
        if fed is not self.now:
            self.now, refreshing = fed, self._live.refreshing
            (refreshing.schedule if self._live.enabled else refreshing.ask)()
            self._live.changed.emit()

    @property
    def shown(self) -> bool:
        """Whether what was computed last is of what was fed."""
        result = self._live.computed.result
        return result is not None and bool(result.asked.fed)

    def into(self, asked: Asked) -> Asked:
        """What is to be computed with it."""
        return asked if self.now is None else self.now.into(asked)
