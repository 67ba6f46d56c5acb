"""Adding an op or a layer, alone or wired to what it was dropped on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...core.document import Transaction
from ...core.errors import EditError
from ...core.graph import Source, Wire
from ...core.layers import build
from ..search.placing import ends_of, parameters_for
from ..search.words import LAYER, OWN, display_name
from . import own_layers
from .chaining import insert_on_wire
from .places import whole
from .wiring import best_port, outputs

if TYPE_CHECKING:
    from ..canvas.scene import Place, PortRef
    from ..editor import Editor
    from .own_layers import OwnLayer


MIME = "application/x-gradwire-op"  # what a drag carries to be added here: the name of an op, "layer:NAME", "own:NAME"


def add(
    editor: Editor,
    name: str,
    position: tuple[float, float],
    place: Place | None = None,
    params: Mapping[str, Any] | None = None,
    into: str | None = None,
    make_room: Callable[[Transaction, str, Wire], object] | None = None,
    settle: Callable[[Transaction, str], object] | None = None,
) -> str | None:
    """Add the op `name`, or a layer ("layer:NAME", "own:NAME"), with its corner at (x, y), and select it; one undo.

    At a `place` with a port it is wired to that, its own port `into` where that is said; at one with a wire it goes
    into the wire, and `make_room` pushes aside what it would cover there. At last `settle` brings it to where it lies
    on nothing. Without `params` it gets those that suit the place. Returns its id; None where it was refused, which
    is told.
    """
    chosen = parameters_for(editor, name, ends_of(editor, place)) if params is None else dict(params)

    def act(t: Transaction) -> str:
        aval = ends_of(editor, place).aval
        id = put(t, editor.own_layers.layers, name, position, chosen, editor.group, () if aval is None else aval.shape)
        if place is not None and place.wire is not None:
            insert_on_wire(t, editor.document.registry, id, place.wire, editor.checking.found, into or None)
            if make_room is not None:
                make_room(t, id, place.wire)
        elif place is not None and place.port is not None:
            _wire(t, editor, id, place.port, into)
        if settle is not None:
            settle(t, id)
        return id

    added = editor.attempt(f"Add {display_name(name)}", act)
    if added is not None:
        editor.select([added], added)
    return added


def put(
    t: Transaction,
    own: Mapping[str, OwnLayer],
    name: str,
    position: tuple[float, float],
    params: Mapping[str, Any],
    group: str | None = None,
    shape: Sequence[Any] = (),
) -> str:
    """Add the op `name`, or the layer of "layer:NAME", with its corner at (x, y), to a group; returns its id.

    That of "own:NAME" is one of the user's own. `shape` is that of what a layer will be given, where it is known.
    """
    position = whole(position)
    if name.startswith(OWN):
        called = name.removeprefix(OWN)
        if called not in own:
            raise EditError(f"no layer of yours is called {called!r}")
        return own_layers.put(t, own[called], position, group)
    if name.startswith(LAYER):
        return build(t, name.removeprefix(LAYER), group=group, position=position, x_shape=shape, **params).group
    return t.add(name, group=group, position=position, params=params)


def _wire(t: Transaction, editor: Editor, id: str, port: PortRef, into: str | None) -> None:
    """Wire a new node or group to the port that it was added at."""
    registry, there = editor.document.registry, f"{t.graph.node(port.id).name}.{port.name}"
    if port.output:
        value = Source(port.id, port.name)
        found = (id, into) if into and id in t.graph.nodes else None
        found = found or best_port(t.graph, registry, value, id, editor.checking.found)
        if found is None:
            raise EditError(f"{t.graph.item(id).name} has no port for {there}")
        t.connect(value, *found)
        return
    given = outputs(t.graph, registry, id)
    if not given:
        raise EditError(f"{t.graph.item(id).name} gives no value for {there}")
    t.connect(given[0], port.id, port.name)
