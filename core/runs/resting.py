"""A run as it was left in its folder, which nobody trains."""

from __future__ import annotations

from pathlib import Path

from ..errors import RunError
from .process import NoProcess
from .record import RunRecord
from .run import Run, known
from .standing import DEAD, DONE, STOPPED_EARLY, standing

_STATES = {STOPPED_EARLY: "stopped", DONE: "completed", DEAD: "died"}  # of a run, by how its folder stands


def left(folder: Path) -> Run:
    """The run in a folder, to be looked at; it has ended, and `Run.resume` goes on with it.

    Raises `RunError` for one that another process trains, `GradwireError` for one that cannot be read.
    """
    record = RunRecord(folder)
    state, message = standing(record.path)
    if state not in _STATES:
        raise RunError(f"the run in {record.path} is {state}: one that was stopped, died or is done is required")
    at = record.curves().rows
    run = known(Run(record, NoProcess(at)), at)
    run.state, run.message = _STATES[state], message
    return run
