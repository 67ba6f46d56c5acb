"""`gradwire ops [NAME]`: the ops that there are, or everything about one."""

from __future__ import annotations

import argparse
from typing import Any

from ..op import Op
from ..ops import Registry, builtin
from ..parameters import HIDDEN, Parameter
from .command import Command, add_json
from .output import json_line, table


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="an op, such as matmul")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    registry = builtin()
    if args.json:
        for op in _listed(registry) if args.name is None else [registry[args.name]]:
            print(json_line(_data(op)))
    else:
        print(_list(registry) if args.name is None else _card(registry[args.name]))
    return 0


def _listed(registry: Registry) -> list[Op]:
    return sorted(registry, key=lambda op: (op.category, op.name))


def _list(registry: Registry) -> str:
    """All ops by category, each with the first sentence of its doc."""
    found = _listed(registry)
    width = max(len(op.name) for op in found)
    lines = []
    for category in dict.fromkeys(op.category for op in found):
        lines += ["", category]
        members = [op for op in found if op.category == category]
        lines += [f"  {op.name:<{width}}  {op.doc.splitlines()[0]}" for op in members]
    return "\n".join(lines[1:])


def _card(op: Op) -> str:
    rows = [("category", op.category), ("formula", op.formula)]
    for title, entries in (("ports", _ports(op)), ("parameters", _parameters(op)), ("outputs", _outputs(op))):
        rows += [("" if i else title, entry) for i, entry in enumerate(entries or ["none"])]
    rows.append(("gradient", "yes" if op.no_gradient is None else f"none: {op.no_gradient}"))
    return f"{op.name}\n\n{op.doc}\n\n{table(rows)}"


def _ports(op: Op) -> list[str]:
    """Each port that can be wired, with what is special about it."""
    return [
        f"{port.name}0, {port.name}1, … as many as are wired"
        if port.variadic
        else port.name + (" (optional)" if port.optional else "")
        for port in op.ports
        if not port.hidden
    ]


def _editable(op: Op) -> list[Parameter]:
    return [parameter for parameter in op.parameters.values() if parameter.role not in HIDDEN]


def _parameters(op: Op) -> list[str]:
    return [f"{p.name}: {p.expected}, {_default(p)}" for p in _editable(op)]


def _default(parameter: Parameter) -> str:
    """What holds where the parameter is not given, as a file would say it."""
    if not parameter.has_default:
        return "required"
    value = parameter.default
    return f"default {value if isinstance(value, str) and value else _json(value)}"


def _json(value: Any) -> str:
    return json_line({"value": value}).removeprefix('{"value": ').removesuffix("}")


def _outputs(op: Op) -> list[str]:
    return [o.name + (" (kept for the gradient, cannot be wired)" if o.hidden else "") for o in op.outputs]


def _data(op: Op) -> dict[str, Any]:
    ports = [{"name": p.name, "grows": p.variadic, "optional": p.optional} for p in op.ports if not p.hidden]
    parameters = [
        {"name": p.name, "accepts": p.expected, "required": not p.has_default}
        | ({"default": p.default} if p.has_default else {})
        for p in _editable(op)
    ]
    return {
        "name": op.name,
        "category": op.category,
        "doc": op.doc,
        "formula": op.formula,
        "ports": ports,
        "parameters": parameters,
        "outputs": [o.name for o in op.outputs if not o.hidden],
        "no_gradient": op.no_gradient,
    }


COMMAND = Command("ops", "list the ops, or show one", _add_arguments, _execute)
