"""A graph as a function of NumPy: inputs and parameters are its arguments, one line for each op."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from ..graph import Graph
from ..ops import Registry
from . import literals
from .calls import Call, noted
from .foreign import Foreign
from .initial import initial
from .meanings import MOST, meanings
from .numpy_spelling import HELPERS, KEPT, NOTES, SPELLINGS, WORDS, cast
from .outline import Item, Outline
from .trained import UNTRAINED, Trained, loaded, remark
from .writing import draws, foreign_ops, headed, helpers_in, refusal, returned, signature, spelled, with_comment

FUNCTIONS = {"forward", "initial_parameters", "trained_parameters", "load_file"}
RESERVED = {*HELPERS, *FUNCTIONS, *MOST, "np", "math", "sys", "rng", "training", "seed"}
INDENT = "    "


def numpy_source(
    graph: Graph,
    registry: Registry,
    ids: Iterable[str] | None = None,
    folder: Path | None = None,
    trained: Trained = UNTRAINED,
    fetch: str | Sequence[str] = (),
) -> str:
    """`graph`, or the nodes and groups `ids` of it, as NumPy source; `folder` is that of its data files, `trained`
    says which parameters have values beside the graph.

    With `fetch`, the values that `Session.run` knows by these names are what is returned, and nothing is asked for
    beside what they are made of.

    Runs as it stands and gives what Gradwire's own run gives; a node that has a problem raises `ValueError` with it.
    Raises `GradwireError` where the wires close a loop or an id is not there.
    """
    reserved = RESERVED.union(f"{name}_op" for name in registry.names())
    outline = Outline(graph, registry, ids, folder, reserved, fetch=fetch)
    foreign = foreign_ops(outline, SPELLINGS, RESERVED)
    body = _forward(outline, foreign)
    weights = _initial(outline)
    kept = _trained(outline, trained)
    written = "\n".join((*body, *weights))
    helpers = helpers_in(written, HELPERS)
    imports = [f"import {name}" for name in ("math", "sys") if f"{name}." in "\n".join((written, *helpers))]
    imports += [""] * bool(imports) + ["import numpy as np"]
    imports += ["from safetensors.numpy import load_file"] * bool(kept)
    above = remark(outline, trained, "initial_parameters", "trained_parameters")
    above += [""] * bool(above)
    named = meanings(outline)
    parts = ["\n".join([*above, *imports, *[""] * bool(named), *named])]
    parts += ["\n".join(f.lines) for f in foreign.values()]
    parts += [*helpers, "\n".join(body)]
    parts += ["\n".join(lines) for lines in (weights, kept) if lines]
    return "\n\n\n".join(parts) + "\n"


def _forward(outline: Outline, foreign: dict[str, Foreign]) -> list[str]:
    names = [argument.name for argument in outline.arguments] + [weight.name for weight in outline.weights]
    drops = any(op.takes_mode and op.takes_state and spelled(op, SPELLINGS) for op in outline.ops)
    random = outline.uses("random_normal", "random_uniform")
    names += ["*"] * (outline.by_mode or random) + ["training=False"] * outline.by_mode
    names += ["rng"] if random else ["rng=None"] * drops
    lines = signature("def forward", names)
    lines += [f"{INDENT}# {a.name}: {literals.comment(a.shape)}" for a in outline.arguments if a.shape]
    lines += [f"{INDENT}# {w.name}: {literals.comment(w.shape)}, a parameter" for w in outline.weights]
    if random and outline.batch is not None:
        lines.append(f"{INDENT}N = len({outline.batch})")
    for item, heading in headed(outline.items, INDENT):
        lines += [*heading, *_lines(outline, item, foreign)]
    for held, following in (*outline.assigned.items(), *outline.kept.items()):
        lines.append(f"{INDENT}# {held} is to be {following} from the next iteration on")
    return [*lines, f"{INDENT}return {returned(outline, outline.kept.values())}"]


def _lines(outline: Outline, item: Item, foreign: dict[str, Foreign]) -> list[str]:
    """What computes a node: a line, and one for what it keeps for the next iteration."""
    if item.problem is not None or item.op is None:
        return [refusal(outline, item, INDENT)]
    names = ", ".join(item.names)
    if item.passed is not None:
        return [with_comment(f"{INDENT}{names} = {item.passed}", f"{item.shape}, bypassed: {item.op.name}")]
    lines: list[str] = []
    if draws(item.op, SPELLINGS):
        if not item.op.takes_mode:
            return [_undrawn(outline, item, INDENT)]
        lines = [f"{INDENT}if training:", _undrawn(outline, item, INDENT * 2)]
    args = tuple(_argument(item, i) for i in range(len(item.args)))
    more = []
    if spelled(item.op, SPELLINGS):
        known = tuple(aval for aval in item.wanted if aval is not None)
        call = Call(args, item.params, known, item.outs)
        text = SPELLINGS[item.op.name](call)
        if item.kept:
            kept = ", ".join(item.kept.get(output, "_") for output in item.op.writes.values())
            more = [f"{INDENT}{kept} = {KEPT[item.op.name](call)}"]
    else:
        names = ", ".join(_all_outputs(item))
        text = _called(item, args, foreign[item.op.name])
    note = noted(NOTES, "detach" if "detach" in item.node.flags else item.op.name, item.params)
    return [*lines, with_comment(f"{INDENT}{names} = {text}", item.shape + note), *more]


def _undrawn(outline: Outline, item: Item, indent: str) -> str:
    where = outline.graph.path(item.node.id)
    words = f"{where}: the op {item.node.op} draws Gradwire's own random numbers, for which NumPy has no spelling"
    return f"{indent}raise NotImplementedError({literals.text(words)})"


def _argument(item: Item, index: int) -> str:
    """An argument with the cast that its port needs."""
    name, found, wanted = item.args[index], item.ins[index], item.wanted[index]
    if name is None:
        return "None"
    return name if found is None or wanted is None or found.dtype == wanted.dtype else cast(name, wanted.dtype)


def _all_outputs(item: Item) -> list[str]:
    """A name for each output of an op: an underscore for those that are hidden and that nothing keeps."""
    assert item.op is not None
    visible = dict(zip(item.op.visible, item.names, strict=True))
    return [visible.get(i, item.kept.get(output.name, "_")) for i, output in enumerate(item.op.outputs)]


def _called(item: Item, args: tuple[str, ...], foreign: Foreign) -> str:
    assert item.op is not None
    roles, given, every = item.op.roles, iter(args), list[str]()
    for port in item.op.ports:  # where there is a random state, no numbers are drawn
        every += ["None"] if port.hidden else islice(given, None if port.variadic else 1)
    mode = "'train' if training else 'eval'"
    params = [
        f"{name}={mode if roles.get(name) == 'mode' else literals.plain(value)}" for name, value in item.params.items()
    ]
    return f"{foreign.name}({', '.join(('np', *every, *params))})"


def _initial(outline: Outline) -> list[str]:
    """A function that gives the parameters their first values."""
    if not outline.weights:
        return []
    lines = ["def initial_parameters(rng):"]
    lines.append(f'{INDENT}"""As the graph says; Gradwire draws other numbers of the same distributions."""')
    lines.append(f"{INDENT}return {{")
    lines += [f'{INDENT * 2}"{w.name}": {initial(w.params, WORDS)},' for w in outline.weights]
    return [*lines, f"{INDENT}}}"]


def _trained(outline: Outline, trained: Trained) -> list[str]:
    """A function that gives the parameters the values that they have beside the graph."""
    weights = loaded(outline, trained)
    if not weights:
        return []
    return [
        f"def trained_parameters(path={literals.text(trained.file)}):",
        f"{INDENT}values = load_file(path)",
        f"{INDENT}return {{",
        *(f'{INDENT * 2}"{w.name}": values[{literals.text(w.node.id)}],' for w in weights),
        f"{INDENT}}}",
    ]
