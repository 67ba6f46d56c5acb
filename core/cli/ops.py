"""`gradwire ops [NAME]`: the ops that there are, or everything about one."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from ..op import Op
from ..ops import Registry, installed
from ..ops.formulas import unicode_formula
from ..other_names import differs, same
from ..plugins import DISABLED
from ..plugins.declaring import declaring
from ..stepping.local import UPSTREAM
from ..stepping.rule_code import gradient_code
from ..stepping.rules import conventions, rules
from ..stepping.worked_example import Example, shapes_of, worked_example
from .catalogue import KINDS, called, meant_by, settings_of, speaking_of
from .command import Command, CommandError, add_json
from .output import Array, array_text, json_line, json_text, table

WIDTH = 104  # beside the titles: all in all as wide as what ops say of themselves


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    words = "an op, such as matmul, or a word of what ops say"
    parser.add_argument("name", metavar="NAME", nargs="?", help=words)
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    registry = installed()
    found = _listed(registry)
    if args.name is not None:
        found = _named(registry, args.name)
    if args.json:
        for op in found:
            print(json_line(_data(op)))
    else:
        print(_list(found) if args.name is None or len(found) > 1 else card(found[0]))
        if args.name is not None and (other := differs(args.name)):
            print(f"\nnot as {args.name}: {other}")
    return 0


def _named(registry: Registry, name: str) -> list[Op]:
    """The op of that name, or that which other libraries call so; else those that speak of it."""
    if registry.get(name) is not None:
        return [registry[name]]
    if (known := same(name, "op", registry.names())) is not None:
        return [registry[known]]
    if instead := [entry.op for entry in meant_by(name, "ops") if entry.op]:
        return instead
    _refuse_other_kinds(registry, name)
    spoken = [entry.op for entry in speaking_of(name, "ops") if entry.op]
    return spoken or [registry[name]]


def _refuse_other_kinds(registry: Registry, name: str) -> None:
    """Raise `CommandError` for the name of something that is no op, or one of a plugin that is not loaded."""
    if registry.get(name) is not None:
        return
    if (plugin := declaring(name)) is not None:
        why = "is disabled" if plugin.state == DISABLED else f"is not loaded: {plugin.error}"
        enables = f" (gradwire plugins --enable {plugin.name})" if plugin.state == DISABLED else ""
        raise CommandError(f"no op is called {name!r}; the plugin {plugin.name} has it, which {why}{enables}")
    others = [entry for entry in meant_by(name) if entry.op is None]
    if found := called(name) or called(name.lower()) or others:
        kinds = " and ".join(KINDS[entry.kind].one for entry in found)
        raise CommandError(f"no op is called {name!r}; {found[0].name} is {kinds} (gradwire list {found[0].name})")


def _listed(registry: Registry) -> list[Op]:
    return sorted(registry, key=lambda op: (op.category, op.name))


def _list(found: list[Op]) -> str:
    """Ops by category, each with the first sentence of its doc."""
    width = max(len(op.name) for op in found)
    lines = []
    for category in dict.fromkeys(op.category for op in found):
        lines += ["", category]
        members = [op for op in found if op.category == category]
        lines += [f"  {op.name:<{width}}  {op.doc.splitlines()[0]}" for op in members]
    return "\n".join(lines[1:])


def card(op: Op) -> str:
    """Everything about an op: what it does, its formula, ports with the shapes of the example, rules, the example."""
    example = worked_example(op)
    rows = [("category", op.category), ("formula", unicode_formula(op.formula))]
    sections = [
        ("ports", _ports(op, example)),
        ("parameters", _folded(setting.text for setting in settings_of(op.parameters))),
        ("outputs", _outputs(op, example)),
    ]
    sections += [("gradient", _gradient(op)), ("conventions", _folded(conventions(op)))]
    for title, entries in sections:
        rows += [("" if i else title, entry) for i, entry in enumerate(entries or ["none"])]
    parts = [op.name, op.doc, table(rows)]
    return "\n\n".join(parts if example is None else [*parts, _example(example)])


def _folded(texts: Iterable[str]) -> list[str]:
    """Lines of these texts beside a title; what of one goes on in further lines is indented."""
    wrap = partial(textwrap.wrap, width=WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [line for text in texts for line in wrap(text)]


def _ports(op: Op, example: Example | None) -> list[str]:
    """Each port that can be wired, with its shape in the example and what is special about it."""
    shapes = {} if example is None else shapes_of(example.arguments)
    rows = []
    for port in op.ports:
        if port.variadic:
            shape = shapes.get(f"{port.name}0", "")
            rows.append((f"{port.name}0, {port.name}1, …", f"{shape} as many as are wired".strip()))
        elif not port.hidden:
            rows.append((port.name, f"{shapes.get(port.name, '')}{' optional' * port.optional}".strip()))
    return table(rows).splitlines()


def _gradient(op: Op) -> list[str]:
    """The gradient of each port, `g` being that of the result."""
    if op.no_gradient is not None:
        return _folded([f"none: {op.no_gradient}"])
    found = rules(op)
    if not found and op.traits.carries == "unchanged":  # print, which is not run to be told of
        return [f"∂{op.ports[0].name} = {UPSTREAM}"]
    if not found:
        code = gradient_code(op)
        return ["by code that cannot be read here"] if code is None else code.splitlines()
    told = _folded(f"∂{port} = {text}" for port, text in found)
    code = gradient_code(op) if op.gradients else None  # what is said in words stands beside what is computed
    return told if code is None else [*told, "", *code.splitlines()]


def _example(example: Example) -> str:
    """The example with its numbers, forward and backward."""
    params = [f"{name} = {json_text(value)}" for name, value in example.params.items()]
    lines = ["example"]
    lines += [_numbers(value, f"  {name} = ") for name, value in example.arguments]
    lines += [f"  {each}" for each in params]
    lines += [_numbers(value, f"  → {name} = ") for name, value in example.results]
    if example.gradients:
        lines.append("  backward, with g = 1 everywhere:")
        lines += [_numbers(value, f"  ∂{name} = ") for name, value in example.gradients]
    return "\n".join(lines)


def _numbers(value: Array, before: str) -> str:
    """An array to four decimals; of those that round to 0 none has a sign."""
    return array_text(np.round(value, 4) + 0.0 if value.dtype.kind == "f" else value, before)


def _outputs(op: Op, example: Example | None) -> list[str]:
    shapes = {} if example is None else shapes_of(example.results)
    kept = "(kept for the gradient, cannot be wired)"
    return table([(o.name, kept if o.hidden else shapes.get(o.name, "")) for o in op.outputs]).splitlines()


def _data(op: Op) -> dict[str, Any]:
    ports = [{"name": p.name, "grows": p.variadic, "optional": p.optional} for p in op.ports if not p.hidden]
    return {
        "name": op.name,
        "category": op.category,
        "doc": op.doc,
        "formula": op.formula,
        "formula_text": unicode_formula(op.formula),
        "ports": ports,
        "parameters": [setting.to_json() for setting in settings_of(op.parameters)],
        "outputs": [o.name for o in op.outputs if not o.hidden],
        "no_gradient": op.no_gradient,
        "gradient": dict(rules(op)),
        "conventions": conventions(op),
        "example": _example_data(op),
    }


def _example_data(op: Op) -> dict[str, Any] | None:
    example = worked_example(op)
    if example is None:
        return None
    arrays = {"arguments": example.arguments, "results": example.results, "gradients": example.gradients}
    told = {key: {name: value.tolist() for name, value in named} for key, named in arrays.items()}
    return told | {"parameters": example.params}


COMMAND = Command("ops", "list the ops, or show one", _add_arguments, _execute)
