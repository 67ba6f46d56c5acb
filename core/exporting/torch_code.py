"""A graph as a module of PyTorch, and its training as a loop, where the graph says how it is trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..graph import Graph
from ..ops import Registry
from . import literals
from .calls import Call, noted
from .initial import initial
from .meanings import MOST, meanings
from .outline import Item, Outline
from .torch_fitting import Measured, measured
from .torch_spelling import HELPERS, MODULE_ATTRIBUTES, NOTES, SPELLINGS, WORDS, cast
from .torch_training import HELPERS as TRAINING_HELPERS
from .torch_training import buffers, training_loop
from .trained import UNTRAINED, Trained, loaded, remark
from .writing import headed, helpers_in, refusal, returned, signature, spelled, with_comment

TRAINING_NAMES = {
    "train",
    "Network",
    "Path",
    "prepare",
    "data",
    "model",
    "optimiser",
    "epoch",
    "rows",
    "total",
    "schedule",
    "averaged",
    "group",
    "penalty",
}
RESERVED = {
    *HELPERS,
    *TRAINING_HELPERS,
    *TRAINING_NAMES,
    *MOST,
    "torch",
    "nn",
    "F",
    "math",
    "sys",
    "self",
    "forward",
    "cls",
    "load_file",
}
INDENT = "    "


def torch_source(
    graph: Graph,
    registry: Registry,
    ids: Iterable[str] | None = None,
    folder: Path | None = None,
    trained: Trained = UNTRAINED,
    fetch: str | Sequence[str] = (),
) -> str:
    """`graph`, or the nodes and groups `ids` of it, as PyTorch source; `folder` is that of its data files, `trained`
    says which parameters have values beside the graph.

    With `fetch`, the values that `Session.run` knows by these names are what is returned, and nothing is asked for
    beside what they are made of: a prediction needs no labels, and comes without the loop that trains.

    With parameters or dropout it is an `nn.Module`, else a function. A graph with training settings and one data set
    comes with the loop that trains it. An op without a spelling raises `NotImplementedError`, a node with a problem
    `ValueError`. Raises `GradwireError` where the wires close a loop or an id is not there.
    """
    outline = Outline(graph, registry, ids, folder, RESERVED, MODULE_ATTRIBUTES, fetch)
    module = bool(outline.weights) or outline.by_mode
    loop = training_loop(outline, trained) if module else []
    body = _module(outline, trained, bool(loop)) if module else _forward(outline, "")
    written = "\n".join((*body, *loop))
    helpers = helpers_in(written, {**HELPERS, **TRAINING_HELPERS})
    everything = "\n".join((written, *helpers))
    imports = [f"import {name}" for name in ("math", "sys") if f"{name}." in everything]
    imports += ["from pathlib import Path"] * bool(loop)
    imports += [""] * bool(imports) + ["import torch"]
    imports += ["import torch.nn.functional as F"] * ("F." in everything)
    imports += ["from safetensors.torch import load_file"] * ("load_file(" in everything)
    imports += ["from torch import nn"] * module
    imports += ["", "from gradwire.core.data import prepare"] * bool(loop)
    above = remark(outline, trained, "Network()", "Network().load_values()")
    named = meanings(outline)
    parts = ["\n".join([*above, *[""] * bool(above), *imports, *[""] * bool(named), *named])]
    parts += [*helpers, "\n".join(body)]
    if loop:
        parts += ["\n".join(loop), 'if __name__ == "__main__":\n    train()']
    return "\n\n\n".join(parts) + "\n"


def _module(outline: Outline, trained: Trained, trains: bool) -> list[str]:
    inner = INDENT * 2
    lines = ["class Network(nn.Module):"]
    if outline.weights:
        lines += [f"{INDENT}def __init__(self):", f"{inner}super().__init__()"]
    written = buffers(outline)
    own = {weight.name for weight in outline.weights}
    for weight in outline.weights:
        value, frozen = initial(weight.params, WORDS), "" if weight.trained else ", requires_grad=False"
        line = f"self.{weight.name} = nn.Parameter({value}{frozen})"
        if weight.node.id in written:
            line = f"self.register_buffer({literals.text(weight.name)}, {value})"
        lines.append(with_comment(f"{inner}{line}", weight.shape))
    if outline.weights:
        lines.append("")
    lines += _forward(outline, INDENT)
    for each in measured(outline) if trains else ():
        lines += _before(outline, each, own)
    if outline.assigned:
        lines += ["", f"{INDENT}@torch.no_grad()", f"{INDENT}def commit(self):"]
        lines.append(f'{inner}"""What forward assigned holds from the next iteration on."""')
        lines += [f"{inner}self.{held}.copy_(self.assigned[{held!r}])" for held in _held(outline)]
    return lines + _loading(outline, trained)


def _before(outline: Outline, each: Measured, own: set[str]) -> list[str]:
    """A method that computes what a layer of preprocessing is measured on, where that is not the data itself."""
    if not each.before:
        return []
    inner = INDENT * 2
    lines = ["", f"{INDENT}@torch.no_grad()"]
    lines += signature(f"def {each.method}", ["self", *(a.name for a in outline.arguments)], indent=INDENT)
    lines += _batch(outline, inner)
    lines += [_line(outline, item, inner, own) for item in each.before]
    return [*lines, f"{inner}return {each.input}"]


def _loading(outline: Outline, trained: Trained) -> list[str]:
    """A method that gives the parameters the values that they have beside the graph."""
    weights, inner = loaded(outline, trained), INDENT * 2
    if not weights:
        return []
    return [
        "",
        f"{INDENT}@torch.no_grad()",
        f"{INDENT}def load_values(self, path={literals.text(trained.file)}):",
        f"{inner}values = load_file(path)",
        *(f"{inner}self.{weight.name}.copy_(values[{literals.text(weight.node.id)}])" for weight in weights),
        f"{inner}return self",
    ]


def _held(outline: Outline) -> list[str]:
    own = {weight.name for weight in outline.weights}
    return [held for held in outline.assigned if held in own]


def _forward(outline: Outline, indent: str) -> list[str]:
    inner = indent + INDENT
    names = ["self"] * bool(indent) + [argument.name for argument in outline.arguments]
    lines = signature("def forward", names, indent=indent)
    lines += [f"{inner}# {a.name}: {literals.comment(a.shape)}" for a in outline.arguments if a.shape]
    lines += _batch(outline, inner)
    own = {weight.name for weight in outline.weights}
    for item, heading in headed(outline.items, inner):
        lines += heading
        lines.append(_line(outline, item, inner, own))
    held = _held(outline)
    if held:
        assigned = ", ".join(f"{name!r}: {outline.assigned[name]}.detach()" for name in held)
        lines.append(f"{inner}self.assigned = {{{assigned}}}  # for `commit`, after the optimiser's step")
    found = returned(outline)
    if own:
        found = ", ".join(f"self.{name}" if name in own else name for name in found.split(", "))
    return [*lines, f"{inner}return {found}"]


def _batch(outline: Outline, indent: str) -> list[str]:
    """The length of the batch, where random numbers are drawn for it."""
    drawn = outline.uses("random_normal", "random_uniform") and outline.batch is not None
    return [f"{indent}N = len({outline.batch})"] * drawn


def _line(outline: Outline, item: Item, indent: str, own: set[str]) -> str:
    if item.problem is not None or item.op is None:
        return refusal(outline, item, indent)
    names = ", ".join(item.names)
    stopped = ".detach()" if "detach" in item.node.flags else ""
    if item.passed is not None:
        line = f"{indent}{names} = {_own(item.passed, own)}{stopped}"
        return with_comment(line, f"{item.shape}, bypassed: {item.op.name}")
    if not spelled(item.op, SPELLINGS):
        return _missing(outline, item, indent)
    args = tuple(_argument(item, i, own) for i in range(len(item.args)))
    known = tuple(aval for aval in item.wanted if aval is not None)
    text = SPELLINGS[item.op.name](Call(args, item.params, known, item.outs))
    if stopped:
        text = f"({text}){stopped}" if len(item.names) == 1 else f"(part{stopped} for part in {text})"
    return with_comment(f"{indent}{names} = {text}", item.shape + noted(NOTES, item.op.name, item.params))


def _own(name: str, own: set[str]) -> str:
    return f"self.{name}" if name in own else name


def _argument(item: Item, index: int, own: set[str]) -> str:
    name, found, wanted = item.args[index], item.ins[index], item.wanted[index]
    if name is None:
        return "None"
    value = _own(name, own)
    return value if found is None or wanted is None or found.dtype == wanted.dtype else cast(value, wanted.dtype)


def _missing(outline: Outline, item: Item, indent: str) -> str:
    assert item.op is not None
    words = f"{outline.graph.path(item.node.id)}: the op {item.op.name} has no PyTorch spelling yet"
    return f"{indent}raise NotImplementedError({literals.text(words)})"
