"""What every command shares: how it is described, how it opens a file, and how it refuses."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..backends import devices
from ..check import NO_FLOAT
from ..errors import FileError, GraphFileError
from ..infer import Problem
from ..session import Session
from .output import tell

REFUSED, UNREADABLE = 1, 2


class Command(NamedTuple):
    """A command: its name, one line about it, what adds its arguments, what runs it for an exit status."""

    name: str
    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    execute: Callable[[argparse.Namespace], int]


class CommandError(Exception):
    """The end of a command: a line for each thing that is wrong, and the exit status."""

    def __init__(self, *lines: str, status: int = REFUSED) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
        self.status = status


class ProblemsError(CommandError):
    """The end of a command on a file that has problems: each line begins with the file."""


@contextmanager
def reading(what: str | Path) -> Iterator[None]:
    """Within it a file that cannot be read ends the command with the status for that."""
    try:
        yield
    except GraphFileError as error:
        raise CommandError(*map(str, error.each), *_beside(error, what)) from error
    except FileError as error:
        # One line: what cannot be read has one status and one reason, and the others may follow from it.
        more = f"; and {len(error.also):,} more such" if error.also else ""
        raise CommandError(f"{error}{more}", status=UNREADABLE) from error
    except OSError as error:
        raise CommandError(f"{what} cannot be read: {error.strerror or error}", status=UNREADABLE) from error


def _beside(error: GraphFileError, file: str | Path) -> Iterator[str]:
    """A line for each problem of a graph file beside the wires with which its graph cannot stand."""
    if error.graph is None:
        return
    session = Session(error.graph, Path(file))
    for problem in session.check().problems:
        if problem.node is None or session.graph.nodes[problem.node].op != GraphFileError.LOST:
            yield f"{file}: {problem.text(session.graph)}"


def opened(file: str, dtype: str | None = None, device: str = "cpu") -> Session:
    """The session of a file, its notices told. Raises `CommandError` for a file that cannot be read."""
    with reading(file):
        session = Session.open(file, dtype=dtype, device=device)
    for notice in session.notices:
        tell(f"note: {notice}")
    return session


def sound(file: str, dtype: str | None = None, device: str = "cpu") -> Session:
    """The session of a file that has no problems. Raises `ProblemsError` where it has any."""
    session = opened(file, dtype, device)
    refuse_problems(file, session, session.check().problems)
    return session


def steppable(file: str, dtype: str | None = None) -> Session:
    """As `sound`, but a loss that is no float is no reason: its values are shown, and why there are no gradients."""
    session = opened(file, dtype)
    problems = session.check().problems
    refuse_problems(file, session, tuple(each for each in problems if not each.message.startswith(NO_FLOAT)))
    return session


def refuse_problems(file: str, session: Session, problems: tuple[Problem, ...]) -> None:
    """Raise `ProblemsError` with a line for each, where there are any."""
    if problems:
        raise ProblemsError(*(f"{file}: {problem.text(session.graph)}" for problem in problems))


def add_file(parser: argparse.ArgumentParser) -> None:
    """The argument FILE."""
    parser.add_argument("file", metavar="FILE", help="a graph: a .gw or .gwz file")


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def add_running(parser: argparse.ArgumentParser) -> None:
    """The options --mode, --dtype and --device."""
    parser.add_argument(
        "--mode",
        choices=("static", "eager"),
        default="static",
        help="static: compiled (default); eager: node by node; both give the same numbers",
    )
    parser.add_argument(
        "--dtype", choices=("float32", "float64"), help="compute in this dtype and not in the document's"
    )
    parser.add_argument(
        "--device",
        choices=devices(),
        default="cpu",
        help="where to compute: cpu (default), or cuda, an NVIDIA GPU through CuPy",
    )
