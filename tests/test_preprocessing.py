"""Preprocessing layers: fitted on the training part, saved with the graph, exported; no statistic is trained."""

from __future__ import annotations

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.data import prepare
from gradwire.core.errors import RunError
from gradwire.core.exporting import numpy_source
from gradwire.core.graph import Source, Training
from gradwire.core.layers import build, rebuild

PARAMS = {"source": "d.npz", "validation": 0.25}


@pytest.fixture
def folder(tmp_path):
    x = np.random.default_rng(0).normal([3.0, -50.0, 0.1], [2.0, 20.0, 0.0], (4000, 3))
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(4000) % 4)
    return tmp_path


def classifier(folder, *kinds, shape=(3,), params=PARAMS, before=None):
    """data → preprocessing of `kinds` → linear → cross-entropy, in float64, as a session."""
    session = gw.Session(path=folder / "graph.gw")
    with session.document.transaction("Build") as t:
        t.set_dtype("float64")
        data = t.add("dataset", name="data", params=params)
        value = Source(data, "x")
        if before is not None:
            value = Source(t.add(before[0], inputs={"x": value}, params=before[1]), "y")
        for kind in kinds:
            value = build(t, kind, value, shape=shape).output
        flat = Source(t.add("flatten", inputs={"x": value}), "y")
        width = int(np.prod(prepare(params, folder).train.feature_shape))
        logits = build(t, "linear", flat, in_features=width, out_features=4).output
        loss = t.add("cross_entropy", inputs={"logits": logits, "target": Source(data, "y")})
        t.set_training(Training(loss=loss, batch=500, epochs=2))
    return session


def held(session, path):
    return session.document.values[session.graph.resolve(path)]


def group_of(session, name):
    return next(id for id, group in session.graph.groups.items() if group.name == name)


def refusal(call, *arguments):
    with pytest.raises(RunError) as caught:
        call(*arguments)
    return str(caught.value)


def test_standardise_is_fitted_on_the_training_part_alone(folder):
    session, train = classifier(folder, "standardise"), prepare(PARAMS, folder).train.x
    fetch = ["standardise/scaled"]
    feed = {"data.x": train, "data.y": np.zeros(len(train), int)}
    assert np.array_equal(session.run(feed, fetch)[fetch[0]], train)  # as it came, until it is fitted
    assert session.fit() == {"standardise": 3000}
    assert held(session, "standardise/mean") == pytest.approx(train.mean(axis=0), rel=1e-12)
    assert held(session, "standardise/deviation") == pytest.approx([*train.std(axis=0)[:2], 1.0], rel=1e-12)
    done = session.run(feed, fetch)[fetch[0]]
    assert done.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert done.std(axis=0) == pytest.approx([1, 1, 0], abs=1e-12)
    assert session.document.undo().label == "Fit preprocessing"
    assert session.document.values == {}


def test_normalise_brings_what_it_was_fitted_on_to_0_and_1(folder):
    session, train = classifier(folder, "normalise"), prepare(PARAMS, folder).train.x
    session.fit("normalise")
    done = session.run({"data.x": train, "data.y": np.zeros(3000, int)}, "normalise/scaled")["normalise/scaled"]
    assert done.min(axis=0) == pytest.approx([0, 0, 0])
    assert done.max(axis=0) == pytest.approx([1, 1, 0])


def test_what_a_layer_gives_the_next_one_measures(folder):
    session = classifier(folder, "normalise", "standardise")
    assert list(session.fit()) == ["normalise", "standardise"]
    assert (held(session, "standardise/mean")[:2] > 0).all()
    assert (held(session, "standardise/mean")[:2] < 1).all()
    before = held(session, "standardise/mean")
    assert session.fit("standardise") == {"standardise": 3000}
    assert np.array_equal(held(session, "standardise/mean"), before)


@pytest.mark.parametrize(
    ("shape", "axes"), [((2, 1, 1), (0, 2, 3)), ((1, 1), (0, 1, 2, 3)), ((), (0, 1, 2, 3)), ((2, 3, 4), (0,))]
)
def test_a_length_of_1_measures_all_along_its_axis(tmp_path, shape, axes):
    images = np.random.default_rng(1).normal(5, 3, (40, 2, 3, 4))
    np.savez(tmp_path / "d.npz", x=images, y=np.arange(40) % 4)
    session = classifier(tmp_path, "standardise", shape=shape)
    session.fit()
    train = prepare(PARAMS, tmp_path).train.x
    assert held(session, "standardise/mean").shape == shape
    assert held(session, "standardise/mean") == pytest.approx(train.mean(axis=axes).reshape(shape))
    assert held(session, "standardise/deviation") == pytest.approx(train.std(axis=axes).reshape(shape))


def test_augmentation_before_it_does_not_blur_what_is_measured(folder):
    session = classifier(folder, "standardise", before=("gaussian_noise", {"std": 100.0}))
    session.fit()
    assert held(session, "standardise/mean") == pytest.approx(prepare(PARAMS, folder).train.x.mean(axis=0), rel=1e-12)


def test_training_fits_what_was_not_fitted_and_trains_no_statistic(folder):
    session, other = classifier(folder, "standardise"), classifier(folder, "standardise")
    session.fit()
    first, second = session.train(), other.train()
    assert first.history == second.history
    assert np.array_equal(held(session, "standardise/mean"), held(other, "standardise/mean"))
    assert np.array_equal(held(session, "standardise/mean"), classifier_mean(folder))
    with session.document.transaction("Set") as t:  # a value put in by hand stays
        t.set_values(session.graph.resolve("standardise/mean"), np.zeros(3))
    session.train()
    assert not held(session, "standardise/mean").any()


def classifier_mean(folder):
    session = classifier(folder, "standardise")
    session.fit()
    return held(session, "standardise/mean")


def test_statistics_are_saved_and_exported(folder):
    session = classifier(folder, "standardise")
    session.fit()
    again = gw.open(session.save())
    x = np.ones((2, 3))
    feed = {"data.x": x, "data.y": np.array([0, 1])}
    wanted = session.run(feed, "standardise/scaled")["standardise/scaled"]
    assert np.array_equal(again.run(feed, "standardise/scaled")["standardise/scaled"], wanted)
    assert "scaled" in numpy_source(again.graph, again.registry, [again.graph.resolve("standardise/scaled")])


def test_another_shape_builds_the_inside_anew(folder):
    session = classifier(folder, "standardise")
    session.fit()
    with session.document.transaction("Rebuild") as t:
        rebuild(t, group_of(session, "standardise"), shape=(1,))
    assert session.graph.resolve("standardise/mean") not in session.document.values
    assert session.fit() == {"standardise": 3000}


def test_what_cannot_be_fitted(folder):
    session = classifier(folder, "standardise")
    assert refusal(session.fit, "linear") == "linear is no preprocessing layer, which could be fitted (standardise)"
    with session.document.transaction("Rebuild") as t:
        rebuild(t, group_of(session, "standardise"), shape=(1, 3, 1))
    assert refusal(session.fit) == (
        "standardise has the shape (1, 3, 1), but a sample that comes to it (3,) (shape: [3])"
    )
    lonely = gw.Session()
    with lonely.document.transaction("Build") as t:
        build(t, "normalise", None, shape=(3,))
    assert refusal(lonely.fit) == "normalise has nothing to be fitted on: its input is not wired"
    with lonely.document.transaction("Wire") as t:
        t.connect(t.add("input", shape=(4, 3)), lonely.graph.resolve("normalise/centred"), "x")
    assert refusal(lonely.fit) == ("normalise is fitted on the data set that comes to it: one is required; found none")
    assert gw.Session().fit() == {}
