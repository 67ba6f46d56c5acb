"""Iterations that nobody looks at are compiled: what follows them is what it would be had each been recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_graphs import MOMENTUM, classifier

from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping.recorder import Iteration, Recorder

EXAMPLES = Path(__file__).parents[1] / "examples"
PLATEAU = {"name": "reduce_on_plateau", "metric": "validation_loss", "patience": 0, "factor": 0.5}
SETTINGS: dict[str, dict[str, Any]] = {
    "adam": {},
    "momentum": {"optimiser": MOMENTUM},
    "batches add up": {"accumulate": 3},
    "gradients not zeroed": {"zero_gradients": False},
    "plateau of validation": {"schedule": PLATEAU},
    "plateau of training": {"schedule": PLATEAU | {"metric": "train_loss"}},
    "averaged": {"average": {"name": "exponential", "decay": 0.9}},
    "clipped": {"clip_norm": 0.1, "l2": 0.01},
}


def recorder(session: Session, **more: Any) -> Recorder:
    return Recorder(Asked.of(session), session.registry, **more)


def same(found: Iteration | None, wanted: Iteration | None) -> None:
    """Values, gradients, update, what was left in gradients, the loss before: the same bits."""
    assert found is not None
    assert wanted is not None
    mine, theirs = found.timeline, wanted.timeline
    for source, tensor in theirs.run.tensors.items():
        assert np.array_equal(mine.run.tensors[source].value, tensor.value, equal_nan=True), source
        gradient = theirs.run.gradient(source)
        if gradient is not None:
            assert np.array_equal(mine.run.gradient(source), gradient, equal_nan=True), source
    assert {id: array.tolist() for id, array in mine.updated.items()} == {
        id: array.tolist() for id, array in theirs.updated.items()
    }
    assert mine.loss_before == theirs.loss_before
    for id in theirs.updated:
        parts = [
            [(each.first, each.last, each.value.tolist()) for each in line.left.get(id, ())] for line in (mine, theirs)
        ]
        assert parts[0] == parts[1], id


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_what_follows_iterations_passed_by_is_the_same(settings: dict[str, Any], tmp_path: Path) -> None:
    session = classifier(tmp_path, epochs=9, **settings)
    one_by_one = recorder(session)
    every = [one_by_one.iteration(number) for number in range(1, 31)]
    for number in (30, 17, 9):
        same(recorder(session).iteration(number), every[number - 1])
    far = recorder(session)
    for number in (30, 12, 13, 29):
        same(far.iteration(number), every[number - 1])


def test_a_branch_within_an_epoch_that_has_ended_goes_on_by_its_own_plateau(tmp_path: Path) -> None:
    session = classifier(tmp_path, epochs=9, schedule=PLATEAU | {"metric": "train_loss"})
    base = recorder(session)
    third = [base.iteration(number) for number in range(1, 8)][2]  # an epoch has four
    assert third is not None
    source = Source(next(id for id, node in session.graph.nodes.items() if node.op == "parameter"), "y")
    put = {3: {source: third.timeline.run.value(source) * 1.5}}
    branch, alone = base.branch(put, 3), recorder(session, put=put)
    for number in (4, 8, 13):
        same(branch.iteration(number), alone.iteration(number))
