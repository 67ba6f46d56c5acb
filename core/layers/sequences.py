"""Layers of sequences: embeddings of words, and layer normalisation."""

from __future__ import annotations

from typing import Annotated, Literal

from ..errors import ParameterError
from ..graph.elements import Source
from ..parameters import Range
from .building import Interior, layer, shown_with
from .dense import Features


@shown_with((3,), "int64", num_embeddings=4, embedding_dim=2)
@layer
def embedding(
    interior: Interior,
    x: Source | None,
    *,
    num_embeddings: Features,
    embedding_dim: Features,
    init: Literal["normal", "uniform", "xavier", "zeros"] = "normal",
) -> Source:
    """A vector of embedding_dim numbers for each index (…) from 0 to num_embeddings − 1, from a trained table."""
    weight = interior.add("parameter", "weight", shape=(num_embeddings, embedding_dim), init=init)
    return interior.add("embedding", "embedding", {"indices": x, "table": weight})


@shown_with((3, 4), normalized_shape=4)
@layer
def layer_norm(
    interior: Interior,
    x: Source | None,
    *,
    normalized_shape: Annotated[int | tuple[int, ...], Range(low=1)],
    eps: Annotated[float, Range(low=0)] = 1e-5,
    elementwise_affine: bool = True,
    bias: bool = True,
) -> Source:
    """Each sample at mean 0 and variance 1 over its last axes, which have the lengths normalized_shape, then scaled.

    One number is the length of the last axis alone.
    """
    lengths = (normalized_shape,) if isinstance(normalized_shape, int) else normalized_shape
    if not lengths:
        raise ParameterError("layer_norm: normalized_shape must name one length or more", hint="normalized_shape: [64]")
    inputs: dict[str, Source | None] = {"x": x}
    if elementwise_affine:
        inputs["gamma"] = interior.add("parameter", "weight", shape=lengths, init="ones")
        if bias:
            inputs["beta"] = interior.add("parameter", "bias", shape=lengths, init="zeros")
    axis = -1 if len(lengths) == 1 else tuple(range(-len(lengths), 0))
    params = {"axis": axis, "eps": eps}
    usual = {"axis": -1, "eps": 1e-5}
    return interior.add(
        "layer_norm", "layer_norm", inputs, **{name: value for name, value in params.items() if value != usual[name]}
    )
