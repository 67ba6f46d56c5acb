"""A penalty, or a weight decay, that leaves the data no say: named with its number, its band and what mends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from followed import example, found, train

from gradwire.core.diagnosing.over_training import BEGINS, ENDS, RunFinding
from gradwire.core.diagnosing.over_training.mending import label, mend
from gradwire.core.session import Session

RULE = "penalty overwhelms"


def trained_with(name: str, **settings: Any) -> Session:
    """An example with other settings of training."""
    session = example(name)
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Set") as t:
        t.set_training(replace(training, **settings))
    return session


def of_penalty(told: list[RunFinding]) -> list[RunFinding]:
    return [each for each in told if each.rule == RULE]


def test_a_huge_l2_is_an_alert_with_both_gradients_and_their_ratio_and_all_that_follows_names_it() -> None:
    told = train(trained_with("digits_mlp", l2=10.0))
    first = of_penalty(told)[0]
    assert (first.state, first.number, first.band) == (BEGINS, 16, (None, 1.0))
    assert first.measured > 100
    assert first.text.startswith("the penalty's gradient has norm 3")
    assert first.text.endswith("× (usual: at most 1×)")
    assert first.mend == "a smaller penalty: l2 0.003 in place of 10"
    assert [each.level for each in of_penalty(told)][-1] == "alert"  # as soon as the loss is known to stand still
    after = ("loss not decreasing", "vanishing gradient", "dead units", "slow")
    follows = [each for each in told if each.rule in after]
    assert follows
    assert {each.mend.partition(": ")[0] for each in follows} == {f"first its cause, {RULE}"}
    assert {each.edit is None for each in follows} == {True}


@pytest.mark.parametrize("name", ["iris_mlp", "moons_mlp"])
def test_it_stays_named_once_the_weights_are_nothing_and_what_it_advises_learns(name: str) -> None:
    session = trained_with(name, l2=10.0, epochs=40)
    told = of_penalty(train(session))
    assert told[-1].state != ENDS
    with session.document.transaction(label(told[-1], session.graph, session.registry)) as t:
        mend(told[-1], t, session.registry)
    assert session.graph.training is not None
    assert session.graph.training.l2 < 0.1
    later = found(session)
    assert RULE not in later
    assert later.get("loss not decreasing", told[0]).level == "hint"


def test_once_weights_are_nothing_it_is_told_what_has_driven_them_there() -> None:
    last = of_penalty(train(trained_with("moons_mlp", l2=10.0)))[-1]
    assert last.text.startswith("in iteration 16 the penalty's gradient has norm ")
    assert last.text.endswith("; it has driven the weights towards 0, and the loss is no better than guessing")
    assert last.mend == "a smaller penalty: l2 0.02 in place of 10, and a new start"


def test_the_weight_decay_of_an_optimiser_is_named_as_well() -> None:
    optimiser = {"name": "sgd", "lr": 0.05, "weight_decay": 5.0}
    first = of_penalty(train(trained_with("moons_mlp", optimiser=optimiser)))[0]
    assert first.mend == "a smaller penalty: weight decay 0.1 in place of 5"
    assert first.edit == {"optimiser": {"weight_decay": 0.1}}


def test_a_decay_that_is_no_gradient_is_compared_with_the_steps() -> None:
    optimiser = {"name": "adamw", "lr": 0.0003, "weight_decay": 300.0}
    first = of_penalty(train(trained_with("digits_mlp", optimiser=optimiser)))[0]
    assert first.text.startswith("the penalty's step has norm ")
    assert first.mend.startswith("a smaller penalty: weight decay ")


def test_in_a_parameter_group_a_decay_is_compared_with_the_steps_of_its_own_rate() -> None:
    settings = {"name": "adamw", "lr": 0.0003, "weight_decay": 300.0}
    schedule = {"name": "cosine", "by": "iteration", "min_lr": 0.0002}  # other rates fall otherwise than this one
    common = trained_with("digits_mlp", optimiser=settings, schedule=schedule, epochs=1)
    weights = tuple(id for id, node in common.graph.nodes.items() if node.op == "parameter")
    group = {"parameters": weights, "lr": 0.0003}
    grouped = trained_with(
        "digits_mlp", optimiser={**settings, "lr": 0.1}, schedule=schedule, epochs=1, parameter_groups=(group,)
    )
    told = [[each.text for each in of_penalty(train(session))] for session in (common, grouped)]
    assert told[0]
    assert told[1] == told[0]


@pytest.mark.parametrize("l2", [1e-4, 1e-3, 1e-2])
@pytest.mark.parametrize("name", ["iris_mlp", "moons_mlp"])
def test_a_penalty_with_which_something_is_learnt_is_not_spoken_of(name: str, l2: float) -> None:
    assert of_penalty(train(trained_with(name, l2=l2))) == []


@pytest.mark.parametrize("optimiser", [{"name": "adamw", "lr": 0.01}, {"name": "sgd", "lr": 0.1, "weight_decay": 1e-4}])
def test_the_usual_decays_are_not_spoken_of(optimiser: dict[str, Any]) -> None:
    assert of_penalty(train(trained_with("moons_mlp", optimiser=optimiser))) == []
