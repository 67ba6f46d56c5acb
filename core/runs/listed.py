"""Runs as a list has them: what each is, how it stands, what it came to. Nothing of them is changed.

Two kinds of folders are read: those of `Run`, and those that `gradwire train --out` writes. One that is damaged is
listed too, with the reason.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import FileError, GradwireError, RunError
from ..files.format import parse_graph
from ..graph import Graph
from ..training.criteria import watchable
from ..training.folder import CHECKPOINTS
from .changing import FREEZE, UNFREEZE
from .comparing import flat
from .happening import EPOCH_COMPLETED, STARTED
from .notes import NOTES, read_notes
from .record import CURVES, EPOCHS, EVENTS, GRAPH, SETTINGS, RunRecord
from .standing import DEAD, STOPPED_EARLY, event_of, standing
from .trash import TRASH

DAMAGED = "damaged"  # the state of a run that cannot be read
LOSSES = ("validation_loss", "train_loss")  # the first that a run has is the one that it is judged by
ASIDE = ("epoch", "iteration", "time", "learning_rate")  # columns of epochs that say where they are
_STAMP = re.compile(r"-\d{4}-\d\d-\d\d-\d{6}(-\d+)?$")  # behind the name of a graph in that of its run
_MARKS = (SETTINGS, EVENTS, GRAPH, CURVES, CHECKPOINTS)  # what a folder of a run has some of
_LOOKED_AT = (SETTINGS, EVENTS, NOTES, f"{CURVES}/rows", f"{CURVES}/{EPOCHS}/rows", f"{CHECKPOINTS}")


class Best(NamedTuple):
    """The best that a number of epochs was, and in which epoch, counted from 1."""

    value: float
    epoch: int


@dataclass(frozen=True)
class ListedRun:
    """A run. `state` is one of `STATES`, or `DAMAGED`; `problem` says why it died or cannot be read.

    `begun` is in seconds since 1970; `last` and `best` are of epochs, by the names of their columns. `document` is the
    file that was trained, where that is known, and `graph` what it is called.
    """

    path: Path
    state: str
    problem: str = ""
    graph: str = ""
    document: Path | None = None
    begun: float | None = None
    iterations: int = 0
    epochs: int = 0
    last: Mapping[str, float] = field(default_factory=dict)
    best: Mapping[str, Best] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.path.name

    @property
    def judged_by(self) -> str:
        """The loss by which it is compared with others, "" where it has none yet."""
        return next((name for name in LOSSES if name in self.last), "")

    @property
    def goes_on(self) -> bool:
        """Whether it can be gone on with: it was stopped, or died."""
        return self.state in (STOPPED_EARLY, DEAD)

    def of(self, document: Path | None, name: str) -> bool:
        """Whether it is of a document: that file, or where either has none, one that is called so."""
        if document is not None and self.document is not None:
            return document.absolute() == self.document
        return self.graph == name

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name,
            "path": str(self.path),
            "state": self.state,
            "problem": self.problem,
            "graph": self.graph,
            "document": None if self.document is None else str(self.document),
            "begun": self.begun,
            "iterations": self.iterations,
            "epochs": self.epochs,
            "last": dict(self.last),
            "best": {name: best._asdict() for name, best in self.best.items()},
            "settings": dict(self.settings),
            "notes": self.notes,
        }


def is_run(path: Path) -> bool:
    """Whether a folder has something of a run in it."""
    return any((path / name).exists() for name in _MARKS)


def run_folders(home: Path) -> list[Path]:
    """The folders of the runs in a folder, by name; of one that is itself that of a run, only that."""
    if is_run(home):
        return [home]
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(home) as found:
        folders = (Path(each.path) for each in found if each.is_dir() and each.name != TRASH)
        return sorted(path for path in folders if is_run(path))
    return []


class Listing:
    """Reads runs, each again only where something of it is another than the last time."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[object, ...], ListedRun]] = {}

    def read(self, path: Path) -> ListedRun:
        """One run; it is damaged where its folder cannot be read, and nothing is raised."""
        looks = self._looks(path)
        known = self._known.get(path)
        if known is not None and known[0] == looks:
            return known[1]
        try:
            found = _read(path)
        except (GradwireError, OSError, ValueError) as error:
            found = _damaged(path, error)
        self._known[path] = looks, found
        return found

    def all(self, home: Path) -> list[ListedRun]:
        """All in a folder, the newest first."""
        return newest_first(map(self.read, run_folders(home)))

    def _looks(self, path: Path) -> tuple[object, ...]:
        """What changes whenever the run does: times and sizes of files, and how it stands."""
        found: list[object] = []
        for name in _LOOKED_AT:
            with suppress(OSError):
                state = (path / name).stat()
                found.append((name, state.st_mtime_ns, state.st_size))
        with suppress(GradwireError):
            found.append(standing(path)[0])
        return tuple(found)


def newest_first(runs: Iterable[ListedRun]) -> list[ListedRun]:
    """In the order in which lists show them; those without a time last."""
    return sorted(runs, key=lambda run: (-(run.begun or 0.0), run.name))


def listed(home: Path) -> list[ListedRun]:
    """The runs in a folder, the newest first."""
    return Listing().all(home)


def find_run(text: str, home: Path) -> Path:
    """The folder of a run that is named by its path, or by its name among those of `home`. Raises `RunError`."""
    for path in (Path(text), home / text):
        if path.is_dir() and is_run(path):
            return path
    raise RunError(f"there is no run {text!r}", hint=f"a folder, or a name that gradwire runs lists of {home}")


# Reading.


def _read(path: Path) -> ListedRun:
    state, problem = standing(path)
    if (path / SETTINGS).exists():
        return _of_run(path, state, problem)
    if (path / EVENTS).exists():
        return _of_command(path, state, problem)
    raise RunError(f"there is neither {SETTINGS} nor {EVENTS}")


def _of_run(path: Path, state: str, problem: str) -> ListedRun:
    record = RunRecord(path)
    written = record.written
    graph = parse_graph((path / GRAPH).read_bytes(), str(path / GRAPH))[0]
    epochs, rows = record.epochs(), record.curves().rows
    columns = {name: np.asarray(values) for name, values in epochs.items()} if epochs.rows else {}
    settings = flat(graph, vars(written.settings))
    for change in record.changes():
        for name, value in change.settings.items():
            named = [graph.called(id) for id in value] if name in (FREEZE, UNFREEZE) else value
            settings[f"{name} from iteration {change.iteration + 1}"] = named
    return ListedRun(
        path,
        state,
        problem,
        _called(path, written.document),
        written.document,
        (path / SETTINGS).stat().st_mtime,
        rows,
        epochs.rows,
        *_came_to(columns, graph),
        settings,
        read_notes(path),
    )


def _of_command(path: Path, state: str, problem: str) -> ListedRun:
    """A folder of `gradwire train --out`: its log has the epochs, its graph is there when it is done."""
    facts, rows = read_log(path)
    saved = next(iter(sorted(path.glob("*.gw"))), None)
    graph = None if saved is None else parse_graph(saved.read_bytes(), str(saved))[0]
    columns = as_columns(rows)
    told = {name: facts[name] for name in ("epochs", "batch", "seed", "mode", "dtype") if name in facts}
    settings = {**({} if graph is None else flat(graph, {})), **told, "parameters": facts.get("parameters")}
    checkpoints = [each.stat().st_mtime for each in (path / CHECKPOINTS).glob("*.ckpt")]
    reached = [int(each.stem) for each in (path / CHECKPOINTS).glob("*.ckpt") if each.stem.isdecimal()]
    last = max([int(row.get("iteration", 0)) for row in rows] + reached, default=0)
    return ListedRun(
        path,
        state,
        problem,
        path.name if saved is None else saved.stem,
        None,
        min(checkpoints, default=(path / EVENTS).stat().st_mtime),
        last,
        len(rows),
        *_came_to(columns, graph),
        settings,
        read_notes(path),
    )


def read_log(path: Path) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """What the log of `gradwire train` says of a run as a whole, and the rows of its epochs. Raises `FileError`."""
    facts: Mapping[str, Any] = {}
    rows: list[Mapping[str, Any]] = []
    try:
        with open(path / EVENTS, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                event = event_of(line)
                if event is not None and event["event"] == STARTED:
                    facts, rows = event, []
                elif event is not None and event["event"] == EPOCH_COMPLETED:
                    rows.append(event)
    except OSError as error:
        raise FileError(f"{path / EVENTS} cannot be read: {error.strerror or error}") from error
    return facts, rows


def as_columns(rows: list[Mapping[str, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """The numbers of epochs by name; JSON has texts for those that are not finite."""
    names = dict.fromkeys(name for row in rows for name, value in row.items() if name != "event")
    return {name: np.array([_number(row.get(name)) for row in rows]) for name in names}


def _number(value: Any) -> float:
    with suppress(TypeError, ValueError):
        return float(value)
    return float("nan")


def _came_to(
    columns: Mapping[str, np.ndarray[Any, Any]], graph: Graph | None
) -> tuple[dict[str, float], dict[str, Best]]:
    """Of each number of epochs the last, and the best where it is known what is better."""
    training = None if graph is None else graph.training
    modes = {"train_loss": "min", "validation_loss": "min"} if training is None else watchable(training)
    last, best = {}, {}
    for name, values in columns.items():
        if name in ASIDE or not len(values):
            continue
        last[name] = float(values[-1])
        mode = modes.get(name) or modes.get(f"validation_{name}")
        known = np.flatnonzero(np.isfinite(values))
        if mode is not None and known.size:
            at = int(known[(np.argmin if mode == "min" else np.argmax)(values[known])])
            best[name] = Best(float(values[at]), at + 1)
    return last, best


def _called(path: Path, document: Path | None) -> str:
    return _STAMP.sub("", path.name) if document is None else document.stem


def _damaged(path: Path, error: Exception) -> ListedRun:
    reason = str(error) if isinstance(error, GradwireError) else f"{type(error).__name__}: {error}"
    if isinstance(error, OSError):
        reason = f"{Path(error.filename or path).name} cannot be read: {error.strerror or error}"
    reason = reason.replace(f"{path}{os.sep}", "")  # the folder is told beside it
    begun = None
    with suppress(OSError):
        begun = path.stat().st_mtime
    notes = ""
    with suppress(GradwireError):
        notes = read_notes(path)
    return ListedRun(path, DAMAGED, reason, _called(path, None), begun=begun, notes=notes)
