"""Python's collector of cycles, kept out of long loops that make many lasting objects and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_held = False  # somebody else says when cycles are collected


@contextmanager
def paused() -> Iterator[None]:
    """Without collections in it. Each would walk everything made so far: half the time of lowering 100,000 nodes."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled and not _held:
            gc.enable()


def hold(on: bool) -> None:
    """Let nothing but the caller collect cycles from now on, whoever pauses it meanwhile; or give that back."""
    global _held
    _held = on
    if on:
        gc.disable()
    else:
        gc.enable()
