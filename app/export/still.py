"""What a canvas showed at one moment, taken on its thread and drawn on any other: nothing in it changes any more."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QPainter, QPicture

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from ...core.graph import Graph, Source
from ...core.infer import Problem
from ...core.ops import Registry
from ...core.stepping import Moment
from ...core.stepping.lifetimes import Lifetimes
from ...core.stepping.modes import mode_of
from ..canvas.anatomy import FRAME, NOTE, Item
from ..canvas.badges import Badge, badges
from ..canvas.bends import paint_dots
from ..canvas.extent import extent
from ..canvas.frames import paint_frames, paint_titles
from ..canvas.gradient_chip import Chip
from ..canvas.left_free import room_beneath
from ..canvas.marks import Marks
from ..canvas.nodes import paint_body
from ..canvas.scene import Scene
from ..canvas.stepping import Caption, Overlay
from ..canvas.stepping.junctions import junctions
from ..canvas.stepping.working import places_of
from ..canvas.values import Told, Values, paint_values
from ..canvas.view import Bounds, View
from ..canvas.wires import paint_stubs, paint_wires
from ..look.theme import LIGHT, Theme
from ..results.origin import Origin
from ..stepping.fates import Fates

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas
    from ..results.findings import AnyFinding

PAPER = replace(LIGHT, background="#ffffff")  # what a page is printed on


def shown_sources(scene: Scene) -> list[Source]:
    """The values that the items of a scene show."""
    return [item.sources[0] for item in scene.items.items if item is not None and item.sources]


def told_at(moment: Moment, source: Source) -> Told:
    """What is known of a value at a moment."""
    gradient = moment.gradient(source)
    chip = Chip(gradient.state, len(gradient.arrived), gradient.parts)
    known = moment.value(source), gradient.value, False, False, None, chip
    mode = mode_of(moment.timeline.run, moment.timeline.registry, source.node)
    return Told(*known, version=moment.version(source.node), mode=mode).over(moment.standing(source))


@dataclass(frozen=True)
class Results:
    """What had been computed of the nodes that are shown, by source and by node."""

    told: Mapping[Source, Told]
    refused: Mapping[str, str]
    origin: Origin | None = None

    def errors(self) -> Mapping[str, str]:
        return self.refused


@dataclass(frozen=True)
class Still:
    """A graph, what is known of it, and how it is shown; nothing is selected. Painting sees it as it sees an editor.

    With a `moment` it is drawn as it is stepped through, at rest without.
    """

    graph: Graph
    registry: Registry
    group: str | None
    shapes: Mapping[Source, str]
    problems: tuple[Problem, ...]
    live: Results
    theme: Theme
    gradients: bool = True
    order_badges: bool = False
    decimals: int = 3
    moment: Moment | None = None
    lifetimes: Lifetimes | None = None  # where it is shown what a framework would have freed
    findings: tuple[AnyFinding, ...] = ()  # what is unusual about what is shown, for badges
    selection: frozenset[str] = frozenset()
    active: str | None = None

    @classmethod
    def of(cls, canvas: Canvas, theme: Theme | None = None) -> Still:
        """What a canvas shows now, in another theme where one is given."""
        editor = canvas.editor
        told = {source: canvas.values.tell(source) for source in shown_sources(canvas.scene)}
        results = Results(told, dict(editor.live.errors()), editor.live.origin)
        return cls(
            editor.graph,
            editor.registry,
            editor.group,
            editor.shapes,
            editor.problems,
            results,
            theme or canvas.theme,
            canvas.gradients,
            canvas.order_badges,
            canvas.decimals,
            editor.stepper.moment,
            None if editor.memory.now is None else editor.memory.now.lifetimes,
            editor.findings.on_canvas,
        )

    def at(self, moment: Moment) -> Still:
        """The same at another moment; what is stale stays so, as that is of the graph."""
        told = {
            source: told_at(moment, source)._replace(
                stale=known.stale, stale_gradient=known.stale_gradient, fates=self._fates(moment, source)
            )
            for source, known in self.live.told.items()
        }
        return replace(self, moment=moment, live=replace(self.live, told=told))

    def _fates(self, moment: Moment, source: Source) -> Fates | None:
        return None if self.lifetimes is None else Fates.of(self.lifetimes.at(moment.cursor), source)


class Layer(NamedTuple):
    """A part of a drawing. Two of one name with the same `looks` look alike."""

    name: str
    looks: Hashable
    paint: Callable[[QPainter], None]


class Drawing:
    """A still laid out, to be drawn on any painter: lines and texts, no pointer, nothing selected."""

    def __init__(self, still: Still) -> None:
        self.still = still
        self._scene = Scene(still, still.gradients)
        self._values = Values(lambda source: self.still.live.told[source])
        self._marks = Marks(still, self._scene, lambda: self.still.moment)
        self._marks.take_problems()
        self._marks.take_findings(still.findings)
        self._done: Moment | None = None

    def show(self, moment: Moment) -> None:
        """Draw it at this moment from now on."""
        self.still = self.still.at(moment)
        self._values.ask_again()

    def at_work(self, moment: Moment) -> list[Bounds]:
        """What is to be seen of a step, as x, y, width and height: what matters most comes first."""
        return places_of(self._scene, moment)

    @property
    def caption(self) -> Caption | None:
        """What the step at work says, None at rest."""
        moment = self.still.moment
        return None if moment is None else Caption.of(moment, self.still.decimals)

    def bounds(self, ids: Iterable[str] | None = None) -> Bounds | None:
        """What all that is drawn takes up, or these nodes and groups; None where it is nothing.

        At any moment with room for all that the whole pass will bring.
        """
        found = extent(self._scene, ids)
        if found is None or ids is not None or self.still.moment is None:
            return found
        picture = QPicture()  # it knows how far what is drawn on it reaches
        painter = QPainter(picture)
        Overlay(self._end, self._scene, View(), self.still.theme, self.still.decimals).paint_forks(painter)
        painter.end()
        forks = picture.boundingRect()
        if forks.isEmpty():
            return found
        left, top, right, bottom = found
        return (
            min(left, forks.left()),
            min(top, forks.top()),
            max(right, forks.right() + 1.0),
            max(bottom, forks.bottom() + 1.0),
        )

    def draw(self, painter: QPainter, bounds: Bounds, stopped: Cancelled) -> None:
        """Draw what lies within `bounds` at life size, its left top corner being the painter's origin.

        The ground is the caller's. Raises `RunError` when `stopped`, which is asked again and again, says so.
        """
        for layer in self.layers(bounds):
            if stopped():
                raise RunError("the picture was stopped before it was done")
            painter.save()
            layer.paint(painter)
            painter.restore()

    def layers(self, bounds: Bounds) -> Iterator[Layer]:
        """All that lies within `bounds`, the lowest first; at each moment the same ones."""
        still, view = self.still, View()
        view.x, view.y = -bounds[0], -bounds[1]
        overlay = None
        if still.moment is not None:
            overlay = Overlay(still.moment, self._scene, view, still.theme, still.decimals)
        yield Layer("wires", "", lambda painter: self._draw_wires(painter, view, bounds))
        if overlay is not None:
            yield from self._lanes(overlay)
        yield Layer("ends", "", lambda painter: self._draw_ends(painter, view, bounds))
        if overlay is not None:
            step = overlay.moment.step
            yield Layer("glow", step and (step.phase, step.node), overlay.paint_glow)
        for slot in self._scene.find.slots_in(*bounds).tolist():
            layer = self._item(slot, view)
            if layer is not None:
                yield layer
        if overlay is not None:
            yield from self._forks(overlay)

    def _lanes(self, overlay: Overlay) -> Iterator[Layer]:
        """One for each wire that a gradient takes in the end, before that with nothing on it."""
        moment = overlay.moment
        fresh = {(delivery.node, delivery.port) for delivery in moment.delivering}
        for port in self._end.delivered:
            looks = port in moment.delivered, port in fresh
            yield Layer("lane " + ".".join(port), looks, partial(overlay.paint_beneath, ports=[port]))
        for port in self._scene.wires.slots:
            wire = self._scene.wires.at(self._scene.wires.slots[port])
            if moment.timeline.stopped(wire):
                yield Layer("stop " + ".".join(port), moment.going_back, partial(overlay.paint_beneath, ports=[port]))

    def _forks(self, overlay: Overlay) -> Iterator[Layer]:
        """One for each fork that there is in the end."""
        for junction in junctions(self._scene, self._end):
            source = junction.source
            arrived = len(overlay.moment.gradient(source).terms)
            yield Layer(f"fork {source.node}.{source.output}", arrived, partial(overlay.paint_forks, sources=[source]))

    @property
    def _end(self) -> Moment:
        """The moment at which all is done."""
        assert self.still.moment is not None
        timeline = self.still.moment.timeline
        if self._done is None or self._done.timeline is not timeline:
            self._done = Moment(timeline, timeline.end)
        return self._done

    def _draw_wires(self, painter: QPainter, view: View, bounds: Bounds) -> None:
        scene, theme = self._scene, self.still.theme
        paint_frames(painter, scene, view, theme, bounds, bad=self._marks.bad_items)
        paint_titles(painter, scene, view, theme, bounds)
        paint_wires(painter, scene, view, theme, bounds, None)

    def _draw_ends(self, painter: QPainter, view: View, bounds: Bounds) -> None:
        scene, theme = self._scene, self.still.theme
        paint_dots(painter, scene, view, theme, bounds, frozenset())
        painter.translate(view.x, view.y)
        paint_stubs(painter, scene, theme, bounds, view.scale)

    def _badges(self, item: Item) -> list[Badge]:
        still = self.still
        if item.kind in (FRAME, NOTE):
            return []
        shown = self._values.of(item.sources[0], still.theme, still.decimals) if item.sources else None
        return badges(item, self._marks.state(item, shown, still.order_badges), 1.0)

    def _item(self, slot: int, view: View) -> Layer | None:
        still, item = self.still, self._scene.items.at(slot)
        if item.kind == FRAME:
            return None
        shown = self._values.of(item.sources[0], still.theme, still.decimals) if item.sources else None
        state = self._marks.wired(item, self._marks.state(item, shown, still.order_badges))
        if state.fates is not None and state.fates.words:
            state = state._replace(beneath=room_beneath(self._scene, slot, state.fates.words, self._badges))

        def paint(painter: QPainter) -> None:
            x, y = self._scene.items.boxes[slot, :2].tolist()
            painter.translate(view.x + x, view.y + y)
            paint_body(painter, item, state, still.theme, 1.0, still.gradients)
            if shown is not None:
                paint_values(painter, item, shown, still.theme, still.gradients)

        return Layer(f"item {item.id}", (state, shown), paint)
