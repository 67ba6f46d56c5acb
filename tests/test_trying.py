"""One sample in the place of the data: what is computed and predicted of it, and how it is made of what was given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from timelines import EXAMPLES

from gradwire.app.trying.brush import Stroke, covered, radius_for
from gradwire.app.trying.making import make, text_of
from gradwire.app.trying.subject import Feature, dataset_of, subject_of
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.evaluating import Asked, Evaluated, Evaluator
from gradwire.core.evaluating.one_sample import OneSample
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping import lay_out

FOLDER = EXAMPLES[0].parent


def opened(name: str) -> Session:
    return Session.open(FOLDER / f"{name}.gw")


def fed(session: Session, x: np.ndarray, y: np.ndarray | None = None) -> Evaluated:
    """What an evaluation gives with x, and y, in the place of the data."""
    data = dataset_of(session.graph)
    arrays = {Source(data, "x"): x} | ({} if y is None else {Source(data, "y"): y})
    found = Evaluator(session.registry).evaluate(Asked.of(session)._replace(fed=arrays))
    assert found is not None
    return found


def value(session: Session, found: Evaluated, name: str) -> np.ndarray | None:
    id = session.graph.resolve(name)
    op = session.registry[session.graph.nodes[id].op]
    return found.value(Source(id, op.outputs[op.visible[0]].name))


# Evaluation.


def test_a_sample_goes_through_the_graph_and_what_needs_its_target_says_why_it_has_no_value() -> None:
    session = opened("digits_mlp")
    x = np.linspace(0, 1, 64, dtype=np.float32)[None]
    found = fed(session, x)
    expected = session.run({"data.x": x, "data.y": np.zeros(1, np.int64)}, "probabilities")["probabilities"]
    assert value(session, found, "probabilities") == pytest.approx(expected, abs=1e-6)
    assert value(session, found, "probabilities").shape == (1, 10)
    assert value(session, found, "loss") is None
    loss = session.graph.resolve("loss")
    assert found.unfed[loss] == "data.y is not given with what is tried"
    assert not found.errors  # it is no fault
    assert found.gradients.error is None
    assert lay_out(found, session.registry).steps  # it can be stepped through as far as it goes


def test_with_its_target_a_sample_has_a_loss_and_gradients_of_its_own() -> None:
    session = opened("digits_mlp")
    x, y = np.linspace(0, 1, 64, dtype=np.float32)[None], np.array([3])
    found = fed(session, x, y)
    assert not found.unfed
    expected = session.run({"data.x": x, "data.y": y}, "loss")["loss"]
    assert value(session, found, "loss") == pytest.approx(expected, rel=1e-6)
    assert found.gradient(Source(dataset_of(session.graph), "x")).shape == (1, 64)


def test_the_data_come_back_when_nothing_is_fed_any_more() -> None:
    session = opened("iris_mlp")
    evaluator = Evaluator(session.registry)
    asked = Asked.of(session)
    data = dataset_of(session.graph)
    before = evaluator.evaluate(asked)
    one = evaluator.evaluate(asked._replace(fed={Source(data, "x"): np.zeros((1, 4), np.float32)}))
    other = evaluator.evaluate(asked._replace(fed={Source(data, "x"): np.ones((1, 4), np.float32)}))
    after = evaluator.evaluate(asked)
    logits = next(id for id in session.graph.nodes if session.graph.path(id) == "probabilities")
    shapes = [each.value(Source(logits, "y")).shape for each in (before, one, other, after)]
    assert shapes == [(16, 3), (1, 3), (1, 3), (16, 3)]
    assert not np.array_equal(one.value(Source(logits, "y")), other.value(Source(logits, "y")))
    assert np.array_equal(before.value(Source(logits, "y")), after.value(Source(logits, "y")))


def test_a_sample_of_another_shape_is_told_at_the_dataset() -> None:
    session = opened("iris_mlp")
    found = fed(session, np.zeros((1, 5), np.float32))
    assert found.errors == {dataset_of(session.graph): "'data.x' must be fed (1, 4) f32, got (1, 5) f32"}


# What is predicted.


@pytest.mark.parametrize("name", ["iris_mlp", "moons_mlp", "digits_cnn"])
def test_the_prediction_is_what_the_graph_gives_for_that_sample(name: str) -> None:
    session = opened(name)
    data = dataset_of(session.graph)
    subject = subject_of(session.graph, data, session.folder, session.dtype)
    one = OneSample(session.graph, session.registry, session.folder, session.dtype, data, subject.classes)
    tried = make(subject, 4)
    expected = session.run({"data.x": tried.x, "data.y": tried.y}, "probabilities")["probabilities"]
    assert one.predict(tried.x, session.document.values) == pytest.approx(expected, abs=1e-6)


def test_without_training_settings_the_prediction_is_what_comes_out_of_x_alone() -> None:
    document = Document()
    with document.transaction("Make") as t:
        data = t.add("dataset", name="data", params={"source": "iris"})
        w = t.add("parameter", name="w", params={"shape": (4, 3), "init": "normal"})
        logits = t.add("matmul", name="logits", inputs={"x": Source(data, "x"), "w": w})
        t.add("cross_entropy", name="loss", inputs={"logits": logits, "target": Source(data, "y")})
    session = Session(document)
    one = OneSample(session.graph, session.registry, None, "float32", data, ("a", "b", "c"))
    assert one.prediction == Source(logits, "y")
    with document.transaction("Add") as t:
        t.add("tanh", name="other", inputs={"x": Source(data, "x")})
    with pytest.raises(RunError) as raised:
        OneSample(session.graph, session.registry, None, "float32", data, ("a", "b", "c"))
    assert str(raised.value) == (
        "trying an input needs one value that comes out of data.x, found logits, other"
        " (a metric in the training settings says which one is the prediction)"
    )


# What samples look like, and how one is made.


def written(folder: Path, name: str, text: str, **params: object) -> Session:
    (folder / name).write_text(text)
    document = Document()
    with document.transaction("Make") as t:
        t.add("dataset", name="data", params={"source": name, **params})
    return Session(document, folder / "graph.gw")


def test_rows_are_tried_in_the_numbers_of_their_file_and_standardised_as_the_data_are() -> None:
    session = opened("iris_mlp")
    data = dataset_of(session.graph)
    subject = subject_of(session.graph, data, session.folder, session.dtype)
    assert subject.kind == "row"
    assert subject.features[0].name == "sepal length (cm)"
    assert subject.low[0] == pytest.approx(4.3)
    sample = make(subject, 0)
    assert sample.own == pytest.approx([5.4, 3.9, 1.7, 0.4])
    typed = make(subject, sample.own)
    assert typed.x == pytest.approx(sample.x, abs=1e-6)
    assert typed.x.dtype == np.float32
    assert abs(typed.x).max() < 4
    assert typed.y is None


def test_columns_of_text_are_choices_of_what_the_file_holds(tmp_path: Path) -> None:
    rows = ["size,colour,kind", *(f"{n},{c},{k}" for n, c, k in zip(range(12), "abc" * 4, "xxyy" * 3, strict=True))]
    session = written(tmp_path, "t.csv", "\n".join(rows), standardise=True, target="kind")
    subject = subject_of(session.graph, dataset_of(session.graph), tmp_path, "float32")
    assert subject.features == (Feature("size", 0), Feature("colour", 1, ("a", "b", "c")))
    assert subject.classes == ("x", "y")
    own = make(subject, 0).own.copy()
    own[1:] = [0, 0, 1]
    assert make(subject, own).x[0, 1:].tolist() == [0, 0, 1]


def test_a_text_is_its_last_characters_and_others_are_refused_in_a_line(tmp_path: Path) -> None:
    session = written(tmp_path, "t.txt", "to be or not to be, " * 20, window=6, validation=0.5)
    subject = subject_of(session.graph, dataset_of(session.graph), tmp_path, "float32")
    assert subject.kind == "text"
    tried = make(subject, "or not to be")
    assert text_of(subject, tried.own) == " to be"
    assert tried.x.shape == (1, 6)
    with pytest.raises(RunError) as raised:
        make(subject, "Or not to be")
    assert str(raised.value) == 'the characters of the data are required, found "O" (one of " ,benort")'
    with pytest.raises(RunError) as raised:
        make(subject, "not")
    assert str(raised.value) == "6 characters are required, found 3 (of a longer text the last ones)"


# The brush.


def test_a_stroke_is_as_wide_as_those_of_the_digits_and_fades_at_its_edge() -> None:
    session = opened("digits_mlp")
    subject = subject_of(session.graph, dataset_of(session.graph), session.folder, session.dtype)
    assert subject.plane == (8, 8)
    assert float(subject.ground) == 0.0
    drawn = covered(8, 8, (4.5, 1.0), (4.5, 7.0), radius_for(8, 8))
    assert drawn[4, 4] == 1.0
    assert 0 < drawn[4, 3] < 1
    assert drawn[4, 1] == 0.0
    ones = np.asarray(subject.x)[subject.y == 1]
    assert drawn.sum() == pytest.approx(ones.sum(axis=1).mean(), rel=0.5)  # about as much ink as people use


def test_a_stroke_over_itself_is_no_darker_and_erasing_gives_the_ground_again() -> None:
    stroke = Stroke(np.zeros((8, 8)), np.array(1.0), 0.7)
    once = stroke.to((1, 1), (6, 6))
    assert np.array_equal(stroke.to((6, 6), (1, 1)), once)
    erased = Stroke(once, np.array(0.0), 9.0).to((4, 4), (4, 4))
    assert not erased.any()
    colours = Stroke(np.zeros((8, 8, 3)), np.array([1.0, 0.0, 0.5]), 0.7).to((4.5, 4.5), (4.5, 4.5))
    assert colours[4, 4].tolist() == [1.0, 0.0, 0.5]
