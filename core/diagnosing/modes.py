"""What a batch gives in training and in evaluation, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..evaluating import Evaluator
from ..stepping import Timeline
from ..stepping.modes import EVAL, TRAIN, by_mode
from .finding import HINT, Finding, Rule, path, told
from .measures import APART

SHOWN = 3  # nodes that are named


def train_and_eval(timeline: Timeline) -> Iterator[Finding]:
    """A loss that is another in evaluation, of the same batch and the same parameters."""
    run = timeline.run
    graph = run.asked.graph
    above = graph.ancestors([root.node for root in run.roots])
    nodes = [id for id in by_mode(graph, timeline.registry) if id in above]
    if graph.training is None or not nodes:
        return
    other = Evaluator(timeline.registry).evaluate(run.asked._replace(mode=EVAL if run.asked.mode == TRAIN else TRAIN))
    assert other is not None, "nothing cancels it"
    losses = {run.asked.mode: run.objective(), other.asked.mode: other.objective()}
    if not np.isfinite(list(losses.values())).all():
        return
    if abs(losses[TRAIN] - losses[EVAL]) > APART * abs(losses[EVAL]):
        text = f"the loss of this batch is {told(losses[TRAIN])} in training and {told(losses[EVAL])} in evaluation"
        who = behave([path(timeline, id) for id in nodes])
        yield Finding("train and eval differ", HINT, nodes[0], f"{text}: {who} (usual: at most 50% apart)")


def behave(paths: Sequence[str]) -> str:
    """`bn, drop behave differently in each`, the first of the nodes that take the mode."""
    names = ", ".join(paths[:SHOWN]) + ("…" if len(paths) > SHOWN else "")
    return f"{names} behave{'s' if len(paths) == 1 else ''} differently in each"


RULES = (Rule("train and eval differ", "A loss more than 50 % apart in training and evaluation", train_and_eval, True),)
