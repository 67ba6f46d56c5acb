"""The panel of data for tests: a document with one dataset in a folder of its own, and what the panel shows of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from windows import add

from gradwire.app.data.page import DataPage
from gradwire.app.editor import Editor
from gradwire.app.panels.data import DataPanel

FRUIT = "colour,size,kind\n" + "red,1.5,pear\nblue,2.5,pear\ngreen,4,apple\n" * 20
Show = Callable[..., DataPage]


def saved(editor: Editor, folder: Path) -> Path:
    """Save the document, with a dataset, into a folder of its own, which is returned."""
    home = folder / "home"
    home.mkdir()
    editor.session.save(home / "net.gw")
    add(editor, "dataset")
    return home


def shower(editor: Editor, show_panel: Callable[..., Any], qtbot: QtBot) -> Show:
    """What sets parameters of the dataset, and shows the panel with its set read to the end."""

    panels: list[DataPanel] = []  # which nobody else holds

    def show(width: int = 1000, height: int = 500, **params: Any) -> DataPage:
        if params:
            editor.attempt("Set", lambda t: [t.set_param(node(editor), *each) for each in params.items()])
        panel = show_panel(DataPanel, width, height)
        panels.append(panel)
        qtbot.waitUntil(lambda: panel.page is not None)
        settled(panel.page, qtbot)
        return panel.page

    return show


def settled(page: DataPage, qtbot: QtBot) -> None:
    """Wait until all is read of what the document says now."""
    qtbot.wait(30)  # refreshes come with the next turn
    qtbot.waitUntil(lambda: page.look.whole and not page.reader.busy)


def cells(page: DataPage) -> list[list[str]]:
    model = page.rows.table.model()
    return [[model.index(i, j).data() for j in range(model.columnCount())] for i in range(model.rowCount())]


def heads(page: DataPage) -> list[list[str]]:
    """What stands above each column, line by line."""
    model = page.rows.table.model()
    return [model.headerData(i, Qt.Orientation.Horizontal).split("\n") for i in range(model.columnCount())]


def node(editor: Editor) -> str:
    """The only dataset."""
    return next(id for id, each in editor.graph.nodes.items() if each.op == "dataset")


def params(editor: Editor) -> dict[str, Any]:
    return dict(editor.graph.nodes[node(editor)].params)
