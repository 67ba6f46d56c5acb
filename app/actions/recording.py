"""The actions on recordings: playing them, recording again, forking off them and comparing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..keys.names import key_text
from ..stepping.playing import SPEEDS
from ..stepping.stopping import stop
from .action import Action, Menu
from .moments import has_nodes, is_computed, no_moment, nothing_to_step, steps
from .selected import takes_one_node

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


def _nothing_to_compare(window: Window) -> str:
    if window.editor.questions.remembers:
        return "nothing is computed that could be compared"
    key = window.application.keymap.keys(next(each for each in ACTIONS if each.id == "step.remember"))
    return f"no moment is remembered yet: {key_text(key[0]) if key else 'Remember this moment'} remembers this one"


_STEP = Menu("Step", "step", has_nodes, refusal=nothing_to_step)
_SPEED = _STEP._replace(path="Step/Speed")
_RECORDING = _STEP._replace(path="Step/Recording")

ACTIONS: tuple[Action, ...] = (
    _STEP.action(
        "play",
        "Play",
        "Do one step after the other; once more to stop",
        lambda w: w.editor.playing.toggle(),
        "P",
        focus="canvas",
        checked=lambda w: w.editor.playing.on,
        line=True,
    ),
    _SPEED.action(
        "slower",
        "Slower",
        "Play at a lower speed, down to a quarter",
        lambda w: w.editor.playing.faster(-1),
        "[",
        focus="canvas",
        enabled=lambda w: has_nodes(w) and w.editor.playing.speed > SPEEDS[0],
    ),
    _SPEED.action(
        "faster",
        "Faster",
        "Play at a higher speed, up to four times",
        lambda w: w.editor.playing.faster(),
        "]",
        focus="canvas",
        enabled=lambda w: has_nodes(w) and w.editor.playing.speed < SPEEDS[-1],
    ),
    _STEP.action(
        "stop",
        "Stop the run",
        "End a run to the next breakpoint, or to another iteration, that is on its way",
        stop,
        enabled=lambda w: w.shows_canvas and bool(w.editor.stepper.recordings.running),
    ),
    _RECORDING.action(
        "again",
        "Record again",
        "Record the graph as it is now, and stand at the same step",
        lambda w: w.editor.branching.record_again(),
        "Ctrl+F5",
        enabled=lambda w: steps(w) and w.editor.stepper.recordings.outdated,
        refusal=lambda w: "what was recorded is of the graph as it is now" if steps(w) else no_moment(w),
        line=True,
    ),
    _RECORDING.action(
        "run_folder",
        "Step through a run…",
        "Go through iterations of a training run again, with its bits, from the checkpoints in its folder",
        step_through_run,
        enabled=lambda w: has_nodes(w) and w.editor.graph.training is not None,
    ),
    _RECORDING.action(
        "fork",
        "Fork from here…",
        "Put another value in at the selected node, and record what comes of it beside what was recorded",
        _fork,
        "B",
        focus="canvas",
        enabled=lambda w: steps(w) and w.editor.active in w.editor.graph.nodes,
        refusal=lambda w: takes_one_node(w) if steps(w) else no_moment(w),
    ),
    _RECORDING.action(
        "remember",
        "Remember this moment",
        "Keep what is shown now, to compare another moment with it",
        lambda w: w.editor.questions.remember(),
        "K",
        focus="canvas",
        enabled=is_computed,
    ),
    _RECORDING.action(
        "compare",
        "Compare with the remembered moment",
        "Ring the nodes whose values or gradients have changed in size by more than a tenth",
        lambda w: w.editor.questions.compare(),
        "Shift+K",
        focus="canvas",
        enabled=lambda w: is_computed(w) and w.editor.questions.remembers,
        refusal=_nothing_to_compare,
    ),
)
