"""The process of a run: `python -m gradwire.core.runs.child FOLDER`.

Commands come in on its standard input, JSON lines, and what happens goes out on its standard output. Where the input
ends it writes a checkpoint and stops.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..errors import GradwireError, RunError
from ..locking import Lock
from .happening import FAILED
from .held_up import HeldUp
from .loop import BEGIN, END, STOP, Command, Loop
from .record import LOCK, Log

NICER = 10  # below what the window has
PATIENCE = 10.0  # seconds for the process before this one to write its last checkpoint


def read_commands(descriptor: int, commands: SimpleQueue[Command], ends: threading.Event) -> None:
    """Put what comes in into the queue, and `END` when nothing more will come; set `ends` where the run is to end."""
    rest = b""
    # Not by a file object: the lock of one that waits here would be held when Python ends.
    while data := os.read(descriptor, 65536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            command = json.loads(line)
            commands.put(command)
            if command["do"] in (STOP, END):
                ends.set()
    commands.put({"do": END})
    ends.set()


class Pipe:
    """Tells whoever listens on a file descriptor; where nobody does any more, the run is told so."""

    def __init__(self, descriptor: int, commands: SimpleQueue[Command]) -> None:
        self._descriptor = descriptor
        self._commands = commands
        self._lock = threading.Lock()

    def tell(self, event: Mapping[str, Any]) -> None:
        """One line."""
        rest = memoryview(json.dumps(event).encode() + b"\n")
        try:
            with self._lock:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self._commands.put({"do": END})


def lower_priority() -> None:
    """Let other programs go first, the window above all; on Windows the process is started so."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(NICER)


def run(
    path: Path,
    commands: SimpleQueue[Command],
    tell: Callable[[Mapping[str, Any]], None],
    held_up: HeldUp | None = None,
) -> int:
    """Go through the run in the folder `path`, as the first command says; the exit status."""
    loop: Loop | None = None
    begin = commands.get()
    if begin["do"] != BEGIN:
        return 0  # whoever started it is gone already
    try:
        if not Lock(path / LOCK).take(PATIENCE):
            raise RunError(f"another process trains in {path}", hint="stop that run first")
        loop = Loop(path, commands, tell)
        if held_up is not None:
            state = loop.engine.state
            held_up.iteration = lambda: state.iteration
        loop.run(begin["paused"], begin["settings"])
    except Exception as error:
        if not isinstance(error, GradwireError):
            traceback.print_exc()
        if loop is not None:
            with contextlib.suppress(GradwireError):
                loop.teller.flush()  # what was printed last may say why
        iteration = 0 if loop is None else loop.engine.state.iteration
        event = {"event": FAILED, "iteration": iteration, "message": _line(error)}
        # The reason may be that nothing can be written.
        with contextlib.suppress(GradwireError), contextlib.closing(Log(path)) as log:
            log.add(event)
        tell(event)
        return 1
    return 0


def _line(error: Exception) -> str:
    if isinstance(error, GradwireError):
        return str(error)
    if isinstance(error, MemoryError):
        return "the run needs more memory than there is (a smaller batch may help)"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def main() -> int:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("plugins", nargs="*", help="those to load")
    told_to = parser.parse_args()
    lower_priority()
    told = os.dup(1)
    os.dup2(2, 1)  # what an op prints is no message
    commands: SimpleQueue[Command] = SimpleQueue()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that started this one
    ends = threading.Event()

    def end(*_: object) -> None:
        commands.put({"do": END})
        ends.set()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=read_commands, args=(0, commands, ends), daemon=True).start()
    tell, held_up = Pipe(told, commands).tell, None
    if told_to.plugins:  # not above: most runs need none
        from ..plugins import plugins

        plugins().load(told_to.plugins, marks=False)  # whoever ends the run ends no plugin
        held_up = HeldUp(told_to.folder, tell, ends)
        held_up.watch()
    return run(told_to.folder, commands, tell, held_up)


if __name__ == "__main__":
    sys.exit(main())
