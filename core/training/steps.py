"""The plans of training: one that computes the loss, its gradients and the update, one that evaluates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..backends import on_device, refuse_eager
from ..differentiate import differentiate
from ..eager import ArrayState, EagerBuilder
from ..feeding import parameters, random_state
from ..graph import Graph, Source, Training
from ..hooks import Hooks
from ..infer import Binding, Describe
from ..lower import RANDOM_STATE, Lowering
from ..ops import Registry, builtin
from ..passes import optimised
from ..plan import Plan
from .averaging import AVERAGES, average, averages
from .gradients import added_up, handed
from .named import chosen
from .optim import LEARNING_RATE, group_settings, optimiser, update
from .rhythm import Place
from .sources import assigned, loss_source, metric_sources, needed, trained

Array = np.ndarray[Any, Any]
RATE = ":learning rate"
TOLD_RATE = "learning_rate"
SHARE = ":share of the update"
LOSS = "loss"

_cast, _reshape = (builtin()[name] for name in ("cast", "reshape"))


class _Compiled:
    """What both kinds of plan share: a graph lowered for a size of batch, once for each size met."""

    def __init__(
        self,
        graph: Graph,
        registry: Registry,
        training: Training,
        dtype: str,
        mode: str,
        describe: Describe | None,
        device: str = "cpu",
    ) -> None:
        refuse_eager(device, mode)
        self.device = device
        self.graph = graph
        self.registry = registry
        self.training = training
        self.mode = mode
        self.describe = describe
        self.dtype = dtype
        self._ready: dict[Any, Any] = {}
        self.sources: dict[int | None, Mapping[Source, int]] = {}  # by size the number of each value in its plan
        self.loss = loss_source(graph, registry, training)

    def lowering(self, size: int | None, mode: str, builder: Any = None) -> Lowering:
        binding = Binding(self.dtype, size, mode, self.training.seed)
        return Lowering(self.graph, self.registry, binding, self.describe, builder=builder)


class Acts(NamedTuple):
    """What an iteration does beside its pass back. `fresh`: its gradients are added to none that were left before;
    `updates`: the parameters follow them; `averages`: the average of the weights is taken.
    """

    fresh: bool = True
    updates: bool = True
    averages: bool = False


class _Said(_Compiled):
    """What the settings of training say of each iteration.

    `groups` are by id the settings of the optimiser for parameters that a parameter group names; `rates` by each
    learning rate that the settings name, the common one first, as what it is fed.
    """

    groups: Mapping[str, Mapping[str, Any]]
    rates: Mapping[float, str]

    def __init__(self, graph: Graph, registry: Registry, training: Training, *args: Any, **more: Any) -> None:
        super().__init__(graph, registry, training, *args, **more)
        self.follow(graph, training)

    def follow(self, graph: Graph, training: Training) -> None:
        """Go on with another common learning rate, which no group has of its own: what is compiled stays."""
        self.graph, self.training = graph, training
        self.groups = group_settings(graph, training)
        rates = {float(optimiser(training.optimiser)[1]["lr"]): RATE}
        for settings in self.groups.values():
            rates.setdefault(settings["lr"], f"{RATE} for {settings['lr']!r}")
        self.rates = rates

    @property
    def rate(self) -> float:
        """The learning rate that the settings name: that of all parameters whose group names no other."""
        return next(iter(self.rates))

    def fed(
        self, batch: Mapping[str, Any], number: int, now: Mapping[float, float], share: float | None = None
    ) -> dict[str, Any]:
        """All that iteration `number` is fed: its `batch`, where its random numbers begin, the learning rates, which
        `now` gives by those that the settings name, and where several batches make an update its `share` of that
        (None: as much as any other).
        """
        found = {**batch, RANDOM_STATE: random_state(self.training.seed, number)}
        found.update({name: np.float64(now[lr]) for lr, name in self.rates.items()})
        if self.shares:
            found[SHARE] = np.float64(1.0 if share is None else share)
        return found

    def group_rates(self, fed: Mapping[str, Any]) -> dict[str, float]:
        """The learning rates that parameter groups have of their own in an iteration that is `fed` these, by what the
        settings say: as `learning_rate/0.0001`.
        """
        _, *groups = self.rates.items()
        return {f"{TOLD_RATE}/{lr!r}": float(fed[name]) for lr, name in groups}

    @property
    def shares(self) -> bool:
        """Whether several batches make one update, each with its share of the gradient."""
        return self.training.accumulate > 1

    @cached_property
    def averaging(self) -> Mapping[str, Any] | None:
        """The complete settings of the average of the weights, None without one."""
        settings = self.training.average
        return None if settings is None else chosen(AVERAGES, "average", settings)[1]

    def acts(self, place: Place) -> Acts:
        """What the iteration that stands there does."""
        return Acts(self.training.zero_gradients and place.fresh, place.updates, averages(self.averaging, place))

    @property
    def usual(self) -> Acts:
        """What the iteration does with which an update is made."""
        training = self.training
        often = self.averaging is not None and self.averaging["by"] == "iteration"
        return Acts(training.zero_gradients and training.accumulate == 1, True, often)


class TrainingStep(_Said):
    """One iteration of training: `run(size, feeds, state)` writes the state in place and gives the loss."""

    hooks: Hooks | None = None  # those of the session
    _lowered: tuple[tuple[int | None, Acts], Plan] | None = None

    @property
    def binding(self) -> Binding:
        return Binding(self.dtype, None, "train", self.training.seed)

    @cached_property
    def trained(self) -> list[str]:
        """The parameters that the loss depends on and that are not frozen, detached from it or assigned, by id."""
        return trained(self.graph, self.registry, self.loss)

    @cached_property
    def assigned(self) -> list[str]:
        """The parameters that `assign` ops before the loss write."""
        return assigned(self.graph, self.registry, self.loss)

    def first_state(self, size: int | None, values: Mapping[str, Array]) -> dict[str, Array]:
        """What every slot holds before the first iteration: `values` or initial ones by parameter, and zeros.

        Of parameters those that an iteration reads, trained or not, and those that metrics read.
        """
        read = needed(self.graph, self.registry, self.training).union(self.assigned)
        ids = [id for id in self.graph.order() if id in read and self.graph.nodes[id].op == "parameter"]
        state = parameters(self.graph, self.registry, ids, values, self.binding)
        plan = self.plan(size, Acts(fresh=False, averages=True))
        for slot, number in {**plan.updates, **plan.state}.items():
            aval = plan.avals[number]
            state.setdefault(slot, np.zeros(aval.shape, aval.dtype))
        return state

    def plan(self, size: int | None, acts: Acts | None = None) -> Plan:
        """The plan for a batch of `size`, as it was lowered, of an iteration that does this (None: that updates)."""
        lowering = self.lowering(size, "train")
        builder = lowering.builder
        share = builder.input(SHARE, LEARNING_RATE) if self.shares else None
        loss, pairs = self._differentiate(lowering, share)
        rates = {lr: builder.input(name, LEARNING_RATE) for lr, name in self.rates.items()}
        updates, told = self._updated(builder, pairs, rates, self.usual if acts is None else acts)
        self.sources[size] = {source: symbol.slot for source, symbol in lowering.values.items()}
        plan: Plan = builder.finish({LOSS: loss, **told}, {**lowering.updates, **updates})
        return plan

    def lowered(self, size: int | None, acts: Acts) -> Plan:
        """As `plan`, which is kept until another is asked for: the same one is compiled again to be looked at."""
        if self._lowered is None or self._lowered[0] != (size, acts):
            self._lowered = (size, acts), self.plan(size, acts)
        return self._lowered[1]

    def executable(self, size: int | None, acts: Acts) -> Any:
        if (size, acts) not in self._ready:
            self._ready[size, acts] = on_device(self.device).compile(optimised(self.lowered(size, acts)))
        return self._ready[size, acts]

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array], acts: Acts) -> Mapping[str, Any]:
        """The loss and what else is told of the iteration, by name; on a device each is fetched when read. `feeds` hold
        the learning rates as `rates` names them, and where the step `shares` that of the batch as `SHARE`, all of them
        float64.
        """
        if self.hooks:  # eager runs have the same bits
            return self.hooks.run(self, (size, acts), lambda: (self.plan(size, acts), self.sources[size]), feeds, state)
        if self.mode == "static":
            outputs: Mapping[str, Any] = self.executable(size, acts)(feeds, state)
            return outputs
        with np.errstate(all="ignore"):
            lowering = self.lowering(size, "train", EagerBuilder(feeds, state))
            loss, pairs = self._differentiate(lowering, feeds[SHARE] if self.shares else None)
            arrays = {id: (w.value, g) for id, (w, g) in pairs.items()}
            assigned = {slot: value.value for slot, value in dict[str, Any](lowering.updates).items()}
            rates = {lr: feeds[name] for lr, name in self.rates.items()}
            changed, told = self.committed(state, arrays, assigned, rates, acts)
            state.update(changed)
        return {LOSS: loss.value, **told}

    def committed(
        self,
        state: Mapping[str, Array],
        pairs: Mapping[str, tuple[Array, Array]],
        assigned: Mapping[str, Array],
        rates: Mapping[float, Any],
        acts: Acts,
    ) -> tuple[dict[str, Array], dict[str, Any]]:
        """What an eager iteration puts into `state`: what was `assigned`, and the update of the parameters in `pairs`,
        each with its gradient, by `rates`: what each learning rate that the settings name is now. And what is told of
        it beside the loss.
        """
        updates, told = self._updated(ArrayState(state), pairs, rates, acts)
        return {slot: np.array(value) for slot, value in {**assigned, **updates}.items()}, told

    def _updated(
        self, builder: Any, pairs: Mapping[str, tuple[Any, Any]], rates: Mapping[float, Any], acts: Acts
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The new value of every slot that an iteration writes, and what is told of it beside the loss."""
        training = self.training
        added = added_up(builder, pairs, training, acts.fresh)
        if not acts.updates:
            return added.updates, {}
        ready = handed(builder, added.pairs, training)
        updates = update(builder, ready.pairs, training.optimiser, rates, groups=self.groups)
        if acts.averages and training.average is not None:
            updates |= average(builder, {id: updates[id] for id in pairs}, training.average)
        return {**added.updates, **updates}, ready.told

    def _differentiate(self, lowering: Lowering, share: Any) -> tuple[Any, dict[str, tuple[Any, Any]]]:
        """The loss, and each trained parameter with its gradient but those without a path to the loss. Of a batch that
        makes an update with others the gradients are those of `share` times the loss.
        """
        ids = self.trained
        loss, *weights = lowering.lower([self.loss, *(Source(id, "y") for id in ids)])
        start = None if share is None else _reshape(_cast(share, dtype=loss.dtype.name), shape=loss.shape)
        found = differentiate(lowering.builder, [loss], [start], weights)
        pairs = {id: (w, found.gradient(w)) for id, w in zip(ids, weights, strict=True)}
        return _number(loss), {id: pair for id, pair in pairs.items() if pair[1] is not None}


class Evaluated(NamedTuple):
    """The loss of a batch, and for each metric by name its prediction and target."""

    loss: Any
    metrics: Mapping[str, tuple[Array, Array]]


class Evaluation(_Compiled):
    """The loss and what metrics compare, in evaluation mode: `run(size, feeds, state)`."""

    @cached_property
    def _metrics(self) -> dict[str, tuple[Source, Source]]:
        return metric_sources(self.graph, self.registry, self.training)

    @cached_property
    def _sources(self) -> dict[str, Source]:
        """What is computed, by its name in the plan."""
        found = {LOSS: self.loss}
        for metric, pair in self._metrics.items():
            found.update(zip(_compared(metric), pair, strict=True))
        return found

    def _made(self, lowering: Lowering) -> dict[str, Any]:
        made = dict(zip(self._sources, lowering.lower(list(self._sources.values())), strict=True))
        return {**made, LOSS: _number(made[LOSS])}

    def executable(self, size: int | None) -> Any:
        if size not in self._ready:
            self._ready[size] = on_device(self.device).compile(optimised(self.plan(size)))
        return self._ready[size]

    def plan(self, size: int | None) -> Plan:
        lowering = self.lowering(size, "eval")
        plan: Plan = lowering.builder.finish(self._made(lowering))
        return plan

    def run(self, size: int | None, feeds: Mapping[str, Any], state: dict[str, Array]) -> Evaluated:
        if self.mode == "static":
            values = self.executable(size)(feeds, state)
        else:
            with np.errstate(all="ignore"):
                lowering = self.lowering(size, "eval", EagerBuilder(feeds, state))
                values = {name: np.asarray(value.value) for name, value in self._made(lowering).items()}
        pairs = {metric: _compared(metric) for metric in self._metrics}
        return Evaluated(values[LOSS], {name: (values[p], values[t]) for name, (p, t) in pairs.items()})


def _number(loss: Any) -> Any:
    """A loss as a scalar: one number may have axes of length 1."""
    return _reshape(loss, shape=()) if loss.shape else loss


def _compared(metric: str) -> tuple[str, str]:
    """The names in a plan of the prediction and the target of a metric."""
    return f"{metric} prediction", f"{metric} target"
