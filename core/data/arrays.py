"""NumPy's own files: .npz with arrays x and y; .npy with a table, or with x and the targets in a file beside.

Large samples are mapped: those of an .npy, and of an .npz as `np.savez` writes it, in which arrays lie as they are.
What `np.savez_compressed` writes has to be unpacked, and is read as a whole, as targets are.

Pickles are never read: an array of Python objects is refused by its header, before its contents.
"""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from ..errors import DataError, Place, Refusals
from .datasets import Array, Dataset, Options, Where, check_pairs, integer_targets, quoted, text_targets
from .rows import IN_MEMORY, MAPPED_FROM, MappedFile, Rows, Samples

LOCAL_HEADER = struct.Struct("<26x2H")  # before each file of a zip: its last numbers are the lengths of what follows
ENCRYPTED = 1  # a bit of a zip's flags
AT_ONCE = 2**20  # bytes

HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_npz(path: Path, shown: str, options: Options) -> Dataset:
    """Read the arrays x (N, ...) and y (N,) or (N, K) of an .npz; `options.target` names another than y."""
    wanted = "y" if options.target is None else options.target
    if not isinstance(wanted, str):
        raise DataError(
            f"{shown}: the name of an array is required as the target; found {wanted}", hint='"target": "y"'
        )
    x: Samples | None = None
    y: Array | None = None
    refusals = Refusals()
    with _refusing_damage(shown), zipfile.ZipFile(path) as archive:
        with refusals.gathering():
            x = _mapped_member(path, archive, "x", shown)
            x = _member(archive, "x", shown) if x is None else x
        with refusals.gathering():
            y = _member(archive, wanted, shown)
    refusals.raise_any()
    assert x is not None
    assert y is not None
    names = {"x": "x", "y": wanted}
    return _dataset(
        x, y, shown, options, lambda o, row: Place(f"{shown}, array {quoted(names[o])}, row {row} (from 0)", shown)
    )


def read_npy(path: Path, shown: str, options: Options, beside: Callable[[str], Path]) -> Dataset:
    """Read a table (N, F + 1) with its targets in a column, the last unless `options.target` is its index.

    Where `options.target` is a file's name, found by `beside`, that file is y and this one x, of any shape. Either way
    this one is mapped where it is large: a batch is read from the file when it is needed.
    """
    found = _mapped(path, shown)
    table = array_file(path, shown) if found is None else found
    if isinstance(options.target, str):
        y = array_file(beside(options.target), options.target)
        names = {"x": shown, "y": options.target}
        return _dataset(table, y, shown, options, lambda o, row: Place(f"{names[o]}, row {row} (from 0)", names[o]))
    if table.ndim != 2 or table.shape[1] < 2:
        raise DataError(
            f"{shown}: a table (samples, features + 1) is required; found shape {table.shape}",
            hint='"target": "labels.npy" names the file of the targets; or save x and y in one .npz',
        )
    width = table.shape[1]
    target = -1 if options.target is None else options.target
    if not -width <= target < width:
        raise DataError(
            f"{shown}: a target column from {-width} to {width - 1} is required; found {target}",
            hint="columns count from 0; -1 is the last",
        )
    columns = {"x": "", "y": f", column {target % width}"}
    drop = partial(np.delete, obj=target, axis=-1)
    x = table.then(drop, table.dtype, (width - 1,)) if isinstance(table, Rows) else drop(table)
    y = _column(table, target)
    return _dataset(x, y, shown, options, lambda o, row: Place(f"{shown}, row {row} (from 0){columns[o]}", shown))


def _column(table: Samples, index: int) -> Array:
    """A column of a table; labels that share a table with real features are floats, so whole ones count."""
    column = table[:, index]
    if column.dtype.kind == "f" and np.isfinite(column).all() and (column == np.floor(column)).all():
        return column.astype(np.int64) if float(np.abs(column).max()) < 2**53 else column
    return column.copy()


def array_file(path: Path, shown: str) -> Array:
    """The array of an NPY file; `shown` is what messages call it. Raises `DataError` for a damaged one."""
    with _refusing_damage(shown), path.open("rb") as file:
        _check_header(file, path.stat().st_size, shown)
        file.seek(0)
        return _usable(np.lib.format.read_array(file, allow_pickle=False), shown)


def _mapped(path: Path, shown: str, start: int = 0, size: int | None = None) -> Rows | None:
    """The rows of a large NPY file of plain numbers, left where they are; None for what is to be read.

    It takes `size` bytes from `start` on: all of the file, or a part of an archive.
    """
    size = path.stat().st_size if size is None else size
    if size < MAPPED_FROM:
        return None
    with _refusing_damage(shown), path.open("rb") as file:
        file.seek(start)
        shape, in_columns, dtype = _check_header(file, start + size, shown)
        if dtype.kind not in "biuf" or dtype.itemsize > 8 or not shape or not math.prod(shape):
            return None
        order: Literal["C", "F"] = "F" if in_columns else "C"
        mapped = MappedFile(path, file, shown)
        rows = Rows(np.memmap(file, dtype, "r", file.tell(), shape, order), file=mapped)
    return rows.astype(np.uint8 if dtype.kind == "b" else dtype.newbyteorder("="))


def _mapped_member(path: Path, archive: zipfile.ZipFile, name: str, shown: str) -> Rows | None:
    """The rows of a large array of an archive in which it lies as it is; None for what is to be read."""
    info = _found(archive, name, shown)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & ENCRYPTED or info.file_size < MAPPED_FROM:
        return None
    with archive.open(info) as content:
        while content.read(AT_ONCE):  # holds the bytes against the archive's sum of them
            pass
    with path.open("rb") as file:
        file.seek(info.header_offset)
        lengths = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    start = info.header_offset + LOCAL_HEADER.size + sum(lengths)
    return _mapped(path, f"{shown}, array {quoted(name)}", start, info.file_size)


def _found(archive: zipfile.ZipFile, name: str, shown: str) -> zipfile.ZipInfo:
    """Where the array of that name stands in an archive. Raises `DataError` for one that is not there."""
    known = [member.removesuffix(".npy") for member in archive.namelist()]
    if name not in known:
        hint = "np.savez(path, x=x, y=y)" if name in ("x", "y") else 'target: one of these, beside "x"'
        if name == "x" and "x_train" in known:  # as Keras hands sets round
            hint = "np.savez(path, x=x_train, y=y_train); of x_test and y_test make a file that held_out names"
        found = ", ".join(quoted(other) for other in known[:8]) or "none"
        raise DataError(f"{shown}: an array named {quoted(name)} is required; found {found}", hint=hint)
    return archive.infolist()[known.index(name)]


def _member(archive: zipfile.ZipFile, name: str, shown: str) -> Array:
    info = _found(archive, name, shown)
    label = f"{shown}, array {quoted(name)}"
    if info.file_size > IN_MEMORY:
        raise DataError(
            f"{label}: at most {IN_MEMORY:,} bytes of an .npz are read into memory; found {info.file_size:,}",
            hint="np.savez does not compress, and its x may be larger than memory"
            if name == "x"
            else 'save x and y as .npy, with "target": "y.npy"',
        )
    with archive.open(info) as file:
        _check_header(file, info.file_size, label)
    with archive.open(info) as file:
        return _usable(np.lib.format.read_array(file, allow_pickle=False), label)


def _check_header(file: IO[bytes], end: int, shown: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and dtype; refused are objects, and more bytes than there are before `end`."""
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise DataError(f"{shown}: an array of numbers is required; found a table of named fields")
    shape, in_columns, dtype = HEADERS[version](file)
    if dtype.hasobject:
        raise DataError(
            f"{shown}: an array of numbers is required; found Python objects, which are never loaded",
            hint="save it with a number type: x.astype(float)",
        )
    claimed = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or claimed > end - file.tell():
        raise DataError(
            f"{shown}: {claimed} bytes of numbers are required by its header; found {max(0, end - file.tell())}",
            hint="the file is truncated: copy or save it again",
        )
    return shape, in_columns, dtype


@contextmanager
def _refusing_damage(shown: str) -> Iterator[None]:
    """Turn what the readers of zip files, headers and numbers raise into one DataError.

    Every exception, since these readers hand on those of the parsers that they use: damage to a header was
    seen to raise ValueError, SyntaxError and tokenize.TokenError, damage to a zip a dozen others.
    """
    try:
        yield
    except (DataError, OSError):
        raise  # the first says more already; the second is no damage, and is told where the path is known
    except Exception as error:
        reason = quoted(str(error) or type(error).__name__, 100)  # zipfile's may quote the whole file
        raise DataError(
            f"{shown}: a whole .npy or .npz file is required; found a damaged one: {reason}",
            hint="save it again by np.save or np.savez",
        ) from error


def _usable(values: Array, shown: str) -> Array:
    """Numbers of a type that NumPy computes with natively, or text; at least one."""
    if values.size == 0:
        raise DataError(f"{shown}: at least one number is required; found an array of shape {values.shape}")
    if values.dtype.kind not in "biufUS":
        raise DataError(
            f"{shown}: integers, real numbers or text labels are required; found {values.dtype}",
            hint="save it with a number type: x.astype(float)",
        )
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        return values.astype(np.float64)
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _dataset(x: Samples, y: Array, shown: str, options: Options, where: Where) -> Dataset:
    if x.dtype.kind == "U":
        raise DataError(f"{shown}: numbers are required in x; found text ({x.dtype})")
    if y.ndim in (1, 2):  # of another shape more is told
        check_pairs(shown, x, y)
    names = tuple(f"x{index}" for index in range(x.shape[1])) if x.ndim == 2 else ()
    if y.ndim == 2 and y.shape[1] == 1 and y.dtype.kind != "f":
        y = y[:, 0]
    targets, class_names = _targets(y, shown, options, partial(where, "y"))
    samples = x if isinstance(x, Rows) else np.ascontiguousarray(x)
    return Dataset(shown, samples, targets, names, class_names, where)


def _targets(
    y: Array, shown: str, options: Options, place: Callable[[int], Place]
) -> tuple[Array, tuple[str, ...] | None]:
    if y.ndim not in (1, 2):
        raise DataError(f"{shown}: targets of shape (N,) or (N, K) are required; found shape {y.shape}")
    labels = y.ndim == 1 and options.task != "regression"
    if y.dtype.kind == "U":
        if not labels:
            raise DataError(f"{shown}: numbers are required as real targets; found text ({y.dtype})")
        return text_targets(y.tolist(), options.classes, shown)
    if labels and y.dtype.kind in "iu":
        return integer_targets(y, options.classes, place)
    if options.task == "classification":
        raise DataError(
            f"{shown}: integer or text labels of shape (N,) are required; found {y.dtype} of shape {y.shape}",
            hint="y.astype(int)",
        )
    real = y if y.dtype.kind == "f" else y.astype(np.float64)
    return np.ascontiguousarray(real.reshape(len(real), -1)), None
