"""Layers of one's own: a group is saved by a name, stands in the palette of every window, and is added again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hand import CONTROL, RIGHT, Hand, port, title
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.canvas import Canvas
from gradwire.app.chrome.name_dialog import NameDialog
from gradwire.app.files.own_layers import MOST_BYTES
from gradwire.app.panels.palette import PalettePanel
from gradwire.app.reference.card import Card
from gradwire.app.window import Window
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source


@pytest.fixture
def window(drawn_window: Window) -> Window:
    """x, w -> matmul -> relu -> sum and a tanh that reads relu too."""
    drawn_window.editor.attempt("Wire", lambda t: t.connect(Source("relu0", "y"), "tanh0", "x"))
    return drawn_window


@pytest.fixture
def group(window: Window) -> str:
    """matmul, relu and sum in a box: it takes x and w, and gives what relu and sum give."""
    window.editor.select(["matmul0", "relu0", "sum0"])
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_G, CONTROL)
    (group,) = window.editor.selection
    return group


def folder(place: Place) -> Path:
    return place.folder / "data" / "layers"


def dialog(window: Window, qtbot: QtBot) -> NameDialog:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), NameDialog))
    found = QApplication.activeModalWidget()
    assert isinstance(found, NameDialog)
    assert QTest.qWaitForWindowActive(found)
    qtbot.waitUntil(found.field.hasFocus)
    return found


def to_front(window: Window) -> None:
    """Without a window manager nobody gives the keyboard back when a dialog closes."""
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)


def save(window: Window, qtbot: QtBot, name: str) -> None:
    """Save what is selected as a layer, as a user does."""
    window.menus.refresh()
    window.menus.actions["graph.save_as_layer"].trigger()
    asked = dialog(window, qtbot)
    QTest.keyClicks(asked.field, name)
    QTest.keyClick(asked.field, Qt.Key.Key_Return)


def saved(window: Window, qtbot: QtBot, name: str = "head") -> None:
    save(window, qtbot, name)
    qtbot.waitUntil(lambda: name in window.editor.own_layers.layers)
    to_front(window)


def palette(window: Window) -> PalettePanel:
    panel = window.panel("palette")
    assert isinstance(panel, PalettePanel)
    return panel


def texts(panel: PalettePanel) -> list[str]:
    return [panel.list.rows.row_at(i).text for i in range(panel.list.rows.count)]


def own(panel: PalettePanel) -> list[str]:
    """What stands under "My layers"."""
    shown = texts(panel)
    if "My layers" not in shown:
        return []
    start = shown.index("My layers") + 1
    end = next(i for i in range(start, len(shown)) if isinstance(panel.shown[i], str))
    return shown[start:end]


def spot(panel: PalettePanel, text: str) -> QPoint:
    index = panel.list.rows.index(texts(panel).index(text))
    panel.list.scrollTo(index)
    return panel.list.visualRect(index).center()


def add(window: Window, text: str) -> str:
    """A double-click in the palette; what it added."""
    panel = palette(window)
    view, at = panel.list.viewport(), spot(panel, text)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=at)
    (added,) = window.editor.selection
    return added


def boxes(canvas: Canvas, group: str) -> tuple[list[str], list[str]]:
    """The ports of a box by the names of its nodes."""
    graph = canvas.editor.graph
    found: tuple[list[str], list[str]] = ([], [])
    for each in canvas.scene.ports(group):
        node, _, name = each.name.rpartition(".")
        found[each.output].append(f"{graph.nodes[node].name}.{name}")
    return found


def test_a_saved_group_is_added_again_with_fresh_ids_its_name_and_ports(
    window: Window, group: str, qtbot: QtBot
) -> None:
    canvas, editor = window.canvas, window.editor
    before = boxes(canvas, group)
    assert before == (["matmul.x", "matmul.w"], ["relu.y", "sum.y"])
    saved(window, qtbot)
    assert own(palette(window)) == ["head"]
    assert window.status.message.text() == "Saved head as a layer: it stands in the palette under My layers"
    as_it_was = dump_graph(editor.graph)
    added = add(window, "head")
    assert editor.graph.groups[added].name == "head"
    assert added != group
    assert sorted(editor.graph.nodes[id].name for id in editor.graph.interior(added)[0]) == ["matmul", "relu", "sum"]
    assert not set(editor.graph.interior(added)[0]) & set(editor.graph.interior(group)[0])
    assert boxes(canvas, added) == before  # that of relu too, which is read within
    assert editor.document.history.undo_label == "Add head"
    QTest.keyClick(canvas, Qt.Key.Key_Z, CONTROL)
    assert dump_graph(editor.graph) == as_it_was


def test_the_ports_that_it_had_take_and_give_values(window: Window, group: str, qtbot: QtBot) -> None:
    saved(window, qtbot)
    added = add(window, "head")
    editor, canvas = window.editor, window.canvas
    inner = {editor.graph.nodes[id].name: id for id in editor.graph.interior(added)[0]}
    canvas.frame()
    hand = Hand(canvas)
    editor.attempt("Cut", lambda t: t.disconnect("tanh0", "x"))
    hand.drag(port(canvas, added, f"{inner['relu']}.y", True), port(canvas, "tanh0", "x"))
    assert editor.graph.fed("tanh0", "x") == Source(inner["relu"], "y")
    hand.drag(port(canvas, "constant0", "y", True), port(canvas, added, f"{inner['matmul']}.x"))
    assert editor.graph.fed(inner["matmul"], "x") == Source("constant0", "y")


def test_an_optional_port_that_was_wired_is_there_again(window: Window, qtbot: QtBot) -> None:
    editor = window.editor

    def draw(t: object) -> str:
        bias = t.add("constant", name="b", params={"value": [1.0]}, position=(0, 900))
        conv = t.add("conv2d", inputs={"bias": bias}, position=(300, 900))
        made = t.group([conv], "conv")
        t.collapse(made)
        return made

    made = editor.attempt("Draw", draw)
    editor.select([made], made)
    saved(window, qtbot, "convolution")
    added = add(window, "convolution")
    assert sorted(boxes(window.canvas, added)[0]) == ["conv2d.bias", "conv2d.w", "conv2d.x"]


def test_the_file_is_readable_holds_no_values_and_nothing_of_what_lies_around(
    window: Window, group: str, place: Place, qtbot: QtBot
) -> None:
    saved(window, qtbot)
    (path,) = folder(place).glob("*.json")
    assert path.name == "head.json"
    text = path.read_text("utf-8")
    data = json.loads(text)
    assert [each["name"] for each in data["groups"].values()] == ["head"]
    assert sorted(each["op"] for each in data["nodes"].values()) == ["matmul", "relu", "sum"]
    assert "constant" not in text
    assert "values" not in data


def test_every_window_has_it_and_a_later_start_too(window: Window, group: str, place: Place, qtbot: QtBot) -> None:
    other = window.application.open_window(empty=True)
    saved(window, qtbot)
    assert own(palette(other)) == ["head"]
    added = add(other, "head")
    assert sorted(other.editor.graph.nodes[id].name for id in other.editor.graph.interior(added)[0]) == [
        "matmul",
        "relu",
        "sum",
    ]
    other.editor.document.mark_saved()
    later = place.start(empty=True)
    qtbot.waitUntil(lambda: own(palette(later)) == ["head"])


def test_it_is_found_by_typing_and_wired_where_a_wire_was_dropped(window: Window, group: str, qtbot: QtBot) -> None:
    saved(window, qtbot)
    canvas, editor = window.canvas, window.editor
    canvas.frame()
    hand = Hand(canvas)
    x, y = port(canvas, "tanh0", "y", True)
    hand.drag((x, y), (x + 300, y + 200))  # into the void: what reads tanh?
    search = window.popups.search
    assert search.isVisible()
    QTest.keyClicks(search.field, "head")
    assert search.entries[0].title == "head"
    assert search.entries[0].section == "My layers"
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    (added,) = editor.selection
    assert {wire.source for wire in editor.graph.consumers("tanh0")} == {Source("tanh0", "y")}
    assert {wire.target for wire in editor.graph.consumers("tanh0")} <= set(editor.graph.interior(added)[0])


def test_it_is_dragged_onto_the_canvas(window: Window, group: str, qtbot: QtBot) -> None:
    saved(window, qtbot)
    panel, canvas = palette(window), window.canvas
    data = panel.list.rows.mimeData([panel.list.rows.index(texts(panel).index("head"))])
    at = canvas.view.to_screen(*port(canvas, "tanh0", "y", True)) + canvas.view.to_screen(200, 200) * 0
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    QApplication.sendEvent(canvas, QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, left, none))
    QApplication.sendEvent(canvas, QDropEvent(at, Qt.DropAction.CopyAction, data, left, none))
    (added,) = window.editor.selection
    assert window.editor.graph.groups[added].name == "head"
    inside = window.editor.graph.interior(added)[0]
    assert {wire.target for wire in window.editor.graph.consumers("tanh0")} <= set(inside)


def test_the_menu_of_a_group_offers_it(window: Window, group: str, qtbot: QtBot) -> None:
    canvas = window.canvas
    Hand(canvas).click(title(canvas, group), RIGHT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Save as layer…" in [action.text() for action in menu.actions()]
    menu.close()
    Hand(canvas).click(title(canvas, "tanh0"), RIGHT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Save as layer…" not in [action.text() for action in menu.actions()]
    menu.close()


def test_a_name_that_is_taken_is_told_and_a_second_enter_sets_the_old_one_aside(
    window: Window, group: str, place: Place, qtbot: QtBot
) -> None:
    saved(window, qtbot)
    first = (folder(place) / "head.json").read_bytes()
    window.editor.attempt("Rename", lambda t: t.rename("relu0", "other"))
    save(window, qtbot, "head")
    asked = dialog(window, qtbot)
    assert asked.said.text() == "a layer called head is there already (Enter once more sets that one aside)"
    assert (folder(place) / "head.json").read_bytes() == first
    QTest.keyClick(asked.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "other" in window.editor.own_layers.layers["head"].about)
    (aside,) = (folder(place) / "discarded").iterdir()
    assert aside.read_bytes() == first


def test_a_name_that_no_file_can_have_is_refused_in_the_window_that_asks(
    window: Window, group: str, place: Place, qtbot: QtBot
) -> None:
    for name in ("a/b", "..", 'say "x"', "l" * 81):
        save(window, qtbot, name)
        asked = dialog(window, qtbot)
        assert asked.said.text().startswith("a layer's name must ")
        QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert not list(folder(place).glob("**/*.json"))


def test_a_group_that_names_a_node_outside_is_no_layer(window: Window, place: Place, qtbot: QtBot) -> None:
    editor = window.editor

    def draw(t: object) -> str:
        weight = t.add("parameter", name="weight", params={"shape": [2]}, position=(0, 900))
        again = t.add("shared", name="again", params={"of": weight}, position=(300, 900))
        return t.group([again], "tied")

    made = editor.attempt("Draw", draw)
    editor.select([made], made)
    save(window, qtbot, "tied")
    asked = dialog(window, qtbot)
    assert asked.said.text() == ("a layer must hold all that it names, tied/again names weight (put weight into tied)")
    QTest.keyClick(asked, Qt.Key.Key_Escape)


def test_it_is_renamed_and_removed_from_the_palette(window: Window, group: str, place: Place, qtbot: QtBot) -> None:
    saved(window, qtbot)
    panel = palette(window)
    at = spot(panel, "head")
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, panel.list.viewport().mapToGlobal(at))
    QApplication.sendEvent(panel.list.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    rename, _, _ = menu.actions()
    assert rename.text() == "Rename…"
    rename.trigger()
    menu.close()
    asked = dialog(window, qtbot)
    QTest.keyClicks(asked.field, "tail")
    QTest.keyClick(asked.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: own(panel) == ["tail"])
    to_front(window)
    added = add(window, "tail")
    assert window.editor.graph.groups[added].name == "tail"
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot(panel, "tail"))
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not own(panel))
    assert "My layers" not in texts(panel)
    (aside,) = (folder(place) / "discarded").iterdir()
    assert window.status.message.text() == f"Removed tail: its file lies in {aside.parent}"


def test_rows_of_ops_are_neither_removed_nor_renamed(window: Window, qtbot: QtBot) -> None:
    panel = palette(window)
    before = texts(panel)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot(panel, "MatMul"))
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    QTest.keyClick(panel.list, Qt.Key.Key_F2)
    assert QApplication.activeModalWidget() is None
    assert texts(panel) == before


def test_a_file_that_is_copied_into_the_folder_is_a_layer_by_its_name(
    window: Window, group: str, place: Place, qtbot: QtBot
) -> None:
    saved(window, qtbot)
    (folder(place) / "copied.json").write_bytes((folder(place) / "head.json").read_bytes())
    qtbot.waitUntil(lambda: own(palette(window)) == ["copied", "head"])
    added = add(window, "copied")
    assert window.editor.graph.groups[added].name == "copied"
    (folder(place) / "head.json").unlink()
    qtbot.waitUntil(lambda: own(palette(window)) == ["copied"])


GRAPH = '{"format": 1, "dtype": "float32", "nodes": {%s}}'
BROKEN = {
    "cut": ('{"format": 1, "nod', "cut.json: valid JSON is required, line 1, column 15"),
    "empty": ("", "empty.json: JSON is required, found an empty file"),
    "list": ("[1, 2]", "list.json: a graph must be an object, found a list"),
    "node": (
        GRAPH % '"a": {"op": "relu", "name": "a"}',
        "node.json: a layer must be one group with all within it, found 1 nodes in 0 groups",
    ),
    "deep": ("[" * 100_000, "deep.json: "),
    "long": (" " * (MOST_BYTES + 1), f"long.json: a layer has at most {MOST_BYTES:,} bytes, found more"),
    "bytes": (b"\xff\xfe\x00", "bytes.json: UTF-8 text is required, found the byte 0xff in line 1"),
    "<b>x": ("{", "a layer's name must be one of a file, found '<' in '<b>x'"),
}


def test_broken_files_are_told_in_their_tips_and_cost_nothing(
    window: Window, group: str, place: Place, qtbot: QtBot
) -> None:
    saved(window, qtbot)
    for name, (content, _) in BROKEN.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder(place) / f"{name}.json").write_bytes(data)
    os.mkfifo(folder(place) / "pipe.json")  # reading it would wait for ever
    (folder(place) / "within.json").mkdir()
    (folder(place) / "loop.json").symlink_to(folder(place) / "loop.json")
    panel = palette(window)
    qtbot.waitUntil(lambda: len(own(panel)) == len(BROKEN) + 1)
    for name, (_, told) in BROKEN.items():
        row = panel.list.rows.row_at(texts(panel).index(name))
        assert row.mark == "error"
        line = row.tip.replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
        assert line.startswith(told)
        assert "\n" not in line
    before = dump_graph(window.editor.graph)
    at = spot(panel, "node")
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert dump_graph(window.editor.graph) == before
    assert window.status.message.text() == f"✗ {BROKEN['node'][1]}"
    QTest.keyClicks(panel.field, "node")
    assert "node" not in texts(panel)
    panel.field.clear()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot(panel, "cut"))
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "cut" not in own(panel))


def test_ports_that_a_hostile_file_claims_are_not_shown(window: Window, group: str, place: Place, qtbot: QtBot) -> None:
    saved(window, qtbot)
    data = json.loads((folder(place) / "head.json").read_text())
    (made,) = data["groups"].values()
    made["shown_ports"] = {"inputs": ["relu.no", 5, "../x.y", "relu.x", ""], "outputs": "sum.y", "more": None}
    (folder(place) / "hostile.json").write_text(json.dumps(data))
    qtbot.waitUntil(lambda: "hostile" in own(palette(window)))
    added = add(window, "hostile")
    assert boxes(window.canvas, added) == (["matmul.x", "matmul.w"], ["sum.y"])


def test_f1_on_a_layer_of_ones_own_tells_how_it_is_built(window: Window, group: str, qtbot: QtBot) -> None:
    saved(window, qtbot)
    palette = window.docks.panels["palette"]
    palette.field.setFocus()
    QTest.keyClicks(palette.field, "head")
    QTest.keyClick(palette.field, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: any(card.isVisible() for card in window.findChildren(Card)))
    (card,) = (card for card in window.findChildren(Card) if card.isVisible())
    text = card.text()
    assert text.startswith("head\n\nlayer of your own\n\nWhat it does\nA group of 3 nodes: matmul, relu, sum.")
    assert "in         matmul.x  of what is wired there" in text
    assert "in         matmul.w  of what is wired there" in text
    assert "1. matmul = matmul(" in text
    assert "2. relu = relu(matmul)" in text
    assert "sum (sum):  ∂x = g" in text
    QTest.keyClick(card, Qt.Key.Key_Escape)
