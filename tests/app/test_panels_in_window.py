"""Panels in the window: they float and are reached by keys, show the selection, are stored, and cover no popup."""

from __future__ import annotations

import pytest
from hand import Hand, port, title
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, keyboard

from gradwire.app.chrome.standing import FIRST
from gradwire.app.inspecting.data_line import DataLine
from gradwire.app.inspecting.group_page import GroupPage
from gradwire.app.inspecting.parts import Elided
from gradwire.app.lists.clearing import clear_of
from gradwire.app.look.seen import is_seen
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.layers import build

SMALL = (1400, 900)  # as a window is at first


@pytest.fixture
def window(drawn_window: Window) -> Window:
    drawn_window.activateWindow()
    assert QTest.qWaitForWindowActive(drawn_window)
    return drawn_window


def focused_within(widget: QWidget) -> bool:
    focus = keyboard()
    return focus is not None and (focus is widget or widget.isAncestorOf(focus))


# Data.


def test_the_data_are_found_in_the_file_menu_and_from_their_node(window: Window, qtbot: QtBot) -> None:
    panel = window.docks.panels["data"]
    window.panel("history")
    assert panel.visibleRegion().isEmpty()
    next(action for action in window.menus_at_top["File"].actions() if action.text() == "Data…").trigger()
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    window.editor.attempt("Add", lambda t: [t.add("dataset", name=name, source="iris") for name in ("one", "two")])
    window.panel("history")
    ids = [id for id, node in window.editor.graph.nodes.items() if node.name == "two"]
    window.editor.select(ids, ids[0])
    qtbot.waitUntil(lambda: window.docks.panels["inspector"].findChild(DataLine) is not None)
    line = window.docks.panels["inspector"].findChild(DataLine)
    QTest.mouseClick(line.more, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.page is not None and panel.page.id == ids[0])
    assert not panel.visibleRegion().isEmpty()


# The explanation of a step.


def in_front(window: Window) -> str:
    """Which panel is seen beneath the canvas."""
    (seen,) = [id for id, dock in window.docks.docks.items() if dock.kind.area == "bottom" and is_seen(dock)]
    return seen


def test_a_step_is_explained_where_no_problems_stood(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(*SMALL)
    window.show()
    qtbot.waitUntil(lambda: in_front(window) == "problems")
    window.files.open_example(EXAMPLES / "lessons/fork.gw")
    qtbot.waitUntil(lambda: in_front(window) == "step")
    window.docks.show("problems")  # somebody wants to see them
    window.editor.stepper.step()
    QTest.qWait(50)
    assert in_front(window) == "problems"


@pytest.mark.parametrize("what", ["problems", "history", "closed"])
def test_what_is_looked_at_stays_in_front_when_stepping_begins(what: str, place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(*SMALL)
    window.show()
    if what == "problems":
        window.editor.attempt("Add", lambda t: t.add("add", name="lonely"))
        qtbot.waitUntil(lambda: bool(window.docks.panels["problems"].problems))
    if what == "closed":
        window.docks.docks["step"].close()
    shown = "history" if what == "history" else "problems"
    window.docks.show(shown)
    qtbot.waitUntil(lambda: in_front(window) == shown)
    window.editor.stepper.step()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    QTest.qWait(50)
    assert in_front(window) == shown


# The keyboard.


def test_f6_goes_into_a_panel_that_floats_and_out_of_it_again(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["relu0"])
    inspector, palette = window.docks.docks["inspector"], window.docks.docks["palette"]
    palette.hide()
    inspector.setFloating(True)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: keyboard() is window.canvas)
    reached = 0
    for _ in range(4):
        at: QWidget | None = keyboard()
        assert at is not None
        QTest.keyClick(at, Qt.Key.Key_F6)
        qtbot.wait(20)
        reached += focused_within(inspector)
    assert reached == 1
    for _ in range(6):
        if focused_within(inspector):
            break
        QTest.keyClick(keyboard(), Qt.Key.Key_F6)
        qtbot.wait(20)
    assert inspector.isActiveWindow()
    assert isinstance(keyboard(), QLineEdit)
    QTest.keyClick(keyboard(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.isActiveWindow() and not focused_within(inspector))


@pytest.mark.parametrize("floating", [False, True])
def test_escape_in_a_field_takes_back_what_was_typed_and_then_leads_to_the_canvas(
    window: Window, qtbot: QtBot, floating: bool
) -> None:
    window.editor.select(["relu0"])
    dock = window.docks.docks["inspector"]
    dock.setFloating(floating)
    qtbot.waitUntil(lambda: dock.findChild(QLineEdit) is not None)
    field = next(each for each in dock.findChildren(QLineEdit) if each.text() == "relu")
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(lambda: field.hasFocus())
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "relu"
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.isActiveWindow() and window.canvas.hasFocus())


def test_an_empty_list_of_problems_shows_that_it_has_the_keyboard(window: Window, qtbot: QtBot) -> None:
    window.editor.attempt("Delete", lambda t: t.remove("tanh0"))
    panel = window.docks.panels["problems"]
    window.docks.show("problems")
    qtbot.waitUntil(lambda: not panel.problems and panel.list.rows.count == 0)
    accent = QColor(window.theme.accent)

    def ringed() -> int:
        image = panel.list.viewport().grab().toImage()
        return sum(image.pixelColor(x, 1) == accent for x in range(20, image.width() - 20))

    assert not ringed()
    panel.list.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: ringed() > 100)


# What is shown.


def test_a_click_on_a_collapsed_layer_shows_its_output_in_the_tensor_viewer_and_the_inspector(
    window: Window, qtbot: QtBot
) -> None:
    editor, canvas = window.editor, window.canvas
    made = editor.attempt(
        "Add", lambda t: build(t, "linear", Source("matmul0", "y"), in_features=2, out_features=3, position=(520, 600))
    )
    editor.attempt("Collapse", lambda t: t.collapse(made.group))
    qtbot.waitUntil(lambda: editor.results.value(made.output) is not None)
    canvas.frame()
    panel = window.docks.show("tensor")
    hand = Hand(canvas)
    hand.click(title(canvas, "relu0"))
    qtbot.waitUntil(lambda: panel.source == Source("relu0", "y"))
    hand.click(title(canvas, made.group))
    qtbot.waitUntil(lambda: panel.source == made.output)
    assert "(1, 3)" in panel.heading.whole()
    page = window.docks.panels["inspector"].page
    assert isinstance(page, GroupPage)
    (given,) = page.outputs
    assert given.source == made.output
    captions = [each.whole() for each in page.findChildren(Elided) if each.isVisible()]
    assert "VALUE" in captions
    assert any(each.startswith("LAYER") for each in captions)
    assert given.value.cells.text().split() == [
        f"{v:.4f}".replace("-", "−") for v in editor.results.value(made.output)[0]
    ]


def test_a_collapsed_layer_shows_its_open_input_and_takes_a_wire_there(window: Window, qtbot: QtBot) -> None:
    editor, canvas = window.editor, window.canvas
    made = editor.attempt("Add", lambda t: build(t, "linear", None, in_features=2, out_features=3, position=(520, 600)))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    graph = editor.graph
    canvas.setFocus()
    editor.select([made.group], made.group)
    QTest.keyClick(canvas, Qt.Key.Key_H)
    assert editor.graph.groups[made.group].collapsed
    item = canvas.scene.item(made.group)
    assert item.input_labels == ("x",)
    canvas.frame()
    image = canvas.grab_image()
    at = canvas.view.to_screen(*port(canvas, made.group, item.inputs[0])) * image.devicePixelRatio()
    assert image.pixelColor(at.toPoint()).lightness() < 128  # drawn as one that has no wire
    hand = Hand(canvas)
    hand.move(port(canvas, made.group, item.inputs[0]), Qt.MouseButton.NoButton)
    assert "nothing is wired" in canvas.hover.text
    hand.drag(port(canvas, "matmul0", "y", True), port(canvas, made.group, item.inputs[0]))
    node, name = item.inputs[0].split(".")
    assert editor.graph.fed(node, name) == Source("matmul0", "y")
    assert canvas.scene.item(made.group).input_labels == ("x",)
    editor.undo()
    QTest.keyClick(canvas, Qt.Key.Key_H)
    assert editor.graph == graph


def test_ports_of_one_name_are_told_apart_by_the_nodes_within(window: Window) -> None:
    editor = window.editor
    group = editor.attempt("Group", lambda t: t.group(["relu0", "tanh0"]))
    editor.attempt("Collapse", lambda t: t.collapse(group))
    assert window.canvas.scene.item(group).input_labels == ("relu.x", "tanh.x")


@pytest.mark.parametrize("size", [SMALL, (1500, 940)])
def test_the_statistics_of_a_tensor_are_in_view_and_only_the_table_scrolls(
    window: Window, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.docks.reset()
    window.resize(*size)
    panel = window.docks.show("tensor")
    window.editor.select(["matmul0"])
    qtbot.waitUntil(lambda: panel.view.array is not None and panel.view.line.text() != "")
    qtbot.wait(50)
    bars = panel.scrolled.verticalScrollBar(), panel.scrolled.horizontalScrollBar()
    assert [bar.maximum() for bar in bars] == [0, 0]
    line = panel.view.line
    assert line.visibleRegion().boundingRect() == line.rect()
    assert line.mapTo(panel, QPoint()).y() < panel.view.table.mapTo(panel, QPoint()).y()
    assert panel.view.table.viewport().height() >= 40


# Where panels stand.


@pytest.mark.slow
def test_the_arrangement_is_stored_while_the_program_runs(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()
    qtbot.waitExposed(window)

    def wait_until_stored() -> None:
        """As long as it takes on a busy machine."""
        stored = window.application.settings.bytes
        qtbot.waitUntil(lambda: stored(f"{FIRST}/docks") == window.docks.state())

    wait_until_stored()
    window.docks.docks["palette"].close()
    window.docks.docks["inspector"].setFloating(True)
    wait_until_stored()
    after_a_crash = place.start(empty=True)  # another process, as far as settings go
    assert after_a_crash.docks.docks["palette"].isHidden()
    assert after_a_crash.docks.docks["inspector"].isFloating()
    after_a_crash.close()
    window.docks.reset()
    wait_until_stored()
    again = place.start(empty=True)
    assert not again.docks.docks["palette"].isHidden()
    assert not again.docks.docks["inspector"].isFloating()


@pytest.mark.slow
def test_a_presentation_is_not_stored_as_an_arrangement_and_its_hint_goes(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradwire.app.chrome.presentation.TOLD_FOR", 300)
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    qtbot.waitExposed(window)
    window.presentation.begin()
    assert "presentation" in window.bars.names()
    QTest.keyClick(window.canvas, Qt.Key.Key_PageDown)
    qtbot.wait(1000)
    assert window.bars.names() == []
    other = place.start(empty=True)
    assert not other.docks.docks["palette"].isHidden()


def test_a_search_opens_beside_what_floats_over_the_window(window: Window, qtbot: QtBot) -> None:
    dock = window.docks.docks["inspector"]
    dock.setFloating(True)
    dock.resize(300, 500)
    canvas = window.canvas
    middle = canvas.mapToGlobal(canvas.rect().center())
    dock.move(middle - QPoint(100, 150))
    qtbot.wait(20)
    search = window.popups.search
    QTest.mouseMove(canvas, canvas.rect().center())
    window.popups.open_search()
    taken = QRect(window.mapFromGlobal(dock.pos()), dock.frameSize())
    assert not search.geometry().intersects(taken)
    assert window.rect().contains(search.geometry())
    search.dismiss()
    window.popups.open_find()
    assert not window.popups.finder.geometry().intersects(taken)


def test_a_popup_stays_where_it_is_wanted_if_that_is_free_and_loses_least_if_nothing_is() -> None:
    inside, wanted = QRect(0, 0, 1000, 800), QRect(300, 200, 380, 300)
    assert clear_of(wanted, inside, [QRect(700, 0, 300, 300)]) == QPoint(300, 200)
    assert clear_of(wanted, inside, [QRect(600, 100, 400, 600)]) == QPoint(216, 200)
    assert inside.contains(QRect(clear_of(wanted, inside, [inside]), wanted.size()))


# What is done.


def test_undo_of_a_deletion_selects_what_is_back(window: Window) -> None:
    canvas, editor = window.canvas, window.editor
    canvas.setFocus()
    editor.select(["relu0"], "relu0")
    QTest.keyClick(canvas, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert "relu0" not in editor.graph.nodes
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (editor.selection, editor.active) == (frozenset(["relu0"]), "relu0")


@pytest.mark.parametrize(
    ("selected", "key", "held", "line"),
    [
        ("constant0", Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier, "freeze is for a parameter, found x"),
        (None, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier, "this takes one node, found none selected"),
        ("relu0", Qt.Key.Key_H, Qt.KeyboardModifier.NoModifier, "this takes a group, relu is a node"),
        (None, Qt.Key.Key_M, Qt.KeyboardModifier.NoModifier, "nothing is selected to do this with"),
        (None, Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier, "this takes several nodes, found none selected"),
        (None, Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, "this takes a recorded moment: Space does the first step"),
        (None, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier, "nothing is being trained"),
    ],
)
def test_a_key_that_can_do_nothing_says_why(window: Window, selected, key, held, line) -> None:
    window.canvas.setFocus()
    window.editor.select([selected] if selected else [], selected)
    QTest.keyClick(window.canvas, key, held)
    assert line in window.status.message.text()
