"""The errors that a user may meet: one line each, saying what was required, what was found, and what would fit."""

from __future__ import annotations


class GradwireError(Exception):
    """A refusal with its reason.

    `message` says what was required and what was found; `hint` what would fit; `node` (an id) and `port`
    say where. Shown to the user as it stands, without a traceback.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, node: str | None = None, port: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.node = node
        self.port = port

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ShapeError(GradwireError):
    """Shapes or dtypes that an op cannot take; raised by shape rules, at one port where that can be said."""


class ParameterError(GradwireError):
    """An op's or layer's parameter that is unknown, missing, or outside what it accepts."""


class EditError(GradwireError):
    """An edit that the document refuses: a cycle, a missing port, an unknown name, a wrong thread."""


class FileError(GradwireError):
    """A file that cannot be read or written."""


class GraphFileError(FileError):
    """A file that reads, but whose graph cannot stand: wires that close a loop, a wire from no node."""


class DataError(GradwireError):
    """Data that cannot be used: ragged rows, text where numbers belong, labels out of range, NaN."""


class RunError(GradwireError):
    """A run that cannot start or go on: an unfed input, an unknown fetch, a root without a seed."""
