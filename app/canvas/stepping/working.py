"""What of a scene is to be seen of a step: the node at work, and on the way back where its gradients go."""

from __future__ import annotations

from collections.abc import Sequence

from ....core.stepping import Moment
from ..looks import LOOKS, kind_of
from ..looks.cells import Cells, folded
from ..looks.look import Array
from ..looks.matrix import Matrix
from ..nodes import TEXTS
from ..scene import Scene
from ..view import Bounds
from .forks import RADIUS
from .junctions import AWAY

FEW = 4  # columns of numbers, which are read as soon as texts are
READ = 0.6  # the zoom from which those in eight columns are


def places_of(scene: Scene, moment: Moment) -> list[Bounds]:
    """The boxes (x, y, width, height) of what `faces_of` tells of, each with the junction beside it."""
    sources = [delivery.source for each in moment.done_at_once for delivery in each.deliveries]
    there = [source for source in sources if source.node in scene.graph.nodes]  # the graph may be another by now
    forked = {scene.face(source.node) for source in there if moment.gradient(source).parts > 1}
    return [_with_fork(scene.rect(face), face in forked) for face in faces_of(scene, moment)]


def faces_of(scene: Scene, moment: Moment) -> list[str]:
    """The node at work and what receives a gradient by its step, or the boxes that these are in.

    The one that matters most comes first: what receives, above all where a sum is complete by this step; then the node
    at work, and then all others. Empty where the step is none of a node that is shown.
    """
    step = moment.step
    if step is None or step.node is None or step.node not in scene.graph.nodes:
        return []
    deliveries = [delivery for each in moment.done_at_once for delivery in each.deliveries]
    at_work = {each.node for each in moment.done_at_once}
    receiving = [delivery.source.node for delivery in deliveries if delivery.source.node not in at_work]
    completed = _completed(moment)
    receiving.sort(key=lambda node: node not in completed)
    nodes = [*receiving[:1], step.node, *receiving[1:]]
    faces = dict.fromkeys(scene.face(node) for node in nodes if node in scene.graph.nodes)
    return [] if scene.face(step.node) is None else [face for face in faces if face is not None]


def _with_fork(box: Bounds, forked: bool) -> Bounds:
    """The box of a node with the junction beside it, where parts meet there."""
    x, y, width, height = box
    return (x, y, width + AWAY + RADIUS, height) if forked else box


def _completed(moment: Moment) -> set[str]:
    """The forks at which the last part arrives by the step that is done last."""
    timeline, found = moment.timeline, set()
    for step in moment.done_at_once:
        for delivery in step.deliveries:
            arrivals = timeline.arrivals.get(delivery.slot, ())
            if len(arrivals) > 1 and timeline.steps[max(index for index, *_ in arrivals)] is step:
                found.add(delivery.source.node)
    return found


def read_from(moment: Moment) -> float:
    """The zoom from which the numbers of an evaluation can be read in its nodes."""
    values = (tensor.value for tensor in moment.timeline.run.tensors.values())
    return TEXTS if all(_columns(value) <= FEW for value in values) else READ


def _columns(value: Array) -> int:
    """In how many columns the numbers of a value stand, 0 where they are not shown one by one."""
    kind = kind_of(value, LOOKS)
    return folded(value.size)[1] if kind is Cells else value.shape[1] if kind is Matrix else 0


def together(boxes: Sequence[Bounds], wide: float, high: float) -> Bounds:
    """What holds the first box, and of the others, in their order, each with which it is no larger than that."""
    x, y, width, height = boxes[0]
    for left, top, across, down in boxes[1:]:
        right, bottom = max(x + width, left + across), max(y + height, top + down)
        wider, higher = right - min(x, left), bottom - min(y, top)
        if wider <= wide and higher <= high:
            x, y, width, height = min(x, left), min(y, top), wider, higher
    return x, y, width, height
