"""The step panel tells how a node went over the iterations that were recorded, also of those that were let go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot
from windows import Place, has_keyboard

from gradwire.app.actions.recording import step_through_run
from gradwire.app.look.theme import DARK
from gradwire.app.panels.step import StepPanel
from gradwire.app.step_card.over_iterations import Course, CoursePlot, CourseSection, History
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor
from gradwire.core.summary import Summary
from gradwire.core.training import Settings


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """iris, stood at the step back of its first matrix product in the third iteration."""
    window = place.start(place.copy("iris_mlp.gw"))
    window.resize(1500, 1000)
    window.show()
    window.docks.show("step")
    has_keyboard(window)
    return window


def visit(window: Window, qtbot: QtBot, number: int) -> None:
    stepper = window.editor.stepper
    stepper.visit(number)
    qtbot.waitUntil(lambda: stepper.number == number)


def record(window: Window, qtbot: QtBot, iterations: int) -> None:
    """Go to the update of the first weights in so many iterations."""
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    for number in range(2, iterations + 1):
        visit(window, qtbot, number)


def test_the_history_holds_each_iteration_that_was_recorded(window: Window, qtbot: QtBot) -> None:
    record(window, qtbot, 3)
    history = window.editor.stepper.history
    assert [summary.number for summary in history] == [1, 2, 3]
    timeline = window.editor.stepper.timeline
    assert timeline is not None
    source = Source("parameter0", "y")
    found = history[-1].find("gradient", source)
    gradient = timeline.run.gradient(source)
    assert found is not None
    assert gradient is not None
    assert found.low == gradient.min()
    assert found.rms == pytest.approx(np.sqrt(np.mean(np.square(gradient))), rel=1e-5)
    window.editor.stepper.leave()
    assert window.editor.stepper.history == ()


def test_the_panel_draws_it_and_a_click_goes_there(window: Window, qtbot: QtBot) -> None:
    record(window, qtbot, 4)
    panel = window.findChild(StepPanel)
    stepper = window.editor.stepper
    section = panel.findChild(CourseSection)
    qtbot.waitUntil(lambda: len(section.courses) > 1 and section.courses[0].now == 3)
    node = panel.reading.node
    assert window.editor.graph.nodes[node].op == "parameter"
    assert [course.title for course in section.courses] == ["loss", "before", "gradient", "update"]
    assert section.told.text() == f"{window.editor.graph.path(node)}, at this step, over 4 iterations, up to 4"
    assert section.courses[0].now == 3
    assert section.courses[0].told(0) == "iteration 1: 2.415"
    plot = next(p for p in section.findChildren(CoursePlot) if p.course.title == "gradient")
    qtbot.waitUntil(lambda: plot.width() > 80)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(5, plot.height() // 2))
    qtbot.waitUntil(lambda: stepper.number == 1)
    assert stepper.cursor == stepper.timeline.end
    qtbot.waitUntil(lambda: section.courses[0].now == 0)
    assert len(section.courses[0].numbers) == 4


def test_it_is_of_the_node_that_is_selected(window: Window, qtbot: QtBot) -> None:
    record(window, qtbot, 3)
    panel = window.findChild(StepPanel)
    section = panel.findChild(CourseSection)
    qtbot.waitUntil(lambda: len(section.courses) > 1)
    graph, at_work = window.editor.graph, panel.reading.node
    other = next(id for id, node in graph.nodes.items() if node.op == "relu")
    window.editor.select([other])
    assert section.told.text() == f"{graph.path(other)}, selected, over 3 iterations, up to 3"
    found = window.editor.stepper.history[1].find("value", Source(other, "y"))
    assert section.courses[1].title == "value"
    assert section.courses[1].summaries[1] == found
    window.editor.select(())
    assert section.told.text() == f"{graph.path(at_work)}, at this step, over 3 iterations, up to 3"


def test_the_loss_is_told_from_the_step_on_that_computes_it(window: Window, qtbot: QtBot) -> None:
    record(window, qtbot, 3)
    stepper, section = window.editor.stepper, window.findChild(StepPanel).findChild(CourseSection)
    loss = window.editor.graph.resolve("loss")
    window.editor.select([loss])
    made = stepper.timeline.made_at[loss]
    stepper.seek(Cursor(made))
    qtbot.waitUntil(lambda: bool(section.courses) and section.courses[0].now is None)
    stepper.seek(Cursor(made + 1))
    qtbot.waitUntil(lambda: section.courses[0].now == 2)
    of_loss, value = section.courses[:2]
    assert (of_loss.title, value.title) == ("loss", "value")
    assert of_loss.number == value.number


def test_it_is_said_where_not_every_iteration_is_kept(qtbot: QtBot) -> None:
    section = CourseSection(DARK)
    qtbot.addWidget(section)
    for numbers, told in (
        ((1,), "Over 1 iteration, up to 1"),
        ((1, 2, 3), "Over 3 iterations, up to 3"),
        ((1, 3, 5, 7, 8), "Over 5 iterations, up to 8, every 2nd kept"),
        ((1, 5, 9, 10), "Over 4 iterations, up to 10, every 4th kept"),
        ((1, 12, 23), "Over 3 iterations, up to 23, every 11th kept"),
    ):
        course = Course("loss", numbers, tuple(Summary(1.0, 1.0, 1.0, 0.0, 0.0) for _ in numbers), 0)
        section.show_history(History((course,)))
        assert section.told.text() == told


def test_an_iteration_is_typed(window: Window, qtbot: QtBot) -> None:
    stepper = window.editor.stepper
    typed = window.toolbar.stepper.iteration
    assert typed.isHidden()
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    last = stepper.span.last
    assert (typed.field.text(), typed.of.text()) == ("1", f"of {last:,}")
    typed.field.setFocus()
    typed.field.selectAll()
    QTest.keyClicks(typed.field, "12")
    QTest.keyClick(typed.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stepper.number == 12)
    assert typed.field.text() == "12"
    assert stepper.cursor == stepper.timeline.end
    assert window.focusWidget() is window.toolbar.stepper.track  # Space steps again


@pytest.mark.parametrize("text", ["0", "-3", "1e3", "", "10000000"])
def test_an_iteration_out_of_range_is_refused_at_the_field(window: Window, qtbot: QtBot, text: str) -> None:
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    typed = window.toolbar.stepper.iteration
    typed.field.setFocus()
    typed.field.selectAll()
    QTest.keyClick(typed.field, Qt.Key.Key_Delete)
    QTest.keyClicks(typed.field, text)
    QTest.keyClick(typed.field, Qt.Key.Key_Return)
    last = stepper.span.last
    assert typed.refusal == f"an iteration from 1 to {last:,} is wanted, found {text or 'nothing'}"
    assert typed.field.property("rejected") is True
    assert QToolTip.text() == typed.refusal
    assert not stepper.recordings.busy
    QTest.keyClick(typed.field, Qt.Key.Key_Escape)
    assert typed.field.text() == "1"
    assert (typed.field.property("rejected"), stepper.number) == (False, 1)


def test_a_run_that_was_trained_before_is_stepped_through_from_its_folder(
    place: Place, qtbot: QtBot, tmp_path: Path
) -> None:
    path = place.copy("iris_mlp.gw")
    trained = Session.open(path).trainer(Settings(out=tmp_path / "run", epochs=3))
    trained.run()
    window = place.start(path)
    window.show()
    stepper = window.editor.stepper
    step_through_run(window, tmp_path / "run")
    qtbot.waitUntil(lambda: stepper.active)
    last = 3 * trained.iterations_per_epoch
    assert stepper.number == last
    assert window.toolbar.stepper.iteration.of.text() == f"of {last}"
    window.docks.show("step")
    section = window.findChild(StepPanel).findChild(CourseSection)
    stepper.to_end()
    qtbot.waitUntil(lambda: len(section.courses) > 1)
    assert section.told.text().endswith(f", at this step, over {last} iterations, of the run run, up to {last}")
    assert [summary.number for summary in stepper.history] == list(range(1, last + 1))
    stepper.to_end()
    for id in ("parameter0", "parameter3"):
        assert np.array_equal(stepper.moment.value(Source(id, "y")), trained.state[id])
    visit(window, qtbot, 2)
    assert stepper.timeline.run.asked.iteration == 2


def test_a_folder_without_a_run_is_told_in_the_status_bar(place: Place, qtbot: QtBot, tmp_path: Path) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    with qtbot.waitSignal(window.editor.stepper.told) as told:
        step_through_run(window, tmp_path)
    assert told.args == [
        (
            f"Nothing was recorded: {tmp_path} holds no run: there are no checkpoints in {tmp_path / 'checkpoints'} "
            "(gradwire train --out DIR)"
        ),
        "refusal",
    ]
    assert not window.editor.stepper.active
