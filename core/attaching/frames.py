"""What goes over the line: frames, each a head of JSON and raw bytes behind it, with both lengths said first.

Nothing that comes in is evaluated or unpickled. What is too large is refused before it is read.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import FileError, RunError
from ..files.strict_json import read_json

VERSION = 2
MARK = b"gwAT"
HEAD = 2**22  # bytes of JSON: the index of some 40,000 arrays
BODY = 2**26  # bytes behind it
_LENGTHS = struct.Struct("<4sHIQ")  # mark, version, bytes of the head, of the body


class Frame(NamedTuple):
    """A message: what it says, of which `kind`, and the bytes that belong to it."""

    kind: str
    head: Mapping[str, Any]
    body: bytes = b""


def encoded(kind: str, body: bytes = b"", **head: Any) -> bytes:
    """A frame as it is sent."""
    text = json.dumps({"kind": kind, **head}).encode()
    return _LENGTHS.pack(MARK, VERSION, len(text), len(body)) + text + body


class Decoder:
    """Takes bytes as they come, and gives the frames that are whole. Raises `RunError` for what is none; after that
    nothing more can be understood.
    """

    def __init__(self, most: int = HEAD + BODY) -> None:
        self.most = most  # bytes of a frame that are taken
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole with these bytes."""
        self._held += data
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        held = self._held
        if len(held) < _LENGTHS.size:
            if not MARK.startswith(bytes(held[: len(MARK)])):
                raise RunError("what came is no message of Gradwire")
            return None
        mark, version, head, body = _LENGTHS.unpack_from(held)
        if mark != MARK:
            raise RunError("what came is no message of Gradwire")
        if version != VERSION:
            raise RunError(f"the message is of version {version}, this program speaks {VERSION}")
        if head > HEAD or body > BODY or head + body > self.most:
            raise RunError(f"a message has at most {self.most:,} bytes here, this one {head + body:,}")
        start, end = _LENGTHS.size + head, _LENGTHS.size + head + body
        if len(held) < end:
            return None
        text, rest = bytes(held[_LENGTHS.size : start]), bytes(held[start:end])
        del held[:end]
        return _read(text, rest)


def _read(text: bytes, body: bytes) -> Frame:
    try:
        head = read_json(text, "the message")
    except FileError as error:
        raise RunError(error.message) from None
    if not isinstance(head, dict) or not isinstance(head.get("kind"), str):
        raise RunError("the head of a message is an object with its kind")
    return Frame(head.pop("kind"), head, body)
