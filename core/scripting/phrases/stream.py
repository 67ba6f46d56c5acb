"""Goes through the parts of a phrase, and says at the cursor what would fit there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from ...other_names import LIBRARIES
from .forms import KINDS
from .lexing import PhraseError, Token

DEEPEST = 50  # brackets within each other
MOST = 100  # signs of an expression
_OTHERWISE = {"^": "x**2 is the power", "[": "slice(x, …) takes a part", "|": "abs(x)", "!": "x != y"}
Known = Callable[[str], bool]


class Here(Exception):  # noqa: N818 - no error: where the cursor was met while reading
    """The cursor was met: `wanted` fits there, `about` says of what it is."""

    def __init__(self, wanted: str, about: tuple[str, ...], token: Token) -> None:
        super().__init__(wanted)
        self.wanted, self.about, self.token = wanted, about, token


class Stream:
    """Goes through the parts of a phrase."""

    def __init__(self, parts: list[Token], known: Known) -> None:
        self._parts, self._known, self._at = parts, known, 0
        self._depth = self._signs = 0

    @property
    def token(self) -> Token:
        return self._parts[self._at]

    @property
    def column(self) -> int:
        return self.token.column

    @property
    def behind(self) -> Token:
        """The part behind the one at hand."""
        return self._parts[min(self._at + 1, len(self._parts) - 1)]

    @property
    def before(self) -> Token:
        """The part before the one at hand."""
        return self._parts[self._at - 1]

    def ahead(self, *texts: str) -> bool:
        """Whether one of these signs stands anywhere."""
        return any(part.kind == "sign" and part.text in texts for part in self._parts)

    def again(self, at: int) -> None:
        """Go back to where `at` was `place`."""
        self._at, self._depth, self._signs = at, 0, 0

    @property
    def place(self) -> int:
        """How many parts were taken."""
        return self._at

    def next(self) -> Token:
        """The part at hand, and go on to the one behind it."""
        token = self.token
        self._at += token.kind != "end"
        return token

    def sees(self, *texts: str, kind: str = "sign") -> bool:
        """Whether the part at hand is one of these signs."""
        return self.token.kind == kind and self.token.text in texts

    def takes(self, *texts: str, kind: str = "sign") -> bool:
        """Whether it is, and then go on."""
        found = self.sees(*texts, kind=kind)
        if found:
            self.next()
        return found

    def here(self, wanted: str, *about: str) -> None:
        """Where the cursor is: say what fits there."""
        if self.token.kind == "cursor":
            raise Here(wanted, about, self.token)

    def refuse(self, required: str, hint: str | None = None) -> NoReturn:
        """What is at hand is not what must stand there."""
        hint = _OTHERWISE.get(self.token.text, hint) if self.token.kind == "sign" else hint
        raise PhraseError(self.column, f"{required}, got {self.token.told}", hint=hint)

    def names(self) -> bool:
        """Whether a name is at hand."""
        return self.token.kind in ("word", "text")

    def path(self, required: str, wanted: str, *about: str, divides: bool = False) -> str:
        """A name, or several with `/` between; where that may also divide, only a path that is known."""
        self.here(wanted, *about)
        if not self.names():
            self.refuse(f"{required} must stand here")
        start = self.token.start
        found = self._kind(wanted, about) + self._of_library(self.next().text)
        best, end, at = found, self._at, self._at
        while self._joined(at):
            found, at = f"{found}/{self._parts[at + 1].text}", at + 2
            if not divides or self._known(found):
                best, end = found, at
        self._at = end
        behind = self.behind
        if self.sees("/") and self.token.tight and behind.kind == "cursor" and (not divides or self._known(best)):
            raise Here(wanted, about, behind._replace(text=f"{best}/{behind.text}", start=start))
        return best

    def _kind(self, wanted: str, about: tuple[str, ...]) -> str:
        """`layer:` or `op:` before a name."""
        first, colon, name = self.near(3)
        prefix = f"{first.text}:"
        if first.kind != "word" or first.text not in KINDS or not (colon.kind == "sign" and colon.text == ":"):
            return ""
        if not colon.tight or not name.tight or name.kind not in ("word", "text", "cursor"):
            return ""
        if name.kind == "cursor":
            raise Here(wanted, about, name._replace(text=prefix + name.text, start=first.start))
        self._at += 2
        return prefix

    def near(self, count: int) -> list[Token]:
        """So many parts from the one at hand on; of what would be behind the last the last."""
        last = len(self._parts) - 1
        return [self._parts[min(self._at + place, last)] for place in range(count)]

    def _of_library(self, word: str) -> str:
        """`nn.ReLU` behind `nn`: the dots of another library's names are no ports, unless something is called `nn`."""
        while word.partition(".")[0] in LIBRARIES and self.sees(".") and self.token.tight and not self._known(word):
            if self.behind.kind != "word":
                break
            self.next()
            word = f"{word}.{self.next().text}"
        return word

    def _joined(self, at: int) -> bool:
        if at + 1 >= len(self._parts):
            return False
        sign, name = self._parts[at : at + 2]
        return sign.kind == "sign" and sign.text == "/" and sign.tight and name.tight and name.kind in ("word", "text")

    def after_dot(self, required: str, wanted: str, path: str) -> str:
        """The name behind a dot; nothing where there is no dot."""
        if not self.takes("."):
            return ""
        self.here(wanted, path)
        if not self.names():
            self.refuse(f"{required} must stand behind the dot")
        return self.next().text

    def deeper(self) -> None:
        """Count a bracket that is open."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise PhraseError(self.column, f"a phrase has at most {DEEPEST} brackets within each other")

    def count_sign(self) -> None:
        """Count a sign between two values."""
        self._signs += 1
        if self._signs > MOST:
            raise PhraseError(self.column, f"an expression has at most {MOST} signs", hint="give names to its parts")

    def shallower(self) -> None:
        """Count one that is closed."""
        self._depth -= 1

    def is_parameter(self) -> bool:
        """Whether a name with = behind it is at hand."""
        return self.names() and self.behind.kind == "sign" and self.behind.text == "="
