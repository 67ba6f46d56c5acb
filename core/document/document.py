"""The document: the one door for change, the history, and the one signal.

    with document.transaction("Delete 2 nodes", source="canvas") as t:
        t.remove("relu0", "relu1")

At commit: freeze once, record in the history, notify all observers, then raise what an observer raised.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, NamedTuple

from numpy.typing import ArrayLike

from ..collector import paused
from ..errors import EditError, usage_told
from ..graph import Graph
from ..graph.draft import Array, Draft
from ..parameters import refuse_unless, shown
from .arrange import read_only
from .edits import Edit, SetValues
from .history import Entry, Gesture, History, Merge
from .transaction import Transaction

if TYPE_CHECKING:
    from ..ops import Registry

__all__ = ["Change", "Document", "Gesture"]

OPENING = "opening"  # the source of what belongs to opening a document


ELSEWHERE = "hand the edits to the owner, which replays them"  # what another thread is told that edits


def _refuse_unless_in(owner: threading.Thread, label: str, hint: str) -> None:
    here = threading.current_thread()
    if here is not owner:
        raise EditError(
            f"{label!r} came from thread {here.name!r}, the document is edited in {owner.name!r} only",
            hint=hint,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction did, and who asked. `semantic`: it may change what is computed."""

    before: Graph
    after: Graph
    edits: tuple[Edit, ...]
    label: str
    source: str
    semantic: bool

    @property
    def opening(self) -> bool:
        """Whether no user asked for it: it is a part of opening the document."""
        return self.source == OPENING


Observer = Callable[[Change], object]
Record = Callable[[tuple[Edit, ...], Graph], None]  # given the edits, and the graph before them
Placing = Callable[[Transaction], object]  # gives places to what has been added without one, where the graph is drawn


class Observers:
    """Those who are told of every change, all of them, whatever one of them raises."""

    def __init__(self) -> None:
        self._observers: list[Observer] = []
        self.busy = False

    def add(self, observer: Observer) -> Callable[[], None]:
        """Tell `observer` too, until the function returned is called."""
        self._observers.append(observer)

        def end() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return end

    def tell(self, change: Change) -> None:
        """Tell all, then raise what one raised: no Exception first, an ExceptionGroup of several."""
        raised: list[BaseException] = []
        self.busy = True
        try:
            for observer in tuple(self._observers):
                if observer not in self._observers:  # an earlier one ended it
                    continue
                try:
                    observer(change)
                except BaseException as why:  # as KeyboardInterrupt: the others are told all the same
                    raised.append(why)
        finally:
            self.busy = False
        errors = [error for error in raised if isinstance(error, Exception)]
        for error in raised:
            if len(raised) == 1 or error not in errors:
                raise error
        if errors:
            raise ExceptionGroup(f"{len(errors)} observers of {change.label!r} raised", errors)


class _State(NamedTuple):
    """Swapped as one, so that another thread never reads a graph beside the values of another."""

    graph: Graph
    values: Mapping[str, Array]
    versions: Mapping[str, int]
    newest: int  # the largest version ever given

    @staticmethod
    def of(graph: Graph, values: Mapping[str, ArrayLike]) -> _State:
        """The state that a document begins with: its values have their first versions."""
        held = {graph.node(id).id: read_only(value) for id, value in values.items()}
        versions = {id: version for version, id in enumerate(held, 1)}
        return _State(graph, MappingProxyType(held), MappingProxyType(versions), len(held))

    def after(self, graph: Graph, edits: tuple[Edit, ...]) -> _State:
        """The state to which these edits lead, with the graph that they made: each value assigned has a new version."""
        assigned = {edit.id: edit.new for edit in edits if isinstance(edit, SetValues)}
        if not assigned:
            return self._replace(graph=graph)
        values = {id: value for id, value in {**self.values, **assigned}.items() if value is not None}
        versions = {id: version for id, version in self.versions.items() if id in values}
        new = [id for id in assigned if id in values]
        versions.update((id, self.newest + count) for count, id in enumerate(new, 1))
        proxies = MappingProxyType(values), MappingProxyType(versions)
        return _State(graph, *proxies, self.newest + len(new))


def _record_as_saved(
    record: Record, history: History, as_saved: list[tuple[int, int]], edits: tuple[Edit, ...], left: Graph
) -> None:
    """Record edits that leave a document as saved as it was."""
    record(edits, left)
    as_saved.append(history.state)


def _checked(given: object) -> Graph:
    if not isinstance(given, Graph):
        raise EditError(f"a document holds a Graph, got {shown(given)}", hint="gw.open(path) opens a file")
    return given


@usage_told
class Document:
    """A graph, the values of its parameters, and all that was done to them.

    The thread that makes a document owns it: only there it may be edited; any thread may read it.
    """

    def __init__(
        self,
        graph: Graph | None = None,
        values: Mapping[str, ArrayLike] | None = None,
        registry: Registry | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from ..ops import Registry, installed

        registry = installed() if registry is None else registry
        refuse_unless(registry, Registry, "the ops of a document are a Registry", hint="none: the built-in ones")
        refuse_unless(values, (Mapping, NoneType), "a document holds arrays by the ids of nodes", hint='{"w": [1, 2]}')
        self._state = _State.of(_checked(graph) if graph is not None else Graph(), values or {})
        self.registry = registry
        self.history = History(clock=clock)
        self.mark_saved()
        self._observers = Observers()
        self._owner, self.elsewhere = threading.current_thread(), ELSEWHERE
        self._open: Transaction | None = None
        self.placing: Placing | None = None

    @property
    def graph(self) -> Graph:
        """The graph as of the last commit."""
        return self._state.graph

    @property
    def values(self) -> Mapping[str, Array]:
        """Read-only arrays by node id."""
        return self._state.values

    @property
    def versions(self) -> Mapping[str, int]:
        """A number for each value, by node id: larger with every assignment, never used twice."""
        return self._state.versions

    @property
    def dirty(self) -> bool:
        """Whether something is not saved; undoing back to what was saved makes it clean again."""
        return self.history.state not in self._as_saved

    @property
    def saved_state(self) -> tuple[int, int]:
        """The state of the history that was saved last, that of the beginning where nothing was."""
        return self._as_saved[0]

    def mark_saved(self) -> None:
        """Say that the document as it stands is saved."""
        self._as_saved = [self.history.state]
        self.history.seal()

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` with every Change; returns what ends that. Observers may not edit."""
        return self._observers.add(observer)

    @contextmanager
    def transaction(
        self, label: str, source: str = "api", undoable: bool = True, merge: Merge = None
    ) -> Iterator[Transaction]:
        """Edit the document: committed when the block ends, given up as a whole when it raises.

        `source` says who asks; of OPENING alone it is not dirty. `merge` joins this to the last entry of the history:
        a key within 500 ms, or a `Gesture` from press to release. Without an edit nobody is told.
        """
        with self._edit(label, source, self._recording(label, source, undoable, merge)) as opened:
            yield opened

    def replay(self, edits: Iterable[Edit], label: str, source: str = "replay", undoable: bool = True) -> Change | None:
        """Apply edits that were made elsewhere, exactly as they are; EditError where they no longer fit."""
        record = self._recording(label, source, undoable, None)
        with self._edit(label, source, record, verbatim=True) as transaction:
            transaction.apply_all(edits)
        return transaction.change

    def undo(self) -> Change | None:
        """Take back the last entry of the history, None if there is none.

        EditError where an edit outside the history came between and it no longer fits; nothing has changed.
        """
        return self._step(self.history.next_undo, "undo", self.history.step_back)

    def redo(self) -> Change | None:
        """Bring back the entry that was undone last, None if there is none; raises like `undo`."""
        return self._step(self.history.next_redo, "redo", self.history.step_forward)

    def _recording(self, label: str, source: str, undoable: bool, merge: Merge) -> Record:
        record = partial(self.history.record, label, source, merge) if undoable else self.history.skip
        as_saved = partial(_record_as_saved, record, self.history, self._as_saved)
        return record if source != OPENING or self.dirty else as_saved

    def _step(self, entry: Entry | None, source: str, record: Record) -> Change | None:
        if entry is None:
            return None
        self._refuse_unless_free(entry.label)
        with paused():
            edits = entry.inverses() if source == "undo" else entry.edits
            graph = self.history.beyond(entry)
            if graph is not None:
                change = self._commit(graph, edits, entry.label, source, record)
                self._observers.tell(change)
                return change
        with self._edit(entry.label, source, record, verbatim=True) as transaction:
            try:
                transaction.apply_all(edits)
            except EditError as error:
                message = f"cannot {source} {entry.label!r}: {error.message}"
                raise EditError(message, hint=error.hint, node=error.node, port=error.port) from error
        return transaction.change

    @contextmanager
    def _edit(self, label: str, source: str, record: Record, verbatim: bool = False) -> Iterator[Transaction]:
        self._refuse_unless_free(label)
        draft = Draft(self.graph, self.values)
        self._open = transaction = Transaction(draft, self.registry, label, verbatim=verbatim)
        with paused():  # a collection in the middle of a large paste takes longer than the paste
            try:
                yield transaction
                if self.placing is not None and not verbatim and transaction.edits:
                    self.placing(transaction)
                transaction.finish()
            finally:
                transaction.close()
                self._open = None
            if transaction.edits:
                transaction.change = self._commit(draft.freeze(), tuple(transaction.edits), label, source, record)
                self._observers.tell(transaction.change)

    def _commit(self, graph: Graph, edits: tuple[Edit, ...], label: str, source: str, record: Record) -> Change:
        """Take the graph to which these edits have led; returns what observers are to be told."""
        before = self.graph
        self._state = self._state.after(graph, edits)
        record(edits, before)
        return Change(before, graph, edits, label, source, any(edit.semantic for edit in edits))

    def _refuse_unless_free(self, label: str) -> None:
        _refuse_unless_in(self._owner, label, self.elsewhere)
        if self._observers.busy:
            raise EditError(f"{label!r} was opened by an observer, observers may not edit")
        if self._open is not None:
            raise EditError(
                f"{label!r} was opened within {self._open.label!r}, transactions do not nest",
                hint="use the open one",
            )
