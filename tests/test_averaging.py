"""Averages of the weights: PyTorch's numbers, what is evaluated and kept, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from torch_twin import Twin, alike
from training_graphs import classifier, train_on

from gradwire.core.errors import ParameterError
from gradwire.core.session import Session
from gradwire.core.training.averaging import AVERAGES
from gradwire.core.training.engine import Events
from gradwire.core.training.named import Named

MODES = ("static", "eager")
SGD = {"name": "sgd", "lr": 0.5, "momentum": 0.9}
EXPONENTIAL = {"name": "exponential", "decay": 0.8}
misread = refusing(ParameterError)


def wide(folder: Path, **training: Any) -> Session:
    """The classifier in float64, without dropout."""
    made = classifier(folder, dropout=False, **{"optimiser": SGD, **training})
    return Session(made.document, made.path, dtype="float64")


def averaged_by_pytorch(session: Session, decay: float | None, start: int, by: str) -> dict[str, Any]:
    from torch.optim import swa_utils

    twin = Twin(session)
    module = twin.torch.nn.ParameterDict(twin.weights)
    chosen = None if decay is None else swa_utils.get_ema_multi_avg_fn(decay)
    model = swa_utils.AveragedModel(module, multi_avg_fn=chosen)
    optimiser = twin.sgd(lr=0.5, momentum=0.9)
    all_of_them = list(twin.batches())
    for number, (epoch, rows) in enumerate(all_of_them):
        optimiser.zero_grad()
        twin.loss(rows).backward()
        optimiser.step()
        ends = number + 1 == len(all_of_them) or all_of_them[number + 1][0] != epoch
        if epoch > start and (by == "iteration" or ends):
            model.update_parameters(module)
    return {id: value.detach().numpy() for id, value in model.module.items()}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("settings", "decay", "start", "by"),
    [
        (EXPONENTIAL, 0.8, 0, "iteration"),
        ({**EXPONENTIAL, "start": 1}, 0.8, 1, "iteration"),
        ({**EXPONENTIAL, "by": "epoch"}, 0.8, 0, "epoch"),
        ({"name": "mean"}, None, 0, "epoch"),
        ({"name": "mean", "start": 1, "by": "iteration"}, None, 1, "iteration"),
    ],
)
def test_averages_are_those_of_pytorch(
    tmp_path: Path, settings: dict[str, Any], decay: float | None, start: int, by: str, mode: str
) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, average=settings)
    expected = averaged_by_pytorch(session, decay, start, by)
    plain = wide(tmp_path).train(mode=mode)
    result = session.train(mode=mode)
    alike(result.averaged, expected)
    assert all(np.array_equal(result.values[id], plain.values[id]) for id in plain.values)  # training knows nothing
    assert {type(each) for each in result.history[-1].values()} == {int, float}


def test_what_is_evaluated_is_what_the_document_gets(tmp_path: Path) -> None:
    session = wide(tmp_path, average=EXPONENTIAL)
    result = session.train()
    assert all(np.array_equal(session.document.values[id], result.averaged[id]) for id in result.values)
    assert not np.array_equal(result.averaged["parameter0"], result.values["parameter0"])
    # Without a step, evaluated with the values of the document:
    train_on(session, average=None, optimiser={"name": "sgd", "lr": 0.0}, epochs=1)
    again = session.train().last
    for name in ("validation_loss", "validation_accuracy"):
        assert again[name] == result.last[name]


def test_before_averaging_begins_the_weights_are_evaluated(tmp_path: Path) -> None:
    late = wide(tmp_path, average={**EXPONENTIAL, "start": 2}).train()
    plain = wide(tmp_path).train()
    assert late.history[:2] == plain.history[:2]
    assert late.history[2] != plain.history[2]
    with pytest.warns(UserWarning, match="none is ever taken"):
        never = wide(tmp_path, average={**EXPONENTIAL, "start": 9}).train()
    assert never.averaged == {}
    assert never.history == plain.history


def test_of_several_batches_for_an_update_there_is_one_average(tmp_path: Path) -> None:
    session = wide(tmp_path, average={"name": "mean", "by": "iteration"}, accumulate=2, epochs=1)
    trainer = session.trainer()
    counts: list[float] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED, lambda engine: counts.append(float(trainer.state[":averaged"]))
    )
    trainer.run()
    assert counts == [0, 1, 1, 2]


def test_there_is_a_text_for_every_average() -> None:
    assert all(each.doc and each.name == name for name, each in AVERAGES.items())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "ema"}, "no average is called 'ema' (there is exponential)"),
        ({"decay": 0.9}, "an average needs a name, got {'decay': 0.9} (name: exponential or mean)"),
        ({"name": "exponential", "decay": 1.0}, "exponential: decay must be a number from 0 up to but not 1, got 1.0"),
        ({"name": "mean", "decay": 0.5}, "mean has no setting 'decay' (its settings: by, start)"),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    session = classifier(tmp_path, average=settings)
    with misread(message):
        session.trainer()
    assert [problem.told for problem in session.check().problems] == [message]


def test_settings_are_checked_once_however_long_a_run_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    check = Named.check

    def counted(self: Named, *args: Any) -> dict[str, Any]:
        checked.append(self.name)
        return check(self, *args)

    monkeypatch.setattr(Named, "check", counted)
    counts = []
    for epochs in (1, 9):
        checked.clear()
        wide(tmp_path, average=EXPONENTIAL, epochs=epochs).trainer().run()
        counts.append(checked.count("exponential"))
    assert counts[0] == counts[1]


def test_an_average_that_never_begins_is_told(tmp_path: Path) -> None:
    never = "the average starts after 3 epochs, but the run has 3 epochs: none is ever taken (start: up to 2)"
    with pytest.warns(UserWarning, match=f"^{re.escape(never)}$"):
        classifier(tmp_path, average={"name": "mean", "start": 3}).train()
    classifier(tmp_path, average={"name": "mean", "start": 2}).train()
