"""No edit is lost without a word: whatever keeps a journal from being written or read, and whoever else has the file.

Where a test needs a journal that cannot be written, its name is a link into a folder that is not there; where nothing
at all may be written, a file stands in the place of a folder. Both hold for every user, root included.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.files import asking, keeping
from gradwire.app.files.locking import Lock, holder_of
from gradwire.app.window import Window
from gradwire.core.files.journal import journal_path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, limits and signals are those of POSIX")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXAMPLES / "colah.gw", tmp_path / "mine.gw"))


def add(window: Window, name: str, op: str = "relu") -> None:
    window.editor.attempt(f"Add {name}", lambda t: t.add(op, name=name))


def names(window: Window) -> set[str]:
    return {node.name for node in window.editor.graph.nodes.values()}


def click(window: Window, bar: str, answer: str) -> None:
    QTest.mouseClick(window.bars.get(bar).buttons[answer], Qt.MouseButton.LeftButton)


def choose(window: Window, answer: str, entry: str) -> None:
    """Take an entry of the menu behind a button of the bar that offers what was left."""
    button = window.bars.get("left").buttons[answer]
    (found,) = [action for action in button.menu().actions() if action.text().startswith(entry)]
    found.trigger()


def press_save(window: Window) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not window.isWindowModified()


def copies(window: Window) -> list[str]:
    """The bars that offer copies."""
    return [name for name in window.bars.names() if name == "unsaved"]


def recovered_beside(place: Place, path: Path) -> set[str]:
    """What the newest journal beside a file brings back at the next start."""
    window = place.start(path)
    before = names(window)
    if window.bars.get("left").buttons["Recover"].menu() is None:
        click(window, "left", "Recover")
    else:
        choose(window, "Recover", "1.")
    assert window.isWindowModified()
    return names(window) - before


def recovered_copy(place: Place) -> Window:
    """The only copy that the next start offers, recovered."""
    window = place.start(empty=True)
    window.show_welcome()
    (bar,) = copies(window)
    click(window, bar, "Recover")
    assert copies(window) == []
    assert window.isWindowModified()
    return window


def hinder(path: Path) -> Path:
    """Let the journal of a file not be written, until what is returned is removed."""
    journal = journal_path(path)
    journal.symlink_to(path.with_name("no such folder") / "journal")
    return journal


@contextmanager
def nothing_takes_files(place: Place, path: Path) -> Iterator[None]:
    """Let neither the journal of a file nor a copy be written."""
    journal, copied = hinder(path), place.folder / "data" / "unsaved"
    assert not copied.exists()
    copied.write_bytes(b"")
    yield
    journal.unlink(missing_ok=True)
    copied.unlink()


def soon(window: Window) -> None:
    """Try again much sooner than every few seconds."""
    window.files.safekeeping.again.setInterval(20)


# Journals that cannot be read.


def test_an_unreadable_journal_is_set_aside_and_told_and_edits_are_kept(place: Place, file: Path) -> None:
    journal_path(file).mkdir()
    (journal_path(file) / "inside").write_bytes(b"kept")
    window = place.start(file)
    (text,) = window.bars.texts()
    assert text == (
        "Unsaved edits of an earlier session cannot be read (Is a directory). "
        "Their journal was set aside as .mine.gw.journal.unreadable."
    )
    add(window, "kept")
    place.crash(window)
    assert recovered_beside(place, file) == {"kept"}
    aside = file.with_name(".mine.gw.journal.unreadable")
    assert (aside / "inside").read_bytes() == b"kept"


def test_edits_after_a_save_are_kept_where_the_earlier_journal_stays_unreadable(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal_path(file).mkdir()
    refused = OSError(1, "Operation not permitted")

    def refuse(*_: object) -> None:
        raise refused

    monkeypatch.setattr(Path, "rename", refuse)
    window = place.start(file)
    assert "could not be set aside: Operation not permitted" in window.bars.get("unread").text
    monkeypatch.undo()
    journal_path(file).rmdir()  # the cause goes away
    press_save(window)
    add(window, "kept")
    place.crash(window)
    assert recovered_beside(place, file) == {"kept"}


@pytest.mark.parametrize(
    "damage",
    [lambda _: b"\0" * 300, lambda data: b"x" + data, lambda data: data.replace(b'"journal": 2', b'"journal": 9')],
    ids=["zeros", "torn", "later version"],
)
def test_a_journal_without_a_readable_change_is_set_aside_and_never_removed(
    place: Place, file: Path, damage: Callable[[bytes], bytes]
) -> None:
    window = place.start(file)
    add(window, "lost")
    place.crash(window)
    damaged = damage(journal_path(file).read_bytes())
    journal_path(file).write_bytes(damaged)
    again = place.start(file)
    (text,) = again.bars.texts()
    assert text.endswith("(it is damaged). Their journal was set aside as .mine.gw.journal.unreadable.")
    add(again, "kept")
    press_save(again)
    again.close()
    assert file.with_name(".mine.gw.journal.unreadable").read_bytes() == damaged
    assert place.start(file).bars.texts() == []


def test_a_second_unreadable_journal_leaves_the_first(place: Place, file: Path) -> None:
    for content in (b"first", b"second"):
        journal_path(file).write_bytes(content)
        place.start(file).close()
    found = {path.name: path.read_bytes() for path in file.parent.glob(".*unreadable*")}
    assert found == {".mine.gw.journal.unreadable": b"first", ".mine.gw.journal.unreadable1": b"second"}


def test_edits_that_were_all_undone_are_not_told_as_damage(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "gone")
    window.editor.undo()
    place.crash(window)
    assert place.start(file).bars.texts() == []


def test_a_damaged_line_is_told_with_what_can_be_recovered(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "first")
    with journal_path(file).open("ab") as journal:
        journal.write(b"\0\0\n")
    place.crash(window)
    offer = place.start(file).bars.get("left").text.splitlines()
    assert offer[0] == "Unsaved edits of mine.gw were found: 1 edit, the last “Add first”."
    assert "line 3 is damaged" in offer[1]


def test_a_copy_whose_journal_cannot_be_read_is_set_aside_with_it(place: Place) -> None:
    window = place.start(empty=True)
    add(window, "lost")
    place.crash(window)
    folder = place.folder / "data" / "unsaved"
    (base,) = folder.glob("*.gwz")
    journal_path(base).write_bytes(b"\0\0\0")
    again = place.start(EXAMPLES / "fork.gw")
    (text,) = again.bars.texts()
    assert text.endswith(f"Their journal was set aside as {journal_path(base).name}.unreadable.")
    again.close()
    place.start(EXAMPLES / "fork.gw").close()
    kept = {path.name for path in folder.iterdir()}
    assert kept == {f"{base.name}.unreadable", f"{journal_path(base).name}.unreadable"}


def test_saving_over_a_file_does_not_remove_its_unreadable_journal(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file.with_name("other.gw")
    journal_path(other).write_bytes(b"\0\0\0")
    window = place.start(file)
    monkeypatch.setattr(asking, "ask_save", lambda *_: other)
    assert window.files.save_as()
    assert other.with_name(".other.gw.journal.unreadable").read_bytes() == b"\0\0\0"


# Journals that cannot be written.


def test_where_no_journal_can_be_written_beside_the_file_edits_are_kept_in_a_copy(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "before")
    journal_path(file).unlink()
    hindrance = hinder(file)
    add(window, "first")
    add(window, "second")
    (text,) = window.bars.texts()
    assert text == (
        f"{hindrance}: the journal cannot be written: No such file or directory. "
        "Edits are kept in a copy instead, which the next start offers after a crash."
    )
    place.crash(window)
    hindrance.unlink(missing_ok=True)
    again = recovered_copy(place)
    assert {"before", "first", "second"} <= names(again)
    assert again.windowTitle() == "Copy of mine[*]"


def test_a_recovered_copy_is_not_closed_without_a_question(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(file)
    hinder(file)
    add(window, "only")
    place.crash(window)
    again = recovered_copy(place)
    asked: list[str] = []
    monkeypatch.setattr(asking, "ask_losing", lambda _, name: asked.append(name) or "cancel")
    again.editor.undo()
    assert "only" in names(again)  # it is in no file, so nothing takes it back
    assert not again.close()
    assert asked == ["Copy of mine"]
    place.crash(again)
    assert "only" in names(recovered_copy(place))


def test_after_a_save_edits_are_kept_beside_the_file_again(place: Place, file: Path) -> None:
    window = place.start(file)
    hindrance = hinder(file)
    add(window, "first")
    hindrance.unlink(missing_ok=True)
    press_save(window)
    assert window.bars.texts() == []
    add(window, "second")
    place.crash(window)
    assert recovered_beside(place, file) == {"second"}
    assert list((place.folder / "data" / "unsaved").iterdir()) == []


def test_as_long_as_nothing_can_be_written_the_user_is_told_once(place: Place, file: Path) -> None:
    window = place.start(file)
    with nothing_takes_files(place, file):
        add(window, "first")
        bar = window.bars.get("journal")
        assert bar.text.startswith("Edits are not kept after a crash: ")
        assert bar.text.count("\n") == 0
        add(window, "second")
        assert window.bars.get("journal") is bar
        bar.dismiss()
        add(window, "third")
        assert window.bars.texts() == []  # closed by the user


def test_a_save_does_not_take_away_what_still_holds(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    data = place.folder / "data"
    data.mkdir()
    for name in ("journals", "unsaved"):
        (data / name).write_bytes(b"")
    monkeypatch.setattr(keeping, "takes_files", lambda folder: folder != file.parent)
    window = place.start(file)
    soon(window)
    text = f"Edits are not kept after a crash: {data / 'unsaved'}: File exists"
    assert window.bars.texts() == [text]
    add(window, "first")
    window.bars.get("journal").dismiss()
    press_save(window)
    assert window.bars.texts() == [text]
    (data / "unsaved").unlink()
    qtbot.waitUntil(lambda: "not kept" not in "".join(window.bars.texts()))
    add(window, "second")
    place.crash(window)
    assert "second" in names(recovered_copy(place))


def test_edits_are_kept_again_as_soon_as_there_is_room(place: Place, file: Path, qtbot: QtBot) -> None:
    window = place.start(file)
    soon(window)
    with nothing_takes_files(place, file):
        add(window, "first")
        add(window, "second")
        qtbot.wait(100)
        assert window.bars.get("journal").text.startswith("Edits are not kept after a crash: ")
    qtbot.waitUntil(lambda: "not kept" not in "".join(window.bars.texts()))
    add(window, "third")
    place.crash(window)
    assert {"first", "second", "third"} <= names(recovered_copy(place))


def test_a_disk_that_is_full_in_the_middle_of_a_line(place: Place, file: Path, qtbot: QtBot) -> None:
    import resource

    window = place.start(file)
    soon(window)
    add(window, "first")
    size = journal_path(file).stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
    try:
        add(window, "second")
        add(window, "third")
        told = window.bars.texts()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [text.split(":")[0] for text in told] == ["Edits are not kept after a crash"]
    qtbot.waitUntil(lambda: "not kept" not in "".join(window.bars.texts()))
    place.crash(window)
    assert {"first", "second", "third"} <= names(recovered_copy(place))


def test_an_untitled_graph_that_cannot_be_kept_is_kept_once_it_has_a_file(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsaved = place.folder / "data" / "unsaved"
    unsaved.parent.mkdir()
    unsaved.write_bytes(b"")
    window = place.start(empty=True)
    assert window.bars.get("journal").text.startswith("Edits are not kept after a crash: ")
    add(window, "first")
    target = file.with_name("named.gw")
    monkeypatch.setattr(asking, "ask_save", lambda *_: target)
    press_save(window)
    assert window.bars.texts() == []
    add(window, "second")
    place.crash(window)
    assert recovered_beside(place, target) == {"second"}


def test_an_untitled_graph_is_kept_as_soon_as_there_is_room(place: Place, qtbot: QtBot) -> None:
    unsaved = place.folder / "data" / "unsaved"
    unsaved.parent.mkdir()
    unsaved.write_bytes(b"")
    window = place.start(empty=True)
    soon(window)
    add(window, "first")
    unsaved.unlink()
    qtbot.waitUntil(lambda: window.bars.texts() == [])
    add(window, "second")
    place.crash(window)
    again = recovered_copy(place)
    assert names(again) == {"first", "second"}
    assert again.windowTitle() == "untitled[*]"


# Locks, and other processes.


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


OTHER = """
import os, signal, sys
from pathlib import Path
from gradwire.app.files.keeping import Keeping, digest_of
from gradwire.core.session import Session
data, path, label = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
session = Session.open(path)
keeping = Keeping(data, path, session.document, "", print)
keeping.attach(session.document, digest_of(path))
if label:
    with session.document.transaction(label) as t:
        t.add("relu", name=label)
print("ready", flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


class Other:
    """Another Gradwire that has a file open, until it is killed."""

    def __init__(self, place: Place, path: Path, label: str = "") -> None:
        self.process = run(OTHER, place.folder / "data", path, label)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        self.process.communicate("\n")
        assert self.process.returncode < 0


def test_the_lock_of_a_process_that_was_killed_keeps_nobody_out(place: Place, file: Path) -> None:
    Other(place, file, "theirs").kill()
    assert len(list((place.folder / "data" / "open").iterdir())) == 1
    window = place.start(file)
    assert window.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “theirs”."]
    click(window, "left", "Recover")
    add(window, "kept")
    place.crash(window)
    assert recovered_beside(place, file) == {"theirs", "kept"}


@pytest.mark.parametrize("content", [b"", b"garbage\n"])
def test_a_lock_that_was_cut_off_keeps_nobody_out(place: Place, file: Path, content: bytes) -> None:
    place.start(file).close()
    lock = Lock(place.folder / "data", file.resolve())
    assert lock.take()
    (path,) = (place.folder / "data" / "open").iterdir()
    lock.release()
    path.write_bytes(content)
    window = place.start(file)
    assert window.bars.texts() == []
    add(window, "kept")
    place.crash(window)
    assert recovered_beside(place, file) == {"kept"}


def test_where_no_lock_can_be_written_edits_are_kept_all_the_same(place: Place, file: Path) -> None:
    locks = place.folder / "data" / "open"
    locks.parent.mkdir()
    locks.write_bytes(b"")
    window = place.start(file)
    assert window.bars.texts() == []
    add(window, "kept")
    place.crash(window)
    assert recovered_beside(place, file) == {"kept"}


def test_edits_of_a_file_that_another_gradwire_has_open_are_kept_in_a_copy(place: Place, file: Path) -> None:
    other = Other(place, file, "theirs")
    window = place.start(file)
    text = f"mine.gw is open in another Gradwire (process {other.process.pid})."
    assert [shown.startswith(text) for shown in window.bars.texts()] == [True]
    add(window, "ours")
    press_save(window)
    assert [shown.startswith(text) for shown in window.bars.texts()] == [True]  # as long as it is so
    add(window, "after")
    place.crash(window)
    other.kill()
    assert {"ours", "after"} <= names(recovered_copy(place))


def test_when_the_other_gradwire_ends_the_file_is_ours_and_what_it_left_is_offered(
    place: Place, file: Path, qtbot: QtBot
) -> None:
    other = Other(place, file, "theirs")
    window = place.start(file)
    soon(window)
    other.kill()
    qtbot.waitUntil(lambda: window.bars.get("elsewhere") is None)
    assert window.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “theirs”."]
    assert holder_of(place.folder / "data", file) == os.getpid()
    click(window, "left", "Recover")
    add(window, "ours")
    place.crash(window)
    assert recovered_beside(place, file) == {"theirs", "ours"}


def test_when_the_other_gradwire_ends_edits_made_meanwhile_stay_kept(place: Place, file: Path, qtbot: QtBot) -> None:
    other = Other(place, file)
    window = place.start(file)
    soon(window)
    add(window, "first")
    other.kill()
    qtbot.waitUntil(lambda: window.bars.texts() == [])
    add(window, "second")
    place.crash(window)
    again = recovered_copy(place)
    assert {"first", "second"} <= names(again)
    place.crash(again)


def test_a_save_takes_the_file_over_from_a_gradwire_that_has_ended(place: Place, file: Path) -> None:
    other = Other(place, file, "theirs")
    window = place.start(file)
    add(window, "first")
    other.kill()
    press_save(window)
    (text,) = window.bars.texts()  # what the other left is not lost by that
    assert text.startswith("Unsaved edits of mine.gw were found: 1 edit, the last “theirs”.")
    add(window, "second")
    place.crash(window)
    assert recovered_beside(place, file) == {"second"}


def test_what_another_gradwire_has_open_is_not_written_over(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Other(place, file)
    before = file.read_bytes()
    window = place.start(empty=True)
    add(window, "ours")
    monkeypatch.setattr(asking, "ask_save", lambda *_: file)
    assert not window.files.save()
    pid = other.process.pid
    assert window.bars.texts() == [
        f"mine.gw is open in another Gradwire (process {pid}). Close it there, or choose another name."
    ]
    assert file.read_bytes() == before
    other.kill()
    assert window.files.save()
    assert window.bars.texts() == []


# A file that is no longer as it was.


def test_edits_of_a_file_that_another_program_changed_come_back_as_a_copy_that_fits(
    place: Place, file: Path, qtbot: QtBot
) -> None:
    window = place.start(file)
    before = names(window)
    add(window, "first")
    file.write_bytes((EXAMPLES / "fork.gw").read_bytes())
    qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
    add(window, "second")
    place.crash(window)
    assert place.start(file).bars.get("left") is None  # they are offered once, where they fit
    place.applications[-1].windows[0].close()
    assert names(recovered_copy(place)) == before | {"first", "second"}


def test_what_is_kept_over_a_change_on_the_disk_is_kept_beside_the_file_again_once_saved(
    place: Place, file: Path, qtbot: QtBot
) -> None:
    window = place.start(file)
    file.write_bytes((EXAMPLES / "fork.gw").read_bytes())
    qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
    click(window, "disk", "Keep mine")
    add(window, "first")
    press_save(window)
    assert window.bars.texts() == []
    add(window, "second")
    place.crash(window)
    assert recovered_beside(place, file) == {"second"}


@pytest.mark.parametrize("edited", [True, False])
def test_a_file_that_is_gone_comes_back_as_a_copy(place: Place, file: Path, qtbot: QtBot, edited: bool) -> None:
    window = place.start(file)
    if edited:
        add(window, "only here")
    before = names(window)
    file.unlink()
    qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
    place.crash(window)
    assert names(recovered_copy(place)) == before


@pytest.mark.slow
def test_a_file_that_is_again_as_it_was_is_no_longer_told_as_changed(place: Place, file: Path, qtbot: QtBot) -> None:
    window = place.start(file)
    before = file.read_bytes()
    file.write_bytes((EXAMPLES / "fork.gw").read_bytes())
    qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
    file.write_bytes(before)
    qtbot.waitUntil(lambda: window.bars.texts() == [])
    add(window, "kept")
    place.crash(window)
    assert "kept" in names(recovered_copy(place))


# Recovering, and saving.


def test_an_offer_that_nobody_answered_outlasts_a_save(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "earlier")
    place.crash(window)
    again = place.start(file)
    add(again, "now", "tanh")
    press_save(again)
    assert again.bars.get("left") is not None
    again.close()
    third = place.start(file)
    click(third, "left", "Recover")
    assert {"earlier", "now"} <= names(third)


def crashed_twice(place: Place, file: Path) -> Window:
    """A window that is asked for the edits of two sessions: the offer of the first was not answered."""
    window = place.start(file)
    add(window, "first")
    place.crash(window)
    again = place.start(file)
    add(again, "second", "tanh")
    place.crash(again)
    return place.start(file)


def test_edits_of_several_sessions_are_told_in_one_bar_and_each_can_be_had(place: Place, file: Path) -> None:
    window = crashed_twice(place, file)
    (text,) = window.bars.texts()
    told, second, first = text.splitlines()
    assert told == "Unsaved edits of 2 earlier sessions were found:"
    assert re.fullmatch(r"1\. mine\.gw, \d\d \w+, \d\d:\d\d: 1 edit, the last “Add second”\.", second)
    assert re.fullmatch(r"2\. mine\.gw, \d\d \w+, \d\d:\d\d: 1 edit, the last “Add first”\.", first)
    choose(window, "Recover", "1. mine.gw")
    assert "second" in names(window)
    assert window.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “Add first”."]
    press_save(window)  # as long as it is not answered it stays, also after a save
    assert window.bars.names() == ["left"]
    click(window, "left", "Recover")  # it builds on the file, not on the other: in a window of its own
    (copy,) = [each for each in window.application.windows if each is not window]
    assert {"first", "second"} & names(copy) == {"first", "second"}
    assert {"first", "second"} & names(window) == {"second"}
    assert copy.isWindowModified()
    assert copy.files.path is None
    assert window.bars.texts() == []
    window.close()
    assert place.start(file).bars.texts() == []


def test_each_of_several_sessions_can_be_discarded_alone(place: Place, file: Path) -> None:
    window = crashed_twice(place, file)
    choose(window, "Discard", "1. mine.gw")
    assert window.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “Add first”."]
    window.close()
    again = place.start(file)
    assert again.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “Add first”."]
    click(again, "left", "Recover")
    assert {"first", "second"} & names(again) == {"first"}


def test_all_sessions_can_be_discarded_at_once_and_had_after_all(place: Place, file: Path) -> None:
    window = crashed_twice(place, file)
    choose(window, "Discard", "All of them")
    assert window.bars.texts() == []
    window.close()
    assert place.start(file).bars.texts() == []
    (copy,) = [each for each in (place.folder / "data" / "discarded").iterdir() if not each.name.startswith(".")]
    assert place.start(copy).bars.get("left").text.startswith("Unsaved edits of 2 earlier sessions were found:\n1. ")


def test_edits_of_an_earlier_session_can_be_saved_as_another_file(
    place: Place, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, target = crashed_twice(place, file), file.with_name("theirs.gw")
    proposed: list[Path] = []
    monkeypatch.setattr(asking, "ask_save", lambda _, path: proposed.append(path))
    choose(window, "Save as…", "2. mine.gw")  # and think better of it
    assert proposed == [file.with_name("mine recovered.gw")]
    assert window.bars.get("left").text.startswith("Unsaved edits of 2 earlier sessions were found:\n1. ")
    monkeypatch.setattr(asking, "ask_save", lambda *_: target)
    before = file.read_bytes()
    choose(window, "Save as…", "2. mine.gw")
    assert window.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “Add second”."]
    assert window.status.message.text() == "Saved the recovered edits as theirs.gw"
    assert file.read_bytes() == before
    assert {"first", "second"} & names(place.start(target)) == {"first"}


def test_a_file_and_a_graph_without_one_are_offered_in_one_bar(place: Place, file: Path) -> None:
    untitled = place.start(empty=True)
    add(untitled, "kept")
    place.crash(untitled)
    window = place.start(file)
    add(window, "first")
    place.crash(window)
    again = place.start(file)
    (text,) = again.bars.texts()
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == ["1. mine.gw", "2. an untitled graph"]
    choose(again, "Recover", "2. an untitled graph")
    (other,) = [each for each in again.application.windows if each is not again]
    assert names(other) == {"kept"}
    assert again.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “Add first”."]
    place.crash(other)


def test_an_offer_is_answered_after_edits_and_a_save(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "first")
    place.crash(window)
    again = place.start(file)
    add(again, "now", "tanh")
    press_save(again)
    click(again, "left", "Discard")
    assert "Discarded, and set aside" in again.status.message.toolTip()
    again.close()
    assert place.start(file).bars.texts() == []


def test_what_was_recovered_is_not_told_as_an_earlier_session_after_another_crash(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "first")
    place.crash(window)
    again = place.start(file)
    click(again, "left", "Recover")
    place.crash(again)
    third = place.start(file)
    assert third.bars.texts() == ["Unsaved edits of mine.gw were found: 1 edit, the last “Add first”."]
    click(third, "left", "Recover")
    assert "first" in names(third)


def test_what_was_recovered_and_saved_is_not_offered_again(place: Place, file: Path) -> None:
    window = place.start(file)
    add(window, "earlier")
    place.crash(window)
    again = place.start(file)
    click(again, "left", "Recover")
    press_save(again)
    place.crash(again)
    third = place.start(file)
    assert third.bars.texts() == []
    assert "earlier" in names(third)
    assert [path.name for path in file.parent.glob(".*")] == []


# Links.


@pytest.fixture
def link(file: Path) -> Path:
    link = file.parent / "links" / "link.gw"
    link.parent.mkdir()
    link.symlink_to(file)
    return link


def test_a_link_and_its_file_are_one(place: Place, file: Path, link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = place.start(link)
    monkeypatch.setattr(asking, "ask_save", lambda *_: file)
    assert window.files.save_as()  # the same file by its own name
    assert (window.bars.texts(), window.files.path) == ([], file)
    add(window, "kept")
    place.crash(window)
    assert recovered_beside(place, link) == {"kept"}


def test_a_link_that_leads_elsewhere_now_is_kept_where_it_leads(place: Place, file: Path, link: Path) -> None:
    window = place.start(link)
    add(window, "first")
    other = Path(shutil.copy(file, file.with_name("other.gw")))
    link.unlink()
    link.symlink_to(other)
    press_save(window)
    add(window, "second")
    place.crash(window)
    assert recovered_beside(place, other) == {"second"}
    assert place.start(file).bars.texts() == []


def test_a_change_of_the_file_behind_a_link_is_noticed_each_time(
    place: Place, file: Path, link: Path, qtbot: QtBot
) -> None:
    window = place.start(link)
    for example in ("fork.gw", "sin_plus_product.gw"):
        new = file.with_name("new")
        new.write_bytes((EXAMPLES / example).read_bytes())
        os.replace(new, file)  # as most editors save
        qtbot.waitUntil(lambda: window.bars.get("disk") is not None)
        click(window, "disk", "Keep mine")


# What it costs.


def test_no_copy_is_made_with_every_edit(place: Place, file: Path) -> None:
    window = place.start(file)
    hinder(file)
    add(window, "first")
    (base,) = (place.folder / "data" / "unsaved").glob("*.gwz")
    for number in range(10):
        add(window, f"more{number}")
    assert list((place.folder / "data" / "unsaved").glob("*.gwz")) == [base]
