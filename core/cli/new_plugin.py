"""`gradwire new-plugin NAME [FOLDER]`: a plugin to begin with, whose tests pass."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..plugins import plugins
from ..plugins.template import write
from .command import Command


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what it is called: small letters, digits and _")
    told = "in which its own folder is made (default: your folder of plugins, from which it is loaded)"
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, help=told)


def _execute(args: argparse.Namespace) -> int:
    folder = plugins().folder if args.folder is None else args.folder
    made = write(args.name, folder)
    print(f"{made}\n  its op: {made / f'gradwire_{args.name}' / 'ops.py'}\n  its tests: cd {made} && pytest")
    return 0


COMMAND = Command("new-plugin", "make a plugin with one op and tests that pass", _add_arguments, _execute)
