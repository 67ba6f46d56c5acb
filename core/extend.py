"""What a plugin may use, and all that the built-in ops and layers use: the one door for extending the program."""

from __future__ import annotations

from .errors import DataError, GradwireError, ParameterError, RunError, ShapeError
from .graph.elements import Source
from .layers.building import Built, Interior, Layer, add_layers, build, layer, rebuild
from .looking import look
from .op import Aval, Draw, Op, Output, Port, RandomState, Sample, op, short_name
from .ops import Registry, builtin
from .ops.shapes import sum_to
from .parameters import AnyDtype, FloatDtype, Mode, ParameterId, Phase, Range, Seed, Shape, Start, Stream
from .random import normal, state, stream, uniform
from .signature import Flat, Kink, Limits, Traits, Within

__all__ = [
    "AnyDtype",
    "Aval",
    "Built",
    "DataError",
    "Draw",
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
    "RunError",
    "Sample",
    "Seed",
    "Shape",
    "ShapeError",
    "Source",
    "Start",
    "Stream",
    "Traits",
    "Within",
    "add_layers",
    "build",
    "builtin",
    "layer",
    "look",
    "normal",
    "op",
    "rebuild",
    "short_name",
    "state",
    "stream",
    "sum_to",
    "uniform",
]
