"""`gradwire list [KIND] [NAME]`: optimisers, metrics, layers and all else that can be named, with their settings."""

from __future__ import annotations

import argparse
from typing import Any

from ..near import near as near_names
from ..other_names import differs, suggested
from .catalogue import KINDS, Entry, called, kind_meant, meant_by, of_kind, speaking_of
from .command import Command, CommandError, add_json
from .ops import card
from .output import json_line, table


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", nargs="?", help=f"{', '.join(KINDS)}; or a name of any kind, or a word")
    parser.add_argument("name", metavar="NAME", nargs="?", help="one of that kind, such as adam")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    if args.kind is None:
        rows = [(name, f"{len(of_kind(name)):>3}  {kind.doc}") for name, kind in KINDS.items()]
        print(_kinds_json() if args.json else table(rows))
        return 0
    kind = kind_meant(args.kind)
    if args.name is None and kind is not None and not called(args.kind):
        found = of_kind(kind)
        told = [json_line(_data(entry)) for entry in found] if args.json else [_list(found)]
    else:
        kind, name = [kind or args.kind, args.name] if args.name is not None else [None, args.kind]
        found = _named(kind, name)
        if not found:
            print(_speaking(kind, name, args.json))
            return 0
        told = [json_line(_data(entry)) if args.json else _card(entry) for entry in found]
        told += [f"not as {name}: {differs(name)}"] * bool(differs(name) and not args.json)
    print(("\n" if args.json else "\n\n").join(told))
    return 0


def _named(kind: str | None, name: str) -> list[Entry]:
    """What bears a name, of one kind or of any. Raises `CommandError` for a kind that is none."""
    if kind is not None and kind not in KINDS:
        raise CommandError(f"there is no kind {kind!r} (kinds: {', '.join(near_names(kind, KINDS) or KINDS)})")
    own = called(name) if kind is None else [each for each in of_kind(kind) if each.name == name]
    return own or meant_by(name, kind)


def _speaking(kind: str | None, name: str, as_json: bool) -> str:
    """What speaks of a word that is no name. Raises `CommandError` with what is called nearly so."""
    if found := speaking_of(name, kind):
        rows = [(f"{entry.name} ({KINDS[entry.kind].one})", entry.line) for entry in found]
        return "\n".join(json_line(_data(entry)) for entry in found) if as_json else table(rows)
    known = [each.name for each in _all(kind)]
    near = suggested(name, "", dict.fromkeys([*known, *(KINDS if kind is None else ())]))
    what = "nothing" if kind is None else f"none of the {kind}"
    raise CommandError(f"{what} is called {name!r} ({', '.join(near) or 'gradwire list tells what there is'})")


def _all(kind: str | None) -> list[Entry]:
    return [entry for each in (KINDS if kind is None else [kind]) for entry in of_kind(each)]


def _list(entries: list[Entry]) -> str:
    return table([(entry.name, entry.line) for entry in entries])


def _card(entry: Entry) -> str:
    """Everything about an entry."""
    if entry.op is not None:
        return card(entry.op)
    rows = [("kind", KINDS[entry.kind].one)]
    rows += [("name", entry.title)] * bool(entry.title) + [("formula", entry.formula)] * bool(entry.formula)
    rows += entry.facts
    settings = [setting.text for setting in entry.settings] or ["none"]
    rows += [("" if i else "settings", setting) for i, setting in enumerate(settings)]
    return f"{entry.name}\n\n{entry.doc}\n\n{table(rows)}"


def _data(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        "title": entry.title or entry.name,
        "doc": entry.doc,
        "formula": entry.formula,
        "settings": [setting.to_json() for setting in entry.settings],
        **dict(entry.facts),
    }


def _kinds_json() -> str:
    return "\n".join(json_line({"kind": name, "doc": kind.doc}) for name, kind in KINDS.items())


COMMAND = Command("list", "list optimisers, metrics, layers, data sets and more, or show one", _add_arguments, _execute)
