"""What earlier sessions left in journals. One that cannot be read is set aside and told, never removed."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

from ...core.errors import FileError, GradwireError
from ...core.files import Recovered, read_json, recover
from ...core.files.journal import earlier_journals, journal_path

Tell = Callable[[str], object]

_LARGEST = 2**31  # bytes of a line


def left_in(path: Path, folder: Path | None, tell: Tell) -> Recovered | None:
    """What was not saved of the file at `path`; for `folder` see `Journal`. `tell` gets a line for each unreadable."""
    journals = journals_of(path, folder)
    while journals:
        try:
            found = recover(path, folder)
        except FileError as error:
            journal = next((each for each in journals if error.message.startswith(f"{each}: ")), journals[0])
            journals.remove(journal)
            if not _set_aside(journal, error.message.removeprefix(f"{journal}: cannot be read: "), tell):
                return None
            continue
        if found is None:
            for journal in filter(_is_damaged, journals):
                _set_aside(journal, "it is damaged", tell)
        return found
    return None


def journals_of(path: Path, folder: Path | None = None) -> list[Path]:
    """The journals of a file that are there, newest first."""
    newest = journal_path(path, folder)
    return [journal for journal in (newest, *reversed(earlier_journals(newest))) if os.path.lexists(journal)]


def _is_damaged(journal: Path) -> bool:
    """Whether there is more in a journal without readable changes than edits that were all undone."""
    data = journal.read_bytes()
    *lines, rest = data.split(b"\n")
    try:
        last = read_json(lines[-1], "journal", _LARGEST) if lines and not rest else None
    except GradwireError:
        last = None
    return bool(data) and not (isinstance(last, dict) and last.get("as") == 0)


def rename_aside(path: Path) -> Path:
    """Give a file a name under which nothing looks for it, and nothing removes it. Raises `OSError`."""
    for number in count():
        aside = path.with_name(f"{path.name}.unreadable{number or ''}")
        if not os.path.lexists(aside):
            return path.rename(aside)
    raise AssertionError


def _set_aside(journal: Path, reason: str, tell: Tell) -> bool:
    """Whether it could be renamed."""
    begun = f"Unsaved edits of an earlier session cannot be read ({reason}). Their journal"
    try:
        aside = rename_aside(journal)
    except OSError as error:
        tell(f"{begun} {journal.name} could not be set aside: {error.strerror}.")
        return False
    tell(f"{begun} was set aside as {aside.name}.")
    return True
