"""Data larger than memory: rows that stay in their file, read batch by batch, with the bits of those in memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.data import Rows, arrays, describe, prepare, source
from gradwire.core.data.datasets import Options
from gradwire.core.errors import DataError

PARAMS = {"source": "x.npy", "target": "y.npy", "validation": 0.25}


@pytest.fixture
def mapped(monkeypatch):
    monkeypatch.setattr(arrays, "MAPPED_FROM", 1)


def refusal(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return str(caught.value)


def written(folder, x=None):
    x = np.random.default_rng(0).normal(3, 2, (40, 5)).astype(np.float32) if x is None else x
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", np.arange(len(x)) % 4)
    return x


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2", "|u1", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_mapped_rows_are_those_of_the_file(tmp_path, mapped, dtype, order):
    x = written(tmp_path, np.asarray(np.arange(60).reshape(20, 3), dtype, order=order))
    rows = source("x.npy", tmp_path, Options(target="y.npy")).x
    assert isinstance(rows, Rows)
    assert isinstance(rows.base, np.memmap)
    assert (rows.shape, rows.ndim, rows.size, len(rows)) == ((20, 3), 2, 60, 20)
    assert (rows.min(), rows.max()) == (0, 59)
    assert rows.dtype.isnative
    assert np.array_equal(np.asarray(rows), x)
    some = rows.take(np.array([5, 5, 2]))
    assert np.array_equal(some[1:], x[[5, 2]])
    assert np.array_equal(some.take(np.array([2]))[:], x[[2]])
    taken = rows[2:4]
    taken[:] = 9  # an array of its own: nothing is written to the file
    assert np.array_equal(rows[2:4], x[2:4])
    assert np.array_equal(np.load(tmp_path / "x.npy"), x)


@pytest.mark.parametrize("standardise", [False, True])
def test_parts_of_a_mapped_file_are_those_of_one_that_was_read(tmp_path, monkeypatch, standardise):
    written(tmp_path)
    params = {**PARAMS, "standardise": standardise}
    read = prepare(params, tmp_path)
    monkeypatch.setattr(arrays, "MAPPED_FROM", 1)
    monkeypatch.setattr("gradwire.core.data.rows.CHUNK", 200)  # several steps of a walk
    (tmp_path / "again").mkdir()
    written(tmp_path / "again")
    found, told = prepare(params, tmp_path / "again"), describe(params, tmp_path / "again")
    for part, other in ((found.train, read.train), (found.validation, read.validation)):
        assert isinstance(part.x, Rows)
        assert part.x.dtype == other.x.dtype == told.x_dtype
        assert np.asarray(part.x) == pytest.approx(other.x, rel=1e-12, abs=1e-12)
        assert np.array_equal(part.y, other.y)


TABLE, ARCHIVE = {"source": "table.npy"}, {"source": "d.npz"}
KINDS = [TABLE, {**TABLE, "target": 0}, {**TABLE, "target": 2}, ARCHIVE]


def in_one_file(folder, rows=40, columns=5):
    """A table with whole numbers in its first, third and last columns, and the same as x and y of an archive."""
    table = np.random.default_rng(0).normal(3, 2, (rows, columns)).astype(np.float32)
    table[:, [0, 2, -1]] = (np.arange(rows) % 4)[:, None]
    np.save(folder / "table.npy", table)
    np.savez(folder / "d.npz", odd=np.zeros(3, np.uint8), x=table[:, :-1], y=table[:, -1].astype(int))


@pytest.mark.parametrize("params", KINDS, ids=["last", "first", "within", "npz"])
@pytest.mark.parametrize("standardise", [False, True])
def test_a_table_and_an_archive_are_mapped_too(tmp_path, monkeypatch, params, standardise):
    in_one_file(tmp_path)
    params = {**params, "standardise": standardise, "balance": True}
    read = prepare(params, tmp_path)
    monkeypatch.setattr(arrays, "MAPPED_FROM", 1)
    monkeypatch.setattr("gradwire.core.data.rows.CHUNK", 200)
    (tmp_path / "again").mkdir()
    in_one_file(tmp_path / "again")
    found = prepare(params, tmp_path / "again")
    for part, other in ((found.train, read.train), (found.validation, read.validation)):
        assert isinstance(part.x, Rows)
        assert isinstance(part.x.base, np.memmap)
        assert part.x.shape == other.x.shape
        assert np.asarray(part.x) == pytest.approx(other.x, rel=1e-12, abs=1e-12)
        assert np.array_equal(part.x[0], np.asarray(part.x)[0])
        assert np.array_equal(part.y, other.y)
        assert (part.classes, part.feature_names) == (other.classes, other.feature_names)


def test_what_is_compressed_is_read_and_booleans_are_numbers(tmp_path, mapped):
    x = np.eye(6, dtype=bool)
    np.savez_compressed(tmp_path / "packed.npz", x=x, y=np.arange(6) % 2)
    np.savez(tmp_path / "plain.npz", x=x, y=np.arange(6) % 2)
    packed, plain = (source(name, tmp_path).x for name in ("packed.npz", "plain.npz"))
    assert isinstance(packed, np.ndarray)
    assert isinstance(plain, Rows)
    assert packed.dtype == plain.dtype == np.uint8
    assert np.array_equal(packed, plain)


@pytest.mark.parametrize("params", [TABLE, ARCHIVE], ids=["npy", "npz"])
def test_a_mapped_table_or_archive_is_never_in_memory_as_a_whole(tmp_path, mapped, params):
    in_one_file(tmp_path, 40_000, 257)  # 41 MB
    tracemalloc.start()
    try:
        found = prepare({**params, "standardise": True, "validation": 0.25}, tmp_path)
        first = found.train.x.astype("float32")[:32]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert first.shape == (32, 256)
    assert peak < 30e6


def test_faults_of_a_mapped_archive(tmp_path, mapped):
    in_one_file(tmp_path)
    content = bytearray((tmp_path / "d.npz").read_bytes())
    content[content.index(b"x.npy") + 400] ^= 1  # among the numbers of x
    (tmp_path / "d.npz").write_bytes(content)
    assert refusal(source, "d.npz", tmp_path) == (
        "d.npz: a whole .npy or .npz file is required; found a damaged one: \"Bad CRC-32 for file 'x.npy'\""
        " (save it again by np.save or np.savez)"
    )
    np.savez(tmp_path / "d.npz", y=np.zeros(3, int))
    assert refusal(source, "d.npz", tmp_path) == (
        'd.npz: an array named "x" is required; found "y" (np.savez(path, x=x, y=y))'
    )


def classifier(folder):
    session = gw.Session(path=folder / "graph.gw")
    with session.document.transaction("Build") as t:
        data = t.add("dataset", name="data", params=PARAMS)
        w = t.add("parameter", shape=(5, 4), init="he")
        logits = t.add("matmul", inputs={"x": f"{data}.x", "w": w})
        loss = t.add("cross_entropy", inputs={"logits": logits, "target": f"{data}.y"})
        metric = {"name": "accuracy", "prediction": logits, "target": f"{data}.y"}
        t.set_training(gw.graph.Training(loss=loss, batch=7, epochs=2, metrics=(metric,)))
    return session


def test_training_from_a_mapped_file_gives_the_same_bits(tmp_path, monkeypatch):
    written(tmp_path)
    read = classifier(tmp_path).train()
    monkeypatch.setattr(arrays, "MAPPED_FROM", 1)
    (tmp_path / "again").mkdir()
    written(tmp_path / "again")
    found = classifier(tmp_path / "again").train()
    assert found.history == read.history
    assert [v.tobytes() for v in found.values.values()] == [v.tobytes() for v in read.values.values()]


def test_a_mapped_file_is_never_in_memory_as_a_whole(tmp_path, mapped):
    written(tmp_path, np.zeros((40_000, 256), np.float32))  # 41 MB
    tracemalloc.start()
    try:
        found = prepare({**PARAMS, "standardise": True}, tmp_path)
        first = found.train.x.astype("float32")[:32]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert first.shape == (32, 256)
    assert peak < 41e6


def test_faults_of_a_mapped_file(tmp_path, mapped, monkeypatch):
    x = np.zeros((40, 5))
    x[[31, 35], 2] = np.nan
    written(tmp_path, x)
    monkeypatch.setattr("gradwire.core.data.rows.CHUNK", 200)
    assert refusal(prepare, PARAMS, tmp_path) == (
        'x.npy, row 31 (from 0), column "x2": a finite number is required in x; found nan, the first of 2 such'
        " (drop those rows or fill them in)"
    )
    content = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(content[:-8])
    assert refusal(prepare, PARAMS, tmp_path) == (
        "x.npy: 1600 bytes of numbers are required by its header; found 1592"
        " (the file is truncated: copy or save it again)"
    )
    np.save(tmp_path / "x.npy", np.array([[print]]), allow_pickle=True)
    assert refusal(prepare, PARAMS, tmp_path).startswith("x.npy: an array of numbers is required; found Python objects")


CHANGED = "x.npy changed while it was read (begin again; to change a file in use, save to another and rename that)"


@pytest.mark.parametrize("params", [PARAMS, {**PARAMS, "standardise": True}])
def test_a_mapped_file_that_is_written_to_is_refused_and_not_read(tmp_path, mapped, params):
    x = written(tmp_path, np.zeros((40_000, 8), np.float32))
    found = prepare(params, tmp_path)
    assert found.train.x[:2].shape == (2, 8)
    np.save(tmp_path / "x.npy", x[:10])  # beyond its end the system would end the program
    assert refusal(lambda: found.train.x[20_000:20_032]) == CHANGED
    assert refusal(lambda: found.validation.x[:1]) == CHANGED
    assert refusal(lambda: found.train.x.astype("float64").take(np.array([3]))[:]) == CHANGED
    np.save(tmp_path / "y.npy", np.arange(10) % 4)
    assert len(source("x.npy", tmp_path, Options(target="y.npy")).x) == 10  # begun again, it reads what is there now


def test_training_stops_with_one_line_where_its_file_is_written_to(tmp_path, mapped):
    x = written(tmp_path)
    session = classifier(tmp_path)
    trainer = session.trainer()
    trainer.engine.add_event_handler(
        gw.Events.ITERATION_COMPLETED(once=2), lambda _: np.save(tmp_path / "x.npy", x[:10])
    )
    assert refusal(session.train, trainer) == CHANGED
    assert trainer.engine.state.iteration == 3


def test_a_mapped_file_in_whose_place_another_is_put_is_read_to_its_end(tmp_path, mapped):
    x = written(tmp_path)
    rows = source("x.npy", tmp_path, Options(target="y.npy")).x
    np.save(tmp_path / "new.npy", x[:10])
    (tmp_path / "new.npy").replace(tmp_path / "x.npy")
    assert np.array_equal(rows[:], x)
    (tmp_path / "x.npy").unlink()
    assert np.array_equal(rows[:], x)


def test_a_mapped_archive_that_is_written_to_is_refused(tmp_path, mapped):
    np.savez(tmp_path / "d.npz", x=np.zeros((40_000, 8)), y=np.zeros(40_000, int))
    rows = source("d.npz", tmp_path).x
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 8)), y=np.zeros(4, int))
    assert refusal(lambda: rows[30_000:]) == CHANGED.replace("x.npy", 'd.npz, array "x"')


def test_an_archive_that_is_too_large_is_refused_with_what_would_do(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "d.npz", x=np.zeros((100, 10)), y=np.zeros(100, int))
    monkeypatch.setattr(arrays, "IN_MEMORY", 8000)
    assert refusal(source, "d.npz", tmp_path) == (
        'd.npz, array "x": at most 8,000 bytes of an .npz are read into memory; found 8,128'
        " (np.savez does not compress, and its x may be larger than memory)"
    )
