"""The actions on groups and frames: make, take away, fold, enter and leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import editing
from ..canvas.anatomy import ends_of_group
from ..editing.own_layers import checked_name, text_of
from ..search.sections import OWN_LAYERS
from .action import Action
from .selected import attempt, chosen, graph_action

if TYPE_CHECKING:
    from ..window import Window


def has_group(window: Window) -> bool:
    """Whether a group is selected."""
    return window.shows_canvas and any(id in window.editor.graph.groups for id in window.editor.selection)


def _takes_group(window: Window) -> str:
    active, graph = window.editor.active, window.editor.graph
    found = "none is selected" if active is None or active not in graph.nodes else f"{graph.called(active)} is a node"
    return f"this takes a group, {found}"


def is_within(window: Window) -> bool:
    """Whether a group is entered."""
    return window.shows_canvas and window.editor.group is not None


def group(window: Window, collapsed: bool) -> None:
    """Put the selection into a group, or into a frame."""
    new = attempt(window, "Group" if collapsed else "Frame", lambda t, ids: editing.group(t, ids, collapsed))
    if isinstance(new, str):
        window.editor.select([new], new)


def ungroup(window: Window) -> None:
    """Take the selected groups away, and select what lay in them."""
    groups = [id for id in chosen(window.editor) if id in window.editor.graph.groups]
    label = f"Ungroup {editing.counted(window.editor.graph, groups)}"
    members = window.editor.attempt(label, lambda t: editing.ungroup(t, groups))
    if members is not None:
        window.editor.select(members)


def enter(window: Window) -> None:
    """Show the inside of the active group."""
    active = window.editor.active
    if active is not None and window.editor.graph.is_note(active):
        window.canvas.rename_wanted.emit(active)
    elif active in window.editor.graph.groups:
        window.editor.enter(window.editor.active)


def leave(window: Window) -> None:
    """Show the group around, and select the one that was left."""
    editor = window.editor
    if editor.group is not None:
        left = editor.group
        editor.enter(editor.graph.groups[left].group)
        editor.select([left], left)


def _toggle_collapsed(window: Window) -> None:
    editor = window.editor
    groups = [id for id in chosen(editor) if id in editor.graph.groups]
    collapsed = all(editor.graph.groups[id].collapsed for id in groups)
    attempt(window, "Expand" if collapsed else "Collapse", lambda t, _: editing.toggle_collapsed(t, groups))


def _one_group(window: Window) -> str | None:
    """The group that is selected alone."""
    ids = chosen(window.editor)
    graph = window.editor.graph
    return ids[0] if len(ids) == 1 and ids[0] in graph.groups and not graph.is_note(ids[0]) else None


def _takes_one_group(window: Window) -> str:
    ids, graph = chosen(window.editor), window.editor.graph
    if len(ids) != 1:
        return f"this takes one group, found {len(ids) or 'none'} selected"
    return f"this takes a group, {graph.called(ids[0])} is {'a node' if ids[0] in graph.nodes else 'a note'}"


def save_as_layer(window: Window) -> None:
    """Ask for a name, and keep the selected group under it as a layer of the user's own."""
    from ..chrome.name_dialog import NameDialog

    editor, group = window.editor, _one_group(window)
    if group is None:
        return

    def take(name: str, again: bool) -> None:
        graph = editor.graph
        ports = ends_of_group(graph, editor.registry, group)
        editor.own_layers.save(name, text_of(graph, editor.registry, group, checked_name(name), ports), again)
        editor.told.emit(f"Saved {name} as a layer: it stands in the palette under {OWN_LAYERS}", "note")

    NameDialog("Save as layer", "Save", editor.graph.groups[group].name, take, window.canvas.window()).open()


ACTIONS: tuple[Action, ...] = (
    graph_action("group", "Group", lambda w: group(w, True), ("Ctrl+G",), "Put the selection into one box", line=True),
    graph_action("frame", "Frame", lambda w: group(w, False), ("Ctrl+J",), "Draw a frame around the selection"),
    graph_action(
        "ungroup",
        "Ungroup",
        ungroup,
        ("Ctrl+Shift+G",),
        "Take the group away, and leave what lies in it",
        has_group,
        refusal=_takes_group,
    ),
    graph_action(
        "collapse",
        "Collapse or expand",
        _toggle_collapsed,
        ("H",),
        "Show the group as one box, or as what lies within it",
        has_group,
        refusal=_takes_group,
    ),
    graph_action(
        "save_as_layer",
        "Save as layer…",
        save_as_layer,
        (),
        "Keep the group as a layer of your own, without its values: the palette has it in every graph",
        lambda w: w.shows_canvas and _one_group(w) is not None,
        refusal=_takes_one_group,
    ),
    graph_action(
        "enter",
        "Enter the group",
        enter,
        ("Return", "Enter"),
        "Show only what lies in the group",
        has_group,
        refusal=_takes_group,
    ),
    graph_action(
        "leave",
        "Leave the group",
        leave,
        ("Shift+Return",),
        "Show what lies around the group (Esc, the breadcrumb)",
        is_within,
    ),
)
