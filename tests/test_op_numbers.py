"""Every op's value, gradient, forward derivative and second order are PyTorch's, at its samples and at extremes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from op_cases import ALL, FOLDER, Case, cases, family, ours, pytorch
from peers import with_torch

from gradwire.core.ops import builtin

CASES = [pytest.param(case, id=case.key.replace(" ", "-")) for op in ALL.values() for case in cases(op)]


class Differs(NamedTuple):
    """Where Gradwire differs from PyTorch on purpose: `why`, at the elements that `where` finds among the arguments, or
    everywhere in the digits beyond `rtol`.
    """

    why: str
    where: Callable[..., Any] | None = None
    rtol: float = 1e-9


def _unbounded(x: Any) -> Any:
    return np.isinf(x)


def _missing(x: Any) -> Any:
    return np.isnan(x)


def _zero(x: Any) -> Any:
    return x == 0


def _beside_infinities(x: Any) -> Any:
    return np.full(x.shape, np.isinf(x).any())


def _held(x: Any, y: Any) -> Any:
    """Which elements are of vectors of which one is not longer than eps, 0.5 in the cases."""
    short = [np.linalg.norm(each, axis=-1, keepdims=True) <= 0.5 for each in (x, y)]
    return np.broadcast_to(short[0] | short[1], x.shape)


def _anywhere(*_: Any) -> Any:
    return np.True_


_LIMIT = Differs("PyTorch has NaN at an infinity, where the limit is finite", _unbounded)
_NAN = Differs(
    "the gradient at NaN passes, as it does in PyTorch's relu; here it is 0 for some of the places of one "
    "tensor, and passes at the rest, by how many fill a vector of the processor",
    _missing,
)
_SECOND = Differs(
    "PyTorch has NaN at an infinity, where the limit is 0; at NaN its slope is 0", lambda x: ~np.isfinite(x)
)
_HELD = "PyTorch lets a vector that is held at eps move with its length"
_PRODUCT = Differs("PyTorch divides the product by the element, ∞ / ∞, or takes 0 · ∞ as 0", _beside_infinities)
_CORNER = Differs("PyTorch divides 0 by 0 at (0, 0)", lambda x, y: (x == 0) & (y == 0))
# By the op (or one case of it) and the quantity, of one port where it is followed by its position.
DIFFERENT: dict[tuple[str, str], Differs] = {
    **{(f"{name} extremes", "value"): _LIMIT for name in ("gelu", "silu", "mish", "softsign", "hardswish")},
    **{
        (f"{name} extremes", quantity): _LIMIT
        for name in ("gelu", "silu", "mish", "softsign")
        for quantity in ("gradient", "forward")
    },
    **{(f"{name} extremes", "second"): _LIMIT for name in ("gelu", "softsign")},
    **{(f"{name} extremes", "second"): _SECOND for name in ("erf", "erfc", "silu")},
    ("mish extremes", "second"): Differs(
        "PyTorch has NaN where the exponential overflows, though the limit is 0", lambda x: np.abs(x) >= 1e4
    ),
    **{
        (f"{name} extremes", quantity): _NAN
        for name in ("relu6", "hardtanh", "softshrink", "hardshrink")
        for quantity in ("gradient", "forward")
    },
    ("hardsigmoid", "gradient"): Differs("PyTorch has 1 / 6 in float32", rtol=1e-7),
    ("prelu extremes", "gradient 1"): Differs(
        "PyTorch multiplies 0 by ∞ where x is infinite and above 0", lambda x, slope: x == np.inf
    ),
    ("prelu extremes", "gradient 0"): Differs(
        "PyTorch multiplies 0 by the slope where x is above 0", lambda x, slope: (x > 0) & ~np.isfinite(slope)
    ),
    ("cross_entropy at 3", "value"): Differs(
        "PyTorch multiplies 0 by −∞ for a class that is masked and not wanted", lambda *_: np.True_
    ),
    ("logaddexp extremes", "second"): Differs(
        "PyTorch multiplies 0 by ∞ beside an infinity", lambda x, y: np.isinf(x) | np.isinf(y)
    ),
    ("prelu extremes", "second 0"): Differs(
        "PyTorch follows the slope at NaN, where neither side is", lambda x, slope: np.isnan(x)
    ),
    ("power extremes", "second"): Differs(
        "at exponent 0 PyTorch has no mixed derivative, x⁻¹, and at base 0 its logarithm is −∞",
        lambda x, y: (x == 0) | (y == 0),
    ),
    ("power extremes", "forward"): Differs(
        "PyTorch multiplies 0 by the logarithm of base 0, −∞", lambda x, y: (x == 0) & (y == 0)
    ),
    ("power at", "value"): Differs(
        "at −∞ the power of one exponent 0.5 is its square root, NaN, as NumPy takes it, and PyTorch for a number; for "
        "a tensor PyTorch has ∞, as ours is for as many exponents as bases",
        lambda x, y: x == -np.inf,
    ),
    **{(name, quantity): _PRODUCT for name in ("prod at", "cumprod at") for quantity in ("gradient", "second")},
    ("prod at", "forward"): _PRODUCT._replace(where=_anywhere),
    ("cumprod at", "forward"): _PRODUCT,
    ("norm at", "second"): Differs("PyTorch multiplies 0 by the infinite power of an element of 0", _zero),
    ("mean at", "forward"): Differs("PyTorch's gradient of no elements is none; torch.func.jvp gives NaN", _anywhere),
    ("glu at", "second"): Differs(
        "the second slope of the gate of an infinite element is made of two terms here, ∞ − ∞",
        lambda x: np.isinf(x[::-1]),
    ),
    **{
        ("cross_entropy at 5", quantity): Differs(
            "PyTorch multiplies the softmax of a row that is ignored, NaN, by 0", lambda x, *_: np.isinf(x)
        )
        for quantity in ("gradient", "second")
    },
    **{
        ("cosine_similarity at", quantity): Differs(_HELD, where)
        for quantity, where in (("gradient", _held), ("forward", lambda x, y: _held(x, y)[:, 0]), ("second", _held))
    },
    **{
        (f"{name} at", "value"): Differs("PyTorch has NaN beside an infinity: it multiplies it by 0", _anywhere)
        for name in ("median", "quantile")
    },
    ("sign extremes", "value"): Differs("of NaN PyTorch has 0", _missing),
    **{
        ("cbrt extremes", quantity): Differs("PyTorch, which has no cube root, multiplies 0 by ∞ at 0", _zero)
        for quantity in ("gradient", "forward", "second")
    },
    **{("hypot extremes", quantity): _CORNER for quantity in ("gradient", "forward")},
    **{(f"{name} extremes", "second"): _CORNER for name in ("hypot", "arctan2")},
    **{
        ("arccosh extremes", quantity): Differs(
            "PyTorch has a slope from −1 down, where there is no value", lambda x: x <= -1
        )
        for quantity in ("gradient", "forward", "second")
    },
}
# Of these no PyTorch function computes the same.
WITHOUT_PEER: dict[str, str] = {
    "assign": "passes its value on; the name that it writes is of a graph",
    **{op.name: "draws random numbers of its own" for op in builtin() if op.takes_mode and op.takes_state},
}
MAKE = "the author of an op runs .venv/bin/python tests/make_op_numbers.py"


@cache
def stored(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def differs(case: Case, name: str, position: int) -> Differs | None:
    """In what the quantity of `case` may differ, at a port where it is one of a port."""
    keys = ((key, quantity) for key in case.names for quantity in (f"{name} {position}", name))
    return next((DIFFERENT[key] for key in keys if key in DIFFERENT), None)


def assert_same(case: Case, wanted: dict[str, Any]) -> None:
    """Ours is `wanted`, in every quantity that both have and at every element at which it need not differ."""
    found = ours(case)
    assert wanted.keys() - found.keys() == set() or case.op.no_gradient, "quantities of PyTorch that we lack"
    for name, arrays in wanted.items():
        for position, (mine, theirs) in enumerate(zip(found.get(name, arrays), arrays, strict=True)):
            expected = np.asarray(theirs)
            assert np.shape(mine) == expected.shape, name
            differing = differs(case, name, position)
            rtol = 1e-9 if differing is None else differing.rtol
            if differing is not None and differing.where is not None:
                alike = ~differing.where(*case.args)
                mine, expected = mine[alike], expected[alike]
            np.testing.assert_allclose(mine, expected, rtol=rtol, atol=1e-11, err_msg=f"{case.key}: {name}")


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_those_that_pytorch_gave(case: Case) -> None:
    numbers = stored(family(case.op)).get(case.key)
    assert numbers is not None, f"no numbers of PyTorch are stored for {case.key}: {MAKE} {family(case.op)}"
    assert numbers["of"] == case.of, f"the numbers were made of another sample: {MAKE} {family(case.op)}"
    assert_same(case, {name: value for name, value in numbers.items() if name != "of"})


@pytest.mark.parametrize("case", with_torch(CASES))
def test_the_numbers_are_those_that_pytorch_gives(case: Case) -> None:
    assert_same(case, pytorch(case))


@pytest.mark.parametrize(("name", "quantity"), DIFFERENT)
def test_what_is_said_to_differ_does(name: str, quantity: str) -> None:
    """At some of the elements, so that no reason outlives what it was given for."""
    differing, (quantity, *at) = DIFFERENT[name, quantity], quantity.split()
    found = []
    for case in (case for op in ALL.values() for case in cases(op) if name in case.names):
        pairs = list(zip(ours(case)[quantity], stored(family(case.op))[case.key][quantity], strict=True))
        for mine, theirs in [pairs[int(at[0])]] if at else pairs:
            where = ... if differing.where is None else differing.where(*case.args)
            found.append(np.allclose(mine[where], np.asarray(theirs)[where], rtol=1e-9, atol=1e-11, equal_nan=True))
    assert not all(found)


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
UNSAMPLED = {"stream", "seed", "dtype", "mode", "message", "every", "first", "show", "phase", "node"}


@pytest.mark.parametrize("name", [op.name for op in builtin() if op.parameters and op.ports])
def test_the_samples_of_an_op_cover_its_parameters(name: str) -> None:
    op = builtin()[name]
    sampled = [op.check_parameters(sample.params) for sample in op.samples]
    moved = {key for params in sampled for key, value in params.items() if value != op.defaults.get(key)}
    assert set(op.parameters) - moved - UNSAMPLED == set()
