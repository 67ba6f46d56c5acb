"""Sums of products in the notation of Einstein."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Start
from ..signature import Flat
from ._rules import counted
from .products import check_numbers
from .shapes import sum_to

Shape = tuple[int, ...]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Terms(NamedTuple):
    """An equation with every axis as a letter: of each value, and of the result, with the length of each letter."""

    values: tuple[str, ...]
    result: str
    lengths: dict[str, int]

    @property
    def equation(self) -> str:
        return f"{','.join(self.values)}->{self.result}"


def read(equation: str, shapes: Sequence[Shape]) -> Terms:
    """`equation` for values of these shapes. Raises `ShapeError` for what it cannot mean."""
    given, arrow, wanted = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    for term in (*terms, wanted):
        if not set(term.replace("...", "", 1)) <= set(LETTERS):
            raise ShapeError(
                f"the equation {equation!r} has {term!r}, which is no list of letters",
                hint="letters with at most one '...', as in 'ij,jk->ik'",
            )
    if len(terms) != len(shapes):
        raise ShapeError(
            f"the equation {equation!r} is of {counted(len(terms), 'value', 'values')}, got {len(shapes)}",
            hint="a term for each, with commas between",
        )
    more = _unnamed(equation, terms, shapes)
    free = [letter for letter in LETTERS if letter not in equation]
    if more > len(free):
        raise ShapeError(f"the equation {equation!r} leaves {len(free)} letters for the {more} axes of '...'")
    rest = "".join(free[:more])
    values = tuple(_spelled(term, shape, rest) for term, shape in zip(terms, shapes, strict=True))
    lengths = _lengths(values, shapes)
    if not arrow:  # as NumPy: the axes of '...', then the letters that stand once, in order
        named = "".join(terms).replace(".", "")
        return Terms(values, rest + "".join(sorted(c for c in named if named.count(c) == 1)), lengths)
    _check_result(equation, wanted, set("".join(terms)), more)
    return Terms(values, wanted.replace("...", rest), lengths)


def _unnamed(equation: str, terms: Sequence[str], shapes: Sequence[Shape]) -> int:
    """For how many axes '...' stands, at most. Raises `ShapeError` where letters and axes do not agree."""
    most = 0
    for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        named = len(term.replace("...", ""))
        if named > len(shape) or ("..." not in term and named < len(shape)):
            least = "at least " if "..." in term else ""
            raise ShapeError(
                f"xs{i} {shape} has {counted(len(shape), 'axis', 'axes')}, but {term!r} of {equation!r} names "
                f"{least}{named}",
                port=f"xs{i}",
                hint="a letter for each axis; '...' stands for any others",
            )
        most = max(most, len(shape) - named)
    return most


def _spelled(term: str, shape: Shape, rest: str) -> str:
    """`term` with the letters of the last of the axes `rest` in place of its '...'."""
    count = len(shape) - len(term.replace("...", ""))
    return term.replace("...", rest[len(rest) - count :])


def _lengths(terms: Sequence[str], shapes: Sequence[Shape]) -> dict[str, int]:
    """The length of each letter, to which lengths of 1 are broadcast. Raises `ShapeError`."""
    found: dict[str, tuple[int, int]] = {}  # with the first value that has it
    for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        for letter, length in zip(term, shape, strict=True):
            own = next(n for c, n in zip(term, shape, strict=True) if c == letter)
            if own != length:
                raise ShapeError(
                    f"xs{i} {shape} has {own} and {length} along {letter!r}, which takes its diagonal",
                    port=f"xs{i}",
                    hint="one length, or two letters",
                )
            known, first = found.setdefault(letter, (length, i))
            if 1 not in (known, length) and known != length:
                raise ShapeError(
                    f"{letter!r} is {known} in xs{first} and {length} in xs{i}",
                    port=f"xs{i}",
                    hint="lengths must be equal or 1",
                )
            if known == 1:
                found[letter] = (length, i)
    return {letter: length for letter, (length, _) in found.items()}


def _check_result(equation: str, wanted: str, known: set[str], more: int) -> None:
    for letter in wanted.replace("...", ""):
        if letter not in known:
            raise ShapeError(f"the result of {equation!r} names {letter!r}, which no value has")
        if wanted.count(letter) > 1:
            raise ShapeError(f"the result of {equation!r} names {letter!r} twice", hint="each letter once")
    if more and "..." not in wanted:
        raise ShapeError(
            f"the result of {equation!r} has no '...', which stands for {counted(more, 'axis', 'axes')} of the values",
            hint="a result '...' keeps them",
        )


@op(
    formula=r"y_{ik} = \sum_j x^{(0)}_{ij}\, x^{(1)}_{jk}\ \text{of}\ ij, jk \to ik",
    category="linear",
    samples=[
        Sample(((2, 3), (3, 4)), {"equation": "ij,jk->ik"}),
        Sample(((2, 3),), {"equation": "ij->ji"}),
        Sample(((2, 3),), {"equation": "ij->j"}),
        Sample(((3, 3),), {"equation": "ii->i"}),
        Sample(((3, 3), (2,)), {"equation": "ii,j"}),
        Sample(((3, 3, 3), (3,)), {"equation": "iii,i->i"}),
        Sample(((5, 1, 2, 3), (4, 3, 2)), {"equation": "...ij,...jk->...ik"}),
        Sample(((2, 3), (4,)), {"equation": "ij,k->i"}),
        Sample(((2, 1), (3,), (2,)), {"equation": "ij,j,i->ji"}),
        Sample(((2, 3), (2, 1)), {"equation": "ij,ij->i"}),
        Sample(((), (2,)), {"equation": ",i->i"}),
    ],
    promote="all",
)
def einsum(xp: Any, *xs: Any, equation: Annotated[str, Start("ij,jk->ik")]) -> Any:
    """Products of elements of all values, summed as `equation` says: "ij,jk->ik" is the product of two matrices.

    "ij->ji" transposes, "ij->" sums all, "ij->j" the rows; "ii->i" is the diagonal, "ii->" the trace; "i,i->" is the
    product of vectors, "i,j->ij" that of each with each, "bij,bjk->bik" one of matrices for each b.

    Before "->" stands a term for each value with a letter for each axis, after it the axes of the result. Axes of
    one letter go together, those that the result does not name are summed. A letter twice in a term takes the
    diagonal. "..." stands for any further axes, which broadcast. Without "->" the result has the letters that stand
    once, in alphabetical order. As NumPy's and PyTorch's; lengths of one letter must be equal or 1.
    """
    check_numbers(*xs)
    terms = read(equation, [x.shape for x in xs])
    arrays = [xp.asarray(x) for x in xs]
    found = xp.einsum(terms.equation, *arrays, optimize=len(xs) > 1)
    # Of one value NumPy gives a view; of several the result may lie in any order.
    return xp.array(found, order="C") if len(xs) == 1 else xp.asarray(found, order="C")


@einsum.shape
def _(*xs: Aval, equation: str) -> Aval:
    if not xs:
        raise ShapeError("einsum has nothing to multiply", hint="wire at least one value")
    check_numbers(*xs)
    terms = read(equation, [x.shape for x in xs])
    return Aval(tuple(terms.lengths[letter] for letter in terms.result), xs[0].dtype)


@einsum.vjp
def _(g: Any, y: Any, *xs: Any, equation: str) -> Any:
    terms = read(equation, [x.shape for x in xs])
    return tuple(lambda i=i: _share(g, xs, terms, i) for i in range(len(xs)))


def _share(g: Any, xs: Sequence[Any], terms: Terms, i: int) -> Any:
    """The gradient for the value `i`: the einsum of `g` with the others, for the letters of its own axes."""
    shape = xs[i].shape
    values = [g, *xs[:i], *xs[i + 1 :]]
    given = [terms.result, *terms.values[:i], *terms.values[i + 1 :]]
    free = (letter for letter in LETTERS if letter not in terms.lengths)
    wanted = ""
    for letter, length in zip(terms.values[i], shape, strict=True):
        if letter in wanted:  # only the diagonal passed: 1 where both axes are at one place
            other = next(free)
            values.append(np.eye(length, dtype=g.dtype))
            given.append(letter + other)
            wanted += other
            continue
        wanted += letter
        there = {
            n
            for term, value in zip(given, values, strict=True)
            for c, n in zip(term, value.shape, strict=True)
            if c == letter
        }
        if there <= {1} and (length != 1 or not there):  # it was summed, so each of it gets the same
            values.append(np.ones(length, dtype=g.dtype))
            given.append(letter)
    found = einsum(*values, equation=f"{','.join(given)}->{wanted}")
    return sum_to(found, shape)


@einsum.flops
def _(*xs: Aval, equation: str) -> int:
    terms = read(equation, [x.shape for x in xs])
    return len(xs) * math.prod(terms.lengths.values())


einsum.flat = {
    "xs": Flat(
        "leaves it out",
        "are not on the diagonal of a letter that stands twice in a term",
        "is not on the diagonal of a letter that stands twice in its term",
    )
}
einsum.adjoint = {
    "xs": "{port} {xs}: the gradient {y} is multiplied by the other values and summed over what {port} has not, as {xs}"
}
