"""The convolution of sequences: that of images of one row."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np

from ..op import Aval, Sample, ShapeError, op
from ..parameters import Range
from ..signature import Terms
from ._correlation import correlate
from ._windows import LEFT_OUT, Windows, check_bias, check_groups, places, sliding
from .convolution import Count, conv2d, conv2d_weight, images_gradient
from .reductions import sum_
from .shapes import reshape

Padding = int | Literal["same", "valid"]
Step = Annotated[int, Range(low=1)]
AXES = ("sample", "channel", "position")


@op(
    formula=r"y_{o,i} = b_o + \sum_{c,l} w_{o,c,l}\, x_{c,\, s i + d l - p}",
    category="convolution",
    samples=[
        ((2, 2, 5), (3, 2, 3)),
        Sample(((2, 4, 7), (6, 2, 3), (6,)), {"stride": 2, "padding": 1, "groups": 2}),
        Sample(((1, 2, 5), (2, 2, 4), (2,)), {"padding": "same"}),
        Sample(((1, 1, 8), (2, 1, 2)), {"stride": 3, "dilation": 2, "padding": "valid"}),
    ],
    promote="all",
    floating=True,
)
def conv1d(
    xp: Any,
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    stride: Step = 1,
    padding: Annotated[Padding, Range(low=0)] = 0,
    dilation: Step = 1,
    groups: Count = 1,
) -> Any:
    """Sequences `x` (N, C, L) under sliding weights `w` (O, C / groups, k): (N, O, L′), plus a `bias` (O,).

    The kernel is not flipped: a cross-correlation, as in every framework. It moves by `stride`, and its elements lie
    `dilation` apart. `padding` puts so many zeros at each end; "same" as many as keep the length (of an odd number one
    more at the end, and only with a stride of 1), "valid" none. With `groups` each part of the outputs sees its part
    of the channels only.
    """
    windows = _windows(x, w, bias, stride, padding, dilation, groups)
    y = correlate(xp, x[:, :, None], w[:, :, None], windows, groups)[:, :, 0]
    if bias is not None:
        y += bias[:, None]
    return y


def _windows(x: Any, w: Any, bias: Any, stride: int, padding: Padding, dilation: int, groups: int) -> Windows:
    """The windows over `x` as images of one row. Raises `ShapeError` for what does not go together."""
    if x.ndim != 3:
        raise ShapeError(f"x must be sequences (N, C, length), got {x.shape}", port="x", hint="x: (N, C, length)")
    channels = x.shape[1]
    check_groups(channels, groups, "x")
    each = channels // groups
    if w.ndim != 3:
        raise ShapeError(f"w must be weights (O, …, k), got {w.shape}", port="w", hint=f"w: (O, {each}, k)")
    if w.shape[1] != each:
        wanted = f"{each} of {channels} in {groups} groups" if groups > 1 else f"{channels}"
        raise ShapeError(f"w takes {w.shape[1]} channels but x has {wanted}", port="w", hint=f"w: (O, {each}, k)")
    check_groups(w.shape[0], groups, "w", "outputs")
    check_bias(bias, w.shape[0])
    _check_length(x.shape[2], w.shape[2], stride, padding, dilation)
    return sliding((1, x.shape[2]), (1, w.shape[2]), **_of_rows(stride=stride, padding=padding, dilation=dilation))


def _check_length(length: int, kernel: int, stride: int, padding: Padding, dilation: int) -> None:
    """Refuse a kernel without elements, and one that fits nowhere."""
    if not kernel:
        raise ShapeError("a kernel of length 0 has no elements", port="w", hint="lengths of 1 or more")
    if padding == "same" and stride != 1:
        raise ShapeError(f"padding same needs a stride of 1, got {stride}", hint="padding: a number")
    span = dilation * (kernel - 1) + 1
    zeros = span - 1 if padding == "same" else 0 if padding == "valid" else 2 * padding
    if span > length + zeros:
        message = f"a window of {span} does not fit sequences of {length + zeros} with their padding"
        raise ShapeError(message, port="x", hint=f"x: (N, C, {max(span - zeros, 1)}) or more")


def _of_rows(*, stride: int, padding: Padding, dilation: int, **groups: int) -> dict[str, Any]:
    """The parameters of the convolution of images that has one row."""
    put = padding if isinstance(padding, str) else (0, padding)
    return {"stride": (1, stride), "padding": put, "dilation": (1, dilation), **groups}


def _row(value: Any) -> Any:
    """Sequences, or their weights, as images of one row."""
    return reshape(value, shape=(*value.shape[:2], 1, value.shape[2]))


@conv1d.shape
def _(x: Aval, w: Aval, bias: Aval | None = None, **how: Any) -> Aval:
    windows = _windows(x, w, bias, **how)
    return Aval((x.shape[0], w.shape[0], windows.counts[1]), x.dtype)


@conv1d.vjp
def _(g: Any, y: Any, x: Any, w: Any, bias: Any = None, **how: Any) -> Any:
    rows = _of_rows(**how)
    return (
        lambda: reshape(images_gradient(_row(g), _row(x), _row(w), **rows), shape=x.shape),
        lambda: reshape(conv2d_weight(_row(x), _row(g), kernel_size=(1, w.shape[2]), **rows), shape=w.shape),
        None if bias is None else lambda: sum_(g, axis=(0, 2)),
    )


@conv1d.composition
def _(x: Any, w: Any, bias: Any = None, **how: Any) -> Any:
    y = conv2d(_row(x), _row(w), bias, **_of_rows(**how))
    return reshape(y, shape=(*y.shape[:2], y.shape[3]))


conv1d.flat = {"x": LEFT_OUT}
conv1d.adjoint = {
    "x": lambda y, x, w, bias=None, **_: (
        f"each element of x {x.shape} was under several windows of {w.shape[2]}, for each of {w.shape[0]} outputs, so "
        f"its gradient is the sum of each g {y.shape} there times the weight that it met"
    ),
    "w": lambda y, x, w, bias=None, **_: (
        f"each weight of w {w.shape} was used at all {y.shape[2]} places of {y.shape[0]} sequences, so its gradient is "
        f"the sum over them of g {y.shape} times the element of x that it met"
    ),
    "bias": lambda y, x, w, bias=None, **_: (
        f"bias ({y.shape[1]},) was copied along axes 0 and 2 to {y.shape}, so its gradient is the sum over axes 0 and 2"
    ),
}


def _element_of_conv1d(index: Any, made: Any, x: Any, w: Any, bias: Any = None, *, groups: int, **how: Any) -> Terms:
    n, o, at = index
    each = w.shape[1]
    _, positions = _windows(x, w, bias, groups=groups, **how).elements((0, at))
    channels = np.arange(each)[:, None]
    first = o * groups // w.shape[0] * each
    return Terms(
        {"x": places(n, first + channels, positions), "w": places(o, channels, np.arange(w.shape[2]))},
        AXES[1:],
        plus={} if bias is None else {"bias": (o,)},
        axes=AXES,
    )


conv1d.element = _element_of_conv1d


@conv1d.flops
def _(x: Aval, w: Aval, bias: Aval | None = None, **params: Any) -> int:
    y: Aval = conv1d.infer((x, w, bias), params)[0]
    return 2 * y.size * math.prod(w.shape[1:]) + (0 if bias is None else y.size)
