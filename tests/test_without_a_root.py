"""Where several numbers come out, commands say that no gradients are taken, and how they can be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.session import Session

NONE = "several numbers come out, loss and side (--of NAME says of which they are)"


@pytest.fixture
def two(tmp_path: Path) -> str:
    """A file of w, side = exp(w) and loss = relu(w)."""
    document = Document()
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(), init="constant", value=2.0)
        t.add("exp", name="side", inputs={"x": w})
        t.add("relu", name="loss", inputs={"x": w})
    Session(document).save(tmp_path / "two.gw")
    return str(tmp_path / "two.gw")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_trace_says_why_it_ends_after_the_forward_pass(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "trace", two)[-1] == f"    loss     no gradients: {NONE}"
    assert not any("no gradients" in line for line in printed(capsys, "trace", two, "--of", "loss"))


def test_diagnose_says_what_it_has_not_looked_at(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "diagnose", two) == [f"nothing unusual, but gradients were not looked at: {NONE}"]
    assert json.loads(printed(capsys, "diagnose", two, "--json")[-1]) == {"no gradients": NONE}
    assert printed(capsys, "diagnose", two, "--of", "loss") == ["nothing unusual"]


def test_what_trials_are_of_is_the_loss(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", two, "--of", "loss", "--modes"]) == 1
    words = "--of is for the diagnoses of one iteration: a trial trains, and so is of the loss"
    assert capsys.readouterr().err == f"gradwire: {words}\n"
