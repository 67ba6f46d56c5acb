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

_FATAL = re.compile(r"^(?:Fatal Python error|Windows fatal exception): (.+)$", re.MULTILINE)
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")  # letters beyond ASCII
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
        if not lock.take():
            lock.release()
            return
        file = open(log, "w", encoding="utf-8")  # noqa: SIM115 - it stays open as long as the process lives
    except OSError:
        return  # what cannot be written is not told
    faulthandler.enable(file)

    def end() -> None:
        faulthandler.disable()
        file.close()
        with suppress(OSError):
            log.unlink()  # first: a file beside which nobody holds the lock tells of a crash
        lock.release()
        with suppress(OSError):
            guard.unlink()

    atexit.register(end)


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
            if (crash := _read(text)) is not None:
                yield crash


def _read(text: str) -> Crash | None:
    """The last that was written: on Windows errors are told as well that somebody has caught."""
    *_, fatal = None, *_FATAL.finditer(text)
    current = None if fatal is None else _CURRENT.search(text, fatal.end())
    if fatal is None or current is None:
        return None
    return Crash(fatal[1], tuple((_path(file), int(number)) for file, number in _FRAME.findall(current[1])))


def _path(written: str) -> str:
    """The path of a file, in which letters beyond ASCII are written as in "\\xdc"; a folder may be called so, too."""
    if os.path.exists(written):
        return written
    return _ESCAPED.sub(lambda code: chr(int(max(code.groups("")), 16)), written)
