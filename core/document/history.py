"""What can be undone and redone: entries of edits, under a budget for the arrays that they hold."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..graph import Graph
from ..graph.draft import Array
from .edit import Edit, Swap, alike
from .edits import SetValues

BUDGET = 256 * 2**20  # bytes of arrays
SHARE = 8  # nodes of a graph for each edit: with fewer, keeping it takes no more memory than the edits do
WINDOW = 0.5  # seconds within which turns of a wheel and repeats of a key are one entry


class Gesture:
    """A token from press to release: all transactions that carry the same one are one entry."""


Merge: TypeAlias = str | Gesture | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one undo takes back. `before` and `after` number the states of the document around it.

    `beyond` is the graph on the other side, kept for many edits: taking it is faster than applying them. It holds as
    long as no edit came between that the history does not know, which `epoch` tells.
    """

    label: str
    source: str
    edits: tuple[Edit, ...]
    merge: Merge
    time: float
    before: int
    after: int
    epoch: int = 0
    beyond: Graph | None = None

    def inverses(self) -> tuple[Edit, ...]:
        """The edits that take the entry back."""
        return tuple([edit.inverse() for edit in reversed(self.edits)])

    def arrays(self) -> Iterator[Array]:
        """The arrays that the entry keeps alive."""
        for edit in self.edits:
            if isinstance(edit, SetValues):
                yield from (array for array in (edit.old, edit.new) if array is not None)


class History:
    """Entries to undo and to redo. Only `Document` moves them.

    `bytes` are those of the arrays held, at most `budget` of them; `clock` gives seconds. For `share` see SHARE.
    """

    def __init__(self, budget: int = BUDGET, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = budget
        self.share = SHARE
        self._clock = clock
        self._undo: list[Entry] = []
        self._redo: list[Entry] = []
        self._current = 0
        self._newest = 0  # states are never numbered twice
        self._epoch = 0
        self._sealed = True
        self._held: Counter[int] = Counter()  # by id of array: how often it is held
        self.bytes = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first; the first `position` of them can be undone, the others redone."""
        return (*self._undo, *reversed(self._redo))

    @property
    def position(self) -> int:
        """How many entries can be undone."""
        return len(self._undo)

    @property
    def next_undo(self) -> Entry | None:
        """The entry that undo would take back."""
        return self._undo[-1] if self._undo else None

    @property
    def next_redo(self) -> Entry | None:
        """The entry that redo would bring back."""
        return self._redo[-1] if self._redo else None

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, in words."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """What redo would bring back, in words."""
        return self._redo[-1].label if self._redo else None

    @property
    def state(self) -> tuple[int, int]:
        """Equal states mean equal documents: undo brings back the state of before."""
        return self._epoch, self._current

    def beyond(self, entry: Entry) -> Graph | None:
        """The graph to which undoing or redoing an entry leads, None where its edits have to be applied."""
        return entry.beyond if entry.epoch == self._epoch else None

    def record(self, label: str, source: str, merge: Merge, edits: tuple[Edit, ...], left: Graph) -> None:
        """Add an entry, or widen the last one where `merge` says that both are one act. `left`: the graph before."""
        now = self._clock()
        before, beyond = self._current, self._worth_keeping(left, edits)
        self._newest += 1
        self._current = self._newest
        while self._redo:
            self._let_go(self._redo.pop())
        last = self.next_undo
        if last is not None and self._belongs(last, merge, now):
            self._let_go(self._undo.pop())
            label, before, edits = last.label, last.before, _fused(last.edits + edits)
            beyond = last.beyond
            if not edits:  # all is as it was: nothing is left to be undone
                self._current = before
                return
        entry = Entry(label, source, edits, merge, now, before, self._current, self._epoch, beyond)
        self._hold(entry)
        self._undo.append(entry)
        self._sealed = False
        self._trim()

    def skip(self, *_: object) -> None:
        """Note edits that cannot be undone: no earlier state comes back as it was."""
        self._epoch += 1
        self._sealed = True

    def seal(self) -> None:
        """Let the next edit be an entry of its own."""
        self._sealed = True

    def step_back(self, _: tuple[Edit, ...], left: Graph) -> None:
        """Note that the last entry was undone, which led away from the graph `left`."""
        entry = self._undo.pop()
        self._redo.append(self._turned(entry, left))
        self._current, self._sealed = entry.before, True

    def step_forward(self, _: tuple[Edit, ...], left: Graph) -> None:
        """Note that the next entry was redone, which led away from the graph `left`."""
        entry = self._redo.pop()
        self._undo.append(self._turned(entry, left))
        self._current, self._sealed = entry.after, True

    def _turned(self, entry: Entry, left: Graph) -> Entry:
        return replace(entry, epoch=self._epoch, beyond=self._worth_keeping(left, entry.edits))

    def _worth_keeping(self, graph: Graph, edits: tuple[Edit, ...]) -> Graph | None:
        return graph if len(graph.nodes) <= self.share * len(edits) else None

    def _belongs(self, last: Entry, merge: Merge, now: float) -> bool:
        if merge is None or self._sealed or last.merge != merge:
            return False
        return isinstance(merge, Gesture) or now - last.time <= WINDOW

    def _hold(self, entry: Entry) -> None:
        """Count the arrays of an entry; one held by several counts once."""
        for array in entry.arrays():
            self._held[id(array)] += 1
            if self._held[id(array)] == 1:
                self.bytes += array.nbytes

    def _let_go(self, entry: Entry) -> None:
        for array in entry.arrays():
            self._held[id(array)] -= 1
            if not self._held[id(array)]:
                del self._held[id(array)]
                self.bytes -= array.nbytes

    def _trim(self) -> None:
        """Drop the oldest entries until the arrays held fit the budget; the newest entry always stays.

        Entries older than one with arrays go with it: without it they would lead back to a state that never
        was.
        """
        dropped = 0
        while self.bytes > self.budget and dropped < len(self._undo) - 1:
            self._let_go(self._undo[dropped])
            dropped += 1
        del self._undo[:dropped]


def _fused(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """A run of edits of single cells with the steps in between left out: a drag holds one edit a node."""
    cells: dict[object, Swap] = {}
    for edit in edits:
        if not (isinstance(edit, Swap) and edit.free):
            return edits
        key = edit.key()
        cells[key] = cells[key].then(edit) if key in cells else edit
    return tuple(edit for edit in cells.values() if not alike(edit.old, edit.new))
