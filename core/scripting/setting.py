"""What is set at one node or group, each as one undo with the label that it has in the window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..document import Transaction
from ..document.edits import ABSENT
from ..errors import EditError, ParameterError, ShapeError
from ..graph import GraphView, Node
from ..graph.elements import FLAGS
from ..layers import find, rebuild
from ..op import Op
from ..ops.sources import numbers
from ..parameters import shown
from . import finding
from .workspace import Workspace

FLAG_NAMES = tuple(sorted(FLAGS))
_VERBS = {  # of labels: put on, taken off
    "bypass": ("Bypass", "Stop bypassing"),
    "detach": ("Detach", "Reattach"),
    "freeze": ("Freeze", "Unfreeze"),
    "keep": ("Keep the gradient of", "Let go of the gradient of"),
}


def parameters(workspace: Workspace, id: str) -> dict[str, Any]:
    """The parameters of a node, or of the layer that built a group, complete as far as they are known."""
    view = workspace.view
    if id in view.groups:
        built_by = view.group(id).built_by
        return {} if built_by is None else dict(built_by.params)
    node = view.node(id)
    op = workspace.registry.get(node.op)
    known = {} if op is None else {n: p.default if p.has_default else None for n, p in op.parameters.items()}
    return {**known, **node.params}


def set_parameters(workspace: Workspace, id: str, given: Mapping[str, Any]) -> None:
    """Set parameters of a node, or of the layer that built a group."""
    view = workspace.view
    name = view.item(id).name
    label = f"Set {' and '.join(given)} of {name}"

    def act(t: Transaction) -> None:
        if id in t.graph.groups:
            rebuild(t, id, **given)
            return
        with t.step():
            for key, value in references(workspace, t.graph, t.node(id).op, given).items():
                refuse_unless_numbers(workspace.registry.get(t.node(id).op), key, value)
                t.set_param(id, key, value)

    workspace.edit(label, act)


def refuse_unless_numbers(op: Op | None, name: str, value: Any) -> None:
    """Raise `ParameterError` for what no value of a source can be: a text, or lists of unequal lengths.

    Where only shape or dtype do not fit it is left to the check: these may be what is changed next.
    """
    parameter = None if op is None else op.parameters.get(name)
    if op is None or parameter is None or parameter.annotation is not Any or value is None:
        return
    try:
        numbers(value, "float64")
    except ShapeError:
        wanted = "a number or lists of numbers of equal lengths"
        raise ParameterError(f"{op.name}: {name} must be {wanted}, got {shown(value)}") from None


def clear_parameter(workspace: Workspace, id: str, name: str) -> None:
    """Let a parameter of a node follow its default; one of a layer is set to it."""
    view, label = workspace.view, f"Set {name} of {workspace.view.item(id).name}"
    if id in view.nodes:
        workspace.edit(label, lambda t: t.set_param(id, name, ABSENT))
        return
    built_by = view.group(id).built_by
    assert built_by is not None  # else it has no parameters
    parameter = find(built_by.layer).parameters[name]
    if not parameter.has_default:
        raise ParameterError(f"{built_by.layer} needs the parameter {name!r}", hint=parameter.expected)
    workspace.edit(label, lambda t: rebuild(t, id, **{name: parameter.default}))


def put_within(workspace: Workspace, id: str, group: Any) -> None:
    """Put a node or group into another group, None: to the top."""
    view = workspace.view
    into = None if group is None else view.group(finding.item(view, group)).id
    where = "to the top" if into is None else f"into {view.group(into).name}"
    workspace.edit(f"Move {view.item(id).name} {where}", lambda t: t.set_group(id, into))


def references(workspace: Workspace, view: GraphView, op_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a document has them: the node that one of them names by its id."""
    op = workspace.registry.get(op_name)
    named = None if op is None else op.reference
    return {key: finding.item(view, value) if key == named and value else value for key, value in given.items()}


def set_value(workspace: Workspace, id: str, value: Any) -> None:
    """Set the value of a parameter, or that of an input or a constant."""
    node = workspace.view.node(id)
    if node.op == "parameter":
        array = _fitting(workspace, id, value)
        workspace.edit(f"Edit the value of {node.name}", lambda t: t.set_values(id, array))
        return
    if node.op in ("input", "constant"):
        set_parameters(workspace, id, {"value": value.tolist() if hasattr(value, "tolist") else value})
        return
    where = workspace.view.path(id)
    raise EditError(f"the value of {where} is computed", hint="those of parameters, inputs and constants can be set")


def _fitting(workspace: Workspace, id: str, value: Any) -> Any:
    """A value for a parameter, in its shape and, where it is a float, in the dtype of the run. None: none is held."""
    if value is None:
        return None
    node, array = workspace.view.node(id), np.asarray(value)
    shape = tuple(node.params.get("shape", ()))
    if array.shape != shape:
        where = workspace.view.path(id)
        hint = f"g[{where!r}].set(shape={array.shape}) changes the shape"
        raise EditError(f"the value of {where} must have its shape {shape}, got {array.shape}", hint=hint, node=id)
    floating = node.params.get("dtype", "float") == "float" and array.dtype.kind in "biuf"
    return array.astype(workspace.session.dtype) if floating else array


def rename(workspace: Workspace, id: str, name: str) -> None:
    """Give a node or group another name."""
    workspace.edit(f"Rename {workspace.view.item(id).name} to {name}", lambda t: t.rename(id, name))


def move(workspace: Workspace, to: Mapping[str, tuple[float, float]]) -> None:
    """Put nodes and groups where they are to be, groups with all within."""

    def act(t: Transaction) -> None:
        with t.step():
            for id, position in to.items():
                old = t.graph.item(id).position
                t.move(id, position)
                new = t.graph.item(id).position
                within = [each for ids in t.graph.interior(id) for each in ids] if id in t.graph.groups else []
                for each in (each for each in within if each not in to):
                    x, y = t.graph.item(each).position
                    t.move(each, (x + new[0] - old[0], y + new[1] - old[1]))

    named = [workspace.view.item(id).name for id in to]
    workspace.host.placed = True
    workspace.edit(f"Move {named[0] if len(named) == 1 else f'{len(named)} nodes'}", act)


def collapse(workspace: Workspace, id: str, collapsed: bool) -> None:
    """Show a group as one box, or what lies within."""
    verb = "Collapse" if collapsed else "Expand"
    name = workspace.view.group(id).name
    workspace.edit(f"{verb} {name}", lambda t: t.collapse(id) if collapsed else t.expand(id))


def set_note(workspace: Workspace, id: str, text: str | None) -> None:
    """Set what stands on a note or a group."""
    workspace.view.group(id)
    workspace.edit("Change a note", lambda t: t.set_note(id, text))


# Flags.


def flags(workspace: Workspace, id: str) -> frozenset[str]:
    """The flags of a node; of a group those that all within have for which they are."""
    return frozenset(flag for flag in FLAGS if _has(workspace.view, id, flag))


def set_flag(workspace: Workspace, id: str, flag: str, on: bool) -> None:
    """Give a flag to a node, or to all within a group for which it is, or take it away."""
    name = workspace.view.item(id).name
    workspace.edit(f"{_VERBS[flag][not on]} {name}", lambda t: _put(t, id, flag, on))


def set_flags(workspace: Workspace, id: str, wanted: Iterable[str]) -> None:
    """Give just these flags."""
    chosen = {wanted} if isinstance(wanted, str) else set(wanted)
    unknown = sorted(chosen - FLAGS)
    if unknown:
        raise EditError(f"there is no flag {unknown[0]!r}", hint=f"flags: {', '.join(FLAG_NAMES)}")

    def act(t: Transaction) -> None:
        with t.step():
            for flag in FLAG_NAMES:
                if _has(t.graph, id, flag) != (flag in chosen):
                    _put(t, id, flag, flag in chosen)

    workspace.edit(f"Set flags of {workspace.view.item(id).name}", act)


def _put(t: Transaction, id: str, flag: str, on: bool) -> None:
    nodes = _for_which(t.graph, id, flag)
    if not nodes:
        kind = "parameters" if flag == "freeze" else "nodes that are no parameters"
        raise EditError(f"{flag} is for {kind}, found {t.graph.path(id)}")
    with t.step():
        for node in nodes:
            held = node.flags
            t.set_flags(node.id, held | {flag} if on else held - {flag})


def _has(view: GraphView, id: str, flag: str) -> bool:
    nodes = _for_which(view, id, flag)
    return bool(nodes) and all(flag in node.flags for node in nodes)


def _for_which(view: GraphView, id: str, flag: str) -> list[Node]:
    """The nodes that a flag is for: freeze for parameters, keep for others; one that a file has put on is told."""
    nodes = [view.node(each) for each in (view.interior(id)[0] if id in view.groups else [id])]
    unfit = {"freeze": lambda node: node.op != "parameter", "keep": lambda node: node.op == "parameter"}.get(flag)
    return [node for node in nodes if unfit is None or not unfit(node) or flag in node.flags]
