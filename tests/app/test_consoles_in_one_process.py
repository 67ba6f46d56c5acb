"""What consoles change of the process that they and plugins share: it is asked for the thread, and put back."""

from __future__ import annotations

import builtins
import io
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from pytestqt.qtbot import QtBot

from gradwire.app.console.engine import Engine
from gradwire.app.console.output import Output
from gradwire.app.console.streams import close_streams, open_streams
from gradwire.core.overheard import forget, overheard, overhearing


def test_two_consoles_at_once_keep_their_results_apart(tmp_path: Path, qtbot: QtBot) -> None:
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
    assert InteractiveShell._instance is None
    assert not hasattr(builtins, "get_ipython")
    assert (sys.displayhook, sys.excepthook, sys.stdout, sys.stderr) == hooks


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
