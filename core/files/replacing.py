"""Files replaced whole or not at all, alone or a graph together with its values.

All goes through `os`, call by call: tests make each of them fail, and stop the program at each.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ..errors import FileError
from .values import content_hash, parse_values

VALUES_SUFFIX = ".safetensors"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_CHUNK = 2**30  # bytes; some systems write no more at once


def values_path(path: Path) -> Path:
    """Where the values of the graph at `path` stand."""
    return path.with_suffix(VALUES_SUFFIX)


def pending_path(path: Path, values_hash: str) -> Path:
    """Where values with this hash stand until the graph that names them is in place."""
    return _temporary(path, values_hash, VALUES_SUFFIX)


def _temporary(path: Path, digest: str, suffix: str) -> Path:
    return path.with_name(f"{path.stem}.{digest[:12]}{suffix}.tmp")


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of the file at `path`; a link there stays, and leads to it. OSError leaves the old one as
    it was.
    """
    path = Path(os.path.realpath(path))
    new = _temporary(path, sha256(data).hexdigest(), path.suffix)
    try:
        _write_new(new, data, like=path)
        os.replace(new, path)
    except OSError:
        _remove(new)
        raise
    _sync_folder(path)
    _sweep(path, [path.suffix])


def replace_pair(path: Path, graph: bytes, values: bytes, values_hash: str) -> None:
    """Put a graph and its values in the place of those at `path`. OSError leaves the old ones as they were.

    Stopped anywhere, what stands there is the old pair or the new one: the values wait under a name with
    their hash, then the graph that names them takes its place, then they do, now or when it is next opened.
    """
    digest = sha256(graph).hexdigest()
    new, old = _temporary(path, digest, path.suffix), _temporary(path, digest, ".old")
    pending, final = pending_path(path, values_hash), values_path(path)
    ours = [new, old]
    try:
        if not _holds(pending, values_hash):  # else the old graph may be waiting for these very values
            ours.append(pending)
            _write_new(pending, values, like=final)
        _write_new(new, graph, like=path)
        had_one = _keep(path, old)
        _sync_folder(path)  # that the values are there must be known to the disk before the graph names them
        os.replace(new, path)
        _sync_folder(path)
        try:
            os.replace(pending, final)
        except OSError:
            # A program that opened the graph just now may have been first.
            if not _holds(final, values_hash) and _put_back(old, path, had_one):
                raise
    except OSError:
        for leftover in ours:
            _remove(leftover)
        raise
    _sync_folder(path)
    _sweep(path, [path.suffix, ".old", VALUES_SUFFIX], keep=pending.name)


def _put_back(old: Path, path: Path, had_one: bool) -> bool:
    """Whether the old graph is back. If not the new one stays, its values pending: that is a pair too."""
    try:
        os.replace(old, path) if had_one else os.unlink(path)
    except OSError:
        return False
    return True


def _write_new(path: Path, data: bytes, like: Path) -> None:
    """Write a file and have it on the disk, with the permissions of the file `like` where there is one."""
    _remove(path)  # of a save that was stopped; never written into, as it might be a link
    descriptor = os.open(path, _NEW, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    with suppress(FileNotFoundError):
        os.chmod(path, stat.S_IMODE(os.stat(like).st_mode))


def _keep(path: Path, old: Path) -> bool:
    """Keep the file at `path` under another name too; whether there is one."""
    if not path.exists():
        return False
    _remove(old)
    try:
        os.link(path, old)
    except OSError:  # a file system without links
        _write_new(old, path.read_bytes(), like=path)
    return True


def _holds(path: Path, values_hash: str) -> bool:
    """Whether there is a file with these values, whole."""
    try:
        return content_hash(parse_values(path.read_bytes(), str(path))) == values_hash
    except (OSError, FileError):
        return False


def _remove(path: Path) -> None:
    with suppress(OSError):  # either it is not there, or the next call that needs the name says why
        os.unlink(path)


def _sync_folder(path: Path) -> None:
    """Have the names in the folder of `path` on the disk."""
    with suppress(OSError):  # Windows and some network file systems cannot, and need not
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(path: Path, suffixes: list[str], keep: str | None = None) -> None:
    """Remove what saves of this file that were stopped have left behind: nothing refers to it any more."""
    kinds = "|".join(map(re.escape, suffixes))
    ours = re.compile(rf"{re.escape(path.stem)}\.[0-9a-f]{{12}}({kinds})\.tmp")
    with suppress(OSError):  # the save is done; what cannot be removed harms nobody
        for name in os.listdir(path.parent):
            if ours.fullmatch(name) and name != keep:
                _remove(path.with_name(name))
