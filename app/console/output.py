"""What cells print and show, on its way to the window: bounded, so that no cell can fill the memory or the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

LINES = 1000  # that wait at most for the window; of what comes faster the oldest are left out, and that is said
LINE = 2000  # characters of a line that are shown
PICTURE = 40.0  # lines for which a picture counts


class Piece(NamedTuple):
    """Text of a stream, or a message with a content of its own."""

    kind: str  # "stream", or the kind of a message
    content: Any
    lines: float


class Output:
    """The queue from a console's threads to its window. Written from any thread, taken on the window's."""

    def __init__(self, came: Callable[[], object] = lambda: None) -> None:
        """`came` is called, on the thread that writes, when there is something after there was nothing."""
        self._came = came
        self._lock = Lock()
        self._pieces: deque[Piece] = deque()
        self._lines = 0.0
        self._left_out = 0.0
        self._open = False  # the line that was printed last has not ended
        self.closed = False

    def write(self, text: str) -> None:
        """Text that was printed."""
        self._open = not text.endswith("\n") if text else self._open
        text, gone = _cut(text)
        self._put(Piece("stream", text, text.count("\n") + len(text) / 200 + 0.01), gone)

    def note(self, text: str) -> None:
        """A line of ours between what cells print."""
        self.write(f"{chr(10) * self._open}{text}\n")

    def send(self, kind: str, content: dict[str, Any]) -> None:
        """A message: a result, a picture, an error, a question. An error begins a line, also after half a one."""
        if kind == "error" and self._open:
            self.write("\n")
        self._put(Piece(kind, content, PICTURE if kind != "input_request" else 0.0))

    def _put(self, piece: Piece, gone: int = 0) -> None:
        with self._lock:
            if self.closed:
                return
            first = not self._pieces
            self._pieces.append(piece)
            self._lines += piece.lines
            self._left_out += gone
            while self._lines > LINES and len(self._pieces) > 1 and self._pieces[0].kind != "input_request":
                dropped = self._pieces.popleft()
                self._lines -= dropped.lines
                self._left_out += dropped.lines
        if first:
            self._came()

    def take(self, lines: float) -> list[tuple[str, Any]]:
        """About so many lines, oldest first; what is printed in one go comes as one text."""
        taken: list[tuple[str, Any]] = []
        texts: list[str] = []
        with self._lock:
            if self._left_out >= 1:
                texts.append(f"\n… {round(self._left_out):,} lines came too fast, and are left out …\n")
                self._left_out = 0.0
            while self._pieces and lines > 0:
                piece = self._pieces.popleft()
                lines -= piece.lines
                self._lines -= piece.lines
                if piece.kind == "stream":
                    texts.append(piece.content)
                    continue
                if texts:
                    taken.append(("stream", "".join(texts)))
                    texts = []
                taken.append((piece.kind, piece.content))
        if texts:
            taken.append(("stream", "".join(texts)))
        return taken

    @property
    def waits(self) -> bool:
        """Whether there is something to take."""
        return bool(self._pieces)

    def close(self) -> None:
        """Nothing more is wanted: what still comes is dropped."""
        with self._lock:
            self.closed = True
            self._pieces.clear()


def cut_lines(text: str) -> str:
    """The text with its long lines cut, and the last lines of very many; what was left out is said."""
    text, gone = _cut(text)
    return f"… {gone:,} lines before these are left out …\n{text}" if gone else text


def _cut(text: str) -> tuple[str, int]:
    """The last lines of a text, long ones cut, and how many lines were before them."""
    if len(text) <= LINE:
        return text, 0
    gone = max(0, text.count("\n") - LINES)
    lines = text.rsplit("\n", LINES)[-LINES:] if gone else text.split("\n")
    return "\n".join(_cut_line(line) for line in lines), gone


def _cut_line(line: str) -> str:
    if len(line) <= LINE:
        return line
    return f"{line[: LINE - 200]} … {len(line) - LINE + 100:,} characters … {line[-100:]}"
