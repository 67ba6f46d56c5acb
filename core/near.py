"""What a name that nobody knows may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near(name: object, known: Iterable[str], most: int = 1) -> list[str]:
    """Names of `known` that are the same but for capitals and signs, else alike, else such that one holds the other."""
    plain = {each: _plain(each) for each in known}
    wanted = _plain(str(name))
    same = [each for each, text in plain.items() if text == wanted]
    if same or not wanted:
        return same[:most]
    alike = difflib.get_close_matches(wanted, dict.fromkeys(plain.values()), most)
    if not alike:
        alike = [text for text in plain.values() if wanted in text or (len(text) > 2 and text in wanted)]
    return [each for text in alike for each in plain if plain[each] == text][:most]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
