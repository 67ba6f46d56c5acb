"""The panel that shows the graph as source."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.code import CodePanel
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def editor(qapp: object) -> Iterator[Editor]:
    made = Editor(Session.open(EXAMPLES / "sin_plus_product.gw"))
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, editor: Editor) -> CodePanel:
    made = CodePanel(editor, DARK)
    qtbot.addWidget(made)
    made.resize(700, 300)
    return made


def shows(qtbot: QtBot, panel: CodePanel, text: str) -> None:
    qtbot.waitUntil(lambda: text in panel.text.toPlainText())


def test_nothing_is_written_before_the_panel_is_seen(qtbot: QtBot, panel: CodePanel, editor: Editor) -> None:
    editor.select(["sin0"])
    qtbot.wait(200)
    assert panel.text.toPlainText() == ""
    panel.show()
    shows(qtbot, panel, "return sin")


def test_it_follows_tabs_selection_and_edits(qtbot: QtBot, panel: CodePanel, editor: Editor) -> None:
    panel.show()
    shows(qtbot, panel, "f = sin + product")
    assert panel.text.toPlainText().startswith("import numpy as np")
    qtbot.mouseClick(panel.tabs, Qt.MouseButton.LeftButton, pos=panel.tabs.tabRect(1).center())
    shows(qtbot, panel, "torch.sin(x)")
    editor.select(["multiply0"])
    shows(qtbot, panel, "return product")
    assert panel.about.text() == "what is selected (1)"
    editor.select([])
    editor.attempt("Rename", lambda t: t.rename("multiply0", "xy"))
    shows(qtbot, panel, "xy = x * y")
    assert panel.about.text() == "the whole graph"


def test_a_click_copies_and_keys_change_nothing(qtbot: QtBot, panel: CodePanel, editor: Editor) -> None:
    told = []
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    panel.show()
    shows(qtbot, panel, "return f")
    before = panel.text.toPlainText()
    qtbot.keyClicks(panel.text, "abc")
    assert panel.text.toPlainText() == before
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == before
    assert panel.copy.text() == "Copied"
    assert told == [("Copied NumPy source", "note")]
    qtbot.waitUntil(lambda: panel.copy.text() == "Copy", timeout=4000)


def test_another_document_and_theme(qtbot: QtBot, panel: CodePanel, editor: Editor) -> None:
    panel.show()
    shows(qtbot, panel, "return f")
    panel.set_theme(LIGHT)
    editor.open(Session.open(EXAMPLES / "digits_mlp.gw"))
    shows(qtbot, panel, "def cross_entropy")


def test_its_thread_ends_with_it(qtbot: QtBot, editor: Editor) -> None:
    made = CodePanel(editor, DARK)
    made.show()
    shows(qtbot, made, "return f")
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "code"]
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=3000)


def test_of_a_very_long_source_the_beginning_is_shown_and_all_is_copied(panel: CodePanel) -> None:
    panel._show("\n".join(f"x{i} = {i}" for i in range(3000)))
    shown = panel.text.toPlainText().splitlines()
    assert len(shown) == 1001
    assert shown[-1] == "# … and 2,000 lines more: Copy takes them all"
    panel.copy_text()
    assert QGuiApplication.clipboard().text().splitlines()[-1] == "x2999 = 2999"


@pytest.mark.parametrize("seed", range(40))
def test_each_source_is_shown_whole_whatever_was_shown_before(panel: CodePanel, seed: int) -> None:
    random = Random(seed)
    for _ in range(8):
        source = "\n".join(random.choices(["", "x = 1", "def f(x):", "    return 'ä'"], k=random.randrange(1, 7)))
        panel._show(source)
        assert panel.text.toPlainText() == source == panel.source


def test_a_source_that_differs_in_one_line_keeps_the_place_that_is_read_and_the_colours(panel: CodePanel) -> None:
    lines = [f"x{i} = None" for i in range(600)]
    panel._show("\n".join(lines))
    bar = panel.text.verticalScrollBar()
    bar.setValue(300)
    lines[310:311] = ["return None", "x = 'a'"]
    panel._show("\n".join(lines))
    assert bar.value() == 300
    coloured = panel.text.document().findBlockByNumber(310).layout().formats()
    assert [(each.start, each.length) for each in coloured] == [(0, 6), (7, 4)]
    assert panel.text.document().findBlockByNumber(599).layout().formats()


@pytest.mark.parametrize("size", [(780, 600), (1500, 940)], ids=str)
def test_no_panel_moves_when_a_node_is_selected(size: tuple[int, int], place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("digits_mlp.gw"))
    window.resize(*size)
    window.show()
    editor, code = window.editor, window.docks.panels["code"]
    told = [code.about.text()]

    def places() -> list[object]:
        docks = [dock for dock in window.docks.panels.values() if dock.isVisible()]
        return [part.geometry() for part in (window, window.canvas, *docks)]

    qtbot.waitUntil(lambda: not editor.live.refreshing.pending and not editor.checking.busy)
    qtbot.wait(300)
    before, narrowest = places(), code.minimumSizeHint().width()
    for chosen in ([each] for each in editor.graph.nodes):
        editor.select(chosen, chosen[0])
        qtbot.wait(50)
        assert places() == before
        assert code.minimumSizeHint().width() == narrowest
        told.append(code.about.text())
    assert {"the whole graph", "what is selected (1)"} >= set(told)
