"""`gradwire plugins`: what plugins there are, where they come from, what they bring and what is wrong with them."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..foreign import HangError
from ..overheard import LINES, overheard
from ..plugins import LOADED, Plugin, Plugins, plugins
from ..plugins.choices import DISABLED as DISABLED_BY_USER
from ..plugins.loading import HANGS
from .command import Command, add_json
from .output import json_line, tell

LONGEST, OFTEN = 5.0, 0.5  # seconds that loading one may take, and between two looks at that
FIRST = 80  # letters of the first line that a plugin printed
HEADS = ("NAME", "STATE", "VERSION", "ORIGIN", "MS", "BRINGS")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--enable", metavar="NAME", help="load this plugin, now and at each start")
    chosen.add_argument("--disable", metavar="NAME", help="do not load this plugin from the next start on")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    known = plugins()
    if args.disable is not None:
        known.disable(args.disable)
    with _told_while_loading(known):
        if args.enable is not None:
            known.enable(args.enable)
        known.load()
    shown = [each for each in known if each.name in (args.enable, args.disable)] or [*known]
    if args.json:
        for each in shown:
            print(json_line(_data(each)))
    elif not shown:
        print(f"there are no plugins (gradwire new-plugin NAME makes one in {known.folder})")
    else:
        print(_listed(shown))
    failed = args.enable is not None and known[args.enable].state != LOADED
    return int(failed)


def _listed(shown: list[Plugin]) -> str:
    """A row for each plugin, and beneath it what is wrong with it."""
    rows = [HEADS, *(_row(plugin) for plugin in shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    told = [lines[0]]
    for line, plugin in zip(lines[1:], shown, strict=True):
        told.append(line)
        told += [f"  {each}" for each in (plugin.error, *plugin.faults) if each]
        if plugin.printed:
            told += [f"  it printed: {plugin.printed.splitlines()[0][:80]}"]
    return "\n".join(told)


def _row(plugin: Plugin) -> tuple[str, ...]:
    spent = f"{plugin.seconds * 1000:.0f}" if plugin.seconds else "-"
    return plugin.name, plugin.state, plugin.version or "-", plugin.origin, spent, _brings(plugin)


def _brings(plugin: Plugin) -> str:
    kinds = dict.fromkeys(each.kind for each in plugin.brought)
    named = ((kind, [each.name for each in plugin.brought if each.kind == kind]) for kind in kinds)
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in named) or "-"


def _data(plugin: Plugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "state": plugin.state,
        "version": plugin.version,
        "origin": plugin.origin,
        "place": plugin.folder,
        "seconds": plugin.seconds,
        "error": plugin.error,
        "faults": list(plugin.faults),
        "printed": plugin.printed,
        "brings": [each._asdict() for each in plugin.brought],
    }


def load_plugins() -> None:
    """Load the plugins for a command; of one that cannot be loaded a line says why."""
    known = plugins()
    with _told_while_loading(known):
        known.begin()
    for each in known:
        if each.error and each.error != DISABLED_BY_USER:
            tell(f"note: the plugin {each.name} is not loaded: {each.error}")


@contextmanager
def _told_while_loading(known: Plugins) -> Iterator[None]:
    """Within it a plugin that takes long to load is named, and one that takes too long given up where that can be."""
    done = threading.Event()

    def watch() -> None:
        told = ""
        while not done.wait(HANGS / 4):
            name, begun = known.loading
            if name != told and time.perf_counter() - begun > HANGS:
                tell(f"loading the plugin {name}…")
                told = name

    threading.Thread(target=watch, name="loading", daemon=True).start()
    try:
        with _given_up(known):
            yield
    finally:
        done.set()


@contextmanager
def _given_up(known: Plugins) -> Iterator[None]:
    """Within it the loading of a plugin ends after `LONGEST` seconds, by the timer of Unix for the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        name, begun = known.loading
        if name and time.perf_counter() - begun > LONGEST:
            raise HangError(f"it was still being loaded after {LONGEST:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, OFTEN, OFTEN)  # again and again: a plugin may keep what is raised
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def tell_printed() -> None:
    """Say which plugins printed while the command ran, which was kept from its output."""
    for each in plugins():
        if lines := overheard(each.name).lines:
            kept = f" (kept {LINES})" if lines > LINES else ""
            first = (each.printed.splitlines() or [""])[0]
            first = first if len(first) <= FIRST else f"{first[: FIRST - 1]}…"
            tell(f"note: the plugin {each.name} printed {lines:,} line{'s' * (lines > 1)}{kept}, the first: {first}")


def tell_faults() -> None:
    """Say what of plugins failed in a command that is done all the same: a pass, a diagnosis."""
    for each in plugins():
        for line in each.faults:
            tell(f"note: {line}")


COMMAND = Command("plugins", "list the plugins, enable or disable one", _add_arguments, _execute)
