"""What a network predicts with values that it is given: against evaluation, and by the graph itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from timelines import EXAMPLES

from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.evaluating.predicting import GRID, SHOWN, Predictor
from gradwire.core.graph import Source, Training
from gradwire.core.session import Session

FOLDER = EXAMPLES[0].parent


def opened(name: str) -> tuple[Session, dict[str, np.ndarray]]:
    """An example with trained values."""
    session = Session.open(FOLDER / f"{name}.gw")
    session.train(epochs=1)
    return session, dict(session.document.values)


def predictor(session: Session) -> Predictor:
    return Predictor(session.graph, session.registry, session.folder, session.dtype)


@pytest.mark.parametrize("name", ["iris_mlp", "digits_mlp", "moons_mlp", "logistic_regression"])
def test_the_diagonal_holds_the_share_that_evaluation_finds_right(name: str) -> None:
    session, values = opened(name)
    known = predictor(session)
    found = known.predict(values)
    scored = session.evaluate("validation")
    assert found.confusion.sum() == known.samples == scored.samples
    assert np.trace(found.confusion) / known.samples == pytest.approx(scored.numbers["accuracy"])
    assert found.shares.shape == (SHOWN, len(known.classes))
    assert found.shares.sum(axis=1) == pytest.approx(1, abs=1e-5)
    by_hand = np.zeros_like(found.confusion)
    chosen = found.shares.argmax(axis=1)
    np.add.at(by_hand, (known.targets.reshape(-1).astype(int), chosen), 1)
    assert (by_hand <= found.confusion).all()


def test_a_surface_is_what_the_graph_computes_there() -> None:
    session, values = opened("moons_mlp")
    known = predictor(session)
    surface = known.predict(values).surface
    assert surface.shape == (2, GRID, GRID)
    (left, right), (low, high) = known.extent
    step_x, step_y = (right - left) / GRID, (high - low) / GRID
    place = np.array([[left + 3.5 * step_x, low + 40.5 * step_y]])
    dataset = next(node.id for node in session.graph.nodes.values() if node.op == "dataset")
    asked = session.run({f"{session.graph.path(dataset)}.x": place}, "probabilities")["probabilities"]
    assert surface[:, 40, 3] == pytest.approx(asked[0], abs=1e-6)
    assert (known.points >= (left, low)).all()
    assert (known.points <= (right, high)).all()


def test_of_numbers_there_are_scores_and_no_classes() -> None:
    session, values = opened("linear_regression")
    known = predictor(session)
    found = known.predict(values)
    assert (found.confusion, found.surface) == (None, None)
    assert found.shares.shape == (SHOWN, 1)
    assert known.classes == ()


def test_a_value_that_is_missing_is_not_guessed() -> None:
    session, values = opened("iris_mlp")
    known = predictor(session)
    assert known.predict(dict(list(values.items())[1:])) is None


def test_values_that_are_not_finite_are_predicted_as_no_class() -> None:
    session, values = opened("iris_mlp")
    known = predictor(session)
    found = known.predict({id: np.full_like(value, np.nan) for id, value in values.items()})
    assert found.confusion.sum() == 0
    assert np.isnan(found.shares).all()


def test_what_compares_nothing_with_data_is_refused(tmp_path: Path) -> None:
    session = Session.open(FOLDER / "fork.gw")
    with pytest.raises(RunError, match="predictions are of a graph with training settings, and these are missing"):
        predictor(session)
    session = Session.open(FOLDER / "digits_mlp.gw")
    training = replace(session.graph.training, metrics=())
    with session.document.transaction("No metrics") as t:
        t.set_training(training)
    assert predictor(session).part == "validation"  # the loss compares it


def test_what_is_shown_is_of_all_classes_also_where_they_lie_one_behind_the_other() -> None:
    session = Session.open(FOLDER / "iris_mlp.gw")
    dataset = next(node for node in session.graph.nodes.values() if node.op == "dataset")
    with session.document.transaction("Hold nothing out") as t:
        t.set_param(dataset.id, "validation", 0.0)
    known = predictor(session)
    assert known.part == "train"
    assert np.bincount(known.targets.astype(int)).tolist() == [8, 8, 8]


def test_what_gives_back_its_input_is_no_classifier() -> None:
    """Of ten classes and 64 numbers, compared with the pictures themselves."""
    session = Session.open(FOLDER / "digits_mlp.gw")
    with session.document.transaction("Compare with x") as t:
        data = t.add("dataset", name="pictures")
        w = t.add("parameter", name="w", shape=(64, 64))
        back = t.add("matmul", name="back", inputs={"x": Source(data, "x"), "w": Source(w, "y")})
        loss = t.add("mse", name="error", inputs={"prediction": Source(back, "y"), "target": Source(data, "x")})
        metrics = ({"name": "mae", "prediction": back, "target": f"{data}.x"},)
        t.set_training(replace(session.graph.training, loss=loss, metrics=metrics))
    with pytest.raises(RunError, match="no metric compares a prediction with the targets of the data"):
        predictor(session)


def test_of_two_words_classes_are_predicted_and_nothing_lies_between_them(tmp_path: Path) -> None:
    words = np.random.default_rng(0).integers(0, 5, (60, 2))
    np.savez(tmp_path / "words.npz", x=words, y=(words[:, 0] > words[:, 1]).astype(np.int64))
    session = Session(Document(), tmp_path / "net.gw")
    with session.document.transaction("Net") as t:
        data = t.add("dataset", name="data", source="words.npz")
        table = t.add("parameter", name="table", shape=(5, 4), init="normal")
        vectors = t.add("embedding", name="vectors", inputs={"table": table, "indices": f"{data}.x"})
        flat = t.add("flatten", name="flat", inputs={"x": vectors})
        weight = t.add("parameter", name="weight", shape=(8, 2), init="normal")
        logits = t.add("matmul", name="logits", inputs={"x": flat, "w": weight})
        loss = t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": f"{data}.y"})
        t.set_training(Training(loss, optimiser={"name": "adam", "lr": 0.1}, epochs=2))
    session.train()
    known = predictor(session)
    found = known.predict(dict(session.document.values))
    assert found is not None
    assert found.confusion is not None
    assert found.confusion.sum() == known.samples
    assert found.shares.shape == (SHOWN, 2) or len(found.shares) == known.samples
    assert found.surface is None
    assert known.extent is None
