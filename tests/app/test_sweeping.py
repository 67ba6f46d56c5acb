"""Garbage is looked for on the window's thread, in looks that are short however much has been made."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.sweeping import BULK, sweeping


class Knot:
    """Garbage as soon as nobody else holds it, which only a look for cycles finds."""

    def __init__(self) -> None:
        self.own = self


def test_what_was_made_in_bulk_is_walked_once_until_all_is(place: Place, qtbot: QtBot) -> None:
    place.start(empty=True)
    look, walked = sweeping(), list[int]()
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)  # it has begun

    def watch(phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            walked.append(sum(len(gc.get_objects(generation=age)) for age in range(info["generation"] + 1)))

    before = len(gc.get_objects(generation=2))
    kept: Any = [[Knot()] for _ in range(BULK)]
    gone = weakref.ref(kept[0][0])
    qtbot.waitUntil(lambda: len(gc.get_objects(generation=2)) >= before + len(kept))
    gc.callbacks.append(watch)
    try:
        for _ in range(30):
            small = [[] for _ in range(gc.get_threshold()[0] + 100)]  # what goes on being made
            look._sweep()
            del small
    finally:
        gc.callbacks.remove(watch)
    assert walked
    assert max(walked) < BULK
    kept.clear()
    look.sweep_all(calm=True)
    assert gone() is None
