"""What training reads of a graph: the loss, what metrics compare, and the parameters that it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..document.ports import Ports, meant
from ..document.written import writers
from ..errors import GradwireError, Refusals, RunError
from ..graph import Graph, GraphView, Source, Training
from ..infer import Binding, Inferred, arrange
from ..lower import Lowering
from ..ops import Registry
from .metrics import Metric, labelled, metric
from .metrics.deciding import SCORES


def loss_source(graph: Graph, registry: Registry, training: Training) -> Source:
    """The value that training makes small."""
    if training.loss not in graph.nodes:
        message = f"training needs a loss, and no node has the id {training.loss!r}"
        raise RunError(message, hint=meant(graph, training.loss))
    return Ports(graph, registry).source(training.loss)


def metric_sources(graph: Graph, registry: Registry, training: Training) -> dict[str, tuple[Source, Source]]:
    """For each metric by name, the values that it compares, told by id as the loss is.

    Raises `GradwireError` for all that are wrong.
    """
    refusals = Refusals()
    found = read_metrics(graph, registry, training, refusals)
    refusals.raise_any()
    return found


def read_metrics(
    graph: GraphView, registry: Registry, training: Training, refusals: Refusals
) -> dict[str, tuple[Source, Source]]:
    """As `metric_sources`, without the metrics of which something is wrong, which goes to `refusals`."""
    found: dict[str, tuple[Source, Source]] = {}
    ports = Ports(graph, registry)
    for setting in training.metrics:
        with refusals.gathering():
            name, pair = _read_metric(setting, ports)
            if name in found:
                raise RunError(f"training has the metric {name} twice, each is told by its name")
            found[name] = pair
    return found


def _read_metric(setting: object, ports: Ports) -> tuple[str, tuple[Source, Source]]:
    if not isinstance(setting, Mapping):
        raise RunError(f"a metric needs a name, a prediction and a target, got {setting!r}")
    if not isinstance(setting.get("name"), str):
        raise RunError(f"a metric needs a name, got {dict(setting)}")
    name = metric(setting).label  # one that there is not is told before what is missing beside it
    for role in ("prediction", "target"):
        if not isinstance(setting.get(role), str):
            raise RunError(f"a metric needs a {role}, got {dict(setting)}")
    refusals, sources = Refusals(), []
    for role in ("prediction", "target"):
        try:
            sources.append(ports.source(setting[role]))
        except GradwireError as error:
            refusals.add(RunError(f"the metric {name} needs a {role}: {error.message}", hint=error.hint))
    refusals.raise_any()
    return name, (sources[0], sources[1])


def fitted_metrics(graph: Graph, registry: Registry, training: Training) -> dict[str, Metric]:
    """By label the metrics, which have seen nothing. One whose prediction an op gives as probabilities takes it as
    these, whatever its `scores` says: read as logits the numbers would be wrong.

    Raises `GradwireError` for all in which something is wrong.
    """
    found = labelled(training.metrics)
    for label, (prediction, _) in metric_sources(graph, registry, training).items():
        made = found[label]
        if SCORES.name in made.settings and gives_probabilities(graph, registry, prediction):
            found[label] = type(made)(**{**made.chosen, SCORES.name: "probabilities"})
    return found


def gives_probabilities(graph: Graph, registry: Registry, source: Source | None) -> bool:
    """Whether a value holds in evaluation what an op gives as probabilities, in this or another form."""
    while source is not None:
        node = graph.nodes[source.node]
        op, fed = registry[node.op], graph.inputs(node.id)
        if "bypass" in node.flags:
            source = next((each for each in arrange(op, fed) if each is not None), None)
        elif op.name == "by_mode":
            source = fed.get("y")
        elif op.traits.carries:
            source = fed.get(op.port_name(0))
        else:
            return op.traits.probabilities == "probabilities"
    return False


def needed(graph: Graph, registry: Registry, training: Training) -> set[str]:
    """The nodes that have to run for the loss and for what metrics compare."""
    pairs = metric_sources(graph, registry, training).values()
    wanted = [loss_source(graph, registry, training), *(source for pair in pairs for source in pair)]
    return Lowering(graph, registry, Binding()).needed(wanted)


def sums_over_batch(graph: Graph, registry: Registry, loss: Source, inferred: Sequence[Inferred]) -> bool:
    """Whether the loss adds up what the samples of a batch contribute, rather than taking their mean.

    Told by the ops in which the batch axis ends: values whose shape follows the batch go in, none comes out.
    `inferred` is at two batch sizes.
    """
    one, other = (each.avals for each in inferred)
    waiting, seen, kinds = [loss.node], {loss.node}, set()
    while waiting:
        node = graph.nodes[waiting.pop()]
        sources = graph.inputs(node.id).values()
        if any(one.get(source) != other.get(source) for source in sources):
            op = registry[node.op]
            kinds.add(op.traits.reduction({**op.defaults, **node.params}))
            continue
        waiting += {source.node for source in sources} - seen
        seen.update(source.node for source in sources)
    return kinds == {"sum"}


def trained(graph: Graph, registry: Registry, loss: Source) -> list[str]:
    """The parameters that the loss depends on and that are not frozen, detached from it or assigned, by id."""
    needed = Lowering(graph, registry, Binding()).needed([loss])
    nodes = [graph.nodes[id] for id in graph.order() if id in needed]
    held, written = {"freeze", "detach"}, set(assigned(graph, registry, loss))
    return [n.id for n in nodes if n.op == "parameter" and held.isdisjoint(n.flags) and n.id not in written]


def assigned(graph: Graph, registry: Registry, loss: Source) -> list[str]:
    """The parameters that nodes before the loss write: `assign`, and ops that keep statistics."""
    needed = Lowering(graph, registry, Binding()).needed([loss])
    return list(writers(graph, registry, [id for id in graph.nodes if id in needed]))
