"""How layers build groups. A layer's parameters stay editable, and editing one rebuilds its interior.

    made = build(t, "linear", x, in_features=784, out_features=256)     # within a transaction
    rebuild(t, made.group, out_features=128)

What a layer builds is told apart by name within the group, so that rebuilding keeps the ids of all that
stays, and with them values, wires and places.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..catalogue import Catalogue
from ..document import Transaction
from ..document.edits import ABSENT, Edit, SetParam
from ..errors import EditError, ParameterError, usage_told
from ..graph import boundary
from ..graph.elements import COLUMN, ROW, BuiltBy, Source
from ..ops import installed
from ..other_names import suggested
from ..parameters import Parameter, shown

LINE, LEAST, MOST = 23.0, 2, 8  # a small matrix is shown whole: a node is so much higher for each row beyond the first
AHEAD, PORT = -54.0, 37.0  # from a node to the way between the columns, and down to its first port
DRAW = ("init", "value", "scale", "seed")  # of a parameter how it begins: chosen for it, its layer stays one


class LayerSample(NamedTuple):
    """What a layer is shown at work on: the shape of what comes in, small parameters, and a dtype, "float" for the
    document's.
    """

    shape: tuple[int, ...]
    params: Mapping[str, Any]
    dtype: str = "float"


class Layer(NamedTuple):
    """A layer by its name: the function that builds its interior, its parameters, and what its card shows it with."""

    name: str
    function: Callable[..., Source]
    doc: str
    parameters: Mapping[str, Parameter]
    sample: LayerSample | None = None

    def check_parameters(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """`params` complete and checked. Raises `ParameterError`."""
        complete = {}
        for name in params:
            if name not in self.parameters:
                known = ", ".join(self.parameters)
                raise ParameterError(f"{self.name} has no parameter {name!r}", hint=f"its parameters: {known}")
        for name, parameter in self.parameters.items():
            if name not in params and not parameter.has_default:
                raise ParameterError(f"{self.name} needs the parameter {name!r}", hint=parameter.expected)
            complete[name] = parameter.read(params[name], self.name) if name in params else parameter.default
            parameter.check_range(complete[name], self.name)
        return complete


class Built(NamedTuple):
    """A group that a layer built, and the value that comes out of it."""

    group: str
    output: Source


def layer(function: Callable[..., Source]) -> Layer:
    """Declare a layer: `function(interior, x, *, parameters)` adds nodes and returns the output."""
    arguments = inspect.signature(function, eval_str=True).parameters.values()
    parameters = {a.name: Parameter.of(a) for a in arguments if a.kind is a.KEYWORD_ONLY}
    return Layer(function.__name__, function, inspect.cleandoc(function.__doc__ or ""), parameters)


def shown_with(shape: tuple[int, ...], dtype: str = "float", /, **params: Any) -> Callable[[Layer], Layer]:
    """Declare, above `@layer`, with what the card of a layer shows it at work; what comes in has this shape."""
    return lambda made: made._replace(sample=LayerSample(shape, params, dtype))


class Interior:
    """What a layer's function builds with: `add` makes a node of the group, or finds what it made before."""

    def __init__(self, t: Transaction, group: str, shape: Sequence[Any] = ()) -> None:
        """`shape` is that of what comes in, where it is known: what is computed of a few rows is drawn higher."""
        self.t = t
        self.group = group
        self._high = _extra((shape[0], 1)) if len(shape) == 2 and isinstance(shape[0], int) else 0.0
        nodes, groups = t.graph.interior(group)
        self._before = {t.node(id).name: id for id in nodes if t.node(id).group == group}
        self._groups_before = {t.graph.group(id).name: id for id in groups if t.graph.group(id).group == group}
        self._groups_before = {name: id for name, id in self._groups_before.items() if not t.graph.is_note(id)}
        self._column = self._furthest = 0
        self._lane = 0
        self._depth = 0.0  # how far down the sources reach that wait for the next node

    def add(self, op: str, name: str, inputs: Mapping[str, Source | None] | None = None, **params: Any) -> Source:
        """The node called `name` in this group: an `op` with these inputs (None: open) and parameters."""
        t = self.t
        id = self._before.pop(name, None)
        if id is not None and t.node(id).op != op:
            t.remove(id)
            id = None
        if id is None:
            place = self._free_place(below=not inputs)
            id = t.add(op, name=name, group=self.group, position=place, params=params)
        else:
            for key in t.node(id).params.keys() - params.keys():
                t.set_param(id, key, ABSENT)
            for key, value in params.items():
                t.set_param(id, key, value)
        if inputs:
            self._go_on(1)
        else:
            self._column = max(self._column, 1)
            self._depth += ROW + _extra(params.get("shape"))
        wanted = {port: source for port, source in (inputs or {}).items() if source is not None}
        for port in [port for port in t.inputs(id) if port not in wanted]:
            t.disconnect(id, port)
        for port, source in wanted.items():
            t.connect(source, id, port)
        return t.ports.source(id)

    def layer(self, kind: str, name: str, x: Source | None, **params: Any) -> Source:
        """The group called `name` within this one, built by another layer."""
        id = self._groups_before.pop(name, None)
        if id is None:
            at = self._free_place()
            id, output = build(self.t, kind, x, name=name, group=self.group, position=at, **params)
        else:
            made = find(kind)
            complete = made.check_parameters(params)
            self.t.set_built_by(id, BuiltBy(kind, complete))
            output = _fill(self.t, made, id, x, complete)
        within = self.t.graph.interior(id)[0]
        self._go_on(1 + sum(bool(self.t.inputs(node)) for node in within))
        return output

    def has(self, name: str) -> bool:
        """Whether an earlier build made what is called so, and this one has not come to it yet."""
        return name in self._before or name in self._groups_before

    @property
    def column(self) -> int:
        """Where the next node goes that takes a value."""
        return self._column

    def lane(self, rows: int, column: int | None = None) -> None:
        """What is added from here on stands so many rows beneath the first, from `column` on; None: right of all."""
        self._lane, self._depth = rows, 0.0
        self._column = self._furthest if column is None else column

    def lead_in(self, node: str, port: str, column: int, row: int) -> None:
        """Let the wire into the first port of a new node come level from the left of a column: behind no source."""
        x, y = self.t.graph.group(self.group).position
        self.t.set_bends(node, port, [(x + COLUMN * column + AHEAD, y + ROW * row + PORT)])

    def _go_on(self, columns: int) -> None:
        self._column += columns
        self._furthest = max(self._furthest, self._column)
        self._depth = 0.0

    def _free_place(self, below: bool = False) -> tuple[float, float]:
        """Where the next node goes: to the right of all that was added.

        A source goes `below` the node added last, and below the sources that were added since.
        """
        x, y = self.t.graph.group(self.group).position
        y += ROW * self._lane
        if below:
            return x + COLUMN * max(self._column - 1, 0), y + self._depth + ROW + self._high * (self._column > 0)
        return x + COLUMN * self._column, y

    def remove_rest(self) -> None:
        """Remove what an earlier build made and this one does not."""
        self.t.remove(*self._before.values(), *self._groups_before.values())


def _extra(shape: Any) -> float:
    """By how much a source of this shape is higher than others."""
    matrix = isinstance(shape, (tuple, list)) and len(shape) == 2 and max(shape) <= MOST
    return LINE * max(shape[0] - LEAST, 0) if matrix else 0.0


LAYERS: Catalogue[Layer] = Catalogue("a layer")


def find(name: str) -> Layer:
    """The layer called `name`. Raises `ParameterError` with near misses, or for that of an op."""
    found = LAYERS.get(name)
    if found is None and installed().get(name) is not None:
        raise ParameterError(f"{name} is an op, not a layer", hint=f'a node: t.add("{name}", inputs=…)')
    if found is None:
        near = suggested(name, "layer", LAYERS.names(), 1) or LAYERS.names()
        raise ParameterError(f"no layer is called {name!r}", hint=f"there is {', '.join(near)}")
    return found


def add_layers(*layers: Layer) -> None:
    """Make layers known by their names. Raises `GradwireError` where another one bears a name already."""
    for made in layers:
        LAYERS.add(made)


@usage_told
def build(
    t: Transaction,
    kind: str,
    x: Source | str | None = None,
    *,
    name: str | None = None,
    group: str | None = None,
    position: tuple[float, float] | None = None,
    x_shape: Sequence[Any] = (),
    **params: Any,
) -> Built:
    """Build the layer `kind` on the value `x`, a Source or such a text as "data0.x", as a new group.

    Without `x` its input is left open. Where the shape of `x` is known, `x_shape` leaves what is within the room that
    it is drawn with.
    """
    if not isinstance(t, Transaction):
        raise EditError(
            f"a layer is built in a transaction, got {shown(t)}",
            hint='with document.transaction("Add a layer") as t: gw.build(t, …)',
        )
    made = find(kind)
    complete = made.check_parameters(params)
    source = None if x is None else t.ports.source(x)
    with t.step():
        id = t.add_group(name, group=group, built_by=BuiltBy(kind, complete), position=position)
        output = _fill(t, made, id, source, complete, x_shape)
    return Built(id, output)


def rebuild(t: Transaction, group: str, **changes: Any) -> Built:
    """Change parameters of the layer that built `group` and build its interior again, with the same ids.

    Values whose shape stays are kept, and so is how a parameter begins, where that was chosen for it. Wires from the
    old output go on from the new one; those from another node within stay as long as that node does. Raises `EditError`
    for a group that no layer built, or that was edited by hand since.
    """
    built_by = t.graph.group(group).built_by
    if built_by is None:
        path = t.graph.path(group)
        raise EditError(f"{path} was built or edited by hand, so it has no layer's parameters", node=group)
    made = find(built_by.layer)
    complete = made.check_parameters({**built_by.params, **changes})
    entering, leaving = boundary(t.graph, group)
    x = entering[0].source if entering else None
    with t.step():
        chosen = _draws(t, group)
        old = _as_built(t, made, group, x)
        built = _draws(t, group)
        t.set_built_by(group, BuiltBy(made.name, complete))
        output = _fill(t, made, group, x, complete)
        _draw_as_chosen(t, group, chosen, built)
        for wire in leaving:
            if wire.source == old:
                t.connect(output, wire.target, wire.port)
    return Built(group, output)


def _as_built(t: Transaction, made: Layer, group: str, x: Source | None) -> Source:
    """The output of a group that is as its layer builds it: building it once more changes nothing but draws.

    Raises `EditError` where it does. A node that was renamed, say, would be built anew and lose its value.
    """
    built_by = t.graph.group(group).built_by
    before = len(t.edits)
    output = _fill(t, made, group, x, built_by.params if built_by else {})
    if not all(_is_draw(t, edit) for edit in t.edits[before:]):
        message = f"{t.graph.path(group)} is no longer as its layer {made.name} builds it"
        raise EditError(message, hint="give what lies within its old names, or build it anew", node=group)
    return output


def _is_draw(t: Transaction, edit: Edit) -> bool:
    return isinstance(edit, SetParam) and edit.name in DRAW and t.node(edit.id).op == "parameter"


def _draws(t: Transaction, group: str) -> dict[tuple[str, str], Any]:
    """How the parameters within a group begin, by id and setting."""
    nodes = [t.node(id) for id in t.graph.interior(group)[0]]
    return {(node.id, name): node.params.get(name, ABSENT) for node in nodes if node.op == "parameter" for name in DRAW}


def _draw_as_chosen(t: Transaction, group: str, chosen: Mapping[Any, Any], built: Mapping[Any, Any]) -> None:
    """Let parameters begin as was chosen, unless the layer now builds their beginning otherwise than before."""
    for (id, name), value in _draws(t, group).items():
        was = chosen.get((id, name), value)
        if was != value == built.get((id, name)):
            with t.building(*t.graph.chain(t.node(id).group)):
                t.set_param(id, name, was)


def _fill(
    t: Transaction, made: Layer, group: str, x: Source | None, params: Mapping[str, Any], shape: Sequence[Any] = ()
) -> Source:
    with t.building(group):
        interior = Interior(t, group, shape)
        output = made.function(interior, x, **made.check_parameters(params))
        interior.remove_rest()
    return output
