"""A PNG that carries the graph it shows, in a text chunk of its own (PNG specification 11.3.4.5, iTXt).

What is read comes from anywhere: lengths are held against limits before anything is made of them, and the graph
goes through the reader of files, in which nothing can run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from ...core.errors import FileError
from ...core.files import parse_graph
from ...core.graph import Graph

KEYWORD = b"gradwire"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_FILE = 256 * 2**20  # bytes of a picture
LARGEST_GRAPH = 256 * 2**20  # bytes of the graph's JSON


def with_graph(png: bytes, graph: bytes) -> bytes:
    """A PNG with the bytes of a `.gw` file in it, before its last chunk."""
    # Keyword, then: compressed, by deflate, no language, no translated keyword.
    content = KEYWORD + b"\0\1\0\0\0" + zlib.compress(graph, 9)
    chunk = len(content).to_bytes(4, "big") + b"iTXt" + content + _check(b"iTXt" + content)
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


def _check(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "big")


def read_embedded(path: Path) -> bytes | None:
    """The bytes of the `.gw` file that a picture carries, None where it carries none or is no PNG.

    Raises `FileError` for a file that cannot be read, is too large, or whose graph is damaged.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise FileError(f"{path.name}: a picture may have {LARGEST_FILE // 2**20} MiB, found {size / 2**20:.0f}")
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror or error}") from error
    for kind, content, whole in _chunks(data):
        if kind == b"iTXt" and content.startswith(KEYWORD + b"\0"):
            if not whole:
                raise FileError(f"{path.name}: the graph in the picture is damaged", hint="export it anew")
            return _unpacked(content, path.name)
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Kind and content of each chunk, and whether its check sum fits."""
    if not data.startswith(SIGNATURE):
        return
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        yield kind, content, len(content) == length and check == _check(kind + content)
        if kind == b"IEND":
            return
        at += 12 + length


def _unpacked(content: bytes, name: str) -> bytes:
    """The text of an iTXt chunk."""
    damaged = FileError(f"{name}: the graph in the picture is damaged", hint="export it anew")
    compressed, method, rest = content[9:10], content[10:11], content[11:]
    fields = rest.split(b"\0", 2)  # language, translated keyword, text
    if len(fields) != 3 or compressed not in (b"\0", b"\1") or method != b"\0":
        raise damaged
    if compressed == b"\0":
        return fields[2]
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(fields[2], LARGEST_GRAPH)
    except zlib.error as error:
        raise damaged from error
    if reader.unconsumed_tail:
        raise FileError(f"{name}: a graph in a picture may have {LARGEST_GRAPH // 2**20} MiB, found more")
    if not reader.eof:
        raise damaged
    return found


def read_picture(path: Path) -> Graph:
    """The graph that a picture carries. Raises `FileError` where there is none, or it cannot be read."""
    path = Path(path)
    data = read_embedded(path)
    if data is None:
        raise FileError(f"{path.name} carries no graph", hint="a PNG exported by Gradwire does")
    return parse_graph(data, path.name)[0]
