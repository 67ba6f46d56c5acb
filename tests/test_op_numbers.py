"""Every op's value, gradient, forward derivative and second order are PyTorch's, at its samples and at extremes."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from op_cases import ALL, FOLDER, Case, cases, family, ours, pytorch

from gradwire.core.exporting.outline import IN_TRAINING
from gradwire.core.ops import builtin

CASES = [pytest.param(case, id=case.key.replace(" ", "-")) for op in ALL.values() for case in cases(op)]
# Where Gradwire differs from PyTorch on purpose: the op and the quantity, and why.
_LIMIT = "PyTorch has NaN at an infinity, where the limit is finite"
_NAN = "the gradient of NaN passes; in PyTorch as it happens, by the number of elements"
DIFFERENT: dict[tuple[str, str], str] = {
    **{(f"{name} extremes", "value"): _LIMIT for name in ("gelu", "silu", "mish", "softsign", "hardswish")},
    **{(f"{name} extremes", "gradient"): _LIMIT for name in ("gelu", "silu", "mish", "softsign")},
    **{
        (f"{name} extremes", "gradient"): _NAN
        for name in ("relu6", "hardtanh", "softshrink", "hardshrink", "hardswish")
    },
    **{(f"hardsigmoid {case}", "gradient"): "PyTorch has 1 / 6 in float32" for case in (0, 1, "extremes")},
    ("prelu extremes", "gradient"): "PyTorch multiplies 0 by ∞ for the slope where x is infinite and above 0",
    ("sign extremes", "value"): "of NaN PyTorch has 0",
    ("cbrt extremes", "gradient"): "PyTorch, which has no cube root, multiplies 0 by ∞ at 0",
    ("hypot extremes", "gradient"): "PyTorch divides 0 by 0 at (0, 0)",
    ("arccosh extremes", "gradient"): "PyTorch has a slope below −1, where there is no value",
}
# Of these no PyTorch function computes the same.
WITHOUT_PEER: dict[str, str] = {
    "assign": "passes its value on; the name that it writes is of a graph",
    **dict.fromkeys(IN_TRAINING, "draws random numbers of its own"),
}
MAKE = "make them: .venv/bin/python tests/make_op_numbers.py"


@cache
def stored(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def assert_same(case: Case, wanted: dict[str, Any]) -> None:
    """Ours is `wanted`, in every quantity that both have."""
    found = ours(case)
    for name, arrays in wanted.items():
        if name not in found or (case.key, name) in DIFFERENT:
            continue
        for mine, theirs in zip(found[name], arrays, strict=True):
            expected = np.asarray(theirs)
            assert mine.shape == expected.shape, name
            np.testing.assert_allclose(mine, expected, rtol=1e-9, atol=1e-11, err_msg=f"{case.key}: {name}")


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_that_pytorch_gave(case: Case) -> None:
    numbers = stored(family(case.op)).get(case.key)
    if numbers is None:  # told, not refused: a new op is one file
        pytest.skip(f"no numbers of PyTorch are stored for {case.key}; {MAKE} {family(case.op)}")
    assert numbers["of"] == case.of, f"the numbers were made of another sample; {MAKE} {family(case.op)}"
    assert_same(case, {name: value for name, value in numbers.items() if name != "of"})


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_that_pytorch_gives(case: Case) -> None:
    assert_same(case, pytorch(case))


def test_no_number_is_of_an_op_that_is_gone() -> None:
    known = {family(case.values[0].op): set() for case in CASES}
    for case in CASES:
        known[family(case.values[0].op)].add(case.values[0].key)
    kept = {path.stem: set(json.loads(path.read_text("utf-8"))) for path in FOLDER.glob("*.json")}
    assert {name: keys - known.get(name, set()) for name, keys in kept.items() if keys - known.get(name, set())} == {}


def test_every_differentiable_op_is_compared() -> None:
    """What PyTorch has no word for is named, with the reason."""
    computed = {op.name for op in builtin() if op.vjp_rule is not None and not op.effect}
    assert computed - ALL.keys() - WITHOUT_PEER.keys() == set()


# At each parameter's other values the rules may differ.
UNSAMPLED = {"stream", "seed", "dtype", "mode", "message", "every", "first", "show", "phase"}


@pytest.mark.parametrize("name", [op.name for op in builtin() if op.parameters and op.ports])
def test_the_samples_of_an_op_cover_its_parameters(name: str) -> None:
    op = builtin()[name]
    sampled = [op.check_parameters(sample.params) for sample in op.samples]
    moved = {key for params in sampled for key, value in params.items() if value != op.defaults.get(key)}
    assert set(op.parameters) - moved - UNSAMPLED == set()
