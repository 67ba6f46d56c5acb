"""What is wrong with how a graph is to be trained, as far as it can be told without training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..check import at_both
from ..document.ports import value_name
from ..errors import Refusals, ShapeError
from ..graph import Graph, Source, Training
from ..infer import SIZES, Binding, Describe, Inferred, Problem, infer, problems_of, refuse
from ..limits import Demand, agreed, data_problems, demands
from ..ops import Registry
from ..signature import Limits
from .gradients import refuse_penalised
from .metrics import Metric, labelled
from .optim import group_settings
from .settings import NOTHING_SAID, overridden
from .sources import loss_source, metric_sources, needed, read_metrics, trained

Inferences = tuple[Inferred, Inferred]  # at each of `infer.SIZES`
Compared = Mapping[str, tuple[Source, Source]]  # by metric: its prediction and its target


def both_sizes(
    graph: Graph, registry: Registry, training: Training, dtype: str, describe: Describe | None
) -> Inferences:
    """The shapes of all that training needs."""
    only = needed(graph, registry, training)
    first, second = (infer(graph, registry, Binding(dtype, size), describe, only=only) for size in SIZES)
    return first, second


def refuse_unfit(
    graph: Graph, registry: Registry, training: Training, dtype: str, describe: Describe | None, folder: Path | None
) -> Inferences:
    """The shapes of all that training needs.

    Raises `GradwireError` for penalties on what is not trained, and for metrics and data that would end a run in the
    middle of it.
    """
    refuse_penalised(graph, training, trained(graph, registry, loss_source(graph, registry, training)))
    inferred = both_sizes(graph, registry, training, dtype, describe)
    demanded = [*demands(graph, registry, inferred), *metric_demands(graph, registry, training, inferred)]
    compared = metric_sources(graph, registry, training)
    problems = metric_problems(graph, registry, training, compared, inferred)
    refuse(problems + data_problems(graph, folder, demanded), graph)
    return inferred


def training_problems(graph: Graph, registry: Registry, training: Training, inferred: Inferences) -> list[Problem]:
    """What training would refuse of its settings, and metrics that are not there or cannot compare what they are to."""
    refusals = Refusals()
    with refusals.gathering():
        overridden(training, NOTHING_SAID)
    with refusals.gathering():
        group_settings(graph, training)
    with refusals.gathering():
        if training.l1 or training.l2 or training.penalised is not None:
            refuse_penalised(graph, training, trained(graph, registry, loss_source(graph, registry, training)))
    compared = read_metrics(graph, registry, training, refusals)
    error = refusals.error()
    problems = problems_of(error) if error is not None else []
    return problems + metric_problems(graph, registry, training, compared, inferred)


def metric_problems(
    graph: Graph, registry: Registry, training: Training, compared: Compared, inferred: Inferences
) -> list[Problem]:
    """Metrics whose predictions and targets have shapes that they cannot compare."""
    metrics = labelled(training.metrics)
    first, second = ([*_misfits(graph, registry, metrics, compared, each)] for each in inferred)
    return at_both(first, second)


def _misfits(
    graph: Graph, registry: Registry, metrics: Mapping[str, Metric], compared: Compared, inferred: Inferred
) -> Iterator[Problem]:
    for name, pair in compared.items():
        try:
            _limits(metrics[name], pair, inferred)
        except ShapeError as error:
            read = " and ".join(value_name(graph, registry, source) for source in pair)
            node = pair[error.port == "target"].node
            yield Problem(node, None, f"the metric {name} reads {read}: {error.message}", error.hint)


def metric_demands(graph: Graph, registry: Registry, training: Training, inferred: Inferences) -> Iterator[Demand]:
    """What metrics demand of targets that are outputs of dataset nodes as they are."""
    compared = read_metrics(graph, registry, training, Refusals())  # what is wrong with others is told elsewhere
    metrics = labelled(training.metrics)
    for name, pair in compared.items():
        if graph.nodes[pair[1].node].op == "dataset":
            with suppress(ShapeError):  # told as a misfit
                limits = agreed(_limits(metrics[name], pair, each) for each in inferred)
                if limits is not None:
                    yield Demand(pair[1], f"the metric {name}", limits)


def _limits(metric: Metric, pair: tuple[Source, Source], inferred: Inferred) -> Limits | None:
    """What a metric demands of its target, None too where a value has a problem. Raises `ShapeError` for a misfit."""
    if any(source not in inferred.avals for source in pair):
        return None
    prediction, target = (inferred.avals[source] for source in pair)
    metric.check(prediction, target)
    return metric.limits(prediction, target)
