"""`gradwire runs [DIR]`: the runs that there are, how they stand and what they came to; and what can be done with them:
compared, noted, deleted and brought back, written for TensorBoard.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import GradwireError
from ..files import load
from ..files.run_exporters import RUN_EXPORTERS
from ..runs.comparing import differences, graph_differences, start_differences
from ..runs.exporting import export
from ..runs.home import home as home_of_user
from ..runs.listed import DAMAGED, ListedRun, Listing, find_run, run_folders
from ..runs.listed import listed as list_runs
from ..runs.notes import write_notes
from ..runs.record import GRAPH
from ..runs.trash import TRASH, delete, empty, restore, trashed
from .command import UNREADABLE, Command, CommandError, add_json, reading
from .output import counted, json_line, one_line

HEADS = ("NAME", "STATE", "BEGUN", "EPOCHS", "ITERATIONS", "LOSS", "BEST", "METRICS", "NOTES")
WIDEST = 48  # letters of a column, but for the last


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = "; or diff A B, note RUN TEXT, delete RUN…, restore RUN…, empty-trash, tensorboard RUN DIR"
    parser.add_argument(
        "words", metavar="DIR", nargs="*", help=f"a folder of runs (default: those of the window){verbs}"
    )
    parser.add_argument("--in", dest="home", metavar="DIR", help="the folder in which runs are looked for by name")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    home = Path(args.home) if args.home is not None else home_of_user()
    first, *rest = args.words or [""]
    named = Path(first).is_dir() and not rest
    if first in _VERBS and not named:
        takes, act = _VERBS[first]
        if not takes(len(rest)):
            raise CommandError(f"runs {first} takes {_WANTED[first]}, got {counted(len(rest), 'word')}")
        return act(rest, home, args.json)
    if first and not named and RUN_EXPORTERS.get(first) is not None:
        return _write(first, rest, home)
    if rest:
        known = ", ".join((*_VERBS, *RUN_EXPORTERS.names()))
        raise CommandError(f"there is no runs {first!r} (runs DIR, or runs {known})")
    return _list(Path(first) if first else home, bool(first), args.json)


def _list(home: Path, asked: bool, as_json: bool) -> int:
    if asked and not home.is_dir():
        raise CommandError(f"{home} is no folder", status=UNREADABLE)
    found = list_runs(home)
    if as_json:
        for run in found:
            print(json_line(run.to_json()))
    elif not found:
        print(f"there are no runs in {home}")
    else:
        print(_columns([HEADS, *map(_row, found)]))
    return 0


def _row(run: ListedRun) -> tuple[str, ...]:
    if run.state == DAMAGED:
        return run.name, run.state, _begun(run), "", "", "", "", "", _beside(run)
    judged = run.judged_by
    loss = f"{run.last[judged]:.4g}" if judged else ""
    best = run.best.get(judged)
    metrics = [name for name in run.last if not name.endswith("loss")]
    validated = [name for name in metrics if name.startswith("validation_")] or metrics
    told = ", ".join(f"{name.removeprefix('validation_')} {run.last[name]:.4g}" for name in validated)
    planned = run.settings.get("epochs")
    return (
        run.name,
        run.state,
        _begun(run),
        f"{run.epochs:,}" + (f"/{planned:,}" if isinstance(planned, int) else ""),
        f"{run.iterations:,}",
        loss,
        "" if best is None else f"{best.value:.4g} @{best.epoch}",
        told,
        _beside(run),
    )


def _beside(run: ListedRun) -> str:
    """Why it died or cannot be read, and what the user has noted."""
    return " · ".join(filter(None, (run.problem, run.notes)))


def _begun(run: ListedRun) -> str:
    return "" if run.begun is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(run.begun))


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table, each column as wide as its longest entry, texts of several lines in one."""
    plain = [[one_line(" ".join(cell.split())) for cell in row] for row in rows]
    cut = [
        [*(cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…" for cell in row[:-1]), row[-1]] for row in plain
    ]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in cut
    )


# What is done with runs.


def _diff(names: Sequence[str], home: Path, as_json: bool) -> int:
    listing = Listing()
    runs = [listing.read(find_run(name, home)) for name in names]
    for run in runs:
        if run.state == DAMAGED:
            raise CommandError(f"{run.path}: {run.problem}", status=UNREADABLE)
    settings = differences([run.settings for run in runs])
    graphs = []
    files = [run.path / GRAPH for run in runs]
    if all(file.exists() for file in files):  # `train --out` writes the graph only when it is trained
        with reading(files[0]):
            one, other = (load(file) for file in files)
            graphs = start_differences(one, other) + graph_differences(one.graph, other.graph)
    if as_json:
        for kind, rows in (("setting", settings), ("graph", graphs)):
            for row in rows:
                print(json_line({"kind": kind, "name": row.name, "values": list(row.values)}))
        return 0
    if not settings and not graphs:
        print(f"{runs[0].name} and {runs[1].name} have the same settings and the same graph")
        return 0
    told = [(row.name, *map(_told, row.values)) for row in (*settings, *graphs)]
    print(_columns([("", *(run.name for run in runs)), *told]))
    return 0


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=list)


def _note(words: Sequence[str], home: Path, _: bool) -> int:
    write_notes(find_run(words[0], home), " ".join(words[1:]))
    return 0


def _delete(names: Sequence[str], home: Path, _: bool) -> int:
    for path in [find_run(name, home) for name in names]:
        print(f"{path.name} is now {delete(path)} (gradwire runs restore brings it back)")
    return 0


def _restore(names: Sequence[str], home: Path, _: bool) -> int:
    known = {path.name: path for path in trashed(home)}
    for name in names:
        path = known.get(name, Path(name))
        if path.parent.name != TRASH or not path.is_dir():
            told = ", ".join(known) or "nothing"
            raise CommandError(f"there is no {name!r} in {home / TRASH} (it holds {told})")
        print(f"{path.name} is back: {restore(path)}")
    return 0


def _empty(_: Sequence[str], home: Path, __: bool) -> int:
    print(f"deleted {counted(empty(home), 'run')} for good")
    return 0


def _write(form: str, words: Sequence[str], home: Path) -> int:
    """Write a run in the form of one of RUN_EXPORTERS."""
    if len(words) != 2:
        raise CommandError(f"runs {form} takes a run and a folder, got {counted(len(words), 'word')}")
    folder, target = (find_run(words[0], home), Path(words[1]))
    folders = run_folders(folder)
    try:
        written = export(folders[0], target / folder.name, form)
    except GradwireError as error:
        raise CommandError(str(error)) from error
    shows = RUN_EXPORTERS[form].shows.format(folder=target)
    print(f"{counted(written, 'number')} in {target / folder.name}" + (f" ({shows})" if shows else ""))
    return 0


_VERBS: dict[str, tuple[Callable[[int], bool], Callable[[Sequence[str], Path, bool], int]]] = {
    "diff": (lambda count: count == 2, _diff),
    "note": (lambda count: count >= 1, _note),
    "delete": (lambda count: count >= 1, _delete),
    "restore": (lambda count: count >= 1, _restore),
    "empty-trash": (lambda count: count == 0, _empty),
}
_WANTED = {
    "diff": "two runs",
    "note": "a run and a text (none takes its notes away)",
    "delete": "runs",
    "restore": "runs",
    "empty-trash": "nothing",
}

COMMAND = Command("runs", "list runs of training, compare them, delete them", _add_arguments, _execute)
