"""Numbers that samples (N, C, …) have one of for each channel: where they stand, what does not fit, what is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..op import Aval, ShapeError

Shape = tuple[int, ...]


def other_axes(ndim: int) -> Shape:
    """All axes but that of the channels."""
    return (0, *range(2, ndim))


def by_channel(x: Any) -> Shape:
    """The shape in which a number for each channel goes with `x`."""
    return (1, x.shape[1], *[1] * (len(x.shape) - 2))


def check_by_channel(x: Any, ports: Mapping[str, Any]) -> int:
    """How many channels `x` has, of which each of `ports` must have a number. Raises `ShapeError`."""
    channels: int = x.shape[1]
    for port, aval in ports.items():
        if aval is not None and aval.shape != (channels,):
            message = f"{port} {aval.shape} must have one number for each of {channels} channels"
            raise ShapeError(message, port=port, hint=f"{port}: ({channels},)")
    return channels


def summed_by_channel(port: str, what: str) -> Any:
    """What is told of a port that has a number for each channel."""

    def adjoint(y: Aval, x: Aval, *_: Any, **__: Any) -> str:
        axes = other_axes(x.ndim)
        listed = f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}" if len(axes) > 1 else "axis 0"
        own = (x.shape[1],)
        return f"{port} {own} was copied along {listed} to {y.shape}, so its gradient is the sum over {listed}{what}"

    return adjoint
