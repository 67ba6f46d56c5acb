"""Layers of images: convolution, batch normalisation, and the residual block that is made of both."""

from __future__ import annotations

from typing import Annotated, Literal

from ..errors import ParameterError
from ..graph.elements import Source
from ..parameters import Range
from .building import Interior, layer, shown_with
from .dense import Features, Initial

ROWS = 6  # those that a normalisation with its four sources takes

Step = Annotated[int | tuple[int, int], Range(low=1)]


@shown_with((1, 2, 4, 4), in_channels=2, out_channels=1)
@layer
def conv2d(
    interior: Interior,
    x: Source | None,
    *,
    in_channels: Features,
    out_channels: Features,
    kernel_size: Step = 3,
    stride: Step = 1,
    padding: Annotated[int | tuple[int, int] | Literal["same", "valid"], Range(low=0)] = 0,
    dilation: Step = 1,
    groups: Features = 1,
    bias: bool = True,
    init: Initial = "he",
) -> Source:
    """Images (N, in_channels, H, W) under out_channels sliding kernels, plus a bias that starts at 0."""
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ParameterError(f"conv2d: {groups} groups do not share out {name} {channels}", hint="groups: 1")
    high, wide = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    shape = (out_channels, in_channels // groups, high, wide)
    inputs: dict[str, Source | None] = {"x": x, "w": interior.add("parameter", "weight", shape=shape, init=init)}
    if bias:
        inputs["bias"] = interior.add("parameter", "bias", shape=(out_channels,), init="zeros")
    usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
    given = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    params = {name: value for name, value in given.items() if value != usual[name]}
    return interior.add("conv2d", "conv2d", inputs, **params)


@shown_with((3, 2), num_features=2)
@layer
def batch_norm(
    interior: Interior,
    x: Source | None,
    *,
    num_features: Features,
    eps: Annotated[float, Range(low=0)] = 1e-5,
    momentum: Annotated[float, Range(0, 1)] = 0.1,
    affine: bool = True,
    track_running_stats: bool = True,
) -> Source:
    """Each of num_features channels of (N, num_features, …) normalised by its batch, in evaluation by the running mean
    and variance, which training moves and never trains."""
    inputs: dict[str, Source | None] = {"x": x}
    shape = (num_features,)
    if affine:
        inputs["gamma"] = interior.add("parameter", "weight", shape=shape, init="ones")
        inputs["beta"] = interior.add("parameter", "bias", shape=shape, init="zeros")
    if track_running_stats:
        inputs["running_mean"] = interior.add("parameter", "running_mean", shape=shape, init="zeros")
        inputs["running_var"] = interior.add("parameter", "running_var", shape=shape, init="ones")
    usual = {"eps": 1e-5, "momentum": 0.1}
    params = {name: value for name, value in (("eps", eps), ("momentum", momentum)) if value != usual[name]}
    return interior.add("batch_norm", "batch_norm", inputs, **params)


@shown_with((1, 1, 3, 3), in_channels=1, out_channels=1)
@layer
def residual_block(
    interior: Interior, x: Source | None, *, in_channels: Features, out_channels: Features, stride: Step = 1
) -> Source:
    """relu(F(x) + x) with F two 3×3 convolutions, each batch-normalised, and a ReLU between them (He et al., 2016).

    Where channels or size change, x goes through a 1×1 convolution and batch normalisation of its own.
    """
    changes = stride not in (1, (1, 1)) or in_channels != out_channels
    before, around = interior.has("conv1"), interior.has("downsample")
    # The way around stands in the first row, above the other: level, it runs behind nothing. What comes to a block
    # that was built without has its room above all.
    row = 1 - ROWS if before and not around else 0
    given = interior.add("identity", "x", {"x": x})
    channels = {"in_channels": in_channels, "out_channels": out_channels, "stride": stride, "bias": False}
    fork = interior.column
    interior.lane(ROWS if changes else 1)
    value = interior.layer("conv2d", "conv1", given, **channels, kernel_size=3, padding=1)
    if not before:
        interior.lead_in(value.node, "x", fork, ROWS if changes else 1)
    value = interior.layer("batch_norm", "bn1", value, num_features=out_channels)
    value = interior.add("relu", "relu1", {"x": value})
    again = {"in_channels": out_channels, "out_channels": out_channels, "padding": 1, "bias": False}
    value = interior.layer("conv2d", "conv2", value, **again)
    value = interior.layer("batch_norm", "bn2", value, num_features=out_channels)
    if changes:
        interior.lane(row, fork)
        given = interior.layer("conv2d", "downsample", given, **channels, kernel_size=1)
        if row:
            interior.lead_in(given.node, "x", fork, row)
        given = interior.layer("batch_norm", "downsample_bn", given, num_features=out_channels)
    interior.lane(0)
    total = interior.add("add", "add", {"x": value, "y": given})
    return interior.add("relu", "relu2", {"x": total})
