"""What a plugin may use, and all that the built-in ops and layers use: the one door for extending the program."""

from __future__ import annotations

from .arrays import block_bytes, on_host, special
from .data import Bundled, Dataset
from .diagnosing import Finding, Rule
from .errors import DataError, GradwireError, ParameterError, RunError, ShapeError
from .graph.elements import Source
from .layers.building import Built, Interior, Layer, add_layers, build, layer, rebuild
from .looking import look
from .op import Aval, Draw, Op, Output, Port, RandomState, Sample, op, short_name
from .ops import Registry, builtin
from .ops.shapes import sum_to
from .parameters import AnyDtype, FloatDtype, Mode, ParameterId, Phase, Range, Seed, Shape, Start, Stream
from .plan import Plan
from .plugins import Host
from .plugins.op_check import check_op
from .random import normal, state, stream, uniform
from .signature import Corrections, Filled, Flat, Kink, Limits, Remedy, Terms, Traits, Within
from .training.metrics import Metric
from .training.optim.rule import Slots, update_rule
from .training.schedules import schedule_rule

__all__ = [
    "AnyDtype",
    "Aval",
    "Built",
    "Bundled",
    "Corrections",
    "DataError",
    "Dataset",
    "Draw",
    "Filled",
    "Finding",
    "Flat",
    "FloatDtype",
    "GradwireError",
    "Host",
    "Interior",
    "Kink",
    "Layer",
    "Limits",
    "Metric",
    "Mode",
    "Op",
    "Output",
    "ParameterError",
    "ParameterId",
    "Phase",
    "Plan",
    "Port",
    "RandomState",
    "Range",
    "Registry",
    "Remedy",
    "Rule",
    "RunError",
    "Sample",
    "Seed",
    "Shape",
    "ShapeError",
    "Slots",
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
    "check_op",
    "layer",
    "look",
    "normal",
    "on_host",
    "op",
    "rebuild",
    "schedule_rule",
    "short_name",
    "special",
    "state",
    "stream",
    "sum_to",
    "uniform",
    "update_rule",
]
