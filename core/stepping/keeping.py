"""What is kept of a recording and of its branches, within one budget: iterations, and the states that they begin with.

All of it can be computed again from what the recording began with, and from what was put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, Protocol, TypeVar

from .storage import storage
from .timeline import Array

RECENT = 3  # recorders, those used last, that keep states when there is room for few


class Stored(Protocol):
    """An iteration: its number, and the memory in which all lies that it holds, its states included."""

    @property
    def number(self) -> int: ...
    @property
    def storage(self) -> tuple[Array, ...]: ...


Kept = TypeVar("Kept", bound=Stored)
Slots = Mapping[str, Array]  # of state: parameters, and what optimisers keep beside them


class Held:
    """The bytes of arrays, each counted once by however many it is held."""

    def __init__(self) -> None:
        self.bytes = 0
        self._times: dict[int, int] = {}  # by id: as long as an array is held no other has its id

    def add(self, arrays: Iterable[Array]) -> None:
        for array in arrays:
            times = self._times.get(id(array), 0)
            self._times[id(array)] = times + 1
            self.bytes += 0 if times else array.nbytes

    def remove(self, arrays: Iterable[Array]) -> None:
        for array in arrays:
            self._times[id(array)] -= 1
            if not self._times[id(array)]:
                del self._times[id(array)]
                self.bytes -= array.nbytes


class Keeping(Generic[Kept]):
    """The one budget, in bytes: what is held for good, of states at most half of the rest, iterations in what is left.

    Beyond it are kept the iteration that was asked for last and the states around it, which somebody shows.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._all, self._states, self._for_good = Held(), Held(), Held()
        self._shelves: list[Shelf[Kept]] = []  # on which something lies, the one used last at the end

    @property
    def bytes(self) -> int:
        """What is kept now."""
        return self._all.bytes

    def shelf(self, dropped: Callable[[Kept], None] | None = None) -> Shelf[Kept]:
        """A place for one more recorder, which is told of each iteration before it is `dropped`."""
        return Shelf(self, dropped)

    def use(self, shelf: Shelf[Kept]) -> None:
        """This one is used now."""
        self._shelves = [*(other for other in self._shelves if other is not shelf), shelf]

    def note(self, arrays: tuple[Array, ...], state: bool) -> None:
        """These are held once more: by a state, or by an iteration."""
        self._all.add(arrays)
        if state:
            self._states.add(arrays)

    def forget(self, arrays: tuple[Array, ...], state: bool) -> None:
        """These are held once less."""
        self._all.remove(arrays)
        if state:
            self._states.remove(arrays)

    def hold(self, arrays: tuple[Array, ...]) -> None:
        """These are held for good: they could not be computed again."""
        self._all.add(arrays)
        self._for_good.add(arrays)

    def fit(self, number: int) -> None:
        """Let go of what the budget does not hold, after the iteration `number` was asked for on the shelf used last.

        The first to go are iterations farthest from it: so many iterations away, and so many recorders back.
        """
        if self._too_many_states:
            self._fit_states()
        if self.bytes <= self.budget:
            return
        found = [
            (abs(known - number) + back, back, known)
            for back, shelf in enumerate(reversed(self._shelves))
            for known in shelf.iterations
        ]
        for distance, back, known in sorted(found, reverse=True):
            if self.bytes <= self.budget or not distance:
                break
            self._shelves[-1 - back].drop_iteration(known)

    def _fit_states(self) -> None:
        """Let recorders that were not used lately give up all; then of every two states one, as often as it takes."""
        self._let_go(self._shelves[:-RECENT])
        spacing, last = 1, max((max(shelf.states, default=0) for shelf in self._shelves), default=0)
        while self._too_many_states and spacing < last:
            spacing *= 2
            for shelf in self._shelves:
                shelf.thin(spacing)
        self._let_go(self._shelves[:-1])

    def _let_go(self, shelves: list[Shelf[Kept]]) -> None:
        for shelf in shelves:
            if self._too_many_states:
                shelf.clear()
                self._shelves.remove(shelf)

    @property
    def _too_many_states(self) -> bool:
        return self._states.bytes > (self.budget - self._for_good.bytes) // 2


class Shelf(Generic[Kept]):
    """What is kept of one recorder: iterations by their numbers, and the states that they begin with."""

    def __init__(self, keeping: Keeping[Kept], dropped: Callable[[Kept], None] | None = None) -> None:
        self.keeping = keeping
        self.dropped = dropped
        self.iterations: dict[int, Kept] = {}
        self.states: dict[int, Slots] = {}
        self._stored: dict[int, tuple[Array, ...]] = {}  # the memory in which states lie
        self._following = 1  # the iteration after the one recorded last: it may be the next one that is wanted

    def beside(self, number: int, dropped: Callable[[Kept], None] | None = None) -> Shelf[Kept]:
        """Another one within the same budget, with the states here up to that of the iteration `number`."""
        made = self.keeping.shelf(dropped)
        for known, state in self.states.items():
            if known <= number:
                made._set(known, state)
        return made

    def find(self, number: int) -> Kept | None:
        """An iteration, None where it is not kept. Its recorder is the one used last from now on."""
        self.keeping.use(self)
        return self.iterations.get(number)

    def keep(self, iteration: Kept) -> None:
        """Keep it, and of all the others what the budget holds."""
        self.drop_iteration(iteration.number)
        self.iterations[iteration.number] = iteration
        self.keeping.note(iteration.storage, state=False)
        self.keeping.fit(iteration.number)

    def pass_by(self, number: int, before: Slots, after: Slots) -> None:
        """Keep the states around an iteration, as long as the budget holds them."""
        self._set(number, before)
        self._set(number + 1, after)
        self._following = number + 1
        self.keeping.fit(number)

    def begin_at(self, number: int, state: Slots) -> None:
        """Keep the state with which an iteration begins, which was not recorded here."""
        self._set(number, state)
        self._following = number
        self.keeping.fit(number)

    def thin(self, spacing: int) -> None:
        """Keep one of so many states, the last one, and the one from which recording goes on."""
        last = max(self.states, default=0)
        for known in list(self.states):
            if (known - 1) % spacing and known not in (last, self._following):
                self._drop_state(known)

    def clear(self) -> None:
        """Keep nothing."""
        for known in list(self.states):
            self._drop_state(known)
        for known in list(self.iterations):
            self.drop_iteration(known)

    def drop_iteration(self, number: int) -> None:
        """Keep this one no more."""
        iteration = self.iterations.pop(number, None)
        if iteration is not None:
            if self.dropped is not None:
                self.dropped(iteration)
            self.keeping.forget(iteration.storage, state=False)

    def _set(self, number: int, state: Slots) -> None:
        self._drop_state(number)
        self.states[number], self._stored[number] = state, storage(state.values())
        self.keeping.note(self._stored[number], state=True)

    def _drop_state(self, number: int) -> None:
        if number in self.states:
            del self.states[number]
            self.keeping.forget(self._stored.pop(number), state=True)
