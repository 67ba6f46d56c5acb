"""Moments by name: `backward:sin`, `loss`, `7`, `end`."""

from __future__ import annotations

from ..errors import RunError
from ..files.strict_json import shorten
from .timeline import BACKWARD, Cursor, Timeline
from .walking import when_settled

SHOWN = 12  # moments that a refusal lists


def find_moment(timeline: Timeline, text: str) -> Cursor:
    """The moment that a text names, in which that step, phase or number of steps is done.

    A node is named by its path, its id, or its name alone where no other node of the phase has it. `backward` of a
    parameter is when its gradient is whole. Raises `RunError` that lists what there is.
    """
    if text in ("start", "end"):
        return timeline.end if text == "end" else Cursor()
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= len(timeline.steps):
        return Cursor(int(text))
    phase, colon, name = text.partition(":")
    there = [step.phase for step in timeline.steps]
    if phase in there and not colon:
        return Cursor(len(there) - there[::-1].index(phase))
    graph = timeline.run.asked.graph
    steps = {}  # by phase and node, how many steps are done once that is
    for number, step in enumerate(timeline.steps, 1):
        steps.update({(step.phase, id): number for id in step.nodes or (str(step.node),)})
    paths = {f"{at}:{graph.path(id)}": number for (at, id), number in steps.items()}
    if text in paths or (phase, name) in steps:
        return Cursor(paths.get(text) or steps[phase, name])
    if phase == BACKWARD and (settled := _settled(timeline, name)) is not None:
        return settled
    found = [(at, id) for at, id in steps if at == phase and graph.nodes[id].name == name]
    if len(found) == 1:
        return Cursor(steps[found[0]])
    what = "names several nodes" if found else "is no moment of this pass"
    raise RunError(f"{shorten(repr(text))} {what}", hint=f"there are {_listed(timeline, text, list(paths))}")


def _settled(timeline: Timeline, name: str) -> Cursor | None:
    """When the gradient is whole of a node that takes nothing, so that no step goes back through it: of a parameter."""
    graph = timeline.run.asked.graph
    named = [id for id in graph.nodes if not graph.inputs(id) and name in (id, graph.path(id))]
    named = named or [id for id in graph.nodes if not graph.inputs(id) and name == graph.nodes[id].name]
    return when_settled(timeline, named[0]) if len(named) == 1 else None


def _listed(timeline: Timeline, text: str, paths: list[str]) -> str:
    """What there is: of that node, else in that phase, else all, as many as are read."""
    phase, colon, name = text.partition(":")
    last = (name if colon else text).rpartition("/")[2]
    near = [path for path in paths if path.rpartition(":")[2].rpartition("/")[2] == last]
    of_phase = [path for path in paths if path.startswith(f"{phase}:")]
    near = [path for path in near if path in of_phase] or near or of_phase
    always = [] if near else ["start", "end", f"0 to {len(timeline.steps)}"]
    found = [*always, *(near or paths)]
    return ", ".join(found[:SHOWN]) + ", …" * (len(found) > SHOWN)
