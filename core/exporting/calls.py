"""What the spelling of an op is told, and how both languages give a value the dtype that a port wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..op import Aval
from . import literals


class Call(NamedTuple):
    """One op to be written: the texts of its arguments, after casts, its parameters, and what is known of both ends.

    `args` are names or calls, never sums: a spelling may put any operator beside them.
    """

    args: tuple[str, ...]
    params: Mapping[str, Any]
    ins: tuple[Aval, ...]
    outs: tuple[Aval, ...]

    @property
    def x(self) -> str:
        return self.args[0]

    @property
    def ndim(self) -> int:
        """How many axes the first argument has."""
        return self.ins[0].ndim

    @property
    def axis(self) -> int:
        """The parameter `axis`, counted from the front."""
        axis: int = self.params["axis"]
        return axis % self.ndim if self.ndim else axis


Spelling = Callable[[Call], str]
Note = str | Callable[[Mapping[str, Any]], str]  # a remark beside an op, which may depend on its parameters


def noted(notes: Mapping[str, Note], name: str, params: Mapping[str, Any]) -> str:
    """The remark on an op as the end of a comment, nothing where there is none."""
    note = notes.get(name, "")
    text = note if isinstance(note, str) else note(params)
    return f", {text}" if text else ""


def printed(params: Mapping[str, Any]) -> str:
    """At which iterations Gradwire prints, where that is not at each."""
    every, first = params["every"], params["first"]
    if every == 1 and not first:
        return ""
    of_them = f"first {first} " if first else ""
    return f"in Gradwire at the {of_them}iterations{f' that {every} divides' * (every > 1)}"


def operator(sign: str) -> Spelling:
    """`x + y`."""
    return lambda call: f" {sign} ".join(call.args)


def function(name: str) -> Spelling:
    """`np.sin(x)`."""
    return lambda call: f"{name}({', '.join(call.args)})"


def settings(call: Call, **usual: object) -> str:
    """The parameters that are not as the function has them by itself, as further arguments by name."""
    given = {name: call.params[name] for name in usual}
    return "".join(f", {name}={literals.plain(value)}" for name, value in given.items() if value != usual[name])


def in_training(training: str, name: str, *settings: str, more: str = "") -> Spelling:
    """`cutout(x, 4, rng) if training else x`: the settings are parameters by name, `training` says what to ask."""

    def spelled(call: Call) -> str:
        given = ", ".join(literals.number(call.params[setting]) for setting in settings)
        return f"{name}({call.x}, {given}{more}) if {training} else {call.x}"

    return spelled


def augmenting(training: str, more: str = "") -> dict[str, Spelling]:
    """What acts in training alone, by functions of the names of the ops."""
    settings = {"gaussian_noise": ["std"], "random_flip": ["axis", "rate"], "random_shift": ["by"], "cutout": ["size"]}
    return {name: in_training(training, name, *given, more=more) for name, given in settings.items()}


def reductions(call: Call) -> tuple[str | None, bool]:
    """The text of the axes of a reduction (None: all of them), and whether they stay with length 1."""
    axis = call.params["axis"]
    return None if axis is None else repr(axis), bool(call.params["keepdims"])


def loss(call: Call, rows: str, mean: str, total: str) -> str:
    """`rows`, the losses of each row, reduced as the op says; `mean` and `total` are functions by name."""
    by = {"mean": mean, "sum": total}.get(call.params["reduction"])
    return rows if by is None else f"{by}({rows})"
