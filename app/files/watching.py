"""Notices that the file of a window was changed by another program."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from .keeping import digest_of

SETTLES_IN = 250  # milliseconds without a further event: other programs write in several steps


class Watch(QObject):
    """Watches one file. `changed(digest)` when its bytes are others than ours, "" when it is gone."""

    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._known = ""
        self._told = ""
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLES_IN)
        self._settle.timeout.connect(self.look)
        self._watcher.fileChanged.connect(lambda _: self._settle.start())
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())

    def follow(self, path: Path | None, digest: str = "") -> None:
        """Watch this file, whose bytes are ours now; None: watch nothing."""
        self._path, self._known, self._told = path, digest, digest
        if watched := [*self._watcher.files(), *self._watcher.directories()]:
            self._watcher.removePaths(watched)
        if path is not None:
            # The folder as well: a file that is replaced, as most editors save, is no longer watched itself.
            # Of a link both folders: that which holds it, and that of the file to which it leads.
            folders = {path.parent, Path(os.path.realpath(path)).parent}
            self._watcher.addPaths([str(path), *map(str, folders)])

    def digest(self) -> str:
        """Of the file where its bytes are ours, else ""."""
        return self._known if self._path is not None and digest_of(self._path) == self._known else ""

    def differs(self) -> bool:
        """Whether the file's bytes are others than ours now, and there are any."""
        return self._path is not None and digest_of(self._path) not in ("", self._known)

    def keep_ours(self) -> None:
        """The user has seen it and keeps what is in the window."""
        self._known = self._told

    def look(self) -> None:
        """Compare now."""
        if self._path is None:
            return
        if str(self._path) not in self._watcher.files() and self._path.exists():
            self._watcher.addPath(str(self._path))
        digest = digest_of(self._path)
        if digest == self._told:
            return
        self._told = digest
        self.changed.emit(digest)
