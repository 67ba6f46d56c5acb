"""What a form does to a graph: the acts of phrases, each made for one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...document import Transaction
from ...errors import EditError
from ...graph import Source, Wire
from ...layers import Layer, rebuild
from ...other_names import parameter_called
from ...parameters import HIDDEN
from .. import finding
from ..makers import LAYER, OP, in_words, other
from ..setting import refuse_unless_numbers
from .around import Meant, Scope, called, listed, placed
from .forms import Chain, Deed, Link, Set, literal, word
from .lexing import PhraseError
from .making import Made, New, make, of_ports

Wiring = tuple[Source | int, Link]  # a value, and what is there that it goes into


class Done(NamedTuple):
    """What an act did: the ids of what it made or is about, and what it did in words."""

    ids: list[str]
    told: str


Act = Callable[[Transaction], Done]


def chain(scope: Scope, form: Chain) -> tuple[str, Act]:
    """Add what is not there, and wire each value into what stands behind it."""
    news: list[New] = []
    wirings: list[Wiring] = []
    before: list[tuple[Link, Source | int]] = []
    for depth, stage in enumerate(form.stages):
        now: list[tuple[Link, Source | int]] = []
        for link in stage:
            id = None if link.new or link.parameters or link.name else scope.sure(link.path)
            if id is None and _is_name(scope, link, before, depth == len(form.stages) - 1):
                _name_last(scope, news, before, link)
                continue
            if id is None:
                now.append((link, len(news)))
                news.append(_new(scope, link, [of for _, of in before]))
                continue
            wirings += [(of, link) for _, of in before]
            _stand_before(news, before, id)
            last = depth == len(form.stages) - 1
            if not last:
                now.append((link, scope.source(link.path, "" if depth else link.port, link.column)))
        before = now

    def act(t: Transaction) -> Done:
        made = make(t, scope, news)
        told = [_added(scope, t, news, made)] if news else []
        for of, link in wirings:
            with placed(link.column):
                told.append(_wire(t, scope, made.source(of, link.column), link))
        return Done(made.ids or list(dict.fromkeys(scope.item(link.path, 1) for _, link in wirings)), "; ".join(told))

    return _label(form, news), act


def _is_name(scope: Scope, link: Link, before: list[tuple[Link, Source | int]], last: bool) -> bool:
    """Whether the last link is a name for what was added before it, as nothing is called so."""
    plain = not (link.new or link.parameters or link.name or link.port or "/" in link.path)
    return plain and last and len(before) == 1 and isinstance(before[0][1], int) and scope.maker(link.path) is None


def _name_last(scope: Scope, news: list[New], before: list[tuple[Link, Source | int]], link: Link) -> None:
    new = news[before[0][1]]  # type: ignore[index] # it is the place of a new one
    if new.name:
        raise scope.unknown(link.path, link.column)
    new.name = link.path


def _new(scope: Scope, link: Link, before: list[Source | int]) -> New:
    found = scope.makers(link.path)
    if found.first is None:
        _refuse_what_is_there(scope, link)
        if not link.new and not link.path.startswith((LAYER, OP)):
            raise scope.unknown(link.path, link.column)
        found = scope.makers_called(link.path, link.column)
    made = found.fitting([name for name, _ in link.parameters], len(before))
    assert made is not None
    if link.port:
        raise PhraseError(
            link.column, f"there is no node {link.path!r}", hint=f"add {link.path} as NAME, then NAME.{link.port}"
        )
    inputs, parameters = of_ports(scope, made, dict(link.parameters), link.column)
    return New(made, parameters, link.name, [*((None, of) for of in before), *inputs], link.column)


def _refuse_what_is_there(scope: Scope, link: Link) -> None:
    """Say of what is there why it is not meant, and how that is written which is."""
    if scope.find(link.path) is None and not scope.alike(link.path):
        return
    named = f"{link.path!r} is there, no op or layer is called so"
    if link.parameters:
        name, value = link.parameters[0]
        raise PhraseError(link.column, named, hint=f"set {word(link.path)}.{word(name)} {literal(value)} sets it")
    if link.name:
        raise PhraseError(link.column, named, hint=f"rename {word(link.path)} {word(link.name)} gives another name")
    scope.source(link.path, "", link.column)


def _stand_before(news: list[New], before: list[tuple[Link, Source | int]], id: str) -> None:
    """What nothing feeds stands left of what it feeds."""
    for _, of in before:
        if isinstance(of, int) and not news[of].inputs:
            news[of].before = id


def _wire(t: Transaction, scope: Scope, source: Source, link: Link) -> str:
    view, id = t.graph, scope.item(link.path, link.column)
    if not link.port:
        _refuse_full(t, scope, link, id)
    places = finding.places(view, scope.registry, Meant(id), link.port or None)
    told = []
    for target, port in places:
        old = view.fed(target, port)
        instead = "" if old in (None, source) else f" in the place of {called(scope, view, old)}"
        told.append(f"wires {called(scope, view, source)} into {view.path(target)}.{port}{instead}")
        t.connect(source, target, port)
    return "; ".join(told)


def _refuse_full(t: Transaction, scope: Scope, link: Link, id: str) -> None:
    """Say of a node all of whose ports are fed which may be taken."""
    op, fed = scope.registry.get(t.graph.node(id).op) if id in t.graph.nodes else None, t.graph.inputs(id)
    names = [] if op is None or op.grows else [name for name in op.port_names(len(op.ports)) if op.has_port(name)]
    if names and all(name in fed for name in names):
        hint = f"{link.path}.{names[0]} takes the place of {called(scope, t.graph, fed[names[0]])}"
        hint += f", add {link.path} makes a new one" * (scope.maker(link.path) is not None)
        raise PhraseError(link.column, f"{link.path} has no free port", hint=hint)


def _label(form: Chain, news: list[New]) -> str:
    if news:
        return f"Add {listed([new.name or new.maker.name for new in news][:3])}{' …' * (len(news) > 3)}"
    (first, *_), *_, (last, *_) = form.stages
    return f"Connect {first.path} to {last.path}{f'.{last.port}' * bool(last.port)}"


def _added(scope: Scope, t: Transaction, news: list[New], made: Made) -> str:
    """What was added, in words."""
    words = []
    for place, (new, id) in enumerate(zip(news, made.ids, strict=True)):
        name, kind = t.graph.item(id).name, new.maker.name
        text = name if name.startswith(kind) else f"{kind} {name}"
        if other(new.maker, scope.registry) is not None:
            text = in_words(new.maker) + f" {name}" * (name != kind)
        text += made.guessed(place)
        read = list(dict.fromkeys(called(scope, t.graph, made.source(of, 1)) for _, of in new.inputs))
        words.append(text + f" of {' and '.join(read)}" * bool(read))
    return f"adds {', '.join(words[:6])}{f' and {len(words) - 6} more' * (len(words) > 6)}"


def put(scope: Scope, form: Set) -> tuple[str, Act]:
    """Set a parameter of a node, or of the layer that built a group."""
    id = scope.item(form.path, form.column)
    view = scope.graph
    if id in view.groups:
        built_by = view.group(id).built_by
        maker = None if built_by is None else scope.maker(LAYER + built_by.layer)
        if maker is None:
            raise PhraseError(form.column, f"{form.path} was built by hand, and has no parameters of its own")
    else:
        maker = scope.registry.get(view.node(id).op)
    name = form.parameter if maker is None else parameter_called(maker.parameters, form.parameter)
    if maker is not None and name not in maker.parameters:
        known = ", ".join(key for key, each in maker.parameters.items() if each.role not in HIDDEN) or "none"
        raise PhraseError(
            form.column, f"{maker.name} has no parameter {form.parameter!r}", hint=f"its parameters: {known}"
        )

    def act(t: Transaction) -> Done:
        with placed(form.value_column):
            value = form.value
            if isinstance(maker, Layer):
                rebuild(t, id, **{name: value})
            else:
                refers = maker is not None and maker.reference == name and isinstance(value, str)
                refuse_unless_numbers(maker, name, value)
                t.set_param(id, name, scope.item(value, form.value_column) if refers else value)
        return Done([id], f"sets {name} of {view.item(id).name} to {form.value}")

    return f"Set {name} of {view.item(id).name}", act


def deed(scope: Scope, form: Deed) -> tuple[str, Act]:
    """Remove, cut, rename, group or ungroup."""
    view = scope.graph
    ids = list(dict.fromkeys(scope.item(each.path, each.column) for each in form.what))
    names = [view.item(id).name for id in ids]
    some, column = names[0] if len(ids) == 1 else f"{len(ids)} nodes", form.what[0].column
    match form.verb:
        case "remove":
            return f"Delete {some}", _plainly(
                column, ids, f"removes {listed(names)}", lambda t: t.remove(*ids), gone=True
            )
        case "rename":
            told = f"calls {names[0]} {form.name}"
            label = f"Rename {names[0]} to {form.name}"
            return label, _plainly(form.column, ids, told, lambda t: t.rename(ids[0], form.name))
        case "ungroup":
            if ids[0] not in view.groups:
                raise PhraseError(column, f"{names[0]} is a node, a group is wanted")
            return f"Ungroup {some}", _plainly(column, ids, f"ungroups {some}", lambda t: t.ungroup(ids[0]), gone=True)
        case "group":

            def group(t: Transaction) -> Done:
                with placed(form.column if form.name else column):
                    new = t.group(ids, form.name or None)
                return Done([new], f"groups {listed(names)} as {t.graph.item(new).name}")

            return f"Group {some}", group
        case _:
            return _cut(scope, form)


def _plainly(column: int, ids: list[str], told: str, do: Callable[[Transaction], object], gone: bool = False) -> Act:
    def act(t: Transaction) -> Done:
        with placed(column):
            do(t)
        return Done([] if gone else ids, told)

    return act


def _cut(scope: Scope, form: Deed) -> tuple[str, Act]:
    view = scope.graph
    wires: dict[tuple[str, str], Wire] = {}
    for each in form.what:
        id = scope.item(each.path, each.column)
        with placed(each.column):
            found = finding.wires_at(view, scope.registry, Meant(id), each.output or None)
            if not found:
                what = f"{each.path}.{each.output}" if each.output else each.path
                raise EditError(f"there is no wire at {what}")
        wires |= {(wire.target, wire.port): wire for wire in found}
    told = [
        f"{called(scope, view, wire.source)} to {view.node(wire.target).name}.{wire.port}" for wire in wires.values()
    ]

    def act(t: Transaction) -> Done:
        with t.step():
            for target, port in wires:
                t.disconnect(target, port)
        return Done([], f"cuts {listed(told[:6])}{' …' * (len(told) > 6)}")

    return f"Cut {told[0] if len(told) == 1 else f'{len(told)} wires'}", act
