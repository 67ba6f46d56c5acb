"""Convolutions, pools, normalisation and embeddings: known answers, conventions, refusals, and running statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_ops import conv2d as by_loops
from image_ops import pools

from gradwire.core.document import Document
from gradwire.core.errors import DataError, GradwireError, ShapeError
from gradwire.core.evaluating import Asked
from gradwire.core.graph.elements import Source, Training
from gradwire.core.layers import build
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping.recorder import Recorder

OPS = {found.name: found for found in builtin()}
INF, NAN = float("inf"), float("nan")


def images(*rows: Any) -> Any:
    return np.array(rows, float)[None, None]


# Known answers.


def test_a_kernel_is_not_flipped_and_slides_over_the_image() -> None:
    x = images([1, 2, 3], [4, 5, 6], [7, 8, 9])
    w = images([1, 0], [0, -1])
    assert OPS["conv2d"](x, w).tolist() == [[[[-4, -4], [-4, -4]]]]
    assert OPS["conv2d"](x, w, np.array([10.0])).tolist() == [[[[6, 6], [6, 6]]]]
    same = OPS["conv2d"](x, w, padding="same")  # of the one zero that is needed, at the end
    assert same.tolist() == [[[[-4, -4, 3], [-4, -4, 6], [7, 8, 9]]]]


def test_the_cost_of_a_convolution_is_counted_without_outputs_too() -> None:
    def flops(name: str, *shapes: tuple[int, ...]) -> int:
        rule = OPS[name].flops_rule
        assert rule is not None
        return int(rule(*(Aval(shape, np.dtype("float32")) for shape in shapes), **OPS[name].check_parameters({})))

    assert flops("conv2d", (1, 2, 5, 5), (3, 2, 3, 3)) == 2 * 27 * 18
    assert flops("conv2d", (1, 2, 5, 5), (0, 2, 3, 3)) == 0
    assert flops("conv_transpose2d", (1, 3, 5, 5), (3, 2, 3, 3)) == 2 * 75 * 18
    assert flops("conv_transpose2d", (1, 0, 5, 5), (0, 2, 3, 3)) == 0


def test_a_transposed_convolution_doubles_an_image() -> None:
    x, w = images([1, 2], [3, 4]), images([1, 1], [1, 1])
    assert OPS["conv_transpose2d"](x, w, stride=2)[0, 0].tolist() == [
        [1, 1, 2, 2],
        [1, 1, 2, 2],
        [3, 3, 4, 4],
        [3, 3, 4, 4],
    ]
    assert OPS["conv_transpose2d"](x, w, stride=2, output_padding=1).shape == (1, 1, 5, 5)


STEPS = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=STEPS,
    dilation=STEPS,
    padding=st.integers(0, 2) | st.tuples(st.integers(0, 2), st.integers(0, 2)),
    groups=st.integers(1, 3),
)
def test_the_three_ops_of_convolution_are_each_others_gradients(
    kernel: Any, stride: Any, dilation: Any, padding: Any, groups: int
) -> None:
    numbers = np.random.default_rng(0)
    x, w = numbers.normal(size=(2, 2 * groups, 7, 8)), numbers.normal(size=(3 * groups, 2, *kernel))
    params = OPS["conv2d"].check_parameters(
        {"stride": stride, "dilation": dilation, "padding": padding, "groups": groups}
    )
    y = OPS["conv2d"](x, w, **params)
    assert (Aval(y.shape, y.dtype),) == OPS["conv2d"].infer((Aval(x.shape, x.dtype), Aval(w.shape, w.dtype)), params)
    g = numbers.normal(size=y.shape)
    entries = [entry() for entry in OPS["conv2d"].vjp_rule(g, y, x, w, **params)[:2]]
    case = type("Case", (), {"args": (x, w), "params": params, "g": g})
    for position, entry in enumerate(entries):
        np.testing.assert_allclose(entry, by_loops(case, position), rtol=1e-10, atol=1e-10)
    # What is spread back is the adjoint of what was gathered: <conv(x, w), g> = <x, transposed(g, w)>.
    assert np.sum(entries[0] * x) == pytest.approx(np.sum(g * y), abs=1e-9)
    assert np.sum(entries[1] * w) == pytest.approx(np.sum(g * y), abs=1e-9)


def test_of_a_tie_the_first_gets_all() -> None:
    x = images([1, 1, 0, 0], [1, 1, 0, 2])
    y = OPS["max_pool2d"].forward(np, x, **OPS["max_pool2d"].check_parameters({"kernel_size": 2}))
    (entry,) = OPS["max_pool2d"].vjp_rule((np.array([[[[5.0, 7.0]]]]), None), y, x)
    assert entry.tolist() == [[[[5, 0, 0, 0], [0, 0, 0, 7]]]]


def test_padding_never_wins_a_pool_and_nan_does() -> None:
    pool = OPS["max_pool2d"]
    x = images([-INF, -INF, -3], [-INF, -INF, NAN])
    params = pool.check_parameters({"kernel_size": 2, "padding": 1})
    y, indices = pool.forward(np, x, **params)
    np.testing.assert_array_equal(y, [[[[-INF, -3], [-INF, NAN]]]])
    assert indices.tolist() == [[[[0, 2], [3, 5]]]], "where all are −infinity the first within the image"


def test_a_pool_of_overlapping_windows_adds_gradients_up() -> None:
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    params = OPS["max_pool2d"].check_parameters({"kernel_size": 3, "stride": 1})
    y = OPS["max_pool2d"].forward(np, x, **params)
    (entry,) = OPS["max_pool2d"].vjp_rule((np.ones(y[0].shape), None), y, x, **params)
    assert entry.sum() == 9
    assert entry[0, 0, 4, 4] == 1
    peak = np.zeros((1, 1, 5, 5))
    peak[0, 0, 2, 2] = 1
    y = OPS["max_pool2d"].forward(np, peak, **params)
    (entry,) = OPS["max_pool2d"].vjp_rule((np.ones(y[0].shape), None), y, peak, **params)
    assert entry[0, 0, 2, 2] == 9


@pytest.mark.parametrize("counted", [True, False])
def test_zeros_around_an_image_count_where_that_is_said(counted: bool) -> None:
    x = np.ones((1, 1, 3, 3))
    y = OPS["avg_pool2d"](x, kernel_size=2, padding=1, count_include_pad=counted)
    assert y.tolist() == ([[[[0.25, 0.5], [0.5, 1]]]] if counted else [[[[1, 1], [1, 1]]]])
    params = {"kernel_size": 2, "stride": None, "padding": 1, "ceil_mode": False, "count_include_pad": counted}
    case = type("Case", (), {"params": params})
    for at, elements, count in pools(case, x.shape):
        assert y[at] == pytest.approx(len(elements) / count)


@pytest.mark.parametrize("name", ["conv2d", "max_pool2d", "avg_pool2d", "batch_norm", "layer_norm"])
def test_layout_and_protection_of_arguments_do_not_matter(name: str) -> None:
    found, numbers = OPS[name], np.random.default_rng(1)
    x = numbers.normal(size=(2, 3, 6, 5)).astype(np.float32)
    others = (numbers.normal(size=(4, 3, 2, 2)).astype(np.float32),) if name == "conv2d" else ()
    params = {"kernel_size": 2} if "pool" in name else {}
    turned = np.ascontiguousarray(x.transpose(3, 2, 1, 0)).transpose(3, 2, 1, 0)
    turned.flags.writeable = False
    found_, wanted = found(turned, *others, **params), found(x, *others, **params)
    assert found_.dtype == np.float32
    np.testing.assert_allclose(found_, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["conv2d", "max_pool2d", "avg_pool2d", "layer_norm"])
def test_a_batch_may_be_empty(name: str) -> None:
    x, params = np.zeros((0, 3, 4, 4)), {"kernel_size": 2} if "pool" in name else {}
    args = (x, np.zeros((5, 3, 2, 2))) if name == "conv2d" else (x,)
    found = OPS[name]
    complete = found.check_parameters(params)
    y = found.forward(np, *args, **complete)
    first = y if found.single else y[0]
    assert first.shape == found.infer([Aval(a.shape, a.dtype) for a in args], complete)[0].shape
    g = np.zeros(first.shape) if found.single else (np.zeros(first.shape), *[None] * (len(found.outputs) - 1))
    entries = [e() if callable(e) else e for e in found.vjp_rule(g, y, *args, **complete)]
    assert [e.shape for e in entries if e is not None] == [a.shape for a in args]


def test_normalised_values_have_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(2).normal(3, 5, (8, 4, 6))
    y = OPS["batch_norm"](x)
    assert y.mean((0, 2)) == pytest.approx(np.zeros(4), abs=1e-12)
    assert y.std((0, 2)) == pytest.approx(np.ones(4), rel=1e-5)
    y = OPS["layer_norm"](x, axis=(1, 2))
    assert y.mean((1, 2)) == pytest.approx(np.zeros(8), abs=1e-12)
    assert OPS["layer_norm"](np.full((2, 3), 7.0)).tolist() == [[0, 0, 0]] * 2


def test_an_embedding_is_the_product_of_one_hot_rows_with_its_table() -> None:
    table, indices = np.random.default_rng(3).normal(size=(5, 2)), np.array([[0, 4], [4, 1]])
    np.testing.assert_array_equal(OPS["embedding"](indices, table), np.eye(5)[indices] @ table)


# Refusals.

F32 = np.dtype(np.float32)
REFUSED: list[tuple[str, tuple[tuple[int, ...], ...], dict[str, Any], str | None, str]] = [
    (
        "conv2d",
        ((3, 8, 8), (4, 3, 3, 3)),
        {},
        "x",
        "x must be images (N, C, height, width), got (3, 8, 8) (x: (N, C, height, width))",
    ),
    ("conv2d", ((2, 3, 8, 8), (4, 2, 3, 3)), {}, "w", "w takes 2 channels but x has 3 (w: (O, 3, kh, kw))"),
    (
        "conv2d",
        ((2, 4, 8, 8), (4, 4, 3, 3)),
        {"groups": 2},
        "w",
        "w takes 4 channels but x has 2 of 4 in 2 groups (w: (O, 2, kh, kw))",
    ),
    (
        "conv2d",
        ((2, 3, 8, 8), (4, 3, 3, 3)),
        {"groups": 2},
        "x",
        "x has 3 channels, which 2 groups do not share out (groups: 1, or another divisor of 3)",
    ),
    (
        "conv2d",
        ((2, 4, 8, 8), (3, 2, 3, 3)),
        {"groups": 2},
        "w",
        "w has 3 outputs, which 2 groups do not share out (groups: 1, or another divisor of 3)",
    ),
    (
        "conv2d",
        ((2, 3, 8, 8), (4, 3, 3)),
        {},
        "w",
        "w must be weights (O, …, kh, kw), got (4, 3, 3) (w: (O, 3, kh, kw))",
    ),
    (
        "conv2d",
        ((2, 3, 4, 8), (4, 3, 3, 3)),
        {"dilation": 2},
        "x",
        "a window of (5, 5) does not fit images of (4, 8) with their padding (x: (N, C, 5, 5) or more)",
    ),
    (
        "conv2d",
        ((2, 3, 8, 8), (4, 3, 3, 3)),
        {"stride": 2, "padding": "same"},
        None,
        "padding same needs a stride of 1, got (2, 2) (padding: a number)",
    ),
    (
        "conv2d",
        ((2, 3, 8, 8), (4, 3, 3, 3), (3,)),
        {},
        "bias",
        "bias (3,) must have one number for each of 4 outputs (bias: (4,))",
    ),
    ("conv2d", ((2, 3, 8, 8), (4, 3, 0, 3)), {}, None, "a kernel (0, 3) has no elements (lengths of 1 or more)"),
    (
        "conv_transpose2d",
        ((2, 3, 0, 8), (3, 4, 3, 3)),
        {},
        "x",
        "images of (0, 8) have no pixel (lengths of 1 or more)",
    ),
    ("conv_transpose2d", ((2, 3, 8, 8), (4, 3, 3, 3)), {}, "w", "w takes 4 channels but x has 3 (w: (3, 3, 3, 3))"),
    (
        "conv_transpose2d",
        ((2, 3, 8, 8), (3, 4, 3, 3)),
        {"output_padding": 2, "stride": 2},
        None,
        "output_padding (2, 2) must be below stride (2, 2) or dilation (1, 1) (output_padding: 0)",
    ),
    (
        "conv_transpose2d",
        ((2, 3, 1, 1), (3, 4, 3, 3)),
        {"padding": 2},
        None,
        "a padding of (2, 2) leaves nothing of images of (3, 3) (padding: 0)",
    ),
    (
        "conv2d_weight",
        ((2, 3, 8, 8), (2, 4, 5, 6)),
        {"kernel_size": 3},
        "dy",
        "dy (2, 4, 5, 6) is not what conv2d gives of x (2, 3, 8, 8) (dy: (2, O, 6, 6))",
    ),
    (
        "max_pool2d",
        ((2, 3, 8, 8),),
        {"kernel_size": 2, "padding": 2},
        None,
        "padding (2, 2) must be at most half of the kernel (2, 2) (padding: 0)",
    ),
    (
        "avg_pool2d",
        ((2, 3, 1, 8),),
        {"kernel_size": 2},
        "x",
        "a window of (2, 2) does not fit images of (1, 8) with their padding (x: (N, C, 2, 2) or more)",
    ),
    (
        "avg_unpool2d",
        ((2, 3, 1, 1),),
        {"kernel_size": 2, "size": (4, 4)},
        "x",
        "x (2, 3, 1, 1) is not what avg_pool2d gives of images of (4, 4) (x: (N, C, 2, 2))",
    ),
    ("batch_norm", ((4,),), {}, "x", "x must be samples of channels (N, C, …), got (4,) (x: (N, C))"),
    ("batch_norm", ((4, 3), (4,)), {}, "gamma", "gamma (4,) must have one number for each of 3 channels (gamma: (3,))"),
    (
        "batch_norm",
        ((1, 3),),
        {},
        "x",
        "batch_norm needs at least two numbers a channel to normalise, and x (1, 3) has 1 (a larger batch)",
    ),
    (
        "batch_norm",
        ((4, 3), (3,), (3,), (3,)),
        {},
        "running_var",
        "running_mean and running_var go together (running_var: (3,))",
    ),
    (
        "layer_norm",
        ((2, 3, 4),),
        {"axis": (0, 1)},
        None,
        "layer_norm goes over the last axes of x (2, 3, 4), got axis (0, 1) (axis: -1)",
    ),
    (
        "layer_norm",
        ((2, 3, 4), (3,)),
        {},
        "gamma",
        "gamma (3,) must have the lengths (4,) of the axes that are normalised (gamma: (4,))",
    ),
    ("layer_norm", ((2, 0),), {}, "x", "x (2, 0) has no elements to normalise (lengths of 1 or more)"),
]


@pytest.mark.parametrize(("name", "shapes", "params", "port", "message"), REFUSED)
def test_what_does_not_fit_is_told_before_a_run_and_in_one(
    name: str, shapes: Any, params: Any, port: str | None, message: str
) -> None:
    found = OPS[name]
    with pytest.raises(ShapeError) as caught:
        found.infer([Aval(shape, F32) for shape in shapes], found.check_parameters(params))
    assert str(caught.value) == message
    assert caught.value.port == port
    with pytest.raises(GradwireError) as caught_in_run, np.errstate(all="ignore"):
        found(*(np.ones(shape, F32) for shape in shapes), **params)
    assert str(caught_in_run.value) == message


def test_indices_and_tables_that_do_not_fit_are_told() -> None:
    found, table = OPS["embedding"], np.zeros((4, 2))
    for indices, other, error, message in (
        (np.array([0, 4]), table, DataError, "indices[1] is 4, outside 0 to 3 (table (4, 2) has 4 rows)"),
        (np.array([-1]), table, DataError, "indices[0] is -1, outside 0 to 3 (table (4, 2) has 4 rows)"),
        (np.array([1]), table[0], ShapeError, "table must be rows of vectors (V, D), got (2,) (table: (V, D))"),
    ):
        with pytest.raises(error) as caught:
            found(indices, other)
        assert str(caught.value) == message
    with pytest.raises(ShapeError) as refused:
        found.infer((Aval((3,), F32), Aval((4, 2), F32)), {})
    assert str(refused.value) == "indices must be integers, got float32 (cast indices to int64)"


# Running statistics.

X = np.random.default_rng(4).normal(2, 3, (6, 3, 2))


def normalised(**training: Any) -> Session:
    """x -> batch normalisation -> mean of (y − 1)²."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype("float64")
        t.add("constant", name="x", value=X.tolist())
        norm = build(t, "batch_norm", Source("constant0", "y"), name="norm", num_features=3, momentum=0.3, eps=1e-3)
        t.add("constant", name="one", value=1.0)
        t.add("subtract", inputs={"x": norm.output, "y": "constant1"})
        t.add("square", inputs={"x": "subtract0"})
        t.add("mean", name="loss", inputs={"x": "square0"})
        settings: dict[str, Any] = {"optimiser": {"name": "sgd", "lr": 0.1}, "batch": 1, "epochs": 3, "seed": 1}
        t.set_training(Training("mean0", **(settings | training)))
    return Session(doc)


def by_path(session: Session, values: Any) -> dict[str, Any]:
    return {session.graph.path(id): value for id, value in values.items()}


def test_training_moves_running_statistics_as_pytorch_does() -> None:
    torch = pytest.importorskip("torch")
    session = normalised()
    session.train()
    theirs = torch.nn.BatchNorm1d(3, eps=1e-3, momentum=0.3, dtype=torch.float64)
    step = torch.optim.SGD(theirs.parameters(), lr=0.1)
    for _ in range(3):
        step.zero_grad()
        ((theirs(torch.tensor(X)) - 1) ** 2).mean().backward()
        step.step()
    names = ("weight", "bias", "running_mean", "running_var")
    ours = session.run(fetch=[f"norm/{name}" for name in names])
    for name in names:
        np.testing.assert_allclose(ours[f"norm/{name}"], getattr(theirs, name).detach().numpy(), rtol=1e-12)
    shown = session.run(fetch="norm/batch_norm")["norm/batch_norm"]  # in evaluation, by the running ones
    np.testing.assert_allclose(shown, theirs.eval()(torch.tensor(X)).detach().numpy(), rtol=1e-12)


def test_both_modes_move_them_alike_and_a_recording_does_too() -> None:
    found = {}
    for mode in ("static", "eager"):
        session = normalised()
        session.train(mode=mode)
        found[mode] = by_path(session, session.document.values)
    assert {k: v.tobytes() for k, v in found["static"].items()} == {k: v.tobytes() for k, v in found["eager"].items()}
    assert set(found["static"]) == {"norm/weight", "norm/bias", "norm/running_mean", "norm/running_var"}
    session = normalised()
    last = Recorder(Asked.of(session), session.registry).iteration(3)
    assert last is not None
    recorded = by_path(session, {id: value for id, value in last.after.items() if id in session.graph.nodes})
    assert {k: v.tobytes() for k, v in recorded.items()} == {k: v.tobytes() for k, v in found["static"].items()}
    mean = session.graph.resolve("norm/running_mean")
    assert last.timeline.updates.text(mean) == "norm/running_mean: by norm/batch_norm, v2 → v3"


def test_a_run_in_training_moves_them_once_and_one_in_evaluation_does_not() -> None:
    session = normalised()
    session.run(fetch="loss")
    assert not session.document.values
    session.run(fetch="loss", train=True)
    moved = by_path(session, session.document.values)
    np.testing.assert_allclose(moved["norm/running_mean"], 0.3 * X.mean((0, 2)))
    np.testing.assert_allclose(moved["norm/running_var"], 0.7 + 0.3 * X.var((0, 2), ddof=1))
    session.document.undo()
    assert not session.document.values


def test_they_are_never_trained() -> None:
    session = normalised()
    trainer = session.trainer()
    path = session.graph.path
    assert {path(id) for id in trainer.step.trained} == {"norm/weight", "norm/bias"}
    assert {path(id) for id in trainer.step.assigned} == {"norm/running_mean", "norm/running_var"}


def test_a_bypassed_normalisation_keeps_its_statistics() -> None:
    session = normalised()
    with session.document.transaction("Bypass") as t:
        t.set_flags(session.graph.resolve("norm/batch_norm"), ["bypass"])
    session.run(fetch="loss", train=True)
    assert not session.document.values


def test_statistics_that_two_nodes_move_are_a_problem() -> None:
    session = normalised()
    with session.document.transaction("Twice") as t:
        id = session.graph.resolve("norm/running_mean")
        t.add("assign", name="again", inputs={"value": id}, target=id)
    (problem,) = session.check().problems
    told = {session.graph.path(problem.node or ""), problem.message}
    assert told in (
        {"again", "norm/running_mean is assigned already, by norm/batch_norm"},
        {"norm/batch_norm", "norm/running_mean is assigned already, by again"},
    )


# Layers.


def layered(kind: str, shape: tuple[Any, ...], dtype: str = "float", **params: Any) -> tuple[Session, Any]:
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("input", name="x", shape=shape, dtype=dtype)
        made = build(t, kind, Source("input0", "y"), name="net", **params)
    return Session(doc), made.output


LAYERED: list[tuple[str, tuple[Any, ...], dict[str, Any], str, set[str]]] = [
    ("conv2d", ("N", 3, 8, 9), {"in_channels": 3, "out_channels": 4}, "(N, 4, 6, 7) f32", {"weight", "bias"}),
    (
        "conv2d",
        ("N", 4, 8, 8),
        {"in_channels": 4, "out_channels": 6, "kernel_size": (3, 1), "groups": 2, "stride": 2, "bias": False},
        "(N, 6, 3, 4) f32",
        {"weight"},
    ),
    (
        "batch_norm",
        ("N", 3, 8, 9),
        {"num_features": 3},
        "(N, 3, 8, 9) f32",
        {"weight", "bias", "running_mean", "running_var"},
    ),
    ("batch_norm", ("N", 3), {"num_features": 3, "affine": False, "track_running_stats": False}, "(N, 3) f32", set()),
    ("layer_norm", ("N", 3, 8), {"normalized_shape": (3, 8)}, "(N, 3, 8) f32", {"weight", "bias"}),
    ("layer_norm", ("N", 8), {"normalized_shape": (8,), "bias": False, "eps": 1e-3}, "(N, 8) f32", {"weight"}),
]


@pytest.mark.parametrize(("kind", "shape", "params", "result", "parameters"), LAYERED)
def test_layers_have_the_parameters_of_pytorch_s(
    kind: str, shape: Any, params: Any, result: str, parameters: set[str]
) -> None:
    session, output = layered(kind, shape, **params)
    checked = session.check()
    assert checked.problems == ()
    assert checked.shapes[output] == result
    names = {node.name for node in session.graph.nodes.values() if node.op == "parameter"}
    assert names == parameters


def test_an_embedding_layer_takes_indices() -> None:
    session, output = layered("embedding", ("N", 7), "int64", num_embeddings=10, embedding_dim=3)
    assert session.check().shapes[output] == "(N, 7, 3) f32"


def test_groups_that_do_not_share_out_channels_are_refused() -> None:
    with pytest.raises(GradwireError) as caught:
        layered("conv2d", ("N", 3, 8, 8), in_channels=3, out_channels=4, groups=2)
    assert str(caught.value) == "conv2d: 2 groups do not share out in_channels 3 (groups: 1)"


@pytest.mark.parametrize(("out_channels", "stride", "own"), [(4, 1, False), (4, 2, True), (6, 1, True)])
def test_a_residual_block_brings_its_input_to_the_shape_of_what_is_added(
    out_channels: int, stride: int, own: bool
) -> None:
    session, output = layered("residual_block", ("N", 4, 8, 8), in_channels=4, out_channels=out_channels, stride=stride)
    assert session.check().problems == ()
    assert session.check().shapes[output] == f"(N, {out_channels}, {8 // stride}, {8 // stride}) f32"
    assert ("net/downsample" in map(session.graph.path, session.graph.groups)) is own


def test_initial_weights_of_a_convolution_count_each_element_of_the_kernel() -> None:
    for init, deviation in (("he", np.sqrt(2 / (8 * 25))), ("xavier", np.sqrt(6 / ((8 + 400) * 25)) / np.sqrt(3))):
        values = OPS["parameter"](shape=(400, 8, 5, 5), init=init)
        assert values.std() == pytest.approx(deviation, rel=0.02)
