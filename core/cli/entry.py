"""The entry point: the parser of the commands, and what becomes of everything that can go wrong.

Exit status: 0 done, 1 refused or problems found, 2 a file that cannot be read or wrong usage, 70 a fault of
this program, 130 stopped by Ctrl+C. Whatever goes wrong is told in one line, or in one for each problem.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TextIO

from ..cli import (
    check,
    diagnose,
    evaluate,
    exec,
    export,
    info,
    listing,
    new_plugin,
    ops,
    plan,
    plugins,
    run,
    runs,
    trace,
    train,
    transfer,
)
from ..errors import GradwireError
from ..session import Session
from .command import REFUSED, Command, CommandError, ProblemsError
from .output import one_line, tell

COMMANDS: tuple[Command, ...] = (
    train.COMMAND,
    evaluate.COMMAND,
    runs.COMMAND,
    transfer.COMMAND,
    run.COMMAND,
    exec.COMMAND,
    trace.COMMAND,
    check.COMMAND,
    diagnose.COMMAND,
    plan.COMMAND,
    info.COMMAND,
    ops.COMMAND,
    export.COMMAND,
    listing.COMMAND,
    plugins.COMMAND,
    new_plugin.COMMAND,
)

LayOut = Callable[[Session], None]

WITHOUT_PLUGINS = (plugins.COMMAND, new_plugin.COMMAND)  # they say what is loaded

FAULT, STOPPED, CLOSED = 70, 130, 141  # as sysexits.h has it; as shells have 128 + SIGINT and + SIGPIPE
TRACEBACK = "GRADWIRE_TRACEBACK"
EPILOG = """\
gradwire [FILE] opens the window

exit status: 0 done; 1 refused, or problems found; 2 a file that cannot be read, or wrong usage;
70 a fault of this program (GRADWIRE_TRACEBACK=1 shows where); 130 stopped by Ctrl+C"""


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are one line, as all others are."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{one_line(f'{self.prog}: {message} ({self.prog} --help)')}\n")


def main(argv: Sequence[str] | None = None, more: Sequence[Command] = (), lay_out: LayOut | None = None) -> int:
    """Run one command and return its exit status. Raises nothing. `more` are commands that live above `core`, and
    `lay_out` gives the nodes of a session places as they are drawn.
    """
    for stream in (sys.stdout, sys.stderr):
        _print_anything(stream)
    return _status(lambda: _execute(argv, (*COMMANDS, *more), lay_out))


def _execute(argv: Sequence[str] | None, known: Sequence[Command], lay_out: LayOut | None) -> int:
    words = sys.argv[1:] if argv is None else argv
    if any(each.name == words[0] and each not in WITHOUT_PLUGINS for each in known if words):
        plugins.load_plugins()  # first: a command may take the names of what they bring
    parser = _parser(known)
    args = parser.parse_args(argv)
    args.lay_out = lay_out
    if args.version:
        from importlib.metadata import version

        print(f"gradwire {version('gradwire')}")
        return 0
    if args.command is None:
        parser.print_help()
        return 0
    try:
        status: int = args.execute(args)
        if not status and args.command != plugins.COMMAND.name:
            plugins.tell_faults()
    finally:
        if args.command != plugins.COMMAND.name:  # it shows what they printed
            plugins.tell_printed()
    return status


def _parser(known: Sequence[Command]) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="gradwire",
        description="See neural networks compute: graphs, gradients and training, number by number.",
        epilog=EPILOG,
        formatter_class=raw,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in known:
        sub = commands.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            allow_abbrev=False,
        )
        command.add_arguments(sub)
        sub.set_defaults(execute=command.execute)
    return parser


def _status(execute: Callable[[], int]) -> int:
    """What `execute` returns, or the status of what it raised, which is told."""
    try:
        status = execute()
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
        return status
    except SystemExit as end:  # of argparse, which has printed what there is to say
        return end.code if isinstance(end.code, int) else 0
    except BrokenPipeError:  # the reader has seen enough: `gradwire plan big.gw | head`
        _discard_output()
        return CLOSED
    except BaseException as error:
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        return _told(error)


def _told(error: BaseException) -> int:
    """Tell of what ended a command, and return its status."""
    match error:
        case CommandError():
            for line in error.lines:
                tell(line if isinstance(error, ProblemsError) else f"gradwire: {line}")
            return error.status
        case GradwireError():
            for each in error.each:
                tell(f"gradwire: {each}")
            return REFUSED
        case KeyboardInterrupt():
            tell(" ".join(["gradwire: stopped", *map(str, error.args)]))
            return STOPPED
        case MemoryError():
            tell(f"gradwire: not enough memory: {str(error) or 'an array does not fit'}")
            return REFUSED
        case OSError():
            place = f"{error.filename}: " if error.filename is not None else ""
            tell(f"gradwire: {place}{error.strerror or error}")
            _discard_output()
            return REFUSED
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    tell(f"gradwire: a fault of this program: {reason} ({TRACEBACK}=1 shows where; please report it)")
    return FAULT


def _print_anything(stream: TextIO | Any) -> None:
    """Let a stream escape the characters that its encoding lacks, rather than refuse them."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Send what is still to be printed nowhere: the interpreter would try and fail once more at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError:  # a stream without a file behind it
            sys.stdout = io.StringIO()
