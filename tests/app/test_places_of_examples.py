"""As large as nodes are once their shapes are known: in no example does one lie on another."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.canvas.anatomy import FRAME

EACH = sorted([*EXAMPLES.glob("*.gw"), *(EXAMPLES / "lessons").glob("*.gw")])


@pytest.mark.parametrize("path", EACH, ids=lambda path: path.stem)
def test_no_node_lies_on_another(path: Path, place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy(str(path.relative_to(EXAMPLES))))
    window.show()
    qtbot.waitUntil(lambda: not window.editor.checking.busy)
    window.canvas.grab_image()
    items = window.canvas.scene.items
    shown = [slot for slot in items.slots.values() if items.kinds[slot] != FRAME]
    for one, other in combinations(shown, 2):
        (x, y, wide, high), (u, v, w, h) = items.boxes[one], items.boxes[other]
        apart = x + wide <= u or u + w <= x or y + high <= v or v + h <= y
        assert apart, f"{items.at(one).name} and {items.at(other).name} overlap"
