"""Windows for tests: with settings and data of their own, and closed after the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.files import asking


@pytest.fixture
def place(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("ask_open", "ask_save", "ask_losing", "confirmed"):

        def refuse(*_: object, name: str = name) -> None:
            raise AssertionError(f"the window asked {name} where nobody was to be asked")

        monkeypatch.setattr(asking, name, refuse)
    made = Place(tmp_path, qtbot)
    yield made
    made.end()
