"""What findings of a run advise: a rate that helps, never one that makes it worse; a mend where the trouble begins; the
numbers of the whole run, also of one that goes on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from followed import SGD, example, follow, graph, network, train
from run_loops import begin, go

from gradwire.core.diagnosing.over_training import ENDS, Epoch, Follower, RunFinding, Stretch
from gradwire.core.diagnosing.over_training.mending import label, mend
from gradwire.core.document import Document
from gradwire.core.extend import Finding, Remedy, op
from gradwire.core.graph import Source
from gradwire.core.ops import Registry, builtin
from gradwire.core.session import Session
from gradwire.core.training.settings import Settings


@pytest.fixture(scope="module")
def wild() -> list[RunFinding]:
    """All that is told of a run whose rate is far too large."""
    return train(network(optimiser=SGD, rate=300.0, epochs=30, sizes=(2, 16, 16, 3)))


def test_a_rate_that_is_far_too_large_is_named_first_and_at_once(wild: list[RunFinding]) -> None:
    alerts = [each for each in wild if each.level == "alert"]
    assert (alerts[0].rule, alerts[0].number) == ("diverging", 20)
    assert " in place of 300, and a new start: the step of iteration 1 was " in alerts[0].mend
    assert [each for each in wild if each.rule == "diverging" and each.level == "hint"] == []  # though the loss falls


def test_nowhere_a_larger_rate_is_advised_where_steps_were_too_long(wild: list[RunFinding]) -> None:
    assert {"diverging", "unchanged"} <= {each.rule for each in wild}
    assert [each.mend for each in wild if "larger learning rate" in each.mend] == []
    rates = [each.edit["optimiser"]["lr"] for each in wild if each.edit and "optimiser" in each.edit]
    assert rates
    assert max(rates) < 10
    session = network()
    words = {label(each, session.graph, session.registry) for each in wild if each.rule == "diverging"}
    assert words == {f"Set lr to {rates[0]:g}, then start anew"}


def test_the_rate_that_is_advised_trains(wild: list[RunFinding]) -> None:
    rate = next(each.edit["optimiser"]["lr"] for each in wild if each.rule == "diverging" and each.edit)
    assert network(optimiser=SGD, rate=rate, epochs=30).train().last["train_loss"] < 0.3


def test_weights_whose_gradient_is_0_are_not_advised_a_larger_rate() -> None:
    told = [each for each in train(network(bias=-50.0, epochs=40)) if each.rule in ("unchanged", "update size")]
    assert {each.mend for each in told if each.node == "parameter0"} == {
        "Why zero? on its gradient tells where that is lost"
    }


def test_a_rate_with_which_nothing_is_learnt_is_an_alert_with_one_that_learns() -> None:
    session = network(rate=1e-8, epochs=60)
    finding = next(each for each in train(session) if each.level == "alert" and each.rule == "loss not decreasing")
    assert finding.text.startswith("the mean loss of the last 200 iterations is ")
    assert label(finding, session.graph, session.registry).startswith("Set lr to 0.0")
    with session.document.transaction("Mend") as t:
        mend(finding, t, session.registry)
    assert session.train().last["train_loss"] < 0.3


def _logarithm() -> Session:
    def build(t: Any) -> str:
        w = Source(t.add("parameter", name="w", shape=(2,), init="zeros"), "y")
        return str(t.add("sum", name="loss", inputs={"x": t.add("log", name="ln", inputs={"x": w})}))

    return graph(build, epochs=300)


def test_the_logarithm_of_0_is_told_with_one_iteration_and_mended_where_it_begins() -> None:
    session = _logarithm()
    told = [each for each in train(session) if each.state != ENDS]
    of_value = [each for each in told if each.rule == "not finite" and each.node == "log0"]
    of_loss = [each for each in told if each.rule == "loss not finite"]
    assert {each.began for each in (*of_value, *of_loss)} == {1}
    assert all(each.text.endswith(", the first in iteration 1 (required: none)") for each in of_value)
    finding = of_loss[0]
    assert finding.mend == "a small ε added before it, as it is −∞ at 0"
    assert label(finding, session.graph, session.registry) == "Add 1e−12 before ln"
    with session.document.transaction("Mend") as t:
        mend(finding, t, session.registry)
    assert np.isfinite(session.run(fetch="loss")["loss"])
    assert label(finding, session.graph, session.registry) == ""  # it is done


def test_steps_are_judged_by_the_rate_of_their_parameter_group_also_where_the_common_one_is_0() -> None:
    common, grouped = (network(optimiser=SGD, rate=rate, epochs=40) for rate in (1e-6, 0.0))
    training = grouped.graph.training
    assert training is not None
    weights = tuple(id for id, node in grouped.graph.nodes.items() if node.op == "parameter")
    with grouped.document.transaction("Group") as t:
        t.set_training(replace(training, parameter_groups=({"parameters": weights, "lr": 1e-6},)))
    told = [[each.text for each in train(session) if each.rule == "update size"] for session in (common, grouped)]
    assert told[0]
    assert told[1] == told[0]


def test_what_mends_an_op_is_asked_of_the_ops_of_the_document() -> None:
    @op(formula="ln x", category="test", samples=[((2,),)])
    def own_log(xp: Any, x: Any) -> Any:
        """The logarithm, by a session that has ops of its own."""
        return xp.log(x)

    own_log.remedy = Remedy("a small ε added before it", above_zero=True)
    document = Document(registry=Registry([*builtin(), own_log]))
    with document.transaction("Build") as t:
        t.add("own_log", name="ln", inputs={"x": t.add("parameter", name="w", shape=(2,), init="zeros")})
    finding = Finding("not finite", "alert", "own_log0", "", edit={"remedy": {"node": "own_log0"}})
    assert label(finding, document.graph, document.registry) == "Add 1e−12 before ln"
    with document.transaction("Mend") as t:
        mend(finding, t, document.registry)
    assert label(finding, document.graph, document.registry) == ""


# Training that has arrived.


def test_where_training_has_arrived_no_longer_steps_are_advised() -> None:
    session = network(epochs=150, rate=0.05)
    trainer = session.trainer(Settings())
    follower = follow(trainer)
    trainer.run()
    follower.finish()
    told = follower.take()
    assert trainer.history[-1]["train_loss"] < 1e-3
    assert [each for each in told if "larger learning rate" in each.mend or "optimiser" in (each.edit or {})] == []
    assert {each.rule for each in told} & {"update size", "unchanged"} == set()


def test_where_something_is_learnt_no_rate_is_advised_that_is_many_times_as_large() -> None:
    session = network(epochs=40)
    session.train()
    with session.document.transaction("Slow down") as t:
        assert t.graph.training is not None
        t.set_training(replace(t.graph.training, optimiser={"name": "sgd", "lr": 1e-5}))
    rates = [each.edit["optimiser"]["lr"] for each in train(session) if each.edit and "optimiser" in each.edit]
    assert set(rates) == {3e-5}


def test_a_loss_of_nearly_nothing_does_not_diverge_in_a_run_that_begins_there() -> None:
    session = network(epochs=1)
    session.train()
    follower = follow(session.trainer(Settings(epochs=1)))
    follower._trainer.run()  # what guessing costs is known from its batches
    for number in range(20):
        low, high = 7e-9, 1.6e-7
        follower.watcher.take(Stretch(1 + 20 * number, (low,) * 20, (high if number else low,) * 20))
    assert [each.rule for each in follower.findings if each.rule == "diverging"] == []
    follower.watcher.take(Stretch(401, (20.0,) * 20, (20.0,) * 20))
    assert [each.level for each in follower.findings if each.rule == "diverging"] == ["alert"]


def test_noise_of_nearly_nothing_does_not_diverge_where_such_a_run_is_taken_up_again() -> None:
    session = network(epochs=40, rate=0.05)
    session.train()
    behind = [1e-8] * 20 + [6e-7, 1e-8] * 40  # of the run so far, which began where training had arrived
    follower = Follower(session.trainer(Settings(epochs=1)), losses=behind)
    assert [each.rule for each in follower.findings if each.rule == "diverging"] == []


def test_a_run_that_had_diverged_says_so_as_soon_as_it_is_taken_up_again() -> None:
    follower = Follower(network(epochs=1).trainer(Settings(epochs=1)), losses=[1.0] * 20 + [5000.0] * 20)
    assert [each.level for each in follower.findings if each.rule == "diverging"] == ["alert"]


# Epochs.


def test_no_gain_is_since_the_last_gain_also_where_it_is_told_of_another_loss() -> None:
    train_losses = [0.9 ** min(number, 4) for number in range(30)]  # its last gain is in the fifth epoch
    held_out = [1.0, *(0.8 for _ in range(15)), *(0.7 for _ in range(14))]  # its last in the second, then the 17th
    train_losses[12] = 0.3  # and then in the 13th
    follower = follow(network().trainer(Settings()))
    seen = {}
    for number, (one, other) in enumerate(zip(train_losses, held_out, strict=True), 1):
        follower.watcher.take(Epoch(number, 10 * number, {"train_loss": one, "validation_loss": other}))
        for each in follower.findings:
            if each.rule == "no gain":
                seen[number] = each.text.split()[1], each.began, int(each.text.split(" in ")[1].split()[0])
    assert seen[11] == ("training", 50, 6)
    assert seen[12] == ("validation", 20, 10)
    assert seen[30] == ("training", 130, 17)
    assert {began + 10 * epochs - 10 * number for number, (_, began, epochs) in seen.items()} == {0}


def test_overfitting_begins_once_and_lasts_while_nothing_is_gained() -> None:
    """However the loss on what is held out trembles; it ends where that is clearly better than before."""
    follower = follow(network().trainer(Settings()))
    held_out = [0.5, 0.3, 0.2, 0.21, 0.22, 0.23, 0.22, 0.199, 0.25, 0.198, 0.3, 0.24, 0.4, 0.41, 0.42, 0.2, 0.15, 0.14]
    told = []
    for number, held in enumerate(held_out, 1):
        row = {"train_loss": 0.1 * 0.9**number, "validation_loss": held}
        told += [each for each in follower.watcher.take(Epoch(number, 10 * number, row)) if each.rule == "overfit"]
    assert {each.began for each in told} == {60}
    assert [(each.state, each.number) for each in told if each.state in ("begins", ENDS)] == [
        ("begins", 60),
        (ENDS, 170),
    ]
    assert next(each for each in told if each.number == 80).text == (
        "the validation loss is 0.199, that of training 0.043: 362% above it,"
        " less than 5% below its best when this began (usual: at most 10%, or falling)"
    )


def test_a_loss_that_falls_beneath_the_chance_of_batches_has_not_stopped() -> None:
    """Its lowest stays for 200 iterations where one batch was easy, while its mean falls on and on."""
    assert not [each for each in train(example("nielsen")) if each.rule == "loss not decreasing"]


def _epochs(train_losses: list[float], held_out: list[float]) -> dict[str, RunFinding]:
    follower = follow(network().trainer(Settings()))
    for number, (one, other) in enumerate(zip(train_losses, held_out, strict=True), 1):
        row = {"train_loss": one, "validation_loss": other}
        follower.watcher.take(Epoch(number, 10 * number, row))
    return {each.rule: each for each in follower.findings}


def test_the_best_is_the_best_of_all_epochs() -> None:
    losses = [1.0, *(0.5 - 0.0001 * number for number in range(12))]
    assert "; its best is 0.499" in _epochs(losses, losses)["no gain"].text


def test_how_far_a_loss_is_above_one_that_is_nearly_0_is_told_in_times() -> None:
    overfit = _epochs([1e-8] * 6, [0.02] * 6)["overfit"]
    assert "the validation loss is 0.02, that of training 1e−08: 2 million times it, and" in overfit.text
    assert "that of training 0.1: 50% above it" in _epochs([0.1] * 6, [0.15] * 6)["overfit"].text


def test_a_run_that_goes_on_knows_what_was_found_before(tmp_path: Path) -> None:
    def session() -> Session:
        return network(rate=1e-7, epochs=30)

    begin(session(), tmp_path / "whole")
    whole = go(tmp_path / "whole")
    begin(session(), tmp_path / "parts")
    go(tmp_path / "parts", {190: [{"do": "stop"}]})
    rest = go(tmp_path / "parts")

    def last(events: list[Any]) -> dict[str, tuple[int, str]]:
        rules = ("no gain", "slow", "loss not decreasing")
        found = [each for each in events if each["event"] == "FINDING" and each["rule"] in rules]
        return {each["rule"]: (each["began"], each["state"]) for each in found}

    assert last(rest) == last(whole)
    assert last(whole).keys() >= {"no gain", "slow"}


@pytest.mark.parametrize("rate", [100.0, 10.0, 1.0, 0.5])
def test_where_the_loss_grows_a_rate_is_advised_that_trains_however_far_away_it_is(rate: float) -> None:
    """Nothing but the growth tells: parameters that begin at 0 have no length beside which a step is long."""
    session = example("linear_regression")
    with session.document.transaction("Rate") as t:
        t.set_training(replace(t.graph.training, optimiser={"name": "sgd", "lr": rate}, epochs=40))
    finding = next(each for each in train(session) if each.rule == "loss not finite")
    assert label(finding, session.graph, session.registry).startswith("Set lr to 0.0")
    with session.document.transaction("Mend") as t:
        mend(finding, t, session.registry)
    assert session.train().last["train_loss"] < 3500  # of 29,000 at the start


def test_values_that_are_not_finite_before_a_run_are_no_fault_of_its_rate() -> None:
    session = network(epochs=5)
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", np.full(session.graph.nodes["parameter0"].params["shape"], np.nan))
    told = [each for each in train(session) if "not finite" in each.rule]
    path = session.graph.path("parameter0")
    assert {each.rule for each in told} == {"loss not finite", "not finite"}
    assert {each.mend for each in told} == {
        f"{path} was not finite before the first iteration: reinitialise it, or undo what made it so"
    }
    assert {each.edit is None for each in told} == {True}
    assert not any("an update has made it so" in each.text for each in told)


def test_what_follows_from_gradients_that_are_not_zeroed_is_mended_there_alone() -> None:
    told = train(network(optimiser=SGD, rate=0.1, epochs=60, zero_gradients=False))
    follows = [each for each in told if each.rule in ("loss not decreasing", "diverging", "update size", "no gain")]
    assert follows
    assert {each.mend for each in follows if each.state != ENDS} == {
        "first its cause, gradients not zeroed: zero gradients, among the settings of training"
    }
    assert not any("optimiser" in (each.edit or {}) for each in told)


def test_a_chain_of_sigmoids_that_learns_nothing_alerts_of_its_vanishing_gradient() -> None:
    sizes = 64, *[64] * 8, 10
    session = network("digits", sizes, activation="sigmoid", optimiser=SGD, rate=0.01, batch=32, epochs=10)
    alerts = {each.rule: each for each in train(session) if each.level == "alert"}
    assert set(alerts) == {"loss not decreasing", "vanishing gradient"}
    assert session.graph.path(alerts["vanishing gradient"].node) == session.graph.path("parameter0")
    assert alerts["loss not decreasing"].mend == (
        "first its cause, vanishing gradient: relu in place of sigmoids and tanhs, residual ways, or batch_norm"
    )


@pytest.mark.slow
def test_a_loss_of_next_to_nothing_is_told_once_and_does_not_come_and_go() -> None:
    session = example("digits_mlp")
    with session.document.transaction("Epochs") as t:
        t.set_training(replace(t.graph.training, epochs=150))
    told = [each for each in train(session) if each.rule == "loss not decreasing" and each.state in ("begins", ENDS)]
    assert [each.state for each in told] == ["begins"]
    assert told[0].text.endswith(" 2.55: there is nothing left by which it could fall")
    assert told[0].mend.startswith("training has arrived: the loss is ")
