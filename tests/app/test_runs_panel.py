"""The list of runs in the window, by real keys and clicks, over runs that were really trained."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit
from pytestqt.qtbot import QtBot
from run_loops import begin, go
from training_graphs import classifier, train_on
from training_windows import set_training
from windows import Place, has_keyboard

from gradwire.app.panels.runs import RunsPanel
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.plots.hues import hues
from gradwire.app.runs.beside import CHOOSE
from gradwire.app.window import Window
from gradwire.core.locking import Lock
from gradwire.core.runs import RunRecord, RunSettings
from gradwire.core.runs.notes import read_notes
from gradwire.core.runs.run import ready
from gradwire.core.runs.settings import Written
from gradwire.core.session import Session

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def home(place: Place) -> Path:
    """Runs of two documents: three of `net`, of which the last is damaged, and one of another."""
    runs = place.folder / "data" / "runs"
    session = classifier(place.folder)
    session.save(session.path)
    for name, lr in (("net-2026-11-20-100000", 0.05), ("net-2026-11-20-110000", 0.2)):
        train_on(session, optimiser={"name": "adam", "lr": lr})
        record, how = RunRecord(runs / name), RunSettings(dtype="float32", device="cpu")
        record.begin(ready(session, how), session.document.values, Written(how, session.folder, session.path))
        go(record.path)
    shutil.copytree(runs / "net-2026-11-20-100000", runs / "net-2026-11-20-120000")
    (runs / "net-2026-11-20-120000" / "run.json").write_text("{")
    begin(session, runs / "other-2026-11-20-130000")
    return runs


@pytest.fixture
def window(place: Place, home: Path) -> Window:
    shown = place.start(place.folder / "net.gw")
    shown.resize(1500, 950)
    shown.activateWindow()
    assert QTest.qWaitForWindowActive(shown)
    return shown


@pytest.fixture
def panel(window: Window, qtbot: QtBot) -> RunsPanel:
    found = window.panel("runs")
    assert isinstance(found, RunsPanel)
    qtbot.waitUntil(lambda: len(found.model.shown) == 3)
    return found


def names(panel: RunsPanel) -> list[str]:
    return [run.name.removeprefix("net-2026-11-20-") for run in panel.model.shown]


def cell(panel: RunsPanel, run: str, head: str) -> str:
    return str(panel.model.index(row(panel, run), column(panel, head)).data())


def row(panel: RunsPanel, run: str) -> int:
    return next(i for i, each in enumerate(panel.model.shown) if each.name.endswith(run))


def column(panel: RunsPanel, head: str) -> int:
    return [each.head for each in panel.model.columns].index(head)


def click(panel: RunsPanel, run: str, head: str = "State", *, control: bool = False, twice: bool = False) -> None:
    place = panel.table.visualRect(panel.model.index(row(panel, run), column(panel, head))).center()
    port, keys = panel.table.viewport(), CONTROL if control else Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(port, LEFT, keys, place)
    if twice:
        QTest.mouseDClick(port, LEFT, keys, place)


def curves(panel: RunsPanel, title: str = "loss") -> list[str]:
    """The names of the curves of a plot that have points."""
    plots = panel.beside.plots
    if plots is None or title not in plots.plots:
        return []
    return [name for name, track in plots.plots[title].tracks.all.items() if track.size]


def test_the_runs_of_the_document_are_listed_with_what_they_came_to(panel: RunsPanel) -> None:
    found = {run.name: run for run in panel.model.shown}
    assert set(names(panel)) == {"100000", "110000", "120000"}
    assert cell(panel, "100000", "State") == "done"
    assert cell(panel, "100000", "Epochs") == "3 of 3"
    assert [cell(panel, name, "lr") for name in ("100000", "110000", "120000")] == ["0.05", "0.2", ""]
    loss = found["net-2026-11-20-110000"].last["validation_loss"]
    loss_at = column(panel, "Loss")
    assert panel.model.headerData(loss_at, Qt.Orientation.Horizontal) == "Validation loss"
    assert float(cell(panel, "110000", "Loss")) == pytest.approx(loss, rel=1e-3)
    assert cell(panel, "120000", "State") == "damaged"
    tip = panel.model.index(row(panel, "120000"), 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "run.json: valid JSON is required" in tip


def test_those_of_other_documents_are_there_on_request(panel: RunsPanel) -> None:
    QTest.mouseClick(panel.bar.everything, LEFT, pos=QPoint(8, panel.bar.everything.height() // 2))
    assert len(panel.model.shown) == 4
    assert cell(panel, "130000", "State") == "not begun"


def test_a_search_looks_into_settings_and_notes(panel: RunsPanel) -> None:
    QTest.keyClicks(panel.bar.search, "lr 0.2")
    assert names(panel) == ["110000"]
    assert panel.bar.count.text() == "1 of 3 runs"
    panel.bar.search.setText("frozen")
    assert names(panel) == [], "runs in which nothing was frozen"
    panel.bar.search.setText("valid json")
    assert names(panel) == ["120000"]


def test_a_click_on_a_heading_sorts_and_what_is_unknown_stays_last(panel: RunsPanel) -> None:
    header = panel.table.horizontalHeader()
    at = header.sectionViewportPosition(column(panel, "lr")) + 5
    orders = []
    for _ in range(2):
        QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(at, 8))
        orders.append(names(panel))
    assert sorted(orders) == [["100000", "110000", "120000"], ["110000", "100000", "120000"]]


def test_selected_runs_are_drawn_together_and_what_differs_is_marked(panel: RunsPanel, qtbot: QtBot) -> None:
    click(panel, "100000")
    qtbot.waitUntil(lambda: curves(panel) == ["2026-11-20-100000", "2026-11-20-100000, validation"])
    click(panel, "110000", control=True)
    shown = ["110000", "110000, validation", "100000", "100000, validation"]
    qtbot.waitUntil(lambda: sorted(curves(panel)) == sorted(shown))
    assert panel.beside.plots is not None
    plot = panel.beside.plots.plots["loss"]
    colours = plot.tracks.colours(panel.theme)
    assert colours["110000"] == colours["110000, validation"] != colours["100000"]
    assert [bool(entry.dashes) for entry in plot.entries() if "validation" in entry.name] == [True, True]
    marked = {
        panel.model.columns[number].head
        for number in range(len(panel.model.columns))
        if panel.model.index(row(panel, "100000"), number).data(Qt.ItemDataRole.FontRole) is not None
    }
    assert marked == {"lr"}
    icon = panel.model.index(row(panel, "110000"), 0).data(Qt.ItemDataRole.DecorationRole)
    assert icon.pixmap(10, 10).toImage().pixelColor(5, 5).name() == colours["110000"]
    # Each plot shows the numbers of the run itself.
    (track,) = [track for name, track in plot.tracks.all.items() if name == "100000"]
    own = RunRecord(panel.home / "net-2026-11-20-100000").curves()["loss"]
    np.testing.assert_array_equal(track.read(0, track.size), own)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_selected_row_has_one_ground_from_end_to_end(panel: RunsPanel, window: Window, theme: str) -> None:
    window.application.choose_theme(theme)
    click(panel, "100000")
    seen = panel.table.viewport().grab().toImage()
    places = [panel.table.visualRect(panel.model.index(row(panel, "100000"), number)) for number in range(3)]
    grounds = {seen.pixelColor(place.right() - 3, place.top() + 3).name() for place in places}
    other = panel.table.visualRect(panel.model.index(row(panel, "110000"), 0))
    assert len(grounds) == 1
    assert grounds != {seen.pixelColor(other.right() - 3, other.top() + 3).name()}


def test_groups_of_runs_are_a_mean_in_a_band(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.table.select([run.path for run in panel.model.shown])
    qtbot.waitUntil(lambda: panel.beside.by.count() == 3)
    assert [panel.beside.by.itemText(row) for row in range(3)] == ["each run", "all together", "by optimiser.lr"]
    qtbot.waitUntil(lambda: bool(curves(panel)))
    panel.beside.group_by("optimiser.lr")
    qtbot.waitUntil(lambda: "lr 0.2 (1)" in curves(panel))
    assert set(curves(panel)) == {"lr 0.05 (1)", "lr 0.05 (1), validation", "lr 0.2 (1)", "lr 0.2 (1), validation"}
    panel.beside.group_by("all")
    qtbot.waitUntil(lambda: set(curves(panel)) == {"all (2)", "all (2), validation"})


def test_notes_are_edited_in_place(panel: RunsPanel, home: Path, qtbot: QtBot) -> None:
    panel.table.horizontalScrollBar().setValue(panel.table.horizontalScrollBar().maximum())
    click(panel, "110000", "Notes", twice=True)
    assert panel.table.state() == QAbstractItemView.State.EditingState
    field = panel.table.findChild(QLineEdit)
    QTest.keyClicks(field, "too fast")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: read_notes(home / "net-2026-11-20-110000") == "too fast")
    qtbot.waitUntil(lambda: cell(panel, "110000", "Notes") == "too fast")
    qtbot.waitUntil(lambda: "2026-11-20-110000 too fast" in curves(panel))  # told beside its curve


def test_where_no_run_is_selected_the_plots_say_how_to_select_some(panel: RunsPanel, qtbot: QtBot) -> None:
    click(panel, "100000")
    qtbot.waitUntil(lambda: bool(curves(panel)))
    click(panel, "100000", control=True)
    assert panel.selected == []
    qtbot.waitUntil(lambda: panel.beside.empty.isVisible())
    assert panel.beside.empty.text() == CHOOSE
    panel.table.selectAll()
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == [])
    assert panel.beside.empty.text() == CHOOSE


def test_what_is_deleted_comes_back(panel: RunsPanel, window: Window, home: Path, qtbot: QtBot) -> None:
    click(panel, "100000")
    click(panel, "110000", control=True)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == ["120000"])
    assert window.status.message.text() == "Deleted 2 runs: in the trash until that is emptied"
    assert not (home / "net-2026-11-20-100000").exists()
    QTest.mouseClick(panel.bar.back, LEFT)
    qtbot.waitUntil(lambda: len(names(panel)) == 3)
    assert cell(panel, "100000", "State") == "done"
    assert not panel.bar.back.isVisible()
    has_keyboard(window)
    set_training(window, epochs=4)
    click(panel, "100000")
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(names(panel)) == 2)
    QTest.keyClick(panel.table, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: len(names(panel)) == 3)
    qtbot.waitUntil(lambda: not panel.bar.back.isVisible())
    has_keyboard(window)  # which a tip that closed late may have taken
    assert window.editor.graph.training.epochs == 4  # no edit was undone
    QTest.keyClick(panel.table, Qt.Key.Key_Z, CONTROL)
    assert window.editor.graph.training.epochs == 3


def test_a_run_that_is_trained_is_not_deleted(panel: RunsPanel, window: Window, home: Path, qtbot: QtBot) -> None:
    lock = Lock(home / "net-2026-11-20-100000" / "lock")
    assert lock.take()
    click(panel, "100000")
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "is being trained, and is not deleted" in window.status.message.text())
    assert (home / "net-2026-11-20-100000").exists()
    lock.release()


def test_the_graph_of_a_run_opens_in_a_window_with_what_was_trained(
    panel: RunsPanel, window: Window, home: Path, qtbot: QtBot
) -> None:
    click(panel, "110000", twice=True)
    windows = window.application.windows
    qtbot.waitUntil(lambda: len(windows) == 2 and bool(windows[1].editor.graph.nodes))
    opened = windows[1].editor
    trained = RunRecord(home / "net-2026-11-20-110000").trained()
    assert all(np.array_equal(opened.document.values[id], array) for id, array in trained.items())
    assert opened.session.path is None  # saving it asks where: the run stays as it is
    assert opened.graph.training is not None
    assert opened.graph.training.optimiser["lr"] == 0.2
    assert windows[1].files.name == "Copy of net-2026-11-20-110000"


def test_a_run_of_this_window_appears_by_itself(panel: RunsPanel, window: Window, qtbot: QtBot) -> None:
    training = window.editor.training
    training.begin()
    qtbot.waitUntil(lambda: training.state == "completed" and training.ready)
    window.panel("runs")  # the training has come to the front
    qtbot.waitUntil(lambda: len(panel.model.shown) == 4 and panel.model.shown[0].state == "done")
    assert panel.model.shown[0].document == window.editor.session.path
    _compare_with_the_run_of_the_window(panel, window, qtbot)


def _compare_with_the_run_of_the_window(panel: RunsPanel, window: Window, qtbot: QtBot) -> None:
    """Runs that are selected stand beside its curves, in the colours that they have in the list."""
    own = panel.model.shown[0].name
    panel.table.select([panel.model.shown[0].path, panel.model.shown[row(panel, "110000")].path])
    mine, other = (name.removeprefix("net-2026-11-") for name in (own, "net-2026-11-20-110000"))
    qtbot.waitUntil(lambda: {mine, other} <= set(curves(panel)))
    plots = panel.beside.plots.plots
    training = window.panel("training")

    def loss() -> CurvePlot:
        return training.plots.page.plots["Curves", "loss"]

    qtbot.waitUntil(lambda: training.plots is not None and ("Curves", "loss") in training.plots.page.plots)
    qtbot.waitUntil(lambda: {mine, other} <= set(loss().tracks.all))
    both = {f"{name}{part}" for name in (mine, other) for part in ("", ", validation")}
    assert {name for name, track in loss().tracks.all.items() if track.size} == both
    assert loss().tracks.colours(panel.theme) == plots["loss"].tracks.colours(panel.theme)
    line = training.plots.page.together
    assert line.isVisible()
    assert line.text.text() == "Together with the runs selected in Runs: 2"
    panel.beside.group_by("optimiser.lr")
    qtbot.waitUntil(lambda: "this run" in loss().tracks.all)
    assert {"lr 0.2 (1)", "this run, validation"} <= set(loss().tracks.all)
    assert len(list(loss().scene.bands.traces(loss().tracks, "iterations", loss().zoom.window))) == 4
    QTest.mouseClick(line.alone, LEFT)
    qtbot.waitUntil(lambda: [*loss().tracks.all] == ["train", "validation"])
    assert not line.isVisible()


@pytest.mark.slow
def test_a_thousand_runs_stay_fluid(place: Place, home: Path, qtbot: QtBot) -> None:
    like = home / "net-2026-11-20-100000"
    ignored = shutil.ignore_patterns("*.ckpt", "*.f64", "rows", "*.safetensors", "snapshot*")
    for number in range(1000):
        shutil.copytree(like, home / f"net-2026-11-19-{number:06d}", ignore=ignored)
    window = place.start(place.folder / "net.gw")
    panel = window.panel("runs")
    assert isinstance(panel, RunsPanel)
    qtbot.waitUntil(lambda: len(panel.model.runs) == 1003)
    slowest = 0.0
    for act in _acts(panel):
        begun = time.perf_counter()
        act()
        window.repaint()
        slowest = max(slowest, time.perf_counter() - begun)
    assert len(panel.model.shown) == 1
    assert slowest < 0.5  # some 30 ms on a desk: what takes a hundred times as long is not of a size with the list


def _acts(panel: RunsPanel) -> list[Callable[[], object]]:
    head = column(panel, "Loss")
    return [
        lambda: panel.table.sortByColumn(head, Qt.SortOrder.AscendingOrder),
        lambda: panel.table.sortByColumn(0, Qt.SortOrder.DescendingOrder),
        lambda: panel.table.selectAll(),
        lambda: panel.table.scrollToBottom(),
        lambda: panel.bar.search.setText("000777"),
    ]


@pytest.mark.slow
def test_colours_are_those_of_the_plots_in_both_themes(panel: RunsPanel, window: Window, qtbot: QtBot) -> None:
    click(panel, "100000")
    qtbot.waitUntil(lambda: bool(curves(panel)))
    for choice in ("light", "dark"):
        window.application.choose_theme(choice)
        icon = panel.model.index(row(panel, "100000"), 0).data(Qt.ItemDataRole.DecorationRole)
        assert icon.pixmap(10, 10).toImage().pixelColor(5, 5).name() == hues(1, window.theme)[0]


def test_an_edit_of_settings_makes_the_next_run_another(panel: RunsPanel, window: Window, qtbot: QtBot) -> None:
    known = window.editor.graph.training
    assert known is not None
    assert isinstance(window.editor.session, Session)
    window.editor.attempt("Set batch", lambda t: t.set_training(replace(known, batch=9)))
    training = window.editor.training
    training.begin()
    qtbot.waitUntil(lambda: training.state == "completed" and training.ready)
    window.panel("runs")
    qtbot.waitUntil(lambda: "batch" in [each.head for each in panel.model.columns])
    assert cell(panel, "100000", "batch") == "5"
    assert str(panel.model.index(0, column(panel, "batch")).data()) == "9"
