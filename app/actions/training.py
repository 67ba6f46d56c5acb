"""The actions of training: a run of the document, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..attaching.window import listen
from ..inspecting.proposing import NO_LOSS, proposed
from ..training.again import AGAIN, can_train_again, train_again
from ..training.telling import can_pause
from ..training.trials import TRIALS, Trial
from ..training.window import show_thresholds
from .action import Action, Menu
from .moments import has_nodes

if TYPE_CHECKING:
    from ..window import Window


def _can_begin(window: Window) -> bool:
    return has_nodes(window) and window.editor.training.ready


def _can_pause(window: Window) -> bool:
    training = window.editor.training
    return window.shows_canvas and (can_pause(training) or training.goes_on)


def _can_go_on(window: Window) -> bool:
    return _can_begin(window) or window.editor.training.state in ("running", "paused")


def _nothing_trained(_: Window) -> str:
    return "nothing is being trained"


def _refusal(window: Window) -> str:
    if window.editor.attaching.shows:
        return "the graph of a script is shown: come back to the document first"
    return "a run is on its way: pause or stop it first" if window.editor.training.active else "there is no graph yet"


def _trains(window: Window) -> bool:
    return has_nodes(window) and window.editor.graph.training is not None


def _add_training(window: Window) -> None:
    editor = window.editor
    training = proposed(editor)
    if training is not None:
        editor.attempt("Add training", lambda t: t.set_training(training))


def _can_add(window: Window) -> bool:
    return has_nodes(window) and window.editor.graph.training is None and proposed(window.editor) is not None


def _not_added(window: Window) -> str:
    if window.editor.graph.training is not None:
        return "the graph has training settings: they stand in the inspector, with nothing selected"
    return NO_LOSS


def _trial(trial: Trial) -> Action:
    return _TRY.action(
        trial.id,
        trial.text,
        f"{trial.about}; no value of the document changes",
        lambda w: w.editor.training.trials.begin(trial.id),
        enabled=has_nodes if trial.id == "gradients" else _trains,
        refusal=lambda w: "the graph has no training settings: Train > Add training gives it some",
    )


def _again(number: int, line: bool = False) -> Action:
    name, text, about = AGAIN[number]
    return _TRAIN.action(
        name,
        text,
        about,
        lambda w: train_again(w.editor, seed=number == 1),
        enabled=lambda w: _can_begin(w) and can_train_again(w.editor),
        refusal=lambda w: _refusal(w) if not _can_begin(w) else "no parameter that is trained is drawn at random",
        line=line,
    )


_TRAIN = Menu("Train", "train")
_TRY = Menu("Train/Trials", "train.try")

ACTIONS: tuple[Action, ...] = (
    _TRAIN.action(
        "begin",
        "Train",
        "Train the graph as it is now; the trained values are put into it, one undo. One without training settings is"
        " given some",
        lambda w: w.editor.training.begin(),
        "Ctrl+R",
        enabled=_can_begin,
        refusal=_refusal,
    ),
    _TRAIN.action(
        "add",
        "Add training",
        "Give the graph training settings: its loss, an optimiser, and what is counted beside it",
        _add_training,
        enabled=_can_add,
        refusal=_not_added,
    ),
    _TRAIN.action(
        "pause",
        "Pause or continue",
        "Let the run wait after its next iteration, or go on, also after it was stopped or its process died",
        lambda w: w.editor.training.pause_or_continue(),
        "Ctrl+Shift+R",
        enabled=_can_pause,
        refusal=_nothing_trained,
    ),
    _TRAIN.action(
        "stop",
        "Stop training",
        "End the run with a checkpoint, and put the values that it has come to into the graph",
        lambda w: w.editor.training.stopping.stop(),
        "Ctrl+.",
        enabled=lambda w: w.editor.training.state in ("starting", "running", "paused"),
        refusal=_nothing_trained,
    ),
    _TRAIN.action(
        "iteration",
        "One iteration",
        "Train for one iteration, and pause",
        lambda w: w.editor.training.one("iteration"),
        enabled=_can_go_on,
        line=True,
    ),
    _TRAIN.action(
        "epoch",
        "One epoch",
        "Train to the end of the epoch, and pause",
        lambda w: w.editor.training.one("epoch"),
        enabled=_can_go_on,
    ),
    _again(0),
    _again(1),
    _TRAIN.action(
        "try_it",
        "Try it",
        "Draw, type or drop an input, and see what is predicted and how the graph computes it",
        lambda w: w.panel("try_it").setFocus(),
        line=True,
    ),
    _TRAIN.action(
        "light",
        "Light the graph by what is tried",
        "Canvas, inspector and tensor panel show the one sample that is tried, or the data again",
        lambda w: w.editor.trying.light(not w.editor.trying.lights),
        checked=lambda w: w.editor.trying.lights,
    ),
    _TRAIN.action(
        "take",
        "Take the trained values",
        "Put what the last run came to into the graph as it is now, where it was edited meanwhile; one undo",
        lambda w: w.editor.training.trained.take(),
        enabled=lambda w: bool(w.editor.training.trained.kept),
        line=True,
    ),
    *map(_trial, TRIALS),
    _TRY.action(
        "stop",
        "Stop the trial",
        "End the trial that is at work; what it has told so far stays",
        lambda w: w.editor.training.trials.stop(),
        enabled=lambda w: w.editor.training.trials.busy,
        line=True,
    ),
    _TRAIN.action(
        "listen",
        "Listen for a script…",
        "Show a line to paste into a script, whose graph, values and gradients are then seen here as it runs",
        listen,
        words=("attach a script",),
        line=True,
    ),
    _TRAIN.action(
        "stop_listening",
        "Stop listening",
        "Close the port, and let go of the script that is attached; it goes on, and the document is shown again",
        lambda w: w.editor.attaching.stop(),
        enabled=lambda w: bool(w.editor.attaching.state),
        refusal=lambda _: "this window does not listen",
    ),
    _TRAIN.action(
        "thresholds",
        "Thresholds of diagnoses…",
        "Show from which numbers on something is told as unusual, and set them",
        show_thresholds,
    ),
)
