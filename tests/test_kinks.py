"""Where ops have no derivative: each says where and what it gives there, no kink is left unsaid, and it is so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kinks import Place, Slopes, kinks, weights
from op_cases import Case, spelled
from test_compositions import composed
from timelines import drawn, value

from gradwire.core import vjp
from gradwire.core.op import Op
from gradwire.core.ops import builtin
from gradwire.core.records import Record
from gradwire.core.signature import Kink
from gradwire.core.stepping.adjoints import at_kinks, kink_text

OPS = {found.name: found for found in builtin()}
SMOOTH = [op for op in builtin() if op.vjp_rule is not None and op.ports and not op.effect]
FOUND: dict[str, list[tuple[Place, Slopes]]] = {}
UNSAID = {
    "max_pool2d": "of elements that tie under a window the first gets all, as its docstring tells: a matter of windows",
    "gaussian_nll": "below the least variance its gradient goes on as above it on purpose, as its docstring tells",
}
KINKED = [op for op in SMOOTH if op.kinks or op.name in UNSAID]
# Whose gradient there need not lie between the slopes, or whose places no mask finds.
APART = {"gaussian_nll": UNSAID["gaussian_nll"], "triplet_margin": "vectors that are equal are 1e-6 from a kink"}
ROOTED = {"hypot", "std", "norm"}  # the root in the composition has an infinite slope at 0, which times 0 is NaN


def found_of(op: Op) -> list[tuple[Place, Slopes]]:
    if op.name not in FOUND:
        FOUND[op.name] = list(kinks(op))
    return FOUND[op.name]


def gradient(f: Any, place: Place) -> np.ndarray[Any, Any]:
    """Of the weighted sum whose slopes were found."""

    def total(x: Any) -> Any:
        made = f(*(x if i == place.port else arg for i, arg in enumerate(place.args)), **place.params)
        every = made if isinstance(made, tuple) else (made,)
        return sum((y * weights(y.shape)).sum() for y in every if y.dtype.kind == "f")

    with np.errstate(all="ignore"):
        _, pull = vjp(total, place.args[place.port])
        return np.asarray(pull()[0])


@pytest.mark.parametrize("op", [op for op in SMOOTH if op not in KINKED], ids=lambda op: op.name)
def test_an_op_that_says_no_kink_has_none(op: Op) -> None:
    assert found_of(op) == []


@pytest.mark.parametrize("op", KINKED, ids=lambda op: op.name)
def test_an_op_has_the_kinks_that_it_says(op: Op) -> None:
    found = found_of(op)
    assert found
    for place, _ in found if op.kinks and op.name not in APART else ():
        masks = [np.asarray(kink.where(*place.args, **place.params)) for kink in op.kinks]
        shape = place.args[0].shape if place.port == 0 else None  # masks are of the elements of the first argument
        assert any(mask[place.index] if mask.shape == shape else mask.any() for mask in masks), place


@pytest.mark.parametrize("op", [op for op in KINKED if op.name not in APART], ids=lambda op: op.name)
def test_a_gradient_at_a_kink_lies_between_both_slopes(op: Op) -> None:
    for place, slopes in found_of(op):
        given = gradient(op, place)[place.index]
        low, high = sorted((slopes.below, slopes.above))
        assert low - 1e-4 - slopes.noise <= given <= high + 1e-4 + slopes.noise, place


@pytest.mark.parametrize("op", [op for op in KINKED if op.composition_rule is not None], ids=lambda op: op.name)
def test_a_composition_has_the_gradient_of_its_op_at_kinks(op: Op) -> None:
    def expanded(*args: Any, **params: Any) -> Any:
        return composed(op, params, *args)

    alike = [np.allclose(gradient(op, place), gradient(expanded, place), rtol=1e-6) for place, _ in found_of(op)]
    assert all(alike) or op.name in ROOTED


# For the kinks of ops arguments at which every element of the first lies on one, with slopes that no weight changes.
SAID: list[tuple[str, int, tuple[Any, ...], dict[str, Any]]] = [
    ("relu", 0, ([0.0, 0.0],), {}),
    ("leaky_relu", 0, ([0.0, 0.0],), {"slope": 0.25}),
    ("leaky_relu", 0, ([0.0, 0.0],), {"slope": 2.0}),
    ("abs", 0, ([0.0, 0.0],), {}),
    ("maximum", 0, ([2.0, -1.0], [2.0, -1.0]), {}),
    ("minimum", 0, ([2.0, -1.0], [2.0, -1.0]), {}),
    ("max", 0, ([3.0, 3.0],), {}),
    ("min", 0, ([3.0, 3.0],), {}),
    ("norm", 0, ([0.0, 0.0],), {}),
    ("norm", 0, ([0.0, 0.0],), {"ord": 1.0}),
    ("norm", 1, ([3.0, 3.0],), {"ord": float("inf")}),
    ("norm", 1, ([3.0, 3.0],), {"ord": -float("inf")}),
    ("hypot", 0, ([0.0, 0.0], [0.0, 0.0]), {}),
    ("clip", 0, ([0.5, -0.5],), {"low": -0.5, "high": 0.5}),
    ("elu", 0, ([0.0, 0.0],), {"alpha": 0.25}),
    ("selu", 0, ([0.0, 0.0],), {}),
    ("relu6", 0, ([6.0, 0.0],), {}),
    ("hardtanh", 0, ([1.5, -0.5],), {"low": -0.5, "high": 1.5}),
    ("hardsigmoid", 0, ([3.0, -3.0],), {}),
    ("hardswish", 0, ([-3.0, -3.0],), {}),
    ("hardswish", 1, ([3.0, 3.0],), {}),
    ("threshold", 0, ([0.5, 0.5],), {"threshold": 0.5, "value": 0.5}),
    ("softshrink", 0, ([0.25, -0.25],), {"threshold": 0.25}),
    ("prelu", 0, ([0.0, 0.0], 0.25), {}),
    ("mae", 0, ([1.0, 2.0], [1.0, 2.0]), {"reduction": "sum"}),
    ("smooth_l1", 0, ([1.0, 2.0], [1.0, 2.0]), {"reduction": "sum", "beta": 0.0}),
    ("hinge", 0, ([-1.0, -1.0], [0, 0]), {"reduction": "sum"}),
    ("margin_ranking", 0, ([0.0, 1.0], [0.5, 1.5], [0, 0]), {"reduction": "sum", "margin": 0.5}),
]
# What these say is no number, or one for whatever weight an element has.
IN_WORDS = {
    "cosine_similarity",
    "std",
    "sort",
    "top_k",
    "median",
    "quantile",
    "pad",
    "multi_margin",
    "cosine_embedding",
    "triplet_margin",
}
EACH = pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said[0]}-{said[1]}")


def kinked(said: Any) -> tuple[Op, Kink, list[Any], dict[str, Any]]:
    name, which, args, params = said
    found = OPS[name]
    return found, found.kinks[which], [np.array(arg) for arg in args], found.check_parameters(params)


def numbers(op: Op, kink: Kink, args: list[Any], params: dict[str, Any]) -> tuple[Any, ...]:
    """What a kink says, with arguments put in."""
    scalars = {port.name: float(arg) for port, arg in zip(op.ports, args, strict=False) if not arg.ndim}
    return kink.numbers({**params, **scalars})


def test_the_numbers_of_every_kink_are_held() -> None:
    every = {(op.name, i) for op in builtin() for i in range(len(op.kinks)) if op.name not in IN_WORDS}
    assert every == {(name, which) for name, which, _, _ in SAID}


def _slope(found: Op, args: list[Any], params: dict[str, Any], place: int, step: float) -> float:
    """How steep an op is from `args` on, with a step of one element of the first."""
    moved = args[0].copy()
    moved[place] += step
    before, after = (found.forward(np, x, *args[1:], **params) for x in (args[0], moved))
    return float(np.sum(after - before)) / step


@EACH
def test_the_convention_at_a_kink_is_what_the_rule_gives(said: Any) -> None:
    found, kink, args, params = kinked(said)
    given, low, high, _ = numbers(found, kink, args, params)
    y = found.forward(np, *args, **params)
    entry = found.vjp_rule(np.ones_like(y), y, *args, **params)[0]
    np.testing.assert_array_equal(entry() if callable(entry) else entry, np.full(2, given))
    for place in range(2):
        slopes = []
        for side in (-1, 1):
            # Of two steps, so that what is curved beside its kink is no matter.
            near, far = (_slope(found, args, params, place, side * step) for step in (5e-6, 1e-5))
            slopes.append(2 * near - far)
        assert sorted(slopes) == pytest.approx([low, high], abs=1e-9)
    assert low <= given <= high


@EACH
def test_elements_at_a_kink_are_found_and_others_are_not(said: Any) -> None:
    found, kink, args, params = kinked(said)

    def mask(first: Any) -> list[bool]:
        return dict(at_kinks(Record(found, [first, *args[1:]], args[0], params, 0, None)))[kink].tolist()

    assert mask(args[0]) == [True, True]
    beside = mask(args[0] + [0.0, 0.1])
    together = found.name in ("max", "min") or (found.name == "norm" and params["ord"] != 1)  # none ties alone
    assert beside == ([False, False] if together else [True, False])


def test_an_op_without_a_kink_is_at_none() -> None:
    x = np.zeros(2)
    assert at_kinks(Record(OPS["exp"], [x], x, {}, 0, None)) == ()


@EACH
def test_pytorch_gives_at_a_kink_what_is_said_of_it(said: Any) -> None:
    torch = pytest.importorskip("torch")
    found, kink, args, params = kinked(said)
    tensors = [torch.tensor(arg, requires_grad=arg.dtype.kind == "f") for arg in args]
    spelled(Case("", found, tuple(args), params))(*tensors).sum().backward()
    wanted = float(numbers(found, kink, args, params)[3])
    assert tensors[0].grad.tolist() == pytest.approx([wanted] * 2, nan_ok=True)


# Ties of which the mask must tell those that count from those that do not.
TIES: list[tuple[str, list[float], dict[str, Any], list[bool]]] = [
    ("sort", [2.0, 1.0, 2.0], {}, [True, False, True]),
    ("sort", [2.0], {}, [False]),
    ("top_k", [1.0, 1.0, 3.0, 2.0], {"k": 2}, [False] * 4),
    ("top_k", [1.0, 1.0, 3.0, 2.0], {"k": 3}, [True, True, False, False]),
    ("top_k", [1.0, 1.0, 3.0, 2.0], {"k": 1, "largest": False}, [True, True, False, False]),
    ("median", [1.0, 2.0, 2.0], {}, [False, True, True]),
    ("median", [1.0, 2.0, 2.0, 3.0], {}, [False] * 4),  # each has half, whichever is the first
    ("quantile", [1.0, 2.0, 2.0, 3.0], {"q": 0.4}, [False, True, True, False]),
    ("std", [1.0, 1.0], {}, [True, True]),
    ("std", [1.0, 2.0], {}, [False, False]),
    ("threshold", [0.5], {"threshold": 0.5, "value": 0.0}, [False]),  # a jump
]


@pytest.mark.parametrize(("name", "x", "params", "wanted"), TIES)
def test_ties_that_count_are_told_from_others(name: str, x: list[float], params: Any, wanted: list[bool]) -> None:
    found = OPS[name]
    (kink,) = found.kinks
    assert np.asarray(kink.where(np.array(x), **found.check_parameters(params))).tolist() == wanted


def test_a_kink_is_told_in_a_line() -> None:
    def told(name: str, which: int = 0, **params: Any) -> str:
        return kink_text(OPS[name], OPS[name].kinks[which], OPS[name].check_parameters(params))

    assert told("relu") == "relu′ = 0 at x = 0 here; any value in [0, 1] is a valid sub-gradient; PyTorch has 0"
    assert told("leaky_relu", slope=2.0) == (
        "leaky_relu′ = 2 at x = 0 here; any value in [1, 2] is a valid sub-gradient; PyTorch has 2"
    )
    assert told("hardswish", 1) == (
        "hardswish′ = 1 at x = 3 here; any value in [1, 1.5] is a valid sub-gradient; PyTorch has 1"
    )
    assert told("prelu") == (
        "prelu′ = slope at x = 0 here; any value in [slope, 1] is a valid sub-gradient; PyTorch has slope"
    )
    assert told("mae") == (
        "mae′ of each loss = 0 at prediction = target here; any value in [−1, 1] is a valid sub-gradient; PyTorch has 0"
    )


def test_a_loss_at_its_margin_is_told_where_it_is_stepped() -> None:
    def build(t: Any) -> None:
        target = t.add("input", shape=(2,), dtype="int64", value=[1, 1])
        t.add("hinge", inputs={"prediction": value(t, "x", [1.0, 3.0]), "target": target})

    timeline = drawn(build)
    (delivery,) = (d for step in timeline.steps for d in step.deliveries if d.port == "prediction")
    ((kink, near),) = at_kinks(delivery.record)
    assert near.tolist() == [True, False]
    assert kink.of == "what is missing"
