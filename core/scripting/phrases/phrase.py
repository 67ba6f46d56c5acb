"""A phrase that has been read: what it will do, in words, and how."""

from __future__ import annotations

from typing import NamedTuple

from ...document import Transaction
from ...graph import Graph
from ...graph.draft import Draft
from ...layers import Layer
from ...ops import Registry
from ...parameters import HIDDEN
from . import assigning, doing
from .around import Around, Scope, listed, placed
from .doing import Act, Done
from .forms import Assign, Chain, Deed, Form, Let, Set, literal, spelled
from .grammar import form_of
from .lexing import PhraseError, UnnamedError

EVERYTHING = "all"
READ = ("in_features", "in_channels")  # what follows from what a layer reads


class Phrase(NamedTuple):
    """`act` does it within a transaction whose undo is called `label`; None where nothing is edited.

    `told` says what it will do. `shows` are the ids that `select` and `go` are about; `goes`: to be looked at.
    """

    text: str
    label: str
    told: str
    act: Act | None = None
    shows: tuple[str, ...] = ()
    goes: bool = False


def read(text: str, graph: Graph, registry: Registry, around: Around | None = None) -> Phrase:
    """The phrase that a text is, tried on a copy. Raises `PhraseError`: what is wrong, where, what would fit."""
    scope = Scope(graph, registry, around or Around())
    try:
        form = form_of(text, lambda path: scope.find(path) is not None)
    except UnnamedError as error:
        raise _with_names(scope, error) from None
    if isinstance(form, Deed) and form.verb in ("select", "go"):
        return _shown(scope, form)
    label, act = _act_of(scope, form)
    done = tried(scope, label, act)
    return Phrase(spelled(form), label, done.told, act)


def _with_names(scope: Scope, error: UnnamedError) -> PhraseError:
    """How that is written which stands without the names of its parameters, where what is added has them."""
    makers = scope.makers(error.path) if scope.sure(error.path) is None else ()
    for maker in (each for each in reversed(makers) if each is not None):
        names = [name for name, each in maker.parameters.items() if each.role not in HIDDEN]
        if len(error.values) == 1 and isinstance(maker, Layer):
            wanted = [name for name in names if not maker.parameters[name].has_default]
            names = [name for name in wanted if name not in READ] or wanted or names
        if len(error.values) <= len(names):
            said = " ".join(f"{name}={literal(value)}" for name, value in zip(names, error.values, strict=False))
            message = f"the name of a parameter must stand before {literal(error.values[0])}"
            return PhraseError(error.column, message, hint=f"as in {error.path} {said}")
    return error


def tried(scope: Scope, label: str, act: Act) -> Done:
    """What an act would do: done on a copy. Raises `PhraseError`."""
    t = Transaction(Draft(scope.graph, scope.around.values), scope.registry, label)
    try:
        with placed(1):
            done = act(t)
            t.finish()
    finally:
        t.close()
    return done


def _act_of(scope: Scope, form: Form) -> tuple[str, Act]:
    match form:
        case Chain():
            return doing.chain(scope, form)
        case Assign():
            return assigning.assign(scope, form)
        case Let():
            return assigning.let(scope, form)
        case Set():
            return doing.put(scope, form)
        case Deed():
            return doing.deed(scope, form)


def _shown(scope: Scope, form: Deed) -> Phrase:
    graph, group = scope.graph, scope.around.group
    first = form.what[0]
    if form.verb == "select" and first.path == EVERYTHING and scope.sure(EVERYTHING) is None:
        ids = list(graph.members(group).values())
        if not ids:
            raise PhraseError(first.column, "there is nothing to select")
        return Phrase(spelled(form), "", f"selects all {len(ids)}", shows=tuple(ids))
    ids = list(dict.fromkeys(scope.item(each.path, each.column) for each in form.what))
    names = [graph.item(id).name for id in ids]
    goes = form.verb == "go"
    told = f"goes to {names[0]}" if goes else f"selects {listed(names[:8])}{' …' * (len(names) > 8)}"
    return Phrase(spelled(form), "", told, shows=tuple(ids), goes=goes)
