"""Stepping in the window: keys and buttons move through an iteration, and canvas and panels show that moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, has_keyboard, keyboard, recorded, rest

from gradwire.app.canvas.stepping import lanes
from gradwire.app.canvas.stepping.caption import caption
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.look.thickness import lane_width
from gradwire.app.results.root import add_root
from gradwire.app.window import Window
from gradwire.core.evaluating import Root
from gradwire.core.graph import Source
from gradwire.core.stepping import Cursor, State
from gradwire.core.stepping.timeline import Strength
from gradwire.core.stepping.walking import GRAINS

EACH = [*sorted(EXAMPLES.glob("*.gw")), *sorted((EXAMPLES / "lessons").glob("*.gw"))]


@pytest.fixture
def fork(place: Place) -> Window:
    """sin x + x·y at x = 1, y = 2, in a window that has the keyboard in its canvas."""
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    window.canvas.setFocus()
    return window


def source(window: Window, name: str) -> Source:
    return Source(window.editor.graph.resolve(name), "y")


def tap(window: Window, qtbot: QtBot, times: int = 1) -> None:
    """Tap Space in the canvas, and wait for what is recorded and moves."""
    for _ in range(times):
        before = window.editor.stepper.moment
        QTest.keyClick(window.canvas, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda before=before: window.editor.stepper.moment is not before)
        qtbot.waitUntil(lambda: window.editor.motion.before is None)  # what came back has arrived


def chip(window: Window, name: str) -> str:
    """What stands in the gradient chip of a node."""
    shown = window.canvas.values.of(source(window, name), window.theme, 3)
    return shown.chip.text or f"{float(shown.gradient.text):.3f}" if shown.chip.numbered else shown.chip.text


def test_space_brings_054_and_2_and_they_become_254(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 7)
    moment = fork.editor.stepper.moment
    assert moment is not None
    assert list(caption(moment, 3)) == [
        "backward · sin",
        "to x: g · cos(x) = 1.000 · cos(1.000) = 0.540",
        "Σ at x: 0.540 + …, 1 of 2 arrived",
    ]
    assert chip(fork, "x") == "1/2"
    tap(fork, qtbot)
    moment = fork.editor.stepper.moment
    assert moment is not None
    assert list(caption(moment, 3)) == [
        "backward · product",
        "to x: g · y = 1.000 · 2.000 = 2.000",
        "to y: g · x = 1.000 · 1.000 = 1.000",
        "Σ at x: 0.540 + 2.000 = 2.540",
    ]
    (junction,) = junctions(fork.canvas.scene, moment)
    assert [float(part.value) for part in junction.gradient.arrived] == pytest.approx([0.5403, 2.0], abs=1e-4)


def test_where_two_ports_take_one_value_each_line_names_its_port(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/square.gw"))
    window.show()
    qtbot.waitUntil(lambda: window.editor.stepper.active)  # as a lesson begins
    window.editor.stepper.to_end()
    told = list(caption(window.editor.stepper.moment, 3))
    assert told[:3] == [
        "backward · y",
        "to x by x: g · y = 1.000 · 3.000 = 3.000",
        "to x by y: g · x = 1.000 · 3.000 = 3.000",
    ]


def test_at_the_end_of_the_only_iteration_a_step_says_why_nothing_follows(fork: Window, qtbot: QtBot) -> None:
    fork.editor.stepper.to_end()
    qtbot.waitUntil(lambda: fork.editor.stepper.active)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_F10):
        fork.status.message.forget()
        QTest.keyClick(fork.canvas, key)
        assert fork.status.message.text() == (
            "This is the end: without training settings there is one iteration. "
            "← on the timeline steps back, Home goes to its start"
        )


def test_nothing_is_known_before_the_first_step(fork: Window, qtbot: QtBot) -> None:
    fork.editor.stepper.to_start()
    qtbot.waitUntil(lambda: fork.editor.stepper.active)
    assert all(fork.editor.results.value(source(fork, name)) is None for name in ("x", "y", "sin", "product", "f"))
    assert chip(fork, "x") == "–"
    tap(fork, qtbot)
    assert float(fork.editor.results.value(source(fork, "x"))) == 1.0
    assert fork.editor.results.value(source(fork, "sin")) is None


def test_a_step_back_shows_what_was_there_before(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 8)
    whole = fork.editor.results.gradient(source(fork, "x"))
    QTest.keyClick(fork, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert fork.editor.results.gradient(source(fork, "x")).state is State.WAITING
    QTest.keyClick(fork, Qt.Key.Key_F10)
    assert fork.editor.results.gradient(source(fork, "x")).value is whole.value


def test_space_that_drags_pans_and_does_not_step(fork: Window) -> None:
    canvas = fork.canvas
    before = canvas.view.x
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    QTest.mouseMove(canvas, QPoint(60, 20))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(60, 20))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view.x != before
    assert not fork.editor.stepper.active


def test_the_track_is_moved_by_mouse_and_arrow_keys(fork: Window, qtbot: QtBot) -> None:
    bar = fork.toolbar.stepper
    assert bar is not None
    QTest.mouseClick(bar.track, Qt.MouseButton.LeftButton, pos=QPoint(bar.track.width() - 3, 10))
    qtbot.waitUntil(lambda: fork.editor.stepper.active)
    assert fork.editor.stepper.cursor == Cursor(8)
    assert bar.where.text() == "8 / 8"
    QTest.keyClick(bar.track, Qt.Key.Key_Left)
    assert fork.editor.stepper.cursor == Cursor(7)
    QTest.keyClick(bar.track, Qt.Key.Key_1)  # by parts of a step
    QTest.keyClick(bar.track, Qt.Key.Key_Right)
    assert fork.editor.stepper.cursor == Cursor(7, 1)
    QTest.keyClick(bar.track, Qt.Key.Key_Home)
    assert fork.editor.stepper.cursor == Cursor()


def test_back_to_live_shows_what_is_computed(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 2)
    assert fork.editor.results.value(source(fork, "f")) is None
    fork.editor.stepper.leave()
    qtbot.waitUntil(lambda: fork.editor.results.value(source(fork, "f")) is not None)
    assert float(fork.editor.results.gradient(source(fork, "x")).value) == pytest.approx(2.5403, abs=1e-4)


def test_what_was_recorded_is_stale_once_the_graph_is_edited(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 8)
    before = fork.editor.results.value(source(fork, "f"))
    fork.editor.attempt("Edit", lambda t: t.set_param(fork.editor.graph.resolve("y"), "value", 5.0))
    assert fork.editor.results.value(source(fork, "f")) is before  # of that moment, and no other
    assert fork.editor.results.is_stale(source(fork, "f").node)
    assert not fork.editor.results.is_stale(source(fork, "sin").node)
    assert fork.editor.results.gradients_are_stale


def test_once_other_roots_are_chosen_it_is_said_how_to_record_again(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 8)
    told: list[tuple[str, str]] = []
    assert fork.toolbar.stepper.again.isHidden()
    add_root(fork.editor, source(fork, "product"))
    assert fork.status.live.text() == "▶ recorded, the roots have changed since"
    assert not fork.toolbar.stepper.again.isHidden()
    fork.editor.told.connect(lambda text, kind: told.append((text, kind)))
    QTest.keyClick(fork.canvas, Qt.Key.Key_Space)
    end = "This is the end of what was recorded, and there is another now: Record again (Ctrl+F5) takes that"
    assert told == [(end, "note")]
    before = fork.editor.stepper.moment
    has_keyboard(fork)
    fork.canvas.setFocus()
    QTest.keyClick(fork, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: fork.editor.stepper.moment is not before)
    assert fork.status.live.text() == "▶ recorded"
    assert fork.toolbar.stepper.again.isHidden()
    fork.editor.stepper.to_end()
    assert fork.editor.results.gradient(source(fork, "product")).value == 2.0  # of both roots


def test_iterations_of_training_follow_one_another(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    first = stepper.timeline
    assert first is not None
    updated = dict(first.updated)
    stepper.step("iteration")
    qtbot.waitUntil(lambda: stepper.number == 2)
    stepper.to_start()
    stepper.step()  # gradients are set to zero
    stepper.step()
    for id, value in updated.items():
        np.testing.assert_array_equal(window.editor.results.value(Source(id, "y")), value)
    assert window.editor.document.values == {}  # stepping trains nothing
    stepper.to_start()
    stepper.back()
    qtbot.waitUntil(lambda: stepper.number == 1)
    assert stepper.timeline is first  # kept, not computed again
    for grain in GRAINS:  # across two iterations each step is undone by one back
        stepper.to_end()
        stepper.step(grain)
        qtbot.waitUntil(lambda: stepper.number == 2)
        there = stepper.cursor
        stepper.back(grain)
        qtbot.waitUntil(lambda: stepper.number == 1)
        assert stepper.at_end
        stepper.step(grain)
        qtbot.waitUntil(lambda: stepper.number == 2)
        assert stepper.cursor == there
        stepper.to_start()
        stepper.back(grain)
        qtbot.waitUntil(lambda: stepper.number == 1)
    assert stepper.at_end


@pytest.mark.slow
@pytest.mark.parametrize("path", EACH, ids=lambda path: path.stem)
def test_every_moment_of_every_example_is_drawn(path: Path, place: Place, qtbot: QtBot) -> None:
    window = place.start(Path(place.copy(str(path.relative_to(EXAMPLES)))) if path.parent == EXAMPLES else None)
    if path.parent != EXAMPLES:
        window.files.open_example(path)
    window.show()
    stepper = window.editor.stepper
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    assert stepper.timeline is not None
    pictures = set()
    for index in range(len(stepper.timeline.steps) + 1):
        stepper.seek(Cursor(index))
        image = window.canvas.grab_image()
        pictures.add(image.constBits().tobytes())
    assert len(pictures) > len(stepper.timeline.steps) * 0.9  # nearly each step is seen


@pytest.mark.parametrize(("rms", "width"), [(1e-9, 1.0), (1e-6, 1.0), (1e-3, 3.25), (1.0, 5.5), (1e2, 7.0), (1e9, 7.0)])
def test_lanes_are_as_wide_as_gradients_are_large(rms: float, width: float) -> None:
    assert lane_width(Strength.of(np.full((3, 2), rms))) == pytest.approx(width)
    assert lane_width(Strength.of(np.full((3, 2), -rms))) == pytest.approx(width)


def test_a_zero_is_thin_and_what_is_not_finite_is_as_wide_as_it_gets() -> None:
    assert lane_width(Strength.of(np.zeros(3))) == 1.0
    assert lane_width(Strength.of(np.array([np.nan]))) == lane_width(Strength.of(np.array([np.inf]))) == 7.0


def test_what_a_step_delivers_has_a_bright_core_and_looks_no_wider(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("lessons/vanishing_sigmoids.gw"))
    window.resize(1500, 900)
    window.show()
    stepper, drawn = window.editor.stepper, list[QPen]()
    qtbot.waitUntil(lambda: stepper.active)
    stepper.seek(Cursor(14))
    window.canvas.frame()
    draw = lanes.draw_lines

    def look(painter: QPainter, lines: np.ndarray) -> None:
        drawn.append(painter.pen())
        draw(painter, lines)

    monkeypatch.setattr(lanes, "draw_lines", look)
    window.canvas.grab_image()
    theme = window.canvas.theme
    of_lanes = [pen for pen in drawn if pen.color().name() == QColor(theme.gradient).name()]
    (core,) = (pen for pen in drawn if pen.color().name() == QColor(theme.text).name())
    assert len({pen.color().alpha() for pen in of_lanes}) == 1
    widths = [pen.widthF() for pen in of_lanes]
    assert len(set(widths)) == len(widths) == 4  # each smaller than that of the step before
    assert core.widthF() < 0.5 * min(widths)
    assert all(pen.capStyle() == Qt.PenCapStyle.FlatCap for pen in of_lanes)


def test_the_status_bar_says_that_a_moment_is_shown_and_a_click_goes_back_to_live(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 3)
    assert fork.status.live.text() == "▶ recorded"
    fork.editor.attempt("Edit", lambda t: t.set_param(fork.editor.graph.resolve("y"), "value", 5.0))
    assert fork.status.live.text() == "▶ recorded, the graph has changed since"
    fork.status.live.click()
    assert not fork.editor.stepper.active
    qtbot.waitUntil(lambda: fork.status.live.text() == "live")


def test_escape_on_the_timeline_gives_the_keyboard_to_the_canvas(fork: Window) -> None:
    fork.toolbar.focus_timeline()
    assert fork.toolbar.stepper is not None
    QTest.keyClick(fork.toolbar.stepper.track, Qt.Key.Key_Escape)
    assert fork.canvas.hasFocus()


def test_play_steps_by_itself_to_the_end(fork: Window, qtbot: QtBot) -> None:
    assert fork.toolbar.stepper is not None
    playing = fork.toolbar.stepper.playing
    playing._timer.setInterval(20)
    playing.toggle()
    qtbot.waitUntil(lambda: fork.editor.stepper.at_end)
    qtbot.waitUntil(lambda: not playing.on)


def test_leaving_and_another_document_stop_play(fork: Window, place: Place, qtbot: QtBot) -> None:
    assert fork.toolbar.stepper is not None
    playing = fork.toolbar.stepper.playing
    playing.toggle()
    tap(fork, qtbot)
    fork.editor.stepper.leave()
    assert not playing.on
    playing.toggle()
    fork.files.open_example(EXAMPLES / "colah.gw")
    assert not playing.on


def test_space_is_patient_while_the_first_iteration_is_recorded(fork: Window, qtbot: QtBot) -> None:
    for _ in range(3):
        QTest.keyClick(fork.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: fork.editor.stepper.active)
    assert fork.editor.stepper.cursor == Cursor(1)  # begun once: what is begun again and again never arrives


def test_breakpoints_are_forgotten_with_their_document(fork: Window) -> None:
    fork.editor.breakpoints.toggle(fork.editor.graph.resolve("sin"))
    assert fork.editor.breakpoints.add("x.grad > 2") is None
    fork.files.open_example(EXAMPLES / "colah.gw")
    assert fork.editor.breakpoints.points == []


def test_the_root_that_is_told_is_that_of_the_moment(fork: Window, qtbot: QtBot) -> None:
    tap(fork, qtbot, 8)
    fork.editor.live.set_roots(Root(source(fork, "sin")))
    assert fork.editor.results.root == source(fork, "f")
    assert fork.editor.results.gradients_are_stale


def test_the_caption_of_large_arrays_is_found_beside_the_window(place: Place, qtbot: QtBot) -> None:
    window = place.start(empty=True)
    window.show()

    def build(t: Any) -> None:
        w = t.add("parameter", name="w", params={"shape": (600, 600), "init": "ones"})
        t.add("sum", name="total", inputs={"x": t.add("square", name="s", inputs={"x": w})})

    window.editor.attempt("Build", build)
    stepper = window.editor.stepper
    stepper.go(lambda timeline: timeline.end)
    qtbot.waitUntil(lambda: stepper.active and stepper.at_end)
    telling = window.canvas.painting.telling
    window.canvas.grab_image()
    assert telling._known is not None
    assert telling._known[2].lines[0] == "backward · s"
    assert telling._worker is not None
    qtbot.waitUntil(lambda: telling._known is not None and len(telling._known[2].lines[1]) > 1)
    assert telling._known[2].lines == ("backward · s", "to w: g · 2 · x = norm 1200")


def test_a_run_without_any_breakpoint_says_so_and_how_one_is_set(fork: Window, qtbot: QtBot) -> None:
    told: list[str] = []
    fork.editor.told.connect(lambda text, kind: told.append(text))
    QTest.keyClick(fork, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: fork.editor.stepper.at_end)
    how = "F9 sets one at the selected node, the Watch panel one on a condition"
    assert told == [f"No breakpoint is set: this is the end of the iteration. {how}"]
    assert fork.status.message.text().endswith(told[0])
    fork.editor.stepper.to_start()
    fork.editor.breakpoints.add("rms(x.grad) > 100")
    QTest.keyClick(fork, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: fork.editor.stepper.at_end)
    assert told[1:] == ["No breakpoint has halted: this is the end of the iteration"]


def test_a_run_without_a_halt_ends_with_the_last_iteration_of_training(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/not_zeroed.gw"))
    window.show()
    rest(window, qtbot)
    stepper, training = window.editor.stepper, window.editor.graph.training
    told: list[str] = []
    window.editor.told.connect(lambda text, kind: told.append(text))
    window.editor.breakpoints.add("w.value > 1e9")
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    last = stepper.span.last
    assert last == training.epochs
    window.editor.breakpoints.run()
    qtbot.waitUntil(lambda: stepper.at_end and stepper.number == last)
    assert told[-1] == "No breakpoint has halted: this is the last iteration of training. Space goes on"
    stepper.step()
    qtbot.waitUntil(lambda: stepper.number == last + 1)


def test_a_parameter_has_its_value_before_the_first_step_of_a_later_iteration(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    weight = Source("parameter0", "y")
    trained = stepper.moment.value(weight)
    assert not np.array_equal(trained, stepper.timeline.run.value(weight))
    stepper.step()
    qtbot.waitUntil(lambda: stepper.number == 2)
    stepper.to_start()
    assert np.array_equal(window.editor.results.value(weight), trained)
    assert window.editor.results.gradient(weight).value is None  # only that is not there yet
    assert window.editor.results.value(Source("matmul0", "y")) is None


def test_a_graph_whose_loss_is_gone_is_not_recorded_and_nothing_else_changes(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    editor, stepper, told = window.editor, window.editor.stepper, []
    qtbot.waitUntil(lambda: not editor.checking.busy and bool(editor.shapes))
    editor.attempt("Delete", lambda t: t.remove(editor.graph.training.loss))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    window.canvas.setFocus()
    for key in (Qt.Key.Key_F10, Qt.Key.Key_F5):  # a step, and a run to the next breakpoint
        told.clear()
        QTest.keyClick(window, key)
        qtbot.waitUntil(lambda: bool(told))
        ((text, kind),) = told
        assert (text.startswith("Nothing was recorded: "), kind) == (True, "refusal")
        assert "\n" not in text
        assert window.status.message.text() == f"✗ {text}"
        assert not stepper.active
        assert not stepper.recordings.running
    editor.undo()
    QTest.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: stepper.active)
    assert stepper.trains


def test_what_is_shown_goes_on_where_the_graph_cannot_be_recorded_again(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    editor, stepper, told = window.editor, window.editor.stepper, []
    qtbot.waitUntil(lambda: not editor.checking.busy and bool(editor.shapes))
    stepper.to_end()
    recorded(window, qtbot)
    relu = next(id for id, node in editor.graph.nodes.items() if node.op == "relu")
    before = stepper.moment
    assert editor.branching.fork(relu, "0") is None
    recorded(window, qtbot)
    assert stepper.moment is not before
    branch, graph, moment = stepper.branch, stepper.timeline.run.asked.graph, stepper.moment
    editor.attempt("Delete", lambda t: t.remove(editor.graph.training.loss))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    has_keyboard(window)
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)
    assert told or stepper.recordings.busy  # the key has come
    recorded(window, qtbot)
    assert told[0][0].startswith("Nothing was recorded: ")
    assert stepper.moment is moment
    assert (stepper.branch, editor.branching.branches) == (branch, (branch,))
    assert stepper.recordings.outdated  # it is still that of before, and offers to be recorded again
    stepper.step()
    recorded(window, qtbot)
    assert stepper.number == 2
    assert (stepper.branch, stepper.timeline.run.asked.graph) == (branch, graph)


def test_the_end_of_the_last_epoch_is_told_once_and_steps_go_on(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/not_zeroed.gw"))
    window.show()
    rest(window, qtbot)
    stepper, told = window.editor.stepper, []
    window.editor.told.connect(lambda text, kind: told.append((stepper.number, text, kind)))
    for _ in range(6):
        moment = stepper.moment
        stepper.step("iteration")
        qtbot.waitUntil(lambda moment=moment: stepper.moment is not moment)
    assert stepper.number == 6
    assert told == [
        (4, "This was the last of 4 epochs that training takes; the next step goes on all the same", "note")
    ]
    assert stepper.at_end


@pytest.mark.parametrize("name", ["fork", "not_zeroed", "where_nan", "broadcast_bias"])
def test_a_step_draws_what_drawing_everything_anew_draws(name: str, place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy(f"lessons/{name}.gw"))
    window.show()
    canvas, stepper = window.canvas, window.editor.stepper
    stepper.begin()
    qtbot.waitUntil(lambda: stepper.active)
    for direction in (stepper.step, stepper.back):
        for _ in range(len(stepper.timeline.steps)):  # type: ignore[union-attr]
            direction()
            qtbot.waitUntil(lambda: window.editor.motion.progress is None)
            canvas.grab()  # what has just changed is drawn past the pictures that are kept
            after_a_step = canvas.grab().toImage()
            canvas.values.ask_again()
            canvas.grab()
            assert canvas.grab().toImage() == after_a_step, stepper.cursor


def test_a_breakpoint_that_is_set_by_key_is_told(place: Place, qtbot: QtBot) -> None:
    window, told = place.start(place.copy("sin_plus_product.gw")), list[str]()
    window.editor.told.connect(lambda text, _: told.append(text))
    window.canvas.setFocus()
    window.editor.select([window.editor.graph.resolve("sin")])
    for _ in range(2):
        QTest.keyClick(window.canvas, Qt.Key.Key_F9)
    assert told == ["Breakpoint at sin: F5 runs to it", "No breakpoint at sin any more"]


def test_who_chooses_the_grain_with_the_mouse_goes_on_with_space(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    window.canvas.setFocus()
    stepper = window.editor.stepper
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    grain = window.toolbar.stepper.grain
    QTest.mouseClick(grain, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: grain.view().isVisible())
    grain.view().setCurrentIndex(grain.model().index(3, 0))
    QTest.keyClick(grain.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not grain.view().isVisible())
    assert stepper.grain == "phase"
    qtbot.waitUntil(lambda: window.canvas.hasFocus())
    QTest.keyClick(keyboard(), Qt.Key.Key_Space)
    assert stepper.cursor.step > 1  # a phase
    assert not grain.view().isVisible()


def test_keys_about_the_moment_act_while_the_timeline_has_the_keyboard(place: Place, qtbot: QtBot) -> None:
    """A lesson opens with the keyboard there: what Space has shown is remembered and compared without a click."""
    window = place.start(place.copy("lessons/fork.gw"))
    window.show()
    stepper, track = window.editor.stepper, window.toolbar.stepper.track
    qtbot.waitUntil(lambda: stepper.active and track.hasFocus())
    for _ in range(4):
        QTest.keyClick(track, Qt.Key.Key_Space)
    QTest.keyClick(track, Qt.Key.Key_K)
    assert "remembered" in window.status.message.text()
    QTest.keyClick(track, Qt.Key.Key_Space)
    with qtbot.waitSignal(window.editor.questions.answered):
        QTest.keyClick(track, Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    assert window.editor.spotlight.answer.lines[0].startswith("compared with the remembered moment")
    QTest.keyClick(track, Qt.Key.Key_B)
    assert "this takes one node" in window.status.message.text()
