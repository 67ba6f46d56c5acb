"""Several roots, each with what its gradients start from: what goes back is the gradient of their weighted sum."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwire.core as gw
from gradwire.core.cli import main
from gradwire.core.errors import RunError
from gradwire.core.evaluating import Asked, Root
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, State, Timeline
from gradwire.core.stepping.checking import Verdict, check_gradient
from gradwire.core.stepping.explaining import why_gradient
from gradwire.core.stepping.nudging import nudge
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.splits import by_term
from gradwire.core.stepping.ways import by_path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
starts = st.integers(-32, 32).map(lambda quarters: quarters / 4)


def opened() -> Session:
    """f = sin x + x y at x = 1, y = 2."""
    return Session.open(EXAMPLES / "sin_plus_product.gw", dtype="float64")


def at(session: Session, name: str) -> Source:
    return Source(session.graph.resolve(name), "y")


def stepped(session: Session, **roots: object) -> Timeline:
    return session.timeline(*(Root(at(session, name), start) for name, start in roots.items()))


def gradient(timeline: Timeline, name: str) -> float:
    found = timeline.run.gradient(Source(timeline.run.asked.graph.resolve(name), "y"))
    assert found is not None
    return float(found)


def test_the_gradients_of_two_roots_are_those_of_their_weighted_sum():
    session = opened()
    timeline = stepped(session, sin=3.0, product=-1.0)
    assert gradient(timeline, "x") == pytest.approx(3 * np.cos(1) - 2)
    assert gradient(timeline, "y") == -1
    assert timeline.run.objective() == pytest.approx(3 * np.sin(1) - 2)
    assert [step.phase for step in timeline.steps].count("loss") == 2


def test_a_root_on_the_way_to_another_adds_its_start_to_what_comes_back():
    session = opened()
    timeline = stepped(session, f=1.0, sin=4.0)
    assert gradient(timeline, "sin") == 5
    assert gradient(timeline, "x") == pytest.approx(5 * np.cos(1) + 2)
    sin = at(session, "sin")
    parts = [(node, port, float(part)) for node, port, part in timeline.run.contributions(sin)]
    assert parts == [(sin.node, "seed", 4.0), (session.graph.resolve("f"), "x", 1.0)]
    seen = []
    for step in range(len(timeline.steps) + 1):
        found = Moment(timeline, Cursor(step)).gradient(sin)
        seen.append((found.state, len(found.terms), found.parts))
    assert list(dict.fromkeys(seen)) == [
        (State.UNREACHED, 0, 0),
        (State.UNREACHED, 0, 2),
        (State.WAITING, 1, 2),
        (State.FINAL, 2, 2),
    ]


@given(f=starts, sin=starts, product=starts)
@settings(max_examples=20, deadline=None)
def test_whatever_gradients_start_from_they_hold_against_differences(f: float, sin: float, product: float):
    timeline = stepped(opened(), f=f, sin=sin, product=product)
    assert gradient(timeline, "x") == pytest.approx((f + sin) * np.cos(1) + (f + product) * 2, abs=1e-12)
    found = check_gradient(timeline.run, Source(timeline.run.asked.graph.resolve("x"), "y"))
    assert found is not None
    assert found.verdict in (Verdict.GOOD, Verdict.KINKS)


def test_a_start_of_zero_is_told_as_the_cause_of_zeros():
    session = opened()
    timeline = stepped(session, f=0.0)
    why = why_gradient(timeline, at(session, "y"))
    assert why.text == "The gradient starts at f as 0"


def test_a_value_is_split_by_root_and_by_path():
    session = opened()
    timeline = stepped(session, sin=3.0, product=-1.0)
    terms = by_term(timeline.run, at(session, "x"))
    assert terms is not None
    assert [(part.name, float(part.value)) for part in terms.parts] == [
        ("−product", -2.0),  # it is taken away
        ("sin", pytest.approx(3 * np.cos(1))),
    ]
    paths = by_path(timeline.run, at(session, "x"))
    assert paths is not None
    assert [part.name for part in paths.parts] == ["product.x", "sin.x"]
    assert sum(float(part.value) for part in paths.parts) == pytest.approx(gradient(timeline, "x"))


def test_a_nudge_moves_the_weighted_sum():
    session = opened()
    timeline = stepped(session, sin=3.0, product=-1.0)
    found = nudge(timeline.run, session.registry, session.graph.resolve("x"))
    assert found is not None
    assert found.quotient == pytest.approx(3 * np.cos(1) - 2, rel=1e-3)


def test_a_start_in_the_shape_of_its_root_and_one_that_is_not():
    session = Session(dtype="float64")
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", shape=[2], params={"value": [1.0, 2.0]})
        t.add("square", name="s", inputs={"x": Source(x, "y")})
    assert session.timeline(Root(at(session, "s"), (1.0, -3.0))).run.gradient(Source(x, "y")).tolist() == [2.0, -12.0]
    assert session.timeline(Root(at(session, "s"), 0.5)).run.gradient(Source(x, "y")).tolist() == [1.0, 2.0]
    refused = session.timeline(Root(at(session, "s"), (1.0, 2.0, 3.0))).run.gradients.error
    assert refused == (
        "the starting gradient of s must have its shape (2,), got (3,) (one number serves for all elements)"
    )


def test_with_another_root_than_the_loss_nothing_is_trained():
    session = Session.open(EXAMPLES / "iris_mlp.gw")
    loss = session.graph.training.loss
    assert [step.phase for step in session.timeline().steps][-1] == "update"
    hidden = next(id for id, node in session.graph.nodes.items() if node.op == "relu")
    phases = {step.phase for step in session.timeline(Source(hidden, "y")).steps}
    assert phases == {"forward", "loss", "backward"}
    assert "update" in {step.phase for step in session.timeline(Source(loss, "y")).steps}


def test_roots_on_the_command_line(capsys):
    file = str(EXAMPLES / "sin_plus_product.gw")
    assert main(["trace", file, "--of", "f", "--of", "sin=4", "--json"]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    started = [(step["node"], step["start"]["value"], list(step["gradients"])) for step in steps if "start" in step]
    assert started == [("f", 1.0, ["f"]), ("sin", 4.0, [])]
    totals = {name: told["value"] for step in steps for name, told in step.get("gradients", {}).items()}
    assert totals["x"] == pytest.approx(5 * np.cos(1) + 2, rel=1e-6)
    assert main(["trace", file, "--of", "f", "--of", "f"]) == 1
    assert "a value can be a root once, f is given twice (with the sum of both starts)" in capsys.readouterr().err
    assert main(["trace", file, "--of", "f=two"]) == 1
    assert "--of f needs a number or nested lists of numbers, got 'two'" in capsys.readouterr().err


def test_the_api_takes_names():
    timeline = gw.open(str(EXAMPLES / "sin_plus_product.gw")).timeline("sin", "product")
    assert gradient(timeline, "x") == pytest.approx(np.cos(1) + 2, rel=1e-6)


def test_a_root_without_a_value_is_told_and_not_left_out():
    session = opened()
    product = session.graph.resolve("product")
    with session.document.transaction("Cut") as t:
        t.disconnect(product, "y")
    run = session.timeline("sin", "product").run
    assert run.gradients.error == "product has no value, so there are no gradients of it"
    assert run.gradient(at(session, "x")) is None


def test_a_root_that_is_given_and_goes_on_has_its_own_start_first():
    session = opened()
    x = at(session, "x")
    run = stepped(session, x=10.0, f=1.0).run
    node, port, part = run.contributions(x)[0]
    assert (node, port, float(part)) == (x.node, "seed", 10.0)
    assert float(run.gradient(x)) == pytest.approx(10 + np.cos(1) + 2)


def test_a_value_is_a_root_once():
    session = opened()
    with pytest.raises(RunError, match="a value can be a root once, f is given twice"):
        session.timeline("f", "f")


def test_what_was_left_does_not_depend_on_where_one_has_been():
    session = Session.open(EXAMPLES / "iris_mlp.gw")
    recorder = Recorder(Asked.of(session), session.registry, budget=10_000)  # so that little is kept
    straight = recorder.iteration(3)
    for number in range(4, 12):
        recorder.iteration(number)
    again = recorder.iteration(3)
    assert again is not straight
    assert straight is not None
    assert again is not None
    assert straight.timeline.left.keys() == again.timeline.left.keys()
    for id, left in straight.timeline.left.items():
        assert len(left) == len(again.timeline.left[id]) == 1
        np.testing.assert_array_equal(left[0].value, again.timeline.left[id][0].value)
