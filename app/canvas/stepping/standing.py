"""Where the parts of forks stand, and go on standing while the view moves: only new forks look for room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QRectF

from ....core.graph import Source
from ..batch import Floats
from ..kept import Kept
from ..scene import Scene
from .chip_places import MOST_KEPT, Size, boxes_of, kept_on_wire, near_any, on_wire
from .fork_order import MOST, Part, place_together


class Asking(NamedTuple):
    """A fork whose parts ask for room; `start` is the way and the size of the part that comes by no wire."""

    source: Source
    parts: Sequence[Part]
    start: tuple[Floats, Size] | None = None

    @property
    def sizes(self) -> tuple[Any, ...]:
        """What its room depends on as long as nothing of the graph is elsewhere."""
        return *((part.port, part.sizes) for part in self.parts), None if self.start is None else self.start[1]


class Standing(NamedTuple):
    """Which of its sizes each part of a fork has and where it stands, and where its start does."""

    sizes: tuple[Any, ...]
    rooms: list[tuple[int, QRectF]]
    start: QRectF | None = None

    @property
    def places(self) -> list[QRectF]:
        return [*(place for _, place in self.rooms), *(() if self.start is None else (self.start,))]


_standing: Kept[dict[Source, Standing]] = Kept(1)  # of all forks that were seen, by their sources
_rooms: Kept[list[tuple[int, QRectF]] | None] = Kept(MOST_KEPT)


def stand(scene: Scene, forks: Sequence[Asking], kept: Sequence[QRectF], taken: Iterable[QRectF]) -> list[Standing]:
    """Where the parts of each fork stand, clear of what is `kept` and `taken`, and of the parts of others.

    Those that have stood go on doing so, but for what comes to cover something `kept`; with other numbers at one of
    them, as in another iteration, all are placed anew. New ones get room in the order that is given.
    """
    stood, taken = _standing.get(scene, (), dict), list(taken)
    if any(fork.source in stood and stood[fork.source].sizes != fork.sizes for fork in forks):
        stood.clear()
    for fork in forks:
        if fork.source in stood and any(a.intersects(b) for a in stood[fork.source].places for b in kept):
            del stood[fork.source]
    full = [*kept, *taken, *(place for each in stood.values() for place in each.places)]
    for fork in forks:
        if fork.source not in stood:
            stood[fork.source] = _place(scene, fork, full)
            full += stood[fork.source].places
    return [stood[fork.source] for fork in forks]


def _place(scene: Scene, fork: Asking, full: Sequence[QRectF]) -> Standing:
    rooms = _room_for(scene, fork.parts, full)
    if fork.start is None:
        return Standing(fork.sizes, rooms)
    way, size = fork.start
    start = on_wire(scene, way, [size], [*full, *(place for _, place in rooms)])[1]
    return Standing(fork.sizes, rooms, start)


def _room_for(scene: Scene, parts: Sequence[Part], full: Sequence[QRectF]) -> list[tuple[int, QRectF]]:
    """Which size each part of one fork has, and where it stands; found once as long as nothing is elsewhere."""
    near = near_any(((part.path, part.sizes) for part in parts), full)
    found = None
    if len(parts) <= MOST:
        key = *((part.port, part.path.tobytes(), part.sizes) for part in parts), boxes_of(near)
        found = _rooms.get(scene, key, lambda: place_together(scene, parts, near))
    if found is None:  # many, or no room for all: one after the other
        found, taken = [], list(full)
        for part in parts:
            found.append(kept_on_wire(scene, part.path, part.sizes, taken, part.port))
            taken.append(found[-1][1])
    return found
