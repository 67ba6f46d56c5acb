"""Where the runs of a user are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """The folder in which the window keeps runs: `~/.local/share/gradwire/runs` on Linux."""
    if sys.platform == "win32":
        data = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "gradwire" / "runs"
