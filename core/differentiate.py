"""Derivatives of values that were computed: of tensors on the tape, and of values lowered to a builder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np

from .builder import Builder, Symbol
from .collector import paused
from .errors import RunError, usage_told
from .forward import push
from .parameters import shown
from .plan import BACKWARD, TANGENT
from .records import Record
from .reverse import Contribution, Parts, Walk, reached, starting_gradient
from .tape import Tensor, depending, history, leaf, records

SEED = "seed"  # the port of a root at which its starting gradient comes in


class TapeWorld:
    """The tape as a world. Where `traced`, the results of rules are remembered and can be differentiated."""

    def __init__(self, traced: bool) -> None:
        self.traced = traced

    def leaf(self, like: Any) -> Tensor:
        return leaf(like)

    def seed(self, value: Any) -> Any:
        return value

    def since(self, mark: Tensor, roots: Sequence[Any]) -> list[Record]:
        walk = records(history(roots, after=mark.slot - 1), self.traced)
        return [Record._make(record) for record in walk]

    def enter(self, record: Record | None, slot: int | None) -> None:
        """A tape keeps no provenance: a tensor's own op says where it came from."""


class Gradients:
    """The gradients of `roots` with respect to tensors, as `backward` found them: `gradients[x]`.

    As a dict it goes through the tensors that they are of, which are those in it.
    """

    def __init__(
        self,
        of: Sequence[Tensor],
        totals: Mapping[int, Any],
        parts: Parts,
        starts: Mapping[int, Sequence[Any]],
        every_leaf: bool,
    ) -> None:
        self._of = {tensor.slot: tensor for tensor in of}
        self._totals = totals
        self._starts = starts
        self._parts = parts
        self._every_leaf = every_leaf

    def __repr__(self) -> str:
        count = len(self)
        return f"<gradients of {count} tensor{'s' * (count != 1)}: [tensor] gives one, contributions(tensor) its parts>"

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._of.values())

    def __contains__(self, tensor: object) -> bool:
        return isinstance(tensor, Tensor) and tensor.slot in self._of

    def keys(self) -> list[Tensor]:
        """The tensors that they are of."""
        return list(self)

    def items(self) -> list[tuple[Tensor, Any]]:
        """Each of these tensors with its gradient."""
        return [(tensor, self[tensor]) for tensor in self]

    def __getitem__(self, tensor: Tensor) -> Any:
        """The gradient of `tensor`: an array of its shape, zeros where nothing depends on it."""
        found = self.get(tensor)
        return np.zeros(tensor.shape, tensor.dtype) if found is None else found

    def get(self, tensor: Tensor) -> Any:
        """The gradient of `tensor`, or None where there is no path to it.

        Raises `RunError` for a tensor that was not asked for: nothing is known of its gradient.
        """
        _check_tensor(tensor)
        if tensor.slot not in self._parts and not (self._every_leaf and tensor.op is None):
            raise RunError("the gradient of this tensor was not asked for", hint="backward(root, wrt=[tensor])")
        return _own(self._totals.get(tensor.slot))

    def contributions(self, tensor: Tensor) -> list[tuple[str, str, Any]]:
        """What each consumer port of `tensor` delivered, in order: (op, port, array). Their sum is the gradient.

        Of a root the first is ("root", "seed", its starting gradient).
        """
        _check_tensor(tensor)
        return [("root", SEED, _own(start)) for start in self._starts.get(tensor.slot, ())] + [
            (part.record.op.name, part.record.op.port_name(part.position), _own(part.value))
            for part in self._parts.get(tensor.slot, ())
        ]


def _own(gradient: Any) -> Any:
    """A gradient as the caller gets it: an array of its own, since rules may hand one array to several values."""
    return gradient if gradient is None or isinstance(gradient, Tensor) else np.array(gradient)


def _check_tensor(tensor: Any) -> None:
    if not isinstance(tensor, Tensor):
        raise RunError(f"gradients are taken of tensors, got {type(tensor).__name__}", hint="Tensor(value)")


@paused()
@usage_told
def backward(
    root: Any, seed: Any = None, *, wrt: Tensor | Sequence[Tensor] | None = None, traced: bool = False
) -> Gradients:
    """Gradients of `root` with respect to `wrt` (None: every leaf that it was made of).

    `root` is a tensor or a sequence of tensors. A root of one element needs no `seed`; any other needs one of its
    shape. Where `traced`, the gradients are tensors. Raises `RunError` for a root without a seed.
    """
    several = isinstance(root, (list, tuple))
    roots = list(root) if several else [root]
    if several and not isinstance(seed, (list, tuple, NoneType)):
        raise RunError(f"backward needs one seed a root in a list: {len(roots)}, got {shown(seed)}")
    seeds = [None] * len(roots) if seed is None else list(seed) if several else [seed]
    if wrt is not None:
        wrt = list(wrt) if isinstance(wrt, Iterable) and not isinstance(wrt, Tensor) else [wrt]
    for tensor in (*roots, *(wrt or ())):
        _check_tensor(tensor)
    if len(seeds) != len(roots):
        raise RunError(f"backward needs one seed a root: {len(roots)}, got {len(seeds)}")
    ledger: dict[int, list[Any]] = {}
    for tensor, start in zip(roots, seeds, strict=True):
        ledger.setdefault(tensor.slot, []).append(starting_gradient(tensor, start))
    starts = {slot: tuple(values) for slot, values in ledger.items()}
    after = -1 if wrt is None else min((t.slot for t in wrt), default=0) - 1
    tensors = history(roots, after)
    wanted = {t.slot for t in tensors if t.op is None} if wrt is None else {t.slot for t in wrt}
    active = None if wrt is None else depending(tensors, wanted)
    parts: Parts = {slot: [] for slot in wanted}
    totals = Walk(ledger, wanted, active, parts).back(records(reversed(tensors), traced))
    of = [t for t in tensors if t.op is None] if wrt is None else wrt
    return Gradients(of, totals, parts, starts, every_leaf=wrt is None)


class Differentiated:
    """Gradients that were added to a builder: of each value that has one, and what was delivered to each.

    `walked` are the records in the order in which the walk met them.
    """

    def __init__(
        self,
        builder: Any,
        totals: Mapping[int, Any],
        parts: Parts,
        starts: Mapping[int, Sequence[Any]],
        walked: Sequence[Record],
    ) -> None:
        self.builder = builder
        self.walked = walked
        self.starts = starts
        self.totals = totals
        self.parts = parts

    def gradient(self, value: Any) -> Any:
        """The gradient of `value`, None where there is no path to it."""
        return self.totals.get(value.slot)

    def contributions(self, value: Any) -> list[tuple[str, str, Any]]:
        """What each consumer port of `value` delivered, in the order in which it was added up: (node, port, value).

        Of a root the first is its starting gradient, at the port "seed" of its own node.
        """
        return self._at(value.slot)

    def gradients(self) -> Iterator[tuple[int, Any, list[tuple[str, str, Any]]]]:
        """Each value by its slot, with its gradient and what that is the sum of."""
        return ((slot, total, self._at(slot)) for slot, total in self.totals.items())

    def _at(self, slot: int) -> list[tuple[str, str, Any]]:
        seeds = [(self.builder.node_of(slot) or "root", SEED, start) for start in self.starts.get(slot, ())]
        return seeds + [(*_port(self.builder, part), part.value) for part in self.parts.get(slot, ())]


def _port(builder: Any, part: Contribution) -> tuple[str, str]:
    """The node and port of the graph that delivered `part`: a cast stands for the port that needs it."""
    node, port = builder.origin(part.record)
    return node or part.record.op.name, port or part.record.op.port_name(part.position)


@paused()
def differentiate(
    builder: Any, roots: Sequence[Any], seeds: Sequence[Any], wrt: Sequence[Any] | None = None, order: int = 1
) -> Differentiated:
    """Add the steps that compute the gradients of `roots` with respect to `wrt` (None: whatever they depend on).

    A root of one element needs no seed (None); any other needs one of its shape. Raises `RunError`.
    """
    with builder.labelled(phase=BACKWARD, order=order, node=None, port=None):
        records = builder.records(roots)
        ledger: dict[int, list[Any]] = {}
        for root, seed in zip(roots, seeds, strict=True):
            builder.enter(None, root.slot)
            start = starting_gradient(root, seed)
            ledger.setdefault(root.slot, []).append(builder.seed(start))
        starts = {slot: tuple(values) for slot, values in ledger.items()}
        if wrt is None:
            active = {slot for r in records for slot in (*r.slots, *(a.slot for a in r.args if hasattr(a, "slot")))}
        else:
            active = reached(records, {value.slot for value in wrt})
        parts: Parts = {slot: [] for slot in active}
        walked = records[::-1]
        totals = Walk(ledger, active, active, parts, builder).back(walked)
    found = Differentiated(builder, totals, parts, starts, walked)
    builder.explain(found.gradients)
    return found


def tangents(builder: Builder, primals: Sequence[Symbol], given: Sequence[Symbol]) -> dict[int, Symbol]:
    """Add the steps that push the tangents `given` of `primals` forward; returns the tangent of each slot reached."""
    with builder.labelled(phase=TANGENT, node=None, port=None):
        found: dict[int, Any] = {p.slot: t for p, t in zip(primals, given, strict=True)}
        push(builder.records(), found, builder)
    return found
