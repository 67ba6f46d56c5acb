"""Leave out what nothing fetched needs."""

from __future__ import annotations

from ..plan import Plan


def remove_unused(plan: Plan) -> Plan:
    """Keep the steps on which an output or an update depends and those that do more than compute (print), and the
    inputs, state and constants that these read.
    """
    needed = {*plan.outputs.values(), *plan.updates.values()}
    kept = []
    for step in reversed(plan.steps):
        if step.op.effect or not needed.isdisjoint(step.outs):
            kept.append(step)
            needed.update(arg for arg in step.args if arg is not None)
    return plan.with_steps(
        kept[::-1],
        inputs={name: number for name, number in plan.inputs.items() if number in needed},
        state={slot: n for slot, n in plan.state.items() if n in needed or slot in plan.updates},
        constants={number: value for number, value in plan.constants.items() if number in needed},
        gradients={
            value: found
            for value, found in plan.gradients.items()
            if found.total in needed and all(part.value in needed for part in found.parts)
        },
    )
