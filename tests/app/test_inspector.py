"""The inspector as a user meets it: fields that edit, refuse, drag as one undo, and are never overwritten."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradwire.app.editor import Editor
from gradwire.app.inspecting.fields import Field
from gradwire.app.inspecting.reading import read, spell
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.inspector import InspectorPanel
from gradwire.core.errors import GradwireError
from gradwire.core.layers import build
from gradwire.core.ops import builtin
from gradwire.core.parameters import HIDDEN, Parameter
from gradwire.core.session import Session

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def editor(qtbot):
    made = Editor(Session())
    yield made
    made.close()


@pytest.fixture
def panel(editor, qtbot):
    made = InspectorPanel(editor, DARK)
    qtbot.addWidget(made)
    made.resize(300, 900)
    made.show()
    qtbot.waitExposed(made)
    return made


def add(editor, op, **params):
    return editor.attempt("add", lambda t: t.add(op, params=params))


def select(panel, *ids):
    panel.editor.select(ids)
    panel.refresh()


def enter(field: Field, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    """Type a text into a field as a user does."""
    assert field.text is not None
    field.text.setFocus()
    field.text.selectAll()
    QTest.keyClicks(field.text, text)
    QTest.keyClick(field.text, key)


def drag(bar, *places: int, release: bool = True) -> None:
    middle = bar.height() // 2
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(places[0], middle))
    for x in places[1:]:
        QTest.mouseMove(bar, QPoint(x, middle))
    if release:
        QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(places[-1], middle))


def test_a_number_that_is_typed_reaches_the_document_and_is_one_undo(editor, panel):
    id = add(editor, "dropout")
    select(panel, id)
    field = panel.page.fields["rate"]
    assert field.text.property("default") is True
    enter(field, "2.5e-1")
    assert editor.graph.nodes[id].params["rate"] == 0.25
    panel.refresh()
    assert field.text.text() == "0.25"
    assert field.text.property("default") is False
    editor.undo()
    panel.refresh()
    assert "rate" not in editor.graph.nodes[id].params
    assert field.text.text() == "0.5"


def test_a_rejected_text_stays_with_its_reason_until_escape(editor, panel):
    id = add(editor, "leaky_relu")
    select(panel, id)
    field = panel.page.fields["slope"]
    enter(field, "steep")
    assert field.error.text() == "leaky_relu: slope must be a number, got 'steep'"
    assert field.error.isVisible()
    panel.refresh()
    assert field.text.text() == "steep"
    assert editor.document.history.undo_label == "add"
    QTest.keyClick(field.text, Qt.Key.Key_Escape)
    assert field.text.text() == "0.01"
    assert not field.error.isVisible()


def test_what_is_being_typed_is_not_overwritten_by_a_refresh(editor, panel):
    id = add(editor, "leaky_relu")
    select(panel, id)
    text = panel.page.fields["slope"].text
    text.setFocus()
    text.selectAll()
    QTest.keyClicks(text, "0.7")
    editor.attempt("elsewhere", lambda t: t.set_param(id, "slope", 0.2))
    panel.refresh()
    assert text.text() == "0.7"
    QTest.keyClick(text, Qt.Key.Key_Escape)
    assert text.text() == "0.2"


def test_a_drag_is_many_edits_and_one_undo(editor, panel):
    id = add(editor, "dropout")
    select(panel, id)
    before = len(editor.document.history.entries)
    seen = []
    editor.changed.connect(lambda change: seen.append(change.after.nodes[id].params.get("rate")))
    bar = panel.page.fields["rate"].bar
    drag(bar, bar.width() // 2, bar.width() // 2 + 8, bar.width() // 2 + 12, bar.width() - 14)
    assert len(seen) >= 3
    assert seen[-1] == 1.0
    assert len(editor.document.history.entries) == before + 1
    editor.undo()
    assert "rate" not in editor.graph.nodes[id].params


def test_escape_ends_a_drag_and_takes_it_back(editor, panel):
    id = add(editor, "dropout", rate=0.3)
    select(panel, id)
    bar = panel.page.fields["rate"].bar
    drag(bar, bar.width() // 2, bar.width() - 20, release=False)
    assert editor.graph.nodes[id].params["rate"] != 0.3
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert editor.graph.nodes[id].params["rate"] == 0.3
    assert editor.document.history.undo_label == "add"


def test_arrow_keys_step_a_number(editor, panel):
    id = add(editor, "concat")
    select(panel, id)
    bar = panel.page.fields["axis"].bar
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Right)
    panel.refresh()
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert editor.graph.nodes[id].params["axis"] == 2


def test_reset_lets_a_parameter_follow_its_default(editor, panel):
    id = add(editor, "dropout", rate=0.3)
    select(panel, id)
    field = panel.page.fields["rate"]
    assert field.reset.isVisible()
    QTest.mouseClick(field.reset, Qt.MouseButton.LeftButton)
    panel.refresh()
    assert "rate" not in editor.graph.nodes[id].params
    assert not field.reset.isVisible()


def test_flags_are_switched_and_explained(editor, panel):
    id = add(editor, "relu")
    select(panel, id)
    check = panel.page.flags["detach"]
    QTest.mouseClick(check, Qt.MouseButton.LeftButton, pos=QPoint(8, check.height() // 2))
    assert editor.graph.nodes[id].flags == {"detach"}
    assert "no gradient comes back" in check.about.text()


def test_a_name_that_is_taken_is_refused_and_stays_visible(editor, panel):
    id, other = add(editor, "relu"), add(editor, "sin")
    select(panel, id)
    name = panel.page.name
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, editor.graph.nodes[other].name)
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert name.error.isVisible()
    assert name.text() == "sin"
    assert editor.graph.nodes[id].name == "relu"


def test_any_value_is_strict_json_and_never_evaluated(editor, panel):
    id = add(editor, "constant", value=1.0)
    select(panel, id)
    field = panel.page.fields["value"]
    enter(field, "[[1, 2], [3, 4]]")
    assert editor.graph.nodes[id].params["value"] == ((1, 2), (3, 4))
    enter(field, "__import__('os')")
    assert field.error.text().startswith("value: valid JSON is required")
    assert editor.graph.nodes[id].params["value"] == ((1, 2), (3, 4))


def test_several_nodes_show_mixed_values_and_change_together(editor, panel):
    ids = [add(editor, "dropout", rate=rate) for rate in (0.1, 0.2)]
    select(panel, *ids)
    field = panel.page.fields["rate"]
    assert (field.text.text(), field.text.placeholderText()) == ("", "mixed")
    before = len(editor.document.history.entries)
    enter(field, "0.4")
    assert [editor.graph.nodes[id].params["rate"] for id in ids] == [0.4, 0.4]
    assert len(editor.document.history.entries) == before + 1


def test_a_layer_is_built_anew_from_its_settings(editor, panel):
    group = editor.attempt("build", lambda t: build(t, "linear", in_features=3, out_features=4)).group
    select(panel, group)
    enter(panel.page.fields["out_features"], "7")
    weight = next(node for node in editor.graph.nodes.values() if node.name == "weight")
    assert weight.params["shape"] == (3, 7)
    enter(panel.page.fields["out_features"], "0")
    assert panel.page.fields["out_features"].error.text() == "linear: out_features must be 1 or more, got 0"


def test_training_is_added_set_refused_and_removed(editor, panel, qtbot):
    def wire(t):
        ids = [t.add("input", params={"shape": ["N", 1]}) for _ in range(2)]
        return t.add("mse", inputs=dict(zip(("prediction", "target"), ids, strict=True)))

    loss = editor.attempt("loss", wire)
    qtbot.waitUntil(lambda: any(source.node == loss for source in editor.shapes), timeout=5000)
    panel.refresh()
    QTest.mouseClick(panel.page.add_training, Qt.MouseButton.LeftButton)
    assert editor.graph.training.loss == loss
    panel.refresh()
    page = panel.page
    enter(page.fields["batch"], "8")
    assert editor.graph.training.batch == 8
    enter(page.fields["batch"], "0")
    assert page.fields["batch"].error.text() == "training needs batch of 1 or more, got 0"
    enter(page.fields["lr"], "-1")
    assert page.fields["lr"].error.text() == "adam: lr must be a number of 0 or more, got -1.0"
    QTest.mouseClick(page.metrics.checks["mse"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert [each["name"] for each in editor.graph.training.metrics] == ["mse"]


def test_elements_of_a_small_parameter_are_edited_and_reinitialised(editor, panel):
    id = add(editor, "parameter", shape=(2, 2), init="normal")
    editor.attempt("values", lambda t: t.set_values(id, np.ones((2, 2), np.float32)))
    select(panel, id)
    held = panel.page.held
    assert held.model.setData(held.model.index(0, 1), "2.5")
    assert editor.document.values[id].tolist() == [[1.0, 2.5], [1.0, 1.0]]
    QTest.mouseClick(held.new, Qt.MouseButton.LeftButton)
    assert not np.array_equal(editor.document.values[id], [[1.0, 2.5], [1.0, 1.0]])
    QTest.mouseClick(held.same, Qt.MouseButton.LeftButton)
    assert id not in editor.document.values


def test_the_fork_shows_what_comes_back_on_each_wire(editor, panel, qtbot):
    editor.open(Session.open(EXAMPLES / "sin_plus_product.gw"))
    editor.attempt("one", lambda t: t.set_param("input0", "value", 1.0))
    editor.attempt("two", lambda t: t.set_param("input1", "value", 2.0))
    select(panel, "input0")
    source = panel.page.sources[0]
    qtbot.waitUntil(lambda: len(editor.live.contributions(source)) == 2, timeout=5000)
    panel.refresh()
    fork, bars = panel.page.bars[source]
    assert not fork.isHidden()
    assert {(name, text) for _, name, _, text in bars.rows} == {("sin.x", "0.5403"), ("product.x", "2.0000")}
    assert bars.total == "2.5403"
    assert panel.page.values[source].number.text() == "1.0000000"


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("width", [240, 420])
def test_nothing_is_wider_than_the_panel(editor, qtbot, theme, width):
    editor.open(Session.open(EXAMPLES / "digits_mlp.gw"))
    panel = InspectorPanel(editor, theme)
    qtbot.addWidget(panel)
    panel.resize(width, 700)
    panel.show()
    for ids in ((), ("dataset0",), ("parameter0",), tuple(editor.graph.groups)[:1], ("parameter0", "parameter1")):
        select(panel, *ids)
        assert panel.page.minimumSizeHint().width() <= panel.scroll.viewport().width()


@pytest.mark.parametrize("op", list(builtin()), ids=lambda op: op.name)
def test_every_default_is_read_back_from_its_text(op):
    for parameter in op.parameters.values():
        if parameter.role not in HIDDEN and parameter.has_default:
            text = spell(parameter.default, parameter.annotation)
            if parameter.annotation is bool or (parameter.annotation is str and not text):
                continue
            found = parameter.default if text in ("true", "false") else read(parameter, text, op.name)
            assert found == parameter.default


def test_shapes_are_read_in_the_ways_people_write_them():
    parameter = builtin()["input"].parameters["shape"]
    for text in ("(N, 64)", "[N, 64]", "N, 64", " ( N,64, ) "):
        assert read(parameter, text, "input") == ("N", 64)
    assert read(parameter, "()", "input") == ()
    with pytest.raises(GradwireError):
        read(parameter, "(a, 3)", "input")
    either = Parameter("axis", int | tuple[int, ...] | None)
    assert read(either, "1", "sum") == 1
    assert read(either, "(0, 1)", "sum") == (0, 1)
    assert read(either, "", "sum") is None
