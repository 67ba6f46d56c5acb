"""What the README shows is true: its Python runs and its commands do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from gradwire.core.cli import main
from gradwire.core.differences import check_grads
from gradwire.core.extend import Aval, Registry, op

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
OP, SESSION, *NETWORKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^\$ gradwire (.*)$", README, re.MULTILINE)


def test_the_first_session_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line with a comment gives what the comment says first."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    shown = 0
    for line in SESSION.splitlines():
        code, _, comment = line.partition("  # ")
        if not comment or "=" in code.split("(")[0]:
            exec(code, names)
            continue
        value = eval(code, names)  # noqa: S307 - our own README
        said = [float(number) for number in re.findall(r"-?\d+\.?\d*", comment.split(":")[0].split(", as")[0])]
        if value is not None and shown != 0 and said and not isinstance(value, (dict, list, tuple)):
            assert float(value) == pytest.approx(said[0], abs=1e-4)
        shown += 1
    assert shown >= 6
    s, g, x = names["s"], names["g"], names["x"]
    assert s.run(feed={"a": 2, "b": 1}, fetch="e")["e"] == 6  # type: ignore[attr-defined]
    assert [(c, p, float(v)) for c, p, v in s.contributions("e", "b", feed={"a": 2, "b": 1})] == [  # type: ignore[attr-defined]
        ("d", "x", 3.0),
        ("c", "y", 2.0),
    ]
    assert np.array_equal(g[x], [2, 4])  # type: ignore[index]
    assert len(g.contributions(x)) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", NETWORKS)
def test_a_network_built_in_python_is_trained_to_what_is_said(
    code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of a line of one expression the comment says a number that it reaches: "# above 0.95"."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code, names)
    reached = [line.partition("  # above ") for line in code.splitlines() if "  # above " in line]
    assert reached
    for line, _, number in reached:
        assert eval(line, names) > float(number.split()[0])  # noqa: S307 - our own README


def test_the_op_is_all_that_it_takes() -> None:
    names: dict[str, object] = {"op": op, "Aval": Aval}
    exec(OP, names)
    square = names["mine_square"]
    assert Registry([square]).names() == ("mine_square",)  # type: ignore[list-item]
    check_grads(lambda x: square(x), [np.array([1.0, -2.0])])  # type: ignore[operator]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    words = [str(tmp_path / word) if word.startswith("runs/") else word for word in shlex.split(command)]
    assert main(words) == 0
