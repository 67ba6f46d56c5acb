"""Badges of a run beside an iteration of it that is stepped through: nothing that was to come."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.core.diagnosing.over_training import RunFinding


def finding(rule: str, node: str, began: int) -> RunFinding:
    texts = {"text": rule, "mend": "", "word": rule, "about": "", "plot": ""}
    return RunFinding(
        rule, "hint", node, measured=1.0, band=(None, 1.0), began=began, number=900, state="begins", **texts
    )


def test_what_began_later_is_no_badge_of_an_iteration_that_is_stepped_through(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("linear_regression.gw"))
    window.show()
    editor, stepper = window.editor, window.editor.stepper
    loss = editor.graph.training.loss
    editor.findings.show_run((finding("dead units", loss, 2), finding("overfit", loss, 810)))
    qtbot.waitUntil(lambda: {each.rule for each in editor.findings.of_run} == {"dead units", "overfit"})

    def rules() -> set[str]:
        return {each.rule for each in editor.findings.on_canvas if isinstance(each, RunFinding)}

    assert rules() == {"dead units", "overfit"}
    stepper.begin()
    qtbot.waitUntil(lambda: stepper.active)
    assert rules() == set()
    stepper.visit(2)
    qtbot.waitUntil(lambda: stepper.number == 2)
    assert rules() == {"dead units"}
    stepper.leave()
    assert rules() == {"dead units", "overfit"}
