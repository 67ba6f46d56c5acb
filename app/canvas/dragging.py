"""Drawing items elsewhere than the document says, as long as they are dragged."""

from __future__ import annotations

from collections.abc import Mapping

from .anatomy import FRAME
from .items import ItemTable
from .wiring import WireTable


def put(items: ItemTable, wires: WireTable, places: Mapping[int, tuple[float, float]]) -> None:
    """Draw items, by slot, at other places, and the wires with them."""
    if places:
        items.move(places)
        wires.follow(wires.touching(list(places)))


class Dragging:
    """What of a scene is displaced now."""

    def __init__(self, items: ItemTable, wires: WireTable) -> None:
        self._items = items
        self._wires = wires
        self._home: dict[int, tuple[float, float]] = {}  # where the document has what is displaced

    def displace(self, offsets: Mapping[str, tuple[float, float]]) -> None:
        """Draw just these elsewhere than the document says, each off by (dx, dy); a frame takes what it holds along."""
        items = self._items
        wanted: dict[int, tuple[float, float]] = {}
        for id, offset in offsets.items():
            slot = items.slots.get(id)
            if slot is not None:
                inside = items.nesting.inside(slot) if items.kinds[slot] == FRAME else ()
                wanted.update(dict.fromkeys((slot, *inside), offset))
        places = {slot: home for slot, home in self._home.items() if slot not in wanted}
        self._home = {
            slot: self._home[slot] if slot in self._home else tuple(items.boxes[slot, :2].tolist()) for slot in wanted
        }
        self._wires.bends.shift(wanted, self._wires.items)
        for slot, (dx, dy) in wanted.items():
            x, y = self._home[slot]
            places[slot] = x + dx, y + dy
        put(items, self._wires, places)

    def settle(self) -> None:
        """Draw everything again where the document says."""
        home, self._home = self._home, {}
        self._wires.bends.shift({}, self._wires.items)
        put(self._items, self._wires, home)

    def forget(self) -> None:
        """All is where the document says: the scene has been made anew."""
        self._home = {}

    @property
    def displaced(self) -> set[int]:
        """The slots of what is displaced."""
        return set(self._home)
