"""Convolutions of images, and what takes their gradients back: three ops that are each other's gradients."""

from __future__ import annotations

import math
from typing import Annotated, Any

from ..op import Aval, Sample, op
from ..parameters import Range, Start
from ..signature import Terms
from ._convolving import products_met, products_over, products_under, windows_of, windows_over, windows_under
from ._correlation import correlate, correlate_images, correlate_weights
from ._windows import LEFT_OUT, Padding, Pair, Two, over, pair, rest
from .indexing import slice_
from .reductions import sum_

Step = Annotated[int | tuple[int, int], Range(low=1)]
Count = Annotated[int, Range(low=1)]
SAMPLES = [
    ((2, 1, 5, 4), (3, 1, 3, 2)),
    Sample(((2, 4, 5, 5), (6, 2, 3, 2), (6,)), {"stride": 2, "padding": (1, 0), "groups": 2}),
    Sample(((1, 2, 4, 5), (2, 2, 2, 3), (2,)), {"padding": "same"}),
    Sample(((1, 2, 7, 6), (1, 2, 3, 2)), {"stride": (1, 3), "dilation": (2, 3), "padding": "valid"}),
]


@op(
    formula=r"y_{o,i,j} = b_o + \sum_{c,k,l} w_{o,c,k,l}\, x_{c,\, s i + d k - p,\, s j + d l - p}",
    category="convolution",
    samples=SAMPLES,
    promote="all",
    floating=True,
)
def conv2d(
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
    """Images `x` (N, C, H, W) under sliding weights `w` (O, C / groups, kh, kw): (N, O, H′, W′), plus a `bias` (O,).

    The kernel is not flipped: a cross-correlation, as in every framework. It moves by `stride`, and its elements lie
    `dilation` apart. `padding` puts so many zeros at each end; "same" as many as keep the size (of an odd number one
    more at the end, and only with a stride of 1), "valid" none. With `groups` each part of the outputs sees its part
    of the channels only. Each of the four is one number, or one for height and one for width (`groups`: one).
    """
    y = correlate(xp, x, w, windows_over(x, w, bias, stride, padding, dilation, groups), groups)
    if bias is not None:
        y += bias[:, None, None]
    return y


@conv2d.shape
def _(x: Aval, w: Aval, bias: Aval | None = None, **how: Any) -> Aval:
    windows = windows_over(x, w, bias, **how)
    return Aval((x.shape[0], w.shape[0], *windows.counts), x.dtype)


@conv2d.vjp
def _(g: Any, y: Any, x: Any, w: Any, bias: Any = None, **how: Any) -> Any:
    return (
        lambda: images_gradient(g, x, w, **how),
        lambda: conv2d_weight(x, g, kernel_size=w.shape[2:], **how),
        None if bias is None else lambda: sum_(g, axis=(0, 2, 3)),
    )


def images_gradient(g: Any, x: Any, w: Any, *, stride: Pair, padding: Padding, dilation: Pair, groups: int) -> Any:
    """The gradient of the images `x`, from that of `conv2d` (or of its first windows)."""
    windows = over(x, w, stride, padding, dilation)
    beyond = rest(windows, g.shape[2:])
    found = conv_transpose2d(
        g,
        w,
        stride=windows.stride,
        padding=windows.before,
        # Zeros that "same" puts at the end alone come out as a row or column more, which is cut off.
        output_padding=(max(beyond[0], 0), max(beyond[1], 0)),
        dilation=windows.dilation,
        groups=groups,
    )
    return _cut(found, windows.size)


def _cut(images: Any, size: Two) -> Any:
    """The first rows and columns of images."""
    for axis, length in zip((2, 3), size, strict=True):
        if images.shape[axis] != length:
            images = slice_(images, axis=axis, stop=length)
    return images


conv2d.flat = {"x": LEFT_OUT}
conv2d.adjoint = {
    "x": lambda y, x, w, bias=None, **_: (
        f"each element of x {x.shape} was under several windows of {w.shape[2]} × {w.shape[3]}, for each of "
        f"{w.shape[0]} outputs, so its gradient is the sum of each g {y.shape} there times the weight that it met"
    ),
    "w": lambda y, x, w, bias=None, **_: (
        f"each weight of w {w.shape} was used at all {y.shape[2]} × {y.shape[3]} places of {y.shape[0]} images, so its "
        f"gradient is the sum over them of g {y.shape} times the element of x that it met"
    ),
    "bias": lambda y, x, w, bias=None, **_: (
        f"bias ({y.shape[1]},) was copied along axes 0, 2 and 3 to {y.shape}, so its gradient is the sum over axes 0, "
        "2 and 3"
    ),
}


def _element_of_conv2d(index: Any, made: Any, x: Any, w: Any, bias: Any = None, *, groups: int, **how: Any) -> Terms:
    return products_over(index, x, w, bias, over(x, w, **how), groups)


conv2d.element = _element_of_conv2d


@conv2d.flops
def _(x: Aval, w: Aval, bias: Aval | None = None, **params: Any) -> int:
    y: Aval = conv2d.infer((x, w, bias), params)[0]
    return 2 * y.size * math.prod(w.shape[1:]) + (0 if bias is None else y.size)


@op(
    formula=r"y_{c,\, s i + d k - p,\, s j + d l - p} \;\text{+=}\; w_{o,c,k,l}\, x_{o,i,j}",
    category="convolution",
    samples=[
        ((2, 3, 3, 2), (3, 1, 3, 2)),
        Sample(
            ((2, 4, 3, 2), (4, 2, 3, 3), (4,)),
            {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2), "groups": 2},
        ),
        Sample(((1, 2, 2, 3), (2, 1, 2, 2), (1,)), {"dilation": (3, 1), "output_padding": (2, 0)}),
    ],
    promote="all",
    floating=True,
)
def conv_transpose2d(
    xp: Any,
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    stride: Step = 1,
    padding: Annotated[int | tuple[int, int], Range(low=0)] = 0,
    output_padding: Annotated[int | tuple[int, int], Range(low=0)] = 0,
    dilation: Step = 1,
    groups: Count = 1,
) -> Any:
    """Each element of `x` (N, O, H, W) spread over a window by `w` (O, C / groups, kh, kw), where they meet added up.

    The adjoint of `conv2d` with the same `stride`, `padding`, `dilation` and `groups`, often used to make images
    larger: (N, C, H′, W′) with H′ = (H − 1) · stride − 2 · padding + dilation · (kh − 1) + output_padding + 1.
    `output_padding`, less than stride or dilation, says which of the sizes that `conv2d` brings to H is meant. `bias`
    (C,) is added at the end.
    """
    windows = windows_under(x, w, bias, stride, padding, output_padding, dilation, groups)
    y = correlate_images(xp, x, w, windows, groups)
    if bias is not None:
        y += bias[:, None, None]
    return y


@conv_transpose2d.shape
def _(x: Aval, w: Aval, bias: Aval | None = None, *, groups: int, **how: Any) -> Aval:
    windows = windows_under(x, w, bias, groups=groups, **how)
    return Aval((x.shape[0], w.shape[1] * groups, *windows.size), x.dtype)


@conv_transpose2d.vjp
def _(g: Any, y: Any, x: Any, w: Any, bias: Any = None, *, output_padding: Pair, **how: Any) -> Any:
    return (
        lambda: _cut(conv2d(g, w, **how), x.shape[2:]),
        lambda: conv2d_weight(g, x, kernel_size=w.shape[2:], **how),
        None if bias is None else lambda: sum_(g, axis=(0, 2, 3)),
    )


conv_transpose2d.adjoint = {
    "x": lambda y, x, w, bias=None, **_: (
        f"each element of x {x.shape} was spread over a window of {w.shape[2]} × {w.shape[3]}, so its gradient is the "
        f"sum over that window of g {y.shape} times w"
    ),
    "w": lambda y, x, w, bias=None, **_: (
        f"each weight of w {w.shape} was used for all {x.shape[2]} × {x.shape[3]} elements of {x.shape[0]} images, so "
        f"its gradient is the sum over them of x times g {y.shape} where it went"
    ),
    "bias": conv2d.adjoint["bias"],
}


def _element_of_conv_transpose2d(
    index: Any, made: Any, x: Any, w: Any, bias: Any = None, *, groups: int, **how: Any
) -> Terms:
    return products_under(index, x, w, bias, windows_under(x, w, bias, groups=groups, **how), groups)


conv_transpose2d.element = _element_of_conv_transpose2d


@conv_transpose2d.flops
def _(x: Aval, w: Aval, bias: Aval | None = None, **params: Any) -> int:
    y: Aval = conv_transpose2d.infer((x, w, bias), params)[0]
    return 2 * x.size * math.prod(w.shape[1:]) + (0 if bias is None else y.size)


@op(
    formula=r"w_{o,c,k,l} = \sum_{n,i,j} x_{n,c,\, s i + d k - p,\, s j + d l - p}\, y_{n,o,i,j}",
    category="convolution",
    samples=[
        Sample(((2, 1, 5, 4), (2, 3, 3, 3)), {"kernel_size": (3, 2)}),
        Sample(((2, 4, 5, 5), (2, 6, 3, 2)), {"kernel_size": (3, 2), "stride": 2, "padding": (1, 0), "groups": 2}),
        Sample(((1, 2, 4, 5), (1, 2, 4, 5)), {"kernel_size": (2, 3), "padding": "same"}),
        Sample(((1, 2, 7, 6), (1, 1, 3, 1)), {"kernel_size": (3, 2), "stride": (1, 3), "dilation": (2, 3)}),
    ],
    promote="all",
    floating=True,
)
def conv2d_weight(
    xp: Any,
    x: Any,
    dy: Any,
    *,
    kernel_size: Annotated[int | tuple[int, int], Range(low=1), Start(3)],
    stride: Step = 1,
    padding: Annotated[Padding, Range(low=0)] = 0,
    dilation: Step = 1,
    groups: Count = 1,
) -> Any:
    """The gradient of the weights of `conv2d` over images `x` (N, C, H, W), from that of its result, `dy`.

    `dy` (N, O, H′, W′) makes (O, C / groups, *`kernel_size`); `stride`, `padding`, `dilation` and `groups` are those
    of the convolution. Each weight gets the sum, over all windows of all images, of what it met there times `dy`.
    """
    windows = windows_of(dy, x, kernel_size, stride, padding, dilation, groups)
    return correlate_weights(xp, x, dy, windows, groups)


@conv2d_weight.shape
def _(x: Aval, dy: Aval, *, kernel_size: Pair, groups: int, **how: Any) -> Aval:
    windows_of(dy, x, kernel_size, groups=groups, **how)
    return Aval((dy.shape[1], x.shape[1] // groups, *pair(kernel_size)), x.dtype)


@conv2d_weight.vjp
def _(g: Any, w: Any, x: Any, dy: Any, *, kernel_size: Pair, **how: Any) -> Any:
    return (
        lambda: images_gradient(dy, x, g, **how),
        lambda: _cut(conv2d(x, g, **how), dy.shape[2:]),
    )


conv2d_weight.flat = {"x": LEFT_OUT}
conv2d_weight.adjoint = {
    "x": lambda y, x, dy, **_: (
        f"each element of x {x.shape} met several weights of {y.shape}, so its gradient is the sum over them of g "
        "times the dy of the window in which it did"
    ),
    "dy": lambda y, x, dy, **_: (
        f"each of dy {dy.shape} was multiplied by all that lay in its window, so its gradient is the sum over the "
        f"window of g {y.shape} times x"
    ),
}


def _element_of_conv2d_weight(
    index: Any, made: Any, x: Any, dy: Any, *, kernel_size: Pair, groups: int, **how: Any
) -> Terms:
    return products_met(index, x, dy, windows_of(dy, x, kernel_size, groups=groups, **how), groups)


conv2d_weight.element = _element_of_conv2d_weight


@conv2d_weight.flops
def _(x: Aval, dy: Aval, *, kernel_size: Pair, groups: int, **_: Any) -> int:
    height, width = pair(kernel_size)
    return 2 * dy.size * height * width * (x.shape[1] // groups)
