"""The loop that trains a graph, in PyTorch: the same data, split, batch size, optimiser and number of epochs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from ..document.written import writers
from ..errors import GradwireError
from ..graph import Node, Source, Training
from ..training.averaging import AVERAGES
from ..training.gradients import is_penalised
from ..training.named import Named, chosen
from ..training.optim import OWN, group_settings, optimiser
from ..training.schedules import Schedule
from ..training.sources import loss_source, sums_over_batch
from . import literals
from .outline import Outline
from .torch_fitting import HELPERS as FITTING_HELPERS
from .torch_fitting import fitting_lines, unmeasurable
from .torch_schedules import read_schedule, schedule_lines, unspelled
from .torch_spelling import dtype
from .trained import UNTRAINED, Trained

HELPERS = {
    **FITTING_HELPERS,
    "Lion": """class Lion(torch.optim.Optimizer):
    # Chen and others 2023, arXiv 2302.06675: PyTorch has none.
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            first, second = group["betas"]
            for w in (w for w in group["params"] if w.grad is not None):
                mean = self.state[w].setdefault("mean", torch.zeros_like(w))
                ahead = first * mean + (1 - first) * w.grad
                w.mul_(1 - group["lr"] * group["weight_decay"]).sub_(torch.sign(ahead), alpha=group["lr"])
                mean.mul_(second).add_(w.grad, alpha=1 - second)""",
}
WIDTH = 100


def training_loop(outline: Outline, trained: Trained = UNTRAINED) -> list[str]:
    """`def train():` and what follows; nothing where the graph does not say how to train, or needs other inputs.

    `trained` says where statistics of preprocessing are that were measured already.
    """
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
        made = _optimiser(outline, training)
        schedule = read_schedule(training)
        average = None if training.average is None else chosen(AVERAGES, "average", training.average)
    except GradwireError:
        return []  # told as a problem of the graph
    if missing := [*_unknown(training), *unspelled(training, schedule), *unmeasurable(outline)]:
        words = f"training settings that are not spelled in PyTorch: {'; '.join(missing)}"
        return ["def train():", f"    raise NotImplementedError({literals.text(words)})"]
    batch = ", ".join(f"{argument.name}[rows]" for argument in outline.arguments)
    lines = [
        "def train():",
        f"torch.manual_seed({int(training.seed)})",
        *_data(outline, node),
        "model = Network()",
        *fitting_lines(outline, trained),
        *made,
        *([] if schedule is None else schedule_lines(schedule, training, optimiser(training.optimiser)[1]["lr"])),
        *([] if average is None else _average(*average)),
        f"for epoch in range({int(training.epochs)}):",
        "    total = 0.0",
        *(f"    {line}" for line in _epoch(outline, str(loss), batch, schedule, average and average[1])),
        '    print(f"epoch {epoch + 1}: loss {total / len(data):.4g}")',
        f"return {'model' if average is None or average[1]['start'] >= training.epochs else 'averaged.module'}",
    ]
    return [lines[0], *(f"    {line}" for line in lines[1:])]


def _unknown(training: Training) -> list[str]:
    """The optimiser, where it is one that a plugin brings: PyTorch has no class of its title."""
    name = optimiser(training.optimiser)[0].name
    return [] if name in OWN else [f"the optimiser {name}"]


def buffers(outline: Outline) -> set[str]:
    """The parameters that nodes write, by id: running statistics and what is assigned. As parameters of PyTorch they
    would be averaged with the weights.
    """
    return set(writers(outline.graph, outline.registry, outline.chosen))


def _optimiser(outline: Outline, training: Training) -> list[str]:
    """The optimiser made, with the parameters of one group of settings beside each other."""
    rule, common = optimiser(training.optimiser)
    own = group_settings(outline.graph, training)
    groups: dict[tuple[Any, ...], list[str]] = {}
    written = buffers(outline)
    for weight in (each for each in outline.weights if each.node.id not in written):
        settings = own.get(weight.node.id, common)
        groups.setdefault(tuple(settings.values()), []).append(f"model.{weight.name}")
    said = [f"{name}={value}" for name, value in _told(rule, common).items()]
    head = f"optimiser = {'' if rule.title in HELPERS else 'torch.optim.'}{rule.title}("
    if list(groups) == [tuple(common.values())]:
        return _folded(f"{head}{', '.join(['model.parameters()', *said])})")
    lines = [head, "    ["]
    for values, names in groups.items():
        settings = dict(zip(common, values, strict=True))
        others = {name: value for name, value in settings.items() if value != common[name]}
        more = "".join(f', "{name}": {literals.plain(value)}' for name, value in others.items())
        line = f'{{"params": [{", ".join(names)}]{more}}},'
        lines += _folded(line, " " * 8)
    return [*lines, "    ],", *(f"    {each}," for each in said), ")"]


def _folded(line: str, indent: str = "") -> list[str]:
    """A line in brackets, over several lines where it is long."""
    further = f"{indent}    "
    return textwrap.wrap(
        line, WIDTH, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False, break_long_words=False
    )


def _told(rule: Named, settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as literals: the learning rate, and those that are not PyTorch's own."""
    told = {name: value for name, value in settings.items() if name == "lr" or value != rule.settings[name].default}
    return {name: literals.plain(value) for name, value in told.items()}


def _data(outline: Outline, node: Node) -> list[str]:
    """The data of a dataset node, as what `forward` takes."""
    params = literals.plain(dict(sorted(node.params.items())))
    return [
        "# The same rows that Gradwire trains on; a file is read from the folder in which this runs.",
        f"data = prepare({params}, folder=Path()).train",
        *(_rows(outline, argument.name, argument.source) for argument in outline.arguments),
    ]


def _rows(outline: Outline, name: str, source: Source) -> str:
    aval = outline.found.avals[source]
    kind: Any = aval.dtype
    return f"{name} = torch.tensor(data.{source.output}, dtype={dtype(kind)})"


def _average(rule: Named, settings: Mapping[str, Any]) -> list[str]:
    """What keeps the averages of the weights."""
    module = "torch.optim.swa_utils."
    decay = literals.plain(settings.get("decay"))
    how = f", multi_avg_fn={module}get_ema_multi_avg_fn({decay})" if rule.name == "exponential" else ""
    return [f"averaged = {module}AveragedModel(model{how})"]


def _epoch(
    outline: Outline, loss: str, batch: str, schedule: Schedule | None, average: Mapping[str, Any] | None
) -> list[str]:
    """The updates of one epoch, and what follows on the last."""
    training = outline.graph.training
    assert training is not None
    size, several = int(training.batch), training.accumulate > 1
    before = ["optimiser.zero_grad()"] * training.zero_gradients
    passing = _pass(outline, loss, batch)
    if several:
        inner = [f"for rows in group.split({size}):", *(f"    {line}" for line in passing)]
    else:
        inner = passing
    update = [*before, *inner, *_clipping(training), "optimiser.step()"]
    if outline.assigned and not several:
        update.append("model.commit()")
    update += ["schedule.step()"] * (schedule is not None and not schedule.by_epoch)
    averaging = ["averaged.update_parameters(model)"]
    if average is not None and average["start"]:
        averaging = [f"if epoch >= {average['start']}:", f"    {averaging[0]}"]
    update += averaging * (average is not None and average["by"] == "iteration")
    rows = f"for {'group' if several else 'rows'} in torch.randperm(len(data)).split({size * training.accumulate}):"
    lines = [rows, *(f"    {line}" for line in update)]
    if schedule is not None and schedule.by_epoch:
        lines.append("schedule.step(total / len(data))" if schedule.watches else "schedule.step()")
    return [*lines, *averaging * (average is not None and average["by"] == "epoch")]


def _pass(outline: Outline, loss: str, batch: str) -> list[str]:
    """Forward and backward of one batch."""
    outputs, training = outline.outputs, outline.graph.training
    assert training is not None
    source = loss_source(outline.graph, outline.registry, training)
    summed = sums_over_batch(outline.graph, outline.registry, source, outline.found.inferred)
    found = ", ".join(name if name == loss else "_" for name in outputs)
    several, penalty = training.accumulate > 1, _penalty(outline, training)
    share = " * (len(rows) / len(group))" if several else ""
    terms = [loss, *([f"penalty{share if summed else ''}"] if penalty else [])]
    objective = " + ".join(terms)
    if share and not summed:
        objective = f"({objective}){share}" if penalty else f"{objective}{share}"
    return [
        f"{found} = model({batch})",
        *penalty,
        f"({objective}).backward()" if objective != loss else f"{loss}.backward()",
        *["model.commit()"] * (bool(outline.assigned) and several),
        f"total += {loss}.item()" + ("" if summed else " * len(rows)"),
    ]


def _penalty(outline: Outline, training: Training) -> list[str]:
    """The penalty on weights, for which nothing is written where there is none."""
    if not (training.l1 or training.l2):
        return []
    laid = ((weight, is_penalised(training, weight.node.id, weight.params["shape"])) for weight in outline.weights)
    chosen = [f"model.{weight.name}" for weight, penalised in laid if weight.trained and penalised]
    terms = [(training.l1, "abs"), (training.l2, "square")]
    sums = [f"{literals.plain(factor)} * w.{name}().sum()" for factor, name in terms if factor]
    return _folded(f"penalty = sum({' + '.join(sums)} for w in [{', '.join(chosen)}])")


def _clipping(training: Training) -> list[str]:
    """What limits the gradients before the update, in the order in which it is done."""
    limits = (("norm", training.clip_norm), ("value", training.clip_value))
    return [
        f"torch.nn.utils.clip_grad_{kind}_(model.parameters(), {literals.plain(limit)})"
        for kind, limit in limits
        if limit is not None
    ]
