"""What of a scene is lit while the rest is dimmed: the net under the pointer, else what the spotlight is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..items import Slots

if TYPE_CHECKING:
    from ..canvas import Canvas


class Lighting:
    """Of one canvas. Found once for each part of a graph that is lit."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._made_for: tuple[object, ...] = ()
        self._held: tuple[object, ...] = ()  # what the ids in `_made_for` are of, so that no other has them
        self._wires: Slots = np.empty(0, np.intp)
        self._items: set[int] = set()

    def lit(self) -> Slots | None:
        """The wires that are lit, None where nothing is dimmed."""
        under = self._canvas.hover.lit
        return under if under is not None else self._wires if self._look() else None

    def bright(self) -> set[int] | None:
        """The items that are lit, None where nothing is dimmed."""
        under = self._canvas.hover.lit
        if under is not None:
            return set(self._canvas.scene.wires.items[under].ravel().tolist())
        return self._items if self._look() else None

    def _look(self) -> bool:
        """Find what is lit now; whether anything is."""
        scene, region = self._canvas.scene, self._canvas.editor.spotlight.region
        if region is None:
            self._made_for = ()
            return False
        made_for = (id(region), id(scene.graph), scene.editor.group, scene.items.newest)
        if made_for != self._made_for:
            self._made_for, self._held = made_for, (region, scene.graph)
            slots = [scene.wires.slots[wire] for wire in region.wires if wire in scene.wires.slots]
            self._wires = np.array(sorted(slots), np.intp)
            faces = {scene.face(id) for id in region.nodes if id in scene.graph.nodes}
            self._items = {scene.items.slots[face] for face in faces if face in scene.items.slots}
        return True
