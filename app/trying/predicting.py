"""What is predicted of the sample that is tried; all of it beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...core.errors import GradwireError
from ...core.evaluating.one_sample import OneSample
from ...core.graph import Graph, Source
from ...core.ops import Registry
from ..bridge import Request
from ..plots.data import Samples
from ..results.fed import Fed
from ..training.predicting import values_of
from .making import Given, Tried, make
from .subject import Subject, dataset_of, subject_of

if TYPE_CHECKING:
    from ...core.runs import Run
    from ...core.runs.snapshots import SnapshotReader

Array = np.ndarray[Any, Any]
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"}  # for characters that cannot be seen
NO_DATA = "no dataset node: one says what inputs look like"


class Wanted(NamedTuple):
    """A document as it is now, what is tried, and the run whose values are newer, if there is one."""

    graph: Graph
    registry: Registry
    folder: Path | None
    dtype: str
    values: Mapping[str, Array]
    given: Given | None
    run: Run | None


class Seen(NamedTuple):
    """What came of it. `refused` says in a line what was given that is no sample, or why nothing is predicted.

    `values` of parameters are those of a run at `iteration`; none where they are the document's.
    """

    subject: Subject | None = None
    tried: Tried | None = None
    samples: Samples | None = None  # the one that is tried, and what is predicted of it
    refused: str = ""
    values: Mapping[str, Array] = MappingProxyType({})
    iteration: int = 0

    @property
    def fed(self) -> Fed | None:
        """What a graph is fed in the place of its data, None where there is nothing; the target where it is known."""
        if self.subject is None or self.tried is None:
            return None
        x, y = Source(self.subject.node, "x"), Source(self.subject.node, "y")
        arrays = {x: self.tried.x} if self.tried.y is None else {x: self.tried.x, y: self.tried.y}
        return Fed(arrays, self.values, self.iteration)


class Trier:
    """Keeps from one look to the next what has not changed. Belongs to the thread that it is asked on."""

    def __init__(self) -> None:
        self._subject: tuple[tuple[Any, ...], Subject] | None = None
        self._network: tuple[tuple[Any, ...], OneSample] | None = None
        self._reader: tuple[Path, SnapshotReader] | None = None

    def look(self, wanted: Wanted, request: Request) -> Seen:
        """See what there is to be tried, and what is predicted of what was given."""
        id = dataset_of(wanted.graph)
        if id is None:
            return Seen(refused=NO_DATA)
        seen = Seen()
        try:
            subject = self._subject_of(wanted, id)
            seen = Seen(subject)
            if wanted.given is None or request.cancelled:
                return seen
            seen = seen._replace(tried=make(subject, wanted.given))
            network = self._network_of(wanted, subject)
            values, iteration = self._values(wanted.run, network)
            seen = seen._replace(values=values, iteration=iteration)
            return seen._replace(samples=_predicted(network, seen, {**wanted.values, **values}))
        except GradwireError as error:
            return seen._replace(refused=str(error))

    def _subject_of(self, wanted: Wanted, id: str) -> Subject:
        from ...core.data import prepare

        node = wanted.graph.nodes[id]
        key = id, node.params, prepare(node.params, wanted.folder), wanted.dtype
        if self._subject is None or any(a is not b and a != b for a, b in zip(self._subject[0], key, strict=True)):
            self._subject = key, subject_of(wanted.graph, id, wanted.folder, wanted.dtype)
        return self._subject[1]

    def _network_of(self, wanted: Wanted, subject: Subject) -> OneSample:
        key = wanted.graph, wanted.registry, wanted.folder, wanted.dtype, subject
        if self._network is None or any(a is not b for a, b in zip(self._network[0], key, strict=True)):
            made = OneSample(*key[:4], subject.node, subject.classes)
            self._network = key, made
        return self._network[1]

    def _values(self, run: Run | None, network: OneSample) -> tuple[Mapping[str, Array], int]:
        """Those that a run has published last; none where it has not, or not all that the prediction needs."""
        from ...core.runs.snapshots import SnapshotReader

        if run is None:
            return {}, 0
        if self._reader is None or self._reader[0] != run.record.path:
            self._reader = run.record.path, SnapshotReader(run.record.path)
        snapshot = self._reader[1].read()
        if snapshot is None:
            return {}, 0
        values = values_of(run.graph, run.record.values, snapshot)
        return (values, snapshot.iteration) if all(id in values for id in network.parameters) else ({}, 0)


def _predicted(network: OneSample, seen: Seen, values: Mapping[str, Array]) -> Samples:
    subject, tried = seen.subject, seen.tried
    assert subject is not None
    assert tried is not None
    shares = network.predict(tried.x, values, places=subject.kind == "text")
    target = np.full(1, np.nan) if tried.y is None else tried.y.reshape(-1)[-1:].astype(np.float64)
    classes = subject.classes if len(subject.classes) == shares.shape[1] else ()
    if subject.kind == "text":
        classes = tuple(SIGNS.get(letter, letter) for letter in classes)
    return Samples(shares, target, tried.own[None], None, classes)
