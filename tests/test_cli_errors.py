"""The command line where something is wrong: a line for each thing, the exit status, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from gradwire.core import files
from gradwire.core.cli import main
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.training.trainer import Trainer

PROGRAM = [sys.executable, "-c", "import sys; from gradwire.core.cli import main; sys.exit(main())"]
COMMANDS = (("train",), ("run", "--fetch", "y"), ("check",), ("plan",), ("info",))
UNKEPT = "note: the trained values are not kept (--out DIR keeps them)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, so that messages name files shortly."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def graph(nodes: dict[str, Any], **data: Any) -> str:
    """Write `graph.gw` as an editor might, checks left out."""
    Path("graph.gw").write_text(json.dumps({"format": 1, "nodes": nodes, **data}), "utf-8")
    return "graph.gw"


def node(op: str, params: dict[str, Any] | None = None, **inputs: str) -> dict[str, Any]:
    return {"op": op, "params": params or {}, "inputs": inputs}


def network(training: dict[str, Any] | None = None, **data: Any) -> str:
    """A linear classifier of table.csv: 20 rows with the labels 0 and 1."""
    rows = "".join(f"{i},{-i},{i % 2}\n" for i in range(20))
    Path("table.csv").write_text(f"a,b,c\n{rows}", "utf-8")
    nodes = {
        "d": node("dataset", {"source": "table.csv", **data}),
        "w": node("parameter", {"shape": [2, 2]}),
        "y": node("matmul", x="d.x", w="w"),
        "l": node("cross_entropy", logits="y", target="d.y"),
    }
    return graph(nodes, training={"loss": "l", "epochs": 2, "batch": 4, **(training or {})})


def refused(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 1) -> list[str]:
    """The lines that a command that fails prints on the standard error stream."""
    found = main(argv)
    err = capsys.readouterr().err
    assert found == status, err
    return [text for text in err.splitlines() if text != UNKEPT]


# Files that cannot be read, and files with problems, in every command

DEEP = "[" * 200_000
UNREADABLE = {
    "empty": ("", "JSON is required, found an empty file"),
    "no graph": ("[1]", "a graph must be an object, found a list"),
    "no nodes": ('{"format": 1}', '"nodes" is required, found none (an empty graph says "nodes": {})'),
    "deep": (DEEP, "JSON may nest 128 levels deep, found more at line 1"),
    "later": (
        '{"format": 99, "nodes": {}}',
        "format 99 is newer than this program reads (1) (update Gradwire)",
    ),
    "truncated": (
        '{"nodes": {"a": {"op',
        (
            "valid JSON is required, line 1, column 18: Unterminated string starting at"
            " (the file ends before its JSON does: it was cut off)"
        ),
    ),
    "loop": (
        (
            '{"format": 1, "nodes": {"a": {"op": "relu", "inputs": {"x": "b"}},'
            ' "b": {"op": "relu", "inputs": {"x": "a"}}}}'
        ),
        "the wires close the loop a -> b -> a",
    ),
    "dangling": (
        '{"format": 1, "nodes": {"a": {"op": "relu", "inputs": {"x": "zz"}}}}',
        "dangling wire: a.x reads from 'zz', which is no node",
    ),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_read(command: tuple[str, ...], kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, message = UNREADABLE[kind]
    Path("bad.gw").write_text(text, "utf-8")
    name, *more = command
    # A file that reads, and whose graph cannot stand, has a problem; the others cannot be read.
    status = 1 if kind in ("loop", "dangling") else 2
    assert refused(capsys, name, "bad.gw", *more, status=status) == [f"gradwire: bad.gw: {message}"]
    assert Path("bad.gw").read_text("utf-8") == text


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_file_that_is_not_there(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    name, *more = command
    graph({})
    for file, message in (
        ("grph.gw", "there is no such file (near: graph.gw)"),
        (".", "a file is required, found a folder"),
        ("a.txt", "there is no such file"),
    ):
        assert refused(capsys, name, file, *more, status=2) == [f"gradwire: {file}: {message}"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_file_with_problems_has_a_line_for_each(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    nodes = {
        "a": node("relux"),
        "b": node("relu"),
        "c": node("leaky_relu", {"slop": 1}, x="b"),
        "x": node("input", {"shape": ["N", 3]}),
        "w": node("parameter", {"shape": [4, 2]}),
        "m": node("matmul", x="x", w="w"),
    }
    file = graph(nodes, training={"loss": "zz"})
    name, *more = command
    assert refused(capsys, name, file, *more) == [
        "graph.gw: a: unknown op 'relux' (perhaps relu)",
        "graph.gw: b.x: nothing is wired to this port",
        "graph.gw: c: leaky_relu has no parameter 'slop' (its parameters: slope)",
        "graph.gw: m.w: x has 3 columns but w has 4 rows (w: (3, …))",
        "graph.gw: training needs a loss, and no node has the id 'zz'",
    ]


def test_a_value_of_an_op_that_is_not_there_is_told_with_what_brings_it(capsys: pytest.CaptureFixture[str]) -> None:
    path = graph({"own": node("own") | {"plugin": "mine"}})
    assert refused(capsys, "run", path, "--fetch", "own") == [
        "gradwire: own: unknown op 'own' (the plugin 'mine' brings it, which is not loaded)"
    ]
    path = graph({"other": node("relux")})
    assert refused(capsys, "run", path, "--fetch", "other") == ["gradwire: other: unknown op 'relux' (perhaps relu)"]


def test_check_prints_problems_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", graph({"b": node("relu")}), "--json"]) == 1
    problem = {"problem": "nothing is wired to this port", "node": "b", "port": "x", "hint": None}
    assert [json.loads(text) for text in capsys.readouterr().out.splitlines()] == [problem]


# Data and training

DATA = {
    "missing": ({"source": "tabel.csv"}, '"tabel.csv" is not in', "tabel"),
    "outside": ({"source": "../table.csv"}, "a data file must lie in the document's own folder", ""),
    "unknown": ({"source": "mnist"}, 'images is required; found "mnist"', ""),
    "labels": ({"classes": 1}, 'line 3, column "c": a label from 0 to 0 is required', ""),
    "empty split": ({"validation": 0.99}, "at least one sample is required in the training part", ""),
    "setting": ({"split": 3}, "dataset has no parameter 'split'", ""),
}
TABLES = {
    "nan": ("1,nan,0\n2,3,1\n", 'line 2, column "b": a finite number or a text is required; found "nan"'),
    "ragged": ("1,2,0\n2,3\n", "line 3: 3 cells are required, as in the first line; found 2"),
    "text": ("1,2,0\n2,x,1\n", 'line 3, column "b": a finite number is required; found "x"'),
    "range": ("1,2,0\n2,3,7\n", 'line 3, column "c": a label from 0 to 1 is required'),
}


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize("kind", [*DATA, *TABLES])
def test_data_that_cannot_be_used(command: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    if kind in DATA:
        settings, message = DATA[kind][:2]
        file = network(**settings)
    else:
        text, message = TABLES[kind]
        Path("bad.csv").write_text(f"a,b,c\n{text}", "utf-8")
        file = network(source="bad.csv")
    (line,) = refused(capsys, command, file)
    assert message in line


TRAINING = {
    "optimiser": ({"optimiser": {"name": "adm"}}, "no optimiser is called 'adm' (there is adam)"),
    "setting": (
        {"optimiser": {"name": "sgd", "rate": 1}},
        "sgd has no setting 'rate' (its settings: lr, momentum, dampening, weight_decay, nesterov)",
    ),
    "metric": (
        {"metrics": [{"name": "acc", "prediction": "y", "target": "d.y"}]},
        ("there is no metric 'acc' (perhaps accuracy)"),
    ),
    "schedule": (
        {"schedule": {"name": "stop"}},
        "no schedule is called 'stop' (there is step)",
    ),
    "batch": ({"batch": 0}, "training needs batch of 1 or more, got 0"),
}


@pytest.mark.parametrize("kind", TRAINING)
def test_training_that_cannot_be_done(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    training, message = TRAINING[kind]
    file = network(training)
    assert refused(capsys, "check", file) == [f"graph.gw: {message}"]
    assert refused(capsys, "train", file) == [f"graph.gw: {message}"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--epochs", "0"), "training needs epochs of 1 or more, got 0"),
        (("--seed", "-1"), "seed must be a whole number from 0 to 2**64 - 1; found -1 (seed: 0)"),
        (
            ("--out", "table.csv"),
            f"checkpoints cannot be written to {Path('table.csv', 'checkpoints')}: Not a directory",
        ),
        (
            ("--out", "."),
            "--out must be another folder than that of graph.gw, which would be overwritten (--out run)",
        ),
    ],
)
def test_options_of_training(options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "train", network(), *options) == [f"gradwire: {message}"]


def test_a_graph_without_training_settings(capsys: pytest.CaptureFixture[str]) -> None:
    hint = "(they name the loss, the optimiser and the batch)"
    for command in (("train",), ("plan", "--train")):
        line = f"gradwire: the graph has no training settings {hint}"
        assert refused(capsys, command[0], graph({}), *command[1:]) == [line]


def test_checkpoints_that_cannot_be_gone_on_from(capsys: pytest.CaptureFixture[str]) -> None:
    file = network()
    assert main(["train", file, "--out", "out"]) == 0
    capsys.readouterr()
    Path("empty").mkdir()
    whole = Path("out/checkpoints/4.ckpt").read_bytes()
    Path("cut.ckpt").write_bytes(whole[:200])
    save_file({"w": np.ones(2)}, "none.ckpt", {"format": "gradwire checkpoint 1", "position": "{}"})
    writes = "a run with --out DIR writes DIR/checkpoints"
    for path, message in (
        ("no.ckpt", f"there is no checkpoint no.ckpt ({writes}/ITERATION.ckpt)"),
        ("empty", f"there is no checkpoint in empty ({writes})"),
        (
            "cut.ckpt",
            "the checkpoint cut.ckpt cannot be read: Error while deserializing header: invalid header length",
        ),
        (
            "table.csv",
            "the checkpoint table.csv cannot be read: Error while deserializing header: header too large",
        ),
        ("none.ckpt", f"the checkpoint none.ckpt does not say where its run was ({writes}/ITERATION.ckpt)"),
    ):
        assert refused(capsys, "train", file, "--resume", path, status=2) == [f"gradwire: {message}"]
    hint = "(it goes with its own file and settings)"
    assert refused(capsys, "train", file, "--resume", "out", "--seed", "5") == [
        f"gradwire: the checkpoint out/checkpoints/8.ckpt is of a run with seed 0, not 5 {hint}"
    ]


def test_a_full_disk_leaves_what_was_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    file = network()
    assert main(["train", file, "--out", "out"]) == 0
    capsys.readouterr()
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    again = ("train", file, "--out", "out", "--resume", "out/checkpoints/8.ckpt")
    assert refused(capsys, *again) == [
        "gradwire: out/graph.gw: cannot be saved: No space left on device (the old file is as it was)"
    ]
    assert refused(capsys, *again, "--epochs", "3") == [
        "gradwire: out/asked.json cannot be written: No space left on device"
    ]
    for path, data in before.items():
        assert path.suffix == ".jsonl" or path.read_bytes() == data
    assert {path.suffix for path in Path("out").rglob("*") if path.is_file()} == {path.suffix for path in before}


# What is asked


@pytest.fixture
def rows() -> str:
    """y = x², s = Σ y and an integer i; names of groups make `p/q/r` of two readings."""
    nodes = {
        "x": node("input", {"shape": ["N", 2]}),
        "y": node("square", x="x"),
        "s": node("sum", x="y"),
        "i": node("input", {"dtype": "int64"}),
        "p": node("constant", {"value": 1.0}),
        "qr": {**node("square", x="p"), "name": "r", "group": "q"},
        "pq": {**node("square", x="qr"), "name": "q", "group": "g"},
        "r": node("square", x="pq"),
    }
    return graph(nodes, groups={"q": {"name": "q"}, "g": {"name": "p_"}})


NEEDS = "--feed x needs a number, nested lists of numbers or @FILE.npy, got"
ALL = "(there are i, p, p_/q, q/r, r, s, x, y)"
ASKED: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), "run needs --fetch NAME, --grad A/B or --contributions A/B"),
    "unfed": (("--fetch", "y"), "the run needs x, which is not fed (feed x a value)"),
    "unknown": (("--fetch", "zz"), f"there is no node 'zz' {ALL}"),
    "control": (("--fetch", "y\x1b[2J\n"), rf"there is no node 'y\x1b[2J\n' {ALL}"),
    "no value": (("--feed", "x"), "--feed needs NAME=VALUE or NAME=@FILE.npy, got 'x'"),
    "word": (("--feed", "x=abc"), f"{NEEDS} 'abc'"),
    "nan": (("--feed", "x=NaN"), f"{NEEDS} 'NaN'"),
    "empty": (("--feed", "x="), f"{NEEDS} ''"),
    "text": (("--feed", 'x="t"'), f"{NEEDS} the text 't'"),
    "null": (("--feed", "x=null"), f"{NEEDS} null"),
    "open list": (
        ("--feed", "x=[1,2"),
        "--feed x: valid JSON is required, line 1, column 5: Expecting ',' delimiter",
    ),
    "texts": (("--feed", 'x=["t"]'), "x must be fed numbers, got text"),
    "nulls": (("--feed", "x=[null]"), "x must be fed numbers, got what NumPy has no number for"),
    "ragged": (("--feed", "x=[[1,2],[3]]"), "x must be fed numbers in rows of one length"),
    "deep": (("--feed", f"x={'[' * 99}1{']' * 99}"), "x must be fed numbers in rows of one length"),
    "shape": (("--feed", "x=[1,2]"), "x must be fed the shape (N, 2), got (2,)"),
    "integer": (("--feed", "i=1.5"), "i takes int64, and i is 1.5 (whole numbers)"),
    "huge": (("--feed", "i=1e300"), "i takes int64, and i is 1e+300 (whole numbers)"),
    "unknown feed": (("--feed", "zz=1"), f"there is no node 'zz' {ALL}"),
    "twice": (("--feed", "i=1", "--feed", "i=2"), "--feed: a value can be fed once, i is fed twice"),
    "root": (
        ("--feed", "x=[[1,2]]", "--grad", "y/x"),
        (
            "the root has shape (1, 2): a gradient starts from one element or needs a seed of that shape"
            " (sum or mean it, or give a seed)"
        ),
    ),
    "integer root": (
        ("--feed", "i=1", "--grad", "i/i"),
        "the root must be a float to have gradients, got int64",
    ),
    "no ratio": (("--grad", "y"), "--grad y needs what to differentiate by (--grad y/B, or --wrt B)"),
    "unknown root": (("--grad", "zz/x"), f"there is no node 'zz' {ALL}"),
    "unknown wrt": (("--grad", "y", "--wrt", "zz"), f"there is no node 'zz' {ALL}"),
    "no reading": (
        ("--contributions", "a/b/c"),
        ("--contributions a/b/c must be A/B with two known names, no cut gives two (--contributions A --wrt B)"),
    ),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_cannot_be_answered(kind: str, rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    options, message = ASKED[kind]
    if "--fetch" not in options and "--grad" not in options and "--contributions" not in options and options:
        options = (*options, "--fetch", "y" if "i=" not in str(options) else "i")
    assert refused(capsys, "run", rows, *options) == [f"gradwire: {message}"]


def test_a_ratio_with_several_readings_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    nodes = {
        "p": node("constant", {"value": 1.0}),
        "qr": {**node("square", x="p"), "name": "r", "group": "q"},
        "pq": {**node("square", x="p"), "name": "q", "group": "p2"},
        "r": node("square", x="pq"),
    }
    file = graph(nodes, groups={"q": {"name": "q"}, "p2": {"name": "p1"}})
    assert main(["run", file, "--grad", "p1/q/r"]) == 0
    capsys.readouterr()
    both = {"p1": node("constant", {"value": 1.0}), **nodes}
    both["p1"]["name"] = "top"
    file = graph(both, groups={"q": {"name": "q"}, "p2": {"name": "p1"}})
    assert refused(capsys, "run", file, "--grad", "p1/q/r") == [
        ("gradwire: --grad p1/q/r can be read in 2 ways: ∂(p1)/∂(q/r), or ∂(p1/q)/∂(r) (--grad A --wrt B says which)")
    ]
    assert main(["run", file, "--grad", "p1/q", "--wrt", "r"]) == 0


def test_arrays_that_cannot_be_read(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.npy").write_bytes(b"abc")
    np.save("objects.npy", np.array([{}], dtype=object))
    again = "(save it again by np.save or np.savez)"
    for file, message in (
        ("no.npy", "no.npy cannot be read: No such file or directory"),
        (
            "bad.npy",
            (
                "bad.npy: a whole .npy or .npz file is required; found a damaged one:"
                f' "EOF: reading magic string, expected 8 bytes got 3" {again}'
            ),
        ),
        (
            "objects.npy",
            (
                "objects.npy: an array of numbers is required; found Python objects, which are never loaded"
                " (save it with a number type: x.astype(float))"
            ),
        ),
    ):
        argv = ("run", rows, "--fetch", "y", "--feed", f"x=@{file}")
        assert refused(capsys, *argv, status=2) == [f"gradwire: --feed x: {message}"]
    argv = ("run", rows, "--fetch", "y", "--feed", "x=@x.txt")
    assert refused(capsys, *argv, status=2) == [
        "gradwire: --feed x needs an .npy file after @, got 'x.txt' (np.save(file, x))"
    ]


def test_an_unknown_op_has_near_misses(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "ops", "matmull") == ["gradwire: no op is called 'matmull' (matmul)"]


def test_names_made_to_break_generated_code_are_only_names(capsys: pytest.CaptureFixture[str]) -> None:
    name = '"; import os; quit(9) #\\'
    file = graph({"x": {**node("constant", {"value": 3.0}), "name": name}, "y": node("square", x="x")})
    assert main(["run", file, "--fetch", "y", name, "--grad", "y", "--wrt", name]) == 0
    assert capsys.readouterr().out == f"y = 9.0\n{name} = 3.0\n∂y/∂{name} = 6.0\n"
    assert main(["plan", file, "--source"]) == 0
    assert "import os" not in capsys.readouterr().out


# Gradients


def test_a_gradient_that_is_wrong_by_half_a_thousandth(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    square = builtin()["square"]
    monkeypatch.setattr(square, "vjp_rule", lambda g, y, x: (g * x * 2.001,))
    nodes = {"w": node("parameter", {"shape": [3], "init": "ones"}), "q": node("square", x="w")}
    file = graph(nodes | {"s": node("sum", x="q")})
    (line,) = refused(capsys, "check", file, "--gradients")
    assert line.startswith("graph.gw: ∂s/∂w along a random direction must be the difference quotient ")


def test_a_gradient_whose_shape_is_not_its_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    square = builtin()["square"]
    monkeypatch.setattr(square, "vjp_rule", lambda g, y, x: (g.reshape((3, 1)),))
    monkeypatch.setattr(square, "proven", False)  # as an op of a plugin is
    nodes = {"w": node("parameter", {"shape": [3], "init": "ones"}), "q": node("square", x="w")}
    file = graph(nodes | {"s": node("sum", x="q")})
    assert refused(capsys, "run", file, "--grad", "s/w") == [
        (
            "gradwire: the gradient that square gives for x must be (3,) f32, got (3, 1) f32"
            " (sum_to(g, shape) adds up what was broadcast)"
        )
    ]


def test_nothing_to_differentiate(capsys: pytest.CaptureFixture[str]) -> None:
    file = graph({"w": node("parameter", {"shape": [3]})})
    assert refused(capsys, "check", file, "--gradients") == [
        (
            "gradwire: a gradient check needs a loss or a float of one element that nothing reads, found none"
            " (sum or mean a value)"
        )
    ]


# Usage, and what nobody expected


def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for argv, start, end in (
        (("trian",), "gradwire: argument COMMAND: invalid choice: 'trian'", "(gradwire --help)"),
        (
            ("run", "a.gw", "--mode", "lazy"),
            "gradwire run: argument --mode: invalid choice",
            "(gradwire run --help)",
        ),
        (
            ("train", "a.gw", "--epochs", "x"),
            "gradwire train: argument --epochs: ",
            "(gradwire train --help)",
        ),
        (("run", "a.gw", "--wrt", "x"), "gradwire run: --wrt B needs a --grad A", "(gradwire run --help)"),
        (("info",), "gradwire info: the following arguments are required: FILE", "(gradwire info --help)"),
        (("info", "a.gw", "b\n.gw"), r"gradwire: unrecognized arguments: b\n.gw", "(gradwire --help)"),
    ):
        (line,) = refused(capsys, *argv, status=2)
        assert (line[: len(start)], line[-len(end) :]) == (start, end)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (MemoryError("Unable to allocate 9 TiB"), 1, "not enough memory: Unable to allocate 9 TiB"),
        (MemoryError(), 1, "not enough memory: an array does not fit"),
        (OSError(errno.EIO, "Input/output error", "a.gw"), 1, "a.gw: Input/output error"),
        (KeyboardInterrupt(), 130, "stopped"),
        (
            KeyError("two\nlines"),
            70,
            (
                r"a fault of this program: KeyError: 'two\nlines'"
                " (GRADWIRE_TRACEBACK=1 shows where; please report it)"
            ),
        ),
    ],
)
def test_whatever_is_raised_is_one_line(
    error: BaseException,
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(session: Session) -> None:
        raise error

    monkeypatch.setattr(Session, "check", fail)
    assert refused(capsys, "check", graph({}), status=status) == [f"gradwire: {message}"]
    monkeypatch.setenv("GRADWIRE_TRACEBACK", "1")
    lines = refused(capsys, "check", graph({}), status=status)
    assert (lines[0], lines[-1]) == ("Traceback (most recent call last):", f"gradwire: {message}")


def test_a_fault_during_training_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(trainer: Trainer, *args: Any) -> float:
        raise MemoryError

    monkeypatch.setattr(Trainer, "_process", fail)
    assert refused(capsys, "train", network()) == ["gradwire: not enough memory: an array does not fit"]


def test_notices_of_a_file_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session.open(graph({"w": node("parameter", {"shape": [2]})}))
    files.save("graph.gw", session.graph, {"w": np.ones(2, np.float32)})
    Path("graph.safetensors").unlink()
    assert main(["info", "graph.gw"]) == 0
    path = Path("graph.safetensors").resolve()
    note = f"note: {path}: the values that the graph names are not there: opened without values\n"
    assert capsys.readouterr().err == note


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_cannot_be_written() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*PROGRAM, "ops"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"gradwire: No space left on device\n")
