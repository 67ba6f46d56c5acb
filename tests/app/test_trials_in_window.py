"""Trials by menu and button: on a copy, with a live report, a verdict and Stop; nothing of the document changes."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, set_training, show_training
from windows import Place

from gradwire.app.panels.training import TrainingPanel
from gradwire.app.training.trials import TRIALS
from gradwire.app.window import Window
from gradwire.core.diagnosing import trials as of_core
from gradwire.core.graph import Graph


@pytest.fixture
def window(place: Place) -> Window:
    return open_window(place)


@pytest.fixture
def panel(window: Window) -> TrainingPanel:
    return show_training(window)


def choose(window: Window, text: str) -> None:
    """Choose a line of the Train menu's trials."""
    menu = next(each.menu() for each in window.menus_at_top["Train"].actions() if each.text() == "Trials")
    next(action for action in menu.actions() if action.text() == text).trigger()


def wait_for_verdict(qtbot: QtBot, panel: TrainingPanel) -> list[str]:
    """The lines that the panel tells at the end."""
    card = panel.beside.trial
    qtbot.waitUntil(lambda: card.isVisible() and card.close_button.text() == "Close")
    return card.text.text().split("\n")


def test_one_batch_is_learnt_by_heart(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    choose(window, "Overfit one batch")
    told, loss = wait_for_verdict(qtbot, panel)
    assert told.startswith("It has learnt one batch by heart in ")
    assert told.endswith("0% of 16 samples are wrong (required: at most 5%).")
    assert loss.endswith(", at the start 2.42.")
    assert panel.beside.trial.text.property("verdict") == "good"
    assert not window.editor.document.values
    assert window.editor.document.history.next_undo is None
    click(panel.beside.trial.close_button)
    assert window.editor.training.trials.trial is None
    qtbot.waitUntil(lambda: not panel.beside.isVisible())


def test_the_suggested_rate_is_taken_with_one_click(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    lines = panel.tries.menu().actions()
    next(line for line in lines if line.text() == "Learning-rate range test").trigger()
    (told,) = wait_for_verdict(qtbot, panel)
    card = panel.beside.trial
    assert told.startswith(
        "A rate of about 0.107 suits: a tenth of 1.07, where the loss is the lowest of those between"
    )
    assert not window.editor.document.values
    assert card.plot is not None
    assert card.plot.isVisible()
    assert [mark.text for mark in card.plot.scene.marks] == ["suggested 0.11"]
    assert card.plot.field.frame.log_x
    low, high = card.plot.field.frame.limits
    assert low < 2e-7
    assert high > 4
    assert "The smoothed loss is lowest" in card.plot.explanation()[1]
    assert card.take.text() == "Set the learning rate to 0.11"
    click(card.take)
    assert window.editor.graph.training.optimiser["lr"] == 0.11
    assert window.editor.document.history.next_undo.label == "Set lr to 0.11"
    assert not card.take.isEnabled()
    window.editor.undo()
    assert window.editor.graph.training.optimiser["lr"] == 0.01
    qtbot.waitUntil(card.take.isEnabled)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Check all gradients", "5 gradients compared with differences, 0 wrong (required: none)."),
        ("Do samples of a batch mix?", "In evaluation sample 3 reaches 0 of 15 others (required: none)."),
        (
            "Training beside evaluation",
            "In the mean over 8 batches of 16 the loss is 2.34 in training and 2.34 in evaluation (usual: at most 50%",
        ),
        ("Gradient noise", "The gradients of 20 batches agree more than they differ: signal to noise 4.59."),
    ],
)
def test_each_trial_tells_its_number_and_its_band(
    window: Window, panel: TrainingPanel, qtbot: QtBot, text: str, first: str
) -> None:
    choose(window, text)
    assert wait_for_verdict(qtbot, panel)[0].startswith(first)
    assert panel.beside.trial.text.property("verdict") == ("" if text == "Gradient noise" else "good")
    assert not window.editor.document.values


def test_the_check_of_gradients_tells_the_largest_error_and_where_it_is(
    window: Window, panel: TrainingPanel, qtbot: QtBot
) -> None:
    choose(window, "Check all gradients")
    told = wait_for_verdict(qtbot, panel)[1]
    start, _, where = told.partition(", of ")
    assert float(start.removeprefix("The largest relative error is ").replace("−", "-")) < 1e-6
    parameters = [
        window.editor.graph.path(id) for id, node in window.editor.graph.nodes.items() if node.op == "parameter"
    ]
    assert where in [f"∂loss/∂{name}." for name in ("data.x", *parameters)]


def test_what_mixes_samples_is_shown_on_the_canvas(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    editor = window.editor

    def spoil(t: object) -> None:
        graph: Graph = t.graph  # type: ignore[attr-defined]
        add = graph.resolve("mlp/linear_2/add")
        fed = graph.inputs(add)["x"]
        wild = t.add("softmax", name="wild", axis=0)  # type: ignore[attr-defined]
        t.connect(fed, wild, "x")  # type: ignore[attr-defined]
        t.connect((wild, "y"), add, "x")  # type: ignore[attr-defined]

    editor.attempt("Spoil", spoil)
    choose(window, "Do samples of a batch mix?")
    told = wait_for_verdict(qtbot, panel)[0]
    assert "reaches 15 of 15 others, from wild on (required: none; a reshape or an axis may be wrong there)" in told
    assert panel.beside.trial.text.property("verdict") == "bad"
    click(panel.beside.trial.go)
    assert editor.active == editor.graph.resolve("wild")


def test_a_trial_tells_how_far_it_is_and_is_stopped(
    window: Window, panel: TrainingPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_core, "overfit_batch", partial(of_core.overfit_batch, iterations=10**6))
    set_training(window, lr=0.0)
    trials, card = window.editor.training.trials, panel.beside.trial
    choose(window, "Overfit one batch")
    qtbot.waitUntil(lambda: card.isVisible() and card.text.text().startswith("Iteration "))
    assert card.progress.isVisible()
    assert card.progress.maximum() == 1000
    assert trials.busy
    click(card.close_button)
    assert not trials.busy
    qtbot.waitUntil(lambda: card.close_button.text() == "Close")
    assert card.text.text().startswith("Stopped\nIteration ")
    there = len(trials.reports)
    QTest.qWait(150)
    assert len(trials.reports) == there


def test_what_cannot_be_tried_is_said_in_one_line(window: Window, panel: TrainingPanel, qtbot: QtBot) -> None:
    window.editor.attempt("Spoil", lambda t: t.set_param(t.graph.resolve("data"), "source", "missing.csv"))
    choose(window, "Overfit one batch")
    (told,) = wait_for_verdict(qtbot, panel)
    assert "missing.csv" in told
    assert panel.beside.trial.text.property("verdict") == "failed"
    assert window.status.message.text() == f"✗ {told}"
    window.editor.attempt("No training", lambda t: t.set_training(None))
    qtbot.waitUntil(lambda: not panel.tries.isEnabled())


def test_the_menu_and_the_panel_offer_the_same(window: Window, panel: TrainingPanel) -> None:
    menu = next(each.menu() for each in window.menus_at_top["Train"].actions() if each.text() == "Trials")
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == [*(trial.text for trial in TRIALS), "Stop the trial"]
    assert [action.text() for action in panel.tries.menu().actions()] == texts[:-1]
    window.panel("history")
    page = window.docks.panels["inspector"].page
    next(line for line in page.tries.menu().actions() if line.text() == "Do samples of a batch mix?").trigger()
    assert not panel.visibleRegion().isEmpty()  # where its verdict is told
    assert window.editor.training.trials.trial.id == "mixing"
    window.editor.training.trials.forget()
    window.resize(900, 700)
    for _ in range(3):
        QApplication.processEvents()
    for button in (panel.train, panel.pause, panel.stop, panel.tries):
        assert button.isVisible()
        assert button.width() >= button.sizeHint().width()
    assert not panel.iteration.isVisible()
    assert [line.text() for line in panel.more.menu().actions()][:2] == ["One iteration", "One epoch"]
