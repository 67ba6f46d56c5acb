"""Augmentation: what becomes of samples in training, that evaluation leaves them alone, and exported code."""

from __future__ import annotations

import numpy as np
import pytest

from gradwire.core.errors import GradwireError
from gradwire.core.exporting import torch_source
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.random import state
from gradwire.core.session import Session

OPS = builtin()
NAMES = ("gaussian_noise", "random_flip", "random_shift", "cutout")
X = np.arange(1.0, 1 + 200 * 2 * 6 * 5).reshape(200, 2, 6, 5)
DRAWN = {name: {"mode": "train", "stream": 0} for name in NAMES}
each = pytest.mark.parametrize("name", NAMES)


def trained(name, x=X, iteration=1, **params):
    return OPS[name](x, state(0, iteration), **params)


@each
def test_evaluation_leaves_all_as_it_is(name):
    assert OPS[name](X, mode="eval") is X


@each
def test_each_iteration_draws_anew_and_its_replay_the_same(name):
    assert np.array_equal(trained(name), trained(name))
    assert not np.array_equal(trained(name), trained(name, iteration=2))
    assert not np.array_equal(trained(name), trained(name, stream=1))


@each
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_and_odd_arrays(name, dtype):
    for x in (X.astype(dtype), X.astype(dtype)[:, :, ::-1], X.astype(dtype)[:0], np.moveaxis(X.astype(dtype), 1, 2)):
        before = x.copy()
        y = trained(name, x)
        assert (y.shape, y.dtype) == (x.shape, np.dtype(dtype))
        assert np.array_equal(x, before)


def test_noise_has_its_deviation():
    assert (trained("gaussian_noise", std=0.5) - X).std() == pytest.approx(0.5, rel=0.02)
    assert np.array_equal(trained("gaussian_noise", std=0.0), X)


@pytest.mark.parametrize("axis", [-1, -2, 1])
def test_samples_are_turned_around_or_not(axis):
    y = trained("random_flip", axis=axis)
    turned = np.array([np.array_equal(one, np.flip(x, axis - (axis > 0))) for one, x in zip(y, X, strict=True)])
    kept = np.array([np.array_equal(one, x) for one, x in zip(y, X, strict=True)])
    assert (turned ^ kept).all()
    assert 70 < turned.sum() < 130
    assert np.array_equal(trained("random_flip", axis=axis, rate=1.0), np.flip(X, axis))
    assert np.array_equal(trained("random_flip", axis=axis, rate=0.0), X)


def test_images_move_by_any_offset_within_and_zeros_come_in():
    y = trained("random_shift", by=1)
    padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
    seen = set()
    for image, source in zip(y, padded, strict=True):
        fits = [(i, j) for i in range(3) for j in range(3) if np.array_equal(image, source[:, i : i + 6, j : j + 5])]
        assert len(fits) == 1
        seen.update(fits)
    assert len(seen) == 9
    assert np.array_equal(trained("random_shift", by=0), X)


def test_shift_moves_each_image_by_its_own():
    y = OPS["shift"](X[:3], np.array([[1, 0], [0, -2], [7, 0]]))
    assert np.array_equal(y[0, :, 1:], X[0, :, :-1])
    assert not y[0, :, 0].any()
    assert np.array_equal(y[1, :, :, :-2], X[1, :, :, 2:])
    assert not y[1, :, :, -2:].any()
    assert not y[2].any()


def test_a_square_is_cut_out_of_every_channel():
    y = trained("cutout", size=3)
    assert ((y == 0) | (y == X)).all()
    gone = (y == 0).all(axis=1)
    assert np.array_equal(gone, (y == 0).any(axis=1))
    rows, columns = gone.any(axis=2).sum(axis=1), gone.any(axis=1).sum(axis=1)
    assert np.array_equal(gone.sum(axis=(1, 2)), rows * columns)  # a rectangle
    assert (set(rows), set(columns)) == ({2, 3}, {2, 3})  # smaller only at an edge
    assert (gone.sum(axis=0) > 0).all()


NEEDS = "{} in training needs a random state (a run feeds it; by hand: state=gw.random.state(seed))"
NO_AXIS = "x {} has no axis {} behind that of its samples (x: (N, …, H, W); axis: -1)"
NO_IMAGES = "x (3, 5) holds no images: samples, rows and columns are required (x: (N, …, H, W))"
REFUSED = [
    *[(name, (X,), {}, NEEDS.format(name)) for name in NAMES],
    ("random_flip", (X[:, 0, 0, 0], state(0)), {}, NO_AXIS.format("(200,)", -1)),
    ("random_flip", (X[:3, 0, 0], state(0)), {"axis": 0}, NO_AXIS.format("(3, 5)", 0)),
    ("random_shift", (X[:3, 0, 0], state(0)), {}, NO_IMAGES),
    ("cutout", (X[:3, 0, 0], state(0)), {}, NO_IMAGES),
    ("cutout", (X, state(0)), {"size": 0}, "cutout: size must be an integer of 1 or more, got 0"),
    ("shift", (X[:3], np.zeros((3, 2))), {}, "by must be integers, got float64 (cast by to int64)"),
]


@pytest.mark.parametrize(("name", "args", "params", "message"), REFUSED)
def test_refusals(name, args, params, message):
    """By the op or, of what a graph is told, by its shape rule."""
    op = OPS[name]
    with pytest.raises(GradwireError) as caught:  # noqa: PT012
        if len(args) > 1:
            op.infer(
                [Aval(arg.shape, arg.dtype) for arg in args], op.check_parameters({**DRAWN.get(name, {}), **params})
            )
        op(*args, **params)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", NAMES)
def test_exported_pytorch_augments_in_training_alone(name):
    torch = pytest.importorskip("torch")
    session = Session()
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", shape=X.shape)
        t.add(name, name="y", inputs={"x": x})
    made = {"__name__": "exported"}
    exec(compile(torch_source(session.graph, session.registry), "exported.py", "exec"), made)
    network, x = made["Network"](), torch.tensor(X)
    assert torch.equal(network.eval()(x), x)
    y = network.train()(x)
    assert not torch.equal(y, x)
    y = y.numpy()
    if name == "random_flip":
        pairs = zip(y, X, strict=True)
        assert all(np.array_equal(one, x) or np.array_equal(one, x[:, :, ::-1]) for one, x in pairs)
    elif name == "random_shift":
        padded = np.pad(X, ((0, 0), (0, 0), (2, 2), (2, 2)))
        windows = [padded[:, :, i : i + 6, j : j + 5] for i in range(5) for j in range(5)]
        assert all(any(np.array_equal(y[n], window[n]) for window in windows) for n in range(len(y)))
    elif name == "cutout":
        gone = (y == 0).all(axis=1)
        assert ((y == 0) | (y == X)).all()
        assert set(gone.any(axis=2).sum(axis=1)) == {2, 3, 4}
    else:
        assert (y - X).std() == pytest.approx(0.1, rel=0.05)
