"""Python's operators and the usual methods on traced values: each is one op."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .errors import RunError, UnsupportedError
from .numpy_functions import call_like_numpy
from .op import NOTHING, Aval, Op
from .ops import builtin
from .selecting import take
from .traced import Traced

_OPS = builtin()


def _op(name: str) -> Op:
    found = _OPS.get(name)
    assert found is not None, f"the operators need the op {name}"
    return found


_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE = _op("add"), _op("subtract"), _op("multiply"), _op("divide")
_POWER, _MATMUL, _NEGATIVE, _ABS = _op("power"), _op("matmul"), _op("negative"), _op("abs")
_EQUAL, _NOT_EQUAL, _LESS, _LESS_EQUAL = _op("equal"), _op("not_equal"), _op("less"), _op("less_equal")
_GREATER, _GREATER_EQUAL, _TRANSPOSE, _RESHAPE = (
    _op("greater"),
    _op("greater_equal"),
    _op("transpose"),
    _op("reshape"),
)
_CAST, _GATHER = _op("cast"), _op("gather")


class Operators(Traced):
    """What `Tensor` and `Symbol` share. Both have `shape` and `dtype`."""

    __slots__ = ()
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __add__(self, other: Any) -> Any:
        return self.apply_op(_ADD, (self, other), NOTHING)

    def __radd__(self, other: Any) -> Any:
        return self.apply_op(_ADD, (other, self), NOTHING)

    def __sub__(self, other: Any) -> Any:
        return self.apply_op(_SUBTRACT, (self, other), NOTHING)

    def __rsub__(self, other: Any) -> Any:
        return self.apply_op(_SUBTRACT, (other, self), NOTHING)

    def __mul__(self, other: Any) -> Any:
        return self.apply_op(_MULTIPLY, (self, other), NOTHING)

    def __rmul__(self, other: Any) -> Any:
        return self.apply_op(_MULTIPLY, (other, self), NOTHING)

    def __truediv__(self, other: Any) -> Any:
        return self.apply_op(_DIVIDE, (self, other), NOTHING)

    def __rtruediv__(self, other: Any) -> Any:
        return self.apply_op(_DIVIDE, (other, self), NOTHING)

    def __floordiv__(self, other: Any) -> Any:
        return self.apply_op(_op("floor_divide"), (self, other), NOTHING)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.apply_op(_op("floor_divide"), (other, self), NOTHING)

    def __mod__(self, other: Any) -> Any:
        return self.apply_op(_op("mod"), (self, other), NOTHING)

    def __rmod__(self, other: Any) -> Any:
        return self.apply_op(_op("mod"), (other, self), NOTHING)

    def __pow__(self, other: Any) -> Any:
        return self.apply_op(_POWER, (self, other), NOTHING)

    def __rpow__(self, other: Any) -> Any:
        return self.apply_op(_POWER, (other, self), NOTHING)

    def __matmul__(self, other: Any) -> Any:
        return self.apply_op(_MATMUL, (self, other), NOTHING)

    def __rmatmul__(self, other: Any) -> Any:
        return self.apply_op(_MATMUL, (other, self), NOTHING)

    def __neg__(self) -> Any:
        return self.apply_op(_NEGATIVE, (self,), NOTHING)

    def __abs__(self) -> Any:
        return self.apply_op(_ABS, (self,), NOTHING)

    def __eq__(self, other: object) -> Any:
        return self.apply_op(_EQUAL, (self, other), NOTHING)

    def __ne__(self, other: object) -> Any:
        return self.apply_op(_NOT_EQUAL, (self, other), NOTHING)

    # Comparing element by element takes the place of Python's equality, so identity is what is hashed.
    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> Any:
        return self.apply_op(_LESS, (self, other), NOTHING)

    def __le__(self, other: Any) -> Any:
        return self.apply_op(_LESS_EQUAL, (self, other), NOTHING)

    def __gt__(self, other: Any) -> Any:
        return self.apply_op(_GREATER, (self, other), NOTHING)

    def __ge__(self, other: Any) -> Any:
        return self.apply_op(_GREATER_EQUAL, (self, other), NOTHING)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return take(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise RunError(
            f"a {type(self).__name__} cannot be written into: it remembers what it was made of",
            hint="where(condition, a, b) and concat make a new one",
        )

    @property
    def aval(self) -> Aval:
        return Aval(self.shape, self.dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return self.aval.size

    @property
    def T(self) -> Any:
        """The value with its last two axes changed."""
        return _TRANSPOSE(self)

    def astype(self, dtype: Any) -> Any:
        return _CAST(self, dtype=dtype.name if isinstance(dtype, np.dtype) else dtype)

    def reshape(self, *shape: Any) -> Any:
        """The same elements as another shape: `x.reshape(2, 3)` or `x.reshape((2, 3))`."""
        return _RESHAPE(self, shape=tuple(shape[0]) if shape and isinstance(shape[0], (tuple, list)) else shape)

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
        return _op("sum")(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
        return _op("mean")(self, axis=axis, keepdims=keepdims)

    def max(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
        return _op("max")(self, axis=axis, keepdims=keepdims)

    # NumPy hands its functions over here, so that `np.sin(x)` is the op sin.

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        op = _ufunc_op(ufunc.__name__)
        if op is None or method != "__call__" or kwargs:
            called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            extra = f" with {', '.join(kwargs)}" if kwargs else ""
            raise UnsupportedError(f"no op serves np.{called}{extra} on a {type(self).__name__}")
        return self.apply_op(op, args, {**op.defaults})

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = function.__name__
        if name in ("shape", "ndim", "size") and not kwargs and len(args) == 1:
            return getattr(args[0], name)
        return call_like_numpy(function, args, kwargs, type(self).__name__)


_UFUNCS = {"absolute": "abs", "true_divide": "divide", "remainder": "mod"}


def _ufunc_op(name: str) -> Op | None:
    return _OPS.get(_UFUNCS.get(name, name))
