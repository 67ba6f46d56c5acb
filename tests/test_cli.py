"""The command line where all is well: what each command prints, and what a run of training leaves behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core import files
from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.graph import Training
from gradwire.core.ops import builtin, installed
from gradwire.core.training.engine import Engine, Events
from gradwire.core.training.trainer import Settings, Trainer

EXAMPLES = Path(__file__).parent.parent / "examples"
PROGRAM = [sys.executable, "-c", "import sys; from gradwire.core.cli import main; sys.exit(main())"]


def save(path: Path, document: Document) -> str:
    """Write a document and give its path as an argument."""
    files.save(path, document.graph, document.values)
    return str(path)


@pytest.fixture
def colah(tmp_path: Path) -> str:
    """e = (a + b)(b + 1), in float64."""
    document = Document()
    with document.transaction("colah") as t:
        t.set_dtype("float64")
        t.add("input", name="a", id="a")
        t.add("input", name="b", id="b")
        one = t.add("constant", name="one", value=1.0)
        c = t.add("add", name="c", inputs={"x": "a", "y": "b"})
        d = t.add("add", name="d", inputs={"x": "b", "y": one})
        t.add("multiply", name="e", inputs={"x": c, "y": d})
    return save(tmp_path / "colah.gw", document)


def line_document(**settings: Any) -> Document:
    """y = w x, fitted to data.npz by SGD, with two parameters and 12 samples of which 4 are held out."""
    document = Document()
    with document.transaction("line") as t:
        data = t.add("dataset", name="data", id="data", source="data.npz", validation=0.34, task="regression")
        w = t.add("parameter", name="w", id="w", shape=(2, 1), init="normal")
        y = t.add("matmul", name="y", inputs={"x": f"{data}.x", "w": w})
        t.add("mse", name="loss", id="loss", inputs={"prediction": y, "target": f"{data}.y"})
        chosen = {
            "optimiser": {"name": "sgd", "lr": 0.05, "momentum": 0.9},
            "batch": 3,
            "epochs": 4,
            **settings,
        }
        t.set_training(Training("loss", **chosen))
    return document


@pytest.fixture
def line(tmp_path: Path) -> str:
    x = np.linspace(-1, 1, 24).reshape(12, 2)
    np.savez(tmp_path / "data.npz", x=x, y=x @ [[1.0], [2.0]])
    return save(tmp_path / "line.gw", line_document())


def printed(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> list[str]:
    """The lines that a command prints."""
    found = main(argv)
    out, err = capsys.readouterr()
    assert (found, err.replace("note: the trained values are not kept (--out DIR keeps them)\n", "")) == (
        status,
        "",
    )
    return out.splitlines()


def objects(capsys: pytest.CaptureFixture[str], *argv: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in printed(capsys, *argv, "--json")]


# run


def test_run_prints_values_gradients_and_contributions(colah: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--fetch", "e", "c", "--grad", "e/b", "--grad", "c", "--wrt", "d", "--contributions", "e/b")
    assert printed(capsys, "run", colah, "--feed", "a=2", "--feed", "b=1", *asked) == [
        "e = 6.0",
        "c = 3.0",
        "∂e/∂b = 5.0",
        "∂c/∂d = no path",
        "∂e/∂b is the sum of",
        "  d.x  3.0",
        "  c.y  2.0",
        "  sum  5.0",
    ]


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_run_prints_json(colah: str, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--fetch", "e", "--grad", "e/b", "--grad", "c/d", "--contributions", "e/b", "--mode", mode)
    described = {"shape": [], "dtype": "float32"}
    assert objects(capsys, "run", colah, "--feed", "a=2", "--feed", "b=1", *asked, "--dtype", "float32") == [
        {"fetch": "e", "value": 6.0, **described},
        {"grad": "e", "wrt": "b", "value": 5.0, **described},
        {"grad": "c", "wrt": "d", "value": None},
        {
            "contributions": "e",
            "wrt": "b",
            "parts": [{"node": "d", "port": "x", "value": 3.0}, {"node": "c", "port": "y", "value": 2.0}],
            "sum": 5.0,
        },
    ]


def test_run_computes_what_needs_no_op_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("Make") as t:
        a = t.add("input", name="a", params={"shape": ()})
        t.add("relu", name="r", inputs={"x": a})
        t.add("exp", name="e", inputs={"x": t.add("sigmoid", name="s", inputs={"x": a})})
    file = save(tmp_path / "lacking.gw", document)
    text = Path(file).read_text("utf-8").replace('"sigmoid"', '"zzqq9"')
    Path(file).write_text(text, "utf-8")
    why = "s: unknown op 'zzqq9' (a plugin may bring it)"

    def run(*asked: str) -> tuple[int, list[str], list[str]]:
        status = main(["run", file, "--feed", "a=2", *asked])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    note = f"note: {file} lacks what nothing asked for needs: {why}"
    assert run("--fetch", "r") == (0, ["r = 2.0"], [note])
    assert run("--grad", "r/a") == (0, ["∂r/∂a = 1.0"], [note])
    assert run("--fetch", "e", "r", "--contributions", "e/a") == (
        1,
        ["r = 2.0"],
        [f"left out: e needs {why}", f"left out: e/a needs {why}"],
    )
    assert run("--fetch", "e") == (1, [], [f"{file}: {why}"])


def test_run_feeds_any_value_and_says_infinity_in_json(colah: str, capsys: pytest.CaptureFixture[str]) -> None:
    huge = ("--feed", "c=1e300", "--feed", "d=1e300")
    assert objects(capsys, "run", colah, *huge, "--fetch", "e")[0]["value"] == "inf"


def test_run_feeds_arrays_from_lists_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("rows") as t:
        t.add("input", name="x=1", id="x", shape=("N", 2))
        t.add("square", name="y", inputs={"x": "x"})
    file, array = save(tmp_path / "rows.gw", document), tmp_path / "x.npy"
    np.save(array, np.array([[1, 2], [3, 4]]))
    wanted = ["y = [[ 1.,  4.],", "     [ 9., 16.]]"]
    assert printed(capsys, "run", file, "--feed", "x=1=[[1,2],[3,4]]", "--fetch", "y") == wanted
    assert printed(capsys, "run", file, "--feed", f"x=1=@{array}", "--fetch", "y") == wanted


def test_a_ratio_is_cut_where_both_names_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("groups") as t:
        group = t.add_group(name="block")
        t.add("input", name="x", id="x0", group=group)
        t.add("square", name="y", inputs={"x": "x0"})
    file = save(tmp_path / "groups.gw", document)
    feed = ("--feed", "block/x=3")
    for asked in (("--grad", "y/block/x"), ("--grad", "y", "--wrt", "block/x")):
        assert printed(capsys, "run", file, *feed, *asked) == ["∂y/∂block/x = 6.0"]


def test_every_answer_sees_the_same_random_numbers_and_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = Document()
    with document.transaction("counting") as t:
        t.add("parameter", name="count", id="count", shape=())
        one = t.add("constant", value=1.0)
        more = t.add("add", inputs={"x": "count", "y": one})
        t.add("assign", name="next", inputs={"value": more}, target="count")
        t.add("random_normal", name="noise", shape=())
    file = save(tmp_path / "counting.gw", document)
    next_, first, _ = objects(capsys, "run", file, "--fetch", "next", "noise", "--contributions", "next/count")
    again, second = objects(capsys, "run", file, "--fetch", "next", "--fetch", "noise")
    assert next_ == again
    assert next_["value"] == 1.0
    assert first == second


# check, plan, info, ops


def test_check_compares_gradients(colah: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, *lines, last = printed(capsys, "check", colah, "--gradients")
    assert first == f"{colah}: no problems in 6 nodes"
    assert [text.split("  ")[0] for text in lines] == ["∂e/∂a", "∂e/∂b"]
    assert all(text.endswith("  agrees") for text in lines)
    by_name = {each["wrt"]: each["error"] for each in objects(capsys, "check", colah, "--gradients")}
    wrt = max(by_name, key=by_name.__getitem__)
    assert last == (
        "2 gradients compared with central differences: no problems,"
        f" the largest relative error {by_name[wrt]:.2g}, of ∂e/∂{wrt}"
    )
    assert 0 <= by_name[wrt] < 1e-6


def test_check_compares_gradients_of_training(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = objects(capsys, "check", line, "--gradients")
    assert [(each["root"], each["wrt"], each["agrees"]) for each in found] == [
        ("loss", "data.x", True),
        ("loss", "data.y", True),
        ("loss", "w", True),
    ]


def test_check_skips_what_differences_cannot_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("skip") as t:
        t.add("parameter", name="w", id="w", shape=())
        t.add("parameter", name="v", id="v", shape=(), dtype="float32")
        t.add("detach", name="stopped", id="stopped", inputs={"x": "w"})
        t.add("multiply", name="a", inputs={"x": "w", "y": "stopped"})
        t.add("square", name="b", inputs={"x": "v"})
    file = save(tmp_path / "skip.gw", document)
    assert printed(capsys, "check", file, "--gradients")[1:] == [
        "∂b/∂v  not compared: v computes in float32, too coarse for differences",
        "∂a/∂w  not compared: stopped detaches on the way",
        "0 gradients compared with central differences: no problems",
    ]


def test_plan_prints_the_plan_each_pass_and_the_source(colah: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = printed(capsys, "plan", colah)
    assert plan == [
        "inputs %0 a() f64, %1 b() f64",
        "%2  () f64 = add(%0, %1)       # c  forward",
        "%4  () f64 = add(%1, 1.0)      # d  forward",
        "%5  () f64 = multiply(%2, %4)  # e  forward",
        "outputs e = %5",
    ]
    passes = printed(capsys, "plan", colah, "--passes")
    titles = [text for text in passes if text.startswith("==")]
    assert titles == ["== lowered: 3 steps", "== remove_unused: 3 steps", "== share_equal: 3 steps"]
    assert passes[-6:-1] == plan
    source = printed(capsys, "plan", colah, "--source")
    assert source[0] == "def part0():"
    compile("\n".join(source), "source", "exec")


def test_plan_of_training_has_all_phases(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = printed(capsys, "plan", line, "--train")
    assert plan[0].startswith("inputs %")
    assert {text.split()[-1] for text in plan if "  # " in text} == {"forward", "backward", "update"}
    assert plan[-1].startswith("updates w:velocity = %")


def test_info_counts(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = objects(capsys, "info", line)
    assert (found["nodes"], found["wires"], found["parameters"], found["batch"]) == (4, 4, 2, 3)
    text = printed(capsys, "info", line)
    assert text[:5] == [
        "at batch size 3",
        "nodes          4",
        "groups         0",
        "wires          4",
        "parameters     2 numbers, 8 bytes",
    ]
    assert text[-1] == f"training step  {found['training_flops']:,} FLOPs"


def test_ops_lists_every_op_with_its_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "ops")
    listed = [text.split()[0] for text in lines if text.startswith("  ")]
    assert sorted(listed) == sorted(installed().names())
    assert lines[0] == "activation"
    assert [each["name"] for each in objects(capsys, "ops")] == listed


def test_ops_shows_everything_about_one(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "ops", "argmax")
    assert lines[:2] == ["argmax", ""]
    assert lines[-14:] == [
        "category     reduce",
        "formula      arg maxᵢ xᵢ",
        "ports        x  (2, 3) f64",
        "parameters   axis: an integer or null, default null",
        "             keepdims: true or false, default false",
        "outputs      y  (2,) i64",
        f"gradient     none: {builtin()['argmax'].no_gradient}",
        "conventions  none",
        "",
        "example",
        "  x = [[-1. ,  0.5,  2. ],",
        "       [ 0. ,  1.5, -0.5]]",
        "  axis = 1",
        "  → y = [2, 1]",
    ]
    (concat,) = objects(capsys, "ops", "concat")
    assert concat["ports"] == [{"name": "xs", "grows": True, "optional": False}]
    assert concat["parameters"] == [{"name": "axis", "accepts": "an integer", "required": False, "default": 0}]


def test_the_card_of_an_op_has_its_rules_its_conventions_and_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(printed(capsys, "ops", "relu"))
    assert "gradient     ∂x = where(y ≤ 0, 0, g)" in text
    assert "at x = 0 the derivative is 0; any from 0 to 1 would do, PyTorch has 0" in text
    assert "∂x is 0 at elements that are not above 0" in text
    assert "  → y = [[0.5, 0. , 1.5],\n         [2. , 0. , 3. ]]" in text
    assert "  ∂x = [[1., 0., 1.],\n        [1., 0., 1.]]" in text
    (relu,) = objects(capsys, "ops", "relu")
    assert relu["gradient"] == {"x": "where(y ≤ 0, 0, g)"}
    assert relu["example"]["results"] == {"y": [[0.5, 0.0, 1.5], [2.0, 0.0, 3.0]]}


WITHOUT_EXAMPLE = {"dataset", "shared", "print"}  # they need a file or a graph, or do more


@pytest.mark.parametrize("op", builtin().names())
def test_every_op_can_be_shown(op: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "ops", op)
    assert lines[0] == op
    rows = {line.split()[0]: line for line in lines if line and not line.startswith(" ")}
    assert {"category", "formula", "ports", "parameters", "outputs", "gradient", "conventions"} <= rows.keys()
    assert not set("\\{}_&") & set(rows["formula"])
    if op not in WITHOUT_EXAMPLE:
        arrow = next(i for i, line in enumerate(lines) if line.startswith("  → "))
        assert lines.index("example") < arrow
    (found,) = objects(capsys, "ops", op)
    assert found["name"] == op
    assert (found["example"] is None) == (op in WITHOUT_EXAMPLE)


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys)[0] == "usage: gradwire [-h] [--version] COMMAND ..."
    assert printed(capsys, "--help") == printed(capsys)
    assert printed(capsys, "--version")[0].startswith("gradwire ")
    assert printed(capsys, "train", "--help")[0].startswith("usage: gradwire train")


# train


def test_training_on_values_of_the_graph_tells_no_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shutil.copy(EXAMPLES / "mlp_64x1000x100x10.gw", tmp_path)
    first = printed(capsys, "train", str(file), "--epochs", "1")[0]
    assert ", the values in the graph as data, seed " in first
    assert "samples" not in first


def test_train_prints_a_line_an_epoch(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "train", line)
    assert lines[0] == f"{line}: 2 parameters, 8 samples and 4 held out, batch 3, seed 0, float32, static"
    assert [text[:10] for text in lines[1:5]] == [f"epoch {i}/4 " for i in (1, 2, 3, 4)]
    last = lines[4].removeprefix("epoch 4/4  ")
    assert last.startswith("train_loss ")
    assert lines[5:] == [f"trained 4 epochs, 12 iterations: {last}"]
    assert printed(capsys, "train", line) == lines


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_train_prints_json_with_the_result_last(line: str, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("train", line, "--mode", mode, "--epochs", "2", "--seed", "3", "--dtype", "float64")
    first, *epochs, last = objects(capsys, *argv)
    assert first == {
        "event": "STARTED",
        "parameters": 2,
        "samples": 8,
        "validation_samples": 4,
        "epochs": 2,
        "batch": 3,
        "mode": mode,
        "dtype": "float64",
        "seed": 3,
        "epoch": 0,
        "iteration": 0,
    }
    assert [(each["event"], each["epoch"]) for each in epochs] == [
        ("EPOCH_COMPLETED", 1),
        ("EPOCH_COMPLETED", 2),
    ]
    assert list(last) == ["event", "validation_loss", "epoch", "iteration", "train_loss"]
    assert last == {**epochs[-1], "event": "COMPLETED"}
    assert objects(capsys, *argv)[-1] == last


def test_train_keeps_checkpoints_events_and_the_network_with_its_data(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    lines = printed(capsys, "train", line, "--out", str(out), "--json")
    assert (out / "events.jsonl").read_text("utf-8").splitlines() == lines
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == [
        "0.ckpt",
        "12.ckpt",
        "3.ckpt",
        "6.ckpt",
        "9.ckpt",
        "summaries.jsonl",
    ]
    trained = gw.open(out / "line.gw")
    assert set(trained.document.values) == {"w"}
    assert trained.run(fetch="y")["y"].shape == (3, 1)
    result = gw.open(line).train()
    np.testing.assert_array_equal(trained.document.values["w"], result.values["w"])


def test_a_fresh_run_puts_the_checkpoints_of_another_aside(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    printed(capsys, "train", line, "--out", str(out))
    assert main(["train", line, "--out", str(out), "--epochs", "1"]) == 0
    aside = out / "checkpoints-1"
    assert capsys.readouterr().err == f"note: the checkpoints of an earlier run are now in {aside}\n"
    assert len(list(aside.glob("*.ckpt"))) == 5
    assert sorted(path.name for path in (out / "checkpoints").glob("*.ckpt")) == ["0.ckpt", "3.ckpt"]


def final_bytes(folder: Path, network: str = "line") -> list[bytes]:
    """What a run leaves that must be the same however it came about."""
    names = (f"{network}.gw", f"{network}.safetensors", "events.jsonl")
    return [(folder / name).read_bytes() for name in names]


@pytest.mark.parametrize("stop_at", [1, 3, 4, 11])
def test_a_stopped_run_goes_on_with_the_same_bits(
    line: str,
    tmp_path: Path,
    stop_at: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    printed(capsys, "train", line, "--out", str(whole))

    def press(engine: Engine) -> None:
        if engine.state.iteration == stop_at:
            signal.raise_signal(signal.SIGINT)

    build = Trainer.__init__

    def pressing(trainer: Trainer, *args: Any, **kwargs: Any) -> None:
        build(trainer, *args, **kwargs)
        trainer.engine.add_event_handler(Events.ITERATION_STARTED, press)

    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "__init__", pressing)
        assert main(["train", line, "--out", str(parts)]) == 130
    path = parts / "checkpoints" / f"{stop_at}.ckpt"
    hint = f"(--resume {path} goes on from there)"
    assert capsys.readouterr().err == f"gradwire: stopped after iteration {stop_at}, kept in {path} {hint}\n"
    assert signal.getsignal(signal.SIGINT) is before
    lines = printed(capsys, "train", line, "--out", str(parts), "--resume", str(parts))
    assert lines[1] == f"going on after iteration {stop_at} from {path}"
    assert final_bytes(parts) == final_bytes(whole)
    # Without another folder it goes on in that of the run: what comes of it is written there.
    (parts / "evaluation.json").unlink()
    assert printed(capsys, "train", line, "--resume", str(parts))[2] == f"what comes of it is kept in {parts}"
    assert final_bytes(parts) == final_bytes(whole)
    assert (parts / "evaluation.json").exists()
    # A run that is over has nothing to do; its folder of checkpoints serves as well.
    (again,) = objects(capsys, "train", line, "--resume", str(parts / "checkpoints"))[1:]
    assert json.dumps(again) == (whole / "events.jsonl").read_text("utf-8").splitlines()[-1]


def test_a_loss_that_is_not_finite_is_told_once(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = line_document(optimiser={"name": "sgd", "lr": 1e30})
    file, folder = save(tmp_path / "wild.gw", document), tmp_path / "run"
    assert main(["train", file, "--out", str(folder), "--json"]) == 1
    out, err = capsys.readouterr()
    last = folder / "checkpoints" / "2.ckpt"
    assert err.splitlines()[-1] == (
        "gradwire: stopped after iteration 2: not finite since iteration 2 (the loss is inf); the trained values are"
        f" not taken, {last} has them (a learning rate of 0.009 in place of 1e+30, and a new start: the step of"
        " iteration 1 was 2.23e+30 times as long as what it changed)"
    )
    assert json.loads(out.splitlines()[-1])["message"] == "not finite since iteration 2 (the loss is inf)"
    assert not (folder / "wild.gw").exists()
    # Who wants to see what comes of it goes on.
    assert main(["train", file, "--resume", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert "though it is not finite since iteration 2 (the loss is inf)" in out
    assert err.startswith("gradwire: ended after iteration 12: not finite since iteration 2 (the loss is inf);")


def test_training_without_data_goes_on_with_the_same_bits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("bowl") as t:
        t.add("parameter", name="w", id="w", shape=(), init="ones")
        t.add("square", name="loss", id="loss", inputs={"x": "w"})
        t.set_training(Training("loss", optimiser={"name": "sgd", "lr": 0.25}, epochs=3))
    file = save(tmp_path / "bowl.gw", document)
    wanted = [1.0, 0.25, 0.0625]
    assert [each["train_loss"] for each in objects(capsys, "train", file)[1:-1]] == wanted
    session = gw.open(file)
    trainer = session.trainer(Settings(out=tmp_path))
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: engine.stop())
    trainer.run()
    path = trainer.save_checkpoint()
    assert path is not None
    assert [row["train_loss"] for row in session.trainer(Settings(resume=path)).run().history] == wanted


# As a program of its own


def test_the_program_prints_and_ends_as_it_should(colah: str) -> None:
    command = [*PROGRAM, "run", colah, "--feed", "a=2", "--feed", "b=1", "--grad", "e/b"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    # An encoding that has no ∂ must not end in an error.
    done = subprocess.run(command, capture_output=True, env=plain | {"PYTHONIOENCODING": "ascii"}, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\\u2202e/\\u2202b = 5.0\n", b"")


@pytest.mark.skipif(not shutil.which("head"), reason="needs a program that stops reading")
def test_a_reader_that_stops_is_no_error() -> None:
    with subprocess.Popen([*PROGRAM, "ops", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_a_terminal_sees_a_bar_and_ctrl_c_keeps_a_checkpoint(line: str, tmp_path: Path) -> None:
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    out = tmp_path / "out"
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (24, 100))
    command = [*PROGRAM, "train", line, "--epochs", "1000000", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=far) as process:
        os.close(far)
        deadline = time.monotonic() + 60
        # The first is written before the run begins.
        while not list(out.glob("checkpoints/[1-9]*.ckpt")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        seen = b""
        while part := _read(near):
            seen += part
        assert process.wait() == 130
    os.close(near)
    assert re.search(rb"epoch 1?\d/1000000:   0%\| +\| \d+/3000000 \[00:0\d<[\d:]+, .*it/s\]", seen), seen
    last = seen.decode().splitlines()[-1].rpartition("\r")[2]
    assert "gradwire: stopped after iteration" in last
    assert "Traceback" not in seen.decode()


@pytest.mark.slow
@pytest.mark.parametrize(("network", "epochs"), [("line", 600), ("digits_mlp", 130)])
def test_a_run_killed_ten_times_ends_with_the_same_bits(network: str, epochs: int, line: str, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    file = line if network == "line" else str(EXAMPLES / f"{network}.gw")
    train = ["train", file, "--epochs", str(epochs), "--json"]
    assert main([*train, "--out", str(whole)]) == 0
    command = [*PROGRAM, *train]
    moments = np.random.default_rng(0).uniform(0.01, 0.15, 10)
    for moment in moments:
        started = list(parts.glob("checkpoints/*.ckpt"))
        resume = ["--resume", str(parts)] if started else []
        with subprocess.Popen(
            [*command, "--out", str(parts), *resume], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()  # it runs from here on
            time.sleep(moment)
            process.kill()
        assert not (parts / f"{network}.gw").exists(), "it ended before it was killed"
    assert main([*train, "--out", str(parts), "--resume", str(parts)]) == 0
    assert final_bytes(parts, network) == final_bytes(whole, network)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # what Linux says when the other end is closed
        return b""


def test_a_run_that_goes_on_is_asked_for_what_it_was_begun_with(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--epochs", "7", "--seed", "5", "--dtype", "float64", "--mode", "eager")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    printed(capsys, "train", line, *asked, "--out", str(whole))
    printed(capsys, "train", line, *asked, "--out", str(parts))
    for each in (parts / "checkpoints").glob("*.ckpt"):  # as it was killed in its second epoch
        if int(each.stem) > 4:
            each.unlink()
    told = printed(capsys, "train", line, "--resume", str(parts))
    assert "asked for as when it began: --epochs 7 --seed 5 --mode eager --dtype float64" in told
    assert final_bytes(parts) == final_bytes(whole)
    # What is said now goes first, and is what the folder holds from then on.
    printed(capsys, "train", line, "--resume", str(parts), "--epochs", "9")
    assert "trained 9 epochs" in printed(capsys, "train", line, "--resume", str(parts))[-2]
    (parts / "asked.json").write_text('{"epochs": "many"}')
    assert main(["train", line, "--resume", str(parts)]) == 2
    assert capsys.readouterr().err == f"gradwire: {parts / 'asked.json'} does not say what a run was asked for\n"
