"""Linear layers and networks of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from ..errors import ParameterError
from ..graph.elements import Source
from ..parameters import Range
from .building import Interior, layer

Initial = Literal["he", "xavier", "normal", "uniform", "zeros", "ones"]
Features = Annotated[int, Range(low=1)]


@layer
def linear(
    interior: Interior,
    x: Source | None,
    *,
    in_features: Features,
    out_features: Features,
    bias: bool = True,
    init: Initial = "he",
) -> Source:
    """y = x W + b: weights W (in_features, out_features) and a bias b (out_features,) that starts at 0."""
    weight = interior.add("parameter", "weight", shape=(in_features, out_features), init=init)
    product = interior.add("matmul", "matmul", {"x": x, "w": weight})
    if not bias:
        return product
    offset = interior.add("parameter", "bias", shape=(out_features,), init="zeros")
    return interior.add("add", "add", {"x": product, "y": offset})


@layer
def mlp(
    interior: Interior,
    x: Source | None,
    *,
    sizes: tuple[int, ...],
    activation: Literal["relu", "tanh", "sigmoid", "leaky_relu"] = "relu",
    bias: bool = True,
) -> Source:
    """Linear layers from sizes[0] to sizes[-1] features, with an activation between each two."""
    if len(sizes) < 2 or min(sizes) < 1:
        raise ParameterError(
            f"mlp: sizes must be two or more numbers of 1 or more, got {list(sizes)}",
            hint="sizes: [784, 256, 10]",
        )
    init: Initial = "he" if activation in ("relu", "leaky_relu") else "xavier"
    value = x
    last = len(sizes) - 2
    for i, (before, after) in enumerate(pairwise(sizes)):
        name = f"linear_{i + 1}"
        value = interior.layer("linear", name, value, in_features=before, out_features=after, bias=bias, init=init)
        if i < last:
            value = interior.add(activation, f"{activation}_{i + 1}", {"x": value})
    assert value is not None, "two sizes make a layer"
    return value
