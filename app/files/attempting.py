"""What is tried with files, and told where it cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from ..chrome.bars import Bars
from .locking import holder_of, process

if TYPE_CHECKING:
    from ..window import Window


def attempt(bars: Bars, act: Callable[[], None]) -> bool:
    """Do it; why it could not be done stands in a bar."""
    try:
        act()
    except GradwireError as error:
        bars.show_bar("open", str(error), "error")
        return False
    except OSError as error:
        bars.show_bar("open", f"{error.filename or ''}: {error.strerror or error}", "error")
        return False
    bars.take_away("open")
    return True


def open_elsewhere(window: Window, path: Path) -> bool:
    """Whether a file is open in another window or process, and so not to be written from this one: a bar says so."""
    shown, where = window.application.window_of(path), ""
    if shown is not None:
        where = "window" if shown is not window else ""
    elif (holder := holder_of(window.application.data, path)) is not None:
        where = f"Gradwire{process(holder)}"
    if where:
        text = f"{path.name} is open in another {where}. Close it there, or choose another name."
        window.bars.show_bar("open", text, "error")
    return bool(where)
