"""The element-wise formulas in C that ops bear are the functions that they compute, at every extreme."""

from __future__ import annotations

import ctypes
import itertools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from op_cases import ONE, TWO

from gradwire.core.op import Op
from gradwire.core.ops import builtin

SPELLED = [op for op in builtin() if op.expr is not None]
COMPILER = shutil.which("cc")
# With tenths, of which a quotient is rounded up to a whole number that it does not reach.
PAIR = (*TWO, 0.1, -0.1, 1.0, 0.3)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """A library with a function of doubles for each op."""
    folder: Path = tmp_path_factory.mktemp("expr")
    lines = ["#include <math.h>"]
    for op in SPELLED:
        ports = ", ".join(f"double {port.name}" for port in op.ports)
        lines.append(f"double op_{op.name}({ports}) {{ return {op.expr}; }}")
    (folder / "ops.c").write_text("\n".join(lines), "utf-8")
    made = str(folder / "ops.so")
    assert COMPILER is not None
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", made, str(folder / "ops.c"), "-lm"], check=True)
    return ctypes.CDLL(made)


def columns(op: Op) -> list[tuple[float, ...]]:
    if op.name == "where":
        return list(itertools.product((0.0, 1.0), TWO, TWO))
    return list(itertools.product(*[ONE if len(op.ports) == 1 else PAIR] * len(op.ports)))


@pytest.mark.skipif(COMPILER is None, reason="no C compiler is installed")
@pytest.mark.parametrize("op", SPELLED, ids=lambda op: op.name)
def test_a_formula_in_c_is_its_function(op: Op, compiled: Any) -> None:
    function = getattr(compiled, f"op_{op.name}")
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * len(op.ports)
    rows = columns(op)
    args = [np.array(column) for column in zip(*rows, strict=True)]
    if op.name == "where":
        args[0] = args[0].astype(bool)
    with np.errstate(all="ignore"):
        wanted = op(*args)
    np.testing.assert_allclose([function(*row) for row in rows], wanted, rtol=1e-12, atol=0)
