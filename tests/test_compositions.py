"""What must hold for every op that says of which simpler ones it is made: the same values and derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from op_cases import AT
from over import over
from test_ops import draw

from gradwire.core.builder import Builder
from gradwire.core.op import Aval, Op, Sample, promote
from gradwire.core.ops import builtin
from gradwire.core.transform import grad

COMPOSITE = {op.name: op for op in builtin() if op.composition_rule is not None}
CASES = [
    pytest.param(op, sample, id=f"{op.name}-{i}") for op in COMPOSITE.values() for i, sample in enumerate(op.samples)
]
NEAR = 1e-12  # of the largest number: both are sums of few terms, of which each is rounded some times
NEAR_32 = 1e-6


def composed(op: Op, params: dict[str, Any], *args: Any) -> Any:
    assert op.composition_rule is not None
    return op.composition_rule(*promote(op, args), **params)


def assert_near(found: Any, wanted: Any, near: float = NEAR) -> None:
    assert np.shape(found) == np.shape(wanted)
    assert np.asarray(found).dtype == np.asarray(wanted).dtype
    np.testing.assert_allclose(found, wanted, rtol=0, atol=near * float(np.max(np.abs(wanted), initial=1e-300)))


def weighted(f: Callable[..., Any], weights: Any, args: Sequence[Any], floats: Sequence[int]) -> Callable[..., Any]:
    """A number made of f's value, as a function of the arguments that are floats."""

    def total(*varied: Any) -> Any:
        given = list(args)
        for i, value in zip(floats, varied, strict=True):
            given[i] = value
        return (f(*given) * weights).sum()

    return total


def derivatives(f: Callable[..., Any], args: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The gradients for all arguments that are floats, and those of their slope in a random direction."""
    numbers = np.random.default_rng(5)
    floats = [i for i, arg in enumerate(args) if arg.dtype.kind == "f"]
    total = weighted(f, numbers.normal(size=np.shape(f(*args))), args, floats)
    directions = [numbers.normal(size=args[i].shape) for i in floats]
    values, which = [args[i] for i in floats], list(range(len(floats)))

    def slope(*varied: Any) -> Any:
        return sum((g * d).sum() for g, d in zip(grad(total, which)(*varied), directions, strict=True))

    return list(grad(total, which)(*values)), list(grad(slope, which)(*values))


@over(CASES)
def test_a_composition_has_the_value_and_the_derivatives_of_its_op(op: Op, sample: Sample) -> None:
    params, args = op.check_parameters(sample.params), draw(sample, seed=3)
    assert_near(composed(op, params, *args), op(*args, **params))
    wanted = derivatives(partial(op, **params), args)
    found = derivatives(partial(composed, op, params), args)
    for order in (0, 1):
        for mine, fused in zip(found[order], wanted[order], strict=True):
            assert_near(mine, fused)


PLACES = [(name, i) for name in AT if name in COMPOSITE for i in range(len(AT[name]))]


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_a_composition_is_its_op_with_masked_classes_and_below_the_least_variance(name: str, place: int) -> None:
    op, (values, params) = COMPOSITE[name], AT[name][place]
    params, args = op.check_parameters(params), [np.array(value) for value in values]
    with np.errstate(invalid="ignore", divide="ignore"):  # of the sum of infinities, and of too few for a variance
        np.testing.assert_allclose(composed(op, params, *args), op(*args, **params), rtol=1e-12)
        found, wanted = (derivatives(f, args)[0] for f in (partial(composed, op, params), partial(op, **params)))
    for mine, fused in zip(found, wanted, strict=True):
        finite = ~np.isinf(fused)  # the slope of a probability of 0 is infinite where its class is masked
        np.testing.assert_allclose(np.asarray(mine)[finite], fused[finite], rtol=1e-9, atol=1e-12)


@over(CASES)
def test_a_composition_of_float32_stays_float32(op: Op, sample: Sample) -> None:
    params, args = op.check_parameters(sample.params), draw(sample, "float32")
    assert_near(composed(op, params, *args), op(*args, **params), NEAR_32)


@over(CASES)
def test_a_composition_is_made_of_other_ops_and_ends(op: Op, sample: Sample) -> None:
    waiting, seen = [(op, op.check_parameters(sample.params), [Aval(a.shape, a.dtype) for a in draw(sample)])], []
    while waiting:
        current, params, avals = waiting.pop()
        builder = Builder()
        symbols = [builder.input(f"x{i}", aval) for i, aval in enumerate(avals)]
        assert composed(current, dict(params), *symbols).aval == current.infer(avals, params)[0]
        seen.append(current.name)
        for step in builder.steps:
            assert step.op is not current
            if step.op.composition_rule is not None:
                waiting.append((step.op, step.params, [builder.avals[a] for a in step.args if a is not None]))
        assert len(seen) < 50


# The logits at which what is computed step by step without care overflows, or is the logarithm of 0.
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "cross_entropy", "nll"])
def test_rows_are_composed_without_overflow(name: str) -> None:
    op = COMPOSITE[name]
    args: tuple[Any, ...] = (np.array([[1000.0, -1000.0, 999.0], [-2e4, 0.0, 1.0]]),)
    if op.category == "loss":
        args = (*args, np.array([2, 1]))
    params = op.check_parameters({})
    assert_near(composed(op, params, *args), op(*args))
    (found,), (wanted,) = (derivatives(f, args)[0] for f in (partial(composed, op, params), op))
    assert_near(found, wanted)


def test_the_binary_loss_is_composed_without_overflow_of_its_logarithms() -> None:
    op, args = COMPOSITE["binary_cross_entropy"], (np.array([300.0, -300.0, 40.0]), np.array([1.0, 0.0, 0.0]))
    params = op.check_parameters({"reduction": "none"})
    assert_near(composed(op, params, *args), op(*args, **params))
