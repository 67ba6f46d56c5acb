"""A browser for tests, where there is one: Chromium without a screen, driven by its chromedriver as W3C WebDriver."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEYS = {"←": "\ue012", "→": "\ue014", "Home": "\ue011", "End": "\ue010", "Tab": "\ue004", "Shift": "\ue008", " ": " "}
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
THERE = shutil.which("chromedriver") is not None and any(map(shutil.which, PROGRAMS))


class Browser:
    """One page in one window."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._root + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)["value"]

    def begin(self, folder: Path) -> None:
        """Wait for the driver, and open a window whose profile is in `folder`."""
        for _ in range(200):
            try:
                if self._ask("GET", "/status")["ready"]:
                    break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        program = next(found for found in map(shutil.which, PROGRAMS) if found is not None)
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,800"]
        options = {"binary": program, "args": [*arguments, f"--user-data-dir={folder}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        self._root += f"/session/{session}"

    def end(self) -> None:
        self._ask("DELETE", "")

    def open(self, path: Path) -> None:
        self._ask("POST", "/url", {"url": path.as_uri()})

    def run(self, script: str) -> Any:
        """What a script returns in the page."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": []})

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as on a keyboard; "Shift+X" holds the first meanwhile."""
        actions: list[dict[str, str]] = []
        for key in keys:
            parts = [KEYS.get(part, part) for part in (key.split("+") if len(key) > 1 else [key])]
            actions += [{"type": "keyDown", "value": part} for part in parts]
            actions += [{"type": "keyUp", "value": part} for part in reversed(parts)]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def click(self, selector: str) -> None:
        """Click on the first element that a CSS selector finds."""
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{next(iter(found.values()))}/click", {})

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the left button of the mouse at a point of the page, and release it at another."""
        (x, y), (to_x, to_y) = start, end
        move = {"type": "pointerMove", "duration": 50, "origin": "viewport"}
        actions = [{**move, "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        actions += [{**move, "x": to_x, "y": to_y}, {"type": "pointerUp", "button": 0}]
        self._ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": actions}]})

    def wheel(self, at: tuple[int, int], down: int) -> None:
        """Turn the wheel over a point of the page by so many pixels; up where that is below 0."""
        turn = {"type": "scroll", "x": at[0], "y": at[1], "deltaX": 0, "deltaY": down, "duration": 0}
        self._ask("POST", "/actions", {"actions": [{"type": "wheel", "id": "wheel", "actions": [turn]}]})

    def prefer(self, scheme: str) -> None:
        """Have it as a reader who prefers "dark" or "light"."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})

    def complaints(self) -> Sequence[str]:
        """What the console has said since it was last asked: errors of scripts, what was refused to be loaded."""
        return [line["message"] for line in self._ask("POST", "/se/log", {"type": "browser"})]

    def grab(self) -> bytes:
        """The page as a PNG."""
        return base64.b64decode(self._ask("GET", "/screenshot"))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with its profile in `folder`, ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "driver.log").open("wb")
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=log, stderr=log)
    made = Browser(port)
    try:
        made.begin(folder / "profile")
        yield made
        made.end()
    finally:
        driver.terminate()
        driver.wait()
        log.close()
