"""`gradwire list`: all that can be named is found, with its settings, and `gradwire ops` points there."""

from __future__ import annotations

import json

import pytest

from gradwire.core.cli import main
from gradwire.core.cli.catalogue import FILES, KINDS, of_kind
from gradwire.core.data import BUILTIN, MADE
from gradwire.core.layers import LAYERS
from gradwire.core.ops import installed
from gradwire.core.training.averaging import AVERAGES
from gradwire.core.training.metrics import METRICS
from gradwire.core.training.optim import OPTIMISERS
from gradwire.core.training.schedules import SCHEDULES


def told(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> list[str]:
    assert main(argv) == status
    out, err = capsys.readouterr()
    return (err if status else out).splitlines()


def test_every_thing_of_every_kind_is_listed() -> None:
    names = {kind: [entry.name for entry in of_kind(kind)] for kind in KINDS}
    assert set(names["ops"]) == set(installed().names())
    assert names["layers"] == [layer.name for layer in LAYERS]
    assert names["optimisers"] == list(OPTIMISERS)
    assert names["schedules"] == list(SCHEDULES)
    assert names["averages"] == list(AVERAGES)
    assert names["metrics"] == [metric.name for metric in METRICS]
    assert names["datasets"] == [*BUILTIN, *MADE, *FILES]
    assert {"cross_entropy", "mse", "huber"} <= set(names["losses"]) < set(names["ops"])
    assert {"random_flip", "cutout", "standardise"} <= set(names["transformations"])


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_told_in_a_line_and_with_its_settings(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "list", kind)
    entries = of_kind(kind)
    assert [line.split()[0] for line in lines] == [entry.name for entry in entries]
    assert all(entry.line.endswith((".", ":")) or kind in ("layers", "transformations") for entry in entries)
    data = [json.loads(line) for line in told(capsys, "list", kind, "--json")]
    assert [(each["kind"], each["name"]) for each in data] == [(kind, entry.name) for entry in entries]
    for each in data:
        assert each["doc"]
        for setting in each["settings"]:
            assert setting["accepts"]
            assert setting["required"] == ("default" not in setting)
    if kind in ("optimisers", "averages"):
        assert all(each["formula"] for each in data)


def test_a_card(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "list", "optimisers", "adagrad")
    assert lines[0] == "adagrad"
    assert lines[-8:] == [
        "kind      an optimiser",
        "name      Adagrad",
        "formula   s ← s + g², w ← w − lr·g / (√s + eps)",
        "settings  lr: a number of 0 or more, default 0.01",
        "          lr_decay: a number of 0 or more, default 0.0",
        "          weight_decay: a number of 0 or more, default 0.0",
        "          initial_accumulator_value: a number of 0 or more, default 0.0",
        "          eps: a number of 0 or more, default 1e-10",
    ]
    assert told(capsys, "list", "adagrad") == lines
    assert told(capsys, "list", "optimizer", "adagrad") == lines
    assert "average" in "".join(told(capsys, "list", "f1"))  # what it shares with others is told too


@pytest.mark.parametrize(
    ("word", "kind"),
    [("metric", "metrics"), ("optimizer", "optimisers"), ("average", "averages"), ("loss", "losses")],
)
def test_a_kind_is_meant_by_one_of_it(word: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "list", word) == told(capsys, "list", kind)


def test_a_name_of_several_kinds_is_told_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line for line in told(capsys, "list", "linear") if line.startswith("kind")] == [
        "kind      a layer",
        "kind      a schedule",
    ]
    assert told(capsys, "list", "cross_entropy") == told(capsys, "ops", "cross_entropy")


def test_all_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[0] for line in told(capsys, "list")] == list(KINDS)
    assert [json.loads(line)["kind"] for line in told(capsys, "list", "--json")] == list(KINDS)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["ops", "adam"], "no op is called 'adam'; adam is an optimiser (gradwire list adam)"),
        (["ops", "AdamW"], "no op is called 'AdamW'; adamw is an optimiser (gradwire list adamw)"),
        (
            ["ops", "exponential"],
            (
                "no op is called 'exponential'; exponential is a schedule and an average of the weights"
                " (gradwire list exponential)"
            ),
        ),
        (["ops", "rellu"], "no op is called 'rellu' (relu, relu6, prelu)"),
        (["list", "adm"], "nothing is called 'adm' (adam, radam, nadam)"),
        (["list", "optimisors"], "nothing is called 'optimisors' (optimisers)"),
        (["list", "optimisors", "adam"], "there is no kind 'optimisors' (kinds: optimisers)"),
        (["list", "metrics", "acuracy"], "none of the metrics is called 'acuracy' (accuracy)"),
    ],
)
def test_what_is_not_there_is_refused(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, *argv, status=1) == [f"gradwire: {message}"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("exponential", "start: an integer of 0 or more (epochs), default 0"),
        ("reduce_on_plateau", "patience: an integer of 0 or more (epochs), default 10"),
        ("early_stopping", "patience: an integer of 1 or more (epochs), default 5"),
        ("top_k", "k: an integer of 1 or more (scores), default 2"),
        ("cutout", "size: an integer of 1 or more (pixels), default 4"),
    ],
)
def test_what_a_setting_counts_is_told(name: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [each for each in told(capsys, "list", name) if line in each]
    assert lines
    if name == "exponential":
        assert "The first is taken when `start` epochs have passed, also by iteration." in told(capsys, "list", name)


def test_the_card_of_idx_says_how_images_are_laid_out_and_scaled(capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(told(capsys, "list", "idx"))
    assert "(N, 1, height, width). Bytes of images become numbers from 0 to 1, a 255th each;" in words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["list", "csv"], "tables (a data set)"),
        (["list", "mnist"], "idx (a data set)"),
        (["list", "MNIST"], "idx (a data set)"),
        (["list", "lr"], "adam (an optimiser)"),
        (["list", "datasets", "npz"], "arrays (a data set)"),
        (["ops", "logits"], "  cross_entropy "),
    ],
)
def test_a_word_finds_what_speaks_of_it(words: list[str], found: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, *words)
    assert any(line.startswith(found) for line in lines)
    assert len(lines) < 60
    data = [json.loads(line) for line in told(capsys, *words, "--json")]
    assert found.split()[0] in [each["name"] for each in data]


def test_a_word_that_stands_nowhere_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = told(capsys, "list", "xyzzy", status=1)
    assert line == "gradwire: nothing is called 'xyzzy' (gradwire list tells what there is)"
    (line,) = told(capsys, "ops", "xyzzy", status=1)
    assert line.startswith("gradwire: ")
