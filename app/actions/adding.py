"""The actions that add: after a node, into a wire, in the place of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import editing
from ..look.theme import NODE_WIDTH, PORT_HEIGHT, TITLE_HEIGHT
from .action import Action
from .selected import beneath, box, graph_action, has_active, shows_canvas, takes_one_node

if TYPE_CHECKING:
    from ..canvas.scene import Place
    from ..window import Window

GAP = 60.0  # between the active node and what is added after it


def _place(window: Window, inserted: bool) -> Place | None:
    """Where the keyboard adds: to the right of the active node, at its output or in the first wire that leaves it."""
    from ..canvas.scene import Place, PortRef

    editor, active = window.editor, window.editor.active
    assert active is not None
    given = editing.outputs(editor.graph, editor.document.registry, active)
    if not given:
        editor.told.emit(f"{editor.graph.item(active).name} gives no value to build on", "refusal")
        return None
    x, y, width, _ = box(window, active)
    wires = [wire for wire in editor.graph.consumers(given[0].node) if wire.source == given[0]]
    if inserted and not wires:
        editor.told.emit(f"nothing reads {editing.source_name(editor.graph, given[0])} yet", "refusal")
        return None
    # `placing.corner` says which point of the new node comes to lie there: so that it stands level with the active one.
    if inserted:
        return Place(x + width + GAP + NODE_WIDTH / 2, y + TITLE_HEIGHT / 2, None, wires[0])
    port = PortRef(given[0].node, given[0].output, True)
    return Place(x + width + GAP, y + TITLE_HEIGHT + PORT_HEIGHT / 2, port)


def add_after(window: Window, inserted: bool = False) -> None:
    """Open the search for what is to read the active node, or to stand in its first wire."""
    place = _place(window, inserted)
    if place is not None:
        window.popups.open_search(place)


def _replace(window: Window) -> None:
    active = window.editor.active
    assert active is not None
    window.popups.search.open_swap(active, beneath(window))


ACTIONS: tuple[Action, ...] = (
    graph_action(
        "add",
        "Add node…",
        lambda w: w.popups.open_search(None),
        ("Tab", "Shift+A"),
        "Search for an op or a layer and add it (double-click the canvas)",
        shows_canvas,
    ),
    graph_action(
        "add_after",
        "Add after…",
        add_after,
        ("N",),
        "Add what reads the active node (drag a wire into the void)",
        has_active,
    ),
    graph_action(
        "insert_after",
        "Insert after…",
        lambda w: add_after(w, inserted=True),
        ("I",),
        "Add a node in the first wire that leaves the active one (Tab over a wire)",
        has_active,
    ),
    graph_action(
        "replace",
        "Replace with…",
        _replace,
        ("Shift+S",),
        "Put another op in the place of the active node; wires stay where they fit",
        lambda w: w.shows_canvas and w.editor.active in w.editor.graph.nodes,
        refusal=takes_one_node,
    ),
)
