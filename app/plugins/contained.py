"""What the `ui.py` of a plugin brings, held so that a fault of it is told and nothing else stops."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable
from traceback import clear_frames
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLabel, QWidget

from ...core.foreign import PASSED_ON, lent
from ..canvas.looks import Look, built_in
from ..canvas.looks.look import Array
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..editor import Editor

STILL = 5.0  # seconds
Told = Callable[[str, BaseException], str]  # of what failed, and how; gives the line that says so


def contained(function: Callable[..., Any], what: str, told: Told) -> Callable[..., Any]:
    """`function`; where it raises that is told, and None comes of it."""

    def call(*args: Any) -> Any:
        try:
            return function(*args)
        except PASSED_ON:
            raise
        except BaseException as error:
            told(what, error)
            clear_frames(error.__traceback__)  # a painter that is held would be one too many at the next paint
            return None

    return call


def watched(function: Callable[..., Any], what: str) -> Callable[..., Any]:
    """`function`, of which the terminal is told where the window stands still for it: nothing else can be told then."""

    def call(*args: Any) -> Any:
        told = f"gradwire: the window stands still for {STILL:g} s: it waits for {what}, which Ctrl+C here ends"
        timer = threading.Timer(STILL, lambda: print(told, file=sys.stderr, flush=True))
        timer.daemon = True
        timer.start()
        try:
            return function(*args)
        finally:
            timer.cancel()

    return call


def contain_events(module: ModuleType, what: str, told: Told) -> None:
    """Hold the event handlers of all widgets that a module declares: Qt may crash where one raises."""
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, QObject) and kind.__module__ == module.__name__:
            for name, rule in tuple(vars(kind).items()):
                if inspect.isfunction(rule) and name.endswith("Event"):
                    setattr(kind, name, contained(rule, what, told))
                elif inspect.isfunction(rule) and name in ("event", "eventFilter"):
                    answer = contained(rule, what, told)
                    setattr(kind, name, lambda *args, answer=answer: bool(answer(*args)))


def ask(function: Callable[[Any], Any], given: Any, what: str, told: Told) -> bool:
    """Whether `function(given)` says yes; where it raises that is told, and it does not."""
    return bool(contained(lambda: bool(function(given)), what, told)())


def panel_maker(make: Callable[[Editor, Theme], QWidget], what: str, told: Told) -> Callable[..., QWidget]:
    """`make`; where it raises, or gives no widget, a widget comes of it that says so."""

    def call(editor: Editor, theme: Theme) -> QWidget:
        try:
            made = make(editor, theme)
            if not isinstance(made, QWidget):
                raise TypeError(f"a QWidget is needed, got {made!r:.60}")
        except PASSED_ON:
            raise
        except BaseException as error:
            made = QLabel(told(what, error))
            made.setWordWrap(True)
            made.setMargin(12)
            made.setAlignment(Qt.AlignmentFlag.AlignTop)
        themed = getattr(made, "set_theme", lambda _: None)
        made.set_theme = contained(themed, what, told)  # type: ignore[attr-defined]
        return made

    return call


class LookMaker:
    """Makes the look of a value; after its first fault the program's own looks show all values again."""

    def __init__(self, look: type[Look], what: str, told: Told) -> None:
        self.look, self._what, self._told = look, what, told
        self.sound = True

    def fail(self, error: BaseException) -> None:
        """It is asked no more."""
        self.sound = False
        self._told(self._what, error)

    def __call__(self, value: Array, theme: Theme, decimals: int) -> Look | None:
        if not self.sound:
            return None
        try:
            given = lent(value)
            return HeldLook(self, given, theme, decimals) if self.look.fits(given) else None
        except PASSED_ON:
            raise
        except BaseException as error:
            self.fail(error)
            return None


class HeldLook(Look):
    """One value, as the plugin draws it as long as it can."""

    def __init__(self, maker: LookMaker, value: Array, theme: Theme, decimals: int) -> None:
        self._maker, self._given = maker, (value, theme, decimals)
        self._own = maker.look(value, theme, decimals)
        self.numbered = bool(self._own.numbered)

    def paint(self, painter: QPainter, place: QRectF, colour: QColor) -> None:
        if self._maker.sound:
            painter.save()
            try:
                self._own.paint(painter, QRectF(place), QColor(colour))
            except PASSED_ON:
                raise
            except BaseException as error:
                self._maker.fail(error)
            finally:
                painter.restore()
        if not self._maker.sound:
            instead = built_in(*self._given)
            if instead is not None:
                instead.paint(painter, place, colour)
