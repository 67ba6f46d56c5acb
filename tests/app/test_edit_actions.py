"""The actions that edit: each is one undo that gives the file's first bytes back, and none needs the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradwire.app.actions import adding, edit, groups, nodes, nudging, selecting, wires
from gradwire.app.actions.action import Action
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.scene import Place, PortRef
from gradwire.app.editing import clipboard
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.app.search.wire_popup import WirePopup
from gradwire.core.document import Document
from gradwire.core.evaluating import Root
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source
from gradwire.core.session import Session

MENUS = (edit, selecting, nudging, adding, wires, nodes, groups)
ACTIONS = [each for menu in MENUS for each in menu.ACTIONS]
# What is selected where it is not relu0 and sum0, the active one last.
SELECTED: dict[str, list[str]] = {
    "graph.connect_selected": ["tanh0", "add0"],
    "graph.insert": ["tanh0"],
    "graph.freeze": ["parameter0"],
    "graph.extract": ["relu0"],
    "graph.ungroup": ["group0"],
    "graph.collapse": ["group0"],
    "graph.save_as_layer": ["group0"],
    "graph.enter": ["group0"],
    "graph.leave": [],
}
# What is typed into the list that these open, before its first row is chosen.
TYPED = {"graph.connect_by_name": "relu -> tanh", "graph.disconnect_by_name": "sum.x"}
# Those that open something, or change only what is selected or shown.
NO_EDIT = {
    *(f"edit.{name}" for name in ("undo", "redo", "copy", "rename", "select_all", "select_none", "invert_selection")),
    *(f"edit.select_{name}" for name in ("upstream", "downstream", "linked")),
    *(f"graph.{name}" for name in ("add", "add_after", "insert_after", "replace", "enter", "leave", "view_value")),
    "graph.save_as_layer",
    *(f"graph.gradients_of{more}" for more in ("", "_this_too", "_loss")),
}


def sample() -> Document:
    """x, w -> matmul -> relu -> sum; a lone tanh and add; a frame around two nodes, one of which reads the sum."""
    document = Document()
    with document.transaction("Sample") as t:
        t.add("constant", name="x", params={"value": [[1.0, 2.0, 3.0]]})
        t.add("parameter", name="w", params={"shape": [3, 2]}, position=(0, 200))
        t.set_values("parameter0", np.arange(6, dtype=np.float32).reshape(3, 2))
        t.add("matmul", name="matmul", inputs={"x": "constant0", "w": "parameter0"}, position=(250, 80))
        t.add("relu", name="relu", inputs={"x": "matmul0"}, position=(520, 80))
        t.add("sum", name="sum", inputs={"x": "relu0"}, position=(860, 80))
        t.add("tanh", name="tanh", position=(520, 380))
        t.add("add", name="add", position=(860, 380))
        t.add("exp", name="exp", inputs={"x": "sum0"}, position=(1100, 80))
        t.add("sin", name="sin", inputs={"x": "exp0"}, position=(1300, 80))
        t.group(["exp0", "sin0"], "frame")
    return document


class Desk(SimpleNamespace):
    """What actions use of a window."""

    editor: Editor
    canvas: Canvas
    searched: list[Any]


@pytest.fixture
def desk(qtbot: Any) -> Iterator[Desk]:
    editor = Editor(Session(sample()))
    canvas = Canvas(editor, DARK)
    canvas.resize(1400, 900)
    searched: list[Any] = []
    popups = SimpleNamespace(open_search=searched.append, wires=WirePopup(editor, DARK, canvas))
    yield Desk(editor=editor, canvas=canvas, shows_canvas=True, searched=searched, popups=popups)
    editor.close()
    canvas.deleteLater()


def ready(desk: Desk, action: Action) -> None:
    ids = SELECTED.get(action.id, ["sum0", "relu0"])
    desk.editor.select(ids, ids[-1] if ids else None)
    if action.id == "graph.leave":
        desk.editor.enter("group0")
    if action.id == "graph.gradients_of_loss":
        desk.editor.live.set_roots(Root(Source("relu0", "y")))


def by_id(name: str) -> Action:
    return next(action for action in ACTIONS if action.id == name)


def answer(desk: Desk, text: str) -> list[str]:
    """Type into the list of ports, look at its rows, and choose the first one."""
    popup = desk.popups.wires
    popup.field.setText(text)
    rows = [popup.list.rows.row_at(number).text for number in range(popup.list.rows.count)]
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    return rows


def do(desk: Desk, name: str) -> None:
    action = by_id(name)
    assert action.enabled(desk)  # type: ignore[arg-type]
    action.run(desk)  # type: ignore[arg-type]


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.id not in NO_EDIT], ids=lambda action: action.id)
def test_an_action_is_one_undo_that_gives_the_first_bytes_back(desk: Desk, action: Action) -> None:
    document, told = desk.editor.document, []
    desk.editor.told.connect(lambda text, kind: told.append((text, kind)))
    if action.id.startswith("edit.paste"):
        clipboard.put(clipboard.text_of(document.graph, document.values, ["matmul0", "group0"]))
    ready(desk, action)
    before, values, position = dump_graph(document.graph), dict(document.values), document.history.position
    assert action.enabled(desk)  # type: ignore[arg-type]
    action.run(desk)  # type: ignore[arg-type]
    if action.id in TYPED:
        answer(desk, TYPED[action.id])
    assert document.history.position == position + 1, told
    after = dump_graph(document.graph)
    assert after != before
    assert document.history.undo_label[0].isupper()
    desk.editor.undo()
    assert dump_graph(document.graph) == before
    assert {id: value.tobytes() for id, value in document.values.items()} == {
        id: value.tobytes() for id, value in values.items()
    }
    desk.editor.redo()
    assert dump_graph(document.graph) == after


@pytest.mark.parametrize(
    "action", [a for a in ACTIONS if a.id in NO_EDIT and a.id != "graph.replace"], ids=lambda action: action.id
)
def test_what_only_selects_or_shows_is_no_edit(desk: Desk, action: Action) -> None:
    document = desk.editor.document
    ready(desk, action)
    before = document.history.state
    if action.id in ("edit.undo", "edit.redo"):
        return
    assert action.enabled(desk)  # type: ignore[arg-type]
    action.run(desk)  # type: ignore[arg-type]
    assert document.history.state == before


def test_actions_have_ids_texts_and_explanations_of_their_own() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    keys = [key for action in ACTIONS for key in action.keys]
    assert sorted(keys) == sorted(set(keys))
    assert all(action.about and action.menu for action in ACTIONS)
    # Letters are keys of the canvas: typed into a field they are letters.
    assert all(action.focus == "canvas" for action in ACTIONS for key in action.keys if "Ctrl" not in key)


# The labels are in words.


@pytest.mark.parametrize(
    ("name", "selected", "label"),
    [
        ("edit.delete", ["relu0"], "Delete relu"),
        ("edit.delete", ["relu0", "sum0"], "Delete 2 nodes"),
        ("edit.delete", ["relu0", "group0"], "Delete 2 items"),
        ("edit.delete_and_reconnect", ["relu0"], "Delete and reconnect relu"),
        ("edit.duplicate", ["relu0"], "Duplicate relu"),
        ("edit.nudge_left", ["relu0"], "Move relu"),
        ("graph.bypass", ["relu0"], "Bypass relu"),
        ("graph.freeze", ["parameter0"], "Freeze w"),
        ("graph.keep", ["relu0"], "Keep the gradient of relu"),
        ("graph.group", ["relu0", "sum0"], "Group 2 nodes"),
        ("graph.frame", ["relu0"], "Frame relu"),
        ("graph.ungroup", ["group0"], "Ungroup frame"),
        ("graph.collapse", ["group0"], "Collapse frame"),
        ("graph.disconnect", ["sum0", "exp0"], "Cut 3 wires"),
        ("graph.connect_selected", ["sum0", "tanh0"], "Connect 2 nodes"),
        ("graph.extract", ["relu0"], "Pull out relu"),
    ],
)
def test_labels(desk: Desk, name: str, selected: list[str], label: str) -> None:
    desk.editor.select(selected)
    do(desk, name)
    assert desk.editor.document.history.undo_label == label


# What they do.


def test_delete_and_reconnect_closes_the_gap(desk: Desk) -> None:
    desk.editor.select(["relu0", "sum0"])
    do(desk, "edit.delete_and_reconnect")
    assert desk.editor.graph.inputs("exp0") == {"x": Source("matmul0", "y")}


def test_nudges_in_quick_succession_are_one_undo(desk: Desk) -> None:
    desk.editor.select(["relu0", "group0"])
    position = desk.editor.document.history.position
    for _ in range(3):
        do(desk, "edit.nudge_right")
    assert desk.editor.document.history.position == position + 1
    assert desk.editor.graph.node("relu0").position == (550.0, 80.0)
    assert desk.editor.graph.node("sin0").position == (1330.0, 80.0)  # what lies in a group goes with it


def test_freeze_is_for_parameters(desk: Desk) -> None:
    told: list[str] = []
    desk.editor.told.connect(lambda text, _: told.append(text))
    desk.editor.select(["relu0"])
    do(desk, "graph.freeze")
    assert told == ["freeze is for a parameter, found relu"]


def test_streams_are_selected_through_collapsed_groups(desk: Desk) -> None:
    desk.editor.select(["group0"])
    do(desk, "graph.collapse")
    desk.editor.select(["relu0"])
    do(desk, "edit.select_downstream")
    assert desk.editor.selection == {"relu0", "sum0", "group0"}
    desk.editor.select(["relu0"])
    do(desk, "edit.select_upstream")
    assert desk.editor.selection == {"relu0", "matmul0", "constant0", "parameter0"}


def test_more_than_two_are_connected_into_the_active_one(desk: Desk) -> None:
    desk.editor.select(["constant0", "tanh0", "add0"], "add0")
    do(desk, "graph.connect_selected")
    assert desk.editor.graph.inputs("add0") == {"x": Source("constant0", "y"), "y": Source("tanh0", "y")}


def test_the_keyboard_adds_after_the_active_node_and_into_its_wire(desk: Desk) -> None:
    desk.editor.select(["relu0"], "relu0")
    do(desk, "graph.add_after")
    do(desk, "graph.insert_after")
    after, inserted = desk.searched
    assert isinstance(after, Place)
    assert after.port == PortRef("relu0", "y", True)
    assert (inserted.wire.target, inserted.wire.port) == ("sum0", "x")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("relu ->", "a wire is written SOURCE -> TARGET, found 'relu ->' (relu -> matmul.x)"),
        ("relu -> tanh.z", "tanh has no port 'z' (its ports: x)"),
        ("rel -> tanh", "there is no node 'rel' (near: relu, relu0)"),
        ("sum -> matmul", "matmul cannot take that value without closing a loop"),
        ("relu.z -> tanh", "relu has no output 'z' (its outputs: y)"),
        ("relu -> frame/sin.x", None),
        ("relu → add.y", None),
        ("relu -> frame", None),
    ],
)
def test_wires_are_typed_by_name(desk: Desk, text: str, refusal: str | None) -> None:
    position = desk.editor.document.history.position
    do(desk, "graph.connect_by_name")
    rows = answer(desk, text)
    if refusal is None:
        assert len(rows) == 1
        assert desk.editor.document.history.undo_label == rows[0]
    else:
        assert rows == []
        assert desk.popups.wires.list.empty == refusal
    assert desk.editor.document.history.position == position + (refusal is None)


def test_a_wire_is_begun_and_ended_at_chosen_ports_with_the_keyboard(desk: Desk, qtbot: Any) -> None:
    editor, popup = desk.editor, desk.popups.wires
    qtbot.waitUntil(lambda: not editor.checking.busy)
    editor.select(["add0"], "add0")
    do(desk, "graph.connect_by_name")
    rows = [popup.list.rows.row_at(number).text for number in range(3)]
    assert rows == ["add (result)", "add.x", "add.y"]  # the output, then the inputs of the active node
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert popup.field.placeholderText() == "Connect add.y from which port?"
    rows = answer(desk, "matm")
    assert rows == ["matmul (result)"]
    assert editor.graph.fed("add0", "y") == Source("matmul0", "y")
    assert editor.document.history.undo_label == "Connect matmul to add.y"


def test_what_fits_comes_first_and_a_loop_is_not_offered(desk: Desk, qtbot: Any) -> None:
    editor, popup = desk.editor, desk.popups.wires
    qtbot.waitUntil(lambda: not editor.checking.busy)
    editor.select(["relu0"], "relu0")  # relu is (1, 2)
    do(desk, "graph.connect_by_name")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    rows = [popup.list.rows.row_at(number) for number in range(popup.list.rows.count)]
    texts = [row.text for row in rows]
    assert "matmul.x" not in texts  # relu reads it
    assert {"tanh.x", "add.x", "add.y", "sum.x"} <= set(texts)
    assert texts.index("tanh.x") < texts.index("sum.x")  # a free one before one that is fed
    fits = [not row.faded for row in rows]
    assert fits == sorted(fits, reverse=True)
    popup.field.setText("matmul.w")
    assert popup.list.rows.count == 0
    assert popup.list.empty == "No port of this name can take this wire"


def test_all_wires_from_one_output_are_taken_off_at_once(desk: Desk) -> None:
    editor = desk.editor
    editor.attempt("Fork", lambda t: t.connect("relu0", "tanh0", "x"))
    editor.select(["relu0"], "relu0")
    do(desk, "graph.disconnect_by_name")
    assert answer(desk, "relu.y")[:3] == ["relu.y", "relu.y → sum.x", "relu.y → tanh.x"]
    assert list(editor.graph.consumers("relu0")) == []
    assert editor.document.history.undo_label == "Cut 2 wires"


def test_a_group_is_left_and_selected(desk: Desk) -> None:
    desk.editor.select(["group0"], "group0")
    do(desk, "graph.enter")
    assert desk.editor.group == "group0"
    do(desk, "graph.leave")
    assert (desk.editor.group, desk.editor.selection) == (None, {"group0"})


def refusals(desk: Desk, act: Callable[[], object]) -> list[str]:
    told: list[str] = []
    desk.editor.told.connect(lambda text, kind: told.append(text) if kind == "refusal" else None)
    act()
    return told


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "the clipboard is empty, so there is nothing to paste (Ctrl+C copies what is selected)"),
        ("def f():\n  pass", "pasting needs a copied graph, the clipboard holds the text 'def f(): pass'"),
        ("{", "pasting needs a copied graph, the clipboard: valid JSON is required, line 1, column 2: "),
        ("{}", "pasting needs a copied graph, the clipboard: "),
        ('{"format": 1, "nodes": {}}', "pasting needs a copied graph, the one on the clipboard is empty"),
    ],
)
def test_foreign_text_is_refused_in_one_line(desk: Desk, text: str, refusal: str) -> None:
    clipboard.put(text)
    (told,) = refusals(desk, lambda: do(desk, "edit.paste"))
    assert told.startswith(refusal)
    assert "\n" not in told
    assert desk.editor.document.history.position == 1


def test_paste_gives_the_wires_within_and_with_inputs_those_from_outside(desk: Desk) -> None:
    desk.editor.select(["matmul0", "relu0"])
    do(desk, "edit.copy")
    do(desk, "edit.paste")
    assert desk.editor.selection == {"matmul1", "relu1"}
    assert desk.editor.graph.inputs("relu1") == {"x": Source("matmul1", "y")}
    assert desk.editor.graph.inputs("matmul1") == {}
    do(desk, "edit.paste_with_inputs")
    assert desk.editor.graph.inputs("matmul2") == {"x": Source("constant0", "y"), "w": Source("parameter0", "y")}
    places = [desk.editor.graph.node(id).position for id in ("matmul0", "matmul1", "matmul2")]
    assert len(set(places)) == 3  # no copy lies on another


def test_paste_with_inputs_says_what_is_not_here_any_more(desk: Desk) -> None:
    told: list[str] = []
    desk.editor.told.connect(lambda text, _: told.append(text))
    desk.editor.select(["matmul0"])
    do(desk, "edit.copy")
    desk.editor.select(["constant0"])
    do(desk, "edit.delete")
    do(desk, "edit.paste_with_inputs")
    assert told[-1] == "Pasted matmul; one input is not here any more"
    assert desk.editor.graph.inputs("matmul1") == {"w": Source("parameter0", "y")}


def test_values_groups_and_flags_are_copied_along(desk: Desk) -> None:
    with desk.editor.document.transaction("More") as t:
        t.set_flags("sin0", "bypass")
    desk.editor.select(["parameter0", "group0"])
    do(desk, "edit.cut")
    assert "parameter0" not in desk.editor.graph.nodes
    do(desk, "edit.paste")
    (group,) = desk.editor.graph.groups
    names = desk.editor.graph.members(group)
    assert set(names) == {"exp", "sin"}
    assert desk.editor.graph.node(names["sin"]).flags == {"bypass"}
    assert desk.editor.document.values["parameter0"].tolist() == [[0, 1], [2, 3], [4, 5]]


def test_a_whole_file_can_be_pasted(desk: Desk) -> None:
    clipboard.put(dump_graph(desk.editor.graph).decode())
    nodes = len(desk.editor.graph.nodes)
    do(desk, "edit.paste")
    assert len(desk.editor.graph.nodes) == 2 * nodes


def test_items_of_one_name_from_several_groups_can_be_copied(desk: Desk) -> None:
    with desk.editor.document.transaction("More") as t:
        t.add("exp", name="exp", inputs={"x": "sum0"})
    desk.editor.select(["exp0", "exp1"])
    do(desk, "edit.copy")
    do(desk, "edit.paste")
    assert {desk.editor.graph.node(id).name for id in desk.editor.selection} == {"exp_2", "exp_3"}
