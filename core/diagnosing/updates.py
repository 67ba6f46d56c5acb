"""Diagnoses of what training makes of parameters: steps too large or too small, none at all, a loss that rises."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..graph import Source
from ..stepping import Timeline
from ..stepping.updating import HELD, NOT_RUN, ROUNDED
from .edits import Edit
from .finding import ALERT, HINT, Finding, Rule, path, told
from .measures import HIGH, LOW

FAR_LOW, FAR_HIGH = 1e-8, 1.0  # SageMaker: below 1e−8; above 1 a step is longer than what it starts from
SHOWN = 3  # parameters that are named
LEARNT = 1e-6  # a loss that has nothing more to learn
RATE = 0.01  # that is advised where there is none
RISES = 0.05  # of the loss before (SageMaker)


def _ratios(timeline: Timeline) -> Iterator[tuple[float, str, float, float]]:
    """The norm of each update over that of what it changes, with the parameter and both norms."""
    run, nodes = timeline.run, timeline.run.asked.graph.nodes
    for id, after in timeline.updated.items():
        before = run.value(Source(id, "y"))
        if before is None or id in timeline.updates.writers or timeline.updates.unchanged(id):
            continue
        if nodes[id].params.get("init", "zeros") == "zeros":
            continue  # a bias that has begun at 0 is still small: a ratio to it says nothing
        with np.errstate(all="ignore"):
            moved = float(np.linalg.norm(after.astype(np.float64) - before))
            size = float(np.linalg.norm(before.astype(np.float64)))
        if size and np.isfinite([moved, size]).all():
            yield moved / size, id, moved, size


def update_size(timeline: Timeline) -> Iterator[Finding]:
    """The largest and the smallest update, by what they really change, where they are out of the usual."""
    found = sorted(_ratios(timeline))
    for chosen, word in ((found[-1:], "smaller"), (found[:1], "larger")):
        for ratio, id, moved, size in chosen:
            high = word == "smaller"
            if not (ratio > HIGH if high else ratio < LOW):
                continue
            others = sum(each > HIGH if high else each < LOW for each, *_ in found) - 1
            text = f"norm of Δ / norm of w = {told(moved)} / {told(size)} = {told(ratio)} (usual: 1e−4 to 1e−1)"
            text += f", and so of {others} other parameter{'s' if others > 1 else ''}" if others else ""
            level = ALERT if ratio > FAR_HIGH or ratio < FAR_LOW else HINT
            mend = f"a {word} learning rate than {told(timeline.updates.rate_of(id))}"
            yield Finding("update size", level, id, text, mend)


def no_update(timeline: Timeline) -> Iterator[Finding]:
    """A learning rate of 0, parameters that are all frozen, those whose step is lost in rounding."""
    graph, updates, ids = timeline.run.asked.graph, timeline.updates, list(timeline.updated)
    why = {id: updates.unchanged(id) for id in ids}
    edit: Edit | None
    if ids and not any(updates.rate_of(id) for id in ids) and graph.training is not None:
        text = "the learning rate is 0: training changes no parameter"
        edit = {"optimiser": {"lr": RATE}} if graph.training.optimiser.get("lr") == 0 else None
        yield Finding("no update", ALERT, graph.training.loss, text, f"a learning rate of about {RATE}", edit=edit)
    if ids and graph.training is not None and all(why[id] in HELD for id in ids):  # some are frozen on purpose
        names = ", ".join(f"{path(timeline, id)} {why[id]}" for id in ids[:SHOWN]) + ("…" if len(ids) > SHOWN else "")
        frozen = [id for id in ids if HELD.get(why[id]) == "freeze"]
        edit = {"thaw": {"node": frozen[0]}} if len(ids) == len(frozen) == 1 else None  # of several the user chooses
        text = f"nothing is trained: {names}"
        yield Finding("no update", ALERT, graph.training.loss, text, "Unfreeze what is to learn", edit=edit)
    for id in ids:
        if why[id].startswith(ROUNDED) and not abs(timeline.loss) <= LEARNT:
            yield Finding("no update", HINT, id, f"it stays as it is: {why[id]}", "a larger learning rate, or float64")


def loss_rose(timeline: Timeline) -> Iterator[Finding]:
    """A loss above that of the iteration before."""
    before, now = timeline.loss_before, timeline.loss
    graph = timeline.run.asked.graph
    if before is None or graph.training is None or not np.isfinite([before, now]).all():
        return
    if now - before > RISES * abs(before):
        batches = any(node.op == "dataset" for node in graph.nodes.values())
        more = "; each iteration has another batch, so look at several" if batches else ""
        text = f"the loss rose from {told(before)} to {told(now)} in one iteration (usual: it falls{more})"
        yield Finding("loss rose", HINT, graph.training.loss, text, "a smaller learning rate")


def idle_assign(timeline: Timeline) -> Iterator[Finding]:
    """Assigns that training does not run."""
    graph = timeline.run.asked.graph
    for id in sorted(timeline.updates.idle):
        target = graph.nodes.get(timeline.updates.targets[id])
        text = f"{NOT_RUN}, so it writes nothing into {'its target' if target is None else graph.path(target.id)}"
        if target is not None and target.id in timeline.updated and not timeline.updates.unchanged(target.id):
            text += ", which the optimiser changes"
        yield Finding("idle assign", ALERT, id, text, "wire what it gives to the loss")


RULES = (
    Rule("update size", "Updates outside 1e−4 to 1e−1 of the norm of what they change (CS231n)", update_size, True),
    Rule("no update", "A learning rate of 0, nothing but frozen parameters, steps lost in rounding", no_update, True),
    Rule("loss rose", "A loss more than 5 % above that of the iteration before", loss_rose, True),
    Rule("idle assign", "Assigns on which the loss does not depend, so that training does not run them", idle_assign),
)
