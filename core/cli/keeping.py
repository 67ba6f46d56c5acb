"""The folder of a run, `train --out DIR`: checkpoints, the log of events; in the end the trained network, and its
evaluation with curves and matrices.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..data import files_of
from ..errors import FileError, RunError
from ..locking import Lock
from ..runs.record import LOCK
from ..session import Session
from ..training.folder import CHECKPOINTS


class Folder:
    """The folder of a run. Raises `RunError` for one that would overwrite the graph's own file."""

    def __init__(self, path: Path, session: Session) -> None:
        self.path = path
        self.session = session
        self.events = path / "events.jsonl"
        assert session.path is not None, "a command opens files"
        self.source = session.path
        if path.resolve() == self.source.resolve().parent:
            raise RunError(
                f"--out must be another folder than that of {self.source.name}, which would be overwritten",
                hint=f"--out {path / 'run'}",
            )

    def hold(self) -> Callable[[], None]:
        """Let no other process train in the folder until what is returned is called. Raises `GradwireError`."""
        checkpoints = self.path / CHECKPOINTS
        try:
            checkpoints.mkdir(parents=True, exist_ok=True)
            lock = Lock(self.path / LOCK)
        except OSError as error:
            raise FileError(f"checkpoints cannot be written to {checkpoints}: {error.strerror or error}") from error
        if not lock.take():
            lock.release()
            raise RunError(f"another process trains in {self.path}", hint="another folder, or stop that run first")
        return lock.release

    # The log.

    def start_log(self, lines: Iterable[str]) -> None:
        """Begin the log with these lines. A log that was there is replaced."""
        _write(self.events, lines)

    def log(self, line: str) -> None:
        """Add a line, at once: a run that is killed leaves what was told."""
        with self.events.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    # The network.

    def save(self) -> Path:
        """Write the trained network, with the data files that it reads: it may read its own folder only."""
        for name, path in self._data():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(target.name + ".tmp")
            shutil.copyfile(path, temporary)
            os.replace(temporary, target)
        return self.session.save(self.path / f"{self.source.stem}.gw")

    def save_evaluation(self, line: str) -> None:
        """Write what the trained network was measured to be, one JSON object."""
        _write(self.path / "evaluation.json", [line])

    def _data(self) -> Iterator[tuple[Path, Path]]:
        """The data files of the graph: the path that the graph gives, and the file."""
        home = self.source.resolve().parent
        for node in self.session.graph.nodes.values():
            if node.op == "dataset":
                for name, path in files_of(node.params, home).items():
                    yield Path(name), path


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write lines whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    os.replace(temporary, path)
