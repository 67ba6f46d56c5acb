"""From a name or a path to a `Dataset`: built-in and made sets, and files of the document's own folder."""

from __future__ import annotations

import difflib
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from ..cancelling import Cancelled, never
from ..errors import DataError
from ..near import plain
from .arrays import read_npy, read_npz
from .bundled import BUILTIN, load_builtin
from .datasets import Dataset, Options, check_values, quoted
from .folders import classes_of, is_folder, read_folder, stamp
from .idx import array_of, labels_beside, read_idx
from .kinds import SUFFIXES, check_options, is_file, kind_of
from .made import MADE, make
from .tables import read_table
from .texts import read_text

CACHED_SETS = 4
LONGEST = 200  # characters of a name that are told
SHOWN = 5  # data files that a hint names
_IDX = 'its IDX files, such as "train-images-idx3-ubyte.gz" with "train-labels-idx1-ubyte.gz",'
_BY_FILES = {  # sets that do not come along, and in which form each is read
    **dict.fromkeys(("mnist", "fashionmnist", "kmnist", "kuzushijimnist", "emnist", "qmnist"), _IDX),
    **dict.fromkeys(
        ("cifar10", "cifar100", "svhn", "stl10", "imagenet"), "a folder with a folder of images for each class"
    ),
    **dict.fromkeys(("california", "californiahousing", "boston", "titanic", "penguins"), "its table as .csv"),
}
UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")  # no file system needs them, and each would break a one-line message

# A document shows its data, checks it and trains on it: three readers, often at once, of one file.
_cache: OrderedDict[Hashable, Dataset] = OrderedDict()
_cache_lock = threading.Lock()


def source(
    name_or_path: str, folder: Path | None, options: Options | None = None, cancelled: Cancelled = never
) -> Dataset:
    """The data set of that name, or of the file at that path relative to `folder`, the document's own.

    Read once for one time of change and size of the file. Raises DataError for what cannot be found, read
    or used (NaN, labels out of range), ParameterError for a setting that the source cannot take; and `Stopped` soon
    after it is `cancelled`, which tables and folders of images look at as they are read.
    """
    options = options or Options()
    check_options(name_or_path, options)
    if name_or_path in BUILTIN:
        return _cached(BUILTIN[name_or_path], partial(load_builtin, name_or_path))
    if name_or_path in MADE:
        return _cached((name_or_path, options), partial(make, name_or_path, options))
    try:
        path = locate(name_or_path, folder)
        target = _target_file(name_or_path, folder, options)
        with _of_target():
            labels = () if target is None else _stamp(locate(target, folder))
        key = *_stamp(path), *labels, options
        return _cached(key, partial(_read, path, name_or_path, folder, options, target, cancelled))
    except OSError as error:
        shown = name_or_path if len(name_or_path) <= LONGEST else quoted(name_or_path, LONGEST)
        raise DataError(f"{shown} cannot be read: {error.strerror or error}") from error


def files_of(params: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """The files that a dataset node reads, by their paths relative to `folder`; those that are not there left out."""
    found: dict[str, Path] = {}
    target = params.get("target")
    for name in (params.get("source"), params.get("held_out")):
        with suppress(DataError, OSError):  # running tells what is wrong with it
            if isinstance(name, str) and is_file(name):
                found |= _files_of(name, target if name == params.get("source") else None, folder)
    with suppress(DataError, OSError):  # a column's name that looks like a file's
        if isinstance(target, str) and is_file(target):
            found[_written(target)] = locate(target, folder)
    return found


def _files_of(name: str, target: Any, folder: Path) -> dict[str, Path]:
    """Those of one source, with the file of its labels."""
    path = locate(name, folder)
    if is_folder(name):
        each_class = classes_of(path, name).values()
        return {each.relative_to(folder.resolve()).as_posix(): each for paths in each_class for each in paths}
    found = {_written(name): path}
    with suppress(DataError, OSError):
        beside = _target_file(name, folder, Options(target=target if isinstance(target, str) else None))
        if beside is not None:
            found[_written(beside)] = locate(beside, folder)
    return found


def _written(name: str) -> str:
    return name.replace("\\", "/")


def locate(text: str, folder: Path | None) -> Path:
    """The file at a path relative to `folder`, resolved; DataError unless it lies within that folder."""
    parts = re.split(r"[/\\]", text)
    if ".." in parts or (parts[0] == "" and len(parts) > 1) or re.match(r"[A-Za-z]:", text):
        raise _outside(text)
    if not text or any(unicodedata.category(character) in UNPRINTABLE for character in text):
        raise DataError(f"the name of a data set or file is required as the source; found {quoted(text)}")
    if not is_file(text):
        raise _unknown(text, folder)
    if folder is None:
        raise DataError(
            f"the {'folder' if is_folder(text) else 'file'} {quoted(text)} is looked for beside the document,"
            " which has no folder yet",
            hint="save the document first",
        )
    home = folder.resolve()
    path = home.joinpath(*parts).resolve()
    if not path.is_relative_to(home):
        raise _outside(text)  # by a symbolic link
    if not (path.is_dir() if is_folder(text) else path.is_file()):
        # Not only missing files: a pipe or a device would block for ever.
        raise _missing(text, home)
    return path


def _outside(text: str) -> DataError:
    return DataError(
        f"a data file must lie in the document's own folder; found {quoted(text, 80)}",
        hint="copy it there and give its relative path",
    )


def _unknown(text: str, folder: Path | None) -> DataError:
    near = difflib.get_close_matches(text, (*BUILTIN, *MADE), 1)
    if folder is not None:
        near = [name for name in _present(folder) if name.startswith(f"{text}.")] or near
        near = [f"{text}/"] if (folder / text).is_dir() else near
    hint = f'did you mean "{near[0]}"? ' if near else ""
    if (files := _BY_FILES.get(plain(text))) is not None:
        hint = f"it does not come along: put {files} beside the document and give that name; "
    if Path(text).suffix.lower() in (".parquet", ".arrow", ".feather", ".xlsx", ".xls", ".ods", ".json"):
        hint = "save it as .csv, or its numbers as .npz; "
    absent = bool(Path(text).suffix) and folder is not None and not (folder / text).exists()
    if text.lower().endswith(".gz") and not absent:
        hint = "unpack it, only IDX files are read packed; "
    return DataError(
        f"a data set, a {', '.join(SUFFIXES)} or IDX file (also as .gz) or a folder of images is required;"
        f" found {quoted(text)}" + ", and no such file is in the document's folder" * absent,
        hint=f"{hint}{_there(folder)}built in: {', '.join(BUILTIN) or 'none'}; made: {', '.join(MADE)};"
        " a folder's name ends in /",
    )


def _there(folder: Path | None) -> str:
    """The data files beside the document, the first of them, as the beginning of a hint; nothing where none is."""
    found = [] if folder is None else _present(folder)
    return f"data files there: {_listed(found)}; " if found else ""


def _listed(names: list[str]) -> str:
    return ", ".join(map(quoted, names[:SHOWN])) + f" and {len(names) - SHOWN} more" * (len(names) > SHOWN)


def _present(home: Path) -> list[str]:
    """The data files and folders of images in a folder."""
    try:
        names = (entry.name + "/" * entry.is_dir() for entry in home.iterdir())
        return sorted(filter(is_file, names), key=lambda name: (name.endswith("/"), name))
    except OSError:
        return []  # the hint is poorer; the message stands


def _missing(text: str, home: Path) -> DataError:
    present = _present(home)
    near = difflib.get_close_matches(text, present, 3)
    known = _listed([*near, *(name for name in present if name not in near)]) or "none"
    if not is_folder(text) and (home / text).is_dir():
        raise DataError(f"a data file is required; {quoted(text, 80)} is a folder", hint="a folder of images ends in /")
    return DataError(
        f"the {'folder' if is_folder(text) else 'data file'} {quoted(text, 80)} is not in the document's folder",
        hint=f"data files there: {known}",
    )


def _stamp(path: Path) -> tuple[Hashable, ...]:
    """Which bytes a file holds, or those of a folder, as far as can be told without reading them."""
    if path.is_dir():
        return (path, stamp(path))
    stat = path.stat()
    return (path, stat.st_mtime_ns, stat.st_size)


def _target_file(text: str, folder: Path | None, options: Options) -> str | None:
    """The file that holds the targets of a source, where that is another; `folder` is the document's own."""
    kind = kind_of(text, options)
    if kind == "arrays" and text.lower().endswith(".npy") and isinstance(options.target, str):
        return options.target
    if kind != "idx":
        return None
    if isinstance(options.target, str):
        return options.target
    if options.target is not None:
        raise DataError(f"{text}: the file of its labels is required as the target; found {options.target}")
    names = labels_beside(text)
    for name in names:
        with suppress(DataError):
            locate(name, folder)
            return name
    expected = f"{quoted(names[0], 80)} is not beside it" if names else 'its name has no "images"'
    raise DataError(f"{text}: a file of its labels is required; {expected}", hint='"target" names that file')


@contextmanager
def _of_target() -> Iterator[None]:
    """A refusal within says that the setting `target` is meant."""
    try:
        yield
    except DataError as error:
        raise DataError(f"target: {error.message}", hint=error.hint, place=error.place) from error


@contextmanager
def _maybe_a_text(shown: str) -> Iterator[None]:
    """A refusal within says what would make a text of a .txt file."""
    try:
        yield
    except DataError as error:
        if shown.lower().endswith(".txt"):
            words = '"window": 32 makes it a text, of which each sample is so many characters'
            error.hint = f"{error.hint}; {words}" if error.hint else words
        raise


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


def _read(
    path: Path, shown: str, folder: Path | None, options: Options, target: str | None, cancelled: Cancelled
) -> Dataset:
    def beside(text: str) -> Path:
        return locate(text, folder)

    match kind_of(shown, options):
        case "folder":
            return read_folder(path, shown, options, cancelled)
        case "idx":
            assert target is not None
            with _of_target():
                labels = array_of(locate(target, folder), target)
            return read_idx(path, shown, labels, target, options)
        case "text":
            return read_text(path, shown, options)
        case "table":
            with _maybe_a_text(shown):
                return read_table(path, shown, options, cancelled)
    if path.suffix.lower() == ".npz":
        return read_npz(path, shown, options)
    return read_npy(path, shown, options, beside)
