"""Ops compute without NumPy's warnings, as PyTorch does; NumPy itself still warns whoever uses it. (The numbers of
every op at its samples and at extremes are held against PyTorch's with warnings as errors in test_op_numbers.)
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.arrays import quietly
from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.session import Session

LARGE = np.array([1e4, -1e4, np.inf, 0.0])


def computed() -> None:
    assert gw.ops.exp(LARGE)[0] == np.inf
    assert np.isinf(gw.ops.add(np.float32([1]), 1e300)).all()  # cast to float32 on the way
    x = gw.Tensor(LARGE)
    assert np.isnan((x - x).numpy()[2])
    assert np.isnan((x / x).numpy()[3])
    assert np.isnan((x[2] - x[2]).item())
    y = np.log(x * x) + x**0.5
    assert np.isnan(y.numpy()[1])
    gw.backward(y.sum(), wrt=[x])
    gw.jvp(lambda v: v * np.exp(v), [LARGE], [LARGE])
    gw.grad(gw.grad(lambda v: np.exp(v) / v))(1e4)


def test_eager_ops_and_their_derivatives_are_quiet() -> None:
    computed()
    quietly(computed)  # and so they are within what is quiet already
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(computed) for _ in range(4)]:
            done.result()


def test_numpy_itself_is_left_as_it_was() -> None:
    before = np.geterr()
    computed()
    assert np.geterr() == before
    with pytest.warns(RuntimeWarning, match="overflow"):
        np.exp(LARGE)


def test_an_error_within_is_the_error() -> None:
    with pytest.raises(ZeroDivisionError):
        quietly(lambda: 1 // 0)
    computed()


@pytest.mark.parametrize("mode", ["static", "eager"])
def test_commands_are_quiet(tmp_path: Path, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("overflow") as t:
        x = t.add("constant", name="x", value=[1000.0, 0.0])
        e = t.add("exp", name="e", inputs={"x": x})
        y = t.add("divide", name="y", inputs={"x": e, "y": e})
        z = t.add("log", name="z", inputs={"x": x})
        t.add("sum", name="s", inputs={"x": t.add("add", inputs={"x": y, "y": z})})
    session = Session(document, tmp_path / "overflow.gw")
    session.save()
    file = str(session.path)
    assert main(["run", file, "--fetch", "s", "--grad", "s/x", "--contributions", "s/x", "--mode", mode]) == 0
    for command in ("trace", "diagnose", "check", "info", "plan"):
        assert main([command, file]) == 0
    assert main(["check", file, "--gradients"]) in (0, 1)
    assert "Warning" not in capsys.readouterr().err
