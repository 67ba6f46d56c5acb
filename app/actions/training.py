"""The actions of training: a run of the document, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action

if TYPE_CHECKING:
    from ..window import Window


def _can_begin(window: Window) -> bool:
    return window.shows_canvas and bool(window.editor.graph.nodes) and window.editor.training.ready


def _can_pause(window: Window) -> bool:
    training = window.editor.training
    return window.shows_canvas and (training.state == "running" or training.goes_on)


def _can_go_on(window: Window) -> bool:
    return _can_begin(window) or window.editor.training.state in ("running", "paused")


def _refusal(window: Window) -> str:
    return "a run is on its way: pause or stop it first" if window.editor.training.active else "there is no graph yet"


ACTIONS: tuple[Action, ...] = (
    Action(
        "train.begin",
        "Train",
        lambda w: w.editor.training.begin(),
        ("Ctrl+R",),
        "Train",
        enabled=_can_begin,
        about="Train the graph as it is now; the trained values are put into it, one undo",
        refusal=_refusal,
    ),
    Action(
        "train.pause",
        "Pause or continue",
        lambda w: w.editor.training.pause_or_continue(),
        ("Ctrl+Shift+R",),
        "Train",
        enabled=_can_pause,
        about="Let the run wait after its next iteration, or go on, also after it was stopped or its process died",
    ),
    Action(
        "train.stop",
        "Stop training",
        lambda w: w.editor.training.stop(),
        ("Ctrl+.",),
        "Train",
        enabled=lambda w: w.editor.training.state in ("starting", "running", "paused"),
        about="End the run with a checkpoint, and put the values that it has come to into the graph",
    ),
    Action(
        "train.iteration",
        "One iteration",
        lambda w: w.editor.training.one("iteration"),
        (),
        "Train",
        enabled=_can_go_on,
        about="Train for one iteration, and pause",
        line=True,
    ),
    Action(
        "train.epoch",
        "One epoch",
        lambda w: w.editor.training.one("epoch"),
        (),
        "Train",
        enabled=_can_go_on,
        about="Train to the end of the epoch, and pause",
    ),
    Action(
        "train.take",
        "Take the trained values",
        lambda w: w.editor.training.trained.take(),
        (),
        "Train",
        enabled=lambda w: bool(w.editor.training.trained.kept),
        about="Put what the last run came to into the graph as it is now, where it was edited meanwhile; one undo",
        line=True,
    ),
)
