"""What the window tells at a moment is of that moment, and what it writes is of the document."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from training_graphs import classifier
from windows import EXAMPLES, Place

from gradwire.app.canvas.places import Hit
from gradwire.app.canvas.stepping.caption import caption
from gradwire.app.canvas.stepping.lanes import THICK
from gradwire.app.export import PAPER
from gradwire.app.inspecting.output_sections import OutputSections
from gradwire.app.inspecting.values import Values
from gradwire.app.rendering import COMMAND
from gradwire.app.window import Window
from gradwire.core.cli.entry import main
from gradwire.core.document import Document
from gradwire.core.graph import Wire
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment


def stopped_at(window: Window, qtbot: QtBot, number: int) -> None:
    """Go to the end of an iteration."""
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    for each in range(2, number + 1):
        stepper.visit(each)
        qtbot.waitUntil(lambda each=each: stepper.number == each)


def test_the_held_value_is_that_of_the_document_while_another_is_shown(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stopped_at(window, qtbot, 3)
    editor = window.editor
    editor.select(["parameter3"], "parameter3")
    qtbot.waitUntil(lambda: window.findChild(Values) is not None)
    values = window.findChild(Values)
    values.refresh()
    shown = [values.model.data(values.model.index(0, column)) for column in range(3)]
    assert shown == ["0.0000"] * 3
    assert values.model.setData(values.model.index(0, 0), "9", Qt.ItemDataRole.EditRole)
    assert editor.document.values["parameter3"].tolist() == [9, 0, 0]


def test_as_long_as_parts_are_missing_no_sum_is_told(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/fork.gw"))
    window.show()
    stepper, editor = window.editor.stepper, window.editor
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    x = next(id for id, node in editor.graph.nodes.items() if node.name == "x")
    editor.select([x], x)
    qtbot.waitUntil(lambda: window.findChild(OutputSections) is not None)
    page = window.findChild(OutputSections)
    for step, told in ((len(stepper.timeline.steps) - 1, False), (len(stepper.timeline.steps), True)):
        stepper.seek(Cursor(step))
        page.refresh()
        assert page.fork.isVisibleTo(page) is told


def test_back_by_iterations_undoes_on_by_iterations(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stopped_at(window, qtbot, 2)
    stepper = window.editor.stepper
    stepper.choose_grain("iteration")
    stepper.step()
    qtbot.waitUntil(lambda: stepper.number == 3)
    assert stepper.at_end
    stepper.back()
    qtbot.waitUntil(lambda: stepper.number == 2)
    assert stepper.at_end


def barred(path: Path) -> Path:
    """x and its detached self, multiplied."""
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", id="x", name="x", shape=(), value=2.0)
        still = t.add("detach", id="still", name="still", inputs={"x": x}, position=(300, 150))
        t.add("multiply", id="y", name="y", inputs={"x": x, "y": still}, position=(600, 0))
    return Session(document).save(path)


def test_a_wire_through_which_nothing_comes_back_says_why_and_is_barred_in_pictures_too(
    place: Place, qtbot: QtBot, tmp_path: Path
) -> None:
    path = barred(tmp_path / "barred.gw")
    window = place.start(path)
    window.show()
    stopped_at(window, qtbot, 1)
    window.canvas.hover.over(Hit(wire=Wire(window.editor.graph.fed("still", "x"), "still", "x")))
    assert window.canvas.hover.text.endswith("no gradient comes back: stopped by detach")
    pictures = []
    for moment in ("0", "end"):
        out = tmp_path / f"{moment}.svg"
        assert main(["render", str(path), "--at", moment, "--to", str(out)], (COMMAND,)) == 0
        pictures.append(out.read_text("utf-8"))
    bars = [re.findall(rf'stroke="(#\w+)"[^>]*stroke-width="{THICK}"', picture) for picture in pictures]
    assert bars[0] == []
    assert set(bars[1]) == {PAPER.dim}  # violet are gradients


def test_an_iteration_that_a_run_never_had_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:

    session = classifier(tmp_path)
    session.save()
    session.train(out=tmp_path / "run")
    assert main(["trace", str(session.path), "--run", str(tmp_path / "run"), "--iteration", "99999"]) != 0
    assert "--iteration 99999 is not of this run, which went to iteration 12" in capsys.readouterr().err
    assert np.isfinite(session.timeline(iteration=12, run=tmp_path / "run").loss)


def test_before_a_product_is_worked_out_the_canvas_does_not_tell_it() -> None:
    timeline = Session.open(EXAMPLES / "sin_plus_product.gw").timeline()
    at = next(i for i, step in enumerate(timeline.steps) if step.phase == "backward" and len(step.deliveries) > 1)
    at = next(i for i in range(at + 1, len(timeline.steps)) if len(timeline.steps[i].deliveries) > 1)
    told = [[*caption(Moment(timeline, Cursor(at, micro)), 3)] for micro in (1, 2, 3)]
    assert told == [
        ["backward · product · ready"],
        ["backward · product · local", "to x: g · y = 1.000 · 2.000", "to y: g · x = 1.000 · 1.000"],
        ["backward · product · multiply x", "to x: g · y = 1.000 · 2.000 = 2.000"],
    ]


def test_before_a_gradient_is_summed_to_a_shape_the_canvas_tells_it_as_it_is() -> None:
    session = Session.open(EXAMPLES / "lessons" / "broadcast_bias.gw")
    timeline = session.timeline()
    step, delivery = next(
        (number, delivery)
        for number, step in enumerate(timeline.steps)
        for delivery in step.deliveries
        if step.sums(delivery)
    )
    lines = {}
    for micro, each in enumerate(timeline.steps[step].micros, 1):
        if each.port == delivery.port:
            told = caption(Moment(timeline, Cursor(step, micro)), 3)
            lines[each.kind] = next(line for line in told if line.startswith("to b"))
    assert lines == {
        "multiply": "to b: g = norm 9.592",
        "shape": "to b: g, summed over axis 0 = [12.000, −2.000]",
        "deliver": "to b: g, summed over axis 0 = [12.000, −2.000]",
    }
