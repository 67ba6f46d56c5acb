"""Embeddings: rows of a table, picked by indices."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from ..op import Aval, Draw, ShapeError, op
from ..signature import Flat, Limits, Terms, Within
from ._limits import check_integers, check_limits
from .indexing import scatter_add


def _rows(indices: Any, table: Any) -> Limits:
    rows = table.shape[0]
    return Limits(0, rows - 1, f"table {table.shape} has {rows} rows", "mend the indices, or take a longer table")


@op(
    formula=r"y_{n,d} = W_{i_n, d}",
    category="linear",
    samples=[
        (Draw("integers", (5,), 4), (4, 3)),
        (Draw("integers", (2, 3), 4), (4, 2)),
        (Draw("integers", (), 4), (4, 3)),
    ],
)
def embedding(xp: Any, indices: Annotated[Any, Within(_rows)], table: Any) -> Any:
    """The rows of `table` (V, D) that `indices` (…) name: (…, D), one vector for each word, say.

    The product of one-hot rows with the table, without the rows. An index below 0 or beyond the table is a
    `DataError`. A row that is picked several times gets the sum of their gradients, one that is never picked gets 0.
    """
    _check(indices, table)
    check_limits(indices, _rows(indices, table), "indices")
    return xp.take(table, indices, axis=0)


def _check(indices: Any, table: Any) -> None:
    check_integers(indices, "indices")
    if table.ndim != 2:
        raise ShapeError(f"table must be rows of vectors (V, D), got {table.shape}", port="table", hint="table: (V, D)")


@embedding.shape
def _(indices: Aval, table: Aval) -> Aval:
    _check(indices, table)
    return Aval((*indices.shape, table.shape[1]), table.dtype)


@embedding.vjp
def _(g: Any, y: Any, indices: Any, table: Any) -> Any:
    return None, lambda: scatter_add(g, indices, shape=table.shape)


def _element_of_embedding(index: Any, made: Any, indices: Any, table: Any) -> Terms:
    *at, column = index
    return Terms({"table": np.array([int(indices[tuple(at)]), column])}, picked={"indices": tuple(at)})


embedding.element = _element_of_embedding


embedding.flat = {"table": Flat("never picks it", "are in rows that no index names", "is in a row that no index names")}
embedding.adjoint = {
    "table": "rows of table {table} were picked to {y}, so their gradients are added to zeros {table} at the indices: "
    "a row that was picked twice gets both"
}
