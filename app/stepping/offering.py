"""Mends of a gradient that is not finite: offered in a bar, done with one click and one undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.stepping.mending import Mend
from ..layout.making_room import free_place, make_room

if TYPE_CHECKING:
    from ..editor import Editor
    from ..window import Window

BAR = "mend"


def offer_mends(window: Window) -> None:
    """Show in a bar of a window, from now on, what would mend what its spotlight tells of."""
    window.editor.spotlight.changed.connect(partial(_show, window))


def _show(window: Window) -> None:
    answer = window.editor.spotlight.answer
    if answer is None or not answer.mends:
        window.bars.take_away(BAR)
        return
    bar = window.bars.get(BAR)
    answers = {mend.label: partial(do_mend, window, mend) for mend in answer.mends}
    if bar is None or list(bar.buttons) != list(answers):
        kept = [mend.label for mend in answer.mends if mend.exact]
        told = f" ({', '.join(kept)}: values stay as they are)" if kept else ""
        window.bars.show_bar(BAR, f"{answer.lines[1]}{told}", "note", answers)


def can_mend(editor: Editor) -> bool:
    """Whether a mend is offered."""
    return editor.spotlight.answer is not None and bool(editor.spotlight.answer.mends)


def mend_first(window: Window) -> None:
    """Do the first mend that is offered."""
    if window.editor.spotlight.answer is not None:
        do_mend(window, window.editor.spotlight.answer.mends[0])


def do_mend(window: Window, mend: Mend) -> None:
    """Do a mend, one undo; the stepper rests, since what it has recorded is of the graph before."""
    canvas = window.canvas

    def act(t: Transaction) -> bool:
        made = mend.apply(t)
        if made is not None:
            make_room(canvas, t, made.node, made.wire)
            x, y = t.graph.item(made.wire.source.node).position
            t.move(made.constant, free_place(canvas, x, y))
        return True

    if window.editor.attempt(mend.label, act):
        window.editor.stepper.leave()
