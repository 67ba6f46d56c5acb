"""The backward rules of an op as formulas, found by running its rule on its first sample: `∂w = xᵀ @ g`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..errors import GradwireError
from ..op import Op, Sample
from ..tape import Tensor
from .local import before_sum, upstream_name
from .spelling import spell
from .worked_example import argument

LONGEST = 160  # letters of a formula: a longer one is read more easily as code


def rules(op: Op) -> list[tuple[str, str]]:
    """By port what its gradient is, `g` being that of the result: as the op says it, or as a sample tells it in a line.

    Nothing where neither does.
    """
    if op.vjp_rule is None or op.no_gradient is not None or op.effect:
        return []
    if op.gradients:
        return list(op.gradients.items())
    for sample in op.samples:
        try:
            found = _of(op, sample)
        except GradwireError:
            continue
        if found:
            return found
    return []


def conventions(op: Op) -> list[str]:
    """What the gradient is where there is no derivative, and where it is 0: a sentence each."""
    told = []
    for at, _, given, low, high, torch, of in op.kinks:
        whose = f" of {of}" if of else ""
        told.append(f"at {at} the derivative{whose} is {given}; any from {low} to {high} would do, PyTorch has {torch}")
    return told + [f"∂{port} is 0 at elements that {re.sub('[{}]', '', flat.many)}" for port, flat in op.flat.items()]


def _of(op: Op, sample: Sample) -> list[tuple[str, str]]:
    args = [_named(argument(given, sample, i)) for i, given in enumerate(sample.args)]
    names = {arg.slot: op.port_name(i) for i, arg in enumerate(args) if isinstance(arg, Tensor)}
    params = {name: each.default for name, each in op.parameters.items() if each.has_default} | dict(sample.params)
    with np.errstate(all="ignore"):
        made = op.forward(np, *(arg.value if isinstance(arg, Tensor) else arg for arg in args), **params)
        results = [_named(np.asarray(each)) for each in (made if isinstance(made, tuple) else (made,))]
        upstream = [Tensor(np.ones(result.shape)) if i in op.visible else None for i, result in enumerate(results)]
        ports = set(names.values())  # divide has a port y, and its result is y too
        called = ["result" if output.name in ports else output.name for output in op.outputs]
        names |= {result.slot: name for result, name in zip(results, called, strict=True)}
        names |= {g.slot: upstream_name(op, i) for i, g in enumerate(upstream) if g is not None}
        assert op.vjp_rule is not None
        given = (upstream[0], results[0]) if op.single else (tuple(upstream), tuple(results))
        entries = op.vjp_rule(*given, *args, **params)
        told = []
        for i, entry in enumerate(entries):
            name = op.port_name(i)
            text = _spelled(entry() if callable(entry) else entry, names, name)
            if text is not None and not (i < len(op.ports) and op.ports[i].hidden):
                told.append((name, text))
    return [] if any(len(text) > LONGEST for _, text in told) else told


def _named(value: Any) -> Any:
    return Tensor(value) if isinstance(value, np.ndarray) else value


def _spelled(entry: Any, names: dict[int, str], port: str) -> str | None:
    """The formula of one entry; the sum that only brings it to the shape of its port in words, where there is one."""
    if not isinstance(entry, Tensor):
        return None
    product = before_sum(entry)
    return spell(product, names) + (f", summed to the shape of {port}" if product.shape != entry.shape else "")
