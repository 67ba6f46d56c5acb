"""Metrics beside scikit-learn's, over batches of unequal sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from gradwire.core.training.metrics import METRICS, MeanAbsoluteError, Metric, metric

CLASSES = 4
NEAR = {"rel": 1e-14, "abs": 1e-15}
SIZES = st.lists(st.integers(0, 23), min_size=1, max_size=7).filter(lambda sizes: sum(sizes) > 1)


def fed(made: Metric, prediction: np.ndarray, target: np.ndarray, sizes: list[int]) -> Metric:
    """The metric after batches of these sizes."""
    start = 0
    for size in sizes:
        made = made.update(prediction[start : start + size], target[start : start + size])
        start += size
    assert start == len(prediction)
    return made


def drawn(sizes: list[int], classes: int = CLASSES) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (n, C), probabilities of them, labels (n,). Some classes may not occur."""
    generator = np.random.default_rng(sizes)
    scores = generator.normal(size=(sum(sizes), classes))
    shares = np.exp(scores)
    return scores, shares / shares.sum(axis=1, keepdims=True), generator.integers(0, classes, sum(sizes))


@given(SIZES)
def test_shares(sizes):
    scores, _, labels = drawn(sizes)
    assert fed(metric("accuracy"), scores, labels, sizes).compute() == sklearn.accuracy_score(
        labels, scores.argmax(axis=1)
    )
    for k in (1, 2, 3):
        found = fed(metric({"name": "top_k", "k": k}), scores, labels, sizes).compute()
        assert found == sklearn.top_k_accuracy_score(labels, scores, k=k, labels=range(CLASSES))


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
@given(SIZES)
def test_by_class(name, sizes):
    score = getattr(sklearn, f"{name}_score")
    scores, _, labels = drawn(sizes)
    broken = scores.copy()
    broken[:: max(sum(sizes) // 3, 1), 1] = np.nan
    for given_scores in (scores, broken):
        predicted = np.where(np.isnan(given_scores).any(axis=1), -1, given_scores.argmax(axis=1))
        for average in ("macro", "micro", "weighted"):
            found = fed(metric({"name": name, "average": average}), given_scores, labels, sizes).compute()
            assert found == pytest.approx(score(labels, predicted, average=average, zero_division=0), **NEAR)
    two, _, labels = drawn(sizes, 2)
    found = fed(metric({"name": name, "average": "binary"}), two, labels, sizes).compute()
    assert found == pytest.approx(score(labels, two.argmax(axis=1), zero_division=0), **NEAR)


@given(SIZES)
def test_confusion_matrix(sizes):
    scores, _, labels = drawn(sizes)
    found = fed(metric("confusion_matrix"), scores, labels, sizes)
    expected = sklearn.confusion_matrix(labels, scores.argmax(axis=1), labels=range(CLASSES))
    assert np.array_equal(found.compute().counts, expected)
    assert not found.compute().unpredicted.any()
    assert found.number() == sklearn.accuracy_score(labels, scores.argmax(axis=1))


@given(SIZES, st.booleans())
def test_curves(sizes, ties):
    scores, _, labels = drawn(sizes, 2)
    one = np.round(scores[:, 0]) if ties else scores[:, 0]
    labels[:2] = 0, 1  # there are both
    roc = fed(metric("roc_auc"), one, labels, sizes)
    false, true, thresholds = sklearn.roc_curve(labels, one, drop_intermediate=False)
    found = roc.compute()
    assert np.array_equal(found.false_positive_rate, false)
    assert np.array_equal(found.true_positive_rate, true)
    assert np.array_equal(found.thresholds, thresholds)
    assert roc.number() == pytest.approx(sklearn.roc_auc_score(labels, one), **NEAR)
    curve = fed(metric("average_precision"), one, labels, sizes)
    precision, recall, thresholds = sklearn.precision_recall_curve(labels, one)
    found = curve.compute()
    assert np.array_equal(found.precision, precision)
    assert np.array_equal(found.recall, recall)
    assert np.array_equal(found.thresholds, thresholds)
    assert curve.number() == pytest.approx(sklearn.average_precision_score(labels, one), **NEAR)


@given(SIZES)
def test_curves_of_one_class_against_the_rest(sizes):
    _, shares, labels = drawn(sizes)
    labels[:2] = 0, 2
    for positive in (0, 2):
        entry = {"name": "roc_auc", "positive": positive, "scores": "probabilities"}
        found = fed(metric(entry), shares, labels, sizes).number()
        assert found == pytest.approx(sklearn.roc_auc_score(labels == positive, shares[:, positive]), **NEAR)


@pytest.mark.parametrize("average", ["macro", "weighted"])
@given(SIZES.filter(lambda sizes: sum(sizes) >= CLASSES))
def test_curves_of_each_class_against_the_rest(average, sizes):
    scores, shares, labels = drawn(sizes)
    labels[:CLASSES] = range(CLASSES)  # scikit-learn asks for all of them
    expected = sklearn.roc_auc_score(labels, shares, average=average, multi_class="ovr")
    assert fed(metric({"name": "roc_auc", "average": average}), scores, labels, sizes).number() == pytest.approx(
        expected, **NEAR
    )
    expected = sklearn.average_precision_score(labels, shares, average=average)
    assert fed(metric({"name": "average_precision", "average": average}), scores, labels, sizes).number() == (
        pytest.approx(expected, **NEAR)
    )


@given(SIZES)
def test_likelihood(sizes):
    scores, shares, labels = drawn(sizes)
    expected = sklearn.log_loss(labels, shares, labels=range(CLASSES))
    for entry, given_scores in (({"name": "nll"}, scores), ({"name": "nll", "scores": "probabilities"}, shares)):
        assert fed(metric(entry), given_scores, labels, sizes).compute() == pytest.approx(expected, rel=1e-13)
    assert fed(metric("perplexity"), scores, labels, sizes).compute() == pytest.approx(np.exp(expected), rel=1e-13)


@pytest.mark.parametrize("offset", [0.0, 1e6])
@given(SIZES)
def test_differences(offset, sizes):
    generator = np.random.default_rng(sizes)
    target = generator.normal(size=(sum(sizes), 3)) * (1, 10, 0) + offset  # the last does not differ
    prediction = target + generator.normal(size=target.shape) * (0.5, 1, 0)
    assert fed(metric("mse"), prediction, target, sizes).compute() == pytest.approx(
        sklearn.mean_squared_error(target, prediction), **NEAR
    )
    assert fed(MeanAbsoluteError(), prediction, target, sizes).compute() == pytest.approx(
        sklearn.mean_absolute_error(target, prediction), **NEAR
    )
    # Spreads about the mean keep their digits whatever the mean is.
    assert fed(metric("r2"), prediction, target, sizes).compute() == pytest.approx(
        sklearn.r2_score(target, prediction), rel=1e-12 if not offset else 1e-8
    )


def test_each_metric_stands_beside_one_of_theirs():
    compared = {"accuracy", "top_k", "precision", "recall", "f1", "confusion_matrix", "roc_auc", "average_precision"}
    assert {each.name for each in METRICS} == compared | {"nll", "perplexity", "mse", "mae", "r2"}


@pytest.mark.parametrize("offset", [0.0, -1e6, 1e9])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_r2_keeps_its_digits_far_from_zero(offset: float, size: int) -> None:
    random = np.random.default_rng(0)
    target = random.normal(size=(1000, 2)) + offset
    prediction = target + 0.1 * random.normal(size=(1000, 2))
    found = metric("r2")
    for start in range(0, 1000, size):
        found = found.update(prediction[start : start + size], target[start : start + size])
    near_zero = sklearn.r2_score(target - offset, prediction - offset)
    assert found.compute() == pytest.approx(near_zero, rel=1e-14)
