"""Why there is no value somewhere: inputs that nobody has given one yet, targets that are not tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the status bar asks, which stands before `core` is loaded
    from ...core.graph import Source
    from ..editor import Editor

NAMED = 3  # inputs; of more it is said how many


def unfed(editor: Editor) -> list[str]:
    """The ids of the inputs without a value."""
    nodes = editor.graph.nodes.values()
    return [node.id for node in nodes if node.op == "input" and node.params.get("value") is None]


def lacking(editor: Editor, ids: list[str]) -> str:
    """`y has no value yet`"""
    if not ids:
        return ""
    names = sorted(map(editor.graph.path, ids))
    if len(names) > NAMED:
        return f"{len(names)} inputs have no value yet"
    *others, last = names
    return f"{', '.join(others)} and {last} have no value yet" if others else f"{last} has no value yet"


def not_given(editor: Editor, source: Source | None) -> str:
    """What of the data is not given with what is tried, where that is why there is no value; else empty."""
    computed = editor.live.computed.result
    if source is None or computed is None or editor.stepper.active or editor.results.value(source) is not None:
        return ""
    return computed.unfed.get(source.node, "")


def waits_for(editor: Editor, source: Source) -> str:
    """Why a value is not there yet: `y has no value yet`; empty where it is there, or for another reason is not."""
    if editor.results.value(source) is not None or source.node not in editor.graph.nodes:
        return ""
    if untold := not_given(editor, source):
        return untold
    missing = unfed(editor)
    before = {source.node, *editor.graph.ancestors([source.node])} if missing else set()
    return lacking(editor, [id for id in missing if id in before])
