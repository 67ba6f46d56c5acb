"""What is done to gradients before the optimiser has them: clipped, penalised, added up over batches."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from torch_twin import Twin, alike
from training_graphs import classifier

from gradwire.core.document import Document
from gradwire.core.errors import GradwireError, RunError
from gradwire.core.graph.elements import Training
from gradwire.core.session import Session
from gradwire.core.training.engine import Events

MODES = ("static", "eager")
SGD = {"name": "sgd", "lr": 0.5, "momentum": 0.9}
refused = refusing(RunError)


def wide(folder: Path, **training: Any) -> Session:
    """The classifier in float64, without dropout."""
    made = classifier(folder, dropout=False, **{"optimiser": SGD, **training})
    return Session(made.document, made.path, dtype="float64")


# --- clipping


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("most", [0.05, 0.3, 100.0])
def test_the_norm_is_clipped_as_by_pytorch(tmp_path: Path, most: float, mode: str) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, clip_norm=most)
    twin = Twin(session)
    weights = twin.weights.values()
    norms = twin.train(
        twin.sgd(lr=0.5, momentum=0.9), lambda: float(twin.torch.nn.utils.clip_grad_norm_(weights, most))
    )
    result = session.train(mode=mode)
    alike(result.values, twin.values)
    told = [row["gradient_norm"] for row in result.history]
    assert told == pytest.approx([np.mean(norms[i : i + 4]) for i in (0, 4, 8)], rel=1e-10)
    assert (max(norms) > most) == (most < 1)  # clipping does something where it is to


@pytest.mark.parametrize("mode", MODES)
def test_each_element_is_clipped_as_by_pytorch(tmp_path: Path, mode: str) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, clip_value=0.02)
    twin = Twin(session)
    weights = twin.weights.values()

    def clip() -> float:
        norm = float(np.sqrt(sum(float((w.grad**2).sum()) for w in weights)))
        twin.torch.nn.utils.clip_grad_value_(weights, 0.02)
        return norm

    norms = twin.train(twin.sgd(lr=0.5, momentum=0.9), clip)
    result = session.train(mode=mode)
    alike(result.values, twin.values)
    assert result.history[0]["gradient_norm"] == pytest.approx(np.mean(norms[:4]), rel=1e-10)


@pytest.mark.parametrize("mode", MODES)
def test_the_norm_is_clipped_first_and_then_each_element(tmp_path: Path, mode: str) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, clip_norm=0.1, clip_value=0.02)
    twin = Twin(session)
    weights = twin.weights.values()
    clipped = 0

    def clip() -> float:
        nonlocal clipped
        norm = float(twin.torch.nn.utils.clip_grad_norm_(weights, 0.1))
        clipped += any(float(w.grad.abs().max()) > 0.02 for w in weights)
        twin.torch.nn.utils.clip_grad_value_(weights, 0.02)
        return norm

    norms = twin.train(twin.sgd(lr=0.5, momentum=0.9), clip)
    assert clipped, "either limit does something"
    assert max(norms) > 0.1
    result = session.train(mode=mode)
    alike(result.values, twin.values)
    assert result.history[0]["gradient_norm"] == pytest.approx(np.mean(norms[:4]), rel=1e-10)


def test_the_norm_before_clipping_is_told_of_each_iteration(tmp_path: Path) -> None:
    session = wide(tmp_path, clip_norm=0.05, epochs=1)
    trainer = session.trainer()
    norms: list[float] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED, lambda engine: norms.append(trainer.told["gradient_norm"])
    )
    trainer.run()
    assert len(norms) == 4
    assert all(norm > 0.05 for norm in norms)


def test_a_gradient_that_is_not_finite_stays_so(tmp_path: Path) -> None:
    session = classifier(tmp_path, clip_norm=1.0, epochs=1)
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", np.full((2, 4), np.nan))
    trainer = session.trainer()
    trainer.run()
    assert np.isnan(trainer.told["gradient_norm"])


# --- penalties


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("l1", "l2", "penalised"),
    [(0.01, 0.0, None), (0.0, 0.02, None), (0.01, 0.02, ["parameter1", "parameter2"])],
)
def test_a_penalty_is_a_part_of_the_objective(
    tmp_path: Path, l1: float, l2: float, penalised: list[str] | None, mode: str
) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, l1=l1, l2=l2, penalised=penalised)
    twin = Twin(session)
    chosen = penalised or ["parameter0", "parameter2"]  # weights, no biases
    optimiser = twin.sgd(lr=0.5, momentum=0.9)
    losses, penalties, sizes = [], [], []
    for _, rows in twin.batches():
        optimiser.zero_grad()
        loss = twin.loss(rows)
        penalty = sum(l1 * twin.weights[id].abs().sum() + l2 * twin.weights[id].square().sum() for id in chosen)
        (loss + penalty).backward()
        optimiser.step()
        losses.append(float(loss.detach()))
        penalties.append(float(penalty.detach()))
        sizes.append(len(rows))
    result = session.train(mode=mode)
    alike(result.values, twin.values)
    for row, at in zip(result.history, (0, 4, 8), strict=True):
        epoch = slice(at, at + 4)
        assert row["train_loss"] == pytest.approx(np.average(losses[epoch], weights=sizes[epoch]), rel=1e-10)
        assert row["penalty"] == pytest.approx(np.average(penalties[epoch], weights=sizes[epoch]), rel=1e-10)


def test_what_is_clipped_is_the_gradient_with_the_penalty(tmp_path: Path) -> None:
    """w = (1, 1) in two axes, loss Σw: gradient 1, and 2·l2·w = 4 more; its norm is √50, clipped to 1."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype("float64")
        t.add("parameter", shape=[1, 2], init="ones")
        t.add("sum", inputs={"x": "parameter0"})
        t.set_training(Training("sum0", {"name": "sgd", "lr": 1.0}, epochs=1, l2=2.0, clip_norm=1.0))
    result = Session(doc).train()
    assert result.last["gradient_norm"] == pytest.approx(50**0.5)
    assert result.last["penalty"] == 4.0
    assert result.last["train_loss"] == 2.0
    np.testing.assert_allclose(result.values["parameter0"], 1 - 0.5**0.5, rtol=1e-6)


def test_penalties_that_are_refused(tmp_path: Path) -> None:
    session = wide(tmp_path, l2=0.1, penalised=["parameter9"])
    with refused(
        "a penalty is laid on 'parameter9', and no node has that id (near: parameter3, parameter2, parameter1)"
    ):
        session.trainer()
    session = wide(tmp_path, l2=0.1, penalised=["parameter0"])
    with session.document.transaction("Freeze") as t:
        t.set_flags("parameter0", ["freeze"])
    with refused(
        "a penalty is laid on first/weight, which training does not change"
        " (parameters that the loss depends on and that are not frozen)"
    ):
        session.trainer()
    with refused("training names penalised parameters without a penalty (l2: 0.0001)"):
        wide(tmp_path, penalised=["parameter0"]).trainer()
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("parameter", shape=[2], init="ones")
        t.add("sum", inputs={"x": "parameter0"})
        t.set_training(Training("sum0", l1=0.1))
    with refused(
        "a penalty is laid on weights of two axes or more, and training changes none (penalised: the ids of parameters)"
    ):
        Session(doc).trainer()


# --- several batches for one update


@pytest.mark.filterwarnings("ignore:accumulate takes")  # an epoch may have fewer batches
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("batch", "accumulate"), [(3, 2), (5, 2), (5, 3), (4, 4), (1, 7), (18, 3)])
def test_it_is_as_one_larger_batch(tmp_path: Path, batch: int, accumulate: int, mode: str) -> None:
    """Of 18 samples: groups that come out even, and last ones that do not."""
    parts = wide(tmp_path, batch=batch, accumulate=accumulate).train(mode=mode)
    whole = wide(tmp_path, batch=min(batch * accumulate, 18)).train(mode=mode)
    alike(parts.values, whole.values)
    for one, other in zip(parts.history, whole.history, strict=True):
        assert one["validation_loss"] == pytest.approx(other["validation_loss"], rel=1e-10)


@pytest.mark.parametrize("mode", MODES)
def test_of_a_summed_loss_gradients_are_added_as_they_are(tmp_path: Path, mode: str) -> None:
    results = []
    for settings in ({"batch": 5, "accumulate": 2}, {"batch": 10}):
        session = wide(tmp_path, **{"optimiser": {"name": "sgd", "lr": 0.02}, **settings})
        with session.document.transaction("Sum") as t:
            t.set_param("cross_entropy0", "reduction", "sum")
        results.append(session.train(mode=mode))
    alike(results[0].values, results[1].values)


def test_weights_move_with_the_last_batch_of_an_update_only(tmp_path: Path) -> None:
    session = wide(tmp_path, accumulate=3, epochs=1)
    trainer = session.trainer()
    weights = [trainer.state["parameter0"].copy()]
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED, lambda engine: weights.append(trainer.state["parameter0"].copy())
    )
    trainer.run()
    moved = [not np.array_equal(one, other) for one, other in itertools.pairwise(weights)]
    assert moved == [False, False, True, True]  # 5 + 5 + 5 samples, and the 3 that are left


def test_accumulation_with_clipping_and_a_penalty_is_as_one_larger_batch(tmp_path: Path) -> None:
    beside = {"clip_norm": 0.1, "l1": 0.01, "l2": 0.01}
    parts = wide(tmp_path, batch=3, accumulate=3, **beside).train()
    whole = wide(tmp_path, batch=9, **beside).train()
    alike(parts.values, whole.values)
    for one, other in zip(parts.history, whole.history, strict=True):
        for name in ("train_loss", "penalty", "gradient_norm", "validation_loss"):
            assert one[name] == pytest.approx(other[name], rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accumulate": 0}, "training: accumulate must be an integer of 1 or more, got 0"),
        ({"clip_norm": -1.0}, "training: clip_norm must be a number above 0 or null, got -1.0"),
        ({"clip_norm": 0.0}, "training: clip_norm must be a number above 0 or null, got 0.0"),
        ({"l1": -0.5}, "training: l1 must be a number of 0 or more, got -0.5"),
        (
            {"accumulate": 2, "zero_gradients": False},
            (
                "accumulate needs zero_gradients, got 2 batches and gradients that are kept"
                " (accumulate: 1, or zero_gradients: true)"
            ),
        ),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    session = classifier(tmp_path, **changes)
    with pytest.raises(GradwireError) as caught:
        session.trainer()
    assert str(caught.value) == message
    assert message in [problem.told for problem in session.check().problems]


def test_more_batches_in_an_update_than_in_an_epoch_are_warned_of(tmp_path: Path) -> None:
    told = "accumulate takes 9 batches, but an epoch has 4 batches: that is one update (accumulate: up to 4)"
    with pytest.warns(UserWarning, match="accumulate takes 9") as caught:
        classifier(tmp_path, accumulate=9).train()
    assert [str(each.message) for each in caught] == [told]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier(tmp_path, accumulate=4).train()
