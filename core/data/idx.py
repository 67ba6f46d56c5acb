"""IDX files, the form in which MNIST is handed round: images in one file, labels in another, gzipped or not."""

from __future__ import annotations

import gzip
import math
import re
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from ..errors import DataError, Place
from .datasets import Array, Dataset, Options, integer_targets, quoted
from .rows import IN_MEMORY, MAPPED_FROM, MappedFile, Rows

NAME = re.compile(r".*[.-]idx\d?(-ubyte)?(\.gz)?", re.IGNORECASE | re.DOTALL)
# Third byte of a file: how its numbers are stored, the greatest byte first.
DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_AXES = 8
DENSEST = 1032  # bytes that one byte of deflate can stand for at most


class Header(NamedTuple):
    """What stands before the numbers: their type and shape, and how many bytes it takes itself."""

    dtype: np.dtype
    shape: tuple[int, ...]
    size: int

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def is_idx(text: str) -> bool:
    """Whether a file of this name is one: `train-images-idx3-ubyte.gz`, `train.idx`."""
    return NAME.fullmatch(text) is not None


def labels_beside(text: str) -> tuple[str, ...]:
    """The names that the labels of the images in `text` may have, by the naming of MNIST."""
    name = text.replace("\\", "/")
    folder, slash, file = name.rpartition("/")
    if "images" not in file:
        return ()
    plain = re.sub(r"idx\d", "idx1", file.replace("images", "labels")).removesuffix(".gz")
    other = re.sub(r"[.-](idx1)", lambda found: ("-" if found[0][0] == "." else ".") + found[1], plain)
    packed = (".gz", "") if file.endswith(".gz") else ("", ".gz")
    return tuple(f"{folder}{slash}{each}{end}" for each in (plain, other) for end in packed)


def read_idx(path: Path, shown: str, labels: Array, name: str, options: Options) -> Dataset:
    """Read images (or other numbers) from `path`; their `labels` were read from the file of that `name`.

    With three axes they are images, which get one for the channel: (N, 1, height, width). Bytes of images become pixels
    from 0 to 1, a 255th each; numbers of other types stay as they are.
    """
    x, file = _opened(path, shown)
    y = np.asarray(labels)
    if x.ndim < 2 or y.ndim != 1 or len(x) != len(y):
        raise DataError(
            f"{shown}: samples (N, ...) and labels (N,) are required; found {x.shape}, and {y.shape} in {quoted(name)}",
            hint='"target": the file of its labels',
        )
    names = {"x": shown, "y": name}

    def where(output: str, row: int) -> Place:
        return Place(f"{names[output]}, row {row} (from 0)", names[output])

    x = x[:, None] if x.ndim == 3 else x
    samples = Rows(x, file=file)
    if x.dtype == np.uint8 and x.ndim >= 3:
        samples = pixels(x, file)
    elif x.dtype.byteorder == ">":
        samples = samples.astype(x.dtype.newbyteorder("="))
    if options.task == "regression" or y.dtype.kind == "f":
        return Dataset(shown, samples, y.astype(np.float64)[:, None], (), None, where)
    targets, class_names = integer_targets(y, options.classes, lambda row: where("y", row))
    return Dataset(shown, samples, targets, (), class_names, where)


def pixels(images: Array, file: MappedFile | None = None) -> Rows:
    """Images of bytes (N, ...) as float32 from 0 to 1, made as they are taken: a quarter of the memory.

    `file` is the one that they are mapped from.
    """
    return Rows(images, None, (_to_unit,), np.float32, file=file)


def _to_unit(values: Array) -> Array:
    return values / np.float32(255)


def array_of(path: Path, shown: str) -> Array:
    """The array of an IDX file, in memory. Raises `DataError` for a damaged one."""
    found, file = _opened(path, shown)
    return found if file is None else np.array(found)


def _opened(path: Path, shown: str) -> tuple[Array, MappedFile | None]:
    """The array of an IDX file, mapped where it is large and not packed: then with the file that it is mapped from."""
    if shown.lower().endswith(".gz"):
        return _unpacked(path, shown), None
    with path.open("rb") as file:
        header = _header(file, shown)
        _check_size(header, path.stat().st_size - header.size, shown)
        if header.nbytes >= MAPPED_FROM:
            mapped = np.memmap(file, header.dtype, "r", header.size, header.shape)
            return mapped, MappedFile(path, file, shown)
        return _array(file.read(header.nbytes), header), None


def _unpacked(path: Path, shown: str) -> Array:
    try:
        with gzip.open(path) as file:
            header = _header(file, shown)
            if header.nbytes > min(IN_MEMORY, path.stat().st_size * DENSEST):
                raise DataError(
                    f"{shown}: at most {min(IN_MEMORY, path.stat().st_size * DENSEST):,} bytes can be unpacked from it;"
                    f" its header claims {header.nbytes:,}",
                    hint="copy it again, or unpack it: a file that is not packed may be larger than memory",
                )
            content = file.read(header.nbytes + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(
            f"{shown}: a whole gzip file is required; found a damaged one: {quoted(str(error), 100)}",
            hint="copy it again",
        ) from error
    _check_size(header, len(content), shown)
    return _array(content, header)


def _array(content: bytes, header: Header) -> Array:
    values: Array = np.frombuffer(content, header.dtype).reshape(header.shape)
    return values


def _header(file: BinaryIO | gzip.GzipFile, shown: str) -> Header:
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in DTYPES or not 1 <= start[3] <= MOST_AXES:
        raise DataError(
            f"{shown}: an IDX file is required, which begins with 0, 0, the type of its numbers and how many axes;"
            f" found {' '.join(str(byte) for byte in start) or 'an empty file'}",
            hint="the type is 8, 9, 11, 12, 13 or 14",
        )
    lengths = file.read(4 * start[3])
    if len(lengths) < 4 * start[3]:
        raise DataError(f"{shown}: the lengths of {start[3]} axes are required; the file ends within them")
    shape = struct.unpack(f">{start[3]}I", lengths)
    if 0 in shape:
        raise DataError(f"{shown}: at least one number is required; found an array of shape {shape}")
    return Header(np.dtype(DTYPES[start[2]]), shape, 4 + len(lengths))


def _check_size(header: Header, found: int, shown: str) -> None:
    if found != header.nbytes:
        amount = f"{found:,}" if found < header.nbytes else "more"
        raise DataError(
            f"{shown}: {header.nbytes:,} bytes of numbers are required by its header, of shape {header.shape};"
            f" found {amount}",
            hint="the file is damaged: copy it again",
        )
