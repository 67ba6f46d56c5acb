"""Memory while stepping: what a framework would have freed, how much is in use, and gradients that are kept."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.describing import item_words
from gradwire.app.canvas.fates import AWAY, HIGH
from gradwire.app.canvas.gestures.gesture import Press
from gradwire.app.canvas.gestures.menu import menu_for
from gradwire.app.canvas.places import Hit
from gradwire.app.stepping import memory
from gradwire.app.stepping.fates import Fates
from gradwire.app.stepping.memory import told
from gradwire.app.window import Window
from gradwire.core.files.format import parse_graph
from gradwire.core.graph import Source
from gradwire.core.stepping import Cursor
from gradwire.core.stepping.lifetimes import Fate

CONTROL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """sin x + x·y, stood before its first step, with memory shown."""
    window = place.start(place.copy("sin_plus_product.gw"))
    window.resize(1400, 900)
    window.show()
    window.canvas.setFocus()
    window.canvas.zoom_to(1.0)
    window.canvas.bring_into_view(window.editor.graph.nodes)
    window.editor.stepper.to_start()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    press_memory(window)
    qtbot.waitUntil(lambda: window.editor.memory.now is not None)
    return window


def press_memory(window: Window) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_M, CONTROL_ALT)


def tap(window: Window, times: int) -> None:
    for _ in range(times):
        QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    assert window.editor.stepper.cursor == Cursor(times)


def source(window: Window, name: str) -> Source:
    return Source(window.editor.graph.resolve(name), "y")


def fates(window: Window, name: str) -> Fates:
    """What is drawn at a node."""
    found = window.canvas.values.of(source(window, name), window.theme, 3).fates
    assert found is not None
    return found


def words(window: Window) -> dict[str, str]:
    return {name: fates(window, name).words for name in ("x", "y", "sin", "product", "f")}


def beneath(window: Window, name: str) -> np.ndarray:
    """The pixels beneath a node, where its words stand."""
    canvas = window.canvas
    x, y, wide, high = canvas.scene.rect(window.editor.graph.resolve(name))
    corner = canvas.view.to_screen(x, y + high + AWAY)
    scale = canvas.view.scale
    picture = canvas.grab_image().convertToFormat(QImage.Format.Format_RGB32)
    ratio = picture.devicePixelRatio()
    box = [round(v * ratio) for v in (corner.x(), corner.y(), wide * scale, HIGH * scale)]
    part = picture.copy(*box).convertToFormat(QImage.Format.Format_Grayscale8)
    lines = np.frombuffer(part.constBits(), np.uint8).reshape(part.height(), part.bytesPerLine())
    return lines[:, : part.width()].astype(int)


def test_values_that_nothing_reads_any_more_are_drawn_as_freed(window: Window) -> None:
    tap(window, 3)
    assert set(words(window).values()) == {""}
    before = beneath(window, "product")
    QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    assert words(window) == {"x": "", "y": "", "sin": "freed", "product": "freed", "f": ""}
    after = beneath(window, "product")
    assert np.abs(after - before).max() > 60  # a word stands there now
    assert float(window.editor.results.value(source(window, "product"))) == 2.0  # and all can still be read
    QTest.keyClick(window, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert set(words(window).values()) == {""}


def test_gradients_are_freed_after_the_step_back_of_their_node(window: Window) -> None:
    tap(window, 8)
    assert words(window) == {"x": "", "y": "", "sin": "freed · ∂ freed", "product": "freed · ∂ freed", "f": "∂ freed"}
    assert fates(window, "x").leaf  # kept without being asked to


def test_a_freed_number_is_struck_and_its_node_is_pale(window: Window) -> None:
    tap(window, 4)
    canvas = window.canvas
    shown = canvas.grab_image()
    press_memory(window)
    assert not window.editor.memory.now
    plain = canvas.grab_image()
    x, y, wide, high = canvas.scene.rect(window.editor.graph.resolve("product"))
    a, b = canvas.view.to_screen(x, y), canvas.view.to_screen(x + wide, y + high)
    ratio = shown.devicePixelRatio()
    box = [round(v * ratio) for v in (a.x(), a.y(), b.x() - a.x(), b.y() - a.y())]
    assert shown.copy(*box) != plain.copy(*box)
    x, y, wide, high = canvas.scene.rect(window.editor.graph.resolve("f"))
    a, b = canvas.view.to_screen(x + 2, y + 2), canvas.view.to_screen(x + wide - 2, y + high - 2)
    box = [round(v * ratio) for v in (a.x(), a.y(), b.x() - a.x(), b.y() - a.y())]
    assert shown.copy(*box) == plain.copy(*box)  # it is in use, and looks as it did


def test_what_is_saved_says_for_which_step_back(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.resize(1400, 900)
    window.show()
    press_memory(window)
    window.editor.stepper.to_start()
    qtbot.waitUntil(lambda: window.editor.memory.now is not None)
    timeline = window.editor.stepper.timeline
    assert timeline is not None
    window.editor.stepper.seek(Cursor(next(end for phase, _, end in timeline.phases if phase == "forward")))
    relu = Source(window.editor.graph.resolve("mlp/relu_1"), "y")
    found = window.editor.memory.fates(relu)
    assert found is not None
    assert found.words == "saved for matmul +1"
    assert found.sentence == "value saved for the steps back of matmul and relu_1"
    window.editor.stepper.to_end()
    found = window.editor.memory.fates(relu)
    assert found is not None
    assert found.sentence == (
        "a framework frees this value after the step back of relu_1; a second backward would fail here in PyTorch "
        "without retain_graph; its gradient is freed too: Keep gradient holds it"
    )


def test_the_pointer_over_a_node_reads_the_sentence(window: Window) -> None:
    tap(window, 4)
    canvas = window.canvas
    x, y, wide, _ = canvas.scene.rect(window.editor.graph.resolve("sin"))
    QTest.mouseMove(canvas, canvas.view.to_screen(x + wide / 2, y + 12).toPoint())
    assert canvas.hover.text == "a framework frees this value after f"
    item = canvas.scene.item(window.editor.graph.resolve("sin"))
    assert item_words(canvas, item).endswith("a framework frees this value after f")  # as a screen reader says it
    press_memory(window)
    QTest.mouseMove(canvas, QPoint(5, 5))
    QTest.mouseMove(canvas, canvas.view.to_screen(x + wide / 2, y + 12).toPoint())
    assert canvas.hover.text == ""


def test_the_foot_of_the_canvas_tells_bytes_and_what_is_freed(window: Window) -> None:
    tap(window, 4)
    memory = window.editor.memory.now
    assert memory is not None
    assert told(memory) == "memory: 24 B of 64 B; freed: product, sin"
    QTest.keyClick(window.canvas, Qt.Key.Key_F11)  # into the next step
    memory = window.editor.memory.now
    assert memory is not None
    assert told(memory) == "memory: 32 B of 64 B"


def test_the_timeline_shows_bars_that_are_highest_at_the_peak(window: Window) -> None:
    bar = window.toolbar.stepper
    assert bar is not None
    track = bar.track
    with_bars = track.grab().toImage()
    press_memory(window)
    without = track.grab().toImage()
    changed = [
        sum(with_bars.pixel(x, y) != without.pixel(x, y) for y in range(track.height()))
        for x in (round(10 + (track.width() - 20) * (step + 0.5) / 8) for step in range(8))
    ]
    assert changed.index(max(changed)) == 7  # where most is in use
    assert changed[0] < changed[3] < changed[7]


def test_the_step_panel_plots_bytes_and_a_click_goes_there(window: Window, qtbot: QtBot) -> None:
    panel = window.docks.show("step")
    tap(window, 4)
    section = panel.page.room
    qtbot.waitUntil(section.isVisible)
    assert section.told.text() == "24 B in use, at most 64 B: in step 8, the step back of product"
    assert section.freed.text() == "A framework frees product and sin here."
    box = section.plot.rect()
    QTest.mouseClick(section.plot, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 2, box.height() // 2))
    assert window.editor.stepper.cursor == Cursor(8)
    press_memory(window)
    qtbot.waitUntil(lambda: not section.isVisible())


def test_it_is_remembered(place: Place, qtbot: QtBot, window: Window) -> None:
    assert place.start(place.folder / "sin_plus_product.gw").editor.memory.on
    press_memory(window)
    assert not place.start(place.folder / "sin_plus_product.gw").editor.memory.on


def test_shift_g_keeps_a_gradient(window: Window, qtbot: QtBot) -> None:
    tap(window, 8)
    editor = window.editor
    sin = editor.graph.resolve("sin")
    assert fates(window, "sin").gradient is Fate.FREED
    editor.select([sin], sin)
    QTest.keyClick(window.canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert editor.graph.nodes[sin].flags == {"keep"}
    assert editor.document.history.undo_label == "Keep the gradient of sin"
    qtbot.waitUntil(lambda: fates(window, "sin").gradient is Fate.IN_USE)
    assert fates(window, "sin").words == "freed"  # its value is still let go of
    assert not editor.results.is_stale(sin)
    assert not editor.results.gradients_are_stale
    editor.undo()
    qtbot.waitUntil(lambda: fates(window, "sin").gradient is Fate.FREED)


def test_the_pin_is_seen_on_the_node_and_saved(window: Window) -> None:
    editor, canvas = window.editor, window.canvas
    press_memory(window)
    sin = editor.graph.resolve("sin")
    x, y, wide, _ = canvas.scene.rect(sin)
    corner = canvas.view.to_screen(x + wide - 4, y - 3).toPoint()
    before = canvas.grab_image()
    editor.select([sin], sin)
    QTest.keyClick(canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    editor.select([])
    after = canvas.grab_image()
    around = [corner + QPoint(dx, 0) * round(after.devicePixelRatio()) for dx in (-5, 5)]
    assert all(after.pixelColor(at) != before.pixelColor(at) for at in around)
    window.files.save()
    assert window.files.path is not None
    assert parse_graph(window.files.path.read_bytes())[0].nodes[sin].flags == {"keep"}


def test_the_menu_of_a_node_keeps_its_gradient_with_a_check_mark(window: Window) -> None:
    editor = window.editor
    sin = editor.graph.resolve("sin")

    def entry() -> object:
        press = Press(0.0, 0.0, QPointF(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, False, Hit(sin))
        menu = menu_for(window.canvas, press)
        return next(action for action in menu.actions() if action.text() == "Keep gradient")

    assert not entry().isChecked()
    entry().trigger()
    assert editor.graph.nodes[sin].flags == {"keep"}
    assert entry().isChecked()


def test_the_gradient_of_a_parameter_is_kept_anyhow(window: Window) -> None:
    said: list[str] = []
    window.editor.told.connect(lambda text, _: said.append(text))
    weight = window.editor.attempt("Add", lambda t: t.add("parameter", name="w", shape=(2,)))
    assert weight is not None
    window.editor.select([weight], weight)
    QTest.keyClick(window.canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert said == ["the gradient of a parameter is kept anyhow; keeping it is for other nodes, found w"]
    assert window.editor.graph.nodes[weight].flags == frozenset()


def test_what_is_found_after_the_stepper_rests_is_not_kept(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, going, made = memory._found, threading.Event(), []

    def late(*asked: object) -> object:
        going.wait(5)
        lifetimes = found(*asked)
        made.append(weakref.ref(lifetimes))
        return lifetimes

    monkeypatch.setattr(memory, "_found", late)
    editor = window.editor
    editor.branching.record_again()  # another iteration, whose lifetimes are late
    qtbot.waitUntil(lambda: editor.memory.now is None)
    editor.stepper.leave()
    going.set()
    qtbot.waitUntil(lambda: bool(made))
    qtbot.wait(50)
    assert editor.memory.lifetimes is None
    qtbot.waitUntil(lambda: gc.collect() >= 0 and made[0]() is None)  # nobody holds it, and the iteration with it


def test_what_is_not_shown_any_more_holds_no_iteration(window: Window, qtbot: QtBot) -> None:
    tap(window, 2)
    press_memory(window)
    assert window.editor.memory.lifetimes is None
    press_memory(window)
    qtbot.waitUntil(lambda: window.editor.memory.now is not None)
