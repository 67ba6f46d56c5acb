"""Linear layers and networks of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from ..errors import ParameterError
from ..graph.elements import Source
from ..op import Op
from ..ops import builtin
from ..parameters import Range
from .building import Interior, layer, shown_with

Initial = Literal["he", "xavier", "normal", "uniform", "zeros", "ones"]
Features = Annotated[int, Range(low=1)]
AWAY = 8.0  # where an activation is what it is far from 0


def _activates(op: Op) -> bool:
    """Whether an op can stand between two layers as it is: it leaves the shape, and takes nothing beside its argument.

    `glu` halves the features, and `prelu` has a slope of its own.
    """
    ports = [port for port in op.ports if not port.hidden]
    keeps = op.by_element or op.traits.probabilities is not None
    return op.category == "activation" and len(ports) == 1 and keeps


ACTIVATIONS = ("relu", "tanh", *(op.name for op in builtin() if _activates(op) and op.name != "relu"))
if TYPE_CHECKING:
    Activation = str
else:
    Activation = Literal[ACTIVATIONS]


@shown_with((3, 4), in_features=4, out_features=2)
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


@shown_with((3, 4), sizes=(4, 3, 2))
@layer
def mlp(
    interior: Interior,
    x: Source | None,
    *,
    sizes: tuple[int, ...],
    activation: Activation = "relu",
    bias: bool = True,
) -> Source:
    """Linear layers from sizes[0] to sizes[-1] features, with an activation between each two.

    Weights begin as He and others have them where the activation lets little of negative numbers through, as relu
    does, else as Glorot and Bengio have them (xavier).
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ParameterError(
            f"mlp: sizes must be two or more numbers of 1 or more, got {list(sizes)}",
            hint="sizes: [784, 256, 10]",
        )
    init: Initial = "he" if _rectifies(builtin()[activation]) else "xavier"
    value = x
    last = len(sizes) - 2
    for i, (before, after) in enumerate(pairwise(sizes)):
        name = f"linear_{i + 1}"
        value = interior.layer("linear", name, value, in_features=before, out_features=after, bias=bias, init=init)
        if i < last:
            value = interior.add(activation, f"{activation}_{i + 1}", {"x": value})
    assert value is not None, "two sizes make a layer"
    return value


def _rectifies(op: Op) -> bool:
    """Whether an activation passes on large numbers, and of large negative ones little."""
    low, high = op.forward(np, np.array([-AWAY, AWAY]), **op.defaults) / AWAY
    return bool(abs(low) < 0.3 and high > 0.5)
