"""Hooks: what they are told of runs and of training, that they change no bit, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.errors import GradwireError
from gradwire.core.hooks import Seen
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
MODES = ("static", "eager")
Array = np.ndarray[Any, Any]


class Log:
    """A hook that keeps what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[Array, Seen]] = []

    def __call__(self, array: Array, seen: Seen) -> None:
        self.calls.append((array.copy(), seen))

    @property
    def places(self) -> list[str]:
        return [" ".join(filter(None, (seen.phase, seen.path, seen.way))) for _, seen in self.calls]

    def __getitem__(self, place: str) -> Array:
        return self.calls[self.places.index(place)][0]


def same(left: Any, right: Any) -> bool:
    return bool(left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes())


def chain() -> Session:
    """y = (a * b) + a, in which the product and a sine of it lie in the group g: s = sum(sin(a * b) + a)."""
    session = Session()
    with session.document.transaction("Build") as t:
        group = t.add_group("g")
        a = t.add("parameter", name="a", shape=(2,), init="normal")
        b = t.add("parameter", name="b", shape=(2,), init="normal")
        product = t.add("multiply", name="p", inputs={"x": a, "y": b}, group=group)
        sine = t.add("sin", name="wave", inputs={"x": product}, group=group)
        y = t.add("add", name="y", inputs={"x": sine, "y": a})
        t.add("sum", name="s", inputs={"x": y})
        t.add("cos", name="aside", inputs={"x": a})
    return session


@pytest.mark.parametrize("mode", MODES)
def test_a_fork_is_told_its_sum_and_what_each_port_delivers(mode: str) -> None:
    session, log = gw.open(EXAMPLES / "fork.gw"), Log()
    for name in ("h", "both.xs0", "W2h.w"):
        session.on_gradient(name, log)
    session.on_forward("h", log)
    session.on_forward("W2h.w", log)
    found = session.gradients("y", "h", mode=mode)
    assert log.places == [
        "forward h",
        "forward W2h.w",
        "backward both.xs0",
        "backward W2h.w",
        "backward h",
    ]
    assert same(log["forward h"], session.run(fetch="h")["h"])
    assert same(log["backward h"], found["h"])
    parts = {f"{node}.{port}": array for node, port, array in session.contributions("y", "h")}
    assert same(log["backward both.xs0"], parts["both.xs0"])
    assert same(log["backward W2h.w"], parts["W2h.w"])
    assert same(log["backward both.xs0"] + log["backward W2h.w"], log["backward h"])


@pytest.mark.parametrize("mode", MODES)
def test_a_group_is_told_what_goes_in_and_out(mode: str) -> None:
    session, log = chain(), Log()
    session.on_forward("g", log)
    session.on_gradient("g", log)
    session.gradients("s", ["a", "b"], mode=mode)
    assert sorted(log.places) == [
        "backward g/p.x out",
        "backward g/p.y out",
        "backward y.x in",
        "forward a in",
        "forward b in",
        "forward g/wave out",
    ]
    assert [seen.phase for _, seen in log.calls] == ["forward"] * 3 + ["backward"] * 3
    values = session.run(fetch=["a", "b", "g/wave", "g/p"])
    assert same(log["forward b in"], values["b"])
    assert same(log["forward g/wave out"], values["g/wave"])
    assert log["backward y.x in"].tolist() == [1, 1]
    np.testing.assert_allclose(log["backward g/p.x out"], np.cos(values["g/p"]) * values["b"], rtol=1e-6)
    np.testing.assert_allclose(log["backward g/p.y out"], np.cos(values["g/p"]) * values["a"], rtol=1e-6)


def test_a_group_in_which_the_root_lies_is_told_its_starting_gradient() -> None:
    session, log = chain(), Log()
    session.on_forward("g", log)
    session.on_gradient("g", log)
    with session.document.transaction("Cut") as t:
        t.remove(*[id for id, node in session.graph.nodes.items() if node.name in ("y", "s")])
    session.gradients("g/wave", "a", seed=[2.0, 3.0])
    assert log["backward g/wave.seed in"].tolist() == [2, 3]
    assert "forward g/wave out" in log.places


@pytest.mark.parametrize("mode", MODES)
def test_only_what_a_run_computes_is_told(mode: str) -> None:
    session, log = chain(), Log()
    for name in ("aside", "s", "g/p", "b"):
        session.on_forward(name, log)
        session.on_gradient(name, log)
    session.run(fetch="g/wave", mode=mode)
    assert log.places == ["forward b", "forward g/p"]
    log.calls.clear()
    session.gradients("g/wave", "a", seed=[1.0, 1.0], mode=mode)
    assert log.places == ["forward b", "forward g/p", "backward g/p"]  # b was not asked for


@pytest.mark.parametrize("mode", MODES)
def test_hooks_change_no_bit(mode: str) -> None:
    plain, hooked, log = chain(), chain(), Log()
    for name in ("a", "b", "g", "g/p", "y", "s", "g/p.x"):
        hooked.on_forward(name, log)
        hooked.on_gradient(name, log)
    expected, found = (s.gradients("s", ["a", "b"], mode=mode) for s in (plain, hooked))
    assert all(same(found[name], expected[name]) for name in expected)
    assert same(hooked.run(fetch="s")["s"], plain.run(fetch="s")["s"])


def test_what_a_hook_gets_cannot_be_written_to() -> None:
    session = chain()

    def write(array: Array, seen: Seen) -> None:
        array[0] = 1

    session.on_forward("y", write)
    with pytest.raises(ValueError, match="read-only"):
        session.run(fetch="s")


@pytest.mark.parametrize("mode", MODES)
def test_a_hook_that_returns_a_value_is_told_that_it_changes_nothing(mode: str) -> None:
    """As PyTorch's do, whose gradients it would change."""
    session = chain()
    told = "a hook is told of values, it can change nothing: that on"
    with session.on_gradient("y", lambda array, seen: 2 * array), pytest.raises(GradwireError) as caught:
        session.gradients("s", "a", mode=mode)
    assert str(caught.value) == (
        f"{told} y returned array([2., 2.], dtype=float32)"
        " (return nothing; clip_norm, clip_value, l1 and l2 of the training settings change gradients)"
    )
    with session.on_forward("y", lambda array, seen: 7), pytest.raises(GradwireError) as caught:
        session.run(fetch="s", mode=mode)
    assert str(caught.value) == (f"{told} y returned 7 (return nothing, and let an op of the graph change the value)")


def test_hooks_are_taken_off() -> None:
    session, log = chain(), Log()
    first = session.on_forward("y", log)
    second = session.on_forward("y", log)
    session.run(fetch="s")
    assert log.places == ["forward y", "forward y"]
    first.remove()
    first.remove()
    session.run(fetch="s")
    assert len(log.calls) == 3
    second.remove()
    with session.on_forward("y", log):
        session.run(fetch="s")
    session.run(fetch="s")
    assert len(log.calls) == 4
    assert not session.hooks


def test_iterations_are_those_of_the_run() -> None:
    session, log = chain(), Log()
    session.on_forward("y", log)
    session.run(fetch="s")
    session.run(fetch="s")
    session.run(fetch="s", iteration=40)
    assert [seen.iteration for _, seen in log.calls] == [1, 2, 40]


def test_hooks_follow_what_is_renamed_and_let_go_of_what_is_deleted() -> None:
    session, log = chain(), Log()
    session.on_forward("y", log)
    session.on_gradient("g", log)
    y = session.graph.resolve("y")
    with session.document.transaction("Rename") as t:
        t.rename(y, "total")
    session.run(fetch="s")
    assert log.places == ["forward total"]
    with session.document.transaction("Delete") as t:
        t.remove(session.graph.resolve("s"), y)
    session.run(fetch="g/wave")
    assert len(log.calls) == 1


@pytest.mark.parametrize("mode", MODES)
def test_training_is_told_each_iteration(mode: str) -> None:
    expected = gw.open(EXAMPLES / "iris_mlp.gw").train(epochs=2, mode=mode)
    session, log = gw.open(EXAMPLES / "iris_mlp.gw"), Log()
    loss = session.graph.path(session.graph.training.loss)  # type: ignore[union-attr]
    session.on_forward(loss, log)
    weights = [session.graph.path(id) for id in session.trainer().step.trained]
    session.on_gradient(weights[0], log)
    losses: list[float] = []
    trainer = session.trainer(gw.Settings(epochs=2, mode=mode))
    trainer.engine.add_event_handler(gw.Events.ITERATION_COMPLETED, lambda e: losses.append(e.state.output))
    result = session.train(trainer)
    assert [seen.iteration for _, seen in log.calls[::2]] == list(range(1, result.iterations + 1))
    assert log.places[:2] == [f"forward {loss}", f"backward {weights[0]}"]
    assert [float(array) for array, _ in log.calls[::2]] == losses
    assert all(same(result.values[id], expected.values[id]) for id in expected.values)
    first = log.calls[1][0]
    assert first.shape == session.run(fetch=weights[0])[weights[0]].shape
    assert first.any()


def test_hooks_may_be_taken_off_while_it_trains() -> None:
    session, log = gw.open(EXAMPLES / "iris_mlp.gw"), Log()
    loss = session.graph.path(session.graph.training.loss)  # type: ignore[union-attr]
    handle = session.on_forward(loss, log)
    trainer = session.trainer(gw.Settings(epochs=1))
    trainer.engine.add_event_handler(gw.Events.ITERATION_COMPLETED, lambda e: handle.remove(), once=3)
    session.train(trainer)
    assert len(log.calls) == 3


@pytest.mark.parametrize(
    ("name", "hook", "message"),
    [
        ("g.x", print, "a hook is on a group as a whole, and g is one, got 'g.x' (g)"),
        ("g/p.z", print, "g/p has no port or output 'z' (it has x, y)"),
        ("y", 3, "a hook must be a function of array and seen, got 3"),
        ("y", lambda array: None, "a hook must take array and seen, got <lambda>(array)"),
        (5, print, "what a hook is on is named by a text, got 5 (as in 'fc1', 'fc1.x' or 'block1')"),
    ],
)
def test_what_is_refused(name: str, hook: Any, message: str) -> None:
    with pytest.raises(GradwireError) as caught:
        chain().on_forward(name, hook)
    assert str(caught.value) == message


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    with pytest.raises(GradwireError, match="wav"):
        chain().on_gradient("g/wav", print)
