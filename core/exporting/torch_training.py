"""The loop that trains a graph, in PyTorch: the same data, split, batch size, optimiser and number of epochs."""

from __future__ import annotations

from typing import Any

from ..errors import GradwireError
from ..graph import Source
from ..training.optim import optimiser
from ..training.steps import loss_source, sums_over_batch
from . import literals
from .outline import Outline
from .torch_spelling import dtype

_OPTIMISERS = {"sgd": "SGD", "adam": "Adam"}


def training_loop(outline: Outline) -> list[str]:
    """`def train():` and what follows; nothing where the graph does not say how to train, or needs other inputs."""
    training, loss = outline.graph.training, outline.loss
    nodes = {argument.source.node for argument in outline.arguments}
    whole = outline.whole and training is not None and loss is not None
    if not whole or len(nodes) != 1 or any(item.problem for item in outline.items):
        return []
    node = outline.graph.nodes[nodes.pop()]
    if node.op != "dataset" or not any(weight.trained for weight in outline.weights):
        return []
    assert training is not None
    try:
        rule, settings = optimiser(training.optimiser)
    except GradwireError:
        return []  # told as a problem of the graph
    made = ", ".join(f"{name}={literals.plain(value)}" for name, value in settings.items())
    params = literals.plain(dict(sorted(node.params.items())))
    batch = ", ".join(f"{argument.name}[rows]" for argument in outline.arguments)
    lines = [
        "def train():",
        f"torch.manual_seed({int(training.seed)})",
        "# The same rows that Gradwire trains on; a file is read from the folder in which this runs.",
        f"data = prepare({params}, folder=Path()).train",
        *(_rows(outline, argument.name, argument.source) for argument in outline.arguments),
        "model = Network()",
        f"optimiser = torch.optim.{_OPTIMISERS[rule.name]}(model.parameters(), {made})",
        f"for epoch in range({int(training.epochs)}):",
        "    total = 0.0",
        f"    for rows in torch.randperm(len(data)).split({int(training.batch)}):",
        *(f"        {line}" for line in _step(outline, str(loss), batch)),
        '    print(f"epoch {epoch + 1}: loss {total / len(data):.4g}")',
        "return model",
    ]
    return [lines[0], *(f"    {line}" for line in lines[1:])]


def _rows(outline: Outline, name: str, source: Source) -> str:
    aval = outline.found.avals[source]
    kind: Any = aval.dtype
    return f"{name} = torch.tensor(data.{source.output}, dtype={dtype(kind)})"


def _step(outline: Outline, loss: str, batch: str) -> list[str]:
    """One iteration: forward, backward, update."""
    outputs, training = outline.outputs, outline.graph.training
    assert training is not None
    source = loss_source(outline.graph, outline.registry, training)
    summed = sums_over_batch(outline.graph, outline.registry, source, outline.found.inferred)
    found = ", ".join(name if name == loss else "_" for name in outputs)
    return [
        *["optimiser.zero_grad()"] * training.zero_gradients,
        f"{found} = model({batch})",
        f"{loss}.backward()",
        "optimiser.step()",
        *["model.commit()"] * bool(outline.assigned),
        f"total += {loss}.item()" + ("" if summed else " * len(rows)"),
    ]
