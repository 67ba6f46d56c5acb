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
    "avg_unpool2d": _avg_unpool2d,
}
