"""An op: one name, and everything about it in one place.

`@op` turns a function `forward(xp, *tensors, **parameters)` into an `Op`; its decorators `.shape`, `.vjp`, `.jvp` and
more add the rules. What is not computed but said of an op, `adjoint`, `kinks`, `flat`, `remedy` and `traits`, stands in
signature.py; `writes` is read by document/written.py.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from .applying import apply
from .errors import ParameterError, ShapeError
from .foreign import checked, inferred
from .parameters import NODE, Parameter
from .promotion import promote
from .refusing import unknown_parameter
from .signature import (
    NOTHING,
    Aval,
    Draw,
    Flat,
    Kink,
    Output,
    Port,
    RandomState,
    Remedy,
    Sample,
    Traits,
    read_signature,
    short_name,
)
from .traced import Traced

__all__ = [
    "NOTHING",
    "Aval",
    "Draw",
    "Op",
    "Output",
    "Port",
    "RandomState",
    "Sample",
    "ShapeError",
    "Traced",
    "apply",
    "op",
    "promote",
    "short_name",
]


Rule = Callable[..., Any]


class Declared(NamedTuple):
    """What `@op` is given, which says what each is."""

    formula: str
    category: str
    samples: Sequence[Sample | tuple[Any, ...]]
    outputs: Sequence[Output | str]
    promote: Sequence[str] | str
    floating: bool
    no_gradient: str | None
    view: bool
    contiguous: bool
    effect: bool
    expr: str | None


class Op:
    """A named operation with its rules. Built by `@op`; calling it applies it to values of any kind."""

    shape_rule: Rule | None = None
    vjp_rule: Rule | None = None
    jvp_rule: Rule | None = None
    flops_rule: Rule | None = None
    composition_rule: Rule | None = None
    writing: Rule | None = None  # the composition of one that writes: see signature.py
    element: Rule | None = None  # of what one element of the first result is made: see signature.py
    corrections: Rule | None = None  # what is taken away from what comes back to the first argument: see signature.py
    centres: Rule | None = None  # the axes of the first argument over which its mean is taken away: see signature.py
    adjoint: Mapping[str, str | Rule] = NOTHING  # what becomes of shapes on the way back, by port: see signature.py
    gradients: Mapping[str, str] = NOTHING  # by port its gradient as a formula, where its rule is too long for one
    kinks: tuple[Kink, ...] = ()
    flat: Mapping[str, Flat] = NOTHING  # by port, why its rule gives 0 where what comes back is not
    traits: Traits = Traits()
    remedy: Remedy | None = None
    form_of: tuple[str, ...] = ()  # ops, the first of them first, whose chain it computes without overflow between
    writes: Mapping[str, str] = NOTHING  # by port, or parameter that names a node, the output that is held there next

    def __init__(self, forward: Rule, declared: Declared) -> None:
        self.forward = forward
        self.name = forward.__name__.rstrip("_")  # `max_` and `print_` avoid Python's own names
        self.called, self.plugin, self.hung = self.name, "", ""  # in messages; who brings it; that it did not return
        self.doc = inspect.cleandoc(forward.__doc__ or "")
        self.formula, self.category, self.no_gradient = declared.formula, declared.category, declared.no_gradient
        self.samples = tuple(s if isinstance(s, Sample) else Sample(s) for s in declared.samples)
        self.outputs = tuple(o if isinstance(o, Output) else Output(o) for o in declared.outputs)
        self.view, self.contiguous, self.effect = declared.view, declared.contiguous, declared.effect
        self.expr, self.floating = declared.expr, declared.floating
        self.by_element = self.expr is not None  # each element is made of one of each argument; other such ops say it
        self.ports, self.parameters = read_signature(forward)
        self.defaults = {p.name: p.default for p in self.parameters.values() if p.has_default}
        self.roles = {p.name: p.role for p in self.parameters.values() if p.role is not None}
        self.reference = next((name for name, role in self.roles.items() if role == NODE), None)  # names another node
        self.takes_mode = "mode" in self.roles.values()  # computes otherwise in training than in evaluation
        self.takes_state = any(p.hidden for p in self.ports)  # is fed the random state of the run
        self.modes = ("on", "off") if self.takes_mode and self.takes_state else ("", "")  # in training, in evaluation
        every = declared.promote == "all"
        self.promoted = frozenset(i for i, p in enumerate(self.ports) if every or p.name in declared.promote)
        self.grows = bool(self.ports) and self.ports[-1].variadic
        self.places = {p.name: i for i, p in enumerate(self.ports) if not p.variadic}  # of those that a call may name
        self.positions = {name: i for name, i in self.places.items() if not self.ports[i].hidden}  # that can be wired
        self.fewest = sum(not (p.optional or p.hidden) for p in self.ports)
        self.most = sys.maxsize if self.grows else len(self.ports)
        self.plain = {p.name: p.plain for p in self.parameters.values()}
        self.proven = False  # whether tests have shown that the gradients have the shapes of their values
        self.single = len(self.outputs) == 1
        self.visible = tuple(i for i, o in enumerate(self.outputs) if not o.hidden)

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __call__(self, *args: Any, **params: Any) -> Any:
        """Apply it to values of any kind; those of a port that grows may come in one list, as NumPy has them."""
        if self.grows and len(args) == 1 and isinstance(args[0], list | tuple):
            args = tuple(args[0]) if any(hasattr(each, "shape") for each in args[0]) else args
        return apply(self, args, params)

    @property
    def compute(self) -> Rule:
        """What runs call: `forward`, for an op that no test has proven held against its own shape rule."""
        return self.forward if self.proven else partial(checked, self)

    def shape(self, rule: Rule) -> Rule:
        """Shape rule: takes an `Aval` for each argument, returns one for each output, raises `ShapeError`."""
        self.shape_rule = rule
        return rule

    def vjp(self, rule: Rule) -> Rule:
        """Gradient rule `(g, y, *args, **params)`: for each argument a value, None (no path), or a callable."""
        self.vjp_rule = rule
        return rule

    def jvp(self, rule: Rule) -> Rule:
        """Tangent rule `(t, y, *args, **params)`; where absent the vjp of the vjp serves."""
        self.jvp_rule = rule
        return rule

    def flops(self, rule: Rule) -> Rule:
        """Cost rule `(*avals, **params)`: floating-point operations; where absent, one for each output element."""
        self.flops_rule = rule
        return rule

    def composition(self, rule: Rule) -> Rule:
        """The op as simpler ones make it, `(*args, **params)`: the same value and gradients where no step overflows."""
        self.composition_rule = rule
        return rule

    @property
    def target(self) -> str | None:
        """The name of the parameter that names what a node writes; None where it writes nothing, or by its wires."""
        return self.reference if self.reference in self.writes else None

    def port_name(self, position: int) -> str:
        """The name of the argument at `position`: of a port that grows, "xs0", "xs1", …"""
        fixed = len(self.ports) - self.grows
        return self.ports[position].name if position < fixed else f"{self.ports[-1].name}{position - fixed}"

    def port_names(self, count: int) -> tuple[str, ...]:
        """The names of `count` positional arguments."""
        return tuple(self.port_name(i) for i in range(count))

    def port_position(self, name: str) -> int | None:
        """The position of the port called `name`, or None where the op has no such port to wire."""
        if name in self.positions:
            return self.positions[name]
        if self.grows and name.startswith(stem := self.ports[-1].name):
            digits = name[len(stem) :]
            if digits.isascii() and digits.isdigit() and str(int(digits[:9])) == digits:
                return len(self.ports) - 1 + int(digits)
        return None

    def has_port(self, name: str) -> bool:
        return self.port_position(name) is not None

    def has_output(self, name: str) -> bool:
        return any(o.name == name and not o.hidden for o in self.outputs)

    def read_parameters(self, params: Mapping[str, Any], called: bool = False) -> dict[str, Any]:
        """`params` in the form that rules take. Raises `ParameterError` for an unknown name and for a misfit.

        With `called` they come from a caller in Python, who may name more dtypes than graphs know.
        """
        for name in params:
            if name not in self.parameters:
                raise unknown_parameter(self, name)
        read = Parameter.take if called else Parameter.read
        return {name: read(self.parameters[name], value, self.name) for name, value in params.items()}

    def check_parameters(self, params: Mapping[str, Any], called: bool = False) -> dict[str, Any]:
        """All parameters, with defaults where `params` says nothing. Raises `ParameterError`."""
        if not self.parameters and not params:
            return {}
        given = self.read_parameters(params, called)
        for name, value in given.items():
            self.parameters[name].check_range(value, self.name)
        complete = {**self.defaults, **given}
        for name, parameter in self.parameters.items():
            if name not in complete:
                raise ParameterError(f"{self.name} needs the parameter {name!r}", hint=parameter.expected)
        return complete

    def infer(self, avals: Sequence[Aval | None], params: Mapping[str, Any]) -> tuple[Aval, ...]:
        """The `Aval` of each output, hidden ones included. Raises `ShapeError`."""
        if self.shape_rule is None or not self.proven:
            return inferred(self, avals, params)
        result = self.shape_rule(*avals, **params)
        return (result,) if isinstance(result, Aval) else tuple(result)


def op(
    *,
    formula: str,
    category: str,
    samples: Sequence[Sample | tuple[Any, ...]],
    outputs: Sequence[Output | str] = ("y",),
    promote: Sequence[str] | str = (),
    floating: bool = False,
    no_gradient: str | None = None,
    view: bool = False,
    contiguous: bool = False,
    effect: bool = False,
    expr: str | None = None,
) -> Callable[[Rule], Op]:
    """Declare an op. Has no side effect: a pack or a plugin adds it to a registry.

    `promote` names the ports that are brought to one dtype ("all": every one), `floating` makes it a floating one,
    `no_gradient` says why there is none. `view`: the result may share memory with the first argument; `contiguous`:
    it lies in C order whatever is given, a view where that argument does. `effect`: the op does more than compute (it
    prints), so that two are never one. `expr` is an element-wise formula in C: for fused kernels, and for results
    written over an argument.
    """

    declared = Declared(
        formula, category, samples, outputs, promote, floating, no_gradient, view, contiguous, effect, expr
    )
    return lambda forward: Op(forward, declared)
