"""Where the windows of convolutions lie, what does not go together there, and which products make one element."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import ShapeError
from ..signature import Terms
from ._windows import (
    Padding,
    Pair,
    Two,
    Windows,
    check_bias,
    check_groups,
    check_images,
    check_kernels,
    over,
    pair,
    pixels,
    places,
    rest,
    sliding,
    under,
)

IMAGES = ("sample", "channel", "row", "column")
WEIGHTS = ("output", "channel", "row", "column")


def windows_over(x: Any, w: Any, bias: Any, stride: Pair, padding: Padding, dilation: Pair, groups: int) -> Windows:
    """The windows of a convolution over `x`. Raises `ShapeError` for what does not go together."""
    check_images(x)
    channels = x.shape[1]
    check_groups(channels, groups, "x")
    each = channels // groups
    check_kernels(w, "O", f"(O, {each}, kh, kw)")
    if w.shape[1] != each:
        wanted = f"{each} of {channels} in {groups} groups" if groups > 1 else f"{channels}"
        raise ShapeError(f"w takes {w.shape[1]} channels but x has {wanted}", port="w", hint=f"w: (O, {each}, kh, kw)")
    outs = w.shape[0]
    check_groups(outs, groups, "w", "outputs")
    check_bias(bias, outs)
    return over(x, w, stride, padding, dilation)


def windows_under(
    x: Any, w: Any, bias: Any, stride: Pair, padding: Pair, output_padding: Pair, dilation: Pair, groups: int
) -> Windows:
    """The windows over what a transposed convolution makes. Raises `ShapeError` for what does not go together."""
    check_images(x)
    channels = x.shape[1]
    check_kernels(w, f"{channels}", f"({channels}, C, kh, kw)")
    if w.shape[0] != channels:
        fits = f"({channels}, {w.shape[1]}, {w.shape[2]}, {w.shape[3]})"
        raise ShapeError(f"w takes {w.shape[0]} channels but x has {channels}", port="w", hint=f"w: {fits}")
    check_groups(channels, groups, "x")
    check_bias(bias, w.shape[1] * groups)
    return under(pixels(x), pixels(w), stride, padding, output_padding, dilation)


def windows_of(
    dy: Any, x: Any, kernel_size: Pair, stride: Pair, padding: Padding, dilation: Pair, groups: int
) -> Windows:
    """The windows over `x` of which `dy` has one number each. Raises `ShapeError`."""
    check_images(x)
    check_images(dy, "dy", "O")
    windows = sliding(pixels(x), pair(kernel_size), stride, padding, dilation)
    if dy.shape[0] != x.shape[0] or not _are_windows(pixels(dy), windows):
        fits = f"({x.shape[0]}, O, {windows.counts[0]}, {windows.counts[1]})"
        raise ShapeError(f"dy {dy.shape} is not what conv2d gives of x {x.shape}", port="dy", hint=f"dy: {fits}")
    check_groups(x.shape[1], groups, "x")
    check_groups(dy.shape[1], groups, "dy")
    return windows._replace(counts=pixels(dy))


def _are_windows(count: Two, windows: Windows) -> bool:
    """Whether `count` are all windows, or all but those that lie in the output padding of a transposed convolution."""
    beyond = rest(windows, count)
    return all(
        found == every or (found < every and over < max(step, apart))
        for found, every, over, step, apart in zip(
            count, windows.counts, beyond, windows.stride, windows.dilation, strict=True
        )
    )


# Of which products one element is the sum.


def products_over(index: Any, x: Any, w: Any, bias: Any, windows: Windows, groups: int) -> Terms:
    """Of one element of a convolution: what lies under its window, times the weights."""
    n, o, *at = index
    each = w.shape[1]
    rows, columns = windows.elements(at)
    channels = np.arange(each)[:, None, None]
    first = o * groups // w.shape[0] * each
    kernel = (np.arange(length) for length in windows.kernel)
    return Terms(
        {"x": places(n, first + channels, rows[:, None], columns), "w": places(o, channels, *np.ix_(*kernel))},
        IMAGES[1:],
        plus={} if bias is None else {"bias": (o,)},
        axes=IMAGES,
    )


def products_under(index: Any, x: Any, w: Any, bias: Any, windows: Windows, groups: int) -> Terms:
    """Of one element of a transposed convolution: all that were spread to it, times the weight by which."""
    n, c, *at = index
    each, several = w.shape[1], w.shape[0] // groups
    (i, k), (j, kernel_column) = windows.reaching(at)
    outs = (c // each * several + np.arange(several))[:, None, None]
    return Terms(
        {"x": places(n, outs, i[:, None], j), "w": places(outs, c % each, k[:, None], kernel_column)},
        IMAGES[1:],
        plus={} if bias is None else {"bias": (c,)},
        axes=IMAGES,
    )


def products_met(index: Any, x: Any, dy: Any, windows: Windows, groups: int) -> Terms:
    """Of the gradient of one weight: what it met in all windows of all images, times `dy` there."""
    o, c, *tap = index
    samples = np.arange(x.shape[0])[:, None, None]
    first = o * groups // dy.shape[1] * (x.shape[1] // groups)
    rows, columns = windows.met(tap)
    counts = (np.arange(length) for length in windows.counts)
    return Terms(
        {"x": places(samples, first + c, rows[:, None], columns), "dy": places(samples, o, *np.ix_(*counts))},
        ("sample", "row", "column"),
        axes=WEIGHTS,
    )
