"""What is said of an op's arguments and results: shapes and dtypes, ports, outputs, and samples to run it on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_args

import numpy as np

from .parameters import Parameter, Role, role_of

NOTHING: Mapping[str, Any] = {}
Rule = Callable[..., Any]


RandomState = Annotated[Any, Role("random state")]  # of a port: fed by the run, never wired


class Aval(NamedTuple):
    """What is known of a value before it is computed: its `shape` (a tuple of ints) and its NumPy `dtype`."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size = 1
        for length in self.shape:
            size *= length
        return size

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def floating(self) -> bool:
        return self.dtype.kind == "f"

    def __str__(self) -> str:
        return f"{self.shape} {short_name(self.dtype)}"


def short_name(dtype: np.dtype[Any]) -> str:
    """f32, i64, bool: the names that plans and messages use."""
    return "bool" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize * 8}"


class Port(NamedTuple):
    """A tensor argument. A `variadic` port grows: xs0, xs1, …; a `hidden` one is fed by lowering, never wired."""

    name: str
    variadic: bool = False
    optional: bool = False
    hidden: bool = False


def read_signature(forward: Rule) -> tuple[tuple[Port, ...], dict[str, Parameter]]:
    """What `forward(xp, …)` takes: positional arguments after `xp` are ports, keyword-only ones parameters."""
    ports: list[Port] = []
    parameters: dict[str, Parameter] = {}
    for argument in list(inspect.signature(forward, eval_str=True).parameters.values())[1:]:
        if argument.kind is argument.KEYWORD_ONLY:
            parameters[argument.name] = Parameter.of(argument)
        elif argument.kind is argument.VAR_POSITIONAL:
            ports.append(Port(argument.name, variadic=True))
        else:
            optional = argument.default is None
            ports.append(Port(argument.name, optional=optional, hidden=role_of(argument) == "random state"))
    return tuple(ports), parameters


class Output(NamedTuple):
    """A result. A `hidden` one is kept for the gradient (a mask, say) and cannot be wired."""

    name: str
    hidden: bool = False


class Draw(NamedTuple):
    """An argument of a sample that is no float: "bool", or "integers" from 0 up to (without) `high`."""

    kind: str
    shape: tuple[int, ...]
    high: int = 2


class Sample(NamedTuple):
    """One set of arguments on which tests run an op: a shape, a `Draw` or an array by port, and parameters.

    A shape stands for normal random numbers, drawn through `domain` where the op needs it: "positive",
    "within 1" (of 0), "above 1", "distinct" (no ties, nothing near a kink), "not finite" (NaN and ±infinity among
    them), "probabilities" (positive, the last axis adding to 1), or "log probabilities" (their logarithms). A tuple
    has a domain for each argument.
    """

    args: tuple[Any, ...]
    params: Mapping[str, Any] = NOTHING
    domain: str | tuple[str, ...] = "normal"

    def domain_of(self, position: int) -> str:
        """Through which domain the argument at `position` is drawn."""
        return self.domain if isinstance(self.domain, str) else self.domain[position]


class Limits(NamedTuple):
    """What the elements of a value must lie between: `low` and `high`, both allowed.

    `why` says where that comes from ("labels of 3 classes"), `fit` what to do about others.
    """

    low: int
    high: int
    why: str
    fit: str


class Within(NamedTuple):
    """What the annotation of a port bears whose elements have limits, as labels have that pick a class.

    `rule(*avals, **params)` gives them, None where any element fits.
    """

    rule: Rule


@cache
def limit_rules(forward: Rule) -> Mapping[str, Rule]:
    """The rules of those ports of `forward` whose elements have limits, by port."""
    found = {}
    for name, port in inspect.signature(forward, eval_str=True).parameters.items():
        for note in get_args(port.annotation)[1:]:
            if isinstance(note, Within):
                found[name] = note.rule
    return found


# What an op says of its way back, beside the rule: `op.adjoint = {"x": "each of {y} is copied along {axis} to {x}"}`.
# By port a sentence in which names of ports and outputs stand for their shapes, `g` for that of the gradient that comes
# in, and those of parameters for their values; `axis` for its words, `port` for the name of one that grows, `copied`
# for the axes along which the port was broadcast, `n` for how many elements of the first port make one of the result.
# Instead of a sentence a function of the `Aval`s `(y, *args, **params)` that gives it.


class Traits(NamedTuple):
    """What kind of function an op is, so that whatever looks at a graph need not know the op by its name.

    `carries`: the result holds the numbers of the first argument and no others, "unchanged", "reformed" (in their
    order, as another shape or dtype), "reordered", or "copied" (each at least once). `linear`: in all its arguments
    together, f(a·x + b·y) = a·f(x) + b·f(y); none of them only chooses among the others. `reduces`: elements along an
    axis, or the losses of a batch, become one number by their "sum" or "mean", or as the parameter of this name says.
    `probabilities`: it gives "probabilities", whatever it takes, or their "logarithms". `matrices`: it multiplies its
    two arguments as matrices, as `@` does. `adds_at`: it adds the first argument to zeros at the indices along the
    parameter `axis` that the second holds, whole "parts" as `gather` picks them, or "elements" one by one.
    """

    carries: Literal["unchanged", "reformed", "reordered", "copied"] | None = None
    linear: bool = False
    reduces: str | None = None
    probabilities: Literal["probabilities", "logarithms"] | None = None
    matrices: bool = False
    adds_at: Literal["parts", "elements"] | None = None

    def reduction(self, params: Mapping[str, Any]) -> Any:
        """By what it reduces with these parameters, None where by neither."""
        found = self.reduces if self.reduces in ("sum", "mean", None) else params.get(self.reduces)
        return "mean" if found == "batchmean" else found


# Of what elements are made: `op.element = rule`, which of `(index, results, *args, **params)`, where arguments and
# results are arrays, gives for the element at `index` of the first result `Terms`, or a formula that is `Filled`.
# And what has no effect: `op.centres = rule` gives of `(*avals, **params)` the axes of the first argument over which
# its mean is taken away, so that what is added alike along them changes nothing but rounding.
# What an op is made of that writes: `op.writing = rule` gives of `(writes, *args, **params)`, where `writes` has by
# output the node written, what `op.composition` gives of the rest.
# What that makes of gradients: `op.corrections = rule` gives of `(g, results, *args, **params)`, all arrays, the
# `Corrections` of the gradient of the first argument, None where there are none.


class Corrections(NamedTuple):
    """Of what a gradient through statistics is made: `terms`, each (sign, name, array), one after the other.

    Read as they stand, with the brackets in their signs, they are an equation.

    All elements along `axes` have the same statistics, so that each of their gradients is in the corrections of all.
    """

    axes: tuple[int, ...]
    terms: tuple[tuple[str, str, Any], ...]


class Terms(NamedTuple):
    """Of what one element of a result is made: of terms, each the product of one element of each port in `places`.

    `places` has by port (*lengths, axes of the port): what lies along the `lengths` is called `along` ("channel",
    "row", "column"). A place outside of the port is padding, which counts as 0 and never is the greatest. Terms are
    divided by `over`, a number or one for each, and added up, or the "greatest" is chosen. `plus` says by port which
    element is added at the end, and `picked` by which element of a port the places were chosen. `axes` are what the
    axes of the result are called.
    """

    places: Mapping[str, Any]
    along: tuple[str, ...] = ()
    by: Literal["sum", "greatest"] = "sum"
    over: Any = 1
    plus: Mapping[str, tuple[int, ...]] = NOTHING
    picked: Mapping[str, tuple[int, ...]] = NOTHING
    axes: tuple[str, ...] = ()


class Filled(NamedTuple):
    """How one element of a result is computed: a `formula` with names in braces, `"({x} − {μ}) · {γ}"`, and `numbers`.

    `says` is where those come from that are no elements of arguments.
    """

    formula: str
    numbers: Mapping[str, float]
    says: str = ""


class Remedy(NamedTuple):
    """What helps where an op, or its slope, is not finite: `says` it in words.

    `above_zero`: it begins at 0, where value or slope is infinite, so that a small number added to its one argument
    is enough. `at_most`: beyond some number it overflows; up to this one it does in no dtype of 32 bits or more.
    """

    says: str
    above_zero: bool = False
    at_most: float | None = None


class Flat(NamedTuple):
    """Where a gradient rule gives 0 whatever comes back: "relu `says`: 5 of 8 elements `many`", of one element `one`.

    The names of parameters in them stand for their values.
    """

    says: str
    many: str
    one: str


class Kink(NamedTuple):
    """Where an op has no derivative, and what its gradient rule gives there for each port.

    `at` says where in words, `where(*args, **params)` for each element of the first argument. `given` is the rule's
    derivative there; `low` and `high` are those on both sides, between which every value is a valid sub-gradient;
    `torch` is PyTorch's. Each is a number, the name of a parameter, or where it is no one number a few words. They are
    the derivatives of the result, or of what `of` says: of each loss, say, whatever share it has in the mean.
    """

    at: str
    where: Rule
    given: float | str
    low: float | str
    high: float | str
    torch: float | str
    of: str = ""

    def numbers(self, params: Mapping[str, Any]) -> tuple[float | str, float | str, float | str, float | str]:
        """`given`, `low` and `high`, the lesser first, and `torch`, with the parameters put in."""
        given, low, high, torch = (params.get(n, n) if isinstance(n, str) else n for n in self[2:6])
        if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
            low, high = high, low
        return given, low, high, torch
