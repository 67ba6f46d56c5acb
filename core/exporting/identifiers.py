"""From the names that people give to identifiers of Python: what a name holds can never become code."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

_NOT_ALLOWED = re.compile("[^A-Za-z0-9]+")
_LONGEST = 40  # characters of an identifier; a name may have any number
PYTHON = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins)))


def identifier(text: str, otherwise: str = "value") -> str:
    """`text` in ASCII letters, digits and single underscores: Greek letters by their names, accents dropped.

    Where nothing is left, or it would begin with a digit, `otherwise` (made an identifier too) serves or leads.
    """
    words = "".join(_spelled(character) for character in text[:200])
    found = _NOT_ALLOWED.sub("_", words).strip("_")[:_LONGEST].rstrip("_")
    if found and not found[0].isdigit():
        return found
    lead = "value" if otherwise == "value" else identifier(otherwise)
    return f"{lead}_{found}" if found else lead


def _spelled(character: str) -> str:
    if character.isascii():
        return character
    words = unicodedata.name(character, "").split()
    if words[:1] == ["GREEK"] and "LETTER" in words:
        name = words[words.index("LETTER") + 1] if words[-1] != "LETTER" else ""
        return name.capitalize() if "CAPITAL" in words else name.lower()
    return unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii") or "_"


class Names:
    """Identifiers that are each given once, and never one of `reserved` or of Python's own."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = set(PYTHON).union(reserved)

    def new(self, *candidates: str, otherwise: str = "value", also: Iterable[str] = ()) -> str:
        """An identifier for the first of `candidates` that is free, else with an underscore or a number.

        None of `also` is given either.
        """
        refused = self._taken.union(also)
        found = [identifier(text, otherwise) for text in candidates]
        for text in found:
            if text not in refused:
                return self._take(text)
        # A name of Python's or the program's gets the underscore that is usual for that.
        if f"{found[0]}_" not in refused and found[0] in PYTHON.union(also):
            return self._take(f"{found[0]}_")
        number = 2
        while f"{found[-1]}_{number}" in refused:
            number += 1
        return self._take(f"{found[-1]}_{number}")

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name
