"""A question asked of a graph, made ready to run: values to fetch, gradients to take, eagerly or compiled."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .backends import BACKENDS, on_device, refuse_eager
from .differentiate import Differentiated, differentiate
from .document.ports import value_name
from .eager import EagerBuilder
from .errors import RunError
from .graph import Graph, Node, Source
from .graph.normal_form import canonical
from .hooks import Hooks, tell
from .infer import Binding, Describe, where_from
from .lower import Lowering
from .op import Aval
from .ops import Registry
from .passes import PASSES, optimised
from .plan import Plan
from .summary import Key

SEED = ":seed"
KEPT = 32  # programs that stay compiled
MODES = ("static", "eager")


class Question(NamedTuple):
    """What is wanted: the values of `fetch`, and the gradients of `root` with respect to `wrt`.

    With `parts` each gradient comes with what the consumer ports delivered; `seed` is the shape and dtype of
    a starting gradient that is fed, None where the root is one element.
    """

    fetch: tuple[Source, ...] = ()
    root: Source | None = None
    wrt: tuple[Source, ...] = ()
    parts: bool = False
    seed: Aval | None = None


class Part(NamedTuple):
    """One contribution: the node (an id) and port that delivered it, and under which name it is fetched."""

    node: str
    port: str
    output: str


class Answer(NamedTuple):
    """The values by output name; by value asked for the names of its gradient and of the parts of that."""

    values: Mapping[str, np.ndarray[Any, Any]]
    fetched: Mapping[Source, str]
    gradients: Mapping[Source, str | None]
    parts: Mapping[Source, tuple[Part, ...]]

    def value(self, source: Source) -> np.ndarray[Any, Any]:
        return self.values[self.fetched[source]]

    def gradient(self, source: Source) -> np.ndarray[Any, Any] | None:
        """The gradient of `source`, None where there is no path to it."""
        name = self.gradients[source]
        return None if name is None else self.values[name]


class _Asked(NamedTuple):
    """What was lowered: the names of fetches, gradients and parts, every output by its name, and the gradients."""

    fetched: dict[Source, str]
    gradients: dict[Source, str | None]
    parts: dict[Source, tuple[Part, ...]]
    outputs: dict[str, Any]
    found: Differentiated | None


class Program:
    """A graph and a question, lowered for one binding and for feeds of given shapes."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        question: Question,
        binding: Binding,
        fed: Mapping[Source, Aval],
        describe: Describe | None,
        device: str = "cpu",
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.question = question
        self.binding = binding
        self.fed = fed
        self.describe = describe
        self.device = device
        self._compiled: dict[bool, Any] = {}
        self._plan: tuple[Plan, tuple[str, ...]] | None = None
        self._names: tuple[Any, ...] = ({}, {}, {})
        self._values: Mapping[Source, int] = {}
        self._looked: tuple[Any, Mapping[str, Key]] | None = None  # compiled to show all, and what its outputs are

    def lowered(self) -> Plan:
        """The plan as it was lowered, before any pass."""
        lowering = self._lowering(None)
        asked = self._ask(lowering)
        self._names = asked[:3]
        plan: Plan = lowering.builder.finish(asked.outputs, lowering.updates)
        self._values = {source: symbol.slot for source, symbol in lowering.values.items()}
        return plan

    @property
    def plan(self) -> Plan:
        """The plan after the passes."""
        return self._prepared()[0]

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of state that a run touches; those before the passes: an eager run leaves nothing out."""
        return self._prepared()[1]

    def _prepared(self) -> tuple[Plan, tuple[str, ...]]:
        if self._plan is None:
            lowered = self.lowered()
            slots = tuple(dict.fromkeys([*lowered.state, *lowered.updates]))
            self._plan = optimised(lowered), slots
        return self._plan

    def executable(self, record: bool = False) -> Any:
        """The compiled plan; with `record` one that shows each value as it is made."""
        if record not in self._compiled:
            self._compiled[record] = on_device(self.device).compile(self.plan, record)
        return self._compiled[record]

    def run(
        self, feeds: Mapping[str, Any], state: dict[str, Any], mode: str = "static", hooks: Hooks | None = None
    ) -> Answer:
        """The answer, computed by `mode`, and told to `hooks`.

        `state` holds the parameters by id and receives what `assign` writes.
        """
        _refuse_unless_mode(mode, self.device)
        if mode == "eager":
            return _eagerly(self, feeds, state, hooks)[0]
        if hooks:
            return Answer(hooks.run(self, None, lambda: (self.lowered(), self._values), feeds, state), *self._names)
        return Answer(self.executable()(feeds, state), *self._names)

    def look(
        self, feeds: Mapping[str, Any], state: dict[str, Any], mode: str = "static", hooks: Hooks | None = None
    ) -> tuple[Answer, Mapping[Key, Any]]:
        """As `run`, to the same bits, with all values and gradients that are computed on the way; `hooks` are told of
        an eager run.
        """
        _refuse_unless_mode(mode, self.device)
        if mode == "eager":
            answer, seen, gradients = _eagerly(self, feeds, state, hooks)
            arrays: dict[Key, Any] = {("value", source): array for source, array in seen.items()}
            deep = ((source, gradients(source)[0]) for source in seen)
            return answer, arrays | {("gradient", source): g for source, g in deep if g is not None}
        if self._looked is None:
            plan = self.lowered()
            keys: dict[str, tuple[Key, int]] = {}
            for source, number in self._values.items():
                keys[f":value {source.node} {source.output}"] = ("value", source), number
                if (gradient := plan.gradients.get(number)) is not None:
                    keys[f":gradient {source.node} {source.output}"] = ("gradient", source), gradient.total
            whole = replace(plan, outputs={**plan.outputs, **{name: number for name, (_, number) in keys.items()}})
            compiled = on_device(self.device).compile(optimised(whole))
            self._looked = compiled, {name: key for name, (key, _) in keys.items()}
        executable, names = self._looked
        found = executable(feeds, state)
        values = {name: found[name] for name in found if name not in names}
        return Answer(values, *self._names), {key: found[name] for name, key in names.items()}

    def _lowering(self, builder: Any) -> Lowering:
        return Lowering(self.graph, self.registry, self.binding, self.describe, self.fed, builder)

    def _ask(self, lowering: Lowering) -> _Asked:
        """Lower what is wanted."""
        question = self.question
        wanted = [*question.fetch, *question.wrt, *([question.root] if question.root else [])]
        values = dict(zip(wanted, lowering.lower(wanted), strict=True))
        outputs: dict[str, Any] = {}
        fetched = {source: self._output(outputs, self._name(source), values[source]) for source in question.fetch}
        gradients: dict[Source, str | None] = {}
        parts: dict[Source, tuple[Part, ...]] = {}
        found = None
        if question.root is not None:
            root = values[question.root]
            seed = None if question.seed is None else lowering.builder.input(SEED, question.seed)
            found = differentiate(lowering.builder, [root], [seed], [values[s] for s in question.wrt])
            for source in question.wrt:
                name = f"∂{self._name(question.root)}/∂{self._name(source)}"
                gradient = found.gradient(values[source])
                gradients[source] = None if gradient is None else self._output(outputs, name, gradient)
                if question.parts:
                    parts[source] = self._parts(outputs, name, found, values[source])
        return _Asked(fetched, gradients, parts, outputs, found)

    def _parts(self, outputs: dict[str, Any], name: str, found: Differentiated, value: Any) -> tuple[Part, ...]:
        return tuple(
            Part(node, port, self._output(outputs, f"{name} by {node}.{port}", delivered))
            for node, port, delivered in found.contributions(value)
        )

    def _output(self, outputs: dict[str, Any], name: str, value: Any) -> str:
        while outputs.get(name, value) is not value:  # a path may read like the name of a gradient
            name += "′"
        outputs[name] = value
        return name

    def _name(self, source: Source) -> str:
        return value_name(self.graph, self.registry, source)


def _refuse_unless_mode(mode: str, device: str) -> None:
    if mode not in MODES:
        raise RunError(f"a mode is static or eager, got {mode!r}")
    refuse_eager(device, mode)


def _eagerly(
    program: Program, feeds: Mapping[str, Any], state: dict[str, Any], hooks: Hooks | None
) -> tuple[Answer, Mapping[Source, Any], Any]:
    """The answer of an eager run, its arrays by source, and a function that gives their gradients."""
    with np.errstate(all="ignore"):
        lowering = program._lowering(EagerBuilder(feeds, state))
        fetched, gradients, parts, outputs, found = program._ask(lowering)
        values = {name: np.array(getattr(v, "value", v)) for name, v in outputs.items()}
        for slot, value in dict[str, Any](lowering.updates).items():
            state[slot] = np.array(value.value)
    seen, deep = _eager(lowering, found)
    if hooks:
        tell(hooks.told(program.graph, program.registry, seen, deep), feeds)
    return Answer(values, fetched, gradients, parts), seen, deep


def _eager(lowering: Lowering, found: Differentiated | None) -> tuple[Mapping[Source, Any], Any]:
    """What is seen of an eager run: its arrays by source, and their gradients."""
    values = dict(lowering.values)

    def gradients(source: Source) -> tuple[Any, list[tuple[str, str, Any]]]:
        return (None, []) if found is None else (found.gradient(values[source]), found.contributions(values[source]))

    return {source: getattr(value, "value", value) for source, value in values.items()}, gradients


class Programs:
    """The programs that were asked for last, kept compiled until the graph computes something else."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, Program] = OrderedDict()

    def get(
        self,
        graph: Graph,
        registry: Registry,
        question: Question,
        binding: Binding,
        fed: Mapping[Source, Aval],
        describe: Describe | None,
        device: str = "cpu",
    ) -> Program:
        """The program for a question about `graph`, lowered anew only where there is none for it yet."""
        known = registry.version, PASSES.version, BACKENDS.version  # plugins come and go
        key = (question, binding, tuple(sorted(fed.items(), key=repr)), device, known)
        found = self._kept.get(key)
        if found is None or not _alike(found.graph, graph):
            found = self._kept[key] = Program(graph, registry, question, binding, fed, describe, device)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found


def _alike(old: Graph, new: Graph) -> bool:
    """Whether what is computed and what it is called are the same. A graph hands its order on as long as no wire
    changes. Values change without the graph: `assign` writes one at each run.
    """
    if old is new:
        return True
    return (
        old.order() is new.order()
        and old.nodes.keys() == new.nodes.keys()
        and all(_same_node(node, new.nodes[id]) for id, node in old.nodes.items())
        and _group_names(old) == _group_names(new)
    )


def _group_names(graph: Graph) -> dict[str, tuple[str, str | None]]:
    return {id: (group.name, group.group) for id, group in graph.groups.items()}


def _same_node(old: Node, new: Node) -> bool:
    """Whether two nodes compute and are called the same. Where they stand does not matter; 0 and −0 do."""
    if old is new:
        return True
    names = (old.op, old.name, old.group, old.acting) == (new.op, new.name, new.group, new.acting)
    return names and (old.params is new.params or canonical(old.params) == canonical(new.params))


def resolve(graph: Graph, registry: Registry, text: str, groups: bool = False) -> Source:
    """The value that `text` names: "relu", "block1/relu", "data.x"; with `groups` a group's one result by its name.

    Raises `GradwireError` with near misses.
    """
    source = graph.resolve_source(text, groups)
    node = graph.nodes[source.node]
    op = registry.get(node.op)
    if op is None:
        raise RunError(f"{text}: unknown op {node.op!r}", hint=where_from(node, registry), node=source.node)
    names = [o.name for o in op.outputs if not o.hidden]
    if not source.output:
        if len(names) > 1:
            raise RunError(f"{text} has {len(names)} outputs", hint=", ".join(f"{text}.{name}" for name in names))
        return Source(source.node, names[0])
    if source.output not in names:
        raise RunError(f"{text.rpartition('.')[0]} has no output {source.output!r}", hint=f"it has {', '.join(names)}")
    return source


def resolved(graph: Graph, registry: Registry, names: str | Sequence[str]) -> dict[str, Source]:
    """The values that several texts name, by text; a group means its one result."""
    listed: Any = names if isinstance(names, (list, tuple, set, frozenset, dict)) else [names]
    return {text: resolve(graph, registry, text, groups=True) for text in listed}
