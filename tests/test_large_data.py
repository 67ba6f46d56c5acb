"""Diagnoses of data that are large: what is looked at of them, and that it is told so."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from gradwire.core.diagnosing.over_training import DIAGNOSES, Look, data, usual
from gradwire.core.document import Document


class _Data:
    """Training data of a network that is not there."""

    dataset = "data"

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y, self.count = x, y, len(x)
        document = Document()
        with document.transaction("Build") as t:
            self.dataset = t.add("dataset", name="data", source="digits")
        self.graph = document.graph

    def samples(self, _: str) -> tuple[Any, Any]:
        return self.x, self.y


def test_large_data_are_looked_at_in_a_moment_and_told_as_looked_at() -> None:
    x = np.full((60_000, 784), 255.0, np.float32)
    x[::2] -= 1.0
    limit = usual(DIAGNOSES)["input scale"]
    judge = data.input_scale(_Data(x, None), limit)  # type: ignore[arg-type]
    tracemalloc.start()
    (verdict,) = judge(Look(1, 32, {}, {}, {}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6  # the data take 188 MB
    start = "its x reaches 255 with mean 254 and standard deviation 0.5 in 1,277 of 60,000 samples (usual: "
    assert verdict.text.startswith(start)
    assert list(judge(Look(2, 32, {}, {}, {}))) == [verdict]


def test_moments_of_parts_are_those_of_the_whole() -> None:
    x = np.random.default_rng(5).normal(3.0, 2.0, (90, 4))
    both = data.Moments().and_of(data.Moments.of(x[:20])).and_of(data.Moments.of(x[20:]))
    assert both.samples == 90
    assert (both.mean, both.spread) == (pytest.approx(x.mean()), pytest.approx(x.std()))
    assert both.most == pytest.approx(np.abs(x).max())


def test_labels_that_were_not_counted_are_not_told_as_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "MANY", 1000)
    labels = np.repeat([0, 1], [1000, 2000])
    labels[:5] = 1
    limit = usual(DIAGNOSES)["class imbalance"]
    judge = data.class_imbalance(_Data(labels, labels), limit)  # type: ignore[arg-type]
    (verdict,) = judge(Look(1, 32, {}, {}, {}))
    text = "class 0 comes 199 times as often as class 1 in 1,000 of 3,000 samples (usual: at most 10×)"
    assert verdict.text == text
