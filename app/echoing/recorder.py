"""What a macro holds: the lines that change the document, train it or step through it, less those that were undone.

What only looks, selects or copies is left out: on another graph it would fail, or mean something else.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from textwrap import indent
from typing import NamedTuple

from ...core.scripting.echoing import Echo
from ...core.scripting.echoing.spelling import literal
from ...core.session import Session
from .acts import Act

UNDONE, REDONE = "undo", "redo"  # sources of changes
TRAIN = "train()"


class _Line(NamedTuple):
    """Some lines that are one act; `state`: which one of the history is there after it; `edits`: it is one of them."""

    text: str
    state: int
    edits: bool


class Recorder:
    """Writes down the acts of one document, as long as that is open, and then those of the next."""

    def __init__(self, session: Session) -> None:
        self._lines: list[_Line] = []
        self._undone: list[_Line] = []  # in the order in which they are redone
        self.follow(session)

    def follow(self, session: Session) -> None:
        """Write down what is done to this document from now on."""
        self._echo = Echo(session, remembers=True)
        self._start = session.document.history.state[1]
        self._first = len(self._lines)  # of the lines that are about it
        self._undone.clear()

    @property
    def empty(self) -> bool:
        """Whether nothing is left of what was done."""
        return not self._lines

    def note(self, act: Act) -> None:
        """Write an act down, where it is of those that a macro holds."""
        if act.change is None:
            if not act.only_looks:
                self._lines.append(_Line(act.line, act.state, False))
            return
        if act.change.source == UNDONE and self._undo(act.state):
            return
        if act.change.source == REDONE and self._redo(act.state):
            return
        self._undone.clear()
        # An undo of what was done before is an edit as any other: another graph has another past.
        change = replace(act.change, source="macro") if act.change.source in (UNDONE, REDONE) else act.change
        text = self._echo.of(change, act.values)
        self._lines.append(_Line(text, act.state, text != TRAIN))

    def train_ended(self, state: int) -> None:
        """The run whose beginning was written down has changed the document."""
        for at in range(len(self._lines) - 1, self._first - 1, -1):
            if self._lines[at].text == TRAIN:
                self._lines.append(self._lines.pop(at)._replace(state=state))  # where undo takes it back
                return

    def _undo(self, state: int) -> bool:
        """Take lines back until the document is as after the last that is left; False where that lies before all."""
        known = [self._start, *(line.state for line in self._lines[self._first :])]
        if state not in known:
            return False
        keep = self._first + len(known) - 1 - known[::-1].index(state)
        self._undone[:0] = self._lines[keep:]
        del self._lines[keep:]
        return True

    def _redo(self, state: int) -> bool:
        ends = [at for at, line in enumerate(self._undone, 1) if line.state == state]
        if not ends:
            return False
        self._lines += self._undone[: ends[0]]
        del self._undone[: ends[0]]
        return True

    def script(self, name: str) -> str:
        """All lines. Edits that follow each other are one undo, called as the macro is, or are not made at all."""
        parts: list[str] = []
        for edits, some in groupby(self._lines, key=lambda line: line.edits):
            lines = [line.text for line in some]
            if edits and len(lines) > 1:
                lines = [f"with edits({literal(name)}):", *(indent(text, "    ") for text in lines)]
            parts += lines
        return "\n".join(parts)
