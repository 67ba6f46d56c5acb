"""Values of other networks, matched with the parameters of a graph.

A match is by name where one fits, else by the order of the layers where all of them fit, else by a shape that only one
of each side has; what is not sure is left to the user. Only by order, where all of a network fits, are weights
transposed unasked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..document import Transaction
from ..errors import EditError, GradwireError
from ..graph import Graph
from ..graph.elements import near_misses
from .strict_json import shorten
from .values import Values

Array = np.ndarray[Any, Any]
TRANSPOSED = ".T"  # behind a name: with the axes the other way round, as PyTorch keeps the weights of linear layers
BY_NAME, BY_ORDER, BY_SHAPE, BY_HAND = "by name", "by order", "by shape", "by hand"
_TURNED = " (transposed it fits)"
_BETWEEN = re.compile(r"[/._\-\s]+")


# Matching.


@dataclass(frozen=True)
class Match:
    """A parameter, and what it would be given: the name of an array (a `.T` behind it: transposed), "" for nothing.

    `how` says by what they were matched; `reason` why nothing fits, or what is wrong with what was chosen by hand.
    """

    id: str
    path: str
    shape: tuple[int, ...]
    source: str = ""
    how: str = ""
    reason: str = ""

    @property
    def loads(self) -> bool:
        """Whether it is given something."""
        return bool(self.source) and not self.reason


def targets(graph: Graph) -> list[Match]:
    """The parameters of a graph, none of which is given anything."""
    return [
        Match(id, graph.path(id), tuple(node.params["shape"]))
        for id, node in graph.nodes.items()
        if node.op == "parameter"
    ]


def match(graph: Graph, values: Values, by_hand: Mapping[str, str] | None = None) -> list[Match]:
    """For each parameter of a graph what of `values` it is given. `by_hand` goes before: by id or path of a parameter
    the name of an array, "" for nothing. Raises `EditError` for a name that is not there.
    """
    chosen = {graph.resolve(name): source for name, source in (by_hand or {}).items()}
    found = [choose(target, values, chosen[target.id]) if target.id in chosen else target for target in targets(graph)]
    if strange := [id for id in chosen if all(id != target.id for target in found)]:
        raise EditError(f"values are for parameters, {graph.path(strange[0])} is none")
    taken = {each.source.removesuffix(TRANSPOSED) for each in found if each.how == BY_HAND}
    found = _by_name(found, values, taken)
    found = _by_order(found, values, taken)
    found = _by_shape(found, values, taken)
    return [each if each.how or each.reason else replace(each, reason=_nothing(each, values)) for each in found]


def choose(target: Match, values: Values, source: str) -> Match:
    """A parameter with what a user has chosen for it. Raises `EditError` for a name that is not there."""
    if not source:
        return replace(target, source="", how=BY_HAND, reason="")
    array = array_of(values, source)
    return replace(target, source=source, how=BY_HAND, reason=_unfit(target, array))


def array_of(values: Values, source: str) -> Array:
    """The array of a name, transposed where it ends in `.T`. Raises `EditError` where there is none."""
    if source in values:
        return values[source]
    plain = source.removesuffix(TRANSPOSED)
    if plain == source or plain not in values:
        raise EditError(f"there is no value {source!r}", hint=near_misses(plain, values) or ", ".join(list(values)[:8]))
    return values[plain].T


def unused(matches: Iterable[Match], values: Values) -> list[str]:
    """The names of the arrays that no parameter is given."""
    used = {each.source for each in matches if each.loads}
    return [name for name in values if name not in used and f"{name}{TRANSPOSED}" not in used]


def fitting_sources(target: Match, values: Values) -> list[str]:
    """What a parameter could be given by its shape; of what is square as it stands, and transposed."""
    found = []
    for name, array in values.items():
        if not _unfit(target, array):
            found.append(name)
        if array.ndim == 2 and not _unfit(target, array.T):
            found.append(f"{name}{TRANSPOSED}")
    return found


def _by_name(found: Sequence[Match], values: Values, taken: set[str]) -> list[Match]:
    """Those whose name one array has, spelt as it may be: `fc1.weight` is `fc1/weight`."""
    exact = {name: name for name in values}
    counts = Counter(map(_spelled, values))
    alike = {_spelled(name): name for name in values if counts[_spelled(name)] == 1}
    matched = []
    for each in found:
        if not each.how:
            source = exact.get(each.path) or exact.get(each.id) or alike.get(_spelled(each.path))
            if source is not None and source not in taken:
                reason = _unfit(each, values[source])
                each = replace(each, source="" if reason else source, how="" if reason else BY_NAME, reason=reason)
                if not reason:
                    taken.add(source)
        matched.append(each)
    turned = next((each for each in matched if each.reason.endswith(_TURNED)), None)
    return matched if turned is None else [_unsure(each, values, turned) for each in matched]


def _unsure(match: Match, values: Values, turned: Match) -> Match:
    """A square weight fits either way: where another one of the file fits only transposed, which way cannot be told."""
    if match.how != BY_NAME or values[match.source].ndim != 2 or len({*match.shape}) > 1:
        return match
    reason = f"square: {match.source} or {match.source}{TRANSPOSED}? {turned.path} fits only transposed"
    return replace(match, source="", how="", reason=reason)


def _by_order(found: Sequence[Match], values: Values, taken: set[str]) -> list[Match]:
    """The layers of a network in order: where as many are open as the file has, with the same parts, and each part fits
    its own, transposed where it fits only so. A weight is never that of another layer than its bias.
    """
    nobodys = [name for name in values if name not in taken]
    mine = _layers(each.path for each in found if not each.how and not each.reason)
    theirs = _layers(sorted(nobodys, key=_numbered))
    if len(mine) != len(theirs) or len(mine) < 2:
        return list(found)
    by_path, given = {each.path: each for each in found}, {}
    for own, other in zip(mine.values(), theirs.values(), strict=True):
        if own.keys() != other.keys():
            return list(found)
        for part, path in own.items():
            fits = fitting_sources(by_path[path], {other[part]: values[other[part]]})
            if not fits:
                return list(found)
            given[path] = fits[0]
    if any(source.endswith(TRANSPOSED) for source in given.values()):  # then the square ones are turned as well
        given |= {
            path: f"{name}{TRANSPOSED}" for path, name in given.items() if name in values and values[name].ndim == 2
        }
    taken.update(source.removesuffix(TRANSPOSED) for source in given.values())
    return [replace(each, source=given[each.path], how=BY_ORDER) if each.path in given else each for each in found]


def _layers(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The names of arrays by that of their layer, in order, and by the last part of their name."""
    layers: dict[str, dict[str, str]] = {}
    for name in names:
        layers.setdefault(_layer(name), {})[_spelled(name).rpartition("/")[2]] = name
    return layers


def _numbered(name: str) -> list[tuple[bool, int, str]]:
    """By what names are put in order: the tenth comes after the second."""
    return [(not each.isdigit(), int(each) if each.isdigit() else 0, each) for each in re.split(r"(\d+)", name) if each]


def _by_shape(found: Sequence[Match], values: Values, taken: set[str]) -> list[Match]:
    """Of the others those whose shape only one parameter and only one array have, none of which has another's name."""
    names = {_spelled(each.path) for each in found}
    free = [name for name in values if name not in taken and _spelled(name) not in names]
    open_targets = [each for each in found if not each.how and not each.reason]
    wanted = Counter(each.shape for each in open_targets)
    offered = Counter(values[name].shape for name in free)
    by_shape = {values[name].shape: name for name in free if offered[values[name].shape] == 1}
    given = {
        each.path: by_shape[each.shape]
        for each in open_targets
        if wanted[each.shape] == 1 and each.shape in by_shape and not _unfit(each, values[by_shape[each.shape]])
    }
    pairs = {(_layer(path), _layer(source)) for path, source in given.items()}
    mine, theirs = Counter(own for own, _ in pairs if own), Counter(other for _, other in pairs if other)
    # A layer that would be given parts of two, or two that would share one: shapes are alike by chance.
    given = {path: name for path, name in given.items() if mine[_layer(path)] < 2 and theirs[_layer(name)] < 2}
    return [replace(each, source=given[each.path], how=BY_SHAPE) if each.path in given else each for each in found]


def _layer(name: str) -> str:
    """The layer that an array is of by its name, "" where that says none."""
    return _spelled(name).rpartition("/")[0]


def _spelled(name: str) -> str:
    return _BETWEEN.sub("/", name).strip("/").lower()


def _unfit(target: Match, array: Array) -> str:
    """Why an array cannot be the value of a parameter, "" where it can."""
    if array.dtype.kind not in "fiub":
        return f"numbers are required, found {array.dtype}"
    if array.shape != target.shape:
        turned = _TURNED if array.ndim == 2 and array.T.shape == target.shape else ""
        return f"shape {_told(target.shape)} is required, found {_told(array.shape)}{turned}"
    return ""


def _nothing(target: Match, values: Values) -> str:
    fitting = fitting_sources(target, values)
    if not fitting:
        return "nothing of this name, and nothing of this shape"
    return f"nothing of this name; of this shape {'is' if len(fitting) == 1 else 'are'} {', '.join(fitting[:3])}" + (
        f" and {len(fitting) - 3} more" if len(fitting) > 3 else ""
    )


def _told(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


# Loading.


def transfer(t: Transaction, matches: Sequence[Match], values: Values, freeze: bool = False) -> int:
    """Give parameters what they are matched with, in the dtype of the document; how many. With `freeze` these are not
    trained further. Raises `EditError` where nothing is to be loaded.
    """
    loaded = [each for each in matches if each.loads]
    if not loaded:
        reasons = "; ".join(dict.fromkeys(f"{each.path}: {each.reason}" for each in matches if each.reason))
        raise EditError("no value fits a parameter of the graph", hint=shorten(reasons, 300) or None)
    dtype = np.dtype(t.graph.dtype)
    with t.step():
        for each in loaded:
            t.set_values(each.id, np.ascontiguousarray(array_of(values, each.source), dtype).reshape(each.shape))
            if freeze:
                t.set_flags(each.id, t.node(each.id).flags | {"freeze"})
    return len(loaded)


def parse_choices(texts: Iterable[str]) -> dict[str, str]:
    """`PARAMETER=NAME` of the command line; an empty name is nothing. Raises `GradwireError`."""
    found = {}
    for text in texts:
        target, equals, source = text.partition("=")
        if not equals or not target:
            raise GradwireError(f"a choice is PARAMETER=NAME, got {text!r}", hint="first/weight=fc1.weight.T")
        found[target] = source
    return found
