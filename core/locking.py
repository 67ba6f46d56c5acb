"""One process at a time: who writes into the folder of a run, who loads a plugin."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OFTEN = 0.05  # seconds between two tries
BRIEFLY = 0.25  # seconds: longer than somebody has it who only asks


class Lock:
    """The lock file at `path`. The system frees it when its process ends, however that comes.

    Whoever has it may mark it: the mark stays behind where his process ends before he takes it away. Raises `OSError`
    where the file cannot be written, or is not there and is not to be made.
    """

    def __init__(self, path: Path, makes: bool = True) -> None:
        self._file = os.open(path, os.O_RDWR | (os.O_CREAT if makes else 0), 0o666)

    def take(self, patience: float = BRIEFLY) -> bool:
        """Whether it is ours now; another process is waited for so many seconds."""
        end = time.monotonic() + patience
        while not self._taken():
            if time.monotonic() >= end:
                return False
            time.sleep(OFTEN)
        return True

    def mark(self) -> None:
        """Mark what one has. Raises `OSError`."""
        os.write(self._file, b"marked\n")

    def unmark(self) -> None:
        """As if it had never been marked. Raises `OSError`."""
        os.ftruncate(self._file, 0)

    @property
    def marked(self) -> bool:
        """Whether one is there, of whoever had it before. Raises `OSError`."""
        return os.fstat(self._file).st_size > 0

    def release(self) -> None:
        """Let go of it."""
        os.close(self._file)

    def _taken(self) -> bool:
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._file, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def held(path: Path) -> bool:
    """Whether a process holds the lock file at `path`. Nobody who asks, or takes it meanwhile, is in another's way."""
    try:
        file = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    except OSError:  # no process has been there, or none could be: it has to write there
        return False
    try:
        if sys.platform == "win32":
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared by all who ask
    except OSError:
        return True
    finally:
        os.close(file)
    return False
