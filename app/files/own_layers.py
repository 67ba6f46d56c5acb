"""The folder of the user's own layers: one file for each, read as soon as it is there, and shown in every window.

Copying a file into the folder or out of it is all that it takes to bring a layer elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from ...core.errors import EditError
from ...core.files.replacing import replace_file
from ..bridge import Request, Worker
from ..editing.own_layers import OwnLayer, checked_name, read

if TYPE_CHECKING:
    from ..application import Application

FOLDER, DISCARDED = "layers", "discarded"  # of the data folder, and within it
SUFFIX = ".json"
MOST_BYTES = 2**20  # of one file: some 7,000 nodes
MOST_FILES = 500
SETTLES_IN = 250  # milliseconds without a further event: other programs write in several steps


class Stamp(NamedTuple):
    """By what one sees that a file is another one."""

    size: int
    changed: int


class OwnLayers(QObject):
    """One for all windows. `changed` when there are others than before; without a folder there are none."""

    changed = Signal()

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.layers: Mapping[str, OwnLayer] = {}
        self._stamps: Mapping[str, Stamp] = {}
        self._worker: Worker | None = None
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLES_IN)
        self._settle.timeout.connect(self.look)
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())
        self._watcher.fileChanged.connect(lambda _: self._settle.start())
        if folder is not None:
            QTimer.singleShot(0, self, self.look)

    def look(self) -> None:
        """Read what is new in the folder, or has changed."""
        if self.folder is None:
            return
        with suppress(OSError):  # a folder that cannot be made holds nothing, and saving into it says why
            self.folder.mkdir(parents=True, exist_ok=True)
        if not self._watcher.directories() and self.folder.is_dir():
            self._watcher.addPath(str(self.folder))
        stamps = _stamps(self.folder)
        if stamps == self._stamps and not (self._worker is not None and self._worker.busy):
            return
        folder, old, known = self.folder, self._stamps, self.layers
        if self._worker is None:
            self._worker = Worker("own layers", self)
            self._worker.finished.connect(self._take)
            self._worker.failed.connect(_raise)
        self._worker.ask(lambda request: _read(request, folder, stamps, old, known))

    def _take(self, found: tuple[dict[str, Stamp], dict[str, OwnLayer]]) -> None:
        self._stamps, self.layers = found
        if self.layers and self.folder is not None:
            self._watcher.addPaths([str(self.folder / f"{name}{SUFFIX}") for name in self.layers])
        self.changed.emit()

    # What the user does with them. Each raises EditError in one line where it cannot be done.

    def save(self, name: str, text: bytes, replacing: bool = False) -> None:
        """Keep a layer under a name; one that bears it already is set aside, and only where that is said."""
        path = self._path(checked_name(name))
        if path.exists() and not replacing:
            raise EditError(f"a layer called {name} is there already", hint="Enter once more sets that one aside")
        try:
            if path.exists():
                self._set_aside(path)
            replace_file(path, text)
        except OSError as error:
            raise EditError(f"{name} was not saved: {error.strerror} ({path.parent})") from None
        self.look()

    def rename(self, old: str, new: str) -> None:
        """Let a layer have another name."""
        path, wanted = self._path(old), self._path(checked_name(new))
        if wanted.exists():
            raise EditError(f"a layer called {new} is there already", hint="choose another name")
        try:
            path.rename(wanted)
        except OSError as error:
            raise EditError(f"{old} was not renamed: {error.strerror}") from None
        self.look()

    def remove(self, name: str) -> Path:
        """Set a layer aside; where its file lies from now on."""
        try:
            aside = self._set_aside(self._path(name))
        except OSError as error:
            raise EditError(f"{name} was not removed: {error.strerror}") from None
        self.look()
        return aside

    def _path(self, name: str) -> Path:
        if self.folder is None:
            raise EditError("there is no folder for layers of one's own")
        return self.folder / f"{name}{SUFFIX}"

    def _set_aside(self, path: Path) -> Path:
        aside = path.parent / DISCARDED
        aside.mkdir(parents=True, exist_ok=True)
        begun = f"{path.stem} {time.strftime('%Y-%m-%d %H.%M.%S')}"
        names = (begun, *(f"{begun} {i}" for i in range(2, 1000)))
        place = next(place for name in names if not (place := aside / f"{name}{SUFFIX}").exists())
        return path.rename(place)


def own_layers_of(application: Application) -> OwnLayers:
    """Those that all windows of an application share; made when they are first asked for."""
    found = application.findChild(OwnLayers)
    return found if found is not None else OwnLayers(application.data / FOLDER, application)


def _stamps(folder: Path) -> dict[str, Stamp]:
    """What lies in the folder, by name."""
    found: dict[str, Stamp] = {}
    with suppress(OSError):  # a file may go while one looks
        for path in sorted(folder.glob(f"*{SUFFIX}"))[:MOST_FILES]:
            if not path.name.startswith(".") and path.is_file():
                status = path.stat()
                found[path.stem] = Stamp(status.st_size, status.st_mtime_ns)
    return found


def _read(
    request: Request,
    folder: Path,
    stamps: dict[str, Stamp],
    old: Mapping[str, Stamp],
    known: Mapping[str, OwnLayer],
) -> tuple[dict[str, Stamp], dict[str, OwnLayer]]:
    """On the worker's thread: the layers, those read anew whose files are others than they were."""
    found = {}
    for name in sorted(stamps, key=str.casefold):
        if request.cancelled:
            break
        same = old.get(name) == stamps[name] and name in known
        found[name] = known[name] if same else _read_file(folder / f"{name}{SUFFIX}", name)
    return stamps, found


def _read_file(path: Path, name: str) -> OwnLayer:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        return OwnLayer(name, refusal=f"{path.name} cannot be read: {error.strerror}")
    if len(data) > MOST_BYTES:
        return OwnLayer(name, refusal=f"{path.name}: a layer has at most {MOST_BYTES:,} bytes, found more")
    return read(data, name)


def _raise(error: Exception) -> None:
    raise error
