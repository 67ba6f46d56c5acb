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
from .around import LAYER, Around, Maker, Scope
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
            yield from _parameters(scope, *about)
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
    for maker in (*LAYERS, *scope.registry):
        both = isinstance(maker, Layer) and maker.name in scope.registry.names()
        yield f"{LAYER * both}{maker.name}", _doc(maker)


def _functions(scope: Scope) -> Iterator[Offer]:
    for maker in (*scope.registry, *LAYERS):
        if isinstance(maker, Layer) or (maker.positions or maker.grows):
            yield f"{maker.name}(", _doc(maker)


def _doc(maker: Maker) -> str:
    return maker.doc.partition("\n")[0]


def _parameters(scope: Scope, of: str = "", *_: str) -> Iterator[Offer]:
    maker = scope.maker(of) if of and scope.sure(of) is None else None
    known = {} if maker is None else {key: each for key, each in maker.parameters.items() if key not in HIDDEN}
    for name, parameter in known.items():
        default = f", else {shown(parameter.default)}" if parameter.has_default else ""
        yield f"{name}=", f"{parameter.expected}{default}"
    if isinstance(maker, Layer):
        others = ((other, parameter_called(maker.parameters, other)) for other in PARAMETERS)
        yield from ((f"{other}=", f"another word for {own}") for other, own in others if own in known and own != other)


def _settings(scope: Scope, path: str) -> Iterable[Offer]:
    maker = _maker_of(scope, path)
    return [] if maker is None else [(n, p.expected) for n, p in maker.parameters.items() if n not in HIDDEN]


def _maker_of(scope: Scope, path: str) -> Maker | None:
    """The op of a node, the layer of a group, else what a name would add."""
    id, graph = scope.sure(path), scope.graph
    if id is None:
        return scope.maker(path)
    if id in graph.nodes:
        return scope.registry.get(graph.nodes[id].op)
    built_by = graph.groups[id].built_by
    return None if built_by is None else LAYERS.get(built_by.layer)


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
    maker = _maker_of(scope, path) if path else None
    parameter = None if maker is None else maker.parameters.get(parameter_called(maker.parameters, name))
    if parameter is None:
        return
    for value in _choices(parameter.annotation):
        yield str(value).lower() if isinstance(value, bool) else word(str(value)), parameter.expected


def _choices(annotation: Any) -> list[Any]:
    if annotation is bool:
        return [True, False]
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [choice for option in get_args(annotation) for choice in _choices(option)]
    return []
