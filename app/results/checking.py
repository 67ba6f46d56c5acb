"""Problems and shapes of the document, found beside the window: a large graph takes longer than a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from PySide6.QtCore import QObject, Signal

from ...core.check import Checked
from ...core.graph import Source
from ...core.infer import Problem
from ...core.session import Session
from ..bridge import Request, Worker
from ..data.on_disk import OnDisk, Stamps, files_of, stamped

if TYPE_CHECKING:
    from ...core.stepping.mending import Mend


MENDED = 20  # problems of which mends are looked for: who has more begins with some

Mends: TypeAlias = Mapping[Problem, "tuple[Mend, ...]"]


class Found(NamedTuple):
    """What a check gives the window, with all that would take it long to find: it looks at every node."""

    checked: Checked
    reshaped: frozenset[Source] = frozenset()  # values whose shape is another than that shown before
    losses: tuple[str, ...] = ()  # what training could make small, most likely first
    stamps: Stamps = MappingProxyType({})  # the files of data as they were before they were read
    mends: Mends = MappingProxyType({})  # of the first problems


class Checking(QObject):
    """Checks each new graph on a thread of its own, and again when a file changes that it reads; `checked` when what it
    found is new.
    """

    checked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: tuple[Problem, ...] = ()
        self.shapes: Mapping[Source, str] = {}
        self.reshaped: frozenset[Source] = frozenset()  # values whose shape is another since the check before
        self.losses: tuple[str, ...] = ()  # nodes that training could make small, most likely ones first
        self.mends: Mends = {}
        self.found = Checked(())
        self._session: Session | None = None
        self.on_disk = OnDisk(self)
        self.on_disk.changed.connect(self._again)
        self._waiting: Callable[[], object] | None = None  # what is to be done with what the check finds
        self._worker = Worker("check", self, patience=0.02)
        self._worker.finished.connect(self._take)
        self._worker.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether the graph as it stands has not been checked yet."""
        return self._worker.busy

    def follow(self, session: Session) -> None:
        """Check the session's graph as it is now."""
        graph, registry, path, dtype = session.graph, session.registry, session.path, session.dtype
        if session is not self._session:
            self._session, self._waiting = session, None
        before = self.shapes  # they stay what is shown until this is answered: an earlier request no longer is

        def work(request: Request) -> Found:
            # Not needed to start.
            from ...core.diagnosing.fitting import mends_of_problem
            from ..search.open_ports import with_fits
            from .losses import losses

            asked = Session(graph, path, registry, dtype)
            stamps = stamped(files_of(graph, asked.folder))
            found = asked.check()
            found = with_fits(found, graph, registry, dtype or graph.dtype)
            mends = {
                problem: mends_of_problem(graph, registry, found, problem, lambda: request.cancelled)
                for problem in found.problems[:MENDED]
            }
            return Found(found, _differing(before, found.shapes), losses(graph, registry, found.shapes), stamps, mends)

        self._worker.ask(work)

    def when_known(self, act: Callable[[], object]) -> None:
        """Do this with the graph checked as it stands: at once, or when it is; of several that wait the last."""
        self._waiting = act
        self._go_on()

    def _again(self) -> None:
        if self._session is not None:
            self.follow(self._session)

    def _go_on(self) -> None:
        act = self._waiting
        if act is not None and not self.busy:
            self._waiting = None
            act()

    def close(self) -> None:
        self.on_disk.follow({})
        self._worker.close()

    def _take(self, found: Found) -> None:
        self.found, self.reshaped, self.losses, stamps, self.mends = found
        self.problems, self.shapes = self.found.problems, self.found.shapes
        self.checked.emit()
        self.on_disk.follow(stamps)
        self._go_on()

    def _fail(self, error: Exception) -> None:
        """A fault of the check, or of a plugin's rule: nothing is known then, so the graph must not look valid."""
        failed = Problem(None, None, f"the check failed: {type(error).__name__}: {error}")
        self._take(Found(Checked((failed,)), frozenset(self.shapes)))


def _differing(before: Mapping[Source, str], after: Mapping[Source, str]) -> frozenset[Source]:
    """The values of which only one knows the shape, or the two know different ones."""
    # Not by one operation on all items, which would hold the interpreter, and with it the window, until it has ended.
    other = [source for source, shape in after.items() if before.get(source) != shape]
    return frozenset([*other, *(source for source in before if source not in after)])
