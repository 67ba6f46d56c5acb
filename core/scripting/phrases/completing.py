"""What fits at the cursor: the grammar is read up to it, and says there what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from ...graph import Graph
from ...layers import LAYERS, Layer
from ...ops import Registry
from ...other_names import PARAMETERS, parameter_called
from ...parameters import HIDDEN, shown
from .. import finding
from ..makers import Maker, explicit, other, takes
from .around import Around, Scope
from .forms import VERBS, word
from .grammar import form_of
from .lexing import PhraseError
from .stream import Here

MOST = 12


class Suggestion(NamedTuple):
    """`text` may stand from `start` to `end`; `about` says what it is for."""

    text: str
    about: str
    start: int
    end: int


Offer = tuple[str, str]  # a text, and what it is for


def complete(
    text: str, cursor: int, graph: Graph, registry: Registry, around: Around | None = None
) -> list[Suggestion]:
    """What may stand at the cursor, what begins like the word there first; nothing where no word may stand."""
    scope = Scope(graph, registry, around or Around())
    try:
        form_of(text, lambda path: scope.find(path) is not None, min(max(cursor, 0), len(text)))
    except Here as here:
        return _suggestions(scope, here)
    except PhraseError:
        return []
    return []


def _suggestions(scope: Scope, here: Here) -> list[Suggestion]:
    typed, found = here.token.text, list[tuple[int, int, int, Offer]]()
    for order, (text, about) in enumerate(_offers(scope, here.wanted, here.about)):
        rank = _rank(typed, text)
        if rank is not None and text.strip() != typed:
            found.append((rank, len(text) if typed else 0, order, (text, about)))
    found.sort(key=lambda each: each[:3])
    offers: dict[str, str] = {}
    for *_, (text, about) in found:
        offers.setdefault(text, about)
    return [Suggestion(*offer, here.token.start, here.token.end) for offer in islice(offers.items(), MOST)]


def _rank(typed: str, text: str) -> int | None:
    wanted, given = typed.casefold(), text.strip('"=( ').casefold()
    if given.startswith(wanted):
        return 0 if text.startswith(typed) else 1
    plain = given.replace("_", "")
    return 2 if len(wanted) > 1 and (wanted in given or wanted.replace("_", "") in plain) else None


def _offers(scope: Scope, wanted: str, about: tuple[str, ...]) -> Iterator[Offer]:
    match wanted:
        case "phrase":
            yield from ((f"{verb} ", told) for verb, told in VERBS.items())
            yield from _items(scope)
            yield from _functions(scope)
        case "what" | "link":
            yield from _items(scope) if wanted == "link" else ()
            yield from _makers(scope)
        case "operand" | "argument":
            yield from _items(scope)
            yield from _parameters(scope, *about, call=True)
            yield from _functions(scope)
        case "item" | "item or as":
            yield from [("as ", "the name of the new group")] if wanted != "item" else ()
            yield from _items(scope)
        case "dot":
            yield from ((f".{name} ", told) for name, told in _settings(scope, about[0]))
        case "setting":
            yield from ((f"{name} ", told) for name, told in _settings(scope, about[0]))
        case "parameter":
            yield from _parameters(scope, *about)
        case "link end":
            yield from _parameters(scope, *about)
            yield "as ", "the name of what is added"
            yield "-> ", "into what is named behind it"
        case "output" | "port":
            yield from _ends(scope, about[0], ports=wanted == "port")
        case "value":
            yield from _values(scope, *about)
        case _:
            return


def _items(scope: Scope) -> Iterator[Offer]:
    """Nodes and groups, those of the group that is entered first."""
    graph, group = scope.graph, scope.around.group
    inside = graph.members(group)
    for name, id in inside.items():
        if not graph.is_note(id):
            yield word(name), _kind(graph, id)
    told = set(inside.values())
    for id in (*graph.groups, *graph.nodes):
        if id not in told and not graph.is_note(id):
            yield word(graph.path(id)), _kind(graph, id)


def _kind(graph: Graph, id: str) -> str:
    if id in graph.nodes:
        return graph.nodes[id].op
    built_by = graph.groups[id].built_by
    return "group" if built_by is None else f"layer {built_by.layer}"


def _makers(scope: Scope) -> Iterator[Offer]:
    """Of a name that an op and a layer have the layer first, as it is meant where nothing says more."""
    for maker in (*LAYERS, *scope.registry):
        yield maker.name, _doc(maker)
        if other(maker, scope.registry) is not None:
            yield explicit(maker), _doc(maker)


def _functions(scope: Scope) -> Iterator[Offer]:
    for maker in (*scope.registry, *LAYERS):
        if isinstance(maker, Layer) or (maker.positions or maker.grows):
            yield f"{maker.name}(", _doc(maker)


def _doc(maker: Maker) -> str:
    return maker.doc.partition("\n")[0]


def _parameters(scope: Scope, of: str = "", *_: str, call: bool = False) -> Iterator[Offer]:
    """Of what a name adds; of one that an op and a layer have those of both, in a call those of the op."""
    op, layer = scope.makers(of) if of and scope.sure(of) is None else (None, None)
    for maker in (layer if op is None or not call else None, op):
        if maker is not None:
            yield from _parameters_of(maker)


def _parameters_of(maker: Maker) -> Iterator[Offer]:
    known = {key: each for key, each in maker.parameters.items() if each.role not in HIDDEN}
    for name, parameter in known.items():
        default = f", else {shown(parameter.default)}" if parameter.has_default else ""
        yield f"{name}=", f"{parameter.expected}{default}"
    if isinstance(maker, Layer):
        others = ((said, parameter_called(maker.parameters, said)) for said in PARAMETERS)
        yield from ((f"{said}=", f"another word for {own}") for said, own in others if own in known and own != said)
        return
    yield from ((f"{port.name}=", "port") for port in maker.ports[1:] if not (port.hidden or maker.grows))


def _settings(scope: Scope, path: str) -> Iterable[Offer]:
    found = _makers_of(scope, path)[:1]
    return [(n, p.expected) for maker in found for n, p in maker.parameters.items() if p.role not in HIDDEN]


def _makers_of(scope: Scope, path: str) -> list[Maker]:
    """The op of a node, the layer of a group, else what a name would add."""
    id, graph = scope.sure(path), scope.graph
    found: list[Maker | None]
    if id is None:
        op, layer = scope.makers(path)
        found = [layer, op]
    elif id in graph.nodes:
        found = [scope.registry.get(graph.nodes[id].op)]
    else:
        built_by = graph.groups[id].built_by
        found = [None if built_by is None else LAYERS.get(built_by.layer)]
    return [maker for maker in found if maker is not None]


def _ends(scope: Scope, path: str, ports: bool) -> Iterator[Offer]:
    id = scope.sure(path)
    if id is None:
        return
    graph = scope.graph
    if ports:
        for node, name in finding.entering(graph, scope.registry, id):
            fed = graph.fed(node, name)
            yield name, "port, free" if fed is None else f"port, fed by {graph.path(fed.node)}"
    for source in finding.outputs(graph, scope.registry, id):
        yield source.output, "output"


def _values(scope: Scope, path: str = "", name: str = "") -> Iterator[Offer]:
    for maker in _makers_of(scope, path) if path else ():
        parameter = maker.parameters.get(parameter_called(maker.parameters, name))
        if parameter is not None:
            for value in _choices(parameter.annotation):
                yield str(value).lower() if isinstance(value, bool) else word(str(value)), parameter.expected
        elif takes(maker, name):
            yield from _items(scope)


def _choices(annotation: Any) -> list[Any]:
    if annotation is bool:
        return [True, False]
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [choice for option in get_args(annotation) for choice in _choices(option)]
    return []
