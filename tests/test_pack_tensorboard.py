"""Event files of TensorBoard, read back record by record."""

from __future__ import annotations

import builtins
import struct
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from run_loops import begin, go
from training_graphs import classifier

from gradwire.core.cli import main
from gradwire.core.errors import RunError
from gradwire.core.runs.exporting import export

pytest.importorskip("tensorboardX")


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    """By tag and step the numbers in the one event file of a folder."""
    from tensorboardX.proto.event_pb2 import Event

    (path,) = folder.glob("events.out.tfevents.*")
    data, at = path.read_bytes(), 0
    found: dict[str, dict[int, float]] = defaultdict(dict)
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)  # then its checksum, the record, and the checksum of that
        event = Event.FromString(data[at + 12 : at + 12 + length])
        at += 16 + length
        for value in event.summary.value:
            found[value.tag][event.step] = value.simple_value
    return found


def test_a_run_is_written_with_all_its_numbers(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "one")
    go(record.path)
    written = export(record.path, tmp_path / "board", "tensorboard")
    found = scalars(tmp_path / "board")
    losses = record.curves()["loss"]
    assert found["loss/train"] == pytest.approx(dict(enumerate(losses, 1)))
    epochs = record.epochs()
    by_epoch = dict(zip(epochs["iteration"].astype(int), epochs["validation_accuracy"], strict=True))
    assert found["accuracy/validation"] == pytest.approx(by_epoch)
    assert set(found) == {
        *("loss/train", "loss/train_epoch", "loss/validation"),
        *("accuracy/train", "accuracy/validation", "learning_rate"),
    }
    assert written == sum(map(len, found.values()))


def test_training_writes_them_as_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classifier(tmp_path).save(tmp_path / "net.gw")
    argv = ["train", str(tmp_path / "net.gw"), "--quiet", "--out", str(tmp_path / "out")]
    assert main([*argv, "--tensorboard", str(tmp_path / "live")]) == 0
    live = scalars(tmp_path / "live")
    assert sorted(live["loss/train"]) == list(range(1, 13))
    assert sorted(live["loss/validation"]) == [4, 8, 12]
    assert main(["runs", "tensorboard", "out", str(tmp_path / "after"), "--in", str(tmp_path)]) == 0
    after = scalars(tmp_path / "after" / "out")
    assert after["loss/validation"] == live["loss/validation"]
    capsys.readouterr()


def test_where_the_library_is_missing_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier(tmp_path).save(tmp_path / "net.gw")
    own = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("tensorboardX"):
            raise ImportError(name)
        return own(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["train", str(tmp_path / "net.gw"), "--tensorboard", str(tmp_path / "board")]) == 1
    line = "event files of TensorBoard need tensorboardX, found none (pip install 'gradwire[tensorboard]')"
    assert capsys.readouterr().err == f"gradwire: {line}\n"
    assert not (tmp_path / "board").exists()


def test_a_run_without_numbers_is_refused(tmp_path: Path) -> None:
    record = begin(classifier(tmp_path), tmp_path / "one")
    with pytest.raises(RunError, match="one has told no numbers yet"):
        export(record.path, tmp_path / "board", "tensorboard")
    assert not (tmp_path / "board").exists()
