from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradwire.core.document import Document, Gesture
from gradwire.core.errors import EditError, FileError
from gradwire.core.files import Journal, Recovered, dump_graph, load, recover, save
from gradwire.core.files.journal import journal_path
from gradwire.core.graph import Training

Act = Callable[[Document], object]


def opened(path: Path) -> tuple[Document, Journal]:
    """The document as the file has it, with a journal that writes down what happens to it."""
    loaded = load(path)
    document = Document(loaded.graph, loaded.values)
    journal = Journal(path, loaded.digest)
    journal.attach(document)
    return document, journal


def recovered(path: Path) -> Recovered:
    found = recover(path)
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A saved file with weights, an infinite parameter and a group."""
    document = Document()
    with document.transaction("Make a net") as t:
        group = t.add_group(name="net")
        t.add("input", id="x", shape=["N", 3])
        t.add("parameter", id="w", shape=[3, 2], group=group)
        t.add("matmul", id="h", inputs={"x": "x", "w": "w"}, group=group)
        t.add("constant", id="c", value=float("inf"))
        t.set_values("w", np.ones((3, 2), np.float32))
    save(tmp_path / "net.gw", document.graph, document.values)
    return tmp_path / "net.gw"


def edit_much(document: Document) -> None:
    """Changes of every kind, one after the other."""
    with document.transaction("Train") as t:
        t.set_values("w", np.array([[0.1, np.nan], [-0.0, np.inf], [1e-45, 5]], np.float32))
        t.set_training(Training("h", {"name": "sgd", "lr": 0.1}))
    with document.transaction("Delete c") as t:
        t.remove("c")
    with document.transaction("Add", source="canvas") as t:
        t.add("relu", id="r", inputs={"x": "h"}, position=(1.5, -2), name="δ")
        t.add("constant", id="far", value=float("-inf"))
        t.set_flags("r", ["detach"])
    document.undo()
    document.redo()
    with document.transaction("Layout", undoable=False) as t:
        t.move("h", (3, 4))
        t.rename("h", "hidden")
        t.disconnect("h", "x")
        t.set_dtype("float64")


def test_what_was_not_saved_comes_back(path: Path) -> None:
    document, _ = opened(path)
    edit_much(document)
    # The program ends here.
    found = recovered(path)
    assert found.fits
    assert found.notices == ()
    labels = ["Train", "Delete c", "Add", "Add", "Add", "Layout"]
    assert [change.label for change in found.changes] == labels
    assert [change.source for change in found.changes] == ["api", "api", "canvas", "undo", "redo", "api"]
    loaded = load(path)
    again = Document(loaded.graph, loaded.values)
    change = found.replay(again)
    assert change is not None
    assert (change.label, change.source) == ("Recover 4 changes", "journal")
    assert dump_graph(again.graph) == dump_graph(document.graph)
    assert {id: array.tobytes() for id, array in again.values.items()} == {
        id: array.tobytes() for id, array in document.values.items()
    }
    assert again.dirty
    again.undo()
    assert again.graph == loaded.graph
    assert again.values["w"].tobytes() == np.ones((3, 2), np.float32).tobytes()


def test_nothing_is_written_before_the_first_change_and_after_the_last_save(path: Path) -> None:
    document, journal = opened(path)
    assert recover(path) is None
    assert not journal.path.exists()
    edit_much(document)
    journal.clear(save(path, document.graph, document.values))
    assert recover(path) is None
    assert {file.name for file in path.parent.iterdir()} == {"net.gw", "net.safetensors"}
    with document.transaction("Later") as t:
        t.rename("x", "renamed")
    found = recovered(path)
    assert (found.fits, [change.label for change in found.changes]) == (True, ["Later"])
    loaded = load(path)
    again = Document(loaded.graph, loaded.values)
    change = found.replay(again)
    assert change is not None
    assert change.label == "Later"
    assert dump_graph(again.graph) == dump_graph(document.graph)


def test_a_detached_journal_writes_no_more(path: Path) -> None:
    document, journal = opened(path)
    with document.transaction("One") as t:
        t.rename("x", "renamed")
    journal.detach()
    journal.detach()
    edit_much(document)
    assert [change.label for change in recovered(path).changes] == ["One"]


def test_changes_reach_the_file_one_by_one(path: Path) -> None:
    document, journal = opened(path)
    for count in range(3):
        with document.transaction(f"Change {count}") as t:
            t.rename("x", f"x{count}")
        assert len(journal.path.read_bytes().splitlines()) == count + 2


def test_a_last_line_that_was_cut_off_is_left_out(path: Path) -> None:
    document, journal = opened(path)
    edit_much(document)
    whole = journal.path.read_bytes()
    ends = [at for at, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(len(whole) - 1):
        journal.path.write_bytes(whole[:cut])
        found = recover(path)
        lines = sum(end < cut for end in ends)
        if lines < 2:
            assert found is None
        else:
            assert found is not None
            assert len(found.changes) == lines - 1
            cut_off = whole[cut - 1 : cut] != b"\n"
            notice = f"{journal.path}: the last change was cut off and is left out"
            assert found.notices == ((notice,) if cut_off else ())


def test_what_follows_a_damaged_line_is_left_out(path: Path) -> None:
    document, journal = opened(path)
    edit_much(document)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    for damage, line in (
        (b"\0\0\0\n", "valid JSON is required, line 1, column 1: Expecting value"),
        (b"[]\n", 'an object with a list of "edits" is required'),
        (b'{"edits": [], "label": 3}\n', '"label" and "source" must be texts'),
        (b'{"edits": [{"edit": "Explode"}], "label": "", "source": ""}\n', "an edit must name its kind"),
    ):
        journal.path.write_bytes(b"".join([*lines[:3], damage, *lines[4:]]))
        found = recovered(path)
        assert [change.label for change in found.changes] == ["Train", "Delete c"]
        assert len(found.notices) == 1
        assert found.notices[0].startswith(f"{journal.path}: line 4 is damaged: ")
        assert line in found.notices[0]
        assert found.notices[0].isprintable()


def test_a_journal_of_another_state_of_the_file_is_offered_as_such(path: Path) -> None:
    document, journal = opened(path)
    edit_much(document)
    with path.open("ab") as file:
        file.write(b"\n")
    found = recovered(path)
    assert not found.fits
    assert found.notices == (f"{journal.path}: builds on another state of the file",)
    other = Document()
    with pytest.raises(EditError):
        found.replay(other)
    assert not other.graph.nodes
    assert not other.dirty


def test_replaying_is_written_down_and_the_earlier_journal_kept_until_the_next_save(path: Path) -> None:
    edit_much(opened(path)[0])
    found = recovered(path)
    document, journal = opened(path)
    found.replay(document)
    again = recovered(path)
    assert [change.label for change in again.changes] == ["Recover 4 changes"]
    assert journal.path.with_name(f"{journal.path.name}~").exists()
    loaded = load(path)
    third = Document(loaded.graph, loaded.values)
    again.replay(third)
    assert third.graph == document.graph
    journal.clear(save(path, document.graph, document.values))
    assert {file.name for file in path.parent.iterdir()} == {"net.gw", "net.safetensors"}


def test_a_journal_that_cannot_be_written_says_so_and_lets_editing_go_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, journal = opened(path)
    (journal.path / "full").mkdir(parents=True)  # it cannot be written, and is not to be moved either

    def refuse(*_: object) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with document.transaction("One") as t:
        t.rename("x", "one")
    with document.transaction("Two") as t:
        t.rename("x", "two")
    assert document.graph.nodes["x"].name == "two"
    hint = "(after a crash only what is saved will be there)"
    assert str(journal.failed).startswith(f"{journal.path}: the journal cannot be written: ")
    assert str(journal.failed).endswith(hint)


def test_a_journal_that_cannot_be_read(path: Path) -> None:
    journal_path(path).mkdir()
    with pytest.raises(FileError, match="cannot be read"):
        recover(path)


@pytest.mark.skipif(os.name == "nt", reason="links are those of POSIX")
def test_the_journal_of_a_link_is_that_of_its_file(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.gw"
    link.parent.mkdir()
    link.symlink_to(path)
    edit_much(opened(link)[0])
    assert recovered(path).fits
    assert list(link.parent.iterdir()) == [link]


def test_an_archive_has_a_journal_too(path: Path) -> None:
    loaded = load(path)
    archive = path.with_suffix(".gwz")
    save(archive, loaded.graph, loaded.values)
    document, journal = opened(archive)
    edit_much(document)
    assert journal.path.name == ".net.gwz.journal"
    assert recovered(archive).fits
    assert recover(path) is None


def test_damaged_journals_give_changes_or_none(path: Path) -> None:
    document, journal = opened(path)
    edit_much(document)
    whole = journal.path.read_bytes()
    draw = random.Random(0)
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(damaged))
            damaged[at : at + draw.choice([0, 1, 9])] = draw.choice([b"", b"\n", b"{", b'"', b"null", b"\xff", b"5"])
        journal.path.write_bytes(damaged)
        found = recover(path)
        if found is not None:
            assert all(notice.isprintable() for notice in found.notices)
            loaded = load(path)
            with suppress(EditError):  # the only thing that it may raise
                found.replay(Document(loaded.graph, loaded.values))


def test_a_journal_is_plain_json(path: Path) -> None:
    document, journal = opened(path)
    with document.transaction("Move x") as t:
        t.move("x", (1, 2))
    head, change = map(json.loads, journal.path.read_text().splitlines())
    assert head == {"base": load(path).digest, "journal": 2}
    edit = {"edit": "MoveNode", "id": "x", "old": [0.0, 0.0], "new": [1.0, 2.0]}
    assert change == {"label": "Move x", "source": "api", "edits": [edit]}


def lines(journal: Journal) -> list[dict[str, Any]]:
    """What each line after the first says, without its label."""
    return [
        {key: value for key, value in json.loads(line).items() if key != "label"}
        for line in journal.path.read_text().splitlines()[1:]
    ]


def replayed(path: Path) -> Document:
    """What the file and its journal give after a crash."""
    loaded = load(path)
    document = Document(loaded.graph, loaded.values)
    recovered(path).replay(document)
    return document


def whole(document: Document) -> tuple[bytes, dict[str, bytes]]:
    return dump_graph(document.graph), {id: array.tobytes() for id, array in document.values.items()}


def test_what_a_document_is_opened_with_is_no_edit_and_is_written_with_the_first_one(path: Path) -> None:
    document, journal = opened(path)

    def lay_out(x: float) -> None:
        with document.transaction("Lay out", source="opening") as t:
            t.move("x", (x, 5.0))

    lay_out(7.0)
    assert not document.dirty
    assert not journal.path.exists()
    document.undo()
    assert not document.dirty
    document.redo()
    assert not document.dirty
    rename(document, "one")
    assert document.dirty
    assert replayed(path).graph.nodes["x"].position == (7.0, 5.0)
    assert whole(replayed(path)) == whole(document)
    lay_out(8.0)  # of a document that is dirty
    document.undo()
    document.undo()
    assert not document.dirty
    assert whole(replayed(path)) == whole(document)


def test_an_undo_is_a_line_that_says_which_change_it_comes_back_to(path: Path) -> None:
    document, journal = opened(path)
    with document.transaction("Train") as t:
        t.set_values("w", np.zeros((3, 2), np.float32))
    rename(document, "one")
    document.undo()
    assert whole(replayed(path)) == whole(document)
    document.redo()
    assert whole(replayed(path)) == whole(document)
    for _ in range(2):
        document.undo()
    assert [line.get("as") for line in lines(journal)] == [None, None, 1, 2, 1, 0]
    assert lines(journal)[-1] == {"as": 0, "source": "undo"}
    assert recover(path) is None  # it is as the file again
    rename(document, "two")
    assert whole(replayed(path)) == whole(document)
    assert recovered(path).replay(Document(load(path).graph, load(path).values)) is not None


def test_an_undo_of_what_the_journal_does_not_hold_is_written_in_full(path: Path) -> None:
    document, journal = opened(path)
    rename(document, "saved")
    journal.clear(save(path, document.graph, document.values))
    document.undo()  # to before the file
    assert "edits" in lines(journal)[0]
    assert whole(replayed(path)) == whole(document)
    document.redo()
    document.undo()
    assert [line.get("as") for line in lines(journal)] == [None, 0, 1]
    with document.transaction("Background", undoable=False) as t:
        t.move("x", (7, 7))
    document.redo()  # to where nobody was: what was moved stays so
    assert "edits" in lines(journal)[-1]
    assert whole(replayed(path)) == whole(document)


def test_any_way_through_the_history_comes_back(path: Path) -> None:
    draw = random.Random(1)
    document, journal = opened(path)
    for number in range(300):
        act = draw.choice(["edit", "edit", "undo", "undo", "redo", "drag", "outside", "save"])
        if act == "edit":
            with document.transaction("Edit") as t:
                t.add("relu", name=f"new{number}", inputs={"x": "x"})
                t.set_values("w", np.full((3, 2), number, np.float32))
        elif act == "drag":
            drag = Gesture()
            for step in range(3):
                with document.transaction("Drag", merge=drag) as t:
                    t.move("h", (number, step))
        elif act == "outside":
            with document.transaction("Outside", undoable=False) as t:
                t.move("x", (number, 0))
        elif act == "save" and draw.random() < 0.2:
            journal.clear(save(path, document.graph, document.values))
        else:
            with suppress(EditError):
                document.undo() if act == "undo" else document.redo()
        if recover(path) is None:
            assert whole(document) == whole(Document(load(path).graph, load(path).values))
        else:
            assert whole(replayed(path)) == whole(document)
    assert any("as" in line for line in lines(journal))


def test_a_journal_of_the_first_format_is_read(path: Path) -> None:
    document, journal = opened(path)
    rename(document, "one")
    rename(document, "two")
    edits = [line["edits"] for line in lines(journal)]
    back = [edit.inverse().to_json() for edit in reversed(document.history.entries[1].edits)]
    whole_lines = [{"base": load(path).digest, "journal": 1}]
    whole_lines += [{"edits": each, "label": "", "source": ""} for each in (*edits, back)]
    journal.path.write_text("".join(f"{json.dumps(line)}\n" for line in whole_lines))
    assert recovered(path).notices == ()
    assert replayed(path).graph.nodes["x"].name == "one"


def test_a_line_that_comes_back_to_no_earlier_change_is_damaged(path: Path) -> None:
    document, journal = opened(path)
    rename(document, "one")
    begun = journal.path.read_bytes()
    for wrong, found in ((2, "the number 2"), (-1, "the number -1"), (True, "true"), (None, "null")):
        line = {"as": wrong, "label": "", "source": ""}
        journal.path.write_bytes(begun + json.dumps(line).encode() + b"\n")
        notice = f'line 3 is damaged: "as" must be the number of an earlier change, found {found}'
        assert recovered(path).notices == (f"{journal.path}: {notice}",)
    journal.path.write_bytes(begun.replace(b'"journal": 2', b'"journal": 3'))
    assert recover(path) is None


def rename(document: Document, name: str) -> None:
    with document.transaction(f"Rename to {name}") as t:
        t.rename("x", name)


def labels(path: Path, folder: Path | None = None) -> list[str]:
    found = recover(path, folder)
    return [] if found is None else [change.label for change in found.changes]


def test_forgetting_this_session_leaves_what_an_earlier_one_wrote(path: Path) -> None:
    rename(opened(path)[0], "earlier")
    document, journal = opened(path)
    journal.forget()  # nothing was written: nothing is removed
    assert labels(path) == ["Rename to earlier"]
    journal.attach(document)
    rename(document, "now")
    assert labels(path) == ["Rename to now"]
    journal.forget()
    assert labels(path) == ["Rename to earlier"]
    rename(document, "later")  # it no longer listens
    assert labels(path) == ["Rename to earlier"]


def test_forgetting_earlier_sessions_leaves_what_this_one_wrote(path: Path) -> None:
    rename(opened(path)[0], "first")
    rename(opened(path)[0], "second")
    document, journal = opened(path)
    rename(document, "now")
    journal.forget_earlier()
    journal.forget_earlier()
    assert labels(path) == ["Rename to now"]
    journal.forget()
    assert labels(path) == []
    assert {file.name for file in path.parent.iterdir()} == {"net.gw", "net.safetensors"}


def test_what_was_recovered_and_is_not_wanted_is_gone_before_the_first_change(path: Path) -> None:
    rename(opened(path)[0], "earlier")
    document, journal = opened(path)
    journal.forget_earlier()
    assert labels(path) == []
    rename(document, "now")
    assert labels(path) == ["Rename to now"]


def test_a_journal_that_cannot_be_removed_says_so(path: Path) -> None:
    told: list[FileError] = []
    document = Document(load(path).graph)
    journal = Journal(path, load(path).digest, tell=told.append)
    journal.attach(document)
    (journal.path / "full").mkdir(parents=True)
    journal.clear(load(path).digest)
    assert told == [journal.failed]
    assert str(told[0]).startswith(f"{journal.path}: the journal cannot be written: ")
    rename(document, "one")  # behind lines of another state it would not be read
    assert len(told) == 1


def test_a_failure_is_told_once_until_the_next_save(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[FileError] = []
    document = Document(load(path).graph)
    folder = path.parent / "gone"
    journal = Journal(path, load(path).digest, folder, told.append)
    journal.attach(document)
    rename(document, "one")
    rename(document, "two")
    assert told == [journal.failed]
    folder.mkdir()
    journal.clear(load(path).digest)
    assert journal.failed is None
    rename(document, "three")
    assert labels(path, folder) == ["Rename to three"]
    assert len(told) == 1


def test_journals_of_many_files_stand_in_one_folder(path: Path) -> None:
    folder, other = path.parent / "journals", path.parent / "sub" / path.name
    for made in (folder, other.parent):
        made.mkdir()
    save(other, load(path).graph)
    for place, name in ((path, "one"), (other, "two")):
        document = Document(load(place).graph)
        Journal(place, load(place).digest, folder).attach(document)
        rename(document, name)
    assert (labels(path, folder), labels(other, folder)) == (["Rename to one"], ["Rename to two"])
    assert (labels(path), labels(other)) == ([], [])
    assert len(list(folder.iterdir())) == 2
