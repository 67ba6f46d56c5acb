"""Files of a window: nothing is lost, nothing of others is overwritten, and what fails is told in one line."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.export import Still, export_picture
from gradwire.app.files import asking, discarding, keeping
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.files import load, save
from gradwire.core.graph import Source


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXAMPLES / "colah.gw", tmp_path / "mine.gw"))


def add(window: Window, name: str = "extra") -> None:
    window.editor.attempt(f"Add {name}", lambda t: t.add("relu", name=name))


def click(window: Window, bar: str, answer: str) -> None:
    QTest.mouseClick(window.bars.get(bar).buttons[answer], Qt.MouseButton.LeftButton)


def activate(window: Window) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)


def names(window: Window) -> set[str]:
    return {node.name for node in window.editor.graph.nodes.values()}


def test_save_writes_and_clears_the_mark(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window)
    activate(window)
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
    add(window, "third")
    window.editor.undo()
    place.crash(window)
    again = place.start(file)
    assert again.bars.texts() == ["Unsaved edits of mine.gw were found: 2 edits, the last “Add second”."]
    assert "second" not in names(again)
    click(again, "left", "Recover")
    assert {"first", "second"} <= names(again)
    assert "third" not in names(again)
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


def set_aside(place: Place) -> list[Path]:
    """What can be opened of what was discarded."""
    return [path for path in (place.folder / "data" / "discarded").iterdir() if not path.name.startswith(".")]


def test_discarded_edits_are_set_aside_and_can_be_had_after_all(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "first")
    place.crash(window)
    again = place.start(file)
    add(again, "second")  # before the offer is answered: this is not discarded
    click(again, "left", "Discard")
    (copy,) = set_aside(place)
    assert copy.stem.startswith(file.stem)
    assert str(copy) in again.status.message.toolTip()
    place.crash(again)
    third = place.start(file)
    click(third, "left", "Recover")
    assert "second" in names(third)
    assert "first" not in names(third)
    third.editor.document.mark_saved()
    third.close()
    found = place.start(copy)
    click(found, "left", "Recover")
    assert "first" in names(found)
    assert "second" not in names(found)


def test_a_discarded_graph_without_a_file_is_set_aside_and_only_the_last_few_are(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discarding, "KEPT", 1)
    for count in range(2):
        window = place.start(empty=True)
        add(window, f"kept{count}")
        place.crash(window)
        again = place.start()
        (name,) = unsaved_bars(again)
        click(again, name, "Discard")
        again.close()
    (copy,) = set_aside(place)
    window = place.start(copy)
    click(window, "left", "Recover")
    assert names(window) == {"kept1"}


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


def unsaved_bars(window: Window) -> list[str]:
    return [name for name in window.bars.names() if name.startswith("unsaved")]


def test_an_offer_goes_with_another_document_and_waits_on_the_welcome_page(place: Place, file: Path) -> None:
    window = place.start(empty=True)
    add(window, "kept")
    place.crash(window)
    again = place.start(file)
    assert len(unsaved_bars(again)) == 1
    activate(again)
    QTest.keyClick(again, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert again.bars.texts() == []
    again.show_welcome()
    (name,) = unsaved_bars(again)
    click(again, name, "Discard")
    again.show_welcome()
    assert again.bars.texts() == []


def test_of_two_offers_the_one_that_is_not_answered_stays(place: Place) -> None:
    for name in ("first", "second"):
        window = place.start(empty=True)
        add(window, name)
        place.crash(window)
    again = place.start()
    (text,) = again.bars.texts()
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == [
        "1. an untitled graph",
        "2. an untitled graph",
    ]
    asked = again.bars.get("unsaved").buttons["Recover"].menu().actions()
    asked[0].trigger()
    (text,) = again.bars.texts()
    assert text.startswith("Unsaved edits of an untitled graph of ")
    assert len(names(again)) == 1


def test_an_offer_that_is_answered_in_one_window_goes_in_all(place: Place, file: Path) -> None:
    window = place.start(empty=True)
    add(window, "kept")
    place.crash(window)
    first = place.start(EXAMPLES / "fork.gw")
    second = first.application.open_window(file)
    QApplication.processEvents()
    assert unsaved_bars(first) == unsaved_bars(second) != []
    click(second, unsaved_bars(second)[0], "Discard")
    assert unsaved_bars(first) == unsaved_bars(second) == []


def test_a_file_that_could_not_be_read_is_told_until_another_document_is_open(place: Place, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gw"
    broken.write_text("{", "utf-8")
    window = place.start(broken)
    assert window.bars.names() == ["open"]
    window.files.new()
    assert window.bars.names() == []


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


# Examples.


def test_an_example_opens_as_a_copy_and_is_never_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in EXAMPLES.iterdir() if path.is_file()}
    window = place.start(empty=True)
    assert window.files.open_example(EXAMPLES / "colah.gw")
    assert (window.windowTitle(), window.files.path) == ("Copy of colah[*]", None)
    assert not window.isWindowModified()
    add(window)
    asked = []
    target = place.folder / "mine.gw"
    monkeypatch.setattr(asking, "ask_save", lambda _, proposed: asked.append(proposed.name) or target)
    activate(window)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert (asked, window.files.path) == (["colah.gw"], target)
    assert b"extra" in target.read_bytes()
    assert {path.name: path.read_bytes() for path in EXAMPLES.iterdir() if path.is_file()} == before
    assert window.application.recent.paths() == [target]


def test_edits_of_a_copy_are_recovered_after_a_crash(place: Place) -> None:
    window = place.start(empty=True)
    window.files.open_example(EXAMPLES / "colah.gw")
    before = names(window)
    add(window, "kept")
    place.crash(window)
    again = place.start()
    (text,) = again.bars.texts()
    assert text.startswith("Unsaved edits of a copy of colah of ")
    (name,) = [name for name in again.bars.names() if name.startswith("unsaved")]
    click(again, name, "Recover")
    assert names(again) == {*before, "kept"}
    assert again.windowTitle() == "Copy of colah[*]"


def test_values_of_a_document_without_a_file_are_recovered_too(place: Place, tmp_path: Path) -> None:
    weights = np.arange(3, dtype=np.float32)
    document = Document()
    with document.transaction("Make") as t:
        t.add("parameter", id="w", shape=[3])
        t.set_values("w", weights)
    save(tmp_path / "net.gw", document.graph, document.values)
    window = place.start(empty=True)
    window.files.open_example(tmp_path / "net.gw")
    add(window)
    place.crash(window)
    again = place.start()
    (name,) = [name for name in again.bars.names() if name.startswith("unsaved")]
    click(again, name, "Recover")
    assert again.editor.document.values["w"].tolist() == weights.tolist()


def test_the_graph_of_a_picture_is_recovered_after_a_crash(place: Place, file: Path, tmp_path: Path) -> None:
    window = place.start(file)
    export_picture(Still.of(window.canvas), tmp_path / "net.png")
    window.files.open(tmp_path / "net.png")
    before = names(window)
    add(window, "kept")
    place.crash(window)
    again = place.start(empty=True)
    again.files.offers.show_unsaved()
    (name,) = [name for name in again.bars.names() if name.startswith("unsaved")]
    click(again, name, "Recover")
    assert names(again) == {*before, "kept"}


# Where nothing can be written.


def test_edits_of_a_file_in_a_folder_that_takes_none_are_kept_elsewhere(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = file.parent / "shelf"
    shelf.mkdir()
    path = Path(shutil.copy(file, shelf / "shown.gw"))
    monkeypatch.setattr(keeping, "takes_files", lambda folder: folder != shelf)
    window = place.start(path)
    add(window, "kept")
    assert window.bars.texts() == []
    place.crash(window)
    assert [found.name for found in shelf.iterdir()] == ["shown.gw"]
    again = place.start(path)
    assert again.bars.texts() == ["Unsaved edits of shown.gw were found: 1 edit, the last “Add kept”."]
    click(again, "left", "Recover")
    assert "kept" in names(again)
    # Where the folder takes files again, what was kept elsewhere is found, and let go of.
    place.crash(again)
    monkeypatch.undo()
    monkeypatch.setattr(asking, "ask_losing", lambda *_: "discard")
    third = place.start(path)
    click(third, "left", "Discard")
    third.close()
    assert place.start(path).bars.texts() == []


def test_a_journal_that_fails_is_told_when_it_happens_and_once(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(file)
    monkeypatch.setattr("gradwire.core.files.journal.Journal._put_aside", refuse_to_write)
    add(window, "first")
    bar = window.bars.get("journal")
    kept = "Edits are kept in a copy instead, which the next start offers after a crash."
    assert bar.text.endswith(f".mine.gw.journal: the journal cannot be written: No space left on device. {kept}")
    bar.dismiss()
    add(window, "second")  # nor can the journal of the copy
    (text,) = window.bars.texts()
    assert text.startswith("Edits are not kept after a crash: ")
    assert text.endswith(".gwz.journal: the journal cannot be written: No space left on device")
    window.bars.get("journal").dismiss()
    add(window, "third")
    assert window.bars.texts() == []
    assert {"first", "second", "third"} <= names(window)
    monkeypatch.undo()
    assert window.files.save()  # from here on they are kept again
    add(window, "fourth")
    place.crash(window)
    assert place.start(file).bars.get("left") is not None


def refuse_to_write(_: object) -> None:
    raise OSError(28, "No space left on device")


# Saving elsewhere.


def test_data_beside_the_new_file_is_found_after_save_as(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    folder = tmp_path / "with data"
    folder.mkdir()
    np.savez(folder / "d.npz", x=np.ones((6, 2), np.float32), y=np.arange(6))
    window = place.start(empty=True)
    window.editor.attempt("Add data", lambda t: t.add("dataset", id="data", source="d.npz"))
    qtbot.waitUntil(lambda: not window.editor.checking.busy and not window.editor.live.refreshing.pending)
    assert window.editor.results.value(Source("data", "x")) is None
    monkeypatch.setattr(asking, "ask_save", lambda *_: folder / "net.gw")
    assert window.files.save()
    qtbot.waitUntil(lambda: window.editor.results.value(Source("data", "x")) is not None)
    qtbot.waitUntil(lambda: window.editor.shapes.get(Source("data", "x")) == "(N, 2) f32")
    assert window.editor.problems == ()


@pytest.mark.parametrize(
    ("name", "kept"), [("net.gw", {"net.gw", "net.safetensors"}), ("net.gwz", {"net.gwz"})], ids=["beside", "inside"]
)
def test_values_are_saved_with_the_graph(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kept: set[str]
) -> None:
    target = tmp_path / "saved" / name
    target.parent.mkdir()
    weights = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    window = place.start(empty=True)
    window.editor.attempt("Add w", lambda t: t.add("parameter", id="w", shape=[3, 2]))
    window.editor.attempt("Train", lambda t: t.set_values("w", weights))
    monkeypatch.setattr(asking, "ask_save", lambda *_: target)
    assert window.files.save()
    assert {path.name for path in target.parent.iterdir()} == kept
    assert load(target).values["w"].tobytes() == weights.tobytes()
    assert place.start(target).editor.document.values["w"].tobytes() == weights.tobytes()


# Several windows.


def two_windows(place: Place, file: Path) -> tuple[Window, Window]:
    first = place.start(file)
    return first, first.application.open_window(empty=True)


def test_what_another_window_has_open_is_not_written_over(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = two_windows(place, file)
    before = file.read_bytes()
    add(second)
    monkeypatch.setattr(asking, "ask_save", lambda *_: file)
    assert not second.files.save()
    assert file.read_bytes() == before
    text = "mine.gw is open in another window. Close it there, or choose another name."
    assert second.bars.get("open").text == text


def test_opening_what_another_window_shows_brings_that_one_forward(place: Place, file: Path) -> None:
    first, second = two_windows(place, file)
    first.showMinimized()
    assert second.files.open(file)
    assert not first.isMinimized()
    assert second.files.path is None
    link = file.with_name("link.gw")
    link.symlink_to(file)
    assert first.application.open_window(link) is first


def test_nodes_are_copied_from_one_window_to_another(place: Place, file: Path) -> None:
    first, second = two_windows(place, file)
    activate(first)
    first.editor.select(first.editor.graph.nodes)
    QTest.keyClick(first.canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    activate(second)
    QTest.keyClick(second.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert names(second) == names(first)
    assert sum(1 for _ in second.editor.graph.wires()) == sum(1 for _ in first.editor.graph.wires())


@pytest.mark.parametrize("last", ["discard", "cancel"])
def test_quitting_asks_for_each_window_and_closes_all_or_none(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    first, second = two_windows(place, file)
    third = first.application.open_window(empty=True)  # has nothing to lose
    add(first)
    add(second)
    answers, asked = iter(["discard", last]), []
    monkeypatch.setattr(asking, "ask_losing", lambda _, name: asked.append(name) or next(answers))
    activate(third)
    QTest.keyClick(third, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["mine.gw", "untitled"]
    assert third.application.windows == ([] if last == "discard" else [first, second, third])
    assert first.isVisible() == (last == "cancel")
    assert b"extra" not in file.read_bytes()


def test_each_window_has_panels_of_its_own(place: Place, file: Path) -> None:
    first, second = two_windows(place, file)
    second.docks.docks["palette"].hide()
    first.docks.docks["history"].hide()
    application = first.application
    second.close()
    first.close()
    again = application.open_window(empty=True)
    beside = application.open_window(empty=True)
    hidden = [{id for id, dock in window.docks.docks.items() if dock.isHidden()} for window in (again, beside)]
    assert hidden == [{"history"}, {"palette"}]


def test_a_second_window_does_not_cover_the_first(place: Place, file: Path) -> None:
    place.start(file).close()
    first, second = two_windows(place, file)
    assert first.frameGeometry().topLeft() != second.frameGeometry().topLeft()


# Drag and drop.


def drop(target: QWidget, *paths: Path) -> bool:
    """Drag files over a widget and let go, as a file manager does; whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = QPointF(target.rect().center())
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at.toPoint(), copy, data, button, none)
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    move = QDragMoveEvent(at.toPoint(), copy, data, button, none)
    QApplication.sendEvent(target, move)
    QApplication.sendEvent(target, QDropEvent(at, copy, data, button, none))
    return True


@pytest.mark.parametrize("where", ["canvas", "welcome", "window"])
def test_files_are_dropped_anywhere(place: Place, file: Path, tmp_path: Path, where: str) -> None:
    window = place.start(empty=where != "welcome")
    target = {"canvas": window.canvas, "welcome": window.welcome.gallery.viewport(), "window": window}[where]
    assert drop(target, file)
    assert (window.files.path, window.shows_canvas) == (file, True)


def test_a_dropped_picture_opens_as_the_graph_it_carries(place: Place, file: Path, tmp_path: Path) -> None:
    window = place.start(file)
    export_picture(Still.of(window.canvas), tmp_path / "shown.png")
    graph = window.editor.graph
    window.files.new()
    assert drop(window.canvas, tmp_path / "shown.png")
    assert window.editor.graph == graph
    assert (window.windowTitle(), window.files.path) == ("Copy of shown[*]", None)
    (tmp_path / "empty.png").write_bytes(b"no picture")
    assert drop(window.canvas, tmp_path / "empty.png")
    assert window.bars.get("open").text == "empty.png carries no graph (a PNG exported by Gradwire does)"
    assert window.editor.graph == graph


def test_several_dropped_files_open_a_window_each(place: Place, file: Path, qtbot: QtBot) -> None:
    other = file.with_name("other.gw")
    shutil.copy(EXAMPLES / "fork.gw", other)
    window = place.start(empty=True)
    assert drop(window.canvas, file, other)
    qtbot.waitUntil(lambda: [w.files.path for w in window.application.windows] == [file, other])
    assert not drop(window.canvas, file.with_name("notes.txt"))
