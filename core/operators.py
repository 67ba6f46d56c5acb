"""Python's operators and the usual methods on traced values: each is one op."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from numbers import Integral
from typing import Any

import numpy as np

from .errors import RunError, UnsupportedError
from .near import near
from .numpy_functions import call_like_numpy, instead
from .op import NOTHING, Aval, Op, short_name
from .ops import builtin
from .other_names import meant
from .refusing import usage
from .selecting import take
from .traced import Traced

_OPS = builtin()


def _op(name: str) -> Op:
    found = _OPS.get(name)
    assert found is not None, f"the operators need the op {name}"
    return found


_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE = _op("add"), _op("subtract"), _op("multiply"), _op("divide")
_NEGATIVE, _ABS, _EQUAL, _NOT_EQUAL = _op("negative"), _op("abs"), _op("equal"), _op("not_equal")
_TRANSPOSE, _CAST = _op("transpose"), _op("cast")
Binary = Callable[[Any, Any], Any]


def _both_ways(op: Op) -> tuple[Binary, Binary]:
    """The methods of an operator that `op` is: of the value on its left, and of that on its right."""

    def left(self: Any, other: Any) -> Any:
        return self.apply_op(op, (self, other), NOTHING)

    def right(self: Any, other: Any) -> Any:
        return self.apply_op(op, (other, self), NOTHING)

    return left, right


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

    __floordiv__, __rfloordiv__ = _both_ways(_op("floor_divide"))
    __mod__, __rmod__ = _both_ways(_op("mod"))
    __pow__, __rpow__ = _both_ways(_op("power"))
    __matmul__, __rmatmul__ = _both_ways(_op("matmul"))

    def __neg__(self) -> Any:
        return self.apply_op(_NEGATIVE, (self,), NOTHING)

    def __abs__(self) -> Any:
        return self.apply_op(_ABS, (self,), NOTHING)

    def __round__(self, digits: int | None = None) -> Any:
        return _op("round")(self, decimals=0 if digits is None else digits)

    def __eq__(self, other: object) -> Any:
        return self.apply_op(_EQUAL, (self, other), NOTHING)

    def __ne__(self, other: object) -> Any:
        return self.apply_op(_NOT_EQUAL, (self, other), NOTHING)

    # Comparing element by element takes the place of Python's equality, so identity is what is hashed.
    __hash__ = object.__hash__

    __lt__, __gt__ = _both_ways(_op("less"))[0], _both_ways(_op("greater"))[0]
    __le__, __ge__ = _both_ways(_op("less_equal"))[0], _both_ways(_op("greater_equal"))[0]

    # Of booleans, as NumPy's arrays have them.

    def __and__(self, other: Any) -> Any:
        return _logical("&", self, other)

    def __or__(self, other: Any) -> Any:
        return _logical("|", self, other)

    def __xor__(self, other: Any) -> Any:
        return _logical("^", self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Any:
        return _logical("~", self)

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

    def ravel(self) -> Any:
        """All elements along one axis, row by row."""
        return _op("reshape")(self, shape=(-1,))

    # As NumPy and PyTorch have it; `gw.ops.flatten` keeps the batch axis.
    flatten = ravel

    def take(self, indices: Any, axis: int | None = None) -> Any:
        """The elements at `indices` along `axis` (None: of all elements, row by row), as np.take: the op gather."""
        return np.take(self, indices, axis=axis)

    def __getattr__(self, name: str) -> Any:
        kind = type(self).__name__
        if name.startswith("_"):  # asked for by Python and NumPy, not by people
            raise AttributeError(f"{kind} has no {name!r}")
        raise AttributeError(f"{kind} has no {name!r}; {_told_instead(name)}", name=name, obj=self)

    # NumPy hands its functions over here, so that `np.sin(x)` is the op sin.

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        op = _ufunc_op(ufunc.__name__)
        if ufunc.__name__ in _BITWISE and method == "__call__" and not kwargs:
            return _logical(_BITWISE[ufunc.__name__], *args)
        if op is None or method != "__call__" or kwargs:
            called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            extra = f" with {', '.join(kwargs)}" if kwargs else ""
            raise UnsupportedError(f"no op serves np.{called}{extra} on a {type(self).__name__}", hint=instead(called))
        return self.apply_op(op, args, {**op.defaults})

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = function.__name__
        if name in ("shape", "ndim", "size") and not kwargs and len(args) == 1:
            return getattr(args[0], name)
        return call_like_numpy(function, args, kwargs, type(self).__name__)


_UFUNCS = {"absolute": "abs", "true_divide": "divide", "remainder": "mod"}


def _ufunc_op(name: str) -> Op | None:
    return _OPS.get(_UFUNCS.get(name, name))


_LOGICAL = {"&": "logical_and", "|": "logical_or", "^": "logical_xor", "~": "logical_not"}
_BITWISE = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "invert": "~"}


def _logical(sign: str, *values: Any) -> Any:
    """The op of booleans that `sign` stands for. Raises `RunError` for other values: bits of integers no op has."""
    for value in values:
        dtype = value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
        if dtype.kind != "b":
            found = short_name(dtype) if dtype.kind in "fiu" else str(dtype)
            raise RunError(f"{sign} is of booleans, got {found}", hint="comparisons give booleans: x > 0")
    return _op(_LOGICAL[sign])(*values)


# The methods that users of NumPy and PyTorch expect, each the op of its name: `x.var(0, 1)` is `var(x, axis=0, ddof=1)`
METHODS = (
    "sum", "mean", "max", "min", "prod", "var", "std", "any", "all", "argmax", "argmin", "norm", "median", "quantile",
    "logsumexp", "cumsum", "cumprod", "sort", "argsort", "dot", "matmul", "outer", "trace", "diagonal", "reshape",
    "transpose", "squeeze", "swapaxes", "repeat", "tile", "roll", "flip", "clip", "round", "floor", "ceil", "sign",
    "abs", "exp", "log", "sqrt", "square", "sin", "cos", "tanh", "sigmoid", "relu", "softmax", "log_softmax", "detach",
)  # fmt: skip
_SPREAD = ("reshape", "transpose", "tile", "squeeze", "flip")  # numbers without brackets: x.reshape(2, 3)


def _method(op: Op) -> Callable[..., Any]:
    ports = len(op.ports) - 1

    def method(self: Any, *args: Any, **params: Any) -> Any:
        given = args[ports:]
        if op.name in _SPREAD and given and all(isinstance(each, Integral) for each in given):
            given = (given,)
        if len(given) > len(op.parameters):
            raise RunError(
                f"{op.name} takes {ports + len(op.parameters)} values or fewer, got {len(args)}", hint=usage(op)
            )
        placed = dict(zip(op.parameters, given, strict=False))
        twice = placed.keys() & params.keys()
        if twice:
            raise RunError(f"{op.name} is given {min(twice)} by its place and by its name", hint=usage(op))
        return op(self, *args[:ports], **placed, **params)

    method.__name__ = op.name
    method.__doc__ = f"gw.ops.{op.name}: {op.doc.partition(chr(10))[0]}"
    method.__signature__ = inspect.signature(op)  # type: ignore[attr-defined]
    return method


for _name in METHODS:
    setattr(Operators, _name, _method(_op(_name)))


# What other libraries have under other names, or elsewhere.
_ELSEWHERE = {
    "view": "x.reshape(…)",
    "permute": "x.transpose(…)",
    "unsqueeze": "gw.ops.expand_dims(x, axis=…)",
    "clamp": "x.clip(low, high)",
    "backward": "gw.backward(x)",
    "grad": "gw.backward(y, wrt=x) and gw.grad(function)",
    "dim": "x.ndim",
    "numel": "x.size",
    "tolist": "x.numpy().tolist()",
    "data": "x.numpy(), or x.detach() to go on with as a tensor",
    "copy": "gw.ops.identity(x)",
    "clone": "gw.ops.identity(x)",
    "pow": "x ** y",
    "mm": "x @ y",
    "float": 'x.astype("float32")',
    "double": 'x.astype("float64")',
    "long": 'x.astype("int64")',
    "to": "x.astype(dtype)",
    "type": "x.astype(dtype)",
    "t": "x.T",
    "mT": "gw.ops.transpose(x)",
    "bmm": "x @ y",
    "expand": "gw.ops.broadcast_to(x, shape=…)",
    "cpu": "x.numpy()",
    **dict.fromkeys(("requires_grad", "requires_grad_", "retain_grad"), "gw.backward(y, wrt=x): all are followed"),
    "ptp": "x.max() - x.min()",
    "nonzero": "np.nonzero(x.numpy())",
}


def _told_instead(name: str) -> str:
    """What a value that has no attribute `name` has in its place."""
    if _OPS.get(name) is not None:
        return f"ops are functions: gw.ops.{name}(x)"
    if name in _ELSEWHERE:
        return f"perhaps {_ELSEWHERE[name]}"
    if (meaning := meant(name, "op", _OPS.names())) is not None:
        return f"perhaps gw.ops.{meaning}; ops are functions: gw.ops.relu(x)"
    own = [each for each in dir(Operators) if not each.startswith("_")]
    found = [f"x.{each}" for each in near(name, own, 2)]
    found += [f"gw.ops.{each}(x)" for each in near(name, set(_OPS.names()) - set(own), 2)]
    perhaps = f"perhaps {', '.join(found[:3])}; " if found else ""
    return f"{perhaps}ops are functions: gw.ops.relu(x)"
