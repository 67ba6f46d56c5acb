"""Diagnoses: each symptom is found where it is, with its number; sound networks are left in peace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from followed import network
from timelines import drawn, timeline_of, value

from gradwire.core.cli import main
from gradwire.core.diagnosing import RULES, diagnose
from gradwire.core.diagnosing.measures import percent
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

    text = "1 of 3 units let no gradient through on all 2 samples: unit 1 (33%; usual: at most 10%)"
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
    size = "norm of Δ / norm of w = {} (usual: 1e−4 to 1e−1)"
    assert found(session.timeline()) == [
        ("gradients not zeroed", "w", text),
        ("update size", "w", size.format("1 / 3 = 0.333")),
    ]
    text += "; up to 67% of what parameters follow is left over from before"
    assert found(session.timeline(iteration=2)) == [
        ("gradients not zeroed", "w", text),
        ("update size", "w", size.format("1.5 / 2 = 0.75")),
    ]


def test_all_parameters_whose_gradients_add_up_are_named() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        total, *others = [weight(t, name, 1.0) for name in ("a", "b", "c", "d")]
        for other in others:
            total = t.add("add", inputs={"x": total, "y": other})
        t.set_training(Training(loss=t.add("square", inputs={"x": total}), zero_gradients=False))
    timeline = Session(document).timeline(iteration=2)
    (finding,) = (each for each in diagnose(timeline) if each.rule == "gradients not zeroed")
    path = timeline.run.asked.graph.path
    assert [path(id) for id in (finding.node, *finding.also)] == ["a", "b", "c", "d"]
    assert finding.text == (
        "nothing sets gradients to zero, so each pass adds to those before it, in the gradients of a, b, c and 1 more"
        "; up to 50% of what parameters follow is left over from before"
    )


def test_a_chain_in_which_gradients_vanish_is_told_without_layers() -> None:
    timeline = Session.open(ROOT / "examples" / "lessons" / "vanishing_sigmoids.gw").timeline()
    text = "its gradient has norm 7.67e−06, that of s8 1 (usual: not below 1/1000 of it)"
    assert found(timeline) == [("vanishing gradient", "x", text)]


def test_a_fork_at_which_gradients_fight_is_told() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 3.0)
        up, down = (
            t.add("multiply", inputs={"x": x, "y": value(t, name, n)}) for name, n in (("a", 2.0), ("b", -1.95))
        )
        t.add("add", inputs={"x": up, "y": down})

    assert found(built(build)) == [
        ("fork cancellation", "x", "98.7% of what 2 ports send back cancels (usual: at most 90%)")
    ]


def test_a_branch_that_alone_is_not_finite_is_told_beside_the_origin() -> None:
    timeline = Session.open(ROOT / "examples" / "lessons" / "where_nan.gw").timeline()
    rules = [(rule, path) for rule, path, _ in found(timeline)]
    assert rules == [("not finite", "log x"), ("branch not finite", "x")]
    assert words(timeline) == ["NaN branch"]


def test_a_branch_that_is_infinite_is_not_called_nan() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", 0.0)
        relu, root = (t.add(op, name=op, inputs={"x": x}) for op in ("relu", "sqrt"))
        t.add("add", name="f", inputs={"x": relu, "y": root})

    assert words(built(build)) == ["∞ branch"]


def words(timeline: Timeline) -> list[str]:
    """What a badge tells of the branches that are not finite."""
    told = (finding for rule in RULES for finding in rule.find(timeline))
    return [finding.word for finding in told if finding.rule == "branch not finite"]


def test_a_chain_of_sigmoids_vanishes() -> None:
    def build(t: Any) -> None:
        last = value(t, "x", [[1.0]])
        for i in range(12):
            product = t.add("matmul", inputs={"x": last, "w": weight(t, f"w{i}", [[0.3]])})
            last = t.add("sigmoid", inputs={"x": product})
        t.add("sum", name="loss", inputs={"x": last})

    rules = {rule: path for rule, path, _ in found(built(build, "loss"))}
    assert rules == {"vanishing gradient": "w0", "update size": "w0"}


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


def mask(name: str) -> Any:
    """softmax of x and a mask that leaves its last element out, an op of it, and their product added up."""

    def build(t: Any) -> None:
        left = t.add("constant", name="mask", value=[0.0, 0.0, "-inf"])
        x = t.add("add", name="masked", inputs={"x": weight(t, "x", [1.0, 2.0, 3.0]), "y": left})
        p = t.add("softmax", name="p", inputs={"x": x})
        other = t.add(name, name=name, inputs={"x": p})
        t.add("sum", name="loss", inputs={"x": t.add("multiply", name="product", inputs={"x": p, "y": other})})

    return build


def test_a_mask_is_left_in_peace_until_nan_comes_of_it() -> None:
    assert found(built(mask("square"))) == []
    text = "log is −∞ at [2], of p = 0. So product is NaN at [2], of p = 0 as x, log = −∞ as y"
    told = next(each for each in diagnose(built(mask("log"))) if each.rule == "not finite")
    assert (told.level, told.text) == ("alert", text)
    assert told.mend.startswith("a small ε added before it")  # log_softmax of −∞ is −∞ as well


def test_an_infinity_that_was_computed_and_stays_without_consequence_is_a_hint() -> None:
    def build(t: Any) -> None:
        t.add("tanh", name="end", inputs={"x": t.add("log", name="log", inputs={"x": value(t, "x", [0.0, 1.0])})})

    told = next(each for each in diagnose(built(build)) if each.rule == "not finite")
    assert told.level == "hint"
    assert told.text == "log is −∞ at [0], of x = 0, which comes to no end and no gradient"


def test_a_gradient_of_zero_is_told_with_its_causes() -> None:
    def build(t: Any) -> None:
        x = weight(t, "x", [-1.0, -2.0])
        off = t.add("relu", name="relu", inputs={"x": x})
        t.add("sum", inputs={"x": t.add("add", inputs={"x": off, "y": t.add("round", name="round", inputs={"x": x})})})

    text = next(text for rule, path, text in found(built(build)) if (rule, path) == ("zero gradient", "x"))
    assert text.startswith("its gradient is exactly 0: ")
    assert "relu is off: both elements are not above 0" in text
    assert "round moves in steps: both elements lie on a step" in text


def test_of_a_graph_without_parameters_an_input_with_a_gradient_of_zero_is_told_with_its_causes() -> None:
    def build(t: Any) -> None:
        x = t.add("input", name="x", value=[0.4, 1.6, 2.2], shape=[3])
        steps = t.add("round", name="steps", inputs={"x": x})
        t.add("sum", inputs={"x": t.add("square", name="square", inputs={"x": steps})})

    ((rule, path, text),) = found(built(build))
    assert (rule, path) == ("zero gradient", "x")
    assert text.startswith("its gradient is exactly 0: steps moves in steps: all 3 elements lie on a step")


# What training makes of parameters.


def trained(build: Any, loss: str = "loss", lr: float = 0.1, **more: Any) -> Session:
    """A small graph that trains, by gradient descent."""
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
        id = next(id for id, node in t.graph.nodes.items() if node.name == loss)
        t.set_training(Training(loss=id, optimiser={"name": "sgd", "lr": lr, **more}))
    return Session(document)


def squared(t: Any) -> None:
    error = t.add("subtract", inputs={"x": weight(t, "w", 3.0), "y": value(t, "target", 1.0)})
    t.add("square", name="loss", inputs={"x": error})


def at_rest(session: Session) -> Timeline:
    """What is shown where nothing is stepped: in evaluation, without an update."""
    return timeline_of(session)


def test_a_step_that_is_too_long_is_told_with_its_ratio_and_with_the_loss_that_rises() -> None:
    session = trained(squared, lr=1.6)  # 3 → 3 − 1.6·4 = −3.4
    size = ("update size", "w", "norm of Δ / norm of w = 6.4 / 3 = 2.13 (usual: 1e−4 to 1e−1)")
    assert found(session.timeline()) == [size]
    assert found(at_rest(session)) == [size]
    second = diagnose(session.timeline(iteration=2))
    assert [(finding.rule, finding.level) for finding in second] == [("update size", "alert"), ("loss rose", "hint")]
    assert second[1].text.startswith("the loss rose from 4 to 19.4 in one iteration")


@pytest.mark.parametrize(("lr", "level"), [(0.2, "hint"), (0.05, None), (1e-3, None), (1e-5, "hint"), (1e-9, "alert")])
def test_how_far_out_an_update_is_says_how_bad_it_is(lr: float, level: str | None) -> None:
    levels = [finding.level for finding in diagnose(trained(squared, lr=lr).timeline())]
    assert levels == [level] * (level is not None)  # the ratio is 4/3 of the learning rate


def test_a_learning_rate_of_zero_is_told() -> None:
    text = "the learning rate is 0: training changes no parameter"
    assert found(trained(squared, lr=0.0).timeline()) == [("no update", "loss", text)]


def test_frozen_parameters_are_told_where_nothing_else_is_left_to_train() -> None:
    def build(t: Any, *frozen: str) -> None:
        product = t.add("multiply", inputs={"x": weight(t, "a", 1.0), "y": weight(t, "b", 2.0)})
        t.add("square", name="loss", inputs={"x": product})
        for node in list(t.graph.nodes.values()):
            if node.name in frozen:
                t.set_flags(node.id, ["freeze"])

    assert found(trained(lambda t: build(t, "a"), lr=0.01).timeline()) == []
    all_of_them = found(trained(lambda t: build(t, "a", "b"), lr=0.01).timeline())
    assert all_of_them == [("no update", "loss", "nothing is trained: a frozen, b frozen")]


def test_a_step_that_rounding_swallows_is_told() -> None:
    session = trained(squared, lr=1e-17)
    assert found(session.timeline()) == [("no update", "w", "it stays as it is: Δ is below what float64 can tell")]


def test_where_nothing_is_left_to_learn_no_larger_step_is_advised() -> None:
    def learnt(t: Any) -> None:
        w = t.add("parameter", name="w", value=1e-5)
        t.add("square", name="loss", inputs={"x": w})

    assert "no update" not in [rule for rule, *_ in found(trained(learnt, lr=1e-17).timeline())]


def test_of_a_parameter_that_is_nan_no_step_is_too_small_to_be_told() -> None:
    session = trained(squared, lr=0.1)
    id = next(id for id, node in session.graph.nodes.items() if node.name == "w")
    with session.document.transaction("NaN") as t:
        t.set_values(id, np.array(np.nan))
    assert not any("it stays as it is" in text for _, _, text in found(session.timeline()))


def counting(to_loss: bool, of_run: bool = False) -> Any:
    """`run ← run + 1` beside v², which the loss takes or not; or beside v · run."""

    def build(t: Any) -> None:
        v, run = weight(t, "v", 2.0), weight(t, "run", 2.0)
        more = t.add("add", inputs={"x": run, "y": value(t, "one", 1.0)})
        written = t.add("assign", name="count", inputs={"value": more}, target=run)
        t.add("multiply", name="loss", inputs={"x": v, "y": written if to_loss else run if of_run else v})

    return build


def test_an_assign_that_training_does_not_run_is_told_and_one_that_it_runs_is_not() -> None:
    idle = found(trained(counting(to_loss=False), lr=0.01).timeline())
    text = "not run in training: the loss does not depend on it, so it writes nothing into run"
    assert idle == [("idle assign", "count", text)]
    trained_too = found(trained(counting(to_loss=False, of_run=True), lr=0.01).timeline())
    assert trained_too == [("idle assign", "count", f"{text}, which the optimiser changes")]
    assert found(trained(counting(to_loss=True), lr=0.01).timeline()) == []


def dropping(rate: float) -> Any:
    def build(t: Any) -> None:
        dropped = t.add("dropout", name="drop", inputs={"x": weight(t, "w", [1.0, 2.0, 3.0, 4.0])}, rate=rate)
        t.add("mean", name="loss", inputs={"x": t.add("square", inputs={"x": dropped})})

    return build


def test_train_and_eval_are_told_side_by_side_where_they_are_far_apart() -> None:
    session = trained(dropping(1.0), lr=0.01)  # all is dropped
    text = (
        "the loss of this batch is 0 in training and 7.5 in evaluation: drop behaves differently in each "
        "(usual: at most 50% apart)"
    )
    for timeline in (session.timeline(), at_rest(session)):
        assert ("train and eval differ", "drop", text) in found(timeline)
    assert "train and eval differ" not in {rule for rule, *_ in found(trained(dropping(0.0), lr=0.01).timeline())}


def mends(timeline: Timeline) -> dict[str, str]:
    return {finding.rule: finding.mend for finding in diagnose(timeline)}


def test_what_mends_an_overflow_is_told_by_its_cause() -> None:
    def build(t: Any) -> None:
        exp = t.add("exp", name="e", inputs={"x": value(t, "x", [1.0, 1000.0])})
        share = t.add("divide", inputs={"x": exp, "y": t.add("sum", inputs={"x": exp})})
        t.add("sum", inputs={"x": share})

    told = mends(built(build))
    assert told["not finite"] == "subtract the maximum before it, as softmax does"
    assert told["branch not finite"] == "at e: subtract the maximum before it, as softmax does"
    where = mends(Session.open(ROOT / "examples" / "lessons" / "where_nan.gw").timeline())
    assert where["branch not finite"].startswith("at log x: an inner where before it, or ")


def dead_ends(t: Any) -> None:
    """loss = Σ (w · x + stopped v), and a parameter that nothing takes."""
    product = t.add("multiply", name="product", inputs={"x": weight(t, "w", [1.0]), "y": value(t, "x", [2.0])})
    stopped = t.add("detach", name="stop", inputs={"x": weight(t, "v", [1.0])})
    weight(t, "unused", [1.0])
    t.add("sum", name="loss", inputs={"x": t.add("add", inputs={"x": product, "y": stopped})})


def test_parameters_without_a_gradient_are_told_also_of_a_graph_that_is_not_trained() -> None:
    assert found(built(dead_ends)) == [
        ("no gradient", "v", "no gradient comes to it: at stop: stopped by detach"),
        ("no gradient", "unused", "no gradient comes to it: loss does not depend on it"),
    ]
    with_training = found(built(dead_ends, trains="loss"))
    assert [each[:2] for each in with_training if each[0] == "no gradient"] == [
        ("no gradient", "v"),
        ("no gradient", "unused"),
    ]


def test_where_gradients_are_of_nothing_only_parameters_that_nothing_takes_are_told() -> None:
    def build(t: Any) -> None:
        t.add("sin", name="of no number", inputs={"x": weight(t, "w", [1.0, 2.0])})
        weight(t, "unused", [1.0])

    assert found(built(build)) == [("no gradient", "unused", "no gradient comes to it: nothing takes it")]


@pytest.mark.parametrize("trains", [None, "loss"])
def test_a_loss_that_is_an_integer_is_told_with_the_op_that_makes_it_one(trains: str | None) -> None:
    def build(t: Any) -> None:
        best = t.add("argmax", name="best", inputs={"x": weight(t, "w", [[1.0, 3.0], [2.0, 1.0]])}, axis=1)
        t.add("sum", name="loss", inputs={"x": best})

    told = found(built(build, trains))
    at_best = "at best: a position moves in steps: there is no path for a gradient"
    text = f"loss is int64, and whole numbers have no gradient: {at_best}"
    assert ("loss without gradient", "loss", text) in told
    assert [each[:2] for each in told if at_best in each[2]] == [
        ("loss without gradient", "loss"),
        ("no gradient", "w"),
    ]


def test_a_label_of_a_graph_without_parameters_is_no_alert() -> None:
    timeline = built(lambda t: t.add("argmax", name="best", inputs={"x": value(t, "x", [1.0, 3.0])}))
    assert [(each.rule, each.level) for each in diagnose(timeline)] == [("loss without gradient", "hint")]


def test_units_that_are_dead_since_all_weights_are_0_are_woken_by_a_draw_and_by_no_other_activation() -> None:
    def mend(session: Session) -> str:
        return next(each.mend for each in diagnose(session.timeline()) if each.rule == "dead units")

    assert mend(network(scales=(0.0,))) == "init he of w0, where the weights of all units are the same"
    assert mend(network(bias=-50.0)) == "smaller steps, or leaky_relu"


@pytest.mark.parametrize("op", ["sqrt", "log", "rsqrt"])
def test_of_a_negative_number_no_small_number_is_said_to_help(op: str) -> None:
    def build(t: Any) -> None:
        t.add("sum", inputs={"x": t.add(op, name="s", inputs={"x": value(t, "a", [4.0, -2.0, 1.0])})})

    found = next(each for each in diagnose(drawn(build)) if each.rule == "not finite")
    assert found.mend == "a clip at 0 before it, or what feeds it kept above 0: below it is NaN"


def test_a_share_is_told_from_the_bound_that_it_lies_beyond() -> None:
    assert [percent(share, 0.1) for share in (0.5, 0.104, 0.10001)] == ["50%", "10.4%", "10.00%"]
