"""The same moment in another timeline: of another branch, or of the graph as it was recorded again."""

from __future__ import annotations

from .timeline import Cursor, Timeline


def same_place(old: Timeline, cursor: Cursor, new: Timeline) -> Cursor:
    """The moment of `new` at which what was done last at `cursor` is done last: the same phase at the same node.

    Where that step is not there, the last one before it that is.
    """
    if cursor >= old.end:
        return new.end
    places = {(step.phase, step.node): index for index, step in enumerate(new.steps)}
    if cursor.micro:
        step = old.steps[cursor.step]
        index = places.get((step.phase, step.node))
        if index is not None:
            micros = new.steps[index].micros
            last = step.micros[cursor.micro - 1]
            return Cursor(index, micros.index(last) + 1) if last in micros[:-1] else Cursor(index)
    for step in reversed(old.steps[: cursor.step]):
        index = places.get((step.phase, step.node))
        if index is not None:
            return Cursor(index + 1)
    return Cursor()
