"""Preprocessing layers in exported training: their statistics measured before the first iteration, as the engine does,
or those that were measured already taken from the file beside the graph.
"""

from __future__ import annotations

from typing import NamedTuple

from ..evaluating.fitting import Fitted, fitted_layers
from ..graph import Source
from . import literals
from .outline import Item, Outline
from .trained import Trained

_STATISTICS = """@torch.no_grad()
def fit_{kind}(x, {offset}, {scale}):
    # Over the samples, and along what `{offset}` has not or has with length 1; what never varies is only centred.
    x = x.double()
    axes = [*range(x.ndim - {offset}.ndim), *(i - {offset}.ndim for i, n in enumerate({offset}.shape) if n == 1)]
    least, most = x.amin(axes, keepdim=True), x.amax(axes, keepdim=True)
    {measured}
    {offset}.copy_(torch.where(most > least, {begin}, least).reshape({offset}.shape))
    {scale}.copy_(torch.where((most > least) & (spread > 0), spread, 1.0).reshape({scale}.shape))"""
HELPERS = {
    "fit_standardise": _STATISTICS.format(
        kind="standardise",
        offset="mean",
        scale="deviation",
        measured="centre = x.mean(axes, keepdim=True)\n"
        "    spread = (x - centre).square().mean(axes, keepdim=True).sqrt()",
        begin="centre",
    ),
    "fit_normalise": _STATISTICS.format(
        kind="normalise", offset="low", scale="width", measured="spread = most - least", begin="least"
    ),
}


class Measured(NamedTuple):
    """A layer that is measured on what `source` gives: the names of its parameters and of its input.

    `before` are the ops between the data and it, computed by the `method` of the module; none where it has the data
    itself.
    """

    layer: Fitted
    source: Source
    offset: str
    scale: str
    input: str
    before: tuple[Item, ...]
    method: str


def measured(outline: Outline) -> list[Measured]:
    """The preprocessing layers that the loss needs, those first whose values others read."""
    graph, training = outline.graph, outline.graph.training
    if training is None or training.loss not in graph.nodes:
        return []
    needed, taken = graph.ancestors([training.loss]), set(outline.values.values())
    names = {weight.node.id: weight.name for weight in outline.weights}
    found = []
    for layer in fitted_layers(graph):
        if layer.input is None or not {layer.offset, layer.scale} <= names.keys() or layer.offset not in needed:
            continue
        behind = graph.ancestors([layer.input.node])
        method = f"before_{names[layer.offset]}"
        while method in taken:
            method += "_"
        items = tuple(item for item in outline.items if item.node.id in behind)
        offset, scale = names[layer.offset], names[layer.scale]
        found.append(Measured(layer, layer.input, offset, scale, outline.values[layer.input], items, method))
    return found


def unmeasurable(outline: Outline) -> list[str]:
    """The layers to which no data set comes, as training settings that are not spelled."""
    graph = outline.graph
    return [
        f"{graph.path(each.layer.group)}, to which no data comes on which it could be measured"
        for each in measured(outline)
        if all(graph.nodes[id].op != "dataset" for id in graph.ancestors([each.source.node]))
    ]


def fitting_lines(outline: Outline, trained: Trained) -> list[str]:
    """What gives the layers of a new model their statistics, in `train`."""
    found = measured(outline)
    held = [each for each in found if {each.layer.offset, each.layer.scale} <= trained.ids and trained.file is not None]
    lines = ["# What was measured for preprocessing stands beside the graph; training leaves it as it is."] * bool(held)
    for each in held:
        for name, id in ((each.offset, each.layer.offset), (each.scale, each.layer.scale)):
            value = f"load_file({literals.text(trained.file)})[{literals.text(id)}]"
            lines.append(f"model.{name}.data.copy_({value})")
    missing = [each for each in found if each not in held]
    if missing:
        lines.append("# Preprocessing is measured on the training part, in evaluation, before the first iteration.")
        lines += ["model.eval()"] * outline.by_mode
        lines += [_fitting(outline, each) for each in missing]
        lines += ["model.train()"] * outline.by_mode
    return lines


def _fitting(outline: Outline, each: Measured) -> str:
    arguments = ", ".join(argument.name for argument in outline.arguments)
    value = f"model.{each.method}({arguments})" if each.before else each.input
    return f"fit_{each.layer.kind}({value}, model.{each.offset}, model.{each.scale})"
