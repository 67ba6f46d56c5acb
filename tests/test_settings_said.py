"""`training(...)` of a script refuses at once what training would refuse, and names what others call its settings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import gradwire.core as gw
from gradwire.core.scripting import names


@pytest.fixture
def made() -> SimpleNamespace:
    """Iris with one layer and its loss."""
    script = SimpleNamespace(**names(gw.Session()))
    script.say("add dataset source=iris as data")
    script.say("data.x -> linear units=3 as fc1")
    script.say("fc1, data.y -> cross_entropy -> loss")
    script.training(loss="loss")
    return script


COMPARED = {"prediction": "fc1", "target": "data.y"}
EXAMPLE = 'as in [{"name": "accuracy", "prediction": "logits", "target": "data.y"}]'
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"schedule": {"name": "cosin"}}, "no schedule is called 'cosin' (there is cosine)"),
    (
        {"schedule": {"name": "cosine", "stepz": 3}},
        "cosine has no setting 'stepz' (its settings: steps, min_lr, warmup, warmup_start, by)",
    ),
    (
        {"schedule": "cosine"},
        'schedule of training must be an object or null, got \'cosine\' (as in {"name": "cosine"})',
    ),
    ({"schedule": True}, 'schedule of training must be an object or null, got True (as in {"name": "cosine"})'),
    (
        {"average": {"name": "exponential", "decay": 2}},
        "exponential: decay must be a number from 0 up to but not 1, got 2.0",
    ),
    ({"average": True}, 'average of training must be an object or null, got True (as in {"name": "exponential"})'),
    ({"average": "ema"}, 'average of training must be an object or null, got \'ema\' (as in {"name": "exponential"})'),
    (
        {"average": False},
        'average of training must be an object or null, got False (as in {"name": "exponential"}, null for none)',
    ),
    (
        {"early_stopping": {"patience": 0}},
        "early_stopping: patience must be an integer of 1 or more, got 0",
    ),
    (
        {"early_stopping": {"metric": "accuracy"}},
        "early stopping watches 'accuracy', which this run does not have (metric: train_loss or validation_loss)",
    ),
    (
        {"early_stopping": True},
        'early_stopping of training must be an object or null, got True (as in {"patience": 5})',
    ),
    ({"early_stopping": 3}, 'early_stopping of training must be an object or null, got 3 (as in {"patience": 3})'),
    ({"metrics": [{"name": "acuracy", **COMPARED}]}, "there is no metric 'acuracy' (perhaps accuracy)"),
    (
        {"metrics": [{"name": "accuracy", "k": 2, **COMPARED}]},
        "the metric accuracy has no setting 'k' (its settings: scores)",
    ),
    (
        {"metrics": [{"name": "r2", **COMPARED}]},
        (
            "data: the metric r2 reads fc1/add and data.y: prediction and target must have one shape;"
            " found (N, 3) and (N,) of integers (of class labels accuracy, f1 or nll; of numbers target: (N, 3))"
        ),
    ),
    ({"metrics": True}, f"metrics of training must be a list of objects, got True ({EXAMPLE})"),
    ({"metrics": "accuracy"}, f"metrics of training must be a list of objects, got 'accuracy' ({EXAMPLE})"),
    ({"penalised": "fc1"}, "penalised of training must be a list of texts or null, got 'fc1'"),
    ({"epochs": 0}, "training needs epochs of 1 or more, got 0"),
    ({"epochs": "5"}, "epochs of training must be an integer, got '5'"),
    ({"batch": 0}, "training needs batch of 1 or more, got 0"),
    ({"seed": -1}, "seed must be a whole number from 0 to 2**64 - 1; found -1 (seed: 0)"),
    ({"clip_norm": 0}, "training: clip_norm must be a number above 0 or null, got 0.0"),
    ({"l2": -1}, "training: l2 must be a number of 0 or more, got -1.0"),
    (
        {"parameter_groups": [{"parameters": ["fc1"], "lrr": 1}]},
        "parameter group 1: adam has no setting 'lrr' (its settings: lr, betas, eps, weight_decay, amsgrad)",
    ),
    ({"learning_rate": 0.1}, "training has no setting 'learning_rate' (near: lr)"),
    ({"batch_size": 8}, "training has no setting 'batch_size' (near: batch)"),
    ({"optimizer": "adam"}, "training has no setting 'optimizer' (near: optimiser)"),
    (
        {"patience": 3},
        "training has no setting 'patience' (it is one of early stopping: early_stopping={\"patience\": …})",
    ),
    ({"momentum": 0.9}, "training has no setting 'momentum' (adam has none, sgd and rmsprop have)"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG, ids=[str(settings) for settings, _ in WRONG])
def test_what_training_would_refuse_is_refused_when_it_is_said(
    made: SimpleNamespace, settings: dict[str, Any], message: str
) -> None:
    before = made.training()
    with pytest.raises(gw.GradwireError) as caught:
        made.training(**settings)
    assert str(caught.value) == message
    assert made.training() == before


def test_several_that_are_wrong_are_told_together(made: SimpleNamespace) -> None:
    with pytest.raises(gw.GradwireError) as caught:
        made.training(epochs=0, average={"name": "mean", "start": -1})
    assert [str(each) for each in caught.value.each] == [
        "training needs epochs of 1 or more, got 0",
        "mean: start must be an integer of 0 or more, got -1",
    ]


def test_what_was_wrong_before_keeps_nobody_from_saying_more(made: SimpleNamespace) -> None:
    with made.doc.transaction("Wrong") as t:
        t.set_training(gw.Training(made.g.loss.id, epochs=0))
    assert made.training(batch=8).batch == 8
    assert made.training(epochs=2).epochs == 2


def test_settings_that_go_together_are_said_in_one_call(made: SimpleNamespace) -> None:
    accuracy = {"name": "accuracy", **COMPARED}
    found = made.training(early_stopping={"metric": "validation_accuracy"}, metrics=[accuracy])
    assert found.early_stopping == {"metric": "validation_accuracy"}
    with made.edits("All at once"):
        made.add("softmax", "p", x="fc1")
        made.training(metrics=[{"name": "accuracy", "prediction": "p", "target": "data.y"}])
    assert [dict(each)["prediction"] for each in made.training().metrics] == [made.g.p.id]


def test_a_setting_of_the_graphs_training_is_told_where_a_run_is_given_it(made: SimpleNamespace) -> None:
    run = "mode, epochs, seed, dtype, out, resume, device, overfit_batch"
    for name, own in (("learning_rate", "lr"), ("lr", "lr"), ("batch_size", "batch")):
        with pytest.raises(gw.GradwireError) as caught:
            made.train(**{name: 1})
        wanted = f"train has no setting {name!r} ({own} is a setting of the graph's training; those of a run: {run})"
        assert str(caught.value) == wanted


def test_what_hardly_fits_a_run_is_a_line_without_a_place_in_python(
    made: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    made.training(schedule={"name": "step", "step_size": 30}, epochs=2)
    made.train()
    assert capsys.readouterr().err == (
        "warning: the schedule step first changes the rate after 30 epochs, but the run has 2 epochs: it never does\n"
    )


# Gradients.


def refused(act: Any) -> str:
    with pytest.raises(gw.GradwireError) as caught:
        act()
    return str(caught.value)


def test_a_gradient_of_a_graph_that_is_broken_further_on_says_what_is_broken() -> None:
    script = SimpleNamespace(**names(gw.Session()))
    script.say("h = sin(x)")
    script.say("x = [1, 2, 3]")
    script.add("input", "w", shape=(4, 2), value=1.0)
    script.add("matmul", "product", x="h", w="w")
    script.say("loss = sum(product)")
    script.say("aside = cos(h)")
    script.training(loss="loss")
    broken = "loss has no value (product.w: x has 3 elements but w has 4 rows)"
    for name in ("h", "x", "w"):
        assert refused(lambda name=name: script.g[name].grad) == f"{name} has no gradient: {broken}"
    assert refused(lambda: script.g.aside.grad) == "aside has no gradient: loss does not depend on it"
    script.disconnect("product.w")
    assert refused(lambda: script.g.h.grad) == (
        "h has no gradient: loss has no value (product.w: nothing is wired to this port)"
    )


def test_gradients_without_what_they_are_of_say_how_they_are_asked() -> None:
    script = SimpleNamespace(**names(gw.Session()))
    script.say("loss = sin(x)")
    session = script.session
    usage = "gradients(out, wrt, feed=…, seed=…, mode=…, train=…, iteration=…)"
    assert refused(lambda: session.gradients("loss")) == f"gradients needs wrt, got out ({usage})"
    assert refused(lambda: session.gradients("loss", of="x")) == (
        "gradients takes no argument 'of' (it takes out, wrt, feed, seed, mode, train, iteration)"
    )
    assert refused(lambda: session.gradients(["loss"], "x")) == (
        "a value is named by a text, got ['loss'] (as in 'relu' or 'data.x')"
    )
    assert session.gradients("loss", "x")["x"] == pytest.approx(0.5403023)
