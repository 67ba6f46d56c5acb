"""Diagnoses over a whole training: each has a network that must bring it about and a sound one that must not."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import refusing
from followed import SGD, example, follow, found, graph, network, table, train

from gradwire.core.diagnosing.over_training import BEGINS, DIAGNOSES, ENDS, GOES_ON, RunFinding
from gradwire.core.diagnosing.over_training.following import next_look
from gradwire.core.diagnosing.over_training.mending import label, mend
from gradwire.core.errors import RunError
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.training.settings import Settings

Build = Callable[[Path], Session]
refused = refusing(RunError)


def _regression(**settings: Any) -> Session:
    return network("sine", (1, 16, 1), "tanh", **settings)


def _far_apart(folder: Path, standardise: bool) -> Session:
    random = np.random.default_rng(3)
    x = random.normal(size=(300, 2)) * 5 + 120
    folder = table(folder, x, (x[:, 0] > 120).astype(int))
    return network("rows.csv", (2, 16, 2), folder=folder, standardise=standardise, epochs=2)


def _classes(folder: Path, counts: tuple[int, ...], hidden: bool = False) -> Session:
    """Points around (4 · class, 0); with `hidden` those of the last class are among those of the first."""
    random = np.random.default_rng(3)
    middles = [0.0 if hidden and label == len(counts) - 1 else 4.0 * label for label in range(len(counts))]
    x = np.vstack([random.normal(size=(n, 2)) * 0.3 + [m, 0] for n, m in zip(counts, middles, strict=True)])
    y = [label for label, n in enumerate(counts) for _ in range(n)]
    folder = table(folder, x - x.mean(axis=0), y)
    return network("rows.csv", (2, 16, len(counts)), folder=folder, epochs=40, batch=64)


def _labels(folder: Path, by_chance: bool) -> Session:
    random = np.random.default_rng(3)
    x = random.normal(size=(80, 6))
    y = random.integers(0, 2, 80) if by_chance else (x[:, 0] > 0).astype(int)
    x[:, 0] *= 1 if by_chance else 4
    sizes = (6, 64, 2) if by_chance else (6, 2)
    return network("rows.csv", sizes, folder=table(folder, x, y), epochs=25, rate=0.02)


def _repeated(folder: Path, times: int) -> Session:
    random = np.random.default_rng(3)
    x = random.normal(size=(240 // times, 2)).repeat(times, axis=0)
    return network("rows.csv", (2, 16, 2), folder=table(folder, x, (x[:, 0] > 0).astype(int)), epochs=12, rate=0.05)


def _weight(t: Any, name: str, number: float, size: int = 2) -> Source:
    return Source(t.add("parameter", name=name, shape=(size,), init="constant", value=number), "y")


def _fork(share: float) -> Session:
    """The weight is used twice, the second time times `share`."""

    def build(t: Any) -> str:
        w = _weight(t, "w", 1.0)
        other = t.add("multiply", name="other", inputs={"x": w, "y": t.add("constant", value=share)})
        both = t.add("add", inputs={"x": w, "y": Source(other, "y")})
        apart = t.add("subtract", inputs={"x": Source(both, "y"), "y": t.add("constant", value=5.0)})
        return str(t.add("sum", name="loss", inputs={"x": t.add("square", inputs={"x": apart})}))

    return graph(build, epochs=90, rate=0.001)


def _root(start: float) -> Session:
    """The weight and its root, where the weight is above 0.5: the root of 0 has no finite slope."""

    def build(t: Any) -> str:
        w = _weight(t, "w", start)
        above = t.add("greater", inputs={"x": w, "y": t.add("constant", value=0.5)})
        taken = t.add("where", inputs={"c": above, "x": t.add("sqrt", name="root", inputs={"x": w}), "y": w})
        both = t.add("add", inputs={"x": w, "y": taken})
        return str(t.add("sum", name="loss", inputs={"x": both}))

    return graph(build, epochs=3)


def _logarithm(start: float) -> Session:
    def build(t: Any) -> str:
        return str(
            t.add("sum", name="loss", inputs={"x": t.add("log", name="ln", inputs={"x": _weight(t, "w", start)})})
        )

    return graph(build, epochs=3)


def _hop(rate: float) -> Session:
    """|w − 0.3|, which a step leads across."""

    def build(t: Any) -> str:
        apart = t.add("subtract", inputs={"x": _weight(t, "w", 0.0, 1), "y": t.add("constant", value=0.3)})
        return str(t.add("sum", name="loss", inputs={"x": t.add("abs", inputs={"x": apart})}))

    return graph(build, epochs=120, rate=rate)


def _wired(wrong: str = "") -> Session:
    """A layer of logits and its loss; `wrong` with what is at fault before one of them."""

    def build(t: Any) -> str:
        data = t.add("dataset", name="data", source="blobs")
        w = t.add("parameter", name="w", shape=(2, 3), init="he")
        value = Source(t.add("matmul", name="h", inputs={"x": Source(data, "x"), "w": Source(w, "y")}), "y")
        if wrong == "cut":
            t.set_flags(value.node, {"detach"})
            b = Source(t.add("parameter", name="b", shape=(3,)), "y")
            value = Source(t.add("add", inputs={"x": value, "y": b}), "y")
        if wrong == "softmax":
            value = Source(t.add("softmax", inputs={"x": value}), "y")
        target = Source(data, "y")
        if wrong == "broadcast":
            value = Source(t.add("sum", inputs={"x": value}, axis=1, keepdims=True), "y")
            target = Source(t.add("cast", inputs={"x": target}, dtype="float32"), "y")
            apart = t.add("subtract", name="apart", inputs={"x": value, "y": target})
            return str(t.add("mean", name="loss", inputs={"x": t.add("square", inputs={"x": apart})}))
        return str(t.add("cross_entropy", name="loss", inputs={"logits": value, "target": target}))

    return graph(build, epochs=1)


# By rule: the network that brings it about, at which node it is told, its level, and the sound one.
CASES: dict[str, tuple[Build, str, str, Build]] = {
    "loss not finite": (
        lambda _: _regression(optimiser=SGD, rate=500.0, epochs=20),
        "loss",
        "alert",
        lambda _: _regression(optimiser=SGD, rate=0.05, epochs=3),
    ),
    "not finite": (lambda _: _logarithm(0.0), "ln", "alert", lambda _: _logarithm(1.0)),
    "no gradient": (lambda _: _wired("cut"), "w", "alert", lambda _: _wired()),
    "softmax twice": (lambda _: _wired("softmax"), "loss", "alert", lambda _: _wired()),
    "silent broadcast": (lambda _: _wired("broadcast"), "apart", "alert", lambda _: _wired()),
    "loss at start": (
        lambda _: network(scales=(None, 8.0), epochs=1),
        "loss",
        "hint",
        lambda _: network(scales=(None, 0.1), epochs=1),
    ),
    "loss not decreasing": (
        lambda _: network(rate=1e-7, epochs=50),
        "loss",
        "hint",
        lambda _: network(rate=0.001, epochs=50),
    ),
    "diverging": (
        lambda _: example_at("linear_regression", 1.2),
        "loss",
        "alert",
        lambda _: example("linear_regression"),
    ),
    "oscillating": (lambda _: _hop(0.4), "loss", "hint", lambda _: _hop(0.001)),
    "vanishing gradient": (
        lambda _: network(sizes=(2, *[16] * 12, 3), activation="sigmoid", epochs=10),
        "w0",
        "hint",
        lambda _: network(sizes=(2, *[16] * 12, 3), epochs=4),
    ),
    "exploding gradient": (
        lambda _: network(sizes=(2, 16, 16, 3), scales=(0.001, 3.0, 20.0), optimiser=SGD, rate=1e-6),
        "w0",
        "hint",
        lambda _: network(sizes=(2, 16, 16, 3)),
    ),
    "penalty overwhelms": (lambda _: network(l2=10.0), "loss", "hint", lambda _: network(l2=1e-4)),
    "units alike": (lambda _: network(scales=(0.0,), epochs=2), "w0", "hint", lambda _: network(epochs=2)),
    "gradients not zeroed": (
        lambda _: network(zero_gradients=False, epochs=1),
        "w0",
        "alert",
        lambda _: network(epochs=1),
    ),
    "update size": (lambda _: network(rate=1e-7), "w0", "hint", lambda _: network(rate=0.003)),
    "unchanged": (lambda _: network(rate=1e-12), "w0", "alert", lambda _: network()),
    "dead units": (lambda _: network(bias=-50.0, epochs=40), "h0", "alert", lambda _: network(epochs=40)),
    "saturated": (
        lambda _: network(activation="tanh", scales=(40.0,)),
        "h0",
        "alert",
        lambda _: network(activation="tanh"),
    ),
    "bad start": (lambda _: network(scales=(0.001,), epochs=1), "h0", "hint", lambda _: network(epochs=1)),
    "all zero": (lambda _: network(bias=-50.0), "h0", "hint", lambda _: network()),
    "fork cancellation": (lambda _: _fork(-0.99), "w", "hint", lambda _: _fork(1.0)),
    "branch starvation": (lambda _: _fork(0.001), "w", "hint", lambda _: _fork(0.5)),
    "branch not finite": (lambda _: _root(0.0), "w", "alert", lambda _: _root(1.0)),
    "slow": (
        lambda _: network(rate=1e-6),
        "loss",
        "hint",
        lambda _: network(rate=0.01),
    ),
    "overfit": (lambda at: _labels(at, True), "loss", "hint", lambda at: _labels(at, False)),
    "no gain": (lambda _: network(rate=1e-6), "loss", "hint", lambda _: network(rate=0.001)),
    "suspicious validation": (lambda at: _repeated(at, 6), "loss", "hint", lambda at: _repeated(at, 1)),
    "input scale": (lambda at: _far_apart(at, False), "data", "hint", lambda at: _far_apart(at, True)),
    "class imbalance": (
        lambda at: _classes(at, (700, 30)),
        "data",
        "hint",
        lambda at: _classes(at, (400, 330)),
    ),
    "class left behind": (
        lambda at: _classes(at, (300, 300, 40), hidden=True),
        "loss",
        "hint",
        lambda at: _classes(at, (300, 300, 300)),
    ),
}


def example_at(name: str, rate: float) -> Session:
    """An example with another learning rate."""
    session = example(name)
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Rate") as t:
        t.set_training(replace(training, optimiser={**training.optimiser, "lr": rate}))
    return session


def test_a_learning_rate_of_zero_is_one_finding_however_many_parameters_stand_still() -> None:
    told = [finding for finding in train(network(rate=0.0)) if finding.rule == "unchanged" and finding.state == BEGINS]
    assert [(finding.level, finding.text, finding.mend) for finding in told] == [
        ("alert", "the learning rate is 0: no parameter has changed in 16 iterations", "a learning rate of about 0.01")
    ]
    assert told[0].edit == {"optimiser": {"lr": 0.01}}


def test_every_diagnosis_has_its_networks() -> None:
    assert set(CASES) == {each.name for each in DIAGNOSES}


@pytest.mark.parametrize("rule", CASES)
def test_a_network_with_the_trouble_is_told_of_it(rule: str, tmp_path: Path) -> None:
    build, node, level, _ = CASES[rule]
    session = build(tmp_path)
    told = [finding for finding in train(session) if finding.rule == rule]
    assert told, "nothing was found"
    assert told[0].state == BEGINS
    assert node in [session.graph.path(finding.node) for finding in told]
    assert level in [finding.level for finding in told]
    diagnosis = next(each for each in DIAGNOSES if each.name == rule)
    assert level == "hint" or diagnosis.level == level
    for finding in told:
        low, high = finding.band
        outside = (low is not None and finding.measured < low) or (high is not None and finding.measured > high)
        assert outside or (low, high) == (None, None) or finding.state == ENDS or rule in ("all zero", "no gain"), (
            finding
        )
        assert finding.text
        assert finding.about
        assert finding.mend


@pytest.mark.parametrize("rule", CASES)
def test_a_sound_network_is_left_in_peace(rule: str, tmp_path: Path) -> None:
    assert rule not in found(CASES[rule][3](tmp_path))


SOUND = ("iris_mlp", "linear_regression", "logistic_regression", "moons_mlp", "digits_mlp")


@pytest.mark.parametrize("name", SOUND)
def test_an_example_gives_no_alert(name: str) -> None:
    assert [finding.text for finding in train(example(name)) if finding.level == "alert"] == []


@pytest.mark.slow
def test_digits_cnn_gives_no_alert() -> None:
    assert [finding.text for finding in train(example("digits_cnn")) if finding.level == "alert"] == []


EDITS = (
    "loss not finite",
    "diverging",
    "penalty overwhelms",
    "units alike",
    "gradients not zeroed",
    "dead units",
    "overfit",
    "input scale",
)


@pytest.mark.parametrize("rule", EDITS)
def test_the_edit_of_a_finding_can_be_made_and_undone(rule: str, tmp_path: Path) -> None:
    session = CASES[rule][0](tmp_path)
    finding = found(session)[rule]
    before = session.graph
    assert label(finding, before, session.registry)
    with session.document.transaction(label(finding, before, session.registry)) as t:
        mend(finding, t, session.registry)
    assert session.graph is not before
    session.document.undo()
    assert session.graph.training == before.training
    assert dict(session.graph.nodes) == dict(before.nodes)


@pytest.mark.parametrize("rule", ["units alike", "gradients not zeroed", "penalty overwhelms", "input scale"])
def test_the_edit_of_a_finding_mends_it(rule: str, tmp_path: Path) -> None:
    session = CASES[rule][0](tmp_path)
    finding = found(session)[rule]
    with session.document.transaction("Mend") as t:
        mend(finding, t, session.registry)
    later = found(session)
    assert rule not in later or later[rule].measured < finding.measured


def _learns(session: Session) -> tuple[float, np.ndarray[Any, Any]]:
    """The loss at the end of a training, and by how much it has moved what each unit of the first layer takes."""
    (w0,) = (id for id, node in session.graph.nodes.items() if node.name == "w0")
    begun = session.trainer(Settings(epochs=1)).state[w0].copy()
    result = session.train()
    return result.last["train_loss"], np.abs(result.values[w0] - begun).max(axis=0)


def test_of_weights_that_are_all_0_a_draw_is_the_mend_and_no_other_activation() -> None:
    session = network(scales=(0.0,), epochs=40)
    told = train(session)
    first = next(each for each in told if each.rule == "units alike")
    assert (session.graph.path(first.node), first.number, first.measured, first.band) == ("w0", 9, 1.0, (2.0, None))
    assert first.text == (
        "all 16 units of its layer have the same weights, and all of them are 0: they compute the same, and learn the"
        " same (usual: no two alike)"
    )
    assert first.mend == "init he in place of normal, which draws them at random, and a new start"
    dead = [each for each in told if each.rule == "dead units"]
    assert dead
    assert {each.mend for each in dead} == {f"first its cause, units alike: {first.mend}"}
    assert {each.edit is None for each in dead} == {True}
    assert "leaky_relu" not in " ".join(each.mend for each in told)
    assert [each.level for each in told if each.rule == "units alike"][-1] == "alert"
    loss = session.train().last["train_loss"]
    with session.document.transaction(label(first, session.graph, session.registry)) as t:
        mend(first, t, session.registry)
    assert session.document.history.next_undo.label == "Draw w0 at random, then start anew"
    assert not session.document.values
    assert session.train().last["train_loss"] < loss / 2


def test_one_mend_draws_all_layers_that_are_alike_and_what_was_trained_begins_anew() -> None:
    session = network(sizes=(2, 16, 16, 3), scales=(0.0, 0.0), epochs=40)
    finding = found(session)["units alike"]
    graph = session.graph
    session.train()
    with session.document.transaction("Mend") as t:
        t.set_flags(graph.resolve("b0"), ["freeze"])
    kept = session.document.values[graph.resolve("b0")]
    with session.document.transaction(label(finding, graph, session.registry)) as t:
        mend(finding, t, session.registry)
    assert session.document.history.next_undo.label == "Draw w0 and 1 more at random, then start anew"
    assert [session.graph.nodes[graph.resolve(name)].params["init"] for name in ("w0", "w1")] == ["he", "he"]
    assert list(session.document.values) == [graph.resolve("b0")]
    assert session.document.values[graph.resolve("b0")] is kept
    session.document.undo()
    assert len(session.document.values) > 1
    assert session.graph.nodes[graph.resolve("w1")].params["init"] != "he"


def test_units_that_are_mended_live_and_learn() -> None:
    session = network(bias=-50.0, epochs=40)
    finding = found(session)["dead units"]
    loss, moved = _learns(session)
    assert (loss, moved.max()) == (pytest.approx(math.log(3), rel=0.01), 0.0)
    with session.document.transaction("Mend") as t:
        mend(finding, t, session.registry)
    loss, moved = _learns(session)
    assert loss < 0.75 * math.log(3)
    assert moved.min() > 0.01


def test_a_finding_is_written_as_json_and_read_again() -> None:
    told = train(CASES["diverging"][0](Path()))
    assert told
    for finding in told:
        again = RunFinding.from_json(json.loads(json.dumps(finding.to_json())))
        assert repr(again) == repr(finding)  # NaN is not itself
    with refused("this is not a finding of a run, as its log has them"):
        RunFinding.from_json({"rule": "diverging"})


def test_a_finding_begins_goes_on_and_ends() -> None:
    session = CASES["gradients not zeroed"][0](Path())
    trainer = session.trainer(Settings(epochs=2))
    follower = follow(trainer)
    trainer.run()
    told = [finding for finding in follower.take() if finding.rule == "gradients not zeroed"]
    assert [finding.state for finding in told] == [BEGINS, GOES_ON, GOES_ON]
    assert [(finding.began, finding.number, finding.measured) for finding in told] == [(2, 2, 2), (2, 4, 4), (2, 9, 9)]
    assert [finding.rule for finding in follower.findings if finding.level == "alert"] == ["gradients not zeroed"]
    assert told[0].text.endswith("2 passes back, in the gradients of w0, b0, w1 and 1 more (usual: its own)")
    mended = replace(trainer.training, zero_gradients=True, epochs=9)
    trainer.training = trainer.step.training = mended
    trainer.run()
    assert [finding.state for finding in follower.take() if finding.rule == "gradients not zeroed"][-1] == ENDS


def test_the_same_run_has_the_same_findings() -> None:
    first, second = (train(CASES["saturated"][0](Path())) for _ in range(2))
    assert first == second


def test_what_is_followed_has_the_same_bits() -> None:
    alone, followed = network(), network()
    values = alone.trainer(Settings()).run().values
    trainer = followed.trainer(Settings())
    follow(trainer)
    for id, value in trainer.run().values.items():
        assert np.array_equal(value, values[id])


def test_looks_are_closer_at_first() -> None:
    looks, number = [], 0
    while number < 900:
        number = next_look(number)
        looks.append(number)
    assert looks == [1, 2, 4, 8, 16, 32, 64, 128, 256, 456, 656, 856, 1056]


def test_data_that_are_spread_wide_are_the_cause_of_what_starts_badly() -> None:
    """Wine as it is measured: its mean is less than its deviation, and neither is what weights expect."""
    session = Session(example("iris_mlp").graph, dtype="float32")
    (data,) = (id for id, node in session.graph.nodes.items() if node.op == "dataset")
    weight = session.document.graph.resolve("mlp/linear_1/weight")
    with session.document.transaction("Wine") as t:
        t.set_param(data, "source", "wine")
        t.set_param(data, "standardise", False)
        with t.building(*session.graph.chain(session.graph.item(weight).group)):
            t.set_param(weight, "shape", [13, 16])
    told = train(session)
    scale = next(each for each in told if each.rule == "input scale")
    assert scale.node == data
    assert scale.edit == {"parameter": {"node": data, "name": "standardise", "value": True}}
    assert scale.text.endswith("(usual: within ±1, or a deviation of at most 10 and a mean of at most 1 of it)")
    follow = {each.rule: each.mend for each in told if each.rule in ("bad start", "loss at start")}
    assert follow == {
        "bad start": "first its cause, input scale: standardise the data",
        "loss at start": "first its cause, input scale: standardise the data",
    }


def test_a_layer_that_is_dead_from_the_first_is_told_of_after_few_iterations() -> None:
    session = example("digits_mlp")
    bias = session.graph.resolve("mlp/linear_1/bias")
    with session.document.transaction("Kill") as t:
        t.set_values(bias, np.full(128, -50.0, np.float32))
    told = train(session)
    first = next(each for each in told if each.rule == "dead units")
    assert first.number <= 50
    assert first.level == "alert"
    assert "128 of 128 units (100%) let no gradient through on the last 192 samples" in first.text


def test_one_learning_rate_is_advised_over_a_run() -> None:
    session = example("digits_mlp")
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Slow") as t:
        t.set_training(replace(training, optimiser={"name": "sgd", "lr": 1e-9}, epochs=10))
    rates = {each.edit["optimiser"]["lr"] for each in train(session) if each.edit and "optimiser" in each.edit}
    assert len(rates) == 1
    assert 0.05 <= rates.pop() <= 1.0
