"""Parameter groups: parameters by id or by group of nodes, with settings of their own, wherever training goes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optimiser_cases import NAMES, STEPS, Case, regression, steps
from training_graphs import classifier, train_on

import gradwire.core as gw
from gradwire.core.cli import main
from gradwire.core.errors import GradwireError
from gradwire.core.evaluating import Asked
from gradwire.core.runs.changing import apply, changed
from gradwire.core.session import Session
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.training.engine import Events
from gradwire.core.training.optim import group_settings
from gradwire.core.training.trainer import Settings

ADAMW = {"name": "adamw", "lr": 0.05, "weight_decay": 0.1}
BIASES = {"parameters": ["parameter1", "parameter3"], "weight_decay": 0.0}
LAST = {"parameters": ["linear1"], "lr": 0.2, "betas": [0.5, 0.9]}


def grouped(session: Session, *groups: Any, **changes: Any) -> Session:
    train_on(session, parameter_groups=groups, **changes)
    return session


def refused(session: Session) -> list[str]:
    with pytest.raises(GradwireError) as caught:
        session.trainer()
    return [str(each) for each in caught.value.each]


def test_what_is_told_by_name_is_held_by_id(tmp_path: Path) -> None:
    """Loss, metrics, groups and penalised parameters by names and paths; a new name changes nothing."""
    session = classifier(tmp_path)
    with session.document.transaction("Train") as t:
        accuracy = {"name": "accuracy", "prediction": "last/add", "target": "data.y"}
        groups = ({"parameters": ["last", "first/bias"], "lr": 0.2}, {"parameters": ["parameter0"], "lr": 0.1})
        how = {"metrics": (accuracy,), "parameter_groups": groups, "l2": 0.1, "penalised": ("first/weight",)}
        t.set_training(gw.Training("loss", **how))
        t.rename("linear1", "head")
    training = session.graph.training
    assert training is not None
    assert training.loss == "cross_entropy0"
    assert dict(training.metrics[0]) == {"name": "accuracy", "prediction": "add1", "target": "dataset0.y"}
    assert [group["parameters"] for group in training.parameter_groups] == [("linear1", "parameter1"), ("parameter0",)]
    assert training.penalised == ("parameter0",)
    assert session.train(epochs=1).history[-1]["epoch"] == 1


def test_a_group_of_nodes_means_all_parameters_within(tmp_path: Path) -> None:
    session = grouped(classifier(tmp_path, optimiser=ADAMW), LAST, {"parameters": ["parameter1"], "weight_decay": 0.0})
    training = session.graph.training
    assert training is not None
    common = {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1, "amsgrad": False}
    assert group_settings(session.graph, training) == {
        "parameter2": {**common, "lr": 0.2, "betas": (0.5, 0.9)},
        "parameter3": {**common, "lr": 0.2, "betas": (0.5, 0.9)},
        "parameter1": {**common, "weight_decay": 0.0},
    }


@pytest.mark.parametrize(
    ("groups", "messages"),
    [
        (
            [{"parameters": [], "lr": 1}, {"parameters": "parameter0"}, {"parameters": [["parameter0"]]}],
            [
                f"parameter group {i} needs parameters, a list of ids of parameters or of groups of nodes, got {got}"
                for i, got in ((1, "()"), (2, "'parameter0'"), (3, "(('parameter0',),)"))
            ],
        ),
        (
            [{"parameters": ["paramter0", "tanh0", "group7"]}],
            [
                (
                    "parameter group 1 names 'paramter0', and no parameter or group of nodes has that id"
                    " (near: parameter0, parameter3, parameter2)"
                ),
                "parameter group 1 names tanh, which is no parameter but a tanh",
                "parameter group 1 names 'group7', and no parameter or group of nodes has that id",
            ],
        ),
        (
            [BIASES, LAST],
            ["last/bias is in the parameter groups 1 and 2, it may be in one (name it in one of them)"],
        ),
        (
            [
                {"parameters": ["parameter0"], "rate": 1},
                {"parameters": ["parameter1"], "lr": -1},
                {"parameters": ["parameter2"], "name": "sgd"},
            ],
            [
                "parameter group 1: adamw has no setting 'rate' (its settings: lr, betas, eps, weight_decay, amsgrad)",
                "parameter group 2: lr must be a number of 0 or more, got -1.0",
                "parameter group 3: adamw has no setting 'name' (its settings: lr, betas, eps, weight_decay, amsgrad)",
            ],
        ),
    ],
)
def test_groups_that_are_refused(tmp_path: Path, groups: list[Any], messages: list[str]) -> None:
    session = grouped(classifier(tmp_path, optimiser=ADAMW), *groups)
    assert refused(session) == messages
    assert [problem.text(session.graph) for problem in session.check().problems] == messages


def test_a_group_of_nodes_without_parameters_is_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Frame") as t:
        group = t.add_group("empty")
    grouped(session, {"parameters": [group]})
    assert refused(session) == ["parameter group 1 names empty, and no parameter lies in it"]


def test_a_group_may_train_where_the_others_stay(tmp_path: Path) -> None:
    session = grouped(classifier(tmp_path), {**LAST, "lr": 0.1}, optimiser={"name": "adam", "lr": 0})
    before = {id: session.trainer().state[id].copy() for id in ("parameter0", "parameter2")}
    after = session.train().values
    assert (after["parameter0"] == before["parameter0"]).all()
    assert (after["parameter2"] != before["parameter2"]).all()


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_group_with_lr_0_stays_and_the_others_go_on(tmp_path: Path, mode: str) -> None:
    session = grouped(classifier(tmp_path), {"parameters": ["linear0"], "lr": 0})
    before = {id: session.trainer().state[id].copy() for id in ("parameter0", "parameter2")}
    after = session.train(mode=mode).values
    assert (after["parameter0"] == before["parameter0"]).all()
    assert (after["parameter2"] != before["parameter2"]).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_modes_train_groups_to_the_same_bits(tmp_path: Path, dtype: str) -> None:
    first = {"parameters": ["parameter1"], "weight_decay": 0.0}
    runs = []
    for mode in ("static", "eager"):
        session = grouped(classifier(tmp_path, optimiser=ADAMW), LAST, first)
        runs.append(session.train(mode=mode, dtype=dtype))
    assert runs[0].history == runs[1].history
    for id, value in runs[0].values.items():
        np.testing.assert_array_equal(value, runs[1].values[id])


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_schedule_scales_the_rate_of_each_group(mode: str) -> None:
    """Lion steps by its rate exactly, so that each step tells it."""
    case = Case({"name": "lion", "lr": 0.02}, {"w": {"lr": 0.005}})
    session = regression(case, epochs=4)
    train_on(session, schedule={"name": "step", "step_size": 1, "gamma": 0.5})
    found = steps(session, mode)
    rates = {name: np.abs(np.diff(np.squeeze(each), axis=0)).reshape(3, -1)[:, 0] for name, each in found.items()}
    np.testing.assert_allclose(rates["b"], [0.01, 0.005, 0.0025], rtol=1e-12)
    np.testing.assert_allclose(rates["w"], [0.0025, 0.00125, 0.000625], rtol=1e-12)


ABSOLUTE = [  # (of ours, of PyTorch): what they name holds for each group as it stands
    ({"name": "cosine", "min_lr": 0.01}, lambda s, o: s.CosineAnnealingLR(o, STEPS, 0.01)),
    ({"name": "one_cycle", "max_lr": 0.1}, lambda s, o: s.OneCycleLR(o, 0.1, STEPS, cycle_momentum=False)),
    ({"name": "one_cycle"}, lambda s, o: s.OneCycleLR(o, [0.01, 0.05], STEPS, cycle_momentum=False)),
    (
        {"name": "reduce_on_plateau", "metric": "train_loss", "patience": 0, "threshold": 0.5, "min_lr": 0.02},
        lambda s, o: s.ReduceLROnPlateau(o, patience=0, threshold=0.5, min_lr=0.02),
    ),
]


@pytest.mark.parametrize("mode", ["static", "eager", "recorded"])
@pytest.mark.parametrize(("settings", "scheduler"), ABSOLUTE)
def test_each_group_goes_its_way_as_in_pytorch(mode: str, settings: Any, scheduler: Any) -> None:
    pytest.importorskip("torch")
    from make_optimiser_numbers import by_pytorch

    case = Case({"name": "adamw", "lr": 0.05}, {"w": {"lr": 0.01}})
    session = regression(case)
    train_on(session, schedule=settings)
    found = steps(session, mode) if mode != "recorded" else recorded(session)
    wanted = by_pytorch(case, scheduler=scheduler)
    for name, each in wanted.items():
        np.testing.assert_allclose(found[name], each, rtol=1e-11, err_msg=name)


def recorded(session: Session) -> dict[str, list[Any]]:
    """By name, each parameter after each step that is recorded."""
    recorder = Recorder(Asked.of(session), session.registry)
    found: dict[str, list[Any]] = {name: [] for name in NAMES.values()}
    for number in range(1, STEPS + 1):
        iteration = recorder.iteration(number)
        assert iteration is not None
        for id, name in NAMES.items():
            found[name].append(iteration.after[id].tolist())
    return found


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_rate_that_is_changed_on_the_way_is_that_of_all_whose_group_names_none(tmp_path: Path, mode: str) -> None:
    """Lion steps by its rate exactly: of the bias, whose group has no lr, as of the weight, which is in none."""
    session = grouped(
        classifier(tmp_path, optimiser={"name": "lion", "lr": 0.02}), {"parameters": ["parameter1"], "betas": [0, 0]}
    )
    trainer = session.trainer(Settings(mode=mode))
    seen: list[dict[str, Any]] = []

    def keep(_: object) -> None:
        seen.append({id: trainer.state[id].copy() for id in ("parameter0", "parameter1")})
        if trainer.engine.state.iteration == 1:
            apply(trainer, changed(trainer.graph, {"lr": 0.5}), {"lr": 0.5}, None)

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, keep)
    trainer.run()
    for id in ("parameter0", "parameter1"):
        steps_taken = [np.abs(after[id] - before[id]).max() for before, after in itertools.pairwise(seen)]
        np.testing.assert_allclose(steps_taken, 0.5, rtol=1e-5)


def test_a_run_goes_on_from_a_checkpoint_only_with_the_same_groups(tmp_path: Path) -> None:
    session = grouped(classifier(tmp_path, optimiser=ADAMW), LAST)
    wanted = session.trainer(Settings(out=tmp_path)).run()
    path = tmp_path / "checkpoints" / "4.ckpt"
    resumed = grouped(classifier(tmp_path, optimiser=ADAMW), LAST).trainer(Settings(resume=path)).run()
    assert resumed.history == wanted.history
    assert {id: value.tobytes() for id, value in resumed.values.items()} == {
        id: value.tobytes() for id, value in wanted.values.items()
    }
    for groups, found in (([], "{.*'lr': 0.2.*}, not none"), ([{**LAST, "lr": 0.1}], "lr 0.2, not 0.1")):
        with pytest.raises(GradwireError, match=f"is of a run with parameter_groups parameter2 {found}"):
            grouped(session, *groups).trainer(Settings(resume=path))


@pytest.mark.parametrize(
    "schedule",
    [
        {"name": "cosine", "min_lr": 0.01, "by": "iteration"},
        {"name": "one_cycle", "max_lr": 0.3},
        {"name": "reduce_on_plateau", "metric": "train_loss", "patience": 0, "threshold": 0.9, "min_lr": 0.08},
    ],
)
def test_a_run_that_goes_on_has_the_rates_of_each_group(tmp_path: Path, schedule: Any) -> None:
    made = {"optimiser": ADAMW, "schedule": schedule}
    wanted = grouped(classifier(tmp_path, **made), LAST).trainer(Settings(out=tmp_path)).run()
    path = tmp_path / "checkpoints" / "4.ckpt"
    resumed = grouped(classifier(tmp_path, **made), LAST).trainer(Settings(resume=path)).run()
    assert resumed.history == wanted.history
    assert {id: value.tobytes() for id, value in resumed.values.items()} == {
        id: value.tobytes() for id, value in wanted.values.items()
    }
    rates = [row["learning_rate"] for row in wanted.history]
    assert rates[-1] == pytest.approx(grouped(classifier(tmp_path, **made)).train().history[-1]["learning_rate"])


def test_a_recording_updates_each_group_by_its_settings() -> None:
    """With momentum only in b: what the timeline says, and the very values of the run."""
    case = Case({"name": "sgd", "lr": 0.1, "momentum": 0.9}, {"w": {"momentum": 0.0, "lr": 0.02}})
    session = regression(case)
    recorder = Recorder(Asked.of(session), session.registry)
    wanted = steps(regression(case), "eager")
    for number in (1, 2, 3):
        found = recorder.iteration(number)
        assert found is not None
        timeline = found.timeline
        assert timeline.updated["parameter0"].tolist() == wanted["w"][number - 1]
        assert timeline.updated["parameter1"].tolist() == wanted["b"][number - 1]
    plain = timeline.updates.settings("parameter0")
    assert (plain["lr"], plain["momentum"]) == (0.02, 0.0)
    assert timeline.updates.settings("parameter1")["momentum"] == 0.9


def test_a_recording_says_that_the_rate_of_a_group_is_0() -> None:
    session = regression(Case({"name": "sgd", "lr": 0.1}, {"w": {"lr": 0.0}}))
    found = Recorder(Asked.of(session), session.registry).iteration(1)
    assert found is not None
    updates = found.timeline.updates
    assert updates.text("parameter0") == "w: no update: the learning rate is 0"
    assert updates.text("parameter1") == ""


def test_the_command_line_trains_and_checks_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = grouped(classifier(tmp_path, optimiser=ADAMW), LAST)
    path = tmp_path / "net.gw"
    session.save(path)
    wanted = session.train().history[-1]["train_loss"]
    assert main(["train", str(path), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["train_loss"] for row in rows if "train_loss" in row][-1] == wanted
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Break") as t:
        t.set_training(replace(training, parameter_groups=({"parameters": ["gone"]},)))
    session.save(path)
    assert main(["check", str(path)]) == 1
    assert "parameter group 1 names 'gone', and no parameter or group of nodes has that id" in capsys.readouterr().err
