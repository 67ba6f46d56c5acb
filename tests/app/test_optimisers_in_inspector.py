"""The optimisers in the inspector: each with its settings, under labels that are read whole."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from dataclasses import replace
from pathlib import Path

import pytest

from gradwire.app.panels.inspector import InspectorPanel
from gradwire.core.session import Session
from gradwire.core.training.optim import OPTIMISERS

EXAMPLES = Path(__file__).parents[2] / "examples"


def show(show_panel, width, **optimiser):
    panel = show_panel(InspectorPanel, width, 900)
    panel.editor.open(Session.open(EXAMPLES / "digits_mlp.gw"))
    panel.editor.attempt("Set", lambda t: t.set_training(replace(t.graph.training, optimiser=optimiser)))
    panel.refresh()
    return panel


@pytest.mark.parametrize("width", [240, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_settings_of_each_optimiser_are_there_and_nothing_is_cut(show_panel, qtbot, name, width):
    panel = show(show_panel, width, name=name)
    fields = panel.page.fields
    assert set(OPTIMISERS[name].settings) <= set(fields)
    assert fields["optimiser"].choice.currentText() == OPTIMISERS[name].title
    for setting, parameter in OPTIMISERS[name].settings.items():
        field = fields[setting]
        qtbot.waitUntil(lambda field=field: field.height() >= field.label.sizeHint().height())
        assert field.label.text().replace("\n", " ") == setting.replace("_", " ")
        assert field.label.sizeHint().width() <= field.label.width() + 1
        if field.text is not None:
            wanted = field.text.needed(field.text.text())
            if parameter.annotation is float:
                qtbot.waitUntil(lambda field=field, wanted=wanted: field.text.width() >= wanted)


def test_another_optimiser_keeps_what_it_has_in_common(show_panel):
    panel = show(show_panel, 300, name="adam", lr=0.5, weight_decay=0.25, amsgrad=True)
    told = []
    panel.editor.told.connect(lambda text, kind: told.append((text, kind)))
    panel.page.fields["optimiser"].try_value("radam")
    panel.refresh()
    assert panel.editor.graph.training.optimiser == {"name": "radam", "lr": 0.5, "weight_decay": 0.25}
    assert "amsgrad" not in panel.page.fields
    assert told == [("Dropped amsgrad, which RAdam does not take", "note")]
    panel.page.fields["optimiser"].try_value("nadam")
    panel.refresh()
    assert panel.editor.graph.training.optimiser == {"name": "nadam", "lr": 0.5, "weight_decay": 0.25}
    assert len(told) == 1
    panel.editor.undo()
    panel.editor.undo()
    assert panel.editor.graph.training.optimiser["amsgrad"] is True


def test_a_value_that_another_optimiser_cannot_have_is_dropped_and_told(drawn_window, qtbot):
    window, editor = drawn_window, drawn_window.editor
    editor.open(Session.open(EXAMPLES / "digits_mlp.gw"))
    training = replace(editor.graph.training, optimiser={"name": "adam", "lr": 0.25, "betas": (0.5, 2.0), "eps": 1e-4})
    editor.attempt("Set", lambda t: t.set_training(training))
    panel = window.docks.docks["inspector"].widget()
    panel.refresh()
    choice = panel.page.fields["optimiser"].choice
    choice.setFocus()
    qtbot.keyClicks(choice, "AdamW")
    assert editor.graph.training.optimiser == {"name": "adamw", "lr": 0.25, "eps": 1e-4}
    assert "Dropped betas, which AdamW does not take" in window.status.message.text()


def test_settings_that_do_not_go_together_are_refused_beneath_their_field(show_panel):
    panel = show(show_panel, 300, name="sgd", lr=0.1)
    field = panel.page.fields["nesterov"]
    field.check.click()
    assert field.error.text() == "sgd: nesterov needs a momentum above 0 and a dampening of 0, got 0.0 and 0.0"
    assert not field.check.isChecked()
    assert "nesterov" not in panel.editor.graph.training.optimiser


def groups(editor):
    return [{**each} for each in editor.graph.training.parameter_groups]


def biases(editor):
    return [id for id, node in editor.graph.nodes.items() if node.op == "parameter" and node.name == "bias"]


def test_a_group_is_made_of_what_is_selected_and_changed_in_the_inspector(drawn_window):
    window, editor = drawn_window, drawn_window.editor
    editor.open(Session.open(EXAMPLES / "digits_mlp.gw"))
    action = window.menus.actions["graph.parameter_group"]
    ids = biases(editor)
    editor.select(ids)
    action.trigger()
    assert window.status.message.text() == f"Made a parameter group of {len(ids)} nodes"
    assert groups(editor) == [{"parameters": tuple(sorted(ids))}]
    assert not editor.selection
    panel = window.docks.docks["inspector"].widget()
    panel.refresh()
    page = panel.page
    fields = page.groups.rows[0]
    assert page.groups.names[0].whole() == ", ".join(editor.graph.path(id) for id in sorted(ids))
    assert fields["lr"].text.text() == page.fields["lr"].text.text()
    fields["lr"].try_value(0.25)
    panel.refresh()
    assert panel.page is page
    assert groups(editor)[0]["lr"] == 0.25
    assert not fields["lr"].reset.isHidden()
    fields["weight_decay"].try_value(-1)
    assert "weight_decay must be a number of 0 or more, got -1.0" in fields["weight_decay"].error.text()
    assert groups(editor) == [{"parameters": tuple(sorted(ids)), "lr": 0.25}]
    fields["lr"].reset.click()
    assert "lr" not in groups(editor)[0]
    editor.select([ids[0]])
    action.trigger()
    assert groups(editor) == [{"parameters": tuple(sorted(ids[1:]))}, {"parameters": (ids[0],)}]
    panel.refresh()
    panel.page.groups.removes[0].click()
    assert groups(editor) == [{"parameters": (ids[0],)}]
    editor.undo()
    assert len(groups(editor)) == 2


def test_another_optimiser_takes_from_groups_what_it_does_not_know(show_panel):
    panel = show(show_panel, 300, name="adam", lr=0.01)
    editor = panel.editor
    own = {"parameters": biases(editor), "lr": 0.1, "weight_decay": 0.0, "betas": [0.5, 0.9]}
    editor.attempt("Set", lambda t: t.set_training(replace(t.graph.training, parameter_groups=(own,))))
    panel.refresh()
    assert list(panel.page.groups.rows[0]) == ["lr", "weight_decay", "betas"]
    panel.page.fields["optimiser"].try_value("sgd")
    panel.refresh()
    assert groups(editor) == [{"parameters": tuple(biases(editor)), "lr": 0.1, "weight_decay": 0.0}]
    assert list(panel.page.groups.rows[0]) == ["lr", "weight_decay"]
