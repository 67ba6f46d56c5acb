"""Where the program keeps what is a user's own: data and settings, as each system has its places."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "gradwire"


def data_folder() -> Path:
    """What the program keeps for a user: `~/.local/share/gradwire` on Linux."""
    return _place("XDG_DATA_HOME", ".local/share", "Library/Application Support")


def settings_folder() -> Path:
    """What a user has chosen: `~/.config/gradwire` on Linux."""
    return _place("XDG_CONFIG_HOME", ".config", "Library/Preferences")


def _place(variable: str, elsewhere: str, on_a_mac: str) -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / NAME
    if sys.platform == "darwin":
        return Path.home() / on_a_mac / NAME
    return Path(os.environ.get(variable) or Path.home() / elsewhere) / NAME
