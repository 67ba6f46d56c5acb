"""What a step says of which nodes: all that is known of the others is as before, in either direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from timelines import EXAMPLES, drawn, value

from gradwire.core.evaluating import Asked
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, Timeline
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.touched import MOST, touched_between
from gradwire.core.stepping.walking import GRAINS, later

SHOWN = [*EXAMPLES, *sorted((EXAMPLES[0].parent / "lessons").glob("*.gw"))]
SLOW = {"digits_cnn"}


def known(moment: Moment) -> dict[str, Any]:
    """All that is told of each node at a moment, told apart by identity where it is an array."""
    found: dict[str, Any] = {}
    for source in moment.timeline.run.tensors:
        gradient, standing = moment.gradient(source), moment.standing(source)
        told = gradient._replace(value=id(gradient.value), start=id(gradient.start))  # type: ignore[arg-type]
        told = told._replace(arrived=tuple(map(id, gradient.arrived)))
        left = None if standing is None else (id(standing.value), standing.left)
        versions = moment.version(source.node), len(moment.left(source.node))
        found.setdefault(source.node, []).append((id(moment.value(source)), told, left, versions))
    return found


def walk(timeline: Timeline, grain: str) -> list[Moment]:
    cursors = [Cursor()]
    while cursors[-1] != timeline.end:
        cursors.append(later(timeline, cursors[-1], grain))
    return [Moment(timeline, cursor) for cursor in cursors]


@pytest.mark.parametrize("path", [path for path in SHOWN if path.stem not in SLOW], ids=lambda path: path.stem)
def test_what_a_step_does_not_touch_is_as_before(path: Path) -> None:
    session = Session.open(path)
    recorder = Recorder(Asked.of(session), session.registry)
    for number in (1, 2) if session.graph.training is not None else (1,):
        iteration = recorder.iteration(number)
        assert iteration is not None
        for grain in GRAINS[:2]:
            moments = walk(iteration.timeline, grain)
            told = [known(moment) for moment in moments]
            few = 0
            for one, other, before, after in zip(moments, moments[1:], told, told[1:], strict=False):
                touched = touched_between(one, other)
                assert touched == touched_between(other, one)
                if touched is not None:
                    few += 1
                    assert {node for node in before if before[node] != after[node]} <= touched
            assert few >= len(moments) - 1 - 3  # where gradients are set to zero, and where they start


def test_an_op_that_gives_back_what_it_took_is_touched_with_it() -> None:
    def build(t: Any) -> None:
        x = t.add("parameter", name="x", shape=(2,), value=[1.0, 2.0])
        same = t.add("reshape", name="same", inputs={"x": x}, shape=(2,))
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": same})})

    timeline = drawn(build)
    for one, other in zip(walk(timeline, GRAINS[0]), walk(timeline, GRAINS[0])[1:], strict=False):
        touched = touched_between(one, other)
        assert touched is None or {node for node in known(one) if known(one)[node] != known(other)[node]} <= touched


def test_far_apart_and_in_other_iterations_any_node_may_be_touched() -> None:
    def build(t: Any) -> None:
        made = value(t, "x", 0.5)
        for _ in range(MOST + 2):
            made = t.add("sin", inputs={"x": made})

    timeline, other = drawn(build), drawn(build)
    assert touched_between(Moment(timeline, Cursor(1)), Moment(timeline, Cursor(3))) is not None
    assert touched_between(Moment(timeline, Cursor()), Moment(timeline, Cursor(MOST + 1))) is None
    assert touched_between(Moment(timeline, Cursor(1)), Moment(other, Cursor(2))) is None
