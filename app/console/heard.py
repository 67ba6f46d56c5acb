"""The child that hears the beats of a console's heart, and tells on the terminal where none comes.

Run as a script: a line of its input is "+" and the name of a cell that begins, "." for a beat, "-" for its end. It
imports nothing of the program, so that it takes little room.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time

PATIENCE = 3.0  # seconds without a beat


def told(cell: str, process: int, seconds: float) -> str:
    """What stands on the terminal meanwhile."""
    return (
        f"gradwire: the window stands still for {seconds:.0f} s: {cell} is in one call into C, which holds Python's"
        " lock, and Stop waits for its end; to give up end the process"
        f" {process} (edits that are not saved are offered at the next start)"
    )


def _listen(lines: queue.SimpleQueue[str | None]) -> None:
    for line in sys.stdin:
        lines.put(line.rstrip("\n"))
    lines.put(None)


def main(process: int, patience: float = PATIENCE) -> None:
    """Tell, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, whose end ends this, too
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    cell, beaten, still = "", 0.0, False
    while True:
        try:
            line = lines.get(timeout=patience if cell and not still else None)
        except queue.Empty:
            still = True
            print(told(cell, process, time.monotonic() - beaten), file=sys.stderr, flush=True)
            continue
        if still:
            seconds = time.monotonic() - beaten
            goes = "the program has ended" if line is None else "the window goes on"
            print(f"gradwire: {goes}, after {seconds:.0f} s", file=sys.stderr, flush=True)
            still = False
        if line is None:
            return
        beaten = time.monotonic()
        if not line.startswith("."):
            cell = line[1:]


if __name__ == "__main__":
    main(os.getppid(), *map(float, sys.argv[1:]))
