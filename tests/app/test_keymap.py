"""Keys: no key starts two actions at once, and what the user sets is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from windows import Place

from gradwire.app.actions import ACTIONS, Action
from gradwire.app.chrome.name_field import NameField
from gradwire.app.keys.keymap import PRESETS, Keymap
from gradwire.app.settings import Settings
from gradwire.app.window import Window


def nothing(_: object) -> None: ...


@pytest.mark.parametrize("preset", PRESETS)
def test_no_key_of_a_preset_starts_two_actions(preset: str) -> None:
    assert Keymap(preset).collisions() == []


def test_the_test_for_collisions_finds_one() -> None:
    actions = (
        Action("a", "A", nothing, ("Ctrl+D",)),
        Action("b", "B", nothing, ("D", "Ctrl+D"), focus="canvas"),
        Action("c", "C", nothing, ("D",), focus="console"),
    )
    assert Keymap().collisions(actions) == ["Default: Ctrl+D starts a and b"]


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_name_actions_that_there_are(preset: str) -> None:
    assert set(PRESETS[preset]) - {action.id for action in ACTIONS} == set()


@pytest.mark.parametrize("preset", PRESETS)
def test_qt_reads_every_key(preset: str) -> None:
    keys = [key for action in ACTIONS for key in Keymap(preset).keys(action)]
    assert [key for key in keys if QKeySequence(key).toString() != key] == []


def test_ids_are_unique_and_every_action_is_explained() -> None:
    ids = [action.id for action in ACTIONS]
    assert sorted(set(ids)) == sorted(ids)
    assert [action.id for action in ACTIONS if not action.about] == []


def test_letters_alone_act_only_on_the_canvas() -> None:
    """Typed into a field they are letters."""
    for preset in PRESETS:
        keymap = Keymap(preset)
        letters = [(a.id, k) for a in ACTIONS for k in keymap.keys(a) if len(k) == 1 and a.focus != "canvas"]
        assert letters == [("help.keys", "?")]  # typed into a field it is a sign all the same, as a test below shows


def test_keys_of_the_user_come_before_the_preset_and_are_kept(tmp_path: Path) -> None:
    action = next(action for action in ACTIONS if action.id == "file.save")
    settings = Settings(tmp_path / "settings.ini")
    keymap = Keymap("Nuke").rebound(action, ("F2",))
    keymap.save(settings)
    settings.save()
    again = Keymap.of(Settings(tmp_path / "settings.ini"))
    assert again.preset == "Nuke"
    assert again.keys(action) == ("F2",)
    assert again.restored(action).keys(action) == ("Ctrl+S",)


def test_setting_what_the_preset_says_is_no_change() -> None:
    action = next(action for action in ACTIONS if action.id == "file.save")
    assert Keymap().rebound(action, action.keys).changed == {}


def is_framed(window: Window) -> bool:
    """Whether all of the graph is in view."""
    left, top, right, bottom = window.canvas.view.window(window.canvas.width(), window.canvas.height())
    rects = [window.canvas.scene.rect(id) for id in window.editor.graph.nodes]
    return all(left <= x and x + w <= right and top <= y and y + h <= bottom for x, y, w, h in rects)


def press(window: Window, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key, modifiers)


def test_a_key_that_a_preset_does_not_bind_does_nothing(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    window.canvas.zoom_to(20.0)
    window.application.set_keymap(Keymap("ComfyUI"))
    press(window, Qt.Key.Key_A)
    assert not is_framed(window)
    press(window, Qt.Key.Key_Home)  # the key of that preset
    assert is_framed(window)
    window.canvas.zoom_to(20.0)
    window.application.set_keymap(Keymap("Default"))
    press(window, Qt.Key.Key_A)
    assert is_framed(window)


def test_a_key_that_is_given_up_no_longer_acts_and_the_new_one_does(place: Place) -> None:
    window = place.start(place.copy("colah.gw"))
    rename = next(action for action in ACTIONS if action.id == "edit.rename")
    window.editor.select([window.editor.graph.resolve("c")])
    window.application.set_keymap(window.application.keymap.rebound(rename, ("F9",)))
    press(window, Qt.Key.Key_F2)
    assert window.canvas.findChildren(NameField) == []
    press(window, Qt.Key.Key_F9)
    (field,) = window.canvas.findChildren(NameField)
    assert field.text() == "c"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    window.application.set_keymap(window.application.keymap.restored(rename))
    QTest.qWait(1)  # the field is gone
    press(window, Qt.Key.Key_F2)
    assert len(window.canvas.findChildren(NameField)) == 1


@pytest.mark.parametrize("stored", ['"nonsense"', "[1, 2]", '{"file.save": 3}', "{broken"])
def test_nonsense_in_the_settings_is_left_out(tmp_path: Path, stored: str) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(f"[keys]\npreset=no such preset\nchanged={stored}\n", "utf-8")
    assert Keymap.of(Settings(path)) == Keymap()
