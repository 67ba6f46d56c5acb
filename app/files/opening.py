"""How a document is opened: from its file, as a copy of another, or as the graph that a picture carries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.session import Session
from .keeping import digest_of
from .unsaved import UNTITLED, Unsaved


@dataclass(frozen=True)
class Opened:
    """A session, and `origin`: of what a document without a file is a copy, None where it is of nothing."""

    session: Session
    origin: Path | None = None
    digest: str = ""  # of the file's bytes


def read(path: Path) -> Opened:
    """What is edited when a user opens `path`. Raises `GradwireError`."""
    if path.suffix.lower() == ".png":
        from ..export import read_picture

        return Opened(Session(read_picture(path)), path)
    digest = digest_of(path)
    return Opened(Session.open(path), digest=digest)


def read_copy(path: Path) -> Opened:
    """What a file holds as a document without one: saving asks where, and the file stays as it is."""
    session = Session.open(path)
    session.path = None
    return Opened(session, path)


def read_unsaved(unsaved: Unsaved) -> Opened:
    """What a document without a file began with, before the edits that an earlier session left."""
    origin = Path(unsaved.name) if unsaved.name != UNTITLED else None
    return Opened(Session(unsaved.document()), origin)
