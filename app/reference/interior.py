"""The inside of a group as ops: their formulas, and an example computed by them on a few rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.errors import GradwireError
from ...core.graph import Node, Source, boundary
from ...core.op import Aval, Op
from ...core.parameters import HIDDEN
from ...core.stepping.rules import rules, rules_here
from ...core.stepping.spelling import spell, told_parameters
from ...core.stepping.worked_example import Array, small_numbers
from ...core.tape import Tensor
from ...core.transform import vjp
from ..editing import outputs
from .standing import Standing

ROWS = 3  # of what comes in, for the example
LARGEST = 20_000  # elements of a parameter: larger ones are not computed with while the user waits for the card


@dataclass(frozen=True)
class Step:
    """One op of the inside: what it is called there, and its formula in the names of what it takes."""

    node: Node
    name: str
    op: Op
    formula: str
    rules: Sequence[tuple[str, str]]  # by port its gradient
    here: bool  # whether that is as it is applied here, rather than in the example of the op


@dataclass(frozen=True)
class Example:
    """What comes in and the parameters, the results, and the gradients of the sum of the first result, by name."""

    arguments: Sequence[tuple[str, Array]]
    results: Sequence[tuple[str, Array]]
    gradients: Sequence[tuple[str, Array]]
    current: bool  # whether the numbers are those that are computed with now


class Interior:
    """What a group holds. `entering` are the values that come in, by the name of the port that takes them first."""

    def __init__(self, standing: Standing, group: str) -> None:
        self._standing, self._group = standing, group
        self._graph, self._registry = graph, registry = standing.graph, standing.registry
        self.ids = [id for id in graph.order() if id in set(graph.interior(group)[0])]
        wires = boundary(graph, group)[0]
        self.entering: dict[Source, str] = {}
        for wire in wires:
            taken = self.entering.values()
            if wire.source not in self.entering:
                self.entering[wire.source] = wire.port if wire.port not in taken else self.name(wire.source.node)
        self.parameters = [id for id in self.ids if graph.nodes[id].op == "parameter"]
        self.leaving = [source for source in outputs(graph, registry, group) if source.node in self.ids]

    def open_ports(self) -> list[str]:
        """The ports within that nothing feeds and that must be fed, as `matmul.x`."""
        found = []
        for id in self.ids:
            op, fed = self._registry.get(self._graph.nodes[id].op), self._graph.inputs(id)
            needed = () if op is None or op.grows else op.ports
            found += [
                f"{self.name(id)}.{port.name}"
                for port in needed
                if port.name not in fed and not port.optional and not port.hidden
            ]
        return found

    def name(self, id: str) -> str:
        """What a node is called within the group."""
        return self._graph.path(id).removeprefix(f"{self._graph.path(self._group)}/")

    def of(self, source: Source) -> str:
        """What a value is called within the group."""
        return self.entering.get(source) or self.name(source.node)

    def steps(self) -> list[Step]:
        """The ops in the order in which they are computed, without the parameters."""
        made, applied = self._spelled()
        found = []
        for id in self.ids:
            node = self._graph.nodes[id]
            op = self._registry.get(node.op)
            if op is not None and id not in self.parameters:
                tensor = applied.get(id)
                back = rules(op) if tensor is None else _rules(tensor)
                formula = made.get(id) or self._applied(op, id)
                found.append(Step(node, self.name(id), op, formula, back, tensor is not None))
        return found

    def _applied(self, op: Op, id: str) -> str:
        """An op by its name, where it cannot be computed yet: `matmul(x, weight)`."""
        fed = self._graph.inputs(id)
        seen = [port for port in op.ports if not port.hidden and not port.variadic]
        ports = [port.name for port in seen if port.name in fed or not port.optional]
        args = [self.of(fed[p]) if p in fed else p for p in dict.fromkeys((*ports, *fed))]
        params = {n: v for n, v in self._graph.nodes[id].params.items() if op.parameters[n].role not in HIDDEN}
        return f"{op.name}({', '.join([*args, *told_parameters(op, params)])})"

    def formula(self) -> str:
        """All of it in one expression of what comes in and the parameters; empty where that is not known."""
        numbers = self._numbers()
        if numbers is None or not self.leaving:
            return ""
        made = self._computed({source: Tensor(value) for source, value in numbers.items()})
        result = made.get(self.leaving[0]) if made else None
        if made is None or result is None:
            return ""
        return spell(result, {made[source].slot: self.of(source) for source in numbers})

    def _spelled(self) -> tuple[dict[str, str], dict[str, Tensor]]:
        """By node its formula, and what it makes of its arguments, where that is known."""
        numbers = self._numbers()
        made = None if numbers is None else self._computed({s: Tensor(value) for s, value in numbers.items()})
        found, applied = {}, {}
        for source, tensor in (made or {}).items():
            if numbers is not None and source not in numbers:
                others = {each.slot: self.of(at) for at, each in (made or {}).items() if each is not tensor}
                found[source.node], applied[source.node] = spell(tensor, others), tensor
        return found, applied

    def example(self) -> Example | None:
        """What the ops give of a few rows of what comes in now, else of small numbers; None where that is refused."""
        numbers = self._numbers()
        floats = [] if numbers is None else [each for each, value in numbers.items() if value.dtype.kind == "f"]
        made = None if numbers is None else self._computed({s: Tensor(value) for s, value in numbers.items()})
        if numbers is None or made is None or not self.leaving or not floats:
            return None

        def applied(*values: Any) -> Any:
            given = {source: Tensor(value) for source, value in numbers.items()}
            computed = self._computed({**given, **dict(zip(floats, values, strict=True))})
            assert computed is not None, "the same shapes have been computed just now"
            return computed[self.leaving[0]]

        value, pull = vjp(applied, *(numbers[source] for source in floats))
        gradients = pull(np.ones(np.shape(value), np.asarray(value).dtype))
        return Example(
            [(self.of(source), value) for source, value in numbers.items()],
            [(self.of(source), np.asarray(made[source].value)) for source in self.leaving if source in made],
            [(self.of(s), np.asarray(g)) for s, g in zip(floats, gradients, strict=True) if g is not None],
            self._standing.live and all(self._standing.value(source) is not None for source in numbers),
        )

    def _numbers(self) -> dict[Source, Array] | None:
        """What comes in, a few rows of it, and the parameters; None where a shape is not known, or one is large."""
        found: dict[Source, Array] = {}
        within = [source for id in self.parameters for source in outputs(self._graph, self._registry, id)]
        for number, source in enumerate((*self.entering, *within)):
            value, aval = self._standing.value(source), self._standing.found.avals.get(source)
            if value is None:
                value = None if aval is None else _small(aval, number, source in self.entering)
            if value is None:
                return None
            found[source] = value[:ROWS] if source in self.entering and value.ndim else value
            if found[source].size > LARGEST:
                return None
        return found

    def _computed(self, made: Mapping[Source, Any]) -> dict[Source, Any] | None:
        """All values of the inside from those that come in and the parameters; None where an op refuses them."""
        values = dict(made)
        params, registry = self._standing.found.inferred[0].params, self._registry
        for id in self.ids:
            op, fed = registry.get(self._graph.nodes[id].op), self._graph.inputs(id)
            if id in self.parameters:
                continue
            if op is None or op.effect or op.grows or any(port.hidden for port in op.ports) or id not in params:
                return None
            args = [values.get(fed[port.name]) if port.name in fed else None for port in op.ports]
            if any(arg is None and not port.optional for arg, port in zip(args, op.ports, strict=True)):
                return None
            try:
                with np.errstate(all="ignore"):
                    results = op(*args, **params[id])
            except GradwireError:  # what was bound for another number of rows
                return None
            several = results if isinstance(results, tuple) else (results,)
            names = [op.outputs[i].name for i in op.visible]
            values.update((Source(id, name), each) for name, each in zip(names, several, strict=True))
        return values


def _rules(tensor: Tensor) -> Sequence[tuple[str, str]]:
    """By port its gradient, of an op as it is applied here: in training, as that is what gradients are for."""
    op = tensor.op
    if op is None:
        return []
    args = [each.value if isinstance(each, Tensor) else each for each in tensor.args]
    training = {name: "train" for name, role in op.roles.items() if role == "mode"}
    return rules_here(op, args, {**tensor.params, **training})


def _small(aval: Aval, number: int, batch: bool) -> Array | None:
    """Small numbers of a shape; of a `batch` a few rows."""
    if aval.dtype.kind != "f":
        return None
    shape = (min(aval.shape[0], ROWS), *aval.shape[1:]) if batch and len(aval.shape) > 1 else aval.shape
    if int(np.prod(shape)) > LARGEST:
        return None
    return small_numbers(shape, "real", number).astype(aval.dtype)
