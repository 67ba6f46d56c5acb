"""What is done to a plan before it is compiled: named functions from plan to plan, in a visible order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter

from ..catalogue import Catalogue
from ..collector import paused
from ..plan import Plan, verify
from .equal import share_equal
from .unused import remove_unused

PASSES: Catalogue[Callable[[Plan], Plan]] = Catalogue(
    "a pass", (remove_unused, share_equal), named=attrgetter("__name__")
)


def optimise(plan: Plan) -> Iterator[tuple[str, Plan]]:
    """The plan as it was lowered and after each pass, with the name of what made it so; each is verified."""
    yield "lowered", verify(plan)
    for change in PASSES:
        plan = verify(change(plan))
        yield change.__name__, plan


@paused()
def optimised(plan: Plan) -> Plan:
    """The plan after the last pass."""
    for _, last in optimise(plan):
        result = last
    return result


__all__ = ["PASSES", "optimise", "optimised", "remove_unused", "share_equal"]
