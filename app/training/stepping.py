"""From curve to cause: stepping through an iteration of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.stepping import Cursor
from ...core.stepping.branch import RECORDED

if TYPE_CHECKING:
    from ..editor import Editor
    from ..stepping.recordings import Start


def step_to(editor: Editor, iteration: int, start: Start = lambda timeline: Cursor()) -> None:
    """Step through an iteration of the editor's run; of its own graph, where the document's is another by now."""
    run, curves = editor.training.run, editor.training.curves
    if run is None or curves is None or not editor.training.looking.show(iteration):
        return
    recordings = editor.stepper.recordings
    editor.wishes.track.emit()
    new = recordings.begin(run.record.path, curves.since(iteration))
    if new is not None:
        recordings.want(iteration, RECORDED, start, new, f"going through the run to iteration {iteration:,}")


def stepped(editor: Editor) -> int | None:
    """The iteration of the editor's run that is stepped through."""
    run, stepper = editor.training.run, editor.stepper
    of_run = run is not None and stepper.active and stepper.recordings.run == run.record.path
    return stepper.number if of_run else None
