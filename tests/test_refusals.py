"""Several things wrong at once: each is told, in a line of its own, in every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradwire.core.cli import main
from gradwire.core.data import Options, check_values, prepare, source
from gradwire.core.data.datasets import Dataset
from gradwire.core.errors import (
    TOLD,
    DataError,
    EditError,
    FileError,
    GradwireError,
    GraphFileError,
    ParameterError,
    Refusals,
    RunError,
)
from gradwire.core.files import parse_graph, read_json
from gradwire.core.graph import Graph, Source, Training
from gradwire.core.graph.elements import Node
from gradwire.core.session import Session

COMMANDS = (("train",), ("run", "--fetch", "y"), ("check",), ("plan",), ("info",))
EVERY = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, so that messages name files shortly."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def node(op: str, params: dict[str, Any] | None = None, **inputs: Any) -> dict[str, Any]:
    return {"op": op, "params": params or {}, "inputs": inputs}


def graph(nodes: dict[str, Any], **more: Any) -> str:
    Path("graph.gw").write_text(json.dumps({"format": 1, "nodes": nodes, **more}), "utf-8")
    return "graph.gw"


def told(capsys: pytest.CaptureFixture[str], command: tuple[str, ...], file: str) -> tuple[int, list[str]]:
    """The exit status of a command that ends before it begins, and its lines."""
    name, *more = command
    status = main([name, file, *more])
    return status, capsys.readouterr().err.splitlines()


def lines(function: Any, *args: Any, kind: type[GradwireError] = GradwireError) -> list[str]:
    """All that a call refuses."""
    with pytest.raises(kind) as caught:
        function(*args)
    assert type(caught.value) is kind
    return [str(each) for each in caught.value.each]


# --- what gathers them


def test_refusals_are_told_by_their_beginning_and_their_number() -> None:
    refusals, made = Refusals("a.gw: "), []
    refusals.raise_any()
    assert refusals.error() is None

    def make() -> GradwireError:
        made.append(1)
        return DataError("late")

    refusals.add(RunError("first", hint="fits"))
    with refusals.gathering():
        raise EditError("second")
    for _ in range(TOLD):
        refusals.add_made(make)
    assert len(made) == TOLD - 2
    found = lines(refusals.raise_any, kind=RunError)
    assert found == ["first (fits)", "second", *["late"] * (TOLD - 2), "a.gw: ... and 2 more"]


def test_what_was_found_together_stays_together() -> None:
    inner, outer = Refusals(), Refusals()
    for text in "ab":
        inner.add(EditError(text))
    with outer.gathering():
        inner.raise_any()
    outer.add(RunError("c"))
    assert lines(outer.raise_any, kind=EditError) == ["a", "b", "c"]


# --- files


def test_all_that_is_wrong_with_the_nodes_of_a_file() -> None:
    relu: dict[str, Any] = {"op": "relu"}
    data = {
        "format": 1,
        "groups": {"g": {"collapsed": 3}, "inner": {"group": "g"}, "i": {"group": "j"}, "j": {"group": "i"}},
        "nodes": {
            "a": {"op": 5},
            "b": 5,
            "c": relu | {"group": "inner"},  # its group is told already
            "d": relu | {"flags": ["hot"]},
            "e": relu | {"inputs": {"x": 3}},
            "f": relu | {"inputs": {"x/": "a"}},
            "g2": relu | {"inputs": {"x": "a"}},  # so is the node that it reads
            "h": relu | {"inputs": {"x": "gone"}},
        },
        "training": {"loss": 3, "batch": "x"},
        "dtype": "float16",
    }
    assert lines(parse_graph, json.dumps(data).encode(), "net.gw", kind=FileError) == [
        "net.gw: group 'g': \"collapsed\" must be true or false, found the number 3",
        "net.gw: groups must lie in one another without a circle, found i -> j -> i",
        'net.gw: node \'a\': "op" must be a text, found the number 5 (as in "op": "relu")',
        "net.gw: node 'b': an object is required, found the number 5",
        "net.gw: node 'd': there is no flag 'hot' (flags: bypass, detach, freeze, keep)",
        'net.gw: e.x must be fed by a text, found the number 3 (as in "relu0")',
        ("net.gw: node 'f': a port's name must be without '/', '.', ':' and control characters, found '/' in 'x/'"),
        'net.gw: "loss" of "training" must be a text, found the number 3',
        'net.gw: "batch" of "training" must be an integer, found the text \'x\'',
        "net.gw: \"dtype\" must be float32 or float64, found the text 'float16'",
        "net.gw: dangling wire: h.x reads from 'gone', which is no node",
    ]


def test_a_group_around_groups_that_are_refused() -> None:
    data = {"format": 1, "nodes": {}, "groups": {"a": {"group": "b"}, "b": {"group": "c"}, "c": 1, "d": 2}}
    assert lines(parse_graph, json.dumps(data).encode(), "net.gw", kind=FileError) == [
        "net.gw: group 'c': an object is required, found the number 1",
        "net.gw: group 'd': an object is required, found the number 2",
    ]


@EVERY
def test_wires_that_cannot_stand_and_whatever_else_is_wrong(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = {
        "a": node("relu", x="zz"),
        "b": node("add", x="a", y="qq.out"),
        "below": node("matmul", x="b", w="b"),  # not judged: what it reads is not known
        "e": node("relu", x="f"),
        "f": node("relu", x="e"),
        "g": node("relu", x="g"),
        "c": node("relux"),
        "d": node("relu"),
        "p": node("parameter", {"shape": [2], "colour": 1, "init": 5}),
        "q": node("relu", x="p", z="p"),
    }
    status, found = told(capsys, command, graph(nodes, training={"loss": "zz"}))
    assert status == 1
    known = "its parameters: shape, init, value, scale, seed, dtype"
    inits = "zeros, ones, constant, normal, uniform, xavier, he"
    assert found == [
        f"gradwire: graph.gw: {line}"
        for line in (
            "dangling wire: a.x reads from 'zz', which is no node",
            "dangling wire: b.y reads from 'qq', which is no node (near: q)",
            "the wires close the loop e -> f -> e",
            "the wires close the loop g -> g",
            "c: unknown op 'relux' (perhaps relu)",
            "d.x: nothing is wired to this port",
            f"p: parameter has no parameter 'colour' ({known})",
            f"p: parameter: init must be one of {inits}, got 5",
            "q.z: relu has no port 'z' (its ports: x)",
            "training needs a loss, and no node has the id 'zz'",
        )
    ]


@EVERY
def test_twenty_are_told_and_the_others_counted(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    file = graph({f"n{i}": node("relu", x="zz") for i in range(TOLD + 5)})
    status, found = told(capsys, command, file)
    assert status == 1
    assert found[:-1] == [
        f"gradwire: graph.gw: dangling wire: n{i}.x reads from 'zz', which is no node" for i in range(TOLD)
    ]
    assert found[-1] == "gradwire: graph.gw: ... and 5 more"


def test_the_rest_of_a_refused_graph_is_kept() -> None:
    nodes = {"a": node("relu", x="zz"), "b": node("relu", x="c"), "c": node("relu", x="b"), "d": node("relu", x="c")}
    with pytest.raises(GraphFileError) as caught:
        parse_graph(json.dumps({"format": 1, "nodes": nodes}).encode())
    rest = caught.value.graph
    assert rest is not None
    fed = {id: rest.nodes[rest.fed(id, "x").node].op for id in "abcd"}  # type: ignore[union-attr]
    assert fed == {"a": GraphFileError.LOST, "b": GraphFileError.LOST, "c": GraphFileError.LOST, "d": "relu"}


def test_loops_are_told_one_for_each_knot() -> None:
    draft = Graph().draft()
    for id in "abcdef":
        draft.add_node(Node(id, "add", id))
    for target, port, read in ("bxa", "axb", "ayc", "cxa", "dxe", "exd", "fxf", "fyd"):
        draft.set_wire(target, port, Source(read, "y"))
    looping = draft.freeze()
    expected = [f"the wires close the loop {loop}" for loop in ("a -> b -> a", "d -> e -> d", "f -> f")]
    assert lines(looping.order, kind=EditError) == expected
    assert [problem.text(looping) for problem in Session(looping).check().problems] == expected


@EVERY
def test_what_json_does_not_allow(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        '{"format": 1, "nodes": {\n'
        ' "add0": {"op": "add", "inputs": {"x": "a", "y": "b", "x": "b"}},\n'
        ' "a": {"op": "constant", "params": {"value": [NaN, -Infinity, 1e999, 1, 1.5, true, "NaN"]}},\n'
        ' "a": {"op": "constant", "params": {"value": -1' + "0" * 1000 + "}},\n"
        ' "add1": {"op": "add", "inputs": {"y": "a", "y": "b"}}}'
    )
    found = [
        "a key may stand once in an object, 'x' stands twice, found at line 2, column 55",
        'JSON has no NaN (a parameter says "inf", "-inf" or "nan"), found at line 3, column 47',
        'JSON has no -Infinity (a parameter says "inf", "-inf" or "nan"), found at line 3, column 52',
        "a number must fit a 64-bit float, 1e999 does not, found at line 3, column 63",
        "a key may stand once in an object, 'a' stands twice, found at line 4, column 2",
        "a number may have 1000 digits, this one has 1002, found at line 4, column 46",
        "a key may stand once in an object, 'y' stands twice, found at line 5, column 45",
    ]
    Path("graph.gw").write_text(text + "}", "utf-8")
    assert told(capsys, command, "graph.gw") == (2, [f"gradwire: graph.gw: {found[0]}; and 6 more such"])
    with pytest.raises(FileError) as refused:
        Session.open("graph.gw")
    assert [str(error) for error in refused.value.each] == [f"graph.gw: {line}" for line in found]
    # Where it is not JSON either, what stands before that is told too.
    for end, more in (
        ("", "line 5, column 56: Expecting ',' delimiter (the file ends before its JSON does: it was cut off)"),
        (', "z{:}": "q{:}', "line 5, column 66: Unterminated string starting at"),
        (', "z{:}\\x": 1, "a": NaN}', "line 5, column 63: Invalid \\escape"),
    ):
        Path("graph.gw").write_text(text + end, "utf-8")
        assert told(capsys, command, "graph.gw") == (2, [f"gradwire: graph.gw: {found[0]}; and 7 more such"])
        with pytest.raises(FileError) as refused:
            Session.open("graph.gw")
        told_in_full = [str(error) for error in refused.value.each]
        assert told_in_full[:-1] == [f"graph.gw: {line}" for line in found]
        assert told_in_full[-1].startswith(f"graph.gw: valid JSON is required, {more}")


def test_many_words_that_json_does_not_allow_are_counted_fast() -> None:
    data = b"[" + b",".join([b"NaN"] * 100_000) + b"]"
    found = lines(read_json, data, "net.gw", kind=FileError)
    assert (len(found), found[-1]) == (TOLD + 1, "net.gw: ... and 99,980 more")


# --- data


def test_all_that_is_wrong_with_a_table() -> None:
    Path("d.csv").write_text('a,b,c\n1,x,0\n2,3\n4,nan,1\ny,"1,5",\n5,6,1\n7,8,"0\n', "utf-8")
    drop = "drop that row or fill it in"
    write = "write a number such as 1.5 or 2e-3, or drop that column"
    assert lines(source, "d.csv", Path(), kind=DataError) == [
        "d.csv, line 3: 3 cells are required, as in the first line; found 2 (quote a cell that holds the delimiter)",
        f'd.csv, line 4, column "b": a text is required; found "nan" ({drop})',
        f'd.csv, line 5, column "a": a finite number is required; found "y" ({write})',
        f'd.csv, line 5, column "c": a target is required; found an empty cell ({drop})',
        f'd.csv, line 2, column "b": a finite number is required; found "x" ({write})',
        'd.csv, line 5, column "b": a finite number is required; found "1,5" (write 1.5, not 1,5)',
    ]
    Path("d.csv").write_text("".join(f"{i},x\n" for i in range(TOLD + 3)), "utf-8")
    found = lines(source, "d.csv", Path(), Options(task="regression"), kind=DataError)
    assert (len(found), found[-1]) == (TOLD + 1, "d.csv: ... and 3 more")
    Path("d.csv").write_text("1,nan\n2,a\n3,inf\n", "utf-8")
    assert lines(source, "d.csv", Path(), kind=DataError) == [
        f'd.csv, line 1, column "x1": a label is required; found "nan" ({drop})',
        f'd.csv, line 3, column "x1": a label is required; found "inf" ({drop})',
    ]


def test_all_that_is_wrong_with_arrays() -> None:
    np.savez("d.npz", z=np.zeros(3))
    save = "(np.savez(path, x=x, y=y))"
    assert lines(source, "d.npz", Path(), kind=DataError) == [
        f'd.npz: an array named "x" is required; found "z" {save}',
        f'd.npz: an array named "y" is required; found "z" {save}',
    ]
    dataset = Dataset("made", np.full((3, 2), np.inf), np.array([0, 5, 6]), ("a", "b"), ("0", "1"))
    assert lines(check_values, dataset, kind=DataError) == [
        (
            'made, row 0 (from 0), column "a": a finite number is required in x; found inf,'
            " the first of 6 such (drop those rows or fill them in)"
        ),
        (
            "made, row 1 (from 0): a label from 0 to 1 is required, for 2 classes; found 5, the first of 2 such"
            ' (labels count from 0 without gaps; else set "classes", use text labels, or "task": "regression")'
        ),
    ]


def test_all_that_is_wrong_with_the_parameters_of_a_dataset() -> None:
    wrong = {"split_seed": -1, "classes": 0, "task": "guess", "standardise": 1, "sauce": "iris"}
    assert lines(prepare, wrong, None, kind=ParameterError) == [
        "split_seed must be a whole number from 0 on; found -1",
        "classes must be a whole number from 1 on or null; found 0",
        'task must be "classification", "regression" or null; found \'guess\'',
        "standardise must be true or false; found 1",
        "a dataset has no parameter sauce (it has source)",
    ]


def test_check_tells_all_of_all_data_sets(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.csv").write_text("a,b\nx,0\n1,1\ny,0\n", "utf-8")
    nodes = {
        "bad": node("dataset", {"source": "bad.csv"}),
        "gone": node("dataset", {"source": "no.csv"}),
        "empty": node("dataset", {"source": "iris", "validation": 0.999}),
        "open": node("relu"),
        "set": node("dataset", {"source": "iris", "classes": 2, "split_seed": "a"}),
    }
    write = "write a number such as 1.5 or 2e-3, or drop that column"
    status, found = told(capsys, ("check",), graph(nodes))
    assert (status, found) == (
        1,
        [
            f'graph.gw: bad: bad.csv, line 2, column "a": a finite number is required; found "x" ({write})',
            f'graph.gw: bad: bad.csv, line 4, column "a": a finite number is required; found "y" ({write})',
            ('graph.gw: gone: the data file "no.csv" is not in the document\'s folder (data files there: "bad.csv")'),
            "graph.gw: open.x: nothing is wired to this port",
            "graph.gw: set: dataset: split_seed must be an integer of 0 or more, got 'a'",
            (
                "graph.gw: empty: iris: at least one sample is required in the training part;"
                " found none, by a validation share of 0.999 of 150 (validation: 0.5)"
            ),
        ],
    )


# --- training


def test_all_that_is_wrong_with_training_settings() -> None:
    path = graph(
        {"x": node("constant", {"value": 1.0})},
        training={
            "loss": "x",
            "batch": 0,
            "epochs": 0,
            "schedule": {},
            "early_stopping": {"metric": "loss"},
            "accumulate": 0,
            "optimiser": {"name": "adm"},
            "metrics": [
                {"name": "acc", "prediction": "x", "target": "x"},
                {"name": "mse", "prediction": "z", "target": "x.z"},
                {"name": "mae", "prediction": "x", "target": "x"},
                {"name": "mae", "prediction": "x", "target": "x"},
                {"name": "mse"},
            ],
        },
    )
    assert [problem.text(Graph()) for problem in Session.open(path).check().problems] == [
        "training needs batch of 1 or more, got 0",
        "training needs epochs of 1 or more, got 0",
        "training: accumulate must be an integer of 1 or more, got 0",
        (
            "a schedule needs a name, got {} (name: step or multi_step or exponential or cosine or polynomial or linear"
            " or constant or one_cycle or reduce_on_plateau)"
        ),
        (
            "early stopping watches 'loss', which this run does not have"
            " (metric: train_loss or validation_loss or validation_mse or validation_mae)"
        ),
        "no optimiser is called 'adm' (there is adam)",
        ("there is no metric 'acc' (perhaps accuracy)"),
        "the metric mse needs a prediction: there is no node 'z'",
        "the metric mse needs a target: constant has no output 'z' (its outputs: y)",
        "training has the metric mae twice, each is told by its name",
        "a metric needs a prediction, got {'name': 'mse'}",
    ]


def test_a_run_that_cannot_be_lowered_tells_all_that_is_wrong() -> None:
    draft = Graph().draft()
    for id, op in (("a", "relu"), ("b", "relu"), ("c", "add")):
        draft.add_node(Node(id, op, id))
    draft.set_wire("c", "x", Source("a", "y"))
    draft.set_wire("c", "y", Source("b", "y"))
    draft.training = Training("c")
    session = Session(draft.freeze())
    open_port = "nothing is wired to this port"
    assert lines(session.run, None, "c") == [f"a.x: {open_port}", f"b.x: {open_port}"]
    assert lines(session.trainer) == [f"a.x: {open_port}", f"b.x: {open_port}"]
