"""Text by character: windows, next characters, the vocabulary, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.core.data import class_counts, describe, prepare, source, texts
from gradwire.core.data.datasets import Options
from gradwire.core.errors import DataError, ParameterError


def refusal(call, *arguments, error=DataError):
    with pytest.raises(error) as caught:
        call(*arguments)
    return str(caught.value)


def test_windows_and_the_characters_that_come_next(tmp_path):
    (tmp_path / "t.txt").write_bytes("\ufeffabba\r\ncab é".encode())
    read = source("t.txt", tmp_path, Options(window=3))
    assert read.class_names == ("\n", " ", "a", "b", "c", "é")
    text = ["".join(read.class_names[number] for number in row) for row in read.x.tolist()]
    after = ["".join(read.class_names[number] for number in row) for row in read.y.tolist()]
    assert (text, after) == (["abb", "a\nc", "ab "], ["bba", "\nca", "b é"])
    assert (read.x.dtype, read.y.dtype) == (np.int64, np.int64)
    assert str(read.place("x", 2)) == "t.txt, character 6 (from 0)"
    assert class_counts(read) == {"\n": 1, " ": 1, "a": 2, "b": 3, "c": 1, "é": 1}


@given(text=st.text(st.characters(codec="utf-8"), min_size=2, max_size=60), window=st.integers(1, 12))
def test_every_character_has_its_successor(tmp_path_factory, text, window):
    folder = tmp_path_factory.mktemp("texts")
    with (folder / "t.txt").open("w", encoding="utf-8-sig", newline="") as file:
        file.write(text)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    count = (len(plain) - 1) // window
    if not count:
        assert "its window of" in refusal(source, "t.txt", folder, Options(window=window))
        return
    read = source("t.txt", folder, Options(window=window))
    assert read.x.shape == read.y.shape == (count, window)
    assert "".join(read.class_names[n] for n in read.x.ravel()) == plain[: count * window]
    assert "".join(read.class_names[n] for n in read.y.ravel()) == plain[1 : count * window + 1]


def test_parts_share_a_vocabulary_and_no_character(tmp_path):
    (tmp_path / "t.txt").write_text("to be or not to be, that is the question: " * 3)
    params = {"source": "t.txt", "window": 6}
    told, found = describe(params, tmp_path), prepare(params, tmp_path)
    assert told.feature_shape == told.target_shape == (6,)
    assert (told.x_dtype, told.y_dtype, told.classes) == (np.int64, np.int64, len(found.class_names))
    assert found.train.class_names == found.validation.class_names
    assert len(found.train) + len(found.validation) == 20


def test_a_txt_without_a_window_is_a_table(tmp_path):
    (tmp_path / "t.txt").write_text("1,0\n2,1\n")
    assert source("t.txt", tmp_path).x.tolist() == [[1], [2]]


def test_faults_of_a_text(tmp_path, monkeypatch):
    path = tmp_path / "t.txt"
    path.write_text("abcd")
    options = Options(window=4)
    assert refusal(source, "t.txt", tmp_path, options) == (
        "t.txt: a text longer than its window of 4 characters is required; found 4 (window: at most 3)"
    )
    path.write_bytes(b"")
    assert refusal(source, "t.txt", tmp_path, options) == (
        "t.txt: a text longer than its window of 4 characters is required; found 0 (give it a longer text)"
    )
    path.write_bytes("eins\nzwei\nfünf\n".encode("latin-1"))
    assert refusal(source, "t.txt", tmp_path, options) == (
        "t.txt, line 3: text in UTF-8 is required; found the byte 0xfc (save it again as UTF-8)"
    )
    monkeypatch.setattr(texts, "LARGEST", 14)
    assert refusal(source, "t.txt", tmp_path, options) == (
        "t.txt: a text of at most 14 bytes is required; found 15 (cut it)"
    )
    for params, message in [
        ({"window": 0}, "window must be a whole number from 1 on or null; found 0"),
        (
            {"window": 2, "header": True},
            ("header must be null for the text t.txt; found True (it is a setting of tables)"),
        ),
        (
            {"window": 2, "standardise": True},
            ("standardise must be false for a text, whose characters are numbered (one_hot)"),
        ),
        (
            {"window": 2, "source": "t.csv"},
            ("window must be null for the table t.csv; found 2 (it is a setting of .txt files)"),
        ),
    ]:
        assert refusal(prepare, {"source": "t.txt", **params}, tmp_path, error=ParameterError) == message


def test_a_text_that_is_balanced_is_refused(tmp_path):
    (tmp_path / "t.txt").write_text("abcd" * 5)
    assert refusal(prepare, {"source": "t.txt", "window": 2, "balance": True}, tmp_path) == (
        "t.txt, training part: labels of shape (N,) are required to balance classes; found labels of shape (7, 2)"
        ' ("balance": false)'
    )


def test_a_text_that_is_no_table_tells_what_makes_it_a_text(tmp_path):
    (tmp_path / "t.txt").write_text("To be, or not to be,\nthat is the question:\n")
    told = refusal(source, "t.txt", tmp_path)
    assert told.endswith('"window": 32 makes it a text, of which each sample is so many characters)')
    (tmp_path / "t.csv").write_text("To be, or not to be,\nthat is the question:\n")
    assert "window" not in refusal(source, "t.csv", tmp_path)
