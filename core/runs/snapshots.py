"""What flows in a run right now: the values and gradients of one iteration, in one of two memory-mapped files.

The writer takes the two in turn, and each holds a version, an iteration and a checksum of all that is in it. A reader
copies the newer one and looks at the checksum: it gets a snapshot that is whole, or has the one before.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from ..errors import FileError
from ..graph import Source
from ..summary import KINDS, Key

Array = np.ndarray[Any, Any]
FILES = ("snapshot-0", "snapshot-1")
ROOM = 64 * 2**20  # bytes of arrays: smaller ones go first, what finds no room is left out
ALIGNED = 64
TRIES = 4  # a reader that is overtaken that often has the one before
_HEAD = struct.Struct("<8sQQQQI")  # mark, version, iteration, bytes of the index, bytes of arrays, checksum
_MARK = b"gradsnap"


class Snapshot(NamedTuple):
    """Values and gradients of an iteration by kind and source, as read-only arrays of one's own."""

    version: int
    iteration: int
    arrays: Mapping[Key, Array]

    def value(self, source: Source) -> Array | None:
        """What flowed there; None where it was too large, or was not computed."""
        return self.arrays.get(("value", source))

    def gradient(self, source: Source) -> Array | None:
        """The gradient of the loss there."""
        return self.arrays.get(("gradient", source))


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED


class SnapshotWriter:
    """Writes snapshots into the folder of a run. `write` raises `FileError`."""

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / name for name in FILES]
        self._maps: list[mmap.mmap | None] = [None, None]
        newest = SnapshotReader(folder).read()
        self.version = 0 if newest is None else newest.version

    def write(self, iteration: int, arrays: Mapping[Key, Any]) -> None:
        """Publish these arrays; what is in no dtype of numbers or truth values is left out."""
        chosen = fitting({key: np.asarray(array) for key, array in arrays.items()}, ROOM)
        at, entries = 0, []
        for (kind, source), array in chosen.items():
            entries.append([kind, source.node, source.output, array.dtype.str, array.shape, at])
            at += _aligned(array.nbytes)
        index = json.dumps(entries).encode()
        start = _aligned(_HEAD.size + len(index))
        version = self.version + 1
        try:
            file = self._mapped(version % 2, start + at)
        except OSError as error:
            raise FileError(f"{self.paths[version % 2]} cannot be written: {error.strerror or error}") from error
        file[_HEAD.size : _HEAD.size + len(index)] = index
        whole = np.frombuffer(file, np.uint8)
        for entry, array in zip(entries, chosen.values(), strict=True):
            place = start + int(str(entry[-1]))
            whole[place : place + array.nbytes].view(array.dtype).reshape(array.shape)[...] = array
        head = _HEAD.pack(_MARK, version, iteration, len(index), at, 0)
        sum = crc32(whole[start : start + at].data, crc32(index, crc32(head)))
        file[: _HEAD.size] = _HEAD.pack(_MARK, version, iteration, len(index), at, sum)
        self.version = version

    def _mapped(self, number: int, size: int) -> mmap.mmap:
        """The file of this number, at least so large. What it takes is the disk's already: a full one refuses here."""
        held = self._maps[number]
        if held is not None and len(held) >= size:
            return held
        descriptor = os.open(self.paths[number], os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            size = max(size, os.fstat(descriptor).st_size, mmap.PAGESIZE)
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, size)
            else:
                os.truncate(descriptor, size)
            made = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self._maps[number] = made
        return made


def fitting(arrays: Mapping[Key, Array], room: int) -> dict[Key, Array]:
    """Those that find room, a number of bytes, in their order."""
    taken = set()
    for key in sorted(arrays, key=lambda each: arrays[each].nbytes):
        room -= _aligned(arrays[key].nbytes)
        if room < 0:
            break
        if arrays[key].dtype.kind in "fiub":
            taken.add(key)
    return {key: array for key, array in arrays.items() if key in taken}


class SnapshotReader:
    """Reads what a `SnapshotWriter`, in another process, writes into the folder of a run."""

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / name for name in FILES]
        self.last: Snapshot | None = None
        self._maps: list[mmap.mmap | None] = [None, None]

    def read(self) -> Snapshot | None:
        """The newest snapshot that is whole: the same object as before where there is no newer one; None before any."""
        for _ in range(TRIES):
            heads = sorted(((self._head(number), number) for number in range(2)), reverse=True)
            for (version, *_), number in heads:
                if version <= (self.last.version if self.last else 0):
                    return self.last
                if (found := self._whole(number)) is not None:
                    self.last = found
                    return found
        return self.last

    def _head(self, number: int) -> tuple[int, int, int, int, int]:
        """Version, iteration, bytes of index and of arrays, checksum, as they stand there now."""
        file = self._mapped(number, _HEAD.size)
        if file is None:
            return (0, 0, 0, 0, 0)
        mark, *numbers = _HEAD.unpack(file[: _HEAD.size])
        return tuple(numbers) if mark == _MARK else (0, 0, 0, 0, 0)

    def _whole(self, number: int) -> Snapshot | None:
        """The snapshot in this file; None for one that was written to meanwhile."""
        version, iteration, index_size, size, wanted = self._head(number)
        start = _aligned(_HEAD.size + index_size)
        file = self._mapped(number, start + size)
        if file is None:
            return None
        index, data = file[_HEAD.size : _HEAD.size + index_size], file[start : start + size]
        head = _HEAD.pack(_MARK, version, iteration, index_size, size, 0)
        if crc32(data, crc32(index, crc32(head))) != wanted:
            return None
        arrays: dict[Key, Array] = {}
        for kind, node, output, dtype, shape, at in json.loads(index):
            kept = np.frombuffer(data, dtype, int(np.prod(shape, dtype=np.int64)), at).reshape(shape)
            arrays[KINDS[KINDS.index(kind)], Source(node, output)] = kept
        return Snapshot(version, iteration, arrays)

    def _mapped(self, number: int, size: int) -> mmap.mmap | None:
        """The file of this number; None where it is not there or not so large."""
        held = self._maps[number]
        if held is None or len(held) < size:
            with suppress(OSError, ValueError), open(self.paths[number], "rb") as file:  # ValueError: it is empty
                self._maps[number] = held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return held if held is not None and len(held) >= size else None
