"""Deleting runs: into a folder beside them, from which they come back, until that is emptied.

Not the trash of the system: a run may have a gigabyte of checkpoints, which would be copied where that is on another
disk, and nothing could be brought back by an undo.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import FileError, RunError
from ..locking import held
from .record import LOCK

TRASH = "trash"


def delete(path: Path) -> Path:
    """Move the run in the folder `path` into the trash beside it, at once however large it is; where it is now.

    Raises `RunError` for one that a process trains in, `FileError` where it cannot be moved.
    """
    if held(path / LOCK):
        raise RunError(f"{path.name} is being trained, and is not deleted", hint="stop it first")
    if not path.is_dir():
        raise FileError(f"{path} is no folder of a run, and cannot be deleted")
    trash = path.parent / TRASH
    number, free = 2, trash / path.name
    while free.exists():
        free = trash / f"{path.name}-{number}"
        number += 1
    return _move(path, free)


def restore(path: Path) -> Path:
    """Bring a run back from the trash; where it is now. Raises `FileError` where there is another one by now."""
    back = path.parent.parent / path.name
    if back.exists():
        raise FileError(f"{path.name} cannot come back: {back} is there by now")
    return _move(path, back)


def trashed(home: Path) -> Iterator[Path]:
    """The runs in the trash of a folder of runs, by name."""
    trash = home / TRASH
    if trash.is_dir():
        yield from sorted(each for each in trash.iterdir() if each.is_dir())


def empty(home: Path) -> int:
    """Delete for good what is in the trash; how many runs that were. Raises `FileError`."""
    found = list(trashed(home))
    for path in found:
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise FileError(f"{error.filename or path} cannot be deleted: {error.strerror or error}") from error
    return len(found)


def _move(path: Path, to: Path) -> Path:
    try:
        to.parent.mkdir(exist_ok=True)
        path.rename(to)
    except OSError as error:
        raise FileError(f"{path} cannot be moved to {to}: {error.strerror or error}") from error
    return to
