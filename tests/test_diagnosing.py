"""Diagnoses: each symptom is found where it is, with its number; sound networks are left in peace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import timeline_of, value

from gradwire.core.cli import main
from gradwire.core.diagnosing import RULES, diagnose
from gradwire.core.document import Document
from gradwire.core.graph import Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Timeline

ROOT = Path(__file__).parent.parent
SOUND = ("digits_mlp", "mlp_64x1000x100x10", "linear_regression", "logistic_4x3", "sin_plus_product")


def built(build: Any, trains: str | None = None) -> Timeline:
    """The timeline of a small graph, which `trains` the node of this name."""
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
        if trains is not None:
            loss = next(id for id, node in t.graph.nodes.items() if node.name == trains)
            t.set_training(Training(loss=loss))
    return timeline_of(Session(document))


def found(timeline: Timeline) -> list[tuple[str, str, str]]:
    """Rule, path and text of each finding."""
    graph = timeline.run.asked.graph
    return [(finding.rule, graph.path(finding.node), finding.text) for finding in diagnose(timeline)]


def weight(t: Any, name: str, number: Any, **more: Any) -> str:
    return t.add("parameter", name=name, shape=np.shape(number), init="constant", value=number, **more)


def test_units_that_no_sample_wakes_are_dead() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, -1.0, -2.0], [2.0, -1.0, 1.0]])
        t.add("sum", inputs={"x": t.add("relu", name="h", inputs={"x": x})})

    text = "1 of 3 units are silent on all 2 samples (33%; usual: at most 10%)"
    assert found(built(build)) == [("dead units", "h", text)]


def test_a_sigmoid_far_out_is_saturated() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [9.0, -9.0, 0.0, 8.0])
        t.add("sum", inputs={"x": t.add("sigmoid", name="s", inputs={"x": x})})

    text = "75% of its elements are where its slope is below 0.05 of its steepest (usual: at most 30%)"
    assert found(built(build)) == [("saturated", "s", text)]


def test_a_loss_far_from_guessing_is_told_with_ln_c() -> None:
    def build(t: Any) -> None:
        logits = weight(t, "w", [[8.0, 0.0], [0.0, 8.0]])
        target = t.add("input", name="target", shape=(2,), dtype="int64", value=[1, 0])
        t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": target})

    assert found(built(build, "loss")) == [("loss at start", "loss", "it starts at 8, guessing gives ln 2 = 0.693")]


def test_softmax_before_a_loss_that_takes_logits_is_told() -> None:
    def build(t: Any) -> None:
        probabilities = t.add("softmax", name="p", inputs={"x": value(t, "x", [[0.1, 0.2]])})
        target = t.add("input", name="target", shape=(1,), dtype="int64", value=[1])
        t.add("cross_entropy", name="loss", inputs={"logits": probabilities, "target": target})

    text = "it takes logits and squashes them itself, but p has applied softmax already"
    assert ("softmax twice", "loss", text) in found(built(build))


def test_a_column_against_a_row_is_a_silent_broadcast() -> None:
    def build(t: Any) -> None:
        x, y = value(t, "x", [[1.0], [2.0]]), value(t, "y", [1.0, 2.0])
        error = t.add("subtract", name="error", inputs={"x": x, "y": y})
        t.add("mean", inputs={"x": t.add("square", inputs={"x": error})})

    text = "x (2, 1) and y (2,) are both expanded, to (2, 2)"
    assert found(built(build)) == [("silent broadcast", "error", text)]


def test_a_bias_that_is_broadcast_is_as_it_should_be() -> None:
    def build(t: Any) -> None:
        x, b = value(t, "x", [[1.0, 2.0], [3.0, 4.0]]), value(t, "b", [1.0, 2.0])
        t.add("sum", inputs={"x": t.add("add", inputs={"x": x, "y": b})})

    assert found(built(build)) == []


def test_parameters_that_training_leaves_are_told_with_the_reason() -> None:
    def build(t: Any) -> None:
        x, cut, aside, frozen = (weight(t, name, [2.0, 1.0]) for name in ("x", "cut", "aside", "frozen"))
        t.set_flags(frozen, "freeze")
        detached = t.add("detach", name="d", inputs={"x": cut})
        product = t.add("multiply", inputs={"x": x, "y": detached})
        t.add("sum", name="loss", inputs={"x": t.add("add", inputs={"x": product, "y": frozen})})
        t.add("sum", name="unused", inputs={"x": aside})

    assert found(built(build, "loss")) == [
        ("no gradient", "cut", "training leaves it as it is: at d: stopped by detach"),
        ("no gradient", "aside", "training leaves it as it is: the loss does not depend on it"),
    ]


def test_two_products_with_nothing_bent_between_them_are_one() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0]])
        first = t.add("matmul", name="one", inputs={"x": x, "w": weight(t, "a", [[1.0, 0.5], [0.0, 1.0]])})
        biased = t.add("add", inputs={"x": first, "y": weight(t, "b", [0.1, 0.2])})
        second = t.add("matmul", name="two", inputs={"x": biased, "w": weight(t, "c", [[1.0], [1.0]])})
        t.add("sum", name="loss", inputs={"x": second})

    text = "nothing is bent between one and it, so that both are one linear map"
    assert found(built(build, "loss")) == [("nothing bent", "two", text)]


def test_gradients_that_nothing_sets_to_zero_are_told() -> None:
    session = Session.open(ROOT / "examples" / "lessons" / "not_zeroed.gw")
    text = "nothing sets gradients to zero, so each pass adds to those before it"
    assert found(session.timeline()) == [("not zeroed", "loss", text)]
    text += "; up to 67% of what parameters follow is left over from before"
    assert found(session.timeline(iteration=2)) == [("not zeroed", "loss", text)]


def test_a_chain_in_which_gradients_vanish_is_told_without_layers() -> None:
    timeline = Session.open(ROOT / "examples" / "lessons" / "vanishing_sigmoids.gw").timeline()
    text = "its gradient has norm 7.67e−06, that of s8 1 (usual: not below 1/1000 of it)"
    assert found(timeline) == [("vanishing", "x", text)]


def test_a_fork_at_which_gradients_fight_is_told() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 3.0)
        up, down = (
            t.add("multiply", inputs={"x": x, "y": value(t, name, n)}) for name, n in (("a", 2.0), ("b", -1.95))
        )
        t.add("add", inputs={"x": up, "y": down})

    assert found(built(build)) == [
        ("cancellation", "x", "98.7% of what 2 ports send back cancels (usual: at most 90%)")
    ]


def test_a_branch_that_alone_is_not_finite_is_told_beside_the_origin() -> None:
    timeline = Session.open(ROOT / "examples" / "lessons" / "where_nan.gw").timeline()
    rules = [(rule, path) for rule, path, _ in found(timeline)]
    assert rules == [("not finite", "log x"), ("branch", "x")]


def test_a_chain_of_sigmoids_vanishes() -> None:
    def build(t: Any) -> None:
        last = value(t, "x", [[1.0]])
        for i in range(12):
            product = t.add("matmul", inputs={"x": last, "w": weight(t, f"w{i}", [[0.3]])})
            last = t.add("sigmoid", inputs={"x": product})
        t.add("sum", name="loss", inputs={"x": last})

    rules = {rule: path for rule, path, _ in found(built(build, "loss"))}
    assert rules == {"vanishing": "w0"}


@pytest.mark.parametrize(
    "name", ["digits_mlp", "mlp_64x1000x100x10", "linear_regression", "logistic_4x3", "sin_plus_product"]
)
def test_sound_graphs_are_left_in_peace(name: str) -> None:
    assert found(Session.open(ROOT / "examples" / f"{name}.gw").timeline()) == []


def test_every_rule_says_what_it_looks_for() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.about for rule in RULES)


def test_the_command_tells_findings_to_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(ROOT / "examples" / "lessons" / "where_nan.gw")
    assert main(["diagnose", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("alert: log x: not finite: log x is −∞ at [0], of x = 0")
    assert lines[-1] == "2 findings"
    assert main(["diagnose", path, "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["level"], each["node"]) for each in told] == [("alert", "log x"), ("alert", "x")]
    assert main(["diagnose", str(ROOT / "examples" / "colah.gw")]) == 0
    assert capsys.readouterr().out == "nothing unusual\n"
