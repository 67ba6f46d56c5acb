"""Further walks back over what a run has recorded: from any gradients that are put in anywhere, to one value.

A walk back is linear in the gradients that it starts from. So what a gradient is made of can be found by starting it
with a part of what the run itself started with, or by letting it through some records only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..differentiate import TapeWorld
from ..evaluating import Evaluated
from ..records import Record
from ..reverse import Contribution, Parts, Walk, reached
from ..tape import Tensor, history, records
from .timeline import Array


class Hop(NamedTuple):
    """One step of a way from a value to the root: through which port of which node it goes on."""

    node: str
    port: str


def taken(record: Record) -> list[int]:
    """The slots of the tensors that a record takes."""
    return [arg.slot for arg in record.args if isinstance(arg, Tensor)]


class _Watched(TapeWorld):
    """The tape as a world that stops a walk when it is no longer wanted."""

    def __init__(self, cancelled: Cancelled) -> None:
        super().__init__(traced=False)
        self.cancelled = cancelled

    def enter(self, record: Record | None, slot: int | None) -> None:
        if self.cancelled():
            raise Stopped


class Pull:
    """Walks back to the tensor `target` of a run, from the gradients that the run started with, by the slots of its
    roots; or where `root` is given from that tensor, started with `start` or else with ones. They raise `Stopped` when
    cancelled.

    `records` are those that made the roots, from the last to the first; `active` the slots that depend on the target.
    """

    def __init__(
        self,
        run: Evaluated,
        target: Tensor,
        root: Tensor | None = None,
        cancelled: Cancelled = never,
        start: Array | None = None,
    ) -> None:
        self.run = run
        self.target = target
        self.world = _Watched(cancelled)
        self.starts: Mapping[int, Array]
        if root is None:
            self.starts = run.gradients.starts
            self.records = [record for record, _, _ in run.gradients.walked]
        else:
            self.starts = {root.slot: np.ones(root.shape, root.dtype) if start is None else start}
            self.records = [Record._make(r) for r in records(reversed(history([root])), traced=False)]
        self.active = reached(reversed(self.records), {target.slot})
        self.nodes: dict[int, str] = {}  # by slot the node whose value it is
        for source, tensor in run.tensors.items():
            self.nodes.setdefault(tensor.slot, source.node)

    def back(self, given: Mapping[int, Sequence[Array]], through: Iterable[Record] | None = None) -> Array | None:
        """The gradient of the target from gradients `given` by slot; None where none of it arrives.

        `through` are the records that are walked, in their order; None: all.
        """
        return self.walk(given, through, {self.target.slot}).get(self.target.slot)

    def walk(
        self,
        given: Mapping[int, Sequence[Array]],
        through: Iterable[Record] | None = None,
        keep: Iterable[int] = (),
        parts: Parts | None = None,
    ) -> dict[int, Any]:
        """As `back`, the gradients of `keep`. In `parts`, by slot, is gathered what each port delivers there."""
        ledger = {slot: list(arrays) for slot, arrays in given.items() if slot in self.active}
        with np.errstate(all="ignore"):
            walk = Walk(ledger, set(keep), self.active, parts, self.world)
            return walk.back(self.records if through is None else through)

    def through(self, record: Record, slot: int, given: Array, every: bool = False) -> list[tuple[int, Contribution]]:
        """What one record makes of a gradient `given` for its result `slot`: by slot what it delivers there.

        To the values that depend on the target, or else to `every` one.
        """
        parts: Parts = {arg: [] for arg in taken(record)}
        with np.errstate(all="ignore"):
            Walk({slot: [given]}, (), None if every else self.active, parts, self.world).back([record])
        return [(arg, part) for arg, found in parts.items() for part in found]

    @property
    def given(self) -> dict[int, list[Array]]:
        """What the gradients start with, as `walk` takes it."""
        return {slot: [start] for slot, start in self.starts.items()}

    @cached_property
    def delivered(self) -> Parts:
        """By slot what each port delivers there."""
        parts: Parts = {slot: [] for slot in self.active}
        self.walk(self.given, parts=parts)
        return parts

    def hop(self, part: Contribution) -> Hop | None:
        """The node and port that delivered `part`: a cast, which no node of the graph is, stands for the port."""
        record = part.record
        node = next((self.nodes[slot] for slot in record.slots if slot in self.nodes), None)
        if node is not None:
            return Hop(node, record.op.port_name(part.position))
        onward = self.delivered.get(record.slot)
        return self.hop(onward[0]) if onward else None
