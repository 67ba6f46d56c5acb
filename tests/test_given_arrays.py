"""Arrays in memory: a session has them under the name of a file, trains on them, and writes that file as it saves."""

from __future__ import annotations

import numpy as np
import pytest

import gradwire.core as gw

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(5.0, 3.0, (60, 2))
Y = (X[:, 0] > 5).astype(int)


def made(data=None, **settings):
    document = gw.Document()
    with document.transaction("Build") as t:
        data_node = t.add("dataset", name="data", source="points.npz")
        value = gw.build(t, "standardise", f"{data_node}.x", shape=[2]).output
        value = gw.build(t, "linear", value, in_features=2, out_features=2).output
        loss = t.add("cross_entropy", name="loss", inputs={"logits": value, "target": f"{data_node}.y"})
        t.set_training(gw.Training(loss, batch=20, epochs=3, optimiser={"name": "adam", "lr": 0.1}))
    return gw.Session(document, data={"points.npz": (X, Y)} if data is None else data, **settings)


def test_a_session_trains_on_arrays_in_memory_as_on_the_file_that_it_saves(tmp_path):
    session = made()
    assert not session.check().problems
    history = session.train().history
    again = made()
    path = again.save(tmp_path / "net.gw")
    with np.load(tmp_path / "points.npz") as saved:
        np.testing.assert_array_equal(saved["x"], X)
        np.testing.assert_array_equal(saved["y"], Y)
    assert again.train().history == history
    assert gw.open(path).train().history == history


def test_other_arrays_beside_the_document_are_not_overwritten(tmp_path):
    np.savez(tmp_path / "points.npz", x=X + 1, y=Y)
    with pytest.raises(gw.GradwireError) as caught:
        made().save(tmp_path / "net.gw")
    told = f"{tmp_path / 'points.npz'} is there already, with other arrays (give the source another name)"
    assert str(caught.value) == told
    assert not (tmp_path / "net.gw").exists()


def test_what_was_given_goes_with_its_session():
    session = made()
    folder = session.folder
    assert (folder / "points.npz").is_file()
    del session
    assert not folder.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([X, Y], "arrays are given by the name of a file, got list"),
        ({"points": (X, Y)}, 'arrays are given by the name of an .npz file, got "points"'),
        ({"../points.npz": (X, Y)}, 'arrays are given by the name of an .npz file, got "../points.npz"'),
        ({"points.npz": X}, "points.npz: two arrays are required, x and y; got ndarray"),
        ({"points.npz": ([[1], [1, 2]], Y)}, "points.npz: x must be numbers in rows of one length"),
        ({"points.npz": (X, [None] * 60)}, "points.npz: y must be numbers, or text labels; found object"),
    ],
)
def test_what_are_no_arrays_is_refused(data, message):
    with pytest.raises(gw.GradwireError) as caught:
        made(data)
    assert caught.value.message == message


def test_a_document_that_has_a_file_reads_files(tmp_path):
    with pytest.raises(gw.GradwireError) as caught:
        made(path=tmp_path / "net.gw")
    told = "data is for a document without a file; net.gw reads files beside it (np.savez(file, x=x, y=y) writes one)"
    assert str(caught.value) == told
