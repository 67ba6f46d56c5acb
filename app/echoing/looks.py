"""What is looked at in a window, whoever changed it and how: each change of it is a line that does the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from ...core.evaluating import Root
    from ..window import Window

SOON = 150  # milliseconds: what a gesture selects one after the other is one line


class _Step(NamedTuple):
    """Where one stands in an iteration; `part`: within a step."""

    iteration: int
    step: int
    part: bool


class _Seen(NamedTuple):
    """What is looked at."""

    group: str | None = None
    selection: frozenset[str] = frozenset()
    active: str | None = None
    roots: tuple[Root, ...] = ()
    step: _Step | None = None  # None: what Live computes is shown


class Looks(QObject):
    """Of one window. `said(line, by_console)` when something else is looked at than before."""

    said = Signal(str, bool)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._editor = window, window.editor
        self._on = self._by_console = self._awaited = False
        self._recorded_by_console = False  # whether Python has asked for the iteration that is being recorded
        self._was = self._seen = _Seen()
        self._graph = self._editor.graph  # of which what is seen is
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self.tell)
        editor = self._editor
        for signal in (editor.selection_changed, editor.group_changed, editor.live.changed, editor.stepper.changed):
            signal.connect(self._wake)
        editor.stepper.recordings.asked.connect(self._note_recording)
        editor.replaced.connect(self.follow_from_here)

    def listen(self, on: bool) -> None:
        """Somebody wants to be told, or nobody any more."""
        self._on = on
        self.follow_from_here()

    def follow_from_here(self) -> None:
        """What is looked at now comes of something that was told itself; so does the step that is being recorded."""
        self._soon.stop()
        self._by_console = False
        self._graph = self._editor.graph
        self._was = self._seen = self._now()
        self._awaited = self._editor.stepper.recordings.busy

    def follow_change(self) -> None:
        """The document has changed: what was seen before is told, and what comes of the change is not."""
        self.tell()
        QTimer.singleShot(0, self, self.follow_from_here)  # as what was added is selected

    def of_action(self) -> list[str]:
        """What an action has changed of this since the last time; nothing where it has led to another step."""
        return [] if self._was.step != self._seen.step else [*self._lines(self._was, self._seen)]

    def tell(self) -> None:
        """Tell what has changed since the last time."""
        self._soon.stop()
        if not self._on:
            return
        was, now, by_console = self._was, self._seen, self._by_console
        self._was, self._by_console = now, False
        if was.step != now.step and self._awaited:
            self._awaited = False
            was = was._replace(step=now.step)
        for line in self._lines(was, now):
            self.said.emit(line, by_console)

    def _wake(self) -> None:
        if self._on and self._editor.graph is self._graph:
            now, by_console = self._now(), of_python(self._window)
            if self._editor.stepper.recordings.arriving:
                by_console = self._recorded_by_console
            if now != self._seen and by_console != self._by_console:
                self.tell()  # what others have done before
                self._by_console = by_console
            self._seen = now
            self._soon.start()

    def _note_recording(self) -> None:
        self._recorded_by_console = of_python(self._window)

    def _now(self) -> _Seen:
        editor = self._editor
        if editor.session is not editor.home:
            return self._was  # another graph, of which a script knows nothing
        stepper = editor.stepper
        cursor = stepper.cursor
        step = _Step(stepper.number, cursor.step, bool(cursor.micro)) if stepper.active else None
        return _Seen(editor.group, editor.selection, editor.active, editor.live.chosen, step)

    def _lines(self, was: _Seen, now: _Seen) -> Iterator[str]:
        graph, before = self._graph, was.selection
        if now.group != was.group:
            yield "enter()" if now.group is None else f"enter({_text(graph.path(now.group))})"
            before = frozenset()
        if now.selection != before:
            last = [now.active] if now.active in now.selection else []
            ids = [*sorted(now.selection.difference(last), key=graph.path), *last]
            yield f"select({', '.join(_text(graph.path(id)) for id in ids)})"
        if now.roots != was.roots:
            yield self._root(now.roots)
        if now.step != was.step:
            yield from _stepped(was.step, now.step)

    def _root(self, roots: tuple[Root, ...]) -> str:
        from ...core.document.ports import value_name

        registry = self._editor.registry
        words = [_text(value_name(self._graph, registry, root.source)) for root in roots]
        if any(root.start is not None for root in roots):
            words.append(f"starts={tuple(1 if root.start is None else root.start for root in roots)!r}")
        return f"root({', '.join(words)})"


def of_python(window: Window) -> bool:
    """Whether Python does what is done now, not the user while it computes."""
    return bool(window.docks.panels["console"].serves)  # type: ignore[attr-defined]  # the panel of this id


def _stepped(was: _Step | None, now: _Step | None) -> Iterator[str]:
    """What leads from one step to another; nothing where no line does: to another iteration, or a part of a step."""
    if now is None:
        yield 'do("step.leave")'
    elif was is None or (was.iteration, was.part, now.part) == (now.iteration, False, False):
        by = now.step - (0 if was is None else was.step)
        if by and not now.part:
            yield f"{'step' if by > 0 else 'back'}({'' if abs(by) == 1 else abs(by)})"
        elif was is None and not now.part:
            yield 'do("step.to_start")'


def _text(path: str) -> str:
    from ...core.scripting.echoing.spelling import quoted

    return quoted(path)
