"""Ending what another thread computes."""

from __future__ import annotations

import ctypes


def raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have Python raise an error in a thread before its next instruction, or take back what has not been raised."""
    given = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)
