"""IPython within the program: it computes cells, and leaves the process it lives in as it was."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import sys
from base64 import b64encode
from collections.abc import Coroutine
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from IPython.core.display_functions import display
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from ...core.errors import GradwireError
from ...core.shortened import frames, leave_out_refusing, shorten
from .at_work import NoBuiltinTrap, NoDisplayTrap, at_work, over, tell_fault
from .cell import MODULE, current
from .guard import FUNCTIONS, Guard, power
from .output import Output, cut_lines

_COLOURS = re.compile(r"\x1b\[([0-9;]+)m")
_GUARD = power.__code__.co_filename

_CONFIG = Config()
_CONFIG.HistoryManager.enabled = False  # its database would start a thread; cells are kept by `past`
_CONFIG.Completer.use_jedi = False  # takes half a second and 20 MB to load, and knows no value that is there
_CONFIG.Completer.evaluation = "unsafe"  # asks the objects, as g.fc1, not only those of Python's own types


class _Results(DisplayHook):
    """Sends what a cell gives to its window."""

    shell: Any

    def start_displayhook(self) -> None:
        self._content: dict[str, Any] = {"execution_count": self.prompt_count}

    def write_output_prompt(self) -> None:
        """The window writes it."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self._content.update(data=_fit(format_dict), metadata=md_dict or {})

    def finish_displayhook(self) -> None:
        if "data" in self._content:
            _output(self.shell).send("execute_result", self._content)


class _Pictures(DisplayPublisher):
    """Sends what is displayed to the window of the cell that displays it."""

    shell: Any

    def publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None, *_: Any, **__: Any) -> None:
        _output(self.shell).send("display_data", {"data": _fit(data), "metadata": metadata or {}})

    def clear_output(self, wait: bool = False) -> None:
        _output(self.shell).send("clear_output", {"wait": wait})


def _output(shell: Any) -> Output:
    """That of the cell which runs on this thread, else the shell's."""
    cell = current()
    found: Output = shell.output if cell is None else cell.output
    return found


def _fit(data: dict[str, Any]) -> dict[str, Any]:
    """As messages carry it: bytes as text, and no text longer than a window can show."""
    fit = {
        kind: b64encode(value).decode("ascii") if isinstance(value, bytes) else value for kind, value in data.items()
    }
    if isinstance(fit.get("text/plain"), str):
        fit["text/plain"] = cut_lines(fit["text/plain"])
    return fit


class Shell(InteractiveShell):
    """One console's names and settings. What it prints goes where `streams` sends it, all else to `output`."""

    payload_manager: Any

    def __init__(self, names: dict[str, Any], output: Output, folder: Path) -> None:
        self.output = output
        module = ModuleType(MODULE, "What was defined in the console.")
        super().__init__(
            config=_CONFIG,
            ipython_dir=str(folder),
            user_module=module,
            displayhook_class=_Results,
            display_pub_class=_Pictures,
        )
        self.db = {}  # in memory: theirs would be a pickle on the disk
        self._cancels = False  # what a cell awaits, since it is to stop
        self._several = False  # the cell has several lines
        self.loop_runner = self._run_coroutine
        self._loop: asyncio.AbstractEventLoop | None = None
        self.ast_transformers.append(Guard())
        self.push({"display": display, **names, **FUNCTIONS}, interactive=False)
        self.set_hook("show_in_pager", self._print_page, 90)
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # no windows from a thread

    # What of the process stays as it was.

    def init_virtualenv(self) -> None:
        """Only what the program itself sees is imported."""

    def init_prompts(self) -> None:
        """`sys.ps1` would tell libraries that a terminal is there."""

    def init_builtins(self) -> None:
        self.builtin_trap = NoBuiltinTrap(shell=self)

    def init_displayhook(self) -> None:
        super().init_displayhook()
        self.display_trap = NoDisplayTrap(hook=self.displayhook)

    def ask_exit(self) -> None:
        """What `exit` does."""
        print("The console has no end of its own: close its panel, or press Restart for a new one.")

    def let_go(self) -> None:
        """The console is closed: nothing of it is left behind in the process."""
        over(self)
        atexit.unregister(self.atexit_operations)
        if sys.modules.get(MODULE) is self.user_module:
            del sys.modules[MODULE]
        if self._loop is not None and not self._loop.is_running():
            self._loop.close()

    # Cells.

    def compute(self, code: str) -> dict[str, Any]:
        """Run a cell on this thread; how it ended."""
        self._several = "\n" in code.strip()
        with at_work(self):
            result = self.run_cell(code, store_history=True)
        cell = current()
        if cell is not None:
            cell.over = True
        self.payload_manager.clear_payload()
        return {"status": "ok" if result.success else "error", "execution_count": result.execution_count or 0}

    def _run_coroutine(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What a cell awaits: in a loop of its own, that is woken when the cell is to stop."""
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        loop, cell = self._loop, current()
        task = loop.create_task(coroutine)
        if cell is None:
            return loop.run_until_complete(task)
        try:
            with cell.woken_by(lambda: loop.call_soon_threadsafe(lambda: None)):
                return loop.run_until_complete(task)
        except KeyboardInterrupt:
            self._cancels = True
            try:
                task.cancel()
                loop.run_until_complete(asyncio.wait([task], timeout=0.5))
            finally:
                self._cancels = False
            if task.done() and not task.cancelled() and task.exception() is None:
                return task.result()  # it has told that it was stopped
            raise

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **more: Any) -> None:
        """Tell an error: one of ours, which says all in its line, by that and no frames (`%tb` tells these)."""
        cell = current()
        if cell is not None:
            cell.over = True
        live = sys.exc_info()[1]
        error: Any = self._get_exc_info(exc_tuple)[1]  # which puts it where %tb finds it
        if _is_refused(error):
            leave_out_refusing(error.__traceback__)
        shorten(error, _is_users)
        if isinstance(error, KeyboardInterrupt) or (self._cancels and isinstance(error, asyncio.CancelledError)):
            # At once: a whole traceback takes longer than a stop may.
            self._tell(KeyboardInterrupt(), f": stopped in line {_line(error, last=True)}")
        elif isinstance(error, GradwireError) and error is live:
            self._tell(error, f"{f' in line {_line(error)}' if self._several else ''}: {error}")
        else:
            super().showtraceback(exc_tuple, *args, **more)

    def _tell(self, error: BaseException, rest: str) -> None:
        self._showtraceback(type(error), error, [f"\x1b[31m{type(error).__name__}\x1b[0m{rest}"])

    def _format_exception_for_storage(self, exception: BaseException, *_: Any, **__: Any) -> dict[str, Any]:
        """What IPython keeps of an error: not a second whole traceback, which takes longer than a stop may."""
        return {"ename": type(exception).__name__, "evalue": str(exception), "traceback": []}

    def excepthook(self, etype: type[BaseException], value: BaseException, tb: TracebackType | None) -> None:
        """Not to be told as the cell's: it failed in the window while the cell ran."""
        tell_fault(etype, value, tb)

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        lines = [_COLOURS.sub(_readable, cut_lines(part)) for part in stb]
        self.output.send("error", {"ename": etype.__name__, "evalue": str(evalue)[:200], "traceback": lines})

    def _print_page(self, _: Any, data: Any, *__: Any, **___: Any) -> None:
        """Help is printed: a pager in a panel would take the place of what it is about."""
        print(data.get("text/plain", "") if isinstance(data, dict) else data)


def _readable(colour: re.Match[str]) -> str:
    """Only colours that the theme has; what would stand on a field of another colour is bold."""
    codes = colour[1].split(";")
    if any(code == "48" or 40 <= int(code or 0) <= 47 for code in codes):
        return "\x1b[1m"
    return "" if "38" in codes else colour[0]


def _line(error: BaseException, last: bool = False) -> int:
    """The line of the cell in which it was raised; `last`: of the function within, where one of the console was."""
    lines = [each.tb_lineno for each in frames(error.__traceback__) if _is_users(each)]
    return lines[-1 if last else 0] if lines else 1


def _is_refused(error: BaseException | None) -> bool:
    """Whether the guard raised it."""
    trace = None if error is None else error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == _GUARD


def _is_users(trace: TracebackType) -> bool:
    """Whether a function of the console runs in this frame."""
    return trace.tb_frame.f_globals.get("__name__") == MODULE
