"""Ctrl+C during training: the first ends the run after the iteration that is running, the second at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..training.engine import Engine, Events

STOPPED = 130  # as shells have it: 128 + SIGINT


@contextmanager
def stop_by_signal(engine: Engine) -> Iterator[None]:
    """Within it Ctrl+C stops `engine` between two iterations, where its state is whole.

    An exception out of a signal may come in the middle of an update: no run ever passes through such a state.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, before)
        engine.stop()

    # From STARTED on: a stop before it would be forgotten when the run begins.
    engine.add_event_handler(Events.STARTED, lambda _: signal.signal(signal.SIGINT, stop))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
