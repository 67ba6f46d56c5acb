"""Questions about values and what follows from several: booleans, through which no gradient flows."""

from __future__ import annotations

from typing import Any

from ..op import Aval, Draw, Op, Sample, op
from ._rules import BOOL, INT, broadcast_shapes, reduced_shape

STEPS = "true and false change in steps: there is no path for a gradient"
SAMPLES = [Sample(((2, 3),)), Sample(((),))]
BOOLEANS = [Sample((Draw("bool", (2, 3)),))]
PAIRS = [
    Sample((Draw("bool", (2, 3)), Draw("bool", (2, 3)))),
    Sample((Draw("integers", (2, 3)), Draw("bool", (3,)))),
    Sample(((2, 1), Draw("integers", (1, 3)))),
]
# All axes, one that stays with length 1, one counted from the back, several, of numbers.
REDUCED = [
    Sample((Draw("bool", (2, 3)),)),
    Sample((Draw("bool", (2, 3)),), {"axis": 0, "keepdims": True}),
    Sample((Draw("bool", (2, 3)),), {"axis": -1}),
    Sample((Draw("integers", (2, 3, 4)),), {"axis": (0, 2)}),
    Sample(((2, 3),)),
]


def _question(formula: str, samples: Any) -> Any:
    """The decorator of an op that answers for each element by itself."""

    def build(forward: Any) -> Op:
        built = op(formula=formula, category="compare", samples=samples, no_gradient=STEPS)(forward)
        built.shape(lambda *avals: Aval(broadcast_shapes(*(aval.shape for aval in avals)), BOOL))
        built.by_element = True
        return built

    return build


@_question(r"|x| < \infty", SAMPLES)
def isfinite(xp: Any, x: Any) -> Any:
    """Where `x` is neither infinite nor NaN."""
    return xp.isfinite(x)


@_question(r"x \ne x", SAMPLES)
def isnan(xp: Any, x: Any) -> Any:
    """Where `x` is NaN, which alone differs from itself."""
    return xp.isnan(x)


@_question(r"|x| = \infty", SAMPLES)
def isinf(xp: Any, x: Any) -> Any:
    """Where `x` is infinity or −infinity."""
    return xp.isinf(x)


@_question(r"\neg x", [*BOOLEANS, *SAMPLES])
def logical_not(xp: Any, x: Any) -> Any:
    """Where `x` is false, or 0."""
    return xp.logical_not(x)


@_question(r"x \land y", PAIRS)
def logical_and(xp: Any, x: Any, y: Any) -> Any:
    """Where both are true; of numbers each but 0 counts as true, NaN too."""
    return xp.logical_and(x, y)


@_question(r"x \lor y", PAIRS)
def logical_or(xp: Any, x: Any, y: Any) -> Any:
    """Where at least one is true; of numbers each but 0 counts as true, NaN too."""
    return xp.logical_or(x, y)


@_question(r"x \oplus y", PAIRS)
def logical_xor(xp: Any, x: Any, y: Any) -> Any:
    """Where exactly one is true; of numbers each but 0 counts as true, NaN too."""
    return xp.logical_xor(x, y)


def _reduced(x: Aval, *, axis: int | tuple[int, ...] | None, keepdims: bool) -> Aval:
    return Aval(reduced_shape(x.shape, axis, keepdims), BOOL)


@op(formula=r"x_1 \land x_2 \land \dots", category="reduce", samples=REDUCED, no_gradient=STEPS)
def all_(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """Whether all elements over `axis` (null: all there are) are true; of no elements it is true.

    Of numbers each but 0 counts as true, NaN too. `keepdims` leaves the reduced axes there with length 1.
    """
    return xp.all(x, axis=axis, keepdims=keepdims)


all_.shape(_reduced)


@op(formula=r"x_1 \lor x_2 \lor \dots", category="reduce", samples=REDUCED, no_gradient=STEPS)
def any_(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """Whether any element over `axis` (null: of all there are) is true; of no elements it is false.

    Of numbers each but 0 counts as true, NaN too. `keepdims` leaves the reduced axes there with length 1.
    """
    return xp.any(x, axis=axis, keepdims=keepdims)


any_.shape(_reduced)


@op(formula=r"\sum_i [x_i \ne 0]", category="reduce", samples=REDUCED, no_gradient=STEPS)
def count_nonzero(xp: Any, x: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
    """How many elements over `axis` (null: of all there are) are not 0, int64: of booleans how many are true.

    NaN is not 0. `keepdims` leaves the reduced axes there with length 1.
    """
    return xp.sum(x != 0, axis=axis, keepdims=keepdims, dtype=INT)


@count_nonzero.shape
def _(x: Aval, *, axis: int | tuple[int, ...] | None, keepdims: bool) -> Aval:
    return Aval(reduced_shape(x.shape, axis, keepdims), INT)
