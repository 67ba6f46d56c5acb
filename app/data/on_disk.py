"""Notices that a file or folder of data has changed on disk, by whichever program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

SETTLES = 300  # milliseconds without a change: a program that writes a file does so in several pieces
MOST = 200  # folders of classes that are watched


class OnDisk(QObject):
    """Of one file or folder at a time. A file is often replaced by another one, so that its folder is watched too."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._stamp: object = None
        self._watcher = QFileSystemWatcher(self)
        self._settling = QTimer(self, singleShot=True, interval=SETTLES)
        self._settling.timeout.connect(self._look)
        for told in (self._watcher.fileChanged, self._watcher.directoryChanged):
            told.connect(lambda _: self._settling.start())

    def follow(self, path: Path | None) -> None:
        """Tell of changes of this from now on, of nothing where it is None."""
        self._settling.stop()
        if watched := [*self._watcher.files(), *self._watcher.directories()]:
            self._watcher.removePaths(watched)
        self._path, self._stamp = path, _stamp(path)
        if path is not None:
            wanted = [path, path.parent, *_folders(path)]
            self._watcher.addPaths([str(each) for each in wanted if each.exists()])

    def _look(self) -> None:
        if _stamp(self._path) != self._stamp:
            self.follow(self._path)
            self.changed.emit()


def _folders(path: Path) -> list[Path]:
    """Those within a folder, of which each holds the pictures of a class."""
    try:
        return sorted(each for each in path.iterdir() if each.is_dir())[:MOST] if path.is_dir() else []
    except OSError:  # reading it tells
        return []


def _stamp(path: Path | None) -> object:
    """When it was changed last and how large it is, None where it is not there; of a folder also its folders."""
    try:
        stats = [] if path is None else [each.stat() for each in (path, *_folders(path))]
    except OSError:
        return None
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]
