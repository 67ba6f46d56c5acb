"""What one can do to a document within a transaction, as verbs; each becomes edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import EditError, ParameterError
from ..graph.draft import Draft
from ..graph.elements import ORIGIN, PLUGIN, Node, Source, Training, place
from ..graph.normal_form import EMPTY, frozen
from ..graph.training_form import check_form
from ..parameters import shown
from .arrange import Arranging, read_only
from .edits import (
    ABSENT,
    AddNode,
    MoveNode,
    Rename,
    SetDtype,
    SetFlags,
    SetParam,
    SetTraining,
    SetValues,
    SetWire,
)
from .referring import by_ids

if TYPE_CHECKING:
    from ..ops import Registry
    from .document import Change


class Transaction(Arranging):
    """One step of editing; opened by `Document.transaction`, committed when its `with` block ends.

    Every verb either does all it says or raises EditError (ParameterError for a parameter) and does nothing.
    Ids are returned by what adds. After the commit `change` says what happened; None where nothing did.
    """

    def __init__(self, draft: Draft, registry: Registry, label: str, *, verbatim: bool = False) -> None:
        super().__init__(draft, registry, verbatim=verbatim)
        self.label = label
        self.change: Change | None = None

    # --- nodes

    def add(
        self,
        op_name: str,
        *,
        name: str | None = None,
        group: str | None = None,
        position: tuple[float, float] | None = None,
        inputs: Mapping[str, str | Source] | None = None,
        id: str | None = None,
        params: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Add a node and wire its ports. Parameters come as keywords, or in `params` where names collide.

        Only the parameters given are kept: the others follow their defaults. A `value` that is given to a parameter is
        what it starts from, and tells its shape as it does that of an input, unless `init` or `shape` is given too.
        Without a `position` it is given one in the window that shows the graph.
        """
        given = {**(params or {}), **more}
        if inputs is not None and not isinstance(inputs, Mapping):
            raise EditError(f"inputs are given by port, got {shown(inputs)}", hint="as in inputs={'x': 'relu0'}")
        op = self.ports.op_called(op_name)
        if op_name in ("parameter", "input") and "value" in given:
            _take_shape_of_value(op_name, given)
        read = op.read_parameters(given)
        node = Node(
            self.free_id(op_name) if id is None else id,
            op_name,
            self.free_name(op_name, group) if name is None else name,
            read,
            group=group,
            position=ORIGIN if position is None else position,
            extra={PLUGIN: op.plugin} if op.plugin else EMPTY,
        )
        with self.step():
            self.apply(AddNode(node))
            for port, source in (inputs or {}).items():
                self.connect(source, node.id, port)
        self.unplaced += [node.id] * (position is None)
        return node.id

    def set_param(self, id: str, name: str, value: Any) -> None:
        """Set a parameter; ABSENT lets it follow its default. A new shape of a parameter drops its value."""
        node = self.node(id)
        op = self.ports.op(node)
        known = op.parameters.get(name) if op is not None else None
        if op is not None and known is None and value is not ABSENT:
            op.check_parameters({name: value})  # says which parameters there are
        if known is not None and value is ABSENT and not known.has_default:
            raise ParameterError(f"{node.op} needs the parameter {name!r}", hint=known.expected, node=id)
        if value is not ABSENT:
            value = frozen(known.read(value, node.op) if known is not None else value)
        with self.step():
            self.swap(SetParam(id, name, node.params.get(name, ABSENT), value))
            held = self.values.get(id)
            if node.op == "parameter" and name == "shape" and held is not None and held.shape != value:
                self.apply(SetValues(id, held, None))

    def set_flags(self, id: str, flags: Iterable[str]) -> None:
        """Set all flags of a node: any of bypass, detach, freeze, keep."""
        wanted = frozenset([flags] if isinstance(flags, str) else flags)
        self.swap(SetFlags(id, self.node(id).flags, wanted))

    def set_values(self, id: str, value: ArrayLike | None) -> None:
        """Set the value held for a node, as a read-only copy; None: it is initialised anew."""
        held = self.values.get(self.node(id).id)
        array = None if value is None else read_only(value)
        if array is not held:
            self.apply(SetValues(id, held, array))

    # --- wires

    def connect(self, source: str | Source, target: str, port: str | None = None) -> str:
        """Put a value on a port, by default the first free one, in place of any other; returns the port.

        Refused: a port or output that is not there, and a loop, which the message names.
        """
        wanted = self.ports.source(source)
        port = self.ports.free_port(target) if port is None else port
        self.ports.check_port(target, port)
        self.swap(SetWire(target, port, self.graph.fed(target, port), wanted))
        return port

    def disconnect(self, target: str, port: str) -> None:
        """Take the wire off a port."""
        source = self.graph.fed(target, port)
        if source is None:
            wired = ", ".join(self.inputs(target)) or "none"
            where = f"{self.graph.path(target)}.{port}"
            raise EditError(f"there is no wire into {where}", hint=f"ports with one: {wired}", node=target, port=port)
        self.apply(SetWire(target, port, source, None))

    # --- names and places

    def rename(self, id: str, name: str) -> None:
        """Give a node or group another name."""
        self.swap(Rename(id, self.graph.item(id).name, name))

    def move(self, id: str, position: tuple[float, float]) -> None:
        """Put a node or group at (x, y), in scene units."""
        self.swap(MoveNode(id, self.graph.item(id).position, place(position)))

    # --- the graph

    def set_training(self, training: Training | Any | None) -> None:
        """Set how the graph is trained; nodes, groups and values may be told by their ids, names or paths.

        Raises `EditError` for a setting of another form than it has.
        """
        if not isinstance(training, Training | None):
            message = f"training settings must be a Training, got {shown(training)}"
            raise EditError(message, hint="as in Training('loss0', epochs=3)")
        if training is not None:
            check_form(training)
            training = by_ids(self.graph, training)
        self.swap(SetTraining(self.graph.training, training))

    def set_dtype(self, dtype: str) -> None:
        """Set the dtype in which the document computes: float32 or float64."""
        self.swap(SetDtype(self.graph.dtype, dtype))


def _take_shape_of_value(op_name: str, given: dict[str, Any]) -> None:
    """Let a parameter, which starts from the value that it is given, or an input have the shape of that."""
    with suppress(ValueError):  # lists of unequal lengths, which are refused as they are read
        shape = list(np.shape(given["value"]))
        if shape or op_name == "parameter":
            given.setdefault("shape", shape)
    if op_name == "parameter":
        given.setdefault("init", "constant")
