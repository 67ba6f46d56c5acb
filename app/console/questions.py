"""What is asked of a shell while one types: what could stand there, and how it is called."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .shell import Shell

MATCHES = 500  # completions that are offered
_BEGINS = re.compile(r"[ \t]*\.\w*")  # of a line that goes on with an attribute of what stands before it
_TO_DOT = re.compile(r"\s*(#[^\n]*)?\n\s*(?=\.)")


def completions(shell: Shell, code: str, place: int) -> dict[str, Any]:
    """What could stand at a place of a text, as the reply of a kernel says it."""
    from IPython.core.completer import provisionalcompleter

    line = code[code.rfind("\n", 0, place) + 1 : place]
    if "\n" in code[:place] and _BEGINS.fullmatch(line):  # IPython looks at one line, and here that begins with a dot
        return _of_attribute(shell, _TO_DOT.sub("", code[:place]), place)
    with provisionalcompleter():
        found = list(islice(shell.Completer.completions(code, place), MATCHES))
    start = min((match.start for match in found), default=place)
    # Each from where the first one begins, whatever part of it the match replaces.
    return _reply([code[start : match.start] + match.text for match in found], start, place)


def _of_attribute(shell: Shell, joined: str, place: int) -> dict[str, Any]:
    """What could stand behind the last dot of a text in one line, for a place where that dot begins a line."""
    found = completions(shell, joined, len(joined))
    dot = joined.rfind(".") + 1
    whole = [joined[: found["cursor_start"]] + match for match in found["matches"]]
    return _reply([each[dot:] for each in whole if each.startswith(joined[:dot])], place - len(joined) + dot, place)


def _reply(matches: list[str], start: int, place: int) -> dict[str, Any]:
    return {
        "status": "ok",
        "matches": matches,
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
