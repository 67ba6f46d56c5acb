"""What a canvas showed at one moment, taken on its thread and drawn on any other: nothing in it changes any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from ...core.errors import RunError
from ...core.graph import Graph, Source
from ...core.infer import Problem
from ...core.ops import Registry
from ..canvas.anatomy import FRAME
from ..canvas.bends import paint_dots
from ..canvas.frames import paint_frames
from ..canvas.marks import Marks
from ..canvas.nodes import paint_body
from ..canvas.scene import Scene
from ..canvas.values import Told, Values, paint_values
from ..canvas.view import Bounds, View
from ..canvas.wires import paint_stubs, paint_wires
from ..look.theme import LIGHT, Theme

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas

PAPER = replace(LIGHT, background="#ffffff")  # what a page is printed on


@dataclass(frozen=True)
class Results:
    """What had been computed of the nodes that are shown, by source and by node."""

    told: Mapping[Source, Told]
    refused: Mapping[str, str]

    def errors(self) -> Mapping[str, str]:
        return self.refused


@dataclass(frozen=True)
class Still:
    """A graph, what is known of it, and how it is shown; nothing is selected. Painting sees it as it sees an editor."""

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
    selection: frozenset[str] = frozenset()
    active: str | None = None

    @classmethod
    def of(cls, canvas: Canvas, theme: Theme | None = None) -> Still:
        """What a canvas shows now, in another theme where one is given."""
        editor = canvas.editor
        sources = [item.sources[0] for item in canvas.scene.items.items if item is not None and item.sources]
        results = Results({source: canvas.values.tell(source) for source in sources}, dict(editor.live.errors()))
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
        )


class Drawing:
    """A still laid out, to be drawn on any painter: lines and texts, no pointer, no overlays."""

    def __init__(self, still: Still) -> None:
        self._still = still
        self._scene = Scene(still, still.gradients)
        self._values = Values(still.live.told.__getitem__)
        self._marks = Marks(still, self._scene)
        self._marks.take_problems()

    def bounds(self, ids: Iterable[str] | None = None) -> Bounds | None:
        """What all that is shown takes up, or these nodes and groups; None where it is nothing."""
        return self._scene.bounds(ids)

    def draw(self, painter: QPainter, bounds: Bounds, stopped: Callable[[], bool]) -> None:
        """Draw what lies within `bounds` at life size, its left top corner being the painter's origin.

        Raises `RunError` when `stopped`, which is asked again and again, says so.
        """
        scene, theme, view = self._scene, self._still.theme, View()
        view.x, view.y = -bounds[0], -bounds[1]
        painter.fillRect(QRectF(0, 0, bounds[2] - bounds[0], bounds[3] - bounds[1]), QColor(theme.background))
        paint_frames(painter, scene, view, theme, bounds, bad=self._marks.bad_items)
        paint_wires(painter, scene, view, theme, bounds, None)
        paint_dots(painter, scene, view, theme, bounds, frozenset())
        painter.save()
        painter.translate(view.x, view.y)
        paint_stubs(painter, scene, theme, bounds, view.scale)
        for slot in scene.find.slots_in(*bounds).tolist():
            if stopped():
                painter.restore()
                raise RunError("the picture was stopped before it was done")
            self._draw_item(painter, slot)
        painter.restore()

    def _draw_item(self, painter: QPainter, slot: int) -> None:
        still, item = self._still, self._scene.items.at(slot)
        if item.kind == FRAME:
            return
        shown = self._values.of(item.sources[0], still.theme, still.decimals) if item.sources else None
        state = self._marks.wired(item, self._marks.state(item, shown, still.order_badges))
        painter.save()
        painter.translate(*self._scene.items.boxes[slot, :2].tolist())
        paint_body(painter, item, state, still.theme, 1.0, still.gradients)
        if shown is not None:
            paint_values(painter, item, shown, still.theme, still.gradients)
        painter.restore()
