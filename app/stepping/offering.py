"""Mends of problems, of gradients that are not finite, and of findings: done with one click and one undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.stepping.mending import Mend
from ..canvas.extent import all_in_view
from ..undoing import READ_ONLY, is_looked_at
from .detours import go_around
from .placing import place_inserted
from .spotlight import Answer

if TYPE_CHECKING:
    from ..editor import Editor
    from ..window import Window

BAR = "mend"
NEXT_RUN = ", for the next run, as this one goes on as it began"


def offer_mends(window: Window) -> None:
    """Show in a bar of a window, from now on, what would mend what its spotlight tells of; do what is wished for."""
    window.editor.spotlight.changed.connect(partial(_show, window))
    window.editor.wishes.mend.connect(partial(do_mend, window))


def _show(window: Window) -> None:
    answer = window.editor.spotlight.answer
    if answer is None or not answer.mends or is_looked_at(window.editor):
        window.bars.take_away(BAR)
        return
    bar = window.bars.get(BAR)
    answers = {mend.label: partial(do_mend, window, mend) for mend in answer.mends}
    if bar is None or list(bar.buttons) != list(answers):
        kept = [mend.label for mend in answer.mends if mend.exact]
        told = f" ({', '.join(kept)}: values stay as they are)" if kept else ""
        window.bars.show_bar(BAR, f"{answer.wrong or answer.lines[1]}{told}", "note", answers)


def can_mend(editor: Editor) -> bool:
    """Whether a mend is offered, or found for the node that is meant; as long as it is looked for, whether that is
    broken.
    """
    mending, meant = editor.questions.mending, _meant(editor)
    if is_looked_at(editor):
        return False
    if _offered(editor) or _of_problems(editor, meant):
        return True
    if meant is not None and mending.is_broken(meant) and not mending.why_not(meant):
        return True
    return meant is not None and editor.findings.mends.at(meant) is not None


def mend(window: Window) -> None:
    """Do the first mend that is offered; else look for one for the node that is meant, and do that."""
    editor = window.editor
    meant = _meant(editor)
    if offered := _offered(editor) or _of_problems(editor, meant):
        do_mend(window, offered[0])
    elif meant is not None:
        broken = editor.questions.mending.is_broken(meant)
        finding = None if broken else editor.findings.mends.at(meant)
        if finding is None:
            editor.questions.cause(meant, partial(_do_first, window))
        else:
            editor.questions.finding(finding, partial(_do_first, window))


def _of_problems(editor: Editor, meant: str | None) -> tuple[Mend, ...]:
    """What mends the first problem of a node, or within a group, that has any."""
    graph, found = editor.graph, editor.checking.mends.items()
    inside = {meant, *(graph.interior(meant)[0] if meant is not None and meant in graph.groups else ())}
    return next((mends for problem, mends in found if problem.node in inside and mends), ())


def _meant(editor: Editor) -> str | None:
    """The active node; while nothing is selected the first that has a problem with a mend, or that something told on
    the canvas has one for.
    """
    if editor.active is not None or editor.selection:
        return editor.active
    if broken := next((problem.node for problem, mends in editor.checking.mends.items() if mends), None):
        return broken
    mends = editor.findings.mends
    return next((each.node for each in editor.findings.on_canvas if each.node and mends.at(each.node)), None)


def nothing_to_mend(window: Window) -> str:
    """Why nothing can be mended."""
    editor = window.editor
    active, graph = editor.active, editor.graph
    if is_looked_at(editor):
        return READ_ONLY
    if active is None or active not in graph.nodes:
        return "no mend is known; select a node whose gradient is not finite, or of which Diagnosis tells something"
    if editor.questions.mending.is_broken(active):
        return editor.questions.mending.why_not(active)
    if wrong := next((each for each in editor.problems if each.node == active), None):
        return f"no one change is known after which {graph.path(active)} fits: {wrong.told}"
    advised = next((each for each in editor.findings.on_canvas if each.node == active and each.mend), None)
    if advised is not None:
        return f"{advised.rule}: {advised.mend} (by hand: no one change is sure to do that here)"
    return f"the gradients at {graph.path(active)} are finite: there is nothing to mend"


def _do_first(window: Window, answer: Answer) -> None:
    if answer.mends:
        do_mend(window, answer.mends[0])
    else:
        window.editor.told.emit(f"No mend is known: {answer.lines[1]}", "refusal")


def _offered(editor: Editor) -> tuple[Mend, ...]:
    return () if editor.spotlight.answer is None else editor.spotlight.answer.mends


def do_mend(window: Window, mend: Mend) -> None:
    """Do a mend, one undo; the stepper rests, since what it has recorded is of the graph before."""
    canvas, editor = window.canvas, window.editor

    def act(t: Transaction) -> tuple[str, ...]:
        before = editor.graph
        made = mend.apply(t)
        if made is not None:
            place_inserted(canvas, t, made)
        new = () if made is None else tuple(filter(None, (made.node, made.constant)))
        go_around(canvas, t, before, new)
        return new

    all_seen = all_in_view(canvas)
    new = editor.attempt(mend.label, act)
    if new is not None:
        editor.stepper.leave()
        seen = canvas.scene.visible if all_seen else new  # who saw all goes on doing so
        canvas.bring_into_view(seen, whole=all_seen, made=True)
        editor.told.emit(f"{mend.label}: done{NEXT_RUN if editor.training.active else ''}; Undo takes it back", "note")
