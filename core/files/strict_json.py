"""JSON as the standard has it, with limits: read with refusals that say where, written as one line a value.

Python's reader takes more than the standard (NaN, Infinity, numbers beyond the floats, a key twice in one
object): such a file would say something else to the next program, so it is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ..errors import FileError, Refusals

LARGEST = 2**28  # bytes: some two million nodes; more is no graph that this program could hold
_DEEPEST = 128  # levels; parameters and settings may nest 100
_DIGITS = 1000  # of one number; reading takes time that grows with their square
_BLOCK = 2**20  # bytes looked at together for their depth

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+|"', re.DOTALL)
_INTEGER = re.compile("-?[0-9]+")
# JSON allows these within texts, but editors and diffs show them as ends of lines or not at all.
_UNSEEN = re.compile("[\x80-\x9f\u2028\u2029\ud800-\udfff]")

_line_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False, check_circular=False)


def read_json(data: bytes, name: str, largest: int = LARGEST) -> Any:
    """The JSON value in `data`, which is UTF-8; `name` says in messages where it comes from.

    Raises FileError: too large, not UTF-8, not JSON (with line and column), nested more than 128 levels deep; and,
    all that there are together, NaN or Infinity, numbers that no float holds or of more than 1,000 digits, a key
    twice in one object.
    """
    if len(data) > largest:
        raise FileError(f"{name}: at most {largest:,} bytes can be read, found {len(data):,}")
    try:
        text = data.decode("utf-8-sig")  # some editors put a mark before UTF-8
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{name}: UTF-8 text is required, found the byte {data[error.start]:#04x} in line {line}"
        raise FileError(message, hint="save it as UTF-8, not compressed") from None
    _refuse_deep(data, name)
    strict = _Strict()
    refusals = Refusals(f"{name}: ")
    syntax: json.JSONDecodeError | None = None
    try:
        value = strict.read(text)
    except json.JSONDecodeError as error:
        value, syntax = None, error
    except RecursionError:  # a caller that is deep in the stack itself
        raise FileError(f"{name}: JSON nests too deep to be read here") from None
    if strict.refuses:
        _refuse_lax(text if syntax is None else text[: syntax.pos], name, refusals)
    if syntax is not None:
        refusals.add(_explain(syntax, text, name))
    refusals.raise_any()
    return value


def _explain(error: json.JSONDecodeError, text: str, name: str) -> FileError:
    where = f"line {error.lineno}, column {error.colno}"
    if not text.strip():
        return FileError(f"{name}: JSON is required, found an empty file")
    cut_off = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
    hint = "the file ends before its JSON does: it was cut off" if cut_off else None
    return FileError(f"{name}: valid JSON is required, {where}: {error.msg}", hint=hint)


# --- what Python's reader would take


class _Strict:
    """Python's reader, noticing what it takes and the standard does not. Where that stands it cannot say."""

    refuses = False

    def read(self, text: str) -> Any:
        return json.loads(
            text,
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._int,
            parse_constant=self._constant,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            self.refuses = True
        return result

    def _float(self, literal: str) -> float:
        number = float(literal)
        if len(literal) > _DIGITS or math.isinf(number):
            self.refuses = True
        return number

    def _int(self, literal: str) -> int:
        if len(literal) > _DIGITS:
            self.refuses = True
            return 0
        return int(literal)

    def _constant(self, literal: str) -> None:
        self.refuses = True


def _refuse_lax(text: str, name: str, refusals: Refusals) -> None:
    """Add what the standard does not allow in `text` and where it stands; a second reading, made for messages only.

    `text` is JSON as Python takes it, or the beginning of it.
    """
    keys: list[set[str]] = []
    last, start = "", 0
    for token in _TOKEN.finditer(text):
        found, place, fault = token[0], token.start(), None
        if found == "{":
            keys.append(set())
        elif found == "}":
            keys.pop()
        elif found == '"':
            break  # of a text that the beginning cuts off
        elif found[0] == '"':
            last, start = found, place
        elif found == ":":
            key = json.loads(last)
            if key in keys[-1]:
                place, fault = start, f"a key may stand once in an object, {shorten(repr(key))} stands twice"
            keys[-1].add(key)
        elif found not in ("[", "]", ","):
            fault = _fault_of_literal(found)
        if fault is not None:
            refusals.add_made(partial(_at, text, place, f"{name}: {fault}, found at"))


def _fault_of_literal(literal: str) -> str | None:
    """What the standard does not allow in a number or a word."""
    if literal in ("NaN", "Infinity", "-Infinity"):
        return f'JSON has no {literal} (a parameter says "inf", "-inf" or "nan")'
    if len(literal) > _DIGITS:
        return f"a number may have {_DIGITS} digits, this one has {len(literal)}"
    if not literal.isalpha() and not _INTEGER.fullmatch(literal) and math.isinf(float(literal)):
        return f"a number must fit a 64-bit float, {shorten(literal)} does not"
    return None


def _at(text: str, start: int, message: str) -> FileError:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    return FileError(f"{message} line {line}, column {column}")


def _refuse_deep(data: bytes, name: str) -> None:
    """Count the levels before they are read: the reader recurses, and some stacks end without an error."""
    # What is escaped within a text neither ends it nor opens a level. Same lengths, so that places hold.
    plain = data.replace(b"\\\\", b"..").replace(b'\\"', b"..") if b"\\" in data else data
    levels = np.zeros(256, np.int8)
    levels[list(b"[{")], levels[list(b"]}")] = 1, -1
    depth, quotes = 0, 0
    for start in range(0, len(plain), _BLOCK):
        block = np.frombuffer(plain, np.uint8, min(_BLOCK, len(plain) - start), start)
        quoted = (quotes + np.cumsum(block == ord('"'), dtype=np.int32)) % 2
        depths = depth + np.cumsum(np.where(quoted, 0, levels[block]), dtype=np.int32)
        too_deep = depths > _DEEPEST
        if too_deep.any():
            line = data.count(b"\n", 0, start + int(too_deep.argmax())) + 1
            raise FileError(f"{name}: JSON may nest {_DEEPEST} levels deep, found more at line {line}")
        depth, quotes = int(depths[-1]), int(quoted[-1])


# --- words for messages


def shorten(text: str, longest: int = 60) -> str:
    """`text` in one line of at most `longest` characters."""
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def describe(value: Any) -> str:
    """What a JSON value is, in words: "a list", "the text 'abc'"."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {shorten(repr(value))}"
        case int() | float():
            return f"the number {shorten(repr(value))}"
        case Mapping():
            return "an object"
        case _:
            return "a list"


# --- writing


def write_line(value: Any) -> str:
    """A JSON value as one line with sorted keys. NaN and infinities become the texts that parameters take.

    What UTF-8 cannot hold, and what ends a line for some editors, is escaped by `to_bytes`.
    """
    try:
        return _line_encoder.encode(value)
    except ValueError:  # rare, and looking for it in every value would cost as much as writing
        return _line_encoder.encode(finite(value))


def to_bytes(text: str) -> bytes:
    """JSON text as UTF-8."""
    if not text.isascii():
        # Two halves of one character are the same character written otherwise: one form for both.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode("utf-8")


def finite(value: Any) -> Any:
    """`value` with numbers that JSON does not have, NaN and the infinities, as texts."""
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    return [finite(inner) for inner in value] if isinstance(value, (list, tuple)) else value
