"""Ops of images (N, C, H, W): forward, shape rule and gradient of each stand together."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np

from gradwire.core.extend import Aval, Range, Sample, ShapeError, Traits, builtin, op

GRAY = (0.299, 0.587, 0.114)  # how bright red, green and blue are (ITU-R BT.601, as in PyTorch and Pillow)
FARTHEST = 3.0  # deviations from which on a bell is cut off
Numbers = tuple[float, ...]


def _check_images(x: Any) -> None:
    if len(x.shape) != 4:
        raise ShapeError(f"x {x.shape} holds no images: (N, C, H, W) is required", port="x", hint="reshape")


def _by_channel(numbers: Any, x: Any) -> Any:
    """A number for each channel of `x`, of a shape that broadcasts along its other axes."""
    return np.asarray(numbers, x.dtype).reshape(1, -1, 1, 1)


@op(
    formula=r"y = 0.299\, r + 0.587\, g + 0.114\, b",
    category="image",
    samples=[((2, 3, 2, 4),)],
    promote="all",
    floating=True,
)
def rgb_to_gray(xp: Any, x: Any) -> Any:
    """Images `x` (N, 3, H, W) of red, green and blue as shades of gray (N, 1, H, W), as bright as people see them."""
    return (x * xp.asarray(_by_channel(GRAY, x))).sum(1, keepdims=True)


@rgb_to_gray.shape
def _(x: Aval) -> Aval:
    _check_images(x)
    if x.shape[1] != 3:
        raise ShapeError(f"x {x.shape} must have 3 channels, red, green and blue, found {x.shape[1]}", port="x")
    return Aval((x.shape[0], 1, *x.shape[2:]), x.dtype)


@rgb_to_gray.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * _by_channel(GRAY, x),)


rgb_to_gray.traits = Traits(linear=True)


@op(
    formula=r"y_{n,c} = (x_{n,c} - \mu_c) / \sigma_c",
    category="image",
    samples=[
        Sample(((2, 1, 2, 3),)),
        Sample(((2, 3, 2, 2),), {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}),
    ],
    promote="all",
    floating=True,
)
def normalize_image(xp: Any, x: Any, *, mean: Numbers = (0.5,), std: Numbers = (0.5,)) -> Any:
    """Images `x` (N, C, H, W) less `mean`, divided by `std`: a number for each channel, or one for all."""
    return (x - xp.asarray(_by_channel(mean, x))) / xp.asarray(_by_channel(std, x))


@normalize_image.shape
def _(x: Aval, *, mean: Numbers, std: Numbers) -> Aval:
    _check_images(x)
    for name, numbers in (("mean", mean), ("std", std)):
        if len(numbers) not in (1, x.shape[1]):
            wanted = f"{x.shape[1]} numbers, one for each channel of x, or one for all"
            raise ShapeError(f"{name} must be {wanted}, got {len(numbers)}")
    if min(std) <= 0:
        raise ShapeError(f"std must be above 0, got {min(std):g}")
    return x


@normalize_image.vjp
def _(g: Any, y: Any, x: Any, *, mean: Numbers, std: Numbers) -> Any:
    return (g / _by_channel(std, x),)


@op(
    formula=r"y_{i,j} = x_{i+t,\, j+l}",
    category="image",
    samples=[
        Sample(((2, 3, 5, 4),), {"height": 2, "width": 3}),
        Sample(((1, 2, 3, 3),), {"height": 3, "width": 1}),
    ],
)
def crop_center(
    xp: Any, x: Any, *, height: Annotated[int, Range(low=1)] = 1, width: Annotated[int, Range(low=1)] = 1
) -> Any:
    """The `height` rows and `width` columns in the middle of images `x` (N, C, H, W): (N, C, height, width).

    Where as many cannot be left out on both sides, one more is at the bottom and at the right.
    """
    top, left = _corner(x, height, width)
    return x[:, :, top : top + height, left : left + width]


def _corner(x: Any, height: int, width: int) -> tuple[int, int]:
    return (x.shape[2] - height) // 2, (x.shape[3] - width) // 2


@crop_center.shape
def _(x: Aval, *, height: int, width: int) -> Aval:
    _check_images(x)
    if height > x.shape[2] or width > x.shape[3]:
        raise ShapeError(
            f"images of ({x.shape[2]}, {x.shape[3]}) have no ({height}, {width}) pixels in their middle",
            hint=f"height up to {x.shape[2]}, width up to {x.shape[3]}",
        )
    return Aval((*x.shape[:2], height, width), x.dtype)


@crop_center.vjp
def _(g: Any, y: Any, x: Any, *, height: int, width: int) -> Any:
    top, left = _corner(x, height, width)
    below, right = x.shape[2] - height - top, x.shape[3] - width - left
    return (builtin()["pad"](g, pad_width=(0, 0, 0, 0, top, below, left, right)),)


crop_center.traits = Traits(linear=True)


# Filters: a weighted sum of rows, then of columns. Beyond its edge an image goes on as it is there.


def _weights(numbers: Any, length: int, dtype: Any) -> Any:
    """The matrix (length, length) that weighs with `numbers`, an odd count, the neighbours of each pixel of a line."""
    far = len(numbers) // 2
    made = np.zeros((length, length), dtype)
    for offset, number in zip(range(-far, far + 1), numbers, strict=True):
        there = np.clip(np.arange(length) + offset, 0, max(length - 1, 0))
        np.add.at(made, (np.arange(length), there), number)
    return made


def _filtered(xp: Any, x: Any, rows: Any, columns: Any) -> Any:
    down = xp.asarray(_weights(rows, x.shape[2], x.dtype))
    across = xp.asarray(_weights(columns, x.shape[3], x.dtype))
    return xp.matmul(xp.matmul(down, x), across.T)


def _filtered_back(g: Any, x: Any, rows: Any, columns: Any) -> Any:
    """The gradient of x: each pixel collects, by the same weights, from where it was used."""
    matmul = builtin()["matmul"]
    down, across = _weights(rows, x.shape[2], x.dtype), _weights(columns, x.shape[3], x.dtype)
    return matmul(matmul(np.ascontiguousarray(down.T), g), across)


def _bell(sigma: float) -> Any:
    far = math.ceil(FARTHEST * sigma)
    bell = np.exp(-0.5 * (np.arange(-far, far + 1) / sigma) ** 2)
    return bell / bell.sum()


@op(
    formula=r"y = G_\sigma * x",
    category="image",
    samples=[Sample(((2, 1, 4, 5),)), Sample(((1, 3, 3, 2),), {"sigma": 0.6})],
    promote="all",
    floating=True,
)
def gaussian_blur(
    xp: Any, x: Any, *, sigma: Annotated[float, Range(low=0, high=100, above=True, unit="pixels", usual=(0.5, 3))] = 1.0
) -> Any:
    """Images `x` (N, C, H, W), each pixel the mean of those around it, weighted by a bell of deviation `sigma`."""
    return _filtered(xp, x, _bell(sigma), _bell(sigma))


@gaussian_blur.shape
def _(x: Aval, *, sigma: float) -> Aval:
    _check_images(x)
    return x


@gaussian_blur.vjp
def _(g: Any, y: Any, x: Any, *, sigma: float) -> Any:
    return (_filtered_back(g, x, _bell(sigma), _bell(sigma)),)


gaussian_blur.traits = Traits(linear=True)

SLOPE, SMOOTH = (-1.0, 0.0, 1.0), (1.0, 2.0, 1.0)
Axis = Literal["x", "y"]


def _masks(axis: Axis) -> tuple[Any, Any]:
    """The weights of rows and those of columns."""
    return (SMOOTH, SLOPE) if axis == "x" else (SLOPE, SMOOTH)


@op(
    formula=r"y = S * x",
    category="image",
    samples=[Sample(((2, 1, 4, 3),)), Sample(((1, 2, 3, 5),), {"axis": "y"})],
    promote="all",
    floating=True,
)
def sobel(xp: Any, x: Any, *, axis: Axis = "x") -> Any:
    """How steeply images `x` (N, C, H, W) brighten to the right (`axis` x) or downwards (y): the filter of Sobel.

    It is large at edges: upright ones along x, level ones along y.
    """
    return _filtered(xp, x, *_masks(axis))


@sobel.shape
def _(x: Aval, *, axis: Axis) -> Aval:
    _check_images(x)
    return x


@sobel.vjp
def _(g: Any, y: Any, x: Any, *, axis: Axis) -> Any:
    return (_filtered_back(g, x, *_masks(axis)),)


sobel.traits = Traits(linear=True)
