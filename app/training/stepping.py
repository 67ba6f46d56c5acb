"""From curve to cause: stepping through an iteration of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.stepping import Cursor
from ...core.stepping.branch import RECORDED

if TYPE_CHECKING:
    from ..editor import Editor


def step_to(editor: Editor, iteration: int) -> None:
    """Step through an iteration of the editor's run, if the document's graph is still the run's."""
    run, origin = editor.training.run, editor.training.origin
    if run is None or origin is None:
        return
    if not origin.computes_alike(editor.graph):
        why = "graph or settings are no longer those of the run; undo the edits, or train again"
        editor.told.emit(f"Iteration {iteration:,} cannot be stepped through: {why}", "refusal")
        return
    recordings = editor.stepper.recordings
    new = recordings.begin(run.record.path)
    if new is not None:
        editor.told.emit(f"Going through the run to iteration {iteration:,} …", "note")
        recordings.want(iteration, RECORDED, lambda timeline: Cursor(), new)


def stepped(editor: Editor) -> int | None:
    """The iteration of the editor's run that is stepped through."""
    run, stepper = editor.training.run, editor.stepper
    of_run = run is not None and stepper.active and stepper.recordings.run == run.record.path
    return stepper.number if of_run else None
