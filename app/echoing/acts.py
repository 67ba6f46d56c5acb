"""What is done in a window, one act after the other: changes of the document, and actions that make none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.document import Change
from ...core.stepping.walking import MICRO, OP
from ..actions import Action
from .beginning import Beginning
from .looks import Looks, of_python
from .silent import why_silent

if TYPE_CHECKING:
    from ..window import Window

CALM = 600  # milliseconds for which what may go on (a drag, a wheel) is waited for: longer than edits are one undo
MOST = 500  # characters of lines that say what is looked at: of more the action is shorter
CONSOLE = "console"
TRAIN = "train.begin"
STEPS = ("step.forward", "step.back", "step.over", "step.back_over")
COMPUTES = ("train(", "step(", "back(")  # lines that a script without a window can do as well
OWN = frozenset({"journal", "opening"})  # sources of changes that nobody has made


class Act(NamedTuple):
    """A change with the values after it, or a line; `by_console`: Python has done it; `known_to`: who was told of it
    as it began; `state`: which one of the history is there after it; `only_looks`: no script without a window has it.
    """

    change: Change | None
    values: Mapping[str, Any]
    line: str = ""
    by_console: bool = False
    known_to: frozenset[str] = frozenset()
    state: int = 0
    only_looks: bool = False


class Acts(QObject):
    """Of one window. `done(Act)` while somebody listens."""

    done = Signal(object)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._listeners: set[str] = set()
        self._waiting: Act | None = None
        self._state = -1  # of the history, before what waits
        self._changes = 0
        self._refused = False
        self._training_told: frozenset[str] = frozenset()  # the listeners who were told that the run began
        self._trained_by_console = False
        self._runs = Beginning(window.editor.training, self)
        self._runs.begun.connect(self._tell_begun)
        self._calm = QTimer(self, singleShot=True, interval=CALM)
        self._calm.timeout.connect(self.flush)
        self._looks = Looks(window)
        self._looks.said.connect(self._say)
        window.editor.changed.connect(self._follow)
        window.editor.replaced.connect(self.flush)
        window.editor.told.connect(self._hear)
        window.editor.training.begun.connect(self._note_run)

    def listen(self, who: str, on: bool) -> None:
        """Somebody wants to be told, or no more."""
        self.flush()
        self._runs.tell()
        (self._listeners.add if on else self._listeners.discard)(who)
        self._looks.listen(bool(self._listeners))

    def flush(self) -> None:
        """Tell what waits to go on, and what is looked at since."""
        self._tell_waiting()
        self._looks.tell()

    def _tell_waiting(self) -> None:
        self._calm.stop()
        act, self._waiting = self._waiting, None
        if act is not None:
            self.done.emit(act)

    # Changes.

    def _follow(self, change: Change) -> None:
        self._changes += 1
        self._looks.follow_change()
        told, trained = self._training_told, change.source == "training" and change.label == "Train"
        if trained:
            self._training_told = frozenset()
        if not self._listeners or change.source in OWN:
            return
        document = self._window.editor.document
        entry = document.history.next_undo
        going_on = entry is not None and entry.merge is not None and change.source not in ("undo", "redo")
        before = entry.before if entry is not None and going_on else -1
        waits = self._waiting
        if waits is not None and waits.change is not None and entry is not None and before == self._state:
            joined = replace(change, before=waits.change.before, edits=entry.edits, label=entry.label)
            self._waiting = waits._replace(change=joined, values=document.values, state=document.history.state[1])
        else:
            self.flush()
            self._runs.tell()
            if trained and self._listeners <= told:
                return
            by_console = of_python(self._window) or change.source == CONSOLE or (trained and self._trained_by_console)
            known_to, state = told if trained else frozenset(), document.history.state[1]
            self._waiting = Act(change, document.values, "", by_console, known_to, state)
        self._state = before
        self._calm.start() if going_on else self.flush()

    # Actions.

    def _hear(self, _: str, kind: str) -> None:
        """An action that is refused has done nothing."""
        self._refused |= kind == "refusal"

    @contextmanager
    def doing(self, action: Action) -> Iterator[None]:
        """While an action is done: where it changes nothing of the document it is told itself."""
        self._looks.tell()
        listened, before, step, self._refused = bool(self._listeners), self._changes, self._step(), False
        training = self._window.editor.training
        active = training.active
        yield
        begun = training.active and not active
        if not (listened and self._listeners) or self._refused or why_silent(action):
            return
        if self._changes == before:
            self._tell_waiting()
            lines = self._lines(action, step, begun)
            if begun:
                self._runs.ask(lines, of_python(self._window))
            else:
                self._tell_lines(lines, of_python(self._window))
        self._looks.follow_from_here()

    def _note_run(self) -> None:
        """Somebody has asked for a run."""
        self._training_told = frozenset()
        self._trained_by_console = of_python(self._window)

    def _tell_begun(self, lines: list[str], by_console: bool) -> None:
        self._training_told = frozenset(self._listeners)
        self._tell_lines(lines, by_console)

    def _tell_lines(self, lines: list[str], by_console: bool) -> None:
        for line in lines:
            self._say(line, by_console)

    def _say(self, line: str, by_console: bool) -> None:
        """Tell what has changed nothing of the document."""
        self._tell_waiting()
        state, only_looks = self._window.editor.document.history.state[1], not line.startswith(COMPUTES)
        self.done.emit(Act(None, {}, line, by_console, state=state, only_looks=only_looks))

    def _lines(self, action: Action, before: int, begun: bool) -> list[str]:
        """What the action has led to of what is looked at, so that it is told as a click is; else the action."""
        if action.id == TRAIN and not begun:
            return []
        looked = [] if begun else self._looks.of_action()
        return looked if looked and sum(map(len, looked)) <= MOST else [self._line(action, before)]

    def _line(self, action: Action, before: int) -> str:
        if action.id == TRAIN:
            return "train()"
        stepper = self._window.editor.stepper
        by_op = action.id == "step.forward" and stepper.grain == OP
        by_op |= action.id == "step.over" and stepper.grain in (MICRO, OP)  # the first step is of no group
        if by_op and not stepper.active:
            return "step()"  # it is being recorded
        by = self._step() - before
        if action.id in STEPS and by and min(before, self._step()) >= 0:
            return f"{'step' if by > 0 else 'back'}({'' if abs(by) == 1 else abs(by)})"
        return f'do("{action.id}")'

    def _step(self) -> int:
        """The step that is stepped to, -1 where that is no whole one."""
        stepper = self._window.editor.stepper
        return stepper.cursor.step if stepper.active and not stepper.cursor.micro else -1
