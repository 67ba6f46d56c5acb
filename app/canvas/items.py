"""The items of a scene as arrays: one slot for each node, collapsed group and frame that is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from .anatomy import FRAME, Item
from .batch import Floats
from .grid import Grid
from .nesting import Nesting

Slots = NDArray[np.intp]

_NOWHERE = (np.inf, np.inf, 0.0, 0.0)


class ItemTable:
    """`boxes` (n, 4) are x, y, width, height; `kinds` is 0 where a slot is free."""

    def __init__(self) -> None:
        self.newest = 0  # the highest stamp so far
        self.geometry = 0  # grows whenever something is elsewhere, or of another size
        self.clear()

    def clear(self) -> None:
        self.slots: dict[str, int] = {}
        self.items: list[Item | None] = []
        self.boxes: Floats = np.empty((0, 4))
        self.kinds: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.colours: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.stamps: NDArray[np.int64] = np.zeros(0, np.int64)  # grow when an item looks different
        self.categories: list[str] = []
        self.nesting = Nesting(np.zeros(0, np.intp), [])
        self._free: list[int] = []
        self.grid = Grid()

    def at(self, slot: int) -> Item:
        """The item of a slot that is in use."""
        item = self.items[slot]
        assert item is not None
        return item

    def fill(self, items: list[Item], places: list[tuple[float, float]], parents: list[str | None]) -> None:
        """Take these items in place of all; frames must come with the outer ones first."""
        self.clear()
        self.items = list(items)
        self.slots = {item.id: slot for slot, item in enumerate(items)}
        self.boxes = np.empty((len(items), 4))
        if items:
            self.boxes[:, :2] = places
            self.boxes[:, 2] = [item.width for item in items]
            self.boxes[:, 3] = [item.height for item in items]
        self.kinds = np.array([item.kind for item in items], np.uint8)
        self.colours = np.array([self._colour(item.category) for item in items], np.uint8)
        self.newest += 1
        self.stamps = np.full(len(items), self.newest)
        around = np.array([-1 if parent is None else self.slots[parent] for parent in parents], np.intp)
        self.nesting = Nesting(around, [slot for slot, item in enumerate(items) if item.kind == FRAME][::-1])
        self._lay_out()

    def _lay_out(self) -> None:
        solid = self.solid()
        self.grid.build(solid, self.boxes[solid])
        self.nesting.fit(self.boxes)
        self.geometry += 1

    def _colour(self, category: str) -> int:
        if category not in self.categories:
            self.categories.append(category)
        return self.categories.index(category)

    def solid(self) -> Slots:
        """The slots of nodes, collapsed groups and notes."""
        return np.flatnonzero((self.kinds > 0) & (self.kinds < FRAME))

    # Some items.

    def add_all(self, items: list[Item], places: list[tuple[float, float]], parents: list[str | None]) -> None:
        """Add nodes, notes and groups that are collapsed, each within the frame that is its parent."""
        if not items:
            return
        slots = [self._free.pop() if self._free else self._grow() for _ in items]
        self.slots.update((item.id, slot) for item, slot in zip(items, slots, strict=True))
        self.kinds[slots] = [item.kind for item in items]
        self.colours[slots] = [self._colour(item.category) for item in items]
        boxes = [(*place, item.width, item.height) for item, place in zip(items, places, strict=True)]
        self.boxes[slots] = boxes
        frames: dict[int, None] = {}
        for slot, item, box, parent in zip(slots, items, boxes, parents, strict=True):
            self.items[slot] = item
            self.grid.put(slot, *box)
            self.nesting.put(slot, -1 if parent is None else self.slots[parent])
            frames.update(dict.fromkeys(self.nesting.around(slot)))
        self.touch(np.array(slots, np.intp))
        self._fit(frames)

    def _grow(self) -> int:
        slot = len(self.items)
        self.items.append(None)
        if slot >= len(self.kinds):
            more = max(64, slot // 4)
            self.boxes = np.concatenate([self.boxes, np.full((more, 4), _NOWHERE)])
            self.kinds = np.concatenate([self.kinds, np.zeros(more, np.uint8)])
            self.colours = np.concatenate([self.colours, np.zeros(more, np.uint8)])
            self.stamps = np.concatenate([self.stamps, np.zeros(more, np.int64)])
            self.nesting.grow(more)
        return slot

    def remove_all(self, ids: Iterable[str]) -> None:
        """Show these no more."""
        slots = [self.slots.pop(id) for id in ids]
        frames: dict[int, None] = {}
        for slot in slots:
            self.items[slot] = None
            self.grid.remove(slot)
            frames.update(dict.fromkeys(self.nesting.remove(slot)))
        self.kinds[slots] = 0
        self.boxes[slots] = _NOWHERE
        self._free.extend(slots)
        self._fit(frames)

    def replace_all(self, items: list[Item]) -> Slots:
        """The same nodes, boxes and frames with other ports, texts or sizes; the slots of those of another size."""
        slots = np.array([self.slots[item.id] for item in items], np.intp)
        for slot, item in zip(slots.tolist(), items, strict=True):
            self.items[slot] = item
        self.touch(slots)
        sizes = np.array([(item.width, item.height) for item in items])
        solid = self.kinds[slots] != FRAME  # a frame is as large as what it holds asks for
        other: Slots = slots[solid & (self.boxes[slots, 2:] != sizes).any(axis=1)]
        self.boxes[slots[solid], 2:] = sizes[solid]
        frames: dict[int, None] = {}
        for slot, box in zip(other.tolist(), self.boxes[other].tolist(), strict=True):
            self.grid.put(slot, *box)
            frames.update(dict.fromkeys(self.nesting.around(slot)))
        self._fit(frames)
        return other

    def touch(self, slots: int | Slots) -> None:
        """These look different now."""
        self.newest += 1
        self.stamps[slots] = self.newest

    def move(self, places: Mapping[int, tuple[float, float]]) -> None:
        """Put items elsewhere; frames follow what they hold."""
        frames: dict[int, None] = {}
        for slot, place in places.items():
            self.boxes[slot, :2] = place
            if self.kinds[slot] == FRAME:
                frames[slot] = None
            else:
                self.grid.put(slot, *self.boxes[slot].tolist())
            frames.update(dict.fromkeys(self.nesting.around(slot)))
        self._fit(frames)

    def _fit(self, frames: Collection[int]) -> None:
        if frames:
            self.nesting.fit(self.boxes, frames)
        self.geometry += 1
