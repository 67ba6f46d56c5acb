"""How convolutions and pools of images are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

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


def _windows(call: Call, fill: str) -> str:
    """The windows of a pool, as a helper gives them."""
    kernel = _two(call.params["kernel_size"])
    stride = kernel if call.params["stride"] is None else _two(call.params["stride"])
    ends = _ends(call, kernel)
    x = f"np.pad({call.x}, {ends}, constant_values={fill})" if ends else call.x
    return f"windows({x}, {kernel}, {stride})"


def _avg_pool2d(call: Call) -> str:
    found = f"{_windows(call, '0')}.mean((4, 5))"
    if call.params["count_include_pad"] or not _ends(call, ()):
        return found
    ones = call._replace(args=(f"np.ones_like({call.x})",))
    return f"{found} / {_windows(ones, '0')}.mean((4, 5))"


SPELLINGS: Mapping[str, Spelling] = {
    "conv2d": _conv2d,
    "avg_pool2d": _avg_pool2d,
    "max_pool2d": lambda call: f"{_windows(call, '-np.inf')}.max((4, 5))",
}

HELPERS: Mapping[str, str] = {
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
