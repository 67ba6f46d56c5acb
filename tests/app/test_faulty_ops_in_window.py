"""An op of a plugin that fails while it computes, or in its gradient: marked, counted, told with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import Place, add

from gradwire.app.panels.problems import COLUMN
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.plugins import Plugins
from gradwire.core.stepping import State

OP = """
from gradwire.core.extend import op

@op(formula="2x", category="test", samples=[((2,),)])
def twice_over(xp, x):
    "A test."
    {forward}
@twice_over.shape
def _(x):
    return x
@twice_over.vjp
def _(g, y, x):
    {vjp}

def register(host):
    host.add_op(twice_over)
"""
SOUND = {"forward": "return 2.0 * x", "vjp": "return (2.0 * g,)"}
WHO = "twice_over of the plugin faulty"


@pytest.fixture
def begin(tmp_path: Path, place: Place, qtbot: QtBot) -> Iterator[Callable[..., Window]]:
    """A window with x → y → s, of which y is the op of a plugin with these rules, and the gradients are of s."""
    made: list[Plugins] = []

    def start(x: float | list[float] = 3.0, **rules: str) -> Window:
        (tmp_path / "plugins").mkdir()
        (tmp_path / "plugins" / "faulty.py").write_text(OP.format(**{**SOUND, **rules}), "utf-8")
        made.append(Plugins(tmp_path / "plugins", tmp_path / "settings"))
        made[0].discover()
        made[0].load(["faulty"])
        window = place.start(empty=True)
        editor = window.editor
        add(editor, "constant", id="x", name="x", value=x)
        add(editor, "twice_over", id="y", name="y", inputs={"x": "x"})
        add(editor, "exp", id="s", name="s", inputs={"x": "y"})
        if isinstance(x, list):
            add(editor, "sum", id="all", name="all", inputs={"x": "s"})
        qtbot.waitUntil(lambda: not editor.checking.busy and not editor.live.refreshing.pending)
        return window

    yield start
    for plugin in made[0]:
        if plugin.name == "faulty" and plugin.host is not None:
            plugin.host.withdraw()


def listed(window: Window) -> list[Any]:
    problems: Any = window.docks.panels["problems"]
    return [problems.list.rows.row_at(i) for i in range(problems.list.rows.count)]


def test_a_gradient_rule_that_raises_is_told_at_its_node_and_in_the_list(
    begin: Callable[..., Window], qtbot: QtBot
) -> None:
    window = begin(vjp="return (2.0 * nonsense,)")
    editor = window.editor
    told = f"the gradient of {WHO} failed: faulty.py, line 13: NameError: name 'nonsense' is not defined"
    window.docks.show("problems")
    qtbot.waitUntil(lambda: [(row.text, row.detail, row.mark) for row in listed(window)] == [("y", told, "error")])
    assert window.canvas.marks.bad_items == {"y"}
    assert editor.results.value(Source("y", "y")) == 6.0  # the value is there, and is shown
    assert window.canvas.values.tell(Source("y", "y")).error is None
    assert {editor.results.gradient(Source(id, "y")).state for id in "xys"} == {State.UNREACHED}
    qtbot.waitUntil(lambda: window.status.graph.text() == "✗ 1 problem · 3 nodes, 2 wires")
    inspector: Any = window.docks.panels["inspector"]
    for id in "xy":
        editor.select([id], id)
        qtbot.waitUntil(lambda id=id: inspector.page.key[1:2] == (id,))
        assert inspector.page.outputs[0].gradient.waiting.text() == "none: the gradient rule of y failed"
    assert inspector.page.problems.lines.text() == f"⚠ {told}"
    editor.select(["s"], "s")
    row = window.docks.panels["problems"].list
    QTest.mouseClick(row.viewport(), Qt.MouseButton.LeftButton, pos=row.visualRect(row.rows.index(0)).center())
    assert editor.selection == {"y"}


def test_a_gradient_rule_that_writes_into_a_value_is_told_and_the_value_stays(
    begin: Callable[..., Window], qtbot: QtBot
) -> None:
    window = begin(vjp="y *= 0; g *= 2; return (g,)", x=[1.0, 2.0])
    editor = window.editor
    told = (
        f"the gradient of {WHO} must leave its arguments as they are, it writes into one (faulty.py, line 13: "
        "output array is read-only) (x = x.copy() before it is changed)"
    )
    window.docks.show("problems")
    qtbot.waitUntil(lambda: [(row.text, row.detail, row.mark) for row in listed(window)] == [("y", told, "error")])
    qtbot.waitUntil(lambda: window.status.graph.text() == "✗ 1 problem · 4 nodes, 3 wires")
    assert list(editor.results.value(Source("y", "y"))) == [2.0, 4.0]
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    assert list(editor.results.value(Source("y", "y"))) == [2.0, 4.0]
    assert {editor.results.gradient(Source(id, "y")).state for id in "xy"} == {State.UNREACHED}


def test_the_toolbar_stands_still_as_gradients_fail_and_the_status_bar_says_first_why(
    begin: Callable[..., Window], qtbot: QtBot
) -> None:
    window = begin(vjp="return {'factor': g}['scale']")
    toolbar, status = window.toolbar, window.status.live

    def places() -> list[QRect]:
        QApplication.processEvents()
        return [each.geometry() for each in (toolbar.live, toolbar.live_state, toolbar.stepper, toolbar.search)]

    qtbot.waitUntil(lambda: toolbar.live_state.text() == "error")
    whole = f"error: the gradient of {WHO} failed: faulty.py, line 13: KeyError: 'scale'"
    assert (toolbar.live_state.toolTip(), status.toolTip()) == (whole, whole)
    assert status.text().startswith("error: faulty.py, line 13: KeyError: 'scale' · the gradient")
    failed, width = places(), window.width()
    assert width <= window.screen().availableSize().width()  # no text has widened the window
    window.editor.attempt("Delete", lambda t: t.remove("y"))
    window.editor.attempt("Connect", lambda t: t.connect("x", "s", "x"))
    qtbot.waitUntil(lambda: toolbar.live_state.text() == "" and status.text() == "live")
    assert (places(), window.width()) == (failed, width)


def test_a_graph_with_an_op_that_fails_is_not_called_valid(begin: Callable[..., Window], qtbot: QtBot) -> None:
    window = begin(forward="return x / (1 // 0)")
    told = (
        f"{WHO} cannot be computed of () f32: faulty.py, line 7: ZeroDivisionError: integer division or modulo by zero"
    )
    assert window.editor.live.errors() == {"y": told}
    qtbot.waitUntil(lambda: window.status.graph.text() == "✗ 1 problem · 3 nodes, 2 wires")
    QTest.mouseClick(window.status.graph, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    problems: Any = window.docks.panels["problems"]
    qtbot.waitUntil(lambda: problems.isVisible() and [row.detail for row in listed(window)] == [told])
    assert problems.list.column < COLUMN / 4  # "y" leaves its room to what is told of it
    assert list(problems.list.unfolding.rows) == [0]  # all of which can be read
    window.editor.attempt("Delete", lambda t: t.remove("y"))
    qtbot.waitUntil(lambda: window.status.graph.text().startswith("✗ 1 problem"))
    window.editor.attempt("Connect", lambda t: t.connect("x", "s", "x"))
    qtbot.waitUntil(lambda: window.status.graph.text() == "✓ graph valid · 2 nodes, 1 wire")
