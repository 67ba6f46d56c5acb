"""What ops that move, copy and pick elements compute, in NumPy's words, and their gradients by definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Forward = Callable[..., Any]


def _split(x: Any, p: Any) -> Any:
    return np.split(x, p["sections"], axis=p["axis"])[p["index"]]


def _pad(x: Any, p: Any) -> Any:
    width = p["pad_width"]
    pairs = width if isinstance(width, int) or len(width) == 2 else np.reshape(width, (-1, 2))
    return np.pad(x, pairs, mode=p["mode"])  # a value around it has no part in the gradient


def _resized(x: Any, p: Any) -> Any:
    """Each pixel looked up by itself, of images in another size."""
    by = p["scale_factor"]
    if by is not None:
        factors = by if isinstance(by, tuple) else (by, by)
        size = [int(n * f) for n, f in zip(x.shape[2:], factors, strict=True)]
        of = [[min(int(i / f), n - 1) for i in range(m)] for n, m, f in zip(x.shape[2:], size, factors, strict=True)]
    else:
        size = list(p["size"]) if isinstance(p["size"], tuple) else [p["size"]] * 2
        of = [[i * n // m for i in range(m)] for n, m in zip(x.shape[2:], size, strict=True)]
    made = np.empty((*x.shape[:2], *size))
    for i, j in np.ndindex(*size):
        made[:, :, i, j] = x[:, :, of[0][i], of[1][j]]
    return made


# Of the arguments, then the parameters. Each is linear in each argument, but for what the others add.
LINEAR: Mapping[str, Forward] = {
    "expand_dims": lambda x, p: np.expand_dims(x, p["axis"]),
    "squeeze": lambda x, p: np.squeeze(x, p["axis"]),
    "swapaxes": lambda x, p: np.swapaxes(x, p["axis1"], p["axis2"]),
    "moveaxis": lambda x, p: np.moveaxis(x, p["source"], p["destination"]),
    "flip": lambda x, p: np.flip(x, p["axis"]),
    "roll": lambda x, p: np.roll(x, p["shift"], p["axis"]),
    "stack": lambda *xs: np.stack(xs[:-1], axis=xs[-1]["axis"]),
    "split": _split,
    "tile": lambda x, p: np.tile(x, p["reps"]),
    "repeat": lambda x, p: np.repeat(x, p["repeats"], axis=p["axis"]),
    "meshgrid": lambda x, y, p: np.meshgrid(x, y, indexing=p["indexing"])[0],
    "pad": _pad,
    "diff": lambda x, p: np.diff(x, p["n"], p["axis"]),
    "interpolate": _resized,
    "take_along_axis": lambda x, indices, p: np.take_along_axis(x, indices, p["axis"]),
    "tril": lambda x, p: np.tril(x, p["k"]),
    "triu": lambda x, p: np.triu(x, p["k"]),
    "diagonal": lambda x, p: np.diagonal(x, p["offset"], p["axis1"], p["axis2"]),
    "diag": lambda x, p: np.diag(x, p["k"]),
    "trace": lambda x, p: np.trace(x, p["offset"], p["axis1"], p["axis2"]),
    "dot": lambda x, y, p: np.dot(x, y),
    "outer": lambda x, y, p: np.outer(x, y),
    "kron": lambda x, y, p: np.kron(x, y),
    "einsum": lambda *xs: np.einsum(xs[-1]["equation"], *xs[:-1]),
}


def by_units(forward: Forward, g: Any, args: Any, params: Any, position: int) -> Any:
    """The gradient of a linear function: for each element what its unit vector makes of `g`."""
    made = np.zeros(args[position].shape)
    without = forward(*args[:position], made.copy(), *args[position + 1 :], params)
    for index in np.ndindex(made.shape):
        unit = np.zeros(made.shape)
        unit[index] = 1.0
        made[index] = np.sum(g * (forward(*args[:position], unit, *args[position + 1 :], params) - without))
    return made


def by_steps(forward: Forward, g: Any, args: Any, params: Any) -> Any:
    """The gradient for the first argument of a function of straight pieces, away from where they meet."""
    step, made = 2.0**-12, np.zeros(args[0].shape)
    for index in np.ndindex(made.shape):
        moved = args[0].copy()
        moved[index] += step
        made[index] = np.sum(g * (forward(moved, *args[1:], params) - forward(*args, params))) / step
    return made


def by_rank(g: Any, x: Any, axis: Any, shares: Callable[[int], Any]) -> Any:
    """The gradient `g` of weighted sums over `axis` in which each element has the share of its rank."""
    axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
    rest = [i for i in range(x.ndim) if i not in axes]
    rows = x.transpose(*rest, *axes)
    flat = rows.reshape(*(x.shape[i] for i in rest), -1)
    ranks = np.argsort(np.argsort(flat, axis=-1), axis=-1)
    made = shares(flat.shape[-1])[ranks] * g.reshape(*flat.shape[:-1], 1)
    return made.reshape(rows.shape).transpose(np.argsort([*rest, *axes]))


def quantile_shares(q: float) -> Callable[[int], Any]:
    """What a quantile makes of each unit vector, by rank."""
    return lambda n: np.array([np.interp((n - 1) * q, np.arange(n), unit) for unit in np.eye(n)])


def along(case: Any, order: Any) -> Any:
    """The gradient of elements put in `order` along an axis, each back in its place."""
    made = np.zeros(case.args[0].shape)
    np.put_along_axis(made, order, case.g, axis=case.params["axis"])
    return made


def order_of(case: Any, descending: bool) -> Any:
    """The positions of elements of which no two tie."""
    axis = case.params["axis"]
    order = np.argsort(case.args[0], axis=axis)
    return np.flip(order, axis) if descending else order


ORDERED: Mapping[str, Callable[[Any, int], Any]] = {
    "sort": lambda c, i: along(c, order_of(c, c.params["descending"])),
    "top_k": lambda c, i: along(
        c, np.take(order_of(c, c.params["largest"]), range(c.params["k"]), axis=c.params["axis"])
    ),
    "median": lambda c, i: by_rank(c.g, c.args[0], c.params["axis"], quantile_shares(0.5)),
    "quantile": lambda c, i: by_rank(c.g, c.args[0], c.params["axis"], quantile_shares(c.params["q"])),
    "pad": lambda c, i: by_steps(_pad, c.g, c.args, c.params),  # of an extreme it is the one of the greatest alone
    "scatter_add_along_axis": lambda c, i: np.take_along_axis(c.g, c.args[1], c.params["axis"]),
}


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _second_of_det(x: Any, d: Any) -> Any:
    """The second derivative of the determinants of matrices that have an inverse, times `d`."""
    turned = _turned(np.linalg.inv(x))
    total = np.sum(d * turned, axis=(-2, -1), keepdims=True)
    return np.linalg.det(x)[..., None, None] * (total * turned - turned @ _turned(d) @ turned)


def _of_cofactors_along(case: Any, position: int) -> Any:
    """By differences of `x`: it is a polynomial of that, too."""
    x, d = case.args
    if position == 1:
        return _second_of_det(x, case.g)
    made, step = np.zeros(x.shape), 2.0**-10
    for index in np.ndindex(made.shape):
        ways = []
        for sign in (1, -1, 2, -2):
            moved = x.copy()
            moved[index] += sign * step
            ways.append(np.sum(case.g * _second_of_det(moved, d)))
        made[index] = (8 * (ways[0] - ways[1]) - (ways[2] - ways[3])) / (12 * step)
    return made


def _solve(case: Any, position: int) -> Any:
    a, b = case.args
    column = (lambda x: x[..., None]) if b.ndim == 1 else (lambda x: x)
    of_b = _turned(np.linalg.inv(a)) @ column(case.g)
    found = -of_b @ _turned(column(case.results[0])) if position == 0 else of_b[..., 0] if b.ndim == 1 else of_b
    while found.ndim > case.args[position].ndim:
        found = found.sum(axis=0)
    copied = tuple(i for i, n in enumerate(case.args[position].shape) if n == 1 and found.shape[i] > 1)
    return found.sum(axis=copied, keepdims=True)


SOLVED: Mapping[str, Callable[[Any, int], Any]] = {
    "det": lambda c, i: (c.g * np.linalg.det(c.args[0]))[..., None, None] * _turned(np.linalg.inv(c.args[0])),
    "cofactors": lambda c, i: _second_of_det(c.args[0], c.g),
    "cofactors_along": _of_cofactors_along,
    "inv": lambda c, i: -_turned(np.linalg.inv(c.args[0])) @ c.g @ _turned(np.linalg.inv(c.args[0])),
    "solve": _solve,
}
