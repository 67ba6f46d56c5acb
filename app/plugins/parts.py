"""What plugins add to the window: their `ui.py` run on the window's thread, and what of it fails told."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal

from ...core.foreign import PASSED_ON
from ...core.overheard import overheard, overhearing
from ...core.plugins import LOADED, Brought, Plugin, Plugins, owner, told_at
from .contained import contain_events
from .host import WindowHost

UI = "ui"  # the module of a plugin that adds to the window


class Parts(QObject):
    """Of the plugins that are loaded, what each has added to the window."""

    failed = Signal(str, str)  # a plugin, and a line: what it brought has failed
    _failing = Signal(str, str)  # the same while something is painted, or from another thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hosts: dict[str, tuple[object, WindowHost]] = {}  # by plugin: what it was loaded as, what it added here
        self._told: set[tuple[str, str]] = set()
        self._failing.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def of(self, name: str) -> tuple[Brought, ...]:
        """What a plugin has added."""
        return tuple(self.hosts[name][1].brought) if name in self.hosts else ()

    def match(self, plugins: Plugins) -> None:
        """Have the parts of those that are loaded, and of no others."""
        for plugin in plugins:
            if plugin.name in self.hosts and self.hosts[plugin.name][0] is not plugin.host:
                self.withdraw(plugin.name)
            if plugin.state == LOADED and plugin.name not in self.hosts:
                self._bring(plugin, plugins)

    def _bring(self, plugin: Plugin, plugins: Plugins) -> None:
        """Run the `ui.py` of a plugin, if it has one."""
        paths = getattr(sys.modules.get(plugin.found.module), "__path__", ())
        if not any(Path(path, f"{UI}.py").is_file() for path in paths):
            return

        def told(what: str, error: BaseException) -> str:
            line = f"{what} failed: {told_at(error, plugin.found)}"
            self._failing.emit(plugin.name, line)
            return line

        host = WindowHost(plugin.name, told)
        try:
            with plugins.choices.marked(plugin.name), overhearing(plugin.name):
                ui = importlib.import_module(f"{plugin.found.module}.{UI}")
                contain_events(ui, f"a widget of the plugin {plugin.name}", told)
                ui.register(host)
        except PASSED_ON:
            host.withdraw()
            raise
        except BaseException as error:
            host.withdraw()
            told(f"the {UI}.py of the plugin {plugin.name}", error)
        self.hosts[plugin.name] = plugin.host, host

    def withdraw(self, name: str) -> bool:
        """Take away what a plugin has added; whether there was something."""
        self._told = {each for each in self._told if each[0] != name}
        if name not in self.hosts:
            return False
        self.hosts.pop(name)[1].withdraw()
        return True

    def takes(self, error: BaseException, trace: TracebackType | None, plugins: Plugins) -> bool:
        """Whether an error that nobody has caught is a plugin's; that is then told. It may come from any thread."""
        files = [frame.filename for frame in reversed(traceback.extract_tb(trace))]
        at_work = owner(files, [plugin.found for plugin in plugins])
        if at_work is None:
            return False
        found, _ = at_work
        self._failing.emit(found.name, f"the plugin {found.name} failed: {told_at(error, found)}")
        traceback.clear_frames(trace)  # a painter that is held would be one too many at the next paint
        return True

    def _tell(self, name: str, line: str) -> None:
        overheard(name).fault(line)
        if (name, line) not in self._told:  # once, though it may be painted at each turn
            self._told.add((name, line))
            self.failed.emit(name, line)
