"""What a window does with runs: opens the graph of one, writes one for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...core.errors import GradwireError
from ..bridge import Request
from ..files import asking

if TYPE_CHECKING:
    from ...core.graph import Graph
    from ..window import Window


class _Read(NamedTuple):
    graph: Graph
    values: dict[str, Any]


def put_runs_into(window: Window) -> None:
    """Grant from now on what the list of runs wishes."""
    wishes = window.editor.wishes
    wishes.open_run.connect(lambda path: open_run(window, path))
    wishes.tensorboard.connect(lambda path: write_tensorboard(window, path))


def open_run(window: Window, path: Path) -> None:
    """Show the graph of a run in a window of its own: a copy without a file, with the values that it came to."""
    name = path.name

    def show(found: _Read) -> None:
        from ...core.document import Document
        from ...core.session import Session
        from ..files.opening import Opened

        made = window.application.open_window(empty=True)
        made.files.take(Opened(Session(Document(found.graph, found.values)), Path(f"{name}.gw")))

    window.jobs.reading.begin(f"Opening {name}", lambda _: _read(path), show)


def _read(path: Path) -> _Read:
    """The graph of a run with its last values: those with which it ended, else those of its newest checkpoint."""
    from ...core.files import load
    from ...core.runs.record import SETTINGS, TRAINED, RunRecord
    from ...core.training import checkpoint

    if not (path / SETTINGS).exists():
        saved = next(iter(sorted(path.glob("*.gw"))), None)
        if saved is None:
            raise GradwireError(f"{path.name} has no graph: gradwire train writes it at the end")
        found = load(saved)
        return _Read(found.graph, dict(found.values))
    record = RunRecord(path)
    graph, values = record.loaded.graph, dict(record.values)
    newest = record.newest()
    if (path / TRAINED).exists():
        values |= record.trained()
    elif newest is not None:
        state = checkpoint.apart(checkpoint.read(newest[1])[0])[0]
        values |= {id: array for id, array in state.items() if id in graph.nodes}
    return _Read(graph, values)


def write_tensorboard(window: Window, path: Path, folder: Path | None = None) -> None:
    """Write the numbers of a run as event files; without a folder, ask for one."""
    folder = folder or asking.ask_folder(window, "A folder for event files of TensorBoard", path.parent)
    if folder is None:
        return
    target = folder / path.name

    def work(request: Request) -> int:
        from ...core.runs.exporting import export

        return export(path, target, "tensorboard", lambda: request.cancelled)

    told = f"Wrote {path.name} for TensorBoard: tensorboard --logdir {folder}"
    window.jobs.exporting.begin(f"Writing {path.name}", work, lambda _: window.tell(told))
