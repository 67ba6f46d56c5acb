"""A session: a document with what is needed to run it. The window, the console and the command line hold one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from . import files
from .check import Binding, Checked, check
from .document import Document
from .errors import RunError
from .feeding import describer, need, parameters, prepared, random_state, read_feeds
from .graph import Graph, Source
from .lower import RANDOM_STATE, STATE_AVAL, Lowering, feed_name
from .op import Aval
from .ops import Registry, builtin
from .program import SEED, Answer, Program, Question, resolved
from .recording import Trace, record
from .train import Result, Settings, Trainer

Array = np.ndarray[Any, Any]
KEPT = 32  # programs that stay compiled


class Session:
    """A document, the ops that it may use, and the folder from which it reads data.

    `dtype` overrides the document's. Runs see the values of the document's parameters, or their initial ones.
    """

    def __init__(
        self,
        document: Document | None = None,
        path: Path | None = None,
        registry: Registry | None = None,
        dtype: str | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        self.registry = registry or builtin()
        self.document = document or Document(registry=self.registry)
        self.path = path
        self._dtype = dtype
        self.notices = tuple(notices)
        self._runs = 0
        self._programs: OrderedDict[Any, Program] = OrderedDict()

    @classmethod
    def open(cls, path: str | Path, registry: Registry | None = None, dtype: str | None = None) -> Session:
        """The session of a `.gw` or `.gwz` file. Raises `FileError` for one that cannot be read."""
        registry = registry or builtin()
        loaded = files.load(Path(path))
        document = Document(loaded.graph, loaded.values, registry)
        return cls(document, loaded.path, registry, dtype, loaded.notices)

    # What it holds.

    @property
    def graph(self) -> Graph:
        return self.document.graph

    @property
    def dtype(self) -> str:
        return self._dtype or self.graph.dtype

    @property
    def folder(self) -> Path | None:
        """The document's own folder, from which data files are read; None while it has no file."""
        return None if self.path is None else self.path.parent

    @property
    def seed(self) -> int:
        return self.graph.training.seed if self.graph.training is not None else 0

    def check(self) -> Checked:
        """Every problem of the graph, and the shapes of its values."""
        return check(self.graph, self.registry, describer(self.folder, self.dtype), self.dtype)

    # Running.

    def run(
        self,
        feed: Mapping[str, Any] | None = None,
        fetch: str | Sequence[str] = (),
        mode: str = "static",
        train: bool = False,
        iteration: int | None = None,
    ) -> dict[str, Array]:
        """Compute the values named by `fetch`, feeding those named in `feed`, and nothing that they do not need.

        `mode` is "static" or "eager"; `train` runs dropout and the like as in training. Random numbers are new at
        each run; the same `iteration` gives the same ones. Raises `RunError`.
        """
        wanted = resolved(self.graph, self.registry, fetch)
        answer = self._answer(Question(fetch=tuple(wanted.values())), feed, mode, train, iteration)
        return {text: answer.value(source) for text, source in wanted.items()}

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

        A root of one element needs no `seed`; any other needs one of its shape. Raises `RunError`.
        """
        answer, names = self._differentiated(out, wrt, feed, seed, mode, train, iteration, parts=False)
        return {text: answer.gradient(source) for text, source in names.items()}

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
        """The gradients that meet at `name` before they are summed: (consumer, port, array), in order of delivery.

        The sum from left to right is the gradient of `out` with respect to `name`, bit for bit.
        """
        answer, names = self._differentiated(out, name, feed, seed, mode, train, iteration, parts=True)
        return [
            (self._path(part.node), part.port, answer.values[part.output])
            for part in answer.parts[names[name]]
        ]

    def _path(self, id: str) -> str:
        return self.graph.path(id) if id in self.graph.nodes else id

    def _differentiated(
        self,
        out: str,
        wrt: str | Sequence[str],
        feed: Any,
        seed: Any,
        mode: str,
        train: bool,
        iteration: Any,
        parts: bool,
    ) -> tuple[Answer, dict[str, Source]]:
        names = resolved(self.graph, self.registry, wrt)
        root = resolved(self.graph, self.registry, out)[out]
        array = None if seed is None else np.asarray(seed, self.dtype)
        aval = None if array is None else Aval(array.shape, array.dtype)
        question = Question((), root, tuple(names.values()), parts, aval)
        return self._answer(question, feed, mode, train, iteration, array), names

    def record(
        self, out: str, wrt: Sequence[str] = (), feed: Mapping[str, Any] | None = None, train: bool = True
    ) -> Trace:
        """Run forward to `out` and backward to `wrt` (none: forward only), and keep every value on the way."""
        names = resolved(self.graph, self.registry, wrt)
        root = resolved(self.graph, self.registry, out)[out]
        question = Question((root,), root if names else None, tuple(names.values()), parts=True)
        program, feeds = self._ready(question, feed, train, None)
        executable = program.executable(record=True)
        with np.errstate(all="ignore"):
            return record(executable, feeds, self._state(program))[0]

    def program(
        self, fetch: Sequence[str], feed: Mapping[str, Any] | None = None, train: bool = False
    ) -> Program:
        """What `run` would run, for those who want to see its plan."""
        wanted = resolved(self.graph, self.registry, fetch)
        return self._ready(Question(fetch=tuple(wanted.values())), feed, train, None)[0]

    def _answer(
        self,
        question: Question,
        feed: Any,
        mode: str,
        train: bool,
        iteration: int | None,
        seed: Array | None = None,
    ) -> Answer:
        program, feeds = self._ready(question, feed, train, iteration)
        if seed is not None:
            feeds[SEED] = seed
        state = self._state(program)
        answer = program.run(feeds, state, mode)
        self._keep_assigned(program, state)
        return answer

    def _keep_assigned(self, program: Program, state: Mapping[str, Array]) -> None:
        """Write what `assign` ops changed back to the document, in one entry of the history."""
        if program.plan.updates:
            with self.document.transaction("Run", source="run") as t:
                for id in program.plan.updates:
                    t.set_values(id, state[id])

    def _state(self, program: Program) -> dict[str, Array]:
        ids = dict.fromkeys([*program.plan.state, *program.plan.updates])
        return parameters(self.graph, self.registry, ids, self.document.values, program.binding)

    def _ready(
        self, question: Question, feed: Mapping[str, Any] | None, train: bool, iteration: int | None
    ) -> tuple[Program, dict[str, Any]]:
        """The program for a question and what it is to be fed."""
        arrays, batch = read_feeds(self.graph, self.registry, feed or {}, self.dtype)
        wanted = [*question.fetch, *question.wrt, *([question.root] if question.root else [])]
        describe = describer(self.folder, self.dtype)
        needed = Lowering(self.graph, self.registry, Binding(), fed=dict.fromkeys(arrays, STATE_AVAL)).needed(
            wanted
        )
        arrays, batch = self._with_data(arrays, batch, needed)
        need(self.graph, self.registry, needed, arrays)
        binding = Binding(self.dtype, batch, "train" if train else "eval", self.seed)
        fed = {source: Aval(array.shape, array.dtype) for source, array in arrays.items()}
        key = (question, binding, tuple(sorted(fed.items(), key=repr)))
        found = self._programs.get(key)
        if found is None or found.graph is not self.graph:
            found = Program(self.graph, self.registry, question, binding, fed, describe)
            self._programs[key] = found
            if len(self._programs) > KEPT:
                self._programs.popitem(last=False)
        self._programs.move_to_end(key)
        feeds: dict[str, Any] = {feed_name(self.graph, self.registry, s): a for s, a in arrays.items()}
        self._runs += 1
        feeds[RANDOM_STATE] = random_state(self.seed, self._runs if iteration is None else iteration)
        return found, feeds

    def _with_data(
        self, arrays: dict[Source, Array], batch: int | None, needed: set[str]
    ) -> tuple[dict[Source, Array], int | None]:
        """`arrays` with the first training samples of each dataset node that is needed and not fed."""
        for id in needed:
            node = self.graph.nodes[id]
            if node.op != "dataset" or Source(id, "x") in arrays or Source(id, "y") in arrays:
                continue
            x, y = prepared(node, self.folder, self.dtype)[1]["train"]
            size = batch or (self.graph.training.batch if self.graph.training else len(x))
            if batch is not None and batch > len(x):
                raise RunError(
                    f"{self.graph.path(id)} has {len(x)} samples, which do not fill a batch of {batch}"
                )
            batch = min(size, len(x))
            arrays = {**arrays, Source(id, "x"): x[:batch], Source(id, "y"): y[:batch]}
        return arrays, batch

    # Training and saving.

    def trainer(self, settings: Settings | None = None) -> Trainer:
        """A training run of this graph as it is now; its `engine` can be given handlers before it runs."""
        settings = settings or Settings()
        if settings.dtype is None and self._dtype is not None:
            settings = replace(settings, dtype=self._dtype)
        return Trainer(self.graph, self.registry, self.document.values, self.folder, settings)

    def train(self, trainer: Trainer | None = None, **settings: Any) -> Result:
        """Train, and put the trained values into the document as one entry of its history.

        Settings: mode, epochs, seed, dtype, out, resume. Raises `GradwireError` for what cannot be trained.
        """
        before = self.graph
        result = (trainer or self.trainer(Settings(**settings))).run()
        if self.graph is not before:
            raise RunError("the graph was edited while it trained, so its values were left as they are")
        with self.document.transaction("Train", source="training") as t:
            for id, value in result.values.items():
                t.set_values(id, value)
        return result

    def save(self, path: str | Path | None = None) -> Path:
        """Write the document, beside it the values if there are any. Raises `FileError`; old files stay whole."""
        target = Path(path) if path is not None else self.path
        if target is None:
            raise RunError("the document has no file yet", hint="save(path)")
        files.save(target, self.graph, self.document.values)
        self.path = target
        self.document.mark_saved()
        return target

    # Showing.

    def _repr_html_(self) -> str:
        """A table of the nodes for notebooks: name, op, shape."""
        checked = self.check()
        rows = []
        for id in self.graph.order() if not any(p.node is None for p in checked.problems) else ():
            node = self.graph.nodes[id]
            shapes = ", ".join(text for source, text in checked.shapes.items() if source.node == id)
            cells = (self.graph.path(id), node.op, shapes)
            rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
        problems = "".join(f"<li>{escape(p.text(self.graph))}</li>" for p in checked.problems)
        head = "<tr><th>node</th><th>op</th><th>shape</th></tr>"
        return f"<table>{head}{''.join(rows)}</table>" + (f"<ul>{problems}</ul>" if problems else "")

    def __repr__(self) -> str:
        name = self.path.name if self.path else "unsaved"
        return f"<Session {name}: {len(self.graph.nodes)} nodes, {self.dtype}>"
