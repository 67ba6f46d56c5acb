"""The files opened last, newest first."""

from __future__ import annotations

from pathlib import Path

from ..settings import Settings

MOST = 12


class Recent:
    """Paths of files; ones that are gone are left out when asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def add(self, path: Path) -> None:
        """Put a file at the head."""
        names = [str(path.absolute()), *(str(other) for other in self.paths())]
        self._settings.set("recent", list(dict.fromkeys(names))[:MOST])
        self._settings.set("last", names[0])

    def forget(self) -> None:
        """Empty the list."""
        self._settings.set("recent", [])

    def paths(self) -> list[Path]:
        """Those that are still there."""
        names = self._settings.get("recent", [])
        return [path for path in (Path(name) for name in names if isinstance(name, str)) if path.is_file()]

    def last(self) -> Path | None:
        """The file that was opened or saved last, if it is still there; the list may have been emptied since."""
        name = self._settings.get("last", "")
        return Path(name) if name and Path(name).is_file() else None

    def folder(self) -> Path:
        """Where files were opened or saved last, else the home folder: what a question for a file begins with."""
        return next((path.parent for path in self.paths()), Path.home())
