"""Plugins in the window: their ops come and go under an open document, their `ui.py` is held, the list manages them."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from windows import Place, add

from gradwire.app import bridge, extend
from gradwire.app.actions import ACTIONS
from gradwire.app.canvas.looks import BROUGHT, Look
from gradwire.app.chrome.name_dialog import NameDialog
from gradwire.app.faults import Faults
from gradwire.app.inspecting.data_line import DataLine
from gradwire.app.look.theme import DARK
from gradwire.app.plugins.contained import LookMaker
from gradwire.app.plugins.manager import Manager
from gradwire.app.plugins.window import CRASHED, FAULT, MISSING
from gradwire.app.window import Window
from gradwire.core import plugins as package
from gradwire.core.document import Document
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source
from gradwire.core.plugins import DISABLED, LOADED, Plugins, loading
from gradwire.core.plugins.choices import CRASHED as BY_CRASH
from gradwire.core.plugins.choices import Choices

OP = """
from gradwire.core.extend import op

@op(formula="x", category="test", samples=[((2,),)])
def {name}(xp, x):
    "A test."
    return x * {factor}
@{name}.shape
def _(x):
    return x
@{name}.vjp
def _(g, y, x):
    return (g * {factor},)

def register(host):
    host.add_op({name})
"""

SET = """
import numpy as np
from gradwire.core.extend import Bundled, Dataset

def load(name):
    return Dataset(name, np.zeros((4, 2)), np.array([0, 1, 0, 1]), ("a", "b"), ("no", "yes"))

def register(host):
    host.add_dataset(Bundled("toys", 2, 2, 4, "four zeros", load))
"""

UI = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget
from gradwire.app.extend import Look

class Marked(Look):
    "Shows three numbers, and fails at the first that is negative."
    painted = []

    @classmethod
    def fits(cls, value):
        return value.shape == (3,)

    def __init__(self, value, theme, decimals):
        self.value = value

    def paint(self, painter, place, colour):
        painter.setOpacity(0.5)
        Marked.painted.append(self.value.copy())
        if (self.value < 0).any():
            raise ValueError("it is negative")
        painter.fillRect(place, colour)

class Faulty(QWidget):
    def paintEvent(self, event):
        1 / 0

def boom():
    raise ValueError("later")

def sound(editor, theme):
    label = QLabel(f"{len(editor.graph.nodes)} nodes")
    editor.changed.connect(lambda change: label.setText(f"{len(change.after.nodes)} nodes"))
    return label

def register(host):
    print("hello")
    host.add_look(Marked)
    host.add_panel("count", "Count", sound)
    host.add_panel("broken", "Broken", lambda editor, theme: {}["x"], "left")
    host.add_panel("painted", "Painted", lambda editor, theme: Faulty(), "right")
    host.add_action("number", "Add a seven", lambda editor: editor.attempt(
        "Add a seven", lambda t: t.add("constant", value=7.0)), keys=["Ctrl+Alt+7"], about="Adds a constant 7")
    host.add_action("later", "Fail later", lambda editor: QTimer.singleShot(0, boom))
    host.add_action("faulty", "Divide", lambda editor: 1 / 0)
"""
LINE_OF_BROKEN = 1 + UI[: UI.index('"broken"')].count("\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of plugins of a user who has none."""
    made = tmp_path / "plugins"
    made.mkdir()
    monkeypatch.setenv("GRADWIRE_PLUGINS", str(made))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    loading._of_process.cache_clear()
    yield made
    for plugin in package.plugins():
        if plugin.host is not None and plugin.origin == "folder":
            plugin.host.withdraw()
    loading._of_process.cache_clear()


@pytest.fixture
def begin(folder: Path, place: Place, qtbot: QtBot) -> Iterator[Callable[[], Window]]:
    """Starts the program as the entry does, with an empty graph, once all plugins are loaded."""
    made: list[Window] = []

    def start() -> Window:
        window = place.start(empty=True)
        window.application.plugins.begin()
        made.append(window)
        settle(window, qtbot)
        return window

    yield start
    for window in made:
        for host in [host for _, host in window.application.plugins.parts.hosts.values()]:
            host.withdraw()


def settle(window: Window, qtbot: QtBot) -> None:
    """Wait until what was asked of the plugins is done, and what follows from it in the document."""
    editor, keeper = window.editor, window.application.plugins
    qtbot.waitUntil(lambda: keeper.begun and not keeper.doing)
    QTest.qWait(0)
    qtbot.waitUntil(lambda: not editor.checking.busy and not editor.live.refreshing.pending)


def offered(window: Window, words: str) -> list[str]:
    """What the palette offers for these words."""
    palette: Any = window.docks.panels["palette"]
    palette.field.setText(words)
    return [entry.name for entry in palette.shown]


def value(window: Window, id: str) -> Any:
    return window.editor.results.value(Source(id, "y"))


def test_ops_come_and_go_under_an_open_document(folder: Path, begin: Callable[[], Window], qtbot: QtBot) -> None:
    (folder / "tens.py").write_text(OP.format(name="ten_times", factor=10), "utf-8")
    window = begin()
    editor, keeper, bars = window.editor, window.application.plugins, window.bars
    assert "ten_times" in offered(window, "ten times")
    add(editor, "constant", id="c", name="c", value=(1.0, 2.0))
    add(editor, "ten_times", id="y", name="y", inputs={"x": Source("c", "y")})
    add(editor, "sum", id="loss", name="loss", inputs={"x": Source("y", "y")})
    settle(window, qtbot)
    assert value(window, "loss") == 30.0
    wired = editor.graph
    ports = [port.name for port in window.canvas.scene.ports("y")]

    editor.stepper.begin()
    qtbot.waitUntil(lambda: editor.stepper.active)
    keeper.disable("tens")
    settle(window, qtbot)
    assert not editor.stepper.active
    assert "ten_times" not in offered(window, "ten times")
    told = [(problem.node, problem.message, problem.hint) for problem in editor.problems]
    assert told == [("y", "unknown op 'ten_times'", "the plugin 'tens' brings it, which is not loaded")]
    assert editor.graph is wired
    assert editor.document.history.undo_label is not None
    assert value(window, "c") is not None
    assert value(window, "loss") is None
    assert bars.get(f"{MISSING} tens").text == "1 node waits for the plugin 'tens', which is disabled."
    bars.get(f"{MISSING} tens").buttons["Enable it"].click()
    assert window.status.message.text() == "Loading the plugin tens…"
    settle(window, qtbot)
    assert window.status.message.text() == "Loaded the plugin tens"
    assert value(window, "loss") == 30.0
    assert editor.problems == ()
    assert bars.names() == []
    assert [port.name for port in window.canvas.scene.ports("y")] == ports
    assert "ten_times" in offered(window, "ten times")

    (folder / "tens.py").write_text(OP.format(name="ten_times", factor=11), "utf-8")
    keeper.reload("tens")
    settle(window, qtbot)
    assert value(window, "loss") == 33.0
    editor.undo()
    editor.undo()
    assert list(editor.graph.nodes) == ["c"]


def test_an_op_that_does_not_return_is_told_and_nothing_waits_for_it(
    folder: Path, begin: Callable[[], Window], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "HANGS", 0.2)
    file = folder / "stuck.py"
    file.write_text(OP.format(name="stuck_op", factor="next(i for i in iter(int, 1) if i)"), "utf-8")
    window = begin()
    editor = window.editor
    add(editor, "constant", id="c", value=2.0)
    add(editor, "stuck_op", id="y", inputs={"x": "c"})
    add(editor, "exp", id="e", inputs={"x": "c"})
    told = "stuck_op of the plugin stuck has not returned for 0.2 s"
    again = "it is not computed again until the plugin is reloaded"
    qtbot.waitUntil(lambda: editor.live.errors().get("y") == f"{told} ({again})")
    assert editor.live.status == f"error: {told} ({again})"
    assert window.status.live.text().startswith("error: has not returned for 0.2 s (")  # first why, then whose
    assert window.status.live.toolTip() == editor.live.status
    assert value(window, "e") == pytest.approx(math.exp(2.0))
    assert window.application.plugins.plugins["stuck"].faults == (told,)
    assert not [thread for desk in tuple(bridge.desks) for thread in desk.lost if thread.is_alive()]  # it ended
    file.write_text(OP.format(name="stuck_op", factor=3.0), "utf-8")
    window.application.plugins.reload("stuck")
    settle(window, qtbot)
    assert (value(window, "y"), editor.live.status) == (6.0, "live")


def test_a_data_set_comes_and_goes_under_an_open_document(
    folder: Path, begin: Callable[[], Window], qtbot: QtBot
) -> None:
    (folder / "toys.py").write_text(SET, "utf-8")
    Choices(folder.parent / "settings" / "gradwire").disable("toys")
    window = begin()
    editor, keeper, panel = window.editor, window.application.plugins, window.docks.panels["data"]
    add(editor, "dataset", id="data", name="data", source="moons")
    editor.select(["data"], "data")
    window.panel("data")
    qtbot.waitUntil(lambda: panel.page is not None and window.findChild(DataLine) is not None)
    settle(window, qtbot)
    editor.stepper.begin()
    qtbot.waitUntil(lambda: editor.stepper.active)

    def lists() -> list[QMenu]:
        """What is offered in the panel, in its field, in the inspector's."""
        page = window.docks.panels["inspector"].page
        menus = [
            panel.page.bar.sets.menu(),
            *(each.fields["source"].more.menu() for each in (panel.page.settings, page)),
        ]
        for menu in menus:
            menu.aboutToShow.emit()
        return menus

    def toys() -> list[str]:
        return [action.text() for menu in lists() for action in menu.actions() if action.data() == "toys"]

    assert toys() == []
    keeper.enable("toys")
    settle(window, qtbot)
    assert editor.stepper.active  # the recording is of the same ops
    assert toys() == ["toys: four zeros"] * 3
    next(action for action in lists()[2].actions() if action.data() == "toys").trigger()
    counted = "4 rows: 3 to train with, 1 held out"
    qtbot.waitUntil(lambda: window.findChild(DataLine).about.text().startswith(counted))

    keeper.disable("toys")
    settle(window, qtbot)
    assert [(problem.node, problem.message.split("; ")[1]) for problem in editor.problems] == [("data", 'found "toys"')]
    assert toys() == []
    keeper.enable("toys")
    settle(window, qtbot)
    assert editor.problems == ()
    qtbot.waitUntil(lambda: window.findChild(DataLine).about.text().startswith(counted))


def test_a_document_has_no_plugin_loaded_and_says_how_to_get_it(
    folder: Path, begin: Callable[[], Window], qtbot: QtBot
) -> None:
    (folder / "tens.py").write_text(OP.format(name="ten_times", factor=10), "utf-8")
    choices = Choices(folder.parent / "settings" / "gradwire")
    choices.disable("tens", BY_CRASH)
    window = begin()
    keeper, bars = window.application.plugins, window.bars
    crashed = bars.get(f"{CRASHED} tens")
    assert crashed.text == f"The plugin tens is disabled: {BY_CRASH}."
    crashed.buttons["Leave it disabled"].click()
    settle(window, qtbot)
    assert bars.names() == []
    assert choices.disabled() == {"tens": "disabled by you"}  # and the next start does not ask again

    document = Document()
    with document.transaction("Draw") as t:
        t.add("exp", id="a", name="a", position=(0.0, 0.0))
        t.add("exp", id="b", name="b", position=(300.0, 0.0))
    path = folder.parent / "held.gw"
    text = dump_graph(document.graph).decode()
    for op, name in (("ten_times", "tens"), ("far_op", "far<b>")):
        text = text.replace('"op": "exp"', f'"op": "{op}", "plugin": "{name}"', 1)
    path.write_text(text, "utf-8")
    before = path.read_bytes()
    window.files.open(path)
    settle(window, qtbot)
    assert keeper.get("tens").state == DISABLED
    assert bars.get(f"{MISSING} tens").text == "1 node waits for the plugin 'tens', which is disabled."
    assert bars.get(f"{MISSING} far<b>").text == (
        "1 node waits for the plugin 'far<b>', which is not here. Install the package that brings it, or put it into "
        f"your folder of plugins ({folder}). The document keeps all that it has."
    )
    window.files.save()
    assert path.read_bytes() == before
    window.files.new()
    QTest.qWait(0)
    assert bars.names() == []


def test_one_bar_tells_of_a_plugin_that_crashed_and_of_the_nodes_that_wait_for_it(
    folder: Path, begin: Callable[[], Window], qtbot: QtBot
) -> None:
    (folder / "tens.py").write_text(OP.format(name="ten_times", factor=10), "utf-8")
    Choices(folder.parent / "settings" / "gradwire").disable("tens", BY_CRASH)
    document = Document()
    with document.transaction("Draw") as t:
        t.add("exp", name="a")
    path = folder.parent / "held.gw"
    text = dump_graph(document.graph).decode().replace('"op": "exp"', '"op": "ten_times", "plugin": "tens"')
    path.write_text(text, "utf-8")
    window = begin()
    window.files.open(path)
    settle(window, qtbot)
    assert window.bars.texts() == [f"The plugin tens is disabled: {BY_CRASH}. 1 node waits for it."]
    window.bars.get(f"{CRASHED} tens").buttons["Leave it disabled"].click()
    settle(window, qtbot)
    assert window.bars.texts() == []  # it has been asked
    window.files.new()
    window.files.open(path)
    settle(window, qtbot)
    assert window.bars.texts() == ["1 node waits for the plugin 'tens', which is disabled."]


def test_what_a_ui_adds_is_there_and_its_faults_are_told(
    folder: Path, begin: Callable[[], Window], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, init, ui in (
        ("own", "def register(host): pass", UI),
        ("bare", OP.format(name="bare_op", factor=2), "\nimport asyncio; raise asyncio.CancelledError"),
    ):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(init, "utf-8")
        (folder / name / "ui.py").write_text(ui, "utf-8")
    alone = Plugins(folder, folder.parent)
    alone.discover()
    alone.load(["own"])
    module = alone["own"].found.module
    assert f"{module}.ui" not in sys.modules  # without a window it is not even read
    window = begin()
    window.resize(1500, 900)
    keeper, docks, bars, editor = window.application.plugins, window.docks, window.bars, window.editor
    monkeypatch.setattr(sys, "excepthook", Faults(window.application).take)

    # What can be had is there, beside what cannot.
    assert docks.panels["own.count"].text() == "0 nodes"
    docks.reset()
    beside = [dock.windowTitle() for dock in window.tabifiedDockWidgets(docks.docks["console"])]
    assert "Count" in beside
    assert "Count" in [entry.text() for entry in window.menus.menus["View/Panels"].actions()]
    where = f"ui.py, line {LINE_OF_BROKEN}: KeyError: 'x'"
    assert docks.panels["own.broken"].text() == f"the panel Broken of the plugin own failed: {where}"
    failed = "the ui.py of the plugin bare failed: ui.py, line 2: CancelledError"
    assert (keeper.get("bare").state, keeper.get("bare").faults) == (LOADED, (failed,))
    assert keeper.get("own").printed == "hello\n"

    # An action: in its menu, by its key; one that fails.
    assert [made.text() for made in window.menus.menus["Plugins"].actions()] == ["Add a seven", "Fail later", "Divide"]
    window.show_canvas()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window.canvas, Qt.Key.Key_7, keys)
    assert docks.panels["own.count"].text() == "1 nodes"
    window.popups.open_palette()
    window.popups.commands.field.setText("divide")
    window.popups.commands.choose([action.text for action, _ in window.popups.commands.found].index("Divide"))
    qtbot.waitUntil(lambda: bars.get(FAULT) is not None and "Divide" in bars.get(FAULT).text)
    assert bars.get(FAULT).text.startswith("The action Divide of the plugin own failed: ui.py, line ")

    window.menus.actions["own.later"].trigger()
    qtbot.waitUntil(lambda: bars.get(FAULT).text.startswith("The plugin own failed: ui.py, line "))
    assert bars.get(FAULT).text.endswith("ValueError: later")

    # A look: it draws what fits, and once it has failed the program's own draw all.
    painted = sys.modules[f"{module}.ui"].Marked.painted
    add(editor, "constant", id="three", value=(1.0, 2.0, 3.0))
    settle(window, qtbot)
    window.canvas.frame()
    window.canvas.grab()
    assert [shown.tolist() for shown in painted] == [[1.0, 2.0, 3.0]] * len(painted) != []
    add(editor, "negative", id="less", inputs={"x": Source("three", "y")})
    settle(window, qtbot)
    window.canvas.frame()
    window.canvas.grab()
    qtbot.waitUntil(lambda: "Marked" in bars.get(FAULT).text)
    count = len(painted)
    window.canvas.grab()
    assert len(painted) == count

    # A panel that fails at each paint: told once, with its plugin's name.
    window.panel("own.painted")
    qtbot.waitUntil(lambda: bars.get(FAULT).text.startswith("A widget of the plugin own failed: ui.py, "))
    assert "ZeroDivisionError" in bars.get(FAULT).text
    docks.panels["own.painted"].repaint()
    faults = keeper.get("own").faults
    assert len(faults) == len(set(faults)) == 5
    bars.get(FAULT).buttons["Disable it"].click()
    settle(window, qtbot)
    assert [id for id in docks.docks if id.startswith("own.")] == []
    assert not window.menus_at_top["Plugins"].menuAction().isVisible()
    assert [action.id for action in ACTIONS if "own." in action.id] == []
    assert len(BROUGHT) == sum(each.kind == "look" for plugin in keeper.all() for each in keeper.brought(plugin))
    assert "bare_op" in editor.registry.names()


def test_a_look_cannot_change_what_it_shows() -> None:
    class Writing(Look):
        @classmethod
        def fits(cls, value: Any) -> bool:
            value.flags.writeable = True
            value[:] = 99
            return False

    told: list[str] = []
    shown = np.arange(3.0)
    maker = LookMaker(Writing, "the look", lambda _, error: told.append(str(error)) or "")
    assert maker(shown, DARK, 3) is None
    assert shown.tolist() == [0.0, 1.0, 2.0]
    assert told == ["cannot set WRITEABLE flag to True of this array"]


def test_the_list_of_plugins_tells_and_makes_them(folder: Path, begin: Callable[[], Window], qtbot: QtBot) -> None:
    (folder / "broken.py").write_text("\nx = 1 / 0\n", "utf-8")
    (folder / "tens.py").write_text("print('loud')\n" + OP.format(name="ten_times", factor=10), "utf-8")
    window = begin()
    window.menus.start(ACTIONS["help.plugins"])
    (manager,) = window.findChildren(Manager)
    settle(window, qtbot)

    def choose(name: str) -> str:
        names = [plugin.name for plugin in manager.shown]
        manager.list.setCurrentIndex(manager.list.model().index(names.index(name), 0))
        return manager.about.toPlainText()

    told = choose("broken")
    assert "broken.py, line 2: ZeroDivisionError: division by zero" in told
    assert str(folder / "broken.py") in told
    manager.reload.click()
    settle(window, qtbot)
    assert manager.said.text() == "broken could not be loaded again"
    (folder / "broken.py").write_text(OP.format(name="mended_op", factor=1), "utf-8")
    manager.reload.click()
    settle(window, qtbot)
    assert "mended_op" in manager.about.toPlainText()
    assert manager.chosen.name == "broken"
    assert manager.said.text() == "broken was loaded again"
    told = choose("tens")
    assert "your folder of plugins" in told
    assert "ten_times" in told
    assert "It printed\nloud" in told
    manager.switch.click()
    settle(window, qtbot)
    assert "Not loaded: disabled by you" in manager.about.toPlainText()
    assert manager.switch.text() == "Enable"
    manager.switch.click()
    settle(window, qtbot)
    assert manager.chosen.state == LOADED

    manager.new.click()
    (dialog,) = manager.findChildren(NameDialog)
    dialog.field.setText("My Ops")
    dialog.accept_button.click()
    assert dialog.said.text() == "a plugin is called by small letters, digits and _, got 'My Ops' (as in my_ops)"
    dialog.field.setText("fresh")
    dialog.accept_button.click()
    settle(window, qtbot)
    assert manager.chosen.name == "fresh"
    assert "fresh_square" in manager.about.toPlainText()
    assert manager.said.text() == f"Made in {folder / 'fresh'}"
    assert "fresh_square" in offered(window, "fresh")
    manager.close()


def test_a_ui_imports_the_doors_alone() -> None:
    """The third wall: what the plugins that ship take from the program."""
    door = {"gradwire.core.extend", "gradwire.app.extend"}
    for file in (Path(extend.__file__).parent.parent / "plugins").rglob("*.py"):
        taken = set()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                taken |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                taken.add(node.module or "")
        ours = {name for name in taken if name.startswith("gradwire") and not name.startswith("gradwire.plugins")}
        assert ours <= (door if file.name == "ui.py" else door - {"gradwire.app.extend"}), file
        assert file.name == "ui.py" or not any(name.startswith("PySide6") for name in taken), file
