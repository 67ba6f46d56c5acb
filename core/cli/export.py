"""`gradwire export FILE --to torch|numpy|…`: the graph as source that runs without Gradwire, or a prediction."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..exporting import EXPORTERS
from .command import Command, CommandError, add_file, sound


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--to", choices=EXPORTERS.names(), default="torch", help="the language (default: torch)")
    parser.add_argument(
        "--fetch",
        action="append",
        default=[],
        metavar="NAME",
        help="return this value and take only what it needs: a prediction without labels (repeat it for several)",
    )
    parser.add_argument("--out", metavar="PATH", help="write it there; else it is printed")


def _execute(args: argparse.Namespace) -> int:
    source = sound(args.file).source(args.to, args.fetch)
    if args.out is None:
        print(source, end="")
        return 0
    try:
        Path(args.out).write_text(source, "utf-8")
    except OSError as error:
        raise CommandError(f"{args.out} cannot be written: {error.strerror or error}") from error
    return 0


COMMAND = Command("export", "write a graph as source of PyTorch or NumPy", _add_arguments, _execute)
