"""Cases that need what may not be there, PyTorch or a GPU: without it one is left, which is skipped and says why."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import pytest

from gradwire.core.backends import cupy


def with_torch(cases: Sequence[Any], values: int = 1) -> Sequence[Any]:
    """These, each of so many `values`, where PyTorch is installed: thousands of skipped tests take minutes as well."""
    return cases if find_spec("torch") else _skipped("PyTorch is not installed", values)


def with_gpu(cases: Sequence[Any], values: int = 1) -> Sequence[Any]:
    """These where CuPy has a GPU."""
    reason = cupy.unavailable()
    return cases if reason is None else _skipped(str(reason), values)


def _skipped(reason: str, values: int) -> Sequence[Any]:
    return [pytest.param(*[None] * values, marks=pytest.mark.skip(reason=reason), id="none")]
