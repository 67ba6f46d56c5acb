"""Metrics on an engine: fed with what its process returns, and told in its state at the end of each epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import RunError, usage_told
from ..parameters import refuse_unless, shown
from .engine import Engine, Events
from .metrics import MeanLoss, Metric

FIRST = 100.0  # before handlers of users, who read what is measured


@usage_told
def measure(
    engine: Engine, name: str, metric: Metric | MeanLoss, of: Callable[[Any], tuple[Any, Any]] | None = None
) -> None:
    """Let `engine.state.metrics[name]` be the number of `metric` over each epoch, from its end on.

    `of(output)` says of what the process returned what the metric is updated with: prediction and target (for a
    `MeanLoss` the loss and its samples); without it the process returns that pair. What it is computed of, curves and
    matrices too, is `engine.state.measured[name].compute()`.

    Raises `RunError` for what is no engine, no name, no metric or no function, and the engine's run does where there is
    no pair.
    """
    refuse_unless(engine, Engine, "a metric is measured on an engine", hint="measure(engine, name, metric)")
    refuse_unless(name, str, "a metric is measured under a name", hint='as in "accuracy"')
    if not name:
        raise RunError("a metric is measured under a name, got ''", hint='as in "accuracy"')
    refuse_unless(metric, (Metric, MeanLoss), "a metric measures", hint="as in gw.metrics.Accuracy()")
    if of is not None and not callable(of):
        raise RunError(f"what a metric is updated with is told by a function of the output, got {shown(of)}")
    grown: list[Any] = [metric]

    def begin(engine: Engine) -> None:
        grown[0] = metric.reset()

    def count(engine: Engine) -> None:
        pair = engine.state.output if of is None else of(engine.state.output)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise RunError(
                f"the metric {name} is updated with a pair, got {shown(pair)}",
                hint="the process returns (prediction, target), or `of` makes that of its output",
            )
        grown[0] = grown[0].update(*pair)

    def end(engine: Engine) -> None:
        engine.state.metrics[name] = grown[0].number()
        engine.state.measured[name] = grown[0]

    engine.add_event_handler(Events.EPOCH_STARTED, begin, priority=FIRST)
    engine.add_event_handler(Events.ITERATION_COMPLETED, count, priority=FIRST)
    engine.add_event_handler(Events.EPOCH_COMPLETED, end, priority=FIRST)
