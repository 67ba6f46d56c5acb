"""Thresholds of diagnoses over a run: which may be set, and what becomes of a diagnosis that fails."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from documents import refusing
from followed import network, train

from gradwire.core.diagnosing.over_training import BEGINS, DIAGNOSES, ENDS, limits, usual, watcher
from gradwire.core.diagnosing.over_training.diagnosis import Verdict
from gradwire.core.errors import RunError
from gradwire.core.session import Session

refused = refusing(RunError)


def test_thresholds_can_be_set_and_stored() -> None:
    usual_ones = json.loads(json.dumps(usual(DIAGNOSES)))
    assert usual_ones["dead units"] == {"samples": 500, "hint": 0.1, "alert": 0.5}
    session = network(rate=1e-7)
    assert "update size" not in {finding.rule for finding in train(session, {"update size": {"low": 1e-12}})}
    assert "update size" not in {finding.rule for finding in train(session, {"update size": None})}
    assert "update size" in {finding.rule for finding in train(session, usual_ones)}


def test_every_threshold_says_what_it_is_and_where_it_comes_from() -> None:
    for diagnosis in DIAGNOSES:
        for threshold in diagnosis.thresholds.values():
            assert threshold.says
            assert threshold.source


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"dead unit": {}}, "there is no diagnosis 'dead unit' of a run (near: dead units)"),
        ({"slow": {"gian": 1}}, "the diagnosis 'slow' has no threshold 'gian' (near: gain)"),
        ({"slow": {"gain": -1}}, "the threshold 'gain' of 'slow' must be a number of 0 or more, got -1"),
        (
            {"oscillating": {"window": 0}},
            "the threshold 'window' of 'oscillating' must be a whole number from 1 to 1,000,000, got 0",
        ),
        (
            {"oscillating": {"window": 1e300}},
            "the threshold 'window' of 'oscillating' must be a whole number from 1 to 1,000,000, got 1e+300",
        ),
        (
            {"loss not decreasing": {"steps": 2.5}},
            "the threshold 'steps' of 'loss not decreasing' must be a whole number from 1 to 1,000,000, got 2.5",
        ),
        ({"overfit": {"gap": math.inf}}, "the threshold 'gap' of 'overfit' must be a number of 0 or more, got inf"),
        ({"saturated": {"hint": 30}}, "the threshold 'hint' of 'saturated' must be a number from 0 to 1, got 30"),
        ({"slow": 3}, "the thresholds of 'slow' must be numbers by name, or null for none, got 3"),
    ],
)
def test_a_threshold_that_is_none_is_refused(chosen: Any, message: str) -> None:
    with refused(message):
        limits(DIAGNOSES, chosen)


@pytest.mark.parametrize("end", ["least", "most"])
@pytest.mark.parametrize(
    "build", [lambda: network(l2=0.1, epochs=8), lambda: network("sine", (1, 8, 1), "tanh", epochs=12)]
)
def test_thresholds_at_the_ends_of_their_range_end_no_run(build: Callable[[], Session], end: str) -> None:
    chosen = {
        each.name: {name: min(getattr(limit, end), 1e300) for name, limit in each.thresholds.items()}
        for each in DIAGNOSES
    }
    assert [finding.text for finding in train(build(), chosen) if "failed" in finding.text] == []


def test_a_diagnosis_that_fails_is_told_once_and_made_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def judges(subject: Any, limits: Any) -> Any:
        def judge(look: Any) -> Any:
            if look.number > 1:
                raise IndexError("pop from\nan empty list")
            yield Verdict("something is wrong", 1.0, (None, 0.0), subject.trained[0])

        return judge

    failing = next(each for each in DIAGNOSES if each.name == "saturated")._replace(judge=judges)
    monkeypatch.setattr(watcher, "DIAGNOSES", (failing, *(each for each in DIAGNOSES if each.name != "saturated")))
    session = network(rate=1e-7)
    told = train(session)
    mine = [(finding.state, session.graph.path(finding.node)) for finding in told if finding.rule == "saturated"]
    assert mine == [(BEGINS, "w0"), (ENDS, "w0"), (BEGINS, "loss")]
    text = "this diagnosis failed and is made no more (IndexError: pop from an empty list); training goes on"
    assert [finding.text for finding in told if finding.rule == "saturated"][-1] == text
    assert "update size" in {finding.rule for finding in told}  # the others go on
