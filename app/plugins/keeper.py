"""The plugins of the program in its windows: loaded on a thread of their own, their `ui.py` on that of the windows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Signal

from ...core.errors import GradwireError
from ...core.foreign import HangError
from ...core.ops import installed
from ...core.plugins import Brought, Host, Plugin, Plugins, plugins, template
from ..bridge import Worker
from ..canvas.looks import BROUGHT
from .parts import Parts


class Keeper(QObject):
    """One for all windows. Nothing is loaded before `begin`, and nothing by a document."""

    changed = Signal()  # there are others, one stands otherwise, or other things are brought
    catalogues_changed = Signal(bool)  # there are other things of any kind; whether ops are among them
    looks_changed = Signal()
    failed = Signal(str, str)  # a plugin, and a line: what it brought to the window has failed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.begun = False  # whether all that are enabled have been loaded
        self.plugins: Plugins | None = None  # None: they are being looked for
        self.doing = ""  # what goes on, in words
        self.enabling = ""  # the one that is to be enabled, until that is done or has failed
        self.parts = Parts(self)
        self.parts.failed.connect(self.failed)
        self.parts.failed.connect(lambda *_: self.changed.emit())
        self._waiting: deque[tuple[str, Callable[[], object]]] = deque()
        self._worker: Worker | None = None
        self._ops, self._changes, self._looks = 0, 0, [*BROUGHT]

    # What there is.

    def all(self) -> list[Plugin]:
        """Those that are known, in the order of their names."""
        return sorted(self.plugins or (), key=lambda plugin: plugin.name)

    def get(self, name: str) -> Plugin | None:
        """The plugin called so; None where none is known."""
        return next((plugin for plugin in self.all() if plugin.name == name), None)

    def brought(self, plugin: Plugin) -> tuple[Brought, ...]:
        """What a plugin has added, to the engine and to the window."""
        return (*plugin.brought, *self.parts.of(plugin.name))

    # What is done with them, one thing after the other.

    def begin(self) -> None:
        """Look for plugins, and load all that are not disabled."""
        if self._worker is None:
            self._worker = Worker("plugins", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(self._fail)
            self._ops, self._changes = installed().version, Host.changes
            self._do("Looking for plugins…", plugins)
            self._do("Loading plugins…", lambda: plugins().begin())

    def look(self) -> None:
        """Look for new ones, which are not loaded by that."""
        self._do("Looking for plugins…", lambda: plugins().discover())

    def enable(self, name: str) -> None:
        """Load a plugin, now and at each start."""
        self._withdraw(name)
        self.enabling = name
        self._do(f"Loading {name}…", lambda: plugins().enable(name))

    def reload(self, name: str) -> None:
        """Load a plugin again, from its files as they are now."""
        self._withdraw(name)
        self._do(f"Loading {name}…", lambda: plugins().reload(name))

    def disable(self, name: str) -> None:
        """Take away what a plugin brought, and do not load it at the next start."""
        self._withdraw(name)
        if self.doing:  # which may never end: at the next start it is not loaded all the same
            plugins().choices.disable(name)
        self._do(f"Taking {name} away…", lambda: plugins().disable(name))

    def make(self, name: str) -> Path:
        """Make a new plugin in the user's folder, and load it; its own folder. Raises `GradwireError`."""
        if self.plugins is None:
            raise GradwireError("plugins are being looked for", hint="try again in a moment")
        made = template.write(name, self.plugins.folder)
        self.look()
        self._do(f"Loading {name}…", lambda: plugins().load([name]))
        return made

    def _do(self, what: str, work: Callable[[], object]) -> None:
        self._waiting.append((what, work))
        self._go_on()

    def _go_on(self) -> None:
        worker = self._worker
        if worker is None or worker.busy:
            return
        self.doing = ""
        if self._waiting:
            self.doing, work = self._waiting.popleft()
            worker.ask(lambda _: work())
        self.changed.emit()

    def _take(self, result: object) -> None:
        self.plugins, self.enabling = plugins(), ""
        self.begun = self.begun or not isinstance(result, Plugins)
        self.parts.match(self.plugins)
        self._tell_catalogues()
        self._go_on()

    def _fail(self, error: Exception) -> None:
        """The loading of a plugin was given up, and the others follow; or none is to blame: an unreadable folder."""
        if isinstance(error, HangError):
            self._waiting.appendleft(("Loading plugins…", lambda: plugins().begin()))
            self._take(plugins())
            return
        self._go_on()
        self.failed.emit("", f"plugins: {type(error).__name__}: {error}")

    def _withdraw(self, name: str) -> None:
        if self.parts.withdraw(name):
            self.changed.emit()  # now: while its files are read again nothing of it is called
            self._tell_catalogues()

    def _tell_catalogues(self) -> None:
        before = self._ops, self._changes, self._looks
        self._ops, self._changes, self._looks = installed().version, Host.changes, [*BROUGHT]
        if self._changes != before[1]:
            self.catalogues_changed.emit(self._ops != before[0])
        if self._looks != before[2]:
            self.looks_changed.emit()

    def takes(self, error: BaseException, trace: TracebackType | None) -> bool:
        """Whether an error that nobody has caught is a plugin's; that is then told. It may come from any thread."""
        return self.plugins is not None and self.parts.takes(error, trace, self.plugins)


def missing(nodes: Any) -> dict[str, int]:
    """How many of these nodes wait for each plugin: those whose op is not there."""
    found: dict[str, int] = {}
    registry = installed()
    for node in nodes:
        name = node.extra.get("plugin")
        if isinstance(name, str) and registry.get(node.op) is None:
            found[name] = found.get(name, 0) + 1
    return found
