"""A whole pass as pictures, one for each step: what a GIF, a video and a page to step through are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from PySide6.QtGui import QImage

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from ...core.evaluating import Asked
from ...core.ops import Registry
from ...core.stepping import Cursor, Moment, Timeline
from ..canvas.stepping import Caption
from .still import Drawing, Still
from .writing import Sheet

MOST_STEPS = 2_000
BEGINNING, LINE, END = 0.8, 0.4, 3.0  # seconds: of each picture, for each line to be read, and more for the last one
LONGEST = 4_096  # pixels of a side: players take no more
LARGEST = 400_000_000  # pixels of all pictures together, which wait in memory until a GIF is written


class Frame(NamedTuple):
    """One picture, and for how many seconds it is shown."""

    image: QImage
    seconds: float


@dataclass(frozen=True)
class Film:
    """A pass as a still shows it, from before its first step to after its last.

    `drawn` is told how many of its pictures are drawn, on the thread that draws.
    Raises `RunError` for a timeline of no steps, or of more than `MOST_STEPS`.
    """

    still: Still
    timeline: Timeline
    name: str = "graph"
    drawn: Callable[[int], None] = lambda count: None

    def __post_init__(self) -> None:
        steps = len(self.timeline.steps)
        if not steps:
            raise RunError("there is nothing to step through: no node has a value")
        if steps > MOST_STEPS:
            raise RunError(f"a pass to take along may have {MOST_STEPS:,} steps, found {steps:,}")

    @cached_property
    def moments(self) -> Sequence[Moment]:
        return [Moment(self.timeline, Cursor(step)) for step in range(len(self.timeline.steps) + 1)]

    @cached_property
    def captions(self) -> Sequence[Caption]:
        """What each moment says."""
        return [Caption.of(moment, self.still.decimals) for moment in self.moments]

    @cached_property
    def drawing(self) -> Drawing:
        """What draws all of it."""
        return Drawing(self.still.at(self.moments[0]))


class Reel:
    """The pictures of a film, all of one size, drawn when they are asked for."""

    def __init__(self, film: Film, scale: float, stopped: Cancelled, even: bool = False) -> None:
        """`scale` pixels for each scene unit, fewer where there would be too many; with `even`, no odd sides."""
        self._film = film
        self._sheet = sheet = Sheet.of(film.drawing, film.captions, stopped)
        wide, high = sheet.size.toTuple()
        most = LARGEST / len(film.moments)
        self._scale = min(scale, LONGEST / wide, LONGEST / high, (most / (wide * high)) ** 0.5)
        step = 2 if even else 1
        self.size = tuple(max(step, round(side * self._scale / step) * step) for side in (wide, high))

    def __len__(self) -> int:
        return len(self._film.moments)

    def image(self, number: int) -> QImage:
        """The picture after so many steps."""
        self._film.drawing.show(self._film.moments[number])
        return self._sheet.image(self._scale, self.size)

    def seconds(self, number: int) -> float:
        """For how long that is to be looked at."""
        lines = len(self._film.captions[number].lines)
        return BEGINNING + LINE * lines + (END if number == len(self) - 1 else 0.0)

    def frames(self) -> Iterator[Frame]:
        """All of them in order."""
        for number in range(len(self)):
            yield Frame(self.image(number), self.seconds(number))
            self._film.drawn(number + 1)


def recorded(asked: Asked, registry: Registry, stopped: Cancelled, iteration: int = 1) -> Timeline:
    """One iteration of a graph. Raises `RunError` when `stopped` says so, or where nothing can be stepped through."""
    from ...core.stepping.recorder import Recorder  # with all of training

    found = Recorder(asked, registry).iteration(iteration, stopped)
    if found is None:
        raise RunError("the pass was stopped before it was recorded")
    return found.timeline
