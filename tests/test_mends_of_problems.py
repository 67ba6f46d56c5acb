"""What does not fit is mended by one edit: another layout of a value, a parameter of another shape, a missing wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradwire.core.diagnosing.fitting import MOST, mends_of_problem
from gradwire.core.document import Transaction
from gradwire.core.graph import Source, Training
from gradwire.core.layers import build
from gradwire.core.session import Session
from gradwire.core.stepping.mending import Mend

Build = Callable[[Transaction], object]


def value(t: Transaction, *shape: object, name: str = "x", dtype: str = "float") -> Source:
    return Source(t.add("input", name=name, shape=list(shape), dtype=dtype), "y")


def weight(t: Transaction, *shape: int, **params: object) -> Source:
    return Source(t.add("parameter", name="w", params={"shape": list(shape), "init": "he", **params}), "y")


def result(t: Transaction, op: str, **inputs: Source) -> Source:
    return Source(t.add(op, inputs=inputs), "y")


def made(*steps: Build) -> Session:
    session = Session()
    with session.document.transaction("Build") as t:
        for step in steps:
            step(t)
    return session


def offered(session: Session) -> list[tuple[Mend, ...]]:
    """What mends each problem."""
    checked = session.check()
    graph, registry = session.graph, session.registry
    return [mends_of_problem(graph, registry, checked, problem) for problem in checked.problems]


def labels(session: Session) -> list[list[str]]:
    return [[mend.label for mend in mends] for mends in offered(session)]


CASES: dict[str, tuple[Build, list[str]]] = {
    "rows into a convolution": (
        lambda t: result(t, "conv2d", x=value(t, "N", 64), w=weight(t, 16, 64, 3, 3)),
        ["Reshape conv2d.x to (N, 1, 8, 8), and resize w to (16, 1, 3, 3)"],
    ),
    "rows into a convolution of pictures": (
        lambda t: result(t, "conv2d", x=value(t, "N", 784), w=weight(t, 16, 1, 3, 3)),
        ["Reshape conv2d.x to (N, 1, 28, 28)"],
    ),
    "rows of coloured pictures": (
        lambda t: result(t, "conv2d", x=value(t, "N", 3072), w=weight(t, 8, 3, 5, 5)),
        ["Reshape conv2d.x to (N, 3, 32, 32)"],
    ),
    "maps into a matrix that fits them as rows": (
        lambda t: result(t, "matmul", x=value(t, "N", 16, 6, 6), w=weight(t, 576, 10)),
        ["Flatten matmul.x", "Resize w to (6, 10)"],
    ),
    "maps into a matrix": (
        lambda t: result(t, "matmul", x=value(t, "N", 16, 5, 5), w=weight(t, 16, 10)),
        ["Flatten matmul.x, and resize w to (400, 10)", "Resize w to (5, 10)"],
    ),
    "sequences into a matrix": (
        lambda t: result(t, "matmul", x=value(t, "N", 7, 32), w=weight(t, 16, 16)),
        ["Resize w to (32, 16)", "Flatten matmul.x, and resize w to (224, 16)"],
    ),
    "rows into a matrix": (
        lambda t: result(t, "matmul", x=value(t, "N", 64), w=weight(t, 16, 10)),
        ["Resize w to (64, 10)"],
    ),
    "one number of each sample into a matrix": (
        lambda t: result(t, "matmul", x=value(t, "N"), w=weight(t, 1, 10)),
        ["Expand matmul.x by a last axis"],
    ),
    "a matrix the other way round": (
        lambda t: result(t, "matmul", x=value(t, 2, 3), w=value(t, 4, 3, name="v")),
        ["Transpose matmul.w"],
    ),
    "rows by rows": (
        lambda t: result(t, "matmul", x=value(t, "N", 3), w=value(t, "N", 3, name="v")),
        ["Transpose matmul.w", "Transpose matmul.x"],
    ),
    "predictions of another length than the targets": (
        lambda t: result(
            t,
            "mse",
            prediction=build(t, "linear", value(t, "N", 8), in_features=8, out_features=10).output,
            target=value(t, "N", 3, name="y"),
        ),
        ["Set out_features of linear to 3"],
    ),
    "a residual of other channels": (
        lambda t: result(
            t,
            "add",
            x=build(t, "conv2d", value(t, "N", 8, 6, 6), in_channels=8, out_channels=16, kernel_size=1).output,
            y=Source("input0", "y"),
        ),
        ["Set out_channels of conv2d to 8"],
    ),
    "statistics of other channels": (
        lambda t: build(t, "batch_norm", value(t, "N", 8, 4, 4), num_features=16),
        [
            "Set num_features of batch_norm to 8",
            "Flatten batch_norm.x, and set num_features of batch_norm to 128",
        ],
    ),
    "two layers that do not meet": (
        lambda t: build(
            t,
            "linear",
            build(t, "linear", value(t, "N", 8), in_features=8, out_features=10).output,
            in_features=16,
            out_features=4,
        ),
        ["Set in_features of linear_2 to 10", "Set out_features of linear to 16"],
    ),
    "a bias of another length": (
        lambda t: result(t, "add", x=value(t, "N", 10), y=weight(t, 16)),
        ["Resize w to (10,)"],
    ),
    "labels that are floats": (
        lambda t: result(t, "cross_entropy", logits=value(t, "N", 10), target=value(t, "N", name="y")),
        ["Cast cross_entropy.target to int64"],
    ),
    "numbers that are no indices": (
        lambda t: result(t, "embedding", indices=value(t, "N"), table=weight(t, 10, 4)),
        ["Cast embedding.indices to int64"],
    ),
    "targets that the layer before does not fit": (
        lambda t: result(
            t,
            "mse",
            prediction=build(
                t, "linear", Source(t.add("dataset", source="diabetes"), "x"), in_features=10, out_features=16
            ).output,
        ),
        [
            "Wire dataset.y to mse.target, and set out_features of linear to 1",
            "Wire dataset.x to mse.target, and set out_features of linear to 10",
        ],
    ),
    "an open convolution beside rows": (
        lambda t: (value(t, "N", 64), build(t, "conv2d", None, in_channels=64, out_channels=8, kernel_size=3)),
        ["Wire x to conv2d.x, and reshape conv2d.x to (N, 1, 8, 8), and set in_channels of conv2d to 1"],
    ),
    "whole numbers among floats": (
        lambda t: result(t, "accumulate", xs0=value(t, 3), xs1=value(t, 3, name="y", dtype="int64")),
        ["Cast accumulate.xs1 to float32"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_is_offered_the_likeliest_first(case: str) -> None:
    build_it, wanted = CASES[case]
    assert labels(made(build_it)) == [wanted]


@pytest.mark.parametrize("case", CASES)
def test_after_each_the_problem_is_gone_and_undo_brings_it_back(case: str) -> None:
    session = made(CASES[case][0])
    before, problems = session.graph, session.check().problems
    for mend in offered(session)[0]:
        with session.document.transaction(mend.label) as t:
            mend.apply(t)
        assert session.check().problems == ()
        session.document.undo()
        assert session.graph == before
        assert session.check().problems == problems


def test_a_layer_is_built_for_what_comes_into_it_and_stays_one() -> None:
    def network(t: Transaction) -> None:
        x = value(t, "N", 64)
        convolved = build(t, "conv2d", x, in_channels=64, out_channels=16, kernel_size=3).output
        rows = build(t, "linear", result(t, "relu", x=convolved), in_features=16, out_features=10).output
        build(t, "batch_norm", rows, num_features=16)

    session, done = made(network), []
    while found := [mends[0] for mends in offered(session) if mends]:
        with session.document.transaction(found[0].label) as t:
            found[0].apply(t)
        done.append(found[0].label)
    assert session.check().problems == ()
    assert done == [
        "Reshape conv2d.x to (N, 1, 8, 8), and set in_channels of conv2d to 1",
        "Flatten linear.x, and set in_features of linear to 576",
        "Set num_features of batch_norm to 10",
    ]
    assert all(group.built_by is not None for group in session.graph.groups.values())
    reshape = session.graph.resolve("reshape")
    assert session.graph.nodes[reshape].group is None  # not within the layer


def test_an_open_port_takes_what_nothing_else_does_the_last_first_and_then_data() -> None:
    def network(t: Transaction) -> None:
        data = t.add("dataset", source="iris")
        logits = result(t, "matmul", x=Source(data, "x"), w=weight(t, 4, 3))
        t.add("relu", inputs={"x": logits})
        t.add("cross_entropy", inputs={"logits": logits})

    (found,) = labels(made(network))
    assert found == ["Wire dataset.y to cross_entropy.target", "Wire relu to cross_entropy.target"]

    def chain(t: Transaction) -> None:
        result(t, "relu", x=value(t, 3))
        t.add("tanh")

    assert labels(made(chain))[0][:2] == ["Wire relu to tanh.x", "Wire x to tanh.x"]


def test_no_wire_is_offered_that_would_close_a_loop() -> None:
    def network(t: Transaction) -> None:
        first = t.add("tanh")
        t.add("relu", inputs={"x": Source(first, "y")})

    assert labels(made(network)) == [[]]


def given(t: Transaction) -> None:
    w = weight(t, 2, 2, init="constant", value=[[1.0, 2.0], [3.0, 4.0]])
    result(t, "matmul", x=value(t, 2, 5), w=w)


def taken_elsewhere(t: Transaction) -> None:
    w = weight(t, 2, 2)
    result(t, "matmul", x=value(t, 2, 5), w=w)
    result(t, "exp", x=w)


def shared(t: Transaction) -> None:
    w = weight(t, 2, 2)
    result(t, "matmul", x=value(t, 2, 5), w=w)
    t.add("shared", of=w.node)


@pytest.mark.parametrize("build_it", [given, taken_elsewhere, shared])
def test_a_parameter_whose_numbers_were_given_or_that_others_take_keeps_its_shape(build_it: Build) -> None:
    assert not [label for label in labels(made(build_it))[0] if "resize" in label.lower()]


def test_what_learns_is_never_cast_to_whole_numbers() -> None:
    def network(t: Transaction) -> None:
        target = result(t, "exp", x=weight(t, 4))
        result(t, "cross_entropy", logits=value(t, 4, 10), target=target)

    assert labels(made(network)) == [[]]


def test_a_problem_of_settings_or_of_the_graph_has_none() -> None:
    def network(t: Transaction) -> None:
        loss = t.add("relu", inputs={"x": value(t, "N", 3)})
        t.set_training(Training(loss))

    session = made(network)
    assert [problem.message for problem in session.check().problems] == ["the loss must be one float, got (N, 3) f32"]
    assert offered(session) == [()]


def test_never_more_than_a_few() -> None:
    def network(t: Transaction) -> None:
        for i in range(9):
            value(t, 3, name=f"x{i}")
        t.add("relu")

    assert [len(mends) for mends in offered(made(network))] == [MOST]
