"""Drawing items elsewhere than the document says, as long as they are dragged."""

from __future__ import annotations

from collections.abc import Mapping

from .anatomy import FRAME
from .items import ItemTable
from .wiring import WireTable


class Dragging:
    """The part of a scene that moves items."""

    items: ItemTable
    wires: WireTable
    geometry: int  # grows whenever something is elsewhere
    _home: dict[int, tuple[float, float]]  # of what is displaced

    def displace(self, offsets: Mapping[str, tuple[float, float]]) -> None:
        """Draw items elsewhere than the document says, each off by (dx, dy); a frame takes what it holds along."""
        wanted: dict[int, tuple[float, float]] = {}
        for id, offset in offsets.items():
            slot = self.items.slots.get(id)
            if slot is not None:
                inside = self.items.inside(slot) if self.items.kinds[slot] == FRAME else ()
                wanted.update(dict.fromkeys((slot, *inside), offset))
        places = {slot: home for slot, home in self._home.items() if slot not in wanted}
        self._home = {
            slot: self._home[slot] if slot in self._home else tuple(self.items.boxes[slot, :2].tolist())
            for slot in wanted
        }
        self.wires.shift(wanted)
        for slot, (dx, dy) in wanted.items():
            x, y = self._home[slot]
            places[slot] = x + dx, y + dy
        self._move(places)

    def settle(self) -> None:
        """Draw everything again where the document says."""
        home, self._home = self._home, {}
        self.wires.shift({})
        self._move(home)

    @property
    def displaced(self) -> set[int]:
        """The slots of what is displaced."""
        return set(self._home)

    def _move(self, places: Mapping[int, tuple[float, float]]) -> None:
        if places:
            self.items.move(places)
            self.wires.follow(self.wires.at(list(places)))
            self.geometry += 1

    def move(self, places: Mapping[str, tuple[float, float]]) -> None:
        """Put items where the document says now."""
        self._move({self.items.slots[id]: place for id, place in places.items() if id in self.items.slots})
