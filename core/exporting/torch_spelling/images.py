"""How convolutions and pools of images are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from .. import literals
from ..calls import Call, Spelling, settings


def _two(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _same(call: Call, kernel: tuple[int, ...]) -> list[int]:
    """The zeros that "same" puts around images: at the left, right, top and bottom."""
    total = [d * (k - 1) for d, k in zip(_two(call.params["dilation"]), kernel, strict=True)]
    return [part for t in reversed(total) for part in (t // 2, t - t // 2)]


def _padded(call: Call, kernel: tuple[int, ...]) -> Call:
    """The call with a padding in numbers: what "same" puts around images is put there before."""
    padding = {"same": 0, "valid": 0}.get(call.params["padding"], call.params["padding"])
    if call.params["padding"] == "same":
        call = call._replace(args=(f"F.pad({call.x}, {tuple(_same(call, kernel))})", *call.args[1:]))
    return call._replace(params={**call.params, "padding": padding})


def _convolution(name: str, **usual: object) -> Spelling:
    def spell(call: Call) -> str:
        kernel = call.ins[1].shape[2:]
        left, right, top, bottom = _same(call, kernel)
        if call.params["padding"] == "same" and (left, top) != (right, bottom):  # of which PyTorch warns
            call = _padded(call, kernel)
        *first, bias = call.args if len(call.args) == 3 else (*call.args, "None")
        given = settings(call, stride=1, padding=0, **usual, dilation=1, groups=1)
        return f"F.{name}({', '.join(first)}{'' if bias == 'None' else f', {bias}'}{given})"

    return spell


def _conv1d(call: Call) -> str:
    span = call.params["dilation"] * (call.ins[1].shape[2] - 1)
    if call.params["padding"] == "same" and span % 2:  # of which PyTorch warns
        x = f"F.pad({call.x}, {(span // 2, span - span // 2)})"
        call = call._replace(args=(x, *call.args[1:]), params={**call.params, "padding": 0})
    given = call.args[:2] if call.args[2:] in ((), ("None",)) else call.args
    return f"F.conv1d({', '.join(given)}{settings(call, stride=1, padding=0, dilation=1, groups=1)})"


def _interpolate(call: Call) -> str:
    name = "size" if call.params["scale_factor"] is None else "scale_factor"
    return f"F.interpolate({call.x}, {name}={literals.plain(call.params[name])})"


def _adaptive_avg_unpool2d(call: Call) -> str:
    images = f"{call.x}.new_empty(*{call.x}.shape[:2], {', '.join(map(str, call.params['size']))})"
    return f"torch.ops.aten._adaptive_avg_pool2d_backward({call.x}, {images})"


def _weight(call: Call) -> str:
    weights = call.outs[0].shape
    call = _padded(call, weights[2:])
    given = settings(call, stride=1, padding=0, dilation=1, groups=1)
    return f"torch.nn.grad.conv2d_weight({call.x}, {literals.shape(weights)}, {call.args[1]}{given})"


def _pool(name: str, **usual: object) -> Spelling:
    def spell(call: Call) -> str:
        kernel = literals.plain(call.params["kernel_size"])
        return f"F.{name}({call.x}, {kernel}{settings(call, stride=None, padding=0, **usual)})"

    return spell


def _avg_unpool2d(call: Call) -> str:
    kernel, padding = list(_two(call.params["kernel_size"])), list(_two(call.params["padding"]))
    stride = kernel if call.params["stride"] is None else list(_two(call.params["stride"]))
    images = f"{call.x}.new_empty(*{call.x}.shape[:2], {', '.join(map(str, call.params['size']))})"
    ceiling, counted = call.params["ceil_mode"], call.params["count_include_pad"]
    given = f"{kernel}, {stride}, {padding}, {ceiling}, {counted}, None"  # no divisor
    return f"torch.ops.aten.avg_pool2d_backward({call.x}, {images}, {given})"


SPELLINGS: Mapping[str, Spelling] = {
    "conv2d": _convolution("conv2d"),
    "conv_transpose2d": _convolution("conv_transpose2d", output_padding=0),
    "conv2d_weight": _weight,
    "max_pool2d": _pool("max_pool2d", ceil_mode=False),
    "avg_pool2d": _pool("avg_pool2d", ceil_mode=False, count_include_pad=True),
    "adaptive_avg_pool2d": lambda call: (
        f"F.adaptive_avg_pool2d({call.x}, {literals.plain(call.params['output_size'])})"
    ),
    "adaptive_avg_unpool2d": _adaptive_avg_unpool2d,
    "conv1d": _conv1d,
    "interpolate": _interpolate,
    "avg_unpool2d": _avg_unpool2d,
}
