"""How ops are written with NumPy, by family. What takes more than one line is a function of its own.

An op that no family spells brings its own forward along, which runs as well and reads less well.
A family is a module with `SPELLINGS`, by op; where it needs them `HELPERS`, functions that spelled code calls, by
name, `NOTES`, remarks by op, and `KEPT`, by op how what it keeps for the next iteration is computed, in the order of
`op.writes`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Note, Spelling
from ..families import gathered
from .words import WORDS, cast

__all__ = ["HELPERS", "KEPT", "NOTES", "SPELLINGS", "WORDS", "cast"]

SPELLINGS: Mapping[str, Spelling] = gathered(__name__, "SPELLINGS")
HELPERS: Mapping[str, str] = gathered(__name__, "HELPERS")
NOTES: Mapping[str, Note] = gathered(__name__, "NOTES")
KEPT: Mapping[str, Spelling] = gathered(__name__, "KEPT")
