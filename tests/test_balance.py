"""Counts by class and part, weights of classes, and rare classes repeated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.core.data import balance, class_counts, class_weights, prepare
from gradwire.core.errors import DataError


def refusal(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return str(caught.value)


def skewed(folder):
    y = np.repeat([0, 1, 2], [80, 16, 4])
    np.savez(folder / "d.npz", x=np.arange(100.0)[:, None], y=y)


def test_counts_by_class_and_part(tmp_path):
    skewed(tmp_path)
    found = prepare({"source": "d.npz", "validation": 0.25}, tmp_path)
    assert class_counts(found.train) == {"0": 60, "1": 12, "2": 3}
    assert class_counts(found.validation) == {"0": 20, "1": 4, "2": 1}
    told = balance.told_counts(found.train, found.validation)
    assert told == '"0": 60 and 20, "1": 12 and 4, "2": 3 and 1'
    assert balance.told_counts(found.train, found.validation, limit=1) == '"0": 60 and 20 and 2 more'
    assert class_counts(prepare({"source": "diabetes"}, None).train) == {}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50))
def test_weights_count_all_classes_alike(labels):
    weights = class_weights(labels, 6)
    shares = [weights[label] * labels.count(label) for label in set(labels)]
    assert shares == pytest.approx([len(labels) / len(set(labels))] * len(set(labels)))
    assert weights[labels].mean() == pytest.approx(1)
    assert all((weights[label] == 0) == (label not in labels) for label in range(6))


def test_weights_of_what_are_no_labels():
    wrong = "labels must be integers of 0 or more, at least one (class_weights(prepared.train.y))"
    for labels in ([], [0.5], [-1]):
        assert refusal(class_weights, labels) == wrong
    assert refusal(class_weights, [0, 3], 2) == "labels must be from 0 to 1, for 2 classes; found 3"


@pytest.mark.parametrize("standardise", [False, True])
def test_rare_classes_repeat_in_the_training_part_alone(tmp_path, standardise):
    skewed(tmp_path)
    params = {"source": "d.npz", "validation": 0.25, "standardise": standardise}
    plain, found = prepare(params, tmp_path), prepare({**params, "balance": True}, tmp_path)
    assert class_counts(found.train) == {"0": 60, "1": 60, "2": 60}
    assert np.array_equal(found.train.x[:75], plain.train.x)
    for label in range(3):
        values, counts = np.unique(found.train.x[found.train.y == label], return_counts=True)
        assert np.array_equal(values, np.unique(plain.train.x[plain.train.y == label]))
        assert set(counts) == {60 // len(values)}
    assert np.array_equal(found.validation.x, plain.validation.x)
    if standardise:  # fitted on what is there, each row once
        assert np.array_equal(found.standardiser.mean, plain.standardiser.mean)


def test_what_cannot_be_balanced(tmp_path, monkeypatch):
    assert refusal(prepare, {"source": "diabetes", "balance": True}, None) == (
        "diabetes, training part: labels of shape (N,) are required to balance classes;"
        ' found real targets of shape (354, 1) ("balance": false)'
    )
    skewed(tmp_path)
    monkeypatch.setattr(balance, "MOST_ROWS", 191)
    assert refusal(prepare, {"source": "d.npz", "balance": True}, tmp_path) == (
        "d.npz, training part: at most 191 rows can come of balancing; it would take 192"
    )
