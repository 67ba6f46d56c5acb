"""What a script has to tell, sent on a thread of its own: the script waits for no window."""

from __future__ import annotations

import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, thread_time
from typing import Any

from ..errors import GradwireError
from ..files.format import dump_graph
from ..graph import Graph
from .frames import encoded
from .numbers import Tally

WAITING = 64  # short messages at most; of more the oldest go
LEAVING = 5.0  # seconds that what waits has to be sent when the script ends: a window may be slow
OFTEN = 0.1  # seconds between two frames of a training's numbers: plots are drawn as often


class Outbox:
    """Sends over `line` until it is closed, or nobody reads: then `lost` is True and the script is told, in a line."""

    def __init__(self, line: socket.socket, lost: Callable[[], str]) -> None:
        self._line, self._why = line, lost
        self._wake = threading.Condition()
        self._graph: tuple[Graph, dict[str, Any]] | None = None
        self._look: bytes | None = None
        self._told: deque[bytes] = deque(maxlen=WAITING)
        self.tally = Tally()
        self._counted_at = 0.0  # when numbers were last sent, by the monotonic clock
        self._closing = self._sending = self.lost = False
        self.cost = 0.0  # seconds of the processor that the last look took on this thread
        self._thread = threading.Thread(target=self._serve, name="attached", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a look is still on its way: there is no use in another, or nobody to see it."""
        return self._look is not None or self._sending or self.lost

    def graph(self, graph: Graph, **more: Any) -> None:
        """Send this graph next, and no older one that waits."""
        with self._wake:
            self._graph = graph, more
            self._wake.notify()

    def look(self, frame: bytes) -> None:
        """Send this look, after the graph that it is of."""
        with self._wake:
            self._look = frame
            self._wake.notify()

    def tell(self, frame: bytes) -> None:
        """Send a short message."""
        with self._wake:
            self._told.append(frame)
            self._wake.notify()

    def count(self) -> None:
        """There is something in the tally, in which nothing was."""
        with self._wake:
            self._wake.notify()

    def close(self) -> None:
        """Send what waits, if that is done in a moment, and end."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(LEAVING)
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _serve(self) -> None:
        while (frames := self._next()) is not None:
            began = thread_time()
            try:
                for frame in frames:
                    self._line.sendall(frame)
            except (OSError, GradwireError) as error:
                self.lost = True
                if not self._closing:
                    sys.stderr.write(f"{self._why()}{f': {error}' * isinstance(error, GradwireError)}\n")
                return
            if self._sending:
                self.cost = thread_time() - began

    def _next(self) -> list[bytes] | None:
        """What is to be sent next, once there is something; None at the end."""
        with self._wake:
            self._sending = False
            self._wait()
            graph, look, told, closing = self._graph, self._look, [*self._told], self._closing
            self._graph = self._look = None
            self._told.clear()
            self._sending = look is not None
        numbers = None
        if closing or monotonic() - self._counted_at >= OFTEN:
            numbers, self._counted_at = self.tally.take(), monotonic()
        if closing and not (graph or look or numbers or told):
            return None
        first = [] if graph is None else [encoded("graph", dump_graph(graph[0]), **graph[1])]
        return [*first, *(each for each in (look, numbers) if each is not None), *told]

    def _wait(self) -> None:
        """Until there is something that is to be sent now: numbers are gathered for a while."""

        def urgent() -> bool:
            return bool(self._graph or self._look or self._told or self._closing)

        self._wake.wait_for(lambda: urgent() or self.tally.waits)
        if not urgent():
            self._wake.wait_for(urgent, max(self._counted_at + OFTEN - monotonic(), 0.0))
