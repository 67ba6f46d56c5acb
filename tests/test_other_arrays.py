"""Arrays of other libraries given to ops: taken as NumPy reads them, else refused with the reason that they give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from documents import refusing

import gradwire.core as gw
from gradwire.core.errors import RunError

refused = refusing(RunError)
X = np.array([[1.0, -2.0], [3.0, 4.0]], np.float32)


class Column:
    """As a column of a table, or an array of another library, is: it has shape, dtype and a way to NumPy."""

    __module__ = "tables.columns"

    def __init__(self, values: Any, error: Exception | None = None) -> None:
        self.values, self.error = np.asarray(values), error
        self.shape, self.dtype = self.values.shape, self.values.dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self.error is not None:
            raise self.error
        return np.asarray(self.values, dtype)


@pytest.mark.parametrize("given", [X.tolist(), tuple(map(tuple, X.tolist())), Column(X), [Column(row) for row in X]])
def test_what_numpy_reads_is_taken(given: Any) -> None:
    found = gw.ops.relu(given)
    assert type(found) is np.ndarray
    assert found.tolist() == [[1.0, 0.0], [3.0, 4.0]]
    assert gw.ops.matmul(given, X).tolist() == (X @ X).tolist()
    assert gw.grad(lambda x: gw.ops.sum(gw.ops.square(x)))(given).tolist() == (2 * X).tolist()


def test_the_dtype_stays() -> None:
    assert gw.ops.relu(Column(X)).dtype == np.float32
    assert gw.ops.matmul(Column(X), X).dtype == np.float32
    assert gw.ops.square(Column(X.astype(int))).dtype == np.int64


@pytest.mark.parametrize("error", [RuntimeError("it is on another\ndevice"), TypeError("it is on another device")])
def test_what_cannot_be_read_says_why(error: Exception) -> None:
    message = "numbers, got a tables.Column that cannot be read: it is on another device"
    with refused(f"relu: x must hold {message}"):
        gw.ops.relu(Column(X, error))
    with refused(f"matmul: w must hold {message}"):
        gw.ops.matmul(X, Column(X, error))
    with refused(f"a tensor holds {message}"):
        gw.Tensor(Column(X, error))
    with refused(f"argument 0 must hold {message}"):
        gw.grad(gw.ops.sum)(Column(X, error))


def test_a_column_of_texts_is_refused() -> None:
    with refused("relu: x must hold numbers, got an array of object (floats, integers or booleans)"):
        gw.ops.relu(Column(np.array(["a", None], object)))


@pytest.mark.parametrize("kind", ["float32", "float64", "int64"])
def test_tensors_of_pytorch_are_taken(kind: str) -> None:
    torch = pytest.importorskip("torch")
    found = gw.ops.exp(torch.tensor(X).to(getattr(torch, kind)))
    np.testing.assert_allclose(found, np.exp(X), rtol=1e-6)
    assert gw.ops.matmul(torch.tensor(X), X).tolist() == (X @ X).tolist()


def test_a_tensor_of_pytorch_that_asks_for_gradients_is_refused() -> None:
    torch = pytest.importorskip("torch")
    why = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
    with refused(f"relu: x must hold numbers, got a torch.Tensor that cannot be read: {why}"):
        gw.ops.relu(torch.tensor(X, requires_grad=True))
