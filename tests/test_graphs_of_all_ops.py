"""A thousand random graphs of all ops: eager and static give the same bits, and nothing that is fed is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from strategies import bits
from test_ops import FED, draw

from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.graph import Source
from gradwire.core.op import Aval, Op, Sample
from gradwire.core.ops import builtin
from gradwire.core.promotion import common_dtype
from gradwire.core.session import Session

BATCHES, GRAPHS, NODES = 20, 50, 7
TRIES = 12  # to find values in the graph that an op takes
NAMED = {"assign", "print", "shared"}  # they name another node, or write lines
OPS = [found for found in builtin() if found.name not in {*FED, *NAMED}]
Array = np.ndarray[Any, Any]


class Drawing:
    """A graph that grows by one random op after the other, with what is fed to it."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.document = Document()
        self.feed: dict[str, Array] = {}
        self.known: list[tuple[Source, Aval]] = []
        self.used: set[Source] = set()
        self.counted = 0

    def input(self, array: Array) -> Source:
        """A value that is fed: as it is, as a view of every second element, turned around, or read-only."""
        name = f"x{len(self.feed)}"
        kind = "float" if array.dtype.kind == "f" else array.dtype.name
        with self.document.transaction("Feed") as t:
            t.set_dtype("float64")
            source = Source(t.add("input", name=name, shape=array.shape, dtype=kind), "y")
        self.feed[name] = self._laid_out(array)
        self.known.append((source, Aval(array.shape, array.dtype)))
        return source

    def _laid_out(self, array: Array) -> Array:
        kind = self.random.integers(4)
        if kind == 1 and array.ndim:
            spaced = np.zeros((2 * array.shape[0], *array.shape[1:]), array.dtype)
            spaced[::2] = array
            return spaced[::2]
        if kind == 2 and array.ndim:
            return np.asfortranarray(array)
        if kind == 3:
            array = array.copy()
            array.flags.writeable = False
        return array

    def add(self, found: Op) -> None:
        """A node of this op: of values that there are, where it takes any of them, else of new ones."""
        sample = found.samples[self.random.integers(len(found.samples))]
        params = {name: value for name, value in sample.params.items() if name not in ("mode", "stream")}
        complete = found.check_parameters(sample.params)
        chosen = self._fitting(found, sample, complete)
        if chosen is None:
            chosen = [self.input(np.asarray(arg)) for arg in self._drawn(sample)]
        with self.document.transaction("Add") as t:
            inputs = {found.port_name(i): source for i, source in enumerate(chosen)}
            id = t.add(found.name, inputs=inputs, params=params)
        avals = dict(self.known)
        for source, aval in zip(
            (Source(id, output.name) for output in found.outputs),
            self._outputs(found, [avals[source] for source in chosen], complete),
            strict=True,
        ):
            if found.has_output(source.output):
                self.known.append((source, aval))
        self.used.update(chosen)
        self.counted += 1

    def _drawn(self, sample: Sample) -> list[Any]:
        """The arguments of a sample but for random states, which a run feeds."""
        args = draw(sample, seed=int(self.random.integers(1000)))
        return [arg for arg in args if arg.dtype != np.uint64]

    def _outputs(self, found: Op, avals: list[Aval], params: dict[str, Any]) -> tuple[Aval, ...]:
        ports = [min(i, len(found.ports) - 1) for i in range(len(avals))]
        chosen = [np.empty(a.shape, a.dtype) for i, a in zip(ports, avals, strict=True) if i in found.promoted]
        dtype = common_dtype(chosen, found.floating) if chosen else None
        brought = [
            Aval(a.shape, dtype) if i in found.promoted and dtype is not None else a
            for i, a in zip(ports, avals, strict=True)
        ]
        return found.infer(brought, {**params, **({"dtype": "float64"} if params.get("dtype") == "float" else {})})

    def _fitting(self, found: Op, sample: Sample, params: dict[str, Any]) -> list[Source] | None:
        """Values of the graph that the op takes with these parameters; None where none were found."""
        count = len(self._drawn(sample))
        if not count or not self.known:
            return None
        for _ in range(TRIES):
            picked = [self.known[i] for i in self.random.integers(len(self.known), size=count)]
            try:
                self._outputs(found, [aval for _, aval in picked], params)
            except (GradwireError, TypeError):
                continue
            return [source for source, _ in picked]
        return None

    def computed(self, mode: str) -> dict[str, Any]:
        """All that comes out, and the gradients of one float of it; or why it cannot be computed."""
        session = Session(self.document)
        graph, registry = session.graph, session.registry
        names = {f"{s.node}.{s.output}" for s, _ in self.known if s not in self.used and s.node not in self.inputs}
        fetch = [name if len(registry[graph.nodes[name.split(".")[0]].op].visible) > 1 else name.split(".")[0]
                 for name in sorted(names)]  # fmt: skip
        try:
            found: dict[str, Any] = dict(session.run(self.feed, fetch, mode=mode, train=True, iteration=1))
            root = next((n for n in fetch if found[n].dtype.kind == "f" and found[n].size), None)
            floats = [name for name, array in self.feed.items() if array.dtype.kind == "f"]
            if root is not None and floats:
                seed = np.random.default_rng(0).normal(size=found[root].shape)
                gradients = session.gradients(root, floats, self.feed, seed, mode=mode, train=True, iteration=1)
                found |= {f"∂{name}": gradient for name, gradient in gradients.items()}
        except GradwireError as error:
            return {"refused": str(error)}
        return found

    @property
    def inputs(self) -> set[str]:
        return {id for id, node in self.document.graph.nodes.items() if node.op == "input"}


def drawing(number: int) -> Drawing:
    """The graph of this number: one op by turns, so that all are met, and others by chance."""
    made = Drawing(number)
    for shape in ((2, 3), (3,), (), (2, 3, 4), (0, 3)):
        made.input(made.random.normal(size=shape))
    made.input(made.random.integers(0, 3, (3,)))
    made.input(made.random.integers(0, 2, (2, 3)).astype(bool))
    made.add(OPS[number % len(OPS)])
    for found in made.random.choice(np.array(OPS, object), NODES - 1):
        made.add(found)
    return made


def told(found: dict[str, Any]) -> dict[str, Any]:
    """Bits of arrays, and all else as it is."""
    arrays = {name: value for name, value in found.items() if isinstance(value, np.ndarray)}
    return {**found, **bits(arrays)}


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
def test_eager_and_static_give_the_same_bits_and_nothing_that_is_fed_is_changed(batch: int) -> None:
    refused = 0
    for number in range(batch * GRAPHS, (batch + 1) * GRAPHS):
        made = drawing(number)
        before = {name: array.copy() for name, array in made.feed.items()}
        with np.errstate(all="ignore"):
            eager, static, again = (made.computed(mode) for mode in ("eager", "static", "static"))
        assert eager.keys() == static.keys(), number
        assert told(eager) == told(static) == told(again), number
        assert all(np.array_equal(array, before[name], equal_nan=True) for name, array in made.feed.items()), number
        refused += "refused" in eager
    assert refused < GRAPHS // 4, "most graphs are to be computed"
