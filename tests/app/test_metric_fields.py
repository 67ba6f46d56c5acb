"""The metrics in the inspector: each of the registry is there, with its settings, checked as they are typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.app.panels.inspector import InspectorPanel
from gradwire.core.session import Session
from gradwire.core.training.metrics import METRICS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def shown(qtbot: QtBot) -> Any:
    """The page of the document, and its editor."""
    editor = Editor(Session.open(EXAMPLES / "digits_mlp.gw"))
    panel = InspectorPanel(editor, DARK)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show()
    qtbot.waitUntil(lambda: bool(editor.shapes))
    panel.refresh()
    yield panel.page, editor
    editor.close()


def press(page: Any, name: str) -> None:
    QTest.mouseClick(page.metrics.checks[name], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    page.refresh()


def entry(editor: Editor, name: str) -> dict[str, Any] | None:
    training = editor.graph.training
    assert training is not None
    return next((dict(each) for each in training.metrics if each["name"] == name), None)


def test_every_metric_of_the_registry_can_be_watched(shown: Any) -> None:
    page, editor = shown
    assert list(page.metrics.checks) == [each.name for each in METRICS]
    for each in METRICS:
        if each.name != "accuracy":
            press(page, each.name)
        assert page.metrics.bodies[each.name].isVisible()
        assert entry(editor, each.name) == {"name": each.name, "prediction": "add2", "target": "dataset0.y"}
    assert page.minimumSizeHint().width() <= page.width()


def test_settings_are_shown_set_refused_and_reset(shown: Any) -> None:
    page, editor = shown
    press(page, "top_k")
    field = page.metrics.fields["top_k", "k"]
    assert field.text.text() == "2"
    field.text.setFocus()
    field.text.selectAll()
    QTest.keyClicks(field.text, "3")
    QTest.keyClick(field.text, Qt.Key.Key_Return)
    assert entry(editor, "top_k") == {"name": "top_k", "prediction": "add2", "target": "dataset0.y", "k": 3}
    assert editor.document.history.undo_label == "Set k of top_k"
    field.text.selectAll()
    QTest.keyClicks(field.text, "0")
    QTest.keyClick(field.text, Qt.Key.Key_Return)
    assert field.error.text() == "the metric top_k: k must be an integer of 1 or more, got 0"
    assert entry(editor, "top_k")["k"] == 3
    page.refresh()
    QTest.mouseClick(field.reset, Qt.MouseButton.LeftButton)
    assert "k" not in entry(editor, "top_k")


def test_the_average_is_chosen(shown: Any) -> None:
    page, editor = shown
    press(page, "f1")
    choice = page.metrics.fields["f1", "average"].choice
    assert [choice.itemText(i) for i in range(choice.count())] == ["macro", "micro", "weighted", "binary"]
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    assert entry(editor, "f1")["average"] == "micro"
