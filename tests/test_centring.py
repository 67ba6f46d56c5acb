"""A bias of which the mean is taken away at once: told where it has no effect, and only there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_diagnosing import built, found, weight
from timelines import drawn, source_of

from gradwire.core.diagnosing import HINT, diagnose
from gradwire.core.stepping import Timeline
from gradwire.core.stepping.explaining import ORDINARY, ZERO, why_gradient

NUMBERS = np.random.default_rng(0)
IMAGES = NUMBERS.normal(size=(4, 2, 5, 5)).round(3)
ROWS = NUMBERS.normal(size=(6, 3)).round(3)
KERNEL, MATRIX = NUMBERS.normal(size=(3, 2, 3, 3)), NUMBERS.normal(size=(3, 4))
RULE = "bias without effect"


def given(t: Any, numbers: Any, name: str = "x") -> str:
    return t.add("input", name=name, shape=numbers.shape, value=numbers.tolist())


def ended(t: Any, node: str) -> None:
    t.add("sum", name="loss", inputs={"x": t.add("square", inputs={"x": t.add("sin", inputs={"x": node})})})


def conv(t: Any, bias: str) -> str:
    return t.add("conv2d", name="conv", inputs={"x": given(t, IMAGES), "w": given(t, KERNEL, "w"), "bias": bias})


def linear(t: Any, bias: str) -> str:
    product = t.add("matmul", inputs={"x": given(t, ROWS), "w": given(t, MATRIX, "w")})
    return t.add("add", name="sum_", inputs={"x": product, "y": bias})


def bn(t: Any, x: str) -> str:
    return t.add("batch_norm", name="bn", inputs={"x": x})


def conv_bn(t: Any) -> None:
    ended(t, bn(t, conv(t, weight(t, "b", np.ones(3)))))


def group_norm(t: Any, groups: int) -> None:
    convolved = conv(t, weight(t, "b", np.array([1.0, 2.0, 3.0])))
    ended(t, t.add("group_norm", name="bn", inputs={"x": convolved}, params={"groups": groups}))


def conv_instance_norm(t: Any) -> None:
    group_norm(t, 3)


def conv_norm_of_whole_samples(t: Any) -> None:
    group_norm(t, 1)


def linear_bn(t: Any) -> None:
    ended(t, bn(t, linear(t, weight(t, "b", np.ones(4)))))


def passed_on(t: Any) -> None:
    ended(t, bn(t, t.add("identity", inputs={"x": linear(t, weight(t, "b", np.ones(4)))})))


def one_number_before_layer_norm(t: Any) -> None:
    ended(t, t.add("layer_norm", name="bn", inputs={"x": linear(t, weight(t, "b", 0.5))}))


def bent(t: Any) -> None:
    ended(t, bn(t, t.add("relu", inputs={"x": conv(t, weight(t, "b", np.ones(3)))})))


def used_elsewhere(t: Any) -> None:
    convolved = conv(t, weight(t, "b", np.ones(3)))
    ended(t, t.add("add", inputs={"x": bn(t, convolved), "y": convolved}))


def bias_used_elsewhere(t: Any) -> None:
    bias = weight(t, "b", np.ones(3))
    total = t.add("add", inputs={"x": bn(t, conv(t, bias)), "y": t.add("reshape", inputs={"x": bias}, shape=(3, 1, 1))})
    ended(t, total)


def by_feature_before_layer_norm(t: Any) -> None:
    ended(t, t.add("layer_norm", name="bn", inputs={"x": linear(t, weight(t, "b", np.arange(4.0)))}))


def by_sample(t: Any) -> None:
    ended(t, bn(t, linear(t, weight(t, "b", np.arange(6.0).reshape(6, 1)))))


def multiplied(t: Any) -> None:
    scaled = t.add("multiply", name="sum_", inputs={"x": given(t, ROWS), "y": weight(t, "b", np.ones(3) * 2)})
    ended(t, bn(t, scaled))


SICK = [conv_bn, conv_instance_norm, linear_bn, passed_on, one_number_before_layer_norm]
HEALTHY = [
    bent,
    conv_norm_of_whole_samples,
    used_elsewhere,
    bias_used_elsewhere,
    by_feature_before_layer_norm,
    by_sample,
    multiplied,
]


def gradient(timeline: Timeline) -> float:
    total = timeline.run.gradient(source_of(timeline, "b"))
    assert total is not None
    return float(np.max(np.abs(total)))


@pytest.mark.parametrize("build", SICK)
def test_a_bias_before_its_mean_is_taken_away_has_no_gradient_and_is_told_so(build: Any) -> None:
    timeline = drawn(build)
    assert gradient(timeline) < 1e-12
    why = why_gradient(timeline, source_of(timeline, "b"))
    assert why.kind == ZERO
    assert "takes the mean away" in why.text
    graph = timeline.run.asked.graph
    assert why.node is not None
    assert graph.path(why.node) == "bn"
    assert graph.path(why.way[0]) == "b"
    assert why.way[-1] == why.node
    (finding,) = (each for each in diagnose(timeline) if each.rule == RULE)
    assert (finding.level, graph.path(finding.node)) == (HINT, "b")
    assert finding.text == "it is added directly before bn, which takes the mean away again, so it has no effect"
    assert finding.mend.startswith("remove it")


@pytest.mark.parametrize("build", HEALTHY)
def test_a_bias_that_has_an_effect_is_left_in_peace(build: Any) -> None:
    timeline = drawn(build)
    assert gradient(timeline) > 1e-6 or build is multiplied  # a scale is taken away too, but it is no bias
    assert RULE not in [rule for rule, _, _ in found(timeline)]
    assert "takes the mean away" not in why_gradient(timeline, source_of(timeline, "b")).text
    other = "x" if build is multiplied else "w"
    assert why_gradient(timeline, source_of(timeline, other)).kind == ORDINARY


def test_by_running_statistics_the_bias_has_a_gradient_but_the_hint_stays() -> None:
    def build(t: Any) -> None:
        convolved = conv(t, weight(t, "b", np.ones(3)))
        ports = {"running_mean": weight(t, "mean", np.zeros(3)), "running_var": weight(t, "var", np.ones(3))}
        ended(t, t.add("batch_norm", name="bn", inputs={"x": convolved, **ports}))

    resting = built(build)
    assert resting.run.asked.mode == "eval"
    assert why_gradient(resting, source_of(resting, "b")).kind == ORDINARY
    assert gradient(resting) > 1e-6
    assert RULE in [rule for rule, _, _ in found(resting)]
