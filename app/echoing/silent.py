"""Actions that are told by what comes of them, or not at all, with the reason of each.

One whose text ends in "…" asks something first: what the answer does to the document is told then.
"""

from __future__ import annotations

from ..actions import Action

LATER = "what it does to the document comes later, and is told then"
ASKS = "it opens a field or a list: what is chosen there is told"
SHOWS = "it shows a text, and does nothing"
ENDS = "it ends the window, or begins another"
ITSELF = "it is about the echo itself"

SILENT = {
    "edit.rename": ASKS,
    "arrange.lay_out": LATER,
    "graph.expand": LATER,
    "graph.fuse": LATER,
    "step.mend": LATER,
    "file.open": ASKS,
    "file.data": ASKS,
    "file.new": ENDS,
    "file.new_window": ENDS,
    "file.revert": ENDS,
    "file.close": ENDS,
    "file.quit": ENDS,
    "help.palette": ASKS,
    "help.card": SHOWS,
    "help.keys": SHOWS,
    "help.about": SHOWS,
    "view.echo": ITSELF,
    "edit.record_macro": ITSELF,
    "edit.stop_recording": ITSELF,
    "edit.save_macro": ITSELF,
    "edit.run_macro": ITSELF,
}


def why_silent(action: Action) -> str | None:
    """Why no line is told of an action that has changed nothing when it ends; None where one is."""
    return SILENT.get(action.id) or (ASKS if action.text.endswith("…") else None)
