"""Where the runs of a user are kept."""

from __future__ import annotations

from pathlib import Path

from ..places import data_folder


def home() -> Path:
    """The folder in which the window keeps runs: `~/.local/share/gradwire/runs` on Linux."""
    return data_folder() / "runs"
