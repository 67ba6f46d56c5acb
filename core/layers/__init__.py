"""Layers, by family: functions that build groups of nodes. How they do it stands in `building`."""

from __future__ import annotations

from .building import LAYERS, Built, Interior, Layer, add_layers, build, find, layer, rebuild
from .dense import linear, mlp
from .heads import find_head, new_head
from .images import batch_norm, conv2d, residual_block
from .preprocessing import normalise, standardise
from .sequences import embedding, layer_norm

add_layers(linear, mlp, conv2d, batch_norm, layer_norm, embedding, residual_block, standardise, normalise)

__all__ = [
    "LAYERS",
    "Built",
    "Interior",
    "Layer",
    "add_layers",
    "build",
    "find",
    "find_head",
    "layer",
    "new_head",
    "rebuild",
]
