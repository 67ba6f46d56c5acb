"""Optimisers: PyTorch's numbers step for step, settings, and updates as steps of the plan."""

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

# The weight after each of ten steps on mean((X w - TARGET)²), by PyTorch 2.13 in float64 on a CPU:
# SGD(lr=0.1), SGD(lr=0.1, momentum=0.9), Adam(lr=0.05), Adam(lr=0.05, betas=(0.8, 0.95), eps=1e-3) of
# torch.optim, on torch.tensor(X), TARGET and WEIGHT.
EXPECTED = {
    "sgd": [
        (0.1368, 0.24395, -0.4063),
        (0.142129225, 0.146928775, -0.3277407),
        (0.132238068725, 0.08480832865000003, -0.2606843365625),
        (0.11586654515045625, 0.043696154892200016, -0.20274294990339375),
        (0.09759205630395879, 0.015521971439149832, -0.1522705852679144),
        (0.07970452398856433, -0.004459624031810725, -0.10807302091105407),
        (0.06325338795930778, -0.019084675081808375, -0.06924052899271954),
        (0.04862946906605474, -0.030084120491625895, -0.03505036138778359),
        (0.03588604851418475, -0.03854231779334622, -0.004908874353428949),
        (0.02491412252739652, -0.045159741110791025, 0.021683699799384115),
    ],
    "momentum": [
        (0.1368, 0.24395, -0.4063),
        (0.175249225, 0.006483774999999978, -0.24341069999999998),
        (0.171638673725, -0.21623037635000006, -0.043380596562499964),
        (0.09912963995795625, -0.3471505770028001, 0.16161863037785631),
        (-0.036336364710898746, -0.35640304369993026, 0.34525412281111817),
        (-0.19664925211022868, -0.2664082855517166, 0.49008726409048864),
        (-0.3275486372987226, -0.1346713807146241, 0.587557690149815),
        (-0.3820001575416569, -0.024272784600899683, 0.6358763537183508),
        (-0.34010478611795286, 0.023800647810968308, 0.637355994432982),
        (-0.21696037084732062, 0.004800736367989245, 0.5965133829624871),
    ],
    "adam": [
        (0.1499999986413044, 0.3500000003204102, -0.45000000053361794),
        (0.19550408229637772, 0.30039026687051373, -0.4001685825678449),
        (0.22752761776743474, 0.25153323181297366, -0.35063966493415594),
        (0.23833639368645956, 0.2038323404892114, -0.30155534258792094),
        (0.230906760377904, 0.15767130891686204, -0.2530569479592047),
        (0.21142842861927907, 0.11340605013402827, -0.20528705445982726),
        (0.18422390562812652, 0.0713771904339766, -0.15839439593587806),
        (0.15195312782302517, 0.03191012502647698, -0.11253599111348395),
        (0.11636991728566973, -0.00469599285673538, -0.0678770417957924),
        (0.07878751696445935, -0.03818420586233242, -0.02458952309944986),
    ],
    "adam_settings": [
        (0.14986449864498647, 0.3500320204931156, -0.45005330490405115),
        (0.19454040941265038, 0.3005957119710205, -0.40035248059868506),
        (0.22397330346498376, 0.25216577634871395, -0.3510861645010751),
        (0.22992061505845063, 0.20524738972097367, -0.302447638433034),
        (0.2164167043677321, 0.16028377432549332, -0.2546193310459139),
        (0.19060645164357704, 0.1176487470192504, -0.20777598136140027),
        (0.15740479605214847, 0.07767019168414319, -0.16209227108014965),
        (0.11999160596785183, 0.040636822533035806, -0.11774609654493236),
        (0.08071592983898852, 0.006792786933303964, -0.0749190008474246),
        (0.04162658109520752, -0.02367029447535405, -0.033795574288935704),
    ],
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


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("name", SETTINGS)
def test_ten_steps_are_pytorchs(name: str, mode: str) -> None:
    found = weights(regression(SETTINGS[name]), mode)
    np.testing.assert_allclose(found, EXPECTED[name], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", SETTINGS)
def test_ten_steps_in_float32(name: str) -> None:
    session = regression(SETTINGS[name], "float32")
    found = weights(session, "static")
    np.testing.assert_allclose(found, EXPECTED[name], rtol=2e-5, atol=2e-6)
    assert found == weights(session, "eager")
    trainer = session.trainer()
    dtypes = {slot: array.dtype.name for slot, array in trainer.state.items()}
    assert {slot: dtype for slot, dtype in dtypes.items() if dtype != "float32"} == (
        {":step": "float64"} if SETTINGS[name]["name"] == "adam" else {}
    )


def test_the_first_step_of_adam_keeps_its_digits_in_float32() -> None:
    """It is lr · g / (|g| + eps) by definition; 1 − β₂ taken in float32 would leave four digits of it."""
    session = regression({"name": "adam", "lr": 0.05}, "float32")
    gradient = session.gradients("loss", "w")["w"]
    assert gradient is not None
    first = np.array(weights(session, "static")[0])
    wanted = np.ravel(WEIGHT) - 0.05 * np.sign(gradient).ravel()
    np.testing.assert_allclose(first, wanted, rtol=3e-7)


# --- settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "adm"}, "no optimiser is called 'adm' (there is adam)"),
        ({"name": "rmsprop"}, "no optimiser is called 'rmsprop' (there is sgd and adam)"),
        ({"name": ["sgd"]}, "no optimiser is called ('sgd',) (there is sgd and adam)"),
        ({"name": "sgd", "rate": 1}, "sgd has no setting 'rate' (its settings: lr, momentum)"),
        ({"name": "sgd", "betas": [0.9, 0.9]}, "sgd has no setting 'betas' (its settings: lr, momentum)"),
        ({"name": "sgd", "lr": "fast"}, "sgd: lr must be a number of 0 or more, got 'fast'"),
        ({"name": "sgd", "lr": True}, "sgd: lr must be a number of 0 or more, got True"),
        ({"name": "sgd", "lr": None}, "sgd: lr must be a number of 0 or more, got None"),
        ({"name": "sgd", "lr": -0.1}, "sgd: lr must be a number of 0 or more, got -0.1"),
        ({"name": "sgd", "lr": "nan"}, "sgd: lr must be a number of 0 or more, got nan"),
        ({"name": "sgd", "lr": "inf"}, "sgd: lr must be a number of 0 or more, got inf"),
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
    assert optimiser({})[0].name == "sgd"
    assert optimiser({"name": "sgd"})[1] == {"lr": 0.01, "momentum": 0.0}
    assert optimiser({"name": "adam", "lr": 1})[1] == {"lr": 1.0, "betas": (0.9, 0.999), "eps": 1e-8}


def test_each_optimiser_says_what_it_is() -> None:
    for name, made in OPTIMISERS.items():
        assert made.name == name
        assert made.doc
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
