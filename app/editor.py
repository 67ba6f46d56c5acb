"""What a window edits: one session, what of it is selected, which group is entered, and what is known of it.

Canvas and panels hold an `Editor` and meet only there: they read its document, listen to its signals, and change
the document through `attempt`. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from ..core.document import Change, Document, Gesture, Transaction
from ..core.errors import GradwireError
from ..core.graph import Graph, Source
from ..core.infer import Problem
from ..core.ops import Registry
from ..core.session import Session
from .attaching.controller import Attaching
from .bridge import DocumentSignals
from .files.own_layers import OwnLayers
from .looking_away import Place
from .results.checking import Checking
from .results.findings import Findings
from .results.flowing import Flowing
from .results.live import Live
from .results.printing import Printing
from .results.shown import Results
from .stepping.branching import Branching
from .stepping.breakpoints import Breakpoints
from .stepping.epochs import LastEpoch
from .stepping.memory import MemoryView
from .stepping.motion import Motion
from .stepping.playing import Playing
from .stepping.predicting import Predicting
from .stepping.printing import SteppedLines
from .stepping.questions import Questions
from .stepping.spotlight import Spotlight
from .stepping.stepper import Stepper
from .stepping.watching import Watching
from .training.controller import Training
from .trying.trying import Trying
from .undoing import READ_ONLY, refuses, take_step
from .wishes import Wishes
from .wording import REDONE, UNDONE

T = TypeVar("T")
Act = Callable[[Transaction], T]
Merge = str | Gesture | None  # what joins edits to one undo


class Editor(QObject):
    """One open document as a window has it."""

    changed = Signal(object)  # a core Change, after each commit
    replaced = Signal()  # another session: new, opened, reverted
    selection_changed = Signal()
    group_changed = Signal()  # another group is entered
    catalogues_changed = Signal()  # there are other ops, layers, sets, …: plugins come and go
    checked = Signal()  # problems and shapes are new
    results_changed = Signal()  # values and gradients are new, or have become stale
    told = Signal(str, str)  # a line for the status bar: text, and "note" or "refusal"
    shown = Signal(str)  # the canvas is asked to show this node or group (and the editor has selected it)

    def __init__(
        self, session: Session | None = None, parent: QObject | None = None, own_layers: OwnLayers | None = None
    ) -> None:
        super().__init__(parent)
        self.own_layers = own_layers or OwnLayers(parent=self)  # those of the user, which all windows share
        self.wishes = Wishes(self)
        self.checking, self.live = Checking(self), Live(self)
        self.stepper = Stepper(self.live, self)
        self.breakpoints = Breakpoints(self.stepper, self)
        self.watching = Watching(self.stepper, self)
        LastEpoch(self.stepper, self).told.connect(self.told)
        self.branching, self.playing = Branching(self.stepper, self), Playing(self.stepper, self)
        self.motion = Motion(self.stepper, self.playing, self)
        self.changed.connect(self.breakpoints.follow)
        self.checking.checked.connect(self.checked)
        self.checking.on_disk.changed.connect(self.live.refreshing.schedule)
        self.flowing = Flowing(self)
        self.results = Results(self.live, self.stepper, self.flowing, self)
        self.results.changed.connect(self.results_changed)
        self.stepper.told.connect(self.told)
        self.spotlight, self.questions = Spotlight(self), Questions(self)
        self.predicting, self.memory = Predicting(self), MemoryView(self)
        self.findings, self.printed = Findings(self), Printing(self)
        SteppedLines(self.stepper, self.printed)
        self.training = Training(self)
        self.trying, self.attaching = Trying(self), Attaching(self)
        self._signals = DocumentSignals(self)
        self._signals.changed.connect(self._follow)
        self.place: Place | None = None  # where one was in the document when another graph was looked at
        self.name, self.home = "Untitled", session or Session()  # the name: of a document that has no file
        self.open(self.home)

    def open(self, session: Session) -> None:
        """Edit another session; the old one is closed."""
        if session is not self.home:
            self.home.close()
        self.home = session  # that of the document, also while another is looked at
        self.look_at(session)

    def look_at(self, session: Session, computes: bool = True) -> None:
        """Show another session in the place of the document, not to be edited, which Live `computes`; or this again."""
        self.session, self._computes = session, computes
        self.selection: frozenset[str] = frozenset()  # ids of nodes and groups
        self.active: str | None = None  # the one selected last: what the inspector shows
        self.group: str | None = None  # the group entered, None at the top
        self._signals.follow(session.document)
        for part in (self.checking, self.stepper):
            part.follow(session)
        self.live.follow(session if computes else None)
        self.breakpoints.forget()
        self.watching.take_up(())
        self.replaced.emit()
        self.selection_changed.emit()
        self.group_changed.emit()

    def close(self) -> None:
        """End the threads and the journal."""
        beside = (self.attaching, self.training, self.trying, self.checking, self.questions, self.memory, self.findings)
        for part in (*beside, self.stepper, self.watching, self.live, self.home):
            part.close()

    @property
    def document(self) -> Document:
        return self.session.document

    @property
    def graph(self) -> Graph:
        return self.session.document.graph

    @property
    def registry(self) -> Registry:
        return self.session.document.registry

    def attempt(self, label: str, act: Act[T], source: str = "canvas", merge: Merge = None) -> T | None:
        """Do `act` in one transaction, one undo. A refusal changes nothing, and is told; the result is then None."""
        done: list[T] = []
        return done[0] if self.refusal(label, lambda t: done.append(act(t)), source, merge) is None else None

    def refusal(self, label: str, act: Act[object], source: str = "canvas", merge: Merge = None) -> str | None:
        """Do `act` as `attempt` does; why it was refused, None where it was not."""
        if refuses(self):
            return READ_ONLY
        try:
            with self.document.transaction(label, source=source, merge=merge) as t:
                act(t)
        except GradwireError as error:
            self.told.emit(str(error), "refusal")
            return str(error)
        return None

    def undo(self) -> None:
        take_step(self, self.document.undo, UNDONE)

    def redo(self) -> None:
        take_step(self, self.document.redo, REDONE)

    def _follow(self, change: Change) -> None:
        graph = change.after
        gone = [id for id in self.selection if id not in graph.nodes and id not in graph.groups]
        if self.group is not None and self.group not in graph.groups:
            self.enter(None)
        self.changed.emit(change)
        if gone:
            self.select(self.selection.difference(gone))
        self.checking.follow(self.session)
        self.live.follow(self.session if self._computes else None)

    def select(self, ids: Iterable[str], active: str | None = None) -> None:
        """Select just these nodes and groups; `active` (else the only one) is what the inspector shows."""
        chosen = frozenset(ids)
        if active is None:
            active = self.active if self.active in chosen else (next(iter(chosen)) if len(chosen) == 1 else None)
        if (chosen, active) != (self.selection, self.active):
            self.selection, self.active = chosen, active
            self.selection_changed.emit()

    def enter(self, group: str | None) -> None:
        """Show the inside of a group, None: the top."""
        if group != self.group:
            self.group = group
            self.select(())
            self.group_changed.emit()

    def show(self, id: str) -> None:
        """Enter the group of a node or group, select it, and ask the canvas to bring it into view."""
        self.enter(self.graph.item(id).group)
        self.select([id], active=id)
        self.shown.emit(id)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.checking.problems

    @property
    def shapes(self) -> Mapping[Source, str]:
        """The shape of each value as people read it: `(N, 64) f32`."""
        return self.checking.shapes
