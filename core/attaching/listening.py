"""The window's end of the line: it listens on this machine alone, to one script, which must know the token."""

from __future__ import annotations

import hmac
import secrets
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import GradwireError, RunError
from ..files.format import parse_graph
from ..foreign import line
from ..graph import Graph
from .arrays import LOOK, Look, unpacked
from .frames import Decoder, Frame, encoded
from .numbers import NUMBERS, Numbers
from .numbers import unpacked as counted

HOST = "127.0.0.1"
PATIENCE = 5.0  # seconds that a script has to say who it is
CALLERS = 32  # how many may be at the door at once; then the one that has waited longest is sent away
TURN = 0.05  # seconds between looks at whether anybody still wants to listen
FIRST = 4096  # bytes that somebody who is not known yet may send
PIECE = 2**20
NAME = 80  # characters of a script's name that are shown
WAITED = "the window waited for a token"
REFUSED = "the token is not that of the window: it is new each time that the window listens"


class Hello(NamedTuple):
    """A script is attached: what it is called, and the number of its process."""

    name: str
    process: int


class Seen(NamedTuple):
    """What came from the script since the last time, None for what did not: its graph, with the folder of its data
    and its dtype; what it computed last; what its training came to, in words; and the numbers of that.
    """

    graph: Graph | None = None
    folder: Path | None = None
    dtype: str | None = None
    look: Look | None = None
    told: str | None = None
    numbers: tuple[Numbers, ...] = ()


class Ended(NamedTuple):
    """Nothing more comes, and why."""

    why: str


class Refused(NamedTuple):
    """Somebody was sent away who does not know the token."""


News = Hello | Seen | Ended | Refused


class Caller(NamedTuple):
    """Somebody at the door who has not said yet who he is: what came of his message, and how long he is waited for."""

    decoder: Decoder
    until: float


class Listener:
    """Listens from now on until a script is attached; then for what comes from that, and nobody else.

    `take` belongs to one thread; `close` may be called on any. Raises `RunError` where no port is free.
    """

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        try:
            self._door: socket.socket | None = socket.create_server((HOST, 0), backlog=CALLERS)
        except OSError as error:
            raise RunError(f"nothing can be listened to on {HOST}: {error.strerror or error}") from error
        self.port: int = self._door.getsockname()[1]
        self._callers: dict[socket.socket, Caller] = {}
        self._line: socket.socket | None = None
        self._decoder = Decoder()
        self._looks = 0
        self._hello = Hello("", 0)
        self.closed = False

    @property
    def call(self) -> str:
        """The line of Python that a script needs, whose session is called `session`."""
        return f'gradwire.core.attach(session, "{HOST}:{self.port}", "{self.token}")'

    def close(self) -> None:
        """Close the port, and the line to a script."""
        self.closed = True
        for each in (self._door, self._line, *tuple(self._callers)):
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

    def take(self, cancelled: Callable[[], bool]) -> News | None:
        """Wait for what comes next; None where that is no longer wanted."""
        while not (cancelled() or self.closed):
            found = self._meet() if self._line is None else self._read()
            if found is not None:
                return found
        return None

    def _end(self, why: str) -> Ended | None:
        """Nothing more comes; that is no news to whoever has closed it himself."""
        if self.closed:
            return None
        self.close()
        return Ended(why)

    # Before a script is attached.

    def _meet(self) -> Hello | Refused | None:
        """Hear all who are at the door, and let in somebody who knows the token; the port is closed then."""
        assert self._door is not None
        speaking = _readable((self._door, *self._callers), TURN)
        if self._door in speaking:
            self._receive(self._door)
        for caller in [each for each in self._callers if each in speaking]:
            heard = self._heard(caller)
            if isinstance(heard, Hello):
                self._let_in(caller, heard)
            if heard is not None:
                return heard
        now = time.monotonic()
        for caller in [each for each, known in self._callers.items() if now > known.until]:
            self._send_away(caller, WAITED)
        return None

    def _receive(self, door: socket.socket) -> None:
        """Somebody new is at the door."""
        try:
            caller, _ = door.accept()
        except OSError:  # it has gone again, or the process has no more files to open
            time.sleep(TURN)
            return
        caller.setblocking(False)
        self._callers[caller] = Caller(Decoder(FIRST), time.monotonic() + PATIENCE)
        if len(self._callers) > CALLERS:
            self._send_away(next(iter(self._callers)), WAITED)
        if self.closed:  # meanwhile, on another thread
            caller.close()

    def _heard(self, caller: socket.socket) -> Hello | Refused | None:
        """Who has come, once that is said; whoever says anything else is sent away."""
        try:
            data = caller.recv(FIRST)
            if not data:
                raise RunError(WAITED)
            for frame in self._callers[caller].decoder.feed(data):
                return _known(frame, self.token)
        except BlockingIOError:
            return None
        except (GradwireError, OSError) as error:
            self._send_away(caller, str(error) if isinstance(error, RunError) else "")
            return Refused() if str(error) == REFUSED else None
        return None

    def _send_away(self, caller: socket.socket, why: str) -> None:
        del self._callers[caller]
        with suppress(OSError):
            if why:
                caller.sendall(encoded("refused", why=why))
        caller.close()

    def _let_in(self, caller: socket.socket, hello: Hello) -> None:
        assert self._door is not None
        del self._callers[caller]
        while self._callers:
            self._send_away(next(iter(self._callers)), WAITED)
        self._door.close()
        self._line, self._door, self._hello = caller, None, hello
        with suppress(OSError):  # where it has gone again, that is seen when it is read from
            caller.setblocking(True)
            caller.sendall(encoded("welcome"))
        if self.closed:
            caller.close()

    # While one is.

    def _read(self) -> News | None:
        """What has come by now, the newest of each kind."""
        assert self._line is not None
        seen: Seen | None = None
        while (data := _piece(self._line, 0.0 if seen is not None else TURN)) is not None:
            if not data:
                return seen if seen is not None else self._end(f"{self._hello.name} has ended, or let go")
            try:
                for frame in self._decoder.feed(data):
                    seen = self._with(seen or Seen(), frame)
            except (GradwireError, ValueError) as error:
                return self._end(f"{self._hello.name} sent what cannot be shown: {line(error)}")
            if seen is not None and (seen.look is not None or seen.numbers):
                break
        return seen

    def _with(self, seen: Seen, frame: Frame) -> Seen:
        if frame.kind == LOOK:
            self._looks += 1
            return seen._replace(look=unpacked(frame, self._looks))
        if frame.kind == "graph":
            graph, _ = parse_graph(frame.body, "the graph of the script")
            return seen._replace(graph=graph, folder=_folder(frame.head.get("folder")), dtype=_text(frame, "dtype"))
        if frame.kind == NUMBERS:
            return seen._replace(numbers=(*seen.numbers, counted(frame)))
        if frame.kind == "told":
            return seen._replace(told=_text(frame, "text"))
        raise RunError(f"nothing is known of a message {frame.kind[:40]!r}")


def _known(frame: Frame, token: str) -> Hello:
    """Who says so. Raises `RunError` for somebody who does not know the token."""
    name, process, given = (frame.head.get(key) for key in ("name", "process", "token"))
    if frame.kind != "hello" or not isinstance(given, str):
        raise RunError(WAITED)
    if not hmac.compare_digest(given.encode(errors="replace"), token.encode()):
        raise RunError(REFUSED)
    if not isinstance(name, str) or type(process) is not int:
        raise RunError("a script says its name and the number of its process")
    return Hello(_plain(name)[:NAME] or "a script", process)


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())


def _text(frame: Frame, key: str) -> str | None:
    text = frame.head.get(key)
    return _plain(text)[: 4 * NAME] if isinstance(text, str) else None


def _folder(named: Any) -> Path | None:
    """The folder of that name, where there is one."""
    if not isinstance(named, str) or "\0" in named or len(named) > FIRST or not Path(named).is_absolute():
        return None
    with suppress(OSError, ValueError):
        return Path(named) if Path(named).is_dir() else None
    return None


def _piece(sender: socket.socket, seconds: float) -> bytes | None:
    """What has come there, after waiting for it so long: nothing at its end, None where nothing came."""
    try:
        return sender.recv(PIECE) if _readable((sender,), seconds) else None
    except OSError:  # it is broken
        return b""


def _readable(lines: Iterable[socket.socket], seconds: float) -> set[socket.socket]:
    """Of which something has come, after waiting for it so long; none where one is closed on another thread."""
    with selectors.DefaultSelector() as selector:
        try:
            for each in lines:
                selector.register(each, selectors.EVENT_READ)
            return {key.fileobj for key, _ in selector.select(seconds)}  # type: ignore[misc]
        except (OSError, ValueError):
            return set()
