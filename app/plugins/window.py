"""How one window follows the plugins: its palette, checks, panels and menus, and what it says of them in bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ...core.parameters import shown
from ...core.plugins import DISABLED, FAILED, LOADED, Plugin
from ...core.plugins.choices import DISABLED as BY_USER
from ..wording import counted
from .docks import AddedDocks
from .keeper import Keeper, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..window import Window

CRASHED, MISSING, FAULT = "plugin that crashed", "missing plugin", "plugin fault"  # names of bars
MOST = 2  # bars of one kind


def _waiting(count: int) -> str:
    return f"{counted(count, 'node')} {'waits' if count == 1 else 'wait'}"


def _missing(window: Window, keeper: Keeper) -> dict[str, int]:
    """How many nodes of the document wait for each plugin, once those that are enabled have been loaded."""
    if keeper.doing or not keeper.begun:
        return {}
    return missing(window.editor.graph.nodes.values())


def put_plugins_into(window: Window) -> None:
    """Follow the plugins from now on, as long as the window is there."""
    Follower(window)


class Follower(QObject):
    """Of one window. A QObject, so that it is told nothing more once the window is gone."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._docks = window, AddedDocks(window)
        self._keeper: Keeper = window.application.plugins
        self._begun = False  # whether it is told what became of the plugins at the start
        self._awaited = ""  # the plugin that this window has enabled, until it is loaded or could not be
        self._asked: set[str] = set()  # plugins that crashed, of which the user was asked with this document
        self._put_away: dict[str, str] = {}  # bars that the user has closed without an answer, with what they said
        self._keeper.changed.connect(self._follow)
        self._keeper.catalogues_changed.connect(self._compute_anew)
        self._keeper.looks_changed.connect(self._show_anew)
        self._keeper.failed.connect(self._tell_fault)
        window.editor.replaced.connect(self._begin_anew)
        QTimer.singleShot(0, self, self._follow)

    def _follow(self) -> None:
        self._docks.follow()
        self._window.menus.follow()
        self._tell_enabled()
        self._tell_crashed()
        self._tell_missing()
        self._tell_failed()

    def _tell_enabled(self) -> None:
        """What became of the one that was to be loaded, once that is over."""
        name, keeper = self._awaited, self._keeper
        if not name or keeper.doing or keeper.enabling:
            return
        self._awaited = ""
        plugin = keeper.get(name)
        if plugin is not None and plugin.state == LOADED:
            self._window.tell(f"Loaded the plugin {name}")
        else:
            self._window.tell(f"The plugin {name} could not be loaded, as Plugins… says why", "refusal")

    def _tell_failed(self) -> None:
        """Once, and quietly: what is needed of them the document's nodes say themselves."""
        if self._begun or not self._keeper.begun or self._keeper.doing:
            return
        self._begun = True
        failed = [plugin.name for plugin in self._keeper.all() if plugin.state == FAILED]
        if failed:
            more = f" and {len(failed) - MOST} more" if len(failed) > MOST else ""
            said = f"Not loaded, as Plugins… says why: {', '.join(failed[:MOST])}{more}"
            self._window.tell(said, "note")

    def _begin_anew(self) -> None:
        """There is another document, of which is told what it lacks."""
        self._put_away = {name: text for name, text in self._put_away.items() if not name.startswith(MISSING)}
        self._asked.clear()
        self._tell_crashed()
        self._tell_missing()

    def _compute_anew(self, ops: bool) -> None:
        """There are other things of plugins: all is checked and computed. What was recorded of other ops is let go."""
        editor = self._window.editor
        if ops and editor.stepper.active:
            editor.stepper.leave()
            self._window.tell("Stepping has ended: there are other ops now", "note")
        editor.checking.follow(editor.session)
        editor.live.refreshing.schedule()
        editor.catalogues_changed.emit()

    def _show_anew(self) -> None:
        self._window.canvas.values.forget()
        self._window.canvas.update()

    # Bars.

    def _show(self, name: str, text: str, kind: str, answers: dict[str, Callable[[], object]]) -> None:
        shown_already = self._window.bars.get(name)
        if (shown_already is None or shown_already.text != text) and self._put_away.get(name) != text:
            bar = self._window.bars.show_bar(name, text, kind, answers)
            if name != FAULT:  # that may happen again; the others stand as long as nothing is done about them
                bar.put_away.connect(lambda: self._put_away.update({name: text}))

    def _take_away(self, kind: str, but: Collection[str]) -> None:
        for name in [*self._put_away]:
            if name.startswith(kind) and name not in but:
                del self._put_away[name]
        for name in self._window.bars.names():
            if name.startswith(kind) and name not in but:
                self._window.bars.take_away(name)

    def _tell_crashed(self) -> None:
        """Those that ended the program, until the user has said what becomes of them."""
        keeper = self._keeper
        crashed = [each for each in keeper.all() if each.state == DISABLED and each.error != BY_USER]
        crashed = [each for each in crashed if each.name != keeper.enabling]
        names = [f"{CRASHED} {each.name}" for each in crashed[:MOST]]
        self._take_away(CRASHED, names)
        lacking = _missing(self._window, self._keeper)
        for name, plugin in zip(names, crashed, strict=False):
            wait = f" {_waiting(lacking[plugin.name])} for it." if plugin.name in lacking else ""
            self._asked.add(plugin.name)
            self._show(
                name,
                f"The plugin {plugin.name} is disabled: {plugin.error}.{wait}",
                "warning",
                {"Enable it": self._enabling(plugin.name), "Leave it disabled": self._disabling(plugin.name)},
            )

    def _tell_missing(self) -> None:
        """The plugins that nodes of the document wait for; none is loaded before somebody says so."""
        asked = {each.name for each in self._keeper.all() if each.state == DISABLED} & self._asked
        found = [(name, count) for name, count in _missing(self._window, self._keeper).items() if name not in asked]
        names = {f"{MISSING} {name}": (name, count) for name, count in found[:MOST]}
        self._take_away(MISSING, names)
        for bar, (name, count) in names.items():
            wait = f"{_waiting(count)} for the plugin {shown(name)}, which"
            self._show(bar, *self._lacking(wait, self._keeper.get(name)))

    def _lacking(self, wait: str, plugin: Plugin | None) -> tuple[str, str, dict[str, Callable[[], object]]]:
        manage: dict[str, Callable[[], object]] = {"Plugins…": self._window.popups.open_plugins}
        if plugin is None:
            folder = self._keeper.plugins.folder if self._keeper.plugins is not None else ""
            how = "Install the package that brings it, or put it into your folder of plugins"
            return f"{wait} is not here. {how} ({folder}). The document keeps all that it has.", "warning", manage
        if plugin.state == FAILED:
            return f"{wait} could not be loaded: {plugin.error}", "warning", manage
        if plugin.state == DISABLED:
            return f"{wait} is disabled.", "warning", {"Enable it": self._enabling(plugin.name), **manage}
        return f"{wait} does not bring their op any more.", "warning", manage

    def _tell_fault(self, name: str, line: str) -> None:
        if self._window.application.active_window() is not self._window:
            return
        answers = {"Disable it": self._disabling(name)} if name else {}
        manage = {"Plugins…": self._window.popups.open_plugins}
        text = f"{line[:1].upper()}{line[1:]}"
        self._show(FAULT, text, "error", {**answers, **manage})

    def _enabling(self, name: str) -> Callable[[], object]:
        def enable() -> None:
            self._window.tell(f"Loading the plugin {name}…", "note")
            self._keeper.enable(name)
            self._awaited = name

        return enable

    def _disabling(self, name: str) -> Callable[[], object]:
        return lambda: self._keeper.disable(name)
