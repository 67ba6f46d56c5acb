"""What a window shows of a script that is attached, beside its graph: the line to paste, and a banner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..training.window import show_training

if TYPE_CHECKING:
    from ..window import Window

BAR = "attached script"


def put_attaching_into(window: Window) -> None:
    """Show from now on the banner of a script, and the panel of training when it trains."""
    window.editor.attaching.changed.connect(lambda: _show_banner(window))
    window.editor.attaching.trained.begun.connect(lambda: show_training(window))


def listen(window: Window) -> None:
    """Listen, and show the line that a script needs."""
    from .dialog import ListenDialog

    if not window.editor.attaching.listen():
        return
    dialog = window.findChild(ListenDialog) or ListenDialog(window)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def _show_banner(window: Window) -> None:
    """Say whose graph is looked at, and how to come back; closing it does so as well."""
    attaching, bars = window.editor.attaching, window.bars
    about, bar = attaching.about, bars.get(BAR)
    if not about:
        bars.take_away(BAR)
    elif bar is None or bar.text != about:
        window.middle.show_canvas()
        bar = bars.show_bar(BAR, about, "note", {f"Back to {window.files.name}": lambda: None})
        bar.closed.connect(lambda: attaching.stop() if attaching.about == about else None)
