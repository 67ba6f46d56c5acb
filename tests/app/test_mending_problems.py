"""A network is built by names alone: what does not fit is mended by a button or by Alt+Enter, and then it trains."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from training_windows import be_active, click
from windows import Place, add

from gradwire.app.panels.inspector import InspectorPanel
from gradwire.app.panels.problems import ProblemsPanel
from gradwire.app.window import Window
from gradwire.core.graph import Source

CONTROL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
RESHAPED = "Reshape conv2d.x to (N, 1, 8, 8), and set in_channels of conv2d to 1"


def checked(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.editor.checking.busy and bool(window.editor.shapes))


def typed(window: Window, words: str, qtbot: QtBot) -> str:
    """Add what is found by these words behind what is selected; its id."""
    search = window.popups.search
    window.popups.open_search()
    QTest.keyClicks(search.field, words)
    QTest.keyClick(search.field, Qt.Key.Key_Return, SHIFT)
    checked(window, qtbot)
    (id,) = window.editor.selection
    return id


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    shown = place.start(empty=True)
    shown.resize(1500, 950)
    shown.show()
    data = add(shown.editor, "dataset", params={"source": "digits"})
    shown.editor.select([data], data)
    checked(shown, qtbot)
    return shown


def press_mend(window: Window, qtbot: QtBot) -> None:
    be_active(window)
    before = window.editor.graph
    QTest.keyClick(window.canvas, Qt.Key.Key_Return, ALT)
    qtbot.waitUntil(lambda: window.editor.graph is not before)
    checked(window, qtbot)


def test_a_button_in_the_inspector_mends_what_does_not_fit_beside_the_layer(window: Window, qtbot: QtBot) -> None:
    editor, inspector = window.editor, window.panel("inspector")
    assert isinstance(inspector, InspectorPanel)
    layer = typed(window, "conv2d", qtbot)
    qtbot.waitUntil(lambda: inspector.page is not None and bool(inspector.page.problems.buttons))
    assert inspector.page is not None
    assert list(inspector.page.problems.buttons) == [RESHAPED]
    click(inspector.page.problems.buttons[RESHAPED])
    checked(window, qtbot)
    assert editor.problems == ()
    graph = editor.graph
    assert graph.groups[layer].built_by is not None
    reshape = graph.resolve("reshape")
    left, _, width, _ = window.canvas.scene.rect(reshape)
    frame = window.canvas.scene.rect(layer)
    before = window.canvas.scene.rect(graph.resolve("dataset"))
    assert before[0] + before[2] < left
    assert left + width < frame[0]
    qtbot.waitUntil(lambda: inspector.page is not None and not inspector.page.problems.isVisible())
    editor.undo()
    checked(window, qtbot)
    assert len(editor.problems) == 1


def test_alt_enter_mends_and_the_list_says_that_it_would(window: Window, qtbot: QtBot) -> None:
    problems = window.panel("problems")
    assert isinstance(problems, ProblemsPanel)
    typed(window, "conv2d", qtbot)
    row = problems.list.model().row_at(0)
    assert row.note == "a mend is known"
    assert row.tip == (
        "conv2d/conv2d.x: x must be images (N, C, height, width), got (N, 64) (x: (N, C, height, width))\n"
        f"Press Mend: {RESHAPED}"
    )
    press_mend(window, qtbot)
    assert window.editor.problems == ()
    undo = window.editor.document.history.next_undo
    assert undo is not None
    assert undo.label == RESHAPED


def test_where_no_mend_is_known_the_key_says_what_is_wrong(window: Window, qtbot: QtBot) -> None:
    for id in window.editor.graph.nodes:
        window.editor.attempt("Remove", lambda t, id=id: t.remove(id))
    tanh = add(window.editor, "tanh")
    window.editor.select([tanh], tanh)
    qtbot.waitUntil(lambda: not window.editor.checking.busy and len(window.editor.problems) == 1)
    be_active(window)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return, ALT)
    said = window.status.message.text()
    assert "no one change is known after which tanh fits: nothing is wired to this port" in said


def test_a_network_for_pictures_trains_a_minute_after_the_first_key(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    editor = window.editor
    editor.training.home = tmp_path
    typed(window, "conv2d", qtbot)
    press_mend(window, qtbot)
    for words in ("relu", "max pool", "flatten", "linear", "cross entropy"):
        typed(window, words, qtbot)
    press_mend(window, qtbot)  # the target is wired
    assert editor.problems == ()
    loss = editor.graph.resolve("cross_entropy")
    assert editor.graph.fed(loss, "target") == Source(editor.graph.resolve("dataset"), "y")
    assert editor.graph.training is None
    be_active(window)
    QTest.keyClick(window.canvas, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: editor.graph.training is not None)
    assert editor.graph.training is not None
    assert editor.graph.training.loss == loss
    assert [metric["name"] for metric in editor.graph.training.metrics] == ["accuracy"]
    qtbot.waitUntil(lambda: editor.training.curves is not None and editor.training.state == "running", timeout=20_000)
    editor.training.stopping.stop()
    qtbot.waitUntil(lambda: editor.training.ready, timeout=20_000)
