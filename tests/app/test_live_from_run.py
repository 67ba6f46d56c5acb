"""While a run goes on the canvas shows what flows in it, and says so; at the end it rests again."""

from __future__ import annotations

import numpy as np
import pytest
from plotting import pixels
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, press, set_training, show_training, wait_for
from windows import Place

from gradwire.app.canvas.ribbons import THIN, WIDE, by_width
from gradwire.app.inspecting.output_sections import OutputSections
from gradwire.app.panels.training import TrainingPanel
from gradwire.app.window import Window
from gradwire.core.document.edits import SetFlags
from gradwire.core.graph import Source
from gradwire.core.stepping import State

pytestmark = pytest.mark.slow  # each test trains in a process of its own, beside a window

WEIGHT = "mlp/linear_1/weight"


@pytest.fixture
def window(place: Place) -> Window:
    shown = open_window(place)
    set_training(shown, epochs=1000)
    return shown


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    return show_training(window)


def wait_for_iteration(qtbot: QtBot, window: Window, number: int) -> None:
    flowing = window.editor.flowing
    qtbot.waitUntil(lambda: flowing.now is not None and flowing.now.snapshot.iteration == number)


def at(window: Window, path: str) -> Source:
    return Source(window.editor.graph.resolve(path), "y")


def test_values_and_gradients_are_those_of_the_run(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    editor, weight = window.editor, at(window, WEIGHT)
    qtbot.waitUntil(lambda: editor.live.value(weight) is not None)
    rest = editor.results.value(weight)
    assert len(pixels(window.canvas, window.theme.good, near=4)) < 20
    for number in (1, 2):
        qtbot.waitUntil(lambda: panel.iteration.isEnabled() and editor.training.state in ("", "paused"))
        click(panel.iteration)
        wait_for_iteration(qtbot, window, number)
    snapshot = editor.training.run.snapshot()
    for path in (WEIGHT, "mlp/relu_1"):
        source = at(window, path)
        assert np.array_equal(editor.results.value(source), snapshot.value(source))
        assert np.array_equal(editor.results.gradient(source).value, snapshot.gradient(source))
        assert not editor.results.is_stale(source.node)
    assert not np.array_equal(editor.results.value(weight), rest)
    shown = window.canvas.values.of(weight, window.theme, window.canvas.decimals)
    assert shown._told.value is editor.results.value(weight)
    assert editor.results.gradient(at(window, "probabilities")).state is State.NO_PATH
    assert editor.flowing.now.about == "live from the run, iteration 2"
    assert len(pixels(window.canvas, window.theme.good, near=4)) > 40
    click(panel.stop)
    wait_for(qtbot, window, "stopped")
    assert editor.flowing.now is None
    assert len(pixels(window.canvas, window.theme.good, near=4)) < 20
    qtbot.waitUntil(lambda: editor.results.value(weight) is editor.live.value(weight))
    qtbot.waitUntil(lambda: not np.array_equal(editor.results.value(weight), rest))


def test_wires_are_as_wide_as_gradients_are_large(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    click(panel.iteration)
    wait_for_iteration(qtbot, window, 1)
    scene, sizes = window.canvas.scene, window.editor.flowing.now.sizes
    found = by_width(scene, scene.wires.shown(), sizes)
    classes = {scene.wires.at(slot).source: wide for wide, some in found for slot in some}
    largest = max((source for source in classes if source in sizes), key=lambda source: sizes[source])
    data = Source(window.editor.graph.resolve("data"), "y")
    assert classes[largest] == max(classes.values()) <= WIDE
    assert classes[data] == THIN
    assert len(set(classes.values())) > 2
    click(panel.stop)
    wait_for(qtbot, window, "stopped")


def test_what_is_stepped_through_or_edited_is_not_covered(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    editor, weight = window.editor, at(window, WEIGHT)
    click(panel.iteration)
    wait_for_iteration(qtbot, window, 1)
    editor.stepper.step()
    qtbot.waitUntil(lambda: editor.stepper.active)
    assert np.array_equal(editor.results.value(at(window, "data")), editor.stepper.moment.value(at(window, "data")))
    editor.stepper.leave()
    editor.attempt("Set", lambda t: t.set_values(weight.node, np.ones((4, 16), np.float32)))
    qtbot.waitUntil(lambda: editor.flowing.now is None)
    qtbot.waitUntil(lambda: np.array_equal(editor.results.value(weight), np.ones((4, 16))))
    editor.undo()
    wait_for_iteration(qtbot, window, 1)
    press(window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, window, "stopped")


def test_a_frozen_parameter_has_no_gradient_and_says_so(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    editor, weight = window.editor, at(window, WEIGHT)
    editor.attempt("Freeze", lambda t: t.apply_all([SetFlags(weight.node, frozenset(), frozenset({"freeze"}))]))
    click(panel.iteration)
    wait_for_iteration(qtbot, window, 1)
    editor.show(weight.node)

    def told() -> list[str]:
        return [each.gradient.waiting.text() for each in window.findChildren(OutputSections)]

    qtbot.waitUntil(lambda: told() == ["frozen: no gradient is computed"])
