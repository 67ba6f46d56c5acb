"""Diagnoses of gradients: vanishing, exploding, cancelling, missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..graph import Source
from ..stepping import Delivery, Moment, Timeline
from ..stepping.beginnings import beginning_of, beginnings_of
from ..stepping.explaining import why_gradient
from ..stepping.forks import Fork
from ..stepping.mending import advice
from .edits import Edit
from .finding import ALERT, BRANCH_NOT_FINITE, HINT, Finding, Rule, path, times, told
from .measures import CANCELS, GROWS, SHRINKS, TINY

EXPLAINED = 20  # gradients of 0 of which it is told why: each goes back through all that lies behind
NAMED = 3  # parameters that one text names
SMALL = 1e-4  # as TINY, of what no layer lies before (AutoTrainer)


def _weights(timeline: Timeline) -> list[tuple[str, np.ndarray]]:
    """The parameters that have gradients, from the input to the loss, by the step in which they are first used."""
    run, graph = timeline.run, timeline.run.asked.graph
    found = []
    for id, node in graph.nodes.items():
        gradient = run.gradient(Source(id, "y")) if node.op == "parameter" else None
        if gradient is not None and gradient.ndim > 1:
            used = min((timeline.made_at.get(wire.target, 0) for wire in graph.consumers(id)), default=0)
            found.append((used, id, gradient))
    return [(id, gradient) for _, id, gradient in sorted(found, key=lambda each: each[:2])]


def _root_and_given(timeline: Timeline) -> list[tuple[str, np.ndarray]]:
    """What is given whose gradient is the smallest, and the root: the two ends of a graph without layers."""
    run, graph = timeline.run, timeline.run.asked.graph
    given = [s for s in run.tensors if not graph.inputs(s.node) and run.gradient(s) is not None]
    start = None if run.root is None else run.gradient(run.root)
    if not given or run.root is None or start is None:
        return []
    first = min(given, key=lambda source: float(np.linalg.norm(np.asarray(run.gradient(source)))))
    return [(first.node, np.asarray(run.gradient(first))), (run.root.node, start)]


def vanishing(timeline: Timeline) -> Iterator[Finding]:
    """Gradients that become small on the way to the first layer (ratio rule of AutoTrainer, size of TheDeepChecker)."""
    weights, limit = _weights(timeline), TINY
    if len(weights) < 2:
        weights, limit = _root_and_given(timeline), SMALL
    if len(weights) < 2:
        return
    (first, first_gradient), (last, last_gradient) = weights[0], weights[-1]
    norms = [float(np.linalg.norm(gradient)) for gradient in (first_gradient, last_gradient)]
    if norms[0] and norms[1] and norms[0] / norms[1] < SHRINKS and float(np.mean(np.abs(first_gradient))) < limit:
        text = f"its gradient has norm {told(norms[0])}, that of {path(timeline, last)} {told(norms[1])}"
        text += " (usual: not below 1/1000 of it)"
        yield Finding("vanishing gradient", HINT, first, text, "relu, or residual ways")


def exploding(timeline: Timeline) -> Iterator[Finding]:
    """Gradients that grow on the way to the first layer."""
    weights = _weights(timeline)
    if len(weights) < 2:
        return
    (first, one), (last, other) = weights[0], weights[-1]
    norms = [float(np.linalg.norm(gradient)) for gradient in (one, other)]
    if norms[1] and norms[0] / norms[1] > GROWS:
        text = f"its gradient has norm {told(norms[0])}, that of {path(timeline, last)} {told(norms[1])}"
        text += f" ({times(norms[0] / norms[1])}×; usual: at most {GROWS:g}×)"
        yield Finding("exploding gradient", HINT, first, text, "init he")


def no_gradient(timeline: Timeline) -> Iterator[Finding]:
    """Parameters that no gradient reaches, or one of exactly 0, and why; of a graph without any, inputs alike."""
    run, graph, updates = timeline.run, timeline.run.asked.graph, timeline.updates
    if run.gradients.error is not None or any(root not in run.tensors for root in run.roots):
        return  # what is wrong there is told already, and says nothing of parameters
    told_of = 0
    looked_at = "parameter" if any(node.op == "parameter" for node in graph.nodes.values()) else "input"
    for id, node in sorted(graph.nodes.items()):
        if node.op != looked_at or "freeze" in node.flags or id in updates.named:
            continue
        gradient = run.gradient(Source(id, "y"))
        if gradient is None:
            if looked_at == "input":
                continue  # labels have none, nor need any
            why = _why_none(timeline, id)
            text = "no gradient comes to it" if graph.training is None else "training leaves it as it is"
            if why:
                yield Finding("no gradient", ALERT, id, f"{text}: {why}")
        elif gradient.size and not gradient.any():
            moves = id in timeline.updated and not updates.unchanged(id)
            so = ", what is left of earlier ones moves it" if moves else ", so this iteration leaves it as it is"
            zero = f"its gradient is exactly 0{so if looked_at == 'parameter' and graph.training is not None else ''}"
            told_of += 1
            cause = f": {why_gradient(timeline, Source(id, 'y')).text}" if told_of <= EXPLAINED else ""
            yield Finding("zero gradient", HINT, id, f"{zero}{cause}")


def _why_none(timeline: Timeline, id: str) -> str:
    """Why a parameter has no gradient; nothing where gradients are of nothing, and something takes it."""
    run, graph = timeline.run, timeline.run.asked.graph
    if not run.roots:
        return "" if graph.consumers(id) else "nothing takes it"
    cut = timeline.cuts[Source(id, "y")]
    if cut is not None:
        return f"at {path(timeline, cut.node)}: {cut.reason}"
    if graph.training is not None and not run.asked.roots:
        return "the loss does not depend on it"
    return f"{' and '.join(path(timeline, root.node) for root in run.roots)} does not depend on it"


def no_start(timeline: Timeline) -> Iterator[Finding]:
    """A loss that is no float: nothing has a gradient."""
    cut = timeline.cuts.of_root
    root = timeline.cuts.no_float
    if cut is not None and root is not None:  # without parameters a graph that ends in one label is as it should be
        parameters = any(node.op == "parameter" for node in timeline.run.asked.graph.nodes.values())
        level, mend = (ALERT, "a loss of floats") if parameters else (HINT, "")
        text = f"{timeline.cuts.no_start}: at {path(timeline, cut.node)}: {cut.reason}"
        yield Finding("loss without gradient", level, root.node, text, mend)


def forks(timeline: Timeline) -> Iterator[Finding]:
    """Forks at which gradients cancel, and those of which one part alone is not finite."""
    end = Moment(timeline, timeline.end)
    seen = set()
    for source, tensor in timeline.run.tensors.items():
        gradient = end.gradient(source)
        if gradient.parts < 2 or tensor.slot in seen:
            continue
        seen.add(tensor.slot)
        finite = [bool(np.isfinite(part.value).all()) for part in gradient.arrived]
        if not all(finite) and any(finite):
            yield _of_branches(timeline, source, gradient.arrived, finite)
        elif all(finite) and (share := Fork([part.value for part in gradient.arrived]).cancellation) > CANCELS:
            text = f"{share:.1%} of what {len(gradient.arrived)} ports send back cancels"
            yield Finding("fork cancellation", HINT, source.node, f"{text} (usual: at most {CANCELS:.0%})")


def _of_branches(timeline: Timeline, source: Source, parts: Sequence[Delivery], finite: Sequence[bool]) -> Finding:
    """Of a fork of whose parts only some are finite: which are not, and what to do where each begins."""
    bad = [part for part, sound in zip(parts, finite, strict=True) if not sound]
    what = "NaN" if any(np.isnan(part.value).any() for part in bad) else "∞"
    ways = " and ".join(f"{path(timeline, part.node)}.{part.port}" for part in bad)
    others = (
        "the other part is"
        if len(parts) == 2
        else f"{sum(finite)} of {len(parts)} parts {'is' if sum(finite) == 1 else 'are'}"
    )
    first = beginning_of(timeline, source)
    begun = beginnings_of(timeline, source) if first is None or first.port is not None else [first]  # in values
    nodes = dict.fromkeys(each.node for each in begun or bad)
    advised = (f"at {path(timeline, node)}: {advice(timeline.run, timeline.registry, node)}" for node in nodes)
    holds = "holds" if len(bad) == 1 else "hold"
    text = f"what comes by {ways} {holds} {what}, {others} finite"
    return Finding(BRANCH_NOT_FINITE, ALERT, source.node, text, "; ".join(advised), f"{what} branch")


def not_zeroed(timeline: Timeline) -> Iterator[Finding]:
    """Gradients that nothing sets to zero between one pass and the next."""
    training = timeline.run.asked.graph.training
    if training is None or training.zero_gradients or training.loss not in timeline.run.asked.graph.nodes:
        return
    shares = {id: timeline.standing(id, whole=True).left for id, left in timeline.left.items() if left}
    most = max(shares.values(), default=0.0)
    measured = f"; up to {most:.0%} of what parameters follow is left over from before" if shares else ""
    carrying = sorted(shares, key=shares.__getitem__, reverse=True) or [*timeline.updated] or [training.loss]
    names = ", ".join(path(timeline, id) for id in carrying[:NAMED])
    more = f" and {len(carrying) - NAMED:,} more" if len(carrying) > NAMED else ""
    where = f", in the gradients of {names}{more}" if len(carrying) > 1 else ""
    text = f"nothing sets gradients to zero, so each pass adds to those before it{where}{measured}"
    edit: Edit = {"training": {"zero_gradients": True}}
    mend = "zero gradients, among the settings of training"
    yield Finding("gradients not zeroed", ALERT, carrying[0], text, mend, edit=edit, also=tuple(carrying[1:]))


RULES = (
    Rule("vanishing gradient", "The first layer's gradient below 1/1000 of the last one's, and below 1e−6", vanishing),
    Rule("exploding gradient", "The first layer's gradient above 70 times the last one's (AutoTrainer)", exploding),
    Rule("loss without gradient", "A loss, or the one number that comes out, that is no float", no_start),
    Rule("no gradient", "Parameters without a gradient, or with one of exactly 0", no_gradient),
    Rule("gradients not zeroed", "Gradients that add up from pass to pass", not_zeroed),
    Rule("forks", "Forks of which more than 90 % cancels, or of which one part alone is not finite", forks),
)
