"""The command palette: every action by a few letters of its name, with its keys beside it; and edits that are typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent

from ...core.scripting.phrases import Phrase, PhraseError, Suggestion
from ..actions import ACTIONS, Action
from ..lists.popup import ListPopup
from ..lists.view import Row
from ..search.candidates import Match, match, match_each
from .names import key_text
from .phrases import Phrases, is_like

if TYPE_CHECKING:
    from ..window import Window

WHAT = "What do you want to do?"
SAY = "add relu, fc1 -> relu, f = sin(x) + x*y"
SURE = 4.0  # from this rank on an action's letters are only met in their order
SAID = 8  # lines of what a phrase does
OTHER = 0.5  # of the rank of what is met in another word for the action
ABOUT, BY_ABOUT = 5, 3.9  # letters from which on what an action is about is looked through too; with this rank
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Found(NamedTuple):
    """An action with the letters that were met."""

    action: Action
    letters: tuple[int, ...]


Offered = Found | Phrase | PhraseError | Suggestion


class CommandPalette(ListPopup):
    """Shows what can be done now; Enter does it. What reads as a phrase is done too, Tab completes it."""

    placeholder = WHAT

    def __init__(self, window: Window) -> None:
        self._window = window
        self.phrases = Phrases(window)
        self.saying = False  # opened for a phrase: no action is offered
        self.found: list[Offered] = []
        super().__init__(window.theme, window)
        self.phrases.misfits.changed.connect(self._offer_mend)
        self.field.installEventFilter(self)  # after the list's, and so asked before it

    def open(self, at: QPoint | None = None, text: str = "", saying: bool = False) -> None:
        """Open for an action or a phrase; `saying`: for a phrase alone."""
        self.saying = saying
        self.field.setPlaceholderText(SAY if saying else WHAT)
        super().open(at, text)

    # What is shown.

    def refresh(self) -> None:
        """Show the phrase that was typed, and the actions that match, best first; what cannot be done now is faded."""
        text = self.field.text()
        ranked = [] if self.saying else _ranked(self._window, text.strip())
        phrase = self.phrases.read(text) if text.strip() and (self.saying or is_like(text)) else None
        if phrase is not None:  # examples of phrases stand in what actions are about
            ranked = [(rank, found) for rank, found in ranked if rank != BY_ABOUT]
        sure = [found for rank, found in ranked if rank < SURE]
        fitting = self.phrases.complete(text, self.field.cursorPosition()) if self.saying or phrase else []
        first: list[Offered] = [phrase] if isinstance(phrase, Phrase) else [] if text else [*self.phrases.mending]
        wrong: list[Offered] = [phrase] if isinstance(phrase, PhraseError) and not sure else []
        self.found = [*first, *sure, *wrong, *fitting, *(found for rank, found in ranked if rank >= SURE)]
        self.list.empty = "No match"
        start = 1 if wrong and fitting and _completes(fitting[0], wrong[0], text) else None
        self.list.show_rows(len(self.found), self._row, start)
        self._tell()

    def _offer_mend(self) -> None:
        if self.isVisible() and not self.field.text():
            self.refresh()

    def _row(self, row: int) -> Row:
        match self.found[row]:
            case Phrase() as phrase:
                return Row(phrase.told, note="Enter", tip=phrase.told)
            case PhraseError() as error:
                return Row(error.message, note=f"column {error.column}", mark="error", tip=str(error))
            case Suggestion() as suggestion:
                return Row(
                    suggestion.text, detail=suggestion.about.replace("`", ""), note="Tab" * (row == self._fitting())
                )
            case Found(action, letters):
                keys = self._window.application.keymap.keys(action)
                return Row(
                    title(action),
                    note=", ".join(map(key_text, keys)),
                    found=letters,
                    faded=not action.enabled(self._window),
                    tip=action.about,
                    ticked=action.checked is not None and action.checked(self._window),
                )

    def footer_text(self, row: int) -> str:
        return _said(self._window, self.found, row) if 0 <= row < len(self.found) else ""

    def footer_lines(self, row: int) -> int:
        """What a phrase does, or what is wrong with it, is to be read whole: its row has room for the beginning."""
        said = 0 <= row < len(self.found) and isinstance(self.found[row], Phrase | PhraseError)
        return SAID if said else super().footer_lines(row)

    # Doing it.

    def _choose(self, row: int) -> None:
        chosen = self.found[row]
        if isinstance(chosen, Suggestion):
            self._put(chosen)
        elif isinstance(chosen, PhraseError):
            self.field.setCursorPosition(chosen.column - 1)
        else:
            super()._choose(row)

    def choose(self, row: int) -> None:
        """Do it."""
        match self.found[row]:
            case Phrase() as phrase:
                self.phrases.do(phrase)
            case Found(action, _):
                self._window.menus.start(action)

    def _fitting(self) -> int:
        """The row of the suggestion that Tab takes: that at the keyboard, else the first; -1 where there is none."""
        here = self.list.current
        if 0 <= here < len(self.found) and isinstance(self.found[here], Suggestion):
            return here
        return next((row for row, each in enumerate(self.found) if isinstance(each, Suggestion)), -1)

    def _put(self, suggestion: Suggestion) -> None:
        text, end = self.field.text(), suggestion.start + len(suggestion.text)
        self.field.setText(text[: suggestion.start] + suggestion.text + text[suggestion.end :])
        self.field.setCursorPosition(end)
        self.refresh()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab completes a phrase, else it walks the list."""
        row = self._fitting() if next else -1
        if row < 0:
            return super().focusNextPrevChild(next)
        chosen = self.found[row]
        assert isinstance(chosen, Suggestion)
        self._put(chosen)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and watched is self.field:
            if event.key() in _ENTER and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                return self._go_on()
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                return self._recall(1 if event.key() == Qt.Key.Key_Up else -1)
        return super().eventFilter(watched, event)

    def _go_on(self) -> bool:
        """Do the phrase and stay open for the next."""
        chosen = self.found[self.list.current] if self.found else None
        if not isinstance(chosen, Phrase):
            return False
        self.reading = True  # the canvas may take the keyboard meanwhile
        self.phrases.do(chosen)
        self.reading = False
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.field.clear()
        self.refresh()
        return True

    def _recall(self, by: int) -> bool:
        """Whether an earlier phrase was put into the field: it was empty, or holds one from the first row on."""
        text = self.phrases.before(self.field.text(), by) if self.list.current <= 0 else None
        if text is None or (by < 0 and not self.field.text()):
            return False
        self.field.setText(text)
        return True


def _said(window: Window, found: Sequence[Offered], row: int) -> str:
    """What will be done or what is wrong; what the action is for, or that it cannot be done now."""
    match found[row]:
        case Phrase() as phrase:
            return f"{phrase.told[:1].upper()}{phrase.told[1:]}. Shift+Enter does it and stays"
        case PhraseError() as error:
            return str(error)
        case Suggestion() as suggestion:
            wrong = next((each for each in found if isinstance(each, PhraseError)), None)
            return f"{suggestion.about}. {wrong or ''}" if suggestion.about else str(wrong or "")
        case Found(action, _):
            if action.enabled(window):
                return action.about
            reason = "" if action.refusal is None else f": {action.refusal(window)}"
            return f"Not now{reason}. {action.about}"


def _completes(fitting: Suggestion, wrong: Offered, text: str) -> bool:
    """Whether what is wrong is the word that was begun and that fits as it goes on."""
    begun = text[fitting.start : fitting.end]
    return bool(begun) and isinstance(wrong, PhraseError) and fitting.start < wrong.column <= fitting.end + 1


def _ranked(window: Window, words: str) -> list[tuple[float, Found]]:
    """The actions that match, best first, with how well they do: of those that are met by name, and then of the others,
    first what can be done now.
    """
    ranked: list[tuple[tuple[bool, bool, float, int], Found]] = []
    for place, action in enumerate(ACTIONS):
        met = _met(words, action)
        if met is not None:
            order = met.rank >= BY_ABOUT, not action.enabled(window), met.rank, place
            ranked.append((order, Found(action, met.found)))
    ranked.sort(key=lambda one: one[0])
    return [(order[2], found) for order, found in ranked]


def _met(words: str, action: Action) -> Match | None:
    """How well an action is meant: by its name or another word for it, by the words of these in another order, by what
    it is about.
    """
    met = match(words, title(action))
    others = [each for text in action.words if words for each in (match(words, text), match_each(words, text))]
    tried = [met, *(Match(each.rank + OTHER) for each in others if each is not None)]
    sure = [each for each in tried if each is not None and each.rank < SURE]
    if sure:
        return min(sure, key=lambda each: each.rank)
    about = match_each(words, action.about) if len(words) >= ABOUT else None
    return match_each(words, title(action)) or met or (about and Match(BY_ABOUT))


def title(action: Action) -> str:
    """What the action is called outside of its menu: `Theme: Dark`, but `Nudge left`, which says where it stands."""
    place = (action.menu or "").rpartition("/")
    text = action.text.rstrip("…")
    return f"{place[2]}: {text}" if place[0] and not text.startswith(place[2]) else text
