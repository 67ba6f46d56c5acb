"""From what a run starts, as it was then: for the thread that begins it, and to see later what still is so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.document import Document
from ...core.graph import Graph, Training
from ...core.ops import Registry
from ...core.session import Session
from ..settings import data_folder

if TYPE_CHECKING:
    from ..editor import Editor

Array = np.ndarray[Any, Any]
FREEZE = "freeze"
RUNS = "runs"  # folder of the data folder


@dataclass(frozen=True)
class Start:
    """A document as it is now, and the folder in which runs are kept."""

    graph: Graph
    values: Mapping[str, Array]
    registry: Registry
    path: Path | None
    dtype: str
    device: str
    name: str
    home: Path
    thresholds: Mapping[str, Any]  # of diagnoses, those that are not the usual ones

    @classmethod
    def of(cls, editor: Editor) -> Start:
        """What an editor holds."""
        home, thresholds = editor.training.home or data_folder() / RUNS, editor.training.thresholds
        session, document, path = editor.home, editor.home.document, editor.home.path
        name, how = editor.name if path is None else path.stem, (session.dtype, session.device)
        return cls(document.graph, document.values, session.registry, path, *how, name, home, thresholds)

    def with_graph(self, graph: Graph, values: Mapping[str, Array], path: Path | None) -> Start:
        """The same with another graph, which reads data beside `path`."""
        return replace(self, graph=graph, values=values, path=path)

    def session(self) -> Session:
        """The same as a document of its own, for the thread that works on it."""
        document = Document(self.graph, self.values, self.registry)
        return Session(document, self.path, self.registry, self.dtype, device=self.device)


class RunOrigin:
    """The graph and the values of a run in its document, and the settings and flags that it was told last."""

    def __init__(self, start: Start) -> None:
        self.graph = start.graph
        self.values = start.values  # with those that the run has put into the document
        self.told: Training | None = start.graph.training
        self.seen = self.told  # those of the document since when what is edited there is told
        self.fitted: Mapping[str, Array] = {}  # statistics of preprocessing layers that were measured for the run
        self._looked: tuple[object, ...] = (None, None, None, None)
        self._still = True

    @cached_property
    def parameters(self) -> list[str]:
        """Those that the loss depends on, by id."""
        training, nodes = self.graph.training, self.graph.nodes
        if training is None or training.loss not in nodes:
            return []
        return [id for id in self.graph.ancestors([training.loss]) if nodes[id].op == "parameter"]

    def take_flags(self, graph: Graph) -> None:
        """The run has been told to freeze what is frozen in this graph, and to train the rest."""
        draft = self.graph.draft()
        for id in self.parameters:
            if id in graph.nodes:
                rest, on = draft.nodes[id].flags - {FREEZE}, graph.nodes[id].flags & {FREEZE}
                draft.update(id, flags=rest | on)
        self.graph = draft.freeze()

    def is_still(self, document: Document) -> bool:
        """Whether graph and values of the document are still those: only then may values be put there."""
        looked = (document.graph, document.values, self.graph, self.values)
        if any(old is not new for old, new in zip(self._looked, looked, strict=True)):
            from ...core.evaluating.training import still_as

            self._looked = looked
            self._still = still_as(document, self.graph, self.values, self.parameters)
        return self._still

    def computes_alike(self, graph: Graph) -> bool:
        """Whether an iteration of a graph, as it is trained there, is one of the run."""
        from .changing import settings_between

        training, own, told = graph.training, self.graph.training, self.told
        if training is None or own is None or told is None or training.loss not in graph.nodes:
            return False
        same = graph is self.graph or graph.fingerprint(training.loss) == self.graph.fingerprint(own.loss)
        return same and graph.dtype == self.graph.dtype and settings_between(told, training) == {}

    def mark(self, document: Document) -> str:
        """What the run has no longer in common with the document, "" where nothing."""
        if self.is_still(document):
            return "" if self.computes_alike(document.graph) else "with earlier settings"
        from ...core.evaluating.training import means_as

        alike = means_as(document.graph, self.graph, self.parameters)
        return "from earlier values" if alike else "of an earlier graph"
