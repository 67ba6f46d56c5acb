"""The actions of training: a run of the document, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action, Menu
from .moments import has_nodes

if TYPE_CHECKING:
    from ..window import Window


def _can_begin(window: Window) -> bool:
    return has_nodes(window) and window.editor.training.ready


def _can_pause(window: Window) -> bool:
    training = window.editor.training
    return window.shows_canvas and (training.state == "running" or training.goes_on)


def _can_go_on(window: Window) -> bool:
    return _can_begin(window) or window.editor.training.state in ("running", "paused")


def _refusal(window: Window) -> str:
    return "a run is on its way: pause or stop it first" if window.editor.training.active else "there is no graph yet"


_TRAIN = Menu("Train", "train")

ACTIONS: tuple[Action, ...] = (
    _TRAIN.action(
        "begin",
        "Train",
        "Train the graph as it is now; the trained values are put into it, one undo",
        lambda w: w.editor.training.begin(),
        "Ctrl+R",
        enabled=_can_begin,
        refusal=_refusal,
    ),
    _TRAIN.action(
        "pause",
        "Pause or continue",
        "Let the run wait after its next iteration, or go on, also after it was stopped or its process died",
        lambda w: w.editor.training.pause_or_continue(),
        "Ctrl+Shift+R",
        enabled=_can_pause,
    ),
    _TRAIN.action(
        "stop",
        "Stop training",
        "End the run with a checkpoint, and put the values that it has come to into the graph",
        lambda w: w.editor.training.stop(),
        "Ctrl+.",
        enabled=lambda w: w.editor.training.state in ("starting", "running", "paused"),
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
    _TRAIN.action(
        "take",
        "Take the trained values",
        "Put what the last run came to into the graph as it is now, where it was edited meanwhile; one undo",
        lambda w: w.editor.training.trained.take(),
        enabled=lambda w: bool(w.editor.training.trained.kept),
        line=True,
    ),
)
