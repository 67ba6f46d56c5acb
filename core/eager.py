"""Define by run: a graph computed on the tape as it is lowered, by the text that lowers it to a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .errors import RunError
from .op import Aval, Op
from .promotion import cast, common_dtype
from .records import Record
from .tape import Tensor, history, output, records
from .traced import Traced


class EagerBuilder:
    """Stands where a plan's `Builder` stands, and computes at once: its values are tensors and arrays.

    `feeds` are the inputs by name, `state` the arrays by slot. What gradients deliver is told by node and port,
    as a plan tells it.
    """

    def __init__(self, feeds: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        self.feeds = feeds
        self.state = state
        self.sources: dict[int, str] = {}
        self.origins: dict[int, tuple[str | None, str | None]] = {}
        self.node: str | None = None
        self._given: dict[str, Tensor] = {}

    def _leaf(self, name: str, aval: Aval, held: Mapping[str, Any]) -> Tensor:
        if name not in self._given:
            if name not in held:
                raise RunError(f"the run needs {name!r} {aval}, which is not fed")
            value = np.array(held[name], order="C")
            if value.shape != aval.shape or value.dtype != aval.dtype:
                raise RunError(f"{name!r} must be fed {aval}, got {Aval(value.shape, value.dtype)}")
            self._given[name] = Tensor(value)
        return self._given[name]

    def input(self, name: str, aval: Aval) -> Tensor:
        """The value fed under `name`."""
        return self._leaf(name, aval, self.feeds)

    def read(self, slot: str, aval: Aval) -> Tensor:
        """The value that the state holds in `slot`."""
        return self._leaf(slot, aval, self.state)

    def constant(self, value: Any, dtype: Any = None) -> Any:
        """A value known now: a tensor, so that it can be asked for gradients like any other."""
        return value if isinstance(value, Traced) else Tensor(np.array(value, dtype, order="C"))

    def seed(self, value: Any) -> Any:
        """A starting gradient: an array, since nothing is to be differentiated twice."""
        return value.value if isinstance(value, Tensor) else value

    def apply(self, op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Compute `op` after the casts that its ports need."""
        made = op(*self._cast(op, args), **params)
        if not op.ports:  # an op that takes nothing computes an array
            made = tuple(map(self.constant, made)) if isinstance(made, tuple) else self.constant(made)
        for tensor in made if isinstance(made, tuple) else (made,):
            first = tensor.slot if tensor.results is None else tensor.results[0]
            self.origins[first] = (self.node, None)
        return made

    def output(self, made: Tensor, op: Op, name: str) -> Any:
        """The output `name` of `op`, which made `made`; it may be hidden."""
        return output(made, op, name)

    def _cast(self, op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
        if not op.promoted:
            return args
        last = len(op.ports) - 1
        ports = [min(i, last) in op.promoted and arg is not None for i, arg in enumerate(args)]
        dtype = common_dtype([arg for arg, chosen in zip(args, ports, strict=True) if chosen], op.floating)
        result = list(args)
        for i, arg in enumerate(args):
            if ports[i] and dtype is not None and arg.dtype != dtype:
                result[i] = cast(arg, dtype)
                self.origins[result[i].slot] = (self.node, op.port_name(i))
        return tuple(result)

    @contextmanager
    def labelled(self, **labels: Any) -> Iterator[None]:
        """A tape bears no labels."""
        yield

    # The tape as a world in which gradients are computed (reverse.py).

    def records(self, roots: Sequence[Any] = ()) -> list[Record]:
        return [Record._make(record) for record in records(history(roots), traced=False)]

    def leaf(self, like: Any) -> Tensor:
        return Tensor(np.zeros(like.shape, like.dtype))

    def since(self, mark: Tensor, roots: Sequence[Any]) -> list[Record]:
        walk = records(history(roots, after=mark.slot - 1), traced=False)
        return [Record._make(record) for record in walk]

    def enter(self, record: Record | None, slot: int | None) -> None:
        """A tape keeps no labels."""

    def node_of(self, slot: int) -> str | None:
        return self.sources.get(slot) or self.origins.get(slot, (None, None))[0]

    def origin(self, record: Record) -> tuple[str | None, str | None]:
        return self.origins.get(record.slot, (None, None))

    def explain(self, gradients: Any) -> None:
        """A tape keeps no gradients beside those that the walk returns."""


class ArrayState:
    """Where update rules read their state in an eager run: plain arrays, which nothing remembers."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.state = state

    def read(self, slot: str, aval: Aval) -> Any:
        return self.state[slot]

    @contextmanager
    def labelled(self, **labels: Any) -> Iterator[None]:
        """Arrays bear no labels."""
        yield
