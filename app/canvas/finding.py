"""What of a scene lies at a point, in a window or across a stroke."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...core.graph import Wire
from ..look.theme import PORT_RADIUS, TITLE_HEIGHT
from .anatomy import FRAME, Item, PortRef
from .batch import Floats
from .bends import RADIUS, REACH, Dot
from .curves import distances
from .frame_titles import ABOVE, ROOMY, FrameTitle, strip_of, title_of
from .items import ItemTable, Slots
from .nesting import FRAME_TOP
from .places import Hit
from .wiring import WireTable

PORT_REACH = 3.0  # beyond the dot, in scene units at a zoom of 1
WIRE_REACH = 5.0


BadgesOver = Callable[[int, float], Sequence[tuple[float, float]]]  # of a frame by its slot, at a zoom


class Finder:
    """Finds items, wires and dots by where they are; all in scene units."""

    def __init__(self, items: ItemTable, wires: WireTable) -> None:
        self._items = items
        self._wires = wires
        self.badges_over: BadgesOver = lambda frame, zoom: ()  # what names of frames must leave to be read

    # In a window from (x0, y0) to (x1, y1).

    def slots_in(self, x0: float, y0: float, x1: float, y1: float) -> Slots:
        """The slots of nodes, boxes and notes that meet a window."""
        near = self._items.grid.near(x0, y0, x1, y1)
        boxes, kinds = self._items.boxes, self._items.kinds
        if near is not None:
            boxes, kinds = boxes[near], kinds[near]
        meets = (boxes[:, 0] <= x1) & (boxes[:, 1] <= y1) & (kinds > 0) & (kinds < FRAME)
        meets &= (boxes[:, 0] + boxes[:, 2] >= x0) & (boxes[:, 1] + boxes[:, 3] >= y0)
        found = np.flatnonzero(meets)
        return found if near is None else near[found]

    def items_in(self, x0: float, y0: float, x1: float, y1: float) -> list[str]:
        """The nodes and groups that meet a window; an expanded group only where it lies within."""
        found = [self._items.at(slot).id for slot in self.slots_in(x0, y0, x1, y1).tolist()]
        for frame in self._items.nesting.frames:
            x, y, width, height = self._items.boxes[frame].tolist()
            if x >= x0 and y >= y0 and x + width <= x1 and y + height <= y1:
                found.append(self._items.at(frame).id)
        return found

    def dots_in(self, x0: float, y0: float, x1: float, y1: float) -> frozenset[Dot]:
        """The reroute dots in a window."""
        found = [(self._wires.at(slot), number) for slot, number in self._wires.bends.within(x0, y0, x1, y1)]
        return frozenset(Dot(wire.target, wire.port, number) for wire, number in found)

    # Along a stroke from (x0, y0) to (x1, y1).

    def wires_across(self, x0: float, y0: float, x1: float, y1: float) -> list[Wire]:
        """The wires that a straight stroke cuts."""
        near = self._wires.within(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        if not len(near):
            return []
        path = self._wires.paths(near, 10)
        a, b = path[:, :-1], path[:, 1:]
        start, end = np.array([x0, y0]), np.array([x1, y1])
        cuts = (_side(start, end, a) * _side(start, end, b) <= 0) & (_side(a, b, start) * _side(a, b, end) <= 0)
        return [self._wires.at(slot) for slot in near[cuts.any(axis=1)].tolist()]

    # At a point.

    def hit(self, x: float, y: float, zoom: float, first: frozenset[str] = frozenset()) -> Hit:
        """What lies at a point; what is in `first` is drawn above the rest, and so met before it."""
        reach = PORT_RADIUS + PORT_REACH / max(min(zoom, 1.0), 0.3)
        near = self.slots_in(x - reach, y - reach, x + reach, y + reach).tolist()
        near.sort(key=lambda slot: (self._items.at(slot).id in first, slot), reverse=True)
        for slot in near:
            found = self._hit_item(slot, x, y, reach)
            if found is not None:
                return found
        titled = self._hit_title(x, y, zoom)
        if titled is not None:
            return titled
        dot = self._wires.bends.nearest(x, y, RADIUS + REACH / max(zoom, 0.2))
        if dot is not None:
            bent = self._wires.at(dot[0])
            return Hit(wire=bent, dot=Dot(bent.target, bent.port, dot[1]))
        wire = self._nearest_wire(x, y, WIRE_REACH / max(zoom, 0.2))
        return Hit(wire=wire) if wire is not None else self._hit_frame(x, y, zoom)

    def _hit_item(self, slot: int, x: float, y: float, reach: float) -> Hit | None:
        item = self._items.at(slot)
        left, top, width, height = self._items.boxes[slot].tolist()
        for names, output, edge in ((item.inputs, False, left), (item.outputs, True, left + width)):
            if abs(x - edge) > reach:
                continue
            for name in names:
                if (x - edge) ** 2 + (y - top - item.port_y(name, output)) ** 2 <= reach**2:
                    return Hit(item.id, PortRef(item.id, name, output), part="body")
        if not (left <= x <= left + width and top <= y <= top + height):
            return None
        return Hit(item.id, part=part_at(item, y - top))

    def _nearest_wire(self, x: float, y: float, within: float) -> Wire | None:
        near = self._wires.within(x - within, y - within, x + within, y + within)
        if not len(near):
            return None
        away = distances(self._wires.paths(near, 10), x, y)
        best = int(away.argmin())
        return self._wires.at(int(near[best])) if away[best] <= within else None

    def _hit_title(self, x: float, y: float, zoom: float) -> Hit | None:
        """The frame whose name is written at a point, over the wires there."""
        for slot in self._items.nesting.frames:
            across, down = x - float(self._items.boxes[slot, 0]), y - float(self._items.boxes[slot, 1])
            if across < 0 or abs(down) > FRAME_TOP + ABOVE / zoom:
                continue
            title = self.title(slot, zoom)
            left, top, right, bottom = (0.0, 0.0, 0.0, 0.0) if title is None else title.rect(zoom)
            if left <= across < right and top <= down < bottom:
                return Hit(self._items.at(slot).id, part="title")
        return None

    def _hit_frame(self, x: float, y: float, zoom: float) -> Hit:
        for slot in self._items.nesting.frames:
            left, top, width, height = self._items.boxes[slot].tolist()
            if left <= x <= left + width and top <= y <= top + height:
                # Only its title is the frame: a drag on the ground within selects nodes there.
                titled = y <= top + strip_of(self.title(slot, zoom), zoom)
                return Hit(self._items.at(slot).id, part="title" if titled else "frame")
        return Hit()

    def title(self, slot: int, zoom: float) -> FrameTitle | None:
        """Where the name of the frame in a slot is written, None where it is not."""
        within = bool(self._items.nesting.parents[slot] >= 0)
        over = self.badges_over(slot, zoom) if within and zoom < ROOMY else ()
        return title_of(self._items.at(slot), float(self._items.boxes[slot, 2]), zoom, within, over)


def _side(p: Floats, q: Floats, r: Floats) -> Floats:
    """On which side of the line from p to q a point r lies, by its sign."""
    way, there = q - p, r - p
    found: Floats = way[..., 0] * there[..., 1] - way[..., 1] * there[..., 0]
    return found


def part_at(item: Item, y: float) -> str:
    """Which part of an item lies so far below its top."""
    if y < TITLE_HEIGHT:
        return "title"
    if item.outputs and y >= item.value_top:
        if y < item.value_top + item.strip:
            return "value"
        if y < item.value_top + 2 * item.strip:
            return "gradient"
    return "body"
