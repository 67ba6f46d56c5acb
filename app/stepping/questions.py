"""Questions about gradients, answered beside the window: one at a time, the latest that was asked counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from ...core.cancelling import Cancelled
from ...core.document import Change
from ...core.errors import GradwireError
from ...core.graph import Source
from ...core.stepping import Moment, Timeline
from ...core.stepping.states import State
from ..bridge import Request, Worker
from . import answering
from .mending import Mending
from .pairing import Pairing
from .spotlight import Answer

if TYPE_CHECKING:
    from ..editor import Editor
    from ..results.findings import AnyFinding

Find = Callable[[Timeline, Cancelled], Answer | None]
NOTHING = "Nothing is computed yet that could be asked about"


class Refused(NamedTuple):
    """Why there is no answer."""

    text: str


class Questions(QObject):
    """Asks of what is shown: of the iteration that is stepped through, else of what Live has computed."""

    answered = Signal()  # the spotlight shows the answer, or it was told why there is none

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._worker: Worker | None = None  # begun when something is asked
        self.pairing = Pairing(editor, self.derivative)
        self.mending = Mending(editor)
        self._then: Callable[[Answer], None] = lambda answer: None  # what is done with the answer beside showing it
        self._remembered: Callable[[], Moment] | None = None
        self._of = ""  # what that is called
        editor.replaced.connect(self._forget)
        editor.changed.connect(self._overtaken)
        editor.stepper.changed.connect(self._overtaken)

    @property
    def remembers(self) -> bool:
        """Whether there is a moment to compare with."""
        return self._remembered is not None

    # What can be asked.

    def derivative(self, first: str, second: str) -> None:
        """∂B/∂A of two nodes, B the one that depends on the other."""
        graph = self._editor.graph
        if first in graph.descendants([second]):
            first, second = second, first
        elif second not in graph.descendants([first]):
            self._refuse(f"neither of {graph.path(first)} and {graph.path(second)} depends on the other")
            return
        of, to = self._source(second), self._source(first)
        if of is not None and to is not None:
            self._ask(lambda timeline, cancelled: answering.derivative_of(timeline, of, to, cancelled))

    def why(self, node: str) -> None:
        """Why the gradient of a node is what it is."""
        source = self._source(node)
        if source is not None and not (later := _comes_later(self._editor, source)):
            here = [each for each in self._editor.findings.on_canvas if each.node == node and each.edit is not None]
            self._ask(lambda timeline, cancelled: answering.why(timeline, source, cancelled, here))
        elif source is not None:
            self._refuse(later)

    def finding(self, finding: AnyFinding, then: Callable[[Answer], None] = lambda answer: None) -> None:
        """What a finding tells and what would mend it; `then` is done with the answer, unless it is overtaken."""
        self._ask(lambda timeline, cancelled: answering.advised(timeline, finding, cancelled), then)

    def cause(self, node: str, then: Callable[[Answer], None]) -> None:
        """Where what is not finite at a node comes from; `then` is done with the answer, unless it is overtaken."""
        source = self._source(node)
        if source is not None:
            self._ask(lambda timeline, cancelled: answering.cause(timeline, source, cancelled), then)

    def first_not_finite(self) -> None:
        """Where the first NaN or infinity begins."""
        self._ask(answering.first)

    def nudge(self, node: str) -> None:
        """What the root does when the value of a node is moved by a little."""
        self._ask(lambda timeline, cancelled: answering.nudged(timeline, node, cancelled))

    def remember(self) -> None:
        """Keep the moment that is shown, to compare another one with it."""
        editor = self._editor
        self._remembered = self._moment()
        self._of = "the remembered moment"
        if editor.branching.branches:
            self._of += f" of {editor.branching.name(editor.stepper.branch)}"
        if self._remembered is None:
            self._refuse(NOTHING)
        else:
            self._editor.told.emit("This moment is remembered: go on, or edit, and compare", "note")

    def compare(self) -> None:
        """What is of another size now than at the moment that is remembered."""
        before, now, of = self._remembered, self._moment(), self._of
        if before is not None and now is not None:
            self._ask(lambda timeline, cancelled: answering.compared(before(), now(), of))

    def _overtaken(self, change: Change | None = None) -> None:
        """What is asked for was of another graph, or of another moment: an answer would come too late."""
        if self._worker is not None and (change is None or change.semantic):
            self._worker.cancel()

    def close(self) -> None:
        """End the thread."""
        self._forget()
        self.mending.close()
        if self._worker is not None:
            self._worker.close()

    # Within.

    def _source(self, node: str) -> Source | None:
        """The first output of a node, None where it has none, which is told."""
        graph, registry = self._editor.graph, self._editor.registry
        op = registry.get(graph.nodes[node].op) if node in graph.nodes else None
        if op is None or not op.visible:
            self._refuse(f"{graph.path(node)} gives no value")
            return None
        return Source(node, op.outputs[op.visible[0]].name)

    def _moment(self) -> Callable[[], Moment] | None:
        """What gives the moment that is shown, to be called beside the window."""
        moment, lay_out = self._editor.stepper.moment, self._editor.results.timeline
        if moment is not None:
            return lambda: moment
        return None if lay_out is None else lambda: Moment(timeline := lay_out(), timeline.end)

    def _ask(self, find: Find, then: Callable[[Answer], None] = lambda answer: None) -> None:
        lay_out = self._editor.results.timeline
        if lay_out is None:
            self._refuse(NOTHING)
            return
        if self._worker is None:
            self._worker = Worker("questions", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(lambda error: self._refuse(f"No answer was found: {error}"))
        self._then = then  # only the latest question is answered
        self._worker.ask(partial(_answer, find, lay_out))

    def _take(self, found: Answer | Refused | None) -> None:
        if isinstance(found, Refused):
            self._refuse(found.text)
        elif found is not None:
            editor = self._editor
            if found.shown is not None and found.shown in editor.graph.nodes:
                editor.show(found.shown)
            editor.spotlight.tell(found)
            editor.told.emit(found.text or found.lines[1], "note")
            self.answered.emit()
            self._then(found)

    def _refuse(self, text: str) -> None:
        self._editor.spotlight.end_answer()
        self._editor.told.emit(text, "refusal")
        self.answered.emit()

    def _forget(self) -> None:
        self._remembered = None
        self.pairing.forget()
        if self._worker is not None:
            self._worker.cancel()


def _comes_later(editor: Editor, source: Source) -> str:
    """That a gradient comes later than the moment that is shown, whose number is not told here; "" if it does not."""
    moment = editor.stepper.moment
    if moment is None or moment.timeline.run.gradient(source) is None:
        return ""
    state, name = moment.gradient(source).state, editor.graph.path(source.node)
    if state is State.UNREACHED:
        return f"{name} has no gradient yet: step on, and ask then"
    waits = f"not all parts of the gradient at {name} are there yet: step on, and ask then"
    return waits if state is State.WAITING else ""


def _answer(find: Find, lay_out: Callable[[], Timeline], request: Request) -> Answer | Refused | None:
    try:
        return find(lay_out(), lambda: request.cancelled)
    except GradwireError as error:
        return Refused(str(error))
