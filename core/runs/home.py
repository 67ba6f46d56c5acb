"""Where the runs of a user are kept."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from ..places import data_folder


def home() -> Path:
    """The folder in which the window keeps runs: `~/.local/share/gradwire/runs` on Linux."""
    return data_folder() / "runs"


def folders_called(name: str) -> str:
    """With what the names of folders begin that hold runs of a document which is called so."""
    return re.sub(r"[^\w .-]", "_", name)[:60] or "untitled"


def folders_of(home: Path, name: str) -> list[Path]:
    """The folders in `home` that may hold runs of a document which is called so."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(home) as found:
        return [Path(each.path) for each in found if each.name.startswith(f"{folders_called(name)}-")]
    return []
