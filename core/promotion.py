"""The one dtype to which the arguments of an op are brought, for values and for what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .parameters import NUMBERS
from .signature import Aval
from .traced import Traced

if TYPE_CHECKING:
    from .op import Op


def common_dtype(args: Sequence[Any], floating: bool) -> np.dtype[Any] | None:
    """The dtype to which `args` are brought: NumPy 2's rule among floats and Python scalars, but an integer
    with a float gives that float, as in PyTorch and JAX. None where there is nothing to decide."""
    args = [np.asarray(arg) if isinstance(arg, (list, tuple)) else arg for arg in args]
    strong = [arg.dtype for arg in args if hasattr(arg, "dtype")]
    floats = [dtype for dtype in strong if dtype.kind == "f"]
    if floats:
        return np.result_type(*floats)
    weak = [arg for arg in args if arg is not None and not hasattr(arg, "dtype")]
    if floating or any(isinstance(arg, float) for arg in weak):
        return np.dtype(np.float64)
    return np.result_type(*strong, *weak) if strong or weak else None


def promote(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """`args` with those of the promoted ports brought to one dtype; traced values are cast by an op."""
    last = len(op.ports) - 1
    chosen = [arg for i, arg in enumerate(args) if min(i, last) in op.promoted and arg is not None]
    dtype = common_dtype(chosen, op.floating)
    # (A dtype must not be compared with None, which NumPy takes for float64.)
    if dtype is None or all(hasattr(arg, "dtype") and arg.dtype == dtype for arg in chosen):
        return args
    if any(_holds_no_numbers(arg) for arg in chosen):
        raise TypeError("only numbers are brought to one dtype")
    return tuple(
        cast(arg, dtype) if min(i, last) in op.promoted and arg is not None else arg for i, arg in enumerate(args)
    )


def _holds_no_numbers(arg: Any) -> bool:
    """Whether a cast would change what is there: drop imaginary parts, or read a number in a text."""
    if hasattr(arg, "dtype"):
        return arg.dtype.kind not in NUMBERS
    return type(arg) not in (float, int) and np.asarray(arg).dtype.kind in "SU"


def promoted_avals(op: Op, avals: Sequence[Aval | None]) -> list[Aval | None]:
    """`avals` as the ports will see them, after the casts that promotion makes."""
    if not op.promoted:
        return list(avals)
    last = len(op.ports) - 1
    chosen = [a.dtype for i, a in enumerate(avals) if a is not None and min(i, last) in op.promoted]
    floats = [dtype for dtype in chosen if dtype.kind == "f"]
    if not chosen or (len(set(chosen)) < 2 and (floats or not op.floating)):
        return list(avals)
    dtype = np.result_type(*floats) if floats else np.dtype(np.float64) if op.floating else np.result_type(*chosen)
    return [Aval(a.shape, dtype) if a is not None and min(i, last) in op.promoted else a for i, a in enumerate(avals)]


def cast(arg: Any, dtype: np.dtype[Any]) -> Any:
    """`arg` as `dtype`, itself where it is so already."""
    if isinstance(arg, Traced):
        return arg if arg.dtype == dtype else arg.astype(dtype)  # type: ignore[attr-defined]
    return arg.astype(dtype, copy=False) if hasattr(arg, "dtype") else np.asarray(arg, dtype)
