"""What Gradwire remembers from one start to the next: one INI file in the user's settings folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

FOLDER = "gradwire"


def settings_folder() -> Path:
    """Where settings stand: `~/.config/gradwire` on Linux."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(place) / FOLDER


def data_folder() -> Path:
    """Where documents without a file are kept until they have one: `~/.local/share/gradwire` on Linux."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(place) / FOLDER


def cache_folder() -> Path:
    """Where pictures stand that can be drawn again: `~/.cache/gradwire` on Linux."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)
    return Path(place) / FOLDER


class Settings:
    """Named values, each read with the default that also says its type; one of another type is not taken."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or settings_folder() / "settings.ini"
        self._file = QSettings(str(path), QSettings.Format.IniFormat)

    def get(self, name: str, default: Any) -> Any:
        """The value that was set, or the default where there is none or where the file holds nonsense."""
        text = self._file.value(name)
        if not isinstance(text, str):
            return default
        try:
            value = json.loads(text)
        except ValueError:
            return default
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        return value if default is None or type(value) is type(default) else default

    def set(self, name: str, value: Any) -> None:
        """Remember a value that JSON can write; None forgets it."""
        if value is None:
            self._file.remove(name)
        else:
            self._file.setValue(name, json.dumps(value))

    def bytes(self, name: str) -> QByteArray:
        """Bytes as `set_bytes` took them, empty where there are none."""
        return QByteArray.fromBase64(self.get(name, "").encode("ascii", "ignore"))

    def set_bytes(self, name: str, value: QByteArray) -> None:
        """Remember bytes: the state of a window."""
        self.set(name, bytes(value.toBase64().data()).decode("ascii"))

    def save(self) -> None:
        """Write to the disk now."""
        self._file.sync()
