"""What fails in a function of the user, outside of any cell: told in the console, not as a fault of the program."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .at_work import without_cells


class _Hook:
    """Stands in the place of a hook of the process. Once it is closed it hands everything on: whoever has put another
    before it may put it back at any time.
    """

    def __init__(self, module: Any, told: Callable[..., bool]) -> None:
        """`module` is `sys` or `threading`, `told` whether an error is told, for what its hook is given."""
        self.open = True
        self.before: Callable[..., Any] = without_cells(module.excepthook)
        while isinstance(self.before, _Hook) and not self.before.open:
            self.before = self.before.before
        self._module, self._told = module, told
        module.excepthook = self

    def __call__(self, *args: Any) -> None:
        if not (self.open and self._told(*args)):
            self.before(*args)

    def close(self) -> None:
        """As it was, unless somebody else has put another hook there since."""
        self.open = False
        if self._module.excepthook is self:
            self._module.excepthook = self.before


class Callbacks:
    """Stands before the process's hooks for errors that nobody caught, while a console is open."""

    def __init__(self, module: str, tell: Callable[[str], object]) -> None:
        """`module` is what cells call their module, `tell` writes a line for the user."""
        self._module, self._tell = module, tell
        self._hooks: list[_Hook] = []

    def open(self) -> None:
        """From now on; where somebody else has put another hook there meanwhile, before that one."""
        for module, told in ((sys, self._told_of_all), (threading, self._told_of_thread)):
            if module.excepthook not in self._hooks:
                self._hooks.append(_Hook(module, told))

    def close(self) -> None:
        """Nothing is told any more."""
        while self._hooks:
            self._hooks.pop().close()

    def _told_of_all(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> bool:
        return self._told(error)

    def _told_of_thread(self, args: Any) -> bool:
        return args.exc_value is not None and self._told(args.exc_value)

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
