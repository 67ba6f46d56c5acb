"""Trying an input of one's own: what is drawn, typed or taken is predicted at once, and the graph shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from training_windows import click, open_window, press, set_training, show_training, wait_for
from windows import Place

from gradwire.app.actions import ACTIONS
from gradwire.app.inspecting.output_sections import OutputSections
from gradwire.app.look.theme import DARK
from gradwire.app.panels.try_it import TryItPanel
from gradwire.app.plots.data import Samples
from gradwire.app.plots.verdicts import percent
from gradwire.app.results.waiting import waits_for
from gradwire.app.trying.board import DrawingBoard
from gradwire.app.trying.guess import NOTHING, GuessBars
from gradwire.app.window import Window
from gradwire.core.document import Transaction
from gradwire.core.graph import Source


def show_panel(window: Window) -> TryItPanel:
    window.menus.actions["train.try_it"].trigger()
    panel = window.docks.panels["try_it"]
    assert isinstance(panel, TryItPanel)
    return panel


def ready(qtbot: QtBot, panel: TryItPanel) -> None:
    qtbot.waitUntil(lambda: panel.input is not None)


def settle(qtbot: QtBot, window: Window) -> None:
    """Until all that was given has been answered, and the graph shows it."""
    trying, live = window.editor.trying, window.editor.live

    def rests() -> bool:
        busy = trying._worker is None or trying._worker.busy or trying.behind
        return not busy and not live.refreshing.pending

    qtbot.wait(60)
    qtbot.waitUntil(rests)


def stroke(
    board: DrawingBoard,
    points: list[tuple[float, float]],
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Draw through points of the picture, in its pixels, with real events."""
    place = board.place
    scale = place.width() / board.picture.shape[1]
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(points) - 1)]
    for kind, (x, y) in zip(kinds, points, strict=True):
        at = QPointF(place.left() + x * scale, place.top() + y * scale)
        pressed = button if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        QApplication.sendEvent(board, QMouseEvent(kind, at, board.mapToGlobal(at), pressed, button, modifiers))
    event = QMouseEvent(
        QEvent.Type.MouseButtonRelease, at, board.mapToGlobal(at), button, Qt.MouseButton.NoButton, modifiers
    )
    QApplication.sendEvent(board, event)


def shown(window: Window, name: str) -> np.ndarray | None:
    """What the graph shows at the first output of a node."""
    id = window.editor.graph.resolve(name)
    op = window.editor.registry[window.editor.graph.nodes[id].op]
    return window.editor.results.value(Source(id, op.outputs[op.visible[0]].name))


def texts(page: QWidget) -> list[str]:
    return [each.text() for each in page.findChildren(QLabel) if each.isVisibleTo(page)]


def drop(board: DrawingBoard, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    middle = QPointF(board.rect().center())
    kinds = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(middle.toPoint(), *kinds)
    QApplication.sendEvent(board, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(board, QDropEvent(middle, *kinds))


@pytest.fixture
def digits(place: Place, qtbot: QtBot) -> tuple[Window, TryItPanel]:
    """A trained network of digits, with the panel in front."""
    window = open_window(place, "digits_mlp.gw")
    window.editor.session.train(epochs=10)
    panel = show_panel(window)
    ready(qtbot, panel)
    return window, panel


# Drawing.


def test_what_is_drawn_is_predicted_and_goes_through_the_graph_until_escape(
    digits: tuple[Window, TryItPanel], qtbot: QtBot
) -> None:
    window, panel = digits
    board = panel.input.board
    assert board.picture.shape == (8, 8)
    assert panel.bars.words == NOTHING
    settle(qtbot, window)
    assert not window.editor.live.feeding.shown  # nothing is tried yet
    batch = shown(window, "probabilities").shape[0]
    stroke(board, [(4.3, 0.5), (4.3, 4), (4.3, 7.5)])
    settle(qtbot, window)
    assert panel.bars.words.startswith("predicted 1, ")
    assert shown(window, "data") == pytest.approx(board.picture.reshape(1, 64), abs=1e-6)
    shares = shown(window, "probabilities")
    assert shares.shape == (1, 10)
    assert panel.bars.found.shares == pytest.approx(shares, abs=1e-5)
    assert shown(window, "loss") is None
    assert waits_for(window.editor, Source(window.editor.graph.resolve("loss"), "y")) == (
        "data.y is not given with what is tried"
    )
    assert not window.canvas.marks.bad_items
    lit = window.canvas.grab_image()
    window.canvas.setFocus()
    press(window, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert shown(window, "probabilities").shape == (batch, 10)
    assert not panel.light.isChecked()
    assert window.canvas.grab_image() != lit
    assert panel.bars.words.startswith("predicted 1, ")  # what is predicted stays
    click(panel.light)
    settle(qtbot, window)
    assert shown(window, "probabilities").shape == (1, 10)


def test_the_right_button_and_shift_erase_the_wheel_changes_the_brush_and_clear_begins_anew(
    digits: tuple[Window, TryItPanel], qtbot: QtBot
) -> None:
    window, panel = digits
    board = panel.input.board
    stroke(board, [(1, 0.5), (7, 0.5)])
    assert board.picture[0].max() == 1
    stroke(board, [(1, 0.5), (4, 0.5)], Qt.MouseButton.RightButton)
    assert board.picture[0, 1] == 0
    assert board.picture[0, 6] == 1
    stroke(board, [(4, 0.5), (7, 0.5)], modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert board.picture[0, 6] == 0
    before = board.radius
    at = QPointF(board.rect().center())
    turned = QWheelEvent(at, board.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                         Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(board, turned)
    assert board.radius > before
    stroke(board, [(1, 6), (7, 6)])
    settle(qtbot, window)
    assert panel.bars.words != NOTHING
    click(panel.input.clear)
    settle(qtbot, window)
    assert panel.bars.words == NOTHING
    assert not board.picture.any()
    assert not window.editor.live.feeding.shown


def test_undo_on_the_board_takes_back_strokes_and_never_what_was_done_to_the_graph(
    digits: tuple[Window, TryItPanel], qtbot: QtBot
) -> None:
    window, panel = digits
    board, clear = panel.input.board, panel.input.clear
    trained = window.editor.document.history.next_undo
    assert trained is not None
    undo = Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    board.setFocus()
    qtbot.waitUntil(board.hasFocus)
    stroke(board, [(1, 0.5), (7, 0.5)])
    first = board.picture
    stroke(board, [(1, 6), (7, 6)])
    second = board.picture
    QTest.keyClick(board, *undo)
    assert (board.picture == first).all()
    QTest.keyClick(board, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert (board.picture == second).all()
    click(clear)
    settle(qtbot, window)
    clear.setFocus()
    QTest.keyClick(clear, *undo)  # what was cleared is there again
    settle(qtbot, window)
    assert (board.picture == second).all()
    assert panel.bars.words != NOTHING
    board.setFocus()
    for _ in range(4):
        QTest.keyClick(board, *undo)
    settle(qtbot, window)
    assert board.blank
    assert panel.bars.words == NOTHING
    assert window.editor.document.history.next_undo is trained
    assert window.status.message.text() == (
        "There is nothing to take back on the board: click the canvas to undo what was done to the graph"
    )


def test_a_dropped_picture_is_resized_and_what_is_none_is_told_in_a_line(
    digits: tuple[Window, TryItPanel], qtbot: QtBot, tmp_path: Path
) -> None:
    window, panel = digits
    image = QImage(80, 80, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    for y in range(80):
        for x in range(30, 50):
            image.setPixelColor(x, y, Qt.GlobalColor.black)
    image.save(str(tmp_path / "one.png"))
    (tmp_path / "note.txt").write_text("no picture")
    drop(panel.input.board, tmp_path / "one.png")
    settle(qtbot, window)
    picture = panel.input.board.picture
    assert picture[:, 0] == pytest.approx(1.0)
    assert picture[:, 3:5] == pytest.approx(0.0)
    click(panel.input.invert)  # the data are light on dark
    settle(qtbot, window)
    assert panel.input.board.picture == pytest.approx(1 - picture)
    assert panel.bars.words.startswith("predicted 1, ")
    drop(panel.input.board, tmp_path / "note.txt")
    settle(qtbot, window)
    assert panel.message.text() == "note.txt: a picture is required, found something else (a PNG, JPEG, BMP or GIF)"
    assert panel.message.isVisible()
    QGuiApplication.clipboard().setText("1")
    click(panel.input.paste)
    settle(qtbot, window)
    assert panel.message.text() == ("a picture is required, the clipboard holds none (copy one, or drop a file here)")
    QGuiApplication.clipboard().setImage(image)
    panel.input.board.setFocus()
    QTest.keyClick(panel.input.board, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, window)
    assert not panel.message.isVisible()
    assert panel.input.board.picture == pytest.approx(picture)


# From the data, by the keyboard alone.


def test_samples_of_the_data_are_gone_through_by_keys_with_what_is_true_of_them(
    digits: tuple[Window, TryItPanel], qtbot: QtBot
) -> None:
    window, panel = digits
    panel.next.setFocus()
    QTest.keyClick(panel.next, Qt.Key.Key_Space)
    settle(qtbot, window)
    subject = panel.trying.seen.subject
    assert panel.about.text() == "sample 1 of 359 held out · with the values of the document"
    assert panel.bars.words.endswith(f"; the data say {int(subject.y[0])}")
    assert panel.input.board.picture == pytest.approx(np.asarray(subject.x[0]).reshape(8, 8))
    assert shown(window, "loss").shape == ()  # of this one sample: its target is known
    assert np.array_equal(shown(window, "data"), subject.x[:1])
    QTest.keyClick(panel.before, Qt.Key.Key_Space)
    settle(qtbot, window)
    assert panel.about.text().startswith("sample 359 of 359")
    stroke(panel.input.board, [(1, 1), (2, 2)])
    settle(qtbot, window)
    assert "the data say" not in panel.bars.words  # it is no sample of the data any more
    assert shown(window, "loss") is None
    takers = [panel.before, panel.next, panel.light, panel.input.clear, panel.input.open, panel.input.paste]
    for taker in takers:
        assert taker.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert taker.accessibleName() or taker.text()
    panel.input.board.setFocus()
    QTest.keyClick(panel.input.board, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert not window.editor.live.feeding.shown


def test_rows_have_fields_that_take_sums_in_the_numbers_of_the_data(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, "iris_mlp.gw")
    panel = show_panel(window)
    ready(qtbot, panel)
    qtbot.waitUntil(lambda: panel.bars.found is not None)
    settle(qtbot, window)
    assert not window.editor.live.feeding.shown  # fields begin with a sample, which nobody has asked for
    fields = panel.input.fields
    assert all(field.reset.isHidden() for field in fields)  # a sample has no default to go back to
    assert [field.parameter.name for field in fields] == [
        "sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)",
    ]  # fmt: skip
    assert fields[2].unit.text() == "1.1 … 6.9"
    fields[2].text.setFocus()
    fields[2].text.setText("2*3")
    QTest.keyClick(fields[2].text, Qt.Key.Key_Return)
    settle(qtbot, window)
    subject = panel.trying.seen.subject
    own = np.array([5.4, 3.9, 6.0, 0.4])
    expected = (own - subject.standardiser.mean) / subject.standardiser.scale
    assert shown(window, "data") == pytest.approx(expected[None], abs=1e-5)
    assert fields[2].bar.value == 6.0  # the slider follows what is typed
    fields[2].text.setText("six")
    QTest.keyClick(fields[2].text, Qt.Key.Key_Return)
    assert fields[2].error.isVisible()
    assert shown(window, "data") == pytest.approx(expected[None], abs=1e-5)


def test_sliders_are_as_wide_as_each_other_whatever_their_ranges(place: Place, qtbot: QtBot) -> None:
    panel = show_panel(open_window(place, "moons_mlp.gw"))
    ready(qtbot, panel)
    first, second = panel.input.fields
    qtbot.waitUntil(lambda: first.unit.isVisible() and second.unit.isVisible())
    assert len(first.unit.text()) != len(second.unit.text())
    assert (first.bar.x(), first.bar.width()) == (second.bar.x(), second.bar.width())


def test_texts_are_typed_and_those_of_other_letters_are_told(place: Place, qtbot: QtBot) -> None:
    (place.folder / "t.txt").write_text("to be or not to be, " * 40)
    window = place.start(place.copy("sin_plus_product.gw"))
    editor = window.editor

    def build(t: Transaction) -> None:
        text = t.add("dataset", name="text", params={"source": "t.txt", "window": 5})
        table = t.add("parameter", name="table", params={"shape": (8, 8), "init": "normal"})
        t.add("embedding", name="letters", inputs={"indices": Source(text, "x"), "table": table})

    editor.attempt("Build", build)
    window.show()
    panel = show_panel(window)
    ready(qtbot, panel)
    panel.input.setPlainText("or not")
    settle(qtbot, window)
    assert panel.bars.found.names[:2] == ("␣", ",")
    assert shown(window, "letters").shape == (1, 5, 8)
    panel.input.setPlainText("or Not")
    settle(qtbot, window)
    assert panel.message.text() == 'the characters of the data are required, found "N" (one of " ,benort")'
    assert panel.bars.words == NOTHING
    panel.input.setPlainText("or")
    settle(qtbot, window)
    assert panel.message.text() == "5 characters are required, found 2 (of a longer text the last ones)"


# What it follows.


def gradient_page(window: Window, qtbot: QtBot, name: str) -> OutputSections:
    """What the inspector shows of the output of a node."""
    id = window.editor.graph.resolve(name)
    window.editor.select([id])
    panel = window.docks.panels["inspector"]

    def found() -> list[OutputSections]:
        return [each for each in panel.findChildren(OutputSections) if each.source.node == id]

    qtbot.waitUntil(lambda: bool(found()))
    qtbot.wait(200)
    return found()[0]


def test_the_inspector_says_why_what_is_tried_has_no_gradients_and_gives_no_other_reason(
    digits: tuple[Window, TryItPanel], qtbot: QtBot
) -> None:
    window, panel = digits
    stroke(panel.input.board, [(4.3, 0.5), (4.3, 7.5)])
    settle(qtbot, window)
    for name in ("mlp/relu_2", "mlp/linear_3/add", "mlp/linear_1/weight"):
        page = gradient_page(window, qtbot, name)
        assert "none: data.y is not given with what is tried" in texts(page)
        assert page.explanation.why.isHidden()  # that the loss did not depend on it was said here


def test_the_inspector_says_of_what_lies_behind_frozen_layers_that_a_run_needs_no_gradient_there(
    place: Place, qtbot: QtBot
) -> None:
    window = open_window(place, "digits_mlp.gw")
    graph = window.editor.graph
    frozen = [graph.resolve(f"mlp/linear_{number}/{name}") for number in (1, 2) for name in ("weight", "bias")]

    def freeze(t: Transaction) -> None:
        for id in frozen:
            t.set_flags(id, {"freeze"})

    window.editor.attempt("Freeze", freeze)
    set_training(window, epochs=3000)
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, window, "running")
    page = gradient_page(window, qtbot, "mlp/relu_1")
    qtbot.waitUntil(lambda: "none: the run trains nothing before it, so it computes none here" in texts(page))
    page = gradient_page(window, qtbot, "mlp/linear_1/weight")
    assert "frozen: no gradient is computed" in texts(page)
    window.editor.training.stopping.stop()
    wait_for(qtbot, window, "stopped")


def test_another_panel_in_front_or_other_data_end_it(digits: tuple[Window, TryItPanel], qtbot: QtBot) -> None:
    window, panel = digits
    click(panel.next)
    settle(qtbot, window)
    assert window.editor.live.feeding.shown
    window.panel("history")
    settle(qtbot, window)
    assert not window.editor.live.feeding.shown
    window.panel("try_it")
    settle(qtbot, window)
    assert window.editor.live.feeding.shown
    data = window.editor.graph.resolve("data")
    window.editor.attempt("Set", lambda t: t.set_param(data, "split_seed", 7))
    settle(qtbot, window)
    assert not window.editor.live.feeding.shown
    assert panel.bars.words == NOTHING
    ready(qtbot, panel)  # and others can be tried
    window.editor.attempt("Delete", lambda t: t.remove(data))
    told = "no dataset node: one says what inputs look like"
    qtbot.waitUntil(lambda: panel.message.text() == told)
    assert panel.input is None


def test_an_edit_of_the_network_predicts_anew(digits: tuple[Window, TryItPanel], qtbot: QtBot) -> None:
    window, panel = digits
    click(panel.next)
    settle(qtbot, window)
    before = panel.bars.found.shares
    window.menus.actions["graph.reinitialise_all"].trigger()
    settle(qtbot, window)
    assert not np.allclose(panel.bars.found.shares, before)
    window.editor.undo()
    settle(qtbot, window)
    assert panel.bars.found.shares == pytest.approx(before)


@pytest.mark.slow
def test_while_a_run_trains_its_latest_values_predict_and_light_the_graph(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, "digits_mlp.gw")
    training = show_training(window)
    panel = show_panel(window)
    ready(qtbot, panel)
    click(panel.next)
    settle(qtbot, window)
    untrained = panel.bars.found.shares
    window.editor.training.one("epoch")
    wait_for(qtbot, window, "paused")
    panel = show_panel(window)  # beginning a run has brought its own panel to the front
    last = window.editor.training.run.iteration
    told = f"sample 1 of 359 held out · with the values of the run, iteration {last:,}"
    qtbot.waitUntil(lambda: panel.about.text() == told)
    settle(qtbot, window)
    assert not np.allclose(panel.bars.found.shares, untrained, atol=0.01)
    assert shown(window, "probabilities") == pytest.approx(panel.bars.found.shares, abs=1e-5)
    probabilities = window.editor.graph.resolve("probabilities")
    qtbot.waitUntil(lambda: not window.editor.results.is_stale(probabilities))
    assert panel.trying.seen.subject.y[0] == panel.bars.found.predicted[0]
    window.panel("training")
    click(training.stop)
    wait_for(qtbot, window, "stopped")
    show_panel(window)
    qtbot.waitUntil(lambda: panel.about.text().endswith("the values of the document"))


# Training again.


@pytest.mark.slow
@pytest.mark.parametrize("seed", [False, True])
def test_training_again_draws_anew_as_one_undo_and_begins_a_run(place: Place, qtbot: QtBot, seed: bool) -> None:
    window = open_window(place, "iris_mlp.gw")
    editor = window.editor
    editor.session.train(epochs=1)
    set_training(window, epochs=1)
    trained, graph = dict(editor.document.values), editor.graph
    window.menus.actions["train.again_new_seed" if seed else "train.again"].trigger()
    assert not editor.document.values  # before the run has come to anything
    seeds = [node.params.get("seed") for node in editor.graph.nodes.values() if node.op == "parameter"]
    before = [node.params.get("seed") for node in graph.nodes.values() if node.op == "parameter"]
    assert (seeds != before) == seed
    assert (editor.graph.training.seed != graph.training.seed) == seed  # batches come in another order as well
    wait_for(qtbot, window, "completed")
    qtbot.waitUntil(lambda: bool(editor.document.values))
    editor.undo()  # of the run
    assert not editor.document.values
    editor.undo()  # of drawing
    assert editor.graph.nodes == graph.nodes
    assert editor.graph.training == graph.training
    assert all(editor.document.values[id] is value for id, value in trained.items())


def test_what_is_frozen_stays_and_the_menu_of_the_panel_does_the_same(place: Place, qtbot: QtBot) -> None:
    window = open_window(place, "iris_mlp.gw")
    editor = window.editor
    editor.session.train(epochs=1)
    set_training(window, epochs=1)
    frozen = next(id for id in editor.document.values)
    editor.attempt("Freeze", lambda t: t.set_flags(frozen, {"freeze"}))
    kept = editor.document.values[frozen]
    lines = show_training(window).more.menu().actions()
    next(line for line in lines if line.text() == "Train again with a new seed").trigger()
    assert list(editor.document.values) == [frozen]
    assert editor.document.values[frozen] is kept
    assert editor.training.active
    wait_for(qtbot, window, "completed")


def test_the_panel_is_in_the_train_menu_and_in_the_command_palette(place: Place) -> None:
    window = open_window(place, "iris_mlp.gw")
    action = window.menus.actions["train.try_it"]
    assert action in window.menus_at_top["Train"].actions()
    assert {"train.try_it", "train.light", "view.panel_try_it"} <= {each.id for each in ACTIONS}


def test_a_share_that_is_next_to_nothing_is_told_so_and_exactly_in_the_tip(qtbot: QtBot) -> None:
    bars = GuessBars(DARK)
    qtbot.addWidget(bars)
    shares = np.array([[6.3612345e-23, 2e-5, 0.0, 0.99998]])
    bars.show_samples(Samples(shares, np.array([3.0]), np.zeros((1, 2)), classes=("a", "b", "c", "d")))
    assert [percent(share) for share in shares[0]] == ["<0.001 %", "0.002 %", "0 %", "100 %"]
    assert bars.words == "predicted d, 100 %; the data say d"
    assert bars.toolTip() == f"{bars.words}\na: 6.36123e−21 %\nb: 0.002 %\nc: 0 %\nd: 99.998 %"
