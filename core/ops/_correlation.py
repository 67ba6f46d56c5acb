"""Products over the windows of images: of weights with what lies under each window, and both ways back.

Images are laid out with their channels last, so that what lies under a window is a few long runs of memory, and as
many samples are taken at a time as the cache holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ..arrays import block_bytes
from ._windows import Windows, inner


def _patches(xp: Any, x: Any, windows: Windows, groups: int) -> Any:
    """What lies under each window, (N, groups, rows, columns, kernel rows, columns, channels): views of one copy."""
    count, channels = x.shape[:2]
    last = xp.zeros((count, *windows.padded, channels), x.dtype)
    last.transpose(0, 3, 1, 2)[inner(windows)] = x
    n, row, column, channel = last.strides
    each = channels // groups
    (sh, sw), (dh, dw) = windows.stride, windows.dilation
    return xp.lib.stride_tricks.as_strided(
        last,
        (count, groups, *windows.counts, *windows.kernel, each),
        (n, each * channel, sh * row, sw * column, dh * row, dw * column, channel),
    )


def _blocks(xp: Any, count: int, nbytes: int) -> Iterator[slice]:
    """Samples to take at a time, where those of all `count` take `nbytes`."""
    size = max(1, block_bytes(xp) * count // max(nbytes, 1))
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _rows(xp: Any, w: Any, groups: int) -> Any:
    """Weights (O, C, kernel) as matrices (groups, O / groups, kernel · C), in the order of patches."""
    columns = math.prod(w.shape[1:])
    return xp.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(groups, w.shape[0] // groups, columns)


def _columns(patches: Any, block: slice) -> Any:
    """The patches of some samples as matrices (N, groups, windows, kernel · C): here they are copied."""
    part = patches[block]
    return part.reshape(*part.shape[:2], math.prod(part.shape[2:4]), math.prod(part.shape[4:]))


def correlate(xp: Any, x: Any, w: Any, windows: Windows, groups: int) -> Any:
    """The products of `w` (O, C / groups, kernel) with what lies under each window of `x`: (N, O, count)."""
    patches, rows = _patches(xp, x, windows, groups), _rows(xp, w, groups)
    y = xp.empty((len(x), *rows.shape[:2], math.prod(windows.counts)), x.dtype)
    for block in _blocks(xp, len(x), patches.size * x.itemsize):
        y[block] = xp.matmul(rows, _columns(patches, block).swapaxes(-1, -2))
    return y.reshape(len(x), len(w), *windows.counts)


def correlate_weights(xp: Any, x: Any, dy: Any, windows: Windows, groups: int) -> Any:
    """For each weight the sum over all windows of what lay under it times `dy` (N, O, count): (O, C / groups, kernel).

    It is what becomes of the gradient `dy` of `correlate` for its `w`.
    """
    patches, outs = _patches(xp, x, windows, groups), dy.shape[1]
    dy = dy.reshape(len(x), groups, outs // groups, math.prod(windows.counts))
    each = x.shape[1] // groups
    total = xp.zeros((groups, outs // groups, math.prod(windows.kernel) * each), x.dtype)
    for block in _blocks(xp, len(x), patches.size * x.itemsize):
        total += xp.sum(xp.matmul(dy[block], _columns(patches, block)), axis=0)
    return xp.ascontiguousarray(total.reshape(outs, *windows.kernel, each).transpose(0, 3, 1, 2))


def correlate_images(xp: Any, y: Any, w: Any, windows: Windows, groups: int) -> Any:
    """Each of `y` (N, O, count) times its weights, added up where its window lies: (N, C, size).

    It is what becomes of the gradient `y` of `correlate` for its `x`.
    """
    rows, count, each = _rows(xp, w, groups), len(y), w.shape[1]
    whole = xp.zeros((count, *windows.padded, groups, each), y.dtype)
    places = whole.transpose(0, 3, 1, 2, 4)
    y = y.reshape(count, *rows.shape[:2], math.prod(windows.counts)).swapaxes(-1, -2)
    for block in _blocks(xp, count, y.size // max(rows.shape[1], 1) * rows.shape[2] * y.itemsize):
        part = places[block]
        product = xp.matmul(y[block], rows).reshape(*part.shape[:2], *windows.counts, *windows.kernel, each)
        for (i, j), where in windows.taps():
            part[:, :, *where] += product[:, :, :, :, i, j]
    images = whole.reshape(count, *windows.padded, groups * each).transpose(0, 3, 1, 2)
    return xp.ascontiguousarray(images[inner(windows)])
