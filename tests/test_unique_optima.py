"""Problems with one solution: training ends where a closed form, or another solver, says that it must."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from gradwire.core.document import Document
from gradwire.core.graph import Source, Training
from gradwire.core.session import Session

R2_OF_DIABETES = 0.5177484  # of ordinary least squares on all rows
# Multinomial logistic regression on iris without a penalty: half the residual deviance, 11.8987, over 150 flowers.
LOSS_OF_IRIS = 11.8987 / 2 / 150


def affine(t: Any, x: Source, inputs: int, outputs: int, init: str = "zeros") -> str:
    w = t.add("parameter", shape=(inputs, outputs), init=init)
    b = t.add("parameter", shape=(outputs,))
    product = t.add("matmul", inputs={"x": x, "w": w})
    return str(t.add("add", inputs={"x": product, "y": b}))


def trained(build: Any, **training: Any) -> float:
    """The last loss of a graph in float64, trained on all rows of its data at once where nothing else is said."""
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        loss = build(t)
        t.set_training(Training(loss, **{"batch": 10_000, **training}))
    return float(Session(document).train().last["train_loss"])


def test_gradient_descent_reaches_least_squares_on_diabetes() -> None:
    def build(t: Any) -> str:
        data = t.add("dataset", name="data", source="diabetes", validation=0.0, standardise=True)
        fitted = affine(t, Source(data, "x"), 10, 1)
        return str(t.add("mse", inputs={"prediction": fitted, "target": Source(data, "y")}))

    # With velocity: the greatest and the least curvature are 470 to 1.
    loss = trained(build, optimiser={"name": "sgd", "lr": 0.1, "momentum": 0.9}, epochs=3000)
    y = load_diabetes().target
    assert 1 - loss / y.var() == pytest.approx(R2_OF_DIABETES, abs=1e-7)


def test_softmax_regression_reaches_the_loss_of_iris() -> None:
    def build(t: Any) -> str:
        data = t.add("dataset", name="data", source="iris", validation=0.0, standardise=True)
        logits = affine(t, Source(data, "x"), 4, 3)
        return str(t.add("cross_entropy", inputs={"logits": logits, "target": Source(data, "y")}))

    # Setosa is told apart without error, so that its weights grow without end: the loss comes near from above.
    loss = trained(build, optimiser={"name": "adam", "lr": 0.1}, epochs=4000)
    assert LOSS_OF_IRIS < loss < 1.003 * LOSS_OF_IRIS


@pytest.mark.slow
def test_a_linear_autoencoder_reaches_the_error_of_the_singular_values() -> None:
    def build(t: Any) -> str:
        data = t.add("dataset", name="data", source="digits", validation=0.0)
        code = affine(t, Source(data, "x"), 64, 16, "xavier")
        back = affine(t, Source(code, "y"), 16, 64, "xavier")
        return str(t.add("mse", inputs={"prediction": back, "target": Source(data, "x")}))

    loss = trained(build, optimiser={"name": "adam", "lr": 0.01}, batch=300, epochs=260)
    x = load_digits().data / 16
    singular = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    least = float(np.sum(singular[16:] ** 2)) / x.size
    assert least < loss < 1.01 * least
