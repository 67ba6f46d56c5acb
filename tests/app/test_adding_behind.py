"""Shift+Enter in the search wires what is added behind the node that is selected, and sets it beside it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place, add

from gradwire.app.window import Window
from gradwire.core.graph import Source


def typed(window: Window, words: str, shift: bool = True) -> str:
    """Add what is found by these words; its id."""
    search = window.popups.search
    window.popups.open_search()
    QTest.keyClicks(search.field, words)
    pressed = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(search.field, Qt.Key.Key_Return, pressed)
    (id,) = window.editor.selection
    return id


def checked(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.editor.checking.busy and bool(window.editor.shapes))


def opened(place: Place, qtbot: QtBot) -> Window:
    window = place.start(empty=True)
    window.resize(1400, 900)
    window.show()
    add(window.editor, "input", name="x", params={"shape": (2, 3)})
    window.editor.select(["input0"], "input0")
    checked(window, qtbot)
    return window


def test_a_network_is_built_by_names_alone(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    added = []
    for word in ("linear", "relu", "sum"):
        added.append(typed(window, word))
        checked(window, qtbot)
    graph = window.editor.graph
    linear, relu, total = added
    inside, _ = graph.interior(linear)
    assert any(graph.inputs(id).get("x") == Source("input0", "y") for id in inside)
    assert graph.inputs(relu)["x"].node in inside
    assert graph.inputs(total) == {"x": Source(relu, "y")}
    assert not window.editor.problems
    boxes = [window.canvas.scene.rect(id) for id in ("input0", linear, relu, total)]
    assert all(left[0] + left[2] < right[0] for left, right in pairwise(boxes))
    assert window.editor.home.document.history.next_undo.label == "Add Sum"


def test_it_is_said_while_one_types_and_enter_alone_wires_nothing(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    search = window.popups.search
    window.popups.open_search()
    QTest.keyClicks(search.field, "re")
    assert (search.key.isVisible(), search.key.text()) == (True, "Shift+Enter wires it behind x")
    search.dismiss()
    search.open_swap("input0")
    assert not search.key.isVisible()
    search.dismiss()
    relu = typed(window, "relu", shift=False)
    assert window.editor.graph.inputs(relu) == {}
    window.editor.select([])
    window.popups.open_search()
    assert not search.key.isVisible()
    search.dismiss()
    tanh = typed(window, "tanh")  # with Shift, and nothing to be behind of
    assert window.editor.graph.inputs(tanh) == {}


def test_what_has_no_port_for_it_is_refused_and_adds_nothing(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot)
    told: list[str] = []
    window.editor.told.connect(lambda text, _: told.append(text))
    before = window.editor.graph
    typed(window, "parameter")
    assert window.editor.graph is before
    assert any("parameter has no port for x.y" in text for text in told), told
