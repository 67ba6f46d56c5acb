"""The backward rules of an op as formulas, found by running its rule on its first sample: `∂w = xᵀ @ g`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import GradwireError
from ..op import Op, Sample
from ..tape import Tensor, untraced
from .local import upstream_name
from .spelling import spell_gradient
from .worked_example import argument

DIGITS, DENOMINATOR = 6, 24  # of a number with more digits the fraction is told, if it has such a denominator
LONGEST = 160  # letters of a formula: a longer one is read more easily as code


def rules(op: Op) -> list[tuple[str, str]]:
    """By port what its gradient is, `g` being that of the result: as the op says it, or as a sample tells it in a line.

    All are of the first sample that tells any; of a port that has no argument there, of the first that tells it. Of
    ports that grow there are as many as that first one has. Nothing where neither op nor samples tell it.
    """
    if op.vjp_rule is None or op.no_gradient is not None or op.effect:
        return []
    if op.gradients:
        return list(op.gradients.items())
    told: dict[str, str] = {}
    single = {port.name for port in op.ports if not port.variadic}
    for sample in op.samples:
        try:
            found = {port: f"{text}{_when(op, sample)}" for port, text in _of(op, sample)}
        except GradwireError:
            continue
        told = {**{port: text for port, text in found.items() if not told or port in single}, **told}
    ports = [port.name for port in op.ports]
    return sorted(told.items(), key=lambda entry: ports.index(entry[0]) if entry[0] in ports else len(ports))


def conventions(op: Op) -> list[str]:
    """What the gradient is where there is no derivative, and where it is 0: a sentence each."""
    told = []
    for at, _, given, low, high, torch, of in op.kinks:
        whose = f" of {of}" if of else ""
        given, low, high, torch = map(_briefly, (given, low, high, torch))
        told.append(f"at {at} the derivative{whose} is {given}; any from {low} to {high} would do, PyTorch has {torch}")
    return told + [f"∂{port} is 0 at elements that {re.sub('[{}]', '', flat.many)}" for port, flat in op.flat.items()]


def _briefly(number: float | str) -> str:
    """As one writes it: 1/6 and not 0.16666666666666666."""
    if isinstance(number, str) or len(str(number)) <= DIGITS:
        return str(number)
    return str(Fraction(number).limit_denominator(DENOMINATOR))


def _when(op: Op, sample: Sample) -> str:
    """Running statistics, say, have a gradient in evaluation alone."""
    return ", in evaluation" * any(value == "eval" and op.roles.get(n) == "mode" for n, value in sample.params.items())


def rules_here(op: Op, args: Sequence[Any], params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same of the op as it is applied to these arguments, None where a port is open, with these parameters."""
    if op.vjp_rule is None or op.no_gradient is not None or op.effect or op.gradients:
        return rules(op)
    return _found(op, args, params) or rules(op)


def _of(op: Op, sample: Sample) -> list[tuple[str, str]]:
    params = {name: each.default for name, each in op.parameters.items() if each.has_default} | dict(sample.params)
    return _found(op, [argument(given, sample, i) for i, given in enumerate(sample.args)], params)


def _found(op: Op, given_args: Sequence[Any], params: Mapping[str, Any]) -> list[tuple[str, str]]:
    args = [_named(each) for each in given_args]
    names = {arg.slot: op.port_name(i) for i, arg in enumerate(args) if isinstance(arg, Tensor)}
    with np.errstate(all="ignore"):
        made = op.forward(np, *(untraced(arg) for arg in args), **params)
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
    """The formula of one entry."""
    return spell_gradient(entry, names, port) if isinstance(entry, Tensor) else None
