"""From a name or a path to a `Dataset`: the built-in sets, and files of the document's own folder."""

from __future__ import annotations

import difflib
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path

from ..errors import DataError, ParameterError
from .arrays import read_npy, read_npz
from .bundled import BUILTIN, load_builtin
from .datasets import Dataset, Options, check_values, quoted
from .tables import read_table

TEXT_TABLES = (".csv", ".tsv", ".txt")
SUFFIXES = (*TEXT_TABLES, ".npy", ".npz")
CACHED_SETS = 4
UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")  # no file system needs them, and each would break a one-line message

# A document shows its data, checks it and trains on it: three readers, often at once, of one file.
_cache: OrderedDict[Hashable, Dataset] = OrderedDict()
_cache_lock = threading.Lock()


def source(name_or_path: str, folder: Path | None, options: Options | None = None) -> Dataset:
    """The data set of that name, or of the file at that path relative to `folder`, the document's own.

    Read once for one time of change and size of the file. Raises DataError for what cannot be found, read
    or used (NaN, labels out of range), ParameterError for a setting that the source cannot take.
    """
    options = options or Options()
    if name_or_path in BUILTIN:
        check_builtin_options(name_or_path, options)
        return _cached(name_or_path, partial(load_builtin, name_or_path))
    path = locate(name_or_path, folder)
    try:
        return _cached((*_stamp(path, folder, options), options), partial(_read, path, name_or_path, folder, options))
    except OSError as error:
        raise DataError(f"{name_or_path} cannot be read: {error.strerror or error}") from error


def check_builtin_options(name: str, options: Options) -> None:
    """Raise ParameterError where a built-in set is asked for what only a file can be asked for."""
    for setting in ("target", "header", "task", "classes"):
        value = getattr(options, setting)
        if value is not None:
            raise ParameterError(
                f"{setting} must be null for the built-in set {name}; found {value!r}",
                hint="it is a setting of files",
            )


def locate(text: str, folder: Path | None) -> Path:
    """The file at a path relative to `folder`, resolved; DataError unless it lies within that folder."""
    parts = re.split(r"[/\\]", text)
    if ".." in parts or (parts[0] == "" and len(parts) > 1) or re.match(r"[A-Za-z]:", text):
        raise _outside(text)
    if not text or any(unicodedata.category(character) in UNPRINTABLE for character in text):
        raise DataError(f"the name of a data set or file is required as the source; found {quoted(text)}")
    if Path(text).suffix.lower() not in SUFFIXES:
        raise _unknown(text)
    if folder is None:
        raise DataError(
            f"the file {quoted(text)} is looked for beside the document, which has no folder yet",
            hint="save the document first",
        )
    home = folder.resolve()
    path = home.joinpath(*parts).resolve()
    if not path.is_relative_to(home):
        raise _outside(text)  # by a symbolic link
    if not path.is_file():
        # Not only missing files: a pipe or a device would block for ever.
        raise _missing(text, home)
    return path


def _outside(text: str) -> DataError:
    return DataError(
        f"a data file must lie in the document's own folder; found {quoted(text, 80)}",
        hint="copy it there and give its relative path",
    )


def _unknown(text: str) -> DataError:
    near = difflib.get_close_matches(text, BUILTIN, 1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return DataError(
        f"a built-in data set or a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file is required; found {quoted(text)}",
        hint=f"{hint}built in: {', '.join(BUILTIN)}",
    )


def _missing(text: str, home: Path) -> DataError:
    try:
        present = sorted(entry.name for entry in home.iterdir() if entry.suffix.lower() in SUFFIXES)
    except OSError:
        present = []  # the hint is poorer; the message stands
    near = difflib.get_close_matches(text, present, 3) or present[:5]
    known = ", ".join(quoted(name) for name in near) or "none"
    return DataError(
        f"the data file {quoted(text, 80)} is not in the document's folder", hint=f"data files there: {known}"
    )


def _stamp(path: Path, folder: Path | None, options: Options) -> tuple[Hashable, ...]:
    """Which bytes a file holds, as far as can be told without reading it; with those of its targets' file."""
    paths = [path]
    if path.suffix.lower() == ".npy" and isinstance(options.target, str):
        paths.append(locate(options.target, folder))
    stats = [(each, each.stat()) for each in paths]
    return tuple((each, stat.st_mtime_ns, stat.st_size) for each, stat in stats)


def _cached(key: Hashable, load: Callable[[], Dataset]) -> Dataset:
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    dataset = load()
    check_values(dataset)
    with _cache_lock:
        _cache[key] = dataset
        while len(_cache) > CACHED_SETS:
            _cache.popitem(last=False)
    return dataset


def _read(path: Path, shown: str, folder: Path | None, options: Options) -> Dataset:
    suffix = path.suffix.lower()
    if suffix in TEXT_TABLES:
        return read_table(path, shown, options)
    if suffix == ".npz":
        return read_npz(path, shown, options)
    return read_npy(path, shown, options, lambda text: locate(text, folder))
