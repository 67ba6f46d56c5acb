"""Exported training measures preprocessing layers, or takes what was measured: it comes to the engine's values."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from test_preprocessing import classifier

from gradwire.core.data import batches
from gradwire.core.exporting import Trained, torch_source
from gradwire.core.exporting.trained import UNTRAINED


def trained_by_torch(session, monkeypatch, trained=UNTRAINED):
    """What the exported `train` comes to, by id, from the initial weights and with the batches of this program; its
    statistics begin as 0 and 1.
    """
    import torch

    trainer = session.trainer()
    source = torch_source(session.graph, session.registry, folder=session.folder, trained=trained)
    names = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), names)
    ids = [id for id in session.graph.order() if session.graph.nodes[id].op == "parameter"]
    parts = dict(zip(ids, names["Network"]().state_dict(), strict=True))
    learnt = [id for id in ids if "freeze" not in session.graph.nodes[id].flags]
    plain = names["Network"].__init__

    def begin(model):
        plain(model)
        model.load_state_dict({parts[id]: torch.tensor(trainer.state[id]) for id in learnt}, strict=False)

    training = trainer.training
    epochs = range(1, training.epochs + 1)
    orders = [np.concatenate(batches(trainer.data.samples, training.batch, training.seed, epoch)) for epoch in epochs]
    monkeypatch.setattr(names["Network"], "__init__", begin)
    monkeypatch.setattr(torch, "randperm", lambda count: torch.tensor(orders.pop(0)))
    monkeypatch.chdir(session.folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = names["train"]().state_dict()
    return {id: state[name].numpy() for id, name in parts.items()}


@pytest.mark.parametrize(
    ("kinds", "shape", "before"),
    [
        (("standardise",), (3,), None),
        (("normalise",), (3,), None),
        (("standardise",), (1,), None),
        (("normalise", "standardise"), (3,), ("tanh", {})),
    ],
)
def test_exported_training_measures_preprocessing_as_the_engine_does(tmp_path, monkeypatch, kinds, shape, before):
    pytest.importorskip("torch")
    x = np.random.default_rng(0).normal([3.0, -50.0, 0.1], [2.0, 20.0, 0.0], (4000, 3))
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(4000) % 4)
    session = classifier(tmp_path, *kinds, shape=shape, before=before)
    found = trained_by_torch(session, monkeypatch)
    session.train()
    for id, value in session.document.values.items():
        np.testing.assert_allclose(found[id], value, rtol=1e-8, atol=1e-10, err_msg=id)


def test_what_was_measured_already_is_taken_from_the_file_beside_the_graph(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    np.savez(tmp_path / "d.npz", x=np.random.default_rng(0).normal(3.0, 2.0, (4000, 3)), y=np.arange(4000) % 4)
    session = classifier(tmp_path, "standardise")
    session.fit()
    mean, deviation = session.document.values
    with session.document.transaction("Of other data") as t:
        t.set_values(mean, np.array([1.0, 2.0, 3.0]))
    path = session.save(tmp_path / "graph.gw")
    found = trained_by_torch(session, monkeypatch, Trained(frozenset(session.document.values), "graph.safetensors"))
    np.testing.assert_array_equal(found[mean], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(found[deviation], session.document.values[deviation])
    assert Path(path).with_suffix(".safetensors").is_file()


def test_a_layer_to_which_no_data_comes_is_refused(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.zeros((40, 3)), y=np.arange(40) % 4)
    session = classifier(tmp_path, "standardise", params={"source": "d.npz"})
    with session.document.transaction("Constant") as t:
        t.connect(t.add("parameter", shape=[1, 3]), "subtract0", "x")
        t.connect(t.add("add", inputs={"x": "dataset0.x", "y": "divide0"}), "flatten0", "x")
    source = torch_source(session.graph, session.registry, folder=session.folder)
    assert "standardise, to which no data comes on which it could be measured" in source
