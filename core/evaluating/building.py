"""Eager steps whose results outlive the run that made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..eager import EagerBuilder
from ..errors import RunError
from ..lower import RANDOM_STATE
from ..op import Aval, Op
from ..records import Record
from ..tape import Tensor, history, records

Array = np.ndarray[Any, Any]
Origins = dict[int, tuple[str | None, str | None]]


def put_in(made: Tensor, value: Array) -> Tensor:
    """A leaf that stands in the place of what was made.

    Where the value is the same it is the very array: in one of another layout later sums would have other last bits.
    Raises `RunError` for a value of another shape.
    """
    old = np.asarray(made.value)
    if np.shape(value) != old.shape:
        raise RunError(f"what is put in must have the shape {old.shape}, got {np.shape(value)}")
    new = np.empty_like(old)
    new[...] = value
    leaf = Tensor(0.0)
    leaf.value = made.value if new.tobytes() == old.tobytes() else new
    return leaf


class CachedBuilder(EagerBuilder):
    """Computes as eager runs do, and gives the records in the order in which a run of the whole graph makes them.

    A tensor that was kept is older than one that was computed anew before it in the graph.
    """

    def __init__(self, identity: Op | None, state: Array) -> None:
        super().__init__({}, {})
        self.identity = identity
        self.random = {RANDOM_STATE: state}
        self.cancelled: Cancelled = never
        self.rank: Mapping[str, int] = {}
        self.at: str | None = None  # the node whose rule of the gradient is applied

    def supply(self, feeds: Mapping[str, Array], state: Mapping[str, Array]) -> None:
        """What the next node reads."""
        self.feeds, self.state = {**self.random, **feeds}, state
        self.sources, self.origins = {}, {}

    def _leaf(self, name: str, aval: Aval, held: Mapping[str, Any]) -> Tensor:
        tensor = super()._leaf(name, aval, held)
        if name != RANDOM_STATE:
            del self._given[name]
        return tensor

    def apply(self, op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        if op.effect and self.identity is not None:  # nothing is printed at each change
            op, args, params = self.identity, args[:1], {}
        return super().apply(op, args, params)

    def records(self, roots: Any = ()) -> list[Record]:
        made = sorted(history(roots), key=self._place)
        return [Record._make(record) for record in records(made, traced=False)]

    def _place(self, tensor: Tensor) -> tuple[int, int]:
        slot = tensor.slot if tensor.results is None else tensor.results[0]
        node = self.origins.get(slot, (None, None))[0]
        return -1 if node is None else self.rank[node], slot

    def enter(self, record: Record | None, slot: int | None) -> None:
        if self.cancelled():
            raise Stopped
        self.at = None if record is None or slot is not None else self.origin(record)[0]
