"""The engine as qtconsole's widget speaks with one: requests that give a number, and messages that answer them."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from .engine import Engine, as_it_is

SESSION = "console"


class Channel(QObject):
    """One way on which messages come. `message_received` is what the widget listens to."""

    message_received = Signal(object)
    kernel_died = Signal(float)

    def __init__(self, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine

    def is_alive(self) -> bool:
        return True

    def closed(self) -> bool:
        return False

    def flush(self) -> None:
        """Have all that was printed arrive before what comes next."""
        self._engine.flush()


class Client(QObject):
    """What the widget calls its kernel's client."""

    started_channels = Signal()
    stopped_channels = Signal()
    channels_running = True

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.session = SimpleNamespace(session=SESSION)
        self.shell_channel, self.iopub_channel = Channel(engine, self), Channel(engine, self)
        self.stdin_channel, self.hb_channel = Channel(engine, self), Channel(engine, self)
        self._numbers = count(1)
        self._cell = ""  # the number of the cell that runs, or ran last
        engine.arrived.connect(self._bring)
        engine.ended.connect(lambda reply: self._send(self.shell_channel, "execute_reply", reply, self._cell))
        engine.answered.connect(self._answer)
        self._asked: dict[int, str] = {}

    def execute(self, code: str, silent: bool = False, *_: Any, **__: Any) -> str:
        """Run a cell; without text only the number of the last one is asked for."""
        number = self._number()
        if silent or not code.strip():
            reply = {"status": "ok", "execution_count": self.engine.count, "user_expressions": {}, "payload": []}
            self._soon("execute_reply", reply, number)
        else:
            self._cell = number
            self.engine.run(code)
        return number

    def complete(self, code: str, cursor_pos: int | None = None) -> str:
        return self._ask("complete_reply", self.engine.complete, code, cursor_pos)

    def inspect(self, code: str, cursor_pos: int | None = None, detail_level: int = 0) -> str:
        return self._ask("inspect_reply", self.engine.inspect, code, cursor_pos)

    def is_complete(self, code: str) -> str:
        status, indent = as_it_is(self.engine.shell, code)
        number = self._number()
        self._soon("is_complete_reply", {"status": status, "indent": indent}, number)
        return number

    def kernel_info(self) -> str:
        number = self._number()
        language = {"name": "python", "pygments_lexer": "ipython3"}
        self._soon("kernel_info_reply", {"language_info": language, "banner": ""}, number)
        return number

    def history(self, **_: Any) -> str:
        number = self._number()
        self._soon("history_reply", {"history": [(0, 0, cell) for cell in self.engine.past.read()]}, number)
        return number

    def input(self, string: str) -> None:
        self.engine.answer(string)

    def _number(self) -> str:
        return str(next(self._numbers))

    def _ask(self, kind: str, ask: Any, code: str, place: int | None) -> str:
        number = self._number()
        self._asked = {int(number): kind}  # only the latest is answered
        ask(int(number), code, len(code) if place is None else place)
        return number

    def _answer(self, answer: tuple[int, dict[str, Any]]) -> None:
        number, content = answer
        kind = self._asked.pop(number, None)
        if kind is not None:
            self._send(self.shell_channel, kind, content, str(number))

    def _bring(self, kind: str, content: Any) -> None:
        if kind == "stream":
            content = {"name": "stdout", "text": content}
        channel = self.stdin_channel if kind == "input_request" else self.iopub_channel
        self._send(channel, kind, content, self._cell)

    def _soon(self, kind: str, content: dict[str, Any], number: str) -> None:
        """After the widget has noted the number of its question."""
        QTimer.singleShot(0, self, lambda: self._send(self.shell_channel, kind, content, number))

    def _send(self, channel: Channel, kind: str, content: dict[str, Any], number: str) -> None:
        parent = {"msg_id": number, "session": SESSION} if number else {}
        header = {"msg_type": kind, "msg_id": ""}
        message = {"header": header, "msg_type": kind, "parent_header": parent, "content": content, "metadata": {}}
        channel.message_received.emit(message)
