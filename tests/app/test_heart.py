"""A cell that is one call into C holds Python's lock: that is said before, meanwhile and afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gradwire.app.console import heard, heart
from gradwire.app.console.heart import Heart
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.app.panels.console import ConsolePanel

IN_C = "sum(range(10**8 // 2))"  # a second or two


def opened(editor: Editor, folder: Path, qtbot: QtBot) -> ConsolePanel:
    panel = ConsolePanel(editor, DARK, folder=folder)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.view is not None and "In [1]" in panel.view.text)
    return panel


def test_the_console_says_for_how_long_the_window_stood_still_and_why(
    editor: Editor, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "LEAST", 0.2)
    panel = opened(editor, tmp_path, qtbot)
    shown: list[str] = []
    painted = panel.state.repaint
    monkeypatch.setattr(panel.state, "repaint", lambda: (shown.append(panel.state.text()), painted()))
    panel.view.execute(f"print('begun', end='')\n{IN_C}")
    assert shown == ["Running…"]  # before anything of the cell
    qtbot.waitUntil(lambda: not panel.engine.busy)
    lines = panel.view.text.splitlines()
    assert [line for line in lines if line.startswith("begun")]
    (told,) = (line for line in lines if line.startswith("The window stood still for "))
    assert told.endswith(
        " s: one call into C held Python's lock, which neither Stop nor anything else can cut short. "
        "In a script of its own (Train > Listen for a script…) it holds nothing up."
    )
    panel.engine.close()


@pytest.mark.parametrize("code", ["import time\ntime.sleep(0.9)", "x = 0\nfor i in range(3_000_000): x += i"])
def test_what_holds_nothing_up_is_not_told(
    editor: Editor, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(heart, "LEAST", 0.4)
    panel = opened(editor, tmp_path, qtbot)
    panel.view.execute(code)
    qtbot.waitUntil(lambda: not panel.engine.busy)
    assert "stood still" not in panel.view.text
    panel.engine.close()


def test_a_machine_that_has_no_time_is_not_taken_for_a_call_into_c(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    beating = Heart(told.append)
    now = [100.0, 1.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "process_time", lambda: now[1])
    monkeypatch.setattr(heart, "BEAT", 1000.0)
    beating.begin("In [1]")
    now[0] += 5000.0
    beating._look()
    assert told == []
    now[0], now[1] = now[0] + 5000.0, now[1] + 4000.0
    beating._look()
    assert told == [5000.0]
    beating.close()


def listening(*patience: str) -> subprocess.Popen[str]:
    """The child that listens, whose terminal is a pipe."""
    command = [sys.executable, "-I", "-S", heard.__file__, *patience]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)


def test_the_terminal_is_told_meanwhile() -> None:
    with listening("0.3") as child:
        child.stdin.write("+In [5]\n.\n")
        line = child.stderr.readline()
        assert line == (
            "gradwire: the window stands still for 0 s: In [5] is in one call into C, which holds Python's lock, and "
            f"Stop waits for its end; to give up end the process {os.getpid()} "
            "(edits that are not saved are offered at the next start)\n"
        )
        child.stdin.write(".\n")
        assert child.stderr.readline() == "gradwire: the window goes on, after 0 s\n"
        child.stdin.write("-\n")
        time.sleep(0.5)  # nothing runs: there is nothing to wait for
        child.stdin.close()
        assert (child.wait(), child.stderr.read()) == (0, "")


def test_the_child_ends_with_the_heart(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    beating = Heart(lambda _: None)
    assert beating._child is not None
    beating.begin("In [1]")
    beating.end()
    beating.close()
    qtbot.waitUntil(lambda: beating._child.poll() == 0)
