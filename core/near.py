"""What a name that nobody knows may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def near(name: object, known: Iterable[str], most: int = 1) -> list[str]:
    """Names of `known` that are the same but for capitals and signs, else alike, else such that one holds the other.

    Of those that are alike one with the same letters comes first: letters are easily typed in another order.
    """
    spelt = {each: plain(each) for each in known}
    wanted = plain(str(name))
    same = [each for each, text in spelt.items() if text == wanted]
    if same or not wanted:
        return same[:most]
    swapped = [text for text in spelt.values() if sorted(text) == sorted(wanted)]
    alike = [*dict.fromkeys([*swapped, *difflib.get_close_matches(wanted, dict.fromkeys(spelt.values()), most)])]
    if not alike:
        alike = [text for text in spelt.values() if wanted in text or (len(text) > 2 and text in wanted)]
    return [each for text in alike for each in spelt if spelt[each] == text][:most]


def plain(name: str) -> str:
    """Its letters and digits alone, all small."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
