"""Phrases in the command palette: what is typed as an edit, what is wrong with it, what would fit, what was said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.scripting.phrases import Phrase, PhraseError, Suggestion, complete, read
from ...core.scripting.phrases.forms import VERBS
from .misfits import Misfits, around_of

if TYPE_CHECKING:
    from ...core.scripting.phrases.doing import Done
    from ..window import Window

PAST, MOST = "phrases/past", 50
_LIKE = re.compile(rf"(?:{'|'.join(VERBS)})\s|.*(?:[=(+*/@^→]|->|\w\.\w|\S\s*-\s*\w|\w\s+as\s+\w)", re.DOTALL)


def is_like(text: str) -> bool:
    """Whether a text is more likely a phrase than letters of an action's name."""
    return _LIKE.match(text.lstrip()) is not None


_DONE = {  # what a phrase does, when it is done
    "adds": "added",
    "calls": "called",
    "cuts": "cut",
    "groups": "grouped",
    "makes": "made",
    "removes": "removed",
    "sets": "set",
    "ungroups": "ungrouped",
    "wires": "wired",
}


def _past(told: str) -> str:
    """`Added relu; wired fc1 into relu.x`, of what was told before: `adds relu; wires fc1 into relu.x`."""
    parts = [part.partition(" ") for part in told.split("; ")]
    text = "; ".join(f"{_DONE.get(verb, verb)}{space}{rest}" for verb, space, rest in parts)
    return text[:1].upper() + text[1:]


class Phrases:
    """Of one window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._settings = window.application.settings
        self.misfits = Misfits(window.editor, window)
        self.past: list[str] = [str(text) for text in self._settings.get(PAST, [])]

    def read(self, text: str) -> Phrase | PhraseError:
        """What a text says, or what is wrong with it."""
        editor = self._window.editor
        try:
            return read(text, editor.graph, editor.registry, around_of(editor))
        except PhraseError as error:
            return error

    def complete(self, text: str, cursor: int) -> list[Suggestion]:
        """What may stand at the cursor."""
        editor = self._window.editor
        return complete(text, cursor, editor.graph, editor.registry, around_of(editor))

    @property
    def mending(self) -> list[Suggestion]:
        """What an empty line may become: what mends what no longer fits after the phrase before."""
        misfits = self.misfits
        return [Suggestion(misfits.mend, misfits.about, 0, 0)] if misfits.mend else []

    def do(self, phrase: Phrase) -> None:
        """Do it, one undo, and show what it is about."""
        from ..layout.making_room import settle, show_added
        from ..stepping.detours import go_around

        window, editor, act = self._window, self._window.editor, phrase.act
        self._remember(phrase.text)
        window.show_canvas()
        if act is None:
            if phrase.goes:
                editor.show(phrase.shows[0])
            else:
                self._select(phrase.shows)
            return
        canvas, before = window.canvas, editor.graph

        def work(t: Transaction) -> Done:
            done = act(t)
            for id in done.ids:
                settle(canvas, t, id)
            go_around(canvas, t, before, [id for id in done.ids if id not in before.nodes | before.groups])
            return done

        self.misfits.begin()
        done = editor.attempt(phrase.label, work)
        if done is None:
            return
        shown = [id for id in done.ids if editor.graph.item(id).group == editor.group]
        if shown:
            show_added(canvas, *shown)
        told = _past(done.told)
        editor.told.emit(told, "note")
        self.misfits.await_check(told)

    def _select(self, ids: tuple[str, ...]) -> None:
        editor = self._window.editor
        editor.enter(editor.graph.item(ids[0]).group)
        editor.select(ids)
        self._window.canvas.bring_into_view(ids)

    # What was said before.

    def _remember(self, text: str) -> None:
        self.past = [*(each for each in self.past if each != text), text][-MOST:]
        self._settings.set(PAST, self.past)

    def before(self, text: str, by: int) -> str | None:
        """What was said before (`by` 1) or after what stands in the field, None where that is something else."""
        at = self.past.index(text) if text in self.past else len(self.past)
        if text and at == len(self.past):
            return None
        at -= by
        return self.past[at] if 0 <= at < len(self.past) else "" if at == len(self.past) and text else None
