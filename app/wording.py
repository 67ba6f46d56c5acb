"""How counts and reasons are put before people."""

from __future__ import annotations

import re

# What a plugin's rule did, as core tells it: who, then why.
_FAULT = re.compile(
    r"(?P<kind>error: )?(?P<who>.+? of the plugin \S+) "
    r"(?:failed: (?P<why>.+)|(?P<duty>must .+)|(?P<hang>has not returned .+))"
)


def counted(count: int, noun: str) -> str:
    """`1 node`, `5 nodes`."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def reason_first(status: str) -> str:
    """A state of Live for where its end is cut: of a fault of a plugin's rule why, then whose."""
    found = _FAULT.fullmatch(status)
    if found is None:
        return status
    return f"{found['kind'] or ''}{found['why'] or found['duty'] or found['hang']} · {found['who']}"
