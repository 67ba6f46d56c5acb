"""Python's operators and the usual methods on traced values: each is one op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import ShapeError
from .op import NOTHING, Aval, Op, Traced
from .ops import builtin

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
_CAST, _SLICE, _GATHER = _op("cast"), _op("slice"), _op("gather")


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

    def __getitem__(self, index: Any) -> Any:
        return take(self, index)

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
        return _CAST(self, dtype=np.dtype(dtype).name)

    def reshape(self, *shape: Any) -> Any:
        """The same elements as another shape: `x.reshape(2, 3)` or `x.reshape((2, 3))`."""
        return _RESHAPE(
            self, shape=tuple(shape[0]) if shape and isinstance(shape[0], (tuple, list)) else shape
        )

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
            raise TypeError(f"no op serves np.{called}{extra} on a {type(self).__name__}")
        return self.apply_op(op, args, {**op.defaults})

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        op = _OPS.get(_FUNCTIONS.get(function.__name__, function.__name__))
        if op is None:
            raise TypeError(f"no op serves np.{function.__name__} on a {type(self).__name__}")
        return _call_like_numpy(op, args, kwargs)


_UFUNCS = {"absolute": "abs", "true_divide": "divide"}
_FUNCTIONS = {"concatenate": "concat", "amax": "max", "take": "gather"}


def _ufunc_op(name: str) -> Op | None:
    return _OPS.get(_UFUNCS.get(name, name))


def _call_like_numpy(op: Op, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Call `op` with NumPy's arguments: positional ones past the ports are parameters in their order."""
    params = {k: v for k, v in kwargs.items() if v is not None and v is not np._NoValue}
    if op.grows:
        tensors: tuple[Any, ...] = tuple(args[0])
        rest = args[1:]
    else:
        tensors, rest = tuple(args[: len(op.ports)]), args[len(op.ports) :]
    params.update(zip(op.parameters, rest, strict=False))
    return op(*tensors, **op.check_parameters(params))


def take(x: Any, index: Any) -> Any:
    """`x[index]` by slices and gathers: integers, slices, `...`, None, and one array of integers an axis."""
    items = list(index) if isinstance(index, tuple) else [index]
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > x.ndim:
        raise ShapeError(f"{used} indices for a value with {x.ndim} axes", hint=f"its shape is {x.shape}")
    places = [i for i, item in enumerate(items) if item is Ellipsis]
    if places:
        items[places[0] : places[0] + 1] = [slice(None)] * (x.ndim - used)
    axis = 0
    shape: list[int] = []
    for item in items:
        if item is None:
            shape.append(1)
            continue
        x, kept = _take_axis(x, item, axis)
        if kept:
            shape.append(x.shape[axis])
        axis += 1
    return (
        x
        if all(isinstance(i, slice) or _is_array(i) for i in items)
        else _RESHAPE(x, shape=(*shape, *x.shape[axis:]))
    )


def _is_array(item: Any) -> bool:
    return getattr(item, "ndim", 0) > 0 or isinstance(item, list)


def _take_axis(x: Any, item: Any, axis: int) -> tuple[Any, bool]:
    """`x` after one index at `axis`, and whether that axis stays."""
    if isinstance(item, slice):
        if item == slice(None):
            return x, True
        return _SLICE(x, axis=axis, start=item.start, stop=item.stop, step=item.step or 1), True
    if _is_array(item):
        indices = item if hasattr(item, "dtype") else np.asarray(item)
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise ShapeError(
                "an index array must be a vector of integers", hint="where(mask, x, 0) keeps shapes"
            )
        return _GATHER(x, indices, axis=axis), True
    position = int(item)
    length = x.shape[axis]
    if not -length <= position < length:
        raise ShapeError(f"index {position} is outside axis {axis}, which has {length} elements")
    position %= length
    return _SLICE(x, axis=axis, start=position, stop=position + 1, step=1), False
