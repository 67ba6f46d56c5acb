"""Files of a window: nothing is lost, nothing of others is overwritten, and what fails is told in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app import asking
from gradwire.app.window import Window


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXAMPLES / "colah.gw", tmp_path / "mine.gw"))


def add(window: Window, name: str = "extra") -> None:
    window.editor.attempt(f"Add {name}", lambda t: t.add("relu", name=name))


def click(window: Window, bar: str, answer: str) -> None:
    QTest.mouseClick(window.bars.get(bar).buttons[answer], Qt.MouseButton.LeftButton)


def names(window: Window) -> set[str]:
    return {node.name for node in window.editor.graph.nodes.values()}


def test_save_writes_and_clears_the_mark(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not window.isWindowModified()
    assert b"extra" in file.read_bytes()


def test_save_as_goes_on_with_the_new_file(place: Place, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = place.start(file)
    before = file.read_bytes()
    add(window)
    other = file.with_name("other.gw")
    monkeypatch.setattr(asking, "ask_save", lambda *_: other)
    assert window.files.save_as()
    assert (window.files.path, file.read_bytes()) == (other, before)
    add(window, "more")
    place.crash(window)
    assert (
        place.start(other).bars.get("left").text == "Unsaved edits of other.gw were found: 1 edit, the last “Add more”."
    )


@pytest.mark.parametrize("answer", ["save", "discard", "cancel"])
def test_closing_asks_before_work_is_lost(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    window = place.start(file)
    add(window)
    asked = []
    monkeypatch.setattr(asking, "ask_losing", lambda _, name: asked.append(name) or answer)
    assert window.close() == (answer != "cancel")
    assert asked == ["mine.gw"]
    assert (b"extra" in file.read_bytes()) == (answer == "save")
    if answer != "cancel":  # what was discarded is not offered again
        assert place.start(file).bars.texts() == []


def test_edits_are_recovered_after_a_crash(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "first")
    add(window, "second")
    place.crash(window)
    again = place.start(file)
    assert again.bars.texts() == ["Unsaved edits of mine.gw were found: 2 edits, the last “Add second”."]
    assert "second" not in names(again)
    click(again, "left", "Recover")
    assert {"first", "second"} <= names(again)
    assert again.isWindowModified()
    assert again.editor.document.history.next_undo.label == "Recover 2 changes"


def test_recovered_edits_survive_a_second_crash(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "first")
    place.crash(window)
    again = place.start(file)
    click(again, "left", "Recover")
    place.crash(again)
    third = place.start(file)
    click(third, "left", "Recover")
    assert "first" in names(third)


def test_discarded_edits_are_not_offered_again(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window)
    place.crash(window)
    again = place.start(file)
    click(again, "left", "Discard")
    again.close()
    assert place.start(file).bars.texts() == []


def test_an_unanswered_offer_is_made_again(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window)
    place.crash(window)
    place.start(file).close()
    assert place.start(file).bars.get("left") is not None


def test_an_untitled_graph_is_recovered_after_a_crash(place: Place) -> None:
    window = place.start()
    window.files.new()
    add(window, "kept")
    place.crash(window)
    again = place.start()
    (text,) = again.bars.texts()
    assert text.startswith("Unsaved edits of an untitled graph of ")
    assert text.endswith(" were found: 1 edit, the last “Add kept”.")
    (name,) = [name for name in again.bars.names() if name.startswith("unsaved")]
    click(again, name, "Recover")
    assert names(again) == {"kept"}
    assert again.files.path is None
    place.crash(again)
    assert len(place.start().bars.texts()) == 1  # once, not twice


def test_an_untitled_graph_that_is_open_is_not_offered(place: Place) -> None:
    first = place.start()
    first.files.new()
    add(first)
    assert place.start(empty=True).bars.texts() == []


def test_nothing_is_left_of_an_untitled_graph_that_was_saved(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(empty=True)
    add(window)
    target = tmp_path / "named.gw"
    monkeypatch.setattr(asking, "ask_save", lambda *_: target)
    window.files.save()
    assert window.windowTitle() == "named.gw[*]"
    assert list((tmp_path / "data" / "unsaved").iterdir()) == []


def test_a_file_that_cannot_be_read_is_told_in_one_line(place: Place, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gw"
    broken.write_text("{", "utf-8")
    window = place.start(broken)
    (text,) = window.bars.texts()
    assert str(broken) in text
    assert "\n" not in text
    assert not window.shows_canvas


def test_a_file_that_cannot_be_read_leaves_what_is_open(place: Place, file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gw"
    broken.write_text("{", "utf-8")
    window = place.start(file)
    assert not window.files.open(broken)
    assert window.files.path == file
    add(window)
    place.crash(window)
    assert place.start(file).bars.get("left") is not None  # its journal went on


def test_a_folder_that_cannot_be_written_is_told(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = place.start(empty=True)
    add(window)
    monkeypatch.setattr(asking, "ask_save", lambda *_: tmp_path / "no such folder" / "a.gw")
    assert not window.files.save()
    assert window.isWindowModified()
    assert window.bars.get("open").kind == "error"


def test_a_file_changed_on_the_disk_is_noticed_and_reloaded(place: Place, file: Path, qtbot: QtBot) -> None:
    window = place.start(file)
    file.write_bytes((EXAMPLES / "fork.gw").read_bytes())
    qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
    assert window.bars.get("disk").text == "mine.gw was changed by another program."
    click(window, "disk", "Reload")
    assert window.editor.graph == place.start(EXAMPLES / "fork.gw").editor.graph


def test_saving_over_a_change_on_the_disk_asks(
    place: Place, file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(file)
    add(window)
    theirs = (EXAMPLES / "fork.gw").read_bytes()
    file.write_bytes(theirs)
    monkeypatch.setattr(asking, "confirmed", lambda *_: False)
    assert not window.files.save()
    assert file.read_bytes() == theirs
    qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
    click(window, "disk", "Keep mine")
    assert window.files.save()
    assert b"extra" in file.read_bytes()


def test_our_own_save_is_no_change_on_the_disk(place: Place, file: Path, qtbot: QtBot) -> None:
    window = place.start(file)
    add(window)
    window.files.save()
    qtbot.wait(600)
    assert window.bars.texts() == []


def test_revert_asks_and_reads_the_file_again(place: Place, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = place.start(file)
    add(window)
    monkeypatch.setattr(asking, "confirmed", lambda *_: True)
    window.files.revert()
    assert "extra" not in names(window)
    assert not window.isWindowModified()
    window.close()
    assert place.start(file).bars.texts() == []


def test_a_file_is_not_opened_in_two_windows(place: Place, file: Path) -> None:
    window = place.start(file)
    assert window.application.open_window(file) is window
    assert window.application.windows == [window]


def test_recent_files_are_those_that_are_there(place: Place, file: Path) -> None:
    window = place.start(file)
    window.files.open(EXAMPLES / "fork.gw")
    assert [path.name for path in window.application.recent.paths()] == ["fork.gw", "mine.gw"]
    file.unlink()
    assert [path.name for path in window.application.recent.paths()] == ["fork.gw"]
