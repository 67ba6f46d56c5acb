"""What the spellings of PyTorch share: dtypes, casts, indices, reductions of losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import initial, literals


def dtype(kind: np.dtype[Any] | str) -> str:
    """`torch.float32`."""
    return f"torch.{np.dtype(kind).name}"


def cast(value: str, kind: np.dtype[Any] | str) -> str:
    """`value` as another dtype."""
    return f"{value}.to({dtype(kind)})"


def typed(kind: str) -> str:
    """A further argument that names the dtype, where it is not the one that PyTorch takes by itself."""
    return "" if kind == "float32" else f", dtype={dtype(kind)}"


def long(value: str, kind: np.dtype[Any]) -> str:
    """Indices in the dtype that PyTorch wants of them."""
    return value if kind == np.int64 else f"{value}.long()"


def reduction_argument(reduction: str) -> str:
    """A further argument that names the reduction of a loss, where it is not the mean."""
    return "" if reduction == "mean" else f", reduction={literals.text(reduction)}"


def constant(value: Any, kind: str) -> str:
    """A value that is known now."""
    return f"torch.tensor({literals.nested(value)}, dtype={dtype(kind)})"


WORDS = initial.Words("torch", "torch.randn", "torch.rand", typed, constant)
