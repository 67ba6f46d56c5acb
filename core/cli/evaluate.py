"""`gradwire evaluate FILE`: how good a network is with the values in its file, with curves and matrices."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ..evaluating.scoring import PARTS, Scored, evaluate
from ..files.strict_json import shorten
from ..training.metrics import Confusion
from ..training.trainer import Settings
from .command import Command, add_file, add_json, add_running, sound
from .output import counted, json_line, table, tell

LONGEST = 16  # characters of the name of a class
WIDEST = 30  # classes of a matrix that is printed: the lines of a larger one would break


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument(
        "--part", choices=PARTS, help="the samples (default: those held out, where there are any, else the others)"
    )
    add_running(parser)
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    session = sound(args.file, args.dtype, args.device)
    if not session.document.values:
        tell(f"note: {args.file} has no trained values, what follows is of its initial ones")
    found = evaluate(session, args.part, Settings(args.mode))
    print(json_line(found.to_json()) if args.json else "\n".join(_text(found)))
    return 0


def _text(found: Scored) -> Iterator[str]:
    yield f"{counted(found.samples, 'sample')} of the part {found.part}"
    yield table([(name, f"{number:.6g}") for name, number in found.numbers.items()])
    for name, metric in found.metrics.items():
        computed = metric.compute()
        if isinstance(computed, Confusion):
            yield ""
            yield from _matrix(name, computed, found.classes)


def _matrix(name: str, found: Confusion, names: tuple[str, ...]) -> Iterator[str]:
    """A confusion matrix: a row for each class, a column for each that is predicted."""
    classes = len(found.counts)
    told = [shorten(each, LONGEST) for each in names] if len(names) == classes else [*map(str, range(classes))]
    if classes > WIDEST:
        yield f"{name}: {classes} × {classes}, which --json prints"
        return
    yield f"{name}: a row for each class, a column for what its samples are predicted to be"
    broken = bool(found.unpredicted.any())  # a score is NaN, so nothing is predicted
    rows = [["", *told, *["NaN"] * broken]]
    for each in range(classes):
        cells = [*found.counts[each], *[found.unpredicted[each]] * broken]
        rows.append([told[each], *(f"{cell:,}" for cell in cells)])
    width = max(len(cell) for row in rows for cell in row)
    for row in rows:
        yield "  ".join(f"{cell:>{width}}" for cell in row)


COMMAND = Command("evaluate", "tell the loss and the metrics of a network as it is", _add_arguments, _execute)
