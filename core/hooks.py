"""Hooks: functions that a session calls with the values and gradients of its runs.

A hook is told what a run computes anyway: nothing is computed for it, and no bit changes. It is called when the run is
done, forward in the order of the graph and then backward in reverse. Without hooks nothing here is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from .backends import on_device
from .differentiate import SEED
from .document.ports import value_name
from .errors import RunError
from .graph import Graph, Source
from .graph.elements import near_misses
from .graph.view import at_path, boundary
from .infer import in_order
from .lower import RANDOM_STATE
from .ops import Registry
from .parameters import shown
from .passes import optimised
from .plan import BACKWARD, FORWARD, Plan
from .taking import refuse_other_arguments

Array = np.ndarray[Any, Any]
IN, OUT = "in", "out"


class Seen(NamedTuple):
    """What a hook is told beside the array: the path of the value or port, "forward" or "backward", the number of the
    run or of the iteration of training, and of a group whether it goes "in" or "out" ("" else).
    """

    path: str
    phase: str
    iteration: int
    way: str = ""


Hook = Callable[[Array, Seen], Any]  # which returns nothing


class Target(NamedTuple):
    """What a hook is on: a node or a group by id, a port or an output of a node."""

    id: str
    port: str = ""
    output: str = ""


class Handle:
    """A hook that was put on; `remove` takes it off, as leaving `with` does."""

    def __init__(self, hooks: Hooks, target: Target, phase: str, hook: Hook) -> None:
        self._hooks = hooks
        self.target, self.phase, self.hook = target, phase, hook

    def remove(self) -> None:
        """Call the hook no more. Done twice it does nothing."""
        self._hooks.remove(self)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Told(NamedTuple):
    """One call of a hook that is to be made, with the value as the run knows it. `rank` is its place in the run."""

    rank: int
    hook: Hook
    path: str
    phase: str
    way: str
    value: Any


class _Ready(NamedTuple):
    """A compiled plan, the names of the outputs that it has without hooks, and the calls to make with the others."""

    executable: Any
    names: tuple[str, ...]
    told: list[Told]


Parts = list[tuple[str, str, Any]]
Gradients = Callable[[Source], tuple[Any, Parts]]  # the gradient, None where there is none, and what delivered to it


def resolve_target(graph: Graph, registry: Registry, text: str | Any) -> Target:
    """What `text` names: "fc1" a node or a group, "fc1.x" a port, else an output. Raises `GradwireError`."""
    if not isinstance(text, str):
        message = f"what a hook is on is named by a text, got {shown(text)}"
        raise RunError(message, hint="as in 'fc1', 'fc1.x' or 'block1'")
    path, _, name = text.partition(".")
    found = at_path(graph, path)
    if found is not None and found in graph.groups:
        if name:
            raise RunError(f"a hook is on a group as a whole, and {path} is one, got {text!r}", hint=path)
        return Target(found)
    id = graph.resolve(path)
    if not name:
        return Target(id)
    op = registry.get(graph.nodes[id].op)
    if op is not None and op.has_port(name):
        return Target(id, port=name)
    if op is not None and op.has_output(name):
        return Target(id, output=name)
    outputs = () if op is None else (op.outputs[i].name for i in op.visible)
    ports = dict.fromkeys([*graph.inputs(id), *outputs])
    hint = near_misses(name, ports) or f"it has {', '.join(ports) or 'none'}"
    raise RunError(f"{path} has no port or output {name!r}", hint=hint)


class Hooks:
    """The hooks of a session."""

    def __init__(self) -> None:
        self._held: list[Handle] = []
        self._ready: WeakKeyDictionary[Any, dict[Any, _Ready]] = WeakKeyDictionary()

    def __bool__(self) -> bool:
        return bool(self._held)

    def add(self, target: Target, phase: str, hook: Hook) -> Handle:
        """Call `hook(array, seen)` with what a run computes at `target` in this phase. Raises `RunError`."""
        if not callable(hook):
            raise RunError(f"a hook must be a function of array and seen, got {shown(hook)}")
        refuse_other_arguments(hook, "a hook", "array", "seen")
        handle = Handle(self, target, phase, hook)
        self._held.append(handle)
        self._ready.clear()
        return handle

    def remove(self, handle: Handle) -> None:
        """Take a hook off, as its handle does."""
        self._held = [each for each in self._held if each is not handle]
        self._ready.clear()

    def run(
        self,
        owner: Any,
        key: Any,
        lowered: Callable[[], tuple[Plan, Mapping[Source, int]]],
        feeds: Mapping[str, Any],
        state: dict[str, Array],
    ) -> Mapping[str, Any]:
        """Run a plan of `owner` (its `graph`, `registry`, `device`) compiled so that it gives what hooks are told too.

        `lowered` gives the plan before the passes, and the number of each value of the graph; what `key` names is
        compiled once. Returns the outputs of the plan.
        """
        ready = self._ready.setdefault(owner, {})
        if key not in ready:
            plan, values = lowered()
            told = self.told(owner.graph, owner.registry, values, _gradients_of(plan, values))
            more = {_output(each.value): each.value for each in told}
            tapped = optimised(replace(plan, outputs={**plan.outputs, **more}))
            ready[key] = _Ready(on_device(owner.device).compile(tapped), tuple(plan.outputs), told)
        executable, names, told = ready[key]
        found = executable(feeds, state)
        tell((each._replace(value=found[_output(each.value)]) for each in told), feeds)
        return {name: found[name] for name in names}

    def told(self, graph: Graph, registry: Registry, values: Mapping[Source, Any], gradients: Gradients) -> list[Told]:
        """The calls to make for a run that has these values and gradients, in their order."""
        rank = {id: place for place, id in enumerate(in_order(graph))}
        run = _Run(graph, registry, values, gradients, rank)
        found = [each for handle in self._held for each in run.of(handle)]
        forward = sorted((each for each in found if each.phase == FORWARD), key=lambda each: each.rank)
        return forward + sorted((each for each in found if each.phase == BACKWARD), key=lambda each: -each.rank)


class _Run(NamedTuple):
    """A run, asked what it has at the targets of hooks."""

    graph: Graph
    registry: Registry
    values: Mapping[Source, Any]
    gradients: Gradients
    rank: Mapping[str, int]

    def of(self, handle: Handle) -> Iterator[Told]:
        target, phase, hook = handle.target, handle.phase, handle.hook
        if target.id in self.graph.groups:
            at = self._group_values(target.id) if phase == FORWARD else self._group_gradients(target.id)
        elif target.id not in self.graph.nodes:
            return  # it was deleted
        elif target.port:
            at = self._port(target, phase)
        else:
            at = self._node(target, phase)
        for rank, path, way, value in at:
            yield Told(rank, hook, path, phase, way, value)

    def _name(self, source: Source) -> str:
        return value_name(self.graph, self.registry, source)

    def _node(self, target: Target, phase: str) -> Iterator[tuple[int, str, str, Any]]:
        for source, value in self.values.items():
            if source.node == target.id and target.output in ("", source.output):
                found = value if phase == FORWARD else self.gradients(source)[0]
                if found is not None:
                    yield self._after(source), self._name(source), "", found

    def _port(self, target: Target, phase: str) -> Iterator[tuple[int, str, str, Any]]:
        source = self.graph.inputs(target.id).get(target.port)
        if source is None or source not in self.values:
            return
        path = f"{self.graph.path(target.id)}.{target.port}"
        if phase == FORWARD:
            if any(each.node == target.id for each in self.values):  # the node runs
                yield self._before(target.id), path, "", self.values[source]
            return
        for node, port, part in self.gradients(source)[1]:
            if (node, port) == (target.id, target.port):
                yield self._before(target.id), path, "", part

    def _edges(self, group: str) -> tuple[set[str], list[Source], list[Source]]:
        """The nodes of a group, the values that go into it, and those that come out of it or end in it."""
        inside = set(self.graph.interior(group)[0])
        entering, leaving = boundary(self.graph, group)
        ends = [s for s in self.values if s.node in inside and not self.graph.consumers(s.node)]
        out = dict.fromkeys([*(wire.source for wire in leaving), *ends])
        return inside, list(dict.fromkeys(wire.source for wire in entering)), list(out)

    def _group_values(self, group: str) -> Iterator[tuple[int, str, str, Any]]:
        inside, entering, leaving = self._edges(group)
        running = [self._before(source.node) for source in self.values if source.node in inside]
        if not running:
            return
        for way, sources in ((IN, entering), (OUT, leaving)):
            for source in sources:
                if source in self.values:
                    rank = min(running) if way == IN else self._after(source)
                    yield rank, self._name(source), way, self.values[source]

    def _group_gradients(self, group: str) -> Iterator[tuple[int, str, str, Any]]:
        inside, entering, leaving = self._edges(group)
        for source in leaving:
            for node, port, part in self._parts(source):
                if node not in inside or port == SEED:
                    yield self._after(source), self._told(node, port), IN, part
        for source in entering:
            for node, port, part in self._parts(source):
                if node in inside:
                    yield self._before(node), self._told(node, port), OUT, part

    def _parts(self, source: Source) -> Parts:
        return self.gradients(source)[1] if source in self.values else []

    def _told(self, node: str, port: str) -> str:
        return f"{self.graph.path(node) if node in self.graph.nodes else node}.{port}"

    def _before(self, node: str) -> int:
        return 2 * self.rank[node]

    def _after(self, source: Source) -> int:
        return 2 * self.rank[source.node] + 1


_INSTEAD = {
    FORWARD: "return nothing, and let an op of the graph change the value",
    BACKWARD: "return nothing; clip_norm, clip_value, l1 and l2 of the training settings change gradients",
}


def tell(told: Iterable[Told], feeds: Mapping[str, Any]) -> None:
    """Call the hooks. What they get cannot be written to. Raises `RunError` where one returns a value."""
    iteration = int(feeds[RANDOM_STATE][1])
    for each in told:
        array = np.asarray(each.value).view()
        array.flags.writeable = False
        given = each.hook(array, Seen(each.path, each.phase, iteration, each.way))
        if given is not None:
            message = f"a hook is told of values, it can change nothing: that on {each.path} returned {shown(given)}"
            raise RunError(message, hint=_INSTEAD[each.phase])


def _output(number: int) -> str:
    return f":told {number}"  # a colon cannot stand in a name


def _gradients_of(plan: Plan, values: Mapping[Source, int]) -> Gradients:
    def gradients(source: Source) -> tuple[Any, Parts]:
        found = plan.gradients.get(values[source])
        return (None, []) if found is None else (found.total, [*found.parts])

    return gradients
