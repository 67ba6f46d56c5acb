"""Layers, by family: functions that build groups of nodes. How they do it stands in `building`."""

from __future__ import annotations

from .building import Built, Interior, Layer, add_layers, build, find, layer, rebuild
from .dense import linear, mlp

LAYERS = (linear, mlp)
add_layers(*LAYERS)

__all__ = ["LAYERS", "Built", "Interior", "Layer", "add_layers", "build", "find", "layer", "rebuild"]
