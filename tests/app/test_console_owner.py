"""What cells have the window's thread do: many things one after the other, without a drawing of the window for each."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from pytestqt.qtbot import QtBot

from gradwire.app.console.owner import Owner

DRAWING = 0.016  # seconds


class Drawing:
    """A window that is always drawing: how often, and the longest time for which it could not."""

    def __init__(self) -> None:
        self.times, self.gap, self._last = 0, 0.0, time.perf_counter()
        self.timer = QTimer(interval=0)
        self.timer.timeout.connect(self._draw)
        self.timer.start()

    def _draw(self) -> None:
        now = time.perf_counter()
        self.gap, self.times = max(self.gap, now - self._last), self.times + 1
        time.sleep(DRAWING)
        self._last = time.perf_counter()


@pytest.fixture
def beside(qtbot: QtBot):
    """Does something on a thread as a cell does, while the window is served; what it gives."""
    with ThreadPoolExecutor(2) as threads:

        def compute(work: Callable[[], object]) -> Future:
            done = threads.submit(work)
            qtbot.waitUntil(done.done)
            return done

        yield compute


def test_a_loop_of_edits_does_not_wait_for_a_drawing_each(beside):
    owner, made, drawing = Owner(), list[int](), Drawing()
    begun = time.perf_counter()
    done = beside(lambda: [owner.do(lambda number=number: made.append(number)) for number in range(300)])
    assert len(done.result()) == 300
    assert made == list(range(300))
    assert time.perf_counter() - begun < 300 * DRAWING / 3
    assert drawing.times >= 1
    drawing.timer.stop()


def test_the_window_draws_within_a_long_loop(beside):
    owner, drawing = Owner(), Drawing()
    beside(lambda: [owner.do(lambda: time.sleep(0.004)) for _ in range(150)])
    assert drawing.times >= 10  # 0.6 s of edits, of which some 20 ms are made at a time
    assert drawing.gap < 0.25
    drawing.timer.stop()


def test_what_raises_within_a_loop_raises_in_the_cell_alone(beside):
    owner, told = Owner(), list[str]()

    def cell() -> None:
        for number in range(20):
            try:
                owner.do(lambda number=number: 1 // (number % 2))
            except ZeroDivisionError as error:
                told.append(str(error))

    beside(cell).result()
    assert told == ["integer division or modulo by zero"] * 10


def test_another_thread_is_served_while_a_cell_has_opened_a_dialog(beside, qtbot: QtBot):
    owner, loop, given = Owner(), QEventLoop(), list[int]()
    beside(lambda: [owner.do(int) for _ in range(3)])
    with ThreadPoolExecutor(2) as threads:
        others: list[Future] = []
        asks = QTimer(singleShot=True, interval=0)
        asks.timeout.connect(
            lambda: others.append(threads.submit(lambda: given.extend(owner.do(lambda: 7) for _ in range(20))))
        )
        ends = QTimer(interval=5)
        ends.timeout.connect(lambda: loop.quit() if len(given) == 20 else None)
        late = QTimer(singleShot=True, interval=10_000)
        late.timeout.connect(loop.quit)

        def dialog() -> None:
            for timer in (asks, ends, late):
                timer.start()
            loop.exec()

        done = threads.submit(lambda: owner.do(dialog))
        qtbot.waitUntil(done.done)
    assert given == [7] * 20
    assert late.isActive()
