"""Losses: known values, weights and smoothing as PyTorch has them, conventions, extremes, and refusals."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from timelines import source_of, timeline_of, value

from gradwire.core import vjp
from gradwire.core.document import Document
from gradwire.core.errors import DataError, GradwireError
from gradwire.core.op import Aval, promote
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping.splits import by_sample
from gradwire.core.stepping.worked_example import worked_example

OPS = {found.name: found for found in builtin()}
INF, NAN = float("inf"), float("nan")
REDUCTIONS = ("mean", "sum", "none")


def gradients(name: str, *args: Any, **params: Any) -> list[Any]:
    """The gradients of the sum of the op's result, for each argument."""
    found = OPS[name]
    params = found.check_parameters(params)
    arrays = promote(found, tuple(None if a is None else np.asarray(a) for a in args))
    y = np.asarray(found.forward(np, *arrays, **params))
    entries = found.vjp_rule(np.ones(y.shape, y.dtype), y, *arrays, **params)
    return [entry() if callable(entry) else entry for entry in entries]


# Known values: the op, its arguments and parameters, the losses of each.
LN2 = math.log(2)
KNOWN: list[tuple[str, tuple[Any, ...], dict[str, Any], list[float]]] = [
    ("mae", ([1.0, 4.0], [2.0, 2.0]), {}, [1.0, 2.0]),
    ("huber", ([0.5, 3.0], [0.0, 0.0]), {}, [0.125, 2.5]),
    ("huber", ([0.5, -3.0], [0.0, 0.0]), {"delta": 2.0}, [0.125, 4.0]),
    ("smooth_l1", ([0.5, 3.0], [0.0, 0.0]), {"beta": 2.0}, [0.0625, 2.0]),
    ("smooth_l1", ([0.5, -3.0], [0.0, 0.0]), {"beta": 0.0}, [0.5, 3.0]),
    ("hinge", ([0.25, 0.25, 2.0], [1.0, -1.0, 1.0]), {}, [0.75, 1.25, 0.0]),
    ("hinge", ([0.25, 0.25, 2.0], [True, False, True]), {}, [0.75, 1.25, 0.0]),
    ("hinge", ([0.25, 0.25, 2.0], [1, 0, 1]), {}, [0.75, 1.25, 0.0]),
    ("multi_margin", ([[1.0, 0.5, 3.0]], [0]), {}, [(0.5 + 3.0) / 3]),
    ("multi_margin", ([[1.0, 0.5, 3.0]], [0], [2.0, 1.0, 1.0]), {"p": 2}, [2 * (0.25 + 9.0) / 3]),
    ("margin_ranking", ([1.0, 1.0], [0.5, 0.5], [1, -1]), {"margin": 0.75}, [0.25, 1.25]),
    ("cosine_embedding", ([[1.0, 0.0]] * 2, [[1.0, 1.0]] * 2, [1, 0]), {"margin": 0.5}, [1 - 0.5**0.5, 0.5**0.5 - 0.5]),
    ("triplet_margin", ([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 1.0]]), {}, [5.0]),
    ("triplet_margin", ([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 1.0]]), {"p": 1.0}, [7.0]),
    ("kl_divergence", ([[-LN2, -LN2]], [[1.0, 0.0]]), {}, [LN2, 0.0]),
    ("kl_divergence", ([[-LN2, -LN2]], [[0.0, -INF]]), {"log_target": True}, [LN2, 0.0]),
    ("poisson_nll", ([0.0, 1.0], [2.0, 2.0]), {}, [1.0, math.e - 2.0]),
    ("poisson_nll", ([1.0, 2.0], [1.0, 3.0]), {"log_input": False, "eps": 0.0}, [1.0, 2.0 - 3 * LN2]),
    ("gaussian_nll", ([1.0, 0.0], [0.0, 0.0], [2.0, 1.0]), {}, [0.5 * (LN2 + 0.5), 0.0]),
    ("gaussian_nll", ([0.0], [0.0], [1.0]), {"full": True}, [0.5 * math.log(2 * math.pi)]),
    ("focal", ([0.0, 0.0], [1.0, 0.0]), {}, [0.25 * 0.25 * LN2, 0.75 * 0.25 * LN2]),
    ("focal", ([0.0, 0.0], [1.0, 0.0]), {"gamma": 0.0, "alpha": None}, [LN2, LN2]),
    ("binary_cross_entropy", ([0.0, 0.0], [1.0, 0.0], [1.0, 5.0], 3.0), {}, [3 * LN2, 5 * LN2]),
    ("nll", ([[-1.0, -2.0], [-3.0, -4.0]], [1, 0], [10.0, 100.0]), {}, [200.0, 30.0]),
]


@pytest.mark.parametrize(("name", "args", "params", "losses"), KNOWN)
def test_losses_give_the_numbers_of_their_formulas(
    name: str, args: tuple[Any, ...], params: dict[str, Any], losses: list[float]
) -> None:
    arrays = [np.asarray(arg) for arg in args]
    each = np.ravel(OPS[name](*arrays, **params, reduction="none"))
    assert each == pytest.approx(losses, rel=1e-5 if name == "triplet_margin" else 1e-12, abs=1e-12)
    assert OPS[name](*arrays, **params, reduction="sum") == pytest.approx(np.sum(each))
    if name != "nll":  # whose mean is over the weights
        assert OPS[name](*arrays, **params) == pytest.approx(np.mean(each))


def test_a_divergence_may_be_told_for_each_row() -> None:
    found, wanted = np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    whole = OPS["kl_divergence"](found, wanted, reduction="sum")
    assert OPS["kl_divergence"](found, wanted, reduction="batchmean") == pytest.approx(whole / 2)
    assert OPS["kl_divergence"](found, wanted) == pytest.approx(whole / 4)
    empty = np.zeros((2, 0))
    assert OPS["kl_divergence"](empty, empty, reduction="batchmean") == 0.0


# Weights.


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("soft", [False, True], ids=["labels", "probabilities"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_weights_and_smoothing_are_those_of_pytorch(
    reduction: str, soft: bool, smoothing: float, weighted: bool
) -> None:
    torch = pytest.importorskip("torch")
    numbers = np.random.default_rng(1)
    logits = numbers.normal(size=(5, 3))
    target = numbers.dirichlet([1, 1, 1], 5) if soft else np.array([0, 2, 2, 1, 0])
    weights = np.array([0.5, 2.0, 0.0]) if weighted else None
    args = [logits, target] if weights is None else [logits, target, weights]
    params = {"reduction": reduction, "label_smoothing": smoothing}
    x = torch.tensor(logits, requires_grad=True)
    given = None if weights is None else torch.tensor(weights)
    theirs = torch.nn.functional.cross_entropy(x, torch.tensor(target), given, **params)
    theirs.sum().backward()
    np.testing.assert_allclose(OPS["cross_entropy"](*args, **params), theirs.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(gradients("cross_entropy", *args, **params)[0], x.grad.numpy(), rtol=1e-10, atol=1e-15)


def test_open_ports_change_no_bit() -> None:
    numbers = np.random.default_rng(0)
    logits, binary = numbers.normal(size=(50, 4)).astype(np.float32), numbers.uniform(size=(50, 4)).astype(np.float32)
    one = np.ones((), np.float32)
    assert np.array_equal(OPS["cross_entropy"](logits, binary), OPS["cross_entropy"](logits, binary, None))
    plain = OPS["binary_cross_entropy"](logits, binary, reduction="none")
    assert np.array_equal(plain, OPS["binary_cross_entropy"](logits, binary, None, None, reduction="none"))
    np.testing.assert_allclose(plain, OPS["binary_cross_entropy"](logits, binary, None, one, reduction="none"), 1e-5)


def test_the_mean_of_weighted_labels_is_over_their_weights() -> None:
    found, labels, weights = np.array([[-1.0, -2.0], [-3.0, -4.0]]), np.array([0, 1]), np.array([1.0, 3.0])
    assert OPS["nll"](found, labels, weights) == pytest.approx((1 + 12) / 4)
    assert OPS["cross_entropy"](found, labels, weights, reduction="sum") == pytest.approx(
        OPS["nll"](OPS["log_softmax"](found), labels, weights, reduction="sum")
    )
    assert np.isnan(OPS["nll"](found, labels, np.zeros(2)))  # nothing has any weight
    assert OPS["nll"](found, labels, np.zeros(2), reduction="sum") == 0.0


def graph(build: Any) -> Session:
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
    return Session(document)


@pytest.mark.parametrize("mode", ["eager", "static"])
def test_the_second_of_two_optional_ports_may_be_wired_alone(mode: str) -> None:
    def build(t: Any) -> None:
        inputs = {
            "logits": value(t, "x", [1.0, -1.0]),
            "target": value(t, "t", [1.0, 0.0]),
            "pos_weight": value(t, "w", 2.0),
        }
        t.add("binary_cross_entropy", name="loss", inputs=inputs)

    session = graph(build)
    softplus = math.log1p(math.exp(-1))
    assert session.run(fetch="loss", mode=mode)["loss"] == pytest.approx((2 * softplus + softplus) / 2)
    found = session.gradients("loss", ["x", "w"], mode=mode)
    assert found["x"] == pytest.approx([-1 / (1 + math.e), 0.5 / (1 + math.e)])
    assert found["w"] == pytest.approx(softplus / 2)
    assert session.check().problems == ()


def test_a_weighted_mean_is_split_by_sample() -> None:
    feed = {"x": np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]), "labels": np.array([0, 2, 1])}

    def build(t: Any) -> None:
        x = t.add("input", name="x", shape=("N", 2), value=feed["x"].tolist())
        labels = t.add("input", name="labels", shape=("N",), dtype="int64", value=feed["labels"].tolist())
        w = value(t, "w", [[1.0, 0.0, -1.0], [0.5, 0.5, 0.0]])
        logits = t.add("matmul", inputs={"x": x, "w": w})
        weights = t.add("constant", name="weights", value=[1.0, 2.0, 4.0])
        inputs = {"logits": logits, "target": labels, "weights": weights}
        t.add("cross_entropy", name="loss", inputs=inputs, label_smoothing=0.1)

    session = graph(build)
    timeline = timeline_of(session)
    split = by_sample(timeline.run, session.registry, source_of(timeline, "w"))
    assert split is not None
    assert [part.name for part in split.parts] == ["sample 0", "sample 1", "sample 2"]
    np.testing.assert_allclose(sum(part.value for part in split.parts), split.whole, rtol=1e-12)
    # A sample alone has its loss weighed by its weight in the sum of all.
    alone = session.gradients("loss", ["w"], {name: array[:1] for name, array in feed.items()})["w"]
    np.testing.assert_allclose(split.parts[0].value, alone * 1 / 7, rtol=1e-12)


# Conventions at kinks: those of PyTorch.
KINKS: list[tuple[str, tuple[Any, ...], dict[str, Any], list[float]]] = [
    ("mae", ([1.0], [1.0]), {}, [0.0]),
    ("huber", ([1.0], [0.0]), {}, [1.0]),
    ("smooth_l1", ([0.0, 0.5], [0.0, 0.0]), {"beta": 0.0, "reduction": "sum"}, [0.0, 1.0]),
    ("hinge", ([1.0, -1.0], [1, 0]), {"reduction": "sum"}, [-1.0, 1.0]),
    ("multi_margin", ([[1.0, 0.0]], [0]), {}, [0.0, 0.0]),
    ("margin_ranking", ([1.0], [1.0], [1]), {}, [-1.0]),
]


@pytest.mark.parametrize(("name", "args", "params", "wanted"), KINKS)
def test_gradients_at_kinks(name: str, args: tuple[Any, ...], params: dict[str, Any], wanted: list[float]) -> None:
    assert np.ravel(gradients(name, *args, **params)[0]).tolist() == wanted


def test_a_variance_below_the_least_gets_a_gradient_all_the_same() -> None:
    zero = np.zeros(1)
    assert OPS["gaussian_nll"](zero, zero, zero, eps=0.5) == pytest.approx(0.5 * math.log(0.5))
    assert gradients("gaussian_nll", zero, zero, zero, eps=0.5)[2].tolist() == [1.0]


def test_vectors_of_zeros_have_a_cosine_of_zero() -> None:
    zeros, ones = np.zeros((1, 3)), np.ones((1, 3))
    assert OPS["cosine_embedding"](zeros, ones, np.array([1])) == 1.0
    assert all(np.isfinite(g).all() for g in gradients("cosine_embedding", zeros, ones, [1])[:2])
    assert OPS["cosine_embedding"](ones[0], ones[0], np.array(1)) == pytest.approx(0.0, abs=1e-12)
    # The gradient there is that of a very short vector: as long as PyTorch's, whose 1e-12 is a float32.
    towards = gradients("cosine_embedding", zeros, ones, [1])[0]
    np.testing.assert_allclose(towards, -ones / (np.float64(np.float32(1e-12)) * 3) ** 0.5, rtol=1e-12)
    assert OPS["triplet_margin"](zeros[0], zeros[0], ones[0], margin=3.0) == pytest.approx(3 - 3**0.5, abs=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_losses_stay_finite_at_extremes(dtype: str) -> None:
    x, t = np.array([1e4, -1e4, 1e4, -1e4], dtype), np.array([0, 0, 1, 1], dtype)
    two = np.array(2, dtype)
    weighted = OPS["binary_cross_entropy"](x, t, two, two, reduction="none")
    assert weighted.tolist() == [2e4, 0.0, 0.0, 4e4]
    assert gradients("binary_cross_entropy", x, t, two, two, reduction="sum")[0].tolist() == [2, 0, 0, -4]
    assert OPS["focal"](x, t, alpha=None, reduction="none").tolist() == [1e4, 0.0, 0.0, 1e4]
    for gamma in (0.0, 0.5, 2.0):
        first, second = gradients("focal", x, t, alpha=None, gamma=gamma, reduction="sum")
        assert first.dtype == dtype
        assert first.tolist() == [1, 0, 0, -1]
        assert np.isfinite(second).all()
    logits = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0]], dtype)
    one = np.ones(3, dtype)
    smooth = OPS["cross_entropy"](logits, np.array([0, 0]), one, label_smoothing=0.25, reduction="none")
    assert smooth == pytest.approx([0.25 * 3e4 / 3, 0.75 * 2e4 + 0.25 * 3e4 / 3])
    for args in ([logits, [0, 0]], [logits, [0, 0], one]):
        found = gradients("cross_entropy", *args, label_smoothing=0.25)
        assert all(g is None or np.isfinite(g).all() for g in found)
    large = np.array([1e30, -1e30, 1e4], dtype)
    for name in ("mae", "huber", "smooth_l1"):
        assert OPS[name](large, 0 * large, reduction="none") == pytest.approx(np.abs(large), rel=1e-4)
        assert gradients(name, large, 0 * large, reduction="sum")[0].tolist() == [1, -1, 1]


MASKED = np.array([[1.0, -np.inf, 0.8], [-np.inf, -0.5, 0.25]])


@pytest.mark.parametrize("p", [1, 2])
def test_a_masked_class_lacks_no_margin(p: int) -> None:
    found = gradients("multi_margin", MASKED[:1], [0], p=p)[0]
    wanted = np.array([[-1, 0, 1]]) / 3 * (1 if p == 1 else 2 * 0.8)
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["nll", "cross_entropy", "multi_margin"])
def test_weights_have_the_gradient_of_the_classes_that_are_left(name: str, reduction: str) -> None:
    """As by differences, though each row has a class that is masked."""
    labels, weights, step = np.array([0, 2]), np.array([0.5, 2.0, 1.5]), 1e-6

    def total(weights: Any) -> Any:
        return np.sum(OPS[name](MASKED, labels, weights, reduction=reduction))

    slopes = [(total(weights + step * row) - total(weights - step * row)) / (2 * step) for row in np.eye(3)]
    assert gradients(name, MASKED, labels, weights, reduction=reduction)[2] == pytest.approx(slopes, abs=1e-8)


def test_probabilities_of_masked_classes_add_nothing() -> None:
    target = np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
    left = OPS["cross_entropy"](np.where(np.isinf(MASKED), -1e6, MASKED), target, reduction="none")
    assert OPS["cross_entropy"](MASKED, target, reduction="none") == pytest.approx(left)


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0])
def test_the_gradient_of_far_triples_is_that_of_near_ones(p: float) -> None:
    """What is added to differences is too little to count at either distance."""
    near = [1e5 * np.array(x, np.float32) for x in ([[3.0, -1.0, 2.0]], [[0.0, 1.0, 0.0]], [[2.5, -1.0, 1.0]])]
    far = [1e15 * x for x in near]
    found = (gradients("triplet_margin", *triple, p=p) for triple in (far, near))
    for mine, wanted in zip(*found, strict=True):
        assert np.abs(wanted).max() > 0.1
        assert mine == pytest.approx(wanted, abs=1e-5)


def test_small_losses_of_weighted_logits_are_kept() -> None:
    x, t = np.array([20, -20], np.float32), np.array([1, 0], np.float32)
    found = OPS["binary_cross_entropy"](x, t, None, np.float32(2), reduction="none")
    assert found == pytest.approx([2 * np.exp(-20), np.exp(-20)], rel=1e-6)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "focal"])
def test_losses_of_logits_say_so_at_once(name: str) -> None:
    assert "with logits" in OPS[name].doc.splitlines()[0]


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "hinge", "cross_entropy", "nll", "kl_divergence", "focal"])
def test_a_mean_of_no_losses_is_nan_in_silence_and_its_gradient_is_empty(name: str) -> None:
    rows, labels = np.zeros((0, 3)), np.zeros(0, np.int64)
    args = (rows, labels if name in ("cross_entropy", "nll") else rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, pull = vjp(lambda rows: OPS[name](rows, *args[1:]), rows)
        (back,) = pull(np.ones(()))
    assert math.isnan(found)
    assert back.shape == rows.shape
    assert OPS[name].infer([Aval(a.shape, a.dtype) for a in args], OPS[name].check_parameters({}))[0].shape == ()


# Refusals.

REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("mae", ((4, 1), (4,)), {}, "prediction (4, 1) and target (4,) must have one shape (reshape target to (4, 1))"),
    ("huber", ((4,), (4,)), {"delta": 0.0}, "huber: delta must be a number above 0, got 0.0"),
    (
        "binary_cross_entropy",
        ((4, 2), (4, 2), (4,)),
        {},
        "weights (4,) does not broadcast to logits (4, 2) (weights: (4, 2), or () for one number)",
    ),
    (
        "binary_cross_entropy",
        ((2,), (2,), (), (3, 2)),
        {},
        "pos_weight (3, 2) does not broadcast to logits (2,) (pos_weight: (2,), or () for one number)",
    ),
    (
        "cross_entropy",
        ((4, 3), ((4,), "int64"), (4,)),
        {},
        "weights (4,) must be one for each of 3 classes (weights: (3,))",
    ),
    ("nll", ((4, 3), ((4,), "int64"), ()), {}, "weights () must be one for each of 3 classes (weights: (3,))"),
    (
        "cross_entropy",
        ((4, 3), ((4,), "int64")),
        {"label_smoothing": 1.5},
        "cross_entropy: label_smoothing must be a number from 0 to 1, got 1.5",
    ),
    ("multi_margin", ((4, 3), (4,)), {}, "target must be integers, got float32 (cast target to int64)"),
    ("multi_margin", ((4, 3), ((4,), "int64")), {"p": 3}, "multi_margin: p must be an integer from 1 to 2, got 3"),
    ("margin_ranking", ((4,), (3,), (4,)), {}, "first (4,) and second (3,) must have one shape (second: (4,))"),
    (
        "cosine_embedding",
        ((4, 3), (4, 3), (4, 3)),
        {},
        "target (4, 3) must be one for each row of first (4, 3) (target: (4,))",
    ),
    ("cosine_embedding", ((), (), ()), {}, "first () has no vectors (first: (N, D))"),
    (
        "triplet_margin",
        ((4, 3), (4, 3), (3,)),
        {},
        "anchor (4, 3) and negative (3,) must have one shape (negative: (4, 3))",
    ),
    ("triplet_margin", ((4, 0),) * 3, {}, "anchor (4, 0) has no vectors (anchor: (N, D))"),
    (
        "gaussian_nll",
        ((4, 1), (4, 1), (4,)),
        {},
        "prediction (4, 1) and variance (4,) must have one shape (reshape variance to (4, 1))",
    ),
    ("focal", ((4,), (3,)), {}, "logits (4,) and target (3,) must have one shape (target: (4,))"),
]


@pytest.mark.parametrize(("name", "shapes", "params", "message"), REFUSED)
def test_losses_refuse_what_they_cannot_compute(
    name: str, shapes: tuple[Any, ...], params: dict[str, Any], message: str
) -> None:
    found = OPS[name]
    given = [shape if shape and isinstance(shape[-1], str) else (shape, "float32") for shape in shapes]
    avals = [Aval(shape, np.dtype(dtype)) for shape, dtype in given]
    with pytest.raises(GradwireError) as caught:
        found.infer(avals, found.check_parameters(params))
    assert str(caught.value) == message
    with pytest.raises(GradwireError) as caught:
        found(*(np.zeros(aval.shape, aval.dtype) for aval in avals), **params)
    assert str(caught.value) == message


# fmt: off
UNFIT: list[tuple[str, tuple[Any, ...], str]] = [
    ("focal", ([0.0, 0.0], [0.0, -1.0]),
     ("target must lie between 0 and 1, got -1 at element 1 "
     "(labels: 0 or 1; a loss with logits takes these first, which may be any numbers)")),
    ("kl_divergence", ([0.0], [1.5]),
     ("target must lie between 0 and 1, got 1.5 at element 0 "
     "(probabilities, as softmax gives them; log_target=true takes their logarithms)")),
    ("kl_divergence", ([[0.2, 0.8], [0.5, 0.5]], [[0.3, 0.7], [0.5, 0.5]]),
     ("log_probabilities must be logarithms of probabilities, got probabilities: rows from 0 to 1 that add up to 1 "
     "(log_softmax of logits, or log of these)")),
    ("gaussian_nll", ([0.0], [0.0], [-2.0]),
     "variance must be 0 or more, got -2 at element 0 (exp or softplus gives such)"),
    ("multi_margin", ([[0.0, 0.0]], [2]), "target[0] is 2, outside 0 to 1 (labels of 2 classes)"),
    ("nll", ([[0.0, 0.0]], [-1], [1.0, 1.0]), "target[0] is -1, outside 0 to 1 (labels of 2 classes)"),
]
# fmt: on


def test_a_divergence_of_logarithms_refuses_probabilities_in_their_place() -> None:
    p = np.array([[0.2, 0.8], [0.5, 0.5]])
    with pytest.raises(DataError) as caught:
        OPS["kl_divergence"](np.log(p), p, log_target=True)
    assert str(caught.value) == (
        "target must be logarithms of probabilities, got probabilities: rows from 0 to 1 that add up to 1"
        " (log_target=false takes probabilities)"
    )
    assert OPS["kl_divergence"](np.log(p), np.log(p), log_target=True) == 0
    assert OPS["kl_divergence"](np.zeros((2, 1)), np.ones((2, 1))) == 0  # of one class: its logarithm is 0


@pytest.mark.parametrize(("name", "args", "message"), UNFIT)
def test_losses_refuse_targets_that_mean_nothing(name: str, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(DataError) as caught:
        OPS[name](*(np.array(arg) for arg in args))
    assert str(caught.value) == message


# Labels that are ignored.


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 4.0]])
@pytest.mark.parametrize("ignored", [1, -100, 255])
def test_rows_of_an_ignored_label_count_as_if_they_were_not_there(name: str, weights: Any, ignored: int) -> None:
    generator = np.random.default_rng(0)
    rows, labels = generator.normal(size=(6, 3)), np.array([0, ignored, 2, ignored, 0, 2])
    kept = labels != ignored
    more = [] if weights is None else [np.array(weights)]
    smoothing = {"label_smoothing": 0.2} if name == "cross_entropy" else {}
    for reduction in ("mean", "sum"):
        given = {"reduction": reduction, **smoothing}
        found = OPS[name](rows, labels, *more, ignore_index=ignored, **given)
        assert found == pytest.approx(OPS[name](rows[kept], labels[kept], *more, **given), rel=1e-14)
        slopes = gradients(name, rows, labels, *more, ignore_index=ignored, **given)
        alone = gradients(name, rows[kept], labels[kept], *more, **given)
        np.testing.assert_allclose(slopes[0][kept], alone[0], rtol=1e-13)
        assert not slopes[0][~kept].any()
        if more:
            np.testing.assert_allclose(slopes[2], alone[2], rtol=1e-12)
    each = OPS[name](rows, labels, *more, ignore_index=ignored, reduction="none", **smoothing)
    assert each[~kept].tolist() == [0, 0]


def test_ignored_rows_may_hold_anything() -> None:
    rows, labels = np.array([[1.0, 2.0], [NAN, INF]]), np.array([1, -1])
    assert OPS["cross_entropy"](rows, labels, ignore_index=-1) == OPS["cross_entropy"](rows[:1], labels[:1])
    none = np.array([-1, -1])
    assert np.isnan(OPS["nll"](rows[:1].repeat(2, 0), none, ignore_index=-1))
    assert OPS["nll"](rows[:1].repeat(2, 0), none, ignore_index=-1, reduction="sum") == 0


def test_what_is_refused_of_ignored_labels() -> None:
    def told(*args: Any, **params: Any) -> str:
        with pytest.raises(GradwireError) as caught:
            OPS["cross_entropy"](*args, **params)
        return str(caught.value)

    rows = np.zeros((2, 3))
    assert told(rows, np.array([-1, 3]), ignore_index=-1) == "target[1] is 3, outside 0 to 2 (labels of 3 classes)"
    assert told(rows, np.full((2, 3), 1 / 3), ignore_index=-1) == (
        "ignore_index is one of the labels, and target holds probabilities"
        " (ignore_index: null, or labels as the target)"
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
def test_where_all_labels_are_ignored_the_mean_is_nan_and_its_gradient_0_as_in_pytorch(name, weighted):
    rows, labels = np.random.default_rng(0).normal(size=(3, 4)), np.full(3, -100)
    more = [np.array([1.0, 2.0, 3.0, 4.0])] * weighted
    slope = gradients(name, rows, labels, *more, ignore_index=-100)[0]
    assert np.isnan(OPS[name](rows, labels, *more, ignore_index=-100))
    np.testing.assert_array_equal(slope, np.zeros((3, 4)))
    torch = pytest.importorskip("torch")
    given = torch.tensor(rows, requires_grad=True)
    function = getattr(torch.nn.functional, {"nll": "nll_loss"}.get(name, name))
    value = function(given, torch.tensor(labels), *map(torch.tensor, more), ignore_index=-100)
    value.backward()
    assert torch.isnan(value)
    np.testing.assert_array_equal(given.grad.numpy(), slope)


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_cross_entropy_at_infinite_logits_is_0_where_these_are_right_and_else_infinite(weighted: bool) -> None:
    logits = np.array([np.inf, np.inf, np.inf, -np.inf, -np.inf, -np.inf, np.nan])
    target = np.array([0.0, 0.5, 1.0, 0.0, 0.5, 1.0, 0.5])
    more = [np.ones(7)] * weighted
    found = OPS["binary_cross_entropy"](logits, target, *more, reduction="none")
    np.testing.assert_array_equal(found, [np.inf, np.inf, 0, 0, np.inf, np.inf, np.nan])


@pytest.mark.parametrize("name", ["nll", "kl_divergence"])
def test_what_is_shown_as_log_probabilities_are_the_logarithms_of_probabilities(name: str) -> None:
    example = worked_example(OPS[name])
    assert example is not None
    given = dict(example.arguments)
    np.testing.assert_allclose(np.exp(given["log_probabilities"]).sum(axis=-1), 1)
    if name == "kl_divergence":
        np.testing.assert_allclose(given["target"].sum(axis=-1), 1)
    assert example.results[0][1] > 0  # as every divergence and every likelihood of labels is
