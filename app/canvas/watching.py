"""How a canvas follows its editor: another document or group, a change, a check, new results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ...core.document import Change
from ...core.document.edits import SetBuiltBy, SetValues
from ...core.stepping import Moment
from ...core.stepping.touched import touched_between
from . import accessible
from .stepping import forks
from .visits import Visits

if TYPE_CHECKING:
    from ..results.flowing import Flow
    from .canvas import Canvas


class Watcher(QObject):
    """Brings one canvas up to date. A QObject, so that it is told nothing more once the canvas is gone."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._editor = editor = canvas.editor
        self._built = editor.session, editor.group
        self._visits = Visits()
        self._flow: Flow | None = None  # of which values are shown
        editor.changed.connect(self._follow)
        editor.replaced.connect(self._replace)
        editor.group_changed.connect(self._replace)
        editor.selection_changed.connect(self._select)
        editor.checked.connect(self._take_check)
        editor.results_changed.connect(self._take_results)
        editor.predicting.changed.connect(self._take_results)
        for signal in (editor.spotlight.changed, editor.motion.changed):
            signal.connect(canvas.update)
        editor.motion.arrived.connect(self._take_arrived)
        editor.shown.connect(canvas.reveal)
        editor.wishes.sight.connect(lambda ids: canvas.bring_into_view(ids, whole=True))
        editor.stepper.left.connect(self._leave_moment)
        editor.findings.changed.connect(self._take_findings)
        editor.breakpoints.changed.connect(self._take_breakpoints)
        editor.catalogues_changed.connect(self._build)
        self._take_check()

    def _follow(self, change: Change) -> None:
        canvas = self._canvas
        canvas.scene.follow(change)
        if canvas.gone_along.follow(change):
            canvas.view_moved()
        if not all(isinstance(edit, SetValues) for edit in change.edits):  # training goes on under a drag
            canvas.interrupt()
        canvas.values.ask_again()
        canvas.hover.leave()
        # Reroute dots that are gone are selected no more.
        counts = {wire: len(points) for wire, points in change.after.bends.items()} if canvas.dots else {}
        canvas.select_dots(dot for dot in canvas.dots if dot.number < counts.get(dot[:2], 0))
        self._select_shown()
        self._tell_layers(change)

    def _select_shown(self) -> None:
        """What is hidden now cannot be meant: the group that stands for it is selected in its place."""
        editor, graph, face = self._editor, self._canvas.editor.graph, self._canvas.scene.face
        there = [id for id in editor.selection if id in graph.nodes or id in graph.groups]
        faces = {id: face(id) for id in there}
        if any(id != shown for id, shown in faces.items()):
            active = faces.get(editor.active or "")
            editor.select([shown for shown in faces.values() if shown is not None], active)

    def _tell_layers(self, change: Change) -> None:
        """Say which groups have stopped being their layers': their parameters cannot be set any more."""
        for edit in change.edits:
            if isinstance(edit, SetBuiltBy) and edit.new is None and edit.id in change.after.groups:
                name = change.after.groups[edit.id].name
                self._editor.told.emit(f"{name} is no longer a layer: its inside was edited by hand", "note")

    def _replace(self) -> None:
        if self._built == (self._editor.session, self._editor.group):
            return  # told twice: of another document, and of another group
        canvas = self._canvas
        self._visits.leave(self._built, canvas.view)
        self._visits.keep(self._editor.session, self._editor.home)
        self._built = self._editor.session, self._editor.group
        self._build()
        if self._visits.recall(self._built, canvas.view):
            canvas.view_moved()
        else:
            canvas.frame()

    def _build(self) -> None:
        """Make all anew that is shown."""
        canvas = self._canvas
        canvas.scene.rebuild()
        canvas.interrupt()
        canvas.select_dots()
        canvas.values.forget()
        canvas.painting.forget()
        canvas.marks.take_problems()
        canvas.update()

    def _select(self) -> None:
        self._canvas.select_dots()
        accessible.tell_focus(self._canvas)

    def _take_check(self) -> None:
        self._canvas.scene.take_shapes(self._editor.checking.reshaped)
        self._canvas.marks.take_problems()
        self._canvas.update()

    def _take_findings(self) -> None:
        self._canvas.marks.take_findings(self._editor.findings.on_canvas)
        self._canvas.update()

    def _take_breakpoints(self) -> None:
        self._canvas.marks.take_breakpoints(self._editor.breakpoints.nodes)
        self._canvas.update()

    def _leave_moment(self) -> None:
        """Nothing is stepped through: what was looked at is let go, an iteration takes much room."""
        self._canvas.painting.leave_moment()
        forks.forget(self._canvas.scene)

    def _take_arrived(self, before: Moment, moment: Moment | None) -> None:
        """What was on its way has come: the sums stand now."""
        if moment is not None:
            self._canvas.values.ask_again(touched_between(before, moment))
            self._canvas.update()

    def _take_results(self) -> None:
        editor, canvas, before = self._editor, self._canvas, self._flow
        self._flow = flow = None if editor.stepper.active else editor.flowing.now
        canvas.marks.take_errors()
        if before is not None and flow is not None and canvas.isVisible():  # one of many, each soon after the other
            if flow is not before:
                canvas.painting.renew(before.told | flow.told)
            return
        canvas.values.ask_again(None if editor.memory.on else editor.results.touched)  # any value may be freed
        canvas.update()
