"""What can be asked of a scene: where something is, and what lies at a place."""

from __future__ import annotations

import numpy as np

from ...core.graph import Source, Wire
from ..look.theme import GRADIENT_HEIGHT, PORT_RADIUS, TITLE_HEIGHT, VALUE_HEIGHT
from .anatomy import BOX, FRAME, Item, PortRef
from .bends import RADIUS, REACH, Dot
from .items import ItemTable, Slots
from .places import Hit
from .wiring import WireTable

PORT_REACH = 3.0  # beyond the dot, in scene units at a zoom of 1
WIRE_REACH = 5.0


class Queries:
    """The questions; `Scene` adds the answers' keeping."""

    items: ItemTable
    wires: WireTable

    def face(self, node: str) -> str | None:
        """The id of what stands for a node or group here, None where it is outside."""
        raise NotImplementedError

    def item(self, id: str) -> Item:
        """What is shown of a node or group; KeyError if it is not shown."""
        found = self.items.items[self.items.slots[id]]
        assert found is not None
        return found

    def rect(self, id: str) -> tuple[float, float, float, float]:
        """x, y, width and height of an item."""
        x, y, width, height = self.items.boxes[self.items.slots[id]].tolist()
        return x, y, width, height

    def ports(self, id: str) -> list[PortRef]:
        """The ports of an item, inputs first."""
        item = self.item(id)
        return [PortRef(id, name, False) for name in item.inputs] + [PortRef(id, name, True) for name in item.outputs]

    def position(self, port: PortRef) -> tuple[float, float]:
        """Where the middle of a port is; of one within a collapsed group, that of the group's port."""
        if port.id not in self.items.slots:
            port = self.shown(port)
        x, y, width, _ = self.rect(port.id)
        return x + width * port.output, y + self.item(port.id).port_y(port.name, port.output)

    def shown(self, port: PortRef) -> PortRef:
        """The port that stands for a node's here: its own, or that of the collapsed group around it."""
        face = self.face(port.id)
        return port if face is None or face == port.id else PortRef(face, f"{port.id}.{port.name}", port.output)

    def real(self, port: PortRef) -> PortRef:
        """The node's own port behind that of a collapsed group."""
        if port.id in self.items.slots and self.item(port.id).kind == BOX:
            node, _, name = port.name.rpartition(".")
            return PortRef(node, name, port.output)
        return port

    def source(self, port: PortRef) -> Source:
        """The value at an output."""
        port = self.real(port)
        return Source(port.id, port.name)

    def bounds(self, ids: object = None) -> tuple[float, float, float, float] | None:
        """The left, top, right and bottom of all items, or of these; None where there are none."""
        if ids is None:
            slots = np.flatnonzero(self.items.kinds)
        else:
            slots = np.array([self.items.slots[id] for id in ids if id in self.items.slots], np.intp)
        if not len(slots):
            return None
        boxes = self.items.boxes[slots]
        low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def slots_in(self, x0: float, y0: float, x1: float, y1: float) -> Slots:
        """The slots of nodes and boxes that meet a window."""
        near = self.items.grid.near(x0, y0, x1, y1)
        if near is None:
            boxes, kinds = self.items.boxes, self.items.kinds
        else:
            boxes, kinds = self.items.boxes[near], self.items.kinds[near]
        meets = (boxes[:, 0] <= x1) & (boxes[:, 1] <= y1) & (kinds > 0) & (kinds < FRAME)
        meets &= (boxes[:, 0] + boxes[:, 2] >= x0) & (boxes[:, 1] + boxes[:, 3] >= y0)
        found = np.flatnonzero(meets)
        return found if near is None else near[found]

    def items_in(self, x0: float, y0: float, x1: float, y1: float) -> list[str]:
        """The nodes and groups that meet a window; an expanded group only where it lies within."""
        found = [self._at(slot).id for slot in self.slots_in(x0, y0, x1, y1).tolist()]
        for frame in self.items.frames:
            x, y, width, height = self.items.boxes[frame].tolist()
            if x >= x0 and y >= y0 and x + width <= x1 and y + height <= y1:
                found.append(self._at(frame).id)
        return found

    def wires_in(self, x0: float, y0: float, x1: float, y1: float) -> list[Wire]:
        """The wires that pass through a window."""
        return self._named(self.wires.through(x0, y0, x1, y1))

    def wires_across(self, x0: float, y0: float, x1: float, y1: float) -> list[Wire]:
        """The wires that a straight stroke cuts."""
        return self._named(self.wires.crossed(x0, y0, x1, y1))

    def _named(self, slots: Slots) -> list[Wire]:
        return [wire for slot in slots.tolist() if (wire := self.wires.wires[slot]) is not None]

    def _at(self, slot: int) -> Item:
        item = self.items.items[slot]
        assert item is not None
        return item

    # Hit tests.

    def hit(self, x: float, y: float, zoom: float, first: frozenset[str] = frozenset()) -> Hit:
        """What lies at a point; what is in `first` is drawn above the rest, and so met before it."""
        reach = PORT_RADIUS + PORT_REACH / max(min(zoom, 1.0), 0.3)
        near = self.slots_in(x - reach, y - reach, x + reach, y + reach).tolist()
        near.sort(key=lambda slot: (self._at(slot).id in first, slot), reverse=True)
        for slot in near:
            found = self._hit_item(slot, x, y, reach)
            if found is not None:
                return found
        dot = self.wires.dot_at(x, y, RADIUS + REACH / max(zoom, 0.2))
        if dot is not None and (bent := self.wires.wires[dot[0]]) is not None:
            return Hit(wire=bent, dot=Dot(bent.target, bent.port, dot[1]))
        wire = self.wires.nearest(x, y, WIRE_REACH / max(zoom, 0.2))
        if wire is not None:
            return Hit(wire=self.wires.wires[wire])
        for slot in self.items.frames:
            left, top, width, height = self.items.boxes[slot].tolist()
            if left <= x <= left + width and top <= y <= top + height:
                # Only its title is the frame: a drag on the ground within selects nodes there.
                part = "title" if y <= top + TITLE_HEIGHT else "frame"
                return Hit(self._at(slot).id, part=part)
        return Hit()

    def _hit_item(self, slot: int, x: float, y: float, reach: float) -> Hit | None:
        item = self._at(slot)
        left, top, width, height = self.items.boxes[slot].tolist()
        for names, output, edge in ((item.inputs, False, left), (item.outputs, True, left + width)):
            if abs(x - edge) > reach:
                continue
            for name in names:
                if (x - edge) ** 2 + (y - top - item.port_y(name, output)) ** 2 <= reach**2:
                    return Hit(item.id, PortRef(item.id, name, output), part="body")
        if not (left <= x <= left + width and top <= y <= top + height):
            return None
        return Hit(item.id, part=part_at(item, y - top))


def part_at(item: Item, y: float) -> str:
    """Which part of an item lies so far below its top."""
    if y < TITLE_HEIGHT:
        return "title"
    if item.outputs and y >= item.value_top:
        if y < item.value_top + VALUE_HEIGHT:
            return "value"
        if y < item.value_top + VALUE_HEIGHT + GRADIENT_HEIGHT:
            return "gradient"
    return "body"
