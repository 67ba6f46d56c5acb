"""The lessons in the window: all are listed, open as copies, and lie there so that all of each can be read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, has_keyboard, keyboard

from gradwire.app.application import Application
from gradwire.app.canvas.nodes import TEXTS
from gradwire.app.canvas.scene import Scene
from gradwire.app.files.examples import LESSONS, examples, lessons, neighbour
from gradwire.app.settings import Settings
from gradwire.core.graph import Source

Box = tuple[float, float, float, float]
GAP = 20.0  # scene units between the note and a node
READ = 0.75  # the zoom from which texts are read at once on a desk


def overlap(a: Box, b: Box, gap: float = 0.0) -> bool:
    return all(a[axis] < b[axis] + b[axis + 2] + gap and b[axis] < a[axis] + a[axis + 2] + gap for axis in (0, 1))


def wires(scene: Scene) -> list[tuple[str, str, np.ndarray]]:
    """Each wire as it is drawn: where from, where to, and points of it (n, 2)."""
    drawn = list(scene.graph.wires())
    paths = scene.wires.paths(np.array([scene.wires.slots[target, port] for _, target, port in drawn]), 40)
    return [(source.node, target, path) for (source, target, _), path in zip(drawn, paths, strict=True)]


def crossings(a: np.ndarray, b: np.ndarray) -> int:
    """How often two lines of points cross."""

    def side(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        return (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])

    p, q, r, s = a[:-1, None], a[1:, None], b[None, :-1], b[None, 1:]
    return int(((side(p, q, r) * side(p, q, s) < 0) & (side(r, s, p) * side(r, s, q) < 0)).sum())


def test_every_lesson_is_listed_in_its_order() -> None:
    assert [path.stem for path in lessons()] == list(LESSONS)
    assert not set(lessons()) & set(examples())


def test_a_lesson_is_followed_by_a_lesson() -> None:
    first, last = lessons()[0], lessons()[-1]
    assert neighbour(first, 1) == lessons()[1]
    assert neighbour(last, 1) == first
    assert neighbour(first, -1) == last
    assert neighbour(None, 1) == examples()[0]


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_all_of_a_lesson_is_seen_when_it_is_opened(path: Path, place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "fork.gw")
    window.resize(1500, 940)
    window.show()
    window.files.open_example(path)
    assert window.files.name == f"Copy of {path.stem}"
    canvas, graph = window.canvas, window.editor.graph
    qtbot.waitUntil(lambda: all(window.editor.live.value(Source(id, "y")) is not None for id in graph.nodes))
    assert canvas.view.scale >= (READ if path.stem == "vanishing_sigmoids" else TEXTS)  # numbers are drawn
    scene = canvas.scene
    nodes = {id: scene.rect(id) for id in graph.nodes}
    (note,) = (scene.rect(id) for id in graph.groups)
    for a, b in combinations(nodes, 2):
        assert not overlap(nodes[a], nodes[b]), f"{a} and {b} overlap"
    assert not [id for id, box in nodes.items() if overlap(note, box, GAP)]
    drawn = wires(scene)
    for source, target, path_of in drawn:
        for id, (x, y, wide, high) in {**nodes, "note": note}.items():
            inside = (path_of > (x, y)).all(axis=1) & (path_of < (x + wide, y + high)).all(axis=1)
            assert id in (source, target) or not inside.any(), f"the wire from {source} to {target} runs under {id}"
    for (_, _, a), (_, _, b) in combinations(drawn, 2):
        assert crossings(a, b) == 0


def test_the_timeline_of_a_lesson_has_the_keyboard_and_keeps_it(place: Place, qtbot: QtBot) -> None:
    other = QWidget()  # another program's window, which is in front while this one starts
    qtbot.addWidget(other)
    application = Application(Settings(place.folder / "settings.ini"), place.folder / "data", place.folder / "cache")
    place.applications.append(application)
    window = application.open_window(place.copy("lessons/repeated_index.gw"), at_once=False)
    window.filled.connect(window.activateWindow)  # before its toolbar has been laid out
    other.show()
    while not window.is_filled:
        if window.isActiveWindow():
            other.activateWindow()
        QApplication.processEvents()
    has_keyboard(window)
    track = window.toolbar.stepper.track
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    assert keyboard() is track
    for size in ((1400, 900), (700, 500), (1400, 900)):  # which hides the bar until there is room for it
        window.resize(*size)
        qtbot.waitUntil(track.isVisible)
        qtbot.waitUntil(lambda: keyboard() is track)
    QTest.keyClick(track, Qt.Key.Key_Tab)
    assert keyboard() is not track
