"""A `.gwz` file: a zip of a graph and its values, for sharing. Read in memory, never unpacked to the disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

from ..errors import FileError
from .strict_json import LARGEST, shorten

_GRAPH, _VALUES = "graph.gw", "graph.safetensors"  # a pair that opens when somebody unpacks it
_LARGEST_PACKED = 2**32  # bytes of compressed values: a zip of a few kB can hold any number of zeros
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say; the same bytes whenever it is saved

# What zipfile raises for bytes that are no zip, or one made to break it.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OSError,
    RuntimeError,
    NotImplementedError,
    LookupError,
)


def pack(graph: bytes, values: bytes | None) -> bytes:
    """The bytes of a `.gwz` file; the same parts give the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(_entry(_GRAPH, zipfile.ZIP_DEFLATED), graph)
        if values is not None:
            # As they are: trained numbers do not get smaller.
            archive.writestr(_entry(_VALUES, zipfile.ZIP_STORED), values)
    return buffer.getvalue()


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = compression
    entry.create_system = 3  # else the bytes would tell the system that saved them
    entry.external_attr = 0o644 << 16
    return entry


def unpack(data: bytes, suffix: str, name: str) -> bytes | None:
    """The one entry of a `.gwz` file whose name ends in `suffix`, None if there is none. Raises FileError."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(suffix)]
            if len(entries) > 1:
                raise FileError(f"{name}: one {suffix} file is required in the zip, found {len(entries)}")
            return _read(archive, entries[0], name) if entries else None
    except _BROKEN as error:
        message = f"{name}: a zip of a graph and its values is required, {shorten(str(error), 200)}"
        raise FileError(message, hint="it may be cut off") from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    if entry.compress_type == zipfile.ZIP_STORED:
        most = entry.compress_size  # no longer than the file that holds it
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        most = LARGEST if entry.filename.endswith(".gw") else _LARGEST_PACKED
    else:
        raise FileError(f"{name}: {shorten(repr(entry.filename))} must be stored or deflated, not otherwise")
    with archive.open(entry) as file:
        content = file.read(most + 1)  # what the zip says of the size may be wrong
    if len(content) > most:
        raise FileError(f"{name}: {shorten(repr(entry.filename))} may have {most:,} bytes, found more")
    return content
