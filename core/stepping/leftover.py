"""What iterations of a recording have left in the gradients of parameters: the last few one by one."""

from __future__ import annotations

from collections.abc import Mapping

from ..training.optim import kept_slot
from .keeping import Slots
from .timeline import Array, Pass

PASSES = 6  # iterations whose gradients are told one by one where they add up


class Leftover:
    """Of one recorder, by the number of the iteration and by parameter."""

    def __init__(self, known: Mapping[int, Mapping[str, Array]] | None = None) -> None:
        self._gradients = dict(known or {})

    def holds(self, numbers: range) -> bool:
        """Whether the gradients of all of these are known."""
        return all(number in self._gradients for number in numbers)

    def note(self, number: int, gradients: Mapping[str, Array]) -> None:
        """An iteration was recorded, with these gradients of its own."""
        self._gradients[number] = gradients
        for old in [known for known in self._gradients if known <= number - PASSES]:
            del self._gradients[old]

    def before(self, number: int) -> Leftover:
        """What is known of the iterations before one."""
        return Leftover({known: found for known, found in self._gradients.items() if known < number})

    def of(self, id: str, begun: int, number: int, states: Mapping[int, Slots], state: Slots) -> tuple[Pass, ...]:
        """What stands in the gradient of a parameter when an iteration begins, made since the iteration `begun`.

        `states` are those that are still known, by the iteration that begins with them; `state` is that of this one.
        """
        slot = kept_slot(id)
        known: list[Pass] = []
        while (last := number - 1 - len(known)) >= begun and last in self._gradients and id in self._gradients[last]:
            known.insert(0, Pass(last, last, self._gradients[last][id]))
        if len(known) < number - begun and slot in state:
            # What older ones add up to: what there was before the first that is known.
            first = number - len(known)
            then = states.get(first)
            if then is None or slot not in then:
                return (Pass(begun, number - 1, state[slot]),)
            known.insert(0, Pass(begun, first - 1, then[slot]))
        return tuple(known)
