"""Values (weights) as the bytes of a `.safetensors` file, and their content hash.

Why the library: the format holds numbers only and nothing in it can run, lengths and offsets are checked
before they are used, and the other tools of the field read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from ..errors import FileError
from ..graph import Graph
from ..graph.draft import Array
from .strict_json import shorten, to_bytes, write_line

Values: TypeAlias = Mapping[str, Array]  # node id -> array

# The dtypes of NumPy that the format has.
_DTYPES = ("bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))
_DTYPES += ("float16", "float32", "float64", "complex64")


def content_hash(values: Values) -> str:
    """The SHA-256 of ids, dtypes, shapes and numbers, in hexadecimal.

    Not of the file: its metadata holds names, and a renamed node has the same values.
    """
    plain = {id: _plain(id, values[id]) for id in sorted(values)}
    head = [[id, array.dtype.name, list(array.shape)] for id, array in plain.items()]
    digest = hashlib.sha256(to_bytes(write_line(head)))
    for array in plain.values():
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _plain(id: str, array: Array) -> Array:
    """The array in C order and little-endian, which is what the library writes without looking."""
    if array.dtype.name not in _DTYPES:
        message = f"a value to be saved must have a dtype of safetensors, that of {id} is {array.dtype}"
        raise FileError(message, hint=", ".join(_DTYPES), node=id)
    # Not ascontiguousarray: it makes a number a list of one.
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def dump_values(graph: Graph, values: Values) -> bytes:
    """The values as the bytes of a `.safetensors` file, each with the path of its node as metadata.

    Equal values and paths give equal bytes. Raises FileError for a dtype that the format lacks and for a
    value of what is no node.
    """
    from safetensors.numpy import save

    strange = next((id for id in values if id not in graph.nodes), None)
    if strange is not None:
        raise FileError(f"a value must belong to a node, {shorten(repr(strange))} is none")
    ordered = {id: _plain(id, values[id]) for id in sorted(values)}
    # One key for all paths: the library writes several in an order that changes from run to run.
    paths = write_line({id: graph.path(id) for id in ordered})
    return bytes(save(ordered, {"paths": paths}))


def parse_values(data: bytes, name: str) -> dict[str, Array]:
    """The arrays in the bytes of a `.safetensors` file by id, read-only. Raises FileError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:  # KeyError: a dtype that NumPy lacks
        raise FileError(f"{name}: values in safetensors format are required, {shorten(str(error), 200)}") from None
    for array in arrays.values():
        array.flags.writeable = False
    return {id: arrays[id] for id in sorted(arrays)}  # the library gives them in any order


def fitting(graph: Graph, values: Values, name: str) -> tuple[dict[str, Array], list[str]]:
    """The values that belong to a node and have the shape that it says, and a line for each other."""
    kept: dict[str, Array] = {}
    notices = []
    for id, array in values.items():
        node = graph.nodes.get(id)
        shape = node.params.get("shape") if node is not None and node.op == "parameter" else None
        if node is None:
            notices.append(f"{name}: not loaded, as there is no node {shorten(repr(id))}")
        elif shape is not None and shape != array.shape:
            required = f"shape {shorten(write_line(shape))} is required, found {write_line(array.shape)}"
            notices.append(f"{name}: the value of {graph.path(id)} is not loaded: {required}")
        else:
            kept[id] = array
    return kept, notices
