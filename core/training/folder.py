"""The folder that a run leaves: checkpoints of its state, and what it kept of each iteration."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, RunError
from ..graph import Source
from ..summary import COLUMNS, KINDS, IterationSummary, Key
from . import checkpoint

Array = np.ndarray[Any, Any]
CHECKPOINTS, SUMMARIES = "checkpoints", "summaries.jsonl"
LONGEST = 64_000_000  # bytes of a line of summaries


class RunFolder:
    """Reads what a run with `--out` has written. Nothing in it is taken on trust.

    Raises `FileError` where the folder holds no checkpoint. `wanted` is what the run must have in common with the graph
    that is stepped through: a state of another one raises `RunError`. `since` is the iteration that is the first with
    these settings, where they were changed on the way: states before it are not looked at.
    """

    def __init__(self, path: Path, wanted: Mapping[str, Any] | None = None, since: int = 1) -> None:
        self.path = path
        self.wanted = wanted or {}
        folder = path / CHECKPOINTS
        found = [each for each in folder.glob(f"*{checkpoint.SUFFIX}") if each.stem.isdecimal()]
        # A checkpoint is of the state behind an iteration: the next one begins with it.
        begins = {int(each.stem) + 1: each for each in found}
        self._begins = {number: each for number, each in begins.items() if number >= since} or begins
        if not found:
            raise FileError(
                f"{path} holds no run: there are no checkpoints in {folder}", hint="gradwire train --out DIR"
            )

    @property
    def first(self) -> int:
        """The earliest iteration that can be gone through."""
        return min(self._begins)

    @property
    def last(self) -> int:
        """The iteration that follows the last checkpoint."""
        return max(self._begins)

    def nearest(self, number: int) -> int:
        """The latest iteration up to `number` with whose state a checkpoint was written. `RunError` where none was."""
        found = max((known for known in self._begins if known <= number), default=None)
        if found is None:
            message = f"the run in {self.path} has no checkpoint before iteration {number}"
            raise RunError(message, hint=f"its earliest is before iteration {self.first}")
        return found

    def state(self, number: int) -> Mapping[str, Array]:
        """What each slot held before an iteration that `nearest` has named. Raises `FileError` and `RunError`."""
        path = self._begins[number]
        state, position = checkpoint.read(path)
        checkpoint.check_run(path, position["run"], self.wanted)
        return checkpoint.apart(state)[0]

    def progress(self, number: int) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
        """The rows of the epochs that have ended before that iteration, and the mean loss of the one that is running.

        Raises `FileError`.
        """
        position = checkpoint.read(self._begins[number])[1]
        return position["history"], position["loss"]

    @cached_property
    def summaries(self) -> tuple[IterationSummary, ...]:
        """What was kept of iterations, in order; of one that was gone through twice what was written last.

        Raises `RunError` where they are of a run of another graph or with other settings.
        """
        found: dict[int, IterationSummary] = {}
        like: IterationSummary | None = None
        for number, line in enumerate(_lines(self.path)):
            run = None if number else _read_identity(line)
            if run is not None:
                checkpoint.check_run(self.path, run, self.wanted, what="the folder")
            like = read_summary(line, like) or like
            if like is not None:
                found[like.number] = like
        return tuple(found[number] for number in sorted(found))


# What a run does with it when it begins.


def put_aside(path: Path) -> Path | None:
    """Rename the checkpoints and summaries that a run has left in the folder `path`; where they are now, None where
    there were none. Raises `FileError`.
    """
    folder = path / CHECKPOINTS
    if checkpoint.newest(folder) is None and not (folder / SUMMARIES).exists():
        return None
    number = 1
    while (aside := path / f"{CHECKPOINTS}-{number}").exists():
        number += 1
    try:
        folder.rename(aside)
    except OSError as error:
        raise FileError(f"{folder} cannot be put aside: {error.strerror or error}") from error
    return aside


def drop_checkpoints(path: Path, after: int) -> None:
    """Remove the checkpoints in the folder `path` behind this iteration: a run goes on from it. Raises `FileError`."""
    for found in (path / CHECKPOINTS).glob(f"*{checkpoint.SUFFIX}"):
        if found.stem.isdecimal() and int(found.stem) > after:
            try:
                found.unlink(missing_ok=True)
            except OSError as error:
                raise FileError(f"{found} cannot be removed: {error.strerror or error}") from error


def begin_summaries(path: Path, after: int, run: Mapping[str, Any] | None = None) -> None:
    """Let the summaries in the folder `path` be those of the iterations up to this one, and say first of which `run`
    they are (None: of one whose settings change on its way). Raises `FileError`.
    """
    whole = path / CHECKPOINTS / SUMMARIES
    temporary = whole.with_name(whole.name + ".tmp")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            if run is not None:
                file.write(json.dumps({"run": run}) + "\n")
            for line in _lines(path):
                summary = read_summary(line, None)
                if summary is not None and summary.number <= after:
                    file.write(line)
        os.replace(temporary, whole)
    except OSError as error:
        raise FileError(f"{whole} cannot be written: {error.strerror or error}") from error


def _lines(path: Path) -> Iterator[str]:
    """The lines of the summaries in the folder `path`. Raises `FileError`."""
    whole = path / CHECKPOINTS / SUMMARIES
    try:
        with open(whole, encoding="utf-8") as lines:
            yield from iter(lambda: lines.readline(LONGEST), "")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{whole} cannot be read: {error}") from error


def _read_identity(line: str) -> Mapping[str, Any] | None:
    """The run that a first line names; None for one that is something else."""
    try:
        run = json.loads(line)["run"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return run if isinstance(run, Mapping) else None


# Summaries.


def add_summaries(path: Path, summaries: Iterable[IterationSummary]) -> None:
    """Append summaries to those of the run in the folder `path`, a line each. Raises `FileError`."""
    whole = path / CHECKPOINTS / SUMMARIES
    try:
        with open(whole, "a", encoding="utf-8") as file:
            for summary in summaries:
                file.write(json.dumps(plain_summary(summary)) + "\n")
    except OSError as error:
        raise FileError(f"{whole} cannot be written: {error.strerror or error}") from error


def plain_summary(summary: IterationSummary) -> dict[str, Any]:
    """As JSON values; a line of them is what `read_summary` reads."""
    rows = [
        [kind, source.node, source.output, *summary.table[row].tolist()] for (kind, source), row in summary.rows.items()
    ]
    return {"iteration": summary.number, "objective": summary.objective, "rows": rows}


def read_summary(line: str, like: IterationSummary | None) -> IterationSummary | None:
    """A line as it was written; None for one that was cut off, or is something else."""
    try:
        told = json.loads(line)
        number, objective = int(told["iteration"]), float(told["objective"])
        keys: list[Key] = [
            (KINDS[KINDS.index(kind)], Source(str(node), str(port))) for kind, node, port, *_ in told["rows"]
        ]
        table = np.array([row[3:] for row in told["rows"]], np.float64).reshape(len(keys), COLUMNS)
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    if like is not None and list(like.rows) == keys:
        return IterationSummary(number, objective, like.rows, table)
    return IterationSummary(number, objective, {key: row for row, key in enumerate(keys)}, table)
