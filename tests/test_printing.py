"""The print op: which lines it writes, when, and that it changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.check import check
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
MODES = ("static", "eager")
Capture = pytest.CaptureFixture[str]


def printing(when: float | None = None, data: bool = False, **params: Any) -> Session:
    """s = sum(h · (1, 2)), where h passes through print: x = (3, 4), h = 2 x."""
    session = Session()
    with session.document.transaction("Build") as t:
        x = t.add("parameter", name="x", shape=(2,), init="zeros")
        t.set_values(x, np.array([3.0, 4.0], np.float32))
        h = t.add("multiply", name="h", inputs={"x": x, "y": t.add("constant", name="two", value=2.0)})
        ports = {"x": h}
        if data:
            ports |= {"data0": x, "data1": t.add("max", name="most", inputs={"x": x})}
        if when is not None:
            limit = t.add("constant", name="limit", value=when)
            ports["when"] = t.add("greater", name="large", inputs={"x": t.add("sum", inputs={"x": x}), "y": limit})
        shown = t.add("print", name="shown", inputs=ports, **params)
        weighed = t.add("multiply", inputs={"x": shown, "y": t.add("constant", value=[1.0, 2.0])})
        t.add("sum", name="s", inputs={"x": weighed})
    return session


def lines(capsys: Capture) -> list[str]:
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("value", ["h, iteration 1, forward: (2,) f32 [6., 8.]"]),
        ("gradient", ["h, iteration 1, backward: (2,) f32 [1., 2.]"]),
        ("both", ["h, iteration 1, forward: (2,) f32 [6., 8.]", "h, iteration 1, backward: (2,) f32 [1., 2.]"]),
    ],
)
def test_values_and_gradients(mode: str, show: str, expected: list[str], capsys: Capture) -> None:
    session = printing(message="h", show=show)
    found = session.gradients("s", "x", mode=mode)["x"]
    assert lines(capsys) == expected
    assert found is not None
    assert found.tolist() == [2, 4]
    session.run(fetch="s", mode=mode)
    assert lines(capsys) == ([expected[0]] if show != "gradient" else [])


@pytest.mark.parametrize("mode", MODES)
def test_data_stand_in_the_same_line(mode: str, capsys: Capture) -> None:
    session = printing(data=True, show="both")
    session.gradients("s", "x", mode=mode)
    beside = "data0 (2,) f32 [3., 4.]; data1 () f32 4."
    assert lines(capsys) == [
        f"iteration 1, forward: (2,) f32 [6., 8.]; {beside}",
        f"iteration 1, backward: (2,) f32 [1., 2.]; {beside}",
    ]


@pytest.mark.parametrize("mode", MODES)
def test_it_prints_where_its_condition_holds(mode: str, capsys: Capture) -> None:
    for limit, count in ((6.0, 2), (7.0, 0)):
        printing(when=limit, show="both").gradients("s", "x", mode=mode)
        assert len(lines(capsys)) == count


@pytest.mark.parametrize(
    ("every", "first", "iterations"),
    [(1, 0, [1, 2, 3, 4, 5, 6, 7]), (1, 2, [1, 2]), (3, 0, [3, 6]), (3, 1, [3]), (2, 2, [2, 4])],
)
def test_every_nth_and_the_first_of_them(every: int, first: int, iterations: list[int], capsys: Capture) -> None:
    session = printing(every=every, first=first)
    for _ in range(7):
        session.run(fetch="s")
    assert lines(capsys) == [f"iteration {i}, forward: (2,) f32 [6., 8.]" for i in iterations]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("every", [1, 2])
def test_training_prints_at_its_iterations_and_validation_apart(mode: str, every: int, capsys: Capture) -> None:
    session = gw.open(EXAMPLES / "iris_mlp.gw")
    loss = session.graph.training.loss  # type: ignore[union-attr]
    expected = gw.open(EXAMPLES / "iris_mlp.gw").train(epochs=1, mode=mode)
    ports = dict(session.graph.inputs(loss))
    with session.document.transaction("Insert") as t:
        shown = t.add("print", inputs={"x": ports["logits"]}, message="logits", show="both", every=every)
        t.connect(shown, loss, "logits")
    result = session.train(epochs=1, mode=mode)
    found = [line.partition(": (")[0] for line in lines(capsys)]
    trained = [line for line in found if "iteration" in line]
    turns = range(every, result.iterations + 1, every)
    assert trained == [f"logits, iteration {i}, {phase}" for i in turns for phase in ("forward", "backward")]
    # What every and first count are iterations of training.
    assert set(found) - set(trained) == ({"logits, validation, forward"} if every == 1 else set())
    assert all(np.array_equal(result.values[id], expected.values[id]) for id in expected.values)


def test_a_condition_of_many_numbers_is_refused() -> None:
    session = printing()
    with session.document.transaction("Wire") as t:
        t.connect(session.graph.resolve("x"), session.graph.resolve("shown"), "when")
    (problem,) = check(session.graph, session.registry).problems
    assert problem.text(session.graph) == (
        "shown.when: when must be one number, true or false, got (2,) f32"
        " (max over a comparison: whether it holds anywhere)"
    )


def test_forward_mode_and_second_order_pass_through() -> None:
    x = np.array([1.0, 2.0])
    value, tangent = gw.jvp(lambda v: gw.ops.print(v, message="") * v, (x,), (np.ones(2),))
    assert np.asarray(value).tolist() == [1, 4]
    assert np.asarray(tangent).tolist() == [2, 4]
    second = gw.grad(lambda v: gw.grad(lambda u: gw.ops.print(u, show="both") ** 3.0)(v))(2.0)
    assert float(second) == 12.0


def test_eager_gradients_print_when_they_come_back(capsys: Capture) -> None:
    x = gw.Tensor([1.0, 2.0])
    y = gw.ops.sum(gw.ops.print(x, message="x", show="gradient") * 3.0)
    assert lines(capsys) == []
    gw.backward(y)
    assert lines(capsys) == ["x, backward: (2,) f64 [3., 3.]"]
