"""Gradients as they are printed: each line, computed with NumPy as it stands, gives the gradient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import pytest

from gradwire.core.op import Op
from gradwire.core.ops import builtin
from gradwire.core.ops.shapes import sum_to_
from gradwire.core.stepping.rules import rules
from gradwire.core.stepping.worked_example import argument
from gradwire.core.transform import vjp

REGISTRY = builtin()
SIGNS = {"·": "*", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", " = ": " == ", "²": "**2", "^": "**", "ᵀ": ".T"}


def computed(line: str, shape: tuple[int, ...], given: Mapping[str, Any]) -> Any:
    """What a printed line comes to, of a port of that shape."""
    text, way = re.fullmatch(r"(.*?)(?:, (summed|spread|reshaped) to the shape of \w+)?", line).groups()  # type: ignore[union-attr]
    text = re.sub(r"equation=([\w,>-]+)", r"equation='\1'", text)
    text = re.sub(r"one_hot\((\w+)\)", r"one_hot(\1, classes=3)", text)  # as many as there are
    text = re.sub(r"\bg\.(\w+)", r"g_\1", re.sub(r"\bmean\b(?!\()", "mean_", text))  # an op too
    for sign, python in SIGNS.items():
        text = text.replace(sign, python)
    names = {**{op.name: op for op in REGISTRY}, "inf": np.inf, **given, "mean": REGISTRY["mean"]}
    found = np.asarray(eval(text, {"__builtins__": {}}, names))  # noqa: S307 (lines of the ops themselves)
    if way == "summed":
        return np.asarray(sum_to_(found, shape=shape))
    return found.reshape(shape) if way == "reshaped" else np.broadcast_to(found, shape) if way == "spread" else found


def at_work(op: Op) -> tuple[dict[str, Any], dict[str, Any]]:
    """By name what the first sample of an op takes and makes, and by port the gradients, of a drawn upstream one."""
    sample = op.samples[0]
    args = [argument(given, sample, i) for i, given in enumerate(sample.args)]
    places = [i for i, arg in enumerate(args) if isinstance(arg, np.ndarray) and arg.dtype.kind == "f"]

    params = {name: each.default for name, each in op.parameters.items() if each.has_default} | dict(sample.params)
    made = op.forward(np, *args, **params)
    results = made if isinstance(made, tuple) else (made,)
    drawn = np.random.default_rng(1)
    upstream = {
        i: drawn.normal(size=np.shape(results[i])) for i in op.visible if np.asarray(results[i]).dtype.kind == "f"
    }

    def weighted(*floats: Any) -> Any:
        fed = dict(zip(places, floats, strict=True))
        found = op(*(fed.get(i, arg) for i, arg in enumerate(args)), **sample.params)
        outputs = dict(zip(op.visible, found if isinstance(found, tuple) else (found,), strict=True))
        return reduce(REGISTRY["add"], (REGISTRY["sum"](outputs[i] * g) for i, g in upstream.items()))

    gradients = vjp(weighted, *(args[i] for i in places))[1](1.0)
    given = {op.port_name(i): arg for i, arg in enumerate(args) if arg is not None}
    for output, value in zip(op.outputs, results, strict=True):
        given["result" if output.name in given else output.name] = value
    given["mean_"] = given.pop("mean", None)
    given |= {f"g_{op.outputs[i].name}": g for i, g in upstream.items()} | {"g": next(iter(upstream.values()))}
    return given, {op.port_name(i): g for i, g in zip(places, gradients, strict=True) if g is not None}


SPELLED = [op for op in REGISTRY if op.no_gradient is None and not op.gradients and not op.effect and op.vjp_rule]


@pytest.mark.parametrize("op", SPELLED, ids=lambda op: op.name)
def test_a_printed_gradient_can_be_computed_as_it_stands(op: Op) -> None:
    given, gradients = at_work(op)
    lines = dict(rules(op))
    for port, gradient in gradients.items():
        if port in lines and not lines[port].endswith("in evaluation"):
            found = computed(lines[port], np.shape(gradient), given)
            assert found.shape in (np.shape(gradient), ())  # one number stands for all
            assert np.broadcast_to(found, np.shape(gradient)) == pytest.approx(gradient, rel=2e-3, abs=1e-3)
