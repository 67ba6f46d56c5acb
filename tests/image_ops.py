"""What ops on images, normalisation and embeddings say of their gradients, as a reader would compute it by loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np


def two(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def ends(params: Any, kernel: tuple[int, int]) -> list[tuple[int, int]]:
    """The zeros before and after the rows and the columns."""
    if params["padding"] == "same":
        total = [d * (k - 1) for d, k in zip(two(params["dilation"]), kernel, strict=True)]
        return [(t // 2, t - t // 2) for t in total]
    return [(p, p) for p in two(0 if params["padding"] == "valid" else params["padding"])]


def around(x: Any, params: Any, kernel: tuple[int, int]) -> Any:
    return np.pad(x, [(0, 0), (0, 0), *ends(params, kernel)])


def within(padded: Any, params: Any, kernel: tuple[int, int], shape: tuple[int, ...]) -> Any:
    (top, _), (left, _) = ends(params, kernel)
    return padded[:, :, top : top + shape[2], left : left + shape[3]]


def meetings(params: Any, weights: tuple[int, ...], count: tuple[int, ...]) -> Iterator[tuple[Any, Any, int]]:
    """Each of `count` (N, O, rows, columns), with where in the padded images its window lies, and its weights."""
    outs, channels, *kernel = weights
    (sh, sw), (dh, dw) = two(params["stride"]), two(params["dilation"])
    for n, o, i, j in np.ndindex(count):
        group = o // (outs // params["groups"])
        rows = slice(i * sh, i * sh + dh * (kernel[0] - 1) + 1, dh)
        columns = slice(j * sw, j * sw + dw * (kernel[1] - 1) + 1, dw)
        yield (n, o, i, j), (n, slice(group * channels, (group + 1) * channels), rows, columns), o


def conv2d(case: Any, position: int) -> Any:
    x, w = case.args[:2]
    if position == 2:
        return case.g.sum((0, 2, 3))
    padded = around(x, case.params, w.shape[2:])
    made = np.zeros_like((padded, w)[position])
    for at, window, o in meetings(case.params, w.shape, case.g.shape):
        if position:
            made[o] += case.g[at] * padded[window]
        else:
            made[window] += case.g[at] * w[o]
    return made if position else within(made, case.params, w.shape[2:], x.shape)


def conv_transpose2d(case: Any, position: int) -> Any:
    x, w = case.args[:2]
    if position == 2:
        return case.g.sum((0, 2, 3))
    g = around(case.g, case.params, w.shape[2:])
    made = np.zeros_like((x, w)[position])
    for at, window, o in meetings(case.params, w.shape, x.shape):
        if position:
            made[o] += x[at] * g[window]
        else:
            made[at] = np.sum(g[window] * w[o])
    return made


def conv2d_weight(case: Any, position: int) -> Any:
    x, dy = case.args
    kernel = case.g.shape[2:]
    padded = around(x, case.params, kernel)
    made = np.zeros_like((padded, dy)[position])
    for at, window, o in meetings(case.params, case.g.shape, dy.shape):
        if position:
            made[at] = np.sum(padded[window] * case.g[o])
        else:
            made[window] += dy[at] * case.g[o]
    return made if position else within(made, case.params, kernel, x.shape)


def pools(case: Any, size: tuple[int, ...]) -> Iterator[tuple[Any, Any, int]]:
    """Each window of a pool over images of `size`, with its elements and how many of them count."""
    kernel, padding = two(case.params["kernel_size"]), two(case.params["padding"])
    stride = kernel if case.params["stride"] is None else two(case.params["stride"])
    counted = case.params.get("count_include_pad", True)
    windows = []
    for a in (0, 1):
        first = list(range(0, size[2 + a] + padding[a], stride[a]))  # in the image or the padding before it
        whole = [at for at in first if at + kernel[a] <= size[2 + a] + 2 * padding[a]]
        one_more = case.params["ceil_mode"] and len(whole) < len(first)
        windows.append(len(whole) + (one_more and whole[-1] + kernel[a] < size[2 + a] + 2 * padding[a]))
    for n, c, i, j in np.ndindex(*size[:2], *windows):
        rows = range(max(i * stride[0] - padding[0], 0), min(i * stride[0] - padding[0] + kernel[0], size[2]))
        columns = range(max(j * stride[1] - padding[1], 0), min(j * stride[1] - padding[1] + kernel[1], size[3]))
        elements = [(n, c, row, column) for row in rows for column in columns]
        ends = [min(at * stride[a] + kernel[a], size[2 + a] + 2 * padding[a]) for a, at in enumerate((i, j))]
        area = (ends[0] - i * stride[0]) * (ends[1] - j * stride[1])
        yield (n, c, i, j), elements, area if counted else len(elements)


def max_pool2d(case: Any, position: int) -> Any:
    x = case.args[0]
    made = np.zeros_like(x)
    for at, elements, _ in pools(case, x.shape):
        made[max(elements, key=lambda element: x[element])] += case.g[at]
    return made


def avg_pool2d(case: Any, position: int) -> Any:
    made = np.zeros_like(case.args[0])
    for at, elements, count in pools(case, made.shape):
        for element in elements:
            made[element] += case.g[at] / count
    return made


def avg_unpool2d(case: Any, position: int) -> Any:
    made = np.zeros_like(case.args[0])
    for at, elements, count in pools(case, case.g.shape):
        made[at] = sum(case.g[element] for element in elements) / count
    return made


def conv1d(case: Any, position: int) -> Any:
    """As of images of one row."""
    if position == 2:
        return case.g.sum((0, 2))
    p = case.params
    rows = {name: p[name] if isinstance(p[name], str) else (0, p[name]) for name in ("padding",)}
    rows |= {name: (1, p[name]) for name in ("stride", "dilation")}
    args = [arg[:, :, None] if arg.ndim == 3 else arg for arg in case.args]
    row = SimpleNamespace(args=args, g=case.g[:, :, None], params={**p, **rows})
    return conv2d(row, position)[:, :, 0]


def parts(length: int, count: int) -> list[range]:
    """The rows of each window of an adaptive pool, by definition."""
    return [range(math.floor(i * length / count), math.ceil((i + 1) * length / count)) for i in range(count)]


def adaptive_avg_pool2d(case: Any, position: int) -> Any:
    made = np.zeros_like(case.args[0])
    for at in np.ndindex(case.g.shape):
        rows, columns = (parts(made.shape[2 + a], case.g.shape[2 + a])[at[2 + a]] for a in (0, 1))
        for i in rows:
            for j in columns:
                made[(*at[:2], i, j)] += case.g[at] / (len(rows) * len(columns))
    return made


def adaptive_avg_unpool2d(case: Any, position: int) -> Any:
    made = np.zeros_like(case.args[0])
    for at in np.ndindex(made.shape):
        rows, columns = (parts(case.g.shape[2 + a], made.shape[2 + a])[at[2 + a]] for a in (0, 1))
        made[at] = case.g[at[0], at[1], rows.start : rows.stop, columns.start : columns.stop].mean()
    return made


def attention(case: Any, position: int) -> Any:
    """The gradients through the weights, one query after the other."""
    q, k, v = case.args[:3]
    w = case.results[1]
    scale = 1 / np.sqrt(q.shape[-1]) if case.params["scale"] is None else case.params["scale"]
    made = [np.zeros_like(arg) for arg in (q, k, v)]
    scores = np.zeros_like(w)
    for at in np.ndindex(w.shape[:-1]):
        front = at[:-1]
        dw = v[front] @ case.g[at]
        scores[at] = w[at] * (dw - np.sum(w[at] * dw))
        made[0][at] = scores[at] @ k[front] * scale
        made[1][front] += np.outer(scores[at], q[at]) * scale
        made[2][front] += np.outer(w[at], case.g[at])
    if position < 3:
        return made[position]
    mask = case.args[3]
    return scores.sum(tuple(range(scores.ndim - mask.ndim)))


def normalised(case: Any, position: int, axes: tuple[int, ...], kept: tuple[int, ...]) -> Any:
    """What a normalisation by the values' own mean and variance over `axes` gives back."""
    x, gamma = case.args[0], case.args[1] if len(case.args) > 1 else np.ones(())
    deviation = np.sqrt(x.var(axes, keepdims=True) + case.params["eps"])
    normal = (x - x.mean(axes, keepdims=True)) / deviation
    if position:
        summed = (case.g * normal, case.g)[position - 1]
        return summed.sum(tuple(a for a, n in enumerate(kept) if n == 1)).reshape(case.args[position].shape)
    g = case.g * gamma.reshape(kept) if gamma.ndim else case.g
    return (g - g.mean(axes, keepdims=True) - normal * (g * normal).mean(axes, keepdims=True)) / deviation


def rms_norm(case: Any, position: int) -> Any:
    x, gamma = case.args[0], case.args[1] if len(case.args) > 1 else np.ones(())
    axes = tuple(a % x.ndim for a in np.atleast_1d(case.params["axis"]))
    root = np.sqrt(np.mean(x * x, axis=axes, keepdims=True) + case.params["eps"])
    normal, g = x / root, case.g * gamma
    if position:
        return (case.g * normal).sum(tuple(range(x.ndim - gamma.ndim)))
    return (g - normal * (g * normal).mean(axes, keepdims=True)) / root


def group_norm(case: Any, position: int) -> Any:
    """Each group of each sample by itself."""
    x, groups = case.args[0], case.params["groups"]
    gamma = case.args[1] if len(case.args) > 1 else np.ones(x.shape[1])
    each, made, normals = x.shape[1] // groups, np.zeros_like(x), np.zeros_like(x)
    for n, first in itertools.product(range(len(x)), range(0, x.shape[1], each)):
        part = (n, slice(first, first + each))
        own = x[part]
        deviation = np.sqrt(own.var() + case.params["eps"])
        normal = normals[part] = (own - own.mean()) / deviation
        g = case.g[part] * gamma[first : first + each].reshape(-1, *[1] * (x.ndim - 2))
        made[part] = (g - g.mean() - normal * (g * normal).mean()) / deviation
    return made if position == 0 else (case.g * normals, case.g)[position - 1].sum((0, *range(2, x.ndim)))


def layer_norm(case: Any, position: int) -> Any:
    axis, ndim = case.params["axis"], case.args[0].ndim
    axes = tuple(a % ndim for a in ((axis,) if isinstance(axis, int) else axis))
    kept = tuple(n if a in axes else 1 for a, n in enumerate(case.args[0].shape))
    return normalised(case, position, axes, kept)


def batch_norm(case: Any, position: int) -> Any:
    x = case.args[0]
    axes, kept = (0, *range(2, x.ndim)), (1, x.shape[1], *[1] * (x.ndim - 2))
    if case.params["mode"] == "train" or len(case.args) < 4:
        return normalised(case, position, axes, kept)
    gamma, _, mean, variance = (arg.reshape(kept) for arg in case.args[1:])
    deviation = np.sqrt(variance + case.params["eps"])
    told = {
        0: case.g * gamma / deviation,
        1: case.g * (x - mean) / deviation,
        2: case.g,
        3: -case.g * gamma / deviation,
        4: -0.5 * case.g * gamma * (x - mean) / deviation**3,
    }[position]
    return told if position == 0 else told.sum(axes)


def embedding(case: Any, position: int) -> Any:
    indices, table = case.args
    made = np.zeros_like(table)
    for at in np.ndindex(indices.shape):
        made[indices[at]] += case.g[at]
    return made


IMAGES: dict[str, Callable[[Any, int], Any]] = {
    rule.__name__: rule
    for rule in (
        *(conv2d, conv_transpose2d, conv2d_weight, max_pool2d, avg_pool2d, avg_unpool2d),
        *(layer_norm, batch_norm, embedding, rms_norm, group_norm),
        *(conv1d, adaptive_avg_pool2d, adaptive_avg_unpool2d),
    )
} | {"scaled_dot_product_attention": attention}
