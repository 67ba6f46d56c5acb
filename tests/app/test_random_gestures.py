"""Random gestures and actions through the real event handlers: undone, they give the file's first bytes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu

from gradwire.app import editing
from gradwire.app.actions import adding, edit, groups, nodes, nudging, selecting, wires
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.scene import Scene
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.core.check import check
from gradwire.core.document import Document
from gradwire.core.files import dump_graph
from gradwire.core.session import Session

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NO_BUTTON = Qt.MouseButton.NoButton
MODIFIERS = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
)
OPENS = {"graph.replace", "graph.connect_by_name", "graph.disconnect_by_name"}  # these wait for an answer
MENUS = (edit, selecting, nudging, adding, wires, nodes, groups)
ACTIONS = [a for menu in MENUS for a in menu.ACTIONS if a.id not in OPENS]
OPS = ("add", "relu", "matmul", "concat", "input", "dataset", "layer:linear", "sum")


class Desk:
    """What actions use of a window."""

    shows_canvas = True

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.popups = self  # of which actions use the search alone
        self.editor = Editor(Session(document()))
        self.canvas = Canvas(self.editor, DARK)
        self.canvas.resize(900, 600)
        self.canvas.frame()

    def close(self) -> None:
        self.editor.close()
        self.canvas.deleteLater()

    def open_search(self, place: Any) -> None:
        draw = self.random
        at = (draw.uniform(-100, 900), draw.uniform(-100, 500)) if place is None else (place.x, place.y)
        editing.add(self.editor, draw.choice(OPS), at, place)

    def send(self, kind: QEvent.Type, button: Qt.MouseButton, held: Qt.MouseButton, modifiers: Any, at: Any) -> None:
        point = self.canvas.view.to_screen(*at)
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, point, point, button, held, modifiers))

    def place(self) -> tuple[float, float]:
        """Somewhere on the canvas, most often on a port, a title or a wire."""
        draw, scene = self.random, self.canvas.scene
        ids = sorted(scene.visible)
        kind = draw.randrange(5)
        if not ids or kind == 0:
            return draw.uniform(-200, 1200), draw.uniform(-200, 700)
        id = draw.choice(ids)
        ports = scene.ports(id)
        if kind < 3 and ports:
            return scene.position(draw.choice(ports))
        x, y, width, height = scene.rect(id)
        return x + width / 2, y + (8 if kind == 3 else height / 2)

    def drag(self) -> None:
        draw = self.random
        button, modifiers = draw.choice((LEFT, LEFT, LEFT, RIGHT)), draw.choice(MODIFIERS)
        at = self.place()
        kind = QEvent.Type.MouseButtonDblClick if draw.random() < 0.05 else QEvent.Type.MouseButtonPress
        self.send(kind, button, button, modifiers, at)
        for _ in range(draw.randrange(4)):
            x, y = self.place()
            for part in (0.3, 0.7, 1.0):
                there = (at[0] + (x - at[0]) * part, at[1] + (y - at[1]) * part)
                self.send(QEvent.Type.MouseMove, NO_BUTTON, button, modifiers, there)
            at = (x, y)
        if draw.random() < 0.1:
            key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, MODIFIERS[0])
            QApplication.sendEvent(self.canvas, key)
        if draw.random() < 0.2:
            self.canvas.grab()
        self.send(QEvent.Type.MouseButtonRelease, button, NO_BUTTON, modifiers, at)

    def click(self, at: tuple[float, float]) -> None:
        self.send(QEvent.Type.MouseButtonPress, LEFT, LEFT, MODIFIERS[0], at)
        self.send(QEvent.Type.MouseButtonRelease, LEFT, NO_BUTTON, MODIFIERS[0], at)

    def act(self) -> None:
        action = self.random.choice(ACTIONS)
        if action.enabled(self):  # type: ignore[arg-type]
            action.run(self)  # type: ignore[arg-type]

    def step(self) -> None:
        self.random.choice((self.drag, self.drag, self.act))()


def document() -> Document:
    """x, w -> matmul -> relu -> sum in which the middle is a group, beside a layer."""
    document = Document()
    with document.transaction("Sample", undoable=False) as t:
        t.add("constant", name="x", params={"value": [[1.0, 2.0, 3.0]]})
        t.add("parameter", name="w", params={"shape": [3, 2]}, position=(0, 200))
        t.add("matmul", name="matmul", inputs={"x": "constant0", "w": "parameter0"}, position=(250, 80))
        t.add("relu", name="relu", inputs={"x": "matmul0"}, position=(480, 80))
        t.add("sum", name="sum", inputs={"x": "relu0"}, position=(800, 80))
        t.add("tanh", name="tanh", position=(480, 380))
        t.group(["matmul0", "relu0"], "block")
    return document


def places(scene: Scene) -> dict[str, tuple[float, float, float, float]]:
    return {id: scene.rect(id) for id in scene.visible}


@pytest.fixture(autouse=True)
def no_popups(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_random_gestures_undone_give_the_first_bytes_and_redone_the_last(seed: int) -> None:
    desk = Desk(seed)
    try:
        held = desk.editor.document
        first, start = dump_graph(held.graph), held.history.position
        for _ in range(30):
            desk.step()
            assert desk.canvas.gesture is None
            assert held.history.position >= 0
        while held.history.position < len(held.history.entries):
            held.redo()
        last = dump_graph(held.graph)
        while held.history.position > start:
            held.undo()
        assert dump_graph(held.graph) == first
        while held.history.position < len(held.history.entries):
            held.redo()
        assert dump_graph(held.graph) == last
    finally:
        desk.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_collapsing_and_expanding_is_the_identity_at_any_depth(seed: int) -> None:
    desk = Desk(seed)
    try:
        draw, editor = desk.random, desk.editor
        for _ in range(4):  # groups within groups
            items = sorted({*editor.graph.nodes, *editor.graph.groups})
            chosen = draw.sample(items, min(3, len(items)))
            editor.attempt("Group", lambda t, chosen=chosen: editing.group(t, chosen, collapsed=False))
        before = dump_graph(editor.graph)
        rects = places(desk.canvas.scene)
        groups = draw.sample(sorted(editor.graph.groups), len(editor.graph.groups))
        for id in groups:
            editor.attempt("Collapse", lambda t, id=id: t.collapse(id))
        for id in draw.sample(groups, len(groups)):
            editor.attempt("Expand", lambda t, id=id: t.expand(id))
        assert dump_graph(editor.graph) == before
        assert places(desk.canvas.scene) == rects
    finally:
        desk.close()


@pytest.mark.slow
def test_after_many_random_events_all_is_undone_and_a_click_still_selects() -> None:
    desk = Desk(7)
    try:
        editor, held = desk.editor, desk.editor.document
        first, start = dump_graph(held.graph), held.history.position
        for _ in range(22_000):  # some 100,000 events
            desk.step()
            if len(editor.graph.nodes) > 150:
                editor.enter(None)
                selecting.select_all(desk)  # type: ignore[arg-type]
                editor.attempt("Delete", lambda t: editing.delete(t, editor.selection))
        assert held.history.position > start + 1000  # they did something
        graph = editor.graph
        found = check(graph, held.registry)
        assert {problem.node for problem in found.problems} <= {None, *graph.nodes, *graph.groups}
        made_anew = Scene(editor)
        assert places(desk.canvas.scene) == places(made_anew)
        while held.history.position > start:
            held.undo()
        assert dump_graph(held.graph) == first
        editor.enter(None)
        editor.select(())
        desk.canvas.frame()
        x, y, width, _ = desk.canvas.scene.rect("tanh0")
        desk.click((x + width / 2, y + 8))
        assert editor.selection == {"tanh0"}
    finally:
        desk.close()
