"""All that is shown of a set of data, read on a thread: each of these asks now and then whether it is still wanted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.cancelling import Cancelled, Stopped, never
from ...core.data import Dataset, Options, Prepared, prepare, source, told_rows
from ...core.data.kinds import kind_of, told_kind
from ...core.data.settings import read_settings
from ...core.data.sources import locate
from ...core.errors import DataError, GradwireError
from ...core.graph import Graph
from ..wording import counted
from .balance import Balance, balance_of
from .faults import Fault, faults_of
from .grid import Grid
from .sample_grid import sample_grid, told_range
from .table_file import SHOWN, grid_of, read_raw
from .tiles import Pictures, pictures_of


@dataclass(frozen=True, eq=False)
class Look:
    """What there is to see. `source` are rows as the file or the set has them, `given` as the network gets them."""

    title: str = ""  # "the made set moons"
    about: str = ""
    whole: bool = True  # not only the first rows of a file that is still being read
    faults: tuple[Fault, ...] = ()
    balance: Balance | None = None
    source: Grid | None = None
    given: Grid | None = None
    pictures: Pictures | None = None
    columns: tuple[str, ...] = ()  # of a text table, among which the target is


def first_look(params: Mapping[str, Any], folder: Path | None) -> Look | None:
    """The first rows of a text table, which come before all of it is read; None for others."""
    with suppress(GradwireError, OSError):  # which reading in earnest tells
        settings, options = read_settings(params)
        name = settings["source"]
        if kind_of(name, options) == "table":
            raw = read_raw(locate(name, folder), name, options, counted=SHOWN)
            if raw is not None:
                about = "All of it is being read …"
                return Look(told_kind(name, options), about, False, source=grid_of(raw), columns=raw.names)
    return None


def look_at(params: Mapping[str, Any], folder: Path | None, graph: Graph, cancelled: Cancelled = never) -> Look | None:
    """All that is to be seen of the set that `params` name; None where that is no longer wanted.

    Nothing is raised for data that cannot be used: what is wrong with them is told in `faults`.
    """
    try:
        settings, options = read_settings(params)
    except GradwireError as error:
        return Look(faults=faults_of(error))
    try:
        whole, prepared, refused = _data(params, folder, settings["source"], options, cancelled)
    except Stopped:
        return None
    grid, columns, faults = _of_table(settings["source"], folder, options, refused, cancelled)
    look = Look(told_kind(settings["source"], options), faults=faults, source=grid, columns=columns)
    if whole is None:
        return None if cancelled() else look
    pictures = pictures_of(whole, graph)
    shown = sample_grid if pictures is None else (lambda _: None)
    look = replace(look, about=_about(whole, prepared, settings), source=grid or shown(whole), pictures=pictures)
    if prepared is not None:
        balance = balance_of(prepared.train, prepared.validation)
        look = replace(look, balance=balance, given=shown(prepared.train))
    return None if cancelled() else look


def _data(
    params: Mapping[str, Any], folder: Path | None, name: str, options: Options, cancelled: Cancelled
) -> tuple[Dataset | None, Prepared | None, GradwireError | None]:
    """What could be read, and split and prepared; else why not."""
    whole = None
    try:
        whole = source(name, folder, options, cancelled)
        return whole, prepare(params, folder, cancelled), None
    except GradwireError as error:
        return whole, None, error


def _of_table(
    name: str, folder: Path | None, options: Options, refused: GradwireError | None, cancelled: Cancelled
) -> tuple[Grid | None, tuple[str, ...], tuple[Fault, ...]]:
    """Rows of a text table with what is wrong among them; for other sources what is wrong alone."""
    faults = () if refused is None else faults_of(refused)
    if kind_of(name, options) != "table":
        return None, (), faults
    near = {fault.line + step for fault in faults if fault.line is not None for step in (-1, 0, 1)}
    try:
        raw = read_raw(locate(name, folder), name, options, near, cancelled=cancelled)
    except (DataError, OSError):
        return None, (), faults  # what the reader has refused already
    if raw is None:
        return None, (), faults
    return grid_of(raw, faults), raw.names, faults


def _about(whole: Dataset, prepared: Prepared | None, settings: Mapping[str, Any]) -> str:
    """Rows, features, classes and what is done with them, a line each."""
    rows = f"{len(whole):,} rows" if prepared is None else told_rows(prepared.train, prepared.validation)
    shape = " × ".join(f"{size:,}" for size in whole.feature_shape)
    features = f"{int(np.prod(whole.feature_shape)):,} features a row" + (f", {shape}" if "×" in shape else "")
    low, high = told_range(whole)
    lines = [rows, f"x: {features}, {whole.x.dtype}, from {low} to {high}"]
    if whole.classes is None:
        lines.append(f"y: {counted(whole.y.shape[1], 'real target')}")
    else:
        each = "" if whole.y.ndim == 1 else f" at each of {whole.y.shape[1]:,} places"
        lines.append(f"y: one of {whole.classes:,} classes{each}")
    if prepared is not None and settings["standardise"]:
        lines.append("features are standardised as measured on the rows to train with")
    if prepared is not None and settings["balance"]:
        own = settings["held_out"] is not None
        added = len(prepared.train) - len(whole) + (0 if own else len(prepared.validation))
        lines.append(f"{counted(added, 'row')} of rare classes repeated" if added else "no class is rarer than others")
    return "\n".join(lines)
