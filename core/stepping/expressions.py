"""A small language for breakpoints and watches: `rms(w1.grad) > 1e3`, `cos(x.via.sin, x.contrib['product']) < 0`.

The text is parsed by Python's own parser and computed by the walk below, which knows the forms that stand here and no
others: nothing in it is ever evaluated by Python.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import EditError, GradwireError
from ..graph import Graph, Source
from .forks import Fork
from .moment import Moment
from .paths import is_node, with_paths
from .timeline import Array, Delivery

LONGEST = 500  # characters of an expression


class ExpressionError(GradwireError):
    """An expression that cannot be read, or that means nothing where it stands."""


class NotYetError(Exception):
    """What an expression speaks of is not known at this moment."""


def _rms(x: Array) -> float:
    return float(np.sqrt(np.mean(np.square(x)))) if x.size else 0.0


def _share(chosen: Callable[[Array], Array]) -> Callable[[Array], float]:
    return lambda x: float(np.mean(chosen(x))) if x.size else 0.0


FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int, str]] = {
    "rms": (_rms, 1, "root of the mean square"),
    "norm": (lambda x: float(np.linalg.norm(x.ravel())), 1, "Euclidean norm of all elements"),
    "mean": (lambda x: float(np.mean(x)), 1, "mean"),
    "std": (lambda x: float(np.std(x)), 1, "standard deviation"),
    "min": (lambda x: float(np.min(x)), 1, "least element"),
    "max": (lambda x: float(np.max(x)), 1, "greatest element"),
    "sum": (lambda x: float(np.sum(x)), 1, "sum of all elements"),
    "abs": (np.abs, 1, "absolute values"),
    "log10": (np.log10, 1, "decimal logarithm"),
    "nonfinite": (lambda x: bool(~np.isfinite(x).all()), 1, "whether an element is NaN or infinite"),
    "all_zero": (lambda x: not np.any(x), 1, "whether all elements are 0"),
    "frac_zero": (_share(lambda x: x == 0), 1, "share of elements that are 0"),
    "any": (lambda x: bool(np.any(x)), 1, "whether an element is true"),
    "all": (lambda x: bool(np.all(x)), 1, "whether all elements are true"),
    "cos": (lambda x, y: Fork([x, y]).cosine(0, 1), 2, "cosine of the angle between two tensors"),
    "ratio": (
        lambda x, y: float(np.linalg.norm(x) / np.linalg.norm(y)),
        2,
        "norm of the first by that of the second; of one parameter, its update by what it was",
    ),
    "cancellation": (lambda *parts: Fork(parts).cancellation, -1, "share of the contributions that cancels"),
}
FIELDS = ("value", "grad", "via", "contrib", "contributions", "contribs")
FITS = (
    "what fits: x.value; x.grad; x.via.sin or x.contrib['sin'], what sin brings back; x.contribs, all of these; "
    'mlp/linear/weight.grad; node("my node").grad; rms(w.grad) > 10; ratio(w) < 1e-4 or nonfinite(loss)'
)
_BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Expression:
    """An expression that has been read. Raises `ExpressionError` for one that has another form than those here."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise ExpressionError(f"an expression has at most {LONGEST} characters, got {len(text)}")
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ExpressionError(f"{text!r} is no expression", hint=FITS) from None
        _check(self._tree)

    def compute(self, moment: Moment, here: str | None = None, given: Mapping[str, Any] | None = None) -> Any:
        """What it comes to at a moment: a number, a truth value or an array; None where that is not known yet.

        `value` and `grad` alone are those of the node `here`; names that are `given` mean that, and no node. Raises
        `ExpressionError`.
        """
        try:
            with np.errstate(all="ignore"):
                computing = _Computing(moment, here, given or {})
                found = computing.of(with_paths(self._tree, computing.graph))
        except NotYetError:
            return None
        except EditError as error:
            raise ExpressionError(str(error)) from None
        except (ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
            raise ExpressionError(f"{self.text}: {error}") from None
        return found.item() if isinstance(found, np.ndarray) and found.ndim == 0 else found


def spelled(name: str) -> str:
    """How a function is called: `rms(x)`, `cos(x, y)`."""
    return f"{name}({_ARGUMENTS.get(FUNCTIONS[name][1], 'x.contribs')})"


_ARGUMENTS = {1: "x", 2: "x, y"}
_FORMS = (ast.Name, ast.Attribute, ast.Load, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.UAdd, ast.USub)
_KNOWN = (*_FORMS, ast.BinOp, *_BINARY, ast.Compare, *_COMPARISONS)


def _check(tree: ast.AST) -> None:
    """Refuse every form that is not known. Raises `ExpressionError`."""
    for node in ast.walk(tree):
        known = isinstance(node, _KNOWN)
        if isinstance(node, ast.Constant):
            known = isinstance(node.value, (int, float, str))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            known = True
            if node.func.id != "node" and node.func.id not in FUNCTIONS:
                raise ExpressionError(f"there is no function {node.func.id!r}", hint=", ".join(map(spelled, FUNCTIONS)))
        elif isinstance(node, ast.Subscript):
            known = isinstance(node.value, ast.Attribute) and node.value.attr in ("via", "contrib")
            known = known and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        if not known:
            found = ast.unparse(node) or type(node).__name__
            raise ExpressionError(f"{found} is no form that is known here", hint=FITS)


class _Computing:
    """One computation of an expression."""

    def __init__(self, moment: Moment, here: str | None, given: Mapping[str, Any]) -> None:
        self.moment = moment
        self.here = here
        self.given = given
        self.run = moment.timeline.run

    @property
    def graph(self) -> Graph:
        return self.run.asked.graph

    def of(self, tree: ast.AST) -> Any:
        match tree:
            case ast.Constant(value=value):
                return value
            case ast.BoolOp(op=ast.And(), values=values):
                return all(bool(self.of(value)) for value in values)
            case ast.BoolOp(values=values):
                return any(bool(self.of(value)) for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.of(operand)
            case ast.UnaryOp(op=sign, operand=operand):
                value = self.of(operand)
                return -value if isinstance(sign, ast.USub) else value
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self.of(left), self.of(right))
            case ast.Compare(left=left, ops=ops, comparators=others):
                values = [self.of(left), *map(self.of, others)]
                return all(bool(np.all(_COMPARISONS[type(op)](values[i], values[i + 1]))) for i, op in enumerate(ops))
            case ast.Call(func=ast.Name(id=name), args=args) if name != "node":
                return self._call(name, args)
            case ast.Name(id=name) if name in self.given:
                return self.given[name]
            case _:
                return self._named(tree)

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(op, ast.Pow) and max(abs(np.max(left)), abs(np.max(right))) > 1e6:
            raise ExpressionError("a power of numbers above a million is not computed")
        return _BINARY[type(op)](np.asarray(left, np.float64), np.asarray(right, np.float64))

    def _call(self, name: str, args: list[ast.expr]) -> Any:
        function, count, _ = FUNCTIONS[name]
        if name == "ratio" and len(args) == 1:
            return function(*self._update(args[0]))
        values: list[Array] = []
        for arg in args:
            found = self.of(arg)
            values += [np.asarray(part, np.float64) for part in (found if isinstance(found, list) else [found])]
        if count >= 0 and len(values) != count:
            many = f"{count} {'value' if count == 1 else 'values'}"
            raise ExpressionError(f"{name} takes {many}, got {len(values)}", hint=f"as in {spelled(name)}")
        if any(value.size == 0 for value in values) and name in ("min", "max", "mean", "std"):
            return math.nan
        return function(*values)

    def _update(self, tree: ast.expr) -> tuple[Array, Array]:
        """What the update of this iteration adds to a parameter, and what that was before."""
        path, words = self._read(tree)
        source = self._source(path)
        updated, before = self.moment.timeline.updated, self.run.value(source)
        if words not in ([], ["value"]) or source.node not in updated or before is None:
            found = f"{ast.unparse(tree)} is none"
            raise ExpressionError(f"ratio of one value needs a parameter that is trained; {found}", hint="ratio(x, y)")
        if not self.moment.updated(source.node):
            raise NotYetError
        return updated[source.node] - before, before

    def _named(self, tree: ast.AST) -> Any:
        """A name with what is asked of it: `w.grad`, `mlp.w.value`, `x.via.sin`, `node("a b").grad`, `grad`."""
        path, words = self._read(tree)
        return self._field(self._source(path, words), words)

    def _read(self, tree: ast.AST) -> tuple[list[str], list[str]]:
        """The names of groups and node, and what is asked of it; `x.contrib['sin']` as `x.contrib.sin`."""
        words: list[str] = []
        while isinstance(tree, (ast.Attribute, ast.Subscript)):
            if isinstance(tree, ast.Attribute):
                words.insert(0, tree.attr)
            elif isinstance(tree.slice, ast.Constant):
                words.insert(0, str(tree.slice.value))
            tree = tree.value
        if isinstance(tree, ast.Call):
            named = isinstance(tree.func, ast.Name) and tree.func.id == "node"
            if not named or len(tree.args) != 1 or not isinstance(tree.args[0], ast.Constant):
                raise ExpressionError('node takes one name, as in node("my node").grad')
            path = [str(tree.args[0].value)]
        elif isinstance(tree, ast.Name):
            path = [] if tree.id in FIELDS else [tree.id]
            words = [tree.id, *words] if tree.id in FIELDS else words
        else:
            raise ExpressionError(f"{ast.unparse(tree)} is no node")
        while words and words[0] not in FIELDS:
            path.append(words.pop(0))
        return path, words

    def _source(self, path: list[str], words: Sequence[str] = ()) -> Source:
        """The value that names mean."""
        try:
            id = self.graph.resolve("/".join(path)) if path else self.here
        except EditError as error:
            if is_node(self.graph, "/".join(path[:-1])) and not words:
                raise ExpressionError(f"{'.'.join(path[:-1])} has no {path[-1]!r}", hint=FITS) from None
            raise ExpressionError(str(error)) from None
        if id is None:
            raise ExpressionError("value and grad alone need a node to belong to", hint="x.grad")
        source = next((source for source in self.run.tensors if source.node == id), None)
        if source is None:
            raise ExpressionError(f"{self.graph.path(id)} has no value")
        return source

    def _field(self, source: Source, words: list[str]) -> Any:
        field, rest = (words[0], words[1:]) if words else ("value", [])
        if field == "value":
            found = self.moment.value(source)
        elif field == "grad":
            found = self.moment.gradient(source).value
        elif field in ("contributions", "contribs"):
            return [np.asarray(delivery.value) for delivery in self._whole(source)]
        else:
            return self._via(source, rest)
        if rest:
            raise ExpressionError(f"{field} has no {rest[0]!r}", hint=FITS)
        if found is None:
            raise NotYetError
        return found

    def _whole(self, source: Source) -> tuple[Delivery, ...]:
        gradient = self.moment.gradient(source)
        if gradient.value is None:
            raise NotYetError
        return gradient.arrived

    def _via(self, source: Source, words: list[str]) -> Any:
        """The contribution of one consumer, by its name, where it takes the value twice with the port too."""
        name, port = (*words, "", "")[:2]
        takers = [self.graph.nodes[wire.target].name for wire in self.graph.consumers(source.node)]
        if not name:
            path = self.graph.path(source.node)
            raise ExpressionError(f"a contribution needs the name of who takes {path}", hint=", ".join(takers))
        for delivery in self.moment.gradient(source).arrived:
            node = self.graph.nodes[delivery.node].name
            if node == name and (not port or delivery.port == port):
                return delivery.value
        if name not in takers:
            raise ExpressionError(f"{name!r} does not take {self.graph.path(source.node)}", hint=", ".join(takers))
        raise NotYetError
