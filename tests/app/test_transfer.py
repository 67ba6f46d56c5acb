"""Loading values in the window: looked through, chosen by hand, loaded in one undo; a new head; both from the menu."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog
from pytestqt.qtbot import QtBot
from training_graphs import classifier
from windows import Place

from gradwire.app.actions import ACTIONS
from gradwire.app.files import asking
from gradwire.app.transferring.dialog import TransferDialog
from gradwire.app.transferring.head import HeadDialog
from gradwire.app.transferring.model import CHOSEN
from gradwire.app.transferring.window import load_values
from gradwire.app.window import Window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(place: Place) -> Window:
    session = classifier(place.folder)
    session.save(session.path)
    shown = place.start(session.path)
    shown.resize(1400, 900)
    shown.activateWindow()
    assert QTest.qWaitForWindowActive(shown)
    return shown


@pytest.fixture
def file(place: Place) -> Path:
    """What fits three of four parameters, one only transposed, and something besides."""
    random = np.random.default_rng(1)
    path = place.folder / "other.npz"
    arrays = {"first.weight": (4, 2), "first.bias": (4,), "last.weight": (4, 3), "odd": (9, 9)}
    np.savez(path, **{name: random.normal(size=shape) for name, shape in arrays.items()})
    return path


def run(window: Window, id: str) -> None:
    (action,) = [each for each in ACTIONS if each.id == id]
    assert action.enabled(window)
    action.run(window)


def shown(kind: type[QDialog], qtbot: QtBot) -> QDialog:
    def find() -> list[QDialog]:
        return [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]

    qtbot.waitUntil(lambda: bool(find()))
    return find()[0]


def dialog(window: Window, file: Path, qtbot: QtBot) -> TransferDialog:
    load_values(window, file)
    found = shown(TransferDialog, qtbot)
    assert isinstance(found, TransferDialog)
    return found


def told(found: TransferDialog) -> dict[str, tuple[str, str]]:
    """By parameter what it is given, and why."""
    rows = range(found.model.rowCount())
    cells = [[str(found.model.index(row, column).data()) for column in (0, 2, 3)] for row in rows]
    return {path: (source, why) for path, source, why in cells}


def test_what_matches_is_shown_before_anything_is_loaded(window: Window, file: Path, qtbot: QtBot) -> None:
    found = dialog(window, file, qtbot)
    assert told(found) == {
        "first/weight": ("–", "shape (2, 4) is required, found (4, 2) (transposed it fits)"),
        "first/bias": ("first.bias", "by name"),
        "last/weight": ("last.weight", "by name"),
        "last/bias": ("–", "nothing of this name, and nothing of this shape"),
    }
    assert found.told.text() == "2 of 4 parameters are loaded."
    assert found.beside.text() == "Not used: first.weight (4 × 2), odd (9 × 9)."
    assert not window.editor.document.values
    found.reject()


def test_a_choice_by_hand_is_loaded_with_the_rest_in_one_undo(window: Window, file: Path, qtbot: QtBot) -> None:
    found = dialog(window, file, qtbot)
    place = found.table.visualRect(found.model.index(0, CHOSEN)).center()
    QTest.mouseClick(found.table.viewport(), LEFT, pos=place)
    qtbot.waitUntil(lambda: found.table.findChild(QComboBox) is not None)
    box = found.table.findChild(QComboBox)
    assert [box.itemText(i) for i in range(box.count())] == ["nothing", "first.weight.T"]
    QTest.keyClick(box, Qt.Key.Key_Down)
    box.activated.emit(box.currentIndex())
    assert told(found)["first/weight"] == ("first.weight.T", "by hand")
    QTest.mouseClick(found.freeze, LEFT, pos=QPoint(8, found.freeze.height() // 2))
    QTest.mouseClick(found.load, LEFT)
    editor = window.editor
    graph, values = editor.graph, editor.document.values
    arrays = np.load(file)
    id = graph.resolve("first/weight")
    np.testing.assert_array_equal(values[id], arrays["first.weight"].T.astype(np.float32))
    assert len(values) == 3
    assert {graph.path(each) for each, node in graph.nodes.items() if "freeze" in node.flags} == {
        "first/weight",
        "first/bias",
        "last/weight",
    }
    assert window.status.message.text() == "Loaded 3 values from other.npz, frozen"
    editor.undo()
    assert not editor.document.values
    assert not any("freeze" in node.flags for node in editor.graph.nodes.values())


def test_what_was_chosen_can_be_taken_back(window: Window, file: Path, qtbot: QtBot) -> None:
    found = dialog(window, file, qtbot)
    for row in (1, 2):
        found.model.setData(found.model.index(row, CHOSEN), "")
    assert found.told.text() == "0 of 4 parameters are loaded."
    assert not found.load.isEnabled()
    found.reject()


def test_the_menu_asks_for_a_file(window: Window, file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ask_values", lambda *_: file)
    run(window, "train.load_values")
    shown(TransferDialog, qtbot).reject()


def test_a_file_that_cannot_be_read_is_told_in_one_line(window: Window, place: Place, qtbot: QtBot) -> None:
    (place.folder / "text.npz").write_text("nothing")
    load_values(window, place.folder / "text.npz")
    qtbot.waitUntil(lambda: "an .npz of numbers is required" in window.status.message.text())


def test_a_new_head_from_the_menu(window: Window, qtbot: QtBot) -> None:
    run(window, "train.new_head")
    found = shown(HeadDialog, qtbot)
    assert isinstance(found, HeadDialog)
    field = found.outputs.lineEdit()
    assert field.width() >= field.fontMetrics().horizontalAdvance("1000000")  # the number is seen
    assert found.outputs.value() == 3
    QTest.keyClicks(found.outputs, "6")
    QTest.mouseClick(found.freeze, LEFT, pos=QPoint(8, found.freeze.height() // 2))
    QTest.mouseClick(found.make, LEFT)
    graph = window.editor.graph
    shapes = {graph.path(id): node.params["shape"] for id, node in graph.nodes.items() if node.op == "parameter"}
    assert shapes == {"first/weight": (2, 4), "first/bias": (4,), "last/weight": (4, 6), "last/bias": (6,)}
    frozen = {graph.path(id) for id, node in graph.nodes.items() if "freeze" in node.flags}
    assert frozen == {"first/weight", "first/bias"}
    window.editor.undo()
    assert window.editor.graph.nodes[graph.resolve("last/bias")].params["shape"] == (3,)


def test_a_new_head_after_training_again_with_a_new_seed(window: Window, qtbot: QtBot) -> None:
    editor = window.editor
    run(window, "train.again_new_seed")
    qtbot.waitUntil(lambda: not editor.training.active, timeout=30_000)
    seed = editor.graph.nodes[editor.graph.resolve("last/weight")].params["seed"]
    run(window, "train.new_head")
    found = shown(HeadDialog, qtbot)
    assert isinstance(found, HeadDialog)
    QTest.keyClicks(found.outputs, "6")
    QTest.mouseClick(found.make, LEFT)
    assert not found.isVisible()
    weight = editor.graph.nodes[editor.graph.resolve("last/weight")]
    assert (weight.params["shape"], weight.params["seed"]) == ((4, 6), seed)


def test_a_refused_head_says_why_within_the_dialog(window: Window, qtbot: QtBot) -> None:
    editor = window.editor
    editor.attempt("Rename", lambda t: t.rename(editor.graph.resolve("last/weight"), "W"))
    run(window, "train.new_head")
    found = shown(HeadDialog, qtbot)
    assert isinstance(found, HeadDialog)
    assert not found.refused.isVisible()
    QTest.mouseClick(found.make, LEFT)
    assert found.refused.isVisible()
    assert found.refused.text().startswith("last is no longer as its layer linear builds it")
    found.reject()


def test_without_a_layer_before_the_loss_the_reason_is_told(window: Window) -> None:
    editor = window.editor
    loss = editor.graph.training
    assert loss is not None
    editor.attempt("Unwire", lambda t: t.disconnect(loss.loss, "logits"))
    run(window, "train.new_head")
    assert "no layer with outputs stands before loss" in window.status.message.text()
