"""The echo of a change: the lines that make it again.

    with edits("Add two layers"):
        relu1 = add("relu", at=(240, 0), x="fc1")
        connect(relu1, "fc2.x")

Each line is made on a copy as it is written, and the whole is held against the graph after the change. Where that is
another, or a change has no names, it is `replay` with the edits as data. So an echo does what it says or is not told.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...document import Change
from ...document.edits import SetValues
from ...errors import GradwireError
from ...graph.draft import Array, Draft
from ...graph.loops import checking_once
from ...session import Session
from ...tracing import expand_label, fuse_label
from ..namespace import NAMES
from .adding import Unsaid
from .comparing import same_graph, same_values
from .draft import Drafted
from .following import Follower
from .spelling import Speller, Thing, Variables, literal

MANY = 2_000  # edits of which no line is sought: they are data
TRAINED = "training"  # the source of the changes of a run
STEPS = {"undo": "undo()", "redo": "redo()"}  # by source


def echo(change: Change, session: Session) -> str:
    """The lines of one change, just made. What it adds is in variables, all else is named by path."""
    return Echo(session).of(change, session.document.values)


def echo_of_entry(session: Session, index: int) -> str | None:
    """The lines of an entry of the history; None where too much lies between it and now."""
    document = session.document
    history = document.history
    entry, position = history.entries[index], history.position
    between = history.entries[min(index, position) : max(index, position)]
    if sum(len(each.edits) for each in (*between, entry)) > MANY:
        return None
    draft = Draft(document.graph, document.values)
    try:
        with checking_once(draft):
            for each in reversed(between) if index < position else between:
                for edit in each.inverses() if index < position else each.edits:
                    edit.apply(draft)
        before, held = draft.freeze(), draft.values
        draft = Draft(before, held)
        with checking_once(draft):
            for edit in entry.edits:
                edit.apply(draft)
    except GradwireError:  # an edit came between that the history does not know
        return None
    semantic = any(edit.semantic for edit in entry.edits)
    change = Change(before, draft.freeze(), entry.edits, entry.label, entry.source, semantic)
    return Echo(session).of(change, draft.values)


class Echo:
    """Tells the changes of one document one after the other; with `remembers` what they add stays in its variable."""

    def __init__(self, session: Session, remembers: bool = False) -> None:
        self._session, self._remembers = session, remembers
        self._variables = Variables(NAMES)

    def of(self, change: Change, values: Mapping[str, Array]) -> str:
        """The lines of a change; `values` are those after it."""
        step = STEPS.get(change.source)
        if step is not None:
            return step
        if change.source == TRAINED and change.label == "Train":
            return "train()"
        if not self._remembers:
            self._variables = Variables(NAMES)
        return self._expanded(change) or self._lines(change, values) or as_data(change)

    def _lines(self, change: Change, values: Mapping[str, Array]) -> str | None:
        """In the names of scripts, None where that is not possible."""
        if len(change.edits) > MANY:
            return None
        held = dict(self._variables.by_id)
        drafted = Drafted(self._session, change.before, _before(change, values), self._variables)
        try:
            Follower(drafted, change.before, change.after, values).follow(change.edits, change.label)
            graph = same_graph(drafted.t.graph, change.after, drafted.here, self._session.registry)
            if drafted.lines and graph and same_values(drafted.t.values, values, drafted.here):
                return _block(drafted.lines, change.label, drafted.workspace.label)
        except (Unsaid, GradwireError, ValueError):
            pass
        self._variables.by_id = held
        return None

    def _expanded(self, change: Change) -> str | None:
        """`expand("softmax1")`, `fuse("softmax1")`: what that makes is up to the op."""
        before, after = change.before, change.after
        for verb, old, new, label in (
            ("expand", before.nodes, after.groups, expand_label),
            ("fuse", before.groups, after.nodes, fuse_label),
        ):
            for id in old.keys() & new.keys():
                if change.label == label(before.item(id).name):
                    return f"{verb}({Speller(before, self._variables).text(Thing(id))})"
        return None


def as_data(change: Change) -> str:
    """`replay("Label", [edits])`."""
    edits = [edit.to_json() for edit in change.edits]
    lines = ",\n    ".join(literal(_plain(edit)) for edit in edits)
    return f"replay({literal(change.label)}, [\n    {lines},\n])"


def _plain(value: object) -> object:
    """JSON as Python's own lists and mappings."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _block(lines: list[str], label: str, made: str) -> str:
    """One line whose own label is that of the change stands alone; all others are within `edits`."""
    if len(lines) == 1 and made == label:
        return lines[0]
    return "\n    ".join([f"with edits({literal(label)}):", *lines])


def _before(change: Change, values: Mapping[str, Array]) -> dict[str, Array]:
    """The values before a change."""
    held = dict(values)
    for edit in reversed(change.edits):
        if isinstance(edit, SetValues):
            held.pop(edit.id, None)
            if edit.old is not None:
                held[edit.id] = edit.old
    return held
