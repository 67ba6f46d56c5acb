"""Metrics: known answers, unequal batches, what is refused and in what words."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.core.errors import DataError, ParameterError, RunError, ShapeError
from gradwire.core.training.metrics import (
    METRICS,
    Accuracy,
    MeanAbsoluteError,
    MeanLoss,
    MeanSquaredError,
    metric,
)

NAN = float("nan")


def refusal(error, call, *arguments):
    with pytest.raises(error) as caught:
        call(*arguments)
    return str(caught.value)


def test_accuracy_of_classes():
    scores = np.array([[0.1, 0.9], [2.0, 1.0], [0.5, 0.5]], np.float32)
    seen = Accuracy().update(scores, np.array([1, 1, 0]))
    assert (seen.correct, seen.samples) == (2, 3)
    assert seen.compute() == 2 / 3
    probabilities = np.array([[0.2, 0.8], [0.1, 0.9], [1.0, 0.0]])
    assert Accuracy().update(scores, probabilities) == seen


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("target_shape", [(4,), (4, 1)])
def test_accuracy_of_one_logit(shape, target_shape):
    logits = np.array([-1.0, 0.0, 1e-9, 3.0]).reshape(shape)
    target = np.array([0.0, 1.0, 1.0, 0.0]).reshape(target_shape)
    assert Accuracy().update(logits, target).compute() == 0.5


def test_a_broken_network_is_never_right():
    scores = np.array([[NAN, 1.0], [1.0, NAN], [1.0, 0.0]])
    assert Accuracy().update(scores, np.array([0, 1, 0])).correct == 1
    assert Accuracy().update(np.array([NAN, -1.0]), np.array([0, 0])).correct == 1


@given(st.lists(st.integers(0, 7), min_size=1, max_size=6))
def test_unequal_batches_weigh_what_they_should(sizes):
    total = sum(sizes)
    if not total:
        return
    generator = np.random.default_rng(total)
    scores, labels = generator.normal(size=(total, 3)), generator.integers(0, 3, total)
    # Whole numbers: their sums are exact in float64, so that the comparison may be too.
    prediction, target = generator.integers(-99, 99, (2, total, 2)).astype(np.float32)
    accuracy, squared, absolute, loss = Accuracy(), MeanSquaredError(), MeanAbsoluteError(), MeanLoss()
    start = 0
    for size in sizes:
        part = slice(start, start + size)
        accuracy = accuracy.update(scores[part], labels[part])
        squared = squared.update(prediction[part], target[part])
        absolute = absolute.update(prediction[part], target[part])
        loss = loss.update(float(start), size)
        start += size
    assert accuracy == Accuracy().update(scores, labels)
    assert squared == MeanSquaredError().update(prediction, target)
    assert absolute == MeanAbsoluteError().update(prediction, target)
    difference = prediction.astype(np.float64) - target
    assert squared.compute() == (difference**2).sum() / difference.size
    assert absolute.compute() == np.abs(difference).sum() / difference.size
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    assert loss.compute() == (starts * sizes).sum() / total


def test_mean_loss_takes_a_scalar_or_an_array_of_one():
    seen = MeanLoss().update(np.float32(0.5), 3).update(np.array([[2.5]]), 1)
    assert seen.compute() == 1.0


def test_sums_are_kept_in_float64():
    seen = MeanSquaredError().update(np.full(3, 1e30, np.float32), np.zeros(3, np.float32))
    assert seen.compute() == pytest.approx(1e60)


def test_a_column_meets_a_row_sample_by_sample():
    seen = MeanAbsoluteError().update(np.array([[1.0], [2.0]]), np.array([1.0, 4.0]))
    assert (seen.total, seen.elements) == (2.0, 2)


@pytest.mark.parametrize("kind", [*METRICS, MeanLoss])
def test_every_metric_is_a_value(kind):
    fresh = kind()
    assert kind.name
    assert kind.counts
    arguments = (0.5, 2) if kind is MeanLoss else (np.zeros(2), np.ones(2))
    seen = fresh.update(*arguments)
    assert fresh == kind()
    assert seen.reset() == fresh
    assert kind(**dataclasses.asdict(seen)) == seen
    assert isinstance(seen.compute(), float)
    assert refusal(RunError, fresh.compute) == (
        f"{kind.name} needs at least one sample; found none (update it with a batch first)"
    )


def test_metrics_by_name():
    assert [metric(each.name) for each in METRICS] == [Accuracy(), MeanSquaredError(), MeanAbsoluteError()]
    assert refusal(ParameterError, metric, "acuracy") == "there is no metric 'acuracy' (known: accuracy)"
    assert refusal(ParameterError, metric, "f1") == "there is no metric 'f1' (known: accuracy, mse, mae)"


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            (4, 3),
            (3,),
            (
                "accuracy of prediction (4, 3) needs a target of shape (4,) or (4, 3); found (3,)"
                " (one integer label a sample)"
            ),
        ),
        (
            (4, 1),
            (4, 2),
            ("accuracy of prediction (4, 1) needs a target of shape (4,) or (4, 1); found (4, 2) (0 or 1 a sample)"),
        ),
        ((2, 2, 2), (2,), "accuracy needs a prediction of shape (N, C), (N, 1) or (N,); found (2, 2, 2)"),
        ((), (), "accuracy needs a prediction of shape (N, C), (N, 1) or (N,); found ()"),
    ],
)
def test_accuracy_refuses_shapes(prediction, target, message):
    assert refusal(ShapeError, Accuracy().update, np.zeros(prediction), np.zeros(target)) == message


def test_accuracy_refuses_labels():
    assert refusal(DataError, Accuracy().update, np.zeros((3, 3)), np.array([0, 3, -1])) == (
        "accuracy needs labels from 0 to 2 for 3 classes; found 3 at row 1 (from 0) of the batch"
    )
    assert refusal(DataError, Accuracy().update, np.zeros(2), np.array([0, 0.5])) == (
        "accuracy needs labels from 0 to 1 for 2 classes; found 0.5 at row 1 (from 0) of the batch"
    )


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError])
def test_differences_never_broadcast(kind):
    assert refusal(ShapeError, kind().update, np.zeros((3, 1)), np.zeros(2)) == (
        "prediction and target must have one shape; found (3, 1) and (2,) (target: (3, 1))"
    )
    assert refusal(ShapeError, kind().update, np.zeros((3, 2)), np.zeros(3)) == (
        "prediction and target must have one shape; found (3, 2) and (3,) (target: (3, 2))"
    )


def test_mean_loss_refuses_many_numbers():
    assert refusal(ShapeError, MeanLoss().update, np.zeros(3), 3) == (
        "a loss must be one number; found shape (3,) (take its mean over the batch)"
    )
