"""What the names of a console ask of the window: steps, training, pictures. Called on the cell's thread."""

from __future__ import annotations

import math
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from ...core.document import Document
from ...core.errors import RunError
from ...core.graph import Graph
from ...core.printing import Printed, hearing, write
from ...core.scripting import Headless
from ...core.scripting.pictures import planes, rows_of, tiled
from ...core.scripting.settings import changed_training
from ...core.scripting.telling import step_line
from ...core.scripting.workspace import Workspace
from ...core.session import Session
from ...core.stepping import Cursor
from ..look.colour_map import averaged, colour, image_of, limits
from ..results.printing import LINES, RUN
from ..wording import counted
from .cell import current
from .curve import curve_image
from .looking import Looking
from .output import Output
from .owner import Owner

if TYPE_CHECKING:
    from ..editor import Editor
    from ..look.theme import Theme

Array = np.ndarray[Any, Any]
T = TypeVar("T")

SIDE = 240  # pixels of the longer side of a small array
MOST = 480  # rows and columns that are shown
IN_CELLS = "in the console doc edits it: doc.undo(), doc.redo(), doc.transaction(label); and train() trains"
SOON = 0.01  # seconds between two looks at whether an iteration is recorded
LOOK = 0.1  # seconds between two looks at whether a run has ended


class WindowHost(Looking):
    """Does in one window what a script asks for."""

    def __init__(
        self, editor: Editor, owner: Owner, output: Output, theme: Callable[[], Theme], perform: Callable[[str], None]
    ) -> None:
        self._editor, self._owner, self._output, self._theme = editor, owner, output, theme
        self._perform, self.placed = perform, False
        self._headless = Headless(editor.home)
        editor.home.document.elsewhere = IN_CELLS
        self._last: Session | None = None  # of the last run
        self._runs = 0  # each has random numbers of its own

    def on_owner(self, work: Callable[[], T]) -> T:
        """Do it on the window's thread."""
        return self._owner.do(work)

    def run(self, fetch: Sequence[str], feed: Mapping[str, Any], train: bool) -> dict[str, Array]:
        """Computed on the cell's thread, which the window does not wait for, of what stood there when it began."""
        session, graph, values = self._owner.do(self._taken)
        session.document = Document(graph, values, session.registry)  # of this thread, and nobody else's
        self._runs += 1
        before = session.document.values
        with _shown(self._editor, self._owner, graph):
            found = session.run(feed, fetch, train=train, iteration=self._runs)
        after = session.document.values
        written = {id: after[id] for id in after if after[id] is not before.get(id)}
        if written:
            self._owner.do(lambda: self._write(written))
        return found

    def _taken(self) -> tuple[Session, Graph, Mapping[str, Array]]:
        """What stands there, and the session to run it: the last one while the graph is the same, which is then
        lowered once.
        """
        home, last = self._editor.home, self._last
        graph, values = home.document.graph, home.document.values
        how = home.path, home.registry, home.dtype, home.device
        if last is None or last.graph is not graph or (last.path, last.registry, last.dtype, last.device) != how:
            path, registry, dtype, device = how
            last = self._last = Session(None, path, registry, dtype, device=device)
        last.given, last.hooks = home.given, home.hooks
        return last, graph, values

    def _write(self, values: Mapping[str, Array]) -> None:
        """Put what ops have written into the document, as far as their nodes are there still."""
        document = self._editor.home.document
        with document.transaction("Run", source="run") as t:
            for id, value in values.items():
                if id in document.graph.nodes:
                    t.set_values(id, value)

    def step(self, count: int) -> None:
        """Go on in the iteration that is stepped through in the window."""
        self._go(count)

    def back(self, count: int) -> None:
        """Go back there."""
        self._go(-count)

    def _go(self, by: int) -> None:
        """To another step, and tell where that is; the first time once it is recorded."""
        stepper = self._editor.stepper

        def work() -> None:
            here = stepper.cursor.step if stepper.active else 0
            stepper.go(lambda timeline: Cursor(min(max(here + by, 0), len(timeline.steps))))

        self._owner.do(work)
        cell, never = current(), Event()
        while self._owner.do(lambda: stepper.recordings.busy):
            cell.wait(never, SOON) if cell is not None else never.wait(SOON)
        moment = self._owner.do(lambda: stepper.moment)
        if moment is not None:
            self._output.write(f"{step_line(moment)}\n")

    def train(self, **settings: Any) -> dict[str, Any]:
        """Train as the window's button does, and wait for the end; the metrics of the last epoch.

        Settings are put into the document first, as all that a run in the window takes, and that is told.
        """
        training = self._editor.training
        if settings and self._set(settings):
            told = ", ".join(f"{name}={value!r}" for name, value in settings.items())
            self._output.write(f"training({told}) is in the document now: undo() takes it back, after the training\n")

        def begin() -> Any:
            if not training.ready:
                raise RunError("a run is active already", hint="wait for it, or stop it in the panel Training")
            before = training.run
            training.begin(shows=False)  # the console, in which the next line is typed, stays
            return before

        before = self._owner.do(begin)
        cell, never = current(), Event()
        while self._owner.do(lambda: not training.ready):
            cell.wait(never, LOOK) if cell is not None else never.wait(LOOK)
        return self._owner.do(lambda: self._metrics(before))

    def _set(self, settings: Mapping[str, Any]) -> bool:
        """Put settings into the document; False where they stood there already."""
        workspace = Workspace(self._editor.home, self)
        old = workspace.view.training
        new = changed_training(workspace, old, settings)
        if new != old:
            workspace.edit(f"Set {' and '.join(settings)}", lambda t: t.set_training(new))
        return new != old

    def _metrics(self, before: Any) -> dict[str, Any]:
        training = self._editor.training
        if training.run is None or training.run is before or training.run.state == "died":
            raise RunError(training.message or "no run has begun")
        epochs = training.run.epochs
        return {name: float(column[-1]) for name, column in epochs.items()} if epochs.rows else {}

    def plot(self, values: Array | None, path: Path | None) -> None:
        """A curve between the cells, or in a file; without values the losses of the run that Training shows."""
        numbers = self._owner.do(lambda: _losses(self._editor)) if values is None else values
        if numbers is None or path is not None:
            self._headless.plot(numbers, path)
        else:
            curve = np.asarray(numbers, np.float64).ravel()
            self._show(curve_image(curve, self._theme()))
            low, high = limits(curve)
            self._output.write(f"{counted(curve.size, 'point')}, from {low:.4g} to {high:.4g}\n")

    def show(self, array: Array, path: Path | None) -> None:
        """An array between the cells, one colour an element, of three axes or more the first planes side by side; in a
        file where there is a path.
        """
        array = np.asarray(array)
        if path is not None or not array.size or array.dtype.kind not in "biuf":
            self._headless.show(array, path)
            return
        image, told = _picture(array, self._theme())
        self._show(image)
        self._output.write(f"{told}\n")

    def do(self, action: str) -> None:
        """Do it as the menu does."""
        self._owner.do(lambda: self._perform(action))

    def _show(self, image: QImage) -> None:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # it takes str, its stub says bytes
        data = {"image/png": b64encode(buffer.data().data()).decode("ascii")}
        self._output.send("display_data", {"data": data, "metadata": {}})
        self._output.write("\n")


def _picture(array: Array, theme: Theme) -> tuple[QImage, str]:
    """An array with a colour an element, its first planes side by side, and what is said of it."""
    low, high = limits(array)
    shown, rows = planes(array), rows_of(array.shape)
    most = max(1, MOST * rows // len(shown))
    drawn = np.stack([colour(averaged(each, most, most), low, high, theme.name == "dark") for each in shown])
    image = image_of(tiled(drawn, _rgb(theme.panel), rows))
    times = max(1, SIDE // max(image.width(), image.height()))
    count = math.prod(array.shape[:-2])
    first = f", the first {len(shown)} of {count:,} planes" if count > len(shown) else ""
    told = f"{array.shape} {array.dtype}, from {low:.4g} to {high:.4g}{first}"
    return image.scaled(image.width() * times, image.height() * times), told


def _rgb(colour: str) -> tuple[int, int, int]:
    made = QColor(colour)
    return made.red(), made.green(), made.blue()


@contextmanager
def _shown(editor: Editor, owner: Owner, graph: Graph) -> Iterator[None]:
    """What `print` nodes write within it stands below the cell, and in the panel as well."""
    heard: deque[Printed] = deque(maxlen=LINES)

    def hear(printed: Printed) -> None:
        heard.append(printed)
        write(printed)

    try:
        with hearing(hear):
            yield
    finally:
        if heard:
            owner.do(lambda: editor.printed.add(RUN, heard, graph))


def _losses(editor: Editor) -> Array | None:
    """Those of the window's run, whoever began it; None before the first."""
    run = editor.training.run
    losses = None if run is None else np.array(run.curves["loss"])
    return losses if losses is not None and losses.size else None
