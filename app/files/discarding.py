"""What a user discards is set aside for a while: a copy of the file that can be opened, with its journals beside it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from ...core.files.journal import journal_path
from .reading import journals_of

DISCARDED = "discarded"  # folder of the data folder
KEPT = 8  # of those that were set aside last


def set_aside(data: Path, path: Path, journals: Sequence[Path]) -> Path:
    """Copy the file at `path` and its journals, newest first, into the data folder; where. Raises `OSError`.

    Opening the copy offers the edits of the journals again.
    """
    folder = data / DISCARDED
    folder.mkdir(parents=True, exist_ok=True)
    begun = f"{path.stem} {time.strftime('%Y-%m-%d %H.%M.%S')}"
    taken = {each.stem for each in folder.iterdir()}
    name = next(name for name in (begun, *(f"{begun} {i}" for i in range(2, 1000))) if name not in taken)
    copy = folder / f"{name}{path.suffix}"
    newest = journal_path(copy)
    earlier = [newest.with_name(f"{newest.name}~{number or ''}") for number in reversed(range(len(journals) - 1))]
    shutil.copyfile(path, copy)
    places = (newest, *earlier)[: len(journals)]  # a file that holds all edits itself has none
    for journal, place in zip(journals, places, strict=True):
        shutil.copyfile(journal, place)
    _forget_oldest(folder)
    return copy


def _forget_oldest(folder: Path) -> None:
    copies = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for copy in sorted(copies, key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
        for path in (*journals_of(copy), copy):
            path.unlink(missing_ok=True)
