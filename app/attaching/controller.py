"""The script that is attached to one editor: waited for, shown as it runs, and let go of."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from ...core.document import Document
from ...core.errors import GradwireError
from ...core.foreign import line
from ...core.session import Session
from ..bridge import Request, Worker
from ..looking_away import come_back, look_away
from ..results.flowing import Flow
from .trained import Levels, ScriptTraining, levels_of

if TYPE_CHECKING:
    from ...core.attaching import Hello, Listener, Seen
    from ...core.attaching.arrays import Look
    from ...core.attaching.listening import News
    from ...core.graph import Graph
    from ...core.ops import Registry
    from ..editor import Editor

LISTENING, ATTACHED, ENDED = "listening", "attached", "ended"
WRONG_TOKEN = "A script was refused, as its token is another: paste the line that stands here now"
EVERY = 33  # milliseconds from one look at the script to the next
SHARE = 0.1  # of the window's time, at most, that showing its values may take
GRAPH_SHARE = 0.5  # the same where its graph is another: that is seldom, and its values are waited for


class Came(NamedTuple):
    """What came from the script, and what is to be shown of it: `levels` are those of its curves."""

    news: News | None
    flow: Flow | None = None
    levels: Levels | None = None


class Known(NamedTuple):
    """What is known of the script by now: who it is, a session of its graph, the levels of its curves."""

    hello: Hello | None
    session: Session | None
    levels: Levels | None


class Attaching(QObject):
    """`state` is "" at rest, "listening", "attached", or "ended". `changed` when it is another, or more is told.

    While a script is attached its graph is looked at, and when it has ended as it was last, until somebody goes back.
    Whoever shows something else lets go of the script by that.
    """

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._listener: Listener | None = None
        self._worker: Worker | None = None
        self.hello: Hello | None = None  # of the script that is attached
        self._ended: Hello | None = None  # the script that has, whose graph is shown still
        self.told = ""  # what the script, or the end of it, came to, in words
        self._session: Session | None = None  # of its graph
        self._look: Look | None = None  # the newest
        self._flow: Flow | None = None  # as the canvas shows it, now or once nothing is stepped through
        self._levels: Levels | None = None  # of the graph, once it was trained
        self.trained = ScriptTraining(editor)
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._ask)
        editor.replaced.connect(self._follow)
        editor.stepper.left.connect(self._show_flow)
        editor.stepper.recordings.by_now = self._by_now

    @property
    def state(self) -> str:
        if self._listener is not None:
            return LISTENING if self.hello is None else ATTACHED
        return ENDED if self._ended is not None else ""

    @property
    def call(self) -> str:
        """The line that a script needs, "" while nothing listens."""
        return "" if self._listener is None else self._listener.call

    @property
    def shows(self) -> bool:
        """Whether the graph of a script is shown in the place of the document."""
        return self._session is not None and self._editor.session is self._session

    @property
    def script(self) -> Hello | None:
        """That which is attached, or has ended and is shown still."""
        return self.hello or self._ended

    @property
    def about(self) -> str:
        """What is looked at, in words; "" while it is nothing of a script."""
        return _about(self.hello, self._ended)

    def listen(self) -> bool:
        """Open a port on this machine for one script, unless one is open; False where none is free, which is told."""
        if self._listener is not None:
            return True
        self._listener, self.told = _opened()
        if self._listener is None:
            self._editor.told.emit(self.told, "refusal")
            self.changed.emit()
            return False
        self._worker = self._worker or _worker(self)
        self._ask()
        self.changed.emit()
        return True

    def stop(self, why: str = "") -> None:
        """Close the port, let go of the script, and show the document again."""
        listener, shown, ended = self._listener, self.shows, self._ended is not None
        if listener is not None:
            listener.close()
        elif not ended:
            return
        self._next.stop()
        if self._worker is not None:
            self._worker.cancel()
        self._listener = self.hello = self._ended = self._session = self._look = self._flow = self._levels = None
        self.told = why
        (self.trained.end if why or ended else self.trained.forget)()
        self._editor.flowing.show(None)
        if shown:
            come_back(self._editor)
        self.changed.emit()

    def close(self) -> None:
        """End the thread."""
        self.stop()
        if self._worker is not None:
            self._worker.close()

    # What comes.

    def _ask(self) -> None:
        listener, worker, registry = self._listener, self._worker, self._editor.home.registry
        known = Known(self.hello, self._session, self._levels)
        if listener is not None and worker is not None:
            worker.ask(lambda request: _came(listener, known, registry, request))

    def _take(self, came: Came) -> None:
        from ...core.attaching import Ended, Hello, Refused

        began = monotonic()
        if self._listener is None:
            return
        if isinstance(came.news, Ended):
            _end(self, came.news.why)
            self._editor.told.emit(came.news.why, "note")
            return
        if isinstance(came.news, Hello):
            self.hello, self._ended, self.told = came.news, None, ""
            self.changed.emit()
        elif isinstance(came.news, Refused):
            self.told = WRONG_TOKEN
            self.changed.emit()
        elif came.news is not None and not _shown(self, came.news, came):
            return
        if self._listener is not None:
            self._next.start(_pause(came, monotonic() - began))

    def _show_flow(self) -> None:
        if self._flow is not None and self.shows and not self._editor.stepper.active:
            self._editor.flowing.show(self._flow)

    def _show_graph(self, session: Session) -> None:
        if not (again := self.shows):
            come_back(self._editor)
        self._session, self._look, self._flow, self._levels = session, None, None, None
        _put(self._editor, session, again)

    def _follow(self) -> None:
        """Something else is shown in the place of the script's graph: it is let go of."""
        if self._session is not None and self._editor.session is not self._session:
            self.stop()

    def _by_now(self, session: Session) -> Session:
        """What is to be stepped through: where it is a script's, with the parameters that were seen last."""
        return _with_values(session, self._look) if session is self._session and self._look else session


def _about(hello: Hello | None, ended: Hello | None) -> str:
    if ended is not None:
        return f"Ended: {ended.name}, process {ended.process}. Its graph stands here as it was last"
    return "" if hello is None else f"Attached to {hello.name}, process {hello.process}: its graph, as it runs"


def _end(attaching: Attaching, why: str) -> None:
    """The script has ended: what is shown of it stays."""
    if not attaching.shows:
        attaching.stop(why)
        return
    attaching._ended, attaching.hello, attaching._listener, attaching.told = attaching.hello, None, None, why
    attaching.trained.end()
    if attaching._flow is not None and attaching._look is not None and attaching._ended is not None:
        about = f"last of {_which(attaching._look, attaching._ended.name)}"
        attaching._flow = attaching._flow._replace(about=about)
        attaching._show_flow()
    attaching.changed.emit()


def _worker(attaching: Attaching) -> Worker:
    """The thread on which what comes from the script is waited for."""
    worker = Worker("attached script", attaching)
    worker.finished.connect(attaching._take)
    worker.failed.connect(lambda error: _fail(attaching, error))
    return worker


def _opened() -> tuple[Listener | None, str]:
    """What listens from now on; nothing where no port is free, and why."""
    from ...core.attaching import Listener

    try:
        return Listener(), ""
    except GradwireError as error:
        return None, str(error)


def _put(editor: Editor, session: Session, again: bool) -> None:
    """Show a script's graph; of one that is shown `again` what is selected and entered there stays so."""
    selection, group, graph = editor.selection, editor.group, session.graph
    editor.flowing.show(None)
    look_away(editor, session, computes=False)
    if again:
        editor.enter(group if group in graph.groups else None)
        editor.select(id for id in selection if id in graph.nodes or id in graph.groups)


def _flow(look: Look, graph: Graph, name: str) -> Flow:
    """What the canvas is to show of a look, as far as it is of this graph."""
    shown = look.snapshot._replace(arrays={k: a for k, a in look.snapshot.arrays.items() if k[1].node in graph.nodes})
    root = look.root if look.root is not None and look.root.node in graph.nodes else None
    about = f"live from {_which(look, name)}"
    return Flow.of(shown, root, about if look.loss is None else f"{about}, loss {look.loss:.4g}")


def _which(look: Look, name: str) -> str:
    told = f"iteration {look.snapshot.iteration:,}" if look.training else "its newest run"
    return f"{name}, {told}"


def _with_values(session: Session, look: Look) -> Session:
    """A session with the parameters that were seen."""
    nodes, registry = session.graph.nodes, session.registry
    held = {
        source.node: array
        for (kind, source), array in look.snapshot.arrays.items()
        if kind == "value" and source.node in nodes and nodes[source.node].op == "parameter"
    }
    return Session(Document(session.graph, held, registry), session.path, registry, session.dtype)


def _came(listener: Listener, known: Known, registry: Registry, request: Request) -> Came:
    """What comes next, waited for on a thread."""
    from ...core.attaching import Seen

    news, hello, shown = listener.take(lambda: request.cancelled), known.hello, known.session
    if not isinstance(news, Seen) or hello is None:
        return Came(news)
    graph, levels = shown.graph if shown is not None else None, known.levels
    if news.graph is not None:
        graph, levels = news.graph, None
    if news.numbers and levels is None and graph is not None:  # in a document of this thread
        if news.graph is None and shown is not None:
            session = Session(Document(graph, registry=registry), shown.path, registry, shown.dtype)
        else:
            session = _session_of(news, graph, hello, registry)
        levels = levels_of(session, request)
    flow = None if news.look is None or graph is None else _flow(news.look, graph, hello.name)
    return Came(news, flow, levels)


def _pause(came: Came, seconds: float) -> int:
    """Milliseconds to the next look at the script, where showing this one took so long."""
    from ...core.attaching import Seen

    another = isinstance(came.news, Seen) and came.news.graph is not None
    return max(EVERY, round(1000 * seconds / (GRAPH_SHARE if another else SHARE)))


def _session_of(seen: Seen, graph: Graph, hello: Hello, registry: Registry) -> Session:
    """A session of the graph that came; data are read where the script reads them."""
    path = None if seen.folder is None else seen.folder / f"{Path(hello.name).stem or 'script'}.gw"
    return Session(Document(graph, registry=registry), path, registry, seen.dtype)


def _shown(attaching: Attaching, seen: Seen, came: Came) -> bool:
    """Whether what came could be shown."""
    try:
        _show(attaching, seen, came)
    except Exception as error:
        _fail(attaching, error)
        return False
    return True


def _show(attaching: Attaching, seen: Seen, came: Came) -> None:
    editor, flow = attaching._editor, came.flow
    if seen.graph is not None and attaching.hello is not None:
        attaching._show_graph(_session_of(seen, seen.graph, attaching.hello, editor.home.registry))
    if seen.look is not None:
        attaching._look = seen.look
    if flow is not None:
        attaching._flow = flow
        attaching._show_flow()
    if seen.told is not None and seen.told != attaching.told:
        attaching.told = seen.told
        attaching.changed.emit()
    if attaching.hello is not None and seen.numbers:
        attaching._levels = came.levels
        attaching.trained.take(attaching.hello.name, seen, came.levels or {})


def _fail(attaching: Attaching, error: Exception) -> None:
    """Let go of the script: what came of it cannot be shown. What nobody expected is a fault of the program as well."""
    attaching.stop(f"the graph of the script cannot be shown: {line(error)}")
    attaching._editor.told.emit(attaching.told, "refusal")
    if not isinstance(error, GradwireError):
        raise error
