"""Writing a film to a file whose suffix says in which form."""

from __future__ import annotations

from pathlib import Path

from ...core.cancelling import Cancelled, never
from ...core.errors import FileError
from .film import Film
from .gif import gif
from .html import html
from .mp4 import mp4
from .writing import put_in_place

FILMS = {".gif": gif, ".mp4": mp4, ".html": html}


def export_film(film: Film, path: Path, stopped: Cancelled = never, scale: float = 1.0) -> None:
    """Write a film over a file that is there. On any thread.

    Raises `GradwireError` for what cannot be made or written, and when `stopped` says so; an old file then stays whole.
    """
    make = FILMS.get(path.suffix.lower())
    if make is None:
        raise FileError(f"a pass must end in {', '.join(FILMS)}; found {path.name!r}")
    put_in_place(path, make(film, scale, stopped), stopped)
