"""Where a process was when it crashed: Python writes that down, and the next start reads it.

A segmentation fault, an abort or a bus error ends a process without an exception. Until then a file lies open into
which Python's fault handler writes; a process that ends in good order takes it away.
"""

from __future__ import annotations

import atexit
import faulthandler
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..locking import Lock, held

_FATAL = re.compile(r"^Fatal Python error: (.+)$", re.MULTILINE)
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)
_CURRENT = re.compile(r"^Current thread .*?\n((?:  .*\n?)*)", re.MULTILINE)


class Crash(NamedTuple):
    """How a process ended, and where it was: the files and lines, the last call first."""

    what: str
    frames: tuple[tuple[str, int], ...]


def watch(folder: Path) -> None:
    """Let Python write into `folder` where this process is when it crashes; nothing where somebody else has it told."""
    if faulthandler.is_enabled():
        return
    log, guard = folder / f"{os.getpid()}.log", folder / f"{os.getpid()}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = Lock(guard)
        lock.take()
        file = open(log, "w", encoding="utf-8")  # noqa: SIM115 - it stays open as long as the process lives
    except OSError:
        return  # what cannot be written is not told
    faulthandler.enable(file)

    def end() -> None:
        faulthandler.disable()
        file.close()
        lock.release()
        for each in (log, guard):
            with suppress(OSError):
                each.unlink()

    atexit.register(end)


def taken(folder: Path) -> Iterator[Crash]:
    """The crashes of processes that watched themselves here and are gone; each is given once."""
    for guard in sorted(folder.glob("*.lock")) if folder.is_dir() else ():
        log = guard.with_suffix(".log")
        if held(guard):
            continue
        with suppress(OSError, UnicodeDecodeError):
            text = log.read_text("utf-8") if log.exists() else ""
            for each in (log, guard):
                each.unlink(missing_ok=True)
            if (crash := _read(text)) is not None:
                yield crash


def _read(text: str) -> Crash | None:
    fatal, current = _FATAL.search(text), _CURRENT.search(text)
    if fatal is None or current is None:
        return None
    return Crash(fatal[1], tuple((file, int(number)) for file, number in _FRAME.findall(current[1])))
