"""What diagnoses find of wiring is mended in the window: from its row, by a key, by Why, beside the curves of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import training_windows
from hand import Hand, title
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from training_windows import click, show_training, wait_for
from windows import Place, rest

from gradwire.app.canvas.badges import FINDING, ORIGIN, badges
from gradwire.app.canvas.extent import all_in_view
from gradwire.app.canvas.far_badges import far_badges
from gradwire.app.window import Window
from gradwire.core.diagnosing import Finding
from gradwire.core.document import Document
from gradwire.core.graph import Source, Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


def softmax_twice(t: Any) -> None:
    z = t.add("input", name="z", shape=(2, 3), value=[[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]])
    p = t.add("softmax", name="p", inputs={"x": z}, position=(220, 0))
    target = t.add("input", name="labels", shape=(2,), dtype="int64", value=[0, 2], position=(220, 220))
    t.add("cross_entropy", name="loss", inputs={"logits": p, "target": target}, position=(440, 0))


def broadcast(t: Any) -> None:
    x = t.add("input", name="x", shape=(3, 1), value=[[1.0], [2.0], [4.0]])
    w = t.add("parameter", name="w", shape=(), init="ones", position=(0, 160))
    y = t.add("input", name="y", shape=(3,), value=[1.5, 1.0, 3.0], position=(220, 220))
    made = t.add("multiply", name="made", inputs={"x": x, "y": w}, position=(220, 0))
    error = t.add("subtract", name="error", inputs={"x": made, "y": y}, position=(400, 0))  # there is no room between
    square = t.add("square", name="s", inputs={"x": error}, position=(600, 0))
    t.set_training(Training(loss=t.add("mean", name="loss", inputs={"x": square}, position=(800, 0))))


def nothing_bent(t: Any) -> None:
    x = t.add("input", name="x", shape=(1, 2), value=[[1.0, 2.0]])
    for number, name in enumerate(("one", "two")):
        w = t.add("parameter", name=f"w {name}", shape=(2, 2), init="he", position=(220 * number, 160))
        x = t.add("matmul", name=name, inputs={"x": x, "w": w}, position=(220 * (number + 1), 0))
    t.set_training(Training(loss=t.add("sum", name="loss", inputs={"x": x}, position=(660, 0))))


# By what draws it: the rule, the node that it is told of, and the mend.
CASES: dict[Callable[[Any], None], tuple[str, str, str]] = {
    softmax_twice: ("softmax twice", "loss", "Let loss take z, and remove p"),
    broadcast: ("silent broadcast", "error", "Insert squeeze between made and error"),
    nothing_bent: ("nothing bent", "two", "Insert relu between one and two"),
}
Opened = Callable[[Callable[[Any], None]], Window]


@pytest.fixture
def opened(place: Place, qtbot: QtBot) -> Iterator[Opened]:
    """Opens a graph with a fault, and waits until it is found."""
    windows = []

    def open_(build: Callable[[Any], None]) -> Window:
        document = Document(registry=builtin())
        with document.transaction("Build") as t:
            build(t)
        window = place.start(empty=True)
        windows.append(window)
        window.resize(1300, 850)
        window.editor.open(Session(document))
        window.show_canvas()
        window.show()
        qtbot.waitUntil(lambda: CASES[build][0] in rules(window))
        window.canvas.frame()
        window.canvas.setFocus()
        return window

    yield open_
    for window in windows:
        window.editor.document.mark_saved()


def rules(window: Window) -> list[str]:
    return [finding.rule for finding in window.editor.findings.found]


def press(window: Window, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, key, modifiers)


def click_node(window: Window, name: str) -> None:
    Hand(window.canvas).click(title(window.canvas, window.editor.graph.resolve(name)))


def click_row(window: Window, qtbot: QtBot, rule: str, label: str) -> None:
    """Click the row of a finding in the Diagnosis panel, once it says that a mend is known."""
    rows = window.panel("diagnosis").list

    def row() -> int:
        texts = [rows.rows.row_at(i) for i in range(rows.rows.count)]
        return next((i for i, each in enumerate(texts) if each.detail.startswith(rule) and label in each.tip), -1)

    qtbot.waitUntil(lambda: row() >= 0)
    assert rows.rows.row_at(row()).note == "a mend is known"
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualRect(rows.rows.index(row())).center())


def overlapping(window: Window) -> list[tuple[str, str]]:
    scene = window.canvas.scene
    boxes = {id: scene.rect(id) for id in window.editor.graph.nodes}
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes.items(), 2)
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]


@pytest.mark.parametrize("build", CASES)
def test_a_row_leads_to_a_bar_with_the_mend_which_is_one_click_and_one_undo(
    build: Callable[[Any], None], opened: Opened, qtbot: QtBot
) -> None:
    rule, node, label = CASES[build]
    window = opened(build)
    editor = window.editor
    before = editor.graph
    click_row(window, qtbot, rule, label)
    qtbot.waitUntil(lambda: window.bars.get("mend") is not None)
    bar = window.bars.get("mend")
    assert bar is not None
    assert editor.active == editor.graph.resolve(node)
    assert list(bar.buttons) == [label]
    button = bar.buttons[label]
    QTest.mouseClick(button, LEFT, pos=button.rect().center())
    assert window.status.message.text() == f"{label}: done; Undo takes it back"
    assert editor.document.history.next_undo.label == label
    assert window.bars.get("mend") is None
    assert overlapping(window) == []
    canvas = window.canvas
    for new in editor.graph.nodes.keys() - before.nodes.keys():
        assert canvas.view.holds(canvas.scene.rect(new), canvas.width(), canvas.height())
    qtbot.waitUntil(lambda: editor.findings.looked and rule not in rules(window))
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.graph == before
    qtbot.waitUntil(lambda: rule in rules(window))


@pytest.mark.parametrize("build", CASES)
def test_the_key_mends_the_active_node(build: Callable[[Any], None], opened: Opened, qtbot: QtBot) -> None:
    _, node, label = CASES[build]
    window = opened(build)
    editor = window.editor
    before = editor.graph
    click_node(window, node)
    with qtbot.waitSignal(editor.questions.answered):
        press(window, Qt.Key.Key_Return, ALT)
    assert editor.document.history.next_undo.label == label
    editor.undo()
    assert editor.graph == before


@pytest.mark.parametrize("build", CASES)
def test_the_key_mends_what_is_told_first_where_nothing_is_selected_and_all_stays_in_view(
    build: Callable[[Any], None], opened: Opened, qtbot: QtBot
) -> None:
    label = CASES[build][2]
    window = opened(build)
    editor, canvas = window.editor, window.canvas
    canvas.frame()
    editor.select([])
    seen = canvas.view.place_and_zoom
    qtbot.waitUntil(lambda: any(editor.findings.mends.at(each.node) for each in editor.findings.on_canvas))
    with qtbot.waitSignal(editor.questions.answered):
        press(window, Qt.Key.Key_Return, ALT)
    assert editor.document.history.next_undo.label == label
    assert all_in_view(canvas)
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert canvas.view.place_and_zoom == seen


def test_the_menu_of_a_row_has_mend(opened: Opened, qtbot: QtBot) -> None:
    window = opened(broadcast)
    rows = window.panel("diagnosis").list
    qtbot.waitUntil(lambda: rows.rows.count > 0)
    rows.go_to(0)
    rows.customContextMenuRequested.emit(rows.visualRect(rows.currentIndex()).center())
    menu = next(menu for menu in window.findChildren(QMenu) if menu.isVisible())
    entry = next(action for action in menu.actions() if action.text() == "Mend")
    assert entry.isEnabled()
    with qtbot.waitSignal(window.editor.questions.answered):
        entry.trigger()
    menu.close()
    assert "squeeze" in {node.op for node in window.editor.graph.nodes.values()}


def test_why_tells_the_finding_and_offers_its_mend(opened: Opened, qtbot: QtBot) -> None:
    window = opened(softmax_twice)
    click_node(window, "loss")
    with qtbot.waitSignal(window.editor.questions.answered):
        press(window, Qt.Key.Key_W, SHIFT)
    answer = window.editor.spotlight.answer
    assert answer is not None
    wrong = "softmax twice: it takes logits and squashes them itself, but p has applied softmax already"
    assert answer.lines[0] == "why the gradient at loss is as large as it is"
    assert answer.lines[-1] == wrong
    bar = window.bars.get("mend")
    assert bar is not None
    assert list(bar.buttons) == ["Let loss take z, and remove p"]
    assert bar.text == wrong


def test_nothing_is_tried_until_somebody_asks(opened: Opened, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("gradwire.core.diagnosing.mending.mends_of", lambda *args: asked.append(args) or ())
    window = opened(broadcast)
    window.panel("problems")
    assert window.docks.panels["diagnosis"].visibleRegion().isEmpty()  # it is behind
    window.menus.refresh()
    qtbot.wait(500)
    assert asked == []
    click_node(window, "error")
    qtbot.waitUntil(lambda: len(asked) == 1)


def test_where_no_mend_is_sure_to_help_it_says_so(opened: Opened, qtbot: QtBot) -> None:
    window = opened(broadcast)
    editor = window.editor

    def of_a_weight(t: Any) -> None:
        y = t.graph.resolve("y")
        w = t.add("parameter", name="v", shape=(3,), init="ones", position=(220, 500))
        t.connect(w, t.graph.resolve("error"), "y")
        t.remove(y)

    editor.attempt("Draw", of_a_weight)
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending)
    with qtbot.waitSignal(editor.findings.mends.found):
        click_node(window, "error")
    press(window, Qt.Key.Key_Return, ALT)
    assert window.status.message.text() == (
        "✗ silent broadcast: reshape one to the shape of the other (by hand: no one change is sure to do that here)"
    )


@pytest.mark.slow  # it trains in a process of its own, beside a window
def test_the_card_of_a_run_mends_the_graph_and_the_node_has_a_place(place: Place, qtbot: QtBot) -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="blobs")
        w = t.add("parameter", name="w", shape=(2, 1), init="he", position=(0, 200))
        h = t.add("matmul", name="h", inputs={"x": Source(data, "x"), "w": w}, position=(220, 0))
        y = t.add("cast", name="y", dtype="float32", inputs={"x": Source(data, "y")}, position=(220, 220))
        error = t.add("subtract", name="error", inputs={"x": h, "y": y}, position=(400, 0))
        loss = t.add("mean", name="loss", inputs={"x": t.add("square", inputs={"x": error}, position=(600, 0))})
        t.move(loss, (800, 0))
        t.set_training(Training(loss=loss, epochs=2))
    window = place.start(Session(document).save(place.folder / "net.gw"))
    window.resize(1500, 950)
    panel, editor = show_training(window), window.editor
    before = editor.graph
    training_windows.press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, window, "completed")
    key = ("silent broadcast", error)
    qtbot.waitUntil(lambda: key in panel.beside.cards and panel.beside.cards[key].mend.isVisible())
    card = panel.beside.cards[key]
    assert card.mend.text() == "Insert squeeze between h and error"
    with qtbot.waitSignal(editor.questions.answered):
        click(card.mend)
    assert editor.document.history.next_undo.label == "Insert squeeze between h and error"
    assert overlapping(window) == []
    qtbot.waitUntil(lambda: editor.findings.looked and "silent broadcast" not in rules(window))
    qtbot.waitUntil(lambda: not card.mend.isVisible())  # the run was of the graph before: now there is nothing to mend
    qtbot.wait(500)
    assert not card.mend.isVisible()
    training_windows.press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: editor.training.run is not None and key not in panel.beside.cards)
    wait_for(qtbot, window, "completed")
    assert key not in panel.beside.cards
    while editor.graph != before and editor.document.history.next_undo is not None:
        editor.undo()
    assert editor.graph == before


def over_badge(window: Window, name: str, kind: str = FINDING) -> tuple[float, float]:
    """The middle of a badge of a node, by itself that of a finding, in the scene."""
    canvas, id = window.canvas, window.editor.graph.resolve(name)
    item = canvas.scene.item(id)
    state = canvas.marks.state(item, canvas.values.of(item.sources[0], canvas.theme, 3), False)
    badge = next(each for each in badges(item, state, canvas.view.scale) if each.kind == kind)
    x, y, _, _ = canvas.scene.rect(id)
    middle = badge.place.translated(x, y).center()
    return middle.x(), middle.y()


@pytest.mark.parametrize("zoom", [1.0, 0.25], ids=["near", "far"])
@pytest.mark.parametrize("build", CASES)
def test_a_badge_says_what_is_wrong_and_a_click_on_it_offers_the_mend(
    build: Callable[[Any], None], zoom: float, opened: Opened, qtbot: QtBot
) -> None:
    rule, node, label = CASES[build]
    window = opened(build)
    editor, canvas, hand = window.editor, window.canvas, Hand(window.canvas)
    canvas.zoom_to(zoom)
    id = editor.graph.resolve(node)
    if zoom == 1.0:
        middle = over_badge(window, node)
        hand.move(title(canvas, id), Qt.MouseButton.NoButton)
        assert canvas.hover.text.startswith(f"{rule}: ")
        assert canvas.hover.text.endswith(" · a click on its badge shows what helps")
    else:
        slots = canvas.scene.items.solid()
        middle = canvas.view.to_scene(
            next(each.place.center() for each in far_badges(canvas, slots) if each.item == id)
        )
    hand.move(middle, Qt.MouseButton.NoButton)
    assert canvas.hover.text.startswith(f"{rule}: ")
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.waitUntil(lambda: canvas.hover.text.endswith(f" · a click offers: {label}"))
    hand.click(middle)
    qtbot.waitUntil(lambda: window.bars.get("mend") is not None)
    assert editor.active == id
    assert list(window.bars.get("mend").buttons) == [label]


@pytest.mark.parametrize(
    ("node", "kind", "told"),
    [
        ("x", FINDING, "branch not finite: what comes by log x.x holds NaN, the other part is finite"),
        ("log x", ORIGIN, "not finite: log x is −∞ at [0], of x = 0"),
    ],
)
def test_both_badges_of_a_where_with_a_bad_branch_lead_to_the_inner_where(
    node: str, kind: str, told: str, place: Place, qtbot: QtBot
) -> None:
    window = place.start(place.copy("lessons/where_nan.gw"))
    editor, canvas, hand = window.editor, window.canvas, Hand(window.canvas)
    rest(window, qtbot)
    qtbot.waitUntil(
        lambda: {"not finite", "branch not finite"} <= set(rules(window)) and editor.live.origin is not None
    )
    canvas.frame()
    middle = over_badge(window, node, kind)
    hand.move(middle, Qt.MouseButton.NoButton)
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.waitUntil(lambda: canvas.hover.text.startswith(told) and " · a click " in canvas.hover.text)
    hand.click(middle)
    qtbot.waitUntil(lambda: window.bars.get("mend") is not None)
    assert canvas.hover.text == ""  # the answer says it now
    label = "Insert the inner where before log x"
    before = editor.graph
    window.bars.get("mend").buttons[label].click()
    qtbot.waitUntil(lambda: editor.live.origin is None and editor.live.status == "live")
    assert np.isfinite(editor.results.gradient(Source(editor.graph.resolve("x"), "y")).value).all()
    editor.undo()
    assert editor.graph == before


def test_a_badge_says_nothing_of_gradients_that_have_not_come_yet(opened: Opened, qtbot: QtBot) -> None:
    window = opened(nothing_bent)
    editor, canvas = window.editor, window.canvas
    w = editor.graph.resolve("w one")
    canvas.marks.take_findings([Finding("vanishing gradient", "alert", w, "its gradient is tiny")])
    hand = Hand(canvas)
    hand.move(title(canvas, w), Qt.MouseButton.NoButton)
    assert canvas.hover.text == "vanishing gradient: its gradient is tiny · a click on its badge shows what helps"
    hand.move((-500, -500), Qt.MouseButton.NoButton)
    editor.stepper.to_start()
    qtbot.waitUntil(lambda: editor.stepper.active)
    editor.stepper.go(lambda timeline: Cursor(timeline.end.step - 3))
    canvas.marks.take_findings([Finding("vanishing gradient", "alert", w, "its gradient is tiny")])
    hand.move(title(canvas, w), Qt.MouseButton.NoButton)
    assert "vanishing" not in canvas.hover.text
