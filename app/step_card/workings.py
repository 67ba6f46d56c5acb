"""How one array of a step is made: its rule, the rule with numbers put in, and pictures of what goes in and out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

import numpy as np

from ...core.diagnosing.measures import units_told
from ...core.evaluating import Evaluated
from ...core.graph import Source
from ...core.stepping import Delivery, Moment, Start, Step
from ...core.stepping.adjoints import at_kinks, kink_text, why_shape
from ...core.stepping.births import birth
from ...core.stepping.local import Local, local
from ...core.stepping.spelling import spell
from ...core.stepping.terms import Element, element_of
from ...core.tape import Tensor
from .corrections import correction_picture
from .elements import TERMS, Array, Index, behind, counted, largest, number, place, places, sum_of, terms_of
from .routes import REMEMBERED, back_element
from .substituted import Tells, lines_of, rule_of
from .working import Behind, Term, Working

USUAL = (1e-4, 1e-1)  # between which the ratio of an update to what it updates mostly lies


# Forward.


def forward(run: Evaluated, source: Source, title: str) -> Working | None:
    """How a value is computed from what its op takes; None where there is none, or where it is given."""
    tensor = run.tensors.get(source)
    if tensor is None:
        return None
    value = np.asarray(tensor.value)
    op = tensor.op
    if op is None:
        return Working.of(title, source.node, value, "", lambda index: [f"= {number(value[index])}"])
    ports = [(arg.slot, op.port_name(i)) for i, arg in enumerate(tensor.args) if isinstance(arg, Tensor)]
    names = dict(reversed(ports))  # of a value that two ports take, the first names it
    rule, element = spell(tensor, names), None if op.element is None else _of_op(tensor, names)

    def told(index: Index) -> list[str]:
        if element is not None and (made := element(index)) is not None:
            return _closed(lines_of(made), value[index])
        terms = terms_of(tensor, index, names)
        if terms is not None:
            return [sum_of(terms, value[index])]
        text = f"{spell(tensor, names, index, number)} = " if op.by_element else ""
        return [f"{text}{number(value[index])}"]

    picture = _forward_picture(tensor, names, title.rpartition("/")[2])
    says = (*_begins(tensor, names), *_taken_by(run, source))
    if element is not None and value.size and (made := element((0,) * value.ndim)) is not None:
        rule = rule_of(made) or rule
    return Working.of(title, source.node, value, rule, told, says=says, picture=picture, element=element)


def _of_op(tensor: Tensor, names: dict[int, str]) -> Tells:
    return lru_cache(REMEMBERED)(lambda index: element_of(tensor, index, names))


def _closed(lines: list[str], value: object) -> list[str]:
    """With what comes of a formula behind its numbers."""
    return lines if not lines or "=" in lines[0] else [f"{lines[0]} = {number(value)}", *lines[1:]]


def _begins(tensor: Tensor, names: dict[int, str]) -> tuple[str, ...]:
    """In which line of the ops of which it is made NaN or infinity begins, where it does."""
    begun = birth(tensor, names)
    return () if begun is None else (f"What is not finite {begun.told}",)


def _taken_by(run: Evaluated, source: Source) -> tuple[str, ...]:
    """That a value goes on to several ports, where it does."""
    graph = run.asked.graph
    takers = [(id, port) for made, id, port in graph.wires() if made == source]
    if len(takers) < 2:
        return ()
    names = [f"{graph.nodes[id].name}.{port}" for id, port in takers]
    shown = ", ".join(names[:TERMS]) + (f" and {len(names) - TERMS:,} more" if len(names) > TERMS else "")
    return (f"It goes on to {shown}",)


def _forward_picture(tensor: Tensor, names: dict[int, str], result: str) -> tuple[Term, ...]:
    if tensor.op is not None and tensor.op.traits.matrices:
        return _product_picture(tensor, [names.get(arg.slot, "") for arg in tensor.args], result)
    args = [arg for arg in tensor.args if isinstance(arg, Tensor) and names.get(arg.slot)]
    if tensor.value.size == 1 and all(arg.value.size == 1 for arg in args):
        return ()
    args = [arg for arg in args if arg.value.dtype.kind == "f"] if tensor.dtype.kind == "f" else args
    shown = [Term.map_of("," if i else "", names[arg.slot], arg.value) for i, arg in enumerate(args[:3])]
    return (*shown, Term.map_of("→", result, tensor.value))


def _product_picture(product: Tensor, names: Sequence[str], result: str) -> tuple[Term, ...]:
    """The boxes of a matrix product: what is one length in two of them has one letter."""
    a, b = (np.shape(arg.value if isinstance(arg, Tensor) else arg) for arg in product.args)
    first = (*"?" * (len(a) - 2), *("mk" if len(a) > 1 else "k"))
    second = (*"?" * (len(b) - 2), *("kn" if len(b) > 1 else "k"))
    shape = product.shape
    last = ("m",) * (len(a) > 1) + ("n",) * (len(b) > 1)
    third = (*"?" * (len(shape) - len(last)), *last)
    terms = (Term("", names[0], a, None, first), Term("·", names[1], b, None, second))
    return (*terms, Term("=", result, shape, None, third))


# Back.


def back(moment: Moment, delivery: Delivery) -> Working:
    """How one port makes what it delivers."""
    run = moment.timeline.run
    rule = local(run, delivery)
    title = f"to {run.asked.graph.path(delivery.source.node)}"
    if moment.step is not None and sum(each.slot == delivery.slot for each in moment.step.deliveries) > 1:
        title += f", port {delivery.port}"
    stage = stage_of(moment, delivery)
    if rule is None:
        return Working.of(title, delivery.source.node, delivery.value, "", lambda index: [], delivery=delivery)
    slope = _slope(run, delivery, rule)

    element = back_element(delivery, rule)

    def told(index: Index) -> list[str]:
        if element is not None and stage > 1 and (made := element(index)) is not None:
            return _closed(lines_of(made), np.asarray(rule.entry.value)[index])
        return _told_back(rule, slope, index, stage)

    says = why_shape(run, delivery, rule)
    for kink, near in at_kinks(delivery.record):
        if near.any():
            convention = kink_text(delivery.record.op, kink, delivery.record.params)
            says = (*says, f"{np.count_nonzero(near):,} of {near.size:,} at the kink: {convention}")
    if off := _off(slope):
        says = (*says, off)
    summed = Behind(rule.product.shape, lambda index: places(behind(rule, index))) if rule.summed else None
    made = Working.of(title, delivery.source.node, delivery.value, rule.text, told, says=says, delivery=delivery)
    picture = _as_far_as(stage, _back_picture(rule, slope))
    return dataclasses.replace(made, picture=picture, slope=slope, behind=summed, stage=stage, element=element)


def _slope(run: Evaluated, delivery: Delivery, rule: Local) -> Array | None:
    """∂result/∂argument of an op that works element by element: its rule, started with ones."""
    record = delivery.record
    upstream = run.gradients.totals.get(record.slot)
    shape = rule.product.shape
    if not record.op.single or upstream is None or np.shape(upstream) != shape:
        return None
    if not rule.product.value.size or rule.numbers((0,) * len(shape)) is None:
        return None
    totals = {record.slot: np.ones(shape, np.asarray(upstream).dtype)}
    found = local(dataclasses.replace(run, gradients=run.gradients._replace(totals=totals)), delivery)
    return None if found is None else np.asarray(found.product.value)


def _off(slope: Array | None) -> str:
    """`× unit 2 lets no gradient through, for all 3 rows`; "" where each column of a matrix has a row that does."""
    if slope is None or slope.ndim != 2 or len(slope) < 2 or not (off := np.logical_not(np.any(slope, axis=0))).any():
        return ""
    if off.all():
        return f"× no unit lets a gradient through, for all {len(slope):,} rows"
    lets = "lets" if np.count_nonzero(off) == 1 else "let"
    return f"× {units_told(off)} {lets} no gradient through, for all {len(slope):,} rows"


def _told_back(rule: Local, slope: Array | None, index: Index, stage: int) -> list[str]:
    """Rule with numbers, upstream times local, and the sum, as far as the step is."""
    product = np.asarray(rule.product.value)
    if stage < 2:
        return []
    terms = terms_of(rule.product, index, rule.names) if not rule.summed else None
    if terms is not None:
        return [sum_of(terms, product[index])]
    part = behind(rule, index)
    chosen = tuple(cut.start + i for cut, i in zip(part, largest(product[part]), strict=True))
    at = f" at {place(chosen)}" if rule.summed else ""
    lines = []
    numbers = rule.numbers(chosen, number)
    if numbers is None or slope is None:
        within = None if rule.summed else rule.numbers_within(chosen, number)
        lines.append(f"{within or ''} = {number(product[chosen])}{at}".strip())
    else:
        total = number(product[chosen])
        if numbers != total and not rule.said:  # what is said in words has no place for numbers
            lines.append(f"{numbers} = {total}")
        lines.append(f"upstream {number(rule.upstream[chosen])} × local {number(slope[chosen])} = {total}{at}")
    if rule.summed and stage > 2:
        told = list(islice(places(part), TERMS))  # in their order, the chosen one among them
        told = told if chosen in told else [*told[: TERMS - 1], chosen]
        first = [number(product[each]) for each in told]
        lines.append("Σ " + sum_of(counted(first, product[part].size), np.asarray(rule.entry.value)[index]))
    return lines


def _back_picture(rule: Local, slope: Array | None) -> tuple[Term, ...]:
    product, entry = rule.product, rule.entry
    if product.op is not None and product.op.traits.matrices:
        names = [spell(arg, rule.names) if isinstance(arg, Tensor) else "" for arg in product.args]
        return _product_picture(product, names, f"d{rule.delivery.port}")
    if product.value.size == 1:
        return ()
    if terms := correction_picture(rule):
        return terms
    upstream = Term.map_of("", "upstream", rule.upstream)
    if slope is None:
        return (upstream, *_beside(rule), Term.map_of("→", f"d{rule.delivery.port}", entry.value))
    made = Term.map_of("Σ" if rule.summed else "=", f"d{rule.delivery.port}", entry.value)
    if np.all(slope == 1):  # then the product is the upstream once more
        return (upstream, made)
    local_term = Term.map_of("×", "local", slope)._replace(passes=True)
    if not rule.summed:
        return (upstream, local_term, made)
    return (upstream, local_term, Term.map_of("=", "product", product.value), made)


def _as_far_as(stage: int, picture: tuple[Term, ...]) -> tuple[Term, ...]:
    """Without the numbers of what the step has not made yet: the product, and last what is delivered."""
    if stage > 2 or any(term.dims for term in picture):
        return picture
    made = {"product": 2, picture[-1].name: 3} if picture else {}
    return tuple(term._replace(to_come=stage < made.get(term.name, 0)) for term in picture)


def _beside(rule: Local) -> tuple[Term, ...]:
    """What upstream is multiplied by, where the op that does so says it."""
    entry = rule.entry.value
    told = element_of(rule.entry, (0,) * entry.ndim, rule.names) if entry.size else None
    factors = told.factors if isinstance(told, Element) else ()
    return tuple(Term.map_of("·", each.name, each.array) for each in factors if each.array is not rule.upstream)


def stage_of(moment: Moment, delivery: Delivery) -> int:
    """How far the step is with one port, see `Working.stage`."""
    step, micro = moment.step, moment.micro
    if step is None or micro is None:
        return 4
    if micro.port is None:
        return 1 if micro.kind == "local" else 0
    ports = [each.port for each in step.deliveries]
    own, now = ports.index(delivery.port), ports.index(micro.port)
    if own != now:
        return 4 if own < now else 1
    if micro.kind == "multiply":
        return 2 if Step.sums(delivery) else 3
    return 3 if micro.kind == "shape" else 4


# Loss and update.


def start(run: Evaluated, begun: Start) -> Working:
    """Where gradients start."""
    seed, value = begun.value, run.value(begun.source)
    title = run.asked.graph.path(begun.source.node)
    is_now = f" is {number(value.reshape(-1)[0])}, and" if value is not None and value.size == 1 else ""
    says = f"{title}{is_now} changes by as much as it is changed itself: from here gradients go back"
    rule = f"∂{title}/∂{title}"
    if len(run.roots) > 1 or not np.all(seed == 1):
        says = f"{title}{is_now} counts as much as its starting gradient says: from here gradients go back"
        rule = f"start of {title}"
    return Working.of(title, begun.source.node, seed, rule, lambda index: [f"= {number(seed[index])}"], says=(says,))


def update(moment: Moment, id: str) -> Working | None:
    """What the update makes of a parameter."""
    run = moment.timeline.run
    old, new = run.value(Source(id, "y")), moment.timeline.updated.get(id)
    if old is None or new is None:
        return None
    new = np.asarray(new)
    change = new.astype(np.float64) - old
    gradient, left = run.gradient(Source(id, "y")), moment.left(id)
    added_up = moment.timeline.added_up(id)

    def earlier(index: Index) -> list[str]:
        return [f"{number(np.asarray(part.value)[index])} ({part.name})" for part in left]

    def told(index: Index) -> list[str]:
        by = "" if gradient is None else f", gradient {' + '.join([*earlier(index), number(gradient[index])])}"
        if left and added_up is not None:
            by += f" = {number(added_up[index])}"
        return [f"old {number(old[index])} → new {number(new[index])}", f"Δ {number(change[index])}{by}"]

    moved, size = (float(np.linalg.norm(np.asarray(each, np.float64).ravel())) for each in (change, old))
    picture: tuple[Term, ...]
    picture = tuple(Term.map_of(*each) for each in (("", "old", old), ("+", "Δ", change), ("=", "new", new)))
    title, updates = run.asked.graph.path(id), moment.timeline.updates
    if updates.unchanged(id):
        lines = [f"{title} stays as it is: {updates.unchanged(id)}"]
        return Working.of(title, id, new, "", lambda index: [f"= {number(new[index])}"], says=tuple(lines))
    picture = picture if new.size > 1 else ()
    says = (updates.text(id),) if id in updates.writers else (ratio_text(moved, size),)
    return Working.of(title, id, change, "", told, says=says, picture=picture)


def ratio_text(moved: float, size: float) -> str:
    """How large an update is beside what it updates: the number, and between what it mostly lies."""
    if not size:
        return f"norm of Δ {number(moved)}; no ratio to that of w can be told, which was all 0"
    ratio = moved / size
    low, high = USUAL
    word = "less than usual" if ratio < low else "more than usual" if ratio > high else "usual"
    told = f"norm of Δ / norm of w = {number(moved)} / {number(size)} = {ratio:.2g}, {word}"
    return f"{told}: most lie between 1e−4 and 1e−1".replace("e-", "e−")
