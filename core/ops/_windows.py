"""Windows that slide over images (N, C, height, width): where they lie, and what does not fit under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from ..op import ShapeError
from ..signature import Flat

Pair = int | tuple[int, int]
Padding = int | tuple[int, int] | Literal["same", "valid"]
Two = tuple[int, int]
LEFT_OUT = Flat("leaves it out", "are under no window", "is under no window")  # of images


def pixels(images: Any) -> Two:
    """Height and width of images."""
    _, _, height, width = images.shape
    return height, width


def pair(value: Pair) -> Two:
    """One number for both axes, or one for each."""
    return (value, value) if isinstance(value, int) else value


class Windows(NamedTuple):
    """Windows over images of `size`, each field (height, width); `before` and `after` are zeros put around them.

    There are `counts` of them, `stride` apart, and the elements of each lie `dilation` apart.
    """

    size: Two
    kernel: Two
    stride: Two
    dilation: Two
    before: Two
    after: Two
    counts: Two

    @property
    def padded(self) -> Two:
        height, width = (sum(lengths) for lengths in zip(self.size, self.before, self.after, strict=True))
        return height, width

    @property
    def span(self) -> Two:
        """From the first to the last element of a window."""
        return spans(self.kernel, self.dilation)

    def taps(self) -> Iterator[tuple[Two, tuple[slice, slice]]]:
        """Each element (row, column) of the kernel, with where in the padded image all windows have it."""
        for i in range(self.kernel[0]):
            for j in range(self.kernel[1]):
                yield (i, j), (self._along(0, i), self._along(1, j))

    def elements(self, at: Sequence[int]) -> tuple[Any, Any]:
        """The rows and the columns of the image that lie under the window `at`: outside of it in the padding."""
        rows, columns = (
            at[a] * self.stride[a] - self.before[a] + self.dilation[a] * np.arange(self.kernel[a]) for a in (0, 1)
        )
        return rows, columns

    def met(self, element: Sequence[int]) -> tuple[Any, Any]:
        """The rows and the columns of the image that this element of the kernel meets in all windows."""
        rows, columns = (
            np.arange(self.counts[a]) * self.stride[a] - self.before[a] + self.dilation[a] * element[a] for a in (0, 1)
        )
        return rows, columns

    def reaching(self, pixel: Sequence[int]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """For rows and for columns: the windows in which a pixel of the image lies, and at which of their elements."""
        found = []
        for a in (0, 1):
            elements = np.arange(self.kernel[a])
            first = pixel[a] + self.before[a] - self.dilation[a] * elements
            fits = (first % self.stride[a] == 0) & (first >= 0) & (first // self.stride[a] < self.counts[a])
            found.append((first[fits] // self.stride[a], elements[fits]))
        return found[0], found[1]

    def _along(self, axis: int, element: int) -> slice:
        first, stride = element * self.dilation[axis], self.stride[axis]
        return slice(first, first + (self.counts[axis] - 1) * stride + 1, stride)


def places(*axes: Any) -> Any:
    """Places in an array, (*lengths, axes), from whole numbers along each axis that are broadcast."""
    return np.stack(np.broadcast_arrays(*axes), axis=-1)


def spans(kernel: Two, dilation: Two) -> Two:
    """From the first to the last element of a window, along both axes."""
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1


def sliding(
    size: Two, kernel: Two, stride: Pair, padding: Padding, dilation: Pair = 1, beyond: Two = (0, 0)
) -> Windows:
    """As many windows as fit, where `beyond` more lies behind the padding. Raises `ShapeError`."""
    stride, dilation = pair(stride), pair(dilation)
    _check_kernel(kernel)
    span = spans(kernel, dilation)
    if padding == "same":
        if stride != (1, 1):
            raise ShapeError(f"padding same needs a stride of 1, got {stride}", hint="padding: a number")
        total = span[0] - 1, span[1] - 1
        before = total[0] // 2, total[1] // 2
        after = total[0] - before[0], total[1] - before[1]
    else:
        before = after = (0, 0) if padding == "valid" else pair(padding)
        after = after[0] + beyond[0], after[1] + beyond[1]
    windows = Windows(size, kernel, stride, dilation, before, after, (0, 0))
    height, width = windows.padded
    if span[0] > height or span[1] > width:
        raise ShapeError(
            f"a window of {span} does not fit images of {(height, width)} with their padding",
            port="x",
            hint=f"x: (N, C, {_least(span[0], before[0], after[0])}, {_least(span[1], before[1], after[1])}) or more",
        )
    count = (height - span[0]) // stride[0] + 1, (width - span[1]) // stride[1] + 1
    return windows._replace(counts=count)


def _least(span: int, before: int, after: int) -> int:
    return max(span - before - after, 1)


def check_images(x: Any, port: str = "x", channels: str = "C") -> None:
    """Refuse what are no images."""
    fits = f"(N, {channels}, height, width)"
    if x.ndim != 4:
        raise ShapeError(f"{port} must be images {fits}, got {x.shape}", port=port, hint=f"{port}: {fits}")


def check_kernels(w: Any, first: str, fits: str) -> None:
    """Refuse weights of another number of axes."""
    if w.ndim != 4:
        raise ShapeError(f"w must be weights ({first}, …, kh, kw), got {w.shape}", port="w", hint=f"w: {fits}")


def check_bias(bias: Any, outs: int) -> None:
    if bias is not None and bias.shape != (outs,):
        raise ShapeError(
            f"bias {bias.shape} must have one number for each of {outs} outputs", port="bias", hint=f"bias: ({outs},)"
        )


def check_groups(channels: int, groups: int, port: str, what: str = "channels") -> None:
    """Refuse groups that do not share out what `port` has."""
    if channels % groups:
        message = f"{port} has {channels} {what}, which {groups} groups do not share out"
        raise ShapeError(message, port=port, hint=f"groups: 1, or another divisor of {channels}")


def padded(xp: Any, x: Any, windows: Windows, fill: float = 0) -> Any:
    """`x` with `fill` around it; itself where there is nothing to put around it."""
    if windows.padded == windows.size:
        return x
    y = xp.full((*x.shape[:2], *windows.padded), fill, x.dtype)
    y[inner(windows)] = x
    return y


def inner(windows: Windows) -> tuple[slice, ...]:
    """Where in padded images the images lie."""
    (top, left), (height, width) = windows.before, windows.size
    return slice(None), slice(None), slice(top, top + height), slice(left, left + width)


def over(x: Any, w: Any, stride: Pair, padding: Padding, dilation: Pair) -> Windows:
    """The windows that kernels of `w` are over images `x`."""
    return sliding(x.shape[2:], w.shape[2:], stride, padding, dilation)


def under(counts: Two, kernel: Two, stride: Pair, padding: Pair, output_padding: Pair, dilation: Pair) -> Windows:
    """The windows over the result of a transposed convolution, one for each of `counts` elements. `ShapeError`."""
    stride, padding, extra, dilation = (pair(value) for value in (stride, padding, output_padding, dilation))
    _check_kernel(kernel)
    if 0 in counts:
        raise ShapeError(f"images of {counts} have no pixel", port="x", hint="lengths of 1 or more")
    if any(extra[a] >= max(stride[a], dilation[a]) for a in (0, 1)):
        message = f"output_padding {extra} must be below stride {stride} or dilation {dilation}"
        raise ShapeError(message, hint="output_padding: 0")
    span = spans(kernel, dilation)
    size = [(counts[a] - 1) * stride[a] + span[a] + extra[a] - 2 * padding[a] for a in (0, 1)]
    if min(size) < 1:
        message = (
            f"a padding of {padding} leaves nothing of images of {size[0] + 2 * padding[0], size[1] + 2 * padding[1]}"
        )
        raise ShapeError(message, hint="padding: 0")
    return Windows((size[0], size[1]), kernel, stride, dilation, padding, padding, counts)


def _check_kernel(kernel: Two) -> None:
    if 0 in kernel:
        raise ShapeError(f"a kernel {kernel} has no elements", hint="lengths of 1 or more")


def rest(windows: Windows, count: Two) -> Two:
    """How many pixels the image has beyond its padding in front and the last of `count` windows."""
    ends = [(count[a] - 1) * windows.stride[a] + windows.span[a] - 2 * windows.before[a] for a in (0, 1)]
    return windows.size[0] - ends[0], windows.size[1] - ends[1]
