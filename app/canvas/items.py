"""The items of a scene as arrays: one slot for each node, collapsed group and frame that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from .anatomy import FRAME, Item
from .batch import Floats
from .grid import Grid

Slots = NDArray[np.intp]

FRAME_SIDE, FRAME_TOP = 18.0, 34.0  # between a frame and what it holds
EMPTY_FRAME = (220.0, 120.0)
_NOWHERE = (np.inf, np.inf, 0.0, 0.0)


class Framing:
    """Frames and what they hold, for `ItemTable`."""

    boxes: Floats
    parents: NDArray[np.intp]
    frames: list[int]  # the innermost first
    _members: dict[int, set[int]]

    def chain(self, slot: int) -> list[int]:
        """A frame and those around it, the innermost first; empty for -1."""
        chain = []
        while slot >= 0:
            chain.append(slot)
            slot = int(self.parents[slot])
        return chain

    def inside(self, slot: int) -> list[int]:
        """The nodes, boxes and frames at any depth in a frame."""
        found = list(self._members.get(slot, ()))
        for each in found:  # grows while it is read
            found.extend(self._members.get(each, ()))
        return found

    def fit_frames(self, only: Iterable[int] | None = None) -> None:
        """Draw frames around what they hold: all, or those given."""
        wanted = None if only is None else set(only)
        for frame in self.frames:
            members = self._members[frame]
            if wanted is not None and frame not in wanted:
                continue
            if not members:
                self.boxes[frame, 2:] = EMPTY_FRAME
                continue
            held = self.boxes[list(members)]
            left, top = held[:, 0].min() - FRAME_SIDE, held[:, 1].min() - FRAME_TOP
            right = (held[:, 0] + held[:, 2]).max() + FRAME_SIDE
            bottom = (held[:, 1] + held[:, 3]).max() + FRAME_SIDE
            self.boxes[frame] = left, top, right - left, bottom - top


class ItemTable(Framing):
    """`boxes` (n, 4) are x, y, width, height; `kinds` is 0 where a slot is free."""

    def __init__(self) -> None:
        self.newest = 0  # the highest stamp so far
        self.clear()

    def clear(self) -> None:
        self.slots: dict[str, int] = {}
        self.items: list[Item | None] = []
        self.boxes: Floats = np.empty((0, 4))
        self.kinds: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.parents: NDArray[np.intp] = np.zeros(0, np.intp)  # the frame around each, -1 for none
        self.colours: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.stamps: NDArray[np.int64] = np.zeros(0, np.int64)  # grow when an item looks different
        self.categories: list[str] = []
        self.frames: list[int] = []  # the innermost first
        self._members: dict[int, set[int]] = {}
        self._free: list[int] = []
        self.grid = Grid()

    @property
    def count(self) -> int:
        """How many slots are in use or were."""
        return len(self.items)

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
        self.parents = np.array([-1 if p is None else self.slots[p] for p in parents], np.intp)
        self.colours = np.array([self._colour(item.category) for item in items], np.uint8)
        self.newest += 1
        self.stamps = np.full(len(items), self.newest)
        self.frames = [slot for slot, item in enumerate(items) if item.kind == FRAME][::-1]
        self._members = {frame: set() for frame in self.frames}
        for slot in np.flatnonzero(self.parents >= 0).tolist():
            self._members[int(self.parents[slot])].add(slot)
        self.fit_frames()
        solid = self.solid()
        self.grid.build(solid, self.boxes[solid])

    def _colour(self, category: str) -> int:
        if category not in self.categories:
            self.categories.append(category)
        return self.categories.index(category)

    def solid(self) -> Slots:
        """The slots of nodes, collapsed groups and notes."""
        return np.flatnonzero((self.kinds > 0) & (self.kinds < FRAME))

    # One item.

    def add(self, item: Item, place: tuple[float, float], parent: str | None) -> int:
        """Add a node, or a group that is collapsed."""
        slot = self._free.pop() if self._free else self._grow()
        self.slots[item.id] = slot
        self.items[slot] = item
        self.kinds[slot] = item.kind
        self.colours[slot] = self._colour(item.category)
        self.parents[slot] = -1 if parent is None else self.slots[parent]
        if parent is not None:
            self._members[self.slots[parent]].add(slot)
        self.boxes[slot] = (*place, item.width, item.height)
        self._placed(slot)
        self.touch(slot)
        return slot

    def _grow(self) -> int:
        slot = len(self.items)
        self.items.append(None)
        if slot >= len(self.kinds):
            more = max(64, slot // 4)
            self.boxes = np.concatenate([self.boxes, np.full((more, 4), _NOWHERE)])
            self.kinds = np.concatenate([self.kinds, np.zeros(more, np.uint8)])
            self.colours = np.concatenate([self.colours, np.zeros(more, np.uint8)])
            self.parents = np.concatenate([self.parents, np.full(more, -1, np.intp)])
            self.stamps = np.concatenate([self.stamps, np.zeros(more, np.int64)])
        return slot

    def remove_all(self, ids: Iterable[str]) -> None:
        """Show these no more."""
        frames: dict[int, None] = {}
        for id in ids:
            slot = self.slots.pop(id)
            parent = int(self.parents[slot])
            self.items[slot] = None
            self.kinds[slot] = 0
            self.parents[slot] = -1
            self.boxes[slot] = _NOWHERE
            self.grid.remove(slot)
            self._free.append(slot)
            if parent >= 0:
                self._members[parent].discard(slot)
                frames.update(dict.fromkeys(self.chain(parent)))
        if frames:
            self.fit_frames(frames)

    def replace_all(self, items: list[Item]) -> None:
        """The same nodes and boxes with other texts or sizes."""
        slots = np.array([self.slots[item.id] for item in items], np.intp)
        for slot, item in zip(slots.tolist(), items, strict=True):
            self.items[slot] = item
        self.boxes[slots, 2:] = [(item.width, item.height) for item in items]
        self.touch(slots)
        solid = self.solid()
        self.grid.build(solid, self.boxes[solid])
        self.fit_frames()

    def replace(self, item: Item) -> None:
        """The same item with other ports, texts or sizes."""
        slot = self.slots[item.id]
        self.items[slot] = item
        self.boxes[slot, 2:] = item.width, item.height
        self.touch(slot)
        self._placed(slot)

    def touch(self, slots: int | Slots) -> None:
        """These look different now."""
        self.newest += 1
        self.stamps[slots] = self.newest

    def move(self, places: Mapping[int, tuple[float, float]]) -> None:
        """Put items elsewhere; frames follow what they hold."""
        frames: dict[int, None] = {}
        for slot, place in places.items():
            self.boxes[slot, :2] = place
            if self.kinds[slot] != FRAME:
                self.grid.put(slot, *self.boxes[slot].tolist())
                frames.update(dict.fromkeys(self.chain(int(self.parents[slot]))))
            else:
                frames.update(dict.fromkeys(self.chain(slot)))
        if frames:
            self.fit_frames(frames)

    def _placed(self, slot: int) -> None:
        self.grid.put(slot, *self.boxes[slot].tolist())
        if self.parents[slot] >= 0:
            self.fit_frames(self.chain(int(self.parents[slot])))
