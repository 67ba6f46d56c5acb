"""What a phrase adds: new nodes and layers, what they read, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...document import Transaction
from ...graph import GraphView, Source
from ...graph.elements import COLUMN, ROW
from ...infer import Inferred
from ...layers import Layer, build
from ...op import Aval, Op
from ...other_names import parameter_called
from ...parameters import MISSING
from .. import finding
from ..makers import Maker, explicit, following, in_words, other, refuse_other, settings_of, shape_above, takes
from ..setting import refuse_unless_numbers
from .around import Scope, placed
from .forms import Value, literal
from .lexing import PhraseError

FEATURES = 16  # columns of a new layer, where nothing says how many
GUESSED = (
    "in_features",
    "out_features",
    "in_channels",
    "out_channels",
    "num_features",
    "num_embeddings",
    "embedding_dim",
)


@dataclass
class New:
    """A node or layer to be added. `inputs` are values that are there, or places of others in the same list."""

    maker: Maker
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    inputs: list[tuple[str | None, Source | int]] = field(default_factory=list)
    column: int = 1
    row: float | None = None  # in rows beneath the first, where an expression says it
    before: str = ""  # the id of what stands right of it, where nothing feeds it


@dataclass
class Made:
    """What a phrase has added so far."""

    ids: list[str] = field(default_factory=list)
    values: list[Source | None] = field(default_factory=list)
    filled: dict[int, dict[str, Any]] = field(default_factory=dict)  # parameters that nobody said

    def guessed(self, place: int) -> str:
        """The parameters that nobody said, in words."""
        given = self.filled[place]
        return f" ({', '.join(f'{key}={value}' for key, value in given.items())})" if given else ""

    def source(self, of: Source | int, column: int) -> Source:
        """The value that is meant."""
        found = self.values[of] if isinstance(of, int) else of
        if found is None:
            raise PhraseError(column, "this gives no value")
        return found


def make(t: Transaction, scope: Scope, news: list[New]) -> Made:
    """Add all of them, each behind what it reads."""
    making, top = _Making(t, scope), _top(t.graph, scope, news)
    for new in news:
        with placed(new.column):
            making.make(new, top)
    _bring_near(t, news, making.made)
    return making.made


OF_TWO = {"max": "maximum", "min": "minimum"}
Inputs = list[tuple[str | None, Source]]  # a port where it is said, and what feeds it


class _Making:
    """What of one phrase is added in a transaction."""

    def __init__(self, t: Transaction, scope: Scope) -> None:
        self._t, self._scope, self.made = t, scope, Made()

    def make(self, new: New, top: float) -> None:
        """Add what is new; `top` is the height of the first row."""
        refuse_other(new.maker, new.parameters, self._scope.registry)  # the place in the phrase is added by `make`
        inputs = [(port, self.made.source(of, new.column)) for port, of in new.inputs]
        sources = [source for _, source in inputs]
        at = _place(self._t.graph, new, sources, top, self._scope.around.group)
        params = _parameters(self._t, self._scope, new, sources)
        self.made.filled[len(self.made.ids)] = {key: value for key, value in params.items() if key not in _said(new)}
        if isinstance(new.maker, Layer):
            id, value = self._build(new, inputs, params, at)
        else:
            id, value = self._add(new, new.maker, inputs, params, at)
        self.made.ids.append(id)
        self.made.values.append(value)

    def _add(
        self, new: New, op: Op, inputs: Inputs, params: dict[str, Any], at: tuple[float, float]
    ) -> tuple[str, Source | None]:
        """A node, and the value that it gives."""
        names = [name for name in op.port_names(len(op.ports) + (len(inputs) if op.grows else 0)) if op.has_port(name)]
        if len(inputs) > len(names):
            takes = f"{len(names)} value{'s' * (len(names) != 1)}" if names else "no value"
            own = settings_of(op)
            hint = f"its ports: {', '.join(names)}" if names else None
            hint = f"its parameters by name: {own}" if own and names else hint
            hint = f"{OF_TWO[op.name]} is of two" if op.name in OF_TWO and len(inputs) == 2 else hint
            raise PhraseError(new.column, f"{op.name} takes {takes}, got {len(inputs)}", hint=hint)
        for name, value in params.items():
            refuse_unless_numbers(op, name, value)
        said = {port for port, _ in inputs if port is not None}
        free = iter(name for name in names if name not in said)
        fed = {port or next(free): source for port, source in inputs}
        group = self._scope.around.group
        id = self._t.add(op.name, name=new.name or None, group=group, position=at, inputs=fed, params=params)
        given = finding.outputs(self._t.graph, self._scope.registry, id)
        return id, given[0] if given else None

    def _build(
        self, new: New, inputs: Inputs, params: dict[str, Any], at: tuple[float, float]
    ) -> tuple[str, Source | None]:
        """A layer, and the value that it gives."""
        if len(inputs) > 1:
            op = other(new.maker, self._scope.registry)
            own = settings_of(new.maker)
            hint = f"its parameters by name: {own}" if op is None else f"{in_words(op)} takes more: {explicit(op)}"
            raise PhraseError(new.column, f"{new.maker.name} takes 1 value, got {len(inputs)}", hint=hint)
        source = inputs[0][1] if inputs else None
        within = self._scope.around.group
        name = new.name or self._t.free_name(new.maker.name, within)
        aval = None if source is None else shape_of(self._t.graph, self._scope, source)
        shape = () if aval is None else aval.shape
        group, output = build(
            self._t, new.maker.name, source, name=name, group=within, position=at, x_shape=shape, **params
        )
        if source is not None:
            _level(self._t, group, source)
        return group, output


# Parameters.


def of_ports(
    scope: Scope, maker: Maker, given: dict[str, Any], column: int
) -> tuple[list[tuple[str | None, Source | int]], dict[str, Any]]:
    """What of `target=data.y` goes into ports of what is added, and what is left: its parameters."""
    inputs: list[tuple[str | None, Source | int]] = []
    rest: dict[str, Any] = {}
    for name, value in given.items():
        at = value.column if isinstance(value, Value) else column
        own = maker.parameters.get(parameter_called(maker.parameters, name))
        if own is not None or not takes(maker, name):
            if own is not None and isinstance(value, Value):
                raise PhraseError(at, f"{name} of {maker.name} is no port", hint=f"it takes {own.expected}")
            rest[name] = value
        elif isinstance(value, Value | str):
            path, output = (value.path, value.output) if isinstance(value, Value) else (value, "")
            inputs.append((name, scope.source(path, output, at)))
        else:
            message = f"{name} of {maker.name} is a port: it takes the value of a node, got {literal(value)}"
            raise PhraseError(at, message, hint=f"as in {name}=x")
    return inputs, rest


def _said(new: New) -> set[str]:
    return {parameter_called(new.maker.parameters, key) for key in new.parameters}


def _parameters(t: Transaction, scope: Scope, new: New, inputs: list[Source]) -> dict[str, Any]:
    """What was said, and of what must be said and was not what fits there."""
    said = {parameter_called(new.maker.parameters, key): value for key, value in new.parameters.items()}
    reference = None if isinstance(new.maker, Layer) else new.maker.reference
    if reference in said and isinstance(said[reference], str):
        said[reference] = scope.item(said[reference], new.column)
    wanted = [key for key, each in new.maker.parameters.items() if not each.has_default and key not in said]
    if not wanted:
        return said
    aval = shape_of(t.graph, scope, inputs[0]) if inputs and isinstance(new.maker, Layer) else None
    starts = {key: new.maker.parameters[key].start for key in wanted}
    fitting = {key: value for key, value in starts.items() if value is not MISSING}
    if isinstance(new.maker, Layer):
        guessed = {**dict.fromkeys(GUESSED, FEATURES), "normalized_shape": (FEATURES,)}
        fitting |= guessed | following(() if aval is None else aval.shape)
    return {**said, **{key: fitting[key] for key in wanted if key in fitting}}


def shape_of(view: GraphView, scope: Scope, source: Source) -> Aval | None:
    """The shape of a value, inferred as far up as shapes are not known yet; None where nothing says it."""
    known = {each: aval for each, aval in scope.around.avals.items() if each.node in scope.graph.nodes}
    return shape_above(view, scope.registry, source, scope.around.describe, Inferred(avals=known))


# Places.


def _top(view: GraphView, scope: Scope, news: list[New]) -> float:
    """The height of the first row: level with what is read, else beneath all that is there."""
    read = [of for new in news for _, of in new.inputs if isinstance(of, Source)]
    if read:
        return min(view.node(each.node).position[1] for each in read)
    inside = view.members(scope.around.group).values()
    boxes = [view.item(each).position[1] for id in inside for each in _within(view, id)]
    return max(boxes) + ROW if boxes else 0.0


def _within(view: GraphView, id: str) -> list[str]:
    return [id, *view.interior(id)[0]] if id in view.groups else [id]


def _place(view: GraphView, new: New, inputs: list[Source], top: float, group: str | None) -> tuple[float, float]:
    """Right of what it reads, else left of what reads it; straight beneath what it would cover there."""
    if inputs:
        x = max(_right(view, source.node, group) for source in inputs)
        y = view.node(inputs[0].node).position[1] if new.row is None else top + new.row * ROW
    elif new.before:
        x, y = view.item(new.before).position
        x -= COLUMN
    else:
        x, y = 0.0, top + (new.row or 0.0) * ROW
        if new.row is not None:
            x = _left(view, group) if view.members(group) else x
    places = (view.item(each).position for each in (*view.nodes, *view.groups))
    taken = [level for other, level in places if abs(x - other) < COLUMN]
    while any(abs(y - level) < ROW for level in taken):
        y += ROW
    return x, y


def _bring_near(t: Transaction, news: list[New], made: Made) -> None:
    """Put each constant and input right before what alone reads it: a long wire from one would say nothing."""
    for place, new in enumerate(news):
        readers = [id for id, other in zip(made.ids, news, strict=True) if place in (of for _, of in other.inputs)]
        if new.maker.name not in ("constant", "input") or len(readers) != 1:
            continue
        x, y = t.graph.item(readers[0]).position[0] - COLUMN, t.graph.item(made.ids[place]).position[1]
        others = [t.graph.item(id).position for id in (*t.graph.nodes, *t.graph.groups) if id != made.ids[place]]
        if not any(abs(x - other) < COLUMN and abs(y - level) < ROW for other, level in others):
            t.move(made.ids[place], (x, y))


def _left(view: GraphView, group: str | None) -> float:
    return min(view.item(id).position[0] for id in view.members(group).values())


def _right(view: GraphView, node: str, group: str | None) -> float:
    """Where the next column begins behind a node: behind the whole group that holds it, beside what is added."""
    chain = view.chain(view.node(node).group)
    outer = [each for each in chain if view.group(each).group == group]
    ids = _within(view, outer[0]) if outer else [node]
    return max(view.item(each).position[0] for each in ids) + COLUMN


def _level(t: Transaction, group: str, source: Source) -> None:
    """Bring a layer to where the wire into it goes straight, as far as nothing lies there."""
    view = t.graph
    nodes, groups = view.interior(group)
    reads = next((node for node in nodes for each in view.inputs(node).values() if each == source), None)
    if reads is None or any((node, port) in view.bends for node in nodes for port in view.inputs(node)):
        return
    up = view.node(reads).position[1] - view.node(source.node).position[1]
    own = {group, *nodes, *groups}
    places = [view.item(each).position for each in own]
    others = [view.item(each).position for each in (*view.nodes, *view.groups) if each not in own]
    if any(abs(x - other) < COLUMN and abs(y - up - level) < ROW for x, y in places for other, level in others):
        return
    for each in own:
        x, y = t.graph.item(each).position
        t.move(each, (x, y - up))
