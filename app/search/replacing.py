"""What becomes of a node's wires with another op in its place: asked of the shape rules of all that is concerned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...core.errors import GradwireError
from ...core.graph import Source, Wire
from ...core.infer import arrange
from ...core.op import Aval, Op
from ...core.parameters import HIDDEN, MISSING
from ...core.promotion import promoted_avals
from ..editing import seen_name, survivors
from .fitting import fits, go_together, port_names

if TYPE_CHECKING:
    from ..editor import Editor

ASKED = 20  # nodes that take the result: of more the first are asked whether it fits them


class Kept(NamedTuple):
    """How many wires stay, of how many; ports and parameters that are lacking besides; what does not fit any more."""

    kept: int
    total: int
    needs: tuple[str, ...] = ()
    takes: bool = True  # whether the values that come in fit it
    misfit: str = ""  # the first node that its result does not fit

    @property
    def fits(self) -> bool:
        """Whether nothing is left to be done or mended where the wires are."""
        return self.takes and not self.misfit and not self.needs

    def __str__(self) -> str:
        if not self.total:
            return ""
        told = [] if self.takes else ["misfit"]
        told += [f"misfit at {self.misfit}"] * bool(self.misfit)
        told += [f"needs {', '.join(self.needs)}"] * bool(self.needs)
        if self.kept < self.total:
            told.append(f"keeps {self.kept} of {self.total} wires")
        return ", ".join(told) or "keeps all wires"


def surviving(editor: Editor, id: str, op: Op) -> Kept:
    """Which of a node's wires stay with `op` in its place, and whether all that they join still fits."""
    graph, avals = editor.graph, editor.checking.found.avals
    fed, read = graph.inputs(id), graph.consumers(id)
    stay = survivors(graph, id, op)
    wired = {after: avals.get(fed[before]) for before, after in stay.inputs.items()}
    needs = tuple(name for name in port_names(op) if name not in wired and not _is_optional(op, name))
    dtype = editor.session.dtype or graph.dtype
    params = _parameters(op, graph.nodes[id].params, dtype)
    needs += tuple(name for name, each in op.parameters.items() if name not in params and each.role not in HIDDEN)
    takes = go_together(op, wired) and all(
        value is None or any(fit.port == port for fit in fits(op, value, dtype)) or port not in port_names(op)
        for port, value in wired.items()
    )
    kept = len(fed) + len(read) - len(stay.lost)
    if not takes or not kept:
        return Kept(kept, len(fed) + len(read), needs, takes)
    names = [output.name for output in op.outputs if not output.hidden]
    staying = [wire for wire in read if wire.source.output in stay.outputs][:ASKED]
    results = _results(op, wired, params, dtype)
    if results is None:
        return Kept(kept, len(fed) + len(read), needs, takes=False)
    for wire in staying:
        place = names.index(stay.outputs[wire.source.output])
        may_be = [result[place] for result in results if place < len(result)]
        if may_be and not any(_goes_on(editor, wire, value) for value in may_be):
            return Kept(kept, len(fed) + len(read), needs, takes, seen_name(graph, wire.target, editor.group))
    return Kept(kept, len(fed) + len(read), needs, takes)


def _is_optional(op: Op, name: str) -> bool:
    return op.ports[min(op.port_position(name) or 0, len(op.ports) - 1)].optional


def _parameters(op: Op, old: Mapping[str, Any], dtype: str) -> dict[str, Any]:
    """The parameters that it would have there; some may be missing."""
    params = dict(op.defaults)
    params.update((name, each.start) for name, each in op.parameters.items() if each.start is not MISSING)
    for name, value in old.items():
        try:
            params.update(op.read_parameters({name: value}))
        except GradwireError:
            continue  # the new op reads it otherwise, and begins with its own
    params.update((name, dtype) for name, role in op.roles.items() if role == "dtype" and params.get(name) == "float")
    return params


def _results(
    op: Op, wired: Mapping[str, Aval | None], params: Mapping[str, Any], dtype: str
) -> Sequence[tuple[Aval, ...]] | None:
    """What may come out that can be wired, one of them; nothing where that cannot be known, None where refused."""
    if any(value is None for value in wired.values()) or any(name not in params for name in op.parameters):
        return []
    hidden = {port.name: Aval((4,), np.dtype("uint64")) for port in op.ports if port.hidden}
    try:
        args = arrange(op, {**wired, **hidden})
        made = op.infer(promoted_avals(op, args), params)
    except GradwireError:
        if len(wired) == len(port_names(op)):
            return None
        # An input is open: what others beside it would lead to.
        return [fit.outputs[i : i + 1] for fit in _alike(op, wired, dtype) for i in range(len(fit.outputs))]
    except (ValueError, TypeError, IndexError, AttributeError):  # of a rule that does not check its arguments
        return []
    return [tuple(made[i] for i in op.visible)]


def _alike(op: Op, wired: Mapping[str, Aval | None], dtype: str) -> list[Any]:
    """The fits of the one value that is wired; of an op of several results it is not told which is which."""
    if len(wired) != 1 or len(op.visible) != 1:
        return []
    ((port, value),) = wired.items()
    return [fit for fit in fits(op, value, dtype) if fit.port == port]


def _goes_on(editor: Editor, wire: Wire, value: Aval) -> bool:
    """Whether what takes a wire would take this value in the place of the one that it has."""
    graph, found = editor.graph, editor.checking.found
    op, inferred = editor.registry.get(graph.nodes[wire.target].op), found.inferred[0]
    params = inferred.params.get(wire.target)
    if op is None or params is None:
        return True
    sources: dict[str, Source] = dict(graph.inputs(wire.target))
    before = {port: found.avals.get(source) for port, source in sources.items()}
    after = {port: value if source == wire.source else before[port] for port, source in sources.items()}
    return _is_taken(op, after, params) or not _is_taken(op, before, params)


def _is_taken(op: Op, values: Mapping[str, Aval | None], params: Mapping[str, Any]) -> bool:
    """Whether an op takes these values by port, as far as they are known."""
    if None in values.values():
        return True
    try:
        op.infer(promoted_avals(op, arrange(op, values)), params)
    except (GradwireError, ValueError, TypeError, IndexError, AttributeError):
        return False
    return True
