"""Mends of a gradient that is not finite: offered in a bar, done with one click and one undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.stepping import State
from ...core.stepping.mending import Mend
from ..editing import outputs
from ..layout.making_room import free_place, make_room
from .spotlight import Answer

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
    """Whether a mend is offered, or may be found for the active node: something there is not finite."""
    return bool(_offered(editor)) or _is_broken(editor, editor.active)


def mend(window: Window) -> None:
    """Do the first mend that is offered; else look for one for the active node, and do that."""
    editor = window.editor
    if offered := _offered(editor):
        do_mend(window, offered[0])
    elif editor.active is not None:
        editor.questions.cause(editor.active, partial(_do_first, window))


def nothing_to_mend(window: Window) -> str:
    """Why nothing can be mended."""
    active, graph = window.editor.active, window.editor.graph
    if active is None or active not in graph.nodes:
        return "no mend is offered; select a node whose gradient is not finite"
    return f"the gradients at {graph.path(active)} are finite: there is nothing to mend"


def _do_first(window: Window, answer: Answer) -> None:
    if answer.mends:
        do_mend(window, answer.mends[0])
    else:
        window.editor.told.emit(f"No mend is known: {answer.lines[1]}", "refusal")


def _offered(editor: Editor) -> tuple[Mend, ...]:
    return () if editor.spotlight.answer is None else editor.spotlight.answer.mends


def _is_broken(editor: Editor, node: str | None) -> bool:
    """Whether the gradient of a node, or of what it takes, is not finite."""
    if node is None or node not in editor.graph.nodes or editor.results.timeline is None:
        return False
    around = [*outputs(editor.graph, editor.registry, node), *editor.graph.inputs(node).values()]
    return any(editor.results.gradient(source).state is State.NONFINITE for source in around)


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
