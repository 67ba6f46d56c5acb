"""The folder of a run: its graph, its settings, what happened, its curves, its checkpoints, what was trained.

Nothing in it is taken on trust. Its graph, with the settings that the run began with, opens like any other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError
from ..files import Loaded, load, save
from ..files.replacing import replace_file
from ..files.strict_json import to_bytes, write_line
from ..files.values import dump_values, parse_values
from ..graph import Graph
from ..training import checkpoint
from ..training.folder import CHECKPOINTS, RunFolder
from .changing import Change, changed
from .columns import Columns
from .happening import CHANGED, REFUSED, RESUMED, STARTED
from .settings import Written

Array = np.ndarray[Any, Any]
GRAPH, SETTINGS, EVENTS, TRAINED, ERRORS, LOCK = (
    "graph.gw",
    "run.json",
    "events.jsonl",
    "trained.safetensors",
    "errors.txt",
    "lock",
)
CURVES = "curves"  # a folder of columns, a row for each iteration
EPOCHS = "epochs"  # within it, a row for each epoch
LONGEST = 2**24  # characters of a line that is read


class RunRecord:
    """Reads the folder of a run, one that is going on as well. Methods raise `FileError`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def written(self) -> Written:
        """How it runs, and from where it reads data."""
        return Written.read(self.path / SETTINGS)

    @cached_property
    def loaded(self) -> Loaded:
        """The graph and the values with which it began."""
        found = load(self.path / GRAPH)
        if found.notices:
            raise FileError(f"the run in {self.path} cannot be read: {found.notices[0]}")
        return found

    @property
    def values(self) -> Mapping[str, Array]:
        """The values with which it began."""
        return self.loaded.values

    def graph_at(self, iteration: int) -> Graph:
        """The graph, with the training settings, of the iteration that follows this one (0: the first)."""
        graph = self.loaded.graph
        for change in self.changes():
            if change.iteration <= iteration:
                graph = changed(graph, change.settings)
        return graph

    def events(self, *names: str) -> Iterator[Mapping[str, Any]]:
        """What was logged, in its order, all or what has one of these names; a line that was cut off is left out."""
        try:
            with open(self.path / EVENTS, encoding="utf-8", errors="replace") as lines:
                for line in iter(lambda: lines.readline(LONGEST), ""):
                    if names and not any(f'"{name}"' in line for name in names):
                        continue  # those of a million epochs are not looked into for one change
                    found = _event(line)
                    if found is not None and (not names or found["event"] in names):
                        yield found
        except FileNotFoundError:
            return
        except OSError as error:
            raise FileError(f"{self.path / EVENTS} cannot be read: {error.strerror or error}") from error

    def changes(self) -> list[Change]:
        """The settings that were changed on the way, in the order of the iterations."""
        found = []
        for event in self.events(CHANGED, REFUSED):
            settings = event.get("settings")
            if isinstance(settings, Mapping):
                change = Change(event["iteration"], settings)
                if event["event"] == CHANGED:
                    found.append(change)
                elif change in found:  # it was to be made then, and could not be
                    found.remove(change)
        return sorted(found, key=lambda each: each.iteration)

    def facts(self) -> Mapping[str, Any]:
        """What the run told of itself when it last began or went on; nothing where it never did."""
        found: Mapping[str, Any] = {}
        for event in self.events(STARTED, RESUMED):
            found = event
        return {name: value for name, value in found.items() if name not in ("event", "iteration")}

    @property
    def checkpoints(self) -> RunFolder:
        """The states from which its iterations can be gone through again."""
        return RunFolder(self.path)

    def newest(self) -> tuple[int, Path] | None:
        """The last iteration with a checkpoint that is whole, and that; None where there is none."""
        folder = self.path / CHECKPOINTS
        found = [each for each in folder.glob(f"*{checkpoint.SUFFIX}") if each.stem.isdecimal()]
        for path in sorted(found, key=lambda each: int(each.stem), reverse=True):
            try:
                checkpoint.read(path)
            except FileError:
                continue  # damaged: the run goes on from the one before, to the same bits
            return int(path.stem), path
        return None

    def curves(self) -> Columns:
        """Loss, learning rate and what else is told of iterations: row i is of iteration i + 1."""
        return Columns(self.path / CURVES)

    def epochs(self) -> Columns:
        """Losses and metrics of epochs: row i is of epoch i + 1."""
        return Columns(self.path / CURVES / EPOCHS)

    def trained(self) -> dict[str, Array]:
        """The values with which it ended or was stopped."""
        path = self.path / TRAINED
        try:
            return parse_values(path.read_bytes(), str(path))
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror or error}") from error

    # Writing.

    def begin(
        self, graph: Graph, values: Mapping[str, Array], written: Written, changes: Iterable[Change] = ()
    ) -> None:
        """Make the folder of a new run, with the changes that it is to make. `FileError` where there is one already."""
        if (self.path / SETTINGS).exists():
            raise FileError(f"{self.path} holds a run already", hint="another folder, or Run.resume(folder)")
        try:
            (self.path / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
            save(self.path / GRAPH, graph, values)
            replace_file(self.path / SETTINGS, written.dump())
        except OSError as error:
            raise FileError(f"the run cannot be written to {self.path}: {error.strerror or error}") from error
        told = ({"event": CHANGED, "iteration": each.iteration, "settings": each.settings} for each in changes)
        with closing(Log(self.path)) as log:
            log.add(*told)

    def write_trained(self, values: Mapping[str, Array]) -> None:
        """Write the values with which the run ends, whole or not at all."""
        try:
            replace_file(self.path / TRAINED, dump_values(self.loaded.graph, values))
        except OSError as error:
            raise FileError(f"{self.path / TRAINED} cannot be written: {error.strerror or error}") from error


class Log:
    """Appends to what is logged of a run, a line each. Raises `FileError`."""

    def __init__(self, path: Path) -> None:
        self.path = path / EVENTS
        self._file: FileIO | None = None

    def add(self, *events: Mapping[str, Any]) -> None:
        """Write these down at once: a run that is killed leaves what was told."""
        try:
            if self._file is None:
                self._file = self._opened()
            rest = memoryview(b"".join(to_bytes(write_line(event) + "\n") for event in events))
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            raise FileError(f"{self.path} cannot be written: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> FileIO:
        file = FileIO(self.path, "a+")
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")  # a line was cut off
        return file


def _event(line: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
        return found if type(found["event"]) is str and type(found["iteration"]) is int else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
