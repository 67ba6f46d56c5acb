"""The errors that a user may meet: one line each, saying what was required, what was found, and what would fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .graph import Graph

TOLD = 20  # refusals that are told together: a file that is wrong throughout is known by its beginning


class GradwireError(Exception):
    """A refusal with its reason.

    `message` says what was required and what was found; `hint` what would fit; `node` (an id) and `port`
    say where. Shown to the user as it stands, without a traceback. `also` are refusals that were found
    together with this one, and are told after it.
    """

    also: tuple[GradwireError, ...] = ()

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

    @property
    def each(self) -> tuple[GradwireError, ...]:
        """This refusal and those that were found together with it."""
        return self, *self.also


class Refusals:
    """Refusals that are gathered to be told together: the first `TOLD` of them, and how many more there are.

    `about` begins the line that says how many.
    """

    def __init__(self, about: str = "") -> None:
        self.about = about
        self.first: list[GradwireError] = []
        self.more = 0

    def add(self, error: GradwireError) -> None:
        """Keep `error` and what was found together with it."""
        for each in error.each:
            if len(self.first) < TOLD:
                self.first.append(each)
            else:
                self.more += 1

    def add_made(self, make: Callable[[], GradwireError]) -> None:
        """Keep what `make` gives. It is called only for what is told: to find what would fit may take long."""
        if len(self.first) < TOLD:
            self.add(make())
        else:
            self.more += 1

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Within it a refusal ends the block and is kept."""
        try:
            yield
        except GradwireError as error:
            self.add(error)

    def error(self) -> GradwireError | None:
        """The first, with the others as what was found together with it; None where there is none."""
        if not self.first:
            return None
        first, *others = self.first
        if self.more:
            others.append(type(first)(f"{self.about}... and {self.more:,} more"))
        first.also = tuple(others)
        return first

    def raise_any(self) -> None:
        """Raise `error()`, where there is one."""
        error = self.error()
        if error is not None:
            raise error


class ShapeError(GradwireError):
    """Shapes or dtypes that an op cannot take; raised by shape rules, at one port where that can be said.

    `others` are the other ports at which another value would do as well, each with one that fits.
    """

    others: tuple[tuple[str, str], ...] = ()


class ParameterError(GradwireError):
    """An op's or layer's parameter that is unknown, missing, or outside what it accepts."""


class EditError(GradwireError):
    """An edit that the document refuses: a cycle, a missing port, an unknown name, a wrong thread."""


class FileError(GradwireError):
    """A file that cannot be read or written."""


class GraphFileError(FileError):
    """A file that reads, but whose graph cannot stand: wires that close a loop, a wire from no node.

    `graph` is the rest of it, in which these wires come from a node of no op, `LOST`.
    """

    LOST = "no node"
    graph: Graph | None = None


class DataError(GradwireError):
    """Data that cannot be used: ragged rows, text where numbers belong, labels out of range, NaN."""


class RunError(GradwireError):
    """A run that cannot start or go on: an unfed input, an unknown fetch, a root without a seed."""


class UnsupportedError(RunError, TypeError):
    """A function of NumPy that no op serves. A `TypeError` as well: so NumPy's protocols have it."""
