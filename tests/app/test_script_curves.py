"""The curves of an attached script's training, as a user sees them in the panel of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot
from training_graphs import classifier
from windows import Place

import gradwire.core as gw
from gradwire.app.actions import ACTIONS
from gradwire.app.attaching.curves import MOST, ScriptCurves, Table
from gradwire.app.attaching.trained import NO_STEPS, NOT_OURS
from gradwire.app.window import Window
from gradwire.core.attaching import Attachment
from gradwire.core.attaching.numbers import Numbers

FACTS = {"samples": 18, "batch": 5, "iterations_per_epoch": 4, "epochs": 3}


def attached(window: Window, session: gw.Session) -> Attachment:
    window.editor.attaching.listen()
    _, address, _, token, _ = window.editor.attaching.call.split('"')
    return gw.attach(session, address, token)


def numbers(first: int, stop: int, training: int = 1) -> Numbers:
    along = np.arange(first, stop, dtype=np.float64)
    columns = {"iteration": along, "seconds": along / 10, "learning_rate": along * 0 + 0.1, "loss": 1 / along}
    return Numbers(training, FACTS, columns, {})


def test_curves_of_a_script_grow_in_the_panel_and_its_buttons_do_nothing(tmp_path: Path, place: Place, qtbot: QtBot):
    window = place.start(place.copy("fork.gw"))
    editor, told = window.editor, list[str]()
    editor.told.connect(lambda text, _: told.append(text))
    session = classifier(tmp_path)
    script = attached(window, session)
    qtbot.waitUntil(lambda: editor.attaching.shows)
    result = session.train()
    panel = window.panel("training")
    qtbot.waitUntil(lambda: "iteration 12 of 12" in panel.status.text())

    name = editor.attaching.hello.name
    last = result.history[-1]
    assert panel.status.text().startswith(f"{name}: epoch 3 of 3 · ")
    assert f"validation accuracy {last['validation_accuracy']:.3g}" in panel.status.text()
    assert panel.mark.text() == "of a script · curves only"
    assert panel.mark.toolTip().startswith("A script sends how its training goes. Parameters, ")
    assert panel.progress.value() == 1000
    buttons = panel.train, panel.pause, panel.stop, panel.iteration, panel.epoch
    assert not any(button.isEnabled() for button in (*buttons, panel.tries, panel.more))
    assert {button.toolTip() for button in buttons} == {NOT_OURS}
    assert not ACTIONS["train.begin"].enabled(window)

    qtbot.waitUntil(
        lambda: panel.plots is not None and panel.plots.page is not None and len(panel.plots.page.plots) > 2
    )
    plots = {title: plot for (_, title), plot in panel.plots.page.plots.items()}
    assert {"loss", "accuracy", "learning rate"} <= plots.keys()
    columns = editor.attaching.trained.curves.columns
    assert columns["validation_loss"].values.tolist() == [row["validation_loss"] for row in result.history]
    assert columns["loss"].at.epochs.tolist() == [n / 4 for n in range(1, 13)]
    assert columns["loss"].at.samples.tolist()[2:5] == [15, 18, 23]
    assert [each.label for each in editor.attaching.trained.curves.references["loss"]] == ["ln 3: guessing"]
    panel.plots.clicked.emit(3)
    assert told[-1] == NO_STEPS

    session.train(epochs=1)  # another one takes its place
    qtbot.waitUntil(lambda: "iteration 4 of 4" in panel.status.text())
    script.close()
    qtbot.waitUntil(lambda: panel.status.text().startswith(f"{name} (ended): epoch 1 of 1 · "))
    assert not panel.train.isEnabled(), "the graph of the script is shown still"
    editor.attaching.stop()
    assert "(ended)" in panel.status.text()
    assert panel.plots.isVisible()
    qtbot.waitUntil(panel.train.isEnabled)  # it is the document's again
    assert {button.toolTip() for button in buttons} == {""}

    attached(window, session).close()
    qtbot.waitUntil(lambda: editor.attaching.state in ("", "ended"))
    editor.attaching.stop()
    editor.attaching.trained.forget()
    qtbot.waitUntil(lambda: not panel.status.text())
    assert panel.empty.isVisible()
    editor.document.mark_saved()


def test_why_the_document_is_not_trained_does_not_stand_above_the_curves_of_a_script(
    tmp_path: Path, place: Place, qtbot: QtBot
):
    window = place.start(place.copy("sin_plus_product.gw"))
    editor, panel = window.editor, window.panel("training")
    why = "there is nothing to train: f depends on no parameter"
    panel.train.click()
    qtbot.waitUntil(lambda: panel.message.text() == why)
    session = classifier(tmp_path)
    script = attached(window, session)
    session.train()
    qtbot.waitUntil(lambda: "iteration 12 of 12" in panel.status.text())
    assert not panel.message.text()
    script.close()
    qtbot.waitUntil(lambda: " (ended): " in panel.status.text())
    assert not panel.message.text()
    editor.attaching.stop()
    qtbot.waitUntil(panel.train.isEnabled)
    panel.train.click()
    qtbot.waitUntil(lambda: panel.message.text() == why)  # that is about the document again
    assert not panel.status.text()
    editor.document.mark_saved()


def test_coming_back_to_the_document_forgets_the_curves(tmp_path: Path, place: Place, qtbot: QtBot):
    window = place.start(place.copy("fork.gw"))
    editor = window.editor
    session = classifier(tmp_path)
    script = attached(window, session)
    session.train()
    qtbot.waitUntil(lambda: editor.attaching.trained.shown is not None)
    ACTIONS["train.stop_listening"].run(window)
    assert editor.attaching.trained.shown is None
    script.close()


def test_a_long_training_is_bounded_and_keeps_its_shape():
    curves = ScriptCurves("train.py", 1, {})
    step = 50_000
    for first in range(1, 3_000_000, step):
        curves.take(numbers(first, first + step))
    loss = curves.columns["loss"]
    assert MOST / 4 < loss.size <= MOST
    assert set(np.diff(loss.at.iterations)) == {16}
    assert loss.values.tolist()[-1] == 1 / loss.at.iterations[-1]
    assert curves.words.endswith("iteration 3,000,000 of 12")
    held = sum(len(column) for _, column in curves._iterations.items()) * 8
    assert held < 12_000_000


def test_what_plots_hold_of_a_table_is_not_written_again():
    table = Table("iteration")
    table.take({"iteration": np.arange(1.0, 5.0), "loss": np.arange(4.0)})
    before = table["loss"]
    for first in range(5, 2 * MOST, 30_000):
        more = np.arange(float(first), first + 30_000)
        table.take({"iteration": more, "loss": -more})
    assert before.tolist() == [0, 1, 2, 3]
    table.take({"iteration": np.array([3.0, 4.0])})  # what has come is not taken again
    assert (np.diff(table["iteration"]) > 0).all()
