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
from .check import Checked, check
from .document import Document
from .errors import RunError
from .feeding import describer
from .graph import Graph, Source
from .limits import data_problems, demands
from .ops import Registry, builtin
from .parameters import shown
from .program import resolve
from .running import Running

if TYPE_CHECKING:
    from .evaluating import Root
    from .stepping import Timeline
    from .training.trainer import Result, Settings, Trainer


class Session(Running):
    """A document, the ops that it may use, and the folder from which it reads data.

    `dtype` overrides the document's. Runs see the values of the document's parameters, or their initial ones.
    """

    def __init__(
        self,
        document: Document | Graph | None = None,
        path: Path | None = None,
        registry: Registry | None = None,
        dtype: str | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        if isinstance(document, Graph):  # as gw.trace gives one
            document = Document(document, registry=registry)
        if registry is None:
            registry = builtin() if document is None else document.registry
        super().__init__(Document(registry=registry) if document is None else document, registry, path, dtype)
        self.notices = tuple(notices)
        self.recovered: files.Recovered | None = None
        self._journal: files.Journal | None = None

    @classmethod
    def open(
        cls, path: str | Path, registry: Registry | None = None, dtype: str | None = None, journal: bool = False
    ) -> Session:
        """The session of a `.gw` or `.gwz` file. Raises `FileError` for one that cannot be read.

        With `journal` edits are written down beside the file until they are saved, and those of a session that
        ended without saving are offered as `recovered`, for `recover` to make again.
        """
        loaded = files.load(Path(path))
        document = Document(loaded.graph, loaded.values, registry)
        notices = (*loaded.notices, *_unknown_settings(loaded.graph))
        session = cls(document, loaded.path, registry, dtype, notices)
        if journal:
            session.recovered = files.recover(loaded.path)
            session._journal = files.Journal(loaded.path, loaded.digest)
            session._journal.attach(document)
        return session

    def recover(self) -> None:
        """Make the edits again that an earlier session did not save, as one entry of the history.

        Raises `RunError` where there are none, `EditError` where they do not fit the file as it is now.
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
        graph, registry, training = self.graph, self.registry, self.graph.training
        found = check(graph, registry, describer(self.folder, self.dtype), self.dtype)
        demanded = [*demands(graph, registry, found.inferred)]
        problems = [*found.problems]
        if training is not None:
            from .training.checking import metric_demands, training_problems

            problems += training_problems(graph, registry, training, found.inferred)
            demanded += metric_demands(graph, registry, training, found.inferred)
        return replace(found, problems=(*problems, *data_problems(graph, self.folder, demanded)))

    def timeline(self, *roots: Root | Source | str, iteration: int = 1) -> Timeline:
        """An iteration of the graph, step by step: forward, backward and, with training settings, its update.

        `roots` are the values whose gradients are taken, as `Root`s with what they start from (none: the loss, or else
        the one number that comes out). Of several, gradients are those of the sum of the roots times their starts.
        """
        from .stepping.recorder import timeline_of

        found = [resolve(self.graph, self.registry, root) if isinstance(root, str) else root for root in roots]
        return timeline_of(self, found, iteration)

    # Training and saving.

    def trainer(self, settings: Settings | None = None) -> Trainer:
        """A training run of this graph as it is now; its `engine` can be given handlers before it runs."""
        from .training.trainer import Settings, Trainer

        settings = settings or Settings()
        if settings.dtype is None and self._dtype is not None:
            settings = replace(settings, dtype=self._dtype)
        return Trainer(self.graph, self.registry, self.document.values, self.folder, settings)

    def train(self, trainer: Trainer | None = None, **settings: Any) -> Result:
        """Train, and put the trained values into the document as one entry of its history.

        Settings: mode, epochs, seed, dtype, out, resume. Raises `GradwireError` for a setting that is not known, and
        for what cannot be trained.
        """
        if trainer is not None:
            _refuse_misfit(trainer, settings)
        trainer = trainer or self.trainer(_read_settings(settings))
        result = trainer.run()
        if not _still_as(self.document, trainer, result):
            raise RunError("the graph was edited while it trained, so its values were left as they are")
        with self.document.transaction("Train", source="training") as t:
            for id, value in result.values.items():
                t.set_values(id, value)
        return result

    def save(self, path: str | Path | None = None) -> Path:
        """Write the document, beside it the values if there are any.

        Raises `FileError`; old files stay whole.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise RunError("the document has no file yet", hint="save(path)")
        digest = files.save(target, self.graph, self.document.values)
        if self._journal is not None:
            self._follow(target, digest)
        self.path = target
        self.document.mark_saved()
        return target

    def _follow(self, target: Path, digest: str) -> None:
        """Let the journal build on the file as it was just saved, which may be another one than before."""
        assert self._journal is not None
        self._journal.clear(digest)
        if target != self.path:
            self._journal.detach()
            self._journal = files.Journal(target, digest)
            self._journal.attach(self.document)

    # Showing.

    def _repr_html_(self) -> str:
        return _table(self.graph, self.check())

    def __repr__(self) -> str:
        name = self.path.name if self.path else "unsaved"
        return f"<Session {name}: {len(self.graph.nodes)} nodes, {self.dtype}>"


def _still_as(document: Document, trainer: Trainer, result: Result) -> bool:
    """Whether what was trained may be put into the document: it means the same, with the values of before."""
    graph, loss = document.graph, trainer.training.loss
    if any(document.values.get(id) is not trainer.values.get(id) for id in result.values):
        return False
    if graph is trainer.graph:
        return True
    known = all(id in graph.nodes for id in (loss, *result.values))
    return known and graph.fingerprint(loss) == trainer.graph.fingerprint(loss)


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


def _refuse_misfit(trainer: Any, settings: Mapping[str, Any]) -> None:
    """Raise `RunError` for settings beside a trainer, and for what is no trainer."""
    from .training.trainer import Trainer

    if settings:
        raise RunError(f"a trainer has its settings already, got {', '.join(settings)} beside it")
    if not isinstance(trainer, Trainer):
        raise RunError(f"train takes a Trainer or settings by name, got {shown(trainer)}", hint="train(epochs=3)")


def _read_settings(settings: Mapping[str, Any]) -> Settings:
    """The settings of a training run. Raises `RunError` for one that is not known or is no path where one belongs."""
    from .training.trainer import Settings

    known = [field.name for field in fields(Settings)]
    for name, value in settings.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"{f'perhaps {near[0]}; ' if near else ''}its settings: {', '.join(known)}"
            raise RunError(f"train has no setting {name!r}", hint=hint)
        if name in ("out", "resume") and not isinstance(value, (str, Path, NoneType)):
            raise RunError(f"train: {name} must be a path, got {shown(value)}")
    return Settings(**settings)


def _unknown_settings(graph: Graph) -> Iterator[str]:
    """A line for each setting in a file that nothing here reads: perhaps a later version's, perhaps misspelt."""
    owners: list[tuple[str, Any]] = [(graph.path(id), node) for id, node in graph.nodes.items() if node.extra]
    if graph.training is not None:
        owners.append(("training", graph.training))
    for name, owner in owners:
        known = [field.name for field in fields(owner) if field.name != "extra"]
        for key in owner.extra:
            near = get_close_matches(key, known, 1)
            yield f"{name}: nothing here reads the setting {key!r}" + (f" (near: {near[0]})" if near else "")
