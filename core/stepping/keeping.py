"""What of recorded iterations is kept within a budget: the iterations nearby, and some of the states between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from .timeline import Array


class Sized(Protocol):
    """An iteration: its number, and the bytes that it alone keeps."""

    @property
    def number(self) -> int: ...
    @property
    def size(self) -> int: ...


Kept = TypeVar("Kept", bound=Sized)


class Keeping(Generic[Kept]):
    """Iterations by their numbers, and the states that they begin with: each of the two within `budget` bytes."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.iterations: dict[int, Kept] = {}
        self.states: dict[int, Mapping[str, Array]] = {}

    def keep(self, iteration: Kept) -> None:
        """Keep it, and of the others as many as the budget holds: those nearest to it."""
        self.iterations[iteration.number] = iteration
        self._fit(iteration.number)

    def thin(self, following: int | None = None) -> None:
        """Of the states between iterations keep every other one, as often as the budget asks for it.

        That of the iteration `following` is kept, though later ones are known: it may be the next one that is wanted.
        """
        spacing, last = 1, max(self.states, default=0)
        while sum(map(_size, self.states.values())) > self.budget and spacing < last:
            spacing *= 2
            kept = (last, following)
            self.states = {n: state for n, state in self.states.items() if (n - 1) % spacing == 0 or n in kept}

    def shrink(self, budget: int) -> None:
        """Keep no more than this from now on."""
        self.budget = budget
        if self.iterations:
            self._fit(max(self.iterations))
        self.thin()

    def _fit(self, near: int) -> None:
        room = self.budget
        for number in sorted(self.iterations, key=lambda number: abs(number - near)):
            room -= self.iterations[number].size
            if room < 0 and number != near:
                del self.iterations[number]


def _size(state: Mapping[str, Array]) -> int:
    return sum(array.nbytes for array in state.values())
