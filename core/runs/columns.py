"""Curves on the disk: columns of float64, one file each, to which one process appends while others read.

A reader maps the files and is given NumPy views of them, so a run of a million iterations fills no memory. Files grow
by whole blocks and never shrink: what is mapped stays readable whatever the writer does.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from ..errors import FileError

Array = np.ndarray[Any, Any]
NUMBER = np.dtype("<f8")
SUFFIX, ROWS = ".f64", "rows"
BLOCK = 1 << 19  # bytes by which a column grows: 65,536 rows


def _path(folder: Path, name: str) -> Path:
    return folder / (quote(name, safe="") + SUFFIX)


def _names(folder: Path) -> list[str]:
    with suppress(FileNotFoundError):
        found = [entry.name for entry in os.scandir(folder)]
        return sorted(unquote(name.removesuffix(SUFFIX)) for name in found if name.endswith(SUFFIX))
    return []


def _write(file: FileIO, at: int, data: bytes) -> None:
    """All of `data` from byte `at` on, in a file of whole blocks."""
    end = at + len(data)
    if end > os.fstat(file.fileno()).st_size:
        file.truncate(-(-end // BLOCK) * BLOCK)
    file.seek(at)
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


class ColumnWriter:
    """Appends rows to the columns in `folder`; `rows` says how many there are. Methods raise `FileError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = 0
        self._files: dict[str, FileIO] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / ROWS
            path.touch()
            self._count = FileIO(path, "r+")
            self.rows = _counted(self._count.read(NUMBER.itemsize))
            for name in _names(folder):
                self._files[name] = FileIO(_path(folder, name), "r+")
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, columns: Mapping[str, Sequence[float]]) -> None:
        """Rows at the end: sequences of one length. What is not given is NaN there, and a new column NaN before."""
        length = len(next(iter(columns.values()), ()))
        if not length:
            return
        try:
            for name in columns:
                if name not in self._files:
                    self._files[name] = self._begun(name)
            for name, file in self._files.items():
                values = columns.get(name)
                data = np.full(length, np.nan, NUMBER) if values is None else np.asarray(values, NUMBER)
                _write(file, self.rows * NUMBER.itemsize, data.tobytes())
            self._set_rows(self.rows + length)  # behind the numbers: what is counted is there
        except OSError as error:
            raise self._unwritable(error) from error

    def cut(self, rows: int) -> None:
        """Go on behind this many rows: those after them are written anew, missing ones are NaN."""
        if rows > self.rows:
            self.append({name: [np.nan] * (rows - self.rows) for name in self._files})
        try:
            self._set_rows(rows)
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Let go of the files."""
        for file in (self._count, *self._files.values()):
            file.close()

    def _begun(self, name: str) -> FileIO:
        """The file of a new column: it takes its place only when it is as long as the others."""
        path = _path(self.folder, name)
        temporary = path.with_name(path.name + ".tmp")
        with FileIO(temporary, "w") as file:
            for first in range(0, max(self.rows, 1), BLOCK):
                length = max(min(BLOCK, self.rows - first), 1)
                _write(file, first * NUMBER.itemsize, np.full(length, np.nan, NUMBER).tobytes())
        os.replace(temporary, path)
        return FileIO(path, "r+")

    def _set_rows(self, rows: int) -> None:
        self._count.seek(0)
        self._count.write(rows.to_bytes(NUMBER.itemsize, "little"))
        self.rows = rows

    def _unwritable(self, error: OSError) -> FileError:
        return FileError(f"the curves in {self.folder} cannot be written: {error.strerror or error}")


class Columns(Mapping[str, Array]):
    """Columns that are being written, by name: read-only views of their first `rows`, which `refresh` counts anew.

    A view stays as long as somebody holds it; its rows never change, but for those that a run which goes on from an
    earlier checkpoint computes again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = 0
        self._maps: dict[str, mmap.mmap] = {}
        self.refresh()

    def refresh(self, most: int | None = None) -> int:
        """Count the rows, at `most` so many; all columns are as long as that until it is called again."""
        self.rows = 0
        with suppress(FileNotFoundError):
            self.rows = _counted((self.folder / ROWS).read_bytes())
        if most is not None:
            self.rows = min(self.rows, most)
        return self.rows

    def __getitem__(self, name: str) -> Array:
        needed = self.rows * NUMBER.itemsize
        found = self._maps.get(name)
        if found is None or len(found) < needed:
            try:
                with open(_path(self.folder, name), "rb") as file:
                    found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (FileNotFoundError, ValueError):  # ValueError: an empty file
                raise KeyError(name) from None
            self._maps[name] = found
        return np.frombuffer(found, NUMBER, min(self.rows, len(found) // NUMBER.itemsize))

    def __iter__(self) -> Iterator[str]:
        return iter(_names(self.folder))

    def __len__(self) -> int:
        return len(_names(self.folder))

    def release(self) -> None:
        """Let the system have back the memory that pages read so far take; views stay good."""
        if hasattr(mmap, "MADV_DONTNEED"):
            for found in self._maps.values():
                found.madvise(mmap.MADV_DONTNEED)


def _counted(data: bytes) -> int:
    return int.from_bytes(data, "little") if len(data) == NUMBER.itemsize else 0
