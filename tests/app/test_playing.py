"""Play at a speed: chosen in the bar or by keys, remembered, and what a step brings moves along its wires, or cuts."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.looks import Number
from gradwire.app.stepping.bar import StepperBar
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.stepping.walking import MICRO, OP


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    window.editor.stepper.to_start()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    return window


def bar(window: Window) -> StepperBar:
    assert window.toolbar.stepper is not None
    return window.toolbar.stepper


def test_brackets_choose_the_speed_and_the_bar_says_it(window: Window) -> None:
    assert bar(window).speed.text() == "1×"
    for text in ("0.5×", "0.25×", "0.25×"):
        QTest.keyClick(window.canvas, Qt.Key.Key_BracketLeft)
        assert bar(window).speed.text() == text
    for text in ("0.5×", "1×", "2×", "4×", "4×"):
        QTest.keyClick(window.canvas, Qt.Key.Key_BracketRight)
        assert bar(window).speed.text() == text


def test_the_speed_is_chosen_in_the_bar_and_remembered(window: Window, place: Place) -> None:
    entries = {action.text(): action for action in bar(window).speed.menu().actions()}
    assert list(entries) == ["0.25×", "0.5×", "1×", "2×", "4×"]
    entries["2×"].trigger()
    window.menus.actions["view.reduce_motion"].trigger()
    again = place.start(empty=True)
    assert bar(again).speed.text() == "2×"
    assert again.editor.playing.move == 0
    assert [action.text() for action in bar(again).speed.menu().actions() if action.isChecked()] == ["2×"]


def test_a_tick_and_a_move_are_as_long_as_the_speed_says(window: Window) -> None:
    playing = window.editor.playing
    assert (playing.tick, playing.move) == (900, 400)
    playing.choose_speed(0.25)
    assert (playing.tick, playing.move) == (3600, 1600)
    playing.choose_speed(4.0)
    assert (playing.tick, playing.move) == (225, 100)
    window.editor.stepper.choose_grain(MICRO)
    assert playing.tick == 250  # parts of a step stand as long at least
    window.editor.stepper.choose_grain(OP)
    assert playing.tick == 225


def test_p_plays_through_to_the_end_and_pauses(window: Window, qtbot: QtBot) -> None:
    window.editor.playing.choose_speed(4.0)
    QTest.keyClick(window.canvas, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: window.editor.stepper.cursor.step == 2)
    QTest.keyClick(window.canvas, Qt.Key.Key_P)
    assert not window.editor.playing.on
    QTest.keyClick(window.canvas, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: window.editor.stepper.at_end)
    qtbot.waitUntil(lambda: not window.editor.playing.on)


def picture(window: Window) -> bytes:
    image = window.canvas.grab_image()  # held while it is read: what was only a passing value would be freed under it
    return bytes(image.constBits())


def test_what_a_step_delivers_moves_along_its_wire_and_then_rests(window: Window, qtbot: QtBot) -> None:
    stepper, motion = window.editor.stepper, window.editor.motion
    stepper.seek(type(stepper.cursor)(6))
    assert motion.progress is None  # who goes anywhere is there at once
    moved: list[float] = []
    motion.changed.connect(lambda: moved.append(motion.progress if motion.progress is not None else np.nan))
    stepper.step()
    qtbot.waitUntil(lambda: motion.progress is not None and motion.progress > 0.2)
    in_motion = picture(window)
    qtbot.waitUntil(lambda: motion.progress is None)
    assert picture(window) != in_motion
    assert moved[:-1] == sorted(moved[:-1])
    assert np.isnan(moved[-1])
    stepper.back()
    assert motion.progress is None


def test_with_reduced_motion_nothing_moves(window: Window, qtbot: QtBot) -> None:
    window.menus.actions["view.reduce_motion"].trigger()
    moved: list[object] = []
    window.editor.motion.changed.connect(lambda: moved.append(1))
    window.editor.stepper.step()
    still = picture(window)
    qtbot.wait(150)
    assert moved == []
    assert picture(window) == still


def test_a_sum_comes_with_the_last_of_its_parts(window: Window, qtbot: QtBot) -> None:
    """While a part is on its way to a fork, neither its chip nor the sum stands there."""
    editor, canvas = window.editor, window.canvas
    stepper, x = editor.stepper, Source(editor.graph.resolve("x"), "y")

    def shown() -> str | None:
        look = canvas.values.of(x, canvas.theme, canvas.decimals).gradient
        return look.text if isinstance(look, Number) else None

    stepper.to_end()
    stepper.back()
    editor.playing.choose_speed(0.25)
    assert shown() is None
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: editor.motion.progress is not None)
    assert stepper.moment.gradient(x).value is not None
    assert {port for _, port in editor.motion.coming} == {d.port for d in stepper.moment.delivering}
    canvas.grab()
    assert shown() is None
    qtbot.waitUntil(lambda: editor.motion.progress is None)
    assert editor.motion.coming == frozenset()
    canvas.grab()
    assert shown() == "2.540"
