"""The examples: graphs to open, those that ship with the program and those that plugins bring."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..catalogue import Catalogue
from .storage import GRAPH_SUFFIX


@dataclass(frozen=True, slots=True)
class Example:
    """A graph in a file, which is called as its file is."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def about(self) -> str:
        """What the file says that it is about; nothing where it says nothing or cannot be read."""
        with suppress(OSError, ValueError):
            read = json.loads(self.path.read_text("utf-8"))
            if isinstance(read, dict) and isinstance(about := read.get("about"), str):
                return about
        return ""


EXAMPLES: Catalogue[Example] = Catalogue(
    "an example", map(Example, sorted(Path(str(files("gradwire.examples"))).glob(f"*{GRAPH_SUFFIX}")))
)
