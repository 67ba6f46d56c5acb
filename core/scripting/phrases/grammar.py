"""The grammar: from the text of a phrase to its form. Nothing here knows a graph but by the paths that it has."""

from __future__ import annotations

from .forms import VERBS, Assign, Chain, Deed, Form, Let, Link, Negative, Number, Set, Value
from .lexing import LONGEST, PhraseError, tokens
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
        beside = s.before.kind in ("word", "text", "number") and s.token.kind != "sign"
        verb = isinstance(found, Assign) and isinstance(found.value, Value) and OTHER_VERBS.get(found.value.path)
        if beside and verb:
            s.refuse("a sign must stand between the two", f"or {verb} {s.token.text}")
        s.refuse("a sign must stand between the two" if beside else "the phrase ends here", "as in 2*x, sin(x)")
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
    return Assign("", expression(s), s.column)


def _is_command(s: Stream) -> bool:
    """Whether a verb is at hand with something to do behind it: a node may be called `add` too."""
    return s.token.kind == "word" and s.token.text in VERBS and s.behind.kind != "sign"


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
    match expression(s):
        case Number(value) | Negative(Number(value)) as found:
            return Let(name, -value if isinstance(found, Negative) else value, column)
        case found:
            return Assign(name, found, column)


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
                s.refuse("a parameter must stand here", f"as in {path}(units=64)")
            parameters.append(parameter(s, path))
            if not s.sees(")") and not s.takes(","):
                s.refuse("a comma or a bracket must stand here", f"as in {path}(units=64)")
    while s.is_parameter():
        parameters.append(parameter(s, path))
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
