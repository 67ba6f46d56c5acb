"""A parameter to which a value is given starts from it; where a file says otherwise a check tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.session import Session


def saved(path: Path, **params: object) -> str:
    """A file of one parameter w and its square."""
    document = Document()
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(), **params)
        t.add("square", name="loss", inputs={"x": w})
    Session(document).save(path)
    return str(path)


def test_a_value_without_init_is_what_a_parameter_starts_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "given.gw", value=2.5)
    assert main(["trace", path, "--phase", "forward"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["      w = 2.5", "  2 forward  loss = 6.25"]
    assert main(["check", path]) == 0
    assert capsys.readouterr().err == ""


def test_a_script_says_it_as_briefly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "build.py"
    script.write_text("add('parameter', name='v', shape=[], value=2.5)\n")
    path = saved(tmp_path / "other.gw")
    out = str(tmp_path / "built.gw")
    assert main(["exec", str(script), path, "--save", out]) == 0
    assert Session.open(out).graph.nodes["parameter1"].params["init"] == "constant"


def test_a_value_that_init_leaves_unused_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path / "drawn.gw", value=2.5, init="normal")
    assert main(["check", path]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{path}: no problems in 2 nodes\n"
    told = 'w: its value is not used, since its init is normal (init: "constant")'
    assert printed.err == f"warning: {path}: {told}\n"
