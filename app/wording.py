"""How counts and reasons are put before people."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..core.graph import GraphView

UNDONE, REDONE = "Undone", "Redone"  # of an edit

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


def by_kinds(graph: GraphView, ids: AbstractSet[str]) -> list[str]:
    """`4 nodes`, `1 group`, `1 note`: how many of each there are among these, of those of which there are any."""
    notes = {id for id in ids if graph.is_note(id)}
    kinds = (ids & graph.nodes.keys(), "node"), ((ids & graph.groups.keys()) - notes, "group"), (notes, "note")
    return [counted(len(found), noun) for found, noun in kinds if found]
