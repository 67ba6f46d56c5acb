"""What was found of how a scene lies, kept as long as no node and no wire of it is elsewhere: each frame asks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from .scene import Scene

Found = TypeVar("Found")


class Kept(Generic[Found]):
    """The `most` that were asked for last, of each scene."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: WeakKeyDictionary[Scene, tuple[tuple[int, int], dict[Hashable, Found]]] = WeakKeyDictionary()

    def get(self, scene: Scene, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` finds, once for each `key`."""
        known, now = self._known.get(scene), (scene.items.geometry, scene.wires.edition)
        if known is None or known[0] != now:
            known = self._known[scene] = now, {}
        found = known[1].pop(key) if key in known[1] else find()
        known[1][key] = found  # as the last one
        if len(known[1]) > self._most:
            del known[1][next(iter(known[1]))]
        return found
