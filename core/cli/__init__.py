"""The command line: `gradwire train FILE` and its fellows, each one file and one line in `COMMANDS`."""

from __future__ import annotations

from .entry import main

__all__ = ["main"]
