"""How ops that pick along an axis and put in order are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, reductions


def _sort(call: Call) -> str:
    axis = call.params["axis"]
    found = f"np.sort({call.x}, axis={axis})"
    return f"np.flip({found}, {axis})" if call.params["descending"] else found


def _argsort(call: Call) -> str:
    axis = call.params["axis"]
    if call.params["descending"]:
        return f"order_down({call.x}, {axis})"
    return f'np.argsort({call.x}, axis={axis}, kind="stable")'


def _quantile(call: Call) -> str:
    axis, keepdims = reductions(call)
    more = f"{f', axis={axis}' if axis else ''}{', keepdims=True' * keepdims}"
    if "q" not in call.params:
        return f"np.median({call.x}{more})"
    return f"np.quantile({call.x}, {literals.number(call.params['q'])}{more})"


SPELLINGS: Mapping[str, Spelling] = {
    "take_along_axis": lambda call: f"np.take_along_axis({', '.join(call.args)}, axis={call.params['axis']})",
    "scatter_add_along_axis": lambda call: (
        f"scatter_add_along_axis({', '.join(call.args)}, {literals.shape(call.params['shape'])}, "
        f"axis={call.params['axis'] % len(call.params['shape'])})"
    ),
    "sort": _sort,
    "argsort": _argsort,
    "top_k": lambda call: (
        f"top_k({call.x}, {call.params['k']}, {call.params['axis']}{', largest=False' * (not call.params['largest'])})"
    ),
    "median": _quantile,
    "quantile": _quantile,
}

HELPERS: Mapping[str, str] = {
    "scatter_add_along_axis": '''def scatter_add_along_axis(x, indices, shape, axis):
    """Zeros of `shape` to which each element of x is added at its index along `axis`."""
    y = np.zeros(shape, dtype=x.dtype)
    places = list(np.indices(x.shape, sparse=True))
    places[axis] = indices
    np.add.at(y, tuple(places), x)
    return y''',
    "top_k": '''def top_k(x, k, axis, largest=True):
    """The k greatest (or least) elements, the first of those that tie, and their positions."""
    order = order_down(x, axis) if largest else np.argsort(x, axis=axis, kind="stable")
    indices = np.take(order, range(k), axis=axis)
    return np.take_along_axis(x, indices, axis=axis), indices''',
    "order_down": '''def order_down(x, axis):
    """The positions of the elements from the greatest on; those that tie keep their order."""
    order = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(order, axis)''',
}
