"""What the names of a script share: the document with its owner, the edits that are being made, and what is computed.

What is read are immutable values, which any thread may take; edited is on the thread that owns the document, and
computed on the script's own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from ..check import Checked, check
from ..document import Transaction
from ..document.edits import Edit
from ..errors import RunError
from ..evaluating import Asked, Evaluated, Evaluator
from ..feeding import describer
from ..graph import Graph, GraphView, Source
from ..graph.draft import Draft
from ..session import Session
from ..stepping.cuts import Cuts
from .host import SOURCE, Host
from .placing import Shapes

Array = np.ndarray[Any, Any]
T = TypeVar("T")


class Workspace:
    """A session as a script has it."""

    def __init__(self, session: Session, host: Host) -> None:
        self.session, self.host, self.registry = session, host, session.registry
        self._open: Transaction | None = None
        self.label = ""  # of the last edit: that of its undo, where it is not part of another
        self._idle: deque[Evaluator] = deque(maxlen=1)  # what computes; whoever takes it has it alone
        self._evaluated: tuple[int, Evaluated] | None = None  # with the version of the registry
        self.shapes = Shapes()  # of what stands there, for the places of what is added
        self._checked: tuple[tuple[Any, ...], Checked] | None = None  # with what it is of

    # Reading.

    @property
    def view(self) -> GraphView:
        """The graph as it stands, within `edits` with those that were made there."""
        return self._open.graph if self._open is not None else self.graph

    @property
    def graph(self) -> Graph:
        """The graph as of the last edit that is done."""
        return self.session.document.graph  # any thread may read it: to ask the owner would be to wait for it

    @property
    def values(self) -> Mapping[str, Array]:
        """The values that are held, by id."""
        return self._open.values if self._open is not None else self.session.document.values

    # Editing.

    def edit(self, label: str, act: Callable[[Transaction], T]) -> T:
        """One undo; within `edits` a part of that."""
        self.label = label
        if self._open is not None:
            return act(self._open)

        def work() -> T:
            with self.session.document.transaction(label, source=SOURCE) as t:
                return act(t)

        return self.host.on_owner(work)

    def replay(self, label: str, edits: Sequence[Edit]) -> None:
        """Make edits just as they are, one undo; within `edits` a part of that."""
        if self._open is not None:
            self._open.apply_all(edits)
        else:
            document = self.session.document
            self.host.on_owner(lambda: document.replay(edits, label, source=SOURCE))

    @contextmanager
    def transaction(self, label: str, source: str = SOURCE, undoable: bool = True) -> Iterator[Transaction]:
        """All edits within as one undo: made on a copy, and all at once where the block ends."""
        if self._open is not None:  # a part of the outer one
            yield self._open
            return
        document = self.session.document
        draft = self.host.on_owner(lambda: Draft(document.graph, document.values))
        self._open = t = Transaction(draft, self.registry, label)
        try:
            yield t
            t.finish()
        finally:
            t.close()
            self._open = None
        if t.edits:
            t.change = self.host.on_owner(lambda: document.replay(t.edits, label, source, undoable))

    def edit_within(self, t: Transaction) -> None:
        """Make all edits in `t`, whose end is up to its owner."""
        self._open = t

    @property
    def editing(self) -> bool:
        """Whether `edits` are being made."""
        return self._open is not None

    def refuse_within_edits(self, what: str) -> None:
        """Raise `RunError` while `edits` are made: nothing is computed of half an edit."""
        if self._open is not None:
            raise RunError(f"{what} within edits({self._open.label!r})", hint="after the block, where they are made")

    # Computing.

    def evaluated(self) -> Evaluated:
        """All values and gradients of the graph as it is now; what has not changed is not computed again.

        Two threads that ask at once do not wait for each other: Stop ends a cell while a completion computes.
        """
        self.refuse_within_edits("no value is computed")
        asked = self.host.on_owner(lambda: Asked.of(self.session, *self.host.roots()))
        kept, version = self._evaluated, self.registry.version  # that changes where a plugin comes, goes or is reloaded
        if kept is not None and kept[0] == version and _alike(kept[1].asked, asked):
            return kept[1]
        evaluator, self._evaluated = self._taken(), None
        found = evaluator.evaluate(asked)
        assert found is not None  # nothing cancels it
        self._evaluated = version, found
        self._idle.append(evaluator)  # one that was cut short by Stop is not used again
        return found

    def _taken(self) -> Evaluator:
        """The evaluator that keeps what was computed before; another one while some thread computes with that."""
        try:
            return self._idle.pop()
        except IndexError:
            return Evaluator(self.registry)

    def checked(self) -> Checked:
        """The problems and shapes of the graph as it is now."""
        self.refuse_within_edits("no shape is known")
        session = self.session
        graph, folder, dtype = self.host.on_owner(lambda: (session.graph, session.folder, session.dtype))
        of, kept = (self.registry.version, folder, dtype), self._checked
        if kept is None or kept[0][0] is not graph or kept[0][1:] != of:
            kept = self._checked = (graph, *of), check(graph, self.registry, describer(folder, dtype), dtype)
        return kept[1]

    def value(self, source: Source) -> Array:
        """The value there, as an array that cannot be written. Raises `RunError` with the reason where there is none.

        Of a parameter it is the one that is held, as far as there is one.
        """
        held = self.values.get(source.node)
        if held is not None:
            return held
        found = self.evaluated()
        array = found.value(source)
        if array is None:
            name, why = self.view.path(source.node), _no_value(self, found, source.node)
            raise RunError(f"{name} has no value: {why}", node=source.node)
        return array

    def gradient(self, source: Source) -> Array:
        """The gradient there of the chosen root, the loss or the one number that comes out. Raises `RunError`."""
        self.value(source)
        found = self.evaluated()
        array = found.gradient(source)
        if array is None:
            name = self.view.path(source.node)
            raise RunError(f"{name} has no gradient: {_no_gradient(self, found, source)}", node=source.node)
        return array

    def contributions(self, source: Source) -> list[tuple[str, Array]]:
        """What each port that reads the value gives back, in the order in which it is added up."""
        self.gradient(source)
        found, graph = self.evaluated(), self.graph
        parts = found.gradients.parts.get(found.tensors[source].slot, [])
        return [(f"{graph.called(node)}.{port}", found.views.of(part)) for node, port, part in parts]


def _alike(before: Asked, now: Asked) -> bool:
    """Whether the same is asked; a document hands on what an edit has not changed."""
    same = before.graph is now.graph and before.values is now.values
    return same and (before.dtype, before.folder, before.roots) == (now.dtype, now.folder, now.roots)


def _no_value(workspace: Workspace, found: Evaluated, node: str) -> str:
    """Why there is none."""
    graph, problems = found.asked.graph, workspace.checked().problems
    above = graph.ancestors([node])
    for id in (each for each in reversed(graph.order()) if each in above):
        told = next((problem for problem in problems if problem.node == id), None)
        why = found.errors.get(id) or found.unfed.get(id) or (told.message if told is not None else "")
        if why:
            port = f".{told.port}" if told is not None and told.port is not None and why == told.message else ""
            return f"{graph.path(id)}{port}: {why}" if port or id != node else why
    valued = {source.node for source in found.tensors}
    unfed = [graph.path(id) for id in graph.order() if id in above - valued and not graph.inputs(id)]
    several = len(unfed) > 1
    names, hint = " and ".join(unfed) or "an input", f"run(fetch, feed={{...}}) feeds {'them' if several else 'one'}"
    return f"{names} {'are' if several else 'is'} given none ({hint})"


def _no_gradient(workspace: Workspace, found: Evaluated, source: Source) -> str:
    """Why there is none."""
    graph = found.asked.graph
    valued, behind = {each.node for each in found.tensors}, graph.descendants([source.node])
    lost = next((id for id in reversed(graph.order()) if id in behind - valued), None)
    cause = "" if lost is None else _no_value(workspace, found, lost)
    if found.gradients.error is not None:
        return found.gradients.error + (f" ({cause})" if cause else "")
    if found.root is None and lost is not None:
        return f"{graph.path(lost)} has no value ({cause})"
    if found.root is None:
        return "nothing says of what; root(...) does, or training(loss=...), where more than one number comes out"
    root, cuts = graph.path(found.root.node), Cuts(found, workspace.registry)
    if cuts.no_start:
        return cuts.no_start
    cut = cuts[source]
    if cut is None and found.root.node not in valued and found.root.node in behind:
        return f"{root} has no value ({_no_value(workspace, found, found.root.node)})"
    if cut is None:
        return f"{root} does not depend on it"
    return f"it is stopped at {graph.path(cut.node)}: {cut.reason}"
