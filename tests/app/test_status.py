"""What the status bar says after a gesture, and for how long."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, add

from gradwire.app.chrome import message
from gradwire.app.chrome.past import in_past
from gradwire.app.window import Window
from gradwire.core.graph import Training
from gradwire.core.session import Session

CONTROL = Qt.KeyboardModifier.ControlModifier


def said(window: Window) -> str:
    return window.status.message.text()


@pytest.fixture
def window(place: Place) -> Window:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.activateWindow()
    window.canvas.setFocus()
    return window


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Add Tanh", "Added Tanh"),
        ("Connect x to sin.x", "Connected x to sin.x"),
        ("Cut 2 wires", "Cut 2 wires"),
        ("Set axis of sum", "Set axis of sum"),
        ("Move relu", "Moved relu"),
        ("Delete and reconnect relu", "Deleted and reconnected relu"),
        ("Delete relu and 2 reroute dots", "Deleted relu and 2 reroute dots"),
        ("Freeze w", "Froze w"),
        ("Stop bypassing relu", "Stopped bypassing relu"),
        ("Lay out the graph", "Laid out the graph"),
        ("Train", "Trained"),
        ("m1", "m1"),  # a macro
        ("Wide net", "Wide net"),  # a block of edits
    ],
)
def test_what_was_done_is_told_in_the_past(label: str, told: str) -> None:
    assert in_past(label) == told


def test_a_gesture_is_told_when_it_is_done(window: Window) -> None:
    id = window.editor.graph.resolve("sin")
    window.editor.select([id], id)
    QTest.keyClick(window.canvas, Qt.Key.Key_X, CONTROL)
    assert said(window) == "Cut sin"
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CONTROL)
    assert said(window) == "Undone: Cut sin"


def test_a_message_goes_with_the_next_edit_and_with_the_document(window: Window) -> None:
    window.files.save()
    assert said(window) == "Saved sin_plus_product.gw"
    window.editor.attempt("Add Tanh", lambda t: t.add("tanh"))
    assert said(window) == "Added Tanh"
    window.files.save()
    window.files.open(EXAMPLES / "colah.gw")
    assert said(window) == ""


def test_another_document_is_counted_at_once(window: Window) -> None:
    window.editor.open(Session.open(EXAMPLES / "colah.gw"))
    assert window.status.graph.text() == "checking… · 6 nodes, 6 wires"


def test_a_message_goes_after_a_while(window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    assert message.SHOWN_FOR == 6000
    monkeypatch.setattr(message, "SHOWN_FOR", 60)
    window.files.save()
    assert said(window)
    qtbot.waitUntil(lambda: said(window) == "", timeout=2000)


def test_a_refusal_stands_until_something_succeeds(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message, "SHOWN_FOR", 60)
    editor = window.editor
    x, f = editor.graph.resolve("x"), editor.graph.resolve("f")
    editor.attempt("Connect f to sin.x", lambda t: t.connect(f, editor.graph.resolve("sin"), "x"))
    assert said(window).startswith("✗ ")
    assert window.theme.error in window.status.message.styleSheet()
    qtbot.wait(200)
    assert said(window).startswith("✗ ")
    editor.attempt("Connect x to f.x", lambda t: t.connect(x, f, "x"))
    assert said(window) == "Connected x to f.x"
    assert window.theme.error not in window.status.message.styleSheet()
    qtbot.waitUntil(lambda: said(window) == "", timeout=2000)


def test_where_values_depend_on_the_mode_the_bar_says_in_which_they_are(place, qtbot):
    window = place.start(empty=True)
    window.show()

    def build(t):
        w = t.add("parameter", name="w", params={"shape": (8,), "init": "ones"})
        dropped = t.add("dropout", name="drop", inputs={"x": w})
        t.set_training(Training(loss=t.add("sum", name="loss", inputs={"x": dropped})))

    window.editor.attempt("Build", build)
    qtbot.waitUntil(lambda: window.status.live.text() == "live · evaluation: dropout off")
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    assert window.status.live.text() == "▶ recorded · training: dropout on"


def test_where_other_values_came_in_the_bar_says_that_and_not_that_the_graph_has_changed(place, qtbot):
    window = place.start(empty=True)
    window.show()

    def build(t):
        w = t.add("parameter", name="w", params={"shape": (8,), "init": "ones"})
        t.set_training(Training(loss=t.add("sum", name="loss", inputs={"x": w})))

    window.editor.attempt("Build", build)
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.editor.attempt("Train", lambda t: t.set_values(window.editor.graph.resolve("w"), [2.0] * 8))
    assert window.status.live.text() == "▶ recorded, the values have changed since"
    window.editor.attempt("Add", lambda t: t.add("relu", inputs={"x": window.editor.graph.resolve("loss")}))
    assert window.status.live.text() == "▶ recorded, the graph has changed since"


def test_a_note_is_no_group_among_what_is_selected(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "lessons" / "fork.gw")
    qtbot.waitUntil(lambda: len(window.editor.graph.nodes) == 4)
    window.editor.select([*window.editor.graph.nodes, *window.editor.graph.groups])
    assert window.status.selected.text() == "4 nodes, 1 note selected"


def test_what_a_script_undoes_is_told_as_well(window: Window) -> None:
    editor = window.editor
    add(editor, "relu")
    editor.document.undo()
    assert said(window) == "Undone: Add relu"
    editor.document.redo()
    assert said(window) == "Redone: Add relu"
