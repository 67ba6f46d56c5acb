"""Running a document's graph: values, gradients and what they are the sums of, each question lowered once."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from .backends import on_device
from .data.given import Given
from .document import Document
from .document.ports import value_name
from .errors import RunError, usage_told
from .feeding import (
    Drawn,
    describer,
    need,
    one_batch,
    parameters,
    random_state,
    read_data,
    read_feeds,
    read_seed,
    read_values,
)
from .graph import Graph, Source
from .graph.elements import DTYPES
from .hooks import Handle, Hook, Hooks, resolve_target
from .infer import Binding
from .lower import RANDOM_STATE, STATE_AVAL, Lowering
from .op import Aval
from .ops import Registry
from .parameters import shown
from .plan import BACKWARD, FORWARD
from .program import SEED, Answer, Program, Programs, Question, resolve, resolved
from .recording import Trace, record
from .summary import Key
from .training.watching import Onlooker

Array = np.ndarray[Any, Any]
MOST_KEPT = 2**20  # bytes of feeds that are kept of a run which nobody looks at


class How(NamedTuple):
    """How a question is run: what is fed, by which mode, as in training or not, with whose random numbers."""

    feed: Mapping[str, Any] | None = None
    mode: str = "static"
    train: bool = False
    iteration: int | None = None

    @property
    def ops(self) -> str:
        """By which mode ops compute, "train" or "eval". Raises `RunError` where `train` is neither true nor false."""
        if not isinstance(self.train, bool | np.bool_):
            raise RunError(f"train must be True or False, got {shown(self.train)}", hint="True: as in training")
        return "train" if self.train else "eval"


class _Moved:
    """Parameters on a device by id, of those that a graph has. One is put there again only when it has become another
    array.
    """

    def __init__(self) -> None:
        self._there: dict[str, tuple[Array, Any]] = {}

    def keep(self, known: Container[str]) -> None:
        """Let go of what is not among the nodes that are `known`."""
        self._there = {id: there for id, there in self._there.items() if id in known}

    def of(
        self, found: Mapping[str, Array], held: Mapping[str, Array], drawn: Drawn, put: Callable[..., Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Those on the device; `found` holds copies of arrays that a document has `held`, or that were `drawn`."""
        origins = {id: drawn[id][1] if held.get(id) is None else held[id] for id in found}
        new = {id: a for id, a in found.items() if id not in self._there or self._there[id][0] is not origins[id]}
        self._there |= {id: (origins[id], value) for id, value in put(new).items()}
        return {id: self._there[id][1] for id in found}


class Again(NamedTuple):
    """A run as it was fed, to be computed once more, with all of its values, though it was not looked at."""

    program: Program
    feeds: Mapping[str, Any]
    state: Mapping[str, Array]
    mode: str

    @classmethod
    def of(cls, program: Program, feeds: Mapping[str, Any], state: Mapping[str, Array], mode: str) -> Again | None:
        """Of a run that is to begin, which may write to its state; None where keeping what it is fed takes too long."""
        if program.device != "cpu" or sum([array.nbytes for array in feeds.values()]) > MOST_KEPT:
            return None
        written = {slot: state[slot].copy() for slot in program.plan.updates}
        return cls(program, {name: array.copy() for name, array in feeds.items()}, {**state, **written}, mode)

    @property
    def number(self) -> int:
        """The iteration of its random numbers."""
        return int(self.feeds[RANDOM_STATE][1])

    def __call__(self) -> Mapping[Key, Any]:
        return self.program.look(self.feeds, dict(self.state), self.mode)[1]


class RunOnlooker(Onlooker, Protocol):
    """Is told of runs too, and of each trainer that is made. Of runs those are looked at that `begun` wants."""

    def begun(self, back: bool) -> bool:
        """A run begins, `back` with gradients; whether all of its values are to be shown."""

    def showed(self, number: int, arrays: Mapping[Key, Any], root: Source | None) -> None:
        """What a run has computed, and of what its gradients are."""

    def over(self, back: bool, looked: bool, kind: object, again: Again | None) -> None:
        """A run has ended; `kind` is the same for those that are compiled alike. `again` computes one that was not
        looked at once more, on any thread; None for others, and where that cannot be.
        """

    def follow(self, trainer: Any) -> None:
        """A trainer was made."""


class Holding:
    """A document with what a run of it needs. `dtype` overrides the document's; `path` is its file, if any.

    `device` is where runs compute, "cpu" or "cuda". Raises `RunError` where it is not there.
    """

    def __init__(
        self,
        document: Document,
        registry: Registry,
        path: Path | None = None,
        dtype: str | None = None,
        device: str = "cpu",
    ) -> None:
        if dtype is not None and dtype not in DTYPES:
            raise RunError(f"a run's dtype must be {' or '.join(DTYPES)}, got {dtype!r}")
        self._backend = on_device(device)
        self.device = device
        self.document = document
        self.registry = registry
        self.path = path
        self._dtype = dtype
        self._runs = 0
        self._programs = Programs()
        self._drawn: Drawn = {}
        self._moved = _Moved()
        self.hooks = Hooks()
        self.onlooker: RunOnlooker | None = None
        self.given: Given | None = None

    @property
    def graph(self) -> Graph:
        return self.document.graph

    @property
    def dtype(self) -> str:
        return self._dtype or self.graph.dtype

    @property
    def folder(self) -> Path | None:
        """The folder from which data files are read: the document's own. While it has no file that of the arrays that
        were given, None without any.
        """
        if self.path is not None:
            return self.path.parent
        return None if self.given is None else self.given.folder

    @property
    def seed(self) -> int:
        return self.graph.training.seed if self.graph.training is not None else 0


class Running(Holding):
    """A document whose graph can be run."""

    @usage_told
    def run(
        self,
        feed: Mapping[str, Any] | None = None,
        fetch: str | Sequence[str] = (),
        mode: str = "static",
        train: bool = False,
        iteration: int | None = None,
    ) -> dict[str, Array]:
        """Compute the values named by `fetch`, feeding those named in `feed`, and nothing beside.

        `mode` is "static" or "eager"; `train` runs dropout and the like as in training. Random numbers are
        new at each run; the same `iteration` gives the same ones. A dataset that is not fed gives the batch
        with which training starts. Raises `RunError`.
        """
        wanted = resolved(self.graph, self.registry, fetch)
        self._runs += 1
        answer = self._answer(Question(tuple(wanted.values())), How(feed, mode, train, iteration))
        return {text: answer.value(source) for text, source in wanted.items()}

    @usage_told
    def gradients(
        self,
        out: str,
        wrt: str | Sequence[str],
        feed: Mapping[str, Any] | None = None,
        seed: Any = None,
        mode: str = "static",
        train: bool = False,
        iteration: int | None = None,
    ) -> dict[str, Array | None]:
        """The gradients of `out` with respect to each of `wrt`, by name: None where there is no path.

        A root of one element needs no `seed`; any other needs one of its shape. Random numbers are those of the last
        `run`, or of `iteration`. Raises `RunError`.
        """
        question, names, array = _asked(self, out, wrt, seed, parts=False)
        found = self._answer(question, How(feed, mode, train, iteration), array)
        return {text: found.gradient(source) for text, source in names.items()}

    @usage_told
    def contributions(
        self,
        out: str,
        name: str,
        feed: Mapping[str, Any] | None = None,
        seed: Any = None,
        mode: str = "static",
        train: bool = False,
        iteration: int | None = None,
    ) -> list[tuple[str, str, Array]]:
        """The gradients that meet at `name` before they are summed: (consumer, port, array) as delivered.

        The sum from left to right is the gradient of `out` with respect to `name`, bit for bit: random numbers are
        those of the last `run`, or of `iteration`, as `gradients` has them.
        """
        how = How(feed, mode, train, iteration)
        question, names, array = _asked(self, out, name, seed, parts=True)
        answer = self._answer(question, how, array)
        found = answer.parts[names[name]]
        paths = {part: self.graph.path(part) for part, _, _ in found if part in self.graph.nodes}
        return [(paths.get(node, node), port, answer.values[output]) for node, port, output in found]

    @usage_told
    def record(
        self,
        out: str,
        wrt: Sequence[str] = (),
        feed: Mapping[str, Any] | None = None,
        seed: Any = None,
        train: bool = False,
        iteration: int | None = None,
    ) -> Trace:
        """Run forward to `out` and backward to `wrt` (none: forward only), and keep every value.

        Seed and random numbers are as `gradients` has them, so that the trace shows the same numbers.
        """
        question, _, array = _asked(self, out, wrt, seed, parts=True)
        root = question.root if question.wrt else None
        assert question.root is not None
        question = question._replace(fetch=(question.root,), root=root)
        program, feeds = self._ready(question, How(feed, train=train, iteration=iteration), array)
        return record(program.executable(record=True), feeds, self._state(program))[0]

    @usage_told
    def on_forward(self, name: str, hook: Hook) -> Handle:
        """Call `hook(array, seen)` with values of runs and of iterations of training, as far as these compute them.

        `name` is a node (its results), a port "fc1.x" (the value that arrives) or a group (those that go in and out).
        `seen` says path, phase, iteration and way. The handle has `remove`. Raises `GradwireError`.
        """
        return self.hooks.add(resolve_target(self.graph, self.registry, name), FORWARD, hook)

    @usage_told
    def on_gradient(self, name: str, hook: Hook) -> Handle:
        """As `on_forward`, with gradients that a run takes: of a node their sum, of a port what it delivers.

        Of a group those that come in at its results, and those that go out at its ports, as they are delivered.
        """
        return self.hooks.add(resolve_target(self.graph, self.registry, name), BACKWARD, hook)

    @usage_told
    def program(self, fetch: Sequence[str], feed: Mapping[str, Any] | None = None, train: bool = False) -> Program:
        """What `run` would run, for those who want to see its plan."""
        wanted = tuple(resolved(self.graph, self.registry, fetch).values())
        return self._ready(Question(wanted), How(feed, train=train))[0]

    def _answer(self, question: Question, how: How, seed: Array | None = None) -> Answer:
        program, feeds = self._ready(question, how, seed)
        state = self._state(program)
        answer = _ran(self, program, feeds, state, how.mode)
        if program.plan.updates:  # what `assign` ops wrote
            with self.document.transaction("Run", source="run") as t:
                for id, value in self._backend.fetch({id: state[id] for id in program.plan.updates}).items():
                    t.set_values(id, value)
        return answer

    def _state(self, program: Program) -> dict[str, Array]:
        """The parameters that a run reads or writes, in arrays of its own, or on a device."""
        held = self.document.values
        found = parameters(self.graph, self.registry, program.slots, held, program.binding, self._drawn)
        if self.device != "cpu":
            self._moved.keep(self.graph.nodes)
            return self._moved.of(found, held, self._drawn, self._backend.put)
        return found

    def _ready(self, question: Question, how: How, seed: Array | None = None) -> tuple[Program, dict[str, Any]]:
        """The program for a question and what it is to be fed."""
        graph, registry = self.graph, self.registry
        arrays, sizes = read_feeds(graph, registry, how.feed or {}, self.dtype, describer(self.folder, self.dtype))
        one_batch(sizes)
        wanted = [*question.fetch, *question.wrt, *([question.root] if question.root else [])]
        fed: Mapping[Source, Any] = dict.fromkeys(arrays, STATE_AVAL)
        needed = Lowering(graph, registry, Binding(), fed=fed).needed(wanted)
        arrays = read_values(graph, registry, needed, arrays, sizes, self.dtype)
        need(graph, registry, needed, arrays)
        arrays, batch = read_data(graph, needed, arrays, one_batch(sizes), self.folder, self.dtype)
        binding = Binding(self.dtype, batch, how.ops, self.seed)
        fed = {source: Aval(array.shape, array.dtype) for source, array in arrays.items()}
        told = describer(self.folder, self.dtype), self.device
        program = self._programs.get(graph, registry, question, binding, fed, *told)
        feeds: dict[str, Any] = {value_name(graph, registry, s): a for s, a in arrays.items()}
        feeds[RANDOM_STATE] = random_state(self.seed, max(self._runs, 1) if how.iteration is None else how.iteration)
        return program, feeds | ({} if seed is None else {SEED: seed})


def _asked(
    held: Holding, out: str, wrt: str | Sequence[str], seed: Any, parts: bool
) -> tuple[Question, dict[str, Source], Array | None]:
    """The question for gradients, the values that `wrt` names, and the seed as it is to be fed."""
    names = resolved(held.graph, held.registry, wrt)
    root = resolve(held.graph, held.registry, out, groups=True)
    array = None if seed is None else read_seed(out, seed, held.dtype)
    aval = None if array is None else Aval(array.shape, array.dtype)
    return Question((), root, tuple(names.values()), parts, aval), names, array


def _ran(held: Holding, program: Program, feeds: Mapping[str, Any], state: dict[str, Array], mode: str) -> Answer:
    """The answer of a program, of which hooks are told, or an onlooker sees all that it is made of."""
    onlooker, back = held.onlooker, program.question.root is not None
    if onlooker is None or (held.hooks and mode == "static"):
        return program.run(feeds, state, mode, held.hooks)
    again = None
    if looked := onlooker.begun(back):
        answer, arrays = program.look(feeds, state, mode, held.hooks)
        onlooker.showed(int(feeds[RANDOM_STATE][1]), arrays, program.question.root)
    else:
        again = Again.of(program, feeds, state, mode)
        answer = program.run(feeds, state, mode, held.hooks)
    onlooker.over(back, looked, (id(program), mode), again)
    return answer
