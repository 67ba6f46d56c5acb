"""The step at work, told in words in a box."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import islice
from math import isinf
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.graph import Source
from ....core.stepping import Delivery, Moment, Start, Step
from ....core.stepping.local import Local, local
from ....core.stepping.modes import takes_mode
from ....core.stepping.repeats import Place, repeats
from ....core.stepping.spelling import spell
from ....core.stepping.timeline import BACKWARD, FORWARD, LOSS, ZERO, Micro
from ....core.stepping.updating import NOT_RUN
from ...look.numbers import fixed
from ...look.theme import Theme
from ..lettering import LABEL, NUMBER, font, shortened, width
from . import over
from .adding_up import added, balance
from .forks import amount

LINE, EDGE, PADDING = 19.0, 16.0, 14.0
REPEATS, PARTS = 2, 4  # that are told of what was picked several times
LONGEST = 90  # letters of a line
FEWEST = 16  # of one in a narrow canvas
MOST = 6  # lines
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class Caption(NamedTuple):
    """What the last step of a moment did, as a box of lines."""

    lines: tuple[str, ...]
    goes_back: bool

    @classmethod
    def of(cls, moment: Moment, decimals: int) -> Caption:
        """The caption of a moment."""
        goes_back = moment.step is not None and moment.step.phase == BACKWARD
        return cls(tuple(islice(caption(moment, decimals), MOST)), goes_back)

    @classmethod
    def head(cls, moment: Moment) -> Caption:
        """What can be said of a moment at once, while the rest is on its way."""
        step = moment.step
        if moment.over is not None:
            return cls((over.head(moment, moment.over), "…"), step is not None and step.phase == BACKWARD)
        name = "" if step is None or step.node is None else f" · {moment.timeline.run.asked.graph.path(step.node)}"
        goes_back = step is not None and step.phase == BACKWARD
        return cls(("" if step is None else f"{step.phase}{name}", "…"), goes_back)

    @classmethod
    def on_canvas(cls, moment: Moment, decimals: int) -> Caption:
        """The caption of a moment that can be stepped on from: before the first step it says how."""
        told = cls.of(moment, decimals)
        if moment.step is not None:
            return told
        return told._replace(lines=(f"{told.lines[0]}: Space does the first step",))

    @property
    def size(self) -> QSizeF:
        """What the box takes up, in pixels."""
        wide = max(width(text, NUMBER if row else LABEL) for row, text in enumerate(self.lines))
        return QSizeF(wide + 2 * PADDING, LINE * len(self.lines) + 12)

    def shorter(self) -> Iterator[Caption]:
        """The same for less and less room: its head and its last line, which says what comes of it; its head alone."""
        if len(self.lines) > 2:
            yield self._replace(lines=(self.lines[0], self.lines[-1]))
        if len(self.lines) > 1:
            yield self._replace(lines=self.lines[:1])

    def fits_head(self, wide: float) -> bool:
        """Whether its first line is all seen in a box so wide: it goes on in no other one."""
        return width(self.lines[0], LABEL) + 2 * PADDING <= wide

    def within(self, wide: float) -> Caption:
        """The same in a box of at most so many pixels: lines that are longer go on in the next one."""
        if self.size.width() <= wide and max(map(len, self.lines)) <= LONGEST:
            return self
        room = wide - 2 * PADDING
        letters = LONGEST if isinf(room) else min(max(int(room / width("0", NUMBER)), FEWEST), LONGEST)
        rest = [part for text in self.lines[1:] for part in textwrap.wrap(text, letters, subsequent_indent="   ")]
        return self._replace(lines=(shortened(self.lines[0], LABEL, room), *rest))

    def paint(self, painter: QPainter, theme: Theme, middle: float, top: float) -> None:
        """Draw the box with its head at `top`, about `middle`."""
        size = self.size
        place = QRectF(middle - size.width() / 2, top, size.width(), size.height())
        ground = QColor(theme.panel)
        ground.setAlphaF(0.94)
        painter.setBrush(ground)
        painter.setPen(QPen(QColor(theme.gradient if self.goes_back else theme.line), 1.0))
        painter.drawRoundedRect(place, 6, 6)
        for row, text in enumerate(self.lines):
            painter.setFont(font(NUMBER if row else LABEL))
            painter.setPen(QColor(theme.text if row else theme.dim))
            line = QRectF(place.left() + PADDING, place.top() + 6 + LINE * row, place.width(), LINE)
            painter.drawText(line, _LEFT, text)


def elements(moment: Moment) -> int:
    """How many numbers the rules of a moment are about."""
    step, run = moment.step, moment.timeline.run
    if step is None:
        return 0
    taken = [arg for delivery in step.deliveries for arg in delivery.record.args]
    made = [
        value
        for id in step.nodes
        for s in moment.timeline.sources_of.get(id, ())
        if (value := run.value(s)) is not None
    ]
    return sum(int(np.size(getattr(arg, "value", arg))) for arg in taken if arg is not None) + sum(v.size for v in made)


def caption(moment: Moment, decimals: int) -> Iterator[str]:
    """A head that names phase and node, and a line for each port that a step back goes through."""
    step = moment.step
    if step is None:
        yield "Nothing is computed yet"
        return
    run, graph = moment.timeline.run, moment.timeline.run.asked.graph
    name = None if step.node is None else graph.path(step.node)
    if moment.over is not None:
        yield over.head(moment, moment.over)
        yield from over.lines(moment, decimals)
    elif step.phase == ZERO:
        yield "zero · what the iteration before has left in gradients is set to 0"
        yield from zeroed(moment, decimals)
    elif step.phase == FORWARD:
        mode = step.node is not None and takes_mode(graph, moment.timeline.registry, step.node)
        yield "forward · what is given" if name is None else f"forward · {name}{f' · {run.asked.mode}' * mode}"
        if step.node is not None:
            yield from made(moment, step.node, decimals)
        if step.node in moment.timeline.updates.idle:
            yield NOT_RUN
    elif step.phase == LOSS:
        assert step.start is not None
        value = run.value(step.start.source)
        yield "loss · where gradients start" + ("" if value is None else f", at {name} = {amount(value, decimals)}")
        yield from started(moment, step.start, decimals)
        yield from moved(moment, decimals)
    elif step.phase == BACKWARD:
        yield from went_back(moment, step, decimals)
    else:
        yield f"update · {moment.timeline.updates.text(str(step.node)) or name}"
        yield from updated(moment, str(step.node), decimals)


def started(moment: Moment, start: Start, decimals: int) -> Iterator[str]:
    """`∂f/∂f = 1.000`; where several values are roots, or gradients start from other numbers, what is put in."""
    graph, roots = moment.timeline.run.asked.graph, moment.timeline.run.roots
    name, told = graph.path(start.source.node), amount(start.value, decimals)
    if len(roots) == 1 and np.all(start.value == 1):
        yield f"∂{name}/∂{name} = {told}"
    else:
        of = f", one of {len(roots)} roots" if len(roots) > 1 else ""
        yield f"the gradient of {name} starts from {told}{of}"


def moved(moment: Moment, decimals: int) -> Iterator[str]:
    """`0.114 less than in the iteration before: 2.415 → 2.301`; nothing in the first iteration."""
    before, now = moment.timeline.loss_before, moment.timeline.loss
    if before is None or not np.isfinite([before, now]).all():
        return
    change = fixed(abs(now - before), decimals)
    word = "as large as" if now == before else f"{change} {'less' if now < before else 'more'} than"
    yield f"{word} in the iteration before: {fixed(before, decimals)} → {fixed(now, decimals)}"


def made(moment: Moment, node: str, decimals: int) -> Iterator[str]:
    """`squared = x² = 3.000² = 9.000`: what an op has computed, in terms of what it took."""
    run, graph = moment.timeline.run, moment.timeline.run.asked.graph
    for source in moment.timeline.sources_of[node]:
        tensor, result = run.tensors[source], amount(np.asarray(run.value(source)), decimals)
        if source in run.asked.put:
            yield f"{graph.nodes[node].name} = {result}, put in by hand"
            continue
        names = {run.tensors[fed].slot: graph.nodes[fed.node].name for fed in graph.inputs(node).values()}
        told = [graph.nodes[node].name, spell(tensor, names)]
        if tensor.value.size == 1 and all(run.tensors[fed].value.size == 1 for fed in graph.inputs(node).values()):
            told.append(spell(tensor, names, (0,) * tensor.value.ndim, lambda number: fixed(number, decimals)))
        yield _cut([*dict.fromkeys(told)], result)


def went_back(moment: Moment, step: Step, decimals: int) -> Iterator[str]:
    """The part of the step that is at work, the rule of each port that it goes through, and what then meets there."""
    graph, micro = moment.timeline.run.asked.graph, moment.micro
    within = "" if micro is None else f" · {micro.kind}{f' {micro.port}' if micro.port else ''}"
    yield f"backward · {graph.path(str(step.node))}{within}"
    for delivery in step.deliveries:
        if micro is not None and micro.kind == "local":
            yield from rule_alone(moment, delivery, decimals)
        elif micro is None or _is_at(moment, delivery):
            yield rule(moment, delivery, decimals)
            yield from met(moment, delivery, decimals)
    for source in dict.fromkeys(delivery.source for delivery in moment.delivering):
        gradient = moment.gradient(source)
        if gradient.parts > 1:
            yield "Σ at " + balance(graph.path(source.node), gradient, decimals)
        if gradient.value is not None and moment.left(source.node):
            yield kept(moment, source.node, decimals)


def updated(moment: Moment, node: str, decimals: int) -> Iterator[str]:
    """`0.512 → 0.502, changed by −0.010`: what an update has made of a parameter; of a tensor by norms."""
    before = moment.timeline.run.value(Source(node, "y"))
    after = moment.timeline.updated[node]
    if before is not None:
        change = amount(after - before, decimals)
        yield f"{amount(before, decimals)} → {amount(after, decimals)}, changed by {change}"
    if moment.left(node):
        yield kept(moment, node, decimals)


def zeroed(moment: Moment, decimals: int) -> Iterator[str]:
    """`w: 4.000 → 0`, for each parameter; before the first iteration nothing is there."""
    graph, left = moment.timeline.run.asked.graph, moment.timeline.left
    if moment.timeline.run.asked.iteration == 1:
        yield "nothing was left: this is the first iteration"
    ids = [id for id, parts in left.items() if parts]
    shown = ids if len(ids) < MOST else ids[: MOST - 2]  # beneath the head, with a line that says how many more
    for id in shown:
        yield f"{graph.path(id)}: {amount(moment.timeline.standing(id, whole=False).value, decimals)} → 0"
    if shown != ids:
        yield f"and {len(ids) - len(shown):,} more"


def kept(moment: Moment, node: str, decimals: int) -> str:
    """`w was not zeroed: 4.000 (pass 1) + 2.000 (this pass) = 6.000`."""
    source, parts = Source(node, "y"), moment.left(node)
    own, total = moment.timeline.run.gradient(source), moment.timeline.added_up(node)
    terms, names = [part.value for part in parts], [part.name for part in parts]
    if own is None or total is None:
        told = added(terms, None, decimals, names)
    else:
        told = added([*terms, own], total, decimals, [*names, "this pass"])
    return f"the gradient of {moment.timeline.run.asked.graph.path(node)} was not zeroed: {told}"


def met(moment: Moment, delivery: Delivery, decimals: int) -> Iterator[str]:
    """`table[1] was picked 2 times: 1.000 (picked[0]) + 3.000 (picked[2]) = 4.000`, for the first that was so."""
    found = local(moment.timeline.run, delivery)
    if found is None:
        return
    graph = moment.timeline.run.asked.graph
    name, taker = graph.path(delivery.source.node), graph.path(delivery.node)
    for each in islice(repeats(found), REPEATS):
        picks = [f"{taker}{_at(pick)}" for pick in each.picks[:PARTS]]
        told = added(each.parts[:PARTS], each.total, decimals, picks, more=len(each.parts) > PARTS)
        yield f"{name}{_at(each.place)} was picked {len(each.parts)} times: {told}"


def _at(place: Place) -> str:
    """`[0, 2]`, `[:, 2]`, `[1]`: without the whole axes behind the last index."""
    last = max(i for i, index in enumerate(place) if index is not None)
    return f"[{', '.join(':' if i is None else str(i) for i in place[: last + 1])}]"


def _cut(told: list[str], result: str) -> str:
    """The parts of an equation with its result; where that is too long, without the last parts before the result."""
    while len(told) > 1 and len(" = ".join([*told, result])) > LONGEST:
        told = told[:-1]
    line = " = ".join(dict.fromkeys([*told, result]))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - len(result) - 4]}… = {result}"


def _is_at(moment: Moment, delivery: Delivery) -> bool:
    """Whether a port's micro-steps have begun."""
    step, micro = moment.step, moment.micro
    if step is None or micro is None or micro.port is None:
        return False
    ports = [d.port for d in step.deliveries]
    return ports.index(delivery.port) <= ports.index(micro.port)


def rule(moment: Moment, delivery: Delivery, decimals: int) -> str:
    """`to x: g · cos(x) = 1.000 · cos(1.000) = 0.540`; of a tensor the rule alone, with what is summed."""
    found = local(moment.timeline.run, delivery)
    result = amount(delivery.value, decimals)
    if found is None:
        return _to(moment, delivery) + result
    if found.summed and moment.micro == Micro("multiply", delivery.port):  # the next part sums that
        return _cut([_to(moment, delivery) + found.text], amount(found.product.value, decimals))
    told = _worked(moment, delivery, found, decimals)
    if len(told) == 1 and found.text == result:
        return told[0]
    return _cut(told, result)


def rule_alone(moment: Moment, delivery: Delivery, decimals: int) -> Iterator[str]:
    """`to x: g · cos(x) = 1.000 · cos(1.000)`: before it is worked out; nothing where there is no rule."""
    found = local(moment.timeline.run, delivery)
    if found is None:
        return
    *told, last = _worked(moment, delivery, found, decimals)
    yield _cut(told, last) if told and last != amount(delivery.value, decimals) else (told or [last])[0]


def _to(moment: Moment, delivery: Delivery) -> str:
    """`to x: `; where several ports of the op take x, `to x by y: `."""
    several = moment.step is not None and sum(each.source == delivery.source for each in moment.step.deliveries) > 1
    by = f" by {delivery.port}" if several else ""
    return f"to {moment.timeline.run.asked.graph.path(delivery.source.node)}{by}: "


def _worked(moment: Moment, delivery: Delivery, found: Local, decimals: int) -> list[str]:
    """The rule of a port, and of single numbers the same with these put in."""
    told = [_to(moment, delivery) + found.text]
    if np.size(found.product.value) == 1:
        place = (0,) * np.ndim(found.product.value)
        numbers = found.numbers(place, lambda number: fixed(number, decimals))
        told += [numbers] if numbers is not None and numbers != found.text else []
    if found.summed:
        axes = ", ".join(map(str, found.summed))
        told[0] += f", summed over {'axis' if len(found.summed) == 1 else 'axes'} {axes}"
    return told
