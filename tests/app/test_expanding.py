"""Nodes expanded into simpler ops in the window: laid out, with room around them, and fused to the same file."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hand import NONE, RIGHT, title
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.gestures.gesture import Press
from gradwire.app.canvas.gestures.menu import menu_for
from gradwire.app.editing.expanding import expand, fuse
from gradwire.app.files.examples import lessons
from gradwire.app.window import Window
from gradwire.core.files.writing import write_graph
from gradwire.core.session import Session
from gradwire.core.stepping.timeline import FORWARD
from gradwire.core.tracing import is_composite

LESSON = EXAMPLES / "lessons" / "softmax_cross_entropy.gw"


def composite(path: Path) -> bool:
    session = Session.open(path)
    return any(is_composite(session.registry[node.op]) for node in session.graph.nodes.values())


def opened(place: Place, qtbot: QtBot, path: Path = LESSON) -> Window:
    """A window with a copy of an example, as large as on a desk."""
    window = place.start(empty=True)
    window.resize(1500, 900)
    window.show()
    window.files.open_example(path)
    known(window, qtbot)
    return window


def known(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.editor.checking.busy and bool(window.editor.shapes))


def text(window: Window) -> bytes:
    return write_graph(window.editor.graph, 1, None)


def assert_nothing_covers(canvas: Canvas) -> None:
    """Of nodes none lies on another; of frames none on what does not lie in it."""
    graph, scene = canvas.editor.graph, canvas.scene
    boxes = {id: scene.rect(id) for id in scene.visible}
    for a, b in combinations(boxes, 2):
        if a in graph.chain(graph.item(b).group) or b in graph.chain(graph.item(a).group):
            continue
        (x, y, wide, high), (left, top, width, height) = boxes[a], boxes[b]
        apart = x + wide <= left or left + width <= x or y + high <= top or top + height <= y
        assert apart, f"{graph.path(a)} and {graph.path(b)} overlap"


def passing(canvas: Canvas, group: str) -> list[str]:
    """The wires that run behind a frame and have no end in it."""
    graph, scene = canvas.editor.graph, canvas.scene
    x, y, wide, high = scene.rect(group)
    inside = set(graph.interior(group)[0])
    found = []
    for slot, path in zip(scene.wires.shown().tolist(), scene.wires.paths(scene.wires.shown(), 200), strict=True):
        wire = scene.wires.at(slot)
        over = (path[:, 0] > x) & (path[:, 0] < x + wide) & (path[:, 1] > y) & (path[:, 1] < y + high)
        if over.any() and not {wire.source.node, wire.target} & inside:
            found.append(f"{graph.path(wire.source.node)} -> {graph.path(wire.target)}")
    return found


@pytest.mark.parametrize("path", [p for p in lessons() if composite(p)], ids=lambda path: path.stem)
def test_each_node_of_a_lesson_has_room_when_it_is_expanded_and_is_fused_to_the_same_file(
    path: Path, place: Place, qtbot: QtBot
) -> None:
    window = opened(place, qtbot, path)
    canvas, editor = window.canvas, window.editor
    found = [id for id, node in editor.graph.nodes.items() if is_composite(editor.registry[node.op])]
    for id in found:
        before = text(window)
        expand(canvas, id)
        known(window, qtbot)
        assert id in editor.graph.groups
        assert_nothing_covers(canvas)
        assert passing(canvas, id) == []
        assert editor.selection == {id}
        expanded = text(window)
        fuse(canvas, id)
        known(window, qtbot)
        assert text(window) == before
        editor.undo()
        assert text(window) == expanded
        editor.undo()
        assert text(window) == before
        known(window, qtbot)


def test_parts_are_expanded_within_the_frame_and_all_is_fused_at_once(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    canvas, editor = window.canvas, window.editor
    before = text(window)
    for path in ("loss", "loss/log_softmax", "loss/log_softmax/logsumexp", "loss/nll"):
        expand(canvas, editor.graph.resolve(path))
        known(window, qtbot)
        assert any(editor.graph.path(group) == path for group in editor.graph.groups)
        assert_nothing_covers(canvas)
        assert passing(canvas, "cross_entropy0") == []
    loss = next(id for id, group in editor.graph.groups.items() if group.name == "loss")
    for path in ("loss/nll", "loss/log_softmax/logsumexp", "loss/log_softmax", "loss"):
        fuse(canvas, next(id for id in editor.graph.groups if editor.graph.path(id) == path))
        known(window, qtbot)
    assert text(window) == before
    assert loss in editor.graph.nodes


def test_who_sees_all_still_does_when_a_node_is_expanded(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    canvas = window.canvas
    canvas.frame()
    expand(canvas, "cross_entropy0")
    known(window, qtbot)
    left, top, right, low = canvas.scene.bounds()
    assert canvas.view.holds((left, top, right - left, low - top), canvas.width(), canvas.height())


def test_what_came_into_the_way_is_not_covered_by_what_comes_back(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    canvas, editor = window.canvas, window.editor
    expand(canvas, "cross_entropy0")
    known(window, qtbot)
    x, y, wide, high = canvas.scene.rect("cross_entropy0")
    editor.attempt("Add", lambda t: t.add("constant", position=(x + wide - 60, y + high + 500)))
    known(window, qtbot)
    fuse(canvas, "cross_entropy0")
    known(window, qtbot)
    assert "cross_entropy0" in editor.graph.nodes
    assert_nothing_covers(canvas)


def test_the_action_refuses_what_is_made_of_nothing_simpler_and_what_was_edited(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    editor, told = window.editor, []
    editor.told.connect(lambda line, kind: told.append((line, kind)))
    window.canvas.setFocus()
    editor.select(["log0"], "log0")
    window.menus.actions["graph.expand"].trigger()
    assert told == [("logits cannot be expanded: log is not made of simpler ops", "refusal")]
    editor.select(["softmax0"], "softmax0")
    window.menus.actions["graph.expand"].trigger()
    assert editor.document.history.entries[-1].label == "Expand p into simpler ops"
    known(window, qtbot)
    exp = next(id for id in editor.graph.interior("softmax0")[0] if editor.graph.nodes[id].op == "exp")
    editor.attempt("Swap", lambda t: t.remove(exp))
    editor.select(["softmax0"], "softmax0")
    window.menus.actions["graph.fuse"].trigger()
    known(window, qtbot)
    assert told[-1] == ("p was built or edited by hand, so no one op stands for it", "refusal")


def entries(canvas: Canvas, id: str) -> set[str]:
    x, y = title(canvas, id)
    press = Press(x, y, canvas.view.to_screen(x, y), RIGHT, NONE, False, canvas.hit(x, y))
    return {action.text() for action in menu_for(canvas, press).actions()}


def test_the_menu_of_a_node_offers_what_can_be_done_with_it(place: Place, qtbot: QtBot) -> None:
    canvas = opened(place, qtbot).canvas
    assert "Expand into simpler ops" in entries(canvas, "softmax0")
    assert "Expand into simpler ops" not in entries(canvas, "log0")
    assert "Fuse again" not in entries(canvas, "softmax0")
    expand(canvas, "softmax0")
    assert "Fuse again" in entries(canvas, "softmax0")


def test_the_card_of_a_step_expands_its_op_and_stepping_goes_on_through_the_parts(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    editor, panel = window.editor, window.panel("step")
    stepper = editor.stepper
    while stepper.moment is None or stepper.moment.step is None or stepper.moment.step.node != "log0":
        with qtbot.waitSignal(stepper.changed):
            stepper.step()
    qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.node == "log0")
    assert not panel.page.head.expand.isVisible()
    while stepper.moment.step.node != "cross_entropy0":
        stepper.step()
    qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.node == "cross_entropy0")
    assert panel.page.head.expand.isVisible()
    with qtbot.waitSignal(stepper.changed):
        panel.page.head.expand.click()
    inside = set(editor.graph.interior("cross_entropy0")[0])
    assert inside
    qtbot.waitUntil(lambda: inside <= set(stepper.timeline.run.asked.graph.nodes))
    assert stepper.active
    assert stepper.moment.step.phase == FORWARD
    while stepper.moment.step.node not in inside:
        stepper.step()
    assert editor.graph.path(stepper.moment.step.node) == "loss/log_softmax"
    assert stepper.moment.step.phase == FORWARD


def test_the_page_of_the_group_fuses_it(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    expand(window.canvas, "softmax0")
    known(window, qtbot)
    page = window.panel("inspector").page
    assert page.whole is not None
    (button,) = [each for each in page.findChildren(QPushButton) if each.text() == "Fuse again"]
    button.click()
    assert window.editor.graph.nodes["softmax0"].name == "p"


def test_the_view_comes_back_with_the_undo_of_what_it_went_along_with(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    canvas, editor = window.canvas, window.editor
    id = next(id for id, node in editor.graph.nodes.items() if is_composite(editor.registry[node.op]))
    canvas.zoom_to(1.0)
    canvas.center_on(id)
    canvas.view.pan(canvas.width() / 2 - 150, 0)  # near the edge, where its parts have no room
    before = canvas.view.place_and_zoom
    expand(canvas, id)
    qtbot.waitUntil(lambda: id in editor.graph.groups)
    known(window, qtbot)
    assert canvas.view.place_and_zoom != before
    editor.undo()
    assert canvas.view.place_and_zoom == before
    expand(canvas, id)
    qtbot.waitUntil(lambda: id in editor.graph.groups)
    known(window, qtbot)
    canvas.view.pan(40, 0)  # the user goes elsewhere, and stays there
    there = canvas.view.place_and_zoom
    editor.undo()
    assert canvas.view.place_and_zoom == there
