"""Compute once what several steps compute alike."""

from __future__ import annotations

from ..plan import Gradient, Plan, Step, StepOrigin


def share_equal(plan: Plan) -> Plan:
    """Let steps of the same op, arguments and parameters share one result, which keeps the origins of all.

    It runs after differentiation, so that a value which two nodes compute alike still has its own gradient in each.
    """
    renamed: dict[int, int] = {}
    first: dict[object, Step] = {}
    origins: dict[int, tuple[StepOrigin, ...]] = dict(plan.origins)
    kept = []
    for step in plan.steps:
        args = tuple(None if a is None else renamed.get(a, a) for a in step.args)
        step = step._replace(args=args)
        known = None if step.op.effect else first.setdefault(_key(step), step)
        if known is None or known is step:
            kept.append(step)
            continue
        renamed.update(zip(step.outs, known.outs, strict=True))
        out = known.outs[0]
        origins[out] = (*origins.get(out, ()), StepOrigin(step.node, step.port, step.phase))
    return plan.with_steps(
        kept,
        origins=origins,
        outputs={name: renamed.get(n, n) for name, n in plan.outputs.items()},
        updates={slot: renamed.get(n, n) for slot, n in plan.updates.items()},
        # By the values as they were lowered: of two that are now one, each keeps its own gradient and parts.
        gradients={value: _renamed(gradient, renamed) for value, gradient in plan.gradients.items()},
    )


def _renamed(gradient: Gradient, renamed: dict[int, int]) -> Gradient:
    parts = tuple(part._replace(value=renamed.get(part.value, part.value)) for part in gradient.parts)
    return Gradient(renamed.get(gradient.total, gradient.total), parts)


def _key(step: Step) -> object:
    """What two steps must have in common. Parameters are compared as text, which tells 0 from −0 and 1 from 1.0."""
    return step.op, step.args, repr(sorted(step.params.items()))
