"""The errors that a user may meet: one line each, saying what was required, what was found, and what would fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from .graph import Graph

Public = TypeVar("Public", bound=Callable[..., Any])

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


class Place(NamedTuple):
    """Where in data: as messages name it; which file, as the document names it; its line (from 1), column (from 0).

    What is None has no such place: the whole file, or the whole line, is meant.
    """

    words: str
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return self.words


class DataError(GradwireError):
    """Data that cannot be used: ragged rows, text where numbers belong, labels out of range, NaN.

    `file`, `line` (from 1) and `column` (from 0) are those of the place where that was found, None where there is none.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        node: str | None = None,
        port: str | None = None,
        place: Place | None = None,
    ) -> None:
        super().__init__(message, hint=hint, node=node, port=port)
        self.place = place
        self.file, self.line, self.column = (None, None, None) if place is None else place[1:]


class RunError(GradwireError):
    """A run that cannot start or go on: an unfed input, an unknown fetch, a root without a seed."""


class UnsupportedError(RunError, TypeError):
    """A function of NumPy that no op serves. A `TypeError` as well: so NumPy's protocols have it."""


class UsageError(GradwireError, TypeError):
    """A function or class is called without what it needs, or with what it does not take."""


def usage_told(public: Public) -> Public:
    """Let a function or a class that users call tell in one line what it takes, where a call does not fit it."""
    named_class: Any = public if isinstance(public, type) else None
    call: Any = public if named_class is None else named_class.__init__
    name = public.__name__

    @wraps(call)
    def told(*args: Any, **named: Any) -> Any:
        try:
            return call(*args, **named)
        except TypeError as error:
            inner = error.__traceback__ and error.__traceback__.tb_next
            if inner is not None or isinstance(error, UsageError):
                raise  # of what it has done, not of how it was called
            misfit = _misfit(name, inspect.signature(call), args, named)
        raise misfit

    if named_class is None:
        return told  # type: ignore[return-value]
    named_class.__init__ = told
    return public


def _misfit(name: str, signature: inspect.Signature, args: tuple[Any, ...], named: Mapping[str, Any]) -> UsageError:
    """What does not fit about a call."""
    taken = [*signature.parameters.values()]
    if taken and taken[0].name in ("self", "cls"):
        taken, args = taken[1:], args[1:]
    kinds = {each.kind for each in taken}
    others = inspect.Parameter.VAR_KEYWORD in kinds  # names that are not told are taken as well
    owned = [each for each in taken if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    placed = [each for each in owned if each.kind != each.KEYWORD_ONLY]
    names = [each.name for each in owned]
    unknown = [each for each in named if each not in names]
    if unknown and not others:
        near = get_close_matches(unknown[0], names, 1)
        hint = f"perhaps {near[0]}; it takes {', '.join(names)}" if near else f"it takes {', '.join(names) or 'none'}"
        return UsageError(f"{name} takes no argument {unknown[0]!r}", hint=hint)
    usage = f"{name}({', '.join(map(_told, taken))})"
    if len(args) > len(placed) and inspect.Parameter.VAR_POSITIONAL not in kinds:
        return UsageError(f"{name} takes at most {len(placed)} by place, got {len(args)}", hint=usage)
    given = placed[: len(args)]
    meant = [each for each in owned if each.name in named and not (others and each.kind == each.POSITIONAL_ONLY)]
    twice = [each.name for each in given if each in meant]
    if twice:
        return UsageError(f"{name} got {twice[0]} twice, by place and by name", hint=usage)
    needed = [each for each in owned if each.default is each.empty and each not in given]
    misplaced = [each.name for each in (*meant, *needed) if each.kind == each.POSITIONAL_ONLY and each.name in named]
    if misplaced:
        return UsageError(f"{name} takes {misplaced[0]} by place alone, got it by name", hint=usage)
    missing = [each.name for each in needed if each not in meant]
    got = ", ".join([*(each.name for each in given), *named]) or "nothing"
    return UsageError(f"{name} needs {', '.join(missing)}, got {got}", hint=usage)


def _told(taken: inspect.Parameter) -> str:
    """An argument as it stands in a line that says how something is called."""
    if taken.kind in (taken.VAR_POSITIONAL, taken.VAR_KEYWORD):
        return str(taken.replace(annotation=taken.empty))
    return taken.name if taken.default is taken.empty else f"{taken.name}=…"
