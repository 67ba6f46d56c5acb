"""A console without its widget: cells on a thread, what is asked of them meanwhile, and how they are stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ..bridge import Worker
from .cell import Cell, Left
from .heart import Heart
from .output import Output
from .owner import Owner
from .past import Past
from .questions import completions, inspection
from .reading import Reading
from .shell import Shell
from .stopping import Stopping
from .streams import close_streams, open_streams

FRAME = 33  # milliseconds between two looks at what was printed
STOOD_STILL = (
    "The window stood still for {:.1f} s: one call into C held Python's lock, which neither Stop nor anything else can "
    "cut short. In a script of its own (Train > Listen for a script…) it holds nothing up."
)
FRAME_LINES = 60  # that are shown at once, so that a frame is not late


class Engine(QObject):
    """One console of a window. `arrived(kind, content)` brings what cells print and show, in its order.

    `names` makes the names that each new shell begins with; called on the window's thread, with the owner through which
    they reach that thread and the output for pictures.
    """

    arrived = Signal(str, object)
    began, told_to_stop = Signal(), Signal()
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
        self._stopping, self._reading, self._flushing = Stopping(self), Reading(), False
        self._stopping.failed.connect(self.stuck)
        self._begin()

    def _begin(self) -> None:
        """A new shell with threads of its own."""
        self.output = output = Output(self._came.emit)
        self.owner = owner = Owner(self)
        self.cell: Cell | None = None
        self.shell = shell = Shell(self._names(owner, output), output, self._folder)
        self._cells, self._questions = Worker("console", self, waits=True), Worker("console questions", self)
        self._cells.finished.connect(self._end)
        self._cells.failed.connect(self._fail)
        self._questions.finished.connect(self.answered)
        self._questions.failed.connect(lambda _: None)  # of a completion: a name whose own code raises offers nothing
        self._renamed = False
        self._running: list[Cell] = []  # whom to stop when the window is gone
        self._heart = heart = Heart(lambda seconds: output.note(STOOD_STILL.format(seconds)))
        self._let_go = partial(_let_go, output, shell, heart, self._running)
        owner.destroyed.connect(self._let_go)

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
        output, shell, heart = self.output, self.shell, self._heart
        self.cell = cell = Cell(output, self._read)
        self._running[:] = [cell]
        self.began.emit()  # before: where it is one call into C nothing is shown until its end
        self._cells.ask(lambda _: _computed(cell, shell, heart, output, code))

    def _end(self, reply: dict[str, Any]) -> None:
        self.cell = None
        self._running.clear()
        self._reading.end()
        self._stopping.end()
        self.flush()
        self.ended.emit(reply)

    def _fail(self, error: Exception) -> None:
        self.output.write(f"{type(error).__name__}: {error}\n")
        self._end({"status": "error", "execution_count": self.count})

    def stop(self) -> None:
        """Stop the cell, at once where it runs Python."""
        self.told_to_stop.emit()
        if self.cell is not None:
            self._stopping.begin(self.cell)

    def restart(self) -> None:
        """A new shell in the place of this one, whatever that is at; what is left of it reaches the window no more."""
        self.close()
        for old in (self.owner, self._cells, self._questions):
            old.deleteLater()
        self._frame.stop()
        self._stopping.end()
        self._reading.end()
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
            for piece in self.output.take(lines):
                self.arrived.emit(*piece)
        finally:
            self._flushing = False
        if not self.output.waits:
            self._frame.stop()

    def _read(self, prompt: str, hidden: bool) -> str:
        """A line that the user types; on the thread of the cell."""
        return "" if self.cell is None else self._reading.wait(self.cell, self.output, prompt, hidden)

    @property
    def reads(self) -> bool:
        return self._reading.waits

    def answer(self, line: str) -> None:
        """The line that the cell waits for."""
        self._reading.answer(line)

    # Questions, which are answered while a cell runs.

    def complete(self, number: int, code: str, place: int) -> None:
        """What could stand at this place of a text: `answered` brings it."""
        shell = self.shell
        self._questions.ask(lambda _: (number, completions(shell, code, place)))

    def inspect(self, number: int, code: str, place: int) -> None:
        """How the function is called that stands before this place; nothing while a cell runs, which may change it."""
        shell = self.shell
        if not self.busy:
            self._questions.ask(lambda _: (number, inspection(shell, code, place)))


def as_it_is(shell: Shell, code: str) -> tuple[str, str]:
    """Whether a text is a whole cell ("complete", "incomplete", "invalid"), and how its next line is indented."""
    status, indent = shell.input_transformer_manager.check_complete(code)
    return status, " " * (indent or 0)


def python_line() -> str:
    """What runs the cells."""
    return f"Python {sys.version.split()[0]}"


def _let_go(output: Output, shell: Shell, heart: Heart, running: Sequence[Cell], *_: object) -> None:
    """End what a shell does, for a window that is gone or begins a new one."""
    output.close()
    heart.close()
    close_streams(output)
    for cell in running:
        cell.stop(Left)
    shell.let_go()


def _computed(cell: Cell, shell: Shell, heart: Heart, output: Output, code: str) -> dict[str, Any]:
    """Compute a cell on its thread; how it ended, as the reply of a kernel says it."""
    try:
        with heart.beating(f"In [{shell.execution_count}]"):
            return cell.run(lambda: shell.compute(code))
    except KeyboardInterrupt:  # that arrived outside of the user's code
        output.send("error", {"ename": "KeyboardInterrupt", "evalue": "", "traceback": ["KeyboardInterrupt"]})
    except (SystemExit, Left):
        pass
    return {"status": "error", "execution_count": shell.execution_count - 1}
