"""What holds up a run: an op of a plugin, or whatever else of one, that does not return."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from ..errors import GradwireError
from ..foreign import Working, working
from .happening import FAILED, HELD
from .record import Log

LONG = 5.0  # seconds after which it is told; it may still return, as what computes for long
LOOK = 0.25  # seconds between two looks


class HeldUp:
    """A thread beside the one that trains. A run that is told to end while it is held up fails, and says by what:
    nothing else would end it.
    """

    def __init__(self, path: Path, tell: Callable[[Mapping[str, Any]], None], ends: threading.Event) -> None:
        """Of the run in the folder `path`, on the thread that makes this; `ends` is set when it is told to end."""
        self.iteration: Callable[[], int] = lambda: 0
        self._path, self._tell, self._ends = path, tell, ends
        self._trains = threading.get_ident()
        self._told: Working | None = None

    def watch(self) -> None:
        """Look now and then, for as long as the process lives."""
        threading.Thread(target=self._watch, name="held up", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK)
            work = working(self._trains)
            if work is None or (seconds := time.perf_counter() - work.since) < LONG:
                continue
            line = f"{work.what} has not returned for {seconds:.0f} s"
            if self._ends.is_set():
                self._fail(f"{line}, so the run was ended within it")
            elif work is not self._told:
                self._told = work
                self._tell({"event": HELD, "iteration": self.iteration(), "message": line})

    def _fail(self, line: str) -> None:
        event = {"event": FAILED, "iteration": self.iteration(), "message": line}
        with suppress(GradwireError), closing(Log(self._path)) as log:  # it may be that nothing can be written
            log.add(event)
        self._tell(event)
        os._exit(1)
