"""Phrases: edits that are typed in a line, `fc1.y -> relu1.x`, `f = sin(x) + x*y`. What is typed is never Python."""

from .around import Around
from .completing import Suggestion, complete
from .lexing import PhraseError
from .phrase import Phrase, read

__all__ = ["Around", "Phrase", "PhraseError", "Suggestion", "complete", "read"]
