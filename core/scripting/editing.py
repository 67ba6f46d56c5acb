"""The verbs with which a script edits: each is one undo, several are within `edits`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..document import Transaction
from ..document.edits import AddGroup, AddNode, Edit, SetTraining, edit_from_json
from ..document.ports import meant
from ..document.referring import referred
from ..errors import EditError, ParameterError, usage_told
from ..feeding import describer
from ..graph import GraphView, Source, Training
from ..infer import Inferred
from ..layers import Layer, build
from ..op import Op
from ..other_names import parameter_called
from ..refusing import usage
from . import finding, setting
from .arranging import chosen, counted
from .handles import Item, handle
from .makers import following, named, near_to, of_other_kind, refuse_other, shape_above
from .placing import free_place, lead_wires
from .verbs import Verbs
from .workspace import Workspace


class Editing(Verbs):
    """The verbs of one document."""

    @contextmanager
    def edits(self, label: str) -> Iterator[None]:
        """Make all edits of a block one undo, called `label`; where the block raises none of them is made.

        with edits("Add two layers"):
            add("relu", "relu1", x="fc1")
            connect("relu1", "fc2.x")
        """
        with self._workspace.transaction(label):
            yield

    @usage_told
    def add(
        self,
        what: str | Op | Layer,
        name: str | None = None,
        at: tuple[float, float] | None = None,
        within: Any = None,
        **ports_and_parameters: Any,
    ) -> Item:
        """Add an op or a layer; the result is its handle.

        add("relu", x="fc1")
        add("linear", "fc2", x=g.relu1, in_features=64, out_features=10)
        add(ops.dropout, "dropout1", at=(480, 0), within="block1", rate=0.3)

        `what` is a name, also one that another library has for it ("ReLU", "dense"), or one of `ops` or `layers`; where
        an op and a layer have the same name it is the op, "op:NAME" too, and "layer:NAME" the layer. Keywords that are
        ports of it take values ("fc1", "data.x", g.fc1), all others are its parameters; in_features and what else of a
        layer follows from the shape of x may be left out. `at` is its corner (x, y), without it a free place, to which
        no wire runs behind a node; `within` the group that it goes into.
        """
        workspace, made = self._workspace, self._known(what)
        refuse_other(made, ports_and_parameters, workspace.registry)
        workspace.host.placed |= at is not None
        place = at or free_place(workspace.view, workspace.registry, made, ports_and_parameters, workspace.shapes)

        def act(t: Transaction) -> str:
            view, group = t.graph, None if within is None else finding.item(t.graph, within)
            if group is not None and group not in view.groups:
                raise EditError(f"{view.path(group)} is a node, a group is wanted")
            if isinstance(made, Layer):
                source, params = _source_and_parameters(workspace, view, made, ports_and_parameters)
                return build(t, made.name, source, name=name, group=group, position=place, **params).group
            inputs, params = _ports_and_parameters(workspace, view, made, ports_and_parameters)
            new = t.add(made.name, name=name, group=group, position=place, inputs=inputs, params=params)
            if at is None:
                lead_wires(t, workspace.registry, new, workspace.shapes)
            return new

        return handle(workspace, workspace.edit(f"Add {made.name}", act))

    @usage_told
    def connect(self, value: Any, to: Any, port: str | None = None) -> None:
        """Put a value on a port, in the place of what fed it.

        connect("fc1.y", "relu1.x")
        connect(g.fc1, g.relu1)
        connect("data.x", g.add1, "y")

        The output is said where there are several. Without a port it is the first that is free; of a layer whose
        input is open all that take it.
        """
        view, registry = self._workspace.view, self._workspace.registry
        source, places = finding.value(view, registry, value), finding.places(view, registry, to, port)
        label = f"Connect {_short(view, source)} to {view.node(places[0][0]).name}.{places[0][1]}"

        def act(t: Transaction) -> None:
            with t.step():
                for target, each in places:
                    t.connect(source, target, each)

        self._workspace.edit(label, act)

    @usage_told
    def disconnect(self, what: Any, port: str | None = None) -> None:
        """Take wires away.

        disconnect("relu1.x")    # what feeds this port
        disconnect("relu1")      # all into and out of it
        """
        workspace, view = self._workspace, self._workspace.view
        wires = finding.wires_at(view, workspace.registry, what, port)
        if not wires:
            raise EditError(f"there is no wire at {_text(view, what)}{f'.{port}' if port else ''}")
        (source, target, name), more = wires[0], len(wires) > 1
        cut = f"{len(wires)} wires" if more else f"{_short(view, source)} to {view.node(target).name}.{name}"

        def act(t: Transaction) -> None:
            with t.step():
                for _, target, name in wires:
                    t.disconnect(target, name)

        workspace.edit(f"Cut {cut}", act)

    @usage_told
    def remove(self, *what: Any) -> None:
        """Remove nodes, and groups with all within, and their wires: remove("relu1", g.fc2)."""
        view = self._workspace.view
        ids = chosen(view, what)
        self._workspace.edit(f"Delete {counted(view, ids)}", lambda t: t.remove(*ids))

    @usage_told
    def rename(self, what: Any, name: str) -> None:
        """Give a node or group another name: rename("relu1", "hidden")."""
        setting.rename(self._workspace, finding.item(self._workspace.view, what), name)

    def undo(self) -> None:
        """Take the last edit back."""
        self._workspace.refuse_within_edits("nothing is undone")
        self._workspace.host.on_owner(self._workspace.session.document.undo)

    def redo(self) -> None:
        """Make the edit again that was taken back last."""
        self._workspace.refuse_within_edits("nothing is redone")
        self._workspace.host.on_owner(self._workspace.session.document.redo)

    @usage_told
    def replay(self, label: str, edits: Iterable[Mapping[str, Any]]) -> None:
        """Make edits that are written as data, with ids, as the journal has them: for what has no verb here.
        They fit the graph of which they were told; where they do not fit, none of them is made.

        replay("Bend a wire", [{"edit": "SetBends", "target": "relu0", "port": "x", "old": [], "new": [[120, 40]]}])
        """
        made = [edit_from_json(edit) for edit in edits]
        _refuse_strangers(self._workspace.view, made)
        self._workspace.replay(label, made)

    # What is meant.

    def _known(self, what: str | Op | Layer) -> Op | Layer:
        """What is to be added. Raises `EditError` with near misses."""
        registry = self._workspace.registry
        if isinstance(what, Op | Layer):
            return what
        if not isinstance(what, str):
            raise EditError(f"an op or a layer is wanted, got {what!r}", hint='as in "relu", ops.relu or layers.linear')
        if (found := named(what, registry, others=True).first) is not None:
            return found
        if told := of_other_kind(what, registry):
            raise EditError(told[0], hint=told[1])
        raise EditError(f"no op or layer is called {what!r}", hint=near_to(what, registry))


def _refuse_strangers(view: GraphView, edits: Iterable[Edit]) -> None:
    """Raise `EditError` where edits would let training name what there is not: they are another graph's."""
    known = {*view.nodes, *view.groups}
    for edit in edits:
        match edit:
            case AddNode(item) | AddGroup(item):
                known.add(item.id)
            case SetTraining(old, Training() as new):
                before = () if old is None else referred(old)
                for id in (each for each in referred(new) if each not in known and each not in before):
                    message = f"training would name {id!r}, and nothing has this id: these edits are of another graph"
                    raise EditError(message, hint=meant(view, id))


def _source_and_parameters(
    workspace: Workspace, view: GraphView, layer: Layer, given: Mapping[str, Any]
) -> tuple[Source | None, dict[str, Any]]:
    """What a layer reads, and what it is built with: its shape, and the parameters; those that must be said and were
    not as they follow from that.
    """
    x, rest = (
        given.get("x"),
        {parameter_called(layer.parameters, key): each for key, each in given.items() if key != "x"},
    )
    source = None if x is None else finding.value(view, workspace.registry, x)
    wanted = [key for key, each in layer.parameters.items() if not each.has_default and key not in rest]
    if source is None:
        return source, rest
    session = workspace.session
    describe = describer(session.folder, session.dtype or view.dtype)
    aval = shape_above(view, workspace.registry, source, describe, Inferred())
    shape = () if aval is None else aval.shape
    found = following(shape)
    return source, {"x_shape": shape} | {key: found[key] for key in wanted if key in found} | rest


def _short(view: GraphView, source: Source) -> str:
    """`x`, or `data.x` for an output that is not called y."""
    name = view.node(source.node).name
    return name if source.output in ("", "y") else f"{name}.{source.output}"


def _text(view: GraphView, what: Any) -> str:
    return what if isinstance(what, str) else view.path(finding.item(view, what))


def _ports_and_parameters(
    workspace: Workspace, view: GraphView, op: Op, given: Mapping[str, Any]
) -> tuple[dict[str, Source], dict[str, Any]]:
    """Which of the keywords feed ports, and which set parameters. Raises `ParameterError` for what is neither."""
    fed = {key: value for key, value in given.items() if op.has_port(key)}
    rest = {key: value for key, value in given.items() if key not in fed}
    if unknown := next((key for key in rest if key not in op.parameters), None):
        raise ParameterError(f"{op.name} has neither a port nor a parameter {unknown!r}", hint=usage(op))
    inputs = {port: finding.value(view, workspace.registry, each) for port, each in fed.items() if each is not None}
    return inputs, setting.references(workspace, view, op.name, rest)
