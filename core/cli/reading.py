"""How arguments are read: `NAME=VALUE`, `NAME=@file.npy`, and `A/B` for ∂A/∂B, where names may hold `/`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.arrays import array_file
from ..errors import DataError, FileError, GradwireError
from ..evaluating import Root
from ..files.strict_json import describe, read_json, shorten
from ..graph import Graph, Source
from ..ops import Registry
from ..program import resolve
from .command import CommandError, reading

if TYPE_CHECKING:
    from ..session import Session

Array = np.ndarray[Any, Any]
Resolve = Callable[[str], Source]
SHOWN = 8  # names in a hint


def resolver(graph: Graph, registry: Registry) -> Resolve:
    """What finds the value that a text names, or raises `GradwireError` with what it may have meant."""

    def find(text: str) -> Source:
        try:
            return resolve(graph, registry, text)
        except GradwireError as error:
            if error.hint is None:
                paths = sorted(graph.path(id) for id in islice(graph.nodes, SHOWN + 1))
                more = ", …" if len(paths) > SHOWN else ""
                error.hint = f"there are {', '.join(paths[:SHOWN])}{more}" if paths else "the graph is empty"
            raise

    return find


def known(find: Resolve, text: str) -> bool:
    """Whether `text` names a value."""
    try:
        find(text)
    except GradwireError:
        return False
    return True


def cuts(text: str, mark: str) -> list[tuple[str, str]]:
    """`text` cut in two at each `mark` in turn."""
    return [(text[:i], text[i + 1 :]) for i, character in enumerate(text) if character == mark]


# Feeds.


def read_feeds(texts: Iterable[str], find: Resolve) -> dict[str, Any]:
    """The values to feed by name. Raises `GradwireError` or `CommandError` for what is no `NAME=VALUE`."""
    feed: dict[str, Any] = {}
    names: dict[Source, str] = {}
    for text in texts:
        name, value = _cut_feed(text, find)
        first = names.setdefault(find(name), name)
        if name in feed or first != name:
            raise CommandError(f"--feed: a value can be fed once, {shorten(name)} is fed twice")
        feed[name] = _array(name, value[1:]) if value.startswith("@") else _numbers(name, value)
    return feed


def _cut_feed(text: str, find: Resolve) -> tuple[str, str]:
    """A name, which may hold "=", and what stands after it."""
    parts = cuts(text, "=")
    if not parts:
        raise CommandError(f"--feed needs NAME=VALUE or NAME=@FILE.npy, got {shorten(text)!r}")
    # No number holds a "=", though a file's name may.
    fitting = [(n, v) for n, v in parts if (v.startswith("@") or "=" not in v) and known(find, n)]
    if len(fitting) > 1:
        listed = ", or ".join(f"{name!r} fed {shorten(value)!r}" for name, value in fitting)
        raise CommandError(f"--feed {shorten(text)} can be read in {len(fitting)} ways: {listed} (rename a node)")
    return fitting[0] if fitting else parts[0]


def _numbers(name: str, text: str, option: str = "--feed") -> Any:
    """A number or nested lists of numbers."""
    files = " or @FILE.npy" if option == "--feed" else ""
    wanted = f"{option} {name} needs a number{',' if files else ' or'} nested lists of numbers{files}, got"
    if text in ("nan", "inf", "-inf"):  # JSON has no word for them, and where a NaN goes is worth asking
        return float(text)
    try:
        value = read_json(text.encode("utf-8", "surrogateescape"), f"{option} {name}")
    except FileError as error:
        plain = not any(c in text for c in '[]{}",')
        # A word is told as such; what was meant as a list is told with the place of the fault.
        raise CommandError(f"{wanted} {shorten(repr(text))}" if plain else error.message) from None
    if isinstance(value, bool | int | float | list):
        return value
    raise CommandError(f"{wanted} {describe(value)}")


def _array(name: str, file: str) -> Array:
    """The array in an .npy file."""
    path = Path(file)
    with reading(f"--feed {name}: {file}"):
        if path.suffix != ".npy":
            raise FileError(f"--feed {name} needs an .npy file after @, got {file!r}", hint="np.save(file, x)")
        try:
            return array_file(path, file)
        except DataError as error:
            raise FileError(f"--feed {name}: {error.message}", hint=error.hint) from error


# Gradients.


def read_ratio(option: str, text: str, find: Resolve) -> tuple[str, str]:
    """`A/B` as (A, B), each the name of a value. Raises `CommandError` where none or several fit."""
    parts = cuts(text, "/")
    fitting = [(a, b) for a, b in parts if known(find, a) and known(find, b)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = ", or ".join(f"∂({a})/∂({b})" for a, b in fitting)
        raise CommandError(
            f"{option} {text} can be read in {len(fitting)} ways: {listed} ({option} A --wrt B says which)"
        )
    if len(parts) == 1:  # one way to cut it, so one name is wrong, and which can be said
        for name in parts[0]:
            find(name)
    if not parts:
        find(text)
        raise CommandError(f"{option} {text} needs what to differentiate by ({option} {text}/B, or --wrt B)")
    raise CommandError(f"{option} {text} must be A/B with two known names, no cut gives two ({option} A --wrt B)")


# Roots.


def add_roots(parser: argparse.ArgumentParser) -> None:
    """`--of NAME` or `--of NAME=START`, once for each value whose gradients are taken."""
    words = (
        "a value whose gradients are taken, and from what they start; may be given again (default: the loss, from 1)"
    )
    parser.add_argument("--of", metavar="NAME[=START]", action="append", default=[], help=words)


def read_roots(texts: Iterable[str], session: Session) -> list[Root]:
    """The roots that are asked for. Raises `GradwireError` or `CommandError` for a name or start that is none."""
    find = resolver(session.graph, session.registry)
    found = []
    for text in texts:
        parts = [] if known(find, text) else [part for part in cuts(text, "=") if known(find, part[0])]
        name, start = parts[0] if parts else (text, None)
        found.append(Root(find(name), None if start is None else _nested(_numbers(name, start, "--of"))))
    return found


def _nested(value: Any) -> Any:
    return tuple(_nested(each) for each in value) if isinstance(value, list) else value
