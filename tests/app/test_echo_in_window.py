"""What is done in a window and told as Python: in the console, in the history, as a macro; and every action's echo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from test_echo import told
from windows import Place, rest

import gradwire.core as gw
from gradwire.app.actions import ACTIONS, Action
from gradwire.app.chrome.name_dialog import NameDialog
from gradwire.app.console.looking import Looking
from gradwire.app.echoing.acts import Act
from gradwire.app.echoing.sign import Sign
from gradwire.app.echoing.silent import why_silent
from gradwire.app.window import Window
from gradwire.core.cli import main
from gradwire.core.scripting import Headless, names
from gradwire.core.scripting.echoing import Echo


class Here(Looking, Headless):
    """Does for a script in a test what the window's host does on the cell's thread."""

    def __init__(self, window: Window, performs: bool = True) -> None:
        super().__init__(window.editor.home)
        self.window, self.performs = window, performs
        self._editor = window.editor
        self.done: list[str] = []

    def do(self, action: str) -> None:
        self.done.append(action)
        if self.performs:
            self.window.docks.panels["console"].perform(action)

    def step(self, count: int) -> None:
        self._go(count)

    def back(self, count: int) -> None:
        self._go(-count)

    def _go(self, by: int) -> None:
        stepper = self.window.editor.stepper
        here = stepper.cursor.step
        stepper.go(lambda _: gw.stepping.Cursor(here + by))


class Before(NamedTuple):
    """What was before an action."""

    graph: gw.Graph
    values: Mapping[str, Any]
    position: int
    told: dict[str, Any]

    @classmethod
    def of(cls, window: Window) -> Before:
        document = window.editor.document
        return cls(document.graph, document.values, document.history.position, told(window.editor.home))


NEVER = {  # cannot be done in any of these set-ups
    "graph.gradients_of_loss": "for gradients that begin at several roots",
    "step.again": "for a recording that an edit has overtaken",
    "step.to_write": "for a parameter that a node writes",
}
# Actions that are not done here, and why. That their lines start them is seen of all.
NOT_DONE = {
    "train.": "each begins a process: tests of runs have them",
    "runs.": "they are about runs on the disk",
    "file.": "they ask, end the window or write files",
    "export.": "they write files",
    "view.full_screen": "a screen is not there",
    "view.plots_": "they turn to pages of a run, which there is none",
    "view.presentation": "a screen is not there",
}


def _network(window: Window) -> None:
    editor = window.editor
    with editor.document.transaction("Build") as t:
        t.add("input", name="x", params={"shape": [2, 3], "value": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]})
        t.add("parameter", name="w", params={"shape": [3, 1], "init": "he"}, position=(0, 200))
        t.add("matmul", name="h", inputs={"x": "input0", "w": "parameter0"}, position=(300, 7))
        t.add("sigmoid", name="s", inputs={"x": "matmul0"}, position=(600, 35))
        t.add("mean", name="loss", inputs={"x": "sigmoid0"}, position=(900, 50))
        t.set_values("parameter0", np.ones((3, 1), np.float32))
        t.set_training(gw.Training("mean0"))
        group = t.add_group("block", position=(0, 500))
        t.add("relu", name="r", group=group, inputs={"x": "matmul0"}, position=(20, 520))
        t.add("softmax", name="p", inputs={"x": "matmul0"}, position=(600, 300), axis=1)
        t.add("tanh", name="b", inputs={"x": "softmax0"}, position=(900, 300))
        t.set_bends("tanh0", "x", [(800, 250)])


def _nothing(window: Window, qtbot: QtBot) -> None:
    window.editor.enter(None)
    window.editor.select(())


def _one(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["matmul0"])


def _two(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["matmul0", "sigmoid0"], "sigmoid0")


def _parameter(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["parameter0"])


def _group(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["group0"])


def _three(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["input0", "sigmoid0", "tanh0"])


def _composite(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["softmax0", "tanh0"], "softmax0")


def _softmax(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["softmax0"])


def _framed(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["relu0"])


def _within(window: Window, qtbot: QtBot) -> None:
    window.editor.enter("group0")
    window.editor.select(["relu0"])


def _stepping(window: Window, qtbot: QtBot) -> None:
    window.editor.select(["sigmoid0"])
    if not window.editor.stepper.active:
        window.menus.start(ACTIONS["step.forward"])
        qtbot.waitUntil(lambda: window.editor.stepper.active)
        window.editor.stepper.go(lambda _: gw.stepping.Cursor(2))


TOLD = ('do("view.', 'do("step.')  # once in one window
LOOKS = ("select(", "enter(", "root(")
SET_UPS = (_two, _one, _parameter, _group, _three, _composite, _softmax, _framed, _within, _nothing, _stepping)


def _does_as_it_says(window: Window, action: Action, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of an action that changes nothing starts this action again, where it can still be done."""
    host, started = Here(window), []
    with monkeypatch.context() as patch:
        patch.setattr(window.menus, "start", started.append)
        patch.setattr(window.editor.stepper, "go", lambda to: started.append(to))
        if line.startswith("do("):
            assert line == f'do("{action.id}")'
            if not action.enabled(window):
                return
        exec(line, names(window.editor.home, host))
    assert len(started) == 1
    assert not host.done or started == [action]


def _shown(window: Window) -> tuple[object, ...]:
    """What of the graph is looked at."""
    editor = window.editor
    return editor.group, editor.selection, editor.live.chosen


def _shows_the_same(window: Window, lines: list[str], again: Callable[[], None]) -> None:
    """The lines of an action that has only changed what is looked at, executed where it began, show that."""
    shown = _shown(window)
    again()
    window.editor.live.set_roots()
    exec("\n".join(lines), names(window.editor.home, Here(window)))
    assert _shown(window) == shown, lines
    window.editor.live.set_roots()


def _changes_the_same(window: Window, acts: list[Act], before: Before, name: str) -> None:
    """The lines of an action, executed on the graph before it, make the graph that it has made."""
    lines = [Echo(window.editor.home).of(act.change, act.values) for act in acts]
    if lines != ["undo()"] and lines != ["redo()"]:
        other = gw.Session(document=gw.Document(before.graph, before.values))
        exec("\n".join(lines), names(other))
        assert told(other) == told(window.editor.home), (name, lines)
        assert not any(line.startswith("replay") for line in lines), (name, lines)
        assert [entry.label for entry in other.document.history.entries] == [act.change.label for act in acts]
    history = window.editor.document.history
    while history.position > before.position:
        window.editor.undo()
    while history.position < before.position:
        window.editor.redo()
    assert told(window.editor.home) == before.told


@pytest.mark.slow
def test_the_echo_of_every_action_does_the_same(place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = place.start(empty=True)
    _network(window)
    acts: list[Act] = []
    window.acts.done.connect(acts.append)
    window.acts.listen("test", True)
    refusals: list[str] = []
    window.editor.told.connect(lambda text, kind: refusals.append(text) if kind == "refusal" else None)
    qtbot.waitUntil(lambda: bool(window.editor.shapes))
    tried: dict[str, str] = {}  # by id: the line of what changes nothing, "" of what changes something
    for begin in SET_UPS:
        for action in list(ACTIONS):
            begin(window, qtbot)
            left_out = action.id.startswith(tuple(NOT_DONE)) or why_silent(action) is not None
            if left_out or tried.get(action.id, "").startswith(TOLD) or not action.enabled(window):
                continue
            window.acts.flush()
            acts.clear()
            refusals.clear()
            before = Before.of(window)
            window.menus.start(action)
            window.acts.flush()
            assert acts or refusals, f"{action.id} is not told"
            if not acts:
                continue
            tried[action.id] = acts[0].line
            if acts[0].change is None:
                assert told(window.editor.home) == before.told, (action.id, [act.line for act in acts])
                if acts[0].line.startswith(LOOKS):
                    _shows_the_same(window, [act.line for act in acts], partial(begin, window, qtbot))
                else:
                    _does_as_it_says(window, action, acts[0].line, monkeypatch)
            else:
                _changes_the_same(window, acts, before, action.id)
    _of_runs(window, acts, monkeypatch)
    _told_but_not_done(window, acts)
    window.acts.listen("test", False)
    missing = {
        a.id for a in ACTIONS if a.id not in tried and not a.id.startswith(tuple(NOT_DONE)) and not why_silent(a)
    }
    assert sorted(missing) == sorted(NEVER)


def _told_but_not_done(window: Window, acts: list[Act]) -> None:
    """Actions of which the change is not made here have a line too, which asks for just them."""
    for action in [each for each in ACTIONS if each.id.startswith(tuple(NOT_DONE))]:
        acts.clear()
        window.menus.start(replace(action, run=lambda _: None, enabled=lambda _: True))
        line = "" if action.id == "train.begin" else f'do("{action.id}")'  # where no run begins nothing is told
        assert [act.line for act in acts] == ([] if why_silent(action) or not line else [line])
        host = Here(window, performs=False)
        exec(line, names(window.editor.home, host))
        assert host.done == ([action.id] if line else [])


def _of_runs(window: Window, acts: list[Act], monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a run is told where its beginning was not."""
    training, goes_on = window.editor.training, list[bool]()
    monkeypatch.setattr(type(training), "active", property(lambda _: bool(goes_on)))
    monkeypatch.setattr(training, "begin", lambda: goes_on.append(True))

    def told_of(*done: str) -> list[str]:
        window.acts.flush()
        acts.clear()
        for each in done:
            if each == "ends":
                goes_on.clear()
                with window.editor.document.transaction("Train", source="training") as t:
                    t.set_values("parameter0", window.editor.document.values["parameter0"] + 1)
            elif each in ("listen", "deaf", "another"):
                window.acts.listen("another" if each == "another" else "test", each != "deaf")
            else:
                window.menus.start(ACTIONS[each])
        return [act.line or act.change.label for act in acts if act.change is None or act.change.label]

    _nothing(window, None)  # type: ignore[arg-type]  # it waits for nothing
    assert told_of("train.begin", "ends") == ["train()"]
    assert told_of("train.try_it", "ends") == ['do("train.try_it")', "Train"]
    assert told_of("train.begin", "deaf", "ends", "listen", "ends") == ["train()", "Train"]
    assert told_of("train.begin", "another", "ends") == ["train()", "Train"]
    assert acts[-1].known_to == {"test"}, "a macro that is recorded from the middle of a run on has its end"
    window.acts.listen("another", False)


def _kept(window: Window) -> Path:
    """Where the macro is that has been recorded."""
    window.macros.stop()
    dialog = next(each for each in window.findChildren(NameDialog))
    dialog.field.setText("Two waves")
    dialog.accept_button.click()
    path = window.macros.folder / "Two waves.py"
    script = path.read_text(encoding="utf-8")
    assert [part in script for part in ('tanh = add("tanh", at=(480, 0), x=sin)', "tanh.at = ", "relu = ")] == [1, 1, 0]
    return path


def test_the_console_tells_what_is_done_and_a_macro_does_it_elsewhere(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(empty=True)
    editor, panel = window.editor, window.panel("console")
    window.menus.start(ACTIONS["view.echo"])
    assert panel.echoes.isChecked()
    editor.attempt("Add relu", lambda t: t.add("relu", position=(0, 0)))  # before the console is loaded
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    qtbot.waitUntil(lambda: 'relu = add("relu", at=(0, 0))' in panel.view.text)
    panel.view._set_input_buffer("half typed")
    window.menus.start(ACTIONS["edit.record_macro"])
    editor.attempt("Add sin", lambda t: t.add("sin", position=(240, 0), inputs={"x": "relu0"}))
    editor.attempt("Add tanh", lambda t: t.add("tanh", position=(480, 0), inputs={"x": "sin0"}))
    for _ in range(2):
        editor.select(["tanh0"])
        window.menus.start(ACTIONS["edit.nudge_right"])
    window.menus.start(ACTIONS["view.zoom_in"])
    there = panel.view.text
    assert 'sin = add("sin", at=(240, 0), x="relu")' in there
    assert there.index("g.tanh.at = ") < there.index('do("view.zoom_in")') < there.index("half typed")
    assert there.count("g.tanh.at = ") == 1, "two nudges are one undo, and one line"
    panel.view._set_input_buffer("")

    path = _kept(window)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.menus.start(ACTIONS["edit.run_macro"])
    qtbot.waitUntil(lambda: not panel.engine.busy and len(editor.graph.nodes) == 5)
    assert sorted(editor.graph.path(id) for id in editor.graph.nodes) == ["relu", "sin", "sin_2", "tanh", "tanh_2"]
    assert panel.view.text.count('add("sin"') == 2, "what a script does is not told again"
    editor.attempt("Rename", lambda t: t.rename("relu0", "rely"))
    panel.view.execute('do("view.fram_all")')
    qtbot.waitUntil(lambda: not panel.engine.busy)
    assert "there is no action 'view.fram_all' (near: view.frame_all" in panel.view.text
    window.macros.run(path)
    qtbot.waitUntil(lambda: not panel.engine.busy)
    assert "there is no node or group 'relu' (near: rely" in panel.view.text
    rows = window.panel("history").list.rows
    tip = rows.data(rows.index(1, 0), Qt.ItemDataRole.ToolTipRole)
    assert tip.endswith('\n\nrelu = add("relu", at=(0, 0))')


def test_a_macro_of_a_window_is_a_script_of_gradwire_exec(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = place.start(empty=True)
    editor = window.editor
    editor.attempt("Add input", lambda t: t.add("input", name="a", position=(0, 0)))
    window.menus.start(ACTIONS["edit.record_macro"])
    editor.attempt("Add sin", lambda t: t.add("sin", position=(240, 0), inputs={"x": "input0"}))
    editor.attempt("Add tanh", lambda t: t.add("tanh", name="bent", position=(480, 0), inputs={"x": "sin0"}))
    editor.attempt("Remove sin", lambda t: t.remove("sin0"))
    editor.undo()
    editor.attempt("Rename", lambda t: t.rename("sin0", "wave"))
    window.macros.stop()
    dialog = next(each for each in window.findChildren(NameDialog))
    dialog.field.setText("Waves")
    dialog.accept_button.click()
    script = window.macros.folder / "Waves.py"
    assert script.read_text("utf-8").startswith("# gradwire exec 'Waves.py' GRAPH.gw --save\n")

    file = tmp_path / "other.gw"  # another graph, which has an `a` as well
    other = gw.Session()
    with other.document.transaction("Make") as t:
        t.add("relu", inputs={"x": t.add("constant", name="a", params={"value": 2.0})})
    other.save(file)
    assert main(["exec", str(script), str(file), "--save"]) == 0, capsys.readouterr().err
    graph = gw.open(file).graph
    assert sorted(graph.path(id) for id in graph.nodes) == ["a", "bent", "relu", "wave"]
    assert np.isclose(gw.open(file).run(fetch="bent")["bent"], np.tanh(np.sin(2.0)))

    other.document.undo()
    other.save(file)
    assert main(["exec", str(script), str(file), "--save"]) == 1
    assert "there is no node or group 'a'" in capsys.readouterr().err
    assert not gw.open(file).graph.nodes, "of a macro that fails nothing is kept"


def _saved(window: Window, name: str) -> Path:
    """Save the macro that has just been ended under a name, as a user does."""
    dialog = next(each for each in window.findChildren(NameDialog) if each.isVisible())
    dialog.field.setText(name)
    dialog.accept_button.click()
    return window.macros.folder / f"{name}.py"


def test_a_macro_holds_what_changes_the_graph_and_not_what_only_looks_or_was_undone(
    place: Place, qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, other = place.copy("sin_plus_product.gw"), tmp_path / "other.gw"
    gw.open(path).save(other)
    window = place.start(path)
    editor = window.editor
    rest(window, qtbot) if editor.stepper.active else None
    editor.attempt("Add relu", lambda t: t.add("relu", name="before", position=(0, 600)))
    window.menus.start(ACTIONS["edit.record_macro"])
    (sign,) = window.status.findChildren(Sign)
    assert (sign.isVisible(), sign.text()) == (True, "● Recording a macro")
    editor.select([editor.graph.named("sin", None)])
    for action in ("edit.copy", "view.frame_all", "edit.duplicate"):
        window.menus.start(ACTIONS[action])
    for op in ("exp", "tanh"):
        editor.attempt(f"Add {op}", lambda t, op=op: t.add(op, position=(0, 700)))
        editor.undo()
    editor.redo()
    count = len(editor.graph.nodes)
    QTest.mouseClick(sign, Qt.MouseButton.LeftButton)
    assert not sign.isVisible()
    script = _saved(window, "Seven")
    text = script.read_text("utf-8")
    assert text.startswith("# gradwire exec 'Seven.py' GRAPH.gw --save\nwith edits(\"Seven\"):\n    sin_2 = duplicate(")
    assert text.endswith('\n    tanh = add("tanh", at=(0, 700))\n'), text
    assert [word in text for word in ("do(", "undo", "exp(")] == [False] * 3
    assert main(["exec", str(script), str(other), "--save"]) == 0, capsys.readouterr().err
    assert len(gw.open(other).graph.nodes) == count - 1

    panel, entries = window.panel("console"), editor.document.history.position
    window.macros.run(script)
    qtbot.waitUntil(lambda: len(editor.graph.nodes) == count + 2 and not panel.engine.busy)
    assert (editor.document.history.position, editor.document.history.undo_label) == (entries + 1, "Seven")


def test_a_macro_whose_dialog_is_cancelled_is_kept_and_can_be_saved_later(place: Place) -> None:
    window = place.start(empty=True)
    save = ACTIONS["edit.save_macro"]
    assert not save.enabled(window)
    window.menus.start(ACTIONS["edit.record_macro"])
    window.editor.attempt("Add exp", lambda t: t.add("exp"))
    window.menus.start(ACTIONS["edit.stop_recording"])
    QTest.keyClick(next(each for each in window.findChildren(NameDialog) if each.isVisible()), Qt.Key.Key_Escape)
    assert window.status.message.text() == (
        "Not saved: the macro is kept until another is recorded, Edit ▸ Macros ▸ Save macro… asks again"
    )
    window.menus.start(ACTIONS["edit.record_macro"])
    window.menus.start(ACTIONS["edit.stop_recording"])  # nothing was done: there is no other macro
    assert save.enabled(window)
    window.menus.start(save)
    assert 'add("exp"' in _saved(window, "Kept").read_text("utf-8")
    assert not save.enabled(window)


def test_a_macro_that_fails_changes_nothing_and_says_in_which_line(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    editor, panel = window.editor, window.panel("console")
    editor.attempt("Add relu", lambda t: t.add("relu", name="here", position=(0, 0)))
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    graph = editor.graph
    script = window.macros.folder / "Half.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text('# A script\nadd("sin", x="here")\nrename("here", "there")\nremove("nowhere")\n', "utf-8")
    window.macros.run(script)
    qtbot.waitUntil(lambda: not panel.engine.busy and "EditError" in panel.view.text)
    assert "EditError in line 4: there is no node or group 'nowhere'" in panel.view.text
    assert editor.graph == graph
    said = "✗ Half.py failed, and nothing is changed: the console says in which line"
    assert window.status.message.text() == said
