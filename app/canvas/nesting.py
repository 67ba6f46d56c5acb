"""Which frame is drawn around which items of a scene, and how large each frame is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .batch import Floats

FRAME_SIDE, FRAME_TOP = 18.0, 34.0  # between a frame and what it holds
EMPTY_FRAME = (220.0, 120.0)  # width and height of a frame that holds nothing


class Nesting:
    """`parents` (n,) are the slots of the frames around each item, -1 for none; `frames` has the innermost first."""

    def __init__(self, parents: NDArray[np.intp], frames: list[int]) -> None:
        self.parents = parents
        self.frames = frames
        self._members: dict[int, set[int]] = {frame: set() for frame in frames}
        for slot in np.flatnonzero(parents >= 0).tolist():
            self._members[int(parents[slot])].add(slot)

    def grow(self, more: int) -> None:
        """Make room for more items, none of them in a frame."""
        self.parents = np.concatenate([self.parents, np.full(more, -1, np.intp)])

    def put(self, slot: int, parent: int) -> None:
        """An item has come, into a frame or (-1) into none."""
        self.parents[slot] = parent
        if parent >= 0:
            self._members[parent].add(slot)

    def remove(self, slot: int) -> list[int]:
        """An item is gone; the frames that were around it."""
        around = self.around(slot)
        self.parents[slot] = -1
        if around:
            self._members[around[0]].discard(slot)
        return around

    def around(self, slot: int) -> list[int]:
        """The frames around an item, the innermost first."""
        found = []
        while (slot := int(self.parents[slot])) >= 0:
            found.append(slot)
        return found

    def members(self, frame: int) -> list[int]:
        """The nodes, boxes and frames right in a frame."""
        return list(self._members.get(frame, ()))

    def inside(self, frame: int) -> list[int]:
        """The nodes, boxes and frames at any depth in a frame."""
        found = list(self._members.get(frame, ()))
        for each in found:  # grows while it is read
            found.extend(self._members.get(each, ()))
        return found

    def fit(self, boxes: Floats, only: Iterable[int] | None = None) -> None:
        """Lay the boxes of frames around what they hold: all, or those given."""
        wanted = None if only is None else set(only)
        for frame in self.frames:
            members = self._members[frame]
            if wanted is not None and frame not in wanted:
                continue
            if not members:
                boxes[frame, 2:] = EMPTY_FRAME
                continue
            held = boxes[list(members)]
            left, top = held[:, 0].min() - FRAME_SIDE, held[:, 1].min() - FRAME_TOP
            right = (held[:, 0] + held[:, 2]).max() + FRAME_SIDE
            bottom = (held[:, 1] + held[:, 3]).max() + FRAME_SIDE
            boxes[frame] = left, top, right - left, bottom - top
