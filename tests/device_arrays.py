"""A stand-in for CuPy that computes with NumPy, so that where host and device mix is found without a GPU.

Its arrays refuse what CuPy's refuse: to become NumPy's by themselves, and to be computed with beside NumPy's (numbers
of Python and NumPy's scalars may be). Beyond that, functions of NumPy are refused where CuPy would pass them on, so
that an op says `xp`. Whatever would wait for a GPU is counted in `Reads`. The namespace has the names and parameters of
CuPy that are listed here, and no others: `test_cuda.py` holds the lists against CuPy, where it is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

UFUNCS = {
    *("abs", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "ceil"),
    *("cos", "cosh", "divide", "equal", "exp", "exp2", "expm1", "floor", "floor_divide", "frexp", "greater"),
    *("greater_equal", "hypot", "isfinite", "isinf", "isnan", "ldexp", "less", "less_equal", "log"),
    *("log10", "log1p", "log2", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor"),
    *("maximum", "minimum", "mod", "multiply", "negative", "not_equal", "positive", "power"),
    *("reciprocal", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc"),
}
FUNCTIONS = {  # what CuPy 14 takes, by name
    "all": "a axis out keepdims",
    "any": "a axis out keepdims",
    "arange": "start stop step dtype",
    "argmax": "a axis dtype out keepdims",
    "argmin": "a axis dtype out keepdims",
    "argsort": "a axis kind",
    "array": "obj dtype copy order subok ndmin blocking",
    "asarray": "a dtype order copy blocking",
    "ascontiguousarray": "a dtype",
    "broadcast_to": "array shape",
    "clip": "a a_min a_max out",
    "concatenate": "tup axis out dtype casting",
    "cumprod": "a axis dtype out",
    "cumsum": "a axis dtype out",
    "diag": "v k",
    "diagonal": "a offset axis1 axis2",
    "diff": "a n axis prepend append",
    "dot": "a b out",
    "einsum": "*operands **kwargs",
    "empty": "shape dtype order",
    "flip": "a axis",
    "full": "shape fill_value dtype order",
    "matmul": "*args axes axis keepdims casting dtype signature order out",
    "max": "a axis out keepdims",
    "may_share_memory": "a b max_work",
    "mean": "a axis dtype out keepdims",
    "meshgrid": "*xi **kwargs",
    "min": "a axis out keepdims",
    "moveaxis": "a source destination",
    "ones": "shape dtype order",
    "pad": "array pad_width mode **kwargs",
    "partition": "a kth axis",
    "prod": "a axis dtype out keepdims",
    "repeat": "a repeats axis",
    "reshape": "a newshape order copy",
    "roll": "a shift axis",
    "round": "a decimals out",
    "shape": "a",
    "split": "ary indices_or_sections axis",
    "stack": "tup axis out dtype casting",
    "std": "a axis dtype out ddof keepdims",
    "sum": "a axis dtype out keepdims",
    "swapaxes": "a axis1 axis2",
    "take": "a indices axis out",
    "take_along_axis": "a indices axis",
    "tile": "A reps",
    "trace": "a offset axis1 axis2 dtype out",
    "transpose": "a axes",
    "tril": "m k",
    "triu": "m k",
    "var": "a axis dtype out ddof keepdims",
    "where": "condition x y",
    "zeros": "shape dtype order",
}
METHODS = {
    *("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumprod", "cumsum", "diagonal"),
    *("dot", "fill", "flatten", "max", "mean", "min", "prod", "ravel", "repeat", "reshape", "round", "sort"),
    *("squeeze", "std", "sum", "swapaxes", "take", "trace", "transpose", "var", "view"),
}
ATTRIBUTES = {
    *("T", "base", "dtype", "flags", "itemsize", "nbytes", "ndim", "shape", "size", "strides"),
}
ADDED_AT = (np.int32, np.uint32, np.uint64, np.float16, np.float32, np.float64)  # for which CuPy has `add.at`
SCALARS = (bool, int, float, np.generic)


class Reads:
    """How often something was read that a GPU computes: each time would wait for it."""

    count = 0


def on_device(value: Any) -> Any:
    """What NumPy gave, as it would lie on a device."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(on_device, value))
    return DeviceArray(np.asarray(value)) if isinstance(value, (np.ndarray, np.generic)) else value


def on_host(value: Any) -> Any:
    """`value` as NumPy computes with it; refuses arrays that are not on the device."""
    if isinstance(value, DeviceArray):
        return value.held
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}: an array of NumPy beside one on the device")
    if isinstance(value, (list, tuple)):
        return type(value)(map(on_host, value))
    if isinstance(value, slice):
        for each in (value.start, value.stop, value.step):
            assert not isinstance(each, DeviceArray), "a bound on the device would be waited for"
    return value


class DeviceArray:
    """An array that behaves as if it were on another device."""

    __slots__ = ("held",)
    __hash__ = None  # type: ignore[assignment]
    __module__ = "cupy.stand_in"

    def __init__(self, held: np.ndarray[Any, Any]) -> None:
        self.held = held

    def __repr__(self) -> str:
        return f"<on the device: {self.held.dtype} {self.held.shape}>"

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __array_ufunc__(self, ufunc: Any, *_: Any, **__: Any) -> Any:
        raise TypeError(f"np.{ufunc.__name__} of an array on the device: xp.{ufunc.__name__}")

    def __array_function__(self, function: Any, *_: Any, **__: Any) -> Any:
        raise TypeError(f"np.{function.__name__} of an array on the device: xp.{function.__name__}")

    def __getattr__(self, name: str) -> Any:
        if name in ATTRIBUTES:
            return on_device(getattr(self.held, name))
        if name in METHODS:
            method = getattr(self.held, name)
            return lambda *args, **kwargs: on_device(method(*on_host(args), **_keywords(name, kwargs)))
        raise AttributeError(f"an array of CuPy has no {name!r}, or none that is listed here")

    def __len__(self) -> int:
        return len(self.held)

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __getitem__(self, key: Any) -> Any:
        if any(isinstance(k, DeviceArray) and k.dtype == np.bool_ for k in (key if isinstance(key, tuple) else (key,))):
            Reads.count += 1  # how many are true decides the shape
        return on_device(self.held[_wrapped(key, self.shape)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.held[on_host(key)] = on_host(value)

    def _read(self) -> Any:
        Reads.count += 1
        return self.held

    def __bool__(self) -> bool:
        return bool(self._read())

    def __int__(self) -> int:
        return int(self._read())

    def __float__(self) -> float:
        return float(self._read())

    def __index__(self) -> int:
        return int(self._read().__index__())

    def item(self) -> Any:
        return self._read().item()

    def tolist(self) -> Any:
        return self._read().tolist()


def _wrapped(key: Any, shape: tuple[int, ...]) -> Any:
    """An index for NumPy: where its integers lie outside of an axis CuPy begins that axis anew, and refuses nothing."""
    keys = key if isinstance(key, tuple) else (key,)
    if not any(isinstance(k, DeviceArray) and k.dtype.kind in "iu" for k in keys) or any(k is Ellipsis for k in keys):
        return on_host(key)
    found, axis = [], 0
    for k in keys:
        whole = isinstance(k, DeviceArray) and k.dtype.kind in "iu" and shape[axis] > 0
        found.append(on_host(k) % shape[axis] if whole else on_host(k))
        axis += k is not None
    return tuple(found)


def _keywords(name: str, given: dict[str, Any]) -> dict[str, Any]:
    known = FUNCTIONS.get(name)
    if known is not None and (unknown := given.keys() - set(known.split())) and "**" not in known:
        raise TypeError(f"CuPy's {name} has no parameter {', '.join(sorted(unknown))}")
    return {key: on_host(value) for key, value in given.items()}


def _operator(name: str) -> Any:
    def apply(self: DeviceArray, *others: Any) -> Any:
        for other in others:
            if not isinstance(other, (DeviceArray, *SCALARS)):
                if other is None or isinstance(other, str):
                    return NotImplemented
                raise TypeError(f"Unsupported type {type(other)}: beside an array on the device")
        result = getattr(self.held, name)(*map(on_host, others))
        if result is NotImplemented:
            return result
        return self if name.startswith("__i") and name != "__invert__" else on_device(result)

    return apply


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
):
    for _prefix in ("", "r", "i"):
        setattr(DeviceArray, f"__{_prefix}{_name}__", _operator(f"__{_prefix}{_name}__"))
for _name in ("lt", "le", "gt", "ge", "eq", "ne", "neg", "pos", "abs", "invert"):
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__"))


class _Function:
    """A function of the namespace."""

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.function = getattr(np, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.__name__
        names = FUNCTIONS.get(name, "*args out dtype").split()
        if "*" not in names[0] and len(args) > len(names):
            raise TypeError(f"CuPy's {name} takes {len(names)} arguments, got {len(args)}")
        keywords = _keywords(name, kwargs)
        if name in ("array", "asarray") and isinstance(args[0], np.ndarray):
            return on_device(np.array(args[0], *args[1:], **keywords))  # what is put on a device is copied there
        if name == "where" and len(args) == 1:
            Reads.count += 1
        if name in ("take", "take_along_axis"):
            array, indices = on_host(args[0]), on_host(args[1])
            axis = kwargs.get("axis", args[2] if len(args) > 2 else None)
            length = array.size if axis is None else array.shape[axis]
            return on_device(self.function(array, indices % length if length else indices, axis))
        if name == "power" and all(getattr(arg, "dtype", np.dtype(float)).kind in "iu" for arg in args):
            return on_device(np.power(args[0].held, np.maximum(args[1].held, 0)))  # CuPy gives some integer, too
        if name == "shape":
            return self.function(on_host(args[0]))
        with np.errstate(all="ignore"):  # a device does not warn
            return on_device(self.function(*on_host(args), **keywords))


class _Add(_Function):
    def at(self, array: DeviceArray, indices: Any, values: Any) -> None:
        assert array.dtype.type in ADDED_AT, f"CuPy's add.at does not take {array.dtype}"
        np.add.at(array.held, _wrapped(indices, array.shape), on_host(values))


class OutOfMemoryError(MemoryError):
    """As CuPy has it."""


class Memory:
    """The memory of the device: `free` bytes of `total`; a `limit` on what is put there at once."""

    def __init__(self) -> None:
        self.free, self.total, self.limit = 8 * 10**9, 10**10, 10**10
        self.moved = 0  # how many arrays were put there

    def put(self, array: Any, *args: Any, **kwargs: Any) -> Any:
        """CuPy's `asarray`."""
        if isinstance(array, np.ndarray):
            self.moved += 1
            if array.nbytes > self.limit:
                raise OutOfMemoryError(f"Out of memory allocating {array.nbytes:,} bytes (allocated so far: 0 bytes).")
        return _Function("asarray")(array, *args, **kwargs)


def _linalg(name: str) -> Any:
    """A function of CuPy's `linalg`, which fails at no singular matrix, but gives what is not finite."""

    def called(*args: Any) -> Any:
        try:
            return on_device(
                tuple(getattr(np.linalg, name)(*on_host(args)))
                if name == "svd"
                else getattr(np.linalg, name)(*on_host(args))
            )
        except np.linalg.LinAlgError:
            return on_device(np.full_like(on_host(args[-1]), np.inf))

    return called


def stand_in() -> Any:
    """A module to put in the place of `cupy`. `memory` is that of the device."""
    module: Any = ModuleType("cupy")
    for name in (*UFUNCS, *FUNCTIONS):
        setattr(module, name, _Function(name))
    module.add, module.abs = _Add("add"), _Function("abs")
    module.memory = memory = Memory()
    module.asarray = memory.put
    module.ndarray = DeviceArray
    module.int32, module.int64, module.uint8 = np.int32, np.int64, np.uint8
    strided = np.lib.stride_tricks.as_strided
    module.lib = SimpleNamespace(
        stride_tricks=SimpleNamespace(
            as_strided=lambda x, shape, strides: DeviceArray(strided(x.held, shape, strides, writeable=False))
        )
    )
    module.linalg = SimpleNamespace(**{name: _linalg(name) for name in ("det", "inv", "solve", "svd")})
    module.asnumpy = lambda x: np.array(x._read())
    runtime = SimpleNamespace(getDeviceCount=lambda: 1, memGetInfo=lambda: (memory.free, memory.total))
    module.cuda = SimpleNamespace(runtime=runtime, memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError))
    pool = SimpleNamespace(free_bytes=lambda: 0, free_all_blocks=lambda: None)
    module.get_default_memory_pool = lambda: pool
    return module


def special() -> Any:
    """A module to put in the place of `cupyx.scipy`."""
    from scipy import special

    def wrapped(name: str) -> Any:
        return lambda *args: on_device(getattr(special, name)(*on_host(args)))

    module: Any = ModuleType("cupyx.scipy")
    module.special = SimpleNamespace(**{name: wrapped(name) for name in ("erf", "erfc")})
    return module
