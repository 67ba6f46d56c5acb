"""Arrays of one look at a script's computation, as a frame: an index in the head, little-endian numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..errors import RunError
from ..graph import Source
from ..runs.snapshots import Snapshot, fitting
from ..summary import KINDS, Key
from .frames import Frame, encoded

Array = np.ndarray[Any, Any]
LOOK = "look"
ROOM = 2**24  # bytes of arrays in a look: smaller ones go first
_NUMBERS = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES: Mapping[str, np.dtype[Any]] = {
    **{name: np.dtype(name).newbyteorder("<") for name in _NUMBERS},
    "bool": np.dtype(np.uint8),  # any byte may come in, and only 0 and 1 are truth values
}
_DIMENSIONS = 32


class Look(NamedTuple):
    """What a script computed once: the values and gradients as a run's snapshot, of what the gradients are, and its
    loss. `training`: it was an iteration of training, not a run.
    """

    snapshot: Snapshot
    root: Source | None
    loss: float | None
    training: bool


def packed(
    number: int, arrays: Mapping[Key, Any], root: Source | None, loss: float | None = None, training: bool = False
) -> bytes:
    """A frame with those of the arrays that find room."""
    wanted = {key: np.asarray(array) for key, array in arrays.items() if key[0] != "update"}
    chosen = fitting({key: array for key, array in wanted.items() if array.dtype.name in DTYPES}, ROOM)
    index, parts = [], []
    for (kind, source), array in chosen.items():
        index.append([kind, source.node, source.output, array.dtype.name, array.shape])
        parts.append(np.ascontiguousarray(array, DTYPES[array.dtype.name]).tobytes())
    told = loss if loss is not None and np.isfinite(loss) else None  # JSON has no NaN
    named = None if root is None else [root.node, root.output]
    return encoded(LOOK, b"".join(parts), number=number, arrays=index, root=named, loss=told, training=training)


def unpacked(frame: Frame, version: int) -> Look:
    """The look in a frame, its snapshot with this version. Raises `RunError` for anything else."""
    number, index, loss = frame.head.get("number"), frame.head.get("arrays"), frame.head.get("loss")
    if type(number) is not int or not 0 <= number < 2**63 or not isinstance(index, list):
        raise RunError("a look has a number and an index of its arrays")
    arrays: dict[Key, Array] = {}
    at = 0
    for entry in index:
        key, dtype, shape = _entry(entry)
        size = prod(shape) * dtype.itemsize
        if at + size > len(frame.body):
            raise RunError("a look has fewer bytes than its arrays")
        array = np.frombuffer(frame.body, dtype, prod(shape), at).reshape(shape)
        arrays[key] = array != 0 if entry[3] == "bool" else array.astype(dtype.newbyteorder("="), copy=False)
        arrays[key].flags.writeable = False
        at += size
    if at != len(frame.body):
        raise RunError("a look has more bytes than its arrays")
    root = frame.head.get("root")
    source = None if root is None else _source(root)
    known = float(loss) if isinstance(loss, float | int) and not isinstance(loss, bool) else None
    return Look(Snapshot(version, number, arrays), source, known, frame.head.get("training") is True)


def _entry(entry: Any) -> tuple[Key, np.dtype[Any], tuple[int, ...]]:
    """What a line of the index says."""
    if not isinstance(entry, list) or len(entry) != 5 or entry[0] not in KINDS or not isinstance(entry[3], str):
        raise RunError("a line of an index names kind, node, output, dtype and shape")
    kind, node, output, dtype, shape = entry
    if dtype not in DTYPES:
        raise RunError(f"an array is of numbers or truth values, got {dtype[:40]!r}")
    sound = isinstance(shape, list) and len(shape) <= _DIMENSIONS
    if not sound or any(type(size) is not int or not 0 <= size < 2**40 for size in shape):
        raise RunError("a shape is a list of sizes")
    if prod(size for size in shape if size) > 2**40:  # also one with no element: NumPy refuses it
        raise RunError("an array is larger than any message")
    return (KINDS[KINDS.index(kind)], _source([node, output])), DTYPES[dtype], tuple(shape)


def _source(pair: Any) -> Source:
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(each, str) for each in pair):
        raise RunError("a value is named by its node and its output")
    return Source(*pair)
