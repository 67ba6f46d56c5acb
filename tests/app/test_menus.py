"""Menus and keys: every key does just its own, no menu is empty, and what is long is parted by lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.actions import ACTIONS, Action
from gradwire.app.canvas.gestures.gesture import Press
from gradwire.app.canvas.gestures.menu import menu_for
from gradwire.app.chrome.menus import Menus
from gradwire.app.keys.command_palette import title
from gradwire.app.keys.keymap import PRESETS, Keymap
from gradwire.app.keys.sheet import KeySheet
from gradwire.app.panels import PANELS
from gradwire.app.window import Window

LONGEST = 9  # rows of a menu without a line
HIGHEST = 700  # pixels, which a screen of 768 has beneath the menu bar


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """A window with all its panels to be seen at once, beside each other: some have keys of their own."""
    window = place.start(place.copy("sin_plus_product.gw"))
    id = window.editor.graph.resolve("sin")
    window.editor.select([id], id)
    tensor = window.panel("tensor")
    qtbot.waitUntil(lambda: tensor.view.table.isVisible())
    first, *others = [window.docks.docks[panel.id] for panel in PANELS if panel.area == "bottom"]
    for dock in others:
        window.splitDockWidget(first, dock, Qt.Orientation.Horizontal)
    assert all(panel.isVisible() for panel in window.docks.panels.values())
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    return window


def menus_of(menu: QMenu, path: str = "") -> Iterator[tuple[str, QMenu]]:
    """A menu and those within it, by the way to each."""
    yield path, menu
    for action in menu.actions():
        if action.menu() is not None:
            yield from menus_of(action.menu(), f"{path}/{action.text()}")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_key_of_the_canvas_starts_its_own_action_and_no_other(
    window: Window, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the whole window there: a key that two parts of it claim would start nothing."""
    started: list[str] = []
    monkeypatch.setattr(Menus, "start", lambda self, action: started.append(action.id))
    keymap = Keymap(preset)
    window.application.set_keymap(keymap)
    for action in ACTIONS:
        for key in keymap.keys(action):
            started.clear()
            window.canvas.setFocus()
            QTest.keySequence(window.canvas, QKeySequence(key))
            assert started == [action.id], key


def test_ctrl_c_copies_on_the_canvas_and_in_the_tensor_table(window: Window, qtbot: QtBot) -> None:
    editor = window.editor
    qtbot.waitUntil(lambda: editor.live.status == "live")
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert window.status.message.text() == "Copied sin"
    assert '"sin"' in QApplication.clipboard().text()
    tensor = window.panel("tensor")
    qtbot.waitUntil(lambda: tensor.view.array is not None)
    tensor.view.table.setFocus()
    QTest.keyClick(tensor.view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "0.841" in QApplication.clipboard().text())


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier])
def test_a_question_mark_shows_the_keys(window: Window, held: Qt.KeyboardModifier) -> None:
    """Systems tell it with Shift, which makes the sign, or without."""
    QTest.keyClick(window.canvas, Qt.Key.Key_Question, held)
    assert window.findChild(KeySheet).isVisible()


def test_a_question_mark_typed_into_a_field_is_a_sign(window: Window) -> None:
    field = window.docks.panels["palette"].field
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    assert field.text() == "?"
    assert window.findChild(KeySheet) is None


def test_no_menu_is_empty_and_long_ones_have_lines(window: Window) -> None:
    for name, top in window.menus_at_top.items():
        for path, menu in menus_of(top, name):
            menu.aboutToShow.emit()  # as when it opens
            assert menu.actions(), path
            rows = "".join("-" if action.isSeparator() else "x" for action in menu.actions())
            assert max(map(len, rows.split("-"))) <= LONGEST or path == "File/Lessons", (path, rows)
            assert "--" not in rows
            assert not rows.startswith("-")
            assert not rows.endswith("-")
            menu.aboutToHide.emit()


def test_every_menu_fits_a_low_screen(window: Window) -> None:
    for name, top in window.menus_at_top.items():
        for path, menu in menus_of(top, name):
            menu.aboutToShow.emit()
            assert menu.sizeHint().height() <= HIGHEST, path
            menu.aboutToHide.emit()


def test_menus_hold_what_they_are_called_after(window: Window) -> None:
    def texts(name: str) -> list[str]:
        return [action.text() for action in window.menus_at_top[name].actions() if not action.isSeparator()]

    assert texts("Arrange")[:2] == ["Lay out", "Align left edges"]
    assert texts("Arrange")[-2:] == ["Distribute horizontally", "Distribute vertically"]
    assert texts("Export")[:3] == ["SVG…", "PDF…", "PNG…"]
    assert texts("Export")[3:6] == ["Selection as SVG…", "Selection as PDF…", "Selection as PNG…"]
    assert texts("Export")[-1] == "Show as code"
    assert texts("File")[-1] == "Quit"


def test_a_node_offers_its_card(window: Window) -> None:
    canvas = window.canvas
    x, y, width, _ = canvas.scene.rect(window.editor.graph.resolve("sin"))
    at = (x + width / 2, y + 8)
    right, none = Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier
    menu = menu_for(canvas, Press(*at, canvas.view.to_screen(*at), right, none, False, canvas.hit(*at)))
    assert "What this op does" in [action.text() for action in menu.actions()]


def test_the_menu_of_a_node_makes_it_the_root_of_gradients_and_takes_that_back(window: Window, qtbot: QtBot) -> None:
    """Real clicks with the right button, and on the entries of the menu that opens."""
    canvas, editor, root = window.canvas, window.editor, window.statusBar().root
    qtbot.waitUntil(lambda: root.text() == "gradients of f")

    def entries(name: str) -> dict[str, QAction]:
        x, y, width, _ = canvas.scene.rect(editor.graph.resolve(name))
        at = canvas.view.to_screen(x + width / 2, y + 8).toPoint()
        QTest.mouseClick(canvas, Qt.MouseButton.RightButton, pos=at)
        menus = [menu for menu in canvas.findChildren(QMenu) if menu.isVisible()]
        return {action.text(): action for action in menus[-1].actions()}

    def click(name: str, text: str) -> None:
        action = entries(name)[text]
        menu = next(menu for menu in canvas.findChildren(QMenu) if menu.isVisible())
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        qtbot.waitUntil(lambda: not any(menu.isVisible() for menu in canvas.findChildren(QMenu)))

    assert "Gradients of the loss again" not in entries("product")
    QTest.keyClick(canvas.findChildren(QMenu)[-1], Qt.Key.Key_Escape)
    click("product", "Make this the root of gradients")
    assert root.text() == "gradients of product"
    x = editor.graph.resolve("x")
    source = next(source for source in editor.shapes if source.node == x)
    qtbot.waitUntil(lambda: editor.live.gradient_state(source) == "value")
    assert editor.results.gradient(source).value == 2
    click("x", "Gradients of the loss again")
    qtbot.waitUntil(lambda: root.text() == "gradients of f")


def test_the_command_palette_says_nothing_twice() -> None:
    def named(id: str) -> str:
        return title(next(action for action in ACTIONS if action.id == id))

    assert named("arrange.align_left") == "Align left edges"
    assert named("edit.nudge_left") == "Nudge left"
    assert named("view.theme_dark") == "Theme: Dark"


def test_a_name_comes_before_what_is_only_about_it_though_it_cannot_be_done_now(window: Window) -> None:
    window.editor.select([])
    window.popups.open_palette()
    commands = window.popups.commands
    commands.field.setText("collapse")
    titles = [title(found.action) for found in commands.found]
    assert titles[0] == "Collapse or expand"
    assert commands.footer.text().startswith("Not now")


def test_the_command_palette_explains_nothing_where_nothing_matches(window: Window) -> None:
    window.popups.open_palette()
    commands = window.popups.commands
    assert commands.footer.text()
    for words, wanted in (
        ("light theme", "view.theme_light"),
        ("resume", "runs.continue"),
        ("arrange", "arrange.lay_out"),
        ("tidy", "arrange.lay_out"),
        ("record", "edit.record_macro"),
        ("stop the macro", "edit.stop_recording"),
        ("replay the macro", "edit.run_macro"),
        ("attach", "train.listen"),
    ):
        commands.field.setText(words)
        assert commands.found[0].action.id == wanted
    commands.field.clear()
    QTest.keyClicks(commands.field, "qqqq")
    assert commands.list.rows.count == 0
    assert commands.footer.text() == ""


def key_of(sheet: KeySheet, id: str) -> str:
    """What the key sheet says of an action."""
    row = next(i for i, one in enumerate(sheet.shown) if isinstance(one, Action) and one.id == id)
    return sheet.list.rows.row_at(row).note


def choose(sheet: KeySheet, id: str) -> None:
    sheet.list.go_to(next(i for i, one in enumerate(sheet.shown) if isinstance(one, Action) and one.id == id))


def test_a_key_that_was_taken_away_comes_back(window: Window) -> None:
    window.popups.open_key_sheet()
    sheet = window.findChild(KeySheet)
    choose(sheet, "graph.group")
    QTest.keyClick(sheet.keys, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(sheet.set_button, Qt.MouseButton.LeftButton)
    assert (key_of(sheet, "graph.group"), key_of(sheet, "arrange.lay_out")) == ("Ctrl+L", "–")
    choose(sheet, "graph.group")
    QTest.mouseClick(sheet.restore_button, Qt.MouseButton.LeftButton)
    assert (key_of(sheet, "graph.group"), key_of(sheet, "arrange.lay_out")) == ("Ctrl+G", "Ctrl+L")


def test_an_action_can_ask_its_key_back(window: Window) -> None:
    window.popups.open_key_sheet()
    sheet = window.findChild(KeySheet)
    choose(sheet, "graph.group")
    QTest.keyClick(sheet.keys, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(sheet.add_button, Qt.MouseButton.LeftButton)
    assert key_of(sheet, "graph.group") == "Ctrl+G, Ctrl+L"
    choose(sheet, "arrange.lay_out")
    QTest.mouseClick(sheet.restore_button, Qt.MouseButton.LeftButton)
    assert (key_of(sheet, "graph.group"), key_of(sheet, "arrange.lay_out")) == ("Ctrl+G", "Ctrl+L")
    assert window.application.keymap.changed == {}


def test_all_keys_can_be_reset(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradwire.app.files import asking

    window.popups.open_key_sheet()
    sheet = window.findChild(KeySheet)
    assert not sheet.reset_button.isEnabled()
    for id, key in (("graph.group", Qt.Key.Key_L), ("file.save", Qt.Key.Key_B)):
        choose(sheet, id)
        QTest.keyClick(sheet.keys, key, Qt.KeyboardModifier.ControlModifier)
        QTest.mouseClick(sheet.set_button, Qt.MouseButton.LeftButton)
    for answer, kept in ((False, 2), (True, 0)):
        monkeypatch.setattr(asking, "confirmed", lambda *_, answer=answer: answer)
        QTest.mouseClick(sheet.reset_button, Qt.MouseButton.LeftButton)
        assert len(window.application.keymap.changed) == kept
    assert key_of(sheet, "arrange.lay_out") == "Ctrl+L"
