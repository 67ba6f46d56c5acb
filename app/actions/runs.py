"""The actions on runs and on what comes of them: their list, the trash, TensorBoard; values of other networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..files import asking
from .action import Action, Menu
from .values import has_any

if TYPE_CHECKING:
    from ..panels.runs import RunsPanel
    from ..window import Window


def _panel(window: Window) -> RunsPanel:
    return window.docks.panels["runs"]  # type: ignore[return-value]


def _selected(count: int | None = None) -> Callable[[Window], bool]:
    """Whether so many runs are selected, None: any."""
    return lambda window: len(_panel(window).selected) == count if count else bool(_panel(window).selected)


def _wish(name: str) -> Callable[[Window], None]:
    return lambda window: getattr(window.editor.wishes, name).emit(_panel(window).selected[0].path)


def _can_go_on(window: Window) -> bool:
    return _panel(window).offering.can_go_on or window.left_runs.can_go_on or window.editor.training.goes_on


def _go_on(window: Window) -> None:
    """With the run that is selected, else with that of this window, else with what an earlier session left."""
    if _panel(window).offering.can_go_on:
        _panel(window).offering.go_on()
    elif window.editor.training.goes_on:
        window.editor.training.pause_or_continue()
    else:
        window.left_runs.go_on()


def _empty_trash(window: Window) -> None:
    panel = _panel(window)
    if asking.confirmed(window, "The runs in the trash are deleted for good.", "Delete them"):
        panel.changes.empty(panel.home)


def _load_values(window: Window) -> None:
    from ..transferring.window import load_values

    load_values(window)


def _make_head(window: Window) -> None:
    from ..transferring.window import make_head

    make_head(window)


def _trains(window: Window) -> bool:
    return has_any(window) and window.editor.graph.training is not None


_NONE_SELECTED = "this takes a run: select one in the list of runs"
_RUNS = Menu("Train/Runs", "runs")
_TRAIN = Menu("Train", "train")

ACTIONS: tuple[Action, ...] = (
    _RUNS.action("show", "List of runs", "All runs of training, to be compared", lambda w: w.panel("runs")),
    _RUNS.action(
        "continue",
        "Continue a run",
        "Resume the selected run, or the last of this document, from its newest checkpoint, to the same bits",
        _go_on,
        enabled=_can_go_on,
        refusal=lambda _: "no run of this document was stopped or interrupted, or one is on its way",
    ),
    _RUNS.action(
        "look",
        "Look at a run",
        "Show the curves of the selected run in the panel of training: a click on one steps through it",
        lambda w: _panel(w).offering.look_at(),
        enabled=lambda w: _panel(w).offering.can_look,
        refusal=lambda _: "this takes a run of this document that is over: select one in the list of runs",
    ),
    _RUNS.action(
        "open",
        "Open the graph of the run",
        "A copy of the graph of the selected run, with the values that it came to",
        _wish("open_run"),
        enabled=_selected(1),
        refusal=lambda _: _NONE_SELECTED,
        line=True,
    ),
    _RUNS.action(
        "notes",
        "Edit the notes on the run",
        "Write something about the selected run",
        lambda w: _panel(w).table.edit_notes(),
        enabled=_selected(1),
        refusal=lambda _: _NONE_SELECTED,
    ),
    _RUNS.action(
        "tensorboard",
        "Event files for TensorBoard…",
        "Write the numbers of the selected run for TensorBoard; needs tensorboardX",
        _wish("tensorboard"),
        enabled=_selected(1),
        refusal=lambda _: _NONE_SELECTED,
    ),
    _RUNS.action(
        "delete",
        "Delete the selected runs",
        "Move the selected runs into the trash, from which they can be brought back",
        lambda w: _panel(w).delete(),
        enabled=_selected(),
        refusal=lambda _: _NONE_SELECTED,
        line=True,
    ),
    _RUNS.action(
        "restore",
        "Bring back deleted runs",
        "The runs that were deleted last come back from the trash",
        lambda w: _panel(w).changes.undo(),
        enabled=lambda w: bool(_panel(w).changes.deleted),
    ),
    _RUNS.action("empty", "Empty the trash of runs…", "Delete for good what is in the trash of runs", _empty_trash),
    _TRAIN.action(
        "load_values",
        "Load values from…",
        "Transfer values of a .safetensors, an .npz or another graph by name and shape, looked through first; one undo",
        _load_values,
        enabled=has_any,
        refusal=lambda _: "there is no parameter in the graph",
        line=True,
    ),
    _TRAIN.action(
        "new_head",
        "New head…",
        "Give the last layer before the loss another number of outputs, and weights that begin anew",
        _make_head,
        enabled=_trains,
        refusal=lambda _: "this takes a graph with parameters and training settings",
    ),
)
