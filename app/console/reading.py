"""A line that a cell waits for and the user types, as `input` asks for one."""

from __future__ import annotations

from threading import Event
from typing import NamedTuple

from .cell import Cell
from .output import Output


class _Asked(NamedTuple):
    came: Event
    line: list[str]  # one, once it has come


class Reading:
    """Of one console. `wait` is called on the thread of the cell, the others on the window's."""

    def __init__(self) -> None:
        self._asked: _Asked | None = None

    @property
    def waits(self) -> bool:
        """Whether a cell waits for a line."""
        return self._asked is not None

    def wait(self, cell: Cell, output: Output, prompt: str, hidden: bool) -> str:
        """The line that the user types behind this prompt."""
        self._asked = asked = _Asked(Event(), [])
        output.send("input_request", {"prompt": prompt, "password": hidden})
        cell.wait(asked.came)
        return "".join(asked.line)

    def answer(self, line: str) -> None:
        """The line that the cell waits for."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.line.append(line)
            asked.came.set()

    def end(self) -> None:
        """Nobody waits any more."""
        self._asked = None
