"""What a run of the command line was asked for beside its file, kept in its folder for whoever goes on with it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import FileError
from ..files import read_json
from ..files.replacing import replace_file
from ..files.strict_json import to_bytes, write_line
from ..training.folder import CHECKPOINTS
from .command import UNREADABLE, CommandError

ASKED = "asked.json"
USUAL = {"epochs": None, "seed": None, "mode": "static", "dtype": None, "device": "cpu"}
_KINDS = {"epochs": int, "seed": int, "mode": str, "dtype": str, "device": str}


def add_asked(parser: argparse.ArgumentParser) -> None:
    """Let options tell whether they were said."""
    parser.set_defaults(**dict.fromkeys(USUAL))


def take_asked(args: argparse.Namespace) -> dict[str, Any]:
    """Give `args` what is usual where nothing is said; where a run goes on what it was begun with before that, which
    is returned. Raises `CommandError` for what is not readable.
    """
    before = {} if args.resume is None else _read(_folder(Path(args.resume)))
    taken = {name: before[name] for name in USUAL if name in before and getattr(args, name) is None}
    for name, usual in USUAL.items():
        if getattr(args, name) is None:
            setattr(args, name, taken.get(name, usual))
    return taken


def write_asked(folder: Path, args: argparse.Namespace) -> None:
    """Keep what is other than usual in the folder of a run. Raises `FileError`."""
    asked = {name: getattr(args, name) for name, usual in USUAL.items() if getattr(args, name) != usual}
    path, data = folder / ASKED, to_bytes(write_line(asked) + "\n")
    try:
        if not path.exists() or path.read_bytes() != data:
            replace_file(path, data)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error


def _folder(path: Path) -> Path:
    """The folder of the run that --resume names by itself, by its checkpoints or by one of them."""
    inner = path if path.is_dir() else path.parent
    return inner.parent if inner.name == CHECKPOINTS else inner


def _read(folder: Path) -> Mapping[str, Any]:
    path = folder / ASKED
    try:
        found = read_json(path.read_bytes(), str(path))
    except FileNotFoundError:
        return {}
    except (OSError, FileError) as error:
        raise CommandError(f"{path} cannot be read: {error}", status=UNREADABLE) from error
    if not isinstance(found, Mapping) or any(type(value) is not _KINDS.get(name) for name, value in found.items()):
        raise CommandError(f"{path} does not say what a run was asked for", status=UNREADABLE)
    return found
