"""The pack of scikit-learn's data sets: known before it is loaded, the same numbers, and what is told without it."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import datasets as sklearn

from gradwire.core.data import BUILTIN, load_builtin
from gradwire.core.data.bundled import ALL
from gradwire.core.errors import DataError

NAMES = ["breast_cancer", "diabetes", "digits", "iris", "wine"]
ROOT = Path(__file__).resolve().parent.parent

PROGRAM = """
import sys, time
import gradwire.core as gw
from gradwire.core.data import BUILTIN
import gradwire.core.plugins
begun = time.perf_counter()
names = [*BUILTIN]
print(time.perf_counter() - begun)
print(*names, "sklearn" in sys.modules)
s = gw.open(sys.argv[1])
s.train(epochs=1)
print("sklearn" in sys.modules, *(each.name for each in gradwire.core.plugins.plugins() if each.state == "loaded"))
"""


def test_a_program_that_imports_the_core_alone_has_them_and_loads_scikit_learn_with_the_first() -> None:
    program = [sys.executable, "-c", PROGRAM, str(ROOT / "examples" / "iris_mlp.gw")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    seconds, known, loaded = done.stdout.splitlines()
    assert known.split() == [*NAMES, "False"]
    assert loaded.split() == ["True", "datasets", "tensorboard", "vision"]
    assert float(seconds) < 0.5  # some milliseconds; scikit-learn alone takes a second


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_of_scikit_learn_bit_for_bit(name: str) -> None:
    assert ALL.owner(name) == "datasets"
    found, wanted = load_builtin(name), getattr(sklearn, f"load_{name}")()
    assert np.array_equal(found.x[:], wanted.data / (16.0 if name == "digits" else 1.0))
    assert np.array_equal(np.asarray(found.y[:]).ravel(), wanted.target)
    assert found.x.dtype == np.float64
    if BUILTIN[name].classes is not None:
        assert found.class_names == tuple(map(str, wanted.target_names))


def test_without_scikit_learn_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    own = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError("it is not there")
        return own(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError) as told:
        load_builtin("wine")
    line = "the data set wine needs scikit-learn, which cannot be imported: it is not there (pip install scikit-learn)"
    assert str(told.value) == line
