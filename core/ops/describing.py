"""What Python's `help` says of an op: how it is called, its own text, formula, ports, parameters and an example.

Made when it is asked for, of what the op declares.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..op import Aval, Draw, Op
from ..parameters import HIDDEN, MISSING, Parameter
from ..promotion import promoted_avals
from .formulas import unicode_formula

# How the numbers of a sample are drawn, by its domain; {} stands for their shape.
_DRAWN = {
    "normal": "np.random.normal(size={})",
    "distinct": "np.random.normal(size={})",
    "positive": "np.random.uniform(0.5, 2, size={})",
    "within 1": "np.random.uniform(-0.9, 0.9, size={})",
    "above 1": "np.random.uniform(1.1, 3, size={})",
    "regular": "np.random.normal(size={0}) + 3 * np.eye({0}[-1])",
    "some NaN": "np.random.choice([np.nan, 1, 2], size={})",
    "not finite": "np.random.choice([np.nan, np.inf, 1], size={})",
}

RANDOM = (
    "Random state: given by runs; by hand state=gw.random.state(seed), of which each\n"
    "    stream draws other numbers: give each call in a function a stream of its own"
)


def signature(op: Op) -> inspect.Signature:
    """How `op` is called: ports by place or name, then parameters by name, and the random state that runs feed."""
    arguments = []
    for port in op.ports:
        kind = inspect.Parameter.VAR_POSITIONAL if port.variadic else inspect.Parameter.POSITIONAL_OR_KEYWORD
        if not port.hidden:
            arguments.append(inspect.Parameter(port.name, kind, default=None if port.optional else MISSING))
    for name, parameter in op.parameters.items():
        arguments.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=parameter.default))
    for port in op.ports:
        if port.hidden:
            arguments.append(inspect.Parameter(port.name, inspect.Parameter.KEYWORD_ONLY, default=None))
    return inspect.Signature(arguments)


def described(op: Op) -> str:
    """The text of `help`."""
    lines = [f"{op.name}{signature(op)}", "", op.doc, "", f"Formula: {unicode_formula(op.formula)}"]
    ports = [f"{p.name} (optional)" if p.optional else f"{p.name} (any number)" if p.variadic else p.name
             for p in op.ports if not p.hidden]  # fmt: skip
    lines.append(f"Ports: {', '.join(ports) or 'none'}")
    lines += ["Parameters:"] * bool(op.parameters)
    lines += [f"    {_setting(parameter)}" for parameter in op.parameters.values()]
    lines += [RANDOM] * op.takes_state
    lines.append(f"Gives: {', '.join(op.outputs[i].name for i in op.visible)}")
    if op.no_gradient is not None:
        lines.append(f"No gradient: {op.no_gradient}")
    lines += ["", *_example(op), f"`gradwire ops {op.name}` tells its gradient, with numbers."]
    return "\n".join(lines)


def _setting(parameter: Parameter) -> str:
    default = f", {parameter.default!r} by default" if parameter.has_default else ""
    expected = parameter.expected.replace("null", "None").replace("true or false", "True or False")
    return f"{parameter.name}: {expected}{default}{', given by runs' * (parameter.role in HIDDEN)}"


def _example(op: Op) -> Iterator[str]:
    """Lines that run after the imports of NumPy and Gradwire; none for an op that only a graph computes."""
    lines = example(op)
    if lines:
        yield "Example:"
        yield from (f"    {line}" for line in lines)
        yield ""


def example(op: Op) -> list[str]:
    """The sample of `op` that shows most of it as statements of Python, the last one the call with what it gives."""
    if not op.samples or not op.ports or op.target is not None:
        return []
    sample = max(op.samples, key=lambda s: sum(op.defaults.get(name) != value for name, value in s.params.items()))
    lines: list[str] = []
    avals: list[Aval | None] = []
    given: list[str] = []
    for i, arg in enumerate(sample.args):
        hidden = op.ports[min(i, len(op.ports) - 1)].hidden
        if arg is None or hidden:
            avals.append(None if arg is None else Aval(np.shape(arg), np.dtype(np.uint64)))
            given += [] if hidden else ["None"]
            continue
        text, aval = _drawn(arg, sample.domain_of(i))
        lines.append(f"{op.port_name(i)} = {text}")
        avals.append(aval)
        given.append(op.port_name(i))
    given += [f"{name}={value!r}" for name, value in sample.params.items()]
    given += [f"{port.name}=gw.random.state(0)" for port in op.ports if port.hidden]
    found = op.infer(promoted_avals(op, avals), op.check_parameters(sample.params))
    told = ", ".join(str(found[i]) for i in op.visible)
    return [*lines, f"gw.ops.{op.name}({', '.join(given)})  # {told}"]


def _drawn(arg: Any, domain: str) -> tuple[str, Aval]:
    """A statement's right side that makes an argument of a sample, and what it is."""
    if isinstance(arg, Draw):
        if arg.kind == "bool":
            return f"np.random.uniform(size={arg.shape}) < 0.5", Aval(arg.shape, np.dtype(bool))
        return f"np.random.randint({arg.high}, size={arg.shape})", Aval(arg.shape, np.dtype(np.int64))
    if isinstance(arg, tuple):
        if domain in ("probabilities", "log probabilities"):
            drawn = f"np.random.dirichlet(np.ones({arg[-1]}), size={arg[:-1]})"
            return drawn if domain == "probabilities" else f"np.log({drawn})", Aval(arg, np.dtype(np.float64))
        return _DRAWN[domain].format(arg), Aval(arg, np.dtype(np.float64))
    array = np.asarray(arg)
    kind = "" if array.dtype in (np.float64, np.int64, np.bool_) else f", np.{array.dtype}"
    return f"np.array({array.tolist()}{kind})", Aval(array.shape, array.dtype)


class _OfAnOp:
    """An attribute that is one thing of the class and another of each op, made when it is asked for."""

    def __init__(self, of_class: Any, of_op: Callable[[Op], Any]) -> None:
        self.of_class = of_class
        self.of_op = of_op

    def __get__(self, op: Op | None, owner: type[Op]) -> Any:
        return self.of_class if op is None else self.of_op(op)


# (An op is a value and no function, so that what `help` asks for must be found through its class.)
Op.__doc__ = _OfAnOp(Op.__doc__, described)  # type: ignore[assignment]
Op.__signature__ = _OfAnOp(None, signature)  # type: ignore[attr-defined]
