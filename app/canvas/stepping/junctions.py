"""The forks of the group that is shown at which gradients have met by a moment, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPointF

from ....core.graph import Source
from ....core.stepping import Delivery, Gradient, Moment
from ..anatomy import PortRef
from ..items import Slots
from ..scene import Scene

AWAY = 20.0  # of the middle of a fork from the port


class Junction(NamedTuple):
    """A fork that is shown: where it stands, what has arrived there, and when each of these parts did."""

    source: Source
    place: QPointF
    gradient: Gradient
    times: tuple[tuple[int, int], ...] = ()  # step and micro-step
    coming: tuple[Delivery, ...] = ()  # all that arrives there in the end, in this order


def junctions(scene: Scene, moment: Moment, wires: Slots | None = None) -> tuple[Junction, ...]:
    """The forks in the group that is shown at which a gradient is on its way or whole; only those of some `wires`.

    Found once for all who ask in one frame.
    """
    edition = scene.items.geometry, scene.wires.edition, None if wires is None else wires.tobytes()
    last = _found.get(scene)
    if last is None or last.graph is not scene.graph or last.moment is not moment or last.edition != edition:
        last = _found[scene] = _Found(scene.graph, moment, edition, tuple(_junctions(scene, moment, wires)))
    return last.junctions


class _Found(NamedTuple):
    """What was asked for last in a scene, and what was found."""

    graph: object
    moment: Moment
    edition: tuple[object, ...]
    junctions: tuple[Junction, ...]


_found: WeakKeyDictionary[Scene, _Found] = WeakKeyDictionary()


def forget_junctions(scene: Scene) -> None:
    """Keep nothing of the moment that was asked for last in a scene."""
    _found.pop(scene, None)


def _junctions(scene: Scene, moment: Moment, wires: Slots | None) -> Iterator[Junction]:
    delivered = (delivery.source for delivery in _delivered(scene, moment, wires))
    sources = dict.fromkeys([*_started(moment), *delivered])
    for source in sources:
        if source.node not in scene.graph.nodes or scene.face(source.node) is None:
            continue
        gradient = moment.gradient(source)
        if gradient.parts > 1:
            x, y = scene.position(PortRef(source.node, source.output, True))
            coming = moment.timeline.arrivals.get(moment.timeline.run.tensors[source].slot, ())
            parts = tuple(delivery for _, _, delivery in coming)
            yield Junction(source, QPointF(x + AWAY, y), gradient, _times(moment, source, gradient), parts)


def _started(moment: Moment) -> Iterator[Source]:
    """The roots in which gradients have started: at one that goes on to another, before anything arrives there."""
    return (start.source for index, start in moment.timeline.starts.values() if index < moment.cursor.step)


def _times(moment: Moment, source: Source, gradient: Gradient) -> tuple[tuple[int, int], ...]:
    timeline = moment.timeline
    started = [(timeline.starts[timeline.run.tensors[source].slot][0], 0)] if gradient.start is not None else []
    return (*started, *(timeline.by_port[each.node, each.port][:2] for each in gradient.arrived))


def _delivered(scene: Scene, moment: Moment, wires: Slots | None) -> Iterable[Delivery]:
    if wires is None:
        return moment.delivered.values()
    ends = (scene.wires.at(slot) for slot in wires.tolist())
    return (found for _, target, port in ends if (found := moment.delivery(target, port)) is not None)
