"""Notices that files or folders of data have changed on disk, by whichever program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from ...core.data.kinds import is_file

if TYPE_CHECKING:
    from ...core.graph import Graph

SETTLES = 300  # milliseconds without a change: a program that writes a file does so in several pieces
MOST = 200  # folders of classes that are watched
Stamps = Mapping[Path, object]  # by file or folder what is another whenever it has changed


class OnDisk(QObject):
    """Of the files that one document reads. One is often replaced by another, so that its folder is watched too."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stamps: Stamps = {}
        self._watcher = QFileSystemWatcher(self)
        self._settling = QTimer(self, singleShot=True, interval=SETTLES)
        self._settling.timeout.connect(self._look)
        for told in (self._watcher.fileChanged, self._watcher.directoryChanged):
            told.connect(lambda _: self._settling.start())

    def follow(self, stamps: Stamps) -> None:
        """Tell of changes of these from now on: they were read as they are stamped here. Tells at once of one that was
        stamped otherwise before.
        """
        if stamps == self._stamps:
            return
        other = any(path in self._stamps and self._stamps[path] != stamp for path, stamp in stamps.items())
        self._watch(stamps)
        self._settling.start()  # one may have changed before it was watched
        if other:
            self.changed.emit()

    def tell(self) -> None:
        """Tell of a change: the user says so."""
        self._watch(stamped(self._stamps))
        self.changed.emit()

    def _watch(self, stamps: Stamps) -> None:
        if watched := [*self._watcher.files(), *self._watcher.directories()]:
            self._watcher.removePaths(watched)
        self._stamps = stamps
        wanted = {each for path in stamps for each in (path, path.parent, *_folders(path))}
        if there := [str(each) for each in wanted if each.exists()]:
            self._watcher.addPaths(there)

    def _look(self) -> None:
        stamps = stamped(self._stamps)
        if stamps != self._stamps:
            self._watch(stamps)
            self.changed.emit()


def files_of(graph: Graph, folder: Path | None) -> list[Path]:
    """The files and folders that the datasets of a graph name, whether they are there or not."""
    datasets = [node for node in graph.nodes.values() if node.op == "dataset"] if folder is not None else []
    named = [node.params.get(name) for node in datasets for name in ("source", "held_out", "target")]
    return [folder / name for name in named if folder is not None and isinstance(name, str) and is_file(name)]


def stamped(paths: Iterable[Path]) -> Stamps:
    """These as they are now."""
    return {path: _stamp(path) for path in paths}


def _folders(path: Path) -> list[Path]:
    """Those within a folder, of which each holds the pictures of a class."""
    try:
        return sorted(each for each in path.iterdir() if each.is_dir())[:MOST] if path.is_dir() else []
    except OSError:  # reading it tells
        return []


def _stamp(path: Path) -> object:
    """When it was changed last and how large it is, None where it is not there; of a folder also its folders."""
    try:
        stats = [each.stat() for each in (path, *_folders(path))]
    except (OSError, ValueError):  # ValueError: no file can have that name
        return None
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]
