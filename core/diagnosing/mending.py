"""Mends of findings: made of the `edit` that a finding carries, and tried on a copy before they are offered.

Those about wiring are made here, the others by `over_training.mending`. Nothing here is done until somebody asks:
findings are found often, and while training goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..cancelling import Cancelled, never
from ..check import check
from ..document import Document, Transaction
from ..document.replacing import remove_unused
from ..errors import GradwireError
from ..evaluating import Evaluated, Evaluator
from ..feeding import describer
from ..graph import Graph, Source, Wire
from ..ops import Registry
from ..stepping import Timeline, lay_out
from ..stepping.beginnings import beginnings_of
from ..stepping.explaining import first_not_finite, why_gradient
from ..stepping.mending import COLUMN, Inserted, Mend, mends, read_by_training, same_roots
from .edits import Edit
from .finding import BRANCH_NOT_FINITE, NOT_FINITE, Finding
from .over_training import mending as of_runs
from .wiring import behind

if TYPE_CHECKING:
    from .over_training import RunFinding

    AnyFinding: TypeAlias = Finding | RunFinding

WIRING = ("past", "alike", "between", "without", "thaw")  # kinds of edits that are made here
NODES = ("node", "passed", "added")  # what in them is an id
CLOSE = 1e-4  # up to which share what is called exact computes the same, in float32 as well
LEARNT = {"parameter", "shared"}


def is_of_wiring(finding: AnyFinding) -> bool:
    """Whether its mend is one of wiring, which is tried before it is offered."""
    return any(kind in WIRING for kind in finding.edit or {})


def mends_of(timeline: Timeline, finding: AnyFinding, cancelled: Cancelled = never) -> tuple[Mend, ...]:
    """What mends a finding of the graph of this timeline: after each it is gone, and the graph computes as before.

    Of a run's findings those of wiring; empty for the others, which `over_training.mending` mends.
    """
    if not isinstance(finding, Finding) and not is_of_wiring(finding):
        return ()  # it is about the run, which may follow
    if finding.edit is not None:
        found = mend_of(timeline.run.asked.graph, timeline.registry, finding)
        return (found,) if found is not None and _helps(timeline, found, finding, cancelled) else ()
    if finding.rule == BRANCH_NOT_FINITE:
        return _of_gradients(timeline, finding.node, cancelled)
    why = first_not_finite(timeline) if finding.rule == NOT_FINITE else None
    if why is None or why.node != finding.node:
        return ()
    taken = next(iter(timeline.run.asked.graph.inputs(finding.node).values()), None)
    return () if taken is None else mends(timeline.run, timeline.registry, why, taken, cancelled)


def _of_gradients(timeline: Timeline, node: str, cancelled: Cancelled) -> tuple[Mend, ...]:
    """What makes the gradients of the outputs of a node finite, of one that several ops break that of each of them."""
    run, found = timeline.run, dict[str, Mend]()
    for source in timeline.sources_of.get(node, ()):
        if source not in run.tensors:
            continue
        why = why_gradient(timeline, source)
        also = [why._replace(node=each.node, port=each.port) for each in beginnings_of(timeline, source)]
        for each in (why, *also):
            found |= {mend.label: mend for mend in mends(run, timeline.registry, each, source, cancelled)}
        if found:
            break
    return tuple(found.values())


def mend_of(graph: Graph, registry: Registry, finding: AnyFinding) -> Mend | None:
    """The mend that the edit of a finding means in this graph, which nobody has tried; None where it means none."""
    edit: Edit = finding.edit or {}
    if not _nodes(edit) <= graph.nodes.keys():
        return None
    if past := edit.get("past"):
        return _past(graph, registry, past["node"], past["port"], past["passed"])
    if alike := edit.get("alike"):
        return _alike(graph, registry, alike["node"], alike["shapes"])
    if between := edit.get("between"):
        return _between(graph, between["node"], between["port"], between["op"], {})
    if without := edit.get("without"):
        return _without(graph, registry, without["node"], without["added"], without["port"])
    if thaw := edit.get("thaw"):
        return _thaw(graph, thaw["node"])
    label = of_runs.label(finding, graph, registry)
    return Mend(label, lambda t: of_runs.mend(finding, t, registry), graph, ()) if label else None


def _nodes(edit: Edit) -> set[str]:
    """The nodes that an edit of wiring is about."""
    kinds = [part for kind, part in edit.items() if kind in WIRING and isinstance(part, dict)]
    return {part[name] for part in kinds for name in NODES if name in part}


# Trying.


def _helps(timeline: Timeline, mend: Mend, finding: AnyFinding, cancelled: Cancelled) -> bool:
    """Whether after it the finding is gone, no other of its kind has come, and all that had a value still has one."""
    run, registry = timeline.run, timeline.registry
    asked = run.asked
    before = {each.node for each in _found(timeline, finding.rule, cancelled)}
    if finding.node not in before:
        return False  # of a run of an earlier graph, in which it was not mended yet
    document = Document(asked.graph, asked.values, registry)
    try:
        with document.transaction(mend.label) as t:
            mend.apply(t)
    except GradwireError:
        return False
    graph = document.graph
    if any(source.node not in graph.nodes for source in (*run.roots, *asked.put)) or _problems(run, registry, graph):
        return False
    mended = Evaluator(registry).evaluate(asked._replace(graph=graph, values=document.values), cancelled)
    if mended is None or mended.errors.keys() - run.errors.keys() or run.roots != mended.roots:
        return False
    if any(root not in mended.tensors for root in run.roots if root in run.tensors):
        return False
    if mend.exact and not same_roots(run, mended, CLOSE):
        return False
    after = {each.node for each in _found(lay_out(mended, registry), finding.rule, cancelled)}
    return not cancelled() and after <= before - {finding.node}


def _problems(run: Evaluated, registry: Registry, graph: Graph) -> bool:
    """Whether a graph has a problem at a port where that of a run has none."""
    describe = describer(run.asked.folder, run.asked.dtype)
    before, after = (
        {(each.node, each.port) for each in check(of, registry, describe, run.asked.dtype).problems}
        for of in (run.asked.graph, graph)
    )
    return bool(after - before)


def _found(timeline: Timeline, rule: str, cancelled: Cancelled) -> Iterator[Finding]:
    """What a rule finds now."""
    from .one_run import found_by  # which looks at all of them

    return (each for each in found_by(rule, timeline, cancelled) if each.rule == rule)


# What goes past a node.


def _past(graph: Graph, registry: Registry, node: str, port: str, passed: str) -> Mend | None:
    """Let a port take what goes into a node; what only carries on what that gives carries this on then."""
    fed = graph.fed(passed, registry[graph.nodes[passed].op].port_name(0))
    way = _way(graph, registry, passed, node, port)
    if fed is None or way is None:
        return None
    (target, at), kept = way[0], read_by_training(graph, registry) | set(graph.sources(passed))
    carried = {id for id, _ in way[1:]} | ({target} if len(way) > 1 else set())
    if (carried - {node}) & kept or any(len(graph.consumers(id)) > 1 for id in carried - {node}):
        return None  # who else takes it would get something else

    stays = passed in kept or "keep" in graph.nodes[passed].flags or len(graph.consumers(passed)) > 1

    def apply(t: Transaction) -> None:
        t.connect(fed, target, at)
        remove_unused(t, [] if stays else [passed], kept)

    names = (graph.nodes[id].name for id in (node, fed.node, passed))
    label = ("Let {} take {}, not {}" if stays else "Let {} take {}, and remove {}").format(*names)
    return Mend(label, apply, graph, (passed, *(id for id, _ in way)))


def _way(graph: Graph, registry: Registry, passed: str, node: str, port: str) -> list[tuple[str, str]] | None:
    """The ports by which what a node gives comes to the port of another, the first first; None where it does not."""
    way, fed = [(node, port)], graph.fed(node, port)
    while fed is not None and fed.node != passed:
        op = registry[graph.nodes[fed.node].op]
        if not op.traits.carries:
            return None
        way.insert(0, (fed.node, op.port_name(0)))
        fed = graph.fed(*way[0])
    return None if fed is None else way


# What goes into a wire.


def _alike(graph: Graph, registry: Registry, node: str, shapes: Mapping[str, Sequence[int]]) -> Mend | None:
    """Lay out as the target what is compared with it: of (n,) and (n, 1) that which depends on parameters."""
    sources = {port: graph.fed(node, port) for port in shapes}
    if len(sources) != 2 or any(source is None for source in sources.values()):
        return None
    origins = {port: behind(graph, registry, source) for port, source in sources.items() if source is not None}
    if len(set(origins.values())) < 2 or any(graph.nodes[each.node].op in LEARNT for each in origins.values()):
        return None  # each element with each of the same, or of a weight: as it may be meant
    longer, shorter = sorted(shapes, key=lambda port: -len(shapes[port]))
    axes = _lost(shapes[longer], shapes[shorter])
    if axes is None:
        return None
    learnt = [port for port, origin in origins.items() if _is_learnt(graph, origin.node)]
    told = "prediction" if "prediction" in shapes else learnt[0] if len(learnt) == 1 else longer
    axis = axes[0] if len(axes) == 1 else axes
    return _between(graph, node, told, "squeeze" if told == longer else "expand_dims", {"axis": axis})


def _is_learnt(graph: Graph, node: str) -> bool:
    """Whether a value depends on parameters."""
    return any(graph.nodes[id].op in LEARNT for id in graph.ancestors([node]))


def _lost(long: Sequence[int], short: Sequence[int]) -> tuple[int, ...] | None:
    """The axes of length 1 without which a shape is another one; None where it is not."""
    lost, rest = [], list(short)
    for axis, length in enumerate(long):
        if rest and rest[0] == length:
            rest.pop(0)
        elif length == 1:
            lost.append(axis)
        else:
            return None
    return tuple(lost) if lost and not rest else None


def _between(graph: Graph, node: str, port: str, op: str, params: Mapping[str, Any]) -> Mend | None:
    """An op put into the wire of a port."""
    fed = graph.fed(node, port)
    if fed is None:
        return None

    def apply(t: Transaction) -> Inserted:
        group, (x, y) = t.node(node).group, t.node(node).position
        put = t.add(op, group=group, position=(x - COLUMN, y), inputs={"x": fed}, params=params)
        t.connect(Source(put, "y"), node, port)
        return Inserted(put, Wire(fed, node, port))

    label = f"Insert {op} between {graph.nodes[fed.node].name} and {graph.nodes[node].name}"
    return Mend(label, apply, graph, (node,))


# What a parameter does.


def _without(graph: Graph, registry: Registry, node: str, added: str, port: str) -> Mend | None:
    """Let what takes a sum take the rest of it, without this parameter."""
    takers, inputs = graph.consumers(node), graph.inputs(added)
    rest = [source for name, source in inputs.items() if name != port]
    if len(takers) != 1 or len(rest) != 1 or graph.fed(added, port) != Source(node, "y"):
        return None
    if added in read_by_training(graph, registry):
        return None

    def apply(t: Transaction) -> None:
        for wire in t.graph.consumers(added):
            t.connect(rest[0], wire.target, wire.port)
        t.remove(added)
        t.remove(node)

    return Mend(f"Remove {graph.nodes[node].name}, which has no effect", apply, graph, (added, node), exact=True)


def _thaw(graph: Graph, node: str) -> Mend | None:
    """Let training change a parameter."""
    if "freeze" not in graph.nodes[node].flags:
        return None

    def apply(t: Transaction) -> None:
        t.set_flags(node, t.node(node).flags - {"freeze"})

    return Mend(f"Unfreeze {graph.nodes[node].name}", apply, graph, (node,))
