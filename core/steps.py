"""The plans of training: one that computes the loss, its gradients and the update, one that evaluates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .backends import backend
from .check import Binding, Describe
from .eager import ArrayState, EagerBuilder
from .errors import RunError
from .graph import Graph, Source, Training
from .lower import Lowering, differentiate
from .op import Aval
from .ops import Registry
from .optim import LEARNING_RATE, optimiser, update
from .passes import optimised
from .plan import Plan
from .program import resolve

Array = np.ndarray[Any, Any]
RATE = ":learning rate"
LOSS = "loss"


def loss_source(graph: Graph, registry: Registry, training: Training) -> Source:
    """The value that training makes small."""
    if training.loss not in graph.nodes:
        raise RunError(f"training needs a loss, and no node has the id {training.loss!r}")
    return resolve(graph, registry, training.loss)


def metric_sources(graph: Graph, registry: Registry, training: Training) -> dict[str, tuple[Source, Source]]:
    """For each metric by name, the values that it compares: prediction and target."""
    found = {}
    for setting in training.metrics:
        for role in ("name", "prediction", "target"):
            if not isinstance(setting.get(role), str):
                raise RunError(f"a metric needs a {role}, got {dict(setting)}")
        found[setting["name"]] = (
            resolve(graph, registry, setting["prediction"]),
            resolve(graph, registry, setting["target"]),
        )
    return found


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
    """One iteration of training: `run(size, feeds, state)` writes the new state in place and returns the loss."""

    @property
    def binding(self) -> Binding:
        return Binding(self.dtype, None, "train", self.training.seed)

    @property
    def rate(self) -> float:
        """The learning rate that the settings name."""
        return float(optimiser(self.training.optimiser)[1]["lr"])

    @property
    def trained(self) -> list[str]:
        """The parameters that the loss depends on and that are not frozen, by id."""
        needed = Lowering(self.graph, self.registry, Binding()).needed([self.loss])
        nodes = [self.graph.nodes[id] for id in self.graph.order() if id in needed]
        return [node.id for node in nodes if node.op == "parameter" and "freeze" not in node.flags]

    @property
    def assigned(self) -> list[str]:
        """The parameters that `assign` ops before the loss write."""
        needed = Lowering(self.graph, self.registry, Binding()).needed([self.loss])
        return [
            str(n.params["target"]) for n in self.graph.nodes.values() if n.id in needed and n.op == "assign"
        ]

    def parameters(self, size: int | None) -> list[str]:
        """The ids of all parameters that an iteration reads, trained or not, and that metrics read."""
        metrics = [
            s for pair in metric_sources(self.graph, self.registry, self.training).values() for s in pair
        ]
        needed = Lowering(self.graph, self.registry, Binding()).needed([self.loss, *metrics])
        return [id for id in self.graph.order() if id in needed and self.graph.nodes[id].op == "parameter"]

    def slots(self, size: int | None) -> dict[str, Aval]:
        """Every slot of state that an iteration reads or writes."""
        plan = self.plan(size)
        return {slot: plan.avals[number] for slot, number in {**plan.updates, **plan.state}.items()}

    def plan(self, size: int | None) -> Plan:
        lowering = self.lowering(size, "train")
        loss, pairs = self._differentiate(lowering)
        builder = lowering.builder
        rate = builder.input(RATE, LEARNING_RATE)
        updates = update(builder, pairs, self.training.optimiser, rate)
        plan: Plan = builder.finish({LOSS: loss}, {**lowering.updates, **updates})
        return plan

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array]) -> Any:
        if self.mode == "static":
            return self.executable(size)(feeds, state)[LOSS]
        with np.errstate(all="ignore"):
            lowering = self.lowering(size, "train", EagerBuilder(feeds, state))
            loss, pairs = self._differentiate(lowering)
            arrays = {id: (w.value, g) for id, (w, g) in pairs.items()}
            updates = update(ArrayState(state), arrays, self.training.optimiser, feeds[RATE])
            assigned = {slot: value.value for slot, value in lowering.updates.items()}
            for slot, value in {**assigned, **updates}.items():
                state[slot] = np.array(value)
        return loss.value

    def _differentiate(self, lowering: Lowering) -> tuple[Any, dict[str, tuple[Any, Any]]]:
        """The loss, and each trained parameter with its gradient; one without a path to the loss is left alone."""
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
        plan: Plan = lowering.builder.finish(
            dict(zip(sources, lowering.lower(list(sources.values())), strict=True))
        )
        return plan

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array]) -> Evaluated:
        sources = self._sources()
        if self.mode == "static":
            values = self.executable(size)(feeds, state)
        else:
            with np.errstate(all="ignore"):
                lowering = self.lowering(size, "eval", EagerBuilder(feeds, state))
                made = lowering.lower(list(sources.values()))
                values = {name: np.asarray(v.value) for name, v in zip(sources, made, strict=True)}
        names = [name.removesuffix(" prediction") for name in sources if name.endswith(" prediction")]
        return Evaluated(values[LOSS], {n: (values[f"{n} prediction"], values[f"{n} target"]) for n in names})
