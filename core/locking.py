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


class Lock:
    """The lock file at `path`. The system frees it when its process ends, however that comes."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)

    def take(self, patience: float = 0.0) -> bool:
        """Whether it is ours now; another process is waited for so many seconds."""
        end = time.monotonic() + patience
        while not self._taken():
            if time.monotonic() >= end:
                return False
            time.sleep(OFTEN)
        return True

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
