"""Runs gone through in the tests' own process, told what to do at given iterations: no second process, no chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from gradwire.core.runs import Change, RunRecord, RunSettings
from gradwire.core.runs.loop import Loop
from gradwire.core.runs.run import ready
from gradwire.core.runs.settings import Written
from gradwire.core.session import Session
from gradwire.core.training.engine import Events

Commands = Mapping[int, Sequence[Mapping[str, Any]]]


def begin(session: Session, folder: Path, changes: Sequence[Change] = (), **settings: Any) -> RunRecord:
    """The folder of a run that has not begun."""
    how = RunSettings(**{"dtype": session.dtype, "device": session.device, **settings})
    record = RunRecord(folder)
    record.begin(ready(session, how), session.document.values, Written(how, session.folder), changes)
    return record


def go(folder: Path, commands: Commands | None = None, **begin: Any) -> list[Mapping[str, Any]]:
    """Go on with the run in a folder, with these commands after iterations by their number; all that was told."""
    queue: SimpleQueue[Mapping[str, Any]] = SimpleQueue()
    told: list[Mapping[str, Any]] = []
    given = dict(commands or {})
    with closing(Loop(folder, queue, told.append)) as loop:

        def give(engine: Any) -> None:
            for command in given.pop(engine.state.iteration, ()):
                queue.put(command)

        loop.engine.add_event_handler(Events.STARTED, give, priority=1.0)
        loop.engine.add_event_handler(Events.ITERATION_COMPLETED, give, priority=1.0)
        loop.run(**begin)
    return told


def names(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """What happened, and after which iteration."""
    return [(event["event"], event["iteration"]) for event in told if event["event"] not in ("ITERATIONS", "FINDING")]
