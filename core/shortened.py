"""Tracebacks as a user needs them: without what the program did between the user's call and the user's function."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType

from .errors import GradwireError

_HERE = Path(__file__).resolve().parent
_OURS = tuple(f"{_HERE.parent / name}{os.sep}" for name in (_HERE.name, "app"))
_BETWEEN = (*_OURS, "<frozen", contextlib.__file__)


def frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    """From the outermost inwards."""
    while trace is not None:
        yield trace
        trace = trace.tb_next


def is_ours(trace: TracebackType) -> bool:
    """Whether the program's own code runs in this frame."""
    return trace.tb_frame.f_code.co_filename.startswith(_OURS)


def shorten(error: BaseException, is_users: Callable[[TracebackType], bool]) -> None:
    """Shorten the tracebacks of an error, and of those that led to it."""
    known: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in known:
        known.add(id(each))
        if isinstance(each, GradwireError):
            leave_out_refusing(each.__traceback__)
        leave_out_between(each.__traceback__, is_users)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def leave_out_between(trace: TracebackType | None, is_users: Callable[[TracebackType], bool]) -> None:
    """Leave out how the program came from the user's call to the user's function, as a hook or what is traced.

    What the program did after that, where it is the program that failed, stays.
    """
    there = list(frames(trace))
    last = max((number for number, each in enumerate(there) if is_users(each)), default=0)
    kept = [each for n, each in enumerate(there) if n >= last or not _is_between(each)]
    for before, after in pairwise(kept):
        before.tb_next = after


def leave_out_refusing(trace: TracebackType | None) -> None:
    """End a traceback with the last frame that is not the program's: of a refusal the line says all."""
    last = None
    for each in frames(trace):
        if not each.tb_frame.f_code.co_filename.startswith(_BETWEEN):
            last = each
    if last is not None:
        last.tb_next = None


def _is_between(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(_BETWEEN)
