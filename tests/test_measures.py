"""What diagnoses of one iteration and of a run both measure: by what ops say and do, not by their names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_diagnosing import built, found, weight
from timelines import timeline_of, value

from gradwire.core.document import Document
from gradwire.core.extend import Registry
from gradwire.core.op import op
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.signature import Flat

CHANNELS = np.array([-50.0, 1.0, -50.0, 50.0])  # what is added to each before it is bent


@pytest.mark.parametrize(("op", "dead"), [("relu", 2), ("relu6", 3), ("hardswish", 2), ("leaky_relu", 0), ("gelu", 0)])
def test_dead_channels_of_pictures_are_found_whatever_is_off_like_a_relu(op: str, dead: int) -> None:
    def build(t: Any) -> None:
        pictures = np.random.default_rng(0).uniform(-2, 2, (3, 4, 5, 6)) + CHANNELS[:, None, None]
        t.add("sum", inputs={"x": t.add(op, name="h", inputs={"x": value(t, "x", pictures.tolist())})})

    told = [text for rule, _, text in found(built(build)) if rule == "dead units"]
    assert [text.split(" let ")[0] for text in told] == [f"{dead} of 4 units"] * bool(dead)


@op(formula="bend(x)", category="activation", samples=[((2,),)], floating=True, expr="fmax(x, 0)")
def bend(xp: Any, x: Any) -> Any:
    """A ReLU that a stranger has brought."""
    return xp.maximum(x, 0)


bend.shape(lambda x: x)
bend.vjp(lambda g, y, x: (g * (x > 0),))
bend.flat = {"x": Flat("is off", "are not above 0", "is not above 0")}


@op(formula="squash(x)", category="test", samples=[((2,),)], floating=True, expr="x / sqrt(1 + x * x)")
def squash(xp: Any, x: Any) -> Any:
    """Flat far out on both sides."""
    return x / xp.sqrt(1 + x * x)


squash.shape(lambda x: x)
squash.vjp(lambda g, y, x: (g * (1 - y * y) ** 1.5,))


def test_ops_of_a_stranger_are_diagnosed_by_what_they_say_and_do() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, -1.0, -2.0], [2.0, -1.0, 1.0]])
        t.add("bend", name="bent", inputs={"x": x})
        t.add("squash", name="squashed", inputs={"x": value(t, "far", [9.0, -9.0, 0.0, 8.0])})

    document = Document(registry=Registry([*builtin(), bend, squash]))
    with document.transaction("Build") as t:
        build(t)
    told = {(rule, path) for rule, path, _ in found(timeline_of(Session(document)))}
    assert told == {("dead units", "bent"), ("saturated", "squashed")}


@pytest.mark.parametrize("op", ["tanh", "sigmoid", "hardtanh", "hardsigmoid", "softsign", "erf", "arctan"])
def test_whatever_is_flat_on_both_sides_is_saturated_far_out(op: str) -> None:
    for numbers, expected in (([90.0, -90.0, 0.0, 80.0], ["saturated"]), ([0.1, 0.2, -0.1, 0.3], [])):

        def build(t: Any, numbers: Any = numbers) -> None:
            t.add("sum", inputs={"x": t.add(op, name="s", inputs={"x": value(t, "x", numbers)})})

        assert [rule for rule, _, _ in found(built(build))] == expected


@pytest.mark.parametrize("op", ["relu", "relu6", "exp", "sin", "sign", "softplus", "square", "reciprocal"])
def test_what_is_not_flat_on_both_sides_is_not_saturated(op: str) -> None:
    def build(t: Any) -> None:
        t.add("sum", inputs={"x": t.add(op, name="s", inputs={"x": value(t, "x", [9.0, -9.0, -8.0, 8.0])})})

    assert "saturated" not in [rule for rule, _, _ in found(built(build))]


@pytest.mark.parametrize("loss", ["cross_entropy", "nll"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_loss_of_guessing_is_told_by_the_op_itself(loss: str, reduction: str) -> None:
    def build(t: Any, scale: float) -> None:
        scores = weight(t, "w", [[scale, 0.0], [0.0, scale]])
        port = "logits"
        if loss == "nll":
            scores, port = t.add("log_softmax", inputs={"x": scores}), "log_probabilities"
        target = t.add("input", name="target", shape=(2,), dtype="int64", value=[1, 0])
        t.add(loss, name="loss", inputs={port: scores, "target": target}, reduction=reduction)

    guessing = "ln 2 = 0.693" if reduction == "mean" else "ln 4 = 1.39"
    starts = [text for rule, _, text in found(built(lambda t: build(t, 8.0), "loss")) if rule == "loss at start"]
    assert starts == [f"it starts at {8 if reduction == 'mean' else 16}, guessing gives {guessing}"]
    assert "loss at start" not in [rule for rule, _, _ in found(built(lambda t: build(t, 0.01), "loss"))]
