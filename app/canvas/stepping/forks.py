"""Forks: the junction at a value that several ports take, the parts that have come back, and what they add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.graph import Source
from ....core.stepping import Delivery
from ...look.numbers import fixed, significant
from ...look.theme import Theme
from ..items import Slots
from ..lettering import LABEL, NUMBER, font, width
from ..nodes import TEXTS
from ..scene import Scene
from .chip_places import Size, kept_clear, names_of_frames, stem
from .fork_order import Part
from .junctions import AWAY, Junction, forget_junctions, junctions
from .standing import Asking, Standing, stand

if TYPE_CHECKING:
    from ..canvas import Canvas

RADIUS = 12.0  # of the junction
HIT = 10.0  # about its middle: what is nearer to the port is the port's
CHIP_HEIGHT, CHIP_PADDING = 20.0, 10.0
TIGHT = 5.0  # the padding where there is little room
FEW = 4  # elements that are all told
DOT = 3.0  # the radius of the end of a stem
PALE = 0.35  # opacity of a part that is not lit
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Chip(NamedTuple):
    """A part that has arrived: where it stands, what it says, and what it is."""

    place: QRectF
    text: str
    value: np.ndarray
    wire: int | None = None  # the slot of the one that it came by
    stem: QLineF | None = None  # to that wire, where it does not stand on it


def paint_forks(
    painter: QPainter,
    scene: Scene,
    theme: Theme,
    shown: Iterable[Junction],
    decimals: int,
    bright: Collection[int] | None = None,
    lit: Slots | None = None,
    kept: Sequence[QRectF] = (),
    sources: Collection[Source] | None = None,
    coming: Collection[tuple[str, str]] = (),
) -> None:
    """Draw forks with their parts, clear of what is `kept`; all, or those of some `sources`, beside the others.

    With a part of the scene lit, only those at its `bright` items; parts that came by other wires than `lit` are pale.
    What is still `coming` from some ports, by node, is not there yet.
    """
    near = [j for j in shown if bright is None or scene.items.slots.get(scene.face(j.source.node) or "") in bright]
    wires = None if lit is None else set(lit.tolist())
    for junction, chips in placed(scene, near, decimals, kept):
        if sources is not None and junction.source not in sources:
            continue
        late = {(d.node, d.port) for d in junction.gradient.arrived}.intersection(coming)
        slots = {scene.wires.slots[port] for port in late if port in scene.wires.slots}
        arrived = len(junction.gradient.terms) - len(late)
        if not arrived:
            continue
        for chip in chips:
            if chip.wire in slots:
                continue
            painter.setOpacity(PALE if wires is not None and chip.wire is not None and chip.wire not in wires else 1.0)
            _pill(painter, chip, theme)
        painter.setOpacity(1.0)
        _junction(painter, theme, junction, arrived)


def fork_places(
    scene: Scene, shown: Iterable[Junction], decimals: int, kept: Sequence[QRectF] = ()
) -> Iterator[QRectF]:
    """What forks and their parts take up, clear of what is `kept`."""
    for junction, chips in placed(scene, list(shown), decimals, kept):
        yield circle(junction)
        yield from (chip.place for chip in chips)


def chips_in_view(canvas: Canvas) -> list[QRectF]:
    """What the forks of the moment take up in view, in scene units, while their texts are drawn."""
    moment, view, scene = canvas.editor.stepper.moment, canvas.view, canvas.scene
    if moment is None or view.scale < TEXTS:
        return []
    wires = scene.wires.within(*view.window(canvas.width(), canvas.height()))
    return list(fork_places(scene, junctions(scene, moment, wires), canvas.decimals, kept_clear(canvas)))


def junction_at(canvas: Canvas, x: float, y: float) -> Junction | None:
    """The fork whose junction is seen at a point of the scene."""
    moment, view, scene = canvas.editor.stepper.moment, canvas.view, canvas.scene
    if moment is None or view.scale < TEXTS:
        return None
    wires = scene.wires.within(*view.window(canvas.width(), canvas.height()))  # as when they are drawn: found once
    there = (each for each in junctions(scene, moment, wires) if each.gradient.terms)
    return next((each for each in there if QLineF(each.place, QPointF(x, y)).length() <= HIT), None)


def placed(
    scene: Scene, shown: Sequence[Junction], decimals: int, kept: Sequence[QRectF]
) -> list[tuple[Junction, list[Chip]]]:
    """Each fork with the chips of its parts, of which none covers another one; found once for all who ask in one frame.

    Forks are placed in the order in which their first parts came, each with room for those to come, and stand there
    from then on: no chip moves with the view.
    """
    came = [(j.source, j.place.toTuple(), [*map(id, j.gradient.arrived)], id(j.gradient.start)) for j in shown]
    now = scene.items.geometry, scene.wires.edition, decimals, [place.getRect() for place in kept], came
    last = _placed.get(scene)
    if last is None or last.graph is not scene.graph or last.now != now:
        last = _placed[scene] = _Placed(scene.graph, now, tuple(shown), _lay_chips(scene, shown, decimals, kept))
    return last.found


class _Placed(NamedTuple):
    """What was placed last in a scene. `shown` is held, or others might get the ids of what is in it."""

    graph: object
    now: tuple[object, ...]
    shown: tuple[Junction, ...]
    found: list[tuple[Junction, list[Chip]]]


_placed: WeakKeyDictionary[Scene, _Placed] = WeakKeyDictionary()


def forget(scene: Scene) -> None:
    """Keep nothing of the moment that was shown last in a scene."""
    _placed.pop(scene, None)
    forget_junctions(scene)


def _lay_chips(
    scene: Scene, shown: Sequence[Junction], decimals: int, kept: Sequence[QRectF]
) -> list[tuple[Junction, list[Chip]]]:
    ports = {(d.node, d.port) for junction in shown for d in junction.coming} & scene.wires.slots.keys()
    slots = np.array([scene.wires.slots[port] for port in ports], np.intp)
    paths = dict(zip(ports, scene.wires.paths(slots, 8), strict=True))
    taken = [*names_of_frames(scene), *_all_circles(scene), *map(circle, shown)]
    ordered = sorted(shown, key=lambda each: (each.times[:1], each.source))
    texts = [{(d.node, d.port): _texts(scene, d, decimals) for d in junction.coming} for junction in ordered]
    asking = []
    for junction, told in zip(ordered, texts, strict=True):
        parts = [Part(port, paths[port], _sizes(each)) for port, each in told.items() if port in paths]
        asking.append(Asking(junction.source, parts, _room_of_start(junction, decimals)))
    chips = {
        junction.source: _chips(scene, junction, told, fork, standing, decimals)
        for junction, told, fork, standing in zip(
            ordered, texts, asking, stand(scene, asking, kept, taken), strict=True
        )
    }
    return [(junction, chips[junction.source]) for junction in shown]


def _chips(
    scene: Scene,
    junction: Junction,
    told: Mapping[tuple[str, str], tuple[str, str]],
    fork: Asking,
    standing: Standing,
    decimals: int,
) -> list[Chip]:
    """The start of a fork, and of its parts those that have arrived, each where it stands."""
    start, chips = junction.gradient.start, []
    if start is not None and standing.start is not None:
        chips.append(Chip(standing.start, _told_of_start(start, decimals), start))
    where = {part.port: (part.path, room) for part, room in zip(fork.parts, standing.rooms, strict=True)}
    for delivery in junction.gradient.arrived:
        port = delivery.node, delivery.port
        if port in where:
            path, (which, place) = where[port]
            text = told[port][min(which, 1)]
            chips.append(Chip(place, text, delivery.value, scene.wires.slots[port], stem(path, place)))
    return chips


def circle(junction: Junction) -> QRectF:
    """What the junction itself takes up."""
    return _around(junction.place.x(), junction.place.y())


def _all_circles(scene: Scene) -> Iterator[QRectF]:
    """Where junctions may come to stand: at each output that several wires leave."""
    shown = scene.wires.shown()
    _, first, counts = np.unique(scene.wires.nets[shown], return_index=True, return_counts=True)
    for x, y in scene.wires.ends[shown[first[counts > 1]], :2].tolist():
        yield _around(x + AWAY, y)


def _around(x: float, y: float) -> QRectF:
    return QRectF(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS)


def _junction(painter: QPainter, theme: Theme, junction: Junction, arrived: int) -> None:
    """Σ once all parts are there; till then how many of them have `arrived`, and a ring that is closed as far."""
    parts = junction.gradient.parts
    place = circle(junction)
    colour = QColor(theme.gradient)
    painter.setBrush(QColor(theme.panel))
    whole = arrived == parts
    pen = QPen(colour, 2.0)
    if not whole:
        painter.setPen(QPen(QColor(theme.line), 2.0))
        painter.drawEllipse(place)
        painter.setPen(pen)
        painter.drawArc(place, 90 * 16, -round(360 * 16 * arrived / parts))
    else:
        painter.setPen(pen)
        painter.drawEllipse(place)
    painter.setFont(font(LABEL))
    painter.setPen(colour)
    painter.drawText(place, _CENTER, "Σ" if whole else f"{arrived}/{parts}")


def _room_of_start(junction: Junction, decimals: int) -> tuple[np.ndarray, Size] | None:
    """Where the part that comes by no wire may stand, and its size, where there is one: above the junction."""
    start = junction.gradient.start
    if start is None:
        return None
    size = _size(_told_of_start(start, decimals), CHIP_PADDING)
    x, y = junction.place.x() - RADIUS + size[0] / 2, junction.place.y() - 30
    return np.array([[x, y], [x, y - CHIP_HEIGHT]]), size


def _told_of_start(start: np.ndarray, decimals: int) -> str:
    return f"start {amount(start, decimals)}"


def _texts(scene: Scene, delivery: Delivery, decimals: int) -> tuple[str, str]:
    """What a chip says, and what it says where there is no room for the consumer's name: there the wire tells."""
    return told(scene, delivery, decimals), amount(delivery.value, decimals)


def _sizes(texts: tuple[str, str]) -> tuple[tuple[float, float], ...]:
    return *(_size(text, CHIP_PADDING) for text in texts), _size(texts[1], TIGHT)


def _size(text: str, padding: float) -> tuple[float, float]:
    return width(text, NUMBER) + 2 * padding, CHIP_HEIGHT


def told(scene: Scene, delivery: Delivery, decimals: int) -> str:
    """`via sin 0.540`; where one op takes the value at two ports, with the port; of a tensor its norm."""
    graph = scene.graph
    if delivery.node not in graph.nodes:  # it went since this was recorded
        return f"via {delivery.node} {amount(delivery.value, decimals)}"
    name = graph.nodes[delivery.node].name
    ports = [port for port, source in graph.inputs(delivery.node).items() if source == delivery.source]
    name += f".{delivery.port}" if len(ports) > 1 else ""
    return f"via {name} {amount(delivery.value, decimals)}"


def amount(value: np.ndarray, decimals: int) -> str:
    """One number as it is, a few in brackets; of a larger tensor its norm, which is said."""
    array = np.asarray(value)
    if array.size == 1:
        return fixed(array.reshape(()), decimals)
    if has_all(array):
        return f"[{', '.join(fixed(number, decimals) for number in array)}]"
    return f"norm {size_of(array, decimals)}"


def has_all(value: np.ndarray) -> bool:
    """Whether the amount of an array tells each of its numbers."""
    array = np.asarray(value)
    return array.size == 1 or (array.ndim == 1 and array.size <= FEW)


def size_of(value: np.ndarray, decimals: int) -> str:
    """The norm of an array."""
    return significant(np.linalg.norm(np.asarray(value, np.float64)), decimals + 1)


def _pill(painter: QPainter, chip: Chip, theme: Theme) -> None:
    place, text, value, _, joined = chip
    painter.setBrush(QColor(theme.panel))
    painter.setPen(QPen(QColor(theme.gradient if np.isfinite(value).all() else theme.nonfinite), 1.5))
    if joined is not None:
        painter.drawLine(joined)
        painter.drawEllipse(joined.p1(), DOT, DOT)
    painter.drawRoundedRect(place, CHIP_HEIGHT / 2, CHIP_HEIGHT / 2)
    painter.setFont(font(NUMBER))
    painter.setPen(QColor(theme.text))
    painter.drawText(place, _CENTER, text)
