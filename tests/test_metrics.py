"""Metrics: known answers, unequal batches, what is refused and in what words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.core.errors import DataError, ParameterError, RunError, ShapeError
from gradwire.core.training.metrics import (
    F1,
    METRICS,
    R2,
    Accuracy,
    ConfusionMatrix,
    MeanAbsoluteError,
    MeanLoss,
    MeanSquaredError,
    NegativeLogLikelihood,
    Perplexity,
    Precision,
    PrecisionRecall,
    Recall,
    Roc,
    TopK,
    labelled,
    metric,
)

NAN = float("nan")
KNOWN = (
    "accuracy, top_k, precision, recall, f1, confusion_matrix, roc_auc, average_precision, nll, perplexity, mse, mae,"
    " r2"
)
BY_CLASS = (Precision, Recall, F1)
CURVES = (Roc, PrecisionRecall)


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


OF_CLASSES = (
    Accuracy(),
    TopK(3),
    Precision(),
    Recall(),
    F1(),
    ConfusionMatrix(),
    Roc(),
    PrecisionRecall(),
    Perplexity(),
)


@pytest.mark.parametrize("metric", OF_CLASSES, ids=lambda each: each.name)
@pytest.mark.parametrize("one_hot", [False, True])
def test_each_place_of_a_text_counts_as_a_sample(metric, one_hot):
    """What is told of a text's next characters, batch by batch, is what is told of all its places in a row."""
    drawn = np.random.default_rng(0)
    scores, labels = drawn.normal(size=(9, 8, 5)), drawn.integers(5, size=(9, 8))
    scores[2, 3, 1] = NAN if metric.name != "perplexity" else 0.0
    targets = np.eye(5)[labels] if one_hot else labels
    by_batch = metric
    for batch in (slice(0, 4), slice(4, 8), slice(8, 9)):
        by_batch = by_batch.update(scores[batch], targets[batch])
    in_a_row = metric.update(scores.reshape(72, 5), targets.reshape(72, 5) if one_hot else labels.reshape(72))
    assert by_batch.number() == pytest.approx(in_a_row.number(), rel=1e-13)
    if metric.name == "accuracy":
        right = np.argmax(scores, axis=-1) == labels
        right[2, 3] = False
        assert by_batch.compute() == np.count_nonzero(right) / 72


def test_a_label_of_a_text_that_is_no_class_is_told_by_its_sample():
    assert refusal(DataError, Accuracy().update, np.zeros((3, 4, 2)), np.array([[0] * 4, [0, 1, 7, 0], [9] * 4])) == (
        "accuracy needs labels from 0 to 1 for 2 classes; found 7 at row 1 (from 0) of the batch"
    )


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("target_shape", [(4,), (4, 1)])
def test_accuracy_of_one_logit(shape, target_shape):
    logits = np.array([-1.0, 0.0, 1e-9, 3.0]).reshape(shape)
    target = np.array([0.0, 1.0, 1.0, 0.0]).reshape(target_shape)
    assert Accuracy().update(logits, target).compute() == 0.5


def test_of_one_probability_a_sample_one_half_decides():
    probabilities, target = np.array([0.1, 0.4, 0.5, 0.6, NAN]), np.array([0, 1, 0, 1, 1])
    assert Accuracy("probabilities").update(probabilities, target).compute() == 3 / 5
    assert Precision("binary", "probabilities").update(probabilities, target).compute() == 1.0
    assert Recall("binary", "probabilities").update(probabilities, target).compute() == 1 / 3
    assert F1("binary", "probabilities").update(probabilities, target).compute() == 0.5
    found = ConfusionMatrix("probabilities").update(probabilities[:2], target[:2]).update(probabilities[2:], target[2:])
    assert found.compute().counts.tolist() == [[2, 0], [1, 1]]
    assert found.compute().unpredicted.tolist() == [0, 1]
    assert metric({"name": "accuracy", "scores": "probabilities"}).label == "accuracy_probabilities"


def test_top_k_takes_the_first_of_equal_scores():
    scores = np.array([[3.0, 2.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])
    assert TopK().update(scores, np.array([1, 1, 0])).correct == 2
    assert TopK().update(scores, np.array([2, 2, 1])).correct == 1
    assert TopK(1).update(scores, np.array([0, 1, 2])).compute() == 2 / 3
    assert TopK(1).update(scores, np.eye(3)).compute() == Accuracy().update(scores, np.eye(3)).compute()


def test_a_broken_network_is_never_right():
    scores = np.array([[NAN, 1.0, 0.0], [1.0, NAN, 0.0], [1.0, 0.0, 0.0]])
    target = np.array([0, 1, 0])
    assert Accuracy().update(scores, target).correct == 1
    assert TopK().update(scores, target).correct == 1
    assert Accuracy().update(np.array([NAN, -1.0]), np.array([0, 0])).correct == 1
    found = ConfusionMatrix().update(scores, target)
    assert found.compute().counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert found.compute().unpredicted.tolist() == [1, 1, 0]
    assert found.number() == 1 / 3
    assert Precision("micro").update(scores, target).compute() == 1 / 3
    # Three classes occur: 0, 1, and that of samples for which nothing is predicted.
    assert Precision().update(scores, target).compute() == 1 / 3
    assert Recall().update(scores, target).compute() == 0.5 / 3


def test_a_broken_score_is_on_the_wrong_side_of_two():
    scores, target = np.array([NAN, NAN, 2.0, -1.0]), np.array([1, 0, 1, 0])
    assert Precision("binary").update(scores, target).compute() == 1 / 2
    assert Recall("binary").update(scores, target).compute() == 1 / 2
    roc = Roc().update(scores, target).compute()
    assert roc.true_positive_rate.tolist() == [0, 0, 0.5, 0.5, 1]
    assert roc.false_positive_rate.tolist() == [0, 0.5, 0.5, 1, 1]
    assert np.array_equal(roc.thresholds, [np.inf, NAN, 2, -1, NAN], equal_nan=True)
    assert roc.area == 0.25  # of the four pairs one is ordered rightly
    worst = Roc().update(np.full(4, NAN), target)
    assert worst.number() == 0.0
    assert Roc().update(np.array([-np.inf, NAN]), np.array([0, 1])).number() == 0.0
    found = PrecisionRecall().update(scores, target).compute()
    assert found.recall.tolist() == [1, 0.5, 0.5, 0, 0]
    assert found.precision.tolist() == [0.5, 1 / 3, 0.5, 0, 1]
    assert found.area == 0.5 * 0.5 + 0.5 * 0.5


def test_of_two_scores_their_difference_makes_the_curve():
    scores, target = np.array([[5.0, 4.0], [0.0, 1.0], [-3.0, -3.5]]), np.array([0, 1, 1])
    assert Roc().update(scores, target) == Roc().update(scores[:, 1] - scores[:, 0], target)
    assert Roc(0).update(scores, target).number() == Roc().update(scores, target).number() == 1.0


def test_curves_without_both_classes_have_no_area():
    assert np.isnan(Roc().update(np.zeros(3), np.ones(3)).number())
    assert np.isnan(Roc().update(np.zeros(3), np.zeros(3)).number())
    assert np.isnan(PrecisionRecall().update(np.zeros(3), np.zeros(3)).number())
    assert PrecisionRecall().update(np.zeros(3), np.ones(3)).number() == 1.0


@pytest.mark.parametrize("kind", CURVES)
def test_of_several_classes_each_has_its_curve_and_the_number_is_their_mean(kind):
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(size=(40, 4)), generator.integers(0, 3, 40)  # class 3 does not occur
    found = kind().update(logits, labels).compute()
    alone = [kind(positive).update(logits, labels).compute() for positive in range(4)]
    assert len(found.curves) == 4
    for mine, theirs in zip(found.curves, alone, strict=True):
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(mine, theirs, strict=True))
    assert np.isnan(found.curves[3].area)
    assert found.area == pytest.approx(np.mean([each.area for each in alone[:3]]))
    counts = np.bincount(labels)
    weighted = kind(average="weighted").update(logits, labels).number()
    assert weighted == pytest.approx(np.average([each.area for each in alone[:3]], weights=counts))
    # What adds the same to all logits of a sample changes no probability, and no curve.
    assert kind().update(logits + generator.normal(size=(40, 1)), labels).number() == pytest.approx(found.area)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert kind(scores="probabilities").update(probabilities, labels).number() == pytest.approx(found.area)
    assert np.isnan(kind().update(logits, np.zeros(40)).number()) == (kind is Roc)  # there are no others
    message = f"{kind.name} has seen 4 classes; found a prediction of (40, 3)"
    assert refusal(ShapeError, kind().update(logits, labels).update, logits[:, :3], labels) == message


def test_r2_of_targets_that_do_not_differ():
    same = np.ones(3)
    assert R2().update(same, same).compute() == 1.0
    assert R2().update(np.arange(3.0), same).compute() == 0.0
    assert np.isnan(R2().update(np.ones(1), np.ones(1)).compute())
    assert R2().update(np.full(3, 2.0), np.array([1.0, 2.0, 3.0])).compute() == 0.0
    assert np.isnan(R2().update(np.array([NAN, 1.0]), np.array([0.0, 1.0])).compute())


def test_perplexity_of_even_odds_is_the_number_of_classes():
    assert Perplexity().update(np.zeros((3, 4)), np.array([0, 3, 2])).compute() == pytest.approx(4, rel=1e-15)
    assert Perplexity("probabilities").update(np.full((2, 5, 8), 1 / 8), np.zeros((2, 5))).compute() == pytest.approx(8)
    assert Perplexity().update(np.array([-1e4, 0.0])[None], np.array([0])).compute() == np.inf
    assert np.isnan(Perplexity().update(np.array([[NAN, 0.0, 0.0]]), np.array([1])).compute())


def test_log_likelihood_takes_logits_log_probabilities_and_probabilities():
    logits = np.array([[0.5, -1.0, 2.0], [1000.0, 0.0, -1000.0]])
    target = np.array([2, 0])
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    expected = -np.log(shares[[0, 1], target]).sum()
    one = NegativeLogLikelihood()
    with np.errstate(divide="ignore"):
        logs = np.log(shares)
    for found in (
        one.update(logits, target),
        one.update(logs, target),
        NegativeLogLikelihood("probabilities").update(shares, target),
        one.update(logits, np.eye(3)[target]),
        one.update(logs, np.eye(3)[target]),
    ):
        assert found.total == pytest.approx(expected, rel=1e-14)
        assert found.samples == 2


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_log_likelihood_of_one_score(shape):
    logits, target = np.array([0.0, 2.0, -1.0]).reshape(shape), np.array([1, 0, 1]).reshape(shape)
    sides = 1 / (1 + np.exp(-logits))
    expected = np.log(2) + np.log1p(np.exp(2.0)) + np.log1p(np.exp(1.0))
    assert NegativeLogLikelihood().update(logits, target).total == pytest.approx(expected, rel=1e-15)
    assert NegativeLogLikelihood("probabilities").update(sides, target).total == pytest.approx(expected, rel=1e-14)


@given(st.lists(st.integers(0, 7), min_size=1, max_size=6))
def test_unequal_batches_weigh_what_they_should(sizes):
    total = sum(sizes)
    if not total:
        return
    generator = np.random.default_rng(total)
    scores, labels = generator.normal(size=(total, 3)), generator.integers(0, 3, total)
    # Whole numbers: their sums are exact in float64, so that the comparison may be too.
    prediction, target = generator.integers(-99, 99, (2, total, 2)).astype(np.float32)
    counted = [metric(each.name) for each in METRICS if each.name not in ("nll", "perplexity", "mse", "mae", "r2")]
    measured = [MeanSquaredError(), MeanAbsoluteError()]
    whole = [each.update(scores, labels) for each in counted] + [each.update(prediction, target) for each in measured]
    loss, start = MeanLoss(), 0
    for size in sizes:
        part = slice(start, start + size)
        counted = [each.update(scores[part], labels[part]) for each in counted]
        measured = [each.update(prediction[part], target[part]) for each in measured]
        loss = loss.update(float(start), size)
        start += size
    assert [*counted, *measured] == whole
    difference = prediction.astype(np.float64) - target
    assert measured[0].compute() == (difference**2).sum() / difference.size
    assert measured[1].compute() == np.abs(difference).sum() / difference.size
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    assert loss.compute() == (starts * sizes).sum() / total


def test_mean_loss_takes_a_scalar_or_an_array_of_one():
    seen = MeanLoss().update(np.float32(0.5), 3).update(np.array([[2.5]]), 1)
    assert seen.compute() == 1.0
    assert seen.number() == 1.0


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
    batches = [(0.5, 2), (0.25, 3)]
    if kind is not MeanLoss:
        generator = np.random.default_rng(3)
        batches = [(generator.normal(size=(len(of), 3)), np.eye(3)[of]) for of in ([0, 1, 2, 1, 0], [2, 1])]
    seen = fresh.update(*batches[0])
    assert fresh == kind()
    assert seen != fresh
    assert seen.reset() == fresh
    number = seen.number()
    assert isinstance(number, float)
    assert np.isfinite(number)
    assert refusal(RunError, fresh.compute) == (
        f"{kind.name} needs at least one sample; found none"
        " (metric = metric.update(prediction, target) counts a batch: update gives a new metric)"
    )
    if kind is not MeanLoss:
        # What was written down as JSON goes on as if it had never been.
        again = kind(**json.loads(json.dumps(seen.plain())))
        assert again == seen
        assert again.update(*batches[1]).number() == seen.update(*batches[1]).number()


@pytest.mark.parametrize("kind", [*BY_CLASS, *CURVES, TopK, ConfusionMatrix, Accuracy])
def test_an_empty_batch_changes_nothing(kind):
    scores, labels = np.eye(3), np.arange(3)
    seen = kind().update(scores, labels)
    assert seen.update(scores[:0], labels[:0]) == seen
    assert kind().update(scores[:0], labels[:0]).update(scores, labels).number() == seen.number()


def test_many_batches_of_a_curve_are_kept_in_few_parts():
    curve, generator = Roc(), np.random.default_rng(0)
    for _ in range(300):
        curve = curve.update(generator.normal(size=7), generator.integers(0, 2, 7))
    assert sum(map(len, curve.parts)) == 2100
    assert len(curve.parts) < 12


def test_metrics_by_name():
    assert [metric(each.name) for each in METRICS] == [each() for each in METRICS]
    assert refusal(ParameterError, metric, "acuracy") == "there is no metric 'acuracy' (perhaps accuracy)"
    assert refusal(ParameterError, metric, "q") == f"there is no metric 'q' (known: {KNOWN})"


def test_metrics_with_settings():
    entry = {"name": "top_k", "prediction": "a", "target": "b", "k": 3}
    assert metric(entry) == TopK(3)
    assert metric(entry).reset() == TopK(3)
    assert [metric(entry).label, TopK().label, F1("micro").label, Roc(0).label] == [
        "top_k_3",
        "top_k",
        "f1_micro",
        "roc_auc_0",
    ]
    assert list(labelled([entry, {"name": "f1"}, {"name": "nothing"}, 3, {"name": "mse", "k": 1}])) == ["top_k_3", "f1"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "top_k", "k": 0}, "the metric top_k: k must be an integer of 1 or more, got 0"),
        ({"name": "top_k", "k": 1.5}, "the metric top_k: k must be an integer of 1 or more, got 1.5"),
        (
            {"name": "f1", "average": "mean"},
            "the metric f1: average must be one of macro, micro, weighted, binary, got 'mean'",
        ),
        (
            {"name": "roc_auc", "positive": -1},
            "the metric roc_auc: positive must be an integer of 0 or more or null, got -1",
        ),
        ({"name": "nll", "scores": 1}, "the metric nll: scores must be one of logits, probabilities, got 1"),
        ({"name": "f1", "k": 1}, "the metric f1 has no setting 'k' (its settings: average, scores)"),
        ({"name": "mse", "k": 1}, "the metric mse has no setting 'k' (it has none)"),
        ({}, f"there is no metric None (known: {KNOWN})"),
    ],
)
def test_settings_are_refused(entry, message):
    assert refusal(ParameterError, metric, entry) == message


ONE_LABEL = " (one integer label a sample)"
CLASSES = ("accuracy", "precision", "recall", "f1", "confusion_matrix", "roc_auc", "average_precision")


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        ((4, 3), (3,), "of prediction (4, 3) needs a target of shape (4,) or (4, 3); found (3,)" + ONE_LABEL),
        (
            (4, 1),
            (4, 2),
            "of prediction (4, 1) needs a target of shape (4,) or (4, 1); found (4, 2) (0 or 1 a sample)",
        ),
        ((2, 2, 1), (2,), "needs a prediction of shape (N, …, C), (N, 1) or (N,); found (2, 2, 1)"),
        (
            (2, 2, 3),
            (2,),
            "of prediction (2, 2, 3) needs a target of shape (2, 2) or (2, 2, 3); found (2,)" + ONE_LABEL,
        ),
        ((), (), "needs a prediction of shape (N, …, C), (N, 1) or (N,); found ()"),
    ],
)
def test_metrics_of_classes_refuse_shapes(name, prediction, target, message):
    update = metric(name).update
    assert refusal(ShapeError, update, np.zeros(prediction), np.zeros(target)) == f"{name} {message}"


@pytest.mark.parametrize(
    ("chosen", "prediction", "target", "message"),
    [
        (TopK(), (4,), (4,), "top_k needs a prediction of shape (N, …, C); found (4,)"),
        (
            TopK(3),
            (4, 3),
            (4,),
            "top_k needs more scores a sample than its k of 3; found a prediction of (4, 3) (k: 1 to 2)",
        ),
        (
            TopK(),
            (4, 3),
            (5,),
            "top_k of prediction (4, 3) needs a target of shape (4,) or (4, 3); found (5,)" + ONE_LABEL,
        ),
        (
            F1("binary"),
            (4, 3),
            (4,),
            (
                "f1 with the average binary needs two classes; found a prediction of (4, 3)"
                " (average: macro, weighted or micro)"
            ),
        ),
        (Roc(2), (4,), (4,), "roc_auc needs a class from 0 to 1 as positive; found 2 (positive: 0 to 1)"),
        (
            Perplexity(),
            (4, 5, 3),
            (4,),
            "perplexity of prediction (4, 5, 3) needs a target of shape (4, 5) or (4, 5, 3); found (4,)" + ONE_LABEL,
        ),
        (
            Perplexity(),
            (4, 5, 1),
            (4, 5),
            "perplexity needs a prediction of shape (N, …, C), (N, 1) or (N,); found (4, 5, 1)",
        ),
        (
            NegativeLogLikelihood(),
            (4,),
            (3,),
            "nll of prediction (4,) needs a target of shape (4,) or (4, 1); found (3,) (0 or 1 a sample)",
        ),
    ],
)
def test_shapes_are_refused(chosen, prediction, target, message):
    assert refusal(ShapeError, chosen.update, np.zeros(prediction), np.zeros(target)) == message


@pytest.mark.parametrize("name", [*CLASSES, "top_k", "nll", "perplexity"])
def test_labels_are_refused(name):
    assert refusal(DataError, metric(name).update, np.zeros((3, 3)), np.array([0, 3, -1])) == (
        f"{name} needs labels from 0 to 2 for 3 classes; found 3 at row 1 (from 0) of the batch"
    )
    limits = metric(name).limits(np.zeros((3, 3)), np.zeros(3))
    assert (limits.low, limits.high) == (0, 2)
    assert metric(name).limits(np.zeros((3, 3)), np.zeros((3, 3))) is None
    if name != "top_k":
        assert refusal(DataError, metric(name).update, np.zeros(2), np.array([0, 0.5])) == (
            f"{name} needs labels from 0 to 1 for 2 classes; found 0.5 at row 1 (from 0) of the batch"
        )


@pytest.mark.parametrize("kind", [*BY_CLASS, ConfusionMatrix])
def test_batches_of_other_classes_are_refused(kind):
    seen = kind().update(np.zeros((2, 3)), np.zeros(2))
    assert refusal(ShapeError, seen.update, np.zeros((2, 4)), np.zeros(2)) == (
        f"{kind.name} has counted 3 classes; found a batch of 4"
    )


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError, R2])
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


@pytest.mark.parametrize("name", ["nll", "perplexity", "accuracy"])
@pytest.mark.parametrize("shape", [(3, 2), (3,)])
def test_probabilities_that_are_none_are_refused(name, shape):
    prediction = np.full(shape, 0.5)
    prediction[1] = 3.25
    made = metric({"name": name, "scores": "probabilities"})
    with pytest.raises(DataError) as caught:
        made.update(prediction, [0, 1, 1])
    assert str(caught.value) == (
        f'{name} with scores "probabilities" needs numbers from 0 to 1; found 3.25 at row 1 (from 0) of the batch'
        ' (scores: "logits", or a prediction behind softmax or sigmoid)'
    )
    rounded = np.full(shape, 0.5)
    rounded[1] = 1.0000002
    made.update(rounded, [0, 1, 1])
