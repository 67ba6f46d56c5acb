"""What consoles change of the process that they and plugins share: it is asked for the thread, and put back."""

from __future__ import annotations

import builtins
import io
import sys
import threading
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from pytestqt.qtbot import QtBot

from gradwire.app.console import at_work
from gradwire.app.console.callbacks import Callbacks
from gradwire.app.console.engine import Engine
from gradwire.app.console.output import Output
from gradwire.app.console.streams import close_streams, open_streams
from gradwire.core.overheard import forget, overheard, overhearing


def test_two_consoles_at_once_keep_their_results_apart(tmp_path: Path, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not at_work._shells)  # a cell of an earlier test may not be at its end
    hooks = sys.displayhook, sys.excepthook, sys.stdout, sys.stderr
    first, second = (Engine(lambda *_: {}, tmp_path) for _ in range(2))
    told: list[tuple[Engine, str]] = []
    for engine in (first, second):
        engine.arrived.connect(
            lambda kind, content, engine=engine: told.append(
                (engine, content["data"]["text/plain"] if kind == "execute_result" else str(content))
            )
        )
    first.run("import time; time.sleep(0.3)\nprint(get_ipython() is __builtins__.get_ipython())\n'of the first'")
    second.run("import time; time.sleep(0.6)\nprint(get_ipython() is __builtins__.get_ipython())\n'of the second'")
    try:
        qtbot.waitUntil(lambda: not first.busy and not second.busy)
    finally:
        first.close()
        second.close()
    assert [text for engine, text in told if engine is first] == ["True\n", "'of the first'"]
    assert [text for engine, text in told if engine is second] == ["True\n", "'of the second'"]
    qtbot.waitUntil(lambda: (sys.displayhook, sys.excepthook, sys.stdout, sys.stderr) == hooks)  # threads end by then
    assert InteractiveShell._instance is None
    assert not hasattr(builtins, "get_ipython")


def test_however_plugins_and_consoles_come_and_go_the_streams_are_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, output = io.StringIO(), Output()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    forget("heard")
    with overhearing("heard"):
        open_streams(output)
        print("of the plugin")
    print("of a callback")
    assert sys.stdin.read(0) == ""
    assert sys.stdin.read() == "typed\n"
    with overhearing("heard"):
        close_streams(output)
        print("after it")
    assert sys.stdout is out
    print("of the program")
    assert overheard("heard").printed == "of the plugin\nafter it\n"
    assert output.take(9) == [("stream", "of a callback\n")]
    assert out.getvalue() == "of the program\n"


def raise_in(module: str) -> None:
    """An error that nobody catches, raised in a module of that name."""
    try:
        exec(compile("1 / 0", "<cell>", "exec"), {"__name__": module})
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())


def test_a_hook_for_errors_of_cells_that_somebody_put_back_hands_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    heard: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: told.append(kind.__name__))
    own = sys.excepthook
    callbacks = Callbacks("__console__", heard.append)
    callbacks.open()
    raise_in("__console__")
    assert (len(heard), told) == (1, [])
    raise_in("elsewhere")
    assert (len(heard), told) == (1, ["ZeroDivisionError"])

    before = sys.excepthook  # as IPython does while a cell runs: another one, and then what was there
    sys.excepthook = lambda *_: None
    callbacks.close()
    sys.excepthook = before
    raise_in("__console__")
    assert (len(heard), told) == (1, ["ZeroDivisionError"] * 2)

    callbacks.open()
    raise_in("__console__")
    assert (len(heard), len(told)) == (2, 2)
    callbacks.close()
    assert sys.excepthook is own


def test_where_somebody_else_has_put_a_hook_meanwhile_errors_of_cells_are_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hooks = sys.excepthook, threading.excepthook
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    heard: list[str] = []
    callbacks = Callbacks("__console__", heard.append)
    callbacks.open()
    ours = sys.excepthook
    sys.excepthook = lambda *args: ours(*args)
    callbacks.close()
    sys.excepthook = hooks[0]
    callbacks.open()
    raise_in("__console__")
    assert len(heard) == 1
    ours = sys.excepthook
    sys.excepthook = lambda *args: ours(*args)  # this one stays
    callbacks.open()
    raise_in("__console__")
    assert len(heard) == 2
    callbacks.close()
    sys.excepthook = hooks[0]
    assert threading.excepthook is hooks[1]


def test_bytes_that_a_plugin_prints_are_kept_as_what_they_spell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    below = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(below, "utf-8", write_through=True))
    forget("heard")
    with overhearing("heard"):
        out = sys.stdout
        print("text", end=" ")
        assert sys.stdout.buffer.write("bytés\n".encode()) == 7
        sys.stdout.buffer.flush()
    out.buffer.write(b"of the program\n")
    assert overheard("heard").printed == "text bytés\n"
    assert below.getvalue() == b"of the program\n"


def test_an_error_begins_a_line_also_after_half_a_one() -> None:
    for printed, between in (("91535", "91535\n"), ("done\n", "done\n"), ("", "")):
        output = Output()
        if printed:
            output.write(printed)
        output.send("error", {"traceback": ["KeyboardInterrupt: stopped in line 1"]})
        taken = output.take(100)
        assert "".join(content for kind, content in taken if kind == "stream") == between
        assert taken[-1][0] == "error"


def test_a_console_that_opens_while_a_cell_runs_leaves_none_of_its_hooks(tmp_path: Path, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not at_work._shells)
    before, output = sys.excepthook, Output()
    engine = Engine(lambda *_: {}, tmp_path)
    engine.run("import time; time.sleep(0.5)")
    try:
        qtbot.waitUntil(lambda: isinstance(getattr(sys.excepthook, "__self__", None), InteractiveShell))
        callbacks = Callbacks("nobody", output.write)
        callbacks.open()
        put = sys.excepthook
        qtbot.waitUntil(lambda: not engine.busy)
        sys.excepthook = put  # as a cell of another console does that ends after this one
        callbacks.close()
    finally:
        engine.close()
    qtbot.waitUntil(lambda: sys.excepthook is before)
