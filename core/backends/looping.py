"""A run of a plan by a loop over its steps, each computed by the op's own forward over an array module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from ..plan import Plan

Run = Callable[[Sequence[Any], Sequence[Any]], tuple[list[Any], list[Any]]]


def loop(plan: Plan, xp: ModuleType, constants: Mapping[int, Any], saw: Callable[[int, Any], None]) -> Run:
    """A function of feeds and state, in the order of the plan, that gives outputs and updates.

    A value is let go after the last step that reads it. `saw` is told each value that a step makes.
    """
    done = [*done_with(plan)]

    def run(feeds: Sequence[Any], state: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        values: dict[int, Any] = dict(constants)
        values.update(zip(plan.inputs.values(), feeds, strict=True))
        values.update(zip(plan.state.values(), state, strict=True))
        for step, over in zip(plan.steps, done, strict=True):
            result = step.op.compute(xp, *(None if a is None else values[a] for a in step.args), **step.params)
            for out, value in zip(step.outs, result if len(step.outs) > 1 else (result,), strict=True):
                values[out] = value
                saw(out, value)
            del result
            for number in over:
                del values[number]
        return [values[n] for n in plan.outputs.values()], [values[n] for n in plan.updates.values()]

    return run


def done_with(plan: Plan) -> Iterator[list[int]]:
    """For each step the values that nothing reads after it, among them those of its own that nothing reads at all."""
    last: dict[int, int] = {}
    for index, step in enumerate(plan.steps):
        last.update((number, index) for number in (*step.outs, *step.args) if number is not None)
    kept = {*plan.outputs.values(), *plan.updates.values(), *plan.constants}
    by_step: dict[int, list[int]] = {}
    for number, index in last.items():
        if number not in kept:
            by_step.setdefault(index, []).append(number)
    return (by_step.get(index, []) for index in range(len(plan.steps)))


def most_at_once(plan: Plan) -> int:
    """The bytes of all values that such a run holds at the step at which they are most."""
    avals = plan.avals
    held = sum(avals[n].nbytes for n in (*plan.inputs.values(), *plan.state.values(), *plan.constants))
    most = held
    for step, over in zip(plan.steps, done_with(plan), strict=True):
        held += sum(avals[out].nbytes for out in step.outs)
        most = max(most, held)
        held -= sum(avals[number].nbytes for number in over)
    return most
