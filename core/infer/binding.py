"""What a run puts into a node: the parameters that it decides, and what feeds each argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ParameterError, Refusals, ShapeError
from ..graph import Graph, Node, Source
from ..op import Aval, Op
from ..ops.sources import input_value
from ..parameters import BATCH
from ..random import stream

UNWIRED = "nothing is wired to this port"
BATCH_UNKNOWN = "the batch size is not known"


@dataclass(frozen=True)
class Binding:
    """What lowering binds in a graph's parameters: the dtype for "float", the batch for "N", mode and seed."""

    dtype: str = "float32"
    batch: int | None = None
    mode: str = "eval"
    seed: int = 0


def bind(node: Node, op: Op, binding: Binding) -> dict[str, Any]:
    """The parameters of `node`, complete and with what the run decides. Raises `ParameterError`."""
    params = _complete(op, node.params)
    if op.name == "input" and params["value"] is not None:  # before "N" has a length: the value may have another
        input_value(params["shape"], _bound("dtype", params["dtype"], node, binding), params["value"])
    for name, role in op.roles.items():
        params[name] = _bound(role, params[name], node, binding)
    return params


def _complete(op: Op, params: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of `op`. Raises `ParameterError` for each that does not fit."""
    try:
        return op.check_parameters(params)
    except ParameterError:
        refusals = Refusals()
        for name, value in params.items():
            with refusals.gathering():
                read = op.read_parameters({name: value})
                op.parameters[name].check_range(read[name], op.name)
        refusals.raise_any()
        raise  # all fit, but one is missing


def _bound(role: str, value: Any, node: Node, binding: Binding) -> Any:
    """What a run puts in the place of `value`, by the role of the parameter."""
    if role == "mode":
        return binding.mode
    if role == "stream":
        return stream(node.id)
    if role == "node":
        return node.id
    if role == "dtype":
        return binding.dtype if value == "float" else value
    if role == "seed":
        return binding.seed if value is None else value
    if role == "shape" and BATCH in value:
        if binding.batch is None:
            raise ShapeError(BATCH_UNKNOWN, hint="feed a value, whose first axis tells it")
        return tuple(binding.batch if length == BATCH else length for length in value)
    return value


def arrange(op: Op, ports: Mapping[str, Any]) -> list[Any]:
    """What feeds each argument of `op`, None for an optional port left open. Raises `ShapeError` for one missing."""
    fixed = len(op.ports) - op.grows
    placed: list[Any] = [None] * fixed
    for port, fed in ports.items():
        position = op.port_position(port)
        if position is None:
            raise no_port(op, port)
        if position >= len(placed):
            if position - fixed >= len(ports):  # one of the ports before it must be open
                raise ShapeError("nothing is wired to a port before this one", port=port)
            placed += [None] * (position + 1 - len(placed))
        placed[position] = fed
    if op.grows and len(placed) == fixed:
        placed.append(None)
    for position, fed in enumerate(placed):
        if fed is None:
            declared = op.ports[min(position, len(op.ports) - 1)]
            if not declared.optional and not declared.hidden:
                raise ShapeError(UNWIRED, port=op.port_name(position))
    return placed


def no_port(op: Op, port: str) -> ShapeError:
    """The refusal of a port that an op does not have."""
    ports = ", ".join(p.name + ("0, …" if p.variadic else "") for p in op.ports if not p.hidden) or "none"
    return ShapeError(f"{op.name} has no port {port!r}", port=port, hint=f"its ports: {ports}")


def bypassed(graph: Graph, node: Node, op: Op, avals: Mapping[Source, Aval], result: Aval | None = None) -> Source:
    """The value that a bypassed node passes on: the first input of the output's shape and dtype."""
    ports = graph.inputs(node.id)
    fed = [s for s in arrange(op, ports) if s is not None]
    if len(op.visible) > 1 and fed:
        raise ShapeError(f"a bypass passes one value on, and {op.name} gives {len(op.visible)}")
    for source in fed:
        if result is None or avals.get(source) == result:
            return source
    shown = ", ".join(str(avals[s]) for s in fed if s in avals) or "no input"
    raise ShapeError(f"a bypass needs an input like its output {result}, got {shown}")
