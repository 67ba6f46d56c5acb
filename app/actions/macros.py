"""The actions on what is told of what is done: the echo in the console, and macros."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action

if TYPE_CHECKING:
    from ..window import Window


def _echoes(window: Window) -> bool:
    from ..echoing.window import echoes

    return echoes(window)


def _toggle_echo(window: Window) -> None:
    from ..echoing.window import echoes, set_echo

    set_echo(window, not echoes(window))


ACTIONS: tuple[Action, ...] = (
    Action(
        "edit.record_macro",
        "Record a macro",
        lambda w: w.macros.record(),
        menu="Edit/Macros",
        enabled=lambda w: w.shows_canvas and not w.macros.recording,
        words=("record", "recording a script"),
        about="Write down what is done from now on as a script",
    ),
    Action(
        "edit.stop_recording",
        "Stop recording",
        lambda w: w.macros.stop(),
        menu="Edit/Macros",
        enabled=lambda w: w.macros.recording,
        words=("stop the macro", "end the macro"),
        about="End the macro, and keep it under a name",
    ),
    Action(
        "edit.save_macro",
        "Save macro…",
        lambda w: w.macros.ask_and_save(),
        menu="Edit/Macros",
        enabled=lambda w: w.macros.unsaved,
        about="Keep what was recorded last under a name",
    ),
    Action(
        "edit.run_macro",
        "Run a macro…",
        lambda w: w.macros.ask_and_run(),
        menu="Edit/Macros",
        enabled=lambda w: w.shows_canvas,
        words=("replay the macro", "play the macro"),
        about="Run a script on this graph, in the console",
    ),
    Action(
        "view.echo",
        "Echo what is done",
        _toggle_echo,
        menu="View",
        checked=_echoes,
        about="Tell in the console what is done in the window, as the Python that does the same",
    ),
)
