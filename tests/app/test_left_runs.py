"""Runs that were stopped, died or were interrupted with their window: offered again, looked at, and gone on with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from run_loops import go
from training_graphs import classifier
from training_windows import click, show_training, wait_for
from windows import Place

from gradwire.app.actions.runs import ACTIONS
from gradwire.app.panels.runs import RunsPanel
from gradwire.app.training.left_runs import BAR, CONTINUE, LOOK
from gradwire.app.window import Window
from gradwire.core.runs import RunRecord, RunSettings
from gradwire.core.runs.left import newest_of
from gradwire.core.runs.run import ready
from gradwire.core.runs.settings import Written
from gradwire.core.session import Session

NAME = "net-2026-11-20-100000"
TOLD = "A run of net was interrupted after epoch 1 of 3."


def leave(place: Place, how: str) -> Session:
    """A document with a run in its folder of runs that was ended after its sixth iteration."""
    session = classifier(place.folder)
    session.save(session.path)
    record, settings = RunRecord(place.folder / "data" / "runs" / NAME), RunSettings(dtype="float32", device="cpu")
    record.begin(ready(session, settings), session.document.values, Written(settings, session.folder, session.path))
    go(record.path, {6: [{"do": how}]})
    return session


def start(place: Place) -> Window:
    window = place.start(place.folder / "net.gw")
    window.resize(1500, 950)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    return window


def offered(window: Window) -> bool:
    return BAR in window.bars.names()


def test_a_run_that_was_interrupted_is_offered_looked_at_and_gone_on_with(place: Place, qtbot: QtBot) -> None:
    whole = leave(place, "end").train()
    window = start(place)
    panel, training = show_training(window), window.editor.training
    qtbot.waitUntil(lambda: offered(window))
    assert TOLD in window.bars.texts()
    window.tell("the process of the run was killed", "refusal")
    click(window.bars.get(BAR).buttons[LOOK])
    qtbot.waitUntil(lambda: panel.plots is not None and panel.status.text().startswith("Stopped"))
    assert panel.status.text().startswith("Stopped · epoch 2 of 3 · val accuracy ")
    assert panel.status.text().endswith(" · iteration 6 of 12")
    assert window.status.message.text() == ""
    assert not offered(window)
    assert training.curves.columns["loss"].size == 6
    assert training.curves.columns["loss"].at.samples.tolist() == [5, 10, 15, 18, 23, 28]  # 18 samples by five
    tabs = panel.plots.page.tabs
    qtbot.waitUntil(
        lambda: "Predictions" in [tabs.tabText(each) for each in range(tabs.count()) if tabs.isTabVisible(each)],
    )
    assert not panel.mark.isVisible()
    assert not window.editor.document.values
    qtbot.waitUntil(lambda: panel.pause.text() == "Continue")
    sizes = []
    told = training.changed.connect(lambda: sizes.append(training.curves.columns["loss"].size))
    click(panel.pause)
    wait_for(qtbot, window, "completed")
    training.changed.disconnect(told)
    assert min(sizes) == 6  # its curves were there all the time
    assert training.curves.columns["loss"].size == 12
    values = window.editor.document.values
    assert all(np.array_equal(values[id], value) for id, value in whole.values.items())
    assert window.editor.document.history.next_undo.label == "Train"


def test_a_run_goes_on_as_it_was_where_the_document_has_other_settings(place: Place, qtbot: QtBot) -> None:
    session = leave(place, "end")
    with session.document.transaction("Set epochs") as t:  # as where unsaved edits of it were not recovered
        t.set_training(replace(session.graph.training, epochs=1))
    session.save(session.path)
    window = start(place)
    panel, training = show_training(window), window.editor.training
    qtbot.waitUntil(lambda: offered(window))
    click(window.bars.get(BAR).buttons[CONTINUE])
    wait_for(qtbot, window, "completed")
    qtbot.waitUntil(lambda: panel.status.text().startswith("Done · epoch 3 of 3"))
    assert training.curves.marks == []
    assert window.editor.graph.training.epochs == 1


def test_what_was_stopped_is_not_pressed_upon_anybody_but_stands_in_list_and_menu(place: Place, qtbot: QtBot) -> None:
    session = leave(place, "stop")
    home = place.folder / "data" / "runs"
    assert newest_of(home, session.path, "net").told == "A run of net was stopped after epoch 1 of 3"
    assert newest_of(home, place.folder / "other.gw", "other") is None
    window = start(place)
    panel = window.panel("runs")
    assert isinstance(panel, RunsPanel)
    qtbot.waitUntil(lambda: len(panel.model.shown) == 1 and window.left_runs.left is not None)
    assert not offered(window)
    go_on = next(each for each in ACTIONS if each.id == "runs.continue")
    assert go_on.enabled(window)  # with none selected that of this document is meant
    cell = panel.table.visualRect(panel.model.index(0, 0)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    panel.offering.show_menu(cell)
    menu = next(each for each in panel.table.findChildren(QMenu) if each.isVisible())
    texts = {each.text(): each for each in menu.actions()}
    assert texts["Continue"].isEnabled()
    texts["Look at its curves and steps"].trigger()
    menu.close()
    training = window.editor.training
    qtbot.waitUntil(lambda: training.run is not None and training.state == "stopped")
    assert training.goes_on
    assert go_on.enabled(window)
    qtbot.waitUntil(lambda: training.curves.looked is not None)
    assert training.curves.looked.confusion.about.endswith(f"after step {training.run.iteration}")


def test_who_closes_the_offer_is_not_asked_again(place: Place, qtbot: QtBot) -> None:
    leave(place, "end")
    window = start(place)
    qtbot.waitUntil(lambda: offered(window))
    window.bars.get(BAR).dismiss()
    path = window.files.path
    window.files.new()
    window.files.open(path)
    qtbot.waitUntil(lambda: window.left_runs.left is not None)
    assert not offered(window)
