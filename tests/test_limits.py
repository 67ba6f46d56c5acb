"""Labels that pick no class, indices that pick nothing, metrics that cannot compare: told before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

from gradwire.core.cli import main
from gradwire.core.data import preparing
from gradwire.core.errors import DataError, GradwireError
from gradwire.core.extend import Aval, Limits, Registry, Within, op
from gradwire.core.op import Draw, Op
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.signature import limit_rules

COMMANDS = (("train",), ("run", "--fetch", "y"), ("check",), ("plan",), ("info",))
MEND = "mend the labels, or let there be more classes"
ACCURACY = {"name": "accuracy", "prediction": "y", "target": "d.y"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, so that messages name files shortly."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def node(operation: str, params: dict[str, Any] | None = None, **inputs: str) -> dict[str, Any]:
    return {"op": operation, "params": params or {}, "inputs": inputs}


def graph(nodes: dict[str, Any], **more: Any) -> str:
    Path("graph.gw").write_text(json.dumps({"format": 1, "nodes": nodes, **more}), "utf-8")
    return "graph.gw"


def classifier(
    data: dict[str, Any],
    metrics: tuple[Any, ...] = (),
    features: int = 2,
    train: bool = True,
    more: dict[str, Any] | None = None,
) -> str:
    """A linear classifier of three classes."""
    nodes = {
        "d": node("dataset", data),
        "w": node("parameter", {"shape": [features, 3]}),
        "y": node("matmul", x="d.x", w="w"),
        "l": node("cross_entropy", logits="y", target="d.y"),
    }
    training = {"loss": "l", "epochs": 1, "batch": 4, "metrics": metrics}
    return graph(nodes | (more or {}), **({"training": training} if train else {}))


def arrays() -> None:
    """x (40, 2) and labels from 0 to 4: the first above 2 is in row 3, and there are 16 such."""
    x, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 5
    np.savez("d.npz", x=x, y=y, labels=y)
    np.save("x.npy", x)
    np.save("labels.npy", y)
    np.save("table.npy", np.column_stack([y, x]))
    Path("d.csv").write_text("a,b,c\n\n" + "".join(f"{a},{b},{label}\n" for (a, b), label in zip(x, y, strict=True)))


def found(place: str, by: str = "l.target", why: str = "labels of 3 classes", fit: str = MEND) -> str:
    required = f"a number from 0 to 2 is required by {by} ({why})"
    return f"graph.gw: d: {place}: {required}; found 3, the first of 16 such (y goes from 0 to 4: {fit})"


def problems(file: str) -> list[str]:
    session = Session.open(file)
    return [f"{file}: {problem.text(session.graph)}" for problem in session.check().problems]


# --- labels


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"source": "d.npz"}, 'd.npz, array "y", row 3 (from 0)'),
        ({"source": "d.npz", "target": "labels", "classes": 9}, 'd.npz, array "labels", row 3 (from 0)'),
        ({"source": "x.npy", "target": "labels.npy"}, "labels.npy, row 3 (from 0)"),
        ({"source": "table.npy", "target": 0}, "table.npy, row 3 (from 0), column 0"),
        ({"source": "d.csv"}, 'd.csv, line 6, column "c"'),
    ],
)
def test_labels_without_a_class_are_told_with_their_place(
    command: tuple[str, ...], data: dict[str, Any], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays()
    name, *more = command
    # The metric does not take the same labels: that is no second problem.
    assert main([name, classifier(data, (ACCURACY,)), *more]) == 1
    assert capsys.readouterr().err.splitlines() == [found(place)]


def test_they_are_told_without_training_settings_too() -> None:
    arrays()
    assert problems(classifier({"source": "d.npz"}, train=False)) == [found('d.npz, array "y", row 3 (from 0)')]


def test_a_trainer_made_by_a_script_refuses_them() -> None:
    arrays()
    session = Session.open(classifier({"source": "d.npz"}))
    with pytest.raises(GradwireError) as caught:
        session.train()
    assert f"graph.gw: {caught.value}" == found('d.npz, array "y", row 3 (from 0)')
    assert (caught.value.node, dict(session.document.values)) == ("d", {})


def test_one_label_that_does_not_fit() -> None:
    np.savez("d.npz", x=np.ones((4, 2)), y=np.array([0, 1, 2, 3]))
    assert problems(classifier({"source": "d.npz"})) == [
        (
            'graph.gw: d: d.npz, array "y", row 3 (from 0): a number from 0 to 2 is required by l.target'
            f" (labels of 3 classes); found 3 (y goes from 0 to 3: {MEND})"
        )
    ]


def test_labels_that_fit_and_built_in_ones_that_need_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez("d.npz", x=np.ones((4, 2)), y=np.array([0, 1, 2, 0]))
    assert problems(classifier({"source": "d.npz"}, (ACCURACY,))) == []
    assert problems(classifier({"source": "digits"}, features=64)) == [
        (
            "graph.gw: d: digits, row 3 (from 0): a number from 0 to 2 is required by l.target"
            f" (labels of 3 classes); found 3, the first of 1,260 such (y goes from 0 to 9: {MEND})"
        )
    ]

    def read(*_: Any) -> None:
        raise AssertionError("nothing needs the data")

    monkeypatch.setattr(preparing, "source", read)
    assert problems(classifier({"source": "iris"}, features=4)) == []


def test_data_that_cannot_be_had_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: Any) -> None:
        raise DataError("there is no scikit-learn")

    monkeypatch.setattr(preparing, "source", read)
    assert problems(classifier({"source": "digits"}, features=64)) == ["graph.gw: d: there is no scikit-learn"]


@pytest.mark.parametrize(
    ("taking", "by", "why", "fit"),
    [
        (node("nll", log_probabilities="y", target="d.y"), "t.target", "labels of 3 classes", MEND),
        (node("one_hot", {"classes": 3}, x="d.y"), "t.x", "classes: 3", "mend the labels, or set more classes"),
        (
            node("gather", x="three", indices="d.y"),
            "t.indices",
            "x (3, 2) has 3 along axis 0",
            "mend the indices, or take a longer x",
        ),
    ],
)
def test_whatever_takes_labels_says_what_they_must_be(taking: dict[str, Any], by: str, why: str, fit: str) -> None:
    arrays()
    nodes = {
        "d": node("dataset", {"source": "d.npz"}),
        "w": node("parameter", {"shape": [2, 3]}),
        "y": node("matmul", x="d.x", w="w"),
        "three": node("parameter", {"shape": [3, 2]}),
        "t": taking,
    }
    assert problems(graph(nodes)) == [found('d.npz, array "y", row 3 (from 0)', by, why, fit)]


def test_each_range_is_told_once() -> None:
    arrays()
    more = {
        "same": node("nll", log_probabilities="y", target="d.y"),
        "two": node("one_hot", {"classes": 2}, x="d.y"),
        "five": node("one_hot", {"classes": 5}, x="d.y"),
    }
    told = problems(classifier({"source": "d.npz"}, (ACCURACY,), more=more))
    assert [line.split(" is required by ")[1].split(";")[0] for line in told] == [
        "l.target (labels of 3 classes)",
        "two.x (classes: 2)",
    ]


def test_rows_that_are_indices() -> None:
    np.savez("d.npz", x=np.arange(20).reshape(10, 2) % 6, y=np.arange(10) % 2)
    nodes = {
        "d": node("dataset", {"source": "d.npz"}),
        "e": node("parameter", {"shape": [4, 3]}),
        "g": node("gather", x="e", indices="d.x"),
    }
    assert problems(graph(nodes)) == [
        (
            'graph.gw: d: d.npz, array "x", row 2 (from 0): a number from 0 to 3 is required by g.indices'
            " (x (4, 3) has 4 along axis 0); found 4, the first of 6 such"
            " (x goes from 0 to 5: mend the indices, or take a longer x)"
        )
    ]


def test_targets_that_are_no_probabilities() -> None:
    np.savez("d.npz", x=np.ones((4, 2)), y=np.array([0, 0.5, 1, -0.25]))
    nodes = {
        "d": node("dataset", {"source": "d.npz"}),
        "w": node("parameter", {"shape": [2, 1]}),
        "y": node("matmul", x="d.x", w="w"),
        "l": node("binary_cross_entropy", logits="y", target="d.y"),
    }
    assert problems(graph(nodes)) == [
        (
            'graph.gw: d: d.npz, array "y", row 3 (from 0): a number from 0 to 1 is required by l.target'
            " (probabilities); found -0.25 (y goes from -0.25 to 1: give probabilities, or labels 0 and 1)"
        )
    ]


def test_what_does_not_demand_anything() -> None:
    arrays()
    # Bypassed, with a problem of its own, and by as many as there are in a batch.
    nodes = {
        "d": node("dataset", {"source": "d.npz", "task": "regression", "standardise": True}),
        "b": {**node("binary_cross_entropy", {"reduction": "none"}, logits="d.y", target="d.y"), "flags": ["bypass"]},
        "x": node("binary_cross_entropy", logits="d.x", target="d.x"),
    }
    assert problems(graph(nodes)) == []
    nodes = {
        "d": node("dataset", {"source": "d.npz"}),
        "broken": node("one_hot", {"classes": "two"}, x="d.y"),
        "rows": node("gather", x="d.x", indices="d.y"),
    }
    assert problems(graph(nodes)) == ["graph.gw: broken: one_hot: classes must be an integer of 1 or more, got 'two'"]


# --- metrics


def test_a_metric_whose_shapes_do_not_fit(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("d.npz", x=np.ones((8, 2)), y=np.arange(8) % 3)
    metrics = (
        {"name": "accuracy", "prediction": "w", "target": "d.y"},
        {"name": "mse", "prediction": "y", "target": "d.x"},
        {"name": "mae", "prediction": "l", "target": "d.y"},
    )
    file = classifier({"source": "d.npz"}, metrics)
    expected = [
        (
            "d: the metric accuracy reads w and d.y: accuracy of prediction (2, 3) needs a target of shape"
            " (2,) or (2, 3); found (N,) (one integer label a sample)"
        ),
        (
            "d: the metric mse reads y and d.x: prediction and target must have one shape;"
            " found (N, 3) and (N, 2) (target: (N, 3))"
        ),
        (
            "d: the metric mae reads l and d.y: prediction and target must have one shape;"
            " found () and (N,) (target: ())"
        ),
    ]
    for command in COMMANDS:
        name, *more = command
        assert main([name, file, *more]) == 1
        assert capsys.readouterr().err.splitlines() == [f"graph.gw: {line}" for line in expected]
    with pytest.raises(GradwireError) as caught:
        Session.open(file).trainer()
    assert [str(each) for each in caught.value.each] == expected


def test_a_metric_alone_takes_labels_that_do_not_fit() -> None:
    arrays()
    nodes = {
        "d": node("dataset", {"source": "d.npz"}),
        "w": node("parameter", {"shape": [2, 3]}),
        "y": node("matmul", x="d.x", w="w"),
        "l": node("mean", x="y"),
    }
    file = graph(nodes, training={"loss": "l", "metrics": [ACCURACY]})
    assert problems(file) == [found('d.npz, array "y", row 3 (from 0)', "the metric accuracy")]
    with pytest.raises(GradwireError) as caught:
        Session.open(file).trainer()
    assert f"graph.gw: {caught.value}" == found('d.npz, array "y", row 3 (from 0)', "the metric accuracy")


# --- what ops say


LIMITED = [found for found in builtin() if limit_rules(found.forward)]


def test_these_ops_have_limits() -> None:
    assert {found.name: list(limit_rules(found.forward)) for found in LIMITED} == {
        "binary_cross_entropy": ["target"],
        "cross_entropy": ["target"],
        "embedding": ["indices"],
        "focal": ["target"],
        "gather": ["indices"],
        "kl_divergence": ["target"],
        "multi_margin": ["target"],
        "nll": ["target"],
        "one_hot": ["x"],
        "scatter_add": ["indices"],
        "scatter_add_along_axis": ["indices"],
        "take_along_axis": ["indices"],
    }


@pytest.mark.parametrize("limited", LIMITED, ids=lambda limited: limited.name)
def test_an_op_takes_what_lies_within_its_limits_and_nothing_else(limited: Op) -> None:
    for sample in limited.samples:
        params = limited.check_parameters(sample.params)
        args = [np.zeros(a.shape, "int64") if isinstance(a, Draw) else np.full(a, 0.5) for a in sample.args]
        for port, rule in limit_rules(limited.forward).items():
            at = limited.positions[port]
            limits = rule(*(Aval(a.shape, a.dtype) for a in args), **params)
            for value in () if limits is None else (limits.low, limits.high):
                args[at] = np.full_like(args[at], value)
                limited.forward(np, *args, **params)
            for value in () if limits is None else (limits.low - 1, limits.high + 1):
                args[at] = np.full_like(args[at], value)
                with pytest.raises(DataError):
                    limited.forward(np, *args, **params)


def quaternary(x: Any) -> Limits:
    return Limits(0, 3, "digits to base 4", "mend the digits")


@op(formula="x", category="math", samples=[])
def digit(xp: Any, x: Annotated[Any, Within(quaternary)]) -> Any:
    """The digits `x`."""
    return x


@digit.shape
def _(x: Aval) -> Aval:
    return x


def test_an_op_of_a_plugin_has_limits_too() -> None:
    arrays()
    file = graph({"d": node("dataset", {"source": "d.npz"}), "t": node("digit", x="d.y")})
    session = Session.open(file, Registry([*builtin(), digit]))
    assert [problem.text(session.graph) for problem in session.check().problems] == [
        (
            'd: d.npz, array "y", row 4 (from 0): a number from 0 to 3 is required by t.x (digits to base 4);'
            " found 4, the first of 8 such (y goes from 0 to 4: mend the digits)"
        )
    ]
