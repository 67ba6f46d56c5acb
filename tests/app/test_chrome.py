"""What stands around the canvas keeps its place: toolbar, breadcrumb, panels, texts and icons of every size."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.canvas.stepping.caption_place import Berth
from gradwire.app.chrome.title_bar import TitleBar
from gradwire.app.window import Window
from gradwire.core.session import Session


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def buttons(window: Window) -> list[QPoint]:
    """Where the toolbar's buttons are."""
    settle()
    return [button.mapTo(window, QPoint()) for button in window.toolbar.findChildren(QToolButton)]


def test_the_toolbar_stands_still_through_edits_and_files(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    before = buttons(window)
    window.editor.attempt("Add Tanh", lambda t: t.add("tanh"))
    assert window.toolbar.mark.text() == "●"
    assert buttons(window) == before
    window.editor.undo()
    for name in ("digits_mlp.gw", "mlp_64x1000x100x10.gw"):
        window.files.open(EXAMPLES / name)
        assert window.toolbar.name.text() == name
        assert buttons(window) == before


@pytest.mark.parametrize("width", [1500, 1000])
def test_the_toolbar_stands_still_as_live_rests_and_goes_on(place: Place, qtbot: QtBot, width: int) -> None:
    window = place.start(place.copy("colah.gw"))
    window.resize(width, 800)
    live, state, track = window.editor.live, window.toolbar.live_state, window.toolbar.stepper.track
    qtbot.waitUntil(lambda: window.status.live.text() == "live")
    before, room = buttons(window), track.geometry()
    assert (state.text(), state.toolTip()) == ("", "")
    live.refreshing.limit = 0.0
    live.refresh_now()
    qtbot.waitUntil(lambda: state.text() == "paused")
    assert state.toolTip().startswith("live is paused: a refresh took ")
    assert state.width() >= state.fontMetrics().horizontalAdvance("paused")
    assert (buttons(window), track.geometry()) == (before, room)
    live.refreshing.limit = 60.0
    live.enabled = True
    qtbot.waitUntil(lambda: window.status.live.text() == "live" and state.text() == "")
    assert (buttons(window), track.geometry()) == (before, room)


def test_a_long_name_is_cut_in_its_middle_and_whole_in_its_tooltip(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    width, name = window.width(), "network_" * 20 + ".gw"
    window.files.path.rename(window.files.path.with_name(name))
    window.files.open(place.folder / name)
    settle()
    assert window.width() == width
    assert window.toolbar.name.width() < 200
    assert window.toolbar.name.toolTip() == str(place.folder / name)


def test_a_narrow_window_still_has_the_timeline(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    for width in (790, 1400):
        window.resize(width, 600)
        settle()
        assert window.toolbar.stepper.isVisible()
        assert window.toolbar.stepper.track.width() >= 50
        assert window.toolbar.search.isVisible()


@pytest.mark.parametrize("scale", [1.0, 1.3])
def test_in_a_narrow_window_nothing_of_the_toolbar_is_hidden_while_stepping(
    place: Place, qtbot: QtBot, scale: float
) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.application.scale_text(scale)
    window.show()
    editor = window.editor
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    editor.attempt("Edit", lambda t: t.add("relu"))  # "Record again" stands there now
    more = window.toolbar.findChild(QToolButton, "qt_toolbar_ext_button")
    for width in (1500, 1250, 1200, 1100, 1000, 950):
        window.resize(round(width * scale), 700)
        settle()
        assert not more.isVisible(), width
        assert window.toolbar.stepper.isVisible()
        assert window.toolbar.stepper.again.isVisible()
        assert window.toolbar.stepper.track.width() >= 50
    assert window.toolbar.stepper.iteration.field.isVisible()
    iteration, metrics = window.toolbar.stepper.iteration, window.toolbar.fontMetrics()
    for part, text in ((iteration.field, "12,345"), (iteration.of, "of 12,345")):  # the track stays as wide till then
        assert part.minimumWidth() >= metrics.horizontalAdvance(text)
    assert iteration.room(narrow=True) >= iteration.field.width()


def test_the_breadcrumb_does_not_move_the_graph(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.resize(1200, 800)  # a smaller one has its docks squeezed anew by what the inspector holds
    canvas, graph = window.canvas, window.editor.graph
    qtbot.waitUntil(lambda: not window.editor.checking.busy)  # with the shapes its nodes have their height
    settle()
    before = canvas.geometry(), canvas.mapTo(window, QPoint()), canvas.view.transform
    window.editor.select([graph.resolve("sin"), graph.resolve("product")])
    QTest.keyClick(canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert window.editor.graph.groups
    assert not window.breadcrumb.isVisible()  # it would cover the corner, and lead nowhere
    assert (canvas.geometry(), canvas.mapTo(window, QPoint()), canvas.view.transform) == before
    # It lies over the canvas, and its buttons are to be clicked there.
    (group,) = window.editor.graph.groups
    window.editor.enter(group)
    settle()
    assert (canvas.geometry(), canvas.mapTo(window, QPoint())) == before[:2]
    (back,) = [button for button in window.breadcrumb.findChildren(QToolButton) if button.isEnabled()]
    assert window.childAt(back.mapTo(window, back.rect().center())) is back
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    assert window.editor.group is None
    assert not window.breadcrumb.isVisible()


def test_the_caption_of_a_step_stands_beside_the_breadcrumb(place: Place) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    graph = window.editor.graph
    window.editor.select([graph.resolve("sin"), graph.resolve("product")])
    QTest.keyClick(window.canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    (group,) = window.editor.graph.groups
    window.editor.enter(group)
    settle()
    size, over = QSizeF(300, 60), QRectF(window.breadcrumb.geometry())
    for share in (0.0, 0.1, 0.5, 1.0):
        for above in (True, False):
            assert not QRectF(Berth(above, share).corner(window.canvas, size), size).intersects(over)
    narrow = QSizeF(window.canvas.width() - 30, 60)  # with no room beside it, beneath
    assert not QRectF(Berth(True, 0.0).corner(window.canvas, narrow), narrow).intersects(over)


def sizes(window: Window) -> dict[str, object]:
    """How large texts and icons are."""
    settle()
    inspector = window.docks.panels["inspector"]
    return {
        "inspector": sorted(
            (label.text(), QFontInfo(label.font()).pixelSize()) for label in inspector.findChildren(QLabel)
        ),
        "code": QFontInfo(window.docks.panels["code"].text.font()).pixelSize(),
        "toolbar": window.toolbar.iconSize().width(),
        "stepper": window.toolbar.stepper.findChildren(QToolButton)[0].iconSize().width(),
        "docks": window.docks.docks["palette"].titleBarWidget().close_button.iconSize().width(),
    }


def test_all_texts_and_icons_grow_and_come_back(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    qtbot.waitUntil(lambda: isinstance(window.docks.docks["palette"].titleBarWidget(), TitleBar))
    application, before = window.application, sizes(window)
    for begin, end in (
        (lambda: application.scale_text(1.5), lambda: application.scale_text(None)),
        (window.presentation.begin, window.presentation.end),
    ):
        begin()
        larger = sizes(window)
        for name in ("code", "toolbar", "stepper", "docks"):
            assert larger[name] > before[name] * 1.3, name
        assert all(
            size > was * 1.2 for (_, size), (_, was) in zip(larger["inspector"], before["inspector"], strict=True)
        )
        end()
        assert sizes(window) == before


def test_a_panel_that_floats_leaves_its_place_and_comes_back_before_the_window(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    dock = window.docks.docks["inspector"]
    qtbot.waitUntil(lambda: isinstance(dock.titleBarWidget(), TitleBar))
    settle()
    at, height = dock.mapToGlobal(QPoint()), dock.height()
    QTest.mouseClick(dock.titleBarWidget().float_button, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    assert dock.pos() != at
    assert dock.height() < height * 0.8  # the corner of the canvas with the minimap is free
    stands = dock.geometry()
    window.close()
    raised: list[tuple[str, bool]] = []
    shown = lambda dock: raised.append((dock.objectName(), dock.parentWidget().isVisible()))  # noqa: E731
    monkeypatch.setattr(QDockWidget, "raise_", shown)
    dock = place.start(EXAMPLES / "colah.gw").docks.docks["inspector"]
    qtbot.waitUntil(lambda: ("dock-inspector", True) in raised)  # after the window, which would lie over it
    assert dock.isFloating()
    assert dock.geometry() == stands  # not a step further with each start


def test_the_first_window_fits_on_its_screen(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    room = window.screen().availableGeometry()  # here 800 by 800, as a large screen at twice its scale
    assert room.width() < 1400
    assert window.frameGeometry().width() <= room.width()
    assert window.frameGeometry().height() <= room.height()


def test_a_new_graph_begins_at_its_own_size(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.canvas.zoom_to(0.2)
    window.files.new()
    assert window.canvas.view.scale == pytest.approx(1.0)


@pytest.mark.parametrize("nodes", [1, 2])
def test_the_inspector_names_a_copy_and_counts_in_english(place: Place, qtbot: QtBot, nodes: int) -> None:
    window = place.start(empty=True)
    window.files.open_example(EXAMPLES / "colah.gw")
    inspector = window.docks.panels["inspector"]
    qtbot.waitUntil(lambda: inspector.page.title.text() == "Copy of colah")
    window.editor.open(Session())
    for _ in range(nodes):
        window.editor.attempt("Add Input", lambda t: t.add("input"))
    counts = {1: "1 node · 0 wires", 2: "2 nodes · 0 wires"}
    qtbot.waitUntil(lambda: inspector.page.about.text() == counts[nodes])


LONG = "Unsaved edits of a graph were found: 12 edits, the last “Insert MatMul between linear0/relu.x and output.x”."


def test_a_node_stays_where_it_is_while_messages_come_and_go(drawn_window: Window) -> None:
    window, canvas = drawn_window, drawn_window.canvas

    def places() -> list[QPoint]:
        settle()
        corners = [canvas.view.to_screen(*canvas.scene.rect(id)[:2]) for id in window.editor.graph.nodes]
        return [canvas.mapToGlobal(corner).toPoint() for corner in corners]

    before, top = places(), canvas.mapTo(window, QPoint())
    window.bars.show_bar("one", LONG, "warning", {"Recover": lambda: None})
    assert places() == before
    assert canvas.mapTo(window, QPoint()).y() > top.y() + 20  # the message has its place above
    window.bars.show_bar("two", "Another message")
    window.popups.rename("relu0")
    (field,) = (field for field in canvas.findChildren(QLineEdit) if field.isVisible())
    settle()
    at = field.mapToGlobal(QPoint())
    window.bars.take_away("one")
    assert places() == before
    assert field.mapToGlobal(QPoint()) == at  # what is open over a node stays with it
    window.bars.take_away()
    assert places() == before
    assert canvas.mapTo(window, QPoint()) == top


def test_what_another_group_hides_is_gone_to_and_renamed(drawn_window: Window) -> None:
    window, canvas = drawn_window, drawn_window.canvas
    editor = window.editor
    editor.enter(editor.attempt("Group", lambda t: t.group(["relu0"])))
    (outside, *_) = (id for id in editor.graph.nodes if id != "relu0")
    editor.select([outside], outside)
    window.menus.actions["edit.rename"].trigger()
    assert (editor.group, editor.selection) == (None, {outside})
    (field,) = (field for field in canvas.findChildren(QLineEdit) if field.isVisible())
    assert field.text() == editor.graph.nodes[outside].name


def test_a_click_on_what_takes_no_keyboard_ends_the_typing_of_a_name(drawn_window: Window) -> None:
    window, canvas = drawn_window, drawn_window.canvas
    window.popups.rename("relu0")
    (field,) = (field for field in canvas.findChildren(QLineEdit) if field.isVisible())
    field.setText("gate")
    elsewhere = QLabel("a link", window)
    elsewhere.setGeometry(0, 0, 80, 20)
    elsewhere.show()
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert field.isVisible()
    QTest.mouseClick(elsewhere, Qt.MouseButton.LeftButton)
    assert not field.isVisible()
    assert window.editor.graph.item("relu0").name == "gate"


def test_a_third_message_takes_no_more_of_the_canvas_and_the_newest_is_in_sight(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.resize(1400, 800)
    for name in ("one", "two"):
        window.bars.show_bar(name, f"Message {name}", answers={"Do": lambda: None})
    settle()
    high = window.canvas.height()
    newest = window.bars.show_bar("three", "Message three", answers={"Do": lambda: None}).buttons["Do"]
    settle()
    assert window.canvas.height() == high
    assert window.childAt(newest.mapTo(window, newest.rect().center())) is newest
    first = window.bars.get("one").buttons["Do"]
    window.bars.verticalScrollBar().setValue(0)
    settle()
    assert window.childAt(first.mapTo(window, first.rect().center())) is first


def test_messages_leave_a_small_window_as_small_and_their_buttons_in_view(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.resize(742, 430)  # a laptop's screen at twice its scale
    settle()
    size, least = window.size(), window.minimumSizeHint()
    assert (size.width(), size.height()) == (742, 430)
    pressed = []
    bar = window.bars.show_bar("left", LONG, "warning", {"Recover": lambda: pressed.append(1), "Discard": lambda: 0})
    settle()
    assert (window.size(), window.minimumSizeHint()) == (size, least)
    assert bar.label.text().endswith("…")
    assert bar.label.toolTip() == LONG
    for button in bar.buttons.values():
        assert window.childAt(button.mapTo(window, button.rect().bottomRight())) is button
    for number in range(5):
        window.bars.show_bar(f"more {number}", LONG, "warning", {"Recover": lambda: pressed.append(2)})
    settle()
    assert (window.size(), window.minimumSizeHint()) == (size, least)
    assert window.canvas.height() > 50
    last = window.bars.get("more 4").buttons["Recover"]
    window.bars.ensureWidgetVisible(last)  # as the wheel does, and Tab
    settle()
    assert window.childAt(last.mapTo(window, last.rect().center())) is last
    QTest.mouseClick(last, Qt.MouseButton.LeftButton)
    assert pressed == [2]


def test_a_message_has_all_its_lines_where_there_is_room(place: Place) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.resize(1400, 800)
    settle()
    lines = "\n".join(f"line {number}" for number in range(5))
    bar = window.bars.show_bar("notices", lines)
    settle()
    assert (bar.label.text(), bar.label.toolTip()) == (lines, "")
    assert bar.label.height() >= 5 * bar.label.fontMetrics().height()


def test_what_is_framed_within_a_group_keeps_clear_of_the_breadcrumb(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("colah.gw"))
    window.resize(1300, 640)
    window.show()
    canvas, editor = window.canvas, window.editor
    group = editor.attempt("Group", lambda t: t.group(sorted(editor.graph.nodes), "all"))
    editor.enter(group if isinstance(group, str) else next(iter(editor.graph.groups)))
    qtbot.waitUntil(window.breadcrumb.isVisible)
    for wide, high in ((1300, 640), (900, 600), (1100, 900)):
        window.resize(wide, high)
        QTest.qWait(50)
        canvas.frame()
        scale, corner = canvas.view.scale, canvas.view.to_screen
        over = QRectF(window.breadcrumb.geometry())
        for id in editor.graph.nodes:
            x, y, across, down = canvas.scene.rect(id)
            assert not QRectF(corner(x, y), QSizeF(across * scale, down * scale)).intersects(over), (wide, high, id)
