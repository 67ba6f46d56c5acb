"""What is tried with files, and told where it cannot be done."""

from __future__ import annotations

from collections.abc import Callable

from ...core.errors import GradwireError
from ..chrome.bars import Bars


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
