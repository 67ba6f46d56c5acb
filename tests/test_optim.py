"""Optimisers: settings, and updates as steps of the plan. Their numbers are in test_optimiser_numbers.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradwire.core.document import Document
from gradwire.core.errors import ParameterError
from gradwire.core.graph.elements import Training
from gradwire.core.session import Session
from gradwire.core.training.engine import Events
from gradwire.core.training.optim import OPTIMISERS, optimiser
from gradwire.core.training.steps import TrainingStep
from gradwire.core.training.trainer import Settings

X = [[1.0, -2.0, 0.5], [0.3, 0.7, -1.1], [2.0, 0.1, 0.4], [-0.6, 1.5, 0.9]]
TARGET = [[1.0], [0.5], [-0.3], [0.8]]
WEIGHT = [[0.1], [0.4], [-0.5]]

SETTINGS: dict[str, dict[str, Any]] = {
    "sgd": {"name": "sgd", "lr": 0.1},
    "momentum": {"name": "sgd", "lr": 0.1, "momentum": 0.9},
    "adam": {"name": "adam", "lr": 0.05},
    "adam_settings": {"name": "adam", "lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-3},
}


def regression(settings: dict[str, Any], dtype: str = "float64") -> Session:
    """mean((x w - target)²) on constants: each epoch is one step on all the data."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype(dtype)
        t.add("constant", name="x", value=X)
        t.add("constant", name="target", value=TARGET)
        t.add("parameter", name="w", shape=[3, 1], init="constant", value=WEIGHT)
        t.add("matmul", inputs={"x": "constant0", "w": "parameter0"})
        t.add("mse", name="loss", inputs={"prediction": "matmul0", "target": "constant1"})
        t.set_training(Training("mse0", settings, epochs=10))
    return Session(doc)


def weights(session: Session, mode: str) -> list[list[float]]:
    """The weight after each step."""
    trainer = session.trainer(Settings(mode=mode))
    found: list[list[float]] = []
    trainer.engine.add_event_handler(
        Events.ITERATION_COMPLETED, lambda _: found.append(trainer.state["parameter0"].ravel().tolist())
    )
    trainer.run()
    return found


def test_the_first_step_of_adam_keeps_its_digits_in_float32() -> None:
    """It is lr · g / (|g| + eps) by definition; 1 − β₂ taken in float32 would leave four digits of it."""
    session = regression({"name": "adam", "lr": 0.05}, "float32")
    gradient = session.gradients("loss", "w")["w"]
    assert gradient is not None
    first = np.array(weights(session, "static")[0])
    wanted = np.ravel(WEIGHT) - 0.05 * np.sign(gradient).ravel()
    np.testing.assert_allclose(first, wanted, rtol=3e-7)


# --- settings

KNOWN = "there is sgd, adam, adamw, nadam, adamax, radam, adagrad, rmsprop, adadelta and lion"
OF_SGD = "its settings: lr, momentum, dampening, weight_decay, nesterov"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "adm"}, "no optimiser is called 'adm' (there is adam)"),
        ({"name": "adma"}, "no optimiser is called 'adma' (there is adam)"),
        ({"name": "newton"}, f"no optimiser is called 'newton' ({KNOWN})"),
        ({"name": ["sgd"]}, "no optimiser is called ('sgd',) (there is sgd)"),
        ({"name": "sgd", "rate": 1}, f"sgd has no setting 'rate' ({OF_SGD})"),
        ({"name": "sgd", "betas": [0.9, 0.9]}, f"sgd has no setting 'betas' ({OF_SGD})"),
        (
            {"name": "sgd", "nesterov": True},
            "sgd: nesterov needs a momentum above 0 and a dampening of 0, got 0.0 and 0.0",
        ),
        (
            {"name": "sgd", "nesterov": True, "momentum": 0.9, "dampening": 0.5},
            "sgd: nesterov needs a momentum above 0 and a dampening of 0, got 0.9 and 0.5",
        ),
        ({"name": "rmsprop", "alpha": 1.5}, "rmsprop: alpha must be a number from 0 to 1, got 1.5"),
        ({"name": "adamw", "weight_decay": -1}, "adamw: weight_decay must be a number of 0 or more, got -1.0"),
        ({"name": "adam", "amsgrad": 1}, "adam: amsgrad must be true or false, got 1"),
        ({"name": "sgd", "lr": "fast"}, "sgd: lr must be a number of 0 or more, got 'fast'"),
        ({"name": "sgd", "lr": True}, "sgd: lr must be a number of 0 or more, got True"),
        ({"name": "sgd", "lr": None}, "sgd: lr must be a number of 0 or more, got None"),
        ({"name": "sgd", "lr": -0.1}, "sgd: lr must be a number of 0 or more, got -0.1"),
        ({"name": "sgd", "lr": "nan"}, "sgd: lr must be a finite number of 0 or more, got nan"),
        ({"name": "sgd", "lr": "inf"}, "sgd: lr must be a finite number of 0 or more, got inf"),
        ({"name": "sgd", "momentum": -1}, "sgd: momentum must be a number of 0 or more, got -1.0"),
        (
            {"name": "adam", "betas": [0.9, 1.0]},
            "adam: betas must be two numbers from 0 up to but not 1, got (0.9, 1.0)",
        ),
        ({"name": "adam", "betas": [0.9]}, "adam: betas must be two numbers from 0 up to but not 1, got (0.9,)"),
        ({"name": "adam", "eps": -1e-8}, "adam: eps must be a number of 0 or more, got -1e-08"),
    ],
)
def test_settings_that_do_not_fit(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        regression(settings).trainer()
    assert str(caught.value) == message


def test_settings_that_are_left_out_follow_their_defaults() -> None:
    assert optimiser({"name": "sgd"})[1] == {
        "lr": 0.01,
        "momentum": 0.0,
        "dampening": 0.0,
        "weight_decay": 0.0,
        "nesterov": False,
    }
    assert optimiser({"name": "lion", "lr": 1})[1] == {"lr": 1.0, "betas": (0.9, 0.99), "weight_decay": 0.0}


@pytest.mark.parametrize("settings", [{}, {"lr": 0.1}])
def test_an_optimiser_without_a_name_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as caught:
        regression(settings).trainer()
    assert str(caught.value) == f"an optimiser needs a name, got {settings} (name: {' or '.join(OPTIMISERS)})"


def test_each_optimiser_says_what_it_is() -> None:
    for name, made in OPTIMISERS.items():
        assert made.name == name
        assert made.doc.partition("\n")[0].endswith((".", ":"))
        assert "lr" in made.settings


# --- steps of the plan


def step(session: Session) -> TrainingStep:
    graph = session.graph
    assert graph.training is not None
    return TrainingStep(graph, session.registry, graph.training, session.dtype, "static", None)


@pytest.mark.parametrize("name", SETTINGS)
def test_updates_are_steps_of_the_plan(name: str) -> None:
    session = regression(SETTINGS[name])
    plan = step(session).plan(None)
    phases = [s.phase for s in plan.steps]
    assert phases == sorted(phases, key=["forward", "backward", "update"].index)
    updates = [s for s in plan.steps if s.phase == "update"]
    assert updates
    assert [s.outs[0] for s in updates if s.node != "parameter0"] == [
        number for slot, number in plan.updates.items() if slot == ":step"
    ]
    assert set(plan.updates) == set(
        {
            "sgd": ["parameter0"],
            "momentum": ["parameter0", "parameter0:velocity"],
        }.get(name, ["parameter0", "parameter0:mean", "parameter0:square", ":step"])
    )
    assert {avals for slot in plan.updates for avals in [plan.avals[plan.updates[slot]].shape]} <= {
        (3, 1),
        (),
    }


def test_the_count_of_steps_belongs_to_no_node() -> None:
    plan = step(regression(SETTINGS["adam"])).plan(None)
    counting = [s for s in plan.steps if s.outs[0] == plan.updates[":step"]]
    assert [(s.op.name, s.node, s.phase) for s in counting] == [("add", None, "update")]


def two_weights(flags: tuple[str, ...] = ()) -> Session:
    """loss = (a + b)², and c, on which nothing depends that is trained for."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype("float64")
        for name in ("a", "b", "c"):
            t.add("parameter", name=name, init="constant", value=1.0, shape=[])
        t.add("add", inputs={"x": "parameter0", "y": "parameter1"})
        t.add("square", name="loss", inputs={"x": "add0"})
        t.add("multiply", inputs={"x": "add0", "y": "parameter2"})
        t.set_flags("parameter1", flags)
        t.set_training(Training("square0", {"name": "sgd", "lr": 0.25, "momentum": 0.5}, epochs=1))
    return Session(doc)


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_frozen_parameter_stays(mode: str) -> None:
    session = two_weights(("freeze",))
    result = session.train(mode=mode)
    assert {id: float(value) for id, value in result.values.items()} == {"parameter0": 0.0}
    assert set(session.document.values) == {"parameter0"}
    assert "parameter1:velocity" not in session.trainer().state


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_detached_parameter_is_left_alone(mode: str) -> None:
    session = two_weights(("detach",))
    result = session.train(mode=mode)
    assert {id: float(value) for id, value in result.values.items()} == {"parameter0": 0.0}
    assert session.run(fetch="b")["b"] == 1


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_every_gradient_is_taken_before_any_parameter_moves(mode: str) -> None:
    result = two_weights().train(mode=mode)
    assert {id: float(value) for id, value in result.values.items()} == {"parameter0": 0.0, "parameter1": 0.0}


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_a_parameter_without_a_path_to_the_loss_is_left_alone(mode: str) -> None:
    """It is read on the way to the loss, but only where no gradient passes."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype("float64")
        t.add("parameter", name="a", init="ones", shape=[2])
        t.add("parameter", name="b", init="ones", shape=[2])
        t.add("detach", inputs={"x": "parameter1"})
        t.add("multiply", inputs={"x": "parameter0", "y": "detach0"})
        t.add("sum", name="loss", inputs={"x": "multiply0"})
        t.set_training(Training("sum0", {"name": "adam", "lr": 0.5}, epochs=2))
    session = Session(doc)
    assert "parameter1" not in step(session).plan(None).updates
    result = session.train(mode=mode)
    np.testing.assert_allclose(result.values["parameter0"], [0.0, 0.0], atol=1e-7)
    assert result.values["parameter1"].tolist() == [1, 1]
