"""A session: a document with what is needed to run it. Window, console and command line hold one.

Training is loaded when it is first asked for: a window opens many graphs that are only looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from html import escape
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from . import files
from .check import Checked, check, value_problems
from .data.given import Given
from .document import Document
from .errors import RunError, usage_told
from .feeding import describer
from .graph import Graph, Node, Source
from .graph.elements import PLUGIN
from .limits import data_problems, demands
from .ops import Registry, installed
from .parameters import refuse_unless, shown
from .running import Running

if TYPE_CHECKING:
    from .evaluating import Root
    from .evaluating.scoring import Scored
    from .stepping import Timeline
    from .training.folder import RunFolder
    from .training.trainer import Result, Settings, Trainer


@usage_told
class Session(Running):
    """A document, the ops that it may use, and the folder from which it reads data.

    `dtype` overrides the document's. Runs see the values of the document's parameters, or their initial ones.
    `device` is where runs and training compute, "cpu" or "cuda", which is an NVIDIA GPU through CuPy; timelines and
    gradient checks stay on the CPU. `data` are arrays (x, y) in memory by the name of the .npz file that dataset nodes
    have as their source, for a document without a file: `save` writes these files beside it.
    """

    def __init__(
        self,
        document: Document | Graph | None = None,
        path: Path | None = None,
        registry: Registry | None = None,
        dtype: str | None = None,
        notices: Sequence[str] = (),
        device: str = "cpu",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        _check_held(document, registry)
        if isinstance(document, Graph):  # as gw.trace gives one
            document = Document(document, registry=registry)
        if registry is None:
            registry = installed() if document is None else document.registry
        path = None if path is None else files.as_path(path)
        super().__init__(Document(registry=registry) if document is None else document, registry, path, dtype, device)
        self.notices = tuple(notices)
        self.recovered: files.Recovered | None = None
        self._journal: files.Journal | None = None
        self.given = None if data is None else _given(data, self.path)

    @classmethod
    @usage_told
    def open(
        cls,
        path: str | Path,
        registry: Registry | None = None,
        dtype: str | None = None,
        journal: bool = False,
        device: str = "cpu",
    ) -> Session:
        """The session of a `.gw` or `.gwz` file. Raises `FileError` for one that cannot be read.

        With `journal` edits are written down beside the file until they are saved, and those of a session that
        ended without saving are offered as `recovered`, for `recover` to make again.
        """
        loaded = files.load(path)
        document = Document(loaded.graph, loaded.values, registry)
        notices = (*loaded.notices, *_unknown_settings(loaded.graph))
        session = cls(document, loaded.path, registry, dtype, notices, device)
        if journal:
            session.recovered = files.recover(loaded.path)
            session._journal = files.Journal(loaded.path, loaded.digest)
            session._journal.attach(document)
        return session

    def recover(self) -> None:
        """Make the edits again that an earlier session did not save, as one entry of the history. Raises `RunError`
        where there are none, `EditError` where they do not fit the file as it is now.
        """
        if self.recovered is None:
            raise RunError("there are no unsaved edits to recover")
        self.recovered.replay(self.document)
        self.recovered = None

    def close(self) -> None:
        """Write down no more edits. What is not saved stays in the journal, to be offered again."""
        if self._journal is not None:
            self._journal.detach()
            self._journal = None

    def check(self) -> Checked:
        """Every problem of the graph, of its training settings and of the labels it learns, and all shapes."""
        return _checked(self)

    def timeline(self, *roots: Root | Source | str, iteration: int = 1, run: str | Path | None = None) -> Timeline:
        """An iteration of the graph, step by step: forward, backward and, with training settings, its update.

        `roots` are the values whose gradients are taken, as `Root`s with what they start from (none: the loss, or else
        the one number that comes out). Of several, gradients are those of the sum of the roots times their starts.
        `run` is the folder that a run of training has left: the iteration is then one of that run, gone through again
        from the nearest of its checkpoints, with the same bits. At most 100,000 are gone through, or all of training.
        """
        from .stepping.recorder import timeline_of

        return timeline_of(self, roots, iteration, None if run is None else self.run_folder(run))

    def run_folder(self, path: str | Path) -> RunFolder:
        """What a run of this graph has left in a folder. Raises `GradwireError` where it holds none, or of another."""
        from .evaluating.training import left_by_run

        return left_by_run(self, path)

    def fit(self, *groups: str) -> dict[str, int]:
        """Measure preprocessing layers, those in `groups` or all; returns on how many samples, by path."""
        from .evaluating.fitting import fit

        return fit(self, groups or None)

    def trainer(self, settings: Settings | None = None) -> Trainer:
        """A training run of this graph as it is now; its `engine` can be given handlers before it runs."""
        from .evaluating.training import trainer_of

        return trainer_of(self, settings)

    def train(self, trainer: Trainer | None = None, **settings: Any) -> Result:
        """Train, and put the trained values into the document as one entry of its history. Preprocessing layers that
        were never fitted are fitted first, unless a trainer is given.
        Settings: mode, epochs, seed, dtype, out, resume, device. Raises `GradwireError` for a setting that is not
        known, and for what cannot be trained.
        """
        from .evaluating.training import train

        return train(self, trainer, settings)

    def evaluate(self, part: str | None = None) -> Scored:
        """The loss and the metrics with the values as they are, of the samples held out, else of the others."""
        from .evaluating.scoring import evaluate

        return evaluate(self, part)

    def save(self, path: str | Path | None = None) -> Path:
        """Write the document, beside it values and given arrays. Raises `GradwireError`; old files stay whole."""
        target = files.as_path(path) if path is not None else self.path
        if target is None:
            raise RunError("the document has no file yet", hint="save(path)")
        digest = _save(self, target)
        if self._journal is not None:
            self._journal.follow(target, digest)
        self.path = target
        self.document.mark_saved()
        return target

    def source(self, to: str = "torch", fetch: str | Sequence[str] = ()) -> str:
        """The graph as source of "torch" or "numpy"; with `fetch` only what these values are made of, so that a
        prediction needs no labels. What was trained is loaded from the file that `save` writes beside the graph.
        """
        from .exporting import source

        return source(self, to, fetch)

    # Showing.

    def _repr_html_(self) -> str:
        return _table(self.graph, self.check())

    def __repr__(self) -> str:
        name = self.path.name if self.path else "unsaved"
        return f"<Session {name}: {len(self.graph.nodes)} nodes, {self.dtype}>"


def _check_held(given: object, registry: object) -> None:
    refuse_unless(registry, (Registry, NoneType), "the ops of a session are a Registry", hint="none: the built-in ones")
    if given is not None and not isinstance(given, Document | Graph):
        hint = "gw.open(path) opens a file" if isinstance(given, str | Path) else "gw.trace gives a graph"
        raise RunError(f"a session holds a Document or a Graph, got {shown(given)}", hint=hint)


def _table(graph: Graph, checked: Checked) -> str:
    """The nodes of a graph for notebooks: name, op, shape; and its problems."""
    shapes: dict[str, list[str]] = {}
    for source, text in checked.shapes.items():
        shapes.setdefault(source.node, []).append(text)
    rows = []
    for id in graph.order() if shapes or not checked.problems else ():  # one that loops has no order
        cells = (graph.path(id), graph.nodes[id].op, ", ".join(shapes.get(id, ())))
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    problems = "".join(f"<li>{escape(p.text(graph))}</li>" for p in checked.problems)
    head = "<tr><th>node</th><th>op</th><th>shape</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>" + (f"<ul>{problems}</ul>" if problems else "")


def _checked(held: Running) -> Checked:
    """As `Session.check`."""
    graph, registry, training = held.graph, held.registry, held.graph.training
    found = check(graph, registry, describer(held.folder, held.dtype), held.dtype)
    demanded = [*demands(graph, registry, found.inferred)]
    problems = [*found.problems]
    if training is not None:
        from .training.checking import metric_demands, training_problems

        problems += training_problems(graph, registry, training, found.inferred)
        demanded += metric_demands(graph, registry, training, found.inferred)
    problems += value_problems(graph, held.document.values, found.inferred)
    return replace(found, problems=(*problems, *data_problems(graph, held.folder, demanded)))


def _save(session: Session, target: Path) -> str:
    """Write files, and give the digest of the document's."""
    if session.given is not None:
        session.given.save(target.parent)
    return files.save(target, session.graph, session.document.values)


def _given(data: Mapping[str, Any], path: Path | None) -> Given:
    """Arrays that are given to a session. Raises `RunError` where it has a file, `DataError` for what are none."""
    if path is not None:
        hint = "np.savez(file, x=x, y=y) writes one"
        raise RunError(f"data is for a document without a file; {path.name} reads files beside it", hint=hint)
    return Given(data)


def _unknown_settings(graph: Graph) -> Iterator[str]:
    """A line for each setting in a file that nothing here reads: perhaps a later version's, perhaps misspelt."""
    owners: list[tuple[str, Any]] = [(graph.path(id), node) for id, node in graph.nodes.items() if node.extra]
    owners += [(graph.path(id), group) for id, group in graph.groups.items() if group.extra]
    if graph.training is not None:
        owners.append(("training", graph.training))
    for name, owner in owners:
        known = [field.name for field in fields(owner) if field.name != "extra"]
        for key in owner.extra:
            if key == PLUGIN and isinstance(owner, Node):
                continue
            near = get_close_matches(key, known, 1)
            yield f"{name}: nothing here reads the setting {key!r}" + (f" (near: {near[0]})" if near else "")
    layout = graph.extra.get("layout")
    for where, keys, sections in (
        ("the file", graph.extra.keys() - {"layout", "about", "lesson"}, sorted(files.SECTIONS)),
        ("layout", layout.keys() if isinstance(layout, Mapping) else (), sorted(files.LAYOUT_KEYS)),
    ):
        for key in sorted(keys):
            near = get_close_matches(key, sections, 1)
            yield f"{where}: nothing here reads {key!r}" + (f" (near: {near[0]})" if near else "")
