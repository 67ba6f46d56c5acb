"""Diagnoses of how a graph is wired: what runs, but hardly as it was meant."""

from __future__ import annotations

from collections.abc import Iterator

from ..op import Op
from ..stepping import Timeline
from ..stepping.centring import taken_away
from . import wiring
from .edits import Edit
from .finding import ALERT, HINT, Finding, Rule, values
from .wiring import behind

GIVEN = {"parameter", "shared", "constant"}
MOST_DROPPED = 0.5


def _op(timeline: Timeline, node: str) -> Op:
    return timeline.registry[timeline.run.asked.graph.nodes[node].op]


def softmax_twice(timeline: Timeline) -> Iterator[Finding]:
    """Probabilities where a loss takes logits."""
    nodes = [source.node for source, _ in values(timeline)]
    for each in wiring.softmax_twice(timeline.run.asked.graph, timeline.registry, nodes):
        yield Finding("softmax twice", ALERT, each.node, each.text, each.mend, edit=each.edit)


def silent_broadcast(timeline: Timeline) -> Iterator[Finding]:
    """Two values that are both blown up by broadcasting: (n, 1) against (n,) gives (n, n)."""
    run = timeline.run
    for each in wiring.silent_broadcast(run.asked.graph, timeline.registry, values(timeline), run.value):
        yield Finding("silent broadcast", ALERT, each.node, each.text, each.mend, edit=each.edit)


def nothing_bent(timeline: Timeline) -> Iterator[Finding]:
    """Two matrix products with nothing bent between them: together they are one."""
    graph = timeline.run.asked.graph
    if graph.training is None:
        return
    for source, _ in values(timeline, "matmul"):
        before = _before_sums(timeline, source.node) if _is_weighted(timeline, source.node) else None
        if before is not None and _is_weighted(timeline, before):
            text = f"nothing is bent between {graph.path(before)} and it, so that both are one linear map"
            edit: Edit = {"between": {"node": source.node, "port": "x", "op": "relu"}}
            yield Finding("nothing bent", HINT, source.node, text, "a relu between them", edit=edit)


def _is_weighted(timeline: Timeline, node: str) -> bool:
    """Whether a node is a product with a weight."""
    graph = timeline.run.asked.graph
    inputs = graph.inputs(node)
    return graph.nodes[node].op == "matmul" and "w" in inputs and graph.nodes[inputs["w"].node].op in GIVEN


def _before_sums(timeline: Timeline, node: str) -> str | None:
    """The node of which a product takes the value, before biases were added to it; None where there is no one such."""
    graph = timeline.run.asked.graph
    if "x" not in graph.inputs(node):
        return None
    current = behind(graph, timeline.registry, graph.inputs(node)["x"])
    while (op := _op(timeline, current.node)).traits.linear and op.by_element:
        computed = [s for s in graph.inputs(current.node).values() if graph.nodes[s.node].op not in GIVEN]
        if len(computed) != 1:
            return None
        current = behind(graph, timeline.registry, computed[0])
    return current.node


def much_dropped(timeline: Timeline) -> Iterator[Finding]:
    """Dropout of more than half."""
    graph = timeline.run.asked.graph
    for source, _ in values(timeline, "dropout"):
        rate = graph.nodes[source.node].params.get("rate", 0.5)
        if isinstance(rate, (int, float)) and rate > MOST_DROPPED:
            yield Finding("much dropped", HINT, source.node, f"it drops {rate:.0%} (usual: at most {MOST_DROPPED:.0%})")


def bias_without_effect(timeline: Timeline) -> Iterator[Finding]:
    """A parameter that is added directly before its mean is taken away again, as a bias before batch normalisation."""
    run, graph = timeline.run, timeline.run.asked.graph
    for source in tuple(run.tensors):
        if graph.nodes[source.node].op != "parameter":
            continue
        centred = taken_away(run, timeline.registry, source, training=True)
        if centred is not None:
            at = graph.path(centred.at)
            text = f"it is added directly before {at}, which takes the mean away again, so it has no effect"
            mend = f"remove it: what {at} adds does what it would do"
            edit: Edit = {"without": {"node": source.node, "added": centred.node, "port": centred.port}}
            yield Finding("bias without effect", HINT, source.node, text, mend, "no effect", edit)


RULES = (
    Rule("softmax twice", "Probabilities where a loss takes logits", softmax_twice),
    Rule("silent broadcast", "Two values that broadcasting blows up both, as (n, 1) and (n,)", silent_broadcast),
    Rule("nothing bent", "Two matrix products of weights with no non-linearity between them", nothing_bent),
    Rule(
        "bias without effect", "A bias directly before a normalisation, which takes the mean away", bias_without_effect
    ),
    Rule("much dropped", "Dropout of more than half", much_dropped),
)
