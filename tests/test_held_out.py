"""Rows held out that are a file of their own: read like the source, held against it, kept with the graph."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.data import describe, outside, prepare
from gradwire.core.data.sources import files_of
from gradwire.core.errors import GradwireError
from gradwire.core.graph import Training

RANDOM = np.random.default_rng(0)
TABLE = "colour,size,kind\nred,0,x\nblue,1,y\ngreen,2,x\nred,3,y\n"


def idx(path: Path, array: Any) -> None:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part, rows, classes in (("train", 30, 10), ("t10k", 8, 9)):
        idx(tmp_path / f"{part}-images-idx3-ubyte.gz", RANDOM.integers(0, 256, (rows, 4, 4)))
        idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", np.arange(rows) % classes)
    for name, shape, labels in (
        ("train", (30, 3), ["cat", "dog", "owl"]),
        ("test", (6, 3), ["owl", "dog"]),
        ("other", (6, 3), ["owl", "emu"]),
        ("wide", (6, 4), ["owl", "dog"]),
    ):
        y = np.array(labels * (shape[0] // len(labels)))
        np.savez(tmp_path / f"{name}.npz", x=RANDOM.normal(size=shape), y=y)
    np.savez(tmp_path / "real.npz", x=np.zeros((4, 3)), y=np.linspace(0.1, 0.9, 4))
    np.savez(tmp_path / "keras.npz", x_train=np.zeros((4, 3)), y_train=np.arange(4), x_test=np.zeros((4, 3)))
    (tmp_path / "train.csv").write_text(TABLE)
    (tmp_path / "test.csv").write_text("colour,size,kind\nblue,7,y\n")
    (tmp_path / "pink.csv").write_text("colour,size,kind\npink,7,y\n")
    (tmp_path / "turned.csv").write_text("size,colour,kind\n7,blue,y\n8,green,y\n9,red,x\n")
    return tmp_path


def test_mnist_is_measured_on_its_own_images(folder: Path) -> None:
    params = {"source": "train-images-idx3-ubyte.gz", "held_out": "t10k-images-idx3-ubyte.gz"}
    found = prepare(params, folder)
    assert found.train.x.shape == (30, 1, 4, 4)
    assert found.validation.x.shape == (8, 1, 4, 4)
    assert found.validation.y.tolist() == list(range(8))
    assert found.classes == 10
    assert describe(params, folder).classes == 10
    assert sorted(files_of(params, folder)) == [
        f"{part}-{what}-ubyte.gz" for part in ("t10k", "train") for what in ("images-idx3", "labels-idx1")
    ]


def test_classes_have_the_numbers_of_the_source_and_nothing_is_read_twice(folder: Path) -> None:
    params = {"source": "train.npz", "held_out": "test.npz", "standardise": True}
    found = prepare(params, folder)
    assert found.class_names == ("cat", "dog", "owl")
    assert found.validation.y.tolist() == [2, 1] * 3
    assert prepare(params, folder) is found
    with np.load(folder / "train.npz") as train, np.load(folder / "test.npz") as test:
        mean, deviation = train["x"].mean(axis=0), train["x"].std(axis=0)
        np.testing.assert_allclose(found.validation.x, (test["x"] - mean) / deviation)


def test_texts_become_the_columns_of_the_source(folder: Path) -> None:
    found = prepare({"source": "train.csv", "held_out": "test.csv"}, folder)
    assert found.feature_names == ("colour=blue", "colour=green", "colour=red", "size")
    assert found.validation.x.tolist() == [[1, 0, 0, 7]]
    assert found.validation.y.tolist() == [1]
    assert len(found.train) == 4


def test_what_lies_outside_is_found_there_too(folder: Path) -> None:
    found = outside({"source": "train.csv", "held_out": "test.csv"}, folder, "x", 0, 5)
    assert found is not None
    assert (found.place, found.first) == ("test.csv, line 2", 7)


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        (
            "train.npz",
            "train.npz",
            (
                'held_out must be another file than the source, or a folder of images; found "train.npz"'
                " (null holds out the share that validation says)"
            ),
        ),
        (
            "train.npz",
            "iris",
            (
                'held_out must be another file than the source, or a folder of images; found "iris"'
                " (null holds out the share that validation says)"
            ),
        ),
        (
            "train.npz",
            "./train.npz",
            (
                'held_out must be another file than the source, or a folder of images; found "./train.npz"'
                " (null holds out the share that validation says)"
            ),
        ),
        ("train.npz", 3, "held_out must be a file or null; found 3"),
        (
            "train.npz",
            "other.npz",
            (
                'held_out: other.npz, array "y", row 1 (from 0): a class that train.npz has is required; found "emu"'
                " (a network learns only the classes that it is trained on)"
            ),
        ),
        (
            "train.npz",
            "wide.npz",
            "held_out: wide.npz: rows of shape (3,) are required, as in train.npz; found (4,)",
        ),
        (
            "train.npz",
            "real.npz",
            "held_out: real.npz: targets of shape () are required, as in train.npz; found (1,)",
        ),
        (
            "train.csv",
            "pink.csv",
            (
                'held_out: pink.csv, line 2, column "colour": one of "blue", "green", "red" is required; found "pink"'
                ' (list it in "categories", or set that to null to find them anew)'
            ),
        ),
        (
            "train.csv",
            "turned.csv",
            'held_out: turned.csv: the column "colour=blue" is required where train.csv has it; found "size"',
        ),
        ("iris", "test.npz", "held_out: test.npz: rows of shape (4,) are required, as in iris; found (3,)"),
        (
            "keras.npz",
            "test.npz",
            (
                'keras.npz: an array named "x" is required; found "x_train", "y_train", "x_test"'
                " (np.savez(path, x=x_train, y=y_train); of x_test and y_test make a file that held_out names)"
            ),
        ),
    ],
)
def test_what_is_not_like_the_source_is_refused(source: str, name: object, message: str, folder: Path) -> None:
    for read in (prepare, describe):
        with pytest.raises(GradwireError) as caught:
            read({"source": source, "held_out": name}, folder)
        assert str(caught.value).splitlines()[0] == message


def test_a_network_is_trained_on_one_file_and_measured_on_the_other(folder: Path) -> None:
    session = gw.Session()
    with session.document.transaction("Draw") as t:
        t.add("dataset", name="data", source="train.npz", held_out="test.npz", id="data")
        t.add("parameter", name="w", shape=(3, 3), id="w")
        scores = t.add("matmul", name="scores", inputs={"x": "data.x", "w": "w"})
        loss = t.add("cross_entropy", name="loss", inputs={"logits": scores, "target": "data.y"})
        t.set_training(Training(loss, epochs=1))
    session.save(folder / "own.gw")
    session.train()
    assert session.evaluate().samples == 6
    again = gw.Session.open(folder / "own.gw")
    assert again.graph.nodes["data"].params["held_out"] == "test.npz"
