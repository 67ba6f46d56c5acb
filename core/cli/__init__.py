"""The command line: `gradwire train FILE` and its fellows. Each command is one file and one line in `COMMANDS`."""

from __future__ import annotations

from .entry import main

__all__ = ["main"]
