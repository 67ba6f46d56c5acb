"""What lies on one heap in a group, as in a graph made in Python, is laid out when the group is entered."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.layout.boxes import meet
from gradwire.core.document import Document
from gradwire.core.session import Session


def test_a_heap_in_a_collapsed_group_is_laid_out_when_it_is_entered(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    document = Document()
    with document.transaction("Build") as t:
        block = t.add_group("block", position=(240.0, 0.0))
        x = t.add("input", shape=(3,), value=[1.0, 2.0, 3.0], position=(0.0, 0.0))
        a = t.add("sin", inputs={"x": x}, group=block, position=(240.0, 0.0))
        b = t.add("multiply", inputs={"x": a, "y": x}, group=block, position=(240.0, 0.0))
        t.add("sum", inputs={"x": b}, position=(480.0, 0.0))
        t.collapse(block)
    window = place.start(Session(document).save(tmp_path / "made.gw"))
    window.show()
    editor, history, scene = window.editor, window.editor.document.history, window.canvas.scene
    qtbot.waitUntil(lambda: not editor.checking.busy and bool(editor.shapes))
    assert history.next_undo is None  # at the top all have places
    editor.enter(block)
    qtbot.waitUntil(lambda: history.next_undo is not None)
    rects = [scene.rect(id) for id in (a, b)]
    assert not [pair for pair in combinations(rects, 2) if meet(*pair)]
    assert all(window.canvas.view.holds(rect, window.canvas.width(), window.canvas.height()) for rect in rects)
    assert window.status.message.text().startswith("This group had no places, so it was laid out")
    assert editor.graph.nodes[x].position == (0.0, 0.0)
    editor.undo()
    assert history.next_undo is None
    assert len({editor.graph.nodes[id].position for id in (a, b)}) == 1
    editor.enter(None)
    editor.enter(block)
    qtbot.wait(200)  # it is not done again, over what an undo has put back
    assert history.next_undo is None
