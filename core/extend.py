"""What a plugin may use, and all that the built-in ops and layers use: the one door for extending the program.

Each name is loaded when it is first used, so that a plugin waits for no more than it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arrays import block_bytes, on_host, special
    from .backends import Backend
    from .backends.device import Device, Executable
    from .data import Bundled, Dataset
    from .diagnosing import Finding, Rule
    from .errors import DataError, FileError, GradwireError, ParameterError, RunError, ShapeError
    from .exporting import Exporter
    from .files.importers import Importer
    from .files.run_exporters import RunExporter
    from .graph.elements import Source
    from .layers.building import Built, Interior, Layer, add_layers, build, layer, rebuild, shown_with
    from .looking import look
    from .op import Aval, Draw, Op, Output, Port, RandomState, Sample, op, short_name
    from .ops import Registry, builtin
    from .ops.shapes import sum_to
    from .parameters import AnyDtype, FloatDtype, Mode, NodeId, ParameterId, Phase, Range, Seed, Shape, Start, Stream
    from .plan import Plan
    from .plugins import Host
    from .plugins.op_check import check_op
    from .printing import Printed
    from .random import normal, state, stream, uniform
    from .signature import Corrections, Filled, Flat, Kink, Limits, Remedy, Terms, Traits, Within
    from .training.metrics import Metric
    from .training.optim.rule import Slots, update_rule
    from .training.schedules import schedule_rule

_HOMES = {
    "AnyDtype": "parameters",
    "Aval": "op",
    "Backend": "backends",
    "Built": "layers.building",
    "Bundled": "data",
    "Corrections": "signature",
    "DataError": "errors",
    "Dataset": "data",
    "Device": "backends.device",
    "Draw": "op",
    "Executable": "backends.device",
    "Exporter": "exporting",
    "FileError": "errors",
    "Filled": "signature",
    "Finding": "diagnosing",
    "Flat": "signature",
    "FloatDtype": "parameters",
    "GradwireError": "errors",
    "Host": "plugins",
    "Importer": "files.importers",
    "Interior": "layers.building",
    "Kink": "signature",
    "Layer": "layers.building",
    "Limits": "signature",
    "Metric": "training.metrics",
    "Mode": "parameters",
    "NodeId": "parameters",
    "Op": "op",
    "Output": "op",
    "ParameterError": "errors",
    "ParameterId": "parameters",
    "Phase": "parameters",
    "Plan": "plan",
    "Port": "op",
    "Printed": "printing",
    "RandomState": "op",
    "Range": "parameters",
    "Registry": "ops",
    "Remedy": "signature",
    "Rule": "diagnosing",
    "RunError": "errors",
    "RunExporter": "files.run_exporters",
    "Sample": "op",
    "Seed": "parameters",
    "Shape": "parameters",
    "ShapeError": "errors",
    "Slots": "training.optim.rule",
    "Source": "graph.elements",
    "Start": "parameters",
    "Stream": "parameters",
    "Terms": "signature",
    "Traits": "signature",
    "Within": "signature",
    "add_layers": "layers.building",
    "block_bytes": "arrays",
    "build": "layers.building",
    "builtin": "ops",
    "check_op": "plugins.op_check",
    "layer": "layers.building",
    "look": "looking",
    "normal": "random",
    "on_host": "arrays",
    "op": "op",
    "rebuild": "layers.building",
    "schedule_rule": "training.schedules",
    "short_name": "op",
    "shown_with": "layers.building",
    "special": "arrays",
    "state": "random",
    "stream": "random",
    "sum_to": "ops.shapes",
    "uniform": "random",
    "update_rule": "training.optim.rule",
}

__all__ = [
    "AnyDtype",
    "Aval",
    "Backend",
    "Built",
    "Bundled",
    "Corrections",
    "DataError",
    "Dataset",
    "Device",
    "Draw",
    "Executable",
    "Exporter",
    "FileError",
    "Filled",
    "Finding",
    "Flat",
    "FloatDtype",
    "GradwireError",
    "Host",
    "Importer",
    "Interior",
    "Kink",
    "Layer",
    "Limits",
    "Metric",
    "Mode",
    "NodeId",
    "Op",
    "Output",
    "ParameterError",
    "ParameterId",
    "Phase",
    "Plan",
    "Port",
    "Printed",
    "RandomState",
    "Range",
    "Registry",
    "Remedy",
    "Rule",
    "RunError",
    "RunExporter",
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
    "shown_with",
    "special",
    "state",
    "stream",
    "sum_to",
    "uniform",
    "update_rule",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_HOMES[name]}", __package__), name)
    return found


def __dir__() -> list[str]:
    return list(__all__)
