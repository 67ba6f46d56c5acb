"""`gradwire info FILE`: what a graph costs."""

from __future__ import annotations

import argparse

from ..info import Info, info
from .command import Command, add_file, add_json, sound
from .output import json_line, table


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    found = info(sound(args.file))
    print(json_line(found.to_json()) if args.json else _text(found))
    return 0


def _text(found: Info) -> str:
    rows = [
        ("nodes", f"{found.nodes:,}"),
        ("groups", f"{found.groups:,}"),
        ("wires", f"{found.wires:,}"),
        ("parameters", f"{found.parameters:,} numbers, {found.parameter_bytes:,} bytes"),
        ("trained", f"{found.trained_parameters:,} numbers"),
        ("values", f"{found.value_bytes:,} bytes in a forward pass"),
        ("forward", f"{found.forward_flops:,} FLOPs"),
    ]
    rows += [(name, told) for name, told in found.data.items()]
    if found.training_flops:
        rows.append(("training step", f"{found.training_flops:,} FLOPs"))
    return f"at batch size {found.batch}\n{table(rows)}"


COMMAND = Command("info", "count nodes, parameters, floating-point operations and bytes", _add_arguments, _execute)
