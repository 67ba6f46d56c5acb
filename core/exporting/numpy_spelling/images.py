"""How convolutions and pools of images are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ops._windows import Windows
from ...ops.pooling import pool_windows
from ..calls import Call, Spelling


def _two(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _ends(call: Call, kernel: tuple[int, ...]) -> str:
    """The zeros around images, as np.pad takes them; nothing where there are none."""
    padding = call.params["padding"]
    if padding == "same":
        total = [d * (k - 1) for d, k in zip(_two(call.params["dilation"]), kernel, strict=True)]
        ends = [(t // 2, t - t // 2) for t in total]
    else:
        ends = [(p, p) for p in _two(0 if padding == "valid" else padding)]
    return "" if ends == [(0, 0), (0, 0)] else f"((0, 0), (0, 0), {ends[0]}, {ends[1]})"


def _conv2d(call: Call) -> str:
    ends = _ends(call, call.ins[1].shape[2:])
    x = f"np.pad({call.x}, {ends})" if ends else call.x
    settings = (_two(call.params["stride"]), _two(call.params["dilation"]), call.params["groups"])
    bias = call.args[2] if len(call.args) > 2 else "None"
    found = f"conv2d({x}, {call.args[1]}, {', '.join(map(str, settings))})"
    return found if bias == "None" else f"{found} + {bias}[:, None, None]"


def _pool(call: Call) -> Windows:
    _, _, height, width = call.ins[0].shape
    return pool_windows((height, width), **call.params)


def _around(x: str, before: Sequence[int], after: Sequence[int], fill: str) -> str:
    """Images with `fill` around them; themselves where there is nothing to put around them."""
    rows, columns = zip(before, after, strict=True)
    return f"np.pad({x}, ((0, 0), (0, 0), {rows}, {columns}), constant_values={fill})" if any(rows + columns) else x


def _windows(call: Call, x: str) -> str:
    """The windows of a pool over images that have their padding, as a helper gives them."""
    windows = _pool(call)
    return f"windows({x}, {windows.kernel}, {windows.stride})"


def _max_pool2d(call: Call) -> str:
    windows = _pool(call)
    return f"{_windows(call, _around(call.x, windows.before, windows.after, '-np.inf'))}.max((4, 5))"


def _avg_pool2d(call: Call) -> str:
    windows = _pool(call)
    found = f"{_windows(call, _around(call.x, windows.before, windows.after, '0'))}.mean((4, 5))"
    counted = windows.before if call.params["count_include_pad"] else (0, 0)
    if counted == windows.before == windows.after or not any(windows.before + windows.after):
        return found
    # The share of each window that counts: ones as far as elements count, and zeros around them.
    ones = _around(f"np.ones_like({call.x})", counted, counted, "1")
    before, after = (tuple(a - c for a, c in zip(ends, counted, strict=True)) for ends in windows[4:6])
    return f"{found} / {_windows(call, _around(ones, before, after, '0'))}.mean((4, 5))"


def _conv1d(call: Call) -> str:
    """The convolution of images of one row."""
    span, padding = call.params["dilation"] * (call.ins[1].shape[2] - 1), call.params["padding"]
    ends = (span // 2, span - span // 2) if padding == "same" else (0, 0) if padding == "valid" else (padding,) * 2
    x = f"np.pad({call.x}, ((0, 0), (0, 0), {ends}))" if any(ends) else call.x
    settings = f"(1, {call.params['stride']}), (1, {call.params['dilation']}), {call.params['groups']}"
    found = f"conv2d({x}[:, :, None], {call.args[1]}[:, :, None], {settings})[:, :, 0]"
    return found if call.args[2:] in ((), ("None",)) else f"{found} + {call.args[2]}[:, None]"


def _adaptive_avg_pool2d(call: Call) -> str:
    height, width = _two(call.params["output_size"])
    return f"mean_by_parts(mean_by_parts({call.x}, {height}, 2), {width}, 3)"


SPELLINGS: Mapping[str, Spelling] = {
    "conv2d": _conv2d,
    "avg_pool2d": _avg_pool2d,
    "max_pool2d": _max_pool2d,
    "adaptive_avg_pool2d": _adaptive_avg_pool2d,
    "conv1d": _conv1d,
}

HELPERS: Mapping[str, str] = {
    "mean_by_parts": '''def mean_by_parts(x, count, axis):
    """The means of as many parts along an axis, which overlap where they do not divide it."""
    n = x.shape[axis]
    parts = [np.arange(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]
    return np.stack([x.take(part, axis).mean(axis) for part in parts], axis)''',
    "conv2d": '''def conv2d(x, w, stride, dilation, groups):
    """Images x (N, C, H, W), with zeros around them already, under the sliding weights w (O, C / groups, kh, kw)."""
    places = windows(x, w.shape[2:], stride, dilation)
    parts = zip(np.split(places, groups, 1), np.split(w, groups), strict=True)
    return np.concatenate([np.einsum("ncijkl,ockl->noij", p, part, optimize=True) for p, part in parts], 1)''',
    "windows": '''def windows(x, kernel, stride, dilation=(1, 1)):
    """What lies under each window that slides over x (N, C, H, W): (N, C, rows, columns, kernel)."""
    span = [d * (k - 1) + 1 for d, k in zip(dilation, kernel)]
    found = np.lib.stride_tricks.sliding_window_view(x, span, (2, 3))
    return found[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]''',
}
