"""How ops that change shapes and pick elements are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling
from .words import cast


def _transpose(call: Call) -> str:
    if call.params["axes"] is not None:
        return f"np.transpose({call.x}, {literals.shape(call.params['axes'])})"
    return {0: call.x, 1: call.x, 2: f"{call.x}.T"}.get(call.ndim, f"np.swapaxes({call.x}, -1, -2)")


def _cut(call: Call, axis: int) -> str:
    return literals.cut(axis, call.params["start"], call.params["stop"], call.params["step"])


def _place(call: Call) -> str:
    shape = call.params["shape"]
    index = _cut(call, call.params["axis"] % len(shape))
    return f"place({call.x}, {literals.shape(shape)}, np.s_[{index}])"


SPELLINGS: Mapping[str, Spelling] = {
    "cast": lambda call: cast(call.x, call.params["dtype"]),
    "reshape": lambda call: f"{call.x}.reshape({literals.shape(call.params['shape'])})",
    "flatten": lambda call: f"{call.x}.reshape({call.x}.shape[0], -1)",
    "transpose": _transpose,
    "broadcast_to": lambda call: f"np.broadcast_to({call.x}, {literals.shape(call.params['shape'])})",
    "sum_to": lambda call: f"sum_to({call.x}, {literals.shape(call.params['shape'])})",
    "concat": lambda call: f"np.concatenate([{', '.join(call.args)}], axis={call.params['axis']})",
    "slice": lambda call: f"{call.x}[{_cut(call, call.axis)}]",
    "place": _place,
    "gather": lambda call: f"np.take({call.x}, {call.args[1]}, axis={call.params['axis']})",
    "scatter_add": lambda call: (
        f"scatter_add({', '.join(call.args)}, {literals.shape(call.params['shape'])}, "
        f"axis={call.params['axis'] % len(call.params['shape'])})"
    ),
    "embedding": lambda call: f"{call.args[1]}[{call.x}]",
    "one_hot": lambda call: cast(f"({call.x}[..., None] == np.arange({call.params['classes']}))", call.params["dtype"]),
}

HELPERS: Mapping[str, str] = {
    "sum_to": '''def sum_to(x, shape):
    """Sum over the axes along which `shape` was broadcast to x."""
    extra = x.ndim - len(shape)
    axes = tuple(i for i in range(x.ndim) if i < extra or (shape[i - extra] == 1 and x.shape[i] != 1))
    return np.sum(x, axis=axes, dtype=x.dtype).reshape(shape)''',
    "place": '''def place(x, shape, index):
    """Zeros of `shape` with x at `index`."""
    y = np.zeros(shape, dtype=x.dtype)
    y[index] = x
    return y''',
    "scatter_add": '''def scatter_add(x, indices, shape, axis):
    """Zeros of `shape` to which the parts of x are added at `indices` along `axis`."""
    y = np.zeros(shape, dtype=x.dtype)
    rows = np.moveaxis(y, axis, 0)  # a view of y
    parts = np.moveaxis(x, range(axis, axis + indices.ndim), range(indices.ndim))
    np.add.at(rows, indices, parts)
    return y''',
}
