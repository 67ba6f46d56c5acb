"""Where a process was when it crashed: Python writes that down, and the next start reads it.

A segmentation fault, an abort or a bus error ends a process without an exception. Until then a file lies open into
which Python's fault handler writes; a process that ends in good order takes it away. On the terminal a child tells of
it, which waits for the end of this process and is told where each plugin lies: after such a fault none of this one's
own Python can run.
"""

from __future__ import annotations

import atexit
import faulthandler
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..locking import Lock, held
from . import crash_log
from .crash_log import Crash, read


def watch(folder: Path, places: Mapping[str, str]) -> None:
    """Let Python write into `folder` where this process is when it crashes; nothing where somebody else has it told.

    `places` are the folders or files of the plugins, by name.
    """
    if faulthandler.is_enabled():
        return
    log, guard = folder / f"{os.getpid()}.log", folder / f"{os.getpid()}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = Lock(guard)
        if not lock.take():
            lock.release()
            return
        file = open(log, "w", encoding="utf-8")  # noqa: SIM115 - it stays open as long as the process lives
    except OSError:
        return  # what cannot be written is not told
    faulthandler.enable(file)
    teller = _teller(log, places)

    def end() -> None:
        faulthandler.disable()
        file.close()
        with suppress(OSError):
            log.unlink()  # first: a file beside which nobody holds the lock tells of a crash
        lock.release()
        with suppress(OSError):
            guard.unlink()
        if teller is not None and teller.stdin is not None:
            with suppress(OSError):
                teller.stdin.close()
            teller.wait()  # it finds no file, and has nothing to tell

    atexit.register(end)


def _teller(log: Path, places: Mapping[str, str]) -> subprocess.Popen[str] | None:
    """The child that tells on the terminal of a crash of this process; None where there is no terminal, or no child."""
    if sys.stderr is None or not sys.executable:
        return None
    command = [sys.executable, "-I", "-S", crash_log.__file__, str(log)]
    try:
        teller = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        assert teller.stdin is not None
        teller.stdin.write(json.dumps(dict(places)) + "\n")
        teller.stdin.flush()
    except OSError:
        return None
    return teller


def taken(folder: Path) -> Iterator[Crash]:
    """The crashes of processes that watched themselves here and are gone; each is given once."""
    for log in sorted(folder.glob("*.log")) if folder.is_dir() else ():
        guard = log.with_suffix(".lock")
        if held(guard):
            continue
        with suppress(OSError, ValueError):
            text = log.read_text("utf-8")
            for each in (log, guard):
                each.unlink(missing_ok=True)
            if (crash := read(text)) is not None:
                yield crash
