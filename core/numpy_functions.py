"""NumPy's functions on traced values: each is an op, called with NumPy's own arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from .errors import UnsupportedError
from .op import NOTHING
from .ops import builtin
from .ops._rules import positive_axis
from .ops.padding import VALUES
from .selecting import checked_indices
from .traced import Traced

_OPS = builtin()


class Served(NamedTuple):
    """How an op serves a function of NumPy: the ports, and the other arguments in the function's order."""

    op: str
    ports: tuple[str, ...]
    others: tuple[str, ...] = ()
    renamed: Mapping[str, str] = NOTHING


_REDUCTION = ("axis", "dtype", "out", "keepdims")
_KEPT = ("axis", "out", "keepdims")
_SORTED = ("axis", "kind", "order")
_DIAGONAL = ("offset", "axis1", "axis2")
_BOUNDS = {"a_min": "low", "a_max": "high", "min": "low", "max": "high"}
FUNCTIONS: Mapping[str, Served] = {
    "concatenate": Served("concat", ("arrays",), ("axis", "out")),
    "stack": Served("stack", ("arrays",), ("axis", "out")),
    "where": Served("where", ("condition", "x", "y")),
    "sum": Served("sum", ("a",), _REDUCTION),
    "mean": Served("mean", ("a",), _REDUCTION),
    "prod": Served("prod", ("a",), _REDUCTION),
    **{name: Served("max", ("a",), _KEPT) for name in ("max", "amax")},
    **{name: Served("min", ("a",), _KEPT) for name in ("min", "amin")},
    **{name: Served(name, ("a",), ("axis", "dtype", "out", "ddof", "keepdims")) for name in ("var", "std")},
    **{name: Served(name, ("a",), _KEPT) for name in ("any", "all")},
    **{name: Served(name, ("a",), ("axis", "dtype", "out")) for name in ("cumsum", "cumprod")},
    **{name: Served("round", ("a",), ("decimals", "out")) for name in ("round", "around")},
    **{name: Served(name, ("a",), ("axis", "out")) for name in ("argmax", "argmin")},
    **{name: Served(name, ("a",), _SORTED) for name in ("sort", "argsort")},
    "median": Served("median", ("a",), ("axis", "out", "overwrite_input", "keepdims")),
    "quantile": Served("quantile", ("a",), ("q", "axis", "out", "overwrite_input", "method", "keepdims")),
    "linalg.norm": Served("norm", ("x",), ("ord", "axis", "keepdims")),
    "reshape": Served("reshape", ("a",), ("shape", "order")),
    "transpose": Served("transpose", ("a",), ("axes",)),
    "broadcast_to": Served("broadcast_to", ("array",), ("shape",)),
    "expand_dims": Served("expand_dims", ("a",), ("axis",)),
    "squeeze": Served("squeeze", ("a",), ("axis",)),
    "swapaxes": Served("swapaxes", ("a",), ("axis1", "axis2")),
    "moveaxis": Served("moveaxis", ("a",), ("source", "destination")),
    "flip": Served("flip", ("m",), ("axis",)),
    "roll": Served("roll", ("a",), ("shift", "axis")),
    "tile": Served("tile", ("A",), ("reps",)),
    "repeat": Served("repeat", ("a",), ("repeats", "axis")),
    **{name: Served(name, ("m",), ("k",)) for name in ("tril", "triu")},
    "diag": Served("diag", ("v",), ("k",)),
    "diagonal": Served("diagonal", ("a",), _DIAGONAL),
    "trace": Served("trace", ("a",), (*_DIAGONAL, "dtype", "out")),
    "outer": Served("outer", ("a", "b"), ("out",)),
    "kron": Served("kron", ("a", "b")),
    "clip": Served("clip", ("a",), ("a_min", "a_max", "out"), _BOUNDS),
    "take": Served("gather", ("a", "indices"), ("axis", "out")),
    "take_along_axis": Served("take_along_axis", ("arr", "indices"), ("axis",)),
    "diff": Served("diff", ("a",), ("n", "axis", "prepend", "append")),
    "count_nonzero": Served("count_nonzero", ("a",), ("axis", "keepdims")),
    "nanmean": Served("nanmean", ("a",), _REDUCTION),
    "nan_to_num": Served("nan_to_num", ("x",), ("copy", "nan", "posinf", "neginf")),
    **{f"linalg.{name}": Served(name, ("a",)) for name in ("det", "inv")},
    "linalg.solve": Served("solve", ("a", "b")),
    **{f"linalg.{name}": Served(name, ("x1", "x2")) for name in ("matmul", "outer")},
}


def call_like_numpy(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any], kind: str) -> Any:
    """Call the op that serves a function of NumPy with NumPy's arguments, on values of a `kind` ("Tensor").

    Raises `UnsupportedError` for a function or an argument that no op serves.
    """
    name = _path(function)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(*args, **kwargs)
    served = FUNCTIONS.get(name)
    if served is None:
        raise UnsupportedError(f"no op serves np.{name} on a {kind}", hint=instead(name))
    return _call(served, name, args, kwargs, kind)


# What would serve in the place of functions that no op serves under their names.
_INSTEAD: Mapping[str, str] = {
    "average": "gw.ops.mean(x), with weights gw.ops.sum(w * x) / gw.ops.sum(w)",
    "ptp": "x.max() - x.min()",
    "array_split": "np.split",
    **dict.fromkeys(("hsplit", "vsplit", "dsplit"), "np.split with axis"),
    **dict.fromkeys(("hstack", "vstack", "dstack", "column_stack", "append"), "gw.ops.concat or gw.ops.stack"),
    **dict.fromkeys(("block", "insert"), "gw.ops.concat"),
    "ravel": "x.ravel()",
    **dict.fromkeys(("atleast_1d", "atleast_2d", "atleast_3d"), "x.reshape(…)"),
    **dict.fromkeys(("fliplr", "flipud"), "gw.ops.flip(x, axis=…)"),
    "rot90": "gw.ops.flip(gw.ops.transpose(x), axis=…)",
    "rollaxis": "gw.ops.moveaxis",
    "matrix_transpose": "gw.ops.transpose(x)",
    "percentile": "gw.ops.quantile(x, q=…), q from 0 to 1",
    **dict.fromkeys(("inner", "vdot", "tensordot"), "gw.ops.dot, gw.ops.matmul or gw.ops.einsum"),
    "linalg.multi_dot": "x @ y",
    **{f"nan{name}": f"gw.ops.{name}(gw.ops.where(gw.ops.isnan(x), 0, x))" for name in ("sum", "cumsum")},
    **dict.fromkeys(("convolve", "correlate"), "gw.ops.conv2d"),
    **dict.fromkeys(("allclose", "array_equal", "isclose"), "they compare arrays: x.numpy()"),
    **dict.fromkeys(("copy", "positive"), "gw.ops.identity(x)"),
    "copyto": "np.full_like writes with it; gw.ops.broadcast_to(x, shape=…)",
    **dict.fromkeys(("select", "choose", "extract", "putmask", "place"), "gw.ops.where"),
    **dict.fromkeys(("delete", "compress"), "gw.ops.gather"),
    **dict.fromkeys(("deg2rad", "radians"), "x * (np.pi / 180)"),
    **dict.fromkeys(("rad2deg", "degrees"), "x * (180 / np.pi)"),
    **dict.fromkeys(("fix", "modf"), "gw.ops.trunc(x)"),
    "rint": "gw.ops.round(x)",
    "fabs": "gw.ops.abs(x)",
    "float_power": "gw.ops.power(x, y)",
    "fmod": "gw.ops.mod(x, y), which has the sign of y",
    "heaviside": "gw.ops.where(x > 0, 1.0, 0.0)",
    "sinc": "gw.ops.sin(x) / x",
    **{f"{name}.reduce": f"gw.ops.{op}(x)" for name, op in (("add", "sum"), ("multiply", "prod"), ("maximum", "max"),
       ("minimum", "min"), ("logical_and", "all"), ("logical_or", "any"))},
    "add.accumulate": "gw.ops.cumsum(x)",
    "multiply.accumulate": "gw.ops.cumprod(x)",
    "multiply.outer": "gw.ops.outer(x, y)",
    "add.at": "gw.ops.scatter_add(x, indices, shape=…)",
}  # fmt: skip


def instead(name: str) -> str | None:
    """What would serve in the place of NumPy's function `name`, None where nothing is known to."""
    return _INSTEAD.get(name)


def _path(function: Any) -> str:
    """`linalg.norm`, as users write it after `np.`."""
    module = str(getattr(function, "__module__", "")).removeprefix("numpy").removeprefix(".")
    return f"{module}.{function.__name__}" if module and not module.startswith("_") else str(function.__name__)


def _call(served: Served, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], kind: str) -> Any:
    op = _OPS[served.op]
    given = dict(zip((*served.ports, *served.others), args, strict=False)) | dict(kwargs)
    tensors = [given.pop(port) for port in served.ports if port in given]
    if len(tensors) < len(served.ports):
        raise UnsupportedError(f"np.{name} on a {kind} needs {', '.join(served.ports)}")
    params: dict[str, Any] = {}
    for key, value in given.items():
        parameter = served.renamed.get(key, key)
        if parameter in op.parameters and value is not np._NoValue and (value is not None or key == "axis"):
            params[parameter] = tuple(value) if isinstance(value, list) else value
        elif not (value is None or value is np._NoValue or _is_usual(key, value)):
            raise UnsupportedError(f"no op serves np.{name} with {key} on a {kind}")
    prepare = _PREPARED.get(served.op)
    if prepare is not None:
        prepare(tensors, params)
    if served.op == "gather":
        return _take(tensors[0], tensors[1], params.get("axis"))
    return op(*(tensors[0] if op.grows else tensors), **op.check_parameters(params))


def _is_usual(key: str, value: Any) -> bool:
    """Whether an argument that the op lacks says what the op does anyhow."""
    return isinstance(value, str | bool) and (key, value) in _USUAL


_USUAL = {("order", "C"), ("copy", True), ("overwrite_input", False), ("method", "linear"), ("kind", "stable")}


# Where NumPy's defaults are others than the op's.


def _transpose(tensors: list[Any], params: dict[str, Any]) -> None:
    if params.get("axes") is None:  # NumPy's turns all axes round, the op's the last two
        params["axes"] = tuple(reversed(range(np.ndim(tensors[0]))))


def _reshape(tensors: list[Any], params: dict[str, Any]) -> None:
    if isinstance(params.get("shape"), Integral):
        params["shape"] = (params["shape"],)


def _norm(tensors: list[Any], params: dict[str, Any]) -> None:
    ord, axis, ndim = params.get("ord"), params.get("axis"), np.ndim(tensors[0])
    if ord is not None and (isinstance(axis, tuple) or (axis is None and ndim > 1)):
        raise UnsupportedError("no op serves np.linalg.norm of matrices: ord is then a norm of their singular values")


def _flattened(tensors: list[Any], params: dict[str, Any]) -> None:
    if params.get("axis", -1) is None:  # of all elements, read row by row
        tensors[0], params["axis"] = _OPS["reshape"](tensors[0], shape=(-1,)), 0


_PREPARED: Mapping[str, Callable[[list[Any], dict[str, Any]], None]] = {
    "transpose": _transpose,
    "reshape": _reshape,
    "norm": _norm,
    "sort": _flattened,
    "argsort": _flattened,
}


def _take(x: Any, indices: Any, axis: int | None) -> Any:
    """np.take: along no axis it picks from all elements."""
    if not isinstance(x, Traced):
        x = np.asarray(x)
    if axis is None:
        x, axis = _OPS["reshape"](x, shape=(-1,)), 0
    return _OPS["gather"](x, checked_indices(indices, x, positive_axis(axis, x.ndim)), axis=axis)


# Functions whose arguments are of another form.


def _dot(a: Any, b: Any, out: None = None) -> Any:
    if out is not None or np.ndim(b) > 2:
        raise UnsupportedError("no op serves np.dot with out, or of more than two axes: matmul broadcasts")
    if not np.ndim(a) or not np.ndim(b):
        return _OPS["multiply"](a, b)
    return _OPS["dot" if np.ndim(a) == np.ndim(b) == 1 else "matmul"](a, b)


def _einsum(equation: Any, *operands: Any, **others: Any) -> Any:
    if not isinstance(equation, str) or others.keys() - {"optimize"}:
        raise UnsupportedError(
            "no op serves np.einsum but with an equation as text", hint='np.einsum("ij,jk->ik", a, b)'
        )
    return _OPS["einsum"](*operands, equation=equation)


def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    whole = isinstance(indices_or_sections, Integral)
    sections = int(indices_or_sections) if whole else tuple(int(i) for i in indices_or_sections)
    count = sections if isinstance(sections, int) else len(sections) + 1
    return [_OPS["split"](ary, sections=sections, index=i, axis=axis) for i in range(count)]


def _pad(array: Any, pad_width: Any, mode: str = "constant", **others: Any) -> Any:
    named = VALUES.get(mode)
    for name, value in others.items():
        usual = (name == "stat_length" and value is None) or (name, value) == ("reflect_type", "even")
        if not usual and (name != named or np.ndim(value)):
            only = "" if named is None else f" (one number for {named})"
            raise UnsupportedError(f"no op serves np.pad in mode {mode} with {name}={value!r}{only}")
    widths = np.broadcast_to(np.asarray(pad_width), (np.ndim(array), 2))
    flat = tuple(int(width) for width in widths.reshape(-1))
    return _OPS["pad"](array, pad_width=flat, mode=mode, value=float(others.get(named or "", 0)))


def _last_diagonal(x: Any, *, offset: int = 0) -> Any:
    return _OPS["diagonal"](x, offset=offset, axis1=-2, axis2=-1)


def _last_trace(x: Any, *, offset: int = 0, dtype: None = None) -> Any:
    if dtype is not None:
        raise UnsupportedError("no op serves np.linalg.trace with dtype")
    return _OPS["trace"](x, offset=offset, axis1=-2, axis2=-1)


def _meshgrid(*xi: Any, indexing: str = "xy", copy: bool = True, sparse: bool = False) -> Any:
    if len(xi) != 2 or sparse:
        raise UnsupportedError("no op serves np.meshgrid but of two vectors, not sparse")
    return list(_OPS["meshgrid"](*xi, indexing=indexing))


def _filled_like(function: Callable[..., Any]) -> Callable[..., Any]:
    """np.zeros_like and its kind: a new array of the shape and dtype of a value, which depends on nothing."""

    def filled(a: Any, *args: Any, **others: Any) -> Any:
        return function(np.broadcast_to(np.zeros((), a.dtype), a.shape), *args, **others)

    return filled


_SPECIAL: Mapping[str, Callable[..., Any]] = {
    "dot": _dot,
    "einsum": _einsum,
    "split": _split,
    "pad": _pad,
    "meshgrid": _meshgrid,
    "linalg.diagonal": _last_diagonal,
    "linalg.trace": _last_trace,
    **{f.__name__: _filled_like(f) for f in (np.zeros_like, np.ones_like, np.full_like, np.empty_like)},
}
