"""How long values and gradients live where a framework keeps only what is still read.

Nothing is freed here, where all is shown; it is said when a framework would have freed it. A value lives until the
last op has taken it and the last step back has used it. A gradient lives until the step back of its node is done; that
of a leaf (a parameter, an input), or one that is kept, to the end, and that of a parameter on into the next iteration,
until gradients are set to zero. What is given (parameters, data) and what comes out (the root, what no op takes) is
held by who gave it or asks for it. Room that a rule needs only while it runs is not counted, nor what an optimiser
remembers; updates are in place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from ..graph import Source
from .room import Room, Span
from .timeline import Array, Cursor, Step, Timeline
from .uses import Uses

FLAG = "keep"  # of nodes whose gradient is kept


class Fate(Enum):
    """What has become of a value, or of a gradient."""

    NOT_MADE = "not made"
    IN_USE = "in use"
    SAVED = "saved for backward"
    FREED = "freed"
    NOT_NEEDED = "not needed"  # a gradient that leads to none that is asked for: a framework does not compute it


class Life(NamedTuple):
    """Of a value or gradient: the step that makes it, those that read it, and after which it is freed.

    `forward` are ops that take a value, `backward` the steps back that use it; `freed` is None where it is not.
    """

    made: int
    forward: tuple[int, ...] = ()
    backward: tuple[int, ...] = ()
    freed: int | None = None


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """Of one iteration, where the gradients of the nodes `kept` are kept beside those of leaves."""

    timeline: Timeline
    kept: frozenset[str] = frozenset()

    @cached_property
    def uses(self) -> Uses:
        """What reads what."""
        return Uses(self.timeline, self.kept)

    def at(self, cursor: Cursor) -> Memory:
        """What has become of everything at a moment."""
        return Memory(self, cursor)

    # Values.

    @cached_property
    def values(self) -> Mapping[int, Life]:
        """By tensor, those included that are made within a node and shown nowhere."""
        uses, made_at = self.uses, self.timeline.made_at
        found = {}
        for slot in uses.arrays:
            made, forward = made_at[uses.owners[slot]], uses.forward.get(slot, ())
            backward = uses.backward.get(slot, ())
            freed = None if slot in self._held else max((made, *forward, *backward))
            found[slot] = Life(made, forward, backward, freed)
        return found

    @cached_property
    def _held(self) -> frozenset[int]:
        """The tensors whose values somebody holds: what is given, roots, and what no op takes."""
        run, uses = self.timeline.run, self.uses
        graph, held = run.asked.graph, {run.tensors[root].slot for root in run.roots if root in run.tensors}
        for tensor in run.tensors.values():
            if not graph.inputs(uses.owners[tensor.slot]) or tensor.slot not in uses.forward:
                held.add(tensor.slot)
        return frozenset(held)

    # Gradients.

    @cached_property
    def gradients(self) -> Mapping[int, Life]:
        """By tensor, of those that are shown and needed."""
        found = {}
        for source, tensor in self.timeline.run.tensors.items():
            if tensor.slot in self.uses.asked and tensor.slot not in found:
                arrived = [step for step, _, _ in self.arrived_at(tensor.slot)]
                if arrived:
                    found[tensor.slot] = self._life_of_gradient(source, tensor.slot, arrived)
        return found

    def _life_of_gradient(self, source: Source, slot: int, arrived: Sequence[int]) -> Life:
        owner = self.uses.owners[slot]
        back = tuple(step for step in (self.timeline.back_at.get(owner),) if step is not None)
        if slot in self.uses.leaves:
            return Life(arrived[0], (), back)
        return Life(arrived[0], (), back, max((*arrived, *back)))

    def arrived_at(self, slot: int) -> list[tuple[int, int, Array]]:
        """What arrives at a tensor: the step, after how many of its micro-steps, and what."""
        timeline = self.timeline
        found = [(step, micros, delivery.value) for step, micros, delivery in timeline.arrivals.get(slot, ())]
        if slot in timeline.starts:
            step, start = timeline.starts[slot]
            found.append((step, 1, start.value))
        return sorted(found, key=lambda arrival: arrival[:2])

    # Bytes.

    @cached_property
    def room(self) -> Room:
        """The bytes in use."""
        return Room.of([*self._of_values(), *self._of_gradients()], len(self.timeline.steps))

    def _of_values(self) -> Iterator[Span]:
        for slot, life in self.values.items():
            yield Span(self.uses.arrays[slot], life.made, 1, self._last(life.freed))

    def _of_gradients(self) -> Iterator[Span]:
        """Where several parts arrive, each is added to their sum when it does."""
        totals = self.timeline.run.gradients.totals
        for slot, life in self.gradients.items():
            (step, micros, first), *more = arrived = self.arrived_at(slot)
            owner = self.uses.owners[slot]
            added = owner in self.timeline.left and self.timeline.zeroed_at is None  # to what stands there already
            last = arrived[-1][0] if added else self._last(life.freed)
            yield Span(first, step, micros, more[0][0] if more else last)
            for later, after, part in more:
                yield Span(part, later, after, later)
            if more:
                yield Span(totals[slot], *more[0][:2], last)
        for parts in self.timeline.left.values():
            yield Span(parts[-1].value, 0, 1, self._last(self.timeline.zeroed_at))
        for slot in self.uses.asked - self.gradients.keys():  # of what is made within a node
            back = self.timeline.back_at.get(self.uses.owners.get(slot, ""))
            if back is not None:
                yield Span(totals[slot], back, len(self.timeline.steps[back].micros), back)

    def _last(self, freed: int | None) -> int:
        return len(self.timeline.steps) if freed is None else freed

    def freed_after(self, step: int) -> tuple[list[Source], list[Source]]:
        """The values, and the gradients, that nothing reads any more once a step is done."""
        return self._freed[0].get(step, []), self._freed[1].get(step, [])

    @cached_property
    def _freed(self) -> tuple[Mapping[int, list[Source]], Mapping[int, list[Source]]]:
        tables: tuple[dict[int, list[Source]], ...] = (defaultdict(list), defaultdict(list))
        seen: tuple[set[int], ...] = (set(), set())
        for source, tensor in self.timeline.run.tensors.items():
            for lives, table, known in zip((self.values, self.gradients), tables, seen, strict=True):
                life = lives.get(tensor.slot)
                if life is not None and life.freed is not None and tensor.slot not in known:
                    known.add(tensor.slot)
                    table[life.freed].append(source)
        return tables[0], tables[1]


class Memory(NamedTuple):
    """What has become of everything at a moment."""

    lifetimes: Lifetimes
    cursor: Cursor

    @property
    def bytes(self) -> int:
        """In use now."""
        return self.lifetimes.room.at(self.cursor)

    def value(self, source: Source) -> Fate:
        """What has become of a value."""
        life = self._life(self.lifetimes.values, source)
        if life is None or life.made >= self.cursor.step:
            return Fate.NOT_MADE
        if life.freed is None or any(step >= self.cursor.step for step in life.forward):
            return Fate.IN_USE
        return Fate.SAVED if self.saved_for(source) else Fate.FREED

    def saved_for(self, source: Source) -> tuple[str, ...]:
        """The nodes whose steps back are still to use a value, in their order."""
        life, timeline = self._life(self.lifetimes.values, source), self.lifetimes.timeline
        coming = () if life is None else (step for step in life.backward if step >= self.cursor.step)
        return tuple(str(timeline.steps[step].node) for step in coming)

    def gradient(self, source: Source) -> Fate:
        """What has become of a gradient."""
        life, lifetimes = self._life(self.lifetimes.gradients, source), self.lifetimes
        tensor = lifetimes.timeline.run.tensors.get(source)
        if life is None:
            gone = tensor is not None and tensor.slot in lifetimes.timeline.run.gradients.totals
            return Fate.NOT_NEEDED if gone else Fate.NOT_MADE
        assert tensor is not None
        first = lifetimes.arrived_at(tensor.slot)[0][:2]
        if not (first[0] < self.cursor.step or (first[0] == self.cursor.step and first[1] <= self.cursor.micro)):
            return Fate.NOT_MADE
        return Fate.FREED if life.freed is not None and life.freed < self.cursor.step else Fate.IN_USE

    def _life(self, lives: Mapping[int, Life], source: Source) -> Life | None:
        tensor = self.lifetimes.timeline.run.tensors.get(source)
        return None if tensor is None else lives.get(tensor.slot)

    def freed_after(self, source: Source) -> Step | None:
        """The step after which a value is freed; None where it is not."""
        life = self._life(self.lifetimes.values, source)
        return None if life is None or life.freed is None else self.lifetimes.timeline.steps[life.freed]

    def needed_again(self, source: Source) -> bool:
        """Whether a value was saved for the way back and is freed: going back a second time would miss it."""
        life = self._life(self.lifetimes.values, source)
        return life is not None and bool(life.backward) and self.value(source) is Fate.FREED

    def is_leaf(self, source: Source) -> bool:
        """Whether a gradient is kept without being asked to, as that of a parameter is."""
        tensor, uses = self.lifetimes.timeline.run.tensors.get(source), self.lifetimes.uses
        return tensor is not None and tensor.slot in uses.leaves and uses.owners[tensor.slot] not in uses.kept


def kept_in(timeline: Timeline) -> frozenset[str]:
    """The nodes of a timeline's graph that say that their gradient is kept."""
    return frozenset(id for id, node in timeline.run.asked.graph.nodes.items() if FLAG in node.flags)
