"""IDX files: MNIST's form, gzipped or not; what their headers claim is held against what is there."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradwire.core.data import describe, files_of, prepare, rows, source
from gradwire.core.data.datasets import Options
from gradwire.core.errors import DataError

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def refusal(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return str(caught.value)


def idx(values):
    values = np.asarray(values)
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[values.dtype.str[1:]]
    header = struct.pack(f">4B{values.ndim}I", 0, 0, code, values.ndim, *values.shape)
    return header + values.astype(values.dtype.newbyteorder(">")).tobytes()


def written(folder, images=IMAGES, labels=LABELS, x=None):
    x = np.arange(10 * 3 * 2, dtype=np.uint8).reshape(10, 3, 2) * 4 if x is None else x
    y = np.arange(10, dtype=np.uint8) % 5
    for name, values in ((images, x), (labels, y)):
        content = idx(values)
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return x, y


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (IMAGES, LABELS),
        (f"{IMAGES}.gz", f"{LABELS}.gz"),
        (f"{IMAGES}.gz", LABELS),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ("t10k-images.idx3-ubyte", "t10k-labels-idx1-ubyte.gz"),
        ("emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz"),
    ],
)
def test_labels_are_found_by_the_naming_of_mnist(tmp_path, images, labels):
    x, y = written(tmp_path, images, labels)
    read = source(images, tmp_path)
    assert read.x.shape == (10, 1, 3, 2)
    assert np.array_equal(read.x[:][:, 0], x / np.float32(255))
    assert (read.y.tolist(), read.classes, read.x.dtype) == (y.tolist(), 5, np.float32)
    assert set(files_of({"source": images}, tmp_path)) == {images, labels}
    assert str(read.place("y", 3)) == f"{labels}, row 3 (from 0)"


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "f4", "f8"])
def test_numbers_that_are_no_images_stay_as_they_are(tmp_path, dtype):
    x = (np.arange(20).reshape(10, 2) - 7).astype(dtype)
    written(tmp_path, "points.idx", "kinds.idx1", x)
    read = source("points.idx", tmp_path, Options(target="kinds.idx1"))
    assert np.array_equal(read.x[:], x)
    assert read.x.dtype == np.dtype(dtype)
    assert read.x[2:4].dtype.isnative


def test_parts_and_their_description(tmp_path):
    written(tmp_path)
    for standardise in (False, True):
        params = {"source": IMAGES, "validation": 0.5, "standardise": standardise}
        told, found = describe(params, tmp_path), prepare(params, tmp_path)
        for part in (found.train, found.validation):
            assert (part.feature_shape, part.x.dtype, part.classes) == (told.feature_shape, told.x_dtype, told.classes)
            assert len(part) == 5
    assert prepare({"source": IMAGES, "validation": 0.5, "task": "regression"}, tmp_path).train.y.shape == (5, 1)
    assert np.asarray(found.train.x).mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert prepare({**params, "validation": 0}, tmp_path).validation.x.shape == (0, 1, 3, 2)


def faulty(name):
    good = idx(np.zeros((10, 3, 2), np.uint8))
    return {
        "empty": b"",
        "text": b"hello world",
        "type": b"\0\0\x0a\3" + good[4:],
        "axes": b"\0\0\x08\0",
        "header": good[:9],
        "short": good[:-1],
        "long": good + b"\0",
        "none": idx(np.zeros((0, 3, 2), np.uint8)),
        "huge": struct.pack(">4B4I", 0, 0, 14, 4, *[2**32 - 1] * 4),
    }[name]


FAULTS = {
    "empty": "an IDX file is required, which begins with 0, 0, the type of its numbers and how many axes;"
    " found an empty file (the type is 8, 9, 11, 12, 13 or 14)",
    "text": "an IDX file is required, which begins with 0, 0, the type of its numbers and how many axes;"
    " found 104 101 108 108 (the type is 8, 9, 11, 12, 13 or 14)",
    "type": "an IDX file is required, which begins with 0, 0, the type of its numbers and how many axes;"
    " found 0 0 10 3 (the type is 8, 9, 11, 12, 13 or 14)",
    "axes": "an IDX file is required, which begins with 0, 0, the type of its numbers and how many axes;"
    " found 0 0 8 0 (the type is 8, 9, 11, 12, 13 or 14)",
    "header": "the lengths of 3 axes are required; the file ends within them",
    "short": "60 bytes of numbers are required by its header, of shape (10, 3, 2); found 59"
    " (the file is damaged: copy it again)",
    "long": "60 bytes of numbers are required by its header, of shape (10, 3, 2); found more"
    " (the file is damaged: copy it again)",
    "none": "at least one number is required; found an array of shape (0, 3, 2)",
    "huge": f"{8 * (2**32 - 1) ** 4:,} bytes of numbers are required by its header, of shape "
    f"{(2**32 - 1,) * 4}; found 0 (the file is damaged: copy it again)",
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_a_file(tmp_path, name):
    written(tmp_path)
    (tmp_path / IMAGES).write_bytes(faulty(name))
    assert refusal(source, IMAGES, tmp_path) == f"{IMAGES}: {FAULTS[name]}"


def test_a_claim_that_no_gzip_of_this_size_can_hold_is_refused_before_anything_is_unpacked(tmp_path):
    written(tmp_path, f"{IMAGES}.gz", f"{LABELS}.gz")
    (tmp_path / f"{IMAGES}.gz").write_bytes(content := gzip.compress(faulty("huge")))
    assert refusal(source, f"{IMAGES}.gz", tmp_path) == (
        f"{IMAGES}.gz: at most {1032 * len(content):,} bytes can be unpacked from it; its header claims"
        f" {8 * (2**32 - 1) ** 4:,} (copy it again, or unpack it: a file that is not packed may be larger than memory)"
    )


def test_labels_that_are_not_there_or_do_not_fit(tmp_path):
    written(tmp_path)
    (tmp_path / LABELS).unlink()
    hint = '("target" names that file)'
    assert refusal(source, IMAGES, tmp_path) == (
        f'{IMAGES}: a file of its labels is required; "{LABELS}" is not beside it {hint}'
    )
    assert refusal(source, "points.idx", tmp_path) == (
        'the data file "points.idx" is not in the document\'s folder (data files there: "train-images-idx3-ubyte")'
    )
    (tmp_path / "points.idx").write_bytes(idx(np.zeros((4, 2), np.uint8)))
    assert refusal(source, "points.idx", tmp_path) == (
        f'points.idx: a file of its labels is required; its name has no "images" {hint}'
    )
    (tmp_path / LABELS).write_bytes(idx(np.zeros(9, np.uint8)))
    assert refusal(source, IMAGES, tmp_path) == (
        f'{IMAGES}: samples (N, ...) and labels (N,) are required; found (10, 3, 2), and (9,) in "{LABELS}"'
        ' ("target": the file of its labels)'
    )
    (tmp_path / LABELS).write_bytes(idx(np.array([0, 1, 2, 3, 4, 0, 1, 2, 3, 9], np.uint8)))
    assert refusal(source, IMAGES, tmp_path).startswith(
        f"{LABELS}, row 9 (from 0): a label from 0 to 5 is required, for 6 classes; found 9"
    )


@settings(max_examples=80, deadline=None)
@given(data=st.data(), packed=st.booleans(), cut=st.booleans())
def test_no_damaged_file_does_harm(tmp_path_factory, data, packed, cut):
    folder = tmp_path_factory.mktemp("idx")
    end = ".gz" if packed else ""
    written(folder, IMAGES + end, LABELS + end)
    path = folder / (IMAGES + end)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if cut:
        del content[place:]
    else:
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    message = "read: damage to the numbers themselves cannot be seen"
    try:
        source(path.name, folder)
    except DataError as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < 300


def test_a_large_file_is_mapped_and_gives_the_same(tmp_path, monkeypatch):
    written(tmp_path)
    params = {"source": IMAGES, "validation": 0.5}
    read = np.asarray(prepare(params, tmp_path).train.x)
    monkeypatch.setattr("gradwire.core.data.idx.MAPPED_FROM", 1)
    (tmp_path / "again").mkdir()
    written(tmp_path / "again")
    mapped = prepare(params, tmp_path / "again").train.x
    assert isinstance(mapped, rows.Rows)
    assert isinstance(mapped.base.base, np.memmap)
    assert np.asarray(mapped).tobytes() == read.tobytes()
    (tmp_path / "again" / IMAGES).write_bytes(b"")
    with pytest.raises(DataError) as caught:
        mapped[:]
    assert str(caught.value) == (
        f"{IMAGES} changed while it was read (begin again; to change a file in use, save to another and rename that)"
    )


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "i4", "f4", "f8"])
def test_images_of_every_type_have_one_layout_and_only_bytes_are_scaled(tmp_path, dtype):
    x, _ = written(tmp_path, x=(np.arange(60).reshape(10, 3, 2) * 2).astype(dtype))
    read = source(IMAGES, tmp_path)
    assert read.feature_shape == (1, 3, 2)
    np.testing.assert_allclose(read.x[:10][:, 0], x / 255 if dtype == "u1" else x, rtol=1e-6)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("no-labels-idx1-ubyte", 'target: the data file "no-labels-idx1-ubyte" is not in the document\'s folder'),
        ("table.csv", "target: table.csv: an IDX file is required, which begins with 0, 0,"),
        (
            "label",
            "target: a data set, a .csv, .tsv, .txt, .npy, .npz or IDX file (also as .gz) or a folder of images is",
        ),
        (IMAGES, '"target": the file of its labels'),
    ],
)
def test_a_wrong_file_of_labels_is_told_as_the_target(tmp_path, target, told):
    written(tmp_path)
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    assert told in refusal(source, IMAGES, tmp_path, Options(target=target))
