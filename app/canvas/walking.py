"""A walk over the graph with the arrow keys: along wires to the left and right, else to what lies that way."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from .scene import Scene

WAYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


def step(scene: Scene, start: str | None, way: tuple[float, float]) -> str | None:
    """Where one step leads from an item; from nowhere to the first one; None where nothing lies that way."""
    solid = scene.items.solid()
    if not len(solid):
        return None
    if start is None or start not in scene.items.slots:
        order = scene.items.boxes[solid, 0] + 0.5 * scene.items.boxes[solid, 1]
        return _id(scene, int(solid[order.argmin()]))
    slot = scene.items.slots[start]
    if way[0]:
        wires = scene.wires.touching([slot])
        ends = scene.wires.items[wires]
        near = ends[ends[:, 1] == slot, 0] if way[0] < 0 else ends[ends[:, 0] == slot, 1]
        if len(near):
            return _id(scene, _nearest(scene, slot, np.unique(near), (way[0], 0.0), forced=True))
    others = solid[solid != slot]
    found = _nearest(scene, slot, others, way) if len(others) else -1
    return _id(scene, found) if found >= 0 else None


def _nearest(scene: Scene, slot: int, others: np.ndarray, way: tuple[float, float], forced: bool = False) -> int:
    boxes = scene.items.boxes
    middle = boxes[slot, :2] + boxes[slot, 2:] / 2
    away = boxes[others, :2] + boxes[others, 2:] / 2 - middle
    ahead = away @ np.array(way)
    aside = np.abs(away @ np.array([way[1], way[0]]))
    cost = np.where(forced | (ahead > 1.0), np.abs(ahead) + 2.5 * aside, np.inf)
    best = int(cost.argmin())
    return int(others[best]) if np.isfinite(cost[best]) else -1


def _id(scene: Scene, slot: int) -> str:
    return scene.items.at(slot).id
