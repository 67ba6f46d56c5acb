"""What is told of gestures that change what is looked at: selecting, entering, stepping, choosing a root."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hand import ALT, CONTROL, Hand, title
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place, recorded

from gradwire.app import editing
from gradwire.app.actions import ACTIONS
from gradwire.app.echoing.acts import Act
from gradwire.app.results.root import add_root, choose_root
from gradwire.app.window import Window
from gradwire.core.graph import Source

Lines = Callable[[], list[str]]


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    made = place.start(empty=True)

    def build(t):  # type: ignore[no-untyped-def]  # a Transaction
        t.add("input", name="x", params={"value": 0.5})
        t.add("sin", name="f", position=(240, 0), inputs={"x": "input0"})
        t.add("exp", name="h", position=(240, 200), inputs={"x": "input0"})
        t.collapse(t.add_group("block", position=(480, 0)))
        t.add("relu", name="r", group="group0", inputs={"x": "exp0"}, position=(480, 0))

    made.editor.attempt("Build", build)
    made.menus.start(ACTIONS["view.frame_all"])
    qtbot.waitUntil(lambda: bool(made.editor.shapes))
    return made


@pytest.fixture
def lines(window: Window, qtbot: QtBot) -> Lines:
    """The lines that were told since the last time."""
    acts: list[Act] = []
    window.acts.done.connect(acts.append)
    window.acts.listen("test", True)

    def told() -> list[str]:
        qtbot.wait(250)  # longer than several parts of a gesture are one line
        found = [act.line or act.change.label for act in acts]
        acts.clear()
        return found

    return told


def test_what_is_selected_and_entered_by_mouse_is_told(window: Window, lines: Lines, qtbot: QtBot) -> None:
    canvas, hand = window.canvas, Hand(window.canvas)
    hand.click(title(canvas, "sin0"))
    assert lines() == ['select("f")']
    hand.click(title(canvas, "exp0"), modifiers=CONTROL)
    assert lines() == ['select("f", "h")']
    hand.click(title(canvas, "exp0"))
    hand.drag(title(canvas, "exp0"), (title(canvas, "exp0")[0], 400))
    window.acts.flush()
    assert lines() == ['select("h")', "Move h"]
    hand.double(title(canvas, "group0"))
    assert lines()[-1] == 'enter("block")'
    window.editor.enter(None)  # as a click on the breadcrumb does
    assert lines() == ["enter()"]


def test_what_is_selected_and_entered_by_key_is_told_as_by_mouse(window: Window, lines: Lines) -> None:
    canvas = window.canvas
    canvas.setFocus()
    Hand(canvas).click(title(canvas, "group0"))
    assert lines() == ['select("block")']
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert window.editor.group == "group0"
    assert lines() == ['enter("block")']
    QTest.keyClick(canvas, Qt.Key.Key_A, CONTROL)
    within = sorted(window.editor.graph.path(id) for id in window.editor.selection)
    (line,) = lines()
    assert line.startswith("select(")
    assert all(f'"{path}"' in line for path in within)
    assert within


def test_steps_by_key_and_by_button_are_told_and_so_are_roots(window: Window, lines: Lines, qtbot: QtBot) -> None:
    canvas, editor = window.canvas, window.editor
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    recorded(window, qtbot)
    assert lines() == ["step()"]
    for _ in range(2):
        QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert lines() == ["step(2)"]
    editor.stepper.back()  # as the button of the toolbar does
    assert lines() == ["back()"]
    window.menus.start(ACTIONS["step.forward"])
    assert lines() == ["step()"]
    window.menus.start(ACTIONS["step.leave"])
    assert lines() == ['do("step.leave")']
    choose_root(editor, Source("sin0", "y"))
    assert lines() == ['root("f")']
    add_root(editor, Source("exp0", "y"))
    assert lines() == ['root("f", "h")']
    choose_root(editor, None)
    assert lines() == ["root()"]


def test_a_console_is_not_told_what_its_own_cell_selects(window: Window, qtbot: QtBot) -> None:
    panel = window.panel("console")
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    window.menus.start(ACTIONS["view.echo"])
    panel.view.execute('select("f"); root("h"); enter("block")')
    qtbot.waitUntil(lambda: window.editor.group == "group0" and not panel.engine.busy)
    qtbot.wait(250)
    assert panel.view.text.count('enter("block")') == 1
    panel.view.execute("3 * 7")
    qtbot.waitUntil(lambda: "Out[2]: 21" in panel.view.text and "In [3]" in panel.view.text)
    window.editor.enter(None)
    qtbot.waitUntil(lambda: panel.view.text.count("enter()") == 1)
    window.editor.select(["exp0"])
    qtbot.waitUntil(lambda: 'select("h")' in panel.view.text)
    assert 'Out[2]: 21\nenter()\nselect("h")\n\nIn [3]: ' in panel.view.text, "each line is one of its own"


def test_what_the_user_selects_and_steps_while_a_cell_runs_is_told_as_theirs(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    panel, acts = window.panel("console"), []
    window.acts.done.connect(acts.append)
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    window.menus.start(ACTIONS["view.echo"])
    goes_on = tmp_path / "goes on"
    waits = f"from pathlib import Path\nwhile not Path({str(goes_on)!r}).exists():\n    pass\n"
    panel.view.execute(f'select("h")\n{waits}step()')
    qtbot.waitUntil(lambda: window.editor.selection == {"exp0"})
    window.editor.select(["sin0"])
    qtbot.waitUntil(lambda: bool(acts) and acts[-1].line == 'select("f")')
    window.menus.start(ACTIONS["step.to_start"])
    recorded(window, qtbot)
    qtbot.wait(250)
    window.menus.start(ACTIONS["step.leave"])
    assert panel.engine.busy, "all of that was while the cell ran"
    goes_on.touch()
    qtbot.waitUntil(lambda: not panel.engine.busy)
    qtbot.wait(250)
    told = [(act.line, act.by_console) for act in acts]
    assert told == [
        ('select("h")', True),
        ('select("f")', False),
        ('do("step.to_start")', False),
        ('do("step.leave")', False),
        ("step()", True),
    ]


def test_what_gestures_place_is_told_in_whole_numbers(window: Window, lines: Lines, qtbot: QtBot) -> None:
    canvas, editor, hand = window.canvas, window.editor, Hand(window.canvas)
    canvas.view.zoom(1.37, QPointF(10, 10))
    at = title(canvas, "sin0")
    hand.drag(at, (at[0] + 31.337, at[1] - 7.77))
    hand.drag(title(canvas, "exp0"), (at[0] + 3.1, at[1] + 333.3), modifiers=ALT)  # a copy
    editing.add(editor, "tanh", (412.33333, 77.7))
    wire = next(each for each in editor.graph.wires() if each.target == "sin0")
    editor.attempt("Reroute", lambda t: editing.add_dot(t, wire, (100.4, 50.6), ((0, 0), (240, 0))))
    window.menus.start(ACTIONS["arrange.lay_out"])
    qtbot.waitUntil(lambda: editor.document.history.undo_label.startswith("Lay out"))
    graph = editor.graph
    placed = [each.position for each in (*graph.nodes.values(), *graph.groups.values())]
    placed += [point for points in graph.bends.values() for point in points]
    assert [each for each in placed if each != (round(each[0]), round(each[1]))] == []
