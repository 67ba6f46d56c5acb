"""`gradwire render FILE --to OUT`: pictures of a graph, at rest or at a step, and of a whole pass, without a window.

Nothing of Qt is loaded before the arguments are read, so that help and refusals need none of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.cli.command import Command, CommandError, add_file, opened, sound
from ..core.cli.iterations import no_gradients, timeline_at
from ..core.cli.reading import add_roots, read_roots
from ..core.stepping.naming import find_moment

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from ..core.evaluating import Root
    from ..core.session import Session
    from ..core.stepping import Cursor, Timeline
    from .look.theme import Theme

PICTURES, FILMS = (".svg", ".pdf", ".png"), (".gif", ".mp4", ".html")
LARGEST_SCALE = 10.0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument(
        "--to", metavar="OUT", required=True, help="a .svg, .pdf or .png picture; the whole pass as .gif, .mp4 or .html"
    )
    parser.add_argument(
        "--at",
        metavar="MOMENT",
        help="of a pass: PHASE:NODE (backward:sin), PHASE, a number of steps, start or end; default: not stepped",
    )
    parser.add_argument("--iteration", type=int, metavar="N", help="the iteration of training (default: 1)")
    parser.add_argument("--run", metavar="DIR", help="the folder of a run of training, of which the iteration is one")
    add_roots(parser)
    parser.add_argument("--theme", choices=("light", "dark"), help="its colours (default: light)")
    parser.add_argument("--scale", type=float, metavar="F", help="so many times as large (default: 1)")


def _execute(args: argparse.Namespace) -> int:
    path = Path(args.to)
    _refuse_misfits(args, path.suffix.lower())
    stepping = args.at is not None or path.suffix.lower() in FILMS
    session = sound(args.file) if stepping else opened(args.file)
    roots = read_roots(args.of, session)
    _begin_qt()
    if not stepping:
        _picture(session, roots, args, path)
        return _told(path, "at rest")
    timeline = timeline_at(session, args.iteration or 1, roots, args.run)
    for id, error in timeline.run.errors.items():
        raise CommandError(f"{args.file}: {session.graph.path(id)}: {error}")
    if args.at is None:
        _film(session, timeline, args, path)
        return _told(path, f"{len(timeline.steps)} steps", no_gradients(timeline))
    cursor = find_moment(timeline, args.at)
    _picture_at(session, timeline, cursor, args, path)
    return _told(path, f"step {cursor.step} of {len(timeline.steps)}", no_gradients(timeline))


def _refuse_misfits(args: argparse.Namespace, suffix: str) -> None:
    """Raise `CommandError` for options that say nothing of what is to be written."""
    if suffix not in (*PICTURES, *FILMS):
        raise CommandError(f"--to must end in {', '.join((*PICTURES, *FILMS))}; found {args.to!r}")
    if args.at is not None and suffix in FILMS:
        raise CommandError(f"--at is for pictures ({', '.join(PICTURES)}): {suffix} shows the whole pass")
    if args.iteration is not None and args.iteration < 1:
        raise CommandError(f"--iteration counts from 1, got {args.iteration}")
    if args.run is not None and args.at is None and suffix in PICTURES:
        raise CommandError("--run says of which run a pass is: it needs --at, which says at which moment (--at end)")
    if args.iteration is not None and args.at is None and suffix in PICTURES:
        raise CommandError("--iteration says of which pass: it needs --at, which says at which moment of it (--at end)")
    if suffix == ".html":
        for option in ("theme", "scale"):
            if getattr(args, option) is not None:
                raise CommandError(f"--{option} is not for .html, which has the reader's colours and fills the window")
    if args.scale is not None and not 0 < args.scale <= LARGEST_SCALE:
        raise CommandError(f"--scale must lie above 0 and up to {LARGEST_SCALE:g}, got {args.scale:g}")


def lay_out(session: Session) -> None:
    """Give all nodes places as they are drawn, where Qt is there to say how large that is."""
    try:
        _begin_qt()
    except CommandError:
        return
    from .export.headless import lay_out_all

    lay_out_all(session)


def _begin_qt() -> None:
    """Have Qt draw without a display. Raises `CommandError` where it cannot be loaded."""
    from .entry import NoWindowError, load_qt

    try:
        load_qt("drawing")
    except NoWindowError as error:
        raise CommandError(str(error)) from None
    _application()


@cache
def _application() -> QCoreApplication:
    """Qt's own application object, held for as long as something may be drawn."""
    from PySide6.QtGui import QGuiApplication

    running = QGuiApplication.instance()
    return running if running is not None else QGuiApplication(["gradwire", "-platform", "offscreen"])


def _theme(args: argparse.Namespace) -> Theme:
    from .export import PAPER
    from .look.theme import DARK

    return DARK if args.theme == "dark" else PAPER


def _picture(session: Session, roots: Sequence[Root], args: argparse.Namespace, path: Path) -> None:
    from .export import export_picture
    from .export.headless import at_rest

    export_picture(at_rest(session, _theme(args), roots), path, scale=args.scale or 1.0)


def _picture_at(session: Session, timeline: Timeline, cursor: Cursor, args: argparse.Namespace, path: Path) -> None:
    from ..core.stepping import Moment
    from .export import export_picture
    from .export.headless import stepped

    still = stepped(session, _theme(args), timeline).at(Moment(timeline, cursor))
    export_picture(still, path, scale=args.scale or 1.0)


def _film(session: Session, timeline: Timeline, args: argparse.Namespace, path: Path) -> None:
    from .export import Film, export_film
    from .export.headless import stepped

    with _counted(len(timeline.steps) + 1) as drawn:
        film = Film(stepped(session, _theme(args), timeline), timeline, Path(args.file).stem, drawn)
        export_film(film, path, scale=args.scale or 1.0)


@contextmanager
def _counted(pictures: int) -> Iterator[Callable[[int], None]]:
    """What is told how many pictures are drawn: a bar where the error stream is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from tqdm import tqdm  # loaded only where it is seen

    with tqdm(total=pictures, unit=" pictures", leave=False, dynamic_ncols=True, file=sys.stderr) as bar:

        def move(count: int) -> None:
            bar.update(count - bar.n)

        yield move


def _told(path: Path, what: str, none: str = "") -> int:
    print(f"{path}: {what}, {path.stat().st_size:,} bytes")
    if none:
        print(f"no gradients: {none}")
    return 0


COMMAND = Command("render", "draw a graph, a step of its pass, or the whole pass", _add_arguments, _execute)
