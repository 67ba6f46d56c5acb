"""What mends findings, tried beside the window: nothing is tried until somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from ...core.diagnosing.finding import may_have_mends
from ..bridge import Request, Worker

if TYPE_CHECKING:
    from ...core.document import Change
    from ...core.stepping import Timeline
    from ...core.stepping.mending import Mend
    from ..editor import Editor
    from .findings import AnyFinding

PATIENCE = 0.1  # seconds without another wish, after which what is wished for is tried
Key: TypeAlias = tuple[str, str, str]
Known: TypeAlias = "dict[Key, tuple[Mend, ...]]"


class FindingMends(QObject):
    """Of one editor, and of its graph as it is now. `found` whenever more is known."""

    found = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._worker: Worker | None = None  # begun when something is asked
        self._known: Known = {}
        self._wanted: dict[Key, AnyFinding] = {}
        editor.replaced.connect(self._forget)
        editor.changed.connect(self._follow)
        editor.results_changed.connect(self._look)
        editor.selection_changed.connect(self.look_at_active)

    def of(self, finding: AnyFinding) -> tuple[Mend, ...] | None:
        """What mends a finding; None as long as that is not known, and then it is looked for."""
        if not may_have_mends(finding):
            return ()
        key = _key(finding)
        if key not in self._known and key not in self._wanted:
            self._wanted[key] = finding
            self._look()
        return self._known.get(key)

    def known(self, finding: AnyFinding) -> tuple[Mend, ...]:
        """What is known to mend a finding, without looking for it."""
        return self._known.get(_key(finding), ())

    def at(self, node: str | None) -> AnyFinding | None:
        """The first finding at a node of which a mend is known, or may be as long as nobody has looked for it."""
        return next((each for each in self._at(node) if self._known.get(_key(each)) != ()), None)

    def look_at_active(self) -> None:
        """Look for mends of the active node, so that a menu opened on it knows."""
        for each in self._at(self._editor.active):
            self.of(each)

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.close()

    def _at(self, node: str | None) -> list[AnyFinding]:
        found = () if node is None else self._editor.findings.on_canvas
        return [each for each in found if each.node == node and may_have_mends(each)]

    def _follow(self, change: Change) -> None:
        if change.semantic:
            self._forget()

    def _forget(self) -> None:
        """Of another graph nothing is known yet."""
        self._known, self._wanted = {}, {}
        if self._worker is not None:
            self._worker.cancel()

    def _look(self) -> None:
        """Try what is wanted, once there is something computed that it can be tried on."""
        lay_out = self._editor.results.timeline
        if not self._wanted or lay_out is None or self._editor.live.refreshing.pending:
            return
        if self._worker is not None and self._worker.busy:
            return  # values may come faster than a mend is tried
        if self._worker is None:
            self._worker = Worker("mends", self, patience=PATIENCE)
            self._worker.finished.connect(self._take)
            # Why it cannot be tried is told where it is asked for.
            self._worker.failed.connect(lambda error: self._take(dict.fromkeys(self._wanted, ())))
        self._worker.ask(partial(_try, lay_out, tuple(self._wanted.values())))

    def _take(self, found: Known) -> None:
        self._known.update(found)
        for key in found:
            self._wanted.pop(key, None)
        if found:
            self.found.emit()
        self._look()


def _key(finding: AnyFinding) -> Key:
    return finding.rule, finding.node, repr(finding.edit)


def _try(lay_out: Callable[[], Timeline], findings: Sequence[AnyFinding], request: Request) -> Known:
    from ...core.diagnosing.mending import mends_of

    timeline, known = lay_out(), {}
    for finding in findings:
        mends = mends_of(timeline, finding, lambda: request.cancelled)
        if request.cancelled:
            break
        known[_key(finding)] = mends
    return known
