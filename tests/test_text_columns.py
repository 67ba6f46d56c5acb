"""Columns of text in tables: what they become, what is noted of them in the graph, and what is told of others."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from gradwire.core.cli import main
from gradwire.core.data import Options, describe, prepare, source
from gradwire.core.errors import DataError, ParameterError
from gradwire.core.exporting import torch_source
from gradwire.core.session import Session

FRUIT = "colour,size,shape,kind\nred,1,flat,pear\nblue,2,round,apple\nred,3,flat,apple\ngreen,4,round,pear\n"
NAMES = ("colour=blue", "colour=green", "colour=red", "size", "shape=flat", "shape=round")
CATEGORIES = (("colour", "blue", "green", "red"), ("shape", "flat", "round"), ("kind", "apple", "pear"))


def refusal(call, *arguments, error=DataError):
    with pytest.raises(error) as caught:
        call(*arguments)
    return str(caught.value)


def network(folder: Path, rows: int = 60) -> Path:
    """A graph that tells apples, which are red or large, from pears, and the table that it is trained with."""
    colours, shapes, sizes = ("red", "blue", "green"), ("flat", "round"), (0.1, 0.4, 0.7, 0.9, 1.1)
    lines = ["colour,size,shape,kind"]
    for row in range(rows):
        colour, size = colours[row % 3], sizes[row % 5]
        kind = "apple" if colour == "red" or size > 0.5 else "pear"
        lines.append(f"{colour},{size},{shapes[row % 2]},{kind}")
    (folder / "fruit.csv").write_text("\n".join(lines) + "\n")
    nodes = {
        "dataset0": {"op": "dataset", "params": {"source": "fruit.csv"}},
        "matmul0": {"op": "matmul", "inputs": {"x": "dataset0.x", "w": "parameter0"}},
        "parameter0": {"op": "parameter", "params": {"shape": [6, 2], "init": "he"}},
        "cross_entropy0": {"op": "cross_entropy", "inputs": {"logits": "matmul0", "target": "dataset0"}},
    }
    nodes["cross_entropy0"]["inputs"]["target"] = "dataset0.y"
    training = {
        "loss": "cross_entropy0",
        "batch": 16,
        "epochs": 60,
        "optimiser": {"name": "adam", "lr": 0.05},
        "metrics": [{"name": "confusion_matrix", "prediction": "matmul0", "target": "dataset0.y"}],
    }
    path = folder / "fruit.gw"
    path.write_text(json.dumps({"format": 1, "nodes": nodes, "training": training}))
    return path


def test_texts_become_columns_of_0_and_1(tmp_path):
    (tmp_path / "d.csv").write_text(FRUIT)
    read = source("d.csv", tmp_path)
    assert (read.feature_names, read.class_names) == (NAMES, ("apple", "pear"))
    assert read.x.tolist() == [
        [0, 0, 1, 1, 1, 0],
        [1, 0, 0, 2, 0, 1],
        [0, 0, 1, 3, 1, 0],
        [0, 1, 0, 4, 0, 1],
    ]
    assert read.y.tolist() == [1, 0, 0, 1]
    assert read.categories == CATEGORIES
    assert describe({"source": "d.csv"}, tmp_path).feature_shape == (6,)


def test_listed_texts_have_their_places_whatever_a_file_holds(tmp_path):
    (tmp_path / "d.csv").write_text("colour,size,shape,kind\nred,1,flat,pear\nred,2,flat,pear\n")
    read = source("d.csv", tmp_path, Options(categories=CATEGORIES))
    assert (read.feature_names, read.class_names) == (NAMES, ("apple", "pear"))
    assert read.x.tolist() == [[0, 0, 1, 1, 1, 0], [0, 0, 1, 2, 1, 0]]
    assert read.y.tolist() == [1, 1]


def test_numbers_that_are_listed_are_texts(tmp_path):
    (tmp_path / "d.csv").write_text("deck,y\n1,0\n3,1\n")
    read = source("d.csv", tmp_path, Options(categories=(("deck", "1", "2", "3"),)))
    assert read.x.tolist() == [[1, 0, 0], [0, 0, 1]]


def test_what_is_noted_of_columns_is_read_back_whatever_their_names_hold(tmp_path):
    (tmp_path / "d.csv").write_text("a=b,a,kind\nc,b=c,x=y\nd,e,x\nd,b=c,x=y\n")
    found = source("d.csv", tmp_path)
    assert found.categories == (("a=b", "c", "d"), ("a", "b=c", "e"), ("kind", "x", "x=y"))
    again = source("d.csv", tmp_path, Options(categories=found.categories))
    assert again.x.tolist() == found.x.tolist() == [[1, 0, 1, 0], [0, 1, 0, 1], [0, 1, 1, 0]]
    assert again.y.tolist() == [1, 0, 1]


def test_what_tools_write_for_missing_is_a_category_where_it_is_listed(tmp_path):
    (tmp_path / "d.csv").write_text("drinks,size,y\nnone,1,0\nwine,2,1\n,3,1\n")
    found = source("d.csv", tmp_path, Options(categories=(("drinks", "", "none", "wine"),)))
    assert found.x.tolist() == [[0, 1, 0, 1], [0, 0, 1, 2], [1, 0, 0, 3]]
    (tmp_path / "e.csv").write_text("size,crash\n1,none\n2,light\n")
    assert source("e.csv", tmp_path, Options(task="classification")).class_names == ("light", "none")


def test_many_classes_are_read_in_one_pass(tmp_path):
    rows = 20_000
    (tmp_path / "d.csv").write_text("size,y\n" + "".join(f"{row},n{row}x\n" for row in range(rows)))
    start = time.process_time()
    assert source("d.csv", tmp_path).classes == rows
    assert time.process_time() - start < 2  # 0.1 s; to look for each among all takes 4.4 s


def test_standardising_leaves_texts_as_they_are(tmp_path):
    (tmp_path / "d.csv").write_text(FRUIT)
    found = prepare({"source": "d.csv", "standardise": True, "validation": 0}, tmp_path).train.x
    assert found[:, :3].tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert found[:, 3].mean() == pytest.approx(0)
    assert found[:, 3].std() == pytest.approx(1)


AFRESH = 'list it in "categories", or set that to null to find them anew'
FAULTS = [
    (
        FRUIT + "teal,1,flat,pear\nred,1,flat,plum\n",
        {"categories": CATEGORIES},
        'd.csv, line 6, column "colour": one of "blue", "green", "red" is required; found "teal" (' + AFRESH + ")",
    ),
    (
        FRUIT + "red,1,flat,plum\n",
        {"categories": CATEGORIES},
        'd.csv, line 6, column "kind": one of "apple", "pear" is required; found "plum" (' + AFRESH + ")",
    ),
    (
        FRUIT + ",1,flat,pear\n",
        {},
        'd.csv, line 6, column "colour": a text is required; found an empty cell (drop that row or fill it in)',
    ),
    (
        FRUIT + "red,1,nan,pear\n",
        {},
        'd.csv, line 6, column "shape": a text is required; found "nan" (drop that row or fill it in)',
    ),
    (
        "a,b,y\n?,x,0\n2,y,0\n",
        {},
        (
            'd.csv, line 2, column "a": a finite number or a text is required; found "?" (drop that row or fill it in;'
            ' list all of that column in "categories" if it is meant)'
        ),
    ),
    (
        "a;y\n1,5;0\n2,5;1\n",
        {},
        'd.csv, line 2, column "a": a finite number is required; found "1,5" (write 1.5, not 1,5)',
    ),
    (
        "country,2019,2020\nfr,1,2\nde,3,4\n",
        {},
        (
            'd.csv, line 1: names alone or data alone are required; found "country", which no other line has there,'
            ' beside numbers ("header": true if line 1 holds names, false if it holds data)'
        ),
    ),
    (
        "name,y\n" + "".join(f"n{row}x,0\n" for row in range(1001)),
        {},
        (
            'd.csv, line 1002, column "name": at most 1,000 different texts are required in a column; found more'
            " (drop that column if it names each row)"
        ),
    ),
    (
        FRUIT,
        {"categories": (("color", "red"),)},
        (
            'd.csv: one of its columns is required in "categories"; found "color"'
            ' (columns: "colour", "size", "shape", "kind")'
        ),
    ),
    (
        "x,x,y\nred,big,0\nblue,small,1\nred,small,1\n",
        {},
        'd.csv: a column must have a name of its own; found "x" 2 times (rename one of them in line 1)',
    ),
    (
        "x,x,y\nred,1,0\nblue,2,1\nred,3,1\n",
        {},
        'd.csv: a column must have a name of its own; found "x" 2 times (rename one of them in line 1)',
    ),
    (
        "x,x,y\n1,1,0\n2,2,1\n",
        {"categories": (("x", "1", "2"),)},
        'd.csv: a column must have a name of its own; found "x" 2 times (rename one of them in line 1)',
    ),
    (
        "kind,size,kind\n1,1,pear\n2,2,apple\n1,2,apple\n",
        {},
        'd.csv: a column must have a name of its own; found "kind" 2 times (rename one of them in line 1)',
    ),
    (
        FRUIT + "NA,1,flat,pear\n",
        {},
        (
            'd.csv, line 6, column "colour": a text is required; found "NA" (drop that row or fill it in;'
            ' list all of that column in "categories" if it is meant)'
        ),
    ),
    (
        FRUIT + "red,1,flat,null\n",
        {},
        (
            'd.csv, line 6, column "kind": a label is required; found "null" (drop that row or fill it in;'
            ' "task": "classification" if it is meant)'
        ),
    ),
    (
        "colour,size,y\n,1,0\nred,2,1\nblue,3,0\n",
        {},
        (
            'd.csv, line 2, column "colour": a finite number or a text is required; found an empty cell'
            " (drop that row or fill it in)"
        ),
    ),
]


@pytest.mark.parametrize(("text", "options", "message"), FAULTS, ids=range(len(FAULTS)))
def test_faults_of_columns_of_text(tmp_path, text, options, message):
    (tmp_path / "d.csv").write_text(text)
    told = refusal(source, "d.csv", tmp_path, Options(**options))
    assert told == message


def test_a_text_that_no_row_trains_with_is_told_with_its_row(tmp_path):
    rows = [f"{colour},{row},{row % 2}" for row, colour in enumerate(["red", "blue"] * 10)]
    (tmp_path / "d.csv").write_text("\n".join(["colour,size,y", *rows, "teal,1,1"]) + "\n")
    told = [
        refusal(prepare, {"source": "d.csv", "split_seed": seed}, tmp_path)
        for seed in range(20)
        if not _trains(tmp_path, seed)
    ]
    assert 0 < len(told) < 20
    assert set(told) == {
        (
            'd.csv, line 22: a category that rows to train with have is required; found "colour=teal", which is only'
            ' held out (another "split_seed"; a list of all in "categories"; or drop that column if it names each row)'
        )
    }
    listed = {"source": "d.csv", "categories": [["colour", "red", "blue", "teal"]]}
    assert all(prepare(listed | {"split_seed": seed}, tmp_path) for seed in range(20))


def _trains(folder, seed):
    try:
        return bool(prepare({"source": "d.csv", "split_seed": seed}, folder).train.x[:, 2].any())
    except DataError:
        return False


NO_CATEGORIES = [[], ["a=b"], [["a", "b", "b"]], [["a", "b"], ["a", "c"]], [["a"]], [["a", 3]], [3], "colour=red"]


@pytest.mark.parametrize("value", NO_CATEGORIES)
def test_what_is_no_list_of_categories(value):
    told = refusal(prepare, {"source": "d.csv", "categories": value}, None, error=ParameterError)
    required = 'columns, each once with its texts as in [["colour", "red"]], or null'
    assert told == f"categories must be {required}; found {value!r}"


def test_another_file_is_read_as_the_one_trained_with(tmp_path, capsys):
    path = network(tmp_path)
    assert main(["train", str(path), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    saved = tmp_path / "run" / "fruit.gw"
    params = json.loads(saved.read_text())["nodes"]["dataset0"]["params"]
    assert params["categories"] == [list(each) for each in CATEGORIES]
    capsys.readouterr()
    assert main(["evaluate", str(saved)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["apple", "pear"] in lines
    assert {line[0] for line in lines[-2:]} == {"apple", "pear"}
    # A part of the colours, and pears alone: neither columns nor classes move.
    (tmp_path / "run" / "fruit.csv").write_text(
        "colour,size,shape,kind\n" + "blue,0.1,flat,pear\ngreen,0.4,round,pear\n" * 4
    )
    session = Session.open(saved)
    assert session.evaluate("validation").numbers["confusion_matrix"] == 1
    (tmp_path / "run" / "fruit.csv").write_text("colour,size,shape,kind\nblue,0.1,flat,pear\nteal,0.4,round,pear\n")
    assert main(["evaluate", str(saved)]) == 1
    told = capsys.readouterr().err
    assert 'fruit.csv, line 3, column "colour": one of "blue", "green", "red" is required; found "teal"' in told
    assert told.count("\n") == 1


def test_what_training_notes_is_one_undo(tmp_path):
    session = Session.open(network(tmp_path))
    session.train(epochs=1)
    assert session.graph.nodes["dataset0"].params["categories"] == CATEGORIES
    assert [entry.label for entry in session.document.history.entries] == ["Note categories", "Train"]


def test_a_category_that_is_only_held_out_is_refused_alike_everywhere(tmp_path, capsys):
    """Nothing notes it as known, which would let training go on and validate by chance."""
    path, table = network(tmp_path), tmp_path / "fruit.csv"
    lines = table.read_text().splitlines()
    session = Session.open(path)
    before = len(prepare({"source": "fruit.csv"}, tmp_path).train)
    for row in range(1, len(lines)):  # one that the split holds out
        table.write_text("\n".join([*lines[:row], f"violet,{lines[row].partition(',')[2]}", *lines[row + 1 :]]) + "\n")
        session = Session.open(path)
        if session.check().problems:
            break
    (problem,) = session.check().problems
    expected = f'line {row + 1}: a category that rows to train with have is required; found "colour=violet"'
    assert before == 48
    assert problem.node == "dataset0"
    assert expected in problem.message
    for call in (session.train, session.evaluate, session.trainer):
        assert expected in refusal(call)
    assert "categories" not in session.graph.nodes["dataset0"].params
    for command in ("check", "train"):
        assert main([command, str(path)]) == 1
        assert expected in capsys.readouterr().err


def test_exported_training_reads_the_texts_alike(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    session = Session.open(network(tmp_path))
    session.train(epochs=1)
    names = {"__name__": "exported"}
    exec(torch_source(session.graph, session.registry, folder=session.folder), names)
    # The order of its columns is that of the training, whatever the file holds meanwhile.
    (tmp_path / "fruit.csv").write_text("colour,size,shape,kind\n" + "blue,0.1,flat,pear\ngreen,0.4,round,pear\n" * 20)
    monkeypatch.chdir(tmp_path)
    state = names["train"]().state_dict()
    assert [tuple(each.shape) for each in state.values()] == [(6, 2)]
    assert float(capsys.readouterr().out.split()[-1]) < 0.05  # the loss of the last epoch
