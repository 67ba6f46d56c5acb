"""The actions on files and windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action

if TYPE_CHECKING:
    from ..window import Window


def _can_revert(window: Window) -> bool:
    return window.files.path is not None and window.editor.document.dirty


ACTIONS: tuple[Action, ...] = (
    Action("file.new", "New", lambda w: w.files.new(), ("Ctrl+N",), "File", about="Begin an empty graph"),
    Action(
        "file.new_window",
        "New window",
        lambda w: w.application.open_window(empty=True),
        ("Ctrl+Shift+N",),
        "File",
        about="Work on another graph beside this one",
    ),
    Action("file.open", "Open…", lambda w: w.files.ask_open(), ("Ctrl+O",), "File", about="Open a .gw or .gwz file"),
    Action(
        "file.save",
        "Save",
        lambda w: w.files.save(),
        ("Ctrl+S",),
        "File",
        about="Write the graph to its file",
        line=True,
    ),
    Action(
        "file.save_as",
        "Save as…",
        lambda w: w.files.save_as(),
        ("Ctrl+Shift+S",),
        "File",
        about="Write the graph to another file, and go on there",
    ),
    Action(
        "file.revert",
        "Revert",
        lambda w: w.files.revert(),
        (),
        "File",
        enabled=_can_revert,
        about="Read the file again and let go of the edits since",
    ),
    Action(
        "file.data",
        "Data…",
        lambda w: w.panel("data"),
        (),
        "File",
        enabled=lambda w: w.shows_canvas,
        about="Choose what the graph is trained with: a set, a file or a folder of images; see its rows and the split",
        line=True,
    ),
    Action(
        "file.welcome",
        "Lessons and examples",
        lambda w: w.show_welcome(),
        (),
        "File",
        about="The welcome page with all of them as pictures",
        line=True,
    ),
    Action(
        "file.next_example",
        "Next example",
        lambda w: w.files.step_example(1),
        ("Ctrl+PgDown",),
        "File",
        about="Open the example, or the lesson, that follows this one",
    ),
    Action(
        "file.previous_example",
        "Previous example",
        lambda w: w.files.step_example(-1),
        ("Ctrl+PgUp",),
        "File",
        about="Open the example, or the lesson, before this one",
    ),
    Action(
        "file.close", "Close window", lambda w: w.close(), ("Ctrl+W",), "File", about="Close this window", line=True
    ),
    Action("file.quit", "Quit", lambda w: w.application.quit(), ("Ctrl+Q",), "File", about="Close all windows"),
)
