"""What IPython changes of the process while a cell runs: once for all consoles, and asked for the thread that calls.

By itself each shell would put its own there and back, so that two at once get each other's results, and the one that
ends last leaves the other's for good.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IPython.core.builtin_trap import BuiltinTrap
from IPython.core.display_trap import DisplayTrap
from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:
    from .shell import Shell

_lock = Lock()
_shells: dict[int, Shell] = {}  # by the thread that each computes on
_before: dict[str, Any] = {}  # what stood in the process
NO_DEBUGGER = (
    "breakpoint() does nothing in the console: go through the graph by step() and back(), or run the script in a"
    " terminal, `gradwire exec SCRIPT.py FILE`, where Python's debugger asks"
)
_ASKED = "get_ipython"  # a name that libraries look for among Python's own


class NoDisplayTrap(DisplayTrap):
    """Leaves `sys.displayhook` to `at_work`."""

    def set(self) -> None:
        """Nothing."""

    def unset(self) -> None:
        """Nothing."""


class NoBuiltinTrap(BuiltinTrap):
    """Leaves Python's own names to `at_work`."""

    def activate(self) -> None:
        """Nothing."""

    def deactivate(self) -> None:
        """Nothing."""


class _Instance:
    """In the place of the one shell that IPython takes to be there: whom `display` and `get_ipython` ask."""

    def __get__(self, instance: object, owner: type) -> Shell | None:
        return _here()


@contextmanager
def at_work(shell: Shell) -> Iterator[None]:
    """Within it results, pictures and `get_ipython` of this thread are those of `shell`."""
    with _lock:
        if not _shells:
            _put()
        _shells[get_ident()] = shell
    try:
        yield
    finally:
        over(shell)


def over(shell: Shell) -> None:
    """It computes no more; after the last one the process is as it was."""
    with _lock:
        for thread in [thread for thread, each in _shells.items() if each is shell]:
            del _shells[thread]
        if not _shells and _before:
            _take_away()


def tell_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What fails in the window while a cell runs is told where it is told at any other time."""
    _before.get("excepthook", sys.__excepthook__)(kind, error, trace)


def without_cells(hook: Callable[..., Any]) -> Callable[..., Any]:
    """The hook for errors that stands where no cell runs: a shell puts its own there for as long as one does."""
    of_shell = isinstance(getattr(hook, "__self__", None), InteractiveShell)
    found: Callable[..., Any] = _before.get("excepthook", sys.__excepthook__) if of_shell else hook
    return found


def _here() -> Shell | None:
    """The shell of this thread; on others, as on one that a cell has begun, the one that began last."""
    return _shells.get(get_ident()) or next(reversed(tuple(_shells.values())), None)


def _display(result: object) -> None:
    shell = _shells.get(get_ident())
    hook = _before.get("displayhook", sys.__displayhook__) if shell is None else shell.displayhook
    hook(result)


def _break(*args: Any, **more: Any) -> object:
    """What `breakpoint()` does: a debugger that asks in a cell would step into the program, and not be stopped."""
    if get_ident() in _shells:
        return print(NO_DEBUGGER)
    return _before.get("breakpointhook", sys.__breakpointhook__)(*args, **more)


def _put() -> None:
    known: Any = InteractiveShell
    _before.update(displayhook=sys.displayhook, excepthook=sys.excepthook, instance=vars(known).get("_instance"))
    _before["breakpointhook"], sys.breakpointhook = sys.breakpointhook, _break
    if hasattr(builtins, _ASKED):
        _before[_ASKED] = getattr(builtins, _ASKED)
    sys.displayhook, known._instance = _display, _Instance()
    setattr(builtins, _ASKED, _here)


def _take_away() -> None:
    """Put back what nobody else has replaced since."""
    known: Any = InteractiveShell
    if sys.breakpointhook is _break:
        sys.breakpointhook = _before["breakpointhook"]
    if sys.displayhook is _display:
        sys.displayhook = _before["displayhook"]
    if isinstance(getattr(sys.excepthook, "__self__", None), InteractiveShell):  # of two, the one that ended last
        sys.excepthook = _before["excepthook"]
    if isinstance(vars(known).get("_instance"), _Instance):
        known._instance = _before["instance"]
    if getattr(builtins, _ASKED, None) is _here:
        if _ASKED in _before:
            setattr(builtins, _ASKED, _before[_ASKED])
        else:
            delattr(builtins, _ASKED)
    _before.clear()
