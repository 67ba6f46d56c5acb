"""Augmentation: samples changed at random while a network trains, and left as they are in evaluation."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from ..op import Aval, Draw, RandomState, Sample, ShapeError, op
from ..parameters import Mode, Range, Stream
from ..random import normal, uniform
from ..signature import Flat, Traits
from ._limits import check_integers
from ._rules import BOOL, INT
from .arithmetic import negative, where
from .indexing import slice_
from .noise import STATE, Kept, in_training, masked

EVALUATED = Sample(((3, 4, 5),), {"mode": "eval"})


def _check_pixels(x: Any, **_: Any) -> None:
    """Refuse what has no rows and columns in each sample."""
    if x.ndim < 3:
        raise ShapeError(
            f"x {x.shape} holds no images: samples, rows and columns are required", port="x", hint="x: (N, …, H, W)"
        )


def _each(count: int, values: Any, ndim: int) -> Any:
    """A number for each sample, of a shape that broadcasts along its other axes."""
    return values.reshape(count, *[1] * (ndim - 1))


@in_training(
    r"x + \sigma z,\ z \sim \mathcal{N}(0, 1)",
    samples=[Sample(((3, 4), STATE)), Sample(((3, 4), STATE), {"std": 0.5, "stream": 7}), EVALUATED],
    back=lambda g, _, **params: g,
    promote=("x",),
)
def gaussian_noise(
    xp: Any,
    x: Any,
    state: RandomState = None,
    *,
    std: Annotated[float, Range(low=0, usual=(0, 1))] = 0.1,
    mode: Mode = "train",
    stream: Stream = 0,
) -> Any:
    """In training a normal random number of deviation `std` is added to each element of `x`; in evaluation none is."""
    return x + xp.asarray(normal(state, stream, x.shape, x.dtype)) * x.dtype.type(std)


gaussian_noise.adjoint = {"x": "the noise on x does not depend on it, so the gradient {y} passes as it is"}


def _check_flipped(x: Any, *, axis: int, **_: Any) -> None:
    if not (1 <= axis < x.ndim or 1 - x.ndim <= axis < 0):
        raise ShapeError(
            f"x {x.shape} has no axis {axis} behind that of its samples", port="x", hint="x: (N, …, H, W); axis: -1"
        )


def _turned_back(g: Any, flipped: Any, *, axis: int, **_: Any) -> Any:
    return where(flipped, slice_(g, axis=axis, step=-1), g)


@in_training(
    r"x\ \text{or its mirror image}",
    samples=[
        Sample(((3, 4, 5), STATE)),
        Sample(((3, 4, 5), STATE), {"axis": -2, "rate": 0.9, "stream": 7}),
        EVALUATED,
    ],
    back=_turned_back,
    kept=Kept("flipped", lambda x, **_: (x.shape[0], *[1] * (x.ndim - 1)), BOOL, 0),
    check=_check_flipped,
)
def random_flip(
    xp: Any,
    x: Any,
    state: RandomState = None,
    *,
    axis: int = -1,
    rate: Annotated[float, Range(0, 1)] = 0.5,
    mode: Mode = "train",
    stream: Stream = 0,
) -> Any:
    """In training each sample of `x` (N, …) is turned around along `axis` with probability `rate`.

    Along −1 an image is mirrored left to right, along −2 upside down. In evaluation all stay as they are. The hidden
    output `flipped` says which samples were.
    """
    flipped = xp.asarray(_each(len(x), uniform(state, stream, (len(x),)) < rate, x.ndim))
    return xp.where(flipped, xp.flip(x, axis), x), flipped


random_flip.traits = Traits(carries="reordered")
random_flip.adjoint = {
    "x": "samples of x {x} that were turned around along {axis} get their part of the gradient {y} turned back"
}


def _moved(xp: Any, x: Any, by: Any) -> Any:
    """Each sample moved `by` (N, 2) rows down and columns to the right; zeros come in."""
    height, width = x.shape[-2:]
    down = xp.arange(height) - by[:, :1]
    across = xp.arange(width) - by[:, 1:]
    fits = ((down >= 0) & (down < height))[:, :, None] & ((across >= 0) & (across < width))[:, None, :]
    flat = x.reshape(len(x), math.prod(x.shape[1:-2]), height, width)
    rows, columns = down.clip(0, max(height - 1, 0)), across.clip(0, max(width - 1, 0))
    samples, channels = xp.arange(len(x))[:, None, None, None], xp.arange(flat.shape[1])[:, None, None]
    picked = flat[samples, channels, rows[:, None, :, None], columns[:, None, None, :]] if x.size else flat
    return xp.where(fits[:, None], picked, x.dtype.type(0)).reshape(x.shape)


@op(
    formula=r"y_{n,i,j} = x_{n,\,i-b_{n0},\,j-b_{n1}}",
    category="shape",
    samples=[
        Sample(((3, 4, 5), Draw("integers", (3, 2), 3))),
        Sample(((2, 3, 4, 2), Draw("integers", (2, 2), 6))),
    ],
)
def shift(xp: Any, x: Any, by: Any) -> Any:
    """The images of `x` (N, …, H, W), each moved `by` (N, 2) rows down and columns to the right; zeros come in.

    Numbers below 0 move up and to the left; an image that is moved by more than its size becomes 0.
    """
    _check_moves(x, by)
    return _moved(xp, x, by.astype(INT, copy=False))


def _check_moves(x: Any, by: Any) -> None:
    _check_pixels(x)
    check_integers(by, "by")
    if by.shape != (x.shape[0], 2):
        raise ShapeError(
            f"by {by.shape} does not fit x {x.shape}: a row and a column for each sample are required",
            port="by",
            hint=f"by: ({x.shape[0]}, 2)",
        )


@shift.shape
def _(x: Aval, by: Aval) -> Aval:
    _check_moves(x, by)
    return x


@shift.vjp
def _(g: Any, y: Any, x: Any, by: Any) -> Any:
    return shift(g, negative(by)), None


OUT = Flat("moves it out of the frame", "were moved out of the frame", "was moved out of the frame")
shift.flat = {"x": OUT}
shift.adjoint = {
    "x": "each image of x {x} was moved, so its part of the gradient {y} is moved back; what had left the frame gets 0"
}


@in_training(
    r"y_{n,i,j} = x_{n,\,i-b_{n0},\,j-b_{n1}},\ b \sim \mathcal{U}",
    samples=[
        Sample(((3, 4, 5), STATE)),
        Sample(((3, 2, 4, 5), STATE), {"by": 1, "stream": 7}),
        EVALUATED,
    ],
    back=lambda g, moved, **_: shift(g, negative(moved)),
    kept=Kept("moved", lambda x, **_: (x.shape[0], 2), INT, 0),
    check=_check_pixels,
)
def random_shift(
    xp: Any,
    x: Any,
    state: RandomState = None,
    *,
    by: Annotated[int, Range(low=0, unit="pixels", usual=(0, 8))] = 2,
    mode: Mode = "train",
    stream: Stream = 0,
) -> Any:
    """In training each image of `x` (N, …, H, W) moves by up to `by` rows and columns, any as likely; zeros come in.

    As padding by `by` and cropping at random. In evaluation all stay where they are. The hidden output `moved` holds
    by how many rows down and columns to the right each was moved.
    """
    moved = np.floor(uniform(state, stream, (len(x), 2)) * (2 * by + 1)).astype(INT) - by
    return _moved(xp, x, xp.asarray(moved)), xp.asarray(moved)


random_shift.flat = {"x": OUT}
random_shift.adjoint = shift.adjoint


@in_training(
    r"x \odot m",
    samples=[
        Sample(((3, 4, 5), STATE)),
        Sample(((3, 2, 4, 5), STATE), {"size": 2, "stream": 7}),
        EVALUATED,
    ],
    back=masked,
    kept=Kept("mask", lambda x, **_: (x.shape[0], *[1] * (x.ndim - 3), *x.shape[-2:]), None, 1),
    check=_check_pixels,
    promote=("x",),
)
def cutout(
    xp: Any,
    x: Any,
    state: RandomState = None,
    *,
    size: Annotated[int, Range(low=1, unit="pixels", usual=(1, 16))] = 4,
    mode: Mode = "train",
    stream: Stream = 0,
) -> Any:
    """In training a square of `size` pixels at a random place becomes 0 in each image of `x` (N, …, H, W).

    Its middle is any pixel of the image, so that it may lie partly outside (DeVries and Taylor, 2017). In evaluation
    all stay as they are. The hidden output `mask` is what `x` was multiplied by.
    """
    drawn = uniform(state, stream, (len(x), 2))
    within = []
    for axis, length in enumerate(x.shape[-2:]):
        first = np.floor(drawn[:, axis : axis + 1] * length) - size // 2
        places = np.arange(length)
        within.append((places >= first) & (places < first + size))
    mask = ~(within[0][:, :, None] & within[1][:, None, :])
    mask = xp.asarray(mask.reshape(len(x), *[1] * (x.ndim - 3), *x.shape[-2:]).astype(x.dtype))
    return x * mask, mask


cutout.flat = {"x": Flat("cuts it out", "were cut out", "was cut out")}
cutout.adjoint = {
    "x": "x was multiplied by the mask, so the gradient {y} is too: it is 0 in the square that was cut out"
}
