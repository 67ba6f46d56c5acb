"""What is asked of a shell while one types: what could stand there, and how it is called."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .shell import Shell

MATCHES = 500  # completions that are offered


def completions(shell: Shell, code: str, place: int) -> dict[str, Any]:
    """What could stand at a place of a text, as the reply of a kernel says it."""
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        found = list(islice(shell.Completer.completions(code, place), MATCHES))
    start = min((match.start for match in found), default=place)
    return {
        "status": "ok",
        # Each from where the first one begins, whatever part of it the match replaces.
        "matches": [code[start : match.start] + match.text for match in found],
        "cursor_start": start,
        "cursor_end": place,
        "metadata": {},
    }


def inspection(shell: Shell, code: str, place: int) -> dict[str, Any]:
    """How the function is called that stands before a place of a text."""
    from IPython.utils.tokenutil import token_at_cursor

    name = token_at_cursor(code, place)
    found: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
    if name:
        with suppress(KeyError):
            found.update(data=shell.object_inspect_mime(name), found=True)
    return found
