"""Which plugins are not to be loaded and why, as the user's settings folder keeps it; and which did end the program.

Before a plugin is imported a file says so, and its lock is held until it is registered. A file that nobody holds was
left by a process that ended meanwhile: that plugin crashed it, or hung until somebody ended it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from ..locking import Lock, held

DISABLED = "disabled by you"
CRASHED = "the program crashed or hung while it was loaded"
PATIENCE = 2.0  # seconds that another process is waited for which changes them, too

_changing = threading.Lock()


class Choices:
    """The file `plugins.json` of a folder, and the marks of what is being loaded beside it.

    A folder that cannot be written keeps nothing; a file that cannot be read is as none.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "plugins.json"
        self.marks = folder / "loading"
        self.crashes = folder / "crashes"

    def disabled(self) -> dict[str, str]:
        """The plugins that are not to be loaded, each with the reason."""
        with suppress(OSError, ValueError):
            read = json.loads(self.file.read_text("utf-8"))
            if isinstance(read, dict) and isinstance(told := read.get("disabled"), dict):
                return {str(name): str(reason) for name, reason in told.items()}
        return {}

    def disable(self, name: str, reason: str = DISABLED) -> None:
        """Do not load a plugin from now on."""
        self._change(lambda disabled: {**disabled, name: reason})

    def enable(self, name: str) -> None:
        """Load it again."""
        self._change(lambda disabled: {other: reason for other, reason in disabled.items() if other != name})

    def take_crashed(self) -> list[str]:
        """Disable the plugins during whose loading a process ended, and give their names."""
        crashed = []
        for mark in sorted(self.marks.glob("*.lock")) if self.marks.is_dir() else ():
            if held(mark):
                continue  # another process is loading it just now
            name = mark.name.split(" ", 1)[-1].removesuffix(".lock")
            with suppress(OSError):
                mark.unlink()
                self.disable(name, CRASHED)
                crashed.append(name)
        return crashed

    @contextmanager
    def marked(self, name: str) -> Iterator[None]:
        """Within it a plugin is being loaded."""
        mark, lock = self.marks / f"{os.getpid()} {name}.lock", None
        with suppress(OSError):
            self.marks.mkdir(parents=True, exist_ok=True)
            lock = Lock(mark)
            lock.take()
        try:
            yield
        finally:
            with suppress(OSError):
                mark.unlink(missing_ok=True)
            if lock is not None:
                lock.release()

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        """Read, change and write them while no other thread and no other process does."""
        with _changing, suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            lock = Lock(self.file.with_suffix(".lock"))
            try:
                lock.take(PATIENCE)  # what is said now counts, also where another process never lets go
                self._write(change(self.disabled()))
            finally:
                lock.release()

    def _write(self, disabled: dict[str, str]) -> None:
        text = json.dumps({"disabled": disabled}, indent=2, sort_keys=True, ensure_ascii=False)
        beside = self.file.with_suffix(f".{uuid4().hex}")
        try:
            beside.write_text(text + "\n", "utf-8")
            os.replace(beside, self.file)
        finally:
            beside.unlink(missing_ok=True)
