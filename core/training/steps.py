"""The plans of training: one that computes the loss, its gradients and the update, one that evaluates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..backends import backend
from ..differentiate import differentiate
from ..document.ports import Ports
from ..eager import ArrayState, EagerBuilder
from ..errors import GradwireError, Refusals, RunError
from ..feeding import parameters
from ..graph import Graph, Source, Training
from ..graph.elements import near_misses
from ..infer import Binding, Describe, Inferred
from ..lower import Lowering
from ..ops import Registry
from ..passes import optimised
from ..plan import Plan
from .metrics import metric
from .optim import LEARNING_RATE, optimiser, update

Array = np.ndarray[Any, Any]
RATE = ":learning rate"
LOSS = "loss"


def loss_source(graph: Graph, registry: Registry, training: Training) -> Source:
    """The value that training makes small."""
    if training.loss not in graph.nodes:
        message = f"training needs a loss, and no node has the id {training.loss!r}"
        raise RunError(message, hint=near_misses(training.loss, graph.nodes))
    return Ports(graph, registry).source(training.loss)


def metric_sources(graph: Graph, registry: Registry, training: Training) -> dict[str, tuple[Source, Source]]:
    """For each metric by name, the values that it compares, told by id as the loss is.

    Raises `GradwireError` for all that are wrong.
    """
    refusals = Refusals()
    found = read_metrics(graph, registry, training, refusals)
    refusals.raise_any()
    return found


def read_metrics(
    graph: Graph, registry: Registry, training: Training, refusals: Refusals
) -> dict[str, tuple[Source, Source]]:
    """As `metric_sources`, without the metrics of which something is wrong, which goes to `refusals`."""
    found: dict[str, tuple[Source, Source]] = {}
    ports = Ports(graph, registry)
    for setting in training.metrics:
        with refusals.gathering():
            name, pair = _read_metric(setting, ports)
            if name in found:
                raise RunError(f"training has the metric {name} twice, each is told by its name")
            found[name] = pair
    return found


def _read_metric(setting: object, ports: Ports) -> tuple[str, tuple[Source, Source]]:
    if not isinstance(setting, Mapping):
        raise RunError(f"a metric needs a name, a prediction and a target, got {setting!r}")
    for role in ("name", "prediction", "target"):
        if not isinstance(setting.get(role), str):
            raise RunError(f"a metric needs a {role}, got {dict(setting)}")
    name = metric(setting["name"]).name
    refusals, sources = Refusals(), []
    for role in ("prediction", "target"):
        try:
            sources.append(ports.source(setting[role]))
        except GradwireError as error:
            refusals.add(RunError(f"the metric {name} needs a {role}: {error.message}", hint=error.hint))
    refusals.raise_any()
    return name, (sources[0], sources[1])


def needed(graph: Graph, registry: Registry, training: Training) -> set[str]:
    """The nodes that have to run for the loss and for what metrics compare."""
    pairs = metric_sources(graph, registry, training).values()
    wanted = [loss_source(graph, registry, training), *(source for pair in pairs for source in pair)]
    return Lowering(graph, registry, Binding()).needed(wanted)


def sums_over_batch(graph: Graph, registry: Registry, loss: Source, inferred: Sequence[Inferred]) -> bool:
    """Whether the loss adds up what the samples of a batch contribute, rather than taking their mean.

    Told by the ops in which the batch axis ends: values whose shape follows the batch go in, none comes out.
    `inferred` is at two batch sizes.
    """
    one, other = (each.avals for each in inferred)
    waiting, seen, kinds = [loss.node], {loss.node}, set()
    while waiting:
        node = graph.nodes[waiting.pop()]
        sources = graph.inputs(node.id).values()
        if any(one.get(source) != other.get(source) for source in sources):
            op = registry[node.op]
            kinds.add(op.traits.reduction({**op.defaults, **node.params}))
            continue
        waiting += {source.node for source in sources} - seen
        seen.update(source.node for source in sources)
    return kinds == {"sum"}


class _Compiled(ABC):
    """What both kinds of plan share: a graph lowered for a size of batch, once for each size met."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        training: Training,
        dtype: str,
        mode: str,
        describe: Describe | None,
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.training = training
        self.mode = mode
        self.describe = describe
        self.dtype = dtype
        self._ready: dict[int | None, Any] = {}
        self.loss = loss_source(graph, registry, training)

    def lowering(self, size: int | None, mode: str, builder: Any = None) -> Lowering:
        binding = Binding(self.dtype, size, mode, self.training.seed)
        return Lowering(self.graph, self.registry, binding, self.describe, builder=builder)

    @abstractmethod
    def plan(self, size: int | None) -> Plan:
        """The plan for a batch of `size`, as it was lowered."""

    def executable(self, size: int | None) -> Any:
        if size not in self._ready:
            self._ready[size] = backend("numpy").compile(optimised(self.plan(size)))
        return self._ready[size]


class TrainingStep(_Compiled):
    """One iteration of training: `run(size, feeds, state)` writes the state in place and gives the loss."""

    @property
    def binding(self) -> Binding:
        return Binding(self.dtype, None, "train", self.training.seed)

    @property
    def rate(self) -> float:
        """The learning rate that the settings name."""
        return float(optimiser(self.training.optimiser)[1]["lr"])

    @property
    def trained(self) -> list[str]:
        """The parameters that the loss depends on and that are not frozen, detached from it or assigned, by id."""
        needed = Lowering(self.graph, self.registry, Binding()).needed([self.loss])
        nodes = [self.graph.nodes[id] for id in self.graph.order() if id in needed]
        held, assigned = {"freeze", "detach"}, set(self.assigned)
        return [n.id for n in nodes if n.op == "parameter" and held.isdisjoint(n.flags) and n.id not in assigned]

    @property
    def assigned(self) -> list[str]:
        """The parameters that `assign` ops before the loss write."""
        needed = Lowering(self.graph, self.registry, Binding()).needed([self.loss])
        return [str(n.params["target"]) for n in self.graph.nodes.values() if n.id in needed and n.op == "assign"]

    def first_state(self, size: int | None, values: Mapping[str, Array]) -> dict[str, Array]:
        """What every slot holds before the first iteration: `values` or initial ones by parameter, and zeros.

        Of parameters those that an iteration reads, trained or not, and those that metrics read.
        """
        read = needed(self.graph, self.registry, self.training).union(self.assigned)
        ids = [id for id in self.graph.order() if id in read and self.graph.nodes[id].op == "parameter"]
        state = parameters(self.graph, self.registry, ids, values, self.binding)
        plan = self.plan(size)
        for slot, number in {**plan.updates, **plan.state}.items():
            aval = plan.avals[number]
            state.setdefault(slot, np.zeros(aval.shape, aval.dtype))
        return state

    def plan(self, size: int | None) -> Plan:
        lowering = self.lowering(size, "train")
        loss, pairs = self._differentiate(lowering)
        builder = lowering.builder
        rate = builder.input(RATE, LEARNING_RATE)
        updates = update(builder, pairs, self.training.optimiser, rate, self.training.zero_gradients)
        plan: Plan = builder.finish({LOSS: loss}, {**lowering.updates, **updates})
        return plan

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array]) -> Any:
        if self.mode == "static":
            return self.executable(size)(feeds, state)[LOSS]
        with np.errstate(all="ignore"):
            lowering = self.lowering(size, "train", EagerBuilder(feeds, state))
            loss, pairs = self._differentiate(lowering)
            arrays = {id: (w.value, g) for id, (w, g) in pairs.items()}
            assigned = {slot: value.value for slot, value in dict[str, Any](lowering.updates).items()}
            state.update(self.committed(state, arrays, assigned, feeds[RATE]))
        return loss.value

    def committed(
        self,
        state: Mapping[str, Array],
        pairs: Mapping[str, tuple[Array, Array]],
        assigned: Mapping[str, Array],
        rate: Any,
    ) -> dict[str, Array]:
        """What an eager iteration puts into `state`: what was `assigned`, and the update of the parameters in `pairs`,
        each with its gradient.
        """
        training = self.training
        updates = update(ArrayState(state), pairs, training.optimiser, rate, training.zero_gradients)
        return {slot: np.array(value) for slot, value in {**assigned, **updates}.items()}

    def _differentiate(self, lowering: Lowering) -> tuple[Any, dict[str, tuple[Any, Any]]]:
        """The loss, and each trained parameter with its gradient but those without a path to the loss."""
        ids = self.trained
        loss, *weights = lowering.lower([self.loss, *(Source(id, "y") for id in ids)])
        found = differentiate(lowering.builder, [loss], [None], weights)
        pairs = {id: (w, found.gradient(w)) for id, w in zip(ids, weights, strict=True)}
        return loss, {id: pair for id, pair in pairs.items() if pair[1] is not None}


class Evaluated(NamedTuple):
    """The loss of a batch, and for each metric by name its prediction and target."""

    loss: Any
    metrics: Mapping[str, tuple[Array, Array]]


class Evaluation(_Compiled):
    """The loss and what metrics compare, in evaluation mode: `run(size, feeds, state)`."""

    def _sources(self) -> dict[str, Source]:
        pairs = metric_sources(self.graph, self.registry, self.training)
        found = {LOSS: self.loss}
        for name, (prediction, target) in pairs.items():
            found[f"{name} prediction"], found[f"{name} target"] = prediction, target
        return found

    def plan(self, size: int | None) -> Plan:
        lowering = self.lowering(size, "eval")
        sources = self._sources()
        plan: Plan = lowering.builder.finish(dict(zip(sources, lowering.lower(list(sources.values())), strict=True)))
        return plan

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array]) -> Evaluated:
        sources = self._sources()
        if self.mode == "static":
            values = self.executable(size)(feeds, state)
        else:
            with np.errstate(all="ignore"):
                lowering = self.lowering(size, "eval", EagerBuilder(feeds, state))
                made: list[Any] = [*lowering.lower(list(sources.values()))]
                values = {name: np.asarray(v.value) for name, v in zip(sources, made, strict=True)}
        names = [name.removesuffix(" prediction") for name in sources if name.endswith(" prediction")]
        return Evaluated(values[LOSS], {n: (values[f"{n} prediction"], values[f"{n} target"]) for n in names})
