"""Pieces of work that take turns, one a frame: two of them in one would hold the window for longer than that."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QCoreApplication, QObject, QTimer

FRAME = 17  # milliseconds


class Turns(QObject):
    """Does what it is given, of each key the newest only, in the order in which keys were first given.

    All of the program share the frames: of several that have work each does a piece in turn.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[Hashable, Callable[[], object]] = {}

    def take(self, key: Hashable, work: Callable[[], object]) -> None:
        """Do this when it is its turn, and not what waits under the same key."""
        self._waiting[key] = work
        _frames().join(self)

    def finish(self) -> None:
        """Do at once all that waits."""
        while self._waiting:
            self.next()

    def clear(self) -> None:
        """Do nothing of what waits."""
        self._waiting.clear()

    @property
    def waits(self) -> bool:
        """Whether something is to be done."""
        return bool(self._waiting)

    def next(self) -> None:
        """Do what waits longest."""
        self._waiting.pop(next(iter(self._waiting)))()


class _Frames(QTimer):
    """Gives each frame to one of those who have work."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent, interval=FRAME)
        self._members: list[Turns] = []
        self.timeout.connect(self._give)

    def join(self, member: Turns) -> None:
        """This one has work."""
        if member not in self._members:
            self._members.append(member)
            member.destroyed.connect(lambda: self._leave(member))
        if not self.isActive():
            self.start()

    def _leave(self, member: Turns) -> None:
        self._members = [other for other in self._members if other is not member]

    def _give(self) -> None:
        waiting = [member for member in self._members if member.waits]
        if not waiting:
            self.stop()
            return
        first = waiting[0]
        self._members = [*(other for other in self._members if other is not first), first]
        first.next()


def _frames() -> _Frames:
    """Those of the program, made when they are first asked for; they end with it."""
    application = QCoreApplication.instance()
    assert application is not None
    found = application.findChild(_Frames)
    return _Frames(application) if found is None else found
