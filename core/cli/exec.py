"""`gradwire exec SCRIPT FILE`: a Python script with the names of the console, on a graph and without a window.

The script is the user's own, who asks for it to be run; nothing in FILE is.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from ..files import as_path
from ..session import Session
from ..shortened import frames, is_ours, shorten
from .command import REFUSED, UNREADABLE, Command, CommandError, add_file, opened
from .output import tell

if TYPE_CHECKING:
    from ..document import Change
    from ..scripting import Host

BEGIN = (0.0, 0.0)  # where a node stands of which nothing is said


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", metavar="SCRIPT", help="Python; it has session, doc, g, add, run, train and the like")
    add_file(parser)
    parser.add_argument("--new", action="store_true", help="begin with an empty graph, which --save writes to FILE")
    words = "save the graph when the script has ended without an error, to FILE or to OUT"
    parser.add_argument("--save", metavar="OUT", nargs="?", const="", help=words)
    parser.usage = "%(prog)s [-h] [--new] SCRIPT FILE [--save [OUT]] [-- ARG ...]"
    parser.epilog = "what stands after -- the script finds in sys.argv"
    parse = parser.parse_known_args

    def parse_before(given: Any = None, namespace: Any = None) -> Any:
        """What stands after -- is the script's: `argparse` would take it for arguments of the command."""
        mine = list(sys.argv[1:] if given is None else given)
        end = mine.index("--") if "--" in mine else len(mine)
        found, unknown = parse(mine[:end], namespace)
        found.args = mine[end + 1 :]
        return found, unknown

    parser.parse_known_args = parse_before  # type: ignore[assignment]


def _execute(args: argparse.Namespace) -> int:
    script = Path(args.script)
    code = _compiled(script)
    session = _session(args)
    from ..scripting import Headless  # with all that a script needs, which is for no other command to wait for

    host = Headless(session)
    if args.new:
        session.document.observe(lambda change: _look(change, host))
    status = REFUSED if code is None else _ended(code, script, args.args, session, host)
    if args.save is not None and not status:
        if args.new and not host.placed and args.lay_out is not None:
            args.lay_out(session)
        session.save(args.save or args.file)
    elif session.document.dirty and not status:
        tell("note: what the script has changed is not kept (--save keeps it)")
    return status


def _look(change: Change, host: Host) -> None:
    """Who edits the document past the names says a place with each node that does not stand where all begin."""
    from ..scripting.host import SOURCE

    if change.source == SOURCE:
        return
    before, after = change.before, change.after
    for id in (*after.nodes, *after.groups):
        old = before.item(id).position if id in before.nodes or id in before.groups else BEGIN
        host.placed |= after.item(id).position != old


def _session(args: argparse.Namespace) -> Session:
    if not args.new:
        return opened(args.file)
    if Path(args.file).exists():
        raise CommandError(f"{args.file} is there already (without --new the script goes on from it)")
    session = Session()
    session.path = as_path(args.file)
    return session


def _compiled(script: Path) -> CodeType | None:
    """The script; None where its syntax is wrong, which is told. Raises `CommandError` where it cannot be read."""
    try:
        source = script.read_bytes()
    except OSError as error:
        raise CommandError(f"{script} cannot be read: {error.strerror or error}", status=UNREADABLE) from error
    try:
        return compile(source, str(script), "exec")
    except (SyntaxError, ValueError) as error:
        traceback.print_exception(error.with_traceback(None))
        return None


def _ended(code: CodeType, script: Path, arguments: list[str], session: Session, host: Host) -> int:
    """Run the script, and give its exit status: 1 where it ended by an exception, which is told as Python tells it."""
    from bdb import BdbQuit

    from ..scripting import names

    with _as_main(script, arguments) as module:
        vars(module).update(names(session, host))
        try:
            exec(code, vars(module))
        except SystemExit as end:
            return _status(end.code)
        except (KeyboardInterrupt, BrokenPipeError):
            raise
        except BdbQuit:  # who leaves the debugger at a `breakpoint()` has seen where
            tell("left in the debugger")
            return REFUSED
        except BaseException as error:
            sys.stdout.flush()
            traceback.print_exception(error.with_traceback(_told(error, code.co_filename)))
            return REFUSED
    return 0


def _status(code: object) -> int:
    """The status of `sys.exit(code)`: a text is told, and is an error."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return REFUSED


def _told(error: BaseException, script: str) -> TracebackType | None:
    """Where an exception came from, from the first line of the script on: what runs it is none of the user's. Neither
    is what the program did between a call of the script and a function of the script.
    """
    folder = str(Path(script).resolve().parent) + os.sep

    def is_users(trace: TracebackType) -> bool:
        name = trace.tb_frame.f_code.co_filename
        return name == script or (name.startswith(folder) and not is_ours(trace))

    first = next((each for each in frames(error.__traceback__) if each.tb_frame.f_code.co_filename == script), None)
    shorten(error.with_traceback(first), is_users)
    return first


@contextmanager
def _as_main(script: Path, arguments: list[str]) -> Iterator[ModuleType]:
    """A module that stands for the script as Python's own main module does, while it runs."""
    module = ModuleType("__main__")
    module.__file__ = str(script)
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.resolve().parent))
    sys.modules["__main__"] = module
    try:
        yield module
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before


COMMAND = Command("exec", "run a Python script on a graph, with the names of the console", _add_arguments, _execute)
