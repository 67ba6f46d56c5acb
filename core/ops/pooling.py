"""Pooling: of the elements under each window of an image the greatest, or their mean."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Output, Sample, ShapeError, op
from ..parameters import Range, Start
from ..signature import Flat, Terms, Traits
from ._rules import INT
from ._windows import LEFT_OUT, Pair, Two, Windows, check_images, inner, padded, pair, pixels, places, sliding
from .indexing import scatter_add
from .shapes import reshape

Kernel = Annotated[int | tuple[int, int], Range(low=1), Start(2)]
Stride = Annotated[int | tuple[int, int] | None, Range(low=1)]
AXES = ("sample", "channel", "row", "column")
Pad = Annotated[int | tuple[int, int], Range(low=0)]


def pool_windows(
    size: Two, *, kernel_size: Pair, stride: Pair | None, padding: Pair, ceil_mode: bool, **_: Any
) -> Windows:
    """The windows of a pool over images of `size`. Raises `ShapeError`."""
    kernel, pad = pair(kernel_size), pair(padding)
    if any(2 * put > length for put, length in zip(pad, kernel, strict=True)):
        raise ShapeError(f"padding {pad} must be at most half of the kernel {kernel}", hint="padding: 0")
    step = kernel if stride is None else pair(stride)
    rows, columns = map(_beyond, size, kernel, step, pad) if ceil_mode else (0, 0)
    return sliding(size, kernel, step, padding, beyond=(rows, columns))


def _beyond(length: int, kernel: int, stride: int, pad: int) -> int:
    """How far behind the padding one more window ends; 0 where none would begin before the padding there."""
    further = -(length + 2 * pad - kernel) % stride
    return further if further < kernel - pad else 0


def _pooled(x: Aval, **pool: Any) -> Aval:
    check_images(x)
    return Aval((*x.shape[:2], *pool_windows(pixels(x), **pool).counts), x.dtype)


@op(
    formula=r"y_{i,j} = \max_{k,l} x_{s i + k - p,\, s j + l - p}",
    category="convolution",
    samples=[
        Sample(((2, 3, 4, 5),), {"kernel_size": 2}, "distinct"),
        Sample(((2, 1, 5, 6),), {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)}, "distinct"),
        Sample(((1, 2, 4, 4),), {"kernel_size": 3, "stride": 2, "padding": 1}, "distinct"),
        Sample(((1, 2, 4, 8),), {"kernel_size": 3, "stride": (2, 4), "padding": (0, 1), "ceil_mode": True}, "distinct"),
    ],
    outputs=("y", Output("indices", hidden=True)),
    promote="all",
    floating=True,
)
def max_pool2d(
    xp: Any, x: Any, *, kernel_size: Kernel, stride: Stride = None, padding: Pad = 0, ceil_mode: bool = False
) -> Any:
    """The greatest element under each window of images `x` (N, C, H, W); NaN wins.

    Windows of `kernel_size` lie `stride` apart (null: side by side); around the images `padding`, at most half of the
    kernel, puts places that never win. Each is one number, or one for height and one for width. What is left over at
    the right and below is left out, or with `ceil_mode` pooled by windows that the border cuts. Of elements that tie
    the first, row by row, gets the whole gradient, as in PyTorch. The hidden output `indices` says where in `x` each
    was found.
    """
    check_images(x)
    windows = pool_windows(pixels(x), kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode)
    around, (rows, columns) = padded(xp, x, windows, -math.inf), _firsts(xp, windows)
    small = xp.uint8 if math.prod(windows.kernel) <= 256 else xp.int32
    # Which element it is so far: of a window in the padding the first within the image, which −infinity does not beat.
    first = xp.maximum(-rows, 0)[:, None] * windows.kernel[1] + xp.maximum(-columns, 0)
    best: Any = None
    at = first.astype(small)
    for number, (_, where) in enumerate(windows.taps()):
        found = around[:, :, *where].copy()
        better = True if best is None else (found > best) | (found != found)
        at = xp.maximum(at, better * small(number))  # of growing numbers the last stays
        best = found if best is None else xp.maximum(best, found)
    return best, _positions(xp, xp.broadcast_to(at, best.shape), windows, rows, columns)


def _firsts(xp: Any, windows: Windows) -> tuple[Any, Any]:
    """Row and column at which each window begins: below 0 in the padding."""
    rows, columns = (xp.arange(windows.counts[a]) * windows.stride[a] - windows.before[a] for a in (0, 1))
    return rows, columns


def _positions(xp: Any, at: Any, windows: Windows, rows: Any, columns: Any) -> Any:
    """Where in the images, read as one row, the element `at` of each window is."""
    (height, width), (high, wide) = windows.size, windows.kernel
    within = (xp.arange(high)[:, None] * width + xp.arange(wide)).reshape(-1)
    images = xp.arange(at.shape[0] * at.shape[1]).reshape(*at.shape[:2], 1, 1)
    return (images * height + rows[:, None]) * width + columns + within[at]


@max_pool2d.shape
def _(x: Aval, **pool: Any) -> tuple[Aval, Aval]:
    y = _pooled(x, **pool)
    return y, Aval(y.shape, INT)


@max_pool2d.vjp
def _(g: Any, y: Any, x: Any, **_: Any) -> Any:
    found, indices = (reshape(value, shape=(math.prod(value.shape),)) for value in (g[0], y[1]))
    return (reshape(scatter_add(found, indices, shape=(math.prod(x.shape),)), shape=x.shape),)


def _under_window(index: Any, x: Any, windows: Windows, **more: Any) -> Terms:
    """What lies under the window of one element of a pool."""
    n, c, *at = index
    rows, columns = windows.elements(at)
    return Terms({"x": places(n, c, rows[:, None], columns)}, AXES[2:], axes=AXES, **more)


def _element_of_max_pool2d(index: Any, made: Any, x: Any, **pool: Any) -> Terms:
    return _under_window(index, x, pool_windows(pixels(x), **pool), by="greatest")


max_pool2d.element = _element_of_max_pool2d


max_pool2d.flat = {
    "x": Flat("chooses another", "are not the greatest of a window", "is not the greatest of a window"),
}
max_pool2d.adjoint = {
    "x": "of each window of x {x} only the greatest element passed to {y}, so the gradient goes to it, and 0 to the "
    "others; one that won in several windows gets the sum"
}

_CUT = {"kernel_size": 3, "stride": (2, 4), "padding": (0, 1), "ceil_mode": True}
AVERAGED: list[tuple[dict[str, Any], tuple[int, ...], tuple[int, ...]]] = [
    ({"kernel_size": 2}, (2, 3, 4, 5), (2, 3, 2, 2)),
    ({"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)}, (2, 1, 5, 6), (2, 1, 5, 3)),
    ({"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}, (1, 2, 4, 4), (1, 2, 2, 2)),
    (_CUT, (1, 2, 4, 8), (1, 2, 2, 3)),
    ({**_CUT, "count_include_pad": False}, (1, 1, 4, 8), (1, 1, 2, 3)),
]


@op(
    formula=r"y_{i,j} = \frac{1}{n} \sum_{k,l} x_{s i + k - p,\, s j + l - p}",
    category="convolution",
    samples=[Sample((shape,), params) for params, shape, _ in AVERAGED],
    promote="all",
    floating=True,
)
def avg_pool2d(
    xp: Any,
    x: Any,
    *,
    kernel_size: Kernel,
    stride: Stride = None,
    padding: Pad = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of the elements under each window of images `x` (N, C, H, W).

    Windows of `kernel_size` lie `stride` apart (null: side by side); `padding`, at most half of the kernel, puts zeros
    around the images, which count as elements where `count_include_pad`. Each is one number, or one for height and one
    for width. What is left over at the right and below is left out, or with `ceil_mode` pooled by windows that the
    border cuts, of which what is beyond the padding never counts. The mean over whole images is `mean` over axes
    (2, 3).
    """
    check_images(x)
    windows = pool_windows(pixels(x), kernel_size=kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode)
    around = padded(xp, x, windows)
    y = xp.zeros((*x.shape[:2], *windows.counts), x.dtype)
    for _, where in windows.taps():
        y += around[:, :, *where]
    y /= _counts(xp, windows, count_include_pad).astype(x.dtype)
    return y


def _counts(xp: Any, windows: Windows, count_include_pad: bool) -> Any:
    """How many elements each window has, of the image or also of its padding: (rows, columns)."""
    around = windows.before if count_include_pad else (0, 0)  # the padding is as wide behind the image
    rows, columns = (
        xp.minimum(first + length, end + pad) - xp.maximum(first, -pad)
        for first, length, end, pad in zip(_firsts(xp, windows), windows.kernel, windows.size, around, strict=True)
    )
    return rows[:, None] * columns


@avg_pool2d.shape
def _(x: Aval, **pool: Any) -> Aval:
    return _pooled(x, **pool)


@avg_pool2d.vjp
def _(g: Any, y: Any, x: Any, **params: Any) -> Any:
    return (avg_unpool2d(g, size=x.shape[2:], **params),)


def _element_of_avg_pool2d(index: Any, made: Any, x: Any, *, count_include_pad: bool, **pool: Any) -> Terms:
    windows = pool_windows(pixels(x), **pool)
    return _under_window(index, x, windows, over=_counts(np, windows, count_include_pad)[tuple(index[2:])])


avg_pool2d.element = _element_of_avg_pool2d


avg_pool2d.traits = Traits(linear=True)
avg_pool2d.flat = {"x": LEFT_OUT}
avg_pool2d.adjoint = {
    "x": "each of {y} is the mean of a window of x {x}, so its gradient is shared out equally to that window; an "
    "element of several windows gets the sum"
}


@op(
    formula=r"y_{s i + k - p,\, s j + l - p} \;\text{+=}\; \frac{1}{n} x_{i,j}",
    category="convolution",
    samples=[Sample((shape,), {**params, "size": size[2:]}) for params, size, shape in AVERAGED],
    promote="all",
    floating=True,
)
def avg_unpool2d(
    xp: Any,
    x: Any,
    *,
    size: tuple[int, int],
    kernel_size: Kernel,
    stride: Stride = None,
    padding: Pad = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """Images of `size` (height, width) in which each of `x` is shared out equally to its window: they add up.

    The adjoint of `avg_pool2d` with the same `kernel_size`, `stride`, `padding`, `ceil_mode` and `count_include_pad`.
    """
    pool = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    windows = _checked(x, size, **pool)
    shares = x / _counts(xp, windows, count_include_pad).astype(x.dtype)
    whole = xp.zeros((*x.shape[:2], *windows.padded), x.dtype)
    for _, where in windows.taps():
        whole[:, :, *where] += shares
    return whole if windows.padded == windows.size else xp.ascontiguousarray(whole[inner(windows)])


def _checked(x: Any, size: Two, **pool: Any) -> Windows:
    """The windows of which `x` has one number each. Raises `ShapeError`."""
    check_images(x)
    if min(size) < 1:
        raise ShapeError(f"size {size} has no pixel", hint="lengths of 1 or more")
    windows = pool_windows(size, **pool)
    if pixels(x) != windows.counts:
        message = f"x {x.shape} is not what avg_pool2d gives of images of {size}"
        raise ShapeError(message, port="x", hint=f"x: (N, C, {windows.counts[0]}, {windows.counts[1]})")
    return windows


@avg_unpool2d.shape
def _(x: Aval, *, size: Two, **pool: Any) -> Aval:
    _checked(x, size, **pool)
    return Aval((*x.shape[:2], *size), x.dtype)


@avg_unpool2d.vjp
def _(g: Any, y: Any, x: Any, *, size: Two, **params: Any) -> Any:
    return (avg_pool2d(g, **params),)


def _element_of_avg_unpool2d(
    index: Any, made: Any, x: Any, *, size: Two, count_include_pad: bool, **pool: Any
) -> Terms:
    n, c, *pixel = index
    windows = pool_windows(size, **pool)
    (i, _), (j, _) = windows.reaching(pixel)
    shares = _counts(np, windows, count_include_pad)[np.ix_(i, j)]
    return Terms({"x": places(n, c, i[:, None], j)}, AXES[2:], over=shares, axes=AXES)


avg_unpool2d.element = _element_of_avg_unpool2d


avg_unpool2d.traits = Traits(linear=True)
avg_unpool2d.adjoint = {
    "x": "each of x {x} was shared out equally to a window of {y}, so its gradient is the mean of that of its window"
}
