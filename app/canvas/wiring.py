"""The wires of a scene as arrays, and the curves that they are drawn as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.graph import Source, Wire
from ...core.graph.elements import Places
from . import curves, lanes
from .batch import Floats
from .bends import ROUND, Bends
from .items import ItemTable, Slots

End = tuple[int, int, float, float]  # slots of the items at both ends of a wire, and how high it ends at each


class WireTable:
    """One slot for each wire that is shown; its ends follow the items."""

    def __init__(self, items: ItemTable) -> None:
        self._table = items
        self.fill([], [])

    def fill(self, wires: list[Wire], ends: list[End]) -> None:
        """Take these wires in place of all."""
        self.wires: list[Wire | None] = list(wires)
        self.slots: dict[tuple[str, str], int] = {(w.target, w.port): i for i, w in enumerate(wires)}
        self._nets: dict[Source, int] = {}
        table = np.array(ends, np.float64).reshape(-1, 4)
        self.items: NDArray[np.intp] = table[:, :2].astype(np.intp)  # -1 where a slot is free
        self._heights: Floats = table[:, 2:].copy()
        self.nets: NDArray[np.intp] = np.array([self._net(w.source) for w in wires], np.intp)
        self._of_item: dict[int, set[int]] = {}
        for slot, (source, target) in enumerate(self.items.tolist()):
            self._of_item.setdefault(source, set()).add(slot)
            self._of_item.setdefault(target, set()).add(slot)
        self._free: list[int] = []
        self.ends: Floats = np.zeros((len(wires), 4))
        self._bounds: Floats = np.zeros((4, len(wires)))
        self._lanes: Floats = np.zeros((len(wires), 2))  # where a wire goes back: at what height, how far it turns
        self._laid = (-1, -1)  # for which boxes and which wires that was found
        self.edition = 0  # grows whenever a wire is another, or ends elsewhere
        self.bends = Bends()
        self.follow()

    def _net(self, source: Source) -> int:
        return self._nets.setdefault(source, len(self._nets))

    def net_of(self, source: Source) -> Slots:
        """The wires that leave one output."""
        return np.flatnonzero((self.nets == self._nets.get(source, -1)) & (self.items[:, 0] >= 0))

    def put_all(self, wires: list[Wire], ends: list[End], bends: list[Places]) -> None:
        """Add wires, each in place of the one into the same port."""
        self.remove_all([(wire.target, wire.port) for wire in wires])
        if not wires:
            return
        slots = [self._free.pop() if self._free else self._grow() for _ in wires]
        for slot, wire, end in zip(slots, wires, ends, strict=True):
            self.wires[slot] = wire
            self.slots[wire.target, wire.port] = slot
            self._of_item.setdefault(end[0], set()).add(slot)
            self._of_item.setdefault(end[1], set()).add(slot)
        self.items[slots] = [end[:2] for end in ends]
        self._heights[slots] = [end[2:] for end in ends]
        self.nets[slots] = [self._net(wire.source) for wire in wires]
        self.bend(dict(zip(slots, bends, strict=True)))

    def _grow(self) -> int:
        slot = len(self.wires)
        self.wires.append(None)
        if slot >= len(self.items):
            more = max(64, slot // 4)
            self.items, self.nets = _longer(self.items, more, -1), _longer(self.nets, more, -1)
            widths = (self._heights, self.ends, self._lanes)
            self._heights, self.ends, self._lanes = (_longer(array, more, 0) for array in widths)
            self._bounds = _longer(self._bounds.T, more, np.nan).T
        return slot

    def remove_all(self, ports: Iterable[tuple[str, str]]) -> None:
        """Show the wires into these ports, by target and port, no more, where they are shown."""
        slots = [self.slots.pop(port) for port in ports if port in self.slots]
        if not slots:
            return
        for slot, (source, target) in zip(slots, self.items[slots].tolist(), strict=True):
            self._of_item[source].discard(slot)
            self._of_item[target].discard(slot)
            self.bends.put(slot, ())
            self.wires[slot] = None
        self.edition += 1
        self.items[slots], self.nets[slots] = -1, -1
        self._bounds[:, slots] = np.nan  # nothing compares with it
        self._free.extend(slots)

    def at(self, slot: int) -> Wire:
        """The wire of a slot that is in use."""
        wire = self.wires[slot]
        assert wire is not None
        return wire

    def touching(self, items: Slots | list[int]) -> Slots:
        """The wires that start or end at these items."""
        found = set[int]().union(*(self._of_item.get(int(item), ()) for item in items))
        return np.array(sorted(found), np.intp)

    def set_heights(self, slot: int, source: float, target: float) -> None:
        """Say how far below the tops of its items a wire ends; `follow` draws it so."""
        self._heights[slot] = source, target

    def bend(self, bends: Mapping[int, Places]) -> None:
        """Draw these wires, by slot, through other dots than before."""
        for slot, points in bends.items():
            self.bends.put(slot, points)
        self.follow(np.array(sorted(bends), np.intp))

    def follow(self, wires: Slots | None = None) -> None:
        """Put the ends where their items are now: of all wires, or of those given."""
        some: Slots = np.flatnonzero(self.items[:, 0] >= 0) if wires is None else wires
        if not len(some):
            return
        source, target = self._table.boxes[self.items[some, 0]], self._table.boxes[self.items[some, 1]]
        out, into = self._heights[some].T
        ends = np.column_stack([source[:, 0] + source[:, 2], source[:, 1] + out, target[:, 0], target[:, 1] + into])
        self.ends[some] = ends
        self.edition += 1
        self._bounds[:2, some] = np.minimum(ends[:, :2], ends[:, 2:]).T
        self._bounds[2:, some] = np.maximum(ends[:, :2], ends[:, 2:]).T
        for slot in some[self.bends.among(some)].tolist():
            path = self.bends.path(slot, self.ends[slot], 30)
            self._bounds[:2, slot] = path.min(axis=0) - ROUND
            self._bounds[2:, slot] = path.max(axis=0) + ROUND

    def _lay(self) -> None:
        """Find the lanes of all wires that go back, where something is elsewhere since."""
        before, self._laid = self._laid, (self._table.geometry, self.edition)
        if before == self._laid:
            return
        back = np.flatnonzero((self.items[:, 0] >= 0) & curves.is_backward(self.ends[: len(self.items)]))
        back = back[~self.bends.among(back)]
        if not len(back):
            return
        ends, boxes = self.ends[back], self._table.boxes
        source, target = boxes[self.items[back, 0]], boxes[self.items[back, 1]]
        lane, turn = lanes.routed(ends, source, target, boxes[self._table.solid()])
        self._lanes[back] = np.column_stack([lane, turn])
        self._bounds[:, back] = lanes.bounds(ends, lane, turn)

    def shown(self) -> Slots:
        """All wires."""
        return np.flatnonzero(self.items[:, 0] >= 0)

    def within(self, x0: float, y0: float, x1: float, y1: float) -> Slots:
        """The wires whose rectangle meets a window."""
        self._lay()
        left, top, right, bottom = self._bounds
        meets = (left <= x1) & (right >= x0) & (top <= y1) & (bottom >= y0)
        return np.flatnonzero(meets & (self.items[:, 0] >= 0))

    def paths(self, wires: Slots, count: int) -> Floats:
        """The points of the curves of some wires, (n, 3 * count + 1, 2)."""
        self._lay()
        ends = self.ends[wires]
        found = curves.points(ends, self._lanes[wires, 0], count, self._lanes[wires, 1])
        for i in np.flatnonzero(self.bends.among(wires)).tolist():
            found[i] = self.bends.path(int(wires[i]), ends[i], 3 * count)
        return found


def _longer(array: Any, more: int, fill: float) -> Any:
    """An array with so many rows more."""
    return np.concatenate([array, np.full((more, *array.shape[1:]), fill, array.dtype)])
