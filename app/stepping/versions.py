"""A parameter that a node writes, as `assign` does: who has written it, and at which step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...core.graph import Graph
from ...core.stepping import Cursor, Moment
from ...core.stepping.updating import NOT_RUN
from ..search.words import display_name

if TYPE_CHECKING:
    from ..editor import Editor

NOTHING = "select a parameter that an assign has written by now, as v0 → v1 beside it says"
NOT_STEPPING = "step through an iteration first: an assign writes at its end"


def told(moment: Moment, node: str, graph: Graph) -> str:
    """`v0 → v1: written by write (Assign) in the update of iteration 1`; "" of what was not written by now."""
    version = moment.version(node)
    if not version:
        return ""
    timeline = moment.timeline
    writer = timeline.updates.writers[node]
    op = display_name(timeline.run.asked.graph.nodes[writer].op)
    path = graph.path(writer) if writer in graph.nodes else timeline.run.asked.graph.path(writer)
    return f"{version}: written by {path} ({op}) in the update of iteration {timeline.run.asked.iteration:,}"


def written_among(moment: Moment | None, ids: Iterable[str | None]) -> str | None:
    """The first of some nodes that was written by now."""
    return None if moment is None else next((id for id in ids if id is not None and moment.version(id)), None)


def why_not(moment: Moment | None, node: str | None) -> str:
    """Why there is no step to go to that has written a node by now."""
    if moment is None:
        return NOT_STEPPING
    timeline = moment.timeline
    graph, updates = timeline.run.asked.graph, timeline.updates
    if node in updates.writers:
        written, writer = graph.path(str(node)), graph.path(updates.writers[str(node)])
        return f"{written} is written by {writer} in step {timeline.updated_at[str(node)] + 1}, later than this moment"
    idle = next((id for id in sorted(updates.idle) if node in (id, updates.targets[id])), None)
    return NOTHING if idle is None else f"{graph.path(idle)} is {NOT_RUN}"


def go_to_write(editor: Editor, node: str) -> None:
    """Stand right after the step that wrote a parameter."""
    moment = editor.stepper.moment
    if moment is not None and moment.version(node):
        editor.stepper.seek(Cursor(moment.timeline.updated_at[node] + 1))
