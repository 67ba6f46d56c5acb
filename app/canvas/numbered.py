"""Which values are shown as numbers in cells: shapes tell it, and how long a batch is."""

from __future__ import annotations

import re

from ...core.graph import Graph
from ..results.staleness import batch_length
from .looks.cells import MOST as MOST_OF_VECTOR
from .looks.cells import folded
from .looks.matrix import MOST as MOST_OF_MATRIX

_VECTOR = re.compile(r"\((\d*N?),\)")
_MATRIX = re.compile(r"\((\d*N?), (\d*N?)\)")


def cells(label: str, batch: int) -> tuple[int, int]:
    """How many rows and columns of numbers a value shows whose shape this label tells; none if it is not known."""
    matrix, vector = _MATRIX.search(label), _VECTOR.search(label)
    if matrix is not None:
        down, across = _length(matrix[1], batch), _length(matrix[2], batch)
        return (down, across) if max(down, across) <= MOST_OF_MATRIX and down * across > 1 else (0, 0)
    across = _length(vector[1], batch) if vector is not None else 0
    return folded(across) if 1 < across <= MOST_OF_VECTOR else (0, 0)


def _length(axis: str, batch: int) -> int:
    """Of an axis that is told as "3", "N" or "4N"."""
    times, of_batch, _ = axis.partition("N")
    return int(times or 1) * (batch if of_batch else 1)


def batch_of(graph: Graph) -> int:
    """How long a batch is: as the value of an input says, else as in training; 0 where nothing says it."""
    lengths = (batch_length(node.params) for node in graph.nodes.values() if node.op == "input")
    found = next((length for length in lengths if length > 0), 0)
    return found or (graph.training.batch if graph.training is not None else 0)
