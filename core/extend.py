"""What a plugin may use, and all that the built-in ops and layers use: the one door for extending the program."""

from __future__ import annotations

from .arrays import block_bytes, on_host, special
from .errors import DataError, GradwireError, ParameterError, RunError, ShapeError
from .graph.elements import Source
from .layers.building import Built, Interior, Layer, add_layers, build, layer, rebuild
from .looking import look
from .op import Aval, Draw, Op, Output, Port, RandomState, Sample, op, short_name
from .ops import Registry, builtin
from .ops.shapes import sum_to
from .parameters import AnyDtype, FloatDtype, Mode, ParameterId, Phase, Range, Seed, Shape, Start, Stream
from .random import normal, state, stream, uniform
from .signature import Corrections, Filled, Flat, Kink, Limits, Remedy, Terms, Traits, Within

__all__ = [
    "AnyDtype",
    "Aval",
    "Built",
    "Corrections",
    "DataError",
    "Draw",
    "Filled",
    "Flat",
    "FloatDtype",
    "GradwireError",
    "Interior",
    "Kink",
    "Layer",
    "Limits",
    "Mode",
    "Op",
    "Output",
    "ParameterError",
    "ParameterId",
    "Phase",
    "Port",
    "RandomState",
    "Range",
    "Registry",
    "Remedy",
    "RunError",
    "Sample",
    "Seed",
    "Shape",
    "ShapeError",
    "Source",
    "Start",
    "Stream",
    "Terms",
    "Traits",
    "Within",
    "add_layers",
    "block_bytes",
    "build",
    "builtin",
    "layer",
    "look",
    "normal",
    "on_host",
    "op",
    "rebuild",
    "short_name",
    "special",
    "state",
    "stream",
    "sum_to",
    "uniform",
]
