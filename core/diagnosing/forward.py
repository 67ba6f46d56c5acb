"""Diagnoses of values: units that are silent, units that are saturated, losses that begin in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph import Source
from ..stepping import Timeline
from ..stepping.beginnings import first_beginning
from ..stepping.mending import advice
from . import measures
from .finding import ALERT, HINT, Finding, Rule, values
from .measures import DEAD_ALERT, DEAD_HINT, FLAT, FLAT_ALERT, FLAT_HINT, START


def not_finite(timeline: Timeline) -> Iterator[Finding]:
    """The first NaN or infinity; of one that was typed only if harm comes of it."""
    found = first_beginning(timeline)
    if found is not None:
        level, so = (HINT, ", which comes to no end and no gradient") if found.harmless else (ALERT, "")
        mend = advice(timeline.run, timeline.registry, found.node)
        yield Finding("not finite", level, found.node, f"{found.text}{so}", mend)


def _activations(timeline: Timeline) -> Iterator[measures.Activation]:
    run = timeline.run
    return measures.activations(run.asked.graph, timeline.registry, values(timeline), run.value)


def dead_units(timeline: Timeline) -> Iterator[Finding]:
    """Units of a ReLU, or what is off like one, that no sample of the batch has woken."""
    for each in _activations(timeline):
        if not each.can_die or each.value.ndim < 2 or not len(each.value):
            continue
        dead = measures.dead(each)
        silent, share = int(dead.sum()), float(dead.mean())
        if share > DEAD_HINT:
            text = f"{silent} of {dead.size} units let no gradient through on all {len(each.value)} samples"
            level = ALERT if share > DEAD_ALERT else HINT
            word = f"{silent} dead of {dead.size}"
            so_many = measures.percent(share, DEAD_HINT)
            text += f": {measures.units_told(dead)} ({so_many}; usual: at most {DEAD_HINT:.0%})"
            yield Finding("dead units", level, each.node, text, _waking(timeline, each.node), word)


def _waking(timeline: Timeline, node: str) -> str:
    """What wakes the units of a node: another activation does not where all that feeds it is the same."""
    run = timeline.run
    graph = run.asked.graph
    above = graph.ancestors([node])
    for id in reversed([id for id in graph.order() if id in above and graph.nodes[id].op == "parameter"]):
        value = run.value(Source(id, "y"))
        if value is not None and measures.units_alike(graph, id, value):
            return f"init he of {graph.path(id)}, where the weights of all units are the same"
    return "smaller steps, or leaky_relu"


def saturated(timeline: Timeline) -> Iterator[Finding]:
    """Sigmoids, hyperbolic tangents and the like where they are flat, so that hardly any gradient comes through."""
    for each in _activations(timeline):
        if each.value.size < 2 or each.steepest is None:
            continue
        share = measures.flat(each)
        if share > FLAT_HINT:
            so_many = measures.percent(share, FLAT_HINT)
            text = f"{so_many} of its elements are where its slope is below {FLAT} of its steepest"
            level = ALERT if share > FLAT_ALERT else HINT
            yield Finding("saturated", level, each.node, f"{text} (usual: at most {FLAT_HINT:.0%})", "smaller weights")


def loss_at_start(timeline: Timeline) -> Iterator[Finding]:
    """A loss of classes that does not begin where guessing does, as at ln C for C classes."""
    run = timeline.run
    if run.asked.graph.training is None or run.asked.values:
        return  # what has been trained does not begin
    for source, value in values(timeline):
        found = measures.guess(run.asked.graph, timeline.registry, source, value, run.value)
        if found is not None and found.away > START:
            yield Finding("loss at start", HINT, source.node, found.text, "smaller weights in the last layer")


def all_zero(timeline: Timeline) -> Iterator[Finding]:
    """Values that are all zero though nothing that they are computed of is."""
    run, graph = timeline.run, timeline.run.asked.graph
    for source, value in values(timeline):
        taken = [run.value(fed) for fed in graph.inputs(source.node).values()]
        if value.dtype.kind != "f" or value.size < 2 or value.any() or not taken:
            continue
        if all(array is not None and array.any() for array in taken):
            yield Finding("all zero", HINT, source.node, f"all {value.size} elements of its value are 0")


def bad_start(timeline: Timeline) -> Iterator[Finding]:
    """Activations whose spread is unusual, or differs much from layer to layer, before anything is trained."""
    run, graph = timeline.run, timeline.run.asked.graph
    if graph.training is None or run.asked.values:
        return
    inner = measures.hidden(graph, [id for id, node in graph.nodes.items() if node.op == "parameter"])
    found = [each for each in _activations(timeline) if each.bends and each.value.ndim > 1 and each.node in inner]
    for each in measures.uneven(found, graph.path):
        yield Finding("bad start", HINT, each.node, each.text, "init he before relu, else xavier")


RULES = (
    Rule("not finite", "A NaN or an infinity, where the first one begins (hint: an ∞ without consequence)", not_finite),
    Rule("dead units", "Units that are off on a whole batch (hint above 10 %, alert above 50 %)", dead_units),
    Rule("saturated", "Sigmoids, tanhs and the like where flat (hint above 30 %, alert above 50 %)", saturated),
    Rule("loss at start", "A loss not within 25 % of that of guessing before training (CS231n)", loss_at_start),
    Rule("all zero", "Computed values of which every element is 0", all_zero),
    Rule("bad start", "Activations before training: deviations outside 0.1 to 10, variances 10 times apart", bad_start),
)
