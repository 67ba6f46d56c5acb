"""A run in the window, by real keys and clicks: trained, paused, stepped through, killed, edited beside, closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plotting import place as pixel
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from training_windows import be_active, click, press, set_training
from windows import Place

from gradwire.app.files import asking
from gradwire.app.panels.training import TrainingPanel
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.plots.grouping import charts
from gradwire.app.stepping.iteration_field import IterationField
from gradwire.app.training.controller import Training
from gradwire.app.training.stepping import step_to
from gradwire.app.training.telling import mark
from gradwire.app.training.trained import TAKE
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.session import Session

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
Go = Callable[[str], None]


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    shown = place.start(place.copy("iris_mlp.gw"))
    shown.resize(1500, 950)
    shown.activateWindow()
    assert QTest.qWaitForWindowActive(shown)
    shown.canvas.setFocus()
    return shown


@pytest.fixture
def training(window: Window) -> Training:
    return window.editor.training


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    found = window.panel("training")
    assert isinstance(found, TrainingPanel)
    return found


@pytest.fixture
def until(training: Training, qtbot: QtBot) -> Go:
    """Waits for a state, and for what follows from it."""

    def wait(state: str) -> None:
        over = state not in ("running", "paused")
        qtbot.waitUntil(lambda: training.state == state and training.ready == over)

    return wait


def press_train(window: Window) -> None:
    be_active(window)
    QTest.keyClick(window.canvas, Qt.Key.Key_R, CONTROL)


def set_epochs(window: Window, epochs: int) -> None:
    known = window.editor.graph.training
    assert known is not None
    window.editor.attempt("Set epochs", lambda t: t.set_training(replace(known, epochs=epochs)))


def said(window: Window) -> str:
    return window.status.message.text()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pid_of(training: Training) -> int:
    assert training.run is not None
    return training.run.process.pid


def loss_plot(panel: TrainingPanel, qtbot: QtBot) -> CurvePlot:
    qtbot.waitUntil(lambda: panel.plots is not None and panel.plots.page is not None and bool(panel.plots.page.plots))
    assert panel.plots is not None
    assert panel.plots.page is not None
    found = panel.plots.page.plots["Curves", "loss"]
    assert isinstance(found, CurvePlot)
    return found


def test_a_run_to_its_end_is_one_undo_and_has_the_bits_of_the_command_line(
    window: Window, training: Training, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    apart = Session.open(window.files.path)
    apart.train()
    press_train(window)
    until("completed")
    values = window.editor.document.values
    assert values.keys() == apart.document.values.keys()
    assert all(np.array_equal(values[id], apart.document.values[id]) for id in values)
    assert said(window) == "Trained 30 epochs: loss 0.0686 · validation accuracy 0.967 · validation loss 0.122"
    qtbot.waitUntil(
        lambda: panel.status.text().startswith("Done · epoch 30 of 30 · val accuracy 0.967 · loss 0.0686 · ")
    )
    assert loss_plot(panel, qtbot).isVisible()
    assert set(training.curves.columns) > {"loss", "validation_loss", "validation_accuracy", "learning_rate"}
    norms = training.curves.columns["gradient_norm/mlp/linear_1/weight"]
    assert norms.at.iterations[0] == 1
    first = training.run.record.checkpoints.summaries[0]
    rms = first.find("gradient", Source(window.editor.graph.resolve("mlp/linear_1/weight"), "y")).rms
    assert norms.values[0] == pytest.approx(rms * 8)  # of 64 weights
    assert all(np.isfinite(column.values).all() for column in training.curves.columns.values())
    assert [reference.label for reference in training.curves.references["loss"]] == ["ln 3: guessing"]
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CONTROL)
    assert said(window) == "Undone: Train"
    assert not window.editor.document.values


@pytest.mark.slow  # two processes
def test_one_iteration_one_epoch_and_stop(
    window: Window, training: Training, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    qtbot.waitUntil(panel.iteration.isEnabled)
    for button, iteration in ((panel.iteration, 1), (panel.iteration, 2), (panel.epoch, 8)):
        click(button)
        qtbot.waitUntil(lambda: training.state == "paused" and training.run.iteration == iteration)  # noqa: B023
        qtbot.waitUntil(lambda: panel.pause.text() == "Continue" and button.isEnabled())  # noqa: B023
        titles = [chart.title for chart in charts(training.curves.columns)]  # the same, before an epoch has ended too
        assert titles[:2] == ["loss", "accuracy"]
        assert training.curves.columns["validation_accuracy"].size == (iteration == 8)
    qtbot.waitUntil(lambda: panel.status.text().startswith("Paused · epoch 1 of 30 · val accuracy 0."))
    assert not window.editor.document.values
    click(panel.stop)
    until("stopped")
    assert window.editor.document.history.next_undo.label == "Train"
    assert said(window).startswith("Trained 1 epoch: loss ")
    qtbot.waitUntil(lambda: panel.pause.text() == "Continue" and panel.pause.isEnabled())
    click(panel.pause)
    until("completed")
    assert training.run.iteration == 240
    assert said(window).startswith("Trained 30 epochs: ")


def test_pause_and_continue_by_keys(window: Window, training: Training, until: Go, qtbot: QtBot) -> None:
    set_epochs(window, 1000)
    press_train(window)
    both = CONTROL | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.canvas, Qt.Key.Key_R, both)  # while its process begins
    until("paused")
    QTest.keyClick(window.canvas, Qt.Key.Key_R, both)
    until("running")
    QTest.keyClick(window.canvas, Qt.Key.Key_R, both)
    until("paused")
    there = training.run.iteration
    QTest.qWait(100)
    assert training.run.iteration == there
    step_to(window.editor, 1)
    stepper = window.editor.stepper
    qtbot.waitUntil(lambda: stepper.active and stepper.span is not None)
    assert stepper.span.last == there  # not the iteration behind its last checkpoint
    QTest.keyClick(window.canvas, Qt.Key.Key_R, both)
    until("running")
    (field,) = window.findChildren(IterationField)
    qtbot.waitUntil(lambda: training.run.iteration > there + 20)
    assert field.of.text() != f"of {there:,}"
    field.field.setText(str(there + 10))  # which was not there when it was paused
    field.field.returnPressed.emit()
    assert field.refusal == ""
    qtbot.waitUntil(lambda: stepper.number == there + 10)
    stepper.leave()
    press_train(window)
    assert said(window) == "✗ a run is on its way: pause or stop it first"
    QTest.keyClick(window.canvas, Qt.Key.Key_Period, CONTROL)
    until("stopped")


@pytest.mark.slow  # two processes
def test_a_process_that_is_killed_leaves_its_curves_and_goes_on(
    window: Window, training: Training, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    set_epochs(window, 1000)
    press_train(window)
    qtbot.waitUntil(lambda: training.run is not None and training.run.iteration > 50)
    os.kill(pid_of(training), signal.SIGKILL)
    until("died")
    line = "the process of the run was killed by SIGKILL (perhaps for want of memory) after iteration "
    assert said(window).startswith("✗ the run was killed by SIGKILL (perhaps for want of memory) after iteration ")
    assert ";" not in said(window)
    assert not window.editor.document.values
    qtbot.waitUntil(lambda: panel.message.isVisible() and panel.train.isEnabled())
    assert panel.message.text().startswith(line)
    assert panel.message.wordWrap()  # all of it is seen, whatever room there is
    assert training.curves.columns["loss"].size > 50
    qtbot.waitUntil(lambda: panel.pause.text() == "Continue")
    click(panel.pause)
    qtbot.waitUntil(lambda: training.state == "running" and training.run.iteration > 60)
    qtbot.waitUntil(lambda: not panel.message.isVisible())
    click(panel.stop)
    until("stopped")
    assert window.editor.document.history.next_undo.label == "Train"


def test_a_click_on_a_curve_steps_through_that_iteration(
    window: Window, training: Training, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    press_train(window)
    until("completed")
    plot = loss_plot(panel, qtbot)
    qtbot.waitUntil(lambda: plot.field.frame.limits[1] >= 240)
    loss = float(training.run.curves["loss"][99])
    QTest.mouseMove(plot.field.viewport(), pixel(plot.field, 100, loss))
    QTest.mouseClick(plot.field.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel(plot.field, 100, loss))
    stepper = window.editor.stepper
    qtbot.waitUntil(lambda: stepper.active)
    assert abs(stepper.number - 100) <= 1  # a pixel is about an iteration
    assert "Going through" not in window.status.message.text()  # it has arrived
    assert not stepper.recordings.running
    assert stepper.timeline.loss == training.run.curves["loss"][stepper.number - 1]
    assert panel.plots.page.shown.cursor == stepper.number
    before = stepper.cursor
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)  # the next step, as on the canvas
    assert stepper.cursor != before
    number = stepper.number
    stepper.visit(number + 1)
    qtbot.waitUntil(lambda: stepper.number == number + 1)
    assert panel.plots.page.shown.cursor == number + 1
    whose = f"iteration {number + 1:,} of the run {training.run.record.path.name}"
    qtbot.waitUntil(lambda: whose in window.status.live.text())
    stepper.leave()
    assert panel.plots.page.shown.cursor is None


def test_the_learning_rate_is_changed_on_the_way_in_the_inspector(
    window: Window, training: Training, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    set_epochs(window, 1000)
    click(panel.iteration)
    until("paused")
    field = window.docks.panels["inspector"].page.fields["lr"].findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.002")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: training.run.graph.training.optimiser["lr"] == 0.002)
    assert [(mark.iteration, mark.text) for mark in training.curves.marks] == [(1, "lr 0.002")]
    assert mark(window.editor) == ""
    qtbot.waitUntil(panel.iteration.isEnabled)
    click(panel.iteration)
    qtbot.waitUntil(lambda: training.run.iteration == 2)
    assert training.run.curves["learning_rate"].tolist() == [0.01, 0.002]
    click(panel.stop)
    until("stopped")
    assert window.editor.document.history.next_undo.label == "Train"


def test_what_is_shown_says_whether_graph_or_values_are_others_by_now(
    window: Window, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    editor = window.editor
    click(panel.iteration)
    until("paused")
    bias = editor.graph.resolve("mlp/linear_1/bias")
    editor.attempt("Set bias", lambda t: t.set_values(bias, np.ones(16, np.float32)))
    qtbot.waitUntil(lambda: panel.mark.isVisible() and panel.mark.text() == "from earlier values")
    editor.attempt("Cut", lambda t: t.remove(editor.graph.resolve("mlp/linear_1/bias")))
    qtbot.waitUntil(lambda: panel.mark.text() == "of an earlier graph")
    editor.undo()
    editor.undo()
    qtbot.waitUntil(lambda: not panel.mark.isVisible())
    click(panel.stop)
    until("stopped")


def test_what_a_run_has_marked_on_the_canvas_goes_and_comes_with_its_values(
    window: Window, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    set_training(window, l2=10.0, epochs=6)
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    until("completed")
    loss = window.editor.graph.resolve("loss")

    def marked() -> bool:
        return "penalty overwhelms" in {each.rule for each in window.canvas.marks.findings.get(loss, ())}

    qtbot.waitUntil(marked)
    qtbot.wait(300)
    assert marked()  # once the values are in the document
    assert window.editor.document.history.next_undo.label == "Train"
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not marked())
    assert window.editor.findings.of_run  # beside the curves of that run it is told as before
    press(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(marked)


def test_edits_meanwhile_are_never_overwritten_and_the_trained_values_can_be_taken(
    window: Window, training: Training, panel: TrainingPanel, until: Go, qtbot: QtBot
) -> None:
    editor = window.editor
    click(panel.iteration)
    until("paused")
    bias = editor.graph.resolve("mlp/linear_1/bias")
    editor.attempt("Set bias", lambda t: t.set_values(bias, np.ones(16, np.float32)))
    qtbot.waitUntil(lambda: panel.mark.isVisible() and panel.mark.text() == "from earlier values")
    click(panel.pause)
    until("completed")
    assert editor.document.history.next_undo.label == "Set bias"
    assert editor.document.values[bias].tolist() == [1.0] * 16
    assert said(window).endswith("; graph or values were edited since the run began, so these stay as they are")
    bar = window.bars.get("trained")
    assert bar is not None
    taken = bar.buttons[TAKE]
    assert isinstance(taken, QPushButton)
    click(taken)
    assert editor.document.history.next_undo.label == TAKE
    assert np.array_equal(editor.document.values[bias], training.run.result().values[bias])
    assert window.bars.get("trained") is None
    editor.undo()
    assert editor.document.values[bias].tolist() == [1.0] * 16


def test_a_plot_is_exported_through_the_dialog(
    window: Window, panel: TrainingPanel, until: Go, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    press_train(window)
    until("completed")
    plot, asked = loss_plot(panel, qtbot), []

    def save(_: QWidget, title: str, proposed: str, *__: object) -> tuple[str, str]:
        asked.append((title, Path(proposed).name))
        return proposed, ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", save)
    for suffix in ("CSV", "PNG"):
        next(action for action in plot.menu.actions() if suffix in action.text()).trigger()
        qtbot.waitUntil(lambda: said(window) == f"Exported iris_mlp-loss.{suffix.lower()}")  # noqa: B023
    folder = window.files.path.parent
    rows = (folder / "iris_mlp-loss.csv").read_text("utf-8").splitlines()
    assert sum(row.startswith("train,") for row in rows) == 240
    assert (folder / "iris_mlp-loss.png").stat().st_size > 1000
    assert asked == [("Export CSV", "iris_mlp-loss.csv"), ("Export PNG", "iris_mlp-loss.png")]


def test_closing_asks_and_leaves_no_process_but_a_checkpoint(
    window: Window, training: Training, until: Go, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    answers = [False, True]

    def confirmed(_: QWidget, text: str, yes: str) -> bool:
        asked.append((text, yes))
        return answers.pop(0)

    monkeypatch.setattr(asking, "confirmed", confirmed)
    set_epochs(window, 1000)
    window.editor.document.mark_saved()
    press_train(window)
    qtbot.waitUntil(lambda: training.run is not None and training.run.iteration > 20)
    record, pid = training.run.record, pid_of(training)
    assert not window.close()
    assert training.state == "running"
    assert is_there(pid)
    assert window.close()
    qtbot.waitUntil(lambda: not is_there(pid))
    newest = record.newest()
    assert newest is not None
    assert newest[0] >= 20
    text = f"iris_mlp.gw is being trained. It stops with a checkpoint in {record.path}."
    assert asked == [(f"{text} The document keeps the values that it has.", "Stop and close")] * 2


def test_another_document_asks_too(
    window: Window, training: Training, until: Go, place: Place, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    answers = [False, True]
    monkeypatch.setattr(asking, "confirmed", lambda *_: answers.pop(0))
    set_epochs(window, 1000)
    window.editor.document.mark_saved()
    press_train(window)
    until("running")
    pid, other = pid_of(training), place.copy("colah.gw")
    window.files.open(other)
    assert window.files.name == "iris_mlp.gw"
    assert training.state == "running"
    window.files.open(other)
    assert window.files.name == "colah.gw"
    assert training.state == ""
    qtbot.waitUntil(lambda: not is_there(pid))


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (
            lambda t: (t.set_training(None), t.remove(t.graph.resolve("loss"))),
            "training needs a loss, one float that is made small: add one, such as MSE or Cross entropy",
        ),
        (
            lambda t: t.set_training(replace(t.graph.training, loss="gone")),
            "training needs a loss, and no node has the id 'gone'",
        ),
        (lambda t: t.disconnect(t.graph.resolve("mlp/relu_1"), "x"), "mlp/relu_1.x: nothing is wired to this port"),
        (
            lambda t: t.set_param(t.graph.resolve("data"), "source", "missing.csv"),
            "",
        ),
    ],
    ids=["nothing to make small", "no loss", "a problem", "no data"],
)
def test_what_keeps_a_graph_from_being_trained_is_one_line(
    window: Window, training: Training, panel: TrainingPanel, spoil: object, line: str, qtbot: QtBot
) -> None:
    window.editor.attempt("Spoil", spoil)
    press_train(window)
    qtbot.waitUntil(lambda: training.ready and bool(training.message))
    assert said(window) == f"✗ {training.message}"
    assert training.message.startswith(line)
    assert "\n" not in training.message
    qtbot.waitUntil(lambda: panel.message.isVisible() and panel.train.isEnabled())
    assert training.run is None
    assert not training.home.exists()


LOADED = """
import sys, tempfile
from pathlib import Path
from gradwire.app.application import Application
from gradwire.app.settings import Settings

folder = Path(tempfile.mkdtemp())
application = Application(Settings(folder / "settings.ini"), folder / "data", folder / "cache")
window = application.open_window(Path(sys.argv[1]))
while not window.files.begun or window.editor.checking.busy:
    application.qt.processEvents()
print(*sorted(name for name in ("gradwire.core.runs.run", "pyqtgraph") if name in sys.modules))
window.close()
"""


def test_an_open_window_has_loaded_neither_runs_nor_plots(place: Place) -> None:
    file: Path = place.copy("iris_mlp.gw")
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
