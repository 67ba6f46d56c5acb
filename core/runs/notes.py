"""What a user writes about a run: a text file in its folder."""

from __future__ import annotations

from pathlib import Path

from ..errors import FileError
from ..files.replacing import replace_file

NOTES = "notes.txt"
LONGEST = 1 << 16  # characters


def read_notes(path: Path) -> str:
    """The notes on the run in the folder `path`, "" where there are none. Raises `FileError`."""
    try:
        with open(path / NOTES, encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST).strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise FileError(f"{path / NOTES} cannot be read: {error.strerror or error}") from error


def write_notes(path: Path, text: str) -> None:
    """Write notes on a run, whole or not at all; no text takes the file away. Raises `FileError`."""
    text = text.strip()
    if len(text) > LONGEST:
        raise FileError(f"notes on a run have at most {LONGEST:,} characters, got {len(text):,}")
    try:
        if text:
            replace_file(path / NOTES, f"{text}\n".encode())
        else:
            (path / NOTES).unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"{path / NOTES} cannot be written: {error.strerror or error}") from error
