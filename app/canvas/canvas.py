"""The canvas: shows the graph of an editor, and gives the pointer to the gestures that edit it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ..editor import Editor
from ..look.theme import Theme
from . import accessible
from .bends import Dot
from .events import Events
from .framing import FOOT, begin, fit
from .gestures.gesture import Gesture
from .gone_along import GoneAlong
from .hovering import Hover
from .left_free import badges_over
from .marks import Marks
from .minimap import Minimap
from .painting import Painting
from .places import Hit, Place
from .scene import Scene
from .stepping.pursuit import Pursuit
from .under_badge import findings_at, hit_badge, hit_junction
from .values import Told, Values
from .view import View
from .watching import Watcher


class Canvas(QWidget):
    """One widget that paints the scene and takes mouse and keys."""

    search_wanted = Signal(object)  # a Place: open the search for what to add there
    rename_wanted = Signal(str)  # the id of a node or group

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._events = Events(self)  # first of all: making children already sends some
        self.editor = editor
        self.theme = theme
        self.decimals = 3  # digits after the point of the numbers in nodes
        self.order_badges = False  # whether nodes bear their number in the order of computation
        self.minimap_shown = True
        self.covered_by: QWidget | None = None  # lies over the left top corner
        self.follows_step = True  # the view goes along with the node at work
        self.pointer: tuple[float, float] | None = None  # in scene units, None while it is elsewhere
        self.dots: frozenset[Dot] = frozenset()  # the reroute dots that are selected
        self.pending: Place | None = None  # where the search adds, while it is open
        self.cutting = False  # Y is held: a drag cuts wires
        self.view = View()
        self.gone_along = GoneAlong(editor, self.view)
        self.scene = Scene(editor)
        self.values = Values(partial(Told.by, editor))
        self.marks = Marks(editor, self.scene, lambda: editor.stepper.moment)
        self.scene.find.badges_over = partial(badges_over, self)
        self.hover = Hover(editor, self.scene, self.update, partial(findings_at, self))
        self.minimap = Minimap(self.scene)
        self.painting = Painting(self)
        self._watcher, self._pursuit = Watcher(self), Pursuit(self, self._events.pointer)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Canvas")
        accessible.follow(self)

    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    @property
    def gradients(self) -> bool:
        """Whether nodes have a chip with the gradient."""
        return self.scene.anatomist.gradients

    @gradients.setter
    def gradients(self, on: bool) -> None:
        if on != self.gradients:
            self.scene.show_gradients(on)
            self.marks.take_problems()
            self.update()

    def select_dots(self, dots: Iterable[Dot] = ()) -> None:
        """Select just these reroute dots; selecting nodes lets go of them."""
        self.dots = frozenset(dots)
        self.update()

    def show_pending(self, place: Place | None = None) -> None:
        """Draw the wire that leads to where something is to be added, until that is decided; None: no more."""
        self.pending = place
        self.update()

    def grab_image(self) -> QImage:
        """What is seen now, as a picture; drawn exactly, also while the zoom is in motion."""
        self.painting.rest()
        return self.grab().toImage()

    def view_moved(self) -> None:
        """Draw what is in view now."""
        if self.pointer is not None:  # the mouse stays where it is
            self.pointer = self.view.to_scene(self._events.pointer.at)
        self.hover.leave()
        self.update()

    def frame(self, ids: Iterable[str] | None = None, opening: bool = False) -> None:
        """Show all, or these nodes and groups, as large as they fit; all in every size until somebody moves it.

        `opening`: of a lesson what it asks can be read, also where not all fits then.
        """
        begin(self) if opening else fit(self, ids)
        self.view.note_framed(ids is None, opening)
        self.view_moved()

    def center_on(self, id: str) -> None:
        """Bring a node or group into the middle, at a zoom at which it can be read."""
        x, y, width, height = self.scene.rect(id)
        self.view.scale = max(self.view.scale, 0.6)
        self.view.center(x + width / 2, y + height / 2, self.width(), self.height())
        self.view_moved()

    def bring_into_view(self, ids: Iterable[str], whole: bool = False, made: bool = False) -> None:
        """Move by as little as shows these nodes and groups, at the same zoom; not at all where they are in view.

        Where the `whole` is wanted it is seen above the captions, zoomed out where it is larger than the canvas.
        What the last edit has `made` goes with an undo, and then the view comes back.
        """
        bounds = self.scene.bounds(face for face in map(self.scene.face, ids) if face is not None)
        show, high = (self.view.contain, self.height() - FOOT) if whole else (self.view.reveal, self.height())
        before = self.view.place_and_zoom
        if bounds is not None and show(bounds, self.width(), high):
            if made:
                self.gone_along.went(before)
            self.view_moved()

    def reveal(self, id: str) -> None:
        """Bring a node or group into view if it is not, or too small to read."""
        face = self.scene.face(id)
        if face is not None:
            if self.view.scale < 0.4 or not self.view.holds(self.scene.rect(face), self.width(), self.height()):
                self.center_on(face)
            self.update()

    def zoom_to(self, factor: float, about: QPointF | None = None) -> None:
        """Show the scene at this zoom; the point `about` of the canvas, else its middle, stays."""
        self.view.zoom(factor / self.view.scale, about or QPointF(self.width() / 2, self.height() / 2))
        self.view_moved()

    def hit(self, x: float, y: float) -> Hit:
        """What lies at a place of the scene."""
        found = hit_badge(self, x, y) or hit_junction(self, x, y)
        return found or self.scene.find.hit(x, y, self.view.scale, self.editor.selection)

    # Events.

    @property
    def gesture(self) -> Gesture | None:
        """The gesture that has the pointer."""
        return self._events.pointer.gesture

    def interrupt(self) -> None:
        """End a gesture that runs: what it holds may have changed under it."""
        self._events.pointer.interrupt()

    def event(self, event: QEvent) -> bool:
        return self._events.take(event) or super().event(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        return False  # Tab adds a node; F6 leaves the canvas

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painting.paint_canvas()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.view.all_framed:
            self.frame(opening=self.view.opening)
