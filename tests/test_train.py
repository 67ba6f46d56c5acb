"""Training: batches, bits, metrics, and what is refused before the first iteration."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_graphs import ACCURACY, ADAM, MOMENTUM, classifier, train_on

from gradwire.core.document import Document
from gradwire.core.errors import EditError, GradwireError, ParameterError, RunError
from gradwire.core.graph.elements import Source, Training
from gradwire.core.ops import builtin
from gradwire.core.printing import Printed, hearing
from gradwire.core.session import Session
from gradwire.core.training.engine import Engine, Events
from gradwire.core.training.trainer import Result, Settings, Trainer

BATCHES = (5, 5, 5, 3)  # of 18 samples


def same_bits(one: Result, other: Result) -> bool:
    """Whether two runs ended with the same values and the same history, to the bit."""
    return (
        one.values.keys() == other.values.keys()
        and all(np.array_equal(value, other.values[id], equal_nan=True) for id, value in one.values.items())
        and all(value.dtype == other.values[id].dtype for id, value in one.values.items())
        and repr(one.history) == repr(other.history)
        and one.iterations == other.iterations
    )


# --- bits


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("settings", [ADAM, MOMENTUM])
def test_static_and_eager_give_the_same_bits(tmp_path: Path, settings: dict[str, Any], dtype: str) -> None:
    """With dropout: its masks are the same in both."""
    runs = [classifier(tmp_path, optimiser=settings).train(mode=mode, dtype=dtype) for mode in ("static", "eager")]
    assert same_bits(*runs)
    assert runs[0].iterations == 3 * len(BATCHES)
    assert {value.dtype.name for value in runs[0].values.values()} == {dtype}


def test_iris_learns_and_gives_the_same_bits_twice(tmp_path: Path) -> None:
    def session() -> Session:
        made = classifier(tmp_path, epochs=15, batch=16)
        with made.document.transaction("Data") as t:
            t.set_param("dataset0", "source", "iris")
            t.set_param("parameter0", "shape", [4, 4])
        return made

    first = session().train()
    assert first.last["validation_accuracy"] >= 0.9
    assert first.iterations == 15 * 8  # 120 samples: the last batch has 8
    assert same_bits(first, session().train())


def test_a_seed_decides_every_bit(tmp_path: Path) -> None:
    first, second, other = (classifier(tmp_path).train(seed=seed) for seed in (4, 4, 5))
    assert same_bits(first, second)
    assert not any(np.array_equal(first.values[id], other.values[id]) for id in first.values)


def test_the_settings_of_a_run_go_before_the_graphs(tmp_path: Path) -> None:
    trainer = classifier(tmp_path).trainer(Settings(epochs=7, seed=9, dtype="float64", out=str(tmp_path)))  # type: ignore[arg-type]
    assert (trainer.training.epochs, trainer.training.seed, trainer.dtype) == (7, 9, "float64")
    assert trainer.settings.out == tmp_path
    session = classifier(tmp_path)
    override = Session(session.document, session.path, dtype="float64")
    assert override.trainer().dtype == "float64"
    assert override.trainer(Settings(dtype="float32")).dtype == "float32"


def test_training_starts_from_the_documents_values(tmp_path: Path) -> None:
    session = classifier(tmp_path, optimiser={"name": "sgd", "lr": 0.0}, epochs=1)
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", np.full((2, 4), 0.25))
    result = session.train()
    assert (result.values["parameter0"] == 0.25).all()
    assert result.values["parameter0"].dtype == np.float32
    assert len(np.unique(result.values["parameter2"])) > 1  # drawn, since the document holds none


# --- batches and metrics


def test_every_sample_is_seen_once_an_epoch_and_the_last_batch_is_smaller(tmp_path: Path) -> None:
    trainer = classifier(tmp_path).trainer()
    seen: list[np.ndarray[Any, Any]] = []
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: seen.append(e.state.batch))
    trainer.run()
    assert [len(rows) for rows in seen] == [*BATCHES] * 3
    epochs = [np.concatenate(seen[i : i + 4]) for i in (0, 4, 8)]
    assert all(sorted(rows) == list(range(18)) for rows in epochs)
    assert len({tuple(rows) for rows in epochs}) == 3  # shuffled anew
    assert trainer.iterations_per_epoch == 4


def losses(session: Session, part: str) -> np.ndarray[Any, Any]:
    """The cross-entropy of each sample by NumPy, from the logits of an evaluation with the initial values."""
    trainer = session.trainer(Settings(dtype="float64"))
    feeds = trainer.data.feeds(part, np.arange(len(trainer.data.parts[part]["data.y"])))
    wide = Session(session.document, session.path, dtype="float64")
    logits = wide.run(feeds, "add1")["add1"]
    log_sums = np.log(np.exp(logits).sum(axis=1))
    result: np.ndarray[Any, Any] = log_sums - logits[np.arange(len(logits)), feeds["data.y"]]
    return result


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("batch", [1, 4, 5, 18, 100])
def test_metrics_are_those_of_all_samples_however_they_are_cut(tmp_path: Path, batch: int, mode: str) -> None:
    session = classifier(tmp_path, dropout=False, batch=batch, optimiser={"name": "sgd", "lr": 0.0}, epochs=1)
    row = session.train(mode=mode, dtype="float64").last
    assert row["train_loss"] == pytest.approx(losses(session, "train").mean(), rel=1e-13)
    assert row["validation_loss"] == pytest.approx(losses(session, "validation").mean(), rel=1e-13)
    trainer = session.trainer(Settings(dtype="float64"))
    feeds = trainer.data.feeds("validation", np.arange(5))
    wide = Session(session.document, session.path, dtype="float64")
    chosen = wide.run(feeds, "add1")["add1"].argmax(axis=1)
    assert row["validation_accuracy"] == (chosen == feeds["data.y"]).mean()


def test_metrics_stand_in_pairs_of_as_many_samples_trained_on_as_are_held_out(tmp_path: Path) -> None:
    """Both in evaluation mode and after the same epoch: what lies between them is no matter of when or how."""
    session = classifier(tmp_path, epochs=1)
    trainer = session.trainer()
    result = trainer.run()
    held_out, samples = trainer.data.held_out, trainer.data.samples
    assert 0 < held_out < samples
    rows = [i * samples // held_out for i in range(held_out)]
    made = trainer.validation.batch(np.array(rows), trainer.state, "train")
    (compared,) = made.metrics.values()
    expected = float((compared[0].argmax(axis=1) == compared[1]).mean())
    assert result.last["accuracy"] == expected


def test_what_prints_is_heard_of_what_is_trained_and_validated_and_no_more(tmp_path: Path) -> None:
    session = classifier(tmp_path, epochs=1)
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Print") as t:
        logits = t.graph.fed(training.loss, "logits")
        t.connect(t.add("print", inputs={"x": logits}) + ".y", training.loss, "logits")
    trainer, heard = session.trainer(), list[Printed]()
    with hearing(heard.append):
        trainer.run()
    assert len([line for line in heard if line.iteration]) == trainer.iterations_per_epoch
    assert len([line for line in heard if line.iteration == 0]) == len(trainer.validation.batches)


def test_where_none_are_held_out_metrics_are_of_the_samples_trained_on(tmp_path: Path) -> None:
    session = classifier(tmp_path, dropout=False)
    with session.document.transaction("Hold nothing out") as t:
        t.set_param("dataset0", "validation", 0)
    row = session.train().last
    assert set(row) == {"epoch", "iteration", "train_loss", "accuracy"}
    feeds = session.trainer(Settings()).data.feeds("train", np.arange(23))
    chosen = session.run(feeds, "add1")["add1"].argmax(axis=1)  # with what was trained
    assert row["accuracy"] == (chosen == feeds["data.y"]).mean()


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("form", ["sigmoid", "reshaped", "by mode"])
def test_probabilities_of_class_1_are_counted_as_such(tmp_path: Path, form: str, mode: str) -> None:
    """A network that ends in a sigmoid: above 0 all of it is, above one half what it takes for class 1."""
    numbers = np.random.default_rng(2)
    x = numbers.normal(size=(60, 2))
    np.savez(tmp_path / "two.npz", x=x, y=(x[:, :1] > 0).astype(float))
    names = ("accuracy", "precision", "recall", "f1", "confusion_matrix", "nll")
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", id="data", source="two.npz", task="regression", validation=0.5)
        w = t.add("parameter", name="w", shape=[2, 1], init="normal")
        logits = t.add("matmul", name="logits", inputs={"x": f"{data}.x", "w": w})
        out = probabilities = t.add("sigmoid", inputs={"x": logits})
        if form == "reshaped":
            out = t.add("flatten", inputs={"x": t.add("identity", inputs={"x": probabilities})})
        if form == "by mode":
            out = t.add("by_mode", inputs={"x": logits, "y": probabilities})
        t.add("mse", id="loss", inputs={"prediction": probabilities, "target": f"{data}.y"})
        wanted = [{"name": name, "prediction": logits, "target": "data.y"} for name in names]
        t.set_training(Training("loss", metrics=wanted, epochs=2))
    session = Session(document, tmp_path / "net.gw")
    expected = session.trainer(Settings(mode=mode, dtype="float64")).run().last
    read = [{**each, "prediction": out} for each in wanted]
    train_on(session, metrics=read)
    found = session.trainer(Settings(mode=mode, dtype="float64")).run().last
    assert found == pytest.approx(expected, rel=1e-9)
    assert 0.0 < found["validation_accuracy"] < 1.0
    train_on(session, metrics=[{**each, "scores": "probabilities"} for each in read])
    said = session.trainer(Settings(mode=mode, dtype="float64")).run().last
    assert said["validation_accuracy_probabilities"] == found["validation_accuracy"]


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("batch", [5, 18])
def test_a_summed_loss_is_reported_as_the_mean_over_samples(tmp_path: Path, batch: int, mode: str) -> None:
    """So that numbers do not depend on the size of a batch, and compare with those of a mean."""
    session = classifier(tmp_path, dropout=False, batch=batch, optimiser={"name": "sgd", "lr": 0.0}, epochs=1)
    with session.document.transaction("Sum") as t:
        t.set_param("cross_entropy0", "reduction", "sum")
    outputs: list[float] = []
    trainer = session.trainer(Settings(mode=mode, dtype="float64"))
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: outputs.append(e.state.output))
    row = trainer.run().last
    assert row["train_loss"] == pytest.approx(losses(session, "train").mean(), rel=1e-13)
    assert row["validation_loss"] == pytest.approx(losses(session, "validation").mean(), rel=1e-13)
    assert math.fsum(outputs) == pytest.approx(losses(session, "train").sum(), rel=1e-13)  # as the graph says


def loss_graph(path: Path, kind: str) -> Session:
    """A loss of `data` in several ways; `w` is a parameter that a penalty is laid on."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("dataset", name="data", source="points.csv")
        t.add("parameter", name="w", shape=[2, 1], init="ones")
        t.add("matmul", inputs={"x": "dataset0.x", "w": "parameter0"})
        t.add("square", name="each", inputs={"x": "matmul0"})
        t.add("mean", name="by_mean", inputs={"x": "square0"})
        t.add("sum", name="by_sum", inputs={"x": "square0"})
        t.add("sum", name="of_features", inputs={"x": "square0"}, axis=1)
        t.add("mean", name="of_sums", inputs={"x": "sum1"})
        t.add("sum", name="penalty", inputs={"x": "parameter0"})
        for loss in ("sum0", "mean0"):
            t.add("add", inputs={"x": loss, "y": "sum2"})
        t.add("add", inputs={"x": "mean0", "y": "sum0"})
        t.add("identity", inputs={"x": "sum0"})
        t.add("reshape", shape=[1], inputs={"x": "identity0"})
        losses = {
            "mean": "mean0",
            "sum": "sum0",
            "mean of sums": "mean1",
            "sum and penalty": "add0",
            "mean and penalty": "add1",
            "both": "add2",
            "sum, reshaped": "reshape0",
        }
        t.set_training(Training(losses[kind], {"name": "sgd", "lr": 0.0}, batch=4, epochs=1))
    return Session(doc, path)


@pytest.mark.parametrize(
    ("kind", "summed"),
    [
        ("mean", False),
        ("sum", True),
        ("mean of sums", False),
        ("sum and penalty", True),
        ("mean and penalty", False),
        ("both", False),
        ("sum, reshaped", True),
    ],
)
def test_where_the_batch_axis_ends_tells_a_sum_from_a_mean(tmp_path: Path, kind: str, summed: bool) -> None:
    classifier(tmp_path)  # writes the table
    assert loss_graph(tmp_path / "net.gw", kind).trainer().summed == summed


def test_standardising_is_fitted_on_the_training_part_only(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    standardised = session.trainer(Settings(dtype="float64")).data.parts
    with session.document.transaction("Plain") as t:
        t.set_param("dataset0", "standardise", False)
    plain = session.trainer(Settings(dtype="float64")).data.parts
    mean, deviation = plain["train"]["data.x"].mean(axis=0), plain["train"]["data.x"].std(axis=0)
    for part in ("train", "validation"):
        wanted = (plain[part]["data.x"] - mean) / deviation
        np.testing.assert_allclose(standardised[part]["data.x"], wanted, rtol=1e-12)
    assert np.abs(standardised["validation"]["data.x"].mean(axis=0)).max() > 1e-3


def test_dropout_is_off_in_evaluation(tmp_path: Path) -> None:
    with_dropout = classifier(tmp_path, optimiser={"name": "sgd", "lr": 0.0}, epochs=1).train()
    without = classifier(tmp_path, dropout=False, optimiser={"name": "sgd", "lr": 0.0}, epochs=1).train()
    assert with_dropout.last["validation_loss"] == without.last["validation_loss"]
    assert with_dropout.last["train_loss"] != without.last["train_loss"]


def test_dropout_draws_new_masks_at_each_iteration(tmp_path: Path) -> None:
    session = classifier(tmp_path, batch=18)
    masks = [session.run(fetch="dropout", train=True, iteration=i)["dropout"] == 0 for i in (1, 2, 1)]
    assert (masks[0] != masks[1]).any()
    assert (masks[0] == masks[2]).all()


def test_the_first_iteration_is_what_a_run_shows(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()
    shown = session.run(fetch="loss", train=True, iteration=1)["loss"]
    first: list[float] = []
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: first.append(e.state.output))
    trainer.run()
    assert first[0] == shown


def test_without_metrics_there_are_losses(tmp_path: Path) -> None:
    result = classifier(tmp_path, metrics=()).train(epochs=1)
    assert list(result.last) == ["epoch", "iteration", "train_loss", "validation_loss"]


def test_without_a_dataset_an_epoch_is_one_step() -> None:
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("parameter", shape=[2], init="ones")
        t.add("mean", inputs={"x": "parameter0"})
        t.set_training(Training("mean0", {"name": "sgd", "lr": 0.5}, epochs=3, metrics=()))
    result = Session(doc).train()
    assert [(row["epoch"], row["iteration"], row["train_loss"]) for row in result.history] == [
        (1, 1, 1.0),
        (2, 2, 0.75),
        (3, 3, 0.5),
    ]
    assert list(result.last) == ["epoch", "iteration", "train_loss"]


@pytest.mark.parametrize("mode", ["eager", "static"])
def test_a_loss_of_one_number_may_have_axes(tmp_path: Path, mode: str) -> None:
    (tmp_path / "x.csv").write_text("x,y\n1,2.5\n2,3.5\n3,5.5\n4,4.5\n")
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("dataset", source="x.csv", validation=0.5)
        t.add("parameter", shape=[1, 1], init="ones")
        t.add("matmul", inputs={"x": "dataset0.x", "w": "parameter0"})
        t.add("mean", inputs={"x": "matmul0"}, axis=0)
        t.set_training(Training("mean0", {"name": "sgd", "lr": 0.1}, epochs=2, batch=2, metrics=()))
    assert Session(doc, tmp_path / "g.gw").check().shapes[Source("mean0", "y")] == "(1,) f32"
    result = Session(doc, tmp_path / "g.gw").train(mode=mode)
    (w,) = result.values.values()
    rows = [(row["train_loss"], row["validation_loss"]) for row in result.history]
    assert w.shape == (1, 1)
    assert rows[1][0] < rows[0][0]
    assert rows[1][1] < rows[0][1]


def test_a_metric_may_look_at_what_the_loss_does_not_need(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("More") as t:
        t.add("parameter", name="other", shape=[4, 3], init="he")
        t.add("matmul", name="guess", inputs={"x": "tanh0", "w": "parameter4"})
    train_on(session, metrics=[{"name": "accuracy", "prediction": "matmul2", "target": "dataset0.y"}])
    static, eager = (session.trainer(Settings(mode=mode)).run() for mode in ("static", "eager"))
    assert same_bits(static, eager)
    assert "parameter4" not in static.values


def test_ids_are_ids_even_where_another_node_bears_one_as_its_name(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    wanted = session.trainer().run()
    with session.document.transaction("Confuse") as t:
        for id in ("cross_entropy0", "add1"):
            t.add("parameter", name=id, shape=[3])
    assert same_bits(session.trainer().run(), wanted)


def test_training_stops_where_numbers_are_no_longer_finite(tmp_path: Path) -> None:
    session = classifier(tmp_path, optimiser={"name": "sgd", "lr": 1e39})
    trainer = session.trainer()
    result = trainer.run()
    broken = trainer.telling.not_finite
    assert broken is not None
    assert (result.iterations, broken.iteration) == (2, 2)
    assert str(broken) == "not finite since iteration 2 (the loss is nan)"
    before = session.document.values
    with pytest.raises(RunError) as error:
        session.train()
    assert str(error.value) == (
        "the run is not finite since iteration 2 (the loss is nan), so the document keeps the values it had"
        " (a trainer's run() gives what came of it)"
    )
    assert session.document.values is before


def test_a_parameter_that_the_last_step_has_broken_is_noticed_when_the_epoch_ends(tmp_path: Path) -> None:
    session = classifier(tmp_path, optimiser={"name": "sgd", "lr": 1e39}, batch=1000, epochs=1)
    trainer = session.trainer()
    trainer.run()
    assert str(trainer.telling.not_finite) == "not finite since iteration 1 (first/weight is not)"


def test_a_run_that_begins_with_nan_says_so_and_goes_on_if_it_is_told_to(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Values") as t:
        t.set_values("parameter0", np.full((2, 4), np.nan))
    for mode in ("static", "eager"):
        trainer = session.trainer(Settings(mode=mode))
        assert trainer.run().iterations == 1
        assert str(trainer.telling.not_finite) == (
            "not finite since iteration 1 (first/weight was not before it: reinitialise it, or undo)"
        )
        result = trainer.run()
        assert len(result.history) == 3
        assert math.isnan(result.last["train_loss"])
        assert math.isnan(result.last["validation_loss"])
        assert result.last["validation_accuracy"] == 0.0  # a score that is no number is no guess


# --- assign


def running_mean(path: Path, mode: str) -> tuple[Session, Result, list[float]]:
    """Training that keeps a running mean of its loss by `assign`, on the way to the loss."""
    session = classifier(path)
    with session.document.transaction("Running mean") as t:
        t.add("parameter", name="mean", shape=[])
        t.add("multiply", inputs={"x": "parameter4", "y": t.add("constant", value=0.9)})
        t.add("multiply", inputs={"x": "cross_entropy0", "y": t.add("constant", value=0.1)})
        t.add("add", name="next", inputs={"x": "multiply0", "y": "multiply1"})
        t.add("assign", inputs={"value": "add2"}, target="parameter4")
        t.add("subtract", inputs={"x": "assign0", "y": "assign0"})
        t.add("detach", inputs={"x": "subtract0"})
        t.add("add", name="total", inputs={"x": "cross_entropy0", "y": "detach0"})
        t.set_flags("parameter4", ["freeze"])
    train_on(session, loss="add3")
    outputs: list[float] = []
    trainer = session.trainer(Settings(mode=mode))
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: outputs.append(e.state.output))
    return session, session.train(trainer), outputs


def test_assign_keeps_a_running_mean(tmp_path: Path) -> None:
    results = []
    for mode in ("static", "eager"):
        session, result, outputs = running_mean(tmp_path, mode)
        mean = 0.0
        for output in outputs:
            mean = 0.9 * mean + 0.1 * output
        assert float(result.values["parameter4"]) == pytest.approx(mean, rel=1e-5)
        assert session.document.values["parameter4"] == result.values["parameter4"]
        results.append(result)
    assert same_bits(*results)


# --- events


def test_events_of_a_run_carry_its_numbers(tmp_path: Path) -> None:
    trainer = classifier(tmp_path).trainer()
    told: list[tuple[str, Any]] = []

    @trainer.engine.on(Events.EPOCH_COMPLETED)
    def _(engine: Engine) -> None:
        told.append(("epoch", engine.state.metrics))

    trainer.engine.add_event_handler(Events.COMPLETED, lambda e: told.append(("end", e.state.metrics)))
    result = trainer.run()
    assert [name for name, _ in told] == ["epoch", "epoch", "epoch", "end"]
    assert told[0][1] == result.history[0]
    assert told[-1][1] == result.last
    held_out = ["validation_loss", "validation_accuracy"]
    assert list(result.last) == ["epoch", "iteration", "train_loss", "accuracy", *held_out]


def test_a_stopped_run_gives_the_values_so_far(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    trainer = session.trainer()
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda e: e.stop() if e.state.iteration == 6 else None)
    result = session.train(trainer)
    assert (result.iterations, len(result.history)) == (6, 1)
    assert all(np.array_equal(session.document.values[id], trainer.state[id]) for id in result.values)


# --- refused


def refuse(session: Session, message: str, kind: type[GradwireError] = RunError, **settings: Any) -> None:
    with pytest.raises(kind) as caught:
        session.trainer(Settings(**settings))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": 0}, "training needs batch of 1 or more, got 0"),
        ({"epochs": -1}, "training needs epochs of 1 or more, got -1"),
        ({"loss": "nothing"}, "training needs a loss, and no node has the id 'nothing'"),
        (
            {"parameter_groups": [{"lr": 1}]},
            "parameter group 1 needs parameters, a list of ids of parameters or of groups of nodes, got none",
        ),
        ({"metrics": [{"name": "accuracy"}]}, "a metric needs a prediction, got {'name': 'accuracy'}"),
        (
            {"metrics": [ACCURACY, ACCURACY]},
            "training has the metric accuracy twice, each is told by its name",
        ),
    ],
)
def test_settings_that_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    session = classifier(tmp_path)
    train_on(session, **changes)
    refuse(session, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": 2.5}, "batch of training must be an integer, got 2.5"),
        ({"batch": "32"}, "batch of training must be an integer, got '32'"),
        (
            {"schedule": "cosine"},
            'schedule of training must be an object or null, got \'cosine\' (as in {"name": "cosine"})',
        ),
        (
            {"metrics": ["accuracy"]},
            (
                "metrics of training must be a list of objects, got 'accuracy'"
                ' (as in [{"name": "accuracy", "prediction": "logits", "target": "data.y"}])'
            ),
        ),
        ({"l2": float("nan")}, "l2 of training must be a finite number, got nan"),
        ({"clip_norm": float("inf")}, "clip_norm of training must be a finite number or null, got inf"),
    ],
)
def test_settings_that_no_file_could_hold_are_refused_when_they_are_set(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    session = classifier(tmp_path)
    before = session.graph
    with pytest.raises(EditError) as caught:
        train_on(session, **changes)
    assert str(caught.value) == message
    assert session.graph is before


def test_a_metric_that_is_unknown_is_refused_before_the_first_epoch(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    train_on(session, metrics=[{**ACCURACY, "name": "acuracy"}])
    refuse(session, "there is no metric 'acuracy' (perhaps accuracy)", ParameterError)
    train_on(session, metrics=[{"name": "acuracy"}])  # told before what else is missing
    refuse(session, "there is no metric 'acuracy' (perhaps accuracy)", ParameterError)
    train_on(session, metrics=[{**ACCURACY, "prediction": "add7"}])
    refuse(session, "the metric accuracy needs a prediction: there is no node 'add7' (near: add1, add0)")
    train_on(session, metrics=[{**ACCURACY, "target": "dataset0.z"}])
    refuse(session, "the metric accuracy needs a target: dataset has no output 'z' (its outputs: x, y)")


def test_settings_of_a_run_that_are_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    refuse(session, "the mode of a run must be static or eager, got 'fast'", mode="fast")
    refuse(session, "the dtype of a run must be float32 or float64, got 'int8'", dtype="int8")
    refuse(session, "training needs epochs of 1 or more, got 0", epochs=0)
    refuse(
        session,
        "seed must be a whole number from 0 to 2**64 - 1; found -1 (seed: 0)",
        ParameterError,
        seed=-1,
    )


def test_a_graph_without_settings_is_refused() -> None:
    message = "the graph has no training settings (they name the loss, the optimiser and the batch)"
    with pytest.raises(RunError) as caught:
        Trainer(Document().graph, builtin(), {})
    assert str(caught.value) == message


def test_a_loss_that_is_no_number_is_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    train_on(session, loss="add1")
    with pytest.raises(GradwireError) as caught:
        session.trainer()
    assert "(5, 3)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_inputs_and_a_second_dataset_are_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Second") as t:
        t.add("dataset", name="other", source="points.csv")
        t.connect("dataset1.y", "cross_entropy0", "target")
    refuse(session, "training takes one dataset, got data, other")
    with session.document.transaction("Input") as t:
        t.add("input", name="labels", shape=["N"], dtype="int64")
        t.connect("input0", "cross_entropy0", "target")
    train_on(session, metrics=[])
    refuse(session, "training needs labels, which nothing feeds (a dataset node feeds training)")


def test_a_graph_with_a_problem_is_refused_with_its_place(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Break") as t:
        t.set_param("parameter0", "shape", [3, 4])
    refuse(
        session,
        "first/matmul.w: x has 2 columns but w has 3 rows (w: (2, …))",
        GradwireError,
    )


def test_a_value_that_has_not_its_parameters_shape_is_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Values") as t:
        t.set_values("parameter1", np.zeros(1))  # it would broadcast
    refuse(session, "first/bias has the shape (4,), but the document holds a value of (1,)")


def test_labels_that_do_not_fit_are_refused_before_the_first_epoch(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Fewer") as t:
        t.set_param("parameter2", "shape", [4, 2])
        t.set_param("parameter3", "shape", [2])
    refuse(
        session,
        'data: points.csv, line 4, column "label": a number from 0 to 1 is required by loss.target'
        " (labels of 2 classes); found 2, the first of 4 such"
        " (y goes from 0 to 2: mend the labels, or let there be more classes)",
        GradwireError,
    )
    assert dict(session.document.values) == {}
