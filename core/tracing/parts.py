"""What an op is made of, as plain data: its composition is called once with symbols, and each op it applies is a part.

The other way round, `matched` finds the parts among the nodes of a graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..builder import Builder
from ..document.ports import Ports
from ..errors import GradwireError
from ..graph import GraphView, Source
from ..graph.normal_form import canonical, frozen
from ..infer import arrange
from ..op import Aval, Op, promote
from ..ops import builtin
from ..passes import remove_unused
from ..plan import Plan
from ..signature import NOTHING

Fed = str | tuple[int, str] | None  # a port of the whole, or an output of an earlier part by its number


class Part(NamedTuple):
    """One of the simpler ops, with what feeds each of its ports, its complete parameters, and what it gives."""

    op: Op
    args: tuple[Fed, ...]
    params: Mapping[str, Any]
    aval: Aval
    name: str | None = None  # what its node is called, None: as its op

    @property
    def output(self) -> str:
        """The output that is shown."""
        return self.op.outputs[self.op.visible[0]].name


class Parts(NamedTuple):
    """All parts, each after those that feed it, and which output of the last ones is the value of the whole."""

    parts: tuple[Part, ...]
    output: tuple[int, str]

    @property
    def entries(self) -> dict[str, tuple[int, str]]:
        """Which port of which part each port of the whole feeds: one, since several read it through an identity."""
        ports = [
            (number, part.op.port_name(i), arg)
            for number, part in enumerate(self.parts)
            for i, arg in enumerate(part.args)
        ]
        return {arg: (number, port) for number, port, arg in ports if isinstance(arg, str)}

    @property
    def key(self) -> list[Any]:
        """What tells these parts from others."""
        return [(part.op.name, part.args, canonical(frozen(part.params))) for part in self.parts]


def is_composite(op: Op | None) -> bool:
    """Whether an op says what it is made of, in a way that a graph can show."""
    return op is not None and op.composition_rule is not None and not op.grows and len(op.visible) == 1


def parts_of(
    op: Op, avals: Sequence[Aval | None], params: Mapping[str, Any], dtype: str, writes: Mapping[str, str] = NOTHING
) -> Parts:
    """The parts of `op` where its ports take values like these; `dtype` is what "float" stands for.

    `writes` has by output the node that it writes, as a part does then.

    A port that several parts read is one of its own, an `identity` called as the port: so a gradient comes out of the
    whole once, and another wire there is another wire for all of them.
    """
    assert op.composition_rule is not None
    builder = Builder()
    symbols = [None if aval is None else builder.input(op.port_name(i), aval) for i, aval in enumerate(avals)]
    rule = op.composition_rule if not writes or op.writing is None else partial(op.writing, writes)
    result = rule(*promote(op, tuple(symbols)), **params)
    plan = remove_unused(builder.finish({"y": result}))
    return _Reading(plan, dtype).read()


class _Reading:
    """A plan on its way to parts. `known` has for each value what stands for it."""

    def __init__(self, plan: Plan, dtype: str) -> None:
        self.plan, self.dtype = plan, dtype
        self.parts: list[Part] = []
        self.known: dict[int, Fed] = {}

    def read(self) -> Parts:
        plan = self.plan
        readers = Counter(arg for step in plan.steps for arg in step.args)
        for port, number in plan.inputs.items():
            self.known[number] = port
            if readers[number] > 1:
                self._add(builtin()["identity"], (port,), {}, (number,), port)
        for number, value in plan.constants.items():
            self._add(builtin()["constant"], (), {"value": value.tolist(), "dtype": value.dtype.name}, (number,))
        for step in plan.steps:
            args = tuple(None if arg is None else self.known[arg] for arg in step.args)
            self._add(step.op, args, step.params, step.outs)
        output = self.known[plan.outputs["y"]]
        assert isinstance(output, tuple), "a composition applies an op"
        return Parts(tuple(self.parts), output)

    def _add(
        self, op: Op, args: tuple[Fed, ...], params: Mapping[str, Any], outs: Sequence[int], name: str | None = None
    ) -> None:
        if not op.grows:  # optional ports that the composition leaves out stay open
            args += (None,) * (len(op.ports) - len(args))
        complete = op.check_parameters({key: self._dtype(op, key, value) for key, value in params.items()})
        first = self.plan.avals[outs[op.visible[0]]]
        self.known.update((out, (len(self.parts), o.name)) for out, o in zip(outs, op.outputs, strict=True))
        self.parts.append(Part(op, args, complete, first, name))

    def _dtype(self, op: Op, name: str, value: Any) -> Any:
        """A dtype that is the document's is "float": it goes with the document's."""
        return "float" if op.roles.get(name) == "dtype" and value == np.dtype(self.dtype).name else value


def matched(
    graph: GraphView, ports: Ports, wanted: Parts, fed: Mapping[str, Source | None], output: Source
) -> list[str] | None:
    """The ids of the nodes that are the parts `wanted`, with `output` as their value; None where they are not.

    `fed` is what must feed each port of the whole. Names and places of nodes do not matter.
    """
    found: list[str | None] = [None] * len(wanted.parts)
    found[wanted.output[0]] = output.node
    if output.output != wanted.output[1]:
        return None
    for number in reversed(range(len(wanted.parts))):  # each after all that read it
        id, part = found[number], wanted.parts[number]
        sources = None if id is None else _sources(graph, ports, id, part)
        if sources is None or len(sources) != len(part.args):
            return None
        for arg, source in zip(part.args, sources, strict=True):
            if not isinstance(arg, tuple):
                if source != (None if arg is None else fed.get(arg)):
                    return None
            elif source is None or source.output != arg[1] or found[arg[0]] not in (None, source.node):
                return None
            else:
                found[arg[0]] = source.node
    ids = [id for id in found if id is not None]
    return ids if len(set(ids)) == len(ids) else None


def _sources(graph: GraphView, ports: Ports, id: str, part: Part) -> list[Source | None] | None:
    """What feeds a node that computes what a part does, None where it does not."""
    node = graph.node(id)
    if node.op != part.op.name:
        return None
    try:
        params = part.op.check_parameters(node.params)
        sources = arrange(part.op, graph.inputs(id))
    except GradwireError:  # edited to what does not fit
        return None
    return sources if canonical(frozen(params)) == canonical(frozen(part.params)) else None
