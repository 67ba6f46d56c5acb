"""The verbs with which a script puts in order what is there: places, groups, notes, ops in their parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..document import Transaction
from ..errors import EditError, usage_told
from ..graph import GraphView, Wire
from ..tracing import expand_label, expand_node, fuse_group, fuse_label
from . import finding, setting
from .handles import Item, handle
from .verbs import Verbs


class Arranging(Verbs):
    """These verbs of one document."""

    @usage_told
    def move(self, to: Mapping[Any, tuple[float, float]]) -> None:
        """Put nodes and groups elsewhere, by their corners: move({"relu1": (240, 0), "fc2": (480, 0)})."""
        view = self._workspace.view
        setting.move(self._workspace, {finding.item(view, what): place for what, place in to.items()})

    @usage_told
    def group(
        self, *what: Any, name: str | None = None, at: tuple[float, float] | None = None, within: Any = None
    ) -> Item:
        """Put nodes and groups into a new group: group("fc1", "relu1", name="block1").

        With a place in the place of these it is an empty one, for what is added `within` it: group(at=(0, 240)).
        """
        self._workspace.host.placed |= at is not None
        if at is not None and not what:
            view = self._workspace.view
            into = None if within is None else view.group(finding.item(view, within)).id
            new = self._workspace.edit("Add a group", lambda t: t.add_group(name, group=into, position=at))
            return handle(self._workspace, new)
        ids = chosen(self._workspace.view, what)
        new = self._workspace.edit(f"Group {counted(self._workspace.view, ids)}", lambda t: t.group(ids, name))
        return handle(self._workspace, new)

    @usage_told
    def ungroup(self, what: Any) -> None:
        """Put what lies in a group where the group is, and remove that: ungroup("block1")."""
        id = finding.item(self._workspace.view, what)
        self._workspace.edit(f"Ungroup {self._workspace.view.group(id).name}", lambda t: t.ungroup(id))

    @usage_told
    def duplicate(self, *what: Any, by: tuple[float, float] = (40.0, 40.0), inputs: bool = False) -> Any:
        """Copy nodes and groups, with their values and the wires among them: duplicate("fc1", "relu1").

        The copies stand `by` so much (x, y) beside the originals; with `inputs` they read what these read. A window
        selects them. Gives the handle of the copy, of several a list.
        """
        ids = chosen(self._workspace.view, what)
        label = f"Duplicate {counted(self._workspace.view, ids)}"
        workspace = self._workspace
        new = workspace.edit(label, lambda t: _copy(t, ids, by, inputs))
        if not workspace.editing:  # within a block they are not there yet
            workspace.host.on_owner(lambda: workspace.host.select(tuple(new)))
        found = [handle(self._workspace, id) for id in new]
        return found[0] if len(found) == 1 else found

    @usage_told
    def bend(self, port: str, points: Iterable[tuple[float, float]] = ()) -> None:
        """Let the wire into a port be drawn through points, from its source on: bend("relu1.x", [(120, 40)]).

        Without points it is drawn straight.
        """
        view, registry = self._workspace.view, self._workspace.registry
        ((target, name),) = finding.places(view, registry, port)[:1]
        through = list(points)
        self._workspace.host.placed = True
        label = f"Bend the wire into {view.node(target).name}.{name}"
        self._workspace.edit(label, lambda t: t.set_bends(target, name, through))

    @usage_told
    def note(self, text: str, at: tuple[float, float] = (0.0, 0.0), within: Any = None) -> Item:
        """Add a note: note("The first block", at=(0, -120)). `g.note.text = "…"` changes it."""
        group = None if within is None else finding.item(self._workspace.view, within)
        self._workspace.host.placed |= at != (0.0, 0.0)
        new = self._workspace.edit("Add a note", lambda t: t.add_note(text, group=group, position=at))
        return handle(self._workspace, new)

    @usage_told
    def expand(self, what: Any) -> Item:
        """Put in the place of a node the simpler ops of which it is made: expand("softmax1")."""
        workspace = self._workspace
        checked, node = workspace.checked(), workspace.view.node(finding.item(workspace.view, what))
        dtype = workspace.session.dtype
        made = workspace.edit(expand_label(node.name), lambda t: expand_node(t, node.id, checked, dtype).group)
        return handle(workspace, made)

    @usage_told
    def fuse(self, what: Any) -> Item:
        """Make a group that `expand` has made the one node again: fuse("softmax1")."""
        workspace = self._workspace
        checked, group = workspace.checked(), workspace.view.group(finding.item(workspace.view, what))
        dtype = workspace.session.dtype
        made = workspace.edit(fuse_label(group.name), lambda t: fuse_group(t, group.id, checked, dtype).node)
        return handle(workspace, made)


def chosen(view: GraphView, what: tuple[Any, ...]) -> list[str]:
    """The ids of several nodes and groups, which may come in one list."""
    given = what[0] if len(what) == 1 and isinstance(what[0], list | tuple | set) else what
    if not given:
        raise EditError("which nodes and groups is not said", hint='as in "relu1", or g.relu1')
    return list(dict.fromkeys(finding.item(view, each) for each in given))


def counted(view: GraphView, ids: list[str]) -> str:
    """`relu1` for one, `2 nodes` for more."""
    return view.item(ids[0]).name if len(ids) == 1 else f"{len(ids)} nodes"


def _copy(t: Transaction, ids: list[str], by: tuple[float, float], inputs: bool) -> list[str]:
    """Copy what is not within another of `ids`; returns the ids of these copies."""
    graph = t.graph
    outer = [id for id in ids if not set(graph.chain(graph.item(id).group)) & set(ids)]
    groups = [id for id in outer if id in graph.groups]
    nodes = [id for id in outer if id in graph.nodes] + [each for id in groups for each in graph.interior(id)[0]]
    inner = [each for id in groups for each in graph.interior(id)[1]]
    wires = [Wire(source, id, port) for id in nodes for port, source in graph.inputs(id).items()]
    wires = [wire for wire in wires if inputs or wire.source.node in nodes]
    ports = {(wire.target, wire.port) for wire in wires}
    around = {graph.item(id).group for id in outer}
    new = t.paste(
        [graph.node(id) for id in nodes],
        [graph.group(id) for id in (*groups, *inner)],
        wires,
        values={id: t.values[id] for id in nodes if id in t.values},
        bends={port: points for port, points in graph.bends.items() if port in ports},
        group=around.pop() if len(around) == 1 else None,
        offset=by,
    )
    return [new[id] for id in outer]
