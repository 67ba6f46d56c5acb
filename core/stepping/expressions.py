"""A small language for breakpoints and watches: `rms(w1.grad) > 1e3`, `cos(x.via.sin, x.contrib['product']) < 0`.

The text is parsed by Python's own parser and computed by the walk below, which knows the forms of `forms` and no
others: nothing in it is ever evaluated by Python.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..errors import EditError, RunError
from ..files.strict_json import shorten
from ..graph import Graph, Source
from .forms import BINARY, COMPARISONS, ExpressionError, is_path, is_word, read, told
from .functions import ALIKE, FUNCTIONS, NONE_OF_NOTHING, PATH, many, spelled
from .meaning import Named, Names, NotYetError, Parts, read_name
from .moment import Moment
from .paths import with_paths
from .states import State
from .timeline import Array
from .ways import between, paths_between

LARGEST = 2**24  # elements that an operation may make, unless an operand has as many
_EXACT = 2**53  # the greatest integer up to which each is a number of its own


class Expression:
    """An expression that has been read. Raises `ExpressionError` for one that has another form than those here."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = read(text)

    def compute(
        self,
        moment: Moment,
        here: str | None = None,
        given: Mapping[str, Any] | None = None,
        cancelled: Cancelled = never,
    ) -> Any:
        """What it comes to at a moment: a number, a truth value, an array or `Parts`; None where that is not known yet.

        `value` and `grad` alone are those of the node `here`, `phase` and `op` those of the step; names that are
        `given` mean that, and no node. Raises `ExpressionError`, and `Stopped` when cancelled.
        """
        try:
            with np.errstate(all="ignore"):
                computing = _Computing(moment, here, given or {}, cancelled)
                found = computing.whole(self._tree_for(computing.graph))
        except NotYetError:
            return None
        except (EditError, RunError) as error:
            raise ExpressionError(error.message, hint=error.hint) from None
        except (ValueError, TypeError, ArithmeticError, SyntaxError, RecursionError, MemoryError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ExpressionError(f"{shorten(self.text)}: {reason}") from None
        return found.item() if isinstance(found, np.ndarray) and found.ndim == 0 else found

    def refuse_unknown(self, graph: Graph, here: str | None = None) -> None:
        """Raise `ExpressionError` where a name means no node of `graph`; `value` and `grad` alone are of `here`."""
        names = Names(graph, here)
        try:
            for part in _names_in(self._tree_for(graph)):
                path, words = read_name(part)
                if not names.is_iteration(path, words):
                    names.node(path, words)
        except EditError as error:
            raise ExpressionError(error.message, hint=error.hint) from None

    def _tree_for(self, graph: Graph) -> ast.expr:
        """The tree in which paths of the graph are names."""
        meant = with_paths(self.text, graph)
        return self._tree if meant == self.text else ast.parse(meant.strip(), mode="eval").body


def _names_in(tree: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression that are names of nodes, with what is asked of each."""
    parts = [] if is_word(tree) else list(ast.iter_child_nodes(tree))
    match tree:
        case ast.Call(func=ast.Attribute(value=way)):
            parts = [way]
        case ast.Call(func=ast.Name(id=name), args=args) if name != "node":
            parts = [*args]
        case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call():
            yield tree
            return
    for part in parts:
        yield from _names_in(part)


class _Computing:
    """One computation of an expression."""

    def __init__(self, moment: Moment, here: str | None, given: Mapping[str, Any], cancelled: Cancelled) -> None:
        self.moment = moment
        self.cancelled = cancelled
        self.given = given
        self.named = Named(moment, here)

    @property
    def graph(self) -> Graph:
        return self.named.graph

    def whole(self, tree: ast.AST) -> Any:
        """What a whole expression comes to; a comparison of tensors holds where it does for all their elements."""
        found = self.of(tree)
        return bool(np.all(found)) if isinstance(tree, ast.Compare) else found

    def of(self, tree: ast.AST) -> Any:
        match tree:
            case ast.Constant(value=value):
                return float(value) if isinstance(value, int) and abs(value) > _EXACT else value
            case ast.BoolOp(op=ast.And(), values=values):
                return all(self._truth(value) for value in values)
            case ast.BoolOp(values=values):
                return any(self._truth(value) for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self._truth(operand)
            case ast.UnaryOp(op=sign, operand=operand):
                number = np.asarray(self.of(operand), np.float64)
                return -number if isinstance(sign, ast.USub) else number
            case ast.BinOp(left=left, op=op, right=right):
                pair = _fitting(tree, *(np.asarray(self.of(part), np.float64) for part in (left, right)))
                return BINARY[type(op)](*pair)
            case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=text)]) if is_word(tree):
                return COMPARISONS[type(op)](self.named.word(name), text)
            case ast.Compare(left=left, ops=ops, comparators=others):
                arrays = [np.asarray(self.of(part)) for part in (left, *others)]
                pairs = [_fitting(tree, *pair) for pair in pairwise(arrays)]
                found = [COMPARISONS[type(op)](*pair) for op, pair in zip(ops, pairs, strict=True)]
                return _all(tree, found)
            case ast.Call(func=ast.Attribute(value=ast.Call(args=args) as way), args=[ast.Constant(value=int(count))]):
                return self._path(way, args, count)
            case ast.Call(args=args) if is_path(tree):
                return self._path(tree, args, None)
            case ast.Call(func=ast.Name(id=name), args=args) if name != "node":
                return self._call(tree, name, args)
            case ast.Name(id=name) if name in self.given:
                return self.given[name]
            case _:
                return self.named.of(tree)

    def _truth(self, tree: ast.AST) -> bool:
        """Whether something holds, which must be one thing, or a tensor of truth values that all hold."""
        found = np.asarray(self.of(tree))
        if found.size != 1 and found.dtype.kind != "b":
            text = told(tree)
            hint = f"any({text} > 0), all({text} > 0), rms({text}) > 0"
            raise ExpressionError(f"and, or, not take what is true or false; {text} is {_shape(found)}", hint=hint)
        return bool(np.all(found))

    def _call(self, tree: ast.AST, name: str, args: list[ast.expr]) -> Any:
        function = FUNCTIONS[name]
        if name == "ratio" and len(args) == 1:
            return function.compute(*self.named.update(args[0]))
        values: list[Array] = []
        for arg in args:
            found = self.of(arg)
            _check_kind(name, arg, found, len(args))
            parts = found.values if isinstance(found, Parts) else [found]
            values += [np.asarray(part, np.float64) for part in parts]
        if not values if function.takes is None else len(values) != function.takes:
            raise ExpressionError(f"{name} takes {many(name)}, got {len(values)}", hint=f"as in {spelled(name)}")
        if name in ALIKE and len({value.shape for value in values}) > 1:
            raise ExpressionError(f"{told(tree)} needs tensors of one shape, got {', '.join(map(_shape, values))}")
        if any(value.size == 0 for value in values) and name in NONE_OF_NOTHING:
            return math.nan
        return function.compute(*values)

    def _path(self, tree: ast.AST, args: list[ast.expr], count: int | None) -> Any:
        """What comes back to a value of the gradient of another: all of it, or along the `count` strongest paths."""
        if len(args) != 2:
            raise ExpressionError(f"{PATH} takes 2 names, got {len(args)}", hint=f"as in {PATH}(x, loss)")
        sources = []
        for arg in args:
            path, words = read_name(arg)
            if not path or words:
                raise ExpressionError(f"{PATH} takes the names of nodes, got {told(arg)}", hint=f"{PATH}(x, loss)")
            sources.append(self.named.source(path))
        to, of = sources
        if not (self.moment.going_back and self._is_whole(to) and self._is_whole(of)):
            raise NotYetError
        known, asked = self.moment.timeline.ways_known, (to, of, count)
        if asked not in known:
            run = self.named.run
            known[asked] = between(run, of, to, self.cancelled) if count is None else self._parts(of, to, count)
        return known[asked]

    def _parts(self, of: Source, to: Source, count: int) -> Parts:
        split = paths_between(self.named.run, of, to, count, self.cancelled)
        if split is None:
            raise Stopped
        parts = [(part.value, part.name) for part in split.parts if part.value is not None]
        return Parts([value for value, _ in parts], [name for _, name in parts], count)

    def _is_whole(self, source: Source) -> bool:
        """Whether all of a gradient is there, or none will come."""
        gradient = self.moment.gradient(source)
        return gradient.value is not None or gradient.state in (State.NO_PATH, State.STOPPED)


def _check_kind(name: str, arg: ast.expr, found: Any, given: int) -> None:
    """Refuse contributions where a number of values is taken, and one value alone where contributions are."""
    several = FUNCTIONS[name].takes is None
    if isinstance(found, Parts) and found.asked != 1 and not several:
        one = f"{told(arg)} is a list of contributions, however many there are"
        raise ExpressionError(f"{name} takes {many(name)}; {one}", hint=f"as in {spelled(name)}")
    if several and given == 1 and not isinstance(found, Parts):
        wanted = f"{name} takes the contributions to a gradient"
        raise ExpressionError(
            f"{wanted}; {told(arg)} is one value, of which nothing meets", hint=f"as in {spelled(name)}"
        )


def _all(tree: ast.AST, found: list[Array]) -> Array:
    """Where all of several comparisons hold."""
    whole = found[0]
    for each in found[1:]:
        whole = np.logical_and(*_fitting(tree, whole, each))
    return whole


def _fitting(tree: ast.AST, left: Array, right: Array) -> tuple[Array, Array]:
    """Both, where their shapes fit and what is made of them fits into memory."""
    try:
        size = math.prod(np.broadcast_shapes(left.shape, right.shape))
    except ValueError:
        shapes = f"{_shape(left)} and {_shape(right)}"
        raise ExpressionError(f"{told(tree)} needs shapes that fit, got {shapes}", hint="equal shapes") from None
    if size > max(LARGEST, left.size, right.size):
        raise ExpressionError(f"{told(tree)} would have {size:,} elements", hint=f"at most {LARGEST:,}")
    return left, right


def _shape(array: Array) -> str:
    return "×".join(map(str, array.shape)) or "a number"
