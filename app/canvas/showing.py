"""What a canvas shows and how: it follows the editor, and knows which part of the scene is in view."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from ...core.document import Change
from ...core.document.edits import SetValues
from ...core.graph import Graph
from ..editor import Editor
from ..look.theme import Theme
from .anatomy import Item
from .bends import Dot
from .items import Slots
from .marks import Marks
from .minimap import Minimap
from .nodes import State
from .places import Hit
from .scene import Scene
from .values import Shown, Values
from .view import FRAMED, View


class Looking(QWidget):
    """Which part of the scene a canvas shows."""

    editor: Editor
    scene: Scene
    view: View
    values: Values
    minimap: Minimap
    minimap_shown: bool
    dots: frozenset[Dot] = frozenset()  # the reroute dots that are selected
    cutting = False  # Y is held: a drag cuts wires
    _framed = False  # whether all has been framed once

    def select_dots(self, dots: Iterable[Dot] = ()) -> None:
        """Select just these reroute dots; selecting nodes lets go of them."""
        self.dots = frozenset(dots)
        self.update()

    def keep_dots(self, graph: Graph) -> None:
        """Let go of reroute dots that are gone."""
        counts = {wire: len(points) for wire, points in graph.bends.items()} if self.dots else {}
        self.select_dots(dot for dot in self.dots if dot.number < counts.get(dot[:2], 0))

    def set_hover(self, hit: Hit) -> None:
        """Say what lies under the pointer now."""
        raise NotImplementedError

    def hit(self, x: float, y: float) -> Hit:
        """What lies at a place of the scene."""
        return self.scene.hit(x, y, self.view.scale, self.editor.selection)

    def frame(self, ids: Iterable[str] | None = None) -> None:
        """Show all, or these nodes and groups, as large as they fit."""
        bounds = self.scene.bounds(ids)
        if bounds is not None:
            self.view.frame(bounds, self.width(), self.height())
        self.view_moved()

    def center_on(self, id: str) -> None:
        """Bring a node or group into the middle, at a zoom at which it can be read."""
        x, y, width, height = self.scene.rect(id)
        self.view.scale = max(self.view.scale, 0.6)
        self.view.center(x + width / 2, y + height / 2, self.width(), self.height())
        self.view_moved()

    def reveal(self, id: str) -> None:
        """Bring a node or group into view if it is not, or too small to read."""
        face = self.scene.face(id)
        if face is None:
            return
        x, y, width, height = self.scene.rect(face)
        left, top, right, bottom = self.view.window(self.width(), self.height())
        if self.view.scale < 0.4 or not (left <= x and top <= y and x + width <= right and y + height <= bottom):
            self.center_on(face)
        self.update()

    def zoom_to(self, factor: float, about: QPointF | None = None) -> None:
        """Show the scene at this zoom, 1 being life-size; the point `about` of the canvas, else its middle, stays."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        self.view.zoom(factor / self.view.scale, about or middle)
        self.view_moved()

    def magnify(self, numbers: float = 1.0, lines: float = 1.0, framed: float = FRAMED) -> None:
        """Larger numbers, thicker wires, and the largest zoom at which all is framed: for a presentation."""
        self.values.larger, self.view.lines, self.view.framed = numbers, lines, framed
        self.values.forget()
        self.update()

    @property
    def looks(self) -> tuple[object, ...]:
        """What all that is drawn on items depends on: while it is the same, so are their pictures."""
        editor, view = self.editor, self.view
        known = self.values.turn, self._marks.turn, self.scene.items.newest
        shown = self.theme, self._gradients, self._order_badges, self._decimals, view.scale, view.ratio
        return known, shown, id(editor.graph), editor.selection, editor.active

    def view_moved(self) -> None:
        self.set_hover(Hit())
        self.update()


class CanvasState(Looking):
    """What a canvas shows and how; it follows the editor. `Canvas` adds the events."""

    search_wanted = Signal(object)  # a Place: open the search for what to add there
    rename_wanted = Signal(str)  # the id of a node or group

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.theme = theme
        self._decimals = 3
        self.wheel = "auto"  # "zoom", "pan", or "auto": a wheel zooms, a trackpad pans
        self.minimap_shown = True
        self.pointer: tuple[float, float] | None = None
        self.hover = Hit()
        self.hover_text = ""
        self.lit: Slots | None = None  # the wires of the net under the pointer
        self._gradients, self._order_badges = True, False
        self.view = View()
        self.scene = Scene(editor)
        self.values = Values(editor)
        self.minimap = Minimap(self.scene)
        self._marks = Marks(editor, self.scene)
        self._built = editor.session, editor.group
        editor.changed.connect(self._follow)
        editor.replaced.connect(self._replace)
        editor.group_changed.connect(self._replace)
        editor.selection_changed.connect(self.select_dots)
        editor.checked.connect(self._take_check)
        editor.results_changed.connect(self._take_results)
        editor.shown.connect(self.reveal)
        self._take_check()

    # Following the editor.

    def _interrupt(self) -> None:
        """End a gesture that runs: what it holds may have changed under it."""
        raise NotImplementedError

    def _follow(self, change: Change) -> None:
        self.scene.follow(change)
        if not all(isinstance(edit, SetValues) for edit in change.edits):  # training goes on under a drag
            self._interrupt()
        self.values.ask_again()
        self.set_hover(Hit())
        self.keep_dots(change.after)

    def _replace(self) -> None:
        if self._built == (self.editor.session, self.editor.group):
            return  # told twice: of another document, and of another group
        self._built = self.editor.session, self.editor.group
        self.scene.rebuild()
        self._interrupt()
        self.select_dots()
        self.values.forget()
        self.set_hover(Hit())
        self._marks.take_problems()
        self.frame()

    def _take_check(self) -> None:
        self.scene.take_shapes()
        self._marks.take_problems()
        self.update()

    def _take_results(self) -> None:
        self.values.ask_again()
        self._marks.take_errors()
        self.update()

    # How it is shown.

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.values.forget()
        self.update()

    @property
    def gradients(self) -> bool:
        """Whether nodes have a chip with the gradient."""
        return self._gradients

    @gradients.setter
    def gradients(self, on: bool) -> None:
        if on != self._gradients:
            self._gradients = on
            self.scene.show_gradients(on)
            self._marks.take_problems()
            self.update()

    @property
    def order_badges(self) -> bool:
        """Whether nodes bear their number in the order of computation."""
        return self._order_badges

    @order_badges.setter
    def order_badges(self, on: bool) -> None:
        self._order_badges = on
        self.update()

    @property
    def decimals(self) -> int:
        """Digits after the point of the numbers in nodes."""
        return self._decimals

    @decimals.setter
    def decimals(self, decimals: int) -> None:
        self._decimals = decimals
        self.values.forget()
        self.update()

    @property
    def bad_items(self) -> set[str]:
        """The ids of what has a problem."""
        return self._marks.bad_items

    def state_of(self, item: Item, shown: Shown | None) -> State:
        """What is drawn on an item, but for its wired ports."""
        return self._marks.state(item, shown, self._order_badges)

    def wired(self, item: Item, state: State) -> State:
        """The same with the ports that have a wire."""
        return self._marks.wired(item, state)

    def set_hover(self, hit: Hit) -> None:
        """Light the net of the wire under the pointer, and say what is on it."""
        if hit == self.hover:
            if self.hover_text:
                self.update()  # the text goes along with the pointer
            return
        self.hover, self.lit, self.hover_text = hit, None, ""
        if hit.wire is not None:
            self.lit = self.scene.wires.net_of(hit.wire.source)
            self.hover_text = self._marks.describe(hit.wire.source, (hit.wire.target, hit.wire.port))
        elif hit.port is not None and hit.port.output:
            self.hover_text = self._marks.describe(self.scene.source(hit.port), None)
        self.update()
