"""What a run took is told without the time for which it was paused, or nobody trained it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from followed import network
from run_loops import begin, go

from gradwire.app.runs.numbers import numbers
from gradwire.core.runs.record import RunRecord
from gradwire.core.runs.rests import RESTING, Rests

REST = 0.6  # seconds


def test_seconds_are_those_of_training(tmp_path: Path) -> None:
    run = tmp_path / "run"
    begin(network(epochs=8), run)
    go(run, {20: [{"do": "stop"}]})
    time.sleep(REST)
    go(run)
    record = RunRecord(run)
    took = np.asarray(record.curves()["time"])
    assert took[-1] - took[0] > REST
    for column in numbers(run).values():
        seconds = np.asarray(column.at.seconds)
        assert 0 < seconds[-1] < took[-1] - took[0] - REST + 0.01
        assert (np.diff(seconds) >= -1e-6).all()


def test_pauses_are_left_out_and_those_of_iterations_that_are_gone_through_again() -> None:
    events = [
        {"event": "PAUSED", "iteration": 0, "time": 90.0},
        {"event": "CONTINUED", "iteration": 0, "time": 99.0},  # before the first
        {"event": "PAUSED", "iteration": 2, "time": 102.0},
        {"event": "CONTINUED", "iteration": 2, "time": 112.0},
        {"event": "PAUSED", "iteration": 4, "time": 115.0},
        {"event": "CONTINUED", "iteration": 4, "time": 116.0},
    ]
    iterations = np.arange(1, 7)
    assert Rests(events).before(iterations).tolist() == [0, 0, 10, 10, 11, 11]
    again = {"event": "RESUMED", "iteration": 3, "time": 213.0}
    times = np.array([100.0, 101.0, 113.0])
    assert Rests([*events, again], times).before(iterations).tolist() == [0, 0, 10, 110, 110, 110]
    assert set(RESTING) == {each["event"] for each in (*events, again)}
