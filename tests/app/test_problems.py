"""The problems panel: all that is wrong, told with its place, and left for there by mouse or keys."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from windows import add

from gradwire.app.canvas.describing import item_words
from gradwire.app.editing.verdict import verdict
from gradwire.app.panels.problems import ProblemsPanel
from gradwire.core.graph import Source
from gradwire.core.infer import Problem
from gradwire.core.layers import build
from gradwire.core.session import Session


@pytest.fixture
def panel(show_panel):
    return show_panel(ProblemsPanel, 800, 200)


def rows(panel):
    return [panel.list.rows.row_at(i)[:2] for i in range(panel.list.rows.count)]


def test_no_problems_is_said(panel):
    assert panel.list.rows.count == 0
    assert panel.list.empty == "No problems"
    assert panel.windowTitle() == "Problems"


def test_problems_are_told_with_path_message_and_hint_and_counted(editor, panel, qtbot):
    x = add(editor, "input", params={"shape": ("N", 3)})
    w = add(editor, "parameter", name="w", params={"shape": (5, 2)})
    add(editor, "matmul", name="product", inputs={"x": x, "w": w})
    add(editor, "relu", name="open")
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)
    advice = "w: (3, …), or x: (N, 5)"
    assert ("product.w", f"x has 3 columns but w has 5 rows ({advice})") in rows(panel)
    assert ("open.x", "nothing is wired to this port (any floating tensor fits)") in rows(panel)
    assert panel.windowTitle() == "Problems (2)"
    assert panel.list.rows.row_at(0).mark == "error"
    editor.attempt("Delete", lambda t: t.remove("relu0", "matmul0"))
    qtbot.waitUntil(lambda: rows(panel) == [])
    assert panel.windowTitle() == "Problems"


def test_a_wire_that_does_not_fit_is_told_alike_wherever_its_problem_stands(drawn_window, qtbot):
    """In the list, in the inspector, read out at the node; and what would fit at the port while it was drawn."""
    window = drawn_window
    editor, canvas = window.editor, window.canvas
    source = Source("constant0", "y")
    before = verdict(editor.graph, editor.session.registry, editor.checking.found, source, "matmul0", "w")
    editor.attempt("Connect", lambda t: t.connect("constant0", "matmul0", "w"))
    qtbot.waitUntil(lambda: any(problem.node == "matmul0" for problem in editor.problems))
    (problem,) = (problem for problem in editor.problems if problem.node == "matmul0")
    told = "x has 3 columns but w has 1 rows"
    assert (problem.message, problem.ports) == (told, {"x", "w"})
    assert before.text.startswith(f"{told} (would fit: {problem.advice('w')})")
    line = f"{told} ({problem.advice('w')}, or {problem.advice('x')})"
    panel = window.panel("problems")
    assert (f"matmul.{problem.port}", line) in rows(panel)
    editor.select(["matmul0"])
    page = window.docks.panels["inspector"]
    qtbot.waitUntil(lambda: page.page.key[1:2] == ("matmul0",))
    assert page.page.problems.lines.text() == f"⚠ {problem.port}: {line}"
    assert f"1 problem: {problem.port}: {line}" in item_words(canvas, canvas.scene.item("matmul0"))


def test_a_click_and_enter_go_to_the_node_within_its_group(editor, panel, qtbot):
    x = add(editor, "input", name="x", params={"shape": ("N", 3)})
    editor.attempt("Add", lambda t: build(t, "linear", Source(x, "y"), in_features=4, out_features=2, name="block"))
    qtbot.waitUntil(lambda: panel.list.rows.count == 1)
    assert rows(panel)[0][0] == "block/matmul.w"
    place = panel.list.visualRect(panel.list.rows.index(0)).center()
    with qtbot.waitSignal(editor.shown) as told:
        QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    (id,) = told.args
    assert editor.graph.path(id) == "block/matmul"
    assert editor.group == editor.graph.nodes[id].group
    editor.enter(None)
    panel.list.setFocus()
    with qtbot.waitSignal(editor.shown):
        QTest.keyClick(panel.list, Qt.Key.Key_Return)


def test_a_refusal_at_run_time_is_a_problem_too(editor, panel, monkeypatch):
    x = add(editor, "input", name="x")
    monkeypatch.setattr(editor.live, "errors", lambda: {x: "the file is gone"})
    editor.results_changed.emit()
    assert ("x", "the file is gone") in rows(panel)


def test_a_hidden_panel_counts_and_shows_when_it_is_seen(editor, panel, qtbot):
    panel.hide()
    add(editor, "relu", name="open")
    qtbot.waitUntil(lambda: panel.windowTitle() == "Problems (1)")
    assert panel.list.rows.count == 0
    panel.show()
    assert panel.list.rows.count == 1


def test_fewer_problems_while_hidden_leave_rows_as_they_were_until_it_is_seen(editor, panel, qtbot):
    """Other sizes of text measure all rows again, also of a panel behind another one."""
    for _ in range(3):
        add(editor, "relu")
    qtbot.waitUntil(lambda: len(rows(panel)) == 3)
    panel.hide()
    editor.attempt("Delete", lambda t: t.remove("relu0", "relu1"))
    qtbot.waitUntil(lambda: panel.windowTitle() == "Problems (1)")
    font = panel.list.font()
    font.setPointSize(font.pointSize() + 4)
    panel.list.setFont(font)
    panel.list.viewport().setFont(font)
    assert len(rows(panel)) == 3
    panel.list.go_to(1)
    assert panel.row_node is None  # it is gone
    panel.show()
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)


def test_a_hundred_thousand_problems_are_shown_and_walked_quickly(editor, panel, monkeypatch):
    node = add(editor, "relu", name="open")
    many = tuple(Problem(node, "x", f"problem {i}", None) for i in range(100_000))
    monkeypatch.setattr(editor.checking, "problems", many)
    start = time.perf_counter()
    panel.refresh()
    panel.grab()
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_End)
    panel.grab()
    assert time.perf_counter() - start < 1.0
    assert panel.list.current == 99_999
    assert rows(panel)[99_999][1] == "problem 99999"


def test_a_check_that_fails_itself_does_not_look_like_a_valid_graph(editor, panel, qtbot, monkeypatch):
    def broken(session):
        raise ZeroDivisionError("a rule of a plugin")

    monkeypatch.setattr(Session, "check", broken)
    add(editor, "input")
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)
    assert rows(panel) == [("document", "the check failed: ZeroDivisionError: a rule of a plugin")]
    monkeypatch.undo()
    add(editor, "input")
    qtbot.waitUntil(lambda: rows(panel) == [])


def diverging(editor, at=-2.0):
    """x · y → log → add, with y = −2, as a user draws it."""

    def act(t):
        x = t.add("input", name="x", params={"value": 1.5})
        y = t.add("input", name="y", params={"value": at})
        product = t.add("multiply", name="product", inputs={"x": x, "y": y})
        log = t.add("log", name="log", inputs={"x": product})
        t.add("add", name="sum", inputs={"x": log, "y": x})
        return y

    return editor.attempt("Draw", act)


def test_where_nan_begins_is_told_as_a_problem_of_its_own_kind_and_left_for_there(editor, panel, qtbot):
    y = diverging(editor)
    qtbot.waitUntil(lambda: rows(panel) == [("log", "NaN, of product = −3")])
    assert panel.list.rows.row_at(0).mark == "nonfinite"
    assert panel.windowTitle() == "Problems (1)"
    place = panel.list.visualRect(panel.list.rows.index(0)).center()
    with qtbot.waitSignal(editor.shown) as told:
        QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor.graph.path(told.args[0]) == "log"
    editor.attempt("Mend", lambda t: t.set_param(y, "value", 2.0))
    qtbot.waitUntil(lambda: rows(panel) == [])


def test_a_gradient_that_is_not_finite_is_told_where_it_begins(editor, panel, qtbot):
    def act(t):
        x = t.add("input", name="x", params={"value": 0.0})
        t.add("sqrt", name="root", inputs={"x": x})

    editor.attempt("Draw", act)
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)
    assert rows(panel)[0][0] == "root"
    assert rows(panel)[0][1].startswith("gradient to x: ")
    assert rows(panel)[0][1].endswith(" = ∞")


def test_an_infinity_that_was_typed_is_no_problem_until_nan_comes_of_it(editor, panel, qtbot):
    def act(t):
        mask = t.add("input", name="mask", params={"value": "-inf"})
        return t.add("exp", name="weight", inputs={"x": mask}), mask

    _, mask = editor.attempt("Draw", act)
    source = Source(mask, "y")
    qtbot.waitUntil(lambda: editor.results.value(source) is not None and not editor.live.refreshing.pending)
    assert rows(panel) == []
    editor.attempt("Spoil", lambda t: t.add("subtract", inputs={"x": mask, "y": mask}))
    qtbot.waitUntil(lambda: rows(panel) == [("subtract", "NaN, of mask = −∞ as x, mask = −∞ as y")])
