"""What the `print` nodes of a run write: the last lines are told, and kept in a file, both within bounds.

A run goes through thousands of iterations a second, of which nobody reads thousands of lines. The first are all spelt,
later of each node those written last before it is told, and how many were left out is said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from ..errors import FileError
from ..files.replacing import replace_file
from ..printing import Printed

PRINTED = "printed.txt"
OFTEN = 1 / 4  # seconds
FIRST = 500  # lines that are all kept
KEPT = 25  # lines of a node and a phase between two tellings
LONGEST = 1_000_000  # bytes of the file, of which the newer half is kept then
CUT = "... what was printed before this is not kept\n"


class Lines(NamedTuple):
    """Lines in their order, and how many others were written among them."""

    lines: tuple[Printed, ...] = ()
    left_out: int = 0

    def and_then(self, more: Lines, kept: int) -> Lines:
        """These and those that followed, of all of which the last `kept`."""
        lines = (*self.lines, *more.lines)
        return Lines(lines[-kept:], self.left_out + more.left_out + max(len(lines) - kept, 0))


NO_LINES = Lines()


class Printing:
    """Hears the lines of a run. `called` gives the name of a node by its id."""

    def __init__(self, folder: Path, called: Callable[[str], str]) -> None:
        self.path = folder / PRINTED
        self._called = called
        self._first: list[tuple[int, Printed]] = []
        self._heard: dict[tuple[str, str, bool], deque[tuple[int, Printed]]] = {}
        self._count = self._taken = 0  # all by now, and those of them that were told or left out
        self._taken_at = 0.0
        self._file: FileIO | None = None

    def hear(self, printed: Printed) -> None:
        """A line was written."""
        self._count += 1
        if self._count <= FIRST:
            self._first.append((self._count, printed))
            return
        kind = printed.node, printed.phase, printed.iteration == 0  # a validation's lines take no place of training's
        kept = self._heard.get(kind)
        if kept is None:
            kept = self._heard[kind] = deque(maxlen=KEPT)
        kept.append((self._count, printed))

    def take(self, now: float, all: bool) -> Lines:
        """The lines since the last time, which are in the file then; none where that is not long ago, save `all`."""
        if self._count == self._taken or not (all or now - self._taken_at >= OFTEN):
            return NO_LINES
        later = sorted((each for kept in self._heard.values() for each in kept), key=lambda each: each[0])
        lines = tuple(printed for _, printed in (*self._first, *later))
        found = Lines(lines, self._count - self._taken - len(lines))
        self._first, self._heard, self._taken, self._taken_at = [], {}, self._count, now
        self._write(found)
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _write(self, found: Lines) -> None:
        text = "".join(f"{self._called(each.node)}: {each.line}\n" for each in found.lines)
        if found.left_out:
            text = f"... {found.left_out:,} lines are left out among those that follow\n{text}"
        try:
            if self._file is None:
                self._file = FileIO(self.path, "a")
            data = memoryview(text.encode("utf-8", "replace"))
            while data:
                data = data[self._file.write(data) or 0 :]
            if self._file.tell() > LONGEST:
                self._cut()
        except OSError as error:
            raise FileError(f"{self.path} cannot be written: {error.strerror or error}") from error

    def _cut(self) -> None:
        """Keep the newer half of the file."""
        self.close()
        self._file = None
        newer = self.path.read_bytes()[-LONGEST // 2 :]
        replace_file(self.path, CUT.encode() + newer[newer.find(b"\n") + 1 :])
