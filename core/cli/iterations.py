"""The iteration that a command looks at: refused where training has none of its number, else gone to with a bar."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..evaluating import Root, no_root
from ..feeding import iterations_per_epoch
from ..session import Session
from ..stepping import Timeline
from ..stepping.recorder import Told, timeline_of, untold
from .command import CommandError

LONG = 200  # iterations that are not computed in a moment


def add_iteration(parser: argparse._ActionsContainer, default: int | None = 1) -> None:
    """`--iteration N`."""
    words = "the iteration of training (default: 1)"
    parser.add_argument("--iteration", type=int, default=default, metavar="N", help=words)


def refuse_iteration(number: int) -> None:
    """Raise `CommandError` for what is no number of an iteration."""
    if number < 1:
        raise CommandError(f"--iteration counts from 1, got {number}")


def timeline_at(session: Session, number: int = 1, roots: Sequence[Root] = (), run: str | None = None) -> Timeline:
    """The timeline of an iteration, of training as the graph says it or of the run in the folder `run`.

    Raises `CommandError` for an iteration that training or that run does not have.
    """
    refuse_iteration(number)
    origin = None if run is None else session.run_folder(run)
    if origin is None:
        _refuse_beyond(session, number)
    elif number > max(origin.last - 1, 1):
        raise CommandError(f"--iteration {number} is not of this run, which went to iteration {origin.last - 1}")
    with _way_to(number if origin is None else number - origin.nearest(number)) as told:
        return timeline_of(session, roots, number, origin, told)


def no_gradients(timeline: Timeline) -> str:
    """Why no gradients start: nothing is chosen of which they are, or a root is no float; nothing where they do."""
    if none := no_root(timeline.run, timeline.registry):
        return f"{none} (--of NAME says of which they are)"
    cut = timeline.cuts.of_root
    if cut is None:
        return ""
    return f"{timeline.cuts.no_start} (at {timeline.run.asked.graph.path(cut.node)}: {cut.reason})"


def _refuse_beyond(session: Session, number: int) -> None:
    if number == 1:
        return
    training = session.graph.training
    if training is None:
        raise CommandError(f"the graph has no training, and so one iteration; --iteration {number} is not of it")
    last = iterations_per_epoch(session.graph, session.folder) * training.epochs
    if number > last:
        count = f"{last:,} iteration{'' if last == 1 else 's'}"
        raise CommandError(f"the training has {count}; --iteration {number} is not of it (epochs: more)")


@contextmanager
def _way_to(count: int) -> Iterator[Told]:
    """A bar over the iterations to be computed, on a terminal and where they are many; what moves it."""
    if count <= LONG or not sys.stderr.isatty():
        yield untold
        return
    from tqdm import tqdm  # loaded only where it is seen

    with tqdm(total=count, unit="it", leave=False, dynamic_ncols=True, file=sys.stderr, desc="iterations") as bar:

        def move(number: int) -> None:
            bar.update()

        yield move
