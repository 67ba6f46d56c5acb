"""The script's end of the line: what its session computes is shown by a window that listens."""

from __future__ import annotations

import atexit
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..document import Change
from ..document.edits import SetValues
from ..errors import RunError, usage_told
from ..graph import Source
from ..parameters import refuse_unless, shown
from ..running import Again, Running
from ..summary import Key
from ..training.engine import Engine, Events, State
from ..training.steps import LOSS
from ..training.stopping import may_end
from .arrays import packed
from .frames import Decoder, encoded
from .outbox import Outbox
from .pace import Pace
from .resting import REST, LastMissed, Missed

if TYPE_CHECKING:
    from ..training.trainer import Trainer
    from ..training.watching import Seen

HOSTS = ("127.0.0.1", "localhost")
PATIENCE = 5.0  # seconds that the window has to answer
RECENT = 0.5  # seconds after gradients for which no run without any is shown: the window would flicker
HINT = 'Train > "Listen for a script" in the window shows the line to paste'
TAKEN = "another script may be attached already: a window listens until one is"


@usage_told
def attach(session: Running, address: str, token: str) -> Attachment:
    """Show in a window of Gradwire what this session computes: its graph, values and gradients as it runs and
    trains, at most 30 times a second, and the curves of its training. No bit of a result changes, and where the window
    is closed the script goes on. What ran last is always shown: where there was no time to look at it, ops compute it
    once more on another thread as soon as the script rests.

    `address` ("127.0.0.1:PORT") and `token` are those that the window shows. The handle has `close`, as leaving `with`
    does. Raises `RunError` where nobody listens there, or the token is another.
    """
    refuse_unless(session, Running, "attach takes a Session", hint="gw.open(path) gives one")
    if session.onlooker is not None:
        raise RunError("the session is attached already", hint="close() of what attach gave ends that")
    line = _joined(_place(address), token)
    try:
        _introduce(line, token)
        return Attachment(session, line)
    except BaseException:
        line.close()
        raise


class Attachment:
    """A session that is shown in a window. `lost` where the window is gone: nothing is sent any more."""

    def __init__(self, session: Running, line: socket.socket) -> None:
        self._session = session
        self._outbox = Outbox(line, lambda: f"the window has let go of {_name()}, which goes on")
        self._paces = {"run": Pace(), "gradients": Pace(), "training": Pace()}
        self._trainer: Trainer | None = None
        self._per_epoch = 1  # iterations of its epochs
        self._looked: int | None = None  # the iteration of training that is at work, where it is looked at
        self._size: int | None = None
        self._went_back = -RECENT  # when gradients were last shown
        self._last = LastMissed(self._show_late)
        self._forget = session.document.observe(self._follow)
        session.onlooker = self
        self._send_graph()
        atexit.register(self.close)

    @property
    def lost(self) -> bool:
        return self._outbox.lost

    def close(self) -> None:
        """Send nothing more. Done twice it does nothing."""
        if self._session.onlooker is self:
            self._session.onlooker = None
            if self._trainer is not None and self._trainer.onlooker is self:
                self._trainer.onlooker = None
            self._forget()
            self._last.close()
            self._outbox.close()
            atexit.unregister(self.close)

    def __enter__(self) -> Attachment:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self, change: Change) -> None:
        if not all(isinstance(edit, SetValues) for edit in change.edits):  # values are seen as it runs
            self._last.drop()
            self._send_graph()

    def _send_graph(self) -> None:
        session = self._session
        folder = None if session.folder is None else str(session.folder.absolute())
        self._outbox.graph(session.graph, folder=folder, dtype=session.dtype)

    # Runs.

    def begun(self, back: bool) -> bool:
        """A run begins, with gradients or not; whether it is to be looked at."""
        self._last.drop()
        wanted = self._paces["gradients" if back else "run"].begun() and not self.lost
        if back:  # also where the run that computed its values is on its way: it says more than that
            return wanted
        return wanted and not self._outbox.busy and monotonic() - self._went_back > RECENT

    def over(self, back: bool, looked: bool, kind: object, again: Again | None) -> None:
        """It has ended; `kind` says which are compiled alike. Where it stays the last it is computed `again`."""
        pace = self._paces["gradients" if back else "run"]
        pace.over(looked, kind, self._outbox.cost)
        if again is not None and not self.lost:
            due, root = monotonic() + max(REST, pace.rest), again.program.question.root
            due = due if back else max(due, self._went_back + RECENT)
            self._last.keep(Missed(lambda: packed(again.number, again(), root), due, back, kind))

    def _show_late(self, missed: Missed, look: bytes, took: float) -> None:
        """The script rests since a run that was not looked at."""
        self._paces["gradients" if missed.back else "run"].late(took, missed.kind)
        self._send(look, missed.back)

    def showed(self, number: int, arrays: Mapping[Key, Any], root: Source | None) -> None:
        """What a run has computed."""
        self._send(packed(number, arrays, root), root is not None)

    def _send(self, look: bytes, back: bool) -> None:
        if back:
            self._went_back = monotonic()
        self._outbox.look(look)

    # Training, as its `Onlooker`.

    def follow(self, trainer: Trainer) -> None:
        """Look at this run of training, where nobody else does."""
        if trainer.onlooker is not None or self.lost:
            return
        self._trainer, trainer.onlooker = trainer, self
        self._per_epoch = trainer.iterations_per_epoch
        for event in (Events.STARTED, Events.EPOCH_COMPLETED, Events.COMPLETED):
            trainer.engine.add_event_handler(event, _Teller(self._outbox, event, trainer))

    def wants(self, number: int) -> bool:
        """Asked several times of one iteration."""
        if number != self._looked:
            wanted = self._paces["training"].begun() and not self._outbox.busy
            if number % self._per_epoch == 0 and self._trainer is not None and not self.lost:
                wanted = wanted or _may_end(self._trainer)  # it is seen, whatever waits
            self._looked = number if wanted else None
        return self._looked == number

    def saw(self, number: int, size: int | None, seen: Seen) -> None:
        """An iteration was looked at."""
        self._last.drop()
        self._size = size
        root = self._trainer.step.loss if self._trainer is not None else None
        self._outbox.look(packed(number, seen.arrays, root, float(seen.made[LOSS]), training=True))

    def passed(self, number: int, made: Mapping[str, Any], rate: float) -> None:
        """An iteration has ended."""
        self._paces["training"].over(self._looked == number, self._size, self._outbox.cost)
        self._looked = None
        if not self.lost and self._outbox.tally.passed(number, made, rate):
            self._outbox.count()


class _Teller:
    """Tells what an engine does: in words, and the numbers of an epoch."""

    def __init__(self, outbox: Outbox, event: Events, trainer: Trainer) -> None:
        self._outbox, self._event, self._trainer = outbox, event, trainer

    def __call__(self, engine: Engine) -> None:
        state = engine.state
        if self._event is Events.STARTED:
            self._outbox.tally.begin(self._trainer)
        elif self._event is Events.EPOCH_COMPLETED:
            self._outbox.tally.epoch(state.metrics)
        self._outbox.tell(encoded("told", text=self._words(state)))

    def _words(self, state: State) -> str:
        if self._event is Events.STARTED:
            text = f"training, {state.max_epochs:,} epochs"
        elif self._event is Events.COMPLETED:
            text = f"trained for {state.iteration:,} iterations"
        else:
            numbers = {k: v for k, v in state.metrics.items() if k not in ("epoch", "iteration")}
            told = ", ".join(f"{name} {value:.4g}" for name, value in numbers.items() if isinstance(value, int | float))
            text = f"epoch {state.epoch:,} of {state.max_epochs:,}: {told}"
        return text


def _may_end(trainer: Trainer) -> bool:
    """Whether the training may end with the epoch that it is in, as far as that is known before."""
    if len(trainer.history) + 1 >= trainer.engine.state.max_epochs:
        return True
    stopping = trainer.stopping
    return stopping is not None and may_end(stopping, [row[stopping["metric"]] for row in trainer.history])


def _name() -> str:
    return Path(sys.argv[0]).name if sys.argv and sys.argv[0] not in ("", "-c") else "Python"


def _place(address: object) -> tuple[str, int]:
    host, colon, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
    if not (colon and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 2**16):
        raise RunError(f'the address of a window is as in "127.0.0.1:40000", got {shown(address)}', hint=HINT)
    if host not in HOSTS:
        raise RunError(f"a window listens on {HOSTS[0]} alone, got {shown(host)}", hint="both run on one machine")
    return HOSTS[0], int(port)


def _joined(place: tuple[str, int], token: object) -> socket.socket:
    if not isinstance(token, str):
        raise RunError(f"the token is a text, got {shown(token)}", hint=HINT)
    try:
        return socket.create_connection(place, PATIENCE)
    except OSError as error:
        told = f"nobody listens on {place[0]}:{place[1]}: {error.strerror or error}"
        raise RunError(told, hint=f"{TAKEN}; {HINT}") from error


def _introduce(line: socket.socket, token: str) -> None:
    """Say who this is. Raises `RunError` where the window does not let it in."""
    decoder = Decoder()
    try:
        line.sendall(encoded("hello", token=token, name=_name(), process=os.getpid()))
        while data := line.recv(4096):
            for frame in decoder.feed(data):
                if frame.kind == "welcome":
                    line.settimeout(None)
                    return
                raise RunError(f"the window refused: {frame.head.get('why')}", hint=HINT)
    except OSError as error:
        raise RunError(f"the window does not answer: {error.strerror or error}", hint=HINT) from error
    raise RunError("the window has closed the line", hint=HINT)
