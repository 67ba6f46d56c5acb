"""The words and signs of a phrase, each with the place where it stands."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ...errors import GradwireError
from ...parameters import shown

LONGEST = 500  # characters of a phrase
LARGEST = 1e308

_WORD = r"[^\W\d]\w*"
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SIGN = r"->|→|\*\*|//|==|!=|<=|>=|[-+*/%@<>=(),.\[\]:;^|&~!{}?#$]"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})|(?P<word>{_WORD})|(?P<sign>{_SIGN})|(?P<quote>[\"'`])|(?P<other>\S))"
)
_ALIKE = str.maketrans({"−": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "“": '"', "”": '"'})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class PhraseError(GradwireError):
    """A phrase that cannot be read, or that cannot be done. `column`, from 1, says where in the text."""

    def __init__(self, column: int, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.column = column

    def __str__(self) -> str:
        return f"column {self.column}: {super().__str__()}"


class UnnamedError(PhraseError):
    """A value without the name of its parameter, behind what is added: `linear 64`."""

    def __init__(self, column: int, message: str, hint: str, path: str, values: list[Any]) -> None:
        super().__init__(column, message, hint=hint)
        self.path, self.values = path, values


class Token(NamedTuple):
    """A part of a phrase. Its `kind` is word, text (in quotes), number, sign, cursor or end."""

    kind: str
    text: str  # of a text what stands within the quotes
    start: int
    end: int
    tight: bool  # whether it stands right behind the one before it

    @property
    def column(self) -> int:
        """Where it begins, from 1."""
        return self.start + 1

    @property
    def told(self) -> str:
        """What it is, for messages."""
        return "the end" if self.kind in ("end", "cursor") else shown(self.text)


def tokens(text: str, cursor: int | None = None) -> list[Token]:
    """The parts of a phrase, at last its end. Raises `PhraseError`.

    With a `cursor` all up to it, at last the word that is being typed there, which may be empty.
    """
    if len(text) > LONGEST:
        raise PhraseError(LONGEST + 1, f"a phrase has at most {LONGEST} characters, got {len(text):,}")
    plain = text.translate(_ALIKE)[:cursor]  # each sign for one, so that places stay
    found, at = list[Token](), 0
    while (match := _TOKEN.match(plain, at)) is not None:
        kind = str(match.lastgroup)
        start, end = match.span(kind)
        tight = bool(found) and start == at
        if kind == "other":
            raise PhraseError(start + 1, f"{shown(match[kind])} has no meaning in a phrase")
        if kind == "quote":
            closed = _closed(plain, start)
            if closed is None and cursor is None:
                raise PhraseError(start + 1, "the text that begins here has no end", hint=f"it ends with {match[kind]}")
            end = len(plain) if closed is None else closed
            within = text[start + 1 : end if closed is None else end - 1]
            found.append(Token("text", _ESCAPED.sub(r"\1", within), start, end, tight))
        elif kind == "number" and not abs(float(match[kind])) <= LARGEST:
            raise PhraseError(start + 1, f"{shown(match[kind])} is too large for a number", hint="at most 1e308")
        else:
            found.append(Token(kind, match[kind].replace("→", "->"), start, end, tight))
        at = end
    if cursor is None:
        return [*found, Token("end", "", len(plain), len(plain), False)]
    typed = found.pop() if found and found[-1].end == len(plain) and found[-1].kind in ("word", "text") else None
    last = Token("cursor", "", cursor, cursor, bool(found) and at == len(plain))
    return [*found, last if typed is None else typed._replace(kind="cursor")]


def _closed(text: str, start: int) -> int | None:
    """Where the text in quotes that begins at `start` ends, None where it does not."""
    at = start + 1
    while at < len(text):
        if text[at] == text[start]:
            return at + 1
        at += 2 if text[at] == "\\" else 1
    return None
