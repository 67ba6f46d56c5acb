"""A console without its widget: cells on a thread, what is asked of them meanwhile, and how they are stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ..bridge import Request, Worker
from .cell import Cell, Left
from .output import Output
from .owner import Owner
from .past import Past
from .shell import Shell
from .streams import close_streams, open_streams

AGAIN = 150  # milliseconds after which a cell that goes on is told to stop again
TRIES = 5  # so often, until it is said that it does not stop
FRAME = 33  # milliseconds between two looks at what was printed
FRAME_LINES = 60  # that are shown at once, so that a frame is not late
MATCHES = 500  # completions that are offered


class Engine(QObject):
    """One console of a window. `arrived(kind, content)` brings what cells print and show, in its order.

    `names` makes the names that each new shell begins with; it is called on the window's thread, with the owner
    through which they reach that thread and the output for pictures.
    """

    arrived = Signal(str, object)
    began = Signal()
    ended = Signal(object)  # how the cell ended, as the reply of a kernel says it
    stuck = Signal()  # the cell was told to stop again and again, and goes on
    answered = Signal(object)  # what a question gave: (number, content)
    _came = Signal()  # there is something to bring

    def __init__(
        self, names: Callable[[Owner, Output], dict[str, Any]], folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._names, self._folder = names, folder
        self.past = Past(folder / "cells.jsonl")
        self._frame = QTimer(self, interval=FRAME)
        self._frame.timeout.connect(lambda: self.flush(FRAME_LINES))
        self._came.connect(self._frame.start, Qt.ConnectionType.QueuedConnection)
        self._again = QTimer(self, singleShot=True, interval=AGAIN)
        self._again.timeout.connect(self._stop_again)
        self._tries = 0
        self._line: tuple[Event, list[str]] | None = None  # what a cell that reads waits for
        self._flushing = False
        self._begin()

    def _begin(self) -> None:
        """A new shell with threads of its own."""
        self.output = output = Output(self._came.emit)
        self.owner = owner = Owner(self)
        self.cell: Cell | None = None
        self.shell = shell = Shell(self._names(owner, output), output, self._folder)
        self._cells, self._questions = Worker("console", self), Worker("console questions", self)
        self._cells.finished.connect(self._end)
        self._cells.failed.connect(self._fail)
        self._questions.finished.connect(self.answered)
        self._questions.failed.connect(lambda _: None)  # of a completion: a name whose own code raises offers nothing
        self._renamed = False
        running: list[Cell] = []  # whom to stop when the window is gone
        self._running = running

        def let_go(*_: object) -> None:
            output.close()
            close_streams(output)
            for cell in running:
                cell.stop(Left)
            shell.let_go()

        self._let_go = let_go
        owner.destroyed.connect(let_go)

    @property
    def busy(self) -> bool:
        return self.cell is not None

    @property
    def count(self) -> int:
        """The number of the last cell."""
        return self.shell.execution_count - 1

    # Cells.

    def name_anew(self) -> None:
        """Another document is there: the next cell finds its names, beside what the user has defined."""
        self._renamed = True

    def run(self, code: str) -> None:
        """Run a cell; `ended` tells when it is done."""
        self.past.add(code)
        if self._renamed:
            self._renamed = False
            self.shell.push(self._names(self.owner, self.output), interactive=False)
        open_streams(self.output)
        output, shell = self.output, self.shell
        self.cell = cell = Cell(output, self._read)
        self._running[:] = [cell]

        def work(_: Request) -> dict[str, Any]:
            try:
                return cell.run(lambda: shell.compute(code))
            except KeyboardInterrupt:  # that arrived outside of the user's code
                output.send("error", {"ename": "KeyboardInterrupt", "evalue": "", "traceback": ["KeyboardInterrupt"]})
                return {"status": "error", "execution_count": shell.execution_count - 1}
            except (SystemExit, Left):
                return {"status": "error", "execution_count": shell.execution_count - 1}

        self._cells.ask(work)
        self.began.emit()

    def _end(self, reply: dict[str, Any]) -> None:
        self.cell = None
        self._running.clear()
        self._line = None
        self._again.stop()
        self.flush()
        self.ended.emit(reply)

    def _fail(self, error: Exception) -> None:
        self.output.write(f"{type(error).__name__}: {error}\n")
        self._end({"status": "error", "execution_count": self.count})

    def stop(self) -> None:
        """Stop the cell, at once where it runs Python."""
        if self.cell is not None:
            self._tries = self.cell.stop()  # one that has not begun yet is told when it has
            self._again.start()

    def _stop_again(self) -> None:
        """A cell may swallow what is raised in it; one that only tells how it ended is left to do so."""
        if self.cell is None:
            return
        if self._tries < TRIES and not self.cell.over:
            self.cell.stop()
        self._tries += 1
        if self._tries > TRIES:
            self.stuck.emit()
        else:
            self._again.start()

    def restart(self) -> None:
        """A new shell in the place of this one, whatever that is at; what is left of it reaches the window no more."""
        self.close()
        for old in (self.owner, self._cells, self._questions):
            old.deleteLater()
        self._frame.stop()
        self._again.stop()
        self._line = None
        self._begin()

    def close(self) -> None:
        """End it all; a cell that cannot be stopped ends by itself, unheard."""
        self.owner.close()
        self._let_go()
        for worker in (self._cells, self._questions):
            worker.close()

    # What comes from the cell, and what it asks.

    def flush(self, lines: float = float("inf")) -> None:
        """Bring what was printed and shown."""
        if self._flushing:
            return
        self._flushing = True
        try:
            for kind, content in self.output.take(lines):
                self.arrived.emit(kind, content)
        finally:
            self._flushing = False
        if not self.output.waits:
            self._frame.stop()

    def _read(self, prompt: str, hidden: bool) -> str:
        """A line that the user types; on the thread of the cell."""
        cell, came, line = self.cell, Event(), [""]
        if cell is None:
            return ""
        self._line = (came, line)
        self.output.send("input_request", {"prompt": prompt, "password": hidden})
        cell.wait(came)
        return line[0]

    @property
    def reads(self) -> bool:
        """Whether the cell waits for a line."""
        return self._line is not None

    def answer(self, line: str) -> None:
        """The line that the cell waits for."""
        if self._line is not None:
            (came, place), self._line = self._line, None
            place[0] = line
            came.set()

    # Questions, which are answered while a cell runs.

    def complete(self, number: int, code: str, place: int) -> None:
        """What could stand at this place of a text: `answered` brings it."""
        shell = self.shell

        def work(_: Request) -> tuple[int, dict[str, Any]]:
            from IPython.core.completer import provisionalcompleter

            with provisionalcompleter():
                found = list(islice(shell.Completer.completions(code, place), MATCHES))
            start = min((match.start for match in found), default=place)
            return number, {
                "status": "ok",
                # Each from where the first one begins, whatever part of it the match replaces.
                "matches": [code[start : match.start] + match.text for match in found],
                "cursor_start": start,
                "cursor_end": place,
                "metadata": {},
            }

        self._questions.ask(work)

    def inspect(self, number: int, code: str, place: int) -> None:
        """How the function is called that stands before this place; nothing while a cell runs, which may change it."""
        if self.busy:
            return
        shell = self.shell

        def work(_: Request) -> tuple[int, dict[str, Any]]:
            from IPython.utils.tokenutil import token_at_cursor

            name = token_at_cursor(code, place)
            found: dict[str, Any] = {"status": "ok", "found": False, "data": {}, "metadata": {}}
            if name:
                with suppress(KeyError):
                    found.update(data=shell.object_inspect_mime(name), found=True)
            return number, found

        self._questions.ask(work)

    def complete_as_it_is(self, code: str) -> tuple[str, str]:
        """Whether a text is a whole cell ("complete", "incomplete", "invalid"), and how its next line is indented."""
        status, indent = self.shell.input_transformer_manager.check_complete(code)
        return status, " " * (indent or 0)


def python_line() -> str:
    """What runs the cells."""
    return f"Python {sys.version.split()[0]}"
