"""Which process has a file open: locks in the data folder, held as long as their process lives."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile


class Lock:
    """The lock on the file at `place`, which is no link. `holder`: the process that has it instead of this one."""

    def __init__(self, data: Path, place: Path) -> None:
        folder = data / "open"
        with suppress(OSError):  # then no lock can be written there, which `take` finds
            folder.mkdir(parents=True, exist_ok=True)
        self._file = QLockFile(str(folder / f"{sha256(str(place).encode()).hexdigest()[:24]}.lock"))
        self._file.setStaleLockTime(0)  # that of a process that has died is taken over, however new it is
        self.holder: int | None = None  # 0 where it cannot be told

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._file.isLocked()

    def take(self) -> bool:
        """Try to have it; whether no other process does. Where none can be written, work goes on without one."""
        self.holder = None
        if self._taken():
            return True
        owner = self._owner()
        # One that names nobody was cut off when it was written: nothing but this frees it again.
        if owner or not (self._file.removeStaleLockFile() and self._taken()):
            self.holder = owner
        return self.holder is None

    def release(self) -> None:
        """Let go of it, if it is ours."""
        self._file.unlock()

    def _taken(self) -> bool:
        if self.held or self._file.tryLock(0):
            return True
        return self._file.error() != QLockFile.LockError.LockFailedError

    def _owner(self) -> int:
        info = self._file.getLockInfo()
        return int(info[0]) if isinstance(info, tuple) and len(info) == 3 else 0


def holder_of(data: Path, path: Path) -> int | None:
    """The process that has the file at `path` open, this one included; 0 where it cannot be told, None: none has."""
    lock = Lock(data, Path(os.path.realpath(path)))
    lock.take()
    lock.release()
    return lock.holder


def process(holder: int) -> str:
    """Which process it is, in brackets, where that can be told."""
    return f" (process {holder})" if holder else ""
