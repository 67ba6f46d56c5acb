"""What fails in a function of the user, outside of any cell: told in the console, not as a fault of the program."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


class Callbacks:
    """Stands before the process's hooks for errors that nobody caught, while a console is open."""

    def __init__(self, module: str, tell: Callable[[str], object]) -> None:
        """`module` is what cells call their module, `tell` writes a line for the user."""
        self._module, self._tell = module, tell
        self._before: Hook | None = None
        self._before_threads: Callable[[Any], Any] = threading.excepthook

    def open(self) -> None:
        """From now on."""
        if self._before is None:
            self._before, self._before_threads = sys.excepthook, threading.excepthook
            sys.excepthook, threading.excepthook = self._take, self._take_of_thread

    def close(self) -> None:
        """As it was, unless somebody else has put another hook there since."""
        if self._before is not None and sys.excepthook == self._take:
            sys.excepthook = self._before
            self._before = None
        if threading.excepthook == self._take_of_thread:
            threading.excepthook = self._before_threads

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not self._told(error) and self._before is not None:
            self._before(kind, error, trace)

    def _take_of_thread(self, args: Any) -> None:
        if args.exc_value is None or not self._told(args.exc_value):
            self._before_threads(args)

    def _told(self, error: BaseException) -> bool:
        """Tell an error that passed through the user's code; False where it did not."""
        several = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
        places = [self._place(each.__traceback__) for each in several]
        if not all(places):
            return False
        for each, place in zip(several, places, strict=True):
            self._tell(f"\nA callback failed: {type(each).__name__}: {each} ({place}; %tb tells how it came there)\n")
            sys.last_type, sys.last_value, sys.last_traceback = type(each), each, each.__traceback__
        return True

    def _place(self, trace: TracebackType | None) -> str:
        """The last line of the user's on its way, "" where there is none."""
        place = ""
        while trace is not None:
            if trace.tb_frame.f_globals.get("__name__") == self._module:
                place = f"line {trace.tb_lineno} of {trace.tb_frame.f_code.co_name}"
            trace = trace.tb_next
        return place
