"""A run of training in a process of its own."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..document import Document
from ..errors import RunError
from ..evaluating.fitting import fit_missing
from ..graph import Graph
from ..ops import installed
from ..running import Running
from ..training.result import Result
from ..training.settings import overridden
from . import taking
from .changing import Change, changed
from .happening import (
    CHANGED,
    COMPLETED,
    CONTINUED,
    DIED,
    ENDS,
    FAILED,
    PAUSED,
    RESUMED,
    STARTED,
    STOPPED,
    Findings,
    Happened,
)
from .loop import END, EPOCH, ITERATION, PAUSE, PREVIEWS, SET, STOP, UNPAUSE
from .process import Event, NoProcess, Process
from .record import RunRecord
from .settings import RunSettings, Written
from .snapshots import Snapshot, SnapshotReader

STATES = {  # by what was told last
    STARTED: "running",
    RESUMED: "running",
    CONTINUED: "running",
    PAUSED: "paused",
    STOPPED: "stopped",
    COMPLETED: "completed",
    FAILED: "failed",
    DIED: "died",
}


class Run:
    """A run of training in a child process, which is told what to do and whose folder is read while it trains.

    `poll` gives what has happened, and must be called now and then, from one thread; `state`, `iteration`, `findings`
    and the rows of `curves` and `epochs` are as of the last time. `state` is "starting", "running", "paused",
    "stopped", "completed", "failed" or "died"; `message` is the line for the user where something went wrong.
    """

    def __init__(self, record: RunRecord, process: Process | NoProcess) -> None:
        self.record = record
        self.state, self.message, self.iteration = "starting", "", 0
        self.facts: Mapping[str, Any] = {}
        self.findings = Findings()
        self.curves, self.epochs = record.curves(), record.epochs()
        self.graph: Graph = record.loaded.graph  # with the settings as they are now
        self.process = process
        self._snapshots = SnapshotReader(record.path)
        self._finalizer = weakref.finalize(self, process.close)

    # Beginning.

    @classmethod
    def start(
        cls,
        session: Running,
        folder: str | Path,
        settings: RunSettings | None = None,
        changes: Sequence[Change] = (),
    ) -> Run:
        """Train the graph of a session as it is now; the run keeps it, whatever is edited meanwhile.

        Preprocessing layers that were never fitted are fitted first, as `session.train` does. `folder` must hold no
        run. `changes` are those that are made on the way without being asked for. Raises `GradwireError`.
        """
        (settings := settings or RunSettings()).check()
        fit_missing(session)
        graph = trial = ready(session, settings)
        for change in changes:
            trial = changed(trial, change.settings)
        record = RunRecord(Path(folder))
        how = replace(settings, dtype=settings.dtype or session.dtype, device=settings.device or session.device)
        record.begin(graph, session.document.values, Written(how, session.folder, session.path), changes)
        return cls(record, Process(record.path, settings.paused, {}))

    @classmethod
    def resume(cls, folder: str | Path, paused: bool = False, **settings: Any) -> Run:
        """Go on with the run in a folder from its newest checkpoint, to the same bits as one that was not disturbed.

        `settings` are changed there, as by `set`: `epochs=50` goes on with a complete one. Raises `GradwireError`.
        """
        record = RunRecord(Path(folder))
        record.written.settings.check()
        at = (record.newest() or (0,))[0]
        changed(record.graph_at(at), settings)
        return known(cls(record, Process(record.path, paused, settings)), at)

    # Telling it what to do.

    def pause(self) -> None:
        """Wait after the next iteration, which is looked at: so `snapshot` shows what it was paused at."""
        self.process.send({"do": PAUSE})

    def unpause(self) -> None:
        """Go on."""
        self.process.send({"do": UNPAUSE})

    def one_iteration(self) -> None:
        """Go on for one iteration, and pause."""
        self.process.send({"do": ITERATION})

    def one_epoch(self) -> None:
        """Go on to the end of the epoch, and pause."""
        self.process.send({"do": EPOCH})

    def stop(self, interrupted: bool = False) -> None:
        """End the run after the iteration that is running, with a checkpoint from which it can go on."""
        self.process.send({"do": END if interrupted else STOP})

    def set(self, **settings: Any) -> None:
        """Change settings from the next iteration on: `lr`, `momentum` and others of the optimiser, `epochs`,
        `early_stopping`, `schedule`, `clip_norm`, `l2`, `parameter_groups` and the like; `freeze` and `unfreeze`,
        lists of parameters by id or path, or of groups for all within.

        Raises `GradwireError` for what cannot be; what only the run finds out is told as REFUSED.
        """
        changed(self.graph, settings)
        self.process.send({"do": SET, "settings": settings})

    def previews(self, per_second: float) -> None:
        """Look at iterations at most so often, 0 for never: nobody may be looking."""
        self.process.send({"do": PREVIEWS, "per_second": per_second})

    # What comes of it.

    def poll(self, timeout: float = 0.0) -> list[Event]:
        """What has happened since the last time, in its order; where nothing has, after waiting for it so long."""
        events = self.process.take(timeout)
        for event in events:
            if isinstance(event, Happened):
                self._take(event)
            self.findings.take(event)
        if events:
            self.iteration = self.process.iteration
            for columns in (self.curves, self.epochs):
                columns.refresh()
        return events

    def wait(self) -> list[Event]:
        """Wait until the run is over; all that has happened."""
        events = self.poll()
        while not self.ended:
            events += self.poll(1.0)
        return events

    def snapshot(self) -> Snapshot | None:
        """The values and gradients of the last iteration that was looked at, the same object until there is a newer."""
        return self._snapshots.read()

    def result(self) -> Result:
        """What the run came to when it is completed or was stopped. Raises `GradwireError`."""
        return taking.result(self.record)

    def put_into(self, document: Document) -> None:
        """Put the trained values into a document. Raises `RunError` where that is not as it was when the run began."""
        taking.put_into(self.record, document)

    @property
    def ended(self) -> bool:
        """Whether it is over, and all that happened was polled."""
        return self.process.ended

    def close(self) -> None:
        """End it with a checkpoint, where it is not over, and wait for that."""
        self._finalizer()
        self.poll()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, event: Happened) -> None:
        self.state = STATES.get(event.name, self.state)
        if event.name in (STARTED, RESUMED):
            self.facts = event.told
        elif event.name == CHANGED:
            self.graph = changed(self.graph, event.told["settings"])
        elif event.name in ENDS:
            self.message = event.message


def known(run: Run, at: int) -> Run:
    """The run with what its folder tells up to an iteration, before there is any word of its process."""
    run.facts, run.iteration, run.graph = run.record.facts(), at, run.record.graph_at(at)
    run.curves.refresh(at)
    per_epoch = run.facts.get("iterations_per_epoch")
    run.epochs.refresh(at // per_epoch if per_epoch else 0)
    return run


def ready(session: Running, settings: RunSettings) -> Graph:
    """The graph that the run owns, with its settings. Raises `RunError` for what its process cannot have."""
    graph = session.graph
    if graph.training is None:
        raise RunError("the graph has no training settings", hint="Train > Add training, or training(loss=...)")
    if session.hooks:
        raise RunError("hooks are functions of this process, and a run has its own", hint="session.train() calls them")
    for node in graph.nodes.values():
        op = session.registry.get(node.op)
        # The process loads the plugins that are loaded here, and nothing else of this one.
        if op is not None and not (op is installed().get(node.op) and (op.proven or op.plugin)):
            message = f"{graph.path(node.id)} is of the op {node.op!r}, which the process of a run cannot load"
            raise RunError(message, hint="session.train() trains in this process", node=node.id)
    draft = graph.draft()
    draft.training = overridden(graph.training, settings.training)
    return draft.freeze()
