"""The program in a real X window, moved by its mouse and its keyboard: built, saved, killed, recovered."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import gradwire.core as gw

LACKING = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(LACKING), reason=f"needs {' and '.join(LACKING)} (apt-get install xvfb xdotool)"),
]
PATIENCE = 30  # seconds for what the program does by itself
STEP = 0.05  # seconds between what a hand does: as fast as a fast user


class Hand:
    """A display of its own, the program on it, and what xdotool does there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, folder / "told.json"
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
        self.server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            display = f":{pipe.readline().strip()}"
        self.program: subprocess.Popen[bytes] | None = None
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.environment = {**kept, "HOME": str(folder), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}

    def start(self, *arguments: str) -> None:
        """Start the program and wait until its window has the keyboard."""
        self.told.unlink(missing_ok=True)
        probe = str(Path(__file__).with_name("probe.py"))
        command = [sys.executable, probe, str(self.told), *arguments]
        self.program = subprocess.Popen(command, env=self.environment, cwd=self.folder)
        window = str(self.until(lambda state: state["titles"])["window"])
        self.xdotool("windowmove", window, "0", "0")
        self.face()

    def face(self) -> None:
        """Give the keyboard to the window, or its dialog: there is no window manager here that would do it."""
        self.xdotool("windowfocus", str(self.now()["window"]))

    def kill(self) -> None:
        """End the program as a crash of the machine would."""
        assert self.program is not None
        self.program.send_signal(signal.SIGKILL)
        self.program.wait()

    def end(self) -> None:
        """End both."""
        if self.program is not None and self.program.poll() is None:
            self.kill()
        self.server.terminate()
        self.server.wait()

    def xdotool(self, *arguments: str) -> str:
        done = subprocess.run(["xdotool", *arguments], env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"xdotool {' '.join(arguments)}: {done.stderr}"
        time.sleep(STEP)
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Press these keys, one after the other."""
        for key in keys:
            self.xdotool("key", key)

    def write(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--delay", "15", "--", text)

    def click(self, x: int, y: int, times: int = 1) -> None:
        """Click there."""
        self.xdotool(
            "mousemove", str(x), str(y), "sleep", "0.05", "click", "--repeat", str(times), "--delay", "60", "1"
        )

    def drag(self, begin: list[int], end: list[int]) -> None:
        """Press, move in a few steps, let go."""
        self.xdotool("mousemove", *map(str, begin), "sleep", "0.05", "mousedown", "1")
        for part in (0.1, 0.4, 0.8, 1.0):
            point = [round(first + (last - first) * part) for first, last in zip(begin, end, strict=True)]
            self.xdotool("mousemove", *map(str, point))
        self.xdotool("mouseup", "1")

    def until(self, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until what the program shows is as wanted; what it shows."""
        assert self.program is not None
        end, state = time.monotonic() + PATIENCE, {}
        while time.monotonic() < end:
            assert self.program.poll() is None, f"the program ended with {self.program.returncode}"
            try:
                state = json.loads(self.told.read_text())
            except FileNotFoundError:
                state = {}
            if state and wanted(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f"not seen within {PATIENCE} s; at last: {state}")

    def middle(self, word: str) -> tuple[int, int]:
        """The middle of the widget of this name, once it is seen."""
        x, y, width, height = self.until(lambda state: word in state["seen"])["seen"][word]
        return x + width // 2, y + height // 2

    def now(self) -> dict[str, Any]:
        """What the program shows after all that was done so far."""
        last = json.loads(self.told.read_text())["look"]
        return self.until(lambda state: state["look"] > last + 1)

    def go(self, key: str, word: str) -> None:
        """Press a key until the widget of this name has the keyboard."""
        for _ in range(12):
            if self.now()["focus"] == word:
                return
            self.keys(key)
        raise AssertionError(f"{key} does not lead to {word}, but to {self.now()['focus']}")

    def settle(self, typed: str) -> None:
        """Wait for the search, type into it and take the first found."""
        self.until(lambda state: state["focus"] != "Canvas")
        self.face()
        self.write(typed)
        self.keys("Return")
        self.until(lambda state: state["focus"] != "QLineEdit")
        self.face()
        self.until(lambda state: state["focus"] == "Canvas")


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    made = Hand(tmp_path)
    yield made
    made.end()


def test_mouse_then_crash_then_recovery(hand: Hand) -> None:
    hand.start()
    hand.click(*hand.middle("New graph"))
    for op, corner in (
        ("input", (300, 220)),
        ("input", (300, 400)),
        ("sin", (560, 220)),
        ("multiply", (560, 400)),
        ("add", (820, 300)),
    ):
        hand.click(*hand.middle("Search ops"), times=3)
        hand.write(op)
        x, y, *_ = hand.now()["seen"]["Ops and layers"]
        count = len(hand.now()["nodes"])
        hand.drag([x + 40, y + 12], list(corner))  # from the first row
        hand.until(lambda state, count=count: len(state["nodes"]) == count + 1)
    ports = hand.now()["ports"]
    for source, target in (
        ("input", "sin.x"),
        ("input", "multiply.x"),
        ("input_2", "multiply.y"),
        ("sin", "add.x"),
        ("multiply", "add.y"),
    ):
        hand.drag(ports[f"{source}.out"], ports[target])
    for name, value in (("input", "1"), ("input_2", "2")):
        x, y = ports[f"{name}.out"]
        hand.click(x - 100, y)
        hand.until(lambda state, name=name: state["selected"] == [name])
        hand.now()  # what it shows of the node may still be on its way
        hand.click(*hand.middle("value"), times=3)
        hand.until(lambda state: state["focus"] == "value")
        hand.write(value)
        hand.keys("Return")
    hand.until(lambda state: "value 2.841" in state["nodes"]["add"])
    assert "gradient 2.540" in hand.until(lambda state: "gradient" in state["nodes"]["input"])["nodes"]["input"]
    save(hand, "built.gw")
    crash_and_recover(hand)


def save(hand: Hand, name: str) -> None:
    """Save by the dialog, into the folder of the test."""
    hand.keys("ctrl+s")
    hand.until(lambda state: "Save as" in state["titles"])
    hand.face()
    hand.keys("ctrl+a")
    hand.write(str(hand.folder / name))
    hand.keys("Return")
    hand.until(lambda state: "Save as" not in state["titles"])
    hand.face()
    hand.until(lambda state: any(title.startswith(name) for title in state["titles"]))
    assert gw.open(hand.folder / name).run(fetch="add")["add"] == pytest.approx(2.8414710)


def crash_and_recover(hand: Hand) -> None:
    """Edit on, die in the middle of it, start again and take the edits back."""
    before = (hand.folder / "built.gw").read_bytes()
    x, y = hand.now()["ports"]["add.out"]
    hand.click(x - 100, y)
    hand.keys("n")
    hand.settle("exp")
    hand.until(lambda state: "exp" in state["nodes"])
    time.sleep(1.5)  # longer than the journal may lag behind
    hand.keys("n")  # in the middle of the next edit
    hand.kill()
    assert (hand.folder / "built.gw").read_bytes() == before
    hand.start("built.gw")
    hand.click(*hand.middle("Recover"))
    state = hand.until(lambda state: "exp" in state["nodes"] and "value 17.141" in state["nodes"]["exp"])
    assert "Recover" not in hand.until(lambda state: "Recover" not in state["seen"])["seen"]
    assert len(state["nodes"]) == 6
    hand.click(*hand.middle("Canvas"))
    hand.keys("ctrl+z")
    hand.until(lambda state: "exp" not in state["nodes"])


def test_keyboard_alone(hand: Hand) -> None:
    hand.start()
    hand.keys("ctrl+n")
    hand.until(lambda state: state["focus"] == "Canvas")
    for name, value in (("x", "1"), ("y", "2")):
        hand.keys("Tab")
        hand.settle("input")
        hand.keys("F2")
        hand.settle(name)
        hand.go("F6", "name")
        hand.go("Tab", "value")
        hand.write(value)
        hand.keys("Return")
        hand.go("F6", "Canvas")
    for op in ("mul", "add"):
        hand.keys("n")
        hand.settle(op)
    for wire in ("x -> multiply.y", "x -> sin"):
        if wire.endswith("sin"):
            hand.keys("ctrl+shift+a", "Tab")
            hand.settle("sin")
        hand.keys("shift+c")
        hand.settle(wire)
    hand.keys("shift+c")
    hand.settle("sin -> add.y")
    state = hand.until(lambda state: "value 2.841" in state["nodes"]["add"])
    assert "gradient 2.540" in hand.until(lambda state: "gradient" in state["nodes"]["x"])["nodes"]["x"]
    middles = [tuple(place) for place in state["ports"].values()]
    assert len(set(middles)) == len(middles), "one node lies on another"
    save(hand, "keyboard.gw")
