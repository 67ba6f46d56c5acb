"""Files that are dragged onto a window from elsewhere."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

OPENED = (".gw", ".gwz", ".png")


def dropped_files(data: QMimeData) -> list[Path]:
    """Those that can be opened."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in OPENED]
