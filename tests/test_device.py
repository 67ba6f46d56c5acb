"""Runs on a device, tried with arrays that keep to themselves as those of a GPU do: every op, every example."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from device_arrays import DeviceArray, Reads, special, stand_in
from device_cases import FOLDER, answers, planned, trained
from over import over
from test_cli import line_document, save
from test_examples import EXAMPLES, TRAINED
from test_ops import CASES, DIFFERENTIABLE
from training_graphs import classifier

import gradwire.core as gw
from gradwire.core.backends import backend
from gradwire.core.backends import cupy as cupy_backend
from gradwire.core.cli import main
from gradwire.core.errors import DataError, GradwireError, RunError
from gradwire.core.op import Op, Sample
from gradwire.core.ops import builtin
from gradwire.core.plan import Plan
from gradwire.core.session import Session
from gradwire.core.training import telling
from gradwire.core.training.engine import Events
from gradwire.core.training.trainer import Settings

NAMED = ("name", "module", "attr", "id")  # the fields of Python's syntax that hold names


@pytest.fixture(autouse=True)
def cupy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The stand-in in the place of CuPy."""
    module = stand_in()
    monkeypatch.setitem(sys.modules, "cupy", module)
    monkeypatch.setitem(sys.modules, "cupyx", type(sys)("cupyx"))
    monkeypatch.setitem(sys.modules, "cupyx.scipy", special())
    for cached in (cupy_backend.unavailable, cupy_backend._device):
        cached.cache_clear()
    yield module
    for cached in (cupy_backend.unavailable, cupy_backend._device):
        cached.cache_clear()


def compared(plan: Plan, feeds: dict[str, Any]) -> None:
    """The plan gives on the device what it gives on the processor, and nothing waits for the device before."""
    wanted = backend("numpy").compile(plan)(feeds)
    executable = cupy_backend.compile(plan)
    before = Reads.count
    made = executable(feeds)
    prints = any(step.op.effect for step in plan.steps)  # and so must read what it prints
    assert prints or Reads.count == before, "the run waited for the device"
    for name, value in wanted.items():
        np.testing.assert_allclose(made[name], value, rtol=1e-12, atol=1e-12, err_msg=name)
        assert made[name].dtype == value.dtype
        assert isinstance(made[name], np.ndarray)


@over(CASES)
def test_every_op_computes_on_a_device(found: Op, sample: Sample) -> None:
    compared(*planned(found, sample, gradients=False))


@over(DIFFERENTIABLE)
def test_every_gradient_computes_on_a_device(found: Op, sample: Sample) -> None:
    compared(*planned(found, sample, gradients=True))


def test_no_op_knows_what_computes_it() -> None:
    """What differs between the modules of arrays stands in arrays.py alone."""
    files = [path for path in (Path(gw.__file__).parent / "ops").glob("*.py") if path.name != "__init__.py"]
    assert files
    for path in files:
        names = {getattr(node, field, None) for node in ast.walk(ast.parse(path.read_text("utf-8"))) for field in NAMED}
        found = {name.partition(".")[0] for name in names if isinstance(name, str)}
        assert found.isdisjoint({"cupy", "cupyx", "scipy", "asnumpy", "__name__"}), path.name


# Sessions.


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_computes_on_a_device(name: str) -> None:
    wanted, found = answers(name, "cpu"), answers(name, "cuda")
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-4, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("name", TRAINED)
def test_every_example_trains_on_a_device(name: str) -> None:
    (wanted, values), (found, moved) = trained(name, "cpu"), trained(name, "cuda")
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    for id, value in values.items():
        np.testing.assert_allclose(moved[id], value, rtol=1e-3, atol=1e-5)


def line(tmp_path: Path, device: str = "cuda", **settings: Any) -> Session:
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(12, 2)).astype("float32")
    np.savez(tmp_path / "data.npz", x=x, y=x @ np.array([[1.0], [-2.0]], "float32"))
    save(tmp_path / "line.gw", line_document(**settings))
    return Session.open(tmp_path / "line.gw", device=device)


def test_parameters_and_data_are_moved_once(tmp_path: Path, cupy: Any) -> None:
    session = line(tmp_path)
    session.run(fetch="loss")
    moved = cupy.memory.moved
    session.run(fetch="loss")
    assert cupy.memory.moved == moved + 2  # x and y of the batch
    with session.document.transaction("Set") as t:
        t.set_values("w", np.ones((2, 1), "float32"))
    session.run(fetch="loss")
    assert cupy.memory.moved == moved + 5
    trainer = session.trainer()
    moved = cupy.memory.moved
    trainer.run()
    assert all(isinstance(value, DeviceArray) for value in trainer.state.values())
    assert cupy.memory.moved - moved <= 2 * trainer.engine.state.iteration + 2 * 4 * 2  # which rows, the learning rate


def test_no_iteration_waits_for_the_one_before(tmp_path: Path) -> None:
    reads = []
    for epochs in (1, 2):
        trainer = line(tmp_path, batch=1).trainer(Settings(epochs=epochs))
        before = Reads.count
        trainer.run()
        reads.append(Reads.count - before)
    # At the end of the epoch each loss once, whether parameters are finite, and that of each batch that is held out.
    parameters = 1
    assert reads[1] - reads[0] == trainer.rhythm.per_epoch + parameters + len(trainer.validation.batches)


def test_who_reads_an_output_waits_for_it_once(tmp_path: Path) -> None:
    trainer = line(tmp_path).trainer(Settings(epochs=1))
    counts: list[int] = []

    def look(engine: Any) -> None:
        before = Reads.count
        assert isinstance(engine.state.output, float)
        assert engine.state.output == engine.state.output
        counts.append(Reads.count - before)

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, look)
    trainer.run()
    assert counts == [1] * trainer.rhythm.per_epoch


def test_losses_are_read_before_too_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "UNREAD", 3)
    trainer = line(tmp_path, batch=1).trainer(Settings(epochs=1))
    counts: list[int] = []
    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: counts.append(Reads.count))
    trainer.run()
    steps = np.diff(counts).tolist()
    assert steps == [0, 3, 0, 0, 3, 0, 0][: len(steps)]


@pytest.mark.parametrize("early", [None, {"metric": "validation_loss", "patience": 1, "restore_best": True}])
def test_a_run_on_a_device_goes_on_from_a_checkpoint(tmp_path: Path, early: Any) -> None:
    session = line(tmp_path, early_stopping=early, average={"name": "exponential"})
    whole = session.trainer(Settings(out=tmp_path / "out")).run()
    on_cpu = line(tmp_path, "cpu", early_stopping=early, average={"name": "exponential"}).trainer().run()
    for row, wanted in zip(whole.history, on_cpu.history, strict=True):
        assert row == pytest.approx(wanted, rel=1e-5)
    resumed = session.trainer(Settings(resume=tmp_path / "out" / "checkpoints" / "3.ckpt")).run()
    assert resumed.history == whole.history
    for id, value in whole.kept.items():
        assert np.array_equal(resumed.kept[id], value)


def test_data_that_would_fill_the_device_is_moved_by_batches(tmp_path: Path, cupy: Any) -> None:
    cupy.memory.free = 100
    trainer = line(tmp_path).trainer()
    assert all(isinstance(a, np.ndarray) for part in trainer.data.parts.values() for a in part.values())
    assert trainer.run().last == pytest.approx(line(tmp_path, "cpu").trainer().run().last, rel=1e-5)


def test_what_assign_writes_and_hooks_are_told_comes_back(tmp_path: Path) -> None:
    session = Session(device="cuda")
    with session.document.transaction("Build") as t:
        w = t.add("parameter", name="w", id="w", shape=(2,), init="ones")
        twice = t.add("add", name="twice", inputs={"x": w, "y": w})
        t.add("assign", name="next", inputs={"value": twice}, target="w")
    told: list[Any] = []
    session.on_forward("twice", lambda array, seen: told.append(array.tolist()))
    for _ in range(2):
        session.run(fetch="next")
    assert told == [[2.0, 2.0], [4.0, 4.0]]
    assert session.document.values["w"].tolist() == [4.0, 4.0]
    trace = session.record("twice")
    assert all(isinstance(value, np.ndarray) for value in trace.values.values())


# What is refused.


def refused(error: type[GradwireError], message: str, call: Any) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_a_label_that_is_no_class_is_told_when_the_loss_is_read() -> None:
    session = Session(device="cuda")
    with session.document.transaction("Build") as t:
        x = t.add("parameter", name="x", shape=(2, 3), init="zeros")
        y = t.add("input", name="y", shape=(2,), dtype="int64")
        t.add("cross_entropy", name="loss", inputs={"logits": x, "target": y})
    message = "target[1] is 7, outside 0 to 2 (labels of 3 classes)"
    refused(DataError, message, lambda: session.run({"y": [0, 7]}, "loss"))
    assert session.run({"y": [0, 1]}, "loss")["loss"] == pytest.approx(np.log(3), rel=1e-5)


def test_a_label_that_is_found_late_is_told_with_its_iteration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses are read at the end of an epoch: of which batch it was is not known otherwise."""
    session = classifier(tmp_path)
    trainer = Session(session.document, session.path, device="cuda").trainer()
    feeds = trainer.data.feeds

    def broken(part: str, rows: Any) -> dict[str, Any]:
        made = dict(feeds(part, rows))
        if trainer.engine.state.iteration == 3:
            made["data.y"] = np.full(len(rows), 7)
        return made

    told = {"samples": trainer.data.samples, "held_out": 0, "order": trainer.data.order, "feeds": broken}
    monkeypatch.setattr(trainer, "data", SimpleNamespace(**told))
    message = "target[0] is 7, outside 0 to 2, in iteration 3 (labels of 3 classes)"
    refused(DataError, message, trainer.run)
    assert trainer.engine.state.iteration == 4


def test_what_was_deleted_does_not_stay_on_the_device(tmp_path: Path) -> None:
    session = line(tmp_path)
    session.run(fetch="loss")
    assert session._moved._there.keys() == {"w"}
    with session.document.transaction("Other") as t:
        other = t.add("parameter", name="v", id="v", shape=(2, 1), init="normal")
        t.connect(other, "matmul0", "w")
        t.remove("w")
    session.run(fetch="loss")
    assert session._moved._there.keys() == {"v"}
    session.document.undo()
    assert session.run(fetch="y")["y"].shape == (3, 1)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("power", ([2, 3], [1, -1])),
        ("floor_divide", ([2, 3], [1, 0])),
        ("binary_cross_entropy", ([0.0, 0.0], [0.5, 2.0])),
        ("gaussian_nll", ([0.0, 0.0], [0.0, 0.0], [1.0, -1.0])),
    ],
)
def test_numbers_that_an_op_refuses_are_refused_when_they_are_read(name: str, args: tuple[Any, ...]) -> None:
    found = builtin()[name]
    arrays = {
        port.name: np.array(arg, "int64" if isinstance(arg[0], int) else "float32")
        for port, arg in zip(found.ports, args, strict=False)
    }
    with pytest.raises(DataError) as told:
        found(*arrays.values())
    session = Session(device="cuda")
    with session.document.transaction("Build") as t:
        fed = {
            port: t.add("input", name=port, shape=array.shape, dtype="int64" if array.dtype.kind == "i" else "float")
            for port, array in arrays.items()
        }
        t.add(name, name="out", inputs=fed)
    refused(DataError, str(told.value), lambda: session.run(arrays, "out"))


def test_memory_that_ends_is_a_line(tmp_path: Path, cupy: Any) -> None:
    session = line(tmp_path)
    cupy.memory.limit = 20
    message = (
        "the run needs about 44 B at once of GPU memory, of 10.0 GB there are 8.0 GB free: "
        "Out of memory allocating 24 bytes (allocated so far: 0 bytes) (a smaller batch, or device cpu)"
    )
    refused(RunError, message, lambda: session.run(fetch="y"))
    cupy.memory.limit = 10**9
    assert session.run(fetch="y")["y"].shape == (3, 1)


def test_what_a_device_must_be() -> None:
    unknown = "a device must be cpu or cuda, got 'gpu'"
    refused(RunError, unknown, lambda: Session(device="gpu"))
    session = gw.open(FOLDER / "iris_mlp.gw")
    refused(RunError, "the device of a run must be cpu or cuda, got 'gpu'", lambda: session.train(device="gpu"))
    eager = "a run on cuda must be static, got mode 'eager' (mode static, or device cpu)"
    refused(RunError, eager, lambda: session.train(device="cuda", mode="eager"))
    colah = Session.open(FOLDER / "colah.gw", device="cuda")
    refused(RunError, eager, lambda: colah.run({"a": 1.0, "b": 1.0}, "e", mode="eager"))


def test_without_cupy_a_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)  # as Python marks what cannot be imported
    line = 'a run on cuda needs CuPy, which is not installed (pip install "gradwire[cuda]")'
    refused(RunError, line, lambda: Session(device="cuda"))
    for command in (("run", "--fetch", "loss"), ("train", "--epochs", "1")):
        assert main([command[0], str(FOLDER / "iris_mlp.gw"), *command[1:], "--device", "cuda"]) == 1
        assert capsys.readouterr().err == f"gradwire: {line}\n"


def test_without_a_gpu_a_line_says_why(monkeypatch: pytest.MonkeyPatch, cupy: Any) -> None:
    reason = "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version"

    def count() -> int:
        raise RuntimeError(reason)  # as CuPy 14.2 says it on a machine without a driver

    monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", count)
    line = f"a run on cuda needs a GPU that CuPy can use: {reason} (device cpu)"
    refused(RunError, line, lambda: Session(device="cuda"))


# The command line.


def test_commands_compute_on_a_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line(tmp_path)
    file = str(tmp_path / "line.gw")
    outputs = []
    for device in ("cpu", "cuda"):
        assert main(["run", file, "--fetch", "loss", "--grad", "loss/w", "--device", device]) == 0
        assert main(["train", file, "--epochs", "2", "--device", device]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


def test_a_loss_that_is_no_number_is_told_with_its_iteration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line(tmp_path, optimiser={"name": "sgd", "lr": 1e30})
    warnings = []
    for device in ("cpu", "cuda"):
        assert main(["train", str(tmp_path / "line.gw"), "--device", device]) == 1
        told = [text for text in capsys.readouterr().err.splitlines() if text.startswith("gradwire: stopped")]
        warnings.append([text.partition(": not finite")[2] for text in told])  # a device tells some iterations later
    assert warnings[0] == warnings[1]
    assert len(warnings[0]) == 1


@pytest.mark.parametrize("name", ["inv", "solve"])
def test_matrices_whose_determinant_underflows_have_an_inverse_and_singular_ones_are_told(name: str) -> None:
    session = gw.Session(device="cuda")
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(20, 20))
        b = t.add("constant", value=np.eye(20).tolist())
        t.add(name, name="y", inputs={"x": x} if name == "inv" else {"a": x, "b": b})
    small = np.float32(0.004) * np.eye(20, dtype=np.float32)
    np.testing.assert_allclose(session.run({"x": small}, "y")["y"], 250 * np.eye(20), rtol=1e-6)
    small[3] = 0
    with pytest.raises(GradwireError, match=r"must have an inverse, got a singular matrix: its determinant is 0"):
        session.run({"x": small}, "y")
