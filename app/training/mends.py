"""Mends of what is found of a run: an edit with one undo, which a run that goes on follows where it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...core.errors import GradwireError
from ..undoing import READ_ONLY, is_looked_at

if TYPE_CHECKING:
    from ...core.diagnosing.over_training import RunFinding
    from ...core.graph import Graph, Training
    from ..editor import Editor
    from ..stepping.spotlight import Answer

ANEW = ", then start anew"  # behind the label of a mend that helps only so
PRESS = "press Train to start anew"
EARLIER = "mended since this run: press Train"
FROM_NEXT = "holds from the next run on: this one cannot be given it on its way"


def mend_label(editor: Editor, finding: RunFinding) -> str:
    """What its mend is called; nothing where no edit mends it, or it has been made, and as long as one is tried."""
    from ...core.diagnosing.mending import is_of_wiring
    from ...core.diagnosing.over_training import mending

    if is_of_wiring(finding):
        return next((each.label for each in editor.findings.mends.of(finding) or ()), "")
    label = mending.label(finding, editor.graph, editor.registry)
    if not label:
        return mending.label(finding, _of_run(editor), editor.registry) if _only_run(editor, finding) else ""
    return "" if is_made(editor, finding) else label


def is_made(editor: Editor, finding: RunFinding) -> bool:
    """Whether the document has by now what its mend would set or draw: what is found is of a run before that."""
    from ...core.diagnosing.over_training import mending

    edit, graph = finding.edit or {}, editor.graph
    if "draw" in edit:
        ids = mending.drawn(finding, graph)
        drawn = [id for id in ids if graph.nodes[id].params.get("init") == edit["draw"]["init"]]
        return bool(ids) and drawn == ids and not editor.document.values.keys() & ids
    wanted = {**edit.get("optimiser", {}), **edit.get("training", {})}
    return bool(wanted) and all(_has(graph.training, name) == value for name, value in wanted.items())


def mend_refused(editor: Editor, finding: RunFinding) -> str:
    """Why it cannot be made now; nothing where it can."""
    return READ_ONLY if is_looked_at(editor) and not _only_run(editor, finding) else ""


def mend(editor: Editor, finding: RunFinding) -> None:
    """Make it: in the document, whose settings the run follows; where it is no longer there, in the run alone."""
    from ...core.diagnosing.mending import is_of_wiring
    from ...core.diagnosing.over_training import mending

    if is_of_wiring(finding):
        # Asked anew: values may have come since it was tried. What it puts in gets a place on the canvas.
        editor.questions.finding(finding, lambda answer: _grant(editor, answer))
        return
    training = editor.training
    settings = mending.run_settings(finding)
    if _only_run(editor, finding) and training.run is not None:
        try:
            training.run.set(**settings)
        except GradwireError as error:
            editor.told.emit(str(error), "refusal")
        return
    label = mending.label(finding, editor.graph, editor.registry)
    refused = editor.refusal(label, lambda t: mending.mend(finding, t, editor.registry), source="training")
    if refused is None and training.active and not settings:
        editor.told.emit(f"{label}: {FROM_NEXT}", "note")
    elif refused is None and not training.active and (finding.edit or {}).get("anew"):
        editor.told.emit(f"{label.removesuffix(ANEW)}: {PRESS}", "note")


def _grant(editor: Editor, answer: Answer) -> None:
    if answer.mends:
        editor.wishes.mend.emit(answer.mends[0])
    else:
        editor.told.emit(f"No mend is known: {answer.lines[1]}", "refusal")


def _has(training: Training | None, name: str) -> Any:
    """What a setting is now, of the optimiser or of training."""
    return None if training is None else training.optimiser.get(name, getattr(training, name, None))


def _of_run(editor: Editor) -> Graph:
    assert editor.training.run is not None
    return editor.training.run.graph


def _only_run(editor: Editor, finding: RunFinding) -> bool:
    """Whether a run that goes on can be given it, and the document no more."""
    from ...core.diagnosing.over_training import mending

    training = editor.training
    goes_on = training.active and training.run is not None
    return goes_on and editor.graph.training is None and bool(mending.run_settings(finding))
