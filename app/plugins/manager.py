"""The list of plugins: what each brings, what is wrong with it, and what can be done with it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
)

from ...core.plugins import DISABLED, FAILED, LOADED, Brought, Plugin
from ..chrome.name_dialog import NameDialog
from ..lists.view import ListView, Row
from ..look.theme import Theme

if TYPE_CHECKING:
    from ..window import Window

WIDE, HIGH = 760, 460
KINDS = 110  # pixels for the kinds of what a plugin brings
NONE = "There are no plugins yet: “New plugin…” makes one with an op to begin with."
ORIGINS = {"shipped": "ships with Gradwire", "package": "installed package", "folder": "your folder of plugins"}


class Manager(QDialog):
    """A window over the window; what is chosen in the list is told beside it."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Plugins")
        self._keeper, self.theme = window.application.plugins, window.theme
        self.shown: list[Plugin] = []
        self._again = ""  # the name of a plugin that was loaded again
        self._made, self._done = "", ""  # the name of a plugin that is to be chosen once it is there; what was done
        self.list = ListView(self.theme, self, by_click=False)
        self.list.setAccessibleName("Plugins")
        self.about = QTextBrowser()
        self.about.setAccessibleName("About this plugin")
        self.about.setOpenLinks(False)
        self.said = QLabel()
        self.said.setProperty("rank", "second")
        self.switch = QPushButton("Disable", autoDefault=False)
        self.reload = QPushButton("Reload", autoDefault=False)
        self.reload.setToolTip("Load it again, from its files as they are now")
        self.folder = QPushButton("Open its folder", autoDefault=False)
        self.new = QPushButton("New plugin…", autoDefault=False)
        self.new.setToolTip("Make a folder with an op to begin with, and its tests")
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(self._tell)
        self.list.chosen.connect(lambda _: self._switch())
        self.switch.clicked.connect(self._switch)
        self.reload.clicked.connect(self._reload)
        self.folder.clicked.connect(self._open_folder)
        self.new.clicked.connect(self._make)
        self._keeper.changed.connect(self.refresh)
        window.application.theme_changed.connect(self.set_theme)
        scale = window.application.text_scale
        self.resize(round(WIDE * scale), round(HIGH * scale))
        self.refresh()
        if self._keeper.begun:
            self._keeper.look()  # for what was put there since
        self.list.setFocus()

    def _lay_out(self) -> None:
        split, row, column = QSplitter(Qt.Orientation.Horizontal), QHBoxLayout(), QVBoxLayout(self)
        for part, share in ((self.list, 2), (self.about, 3)):
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, share)
        split.setChildrenCollapsible(False)
        split.setSizes([WIDE * 2 // 5, WIDE * 3 // 5])
        for button in (self.switch, self.reload, self.folder):
            row.addWidget(button)
        row.addWidget(self.said, 1)
        row.addWidget(self.new)
        column.addWidget(split, 1)
        column.addLayout(row)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.list.set_theme(theme)
        self._tell()

    # The list.

    def refresh(self) -> None:
        """Show what there is now; who is chosen stays chosen, unless one is there now that was made here."""
        here = self.chosen
        self.shown = self._keeper.all()
        if self._made in (names := [plugin.name for plugin in self.shown]):
            here, self._made = self.shown[names.index(self._made)], ""
        at = next((i for i, plugin in enumerate(self.shown) if plugin is here), 0)
        self.list.empty = NONE if self._keeper.begun else self._keeper.doing
        self.list.show_rows(len(self.shown), self._row, at if self.shown else None)
        self.said.setText(self._keeper.doing or self._done or self._reloaded())
        self._tell()

    def _row(self, row: int) -> Row:
        plugin = self.shown[row]
        mark = "error" if plugin.state == FAILED else "warning" if plugin.faults else ""
        return Row(plugin.name, plugin.version, plugin.state, mark=mark, faded=plugin.state == DISABLED)

    @property
    def chosen(self) -> Plugin | None:
        """The one that is chosen in the list."""
        row = self.list.current
        return self.shown[row] if 0 <= row < len(self.shown) else None

    def _tell(self, *_: object) -> None:
        plugin = self.chosen
        for button in (self.switch, self.reload, self.folder):
            button.setEnabled(plugin is not None)
        self.reload.setEnabled(plugin is not None and plugin.state in (LOADED, FAILED))
        self.switch.setText("Disable" if plugin is None or plugin.state in (LOADED, FAILED) else "Enable")
        self.about.setHtml("" if plugin is None else "".join(_lines(plugin, self._keeper.brought(plugin), self.theme)))

    # What is done.

    def _switch(self) -> None:
        plugin = self.chosen
        if plugin is not None:
            self._done = self._again = ""
            loads = plugin.state in (LOADED, FAILED)
            (self._keeper.disable if loads else self._keeper.enable)(plugin.name)

    def _reload(self) -> None:
        if self.chosen is not None:
            self._done, self._again = "", self.chosen.name
            self._keeper.reload(self.chosen.name)

    def _reloaded(self) -> str:
        """What became of the plugin that was loaded again."""
        again = next((plugin for plugin in self.shown if plugin.name == self._again), None)
        if again is None:
            return ""
        return f"{again.name} was loaded again" if again.state == LOADED else f"{again.name} could not be loaded again"

    def _open_folder(self) -> None:
        if self.chosen is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self.chosen.folder))

    def _make(self) -> None:
        def take(name: str, _: bool) -> None:
            self._done = f"Made in {self._keeper.make(name)}"
            self._made = name  # chosen when it has been loaded

        NameDialog("New plugin", "Make", "my_ops", take, self).open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # belongs to the list, and does not close the window
            return
        super().keyPressEvent(event)


def _lines(plugin: Plugin, brought: Sequence[Brought], theme: Theme) -> Iterator[str]:
    """What is known of a plugin, as HTML."""
    version = f" {plugin.version}" if plugin.version else ""
    yield f"<h3>{_plain(plugin.name + version)}</h3>"
    yield f"<p style='color:{theme.dim}'>{_plain(ORIGINS.get(plugin.origin, plugin.origin))}"
    yield f"<br>{_plain(plugin.folder)}</p>" if plugin.folder else "</p>"
    if plugin.state == LOADED:
        yield f"<p>Loaded in {plugin.seconds * 1000:.0f} ms</p>"
    elif plugin.state == DISABLED:
        yield f"<p>Not loaded: {_plain(plugin.error)}</p>"
    elif plugin.error:
        yield f"<p style='color:{theme.error}'>{_plain(plugin.error)}</p>"
    else:
        yield "<p>Not loaded yet</p>"
    if brought:
        kinds = dict.fromkeys(each.kind for each in brought)
        rows = ((kind, ", ".join(each.name for each in brought if each.kind == kind)) for kind in kinds)
        cells = (
            f"<tr><td width={KINDS} style='color:{theme.dim}'>{_plain(kind)}</td><td>{_plain(names)}</td></tr>"
            for kind, names in rows
        )
        yield f"<p><b>It brings</b></p><table>{''.join(cells)}</table>"
    if plugin.faults:
        yield "<p><b>What went wrong</b></p>"
        yield from (f"<p style='color:{theme.error}'>{_plain(line)}</p>" for line in plugin.faults)
    if plugin.printed:
        yield f"<p><b>It printed</b></p><pre>{_plain(plugin.printed)}</pre>"


def _plain(text: str) -> str:
    return html.escape(text)
