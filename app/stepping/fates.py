"""What a framework would have freed of what a node shows, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...core.graph import Source
from ...core.stepping import Step
from ...core.stepping.lifetimes import Fate, Memory
from ...core.stepping.timeline import BACKWARD, Timeline

AGAIN = "a second backward would fail here in PyTorch without retain_graph"


class Fates(NamedTuple):
    """What has become of a value and of its gradient.

    `saved_for` are the names of the nodes whose steps back are still to use the value, `freed_after` is the step after
    which it was freed; `needed_again`: going back a second time would need it. `leaf`: its gradient is kept without
    being asked to.
    """

    value: Fate
    gradient: Fate
    saved_for: tuple[str, ...] = ()
    freed_after: str = ""
    needed_again: bool = False
    leaf: bool = False

    @classmethod
    def of(cls, memory: Memory, source: Source) -> Fates:
        """What is known at a moment."""
        timeline, value = memory.lifetimes.timeline, memory.value(source)
        saved = memory.saved_for(source) if value is Fate.SAVED else ()
        step = memory.freed_after(source) if value is Fate.FREED else None
        return cls(
            value,
            memory.gradient(source),
            tuple(timeline.run.asked.graph.nodes[node].name for node in saved),
            "" if step is None else step_name(timeline, step),
            memory.needed_again(source),
            memory.is_leaf(source),
        )

    @property
    def frees_value(self) -> bool:
        """Whether the value is freed."""
        return self.value is Fate.FREED

    @property
    def frees_gradient(self) -> bool:
        """Whether the gradient is freed."""
        return self.gradient is Fate.FREED

    @property
    def words(self) -> str:
        """`saved for relu +1`, `freed`, `freed · ∂ freed`; nothing where all is in use."""
        told = []
        if self.value is Fate.SAVED:
            more = f" +{len(self.saved_for) - 1}" if len(self.saved_for) > 1 else ""
            told.append(f"saved for {self.saved_for[0]}{more}")
        elif self.frees_value:
            told.append("freed")
        if self.frees_gradient:
            told.append("∂ freed")
        elif self.gradient is Fate.NOT_NEEDED:
            told.append("∂ not needed")
        return " · ".join(told)

    @property
    def sentence(self) -> str:
        """The same to be read: why, and what follows from it."""
        return "; ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        if self.value is Fate.SAVED:
            yield f"value saved for the step{'s' if len(self.saved_for) > 1 else ''} back of {listed(self.saved_for)}"
        elif self.frees_value:
            yield f"a framework frees this value after {self.freed_after}"
            if self.needed_again:
                yield AGAIN
        if self.frees_gradient:
            yield "its gradient is freed too: Keep gradient holds it" if self.frees_value else "its gradient is freed"
        elif self.gradient is Fate.NOT_NEEDED:
            yield "nothing asks for its gradient, a framework does not compute it"


def step_name(timeline: Timeline, step: Step) -> str:
    """`relu`, `the step back of relu`."""
    if step.node is None:
        return "what is given"
    name = timeline.run.asked.graph.nodes[step.node].name
    return f"the step back of {name}" if step.phase == BACKWARD else name


def listed(names: tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
