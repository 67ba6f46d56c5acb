"""Data: built-in sets, files and their faults, splits, standardising, batches, what a dataset node gives."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradwire.core.cancelling import Stopped
from gradwire.core.data import (
    BUILTIN,
    DEFAULTS,
    Dataset,
    Options,
    Standardiser,
    batches,
    check_values,
    describe,
    files_of,
    load_builtin,
    prepare,
    source,
    split,
)
from gradwire.core.data.characters import sniff
from gradwire.core.errors import DataError, ParameterError
from gradwire.core.ops import builtin

ELSEWHERE = "a data file must lie in the document's own folder; found "
LABEL_HINT = ' (labels count from 0 without gaps; else set "classes", use text labels, or "task": "regression")'


def refusal(call, *arguments, error=DataError, **named):
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    return str(caught.value)


def labelled(labels, classes=None):
    labels = np.array(labels)
    names = tuple(str(each) for each in range(classes or int(labels.max()) + 1))
    return Dataset("made", np.arange(float(2 * len(labels))).reshape(-1, 2), labels, ("a", "b"), names)


def test_what_is_wrong_with_a_table_says_where_in_numbers(tmp_path):
    (tmp_path / "d.csv").write_text("a,y,b,c\n1,0,x,red\n1,,2,\n1,2\n" + "1,0,2,red\n1,1,2,blue\n")
    with pytest.raises(DataError) as caught:
        source("d.csv", tmp_path, Options(target="y", categories=(("c", "red"),)))
    assert {each.file for each in caught.value.each} == {"d.csv"}
    found = {(each.line, each.column) for each in caught.value.each}
    assert found == {(2, 2), (3, 1), (3, 3), (4, None), (6, 3)}
    (tmp_path / "e.csv").write_text("y,a\n0,1\n7,1\n")
    with pytest.raises(DataError) as caught:
        source("e.csv", tmp_path, Options(target="y", classes=2))
    assert (caught.value.file, caught.value.line, caught.value.column) == ("e.csv", 3, 0)
    with pytest.raises(DataError) as caught:
        source("none.csv", tmp_path)
    assert caught.value.line is caught.value.column is None


# Work that is stopped


def test_a_table_that_is_no_longer_wanted_is_read_no_further(tmp_path):
    (tmp_path / "d.csv").write_text("a,y\n" + "1,0\n2,1\n" * 5000 + "wrong,1\n")
    looks = []

    def cancelled():
        looks.append(len(looks))
        return len(looks) == 4

    with pytest.raises(Stopped):
        source("d.csv", tmp_path, cancelled=cancelled)
    assert len(looks) == 4  # long before the row that is wrong
    assert "line 10002" in refusal(source, "d.csv", tmp_path)


# Built-in sets


@pytest.mark.parametrize("name", BUILTIN)
def test_the_table_of_built_in_sets_is_true(name):
    loaded, entry = load_builtin(name), BUILTIN[name]
    assert (entry.name, loaded.name) == (name, name)
    assert loaded.x.shape == (entry.samples, entry.features)
    assert loaded.classes == entry.classes
    assert len(loaded.feature_names) == entry.features
    assert entry.summary
    shapes = describe({"source": name}, None)
    assert shapes.feature_shape == loaded.feature_shape
    assert shapes.target_shape == loaded.target_shape
    assert (shapes.x_dtype, shapes.y_dtype) == (loaded.x.dtype, loaded.y.dtype)
    assert shapes.classes == loaded.classes
    check_values(loaded)


def test_digits_are_pixels_from_0_to_1():
    digits = source("digits", None)
    assert (digits.x.min(), digits.x.max()) == (0, 1)
    assert digits.class_names == tuple("0123456789")
    assert source("digits", None) is digits


def test_describing_a_built_in_set_loads_nothing():
    script = (
        "import sys; from gradwire.core.data import describe, split; describe({'source': 'wine'}, None);"
        "assert not {'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_dataset_is_read_only():
    made = labelled([0, 1])
    for values in (made.x, made.y):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (
            (3,),
            (3,),
            "x must be (samples, features, ...); found shape (3,) (one feature is a column: x[:, None])",
        ),
        ((3, 2), (2,), "y must have one row a sample, (3,) or (3, targets); found shape (2,)"),
        ((3, 2), (3, 1, 1), "y must have one row a sample, (3,) or (3, targets); found shape (3, 1, 1)"),
        (
            (0, 2),
            (0,),
            "at least one sample and one feature are required; found x of shape (0, 2), y of shape (0,)",
        ),
    ],
)
def test_a_dataset_refuses_shapes(x, y, message):
    assert refusal(Dataset, "made", np.zeros(x), np.zeros(y)) == f"made: {message}"


# Where files may lie


@pytest.mark.parametrize(
    "text",
    [
        "../d.csv",
        "a/../../d.csv",
        "/etc/d.csv",
        "\\d.csv",
        "..\\d.csv",
        "C:\\d.csv",
        "c:d.csv",
        "\\\\host\\d.csv",
    ],
)
def test_no_path_outside_the_folder(tmp_path, text):
    assert refusal(source, text, tmp_path) == (f'{ELSEWHERE}"{text}" (copy it there and give its relative path)')


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_no_link_outside_the_folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "d.csv").write_text("1,0\n2,1\n")
    (inside / "d.csv").symlink_to(tmp_path / "d.csv")
    assert refusal(source, "d.csv", inside).startswith(ELSEWHERE)


def test_a_packed_file_is_told_apart_from_one_that_is_not_there(tmp_path):
    missing = refusal(source, "nosuch.gz", tmp_path)
    (tmp_path / "there.gz").write_bytes(b"")
    there = refusal(source, "there.gz", tmp_path)
    kinds = "a .csv, .tsv, .txt, .npy, .npz or IDX file (also as .gz)"
    required = f"a data set, {kinds} or a folder of images is required; found"
    assert missing.startswith(f'{required} "nosuch.gz", and no such file is in the document\'s folder (')
    assert there.startswith(f'{required} "there.gz" (unpack it, only IDX files are read packed; ')
    assert "unpack" not in missing


def test_unknown_and_missing_sources(tmp_path):
    (tmp_path / "flowers.csv").write_text("1,0\n2,1\n")
    files = "a .csv, .tsv, .txt, .npy, .npz or IDX file (also as .gz)"
    kinds = f"a data set, {files} or a folder of images is required; found "
    known = (
        "built in: breast_cancer, diabetes, digits, iris, wine; made: moons, spirals, blobs, xor, sine, shapes;"
        " a folder's name ends in /)"
    )
    there = 'data files there: "flowers.csv"; '
    assert refusal(source, "digit", tmp_path) == f'{kinds}"digit" (did you mean "digits"? {there}{known}'
    assert refusal(source, "http", None) == f'{kinds}"http" ({known}'
    assert refusal(source, "flowers", tmp_path) == f'{kinds}"flowers" (did you mean "flowers.csv"? {there}{known}'
    assert refusal(source, "flower.csv", tmp_path) == (
        'the data file "flower.csv" is not in the document\'s folder (data files there: "flowers.csv")'
    )
    assert refusal(source, "flower.csv", None) == (
        'the file "flower.csv" is looked for beside the document, which has no folder yet (save the document first)'
    )
    assert refusal(source, "a\nb\ud800.csv", tmp_path) == (
        'the name of a data set or file is required as the source; found "a\\nb\\ud800.csv"'
    )


def test_a_set_that_does_not_come_along_is_told_with_its_files(tmp_path):
    beside = 'put its IDX files, such as "train-images-idx3-ubyte.gz" with "train-labels-idx1-ubyte.gz", beside'
    for name in ("mnist", "Fashion-MNIST"):
        said = refusal(source, name, None)
        assert f'found "{name}" (it does not come along: {beside} the document and give that name; built in: ' in said
        assert "did you mean" not in said
    said = refusal(source, "cifar10", None)
    assert "put a folder with a folder of images for each class beside the document" in said


def test_the_files_that_are_there_are_listed(tmp_path):
    for name in ("f.csv", "a.csv", "b.npy", "c.npz", "d.tsv", "e.txt", "notes.md"):
        (tmp_path / name).write_text("1,0\n")
    assert refusal(source, "e.csv", tmp_path) == (
        'the data file "e.csv" is not in the document\'s folder'
        ' (data files there: "f.csv", "a.csv", "d.tsv", "b.npy", "c.npz" and 1 more)'
    )


def test_parquet_is_refused_with_what_would_do(tmp_path):
    said = refusal(source, "d.parquet", tmp_path)
    assert "(save it as .csv, or its numbers as .npz; built in: breast_cancer, " in said


def test_a_name_that_no_file_system_takes(tmp_path):
    said = refusal(source, "x" * 5000 + ".csv", tmp_path)
    assert said == f'"{"x" * 199}…" cannot be read: {os.strerror(errno.ENAMETOOLONG)}'


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_is_no_data_file(tmp_path):
    os.mkfifo(tmp_path / "d.csv")
    assert refusal(source, "d.csv", tmp_path).startswith('the data file "d.csv" is not in')


def test_a_file_is_read_once_until_it_changes(tmp_path):
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub" / "d.csv"
    path.write_text("1,0\n2,1\n")
    first = source("sub/d.csv", tmp_path)
    assert source("sub\\d.csv", tmp_path) is first
    assert source("sub/d.csv", tmp_path, Options(task="regression")) is not first
    path.write_text("1,0\n2,1\n3,1\n")
    assert len(source("sub/d.csv", tmp_path)) == 3


# Text tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_with_a_header(tmp_path, delimiter, end):
    rows = [["width", "kind", "height"], ["1.5", "b", "2"], ["-3e2", "a", " 4 "], [], ["0", "b", "1"]]
    text = end.join(delimiter.join(row) for row in rows)
    (tmp_path / "d.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    for target in ("kind", 1, -2):
        read = source("d.csv", tmp_path, Options(target=target))
        assert read.x.tolist() == [[1.5, 2], [-300, 4], [0, 1]]
        assert read.y.tolist() == [1, 0, 1]
        assert (read.feature_names, read.class_names) == (("width", "height"), ("a", "b"))


@pytest.mark.parametrize(
    ("text", "options", "y", "names"),
    [
        ("1,0\n2,1\n3,1\n", Options(), [0, 1, 1], ("0", "1")),
        ("1,0.5\n2,1\n", Options(), [[0.5], [1]], None),
        ("1,3\n2,7\n", Options(task="regression"), [[3], [7]], None),
        ("1,0\n2,2\n", Options(classes=4), [0, 2], ("0", "1", "2", "3")),
        ("1,1.0\n2,0.5\n", Options(task="classification"), [1, 0], ("0.5", "1.0")),
        ("1,1\n2,x\n", Options(), [0, 1], ("1", "x")),
        ("1,-5000000000000000000000\n", Options(), [[-5e21]], None),
        ('1,"a, ""b""\nc"\n2,d\n', Options(), [0, 1], ('a, "b"\nc', "d")),
    ],
)
def test_targets_of_a_table(tmp_path, text, options, y, names):
    (tmp_path / "d.csv").write_text(text)
    read = source("d.csv", tmp_path, options)
    assert (read.y.tolist(), read.class_names, read.feature_names) == (y, names, ("x0",))


TABLE_FAULTS = [
    ("", ": a table of rows is required; found an empty file"),
    ("\n \n", ": a table of rows is required; found an empty file"),
    (
        "a,b\n",
        (': at least one row of numbers is required; found a header alone ("header": false if line 1 holds data)'),
    ),
    (
        "1\n2\n",
        (
            ": a feature and a target are required, two columns or more; found one column"
            " (separate columns by commas, semicolons or tabs)"
        ),
    ),
    (
        "a,b,c\n1,2,0\n\n1,2\n",
        (", line 4: 3 cells are required, as in the first line; found 2 (quote a cell that holds the delimiter)"),
    ),
    (
        "a,b,c\n1,2,0\n1,2,0,1\n",
        (", line 3: 3 cells are required, as in the first line; found 4 (quote a cell that holds the delimiter)"),
    ),
    (
        'a,b,c\n1,3,0\n1,"x\ny",0\n',
        (
            ', line 3, column "b": a finite number is required; found "x\\ny"'
            " (write a number such as 1.5 or 2e-3, or drop that column)"
        ),
    ),
    (
        "a;b;c\n1;2;0\n1;2,5;0\n",
        ', line 3, column "b": a finite number is required; found "2,5" (write 1.5, not 1,5)',
    ),
    (
        "a;b;c\n1;2;0\n1;12,500;0\n",
        (
            ', line 3, column "b": a finite number is required; found "12,500"'
            " (write 12500 without commas; of a decimal number 1.5, not 1,5)"
        ),
    ),
    (
        "1,2,0\n1,,0\n",
        (', line 2, column "x1": a finite number is required; found an empty cell (drop that row or fill it in)'),
    ),
    (
        "1,2,0\n1,NaN,0\n",
        ', line 2, column "x1": a finite number is required; found "NaN" (drop that row or fill it in)',
    ),
    (
        "1,2,0\n1,-1e999,0\n",
        ', line 2, column "x1": a finite number is required; found "-1e999" (drop that row or fill it in)',
    ),
    (
        "1,2,0\n1,1_000,0\n",
        (
            ', line 2, column "x1": a finite number is required; found "1_000"'
            " (write a number such as 1.5 or 2e-3, or drop that column)"
        ),
    ),
    (
        "a,2,0\n1,2,0\n",
        (', line 1, column "x0": a finite number is required; found "a" ("header": true if line 1 holds names)'),
    ),
    (
        'a,b,c\n"1,2,0\n1,2,0\n',
        ", line 2: 3 cells are required, as in the first line; found 1 (look for a quote that is never closed)",
    ),
    (
        "a,b,c\n1,2,0\n?,2,0\n",
        ', line 3, column "a": a finite number is required; found "?" (drop that row or fill it in)',
    ),
    (
        "a;b\n1;0,5\n2;1\n3;1,5\n",
        ', line 2, column "b": a finite number is required; found "0,5" (write 1.5, not 1,5)',
    ),
    (
        "a,b\n1,$0\n2,$1\n",
        (
            ', line 2, column "b": a finite number is required; found "$0"'
            " (write a number such as 1.5 or 2e-3, or drop that column)"
        ),
    ),
    (
        "\0a\0,\0b\0\n\0" + "1\0,\0" * 3,
        (
            ", line 1: text in UTF-8 is required; found zero bytes, as UTF-16 and files of no text have them"
            " (save it again as UTF-8)"
        ),
    ),
    (
        "1," * 100_000 + "0\n",
        ", line 1: at most 100,000 columns are required in a table of text; found 100,001 (save it as .npy)",
    ),
    (
        "a,a,c\nx,x,0\ny,y,1\n",
        ': a column must have a name of its own; found "a" 2 times (rename one of them in line 1)',
    ),
    (
        "a,b\n1,\n",
        (', line 2, column "b": a target is required; found an empty cell (drop that row or fill it in)'),
    ),
    (
        "a,b\n1,0\n2,nan\n",
        ', line 3, column "b": a label is required; found "nan" (drop that row or fill it in)',
    ),
    (
        "a,b\n1,0.5\n2,high\n",
        (
            ', line 3, column "b": a finite number is required; found "high"'
            " (write a number such as 1.5 or 2e-3, or drop that column)"
        ),
    ),
    (
        "a,b\n1,0\n2,1\n3,9\n",
        f', line 4, column "b": a label from 0 to 2 is required, for 3 classes; found 9{LABEL_HINT}',
    ),
    (
        "a,b\n1,-1\n2,1\n",
        f', line 2, column "b": a label from 0 to 1 is required, for 2 classes; found -1{LABEL_HINT}',
    ),
    (
        '1,0\n2,"' + "x" * 140_000,
        (
            ", line 2: a row of cells is required; found one that cannot be split:"
            " field larger than field limit (131072) (look for a quote that is never closed)"
        ),
    ),
]


@pytest.mark.parametrize(("text", "message"), TABLE_FAULTS, ids=range(len(TABLE_FAULTS)))
def test_faults_of_a_table(tmp_path, text, message):
    (tmp_path / "d.csv").write_text(text)
    assert refusal(source, "d.csv", tmp_path) == f"d.csv{message}"


def test_a_table_in_another_encoding(tmp_path):
    (tmp_path / "d.csv").write_bytes("a,b\n1,x\n2,é\n".encode("latin-1"))
    assert refusal(source, "d.csv", tmp_path) == (
        "d.csv, line 3: text in UTF-8 is required; found the byte 0xe9 (save it again as UTF-8)"
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("colour", 'one column named "colour" is required as the target; found none (columns: "color")'),
        ("a", 'one column named "a" is required as the target; found 2 of that name (columns: "a", "a")'),
        (3, "a target column from -3 to 2 is required; found 3 (columns count from 0; -1 is the last)"),
    ],
)
def test_a_target_that_is_not_there(tmp_path, target, message):
    (tmp_path / "d.csv").write_text("a,a,color\n1,2,0\n")
    assert refusal(source, "d.csv", tmp_path, Options(target=target)) == f"d.csv: {message}"


def test_text_labels_of_another_number(tmp_path):
    (tmp_path / "d.csv").write_text("1,a\n2,b\n")
    assert refusal(source, "d.csv", tmp_path, Options(classes=3)) == (
        'd.csv: 3 classes are required by its settings; found 2 distinct labels ("classes": 2, or leave it out)'
    )


def test_delimiters_are_told_apart():
    assert sniff("a;b\n1,5;2,5\n") == ";"
    assert sniff("a,b,c\n1,2\n") == ","
    assert sniff('"x;y;z",b\n1,2\n') == ","
    assert sniff("a") == ","
    assert sniff("1;2\n" * 50_000) == ";"


@settings(max_examples=50)
@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1))
def test_numbers_of_a_table_come_back_to_the_bit(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("tables")
    text = "".join(",".join(repr(number) for number in row) + ",0.5\n" for row in rows)
    (folder / "d.csv").write_text(text)
    assert source("d.csv", folder).x.tobytes() == np.array(rows).tobytes()


# NumPy's files


def test_npz_of_classes_targets_and_text(tmp_path):
    images = np.arange(24, dtype=np.uint8).reshape(3, 2, 4)
    np.savez(
        tmp_path / "d.npz",
        x=images,
        y=np.array([0, 2, 1], np.int8),
        real=np.array([1.5, 2, 3], np.float32),
        text=np.array(["b", "a", "b"]),
        column=np.array([[1], [0], [1]], ">i4"),
        many=np.ones((3, 2), int),
    )
    read = source("d.npz", tmp_path)
    assert np.array_equal(read.x, images)
    assert (read.x.dtype, read.y.dtype, read.y.tolist()) == (np.uint8, np.int64, [0, 2, 1])
    assert (read.class_names, read.feature_names) == (("0", "1", "2"), ())
    for target, y, names in [
        ("real", [[1.5], [2], [3]], None),
        ("text", [1, 0, 1], ("a", "b")),
        ("column", [1, 0, 1], ("0", "1")),
        ("many", [[1, 1], [1, 1], [1, 1]], None),
    ]:
        read = source("d.npz", tmp_path, Options(target=target))
        assert (read.y.tolist(), read.class_names) == (y, names)
    assert source("d.npz", tmp_path, Options(task="regression")).y.tolist() == [[0], [2], [1]]
    assert refusal(source, "d.npz", tmp_path, Options(target="z")) == (
        'd.npz: an array named "z" is required; found "x", "y", "real", "text", "column", "many"'
        ' (target: one of these, beside "x")'
    )
    assert refusal(source, "d.npz", tmp_path, Options(target="real", task="classification")) == (
        "d.npz: integer or text labels of shape (N,) are required; found float32 of shape (3,) (y.astype(int))"
    )


def test_npy_as_a_table_or_beside_its_targets(tmp_path):
    np.save(tmp_path / "d.npy", np.array([[1.5, 0, 0.5], [2.5, 1, 0.25]]))
    np.save(tmp_path / "y.npy", np.array([1, 0]))
    real = source("d.npy", tmp_path)
    assert (real.x.tolist(), real.y.tolist()) == ([[1.5, 0], [2.5, 1]], [[0.5], [0.25]])
    whole = source("d.npy", tmp_path, Options(target=1))
    assert (whole.x.tolist(), whole.y.tolist()) == ([[1.5, 0.5], [2.5, 0.25]], [0, 1])
    beside = source("d.npy", tmp_path, Options(target="y.npy"))
    assert (beside.x.shape, beside.y.tolist()) == ((2, 3), [1, 0])
    assert refusal(source, "d.npy", tmp_path, Options(target="../y.npy")).startswith(f"target: {ELSEWHERE}")
    assert refusal(source, "y.npy", tmp_path) == (
        "y.npy: a table (samples, features + 1) is required; found shape (2,)"
        ' ("target": "labels.npy" names the file of the targets; or save x and y in one .npz)'
    )


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return (os.abort, ())


def test_python_objects_are_never_loaded(tmp_path):
    trap = np.array([Trap()], dtype=object)
    np.save(tmp_path / "d.npy", trap, allow_pickle=True)
    np.savez(tmp_path / "d.npz", x=trap, y=np.zeros(1))
    fault = (
        ": an array of numbers is required; found Python objects, which are never loaded"
        " (save it with a number type: x.astype(float))"
    )
    assert refusal(source, "d.npy", tmp_path) == f"d.npy{fault}"
    assert refusal(source, "d.npz", tmp_path) == f'd.npz, array "x"{fault}'


def test_faults_of_arrays(tmp_path):
    def saved(**arrays):
        np.savez(tmp_path / "d.npz", **arrays)
        return refusal(source, "d.npz", tmp_path)

    x = np.zeros((3, 2))
    x[1:, 1] = np.nan
    assert saved(x=x, y=[0, 1, 1]) == (
        'd.npz, row 1 (from 0), column "x1": a finite number is required in x; found nan,'
        " the first of 2 such (drop those rows or fill them in)"
    )
    assert saved(x=np.ones((3, 2)), y=[0.5, np.inf, 1]) == (
        "d.npz, row 1 (from 0), column 0: a finite number is required in y; found inf (drop those rows or fill them in)"
    )
    assert saved(x=np.ones((3, 2)), y=[0, 1, 3]) == (
        f'd.npz, array "y", row 2 (from 0): a label from 0 to 2 is required, for 3 classes; found 3{LABEL_HINT}'
    )
    assert saved(x=np.ones((3, 2)) * 1j, y=[0, 1, 1]) == (
        'd.npz, array "x": integers, real numbers or text labels are required; found complex128'
        " (save it with a number type: x.astype(float))"
    )
    assert saved(x=np.ones((3, 2)), y=np.ones((0, 2))) == (
        'd.npz, array "y": at least one number is required; found an array of shape (0, 2)'
    )
    assert saved(x=np.array([["a"]]), y=[0]) == "d.npz: numbers are required in x; found text (<U1)"
    assert saved(x=np.ones((3, 2)), y=[0, 1]) == (
        "d.npz: y must have one row a sample, (3,) or (3, targets); found shape (2,)"
    )


def test_a_header_that_promises_too_much(tmp_path):
    np.save(tmp_path / "d.npy", np.zeros((9, 9)))
    whole = (tmp_path / "d.npy").read_bytes()
    (tmp_path / "d.npy").write_bytes(whole.replace(b"(9, 9)", b"(9999999999, 9)".ljust(6)))
    assert "d.npy: " in refusal(source, "d.npy", tmp_path)
    (tmp_path / "d.npy").write_bytes(whole[:-100])
    assert refusal(source, "d.npy", tmp_path) == (
        "d.npy: 648 bytes of numbers are required by its header; found 548"
        " (the file is truncated: copy or save it again)"
    )


@settings(max_examples=150, deadline=None)
@given(data=st.data(), suffix=st.sampled_from(["npy", "npz"]), cut=st.booleans())
def test_damage_is_refused_in_one_line(tmp_path_factory, data, suffix, cut):
    folder = tmp_path_factory.mktemp("arrays")
    path = folder / f"d.{suffix}"
    x = np.arange(12.0).reshape(4, 3)
    if suffix == "npy":
        np.save(path, x)
    else:
        np.savez_compressed(path, x=x, y=np.array([0, 1, 1, 0]))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if cut:
        del content[place:]
    else:
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    message = "read: damage to the numbers themselves cannot always be seen"
    try:
        source(path.name, folder)
    except DataError as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < 300


def test_a_zip_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", b"hello")
    assert refusal(source, "d.npz", tmp_path) == (
        'd.npz: a whole .npy or .npz file is required; found a damaged one: "EOF: reading magic string,'
        ' expected 8 bytes got 5" (save it again by np.save or np.savez)'
    )


# Splitting and batches


@settings(max_examples=60)
@given(
    labels=st.lists(st.integers(0, 3), min_size=5, max_size=60),
    share=st.floats(0.2, 0.8),
    seed=st.integers(0, 2**64 - 1),
    stratify=st.booleans(),
)
def test_a_split_holds_each_sample_once(labels, share, seed, stratify):
    whole = labelled(labels, classes=4)
    train, validation = split(whole, share, seed, stratify)
    assert sorted([*train.x[:, 0], *validation.x[:, 0]]) == whole.x[:, 0].tolist()
    assert len(validation) == int(share * len(whole) + 0.5)
    for part in (train, validation):
        assert (np.diff(part.x[:, 0]) > 0).all()  # in the order of the source
        assert np.array_equal(part.y, whole.y[(part.x[:, 0] / 2).astype(int)])
        assert part.class_names == whole.class_names
    if stratify:
        found = np.bincount(validation.y, minlength=4)
        assert (np.abs(found - share * np.bincount(whole.y, minlength=4)) < 1).all()
    again = split(whole, share, seed, stratify)
    assert np.array_equal(again[0].x, train.x)


def test_a_split_depends_on_its_seed_alone():
    wine = source("wine", None)
    validating = {split(wine, 0.2, seed)[1].x.tobytes() for seed in range(5)}
    assert len(validating) == 5
    lonely = labelled([0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    assert 0 in split(lonely, 0.5)[0].y  # the only one of its class trains


@pytest.mark.parametrize(
    ("share", "part", "total", "hint"),
    [
        (0.1, "validation", 3, "validation: 0.5"),
        (1, "training", 3, "validation: 0.5"),
        (0.2, "validation", 1, "validation: 0, or more samples"),
    ],
)
def test_an_empty_part_is_refused(share, part, total, hint):
    assert refusal(split, labelled([0] * total), share) == (
        f"made: at least one sample is required in the {part} part;"
        f" found none, by a validation share of {share} of {total} ({hint})"
    )


def test_a_share_of_0_holds_nothing_out():
    training, validating = split(labelled([0, 1, 1]), 0)
    assert (len(training), len(validating)) == (3, 0)
    assert validating.feature_shape == training.feature_shape


def test_a_split_refuses_what_a_network_cannot_use():
    assert refusal(split, labelled([0, 1]), 1.5, error=ParameterError) == (
        "validation must be a share between 0 and 1; found 1.5 (validation: 0.2)"
    )
    assert refusal(split, labelled([0, 1, 5], classes=3)) == (
        f"made, row 2 (from 0): a label from 0 to 2 is required, for 3 classes; found 5{LABEL_HINT}"
    )
    assert refusal(split, labelled([0.5, 1.0], classes=2)) == (
        "made: labels must be integers of shape (N,); found float64 of shape (2,) (class_names=None for real targets)"
    )
    images = np.zeros((2, 3, 3))
    images[1, 2, 0] = -np.inf
    assert refusal(split, Dataset("made", images, np.array([0, 1]), (), ("a", "b"))) == (
        "made, row 1 (from 0), column (2, 0): a finite number is required in x; found -inf"
        " (drop those rows or fill them in)"
    )


@given(count=st.integers(1, 200), size=st.integers(1, 60), epoch=st.integers(0, 9), shuffle=st.booleans())
def test_batches_hold_each_row_once(count, size, epoch, shuffle):
    found = batches(count, size, 3, epoch, shuffle)
    rows = np.concatenate(found).tolist()
    assert sorted(rows) == list(range(count))
    assert shuffle or rows == sorted(rows)
    assert [len(each) for each in found[:-1]] == [size] * (len(found) - 1)
    assert len(found[-1]) == (count - 1) % size + 1
    assert np.array_equal(np.concatenate(batches(count, size, 3, epoch, shuffle)), rows)


def test_batches_differ_by_epoch_and_refuse_nothing_to_cut():
    first, second = (np.concatenate(batches(100, 32, 0, epoch)).tolist() for epoch in (0, 1))
    assert first != second
    assert refusal(batches, 10, 0, 0, 0, error=ParameterError) == (
        "a batch must have at least one sample; found 0 (batch: 32)"
    )
    assert refusal(batches, 0, 1, 0, 0) == "at least one sample is required to make batches; found 0"


# Standardising


def test_standardising_and_back():
    generator = np.random.default_rng(0)
    x = generator.normal(5, [1, 20, 0.3], (500, 3))
    x[:, 2] = 0.1  # its computed deviation is 1e-16 and not 0
    fitted = Standardiser.fit(x)
    done = fitted.apply(x)
    assert done.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert done.std(axis=0) == pytest.approx([1, 1, 0])
    assert (done[:, 2].tolist(), fitted.scale[2]) == ([0.0] * 500, 1.0)
    assert fitted.undo(done) == pytest.approx(x)
    read = Standardiser.from_json(json.loads(json.dumps(fitted.to_json())))
    assert read.mean.tobytes() + read.scale.tobytes() == fitted.mean.tobytes() + fitted.scale.tobytes()
    assert Standardiser.fit(x.astype(np.float32)).apply(x.astype(np.float32)).dtype == np.float64


def test_a_standardiser_refuses_what_it_cannot_hold():
    assert refusal(Standardiser.fit, np.array([[1e300], [-1e300]])) == (
        "standardising needs features whose squares fit in float64; found a value of 1e+300"
        " (give that feature in a larger unit)"
    )
    assert refusal(Standardiser.from_json, {"mean": [0]}) == (
        "a standardiser must hold numbers as mean and scale; found 'scale'"
    )
    assert refusal(Standardiser.from_json, {"mean": [0], "scale": [0]}) == (
        "a standardiser must hold finite means and, of the same shape, scales other than 0; found shapes (1,) and (1,)"
    )


def test_standardising_beyond_what_numbers_hold(tmp_path):
    values = np.zeros((10, 1))
    values[::2] = 1e-150
    values[4] = 1e300
    np.savez(tmp_path / "e.npz", x=values, y=np.arange(10) % 2)
    # Such that the training part is narrow and the one held out is far away.
    seed = next(
        seed
        for seed in range(100)
        if prepare({"source": "e.npz", "split_seed": seed}, tmp_path).validation.x.max() == 1e300
    )
    assert refusal(prepare, {"source": "e.npz", "split_seed": seed, "standardise": True}, tmp_path) == (
        'e.npz, validation part, standardised, row 0 (from 0), column "x0": a finite number is required in x;'
        " found inf (drop those rows or fill them in)"
    )


# What a dataset node does


def test_preparing_measures_the_training_part_only():
    plain, prepared = (
        prepare({"source": "iris"}, None),
        prepare({"source": "iris", "standardise": True}, None),
    )
    assert plain.standardiser is None
    assert np.array_equal(prepared.standardiser.mean, plain.train.x.mean(axis=0))
    assert np.array_equal(prepared.validation.x, prepared.standardiser.apply(plain.validation.x))
    assert np.array_equal(prepared.validation.y, plain.validation.y)
    assert (len(prepared.train), len(prepared.validation), prepared.classes) == (120, 30, 3)
    assert prepared.class_names == ("setosa", "versicolor", "virginica")
    assert prepared.feature_names[0] == "sepal length (cm)"
    assert prepare({"source": "iris", "split_seed": 1}, None).train.x.tolist() != plain.train.x.tolist()


@pytest.mark.parametrize("standardise", [False, True])
def test_a_file_is_described_as_it_is_prepared(tmp_path, standardise):
    np.savez(tmp_path / "d.npz", x=np.ones((9, 2, 3), np.float32), y=np.arange(9) % 3)
    params = {"source": "d.npz", "standardise": standardise}
    shapes, prepared = describe(params, tmp_path), prepare(params, tmp_path)
    for part in (prepared.train, prepared.validation):
        assert (part.feature_shape, part.x.dtype) == (shapes.feature_shape, shapes.x_dtype)
        assert (part.target_shape, part.y.dtype) == (shapes.target_shape, shapes.y_dtype)
        assert part.classes == shapes.classes == 3


@pytest.mark.parametrize("name", ["iris", "shapes", "sine"])
def test_nothing_held_out_with_all_that_is_done_to_parts(name):
    balance = name != "sine"
    found = prepare({"source": name, "validation": 0, "standardise": True, "balance": balance}, None)
    assert (len(found.train), len(found.validation)) == (len(source(name, None)), 0)
    assert found.validation.x.shape == (0, *found.train.x.shape[1:])


def test_the_op_has_the_parameters_that_data_know():
    assert builtin()["dataset"].defaults == DEFAULTS


def test_files_that_a_node_reads(tmp_path):
    for name in ("d.csv", "x.npy", "y.npy"):
        (tmp_path / name).write_text("1,0\n2,1\n")
    for params, names in [
        ({"source": "iris"}, []),
        ({"source": "moons"}, []),
        ({"source": "d.csv", "target": "kind"}, ["d.csv"]),
        ({"source": "d.csv", "target": "y.npy"}, ["d.csv", "y.npy"]),
        ({"source": "x.npy", "target": "y.npy"}, ["x.npy", "y.npy"]),
        ({"source": "gone.csv"}, []),
        ({"source": "../d.csv"}, []),
        ({}, []),
    ]:
        found = files_of(params, tmp_path)
        assert list(found) == names
        assert all(path == tmp_path.resolve() / name for name, path in found.items())


@pytest.mark.parametrize("call", [prepare, describe])
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sauce": "iris"}, "a dataset has no parameter sauce (it has source)"),
        ({"source": 3}, "source must be the name of a data set or a file; found 3"),
        ({"validation": True}, "validation must be a share between 0 and 1; found True"),
        ({"split_seed": -1}, "split_seed must be a whole number from 0 on; found -1"),
        ({"standardise": 1}, "standardise must be true or false; found 1"),
        ({"task": "ranking"}, 'task must be "classification", "regression" or null; found \'ranking\''),
        ({"classes": 0}, "classes must be a whole number from 1 on or null; found 0"),
        (
            {"target": "y"},
            (
                "target must be null for the built-in set digits; found 'y'"
                " (it is a setting of tables, arrays and IDX files)"
            ),
        ),
    ],
)
def test_parameters_are_checked(call, params, message):
    assert refusal(call, params, None, error=ParameterError) == message
