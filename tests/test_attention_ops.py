"""Attention, the norms beside it, and convolutions of sequences: known answers, conventions at extremes, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_op_errors import inferred

from gradwire.core import vjp
from gradwire.core.errors import ShapeError
from gradwire.core.ops import builtin
from gradwire.core.tape import Tensor

OPS = {found.name: found for found in builtin()}
ATTENTION = OPS["scaled_dot_product_attention"]
INF, NAN = float("inf"), float("nan")
NUMBERS = np.random.default_rng(0)
Q, K, V = (NUMBERS.normal(size=shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 2)))


# Attention.


def test_queries_that_match_no_key_better_than_another_get_the_mean_of_the_values() -> None:
    v = np.array([[1.0, 10.0], [3.0, 30.0]])
    assert ATTENTION(np.zeros((1, 4)), np.ones((2, 4)), v).tolist() == [[2.0, 20.0]]


def test_the_scale_is_one_by_the_root_of_the_length_where_none_is_given() -> None:
    np.testing.assert_allclose(ATTENTION(Q, K, V), ATTENTION(Q, K, V, scale=0.5), rtol=1e-15)
    assert ATTENTION(Q.astype("float32"), K.astype("float32"), V.astype("float32")).dtype == np.float32


def test_a_causal_query_sees_itself_and_what_is_before_it() -> None:
    v = NUMBERS.normal(size=(2, 3, 2))
    y = ATTENTION(Q, Q, v, causal=True)
    np.testing.assert_allclose(y[:, 0], v[:, 0], rtol=1e-15)
    later = v.copy()
    later[:, 2] = 100
    np.testing.assert_array_equal(ATTENTION(Q, Q, later, causal=True)[:, :2], y[:, :2])


def test_a_mask_of_truths_and_one_of_infinities_hide_the_same_keys() -> None:
    mask = np.array([[True, True, False, False, True]] * 3)
    hidden = np.where(mask, 0, -INF)
    np.testing.assert_array_equal(ATTENTION(Q, K, V, mask), ATTENTION(Q, K, V, hidden))
    np.testing.assert_allclose(ATTENTION(Q, K, V, mask), ATTENTION(Q, K[:, [0, 1, 4]], V[:, [0, 1, 4]]), rtol=1e-12)
    for each in (mask, hidden.astype("float32")):  # with both, a key must be open in each
        both = np.where(mask & np.tri(3, 5, dtype=bool), 0, -INF)
        np.testing.assert_array_equal(ATTENTION(Q, K, V, each, causal=True), ATTENTION(Q, K, V, both))


@pytest.mark.parametrize("hidden", [np.zeros((3, 5), bool), np.full((3, 5), -INF)])
def test_a_query_that_may_look_nowhere_gets_0_and_gives_no_gradient(hidden: Any) -> None:
    mask = hidden.copy()
    mask[0] = hidden.dtype.kind == "b"
    y, pull = vjp(lambda q, k, v: ATTENTION(q, k, v, mask), Q, K, V)
    assert not y[:, 1:].any()
    of_q, *others = pull(np.ones(y.shape))
    assert not of_q[:, 1:].any()
    assert all(np.isfinite(each).all() for each in (of_q, *others))


def test_large_scores_do_not_overflow() -> None:
    y = ATTENTION(np.array([[1e4]]), np.array([[1e4], [-1e4]]), np.array([[1.0], [2.0]]))
    assert y.tolist() == [[1.0]]


def test_the_gradient_of_a_mask_has_its_own_dtype_and_shape() -> None:
    mask = np.zeros((3, 5), "float32")
    _, pull = vjp(lambda m: ATTENTION(Q, K, V, m), mask)
    (found,) = pull(np.ones((2, 3, 2)))
    assert (found.dtype, found.shape) == (np.float32, (3, 5))


def test_heads_and_batches_broadcast() -> None:
    shared = ATTENTION(Q, K[0], V[1])
    np.testing.assert_allclose(shared[1], ATTENTION(Q[1], K[0], V[1]), rtol=1e-12)
    y, pull = vjp(lambda k: ATTENTION(Q, k, V), K[0])
    (found,) = pull(np.ones(y.shape))
    assert found.shape == K[0].shape


def test_of_many_keys_the_first_are_told_one_by_one_and_the_rest_as_a_sum() -> None:
    k, v = NUMBERS.normal(size=(9, 4)), NUMBERS.normal(size=(9, 2))
    y, weights = ATTENTION.forward(np, Q, k, v, **ATTENTION.check_parameters({}))
    told = ATTENTION.element((1, 2, 0), (y, weights), Q, k, v, mask=None)  # type: ignore[misc]
    numbers = list(told.numbers.values())
    assert numbers[0::2][:6] == weights[1, 2, :6].tolist()
    assert numbers[1::2][:6] == v[:6, 0].tolist()
    assert sum(w * x for w, x in zip(numbers[:12:2], numbers[1:12:2], strict=True)) + told.numbers["rest"] == (
        pytest.approx(y[1, 2, 0])
    )
    assert told.says.endswith("; the rest is of keys 6 to 8")


def test_what_it_costs_is_its_two_products_and_the_softmax() -> None:
    avals = [Tensor(each).aval for each in (Q, K, V)]
    rule = ATTENTION.flops_rule
    assert rule is not None
    assert rule(*avals, causal=False, scale=None) == 2 * 30 * 4 + 5 * 30 + 2 * 12 * 5


# Normalisation.


def test_the_root_mean_square_becomes_1_and_no_mean_is_taken_away() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(OPS["rms_norm"](x, eps=0.5), x / np.sqrt([[13.0], [0.5]]), rtol=1e-15)
    assert OPS["rms_norm"](x, np.array([1.0, 0.0])).tolist()[1] == [0.0, 0.0]


def test_groups_of_channels_are_normalised_each_by_itself() -> None:
    x = NUMBERS.normal(size=(2, 4, 3, 2)) * 5 + 7
    y = OPS["group_norm"](x, groups=2, eps=0.0)
    for part in (y[:, :2], y[:, 2:]):
        np.testing.assert_allclose(part.mean((1, 2, 3)), 0, atol=1e-12)
        np.testing.assert_allclose(part.std((1, 2, 3)), 1, rtol=1e-12)
    whole = OPS["group_norm"](x, groups=1)
    np.testing.assert_allclose(whole, OPS["layer_norm"](x, axis=(1, 2, 3)), rtol=1e-12)
    of_one = OPS["group_norm"](x, groups=4)
    np.testing.assert_allclose(of_one[1:], OPS["batch_norm"](x[1:]), rtol=1e-10)


@pytest.mark.parametrize(
    ("groups", "channels"), [(4, "channel 2 of sample 1, 3"), (2, "channels 2 to 3 of sample 1, 6")]
)
def test_the_step_card_names_the_channels_whose_mean_is_taken(groups: int, channels: str) -> None:
    x = NUMBERS.normal(size=(2, 4, 3))
    op = OPS["group_norm"]
    params = op.check_parameters({"groups": groups})
    told = op.element((1, 2, 0), op.forward(np, x, **params), x, **params)  # type: ignore[misc]
    assert told.says == f"μ and σ² are those of {channels} elements"


@pytest.mark.parametrize(("groups", "alike"), [(1, (2, 1, 1)), (2, (2, 1, 1)), (4, (2, 4, 1))])
def test_what_is_added_alike_along_the_centres_changes_nothing(groups: int, alike: Any) -> None:
    x, op = NUMBERS.normal(size=(2, 4, 3)), OPS["group_norm"]
    params = op.check_parameters({"groups": groups})
    axes = op.centres(Tensor(x).aval, **params)  # type: ignore[misc]
    assert tuple(1 if i in axes else n for i, n in enumerate(x.shape)) == alike
    moved = op(x + NUMBERS.normal(size=alike), **params)
    np.testing.assert_allclose(moved, op(x, **params), atol=1e-12)


@pytest.mark.parametrize("name", ["rms_norm", "group_norm"])
def test_what_is_taken_away_makes_the_gradient(name: str) -> None:
    """The step card draws the terms one after the other."""
    op = OPS[name]
    for sample in op.samples:
        args = [NUMBERS.normal(size=shape) for shape in sample.args]
        params, made = op.check_parameters(sample.params), op.forward(np, *args, **op.check_parameters(sample.params))
        g = NUMBERS.normal(size=args[0].shape)
        found = op.corrections(g, made, *args, **params)  # type: ignore[misc]
        total = 0.0
        for sign, _, array in found.terms:
            total = total * array if sign == ") ·" else total - array if sign == "−" else total + array
        wanted = op.vjp_rule((g, *[None] * (len(made) - 1)), made, *args, **params)[0]()  # type: ignore[misc]
        np.testing.assert_allclose(total, wanted, rtol=1e-10, atol=1e-12)


# Convolutions of sequences.


def test_a_kernel_slides_over_a_sequence_and_is_not_flipped() -> None:
    x, w = np.array([[[1.0, 2.0, 3.0, 5.0]]]), np.array([[[1.0, 0.0, -1.0]]])
    assert OPS["conv1d"](x, w).tolist() == [[[-2, -3]]]
    assert OPS["conv1d"](x, w, np.array([10.0]), padding=1, stride=2).tolist() == [[[8, 7]]]
    assert OPS["conv1d"](x, w[..., :2], padding="same").tolist() == [[[1, 2, 3, 5]]]
    assert OPS["conv1d"](x, w[..., ::2], dilation=3).tolist() == [[[-4]]]


# fmt: off
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("rms_norm", ((2, 3), (2,)), {},
     "gamma (2,) must have the lengths (3,) of the axes that are normalised (gamma: (3,))"),
    ("rms_norm", ((2, 3),), {"axis": 0}, "rms_norm goes over the last axes of x (2, 3), got axis 0 (axis: -1)"),
    ("rms_norm", ((2, 0),), {}, "x (2, 0) has no elements to normalise (lengths of 1 or more)"),
    ("group_norm", ((3,),), {"groups": 1}, "x must be samples of channels (N, C, …), got (3,) (x: (N, C))"),
    ("group_norm", ((2, 6, 3),), {"groups": 4},
     "x has 6 channels, which 4 groups do not share out (groups: 1, or another divisor of 6)"),
    ("group_norm", ((2, 4), (2,)), {"groups": 2},
     "gamma (2,) must have one number for each of 4 channels (gamma: (4,))"),
    ("group_norm", ((2, 4, 0),), {"groups": 2}, "x (2, 4, 0) has no elements to normalise (lengths of 1 or more)"),
    ("scaled_dot_product_attention", ((4,), (5, 4), (5, 2)), {}, "q must be rows (…, L, E), got (4,) (q: (…, L, E))"),
    ("scaled_dot_product_attention", ((3, 4), (5, 3), (5, 2)), {},
     "keys have 3 numbers but queries 4 (k: (…, 5, 4))"),
    ("scaled_dot_product_attention", ((3, 4), (5, 4), (6, 2)), {}, "there are 6 values but 5 keys (v: (…, 5, 2))"),
    ("scaled_dot_product_attention", ((3, 4), (0, 4), (0, 2)), {},
     "k (0, 4) has no key to look at (lengths of 1 or more)"),
    ("scaled_dot_product_attention", ((3, 4), (5, 4), (5, 2), (5, 3)), {},
     "mask (5, 3) does not broadcast to the weights (3, 5), queries by keys (mask: (3, 5))"),
    ("scaled_dot_product_attention", ((3, 4), (5, 4), (5, 2), ((3, 5), "int64")), {},
     "mask must be true where a query may look, or floats that are added, got int64 (cast it to bool)"),
    ("conv1d", ((2, 3), (4, 3, 2)), {}, "x must be sequences (N, C, length), got (2, 3) (x: (N, C, length))"),
    ("conv1d", ((2, 3, 5), (4, 3)), {}, "w must be weights (O, …, k), got (4, 3) (w: (O, 3, k))"),
    ("conv1d", ((2, 4, 5), (4, 4, 2)), {"groups": 2},
     "w takes 4 channels but x has 2 of 4 in 2 groups (w: (O, 2, k))"),
    ("conv1d", ((2, 3, 4), (1, 3, 3)), {"dilation": 3},
     "a window of 7 does not fit sequences of 4 with their padding (x: (N, C, 7) or more)"),
    ("conv1d", ((2, 3, 4), (1, 3, 3)), {"padding": "same", "stride": 2},
     "padding same needs a stride of 1, got 2 (padding: a number)"),
    ("conv1d", ((2, 3, 4), (1, 3, 0)), {}, "a kernel of length 0 has no elements (lengths of 1 or more)"),
    ("conv1d", ((2, 3, 4), (1, 3, 2), (2,)), {}, "bias (2,) must have one number for each of 1 outputs (bias: (1,))"),
]
# fmt: on


@pytest.mark.parametrize(("name", "shapes", "params", "message"), REFUSED)
def test_a_misfit_is_refused_with_what_would_fit(name: str, shapes: Any, params: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        inferred(name, *shapes, **params)
    assert str(caught.value) == message
