"""What a graph costs: nodes, parameters, floating-point operations and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .data import describe, told_source
from .feeding import describer
from .graph import Graph, Node, Source
from .infer import Binding
from .lower import Lowering
from .op import Aval, Op
from .ops import Registry
from .parameters import BATCH
from .plan import FORWARD, Plan
from .session import Session
from .training.steps import TrainingStep


@dataclass(frozen=True)
class Info:
    """Counts of a graph. FLOPs and bytes are for the batch size `batch`; without settings training has none.

    `forward_flops` is a forward pass over all nodes, `training_flops` a whole step of training;
    `parameter_bytes` the parameters, `value_bytes` every value that a forward pass makes. `data` says of each dataset
    node, by its path, what its source is.
    """

    nodes: int
    groups: int
    wires: int
    parameters: int
    trained_parameters: int
    batch: int
    forward_flops: int
    training_flops: int
    parameter_bytes: int
    value_bytes: int
    data: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def flops(op: Op, avals: list[Aval | None], params: Any, outs: list[Aval]) -> int:
    """The floating-point operations of one application: by the op's own rule, else one for each element.

    Counted are the elements of the largest value that it reads or makes, so those that a sum or a loss takes
    in. Ops that only move elements count nothing.
    """
    if op.flops_rule is not None:
        return int(op.flops_rule(*avals, **params))
    if op.category in ("source", "shape", "random", "flow"):
        return 0
    return max(a.size for a in (*avals, *outs) if a is not None)


def plan_flops(plan: Plan) -> int:
    """The floating-point operations of a plan."""
    return sum(
        flops(
            s.op,
            [None if a is None else plan.avals[a] for a in s.args],
            s.params,
            [plan.avals[o] for o in s.outs],
        )
        for s in plan.steps
    )


def info(session: Session) -> Info:
    """The counts of a session's graph. Raises `GradwireError` for a graph that has problems."""
    graph, registry = session.graph, session.registry
    batch = graph.training.batch if graph.training else 1
    forward = _forward(graph, registry, session, batch)
    trained: set[str] = set()
    training_flops = 0
    if graph.training is not None:
        describe = describer(session.folder, session.dtype)
        step = TrainingStep(graph, registry, graph.training, session.dtype, "static", describe)
        trained = set(step.trained)
        training_flops = plan_flops(step.plan(batch))
    sizes = {id: forward.avals[n] for id, n in forward.state.items()}
    return Info(
        nodes=len(graph.nodes),
        groups=sum(not graph.is_note(id) for id in graph.groups),
        wires=graph.wire_count,
        parameters=sum(a.size for a in sizes.values()),
        trained_parameters=sum(a.size for id, a in sizes.items() if id in trained),
        batch=batch,
        forward_flops=plan_flops(forward),
        training_flops=training_flops,
        parameter_bytes=sum(a.nbytes for a in sizes.values()),
        data={graph.path(id): _source(node, session) for id, node in graph.nodes.items() if node.op == "dataset"},
        value_bytes=sum(forward.avals[o].nbytes for s in forward.steps for o in s.outs if s.phase == FORWARD),
    )


def _source(node: Node, session: Session) -> str:
    """`the built-in set iris: x (N, 4), 3 classes`."""
    found = describe(node.params, session.folder)
    shape = ", ".join(str(length) for length in (BATCH, *found.feature_shape))
    targets = f"{found.classes:,} classes" if found.classes is not None else f"y {(BATCH, *found.target_shape)}"
    return f"{told_source(node.params)}: x ({shape}), {targets.replace(repr(BATCH), BATCH)}"


def _forward(graph: Graph, registry: Registry, session: Session, batch: int) -> Plan:
    """The plan that computes every node."""
    binding = Binding(session.dtype, batch, "eval", session.seed)
    lowering = Lowering(graph, registry, binding, describer(session.folder, session.dtype))
    wanted = []
    for id, node in graph.nodes.items():
        op = registry[node.op]
        wanted += [Source(id, op.outputs[i].name) for i in op.visible]
    lowering.lower(wanted)
    plan: Plan = lowering.builder.finish({})
    return plan
