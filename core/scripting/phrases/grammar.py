"""The grammar: from the text of a phrase to its form. Nothing here knows a graph but by the paths that it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...other_names import LIBRARIES
from .forms import KINDS, VERBS, Assign, Chain, Deed, Expression, Form, Let, Link, Negative, Number, Set, Value
from .lexing import LONGEST, PhraseError, UnnamedError, tokens
from .operands import expression, literal, parameter
from .stream import Known, Stream

OTHER_VERBS = {  # what others call ours
    **dict.fromkeys(("del", "delete", "rm", "erase", "drop"), "remove"),
    **dict.fromkeys(("disconnect", "unwire"), "cut"),
    **dict.fromkeys(("mv", "name"), "rename"),
    **dict.fromkeys(("create", "new", "insert"), "add"),
    **dict.fromkeys(("goto", "show"), "go"),
}


def form_of(text: str, known: Known, cursor: int | None = None) -> Form:
    """The form of a phrase; `known` says whether `a/b` is a path. Raises `PhraseError`, at the cursor `Here`."""
    return phrase(Stream(tokens(text, cursor), known))


def phrase(s: Stream) -> Form:
    """The whole phrase."""
    s.here("phrase")
    found = _form(s)
    s.here("sign")
    if s.token.kind != "end":
        if isinstance(found, Assign) and isinstance(found.value, Value) and not found.value.output:
            _refuse_unnamed(s, found.value.path, "a sign must stand between the two", "as in 2*x, sin(x)")
        value_before = s.before.kind in ("word", "text", "number") or s.before.text == ")"
        beside = value_before and (s.token.kind != "sign" or s.token.text == "(")
        verb = isinstance(found, Assign) and isinstance(found.value, Value) and OTHER_VERBS.get(found.value.path)
        if beside and verb:
            s.refuse("a sign must stand between the two", f"or {verb} {s.token.text}")
        s.refuse("a sign must stand between the two" if beside else "nothing more can stand here", "as in 2*x, sin(x)")
    return found


def _form(s: Stream) -> Form:
    if _is_command(s):
        verb = s.token.text
        if verb == "add":
            return _chain(s)
        s.next()
        return _set(s) if verb == "set" else _deed(s, verb)
    if s.ahead("->"):
        return _chain(s)
    if s.is_parameter():
        column, name = s.column, s.next().text
        s.next()
        return _assigned(s, name, column)
    if _adds(s):
        return Chain(((_added(s),),))
    column, value = s.column, expression(s)
    _offer_settings(s, value, "link end")
    name_column = s.behind.column
    name = _new_name(s, "as")
    return _of(name, value, name_column) if name else Assign("", value, column)


def _is_command(s: Stream) -> bool:
    """Whether a verb is at hand with something to do behind it: a node may be called `add` too."""
    verb, behind, third = s.near(3)
    is_verb = verb.kind == "word" and verb.text in VERBS and behind.kind != "sign"
    return is_verb and not (verb.text == "add" and third.kind == "sign" and third.text == "=")  # the op: add y=data.x


def _assigned(s: Stream, name: str, column: int) -> Form:
    """What stands behind `f =`: a number or list, or an expression."""
    start, first = s.place, s.token
    if s.sees("[", "-", "+") or s.token.kind == "number":
        try:
            value = literal(s)
        except PhraseError:
            if first.text == "[":
                raise
        else:
            if s.token.kind == "end":
                return Let(name, value, column)
        s.again(start)
    if _adds(s):
        return Chain(((_added(s, name),),))
    found = expression(s)
    _offer_settings(s, found, "parameter")
    return _of(name, found, column)


def _of(name: str, value: Expression, column: int) -> Form:
    match value:
        case Number(number):
            return Let(name, number, column)
        case Negative(Number(number)):
            return Let(name, -number, column)
        case _:
            return Assign(name, value, column)


def _adds(s: Stream) -> bool:
    """Whether the name of what is added is at hand: one with a parameter or a name for it behind it."""
    skipped = 0  # what stands before the name itself: `layer:`, `torch.nn.`
    while True:
        first, sign, *_ = s.near(skipped + 2)[skipped:]
        if first.text not in (*KINDS, *LIBRARIES) or sign.kind != "sign" or sign.text not in (".", ":"):
            break
        skipped += 2
    name, behind, third = s.near(skipped + 3)[skipped:]
    if any(part.kind not in ("word", "text") for part in (name, behind)):
        return False
    return (behind.kind, behind.text) == ("word", "as") or (third.kind == "sign" and third.text == "=")


def _added(s: Stream, name: str = "") -> Link:
    """`linear units=64 as fc1`, `fc1 = linear units=64`: the same as with `add` before it."""
    link = _link(s)
    if name and link.name:
        raise PhraseError(link.column, f"one name is given, got {name!r} and {link.name!r}", hint="without the as")
    return replace(link, new=True, name=name or link.name)


def _offer_settings(s: Stream, value: Expression, wanted: str) -> None:
    """At the cursor behind a name alone, which may be that of what is added."""
    if isinstance(value, Value) and not value.output:
        s.here(wanted, value.path)


def _is_list(s: Stream) -> bool:
    """Whether a list is at hand: what stands right behind a name would be a part of it, as in other languages."""
    return s.sees("[") and not (s.token.tight and s.before.kind in ("word", "text"))


def _refuse_unnamed(s: Stream, path: str, required: str, hint: str) -> None:
    """Refuse a value that stands where only a parameter can, so that it is told with its name."""
    column, got, values = s.column, s.token.told, list[Any]()
    while s.token.kind == "number" or _is_list(s) or (s.sees("-") and s.behind.kind == "number"):
        values.append(literal(s))
    if values:
        raise UnnamedError(column, f"{required}, got {got}", hint, path, values)


def _chain(s: Stream) -> Chain:
    stages: list[tuple[Link, ...]] = []
    while not stages or s.takes("->"):
        links = [_link(s)]
        while s.takes(","):
            links.append(_link(s))
        stages.append(tuple(links))
    return Chain(tuple(stages))


def _link(s: Stream) -> Link:
    column = s.column
    new = s.sees("add", kind="word") and _is_command(s) and bool(s.next())
    column = s.column if new else column
    path = s.path("an op or a layer" if new else "a node, an op or a layer", "what" if new else "link")
    port = "" if new else s.after_dot("the name of a port or output", "port", path)
    parameters = []
    if s.takes("("):
        while not s.takes(")"):
            s.here("parameter", path)
            if not s.is_parameter():
                _refuse_unnamed(s, path, "a parameter must stand here", f"as in {path}(units=64)")
                s.refuse("a parameter must stand here", f"as in {path}(units=64)")
            parameters.append(parameter(s, path))
            if not s.sees(")") and not s.takes(","):
                s.refuse("a comma or a bracket must stand here", f"as in {path}(units=64)")
    while s.is_parameter():
        parameters.append(parameter(s, path))
    if not port:
        _refuse_unnamed(s, path, "nothing more can stand here", "as in 2*x, sin(x)")
    name = _new_name(s, "as", path) if not port else ""
    s.here("link end", path)
    return Link(path, port, tuple(parameters), name, new, column)


def _new_name(s: Stream, word: str, path: str = "") -> str:
    if not s.takes(word, kind="word"):
        return ""
    s.here("name", path)
    if not s.names():
        s.refuse(f"a name must stand behind {word}")
    return s.next().text


def _set(s: Stream) -> Set:
    column = s.column
    path = s.path("a node or layer", "item")
    s.here("dot", path)
    if not s.sees("."):
        s.refuse("the name of a parameter must stand behind a dot", f"as in set {path}.NAME 64")
    parameter = s.after_dot("the name of a parameter", "setting", path)
    s.takes("=")
    at = s.column
    return Set(path, parameter, literal(s, path, parameter), column, at)


def _deed(s: Stream, verb: str) -> Deed:
    what: list[Value] = []
    most = 1 if verb in ("go", "ungroup", "rename") else LONGEST
    while not what or (len(what) < most and (s.names() or s.token.kind == "cursor")):
        if what and s.sees("as", kind="word"):
            break
        column = s.column
        wanted = "item" if len(what) < 1 or verb != "group" else "item or as"
        path = s.path("a node or group", wanted, verb)
        output = s.after_dot("the name of a port", "port", path) if verb == "cut" else ""
        what.append(Value(path, output, column))
        s.takes(",")
    column = s.column
    if verb == "group":
        return Deed(verb, tuple(what), _new_name(s, "as"), column)
    return _renaming(s, what[0]) if verb == "rename" else Deed(verb, tuple(what))


def _renaming(s: Stream, what: Value) -> Deed:
    s.takes("as", "to", kind="word")
    s.takes("->")
    column = s.column
    s.here("name", what.path)
    if not s.names():
        s.refuse("the new name must stand here", f"as in rename {what.path} hidden")
    return Deed("rename", (what,), s.next().text, column)
