"""Who does for a script what it cannot do by itself: the window, or without one `Headless`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from ..errors import RunError
from ..evaluating import Root
from ..evaluating.training import train
from ..session import Session
from ..stepping import Cursor, Moment
from .pictures import save_curve, save_picture
from .telling import array_line, sparkline, step_line

Array = np.ndarray[Any, Any]
T = TypeVar("T")

SOURCE = "console"  # who asks for the edits of a script


class Host(Protocol):
    """What the names of a script ask for. Each is called on the script's thread.

    `placed` is set once the script has said where something stands, or how a wire is drawn.
    """

    placed: bool

    def on_owner(self, work: Callable[[], T]) -> T:
        """Do `work` on the thread that owns the document; give back what it returns, or raise what it raises."""

    def run(self, fetch: Sequence[str], feed: Mapping[str, Any], train: bool) -> dict[str, Array]:
        """The values that `fetch` names, computed."""

    def step(self, count: int) -> None:
        """Do so many steps of the iteration."""

    def back(self, count: int) -> None:
        """Take so many steps back."""

    def train(self, **settings: Any) -> dict[str, Any]:
        """Train; the metrics of the last epoch."""

    def plot(self, values: Array | None, path: Path | None) -> None:
        """Show a curve of numbers, None: the losses of the last run; in a file where there is a path."""

    def show(self, array: Array, path: Path | None) -> None:
        """Show an array; in a file where there is a path."""

    def do(self, action: str) -> None:
        """Do an action of the window, by its id."""

    # Called on the owner's thread.

    def roots(self) -> tuple[Root, ...]:
        """Of what the gradients are; none leaves that to the graph."""

    def take_roots(self, roots: tuple[Root, ...]) -> None:
        """Take the gradients of these from now on."""

    def select(self, ids: tuple[str, ...]) -> None:
        """Select these nodes and groups where they are shown."""

    def reveal(self, ids: tuple[str, ...]) -> None:
        """Select what was made, and bring it into view."""

    def enter(self, group: str | None) -> None:
        """Show the inside of a group, None: the top."""


class Headless:
    """A host without a window: the thread that made the session does everything, and what is shown is printed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.moment: Moment | None = None
        self._of: tuple[Any, Any] = (None, None)  # the graph and values that the moment is of
        self.losses: list[float] = []
        self._roots: tuple[Root, ...] = ()
        self.placed = False

    def on_owner(self, work: Callable[[], T]) -> T:
        """Do it here."""
        return work()

    def run(self, fetch: Sequence[str], feed: Mapping[str, Any], train: bool) -> dict[str, Array]:
        """As `Session.run`."""
        return self.session.run(feed, fetch, train=train)

    def step(self, count: int) -> None:
        """Go on in the first iteration from the values as they are, and print what each step did."""
        moment = self._here()
        end = min(moment.cursor.step + count, len(moment.timeline.steps))
        for done in range(moment.cursor.step + 1, end + 1):
            self.moment = Moment(moment.timeline, Cursor(done))
            print(step_line(self.moment))
        if end == moment.cursor.step:
            print(f"all {end} steps are done")

    def back(self, count: int) -> None:
        """Go back, and print where that is."""
        moment = self._here()
        self.moment = Moment(moment.timeline, Cursor(max(moment.cursor.step - count, 0)))
        print(step_line(self.moment))

    def train(self, **settings: Any) -> dict[str, Any]:
        """As `Session.train`; the metrics of the last epoch. What hardly fits the run is told in a line."""
        result = train(self.session, None, settings, lambda unfit: print(f"warning: {unfit}", file=sys.stderr))
        self.losses = [row["train_loss"] for row in result.history]
        return result.last

    def plot(self, values: Array | None, path: Path | None) -> None:
        """Print the numbers as a line of bars, or write them as a curve."""
        if values is None and not self.losses:
            raise RunError("there is no curve yet: nothing was trained", hint="train(), or plot(array)")
        numbers = np.asarray(self.losses) if values is None else values
        if path is not None:
            save_curve(numbers, path)
        else:
            print(f"{'' if values is not None else 'loss '}{sparkline(numbers)}")

    def show(self, array: Array, path: Path | None) -> None:
        """Print the array, a large one in a line, or write it as a picture."""
        if path is not None:
            save_picture(array, path)
        else:
            print(array_line(array))

    def do(self, action: str) -> None:
        """There are no actions. Raises `RunError`."""
        raise RunError(f"do({action!r}) needs the window", hint="run the script in its console")

    def roots(self) -> tuple[Root, ...]:
        """Those that the script has chosen, as far as they are there still."""
        return tuple(root for root in self._roots if root.source.node in self.session.graph.nodes)

    def take_roots(self, roots: tuple[Root, ...]) -> None:
        """Keep them for this script."""
        self._roots = roots

    def select(self, ids: tuple[str, ...]) -> None:
        """Nothing is shown, so nothing is selected."""

    def reveal(self, ids: tuple[str, ...]) -> None:
        """Nothing is shown."""

    def enter(self, group: str | None) -> None:
        """Nothing is shown."""

    def _here(self) -> Moment:
        """The moment to go on from: the beginning where the document is another than then."""
        document = self.session.document
        if self.moment is None or self._of[0] is not document.graph or self._of[1] is not document.values:
            self._of = document.graph, document.values
            self.moment = Moment(self.session.timeline(), Cursor(0))
        return self.moment
