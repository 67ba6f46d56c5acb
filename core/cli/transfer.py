"""`gradwire transfer FILE --from OTHER --out NEW`: values of another network, by name and shape, into a graph."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..files.importers import read_values, suffixes
from ..files.transferring import Match, match, parse_choices, transfer, unused
from ..layers.heads import new_head
from ..session import Session
from .command import Command, CommandError, add_file, add_json, opened, reading
from .output import counted, json_line, table

Array = np.ndarray[Any, Any]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument(
        "--from", dest="source", required=True, metavar="OTHER", help=f"a file of values: {', '.join(suffixes())}"
    )
    parser.add_argument("--out", metavar="NEW", help="write the graph with these values here; else it is only told")
    parser.add_argument(
        "--map",
        dest="choices",
        action="append",
        default=[],
        metavar="A=B",
        help="parameter A is given value B; B.T: transposed; A=: nothing (repeat it for several)",
    )
    parser.add_argument("--freeze", action="store_true", help="do not train further what was loaded")
    parser.add_argument("--head", type=int, metavar="N", help="give the last layer before the loss N outputs, anew")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    session = opened(args.file)
    with reading(args.source):
        values = read_values(Path(args.source))
    head: Sequence[str] = ()
    if args.head is not None:
        with session.document.transaction("New head") as t:
            head = new_head(t, args.head).parameters
    matches = match(session.graph, values, {**dict.fromkeys(head, ""), **_choices(session, args.choices)})
    beside = unused(matches, values)
    if args.json:
        _print_json(matches, beside, values)
    else:
        _print_table(matches, beside, values, args.source)
    with session.document.transaction("Load values") as t:
        loaded = transfer(t, matches, values, args.freeze)
    if args.out is None:
        return 0
    target = Path(args.out)
    if session.path is not None and target.resolve() == session.path.resolve():
        raise CommandError(f"--out must be another file than {session.path.name}, which would be overwritten")
    saved = session.save(target)
    if not args.json:
        print(f"{counted(loaded, 'value')} loaded{', frozen' * args.freeze}: {saved}")
    return 0


def _choices(session: Session, texts: Sequence[str]) -> Mapping[str, str]:
    return {session.graph.resolve(name): source for name, source in parse_choices(texts).items()}


def _print_table(matches: Sequence[Match], beside: Sequence[str], values: Mapping[str, Array], source: str) -> None:
    rows = [(each.path, _told(each, values)) for each in matches]
    rows += [(f"{source}: {name}", f"{values[name].shape}  not used") for name in beside]
    print(table(rows))


def _told(each: Match, values: Mapping[str, Array]) -> str:
    if each.loads:
        return f"{each.shape}  <- {each.source}  ({each.how})"
    return f"{each.shape}  stays: {each.reason or 'nothing was chosen for it'}"


def _print_json(matches: Sequence[Match], beside: Sequence[str], values: Mapping[str, Array]) -> None:
    for each in matches:
        source = each.source if each.loads else None
        told = {"parameter": each.path, "shape": each.shape, "from": source, "how": each.how, "reason": each.reason}
        print(json_line(told))
    for name in beside:
        print(json_line({"unused": name, "shape": values[name].shape}))


COMMAND = Command("transfer", "load values of another network by name and shape", _add_arguments, _execute)
