"""Plugins while the program runs: found, loaded, disabled, loaded again. A faulty one is told, and the rest works."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import GradwireError
from ..foreign import PASSED_ON, HangError, line, loading
from ..near import near
from ..overheard import forget, overheard
from ..places import data_folder, settings_folder
from . import crashes, discovery
from .choices import CRASHED, Choices
from .discovery import SHIPPED, Found
from .host import Brought, Host

FOUND, LOADED, DISABLED, FAILED = "found", "loaded", "disabled", "failed"
HANGS = 2.0  # seconds after which the loading of a plugin that is stopped by Ctrl+C counts as hung
FOLDER = "GRADWIRE_PLUGINS"  # the variable that names another folder of plugins than the user's


@dataclass(slots=True)
class Plugin:
    """What is known of a plugin. `error` is a line that says why it is not loaded; nothing where it is."""

    found: Found
    state: str = FOUND
    seconds: float = 0.0
    error: str = ""
    host: Host | None = None

    @property
    def name(self) -> str:
        return self.found.name

    @property
    def origin(self) -> str:
        """How it was found: "shipped", "package" or "folder"."""
        return self.found.origin

    @property
    def version(self) -> str:
        return self.found.version

    @property
    def folder(self) -> str:
        """Where its files are, as far as that is known before it is loaded."""
        return self.found.place

    @property
    def brought(self) -> tuple[Brought, ...]:
        """What it has added."""
        return () if self.host is None else self.host.brought

    @property
    def printed(self) -> str:
        """The first that it printed while it was loaded and computed, and how much there was."""
        return overheard(self.name).printed

    @property
    def faults(self) -> tuple[str, ...]:
        """Its last faults since it was loaded, a line each."""
        return tuple(overheard(self.name).faults)


class Plugins:
    """The plugins of a process, by name. Whoever loads them may be any one thread.

    `folder` holds those of the user and `settings` what is disabled, both of the user's own unless they are given.
    """

    def __init__(self, folder: Path | None = None, settings: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get(FOLDER) or data_folder() / "plugins")
        self.choices = Choices(settings or settings_folder())
        self._plugins: dict[str, Plugin] = {}
        self.loading = "", 0.0  # the last that was to be loaded, and when that began by `perf_counter`
        self._filling: Host | None = None  # what that one adds to
        self._begun = False  # for a program, of which it is to be told where it crashes

    def __iter__(self) -> Iterator[Plugin]:
        return iter(tuple(self._plugins.values()))

    def __getitem__(self, name: str) -> Plugin:
        """The plugin called `name`. Raises `GradwireError` where none was found."""
        found = self._plugins.get(name)
        if found is None:
            known = ", ".join(near(name, self._plugins, 3) or self._plugins) or "none is there"
            raise GradwireError(f"no plugin is called {name!r}", hint=known)
        return found

    @property
    def loaded(self) -> tuple[str, ...]:
        """The names of those that are loaded."""
        return tuple(plugin.name for plugin in self if plugin.state == LOADED)

    def discover(self) -> None:
        """Look for plugins; those that are known already stay as they are, others are only found."""
        self.choices.take_crashed()
        all_found = [*discovery.found(self.folder)]
        _blame(self.choices, all_found)
        disabled = self.choices.disabled()
        for found in all_found:
            if found.name in self._plugins:
                continue
            plugin = self._plugins[found.name] = _known(found)
            if plugin.state != FOUND:
                continue
            if found.name in disabled:
                plugin.state, plugin.error = DISABLED, disabled[found.name]
            elif found.problem:
                plugin.state, plugin.error = FAILED, found.problem

    def load(self, only: Sequence[str] | None = None, marks: bool = True) -> None:
        """Load all that were found and are not disabled; where names are given, these alone.

        Without `marks` one that ends this process is not disabled at the next start.
        """
        load_shipped()
        for plugin in self:
            if plugin.state == FOUND and (only is None or plugin.name in only):
                self._load(plugin, marks)

    def _load_shipped(self) -> None:
        """Load those that ship."""
        for plugin in self:
            if plugin.state == FOUND and plugin.origin == SHIPPED:
                self._load(plugin)

    def begin(self) -> None:
        """Load all, for a program that begins; the next start is told if one of them, or of those that come later,
        crashes this process.
        """
        self._begun = True
        self.load()

    def _watch(self) -> None:
        """Have it written down where this process crashes, from when a program loads the first that does not ship."""
        if self._begun:
            self._begun = False  # once is enough
            crashes.watch(self.choices.crashes, {each.name: each.folder for each in self if each.origin != SHIPPED})

    def enable(self, name: str) -> Plugin:
        """Load a plugin, now and at each start."""
        self.choices.enable(self[name].name)
        return self.reload(name)

    def disable(self, name: str, reason: str = "") -> Plugin:
        """Take away what a plugin brought, and do not load it at the next start."""
        plugin = self[name]
        _unload(plugin)
        self.choices.disable(name, *[reason] * bool(reason))
        plugin.state, plugin.error = DISABLED, self.choices.disabled().get(name, reason)
        return plugin

    def reload(self, name: str) -> Plugin:
        """Load a plugin again, from its files as they are now."""
        plugin = self[name]
        _unload(plugin)
        again = next((each for each in discovery.found(self.folder) if each.name == name), plugin.found)
        plugin.found = again
        if again.problem:
            plugin.state, plugin.error = FAILED, again.problem
        else:
            self._load(plugin)
        return plugin

    def _load(self, plugin: Plugin, marks: bool = True) -> None:
        name, host, begun = plugin.name, Host(plugin.name), time.perf_counter()
        if plugin.origin != SHIPPED:  # those are part of the program, which writes nothing of them down
            self._watch()
        marks = marks and plugin.origin != SHIPPED
        self._filling, self.loading = host, (name, begun)
        forget(name)
        mark = self.choices.marked(name) if marks else nullcontext()
        try:
            with mark, loading(name, lambda seconds: self._drop(plugin, host, seconds)):
                discovery.imported(plugin.found)(host)
        except PASSED_ON as end:  # Ctrl+C: nothing of it stays
            self._empty(plugin, host)
            if isinstance(end, KeyboardInterrupt):
                end.args = end.args or (f"while the plugin {name} was loaded",)
                if marks and time.perf_counter() - begun > HANGS:
                    self.choices.disable(name, CRASHED)
            raise
        except BaseException as error:  # asyncio.CancelledError and the like, too
            if self._empty(plugin, host):
                plugin.state, plugin.error = FAILED, told_at(error, plugin.found)
            if isinstance(error, HangError):
                self._drop(plugin, host, 0.0, plugin.error)
        else:
            if self._filling is host:
                plugin.state, plugin.error, plugin.host = LOADED, "", host
            else:  # it was given up meanwhile
                host.withdraw()
        if self._filling is host:
            plugin.seconds, self.loading = time.perf_counter() - begun, ("", 0.0)

    def _empty(self, plugin: Plugin, host: Host) -> bool:
        """Take away what was added while it could not be loaded; False where it was given up before, by another."""
        host.withdraw()
        if self._filling is host:
            discovery.forgotten(plugin.found)
        return self._filling is host

    def _drop(self, plugin: Plugin, host: Host, seconds: float, error: str = "") -> HangError:
        """Disable a plugin whose loading does not end. The thread at that may go on, and adds nothing any more."""
        told = error or f"it was still being loaded after {seconds:g} s"
        if self._empty(plugin, host):
            self._filling, self.loading = None, ("", 0.0)
            self.choices.disable(plugin.name, told)
            self.choices.unmark(plugin.name)
            plugin.state, plugin.error, plugin.seconds = DISABLED, told, seconds
        return HangError(f"the plugin {plugin.name} is disabled: {told}")


def _blame(choices: Choices, all_found: Sequence[Found]) -> None:
    """Disable the plugins that were at work when a process crashed: the last call that is of a plugin tells."""
    for crash in crashes.taken(choices.crashes):
        blamed = discovery.owner([file for file, _ in crash.frames], all_found)
        if blamed is not None:
            (file, number), name = crash.frames[blamed[1]], blamed[0].name
            if choices.disabled().get(name) != CRASHED:  # else it was while it was loaded
                where = f"{Path(file).name}, line {number}"
                choices.disable(name, f"the program crashed while it computed ({where}: {crash.what})")


def _unload(plugin: Plugin) -> None:
    if plugin.host is not None:
        plugin.host.withdraw()
        plugin.host = None
    discovery.forgotten(plugin.found)
    plugin.state, plugin.error, plugin.seconds = FOUND, "", 0.0


_shipped: dict[str, Plugin] = {}


def _known(found: Found) -> Plugin:
    """A plugin that was found. One that ships is the same for all who ask, as what it adds is there for all."""
    return _shipped.setdefault(found.name, Plugin(found)) if found.origin == SHIPPED else Plugin(found)


def told_at(error: BaseException, found: Found) -> str:
    """What was raised, in one line, with the file and line of the plugin at which it was."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}, line {error.lineno}: {type(error).__name__}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if found.holds(frame.filename)]
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}: {line(error)}" if own else line(error)


_lock = threading.RLock()
_begun = _done = False


def plugins() -> Plugins:
    """The plugins of this process: looked for when this is first asked, loaded by whoever begins a program."""
    with _lock:  # the cache alone lets two threads make two
        return _of_process()


@cache
def _of_process() -> Plugins:
    made = Plugins()
    made.discover()
    return made


def load_shipped() -> None:
    """Load the plugins that ship, unless they are disabled, once for a process: whoever asks meanwhile waits.

    Where Ctrl+C ends that, whoever asks next loads the rest.
    """
    global _begun, _done
    if _done:
        return
    with _lock:
        if _begun:  # what is loaded asks catalogues itself
            return
        _begun = True
        try:
            plugins()._load_shipped()
            _done = True
        finally:
            _begun = _done
