"""Which plugins are not to be loaded and why, as the user's settings folder keeps it; and which did end the program.

Before a plugin is imported a lock file is taken and marked; once it is registered the mark is taken away. A file with
a mark that nobody holds was left by a process that ended meanwhile: that plugin crashed it, or hung until somebody
ended it. One without a mark says nothing: somebody has just made it, or is done.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from ..locking import Lock

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
        for file in sorted(self.marks.glob("*.lock")) if self.marks.is_dir() else ():
            name = file.name.split(" ", 1)[-1].removesuffix(".lock")
            with suppress(OSError):
                if self._take_mark(file, name):
                    crashed.append(name)
                    file.unlink(missing_ok=True)
        return crashed

    def _take_mark(self, file: Path, name: str) -> bool:
        """Whether that plugin is disabled for its mark, which is gone then. Raises `OSError`."""
        lock = Lock(file, makes=False)
        try:
            if not lock.take(0.0) or not lock.marked:  # another process is loading it just now, or is about to
                return False
            self.disable(name, CRASHED)
            lock.unmark()
            return True
        finally:
            lock.release()

    @contextmanager
    def marked(self, name: str) -> Iterator[None]:
        """Within it a plugin is being loaded."""
        file = self.marks / f"{os.getpid()} {name}.lock"
        lock = _marked(file)
        try:
            yield
        finally:
            if lock is not None:
                with suppress(OSError):
                    lock.unmark()
                lock.release()  # Windows takes away no file that is open
                with suppress(OSError):
                    file.unlink(missing_ok=True)

    def unmark(self, name: str) -> None:
        """No longer say that a plugin is being loaded, though the thread that was to do that has not ended."""
        with suppress(OSError):
            (self.marks / f"{os.getpid()} {name}.lock").unlink(missing_ok=True)

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
        target = Path(os.path.realpath(self.file))  # settings may be links into a folder that is kept elsewhere
        beside = target.with_suffix(f".{uuid4().hex}")
        try:
            beside.write_text(text + "\n", "utf-8")
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)


def _marked(file: Path) -> Lock | None:
    """That lock file with a mark, ours; None where it cannot be had."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock(file)
    except OSError:
        return None
    with suppress(OSError):
        if lock.take():
            lock.mark()
            return lock
    lock.release()
    return None
