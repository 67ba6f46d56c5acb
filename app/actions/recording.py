"""The actions on recordings: playing them, recording again, forking off them and comparing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..stepping.playing import SPEEDS
from ..stepping.stopping import stop
from .action import Action
from .step import can_step, is_computed, steps

if TYPE_CHECKING:
    from ..window import Window


def _fork(window: Window) -> None:
    """Open the field for the value, where one can be put in."""
    from ..canvas.stepping.fork_field import ForkField

    node = str(window.editor.active)
    reason = window.editor.branching.refusal(node)
    if reason is None:
        ForkField(window.canvas, node)
    else:
        window.editor.told.emit(reason, "refusal")


def step_through_run(window: Window, folder: Path | None = None) -> None:
    """Step through a run that `gradwire train --out` has left in a folder; without one, ask for it."""
    if folder is None:
        from ..files.asking import ask_folder

        document = window.editor.session.path
        folder = ask_folder(window, "Step through a run", Path.home() if document is None else document.parent)
    if folder is not None:
        window.editor.stepper.begin(run=folder)


ACTIONS: tuple[Action, ...] = (
    Action(
        "step.play",
        "Play",
        lambda w: w.editor.playing.toggle(),
        ("P",),
        "Step",
        "canvas",
        can_step,
        checked=lambda w: w.editor.playing.on,
        about="Do one step after the other; once more to stop",
        line=True,
    ),
    Action(
        "step.slower",
        "Slower",
        lambda w: w.editor.playing.faster(-1),
        ("[",),
        "Step/Speed",
        "canvas",
        lambda w: can_step(w) and w.editor.playing.speed > SPEEDS[0],
        about="Play at a lower speed, down to a quarter",
    ),
    Action(
        "step.faster",
        "Faster",
        lambda w: w.editor.playing.faster(),
        ("]",),
        "Step/Speed",
        "canvas",
        lambda w: can_step(w) and w.editor.playing.speed < SPEEDS[-1],
        about="Play at a higher speed, up to four times",
    ),
    Action(
        "step.cuts",
        "Reduce motion",
        lambda w: w.editor.playing.cut(not w.editor.playing.cuts),
        (),
        "Step/Speed",
        checked=lambda w: w.editor.playing.cuts,
        about="Let nothing move along the wires: one moment is followed by the next",
        line=True,
    ),
    Action(
        "step.stop",
        "Stop the run",
        stop,
        (),
        "Step",
        enabled=lambda w: w.shows_canvas and w.editor.stepper.recordings.running,
        about="End a run to the next breakpoint that is on its way",
    ),
    Action(
        "step.again",
        "Record again",
        lambda w: w.editor.branching.record_again(),
        ("Ctrl+F5",),
        "Step/Recording",
        enabled=lambda w: steps(w) and w.editor.stepper.recordings.outdated,
        about="Record the graph as it is now, and stand at the same step",
        line=True,
    ),
    Action(
        "step.run_folder",
        "Step through a run…",
        step_through_run,
        (),
        "Step/Recording",
        enabled=lambda w: can_step(w) and w.editor.graph.training is not None,
        about="Go through iterations of a training run again, with its bits, from the checkpoints in its folder",
    ),
    Action(
        "step.fork",
        "Fork from here…",
        _fork,
        ("B",),
        "Step/Recording",
        "canvas",
        lambda w: steps(w) and w.editor.active in w.editor.graph.nodes,
        about="Put another value in at the selected node, and record what comes of it beside what was recorded",
    ),
    Action(
        "step.remember",
        "Remember this moment",
        lambda w: w.editor.questions.remember(),
        ("K",),
        "Step/Recording",
        "canvas",
        is_computed,
        about="Keep what is shown now, to compare another moment with it",
    ),
    Action(
        "step.compare",
        "Compare with the remembered moment",
        lambda w: w.editor.questions.compare(),
        ("Shift+K",),
        "Step/Recording",
        "canvas",
        lambda w: is_computed(w) and w.editor.questions.remembers,
        about="Ring the nodes whose values or gradients have changed in size by more than a tenth",
    ),
)
