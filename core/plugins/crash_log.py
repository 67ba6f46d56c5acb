"""What Python's fault handler wrote where a process crashed; run as a script it tells of that on the terminal.

As a script it is the child of the process that may crash: `crash_log.py LOG`, where one line of its input says where
each plugin lies, and the end of the input is the end of that process. It imports nothing of the program, so that it
takes little room while it waits.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_FATAL = re.compile(r"^(?:Fatal Python error|Windows fatal exception): (.+)$", re.MULTILINE)
_FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")  # letters beyond ASCII
_CURRENT = re.compile(r"^Current thread .*?\n((?:  .*\n?)*)", re.MULTILINE)


class Crash(NamedTuple):
    """How a process ended, and where it was: the files and lines, the last call first."""

    what: str
    frames: tuple[tuple[str, int], ...]


def read(text: str) -> Crash | None:
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


def told(crash: Crash, places: Mapping[str, str]) -> str:
    """A line for the terminal; `places` are the folders or files of plugins, by name."""
    for file, number in crash.frames:
        holding = [name for name, place in places.items() if place and Path(file).is_relative_to(place)]
        if holding:  # one may lie in the folder of another
            name = max(holding, key=lambda each: len(places[each]))
            where = f"{Path(file).name}, line {number}: {crash.what}"
            return f"the plugin {name} crashed the program ({where}); it is disabled at the next start"
    where = f" ({Path(crash.frames[0][0]).name}, line {crash.frames[0][1]})" if crash.frames else ""
    return f"the program crashed: {crash.what}{where}; edits that were not saved are offered at the next start"


def _wait(log: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, whose end ends this, too
    places = json.loads(sys.stdin.readline() or "{}")
    sys.stdin.read()
    try:
        crash = read(log.read_text("utf-8"))
    except (OSError, ValueError):  # there is none: it ended in good order
        return
    if crash is not None:
        print(f"gradwire: {told(crash, places)}", file=sys.stderr)


if __name__ == "__main__":
    _wait(Path(sys.argv[1]))
