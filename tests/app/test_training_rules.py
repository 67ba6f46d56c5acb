"""Schedules, averages and early stopping in the inspector: chosen, changed, refused, undone."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gradwire.app.panels.inspector import InspectorPanel
from gradwire.core.extend import schedule_rule
from gradwire.core.session import Session
from gradwire.core.training.schedules import ALL, SCHEDULES

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def panel(show_panel):
    made = show_panel(InspectorPanel, 300, 900)
    made.editor.open(Session.open(EXAMPLES / "iris_mlp.gw"))
    made.refresh()
    return made


def rule(panel, name):
    panel.refresh()
    return next(each for each in panel.page.rules if each.kind.field == name)


def training(panel):
    return panel.editor.graph.training


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_schedule_has_its_settings_and_can_be_taken_back(panel, name):
    rule(panel, "schedule").chooser.try_value(name)
    shown = rule(panel, "schedule")
    assert training(panel).schedule == {"name": name}
    assert list(shown.fields) == list(SCHEDULES[name].settings)
    assert shown.chooser.choice.currentText() == name.replace("_", " ")
    assert panel.page.minimumSizeHint().width() <= panel.scrolled.viewport().width()
    shown.chooser.reset.click()
    assert training(panel).schedule is None
    assert rule(panel, "schedule").fields == {}
    panel.editor.undo()
    assert training(panel).schedule == {"name": name}


def test_a_setting_is_set_followed_and_refused(panel):
    rule(panel, "schedule").chooser.try_value("cosine")
    field = rule(panel, "schedule").fields["warmup"]
    field.try_value(5)
    assert training(panel).schedule == {"name": "cosine", "warmup": 5}
    field.try_value(-1)
    assert field.error.text() == "cosine: warmup must be an integer of 0 or more, got -1"
    assert training(panel).schedule == {"name": "cosine", "warmup": 5}
    rule(panel, "schedule").fields["warmup"].reset.click()
    assert training(panel).schedule == {"name": "cosine"}


def test_early_stopping_offers_what_an_epoch_ends_with(panel):
    rule(panel, "early_stopping").chooser.try_value("early_stopping")
    shown = rule(panel, "early_stopping")
    metric = shown.fields["metric"].choice
    assert [metric.itemText(at) for at in range(metric.count())] == [
        "train loss",
        "validation loss",
        "validation accuracy",
    ]
    shown.fields["metric"].try_value("validation_accuracy")
    shown.fields["restore_best"].try_value(True)
    assert training(panel).early_stopping == {"metric": "validation_accuracy", "restore_best": True}


def test_a_metric_of_a_plugins_schedule_is_any_text(panel):
    @schedule_rule()
    def own(lr: float, t: int, total: int, *, metric: str = "none") -> float:
        """The same rate."""
        return lr

    ALL.add(own)
    try:
        rule(panel, "schedule").chooser.try_value("own")
        field = rule(panel, "schedule").fields["metric"]
        assert field.choice is None
        field.try_value("mine")
        assert training(panel).schedule == {"name": "own", "metric": "mine"}
    finally:
        panel.editor.undo()
        ALL.remove("own")


def test_an_average_is_chosen(panel):
    rule(panel, "average").chooser.try_value("exponential")
    rule(panel, "average").fields["decay"].try_value(0.9)
    assert training(panel).average == {"name": "exponential", "decay": 0.9}


def test_what_does_not_go_together_is_refused_beneath_its_field(panel):
    panel.page.fields["clip_norm"].try_value(1.0)
    assert training(panel).clip_norm == 1.0
    panel.page.fields["clip_value"].try_value(0.5)  # after the norm, so both hold
    assert training(panel).clip_value == 0.5
    panel.page.fields["clip_value"].try_value(0.0)
    assert panel.page.fields["clip_value"].error.text() == (
        "training: clip_value must be a number above 0 or null, got 0.0"
    )
    assert training(panel).clip_value == 0.5
    panel.page.fields["accumulate"].try_value(4)
    assert training(panel).accumulate == 4


def test_every_setting_that_is_refused_is_told_of_the_rule(panel):
    rule(panel, "schedule").chooser.try_value("cosine")
    shown = rule(panel, "schedule")
    shown.fields["warmup"].try_value(-1)
    shown.fields["steps"].text.setFocus()
    shown.fields["steps"].text.setText("many")
    shown.fields["steps"].text.returnPressed.emit()
    assert shown.fields["warmup"].error.text().startswith("cosine: warmup must be ")
    assert shown.fields["steps"].error.text().startswith("cosine: steps must be ")


def test_a_third_is_told_as_one_beside_its_bar(panel, qtbot):
    rule(panel, "schedule").chooser.try_value("cosine")
    field = rule(panel, "schedule").fields["warmup_start"]
    assert field.text.text() == "1/3"
    qtbot.waitUntil(lambda: field.bar.isVisible())
    field.text.setFocus()
    field.text.setText("2/3")
    field.text.returnPressed.emit()
    assert training(panel).schedule["warmup_start"] == 2 / 3
    panel.refresh()
    assert rule(panel, "schedule").fields["warmup_start"].text.text() == "2/3"


def test_no_label_says_the_heading_again(panel):
    for name in ("schedule", "average", "early_stopping"):
        shown = rule(panel, name)
        assert shown.chooser.label.text() != shown.caption.text().lower()
    stops = rule(panel, "early_stopping").chooser.choice
    assert [stops.itemText(at) for at in range(stops.count())] == ["at the end", "by a metric"]


@pytest.mark.parametrize("of", ["optimiser", "schedule"])
def test_a_list_that_drops_down_shows_its_last_entry(panel, qtbot, of):
    field = panel.page.fields["optimiser"] if of == "optimiser" else rule(panel, "schedule").chooser
    choice = field.choice
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton)
    view = choice.view()
    qtbot.waitUntil(lambda: view.isVisible())
    first, last = (view.visualRect(view.model().index(row, 0)) for row in (0, choice.count() - 1))
    assert first.top() >= 0
    assert last.bottom() < view.viewport().height()
    popup, screen = view.window().geometry(), choice.screen().availableGeometry()
    assert screen.contains(popup)
    choice.hidePopup()
