"""Expanded, fused, undone, redone: what gradients are of and where a run halts go on with the same value."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.editing.expanding import expand, fuse
from gradwire.app.results.root import choose_root, root_text, set_start
from gradwire.app.window import Window
from gradwire.core.evaluating import Root
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping.breakpoints import Breakpoint

LESSON = EXAMPLES / "lessons" / "softmax_cross_entropy.gw"


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """The loss of a softmax, of which p is a part, as large as on a desk."""
    window = place.start(empty=True)
    window.resize(1500, 900)
    window.show()
    window.files.open_example(LESSON)
    known(window, qtbot)
    return window


def known(window: Window, qtbot: QtBot) -> None:
    editor = window.editor
    qtbot.waitUntil(lambda: not editor.checking.busy and bool(editor.shapes))
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending)


def press(window: Window, qtbot: QtBot, key: Qt.Key) -> None:
    before = window.editor.stepper.moment
    window.canvas.setFocus()
    QTest.keyClick(window, key)
    qtbot.waitUntil(lambda: window.editor.stepper.moment is not before)


def output(window: Window, group: str) -> Source:
    """What of a group nodes outside of it take, or where none does what none within it takes."""
    graph = window.editor.graph
    inside = set(graph.interior(group)[0])
    leaving = {w.source for id in inside for w in graph.consumers(id) if w.target not in inside}
    found = leaving or {Source(id, "y") for id in inside if not graph.consumers(id)}
    (source,) = found
    return source


def test_the_root_goes_with_a_node_into_its_parts_and_back(window: Window, qtbot: QtBot) -> None:
    editor, whole = window.editor, Source("softmax0", "y")
    editor.stepper.leave()
    choose_root(editor, whole)
    set_start(editor, whole, 2.0)
    known(window, qtbot)
    gradient = editor.results.gradient(Source(editor.graph.inputs("softmax0")["x"].node, "y")).value.tobytes()

    def there(source: Source) -> None:
        known(window, qtbot)
        assert editor.live.chosen == (Root(source, 2.0),)
        assert root_text(editor).startswith(editor.graph.path(source.node))
        fed = editor.graph.inputs("softmax0")["x"] if "softmax0" in editor.graph.nodes else None
        if fed is not None:
            assert editor.results.gradient(fed).value.tobytes() == gradient

    expand(window.canvas, "softmax0")
    part = output(window, "softmax0")
    there(part)
    editor.undo()
    there(whole)
    editor.redo()
    there(part)
    fuse(window.canvas, "softmax0")
    there(whole)
    editor.undo()
    there(part)
    editor.undo()
    there(whole)


def test_a_root_goes_through_parts_of_parts_and_back_when_all_is_fused_at_once(window: Window, qtbot: QtBot) -> None:
    editor, whole = window.editor, Source("cross_entropy0", "y")
    choose_root(editor, whole)
    known(window, qtbot)
    for path in ("loss", "loss/nll"):
        expand(window.canvas, editor.graph.resolve(path))
        known(window, qtbot)
    inner = editor.live.chosen[0].source
    assert len(editor.graph.chain(editor.graph.nodes[inner.node].group)) == 2
    fuse(window.canvas, "cross_entropy0")
    assert editor.live.chosen == (Root(whole),)
    editor.undo()
    assert editor.live.chosen == (Root(inner),)
    editor.undo()
    editor.undo()
    assert editor.live.chosen == (Root(whole),)


def test_another_node_that_gets_the_id_of_a_part_is_no_root(window: Window, qtbot: QtBot) -> None:
    editor = window.editor
    choose_root(editor, Source("softmax0", "y"))
    known(window, qtbot)
    expand(window.canvas, "softmax0")
    known(window, qtbot)
    part = output(window, "softmax0")
    op = editor.graph.nodes[part.node].op
    editor.undo()
    editor.attempt("Delete", lambda t: t.remove("softmax0"))
    assert editor.attempt("Add", lambda t: t.add(op)) == part.node  # the same id again
    assert editor.live.chosen == ()


def test_a_breakpoint_goes_with_a_node_into_its_parts_and_back(window: Window, qtbot: QtBot) -> None:
    editor, stepper = window.editor, window.editor.stepper
    editor.breakpoints.toggle("softmax0")
    editor.breakpoints.toggle("log0")
    row = editor.breakpoints.points.index(Breakpoint("softmax0"))
    editor.breakpoints.change(row, phase="forward")
    press(window, qtbot, Qt.Key.Key_F5)
    halts = [stepper.moment.step.node]
    press(window, qtbot, Qt.Key.Key_F5)
    halts.append(stepper.moment.step.node)
    assert sorted(halts) == ["log0", "softmax0"]
    stepper.to_start()
    expand(window.canvas, "softmax0")
    part = output(window, "softmax0").node
    qtbot.waitUntil(lambda: part in stepper.timeline.run.asked.graph.nodes)
    assert editor.breakpoints.nodes == {"log0", part}
    assert editor.breakpoints.points[row] == Breakpoint(part, phase="forward")
    assert editor.breakpoints.hits == {Breakpoint("log0"): 1, Breakpoint(part, phase="forward"): 1}
    assert editor.breakpoints.told(editor.breakpoints.points[row], editor.graph).startswith("at p/")
    while stepper.moment.step is None or stepper.moment.step.node != part:
        press(window, qtbot, Qt.Key.Key_F5)  # it halts there, and does not run on to the end
        assert not stepper.at_end
    editor.undo()
    assert editor.breakpoints.points[row] == Breakpoint("softmax0", phase="forward")
    editor.redo()
    assert editor.breakpoints.points[row] == Breakpoint(part, phase="forward")
    known(window, qtbot)
    fuse(window.canvas, "softmax0")
    assert editor.breakpoints.nodes == {"log0", "softmax0"}


def test_a_node_is_expanded_once_the_graph_is_checked_and_the_window_waits_for_nothing(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, check = window.editor, Session.check

    def slow(self: Session) -> object:
        time.sleep(0.5)
        return check(self)

    monkeypatch.setattr(Session, "check", slow)
    editor.attempt("Add", lambda t: t.add("constant"))
    assert editor.checking.busy
    window.canvas.setFocus()
    editor.select(["softmax0"], "softmax0")
    begun = time.monotonic()
    window.menus.actions["graph.expand"].trigger()
    assert time.monotonic() - begun < 0.3
    assert "softmax0" in editor.graph.nodes
    qtbot.waitUntil(lambda: "softmax0" in editor.graph.groups)
    assert editor.document.history.undo_label == "Expand p into simpler ops"


def test_what_goes_before_the_graph_is_checked_is_not_expanded(window: Window, qtbot: QtBot) -> None:
    editor, told = window.editor, []
    editor.attempt("Add", lambda t: t.add("constant"))
    expand(window.canvas, "softmax0")
    editor.attempt("Delete", lambda t: t.remove("softmax0"))
    editor.told.connect(lambda line, kind: told.append(line))
    known(window, qtbot)
    assert editor.document.history.undo_label == "Delete"
    assert told == []


def test_that_branches_go_when_a_node_is_expanded_is_told(window: Window, qtbot: QtBot) -> None:
    editor, stepper, told = window.editor, window.editor.stepper, []
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    for text in ("x*2", "x*3"):
        before = stepper.moment
        assert editor.branching.fork("softmax0", text) is None
        qtbot.waitUntil(lambda before=before: stepper.moment is not before)
    before = stepper.moment
    editor.told.connect(lambda line, kind: told.append((line, kind)))
    expand(window.canvas, "cross_entropy0")
    assert len(editor.branching.branches) == 2  # until there is something in their place
    qtbot.waitUntil(lambda: stepper.moment is not before)
    assert editor.branching.branches == ()
    assert editor.branching.names == ["Recorded"]
    assert told == [("Recorded again, without all 2 branches of what was recorded before", "note")]
